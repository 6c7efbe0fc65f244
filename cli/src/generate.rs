//! `scipp gen`

use crate::input::Inputs;
use crate::report;
use clap::{Args, ValueEnum};
use scipp_codegen::rust::{self, RustPath};
use scipp_codegen::stamp::{Reads, Run, Stamps};
use scipp_codegen::template::Templates;
use scipp_codegen::{Files, Ours, WriteError, Written};
use scipp_idl::Checked;
use scipp_idl::model::Model;
use std::path::PathBuf;
use std::process::ExitCode;

/// Generates code from schemas, or whatever templates say
///
/// For Rust, the output folder gets `mod.rs` and a file for each package. Files are written only where their text changes, and
/// nothing is written if anything is wrong. A file of an earlier run that is not generated any more is removed; files that
/// scipp has not generated are neither overwritten nor removed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Generate {
    #[command(flatten)]
    what: What,

    /// The folder for the generated files; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Takes a package from another crate: `market.common=::market_types::market::common`; can be given several times
    #[arg(long = "extern", value_name = "PACKAGE=PATH", value_parser = external, conflicts_with = "template")]
    external: Vec<(String, RustPath)>,

    /// Writes nothing, and names the files that are missing, different or left over: for CI
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    inputs: Inputs,
}

/// What to generate.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The language to generate
    #[arg(long, value_enum)]
    lang: Option<Language>,

    /// Renders the minijinja templates in this folder instead, files that end with `.j2`: the name of each is that of its
    /// output, once for each `{package}`, `{interface}` or `{item}` in it
    #[arg(long, value_name = "DIR")]
    template: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Python,
    Typescript,
}

const EXAMPLES: &str = "\
Examples:
  scipp gen --lang rust --out src/generated schemas/market/feed.scipp
  scipp gen --lang rust --out src/generated -I vendor/schemas schemas
  scipp gen --lang rust --out src/generated --extern market.common=::market_types::market::common schemas
  scipp gen --lang rust --out src/generated --check schemas
  scipp gen --template templates/markdown --out docs/api schemas

Templates see what `scipp model` prints; docs/templates.md describes what they can do.

A crate can also generate while it builds: see `scipp_codegen::build_script`.

Exit status: 0 written (or nothing to change), 1 errors in the schema or, with --check, stale output, 2 wrong use of the
command, or output that cannot be written.";

fn external(text: &str) -> Result<(String, RustPath), String> {
    let (package, path) = text.split_once('=').ok_or("one reads `package=path`")?;
    Ok((
        package.to_owned(),
        path.parse()
            .map_err(|error: rust::PathError| error.to_string())?,
    ))
}

impl Generate {
    pub(crate) fn run(self) -> ExitCode {
        let language = match self.what.lang {
            Some(Language::Rust) | None => None,
            Some(Language::Python) => Some("Python"),
            Some(Language::Typescript) => Some("TypeScript"),
        };
        if let Some(language) = language {
            report::line(&format!(
                "error: {language} is not supported yet; `--lang rust` is"
            ));
            return ExitCode::from(2);
        }
        let templates = self.what.template.as_deref().map(Templates::read);
        let run = self.stamped(templates.as_ref());
        let stamps = Stamps::of_user();
        if let (Some(run), Some(stamps)) = (&run, &stamps)
            && let Some(unchanged) = stamps.fresh(run)
        {
            self.say(&Written {
                unchanged,
                ..Written::default()
            });
            return ExitCode::SUCCESS;
        }
        let (mut checked, inputs) = self.inputs.check();
        checked.diagnostics.sort();
        report::text(&checked.diagnostics, &checked.sources);
        if checked.diagnostics.has_errors() {
            report::line(&format!(
                "error: nothing generated: {}",
                report::counts(&checked.diagnostics)
            ));
            return ExitCode::FAILURE;
        }
        let given = rust::packages_of(&checked, &inputs);
        let (generated, sources) = match &templates {
            Some(templates) => {
                let model = Model::of(&checked.schema, &checked.sources, &given);
                (templates.generate(&model), &templates.sources)
            }
            None => {
                let options = rust::Options {
                    external: self.external.iter().cloned().collect(),
                    packages: given,
                    ..rust::Options::default()
                };
                (rust::generate(&checked.schema, &options), &checked.sources)
            }
        };
        let files = match generated {
            Ok(files) => files,
            Err(problems) => {
                report::text(&problems, sources);
                report::line(&format!(
                    "error: nothing generated: {}",
                    report::counts(&problems)
                ));
                return ExitCode::FAILURE;
            }
        };
        let done = if self.check {
            self.compare(&files)
        } else {
            self.write(&files)
        };
        let Ok(fresh) = done else {
            return ExitCode::from(2);
        };
        // What was said has to be said again the next time.
        if let (true, Some(run), Some(stamps)) = (fresh, &run, &stamps)
            && checked.diagnostics.iter().next().is_none()
        {
            stamps.keep(run, &reads(&checked, templates.as_ref()), &files);
        }
        ExitCode::from(u8::from(!fresh))
    }

    /// What a stamp of this run would be about.
    fn stamped(&self, templates: Option<&Templates>) -> Option<Run> {
        // All arguments but where to write and whether to: also those that only decide what is said.
        let options = vec![
            format!("{:?}", self.what),
            format!("{:?}", self.external),
            format!("{:?}", self.inputs),
        ];
        let mut given = self.inputs.given()?;
        let mut ours = Ours::Rust;
        if let Some(templates) = templates {
            given.extend(
                templates
                    .sources
                    .iter()
                    .filter_map(|(_, it)| Some(it.path()?.to_path_buf())),
            );
            ours = Ours::Marked(templates.mark().to_owned());
        }
        Some(Run {
            options,
            given,
            out: self.out.clone(),
            ours,
        })
    }

    /// `--check`: names what is stale, writes nothing. Whether the output is as it should be.
    fn compare(&self, files: &Files) -> Result<bool, WriteError> {
        let found = files.differences(&self.out).inspect_err(said)?;
        for (what, paths) in [
            ("missing", &found.missing),
            ("different", &found.different),
            ("left over", &found.left_over),
        ] {
            for path in paths {
                report::line(&format!("{what}: {}", path.display()));
            }
        }
        let stale = found.missing.len() + found.different.len() + found.left_over.len();
        if stale == 0 {
            self.say(&Written {
                unchanged: found.unchanged,
                ..Written::default()
            });
            return Ok(true);
        }
        report::line(&format!(
            "error: {} stale; generate again without `--check`",
            if stale == 1 {
                "1 file is".to_owned()
            } else {
                format!("{stale} files are")
            }
        ));
        Ok(false)
    }

    fn write(&self, files: &Files) -> Result<bool, WriteError> {
        self.say(&files.write(&self.out).inspect_err(said)?);
        Ok(true)
    }

    fn say(&self, written: &Written) {
        let Written {
            changed,
            unchanged,
            removed,
        } = written;
        let files = report::plural(changed.len() + unchanged, "file");
        if self.check {
            report::line(&format!("checked {files}: up to date"));
            return;
        }
        let removed = if removed.is_empty() {
            String::new()
        } else {
            format!(", {} removed", removed.len())
        };
        report::line(&format!(
            "generated {files}: {} written, {unchanged} unchanged{removed}",
            changed.len()
        ));
    }
}

fn said(error: &WriteError) {
    report::line(&format!("error: {error}"));
}

/// What the run has read, as it was then.
fn reads(checked: &Checked, templates: Option<&Templates>) -> Reads {
    let templates = templates
        .into_iter()
        .flat_map(|templates| templates.sources.iter());
    let sources = checked
        .sources
        .iter()
        .chain(templates)
        .filter_map(|(_, source)| {
            let path = source.path()?.to_path_buf();
            Some((path, source.text().as_bytes().to_vec()))
        });
    Reads {
        files: sources.collect(),
        absent: checked.absent.clone(),
    }
}
