//! `scipp check`

use crate::input::{Inputs, STANDARD_INPUT};
use crate::report;
use crate::rewrite;
use clap::{Args, ValueEnum};
use scipp_idl::Checked;
use scipp_idl::fix::Fixed;
use std::process::ExitCode;

/// Checks schemas and reports every mistake
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    #[command(flatten)]
    inputs: Inputs,

    /// Mends in place what has exactly one right answer, and reports the rest. A file never gets more errors than it
    /// had. Standard input is mended to standard output
    #[arg(long)]
    fix: bool,

    /// Prints what `--fix` would change, as a unified diff, and writes nothing
    #[arg(long, conflicts_with = "fix")]
    diff: bool,

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
  scipp check --deny warnings schemas        for CI
  scipp check --diff schemas                 what could be mended
  scipp check --fix schemas                  mends it
  scipp check --format json schemas          for tools

Exit status: 0 no errors (warnings do not count unless denied) and, with --diff, nothing to mend, 1 errors, or something to
mend, or a file that cannot be written, 2 wrong use of the command.";

impl Check {
    pub(crate) fn run(self) -> ExitCode {
        if self.fix || self.diff {
            return self.mend();
        }
        let (mut checked, _) = self.inputs.check();
        checked.diagnostics.sort();
        self.report(&checked, "");
        ExitCode::from(u8::from(checked.diagnostics.has_errors()))
    }

    fn mend(&self) -> ExitCode {
        let mut fixed = self.inputs.fix();
        fixed.checked.diagnostics.sort();
        let reads_standard_input = fixed
            .before
            .iter()
            .any(|(_, source)| source.path().is_none());
        let prints = self.diff || reads_standard_input;
        if self.format == Format::Json && prints {
            report::line(
                "error: standard output is for the mended text: leave out `--format json`",
            );
            return ExitCode::from(2);
        }
        let failed = self.write(&fixed);
        let would = if self.diff { "would mend" } else { "mended" };
        let mended = format!(
            "{would} {} in {}; ",
            report::plural(fixed.mended, "mistake"),
            report::plural(fixed.texts.len(), "file")
        );
        self.report(&fixed.checked, &mended);
        let found =
            fixed.checked.diagnostics.has_errors() || (self.diff && !fixed.texts.is_empty());
        ExitCode::from(u8::from(found || failed))
    }

    /// Writes or shows what has changed; whether writing failed.
    fn write(&self, fixed: &Fixed) -> bool {
        let mut failed = false;
        for (id, source) in fixed.before.iter() {
            let new = fixed.texts.iter().find(|(other, _)| *other == id);
            let new = new.map(|(_, text)| text.as_str());
            let is_standard_input = source.name() == STANDARD_INPUT;
            let result = match (new, source.path()) {
                (Some(text), _) if self.diff => {
                    rewrite::print(&rewrite::difference(source, text, "mended"))
                }
                (Some(text), Some(path)) => rewrite::replace(path, text),
                (text, None) if is_standard_input && !self.diff => {
                    rewrite::print(text.unwrap_or(source.text()))
                }
                _ => Ok(()),
            };
            if let Err(error) = result {
                failed = true;
                report::line(&format!("error: cannot write {}: {error}", source.name()));
            }
        }
        failed
    }

    fn report(&self, checked: &Checked, mended: &str) {
        let files = checked.sources.iter().count();
        match self.format {
            Format::Json => report::json(&checked.diagnostics, &checked.sources, files),
            Format::Text => {
                report::text(&checked.diagnostics, &checked.sources);
                report::line(&format!(
                    "{mended}checked {}: {}",
                    report::plural(files, "file"),
                    report::counts(&checked.diagnostics)
                ));
            }
        }
    }
}
