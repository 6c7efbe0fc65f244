//! `scipp check`

use crate::input::{Inputs, STANDARD_INPUT};
use crate::report::{self, Format};
use crate::rewrite;
use crate::status::Status;
use clap::Args;
use scipp_idl::Checked;
use scipp_idl::fix::Fixed;

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
mend, 2 wrong use of the command, or a file that cannot be read or written.";

impl Check {
    pub(crate) fn run(self) -> Status {
        if self.fix || self.diff {
            return self.mend();
        }
        let (mut checked, _) = self.inputs.check();
        checked.diagnostics.sort();
        self.report(&checked, "")
            .max(Status::of(&checked.diagnostics))
    }

    fn mend(&self) -> Status {
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
            return Status::Undone;
        }
        let written = self.write(&fixed);
        let would = if self.diff { "would mend" } else { "mended" };
        let mended = format!(
            "{would} {} in {}; ",
            report::plural(fixed.mended, "mistake"),
            report::plural(fixed.texts.len(), "file")
        );
        self.report(&fixed.checked, &mended)
            .max(Status::of(&fixed.checked.diagnostics))
            .max(Status::found(self.diff && !fixed.texts.is_empty()))
            .max(written)
    }

    /// Writes or shows what has changed.
    fn write(&self, fixed: &Fixed) -> Status {
        let mut status = Status::Well;
        for (id, source) in fixed.before.iter() {
            let new = fixed.texts.iter().find(|(other, _)| *other == id);
            let new = new.map(|(_, text)| text.as_str());
            let is_standard_input = source.name() == STANDARD_INPUT;
            let written = match (new, source.path()) {
                (Some(text), _) if self.diff => {
                    report::print(&rewrite::difference(source, text, "mended"))
                }
                (Some(text), Some(path)) => match rewrite::replace(path, text) {
                    Ok(()) => Status::Well,
                    Err(error) => {
                        report::line(&format!("error: cannot write {}: {error}", source.name()));
                        Status::Undone
                    }
                },
                (text, None) if is_standard_input && !self.diff => {
                    report::print(text.unwrap_or(source.text()))
                }
                _ => Status::Well,
            };
            status = status.max(written);
        }
        status
    }

    fn report(&self, checked: &Checked, mended: &str) -> Status {
        let files = checked.sources.iter().count();
        if self.format == Format::Json {
            let more = [("files", files.into())];
            return report::json(&[(&checked.diagnostics, &checked.sources)], more);
        }
        report::text(&checked.diagnostics, &checked.sources);
        report::line(&format!(
            "{mended}checked {}: {}",
            report::plural(files, "file"),
            report::counts(&[(&checked.diagnostics, &checked.sources)])
        ));
        Status::Well
    }
}
