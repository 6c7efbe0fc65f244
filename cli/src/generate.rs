//! `scipp gen`

use crate::input::Inputs;
use crate::report::{self, Format};
use crate::status::Status;
use clap::{Args, ValueEnum};
use scipp_codegen::python;
use scipp_codegen::rust::{self, RustPath};
use scipp_codegen::stamp::{Reads, Run, Stamps};
use scipp_codegen::template::Templates;
use scipp_codegen::{Differences, Ours, WriteError, Written};
use scipp_idl::Checked;
use scipp_idl::diagnostic::Diagnostics;
use scipp_idl::model::Model;
use scipp_idl::source::Sources;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Generates code from schemas, or whatever templates say
///
/// For Rust, the output folder gets `mod.rs` and a file for each package. For Python it becomes a package: `__init__.py`, `py.typed`, and
/// a module for each package of the schema; docs/python.md says how to use it. Files are written only where their text changes, and
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

    /// Generates the examples of endpoints as values, too, with a test for each endpoint and a service that plays them; they are in the
    /// documentation anyway
    #[arg(long, conflicts_with = "template")]
    examples: bool,

    /// Writes nothing, and names the files that are missing, different or left over: for CI
    #[arg(long)]
    check: bool,

    /// How to report: text goes to standard error, JSON to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

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
    /// A module for each package
    Rust,
    /// A Python package with types, clients and handlers for tractor
    PythonTractor,
    /// Python without tractor: not supported yet
    Python,
    /// Not supported yet
    Typescript,
}

const EXAMPLES: &str = "\
Examples:
  scipp gen --lang rust --out src/generated schemas/market/feed.scipp
  scipp gen --lang rust --out src/generated -I vendor/schemas schemas
  scipp gen --lang rust --out src/generated --extern market.common=::market_types::market::common schemas
  scipp gen --lang rust --out src/generated --check schemas
  scipp gen --lang rust --out tests/generated --examples schemas/market/feed.scipp
  scipp gen --lang python-tractor --out src/market_api schemas/market
  scipp gen --template templates/markdown --out docs/api schemas

Templates see what `scipp model` prints; docs/templates.md describes what they can do.

A crate can also generate while it builds: see `scipp_codegen::build_script`.

Exit status: 0 written (or nothing to change), 1 errors in the schema or, with --check, stale output, 2 wrong use of the
command, or a file that cannot be read or written.";

fn external(text: &str) -> Result<(String, RustPath), String> {
    let (package, path) = text.split_once('=').ok_or("one reads `package=path`")?;
    Ok((
        package.to_owned(),
        path.parse()
            .map_err(|error: rust::PathError| error.to_string())?,
    ))
}

/// What a run did.
enum Done {
    /// Nothing: errors.
    Refused,
    /// Files are as they should be, now or already.
    Written(Written),
    /// `--check` has compared.
    Compared(Differences),
}

impl Generate {
    pub(crate) fn run(self) -> Status {
        if let Some(why) = self.refused() {
            report::line(&format!("error: {why}"));
            return Status::Undone;
        }
        let templates = self.what.template.as_deref().map(Templates::read);
        let run = self.stamped(templates.as_ref());
        let stamps = Stamps::of_user();
        if let (Some(run), Some(stamps)) = (&run, &stamps)
            && let Some(unchanged) = stamps.fresh(run)
        {
            let nothing = (&Diagnostics::default(), &Sources::default());
            return self.say(&[nothing], &self.unchanged(unchanged));
        }
        let (mut checked, inputs) = self.inputs.check();
        checked.diagnostics.sort();
        let first = (&checked.diagnostics, &checked.sources);
        if checked.diagnostics.has_errors() {
            return self.say(&[first], &Done::Refused);
        }
        let given = rust::packages_of(&checked, &inputs);
        let (generated, sources) = match &templates {
            Some(templates) => {
                let model = Model::of(&checked.schema, &checked.sources, &given);
                (templates.generate(&model), &templates.sources)
            }
            None if self.what.lang == Some(Language::PythonTractor) => {
                let options = python::Options { packages: given };
                (
                    python::generate(&checked.schema, &options),
                    &checked.sources,
                )
            }
            None => {
                let options = rust::Options {
                    external: self.external.iter().cloned().collect(),
                    packages: given,
                    examples: self.examples,
                    ..rust::Options::default()
                };
                (rust::generate(&checked.schema, &options), &checked.sources)
            }
        };
        let files = match generated {
            Ok(files) => files,
            Err(problems) => {
                let all = [first, (&problems, sources)];
                return self.say(&all, &Done::Refused);
            }
        };
        let done = if self.check {
            files.differences(&self.out).map(Done::Compared)
        } else {
            files.write(&self.out).map(Done::Written)
        };
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                report::text(&checked.diagnostics, &checked.sources);
                return failed(&error);
            }
        };
        let status = self.say(&[first], &done);
        // What was said has to be said again the next time.
        if let (true, Some(run), Some(stamps)) = (status == Status::Well, &run, &stamps)
            && checked.diagnostics.is_empty()
        {
            stamps.keep(run, &reads(&checked, templates.as_ref()), &files);
        }
        status
    }

    /// What is asked for and cannot be done.
    fn refused(&self) -> Option<&'static str> {
        match self.what.lang {
            Some(Language::Python) => Some(
                "Python without tractor is not supported yet; `--lang python-tractor` and `--lang rust` are",
            ),
            Some(Language::Typescript) => Some(
                "TypeScript is not supported yet; `--lang rust` and `--lang python-tractor` are",
            ),
            Some(Language::PythonTractor) if self.examples => Some(
                "`--examples` is for `--lang rust`: in Python examples are not generated as code",
            ),
            Some(Language::PythonTractor) if !self.external.is_empty() => Some(
                "`--extern` is for `--lang rust`: a Python package holds all that its schemas use",
            ),
            _ => None,
        }
    }

    fn unchanged(&self, unchanged: usize) -> Done {
        if self.check {
            Done::Compared(Differences {
                unchanged,
                ..Differences::default()
            })
        } else {
            Done::Written(Written {
                unchanged,
                ..Written::default()
            })
        }
    }

    /// Says what was found, and what was done.
    fn say(&self, found: &[(&Diagnostics, &Sources)], done: &Done) -> Status {
        let mut status = match done {
            Done::Refused => Status::Found,
            Done::Compared(differences) => Status::found(!differences.is_empty()),
            Done::Written(_) => Status::Well,
        };
        for (diagnostics, _) in found {
            status = status.max(Status::of(diagnostics));
        }
        match self.format {
            Format::Json => status.max(report::json(found, done.json())),
            Format::Text => {
                for (diagnostics, sources) in found {
                    report::text(diagnostics, sources);
                }
                report::line(&done.line(found));
                status
            }
        }
    }

    /// What a stamp of this run would be about.
    fn stamped(&self, templates: Option<&Templates>) -> Option<Run> {
        // All arguments but where to write and whether to: also those that only decide what is said.
        let options = vec![
            format!("{:?}", self.what),
            format!("{:?}", self.external),
            format!("{:?}", self.examples),
            format!("{:?}", self.inputs),
        ];
        let mut given = self.inputs.given()?;
        let mut ours = match self.what.lang {
            Some(Language::PythonTractor) => Ours::Marked(python::MARK.to_owned()),
            _ => Ours::Rust,
        };
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
}

impl Done {
    /// The last lines of a report.
    fn line(&self, found: &[(&Diagnostics, &Sources)]) -> String {
        match self {
            Self::Refused => format!("error: nothing generated: {}", report::counts(found)),
            Self::Written(written) => {
                let removed = match written.removed.len() {
                    0 => String::new(),
                    count => format!(", {count} removed"),
                };
                format!(
                    "generated {}: {} written, {} unchanged{removed}",
                    report::plural(written.changed.len() + written.unchanged, "file"),
                    written.changed.len(),
                    written.unchanged
                )
            }
            Self::Compared(found) if found.is_empty() => {
                let files = report::plural(found.unchanged, "file");
                format!("checked {files}: up to date")
            }
            Self::Compared(found) => {
                let mut lines = String::new();
                for (what, paths) in [
                    ("missing", &found.missing),
                    ("different", &found.different),
                    ("left over", &found.left_over),
                ] {
                    for path in paths {
                        lines.push_str(&format!("{what}: {}\n", path.display()));
                    }
                }
                let stale =
                    match found.missing.len() + found.different.len() + found.left_over.len() {
                        1 => "1 file is".to_owned(),
                        count => format!("{count} files are"),
                    };
                format!("{lines}error: {stale} stale; generate again without `--check`")
            }
        }
    }

    fn json(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Refused => Vec::new(),
            Self::Written(written) => vec![
                ("written", json!(written.changed)),
                ("removed", json!(written.removed)),
                ("unchanged", json!(written.unchanged)),
            ],
            Self::Compared(found) => vec![
                ("missing", json!(found.missing)),
                ("different", json!(found.different)),
                ("left_over", json!(found.left_over)),
                ("unchanged", json!(found.unchanged)),
            ],
        }
    }
}

fn failed(error: &WriteError) -> Status {
    report::line(&format!("error: {error}"));
    Status::Undone
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
