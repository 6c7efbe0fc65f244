//! Paths and files: where packages lie, and reading them.

use crate::limits;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// At most one byte more than a source may have.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if metadata.is_dir() {
        return Err("it is a folder".into());
    }
    if !metadata.is_file() {
        return Err("it is not a regular file".into());
    }
    let file = std::fs::File::open(path).map_err(|error| reason(&error))?;
    let mut bytes = Vec::new();
    let limit = limits::SOURCE_BYTES_MAX as u64 + 1;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| reason(&error))?;
    Ok(bytes)
}

/// The same words on every system for what happens often.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// `market/feed.scipp` for `market.feed`.
pub(crate) fn package_path(package: &str) -> PathBuf {
    let mut path: PathBuf = package.split('.').collect();
    path.set_extension("scipp");
    path
}

/// An absolute path without `.` and `..`, without a look at the disk.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut clean = PathBuf::new();
    for component in full.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// What stands before `end` in a path that ends with it.
pub(crate) fn strip_end(path: &Path, end: &Path) -> Option<PathBuf> {
    if !path.ends_with(end) {
        return None;
    }
    let count = path
        .components()
        .count()
        .checked_sub(end.components().count())?;
    Some(path.components().take(count).collect())
}

pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => absolute(a) == absolute(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(package_path("market.feed"), Path::new("market/feed.scipp"));
        assert_eq!(absolute(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(
            strip_end(Path::new("/r/a/b"), Path::new("a/b")),
            Some("/r".into())
        );
        assert_eq!(strip_end(Path::new("/r/xa/b"), Path::new("a/b")), None);
    }
}
