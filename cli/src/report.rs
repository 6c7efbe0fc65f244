//! How a run reaches the user: diagnostics as text on standard error, with colours on a terminal, or as JSON on standard
//! output; and whatever else is printed there.

use crate::status::Status;
use clap::ValueEnum;
use scipp_idl::diagnostic::{Diagnostics, Severity, to_json};
use scipp_idl::source::Sources;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write};

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Writes diagnostics as on the terminal. `anstream` leaves out colours where they do not belong: not a terminal,
/// `NO_COLOR`. Behind errors stands how to learn more about the first of them.
pub(crate) fn text(diagnostics: &Diagnostics, sources: &Sources) {
    let mut stderr = anstream::stderr().lock();
    let mut rendered = diagnostics.render(sources, true);
    if !rendered.is_empty() {
        rendered.push('\n');
    }
    let first = diagnostics.iter().find(|it| it.severity == Severity::Error);
    if let Some(first) = first {
        rendered.push_str(&format!("for more, run `scipp explain {}`\n", first.code));
    }
    // If nobody reads standard error, the exit status still tells.
    drop(stderr.write_all(rendered.as_bytes()));
}

/// Writes one line to standard error.
pub(crate) fn line(line: &str) {
    drop(writeln!(anstream::stderr().lock(), "{line}"));
}

/// Writes to standard output. If nobody reads it any more, as behind `| head`, there is nothing left to do; a full disk is
/// said.
pub(crate) fn print(text: &str) -> Status {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            line(&format!("error: cannot write standard output: {error}"));
            Status::Undone
        }
        _ => Status::Well,
    }
}

/// What was found, and the texts that it was found in.
pub(crate) type Found<'a> = (&'a Diagnostics, &'a Sources);

/// Writes one JSON document to standard output: how many errors and warnings, the diagnostics, and `more`.
pub(crate) fn json(
    found: &[Found<'_>],
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Status {
    let list = found
        .iter()
        .flat_map(|(diagnostics, sources)| diagnostics.iter().map(|it| to_json(it, sources)));
    let sum = |count: fn(&Diagnostics) -> usize| -> usize {
        found
            .iter()
            .map(|(diagnostics, _)| count(diagnostics))
            .sum()
    };
    let mut document = json!({
        "errors": sum(Diagnostics::errors),
        "warnings": sum(warnings),
        "left_out": sum(Diagnostics::left_out),
        "diagnostics": list.collect::<Vec<_>>(),
    });
    if let Value::Object(document) = &mut document {
        document.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    print(&format!("{document:#}\n"))
}

/// "2 errors, 1 warning"; "no errors" where there are none.
pub(crate) fn counts(found: &[Found<'_>]) -> String {
    let sum = |count: fn(&Diagnostics) -> usize| -> usize {
        found
            .iter()
            .map(|(diagnostics, _)| count(diagnostics))
            .sum()
    };
    let errors = match sum(Diagnostics::errors) {
        0 => "no errors".to_owned(),
        count => plural(count, "error"),
    };
    match sum(warnings) {
        0 => errors,
        count => format!("{errors}, {}", plural(count, "warning")),
    }
}

fn warnings(diagnostics: &Diagnostics) -> usize {
    diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Warning)
        .count()
}

/// "1 file", "2 files".
pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
