//! `scipp fmt`

use crate::input;
use crate::report;
use crate::rewrite::{difference, replace};
use crate::status::Status;
use clap::Args;
use scipp_idl::format::{Formatted, format};
use std::path::PathBuf;

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

    /// How to report: text goes to standard error, JSON to standard output, with the files that change and no differences
    #[arg(long, value_enum, default_value_t = report::Format::Text)]
    format: report::Format,

    /// Schemas: files, folders (all `.scipp` files in them and below), or `-` to format standard input to standard output
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  scipp fmt schemas                    all files of a folder, in place
  scipp fmt --check schemas            what would change, as a unified diff on standard output
  scipp fmt - < feed.scipp             for editors

Exit status: 0 formatted (or nothing to change), 1 a file has syntax errors or, with --check, is not formatted, 2 wrong use of
the command, or a file that cannot be read or written.";

impl Format {
    pub(crate) fn run(self) -> Status {
        let is_json = self.format == report::Format::Json;
        let reads_standard_input = self.files.iter().any(|path| path.as_os_str() == "-");
        if is_json && reads_standard_input && !self.check {
            report::line(
                "error: standard output is for the formatted text: leave out `--format json`",
            );
            return Status::Undone;
        }
        let (inputs, problems) = input::inputs(&self.files);
        let mut formatted = format(&inputs);
        for problem in problems {
            formatted.diagnostics.push(problem);
        }
        formatted.diagnostics.sort();
        if !is_json {
            report::text(&formatted.diagnostics, &formatted.sources);
        }
        let (changed, written) = self.write_all(&formatted);
        let files = formatted.sources.iter().count();
        let mut status = Status::of(&formatted.diagnostics).max(written);
        if self.check {
            status = status.max(Status::found(!changed.is_empty()));
        }
        if is_json {
            let more = [("files", files.into()), ("changed", changed.into())];
            status = status.max(report::json(
                &[(&formatted.diagnostics, &formatted.sources)],
                more,
            ));
        } else if self.check {
            report::line(&format!(
                "{} of {} would change",
                changed.len(),
                report::plural(files, "file")
            ));
        } else if !self.is_only_standard_input() {
            report::line(&format!(
                "formatted {}: {} changed",
                report::plural(formatted.texts.len(), "file"),
                changed.len()
            ));
        }
        status
    }

    fn is_only_standard_input(&self) -> bool {
        self.files.iter().all(|path| path.as_os_str() == "-")
    }

    /// Writes or shows what has changed. Returns which files have, those that could not be written left out, and whether
    /// writing failed.
    fn write_all<'f>(&self, formatted: &'f Formatted) -> (Vec<&'f str>, Status) {
        let mut changed = Vec::new();
        let mut status = Status::Well;
        for (id, text) in &formatted.texts {
            let Some(source) = formatted.sources.get(*id) else {
                continue;
            };
            let differs = source.text() != text;
            let written = match source.path() {
                _ if self.check && self.format == report::Format::Json => Status::Well,
                _ if self.check && differs => report::print(&difference(source, text, "formatted")),
                _ if self.check => Status::Well,
                None => report::print(text),
                Some(_) if !differs => Status::Well,
                Some(path) => match replace(path, text) {
                    Ok(()) => Status::Well,
                    Err(error) => {
                        report::line(&format!("error: cannot write {}: {error}", source.name()));
                        Status::Undone
                    }
                },
            };
            if differs && (self.check || written == Status::Well) {
                changed.push(source.name());
            }
            status = status.max(written);
        }
        (changed, status)
    }
}
