//! `scipp gen`

use crate::input::Inputs;
use crate::report;
use clap::{Args, ValueEnum};
use scipp_codegen::rust::{self, RustPath};
use scipp_codegen::{Files, Written};
use std::path::PathBuf;
use std::process::ExitCode;

/// Generates code from schemas
///
/// The output folder gets `mod.rs` and a file for each package. Files are written only where their text changes, and
/// nothing is written if anything is wrong. A file of an earlier run that is not generated any more is removed; files that
/// scipp has not generated are neither overwritten nor removed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Generate {
    /// The language to generate
    #[arg(long, value_enum)]
    lang: Language,

    /// The folder for the generated files; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Takes a package from another crate: `market.common=::market_types::market::common`; can be given several times
    #[arg(long = "extern", value_name = "PACKAGE=PATH", value_parser = external)]
    external: Vec<(String, RustPath)>,

    #[command(flatten)]
    inputs: Inputs,
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

A crate can also generate while it builds: see `scipp_codegen::build_script`.

Exit status: 0 written (or nothing to change), 1 errors, 2 wrong use of the command.";

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
        let language = match self.lang {
            Language::Rust => None,
            Language::Python => Some("Python"),
            Language::Typescript => Some("TypeScript"),
        };
        if let Some(language) = language {
            report::line(&format!(
                "error: {language} is not supported yet; `--lang rust` is"
            ));
            return ExitCode::from(2);
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
        let options = rust::Options {
            external: self.external.iter().cloned().collect(),
            packages: rust::packages_of(&checked, &inputs),
            ..rust::Options::default()
        };
        match rust::generate(&checked.schema, &options) {
            Ok(files) => self.write(&files),
            Err(problems) => {
                report::text(&problems, &checked.sources);
                report::line(&format!(
                    "error: nothing generated: {}",
                    report::counts(&problems)
                ));
                ExitCode::FAILURE
            }
        }
    }

    fn write(&self, files: &Files) -> ExitCode {
        match files.write(&self.out) {
            Ok(Written {
                changed,
                unchanged,
                removed,
            }) => {
                let removed = if removed.is_empty() {
                    String::new()
                } else {
                    format!(", {} removed", removed.len())
                };
                report::line(&format!(
                    "generated {}: {} written, {unchanged} unchanged{removed}",
                    report::plural(changed.len() + unchanged, "file"),
                    changed.len()
                ));
                ExitCode::SUCCESS
            }
            Err(error) => {
                report::line(&format!("error: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}
