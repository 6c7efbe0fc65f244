//! Which schemas a folder holds.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disk::reason;
use crate::limits;
use std::path::{Path, PathBuf};

/// The `.scipp` files in a folder and below, in the order of their paths. Hidden files and folders, and links to folders,
/// are left out. A folder without any is a mistake.
pub(crate) fn files(folder: &Path, diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let before = diagnostics.errors();
    list(folder, 0, &mut files, diagnostics);
    // A folder that cannot be read has been reported; nobody knows what is in it.
    if files.is_empty() && diagnostics.errors() == before {
        let message = format!("no `.scipp` file in {}", folder.display());
        diagnostics.push(Diagnostic::new(code::UNREADABLE_FILE, message));
    }
    files
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, diagnostics: &mut Diagnostics) {
    if depth > limits::FOLDER_DEPTH_MAX {
        let message = format!(
            "{} is more than {} folders deep",
            folder.display(),
            limits::FOLDER_DEPTH_MAX
        );
        return diagnostics.push(Diagnostic::new(code::TOO_MANY_FILES, message));
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!(
                "cannot read the folder {}: {}",
                folder.display(),
                reason(&error)
            );
            return diagnostics.push(Diagnostic::new(code::UNREADABLE_FILE, message));
        }
    };
    let mut paths: Vec<(PathBuf, bool)> = entries
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            (entry.path(), is_folder)
        })
        .collect();
    paths.sort();
    for (path, is_folder) in paths {
        if is_folder {
            list(&path, depth + 1, files, diagnostics);
        } else if path.extension().is_some_and(|it| it == "scipp")
            && path.is_file()
            && files.len() <= limits::INPUTS_MAX
        {
            files.push(path);
        }
    }
}
