//! A version of a schema: files as they are, or as they were in a commit.

use super::git;
use crate::input::inputs;
use scipp_idl::{Checked, Options, check};
use std::path::{Path, PathBuf};

/// Reads and checks both versions.
///
/// # Errors
/// If git cannot give one, in words. What is wrong with the schemas is in their diagnostics.
pub(super) fn read(old: &str, new: &str, roots: &[PathBuf]) -> Result<[Checked; 2], String> {
    if old == "-" && new == "-" {
        return Err("standard input can be one of the versions, not both".to_owned());
    }
    Ok([one(old, new, roots)?, one(new, old, roots)?])
}

/// `other` is the other version, whose place counts where this one has none.
fn one(version: &str, other: &str, roots: &[PathBuf]) -> Result<Checked, String> {
    let Some(place) = version.strip_prefix("git:") else {
        let (inputs, problems) = inputs(&[PathBuf::from(version)]);
        let mut checked = check(
            &inputs,
            &Options {
                roots: roots.to_vec(),
                ..Options::default()
            },
        );
        problems
            .into_iter()
            .for_each(|problem| checked.diagnostics.push(problem));
        return Ok(checked);
    };
    let (revision, path) = match place.split_once(':') {
        Some((revision, path)) => (revision, Some(path)),
        None => (place, None),
    };
    let other = Some(other).filter(|it| *it != "-" && !it.starts_with("git:"));
    let commit = git::Commit::find(revision, other.map(Path::new))?;
    let path = match (path, other) {
        (Some(path), _) => PathBuf::from(path),
        (None, Some(other)) => commit.inside(Path::new(other)).ok_or_else(|| {
            format!(
                "{other} is outside of the repository {}: say `git:{revision}:PATH`",
                commit.top().display()
            )
        })?,
        (None, None) => PathBuf::new(),
    };
    let snapshot = commit.read(&path, roots)?;
    Ok(check(&snapshot.inputs, &snapshot.options))
}
