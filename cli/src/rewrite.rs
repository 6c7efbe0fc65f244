//! Texts in the place of others: shown as a difference, or written.

use crate::input::STANDARD_INPUT;
use scipp_idl::{Source, limits};
use similar::TextDiff;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

/// How long a difference between two texts may be looked for, in milliseconds: 500. Then it is shown coarser.
const DIFF_MS_MAX: u64 = 500;

/// Lines of context around a difference: 2.
const CONTEXT_LINES: usize = 2;

/// The way from a source to a text as a unified diff. `how` says what the text is: "formatted".
pub(crate) fn difference(source: &Source, text: &str, how: &str) -> String {
    debug_assert!(text.len() <= limits::SOURCE_BYTES_MAX * 2);
    let name = source
        .path()
        .map_or(STANDARD_INPUT.to_owned(), |path| path.display().to_string());
    TextDiff::configure()
        .timeout(Duration::from_millis(DIFF_MS_MAX))
        .diff_lines(source.text(), text)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&name, &format!("{name} ({how})"))
        .to_string()
}

/// Puts a text in the place of a file, whole or not at all, with the permissions that it had. A link stays a link.
pub(crate) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = std::fs::metadata(&path)?.permissions();
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
