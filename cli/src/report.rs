//! How diagnostics reach the user: as text on standard error, with colours on a terminal, or as JSON on standard output.

use scipp_idl::diagnostic::{Diagnostics, Severity, to_json};
use scipp_idl::source::Sources;
use std::io::Write;

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

/// Writes one JSON document: how many files, errors and warnings, and the diagnostics.
pub(crate) fn json(diagnostics: &Diagnostics, sources: &Sources, files: usize) {
    let document = serde_json::json!({
        "files": files,
        "errors": diagnostics.errors(),
        "warnings": warnings(diagnostics),
        "left_out": diagnostics.left_out(),
        "diagnostics": diagnostics.iter().map(|it| to_json(it, sources)).collect::<Vec<_>>(),
    });
    drop(writeln!(std::io::stdout().lock(), "{document:#}"));
}

/// "2 errors, 1 warning"; "no errors" where there are none.
pub(crate) fn counts(diagnostics: &Diagnostics) -> String {
    let errors = match diagnostics.errors() {
        0 => "no errors".to_owned(),
        count => plural(count, "error"),
    };
    match warnings(diagnostics) {
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
