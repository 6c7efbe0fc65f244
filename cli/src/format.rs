//! `scipp fmt`

use crate::input;
use crate::report;
use crate::rewrite::{difference, print, replace};
use clap::Args;
use scipp_idl::format::{Formatted, format};
use std::path::PathBuf;
use std::process::ExitCode;

/// Formats schemas in place
///
/// There is one style and there are no options. Every comment is kept. A file with a syntax error is left alone, and so is
/// one that is formatted already.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Format {
    /// Writes nothing: prints what differs, and exits with 1 if anything does
    #[arg(long)]
    check: bool,

    /// Schemas: files, folders (all `.scipp` files in them and below), or `-` to format standard input to standard output
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  scipp fmt schemas                    all files of a folder, in place
  scipp fmt --check schemas            what would change, as a unified diff on standard output
  scipp fmt - < feed.scipp             for editors

Exit status: 0 formatted (or nothing to change), 1 a file has syntax errors or cannot be written, or, with --check, is
not formatted, 2 wrong use of the command.";

impl Format {
    pub(crate) fn run(self) -> ExitCode {
        let (inputs, problems) = input::inputs(&self.files);
        let mut formatted = format(&inputs);
        for problem in problems {
            formatted.diagnostics.push(problem);
        }
        formatted.diagnostics.sort();
        report::text(&formatted.diagnostics, &formatted.sources);
        let (changed, failed) = self.write_all(&formatted);
        let files = formatted.sources.iter().count();
        let errors = formatted.diagnostics.has_errors() || failed;
        if self.check {
            report::line(&format!(
                "{} of {} would change",
                changed,
                report::plural(files, "file")
            ));
        } else if !self.is_only_standard_input() {
            report::line(&format!(
                "formatted {}: {changed} changed",
                report::plural(formatted.texts.len(), "file")
            ));
        }
        ExitCode::from(u8::from(errors || (self.check && changed > 0)))
    }

    fn is_only_standard_input(&self) -> bool {
        self.files.iter().all(|path| path.as_os_str() == "-")
    }

    /// Writes or shows what has changed. Returns in how many files something has, and whether writing failed.
    fn write_all(&self, formatted: &Formatted) -> (usize, bool) {
        let mut changed = 0;
        let mut failed = false;
        for (id, text) in &formatted.texts {
            let Some(source) = formatted.sources.get(*id) else {
                continue;
            };
            let differs = source.text() != text;
            changed += usize::from(differs);
            let result = match source.path() {
                _ if self.check && differs => print(&difference(source, text, "formatted")),
                _ if self.check => Ok(()),
                None => print(text),
                Some(path) if differs => replace(path, text),
                Some(_) => Ok(()),
            };
            if let Err(error) = result {
                failed = true;
                report::line(&format!("error: cannot write {}: {error}", source.name()));
            }
        }
        (changed, failed)
    }
}
