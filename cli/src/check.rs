//! `scipp check`

use crate::input::Inputs;
use crate::report;
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// Checks schemas and reports every mistake
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    #[command(flatten)]
    inputs: Inputs,

    /// How to report: text goes to standard error, JSON to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

const EXAMPLES: &str = "\
Examples:
  scipp check schemas/market/feed.scipp      one file and what it imports
  scipp check schemas                        a folder
  scipp check -I vendor/schemas app.scipp    imports from another root
  cat feed.scipp | scipp check -I schemas -  standard input
  scipp check --format json schemas          for tools

Exit status: 0 no errors (warnings do not count), 1 errors, 2 wrong use of the command.";

impl Check {
    pub(crate) fn run(self) -> ExitCode {
        let (mut checked, _) = self.inputs.check();
        checked.diagnostics.sort();
        let files = checked.sources.iter().count();
        match self.format {
            Format::Json => report::json(&checked.diagnostics, &checked.sources, files),
            Format::Text => {
                report::text(&checked.diagnostics, &checked.sources);
                report::line(&format!(
                    "checked {}: {}",
                    report::plural(files, "file"),
                    report::counts(&checked.diagnostics)
                ));
            }
        }
        ExitCode::from(u8::from(checked.diagnostics.has_errors()))
    }
}
