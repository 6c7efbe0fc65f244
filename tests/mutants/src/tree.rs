//! A copy of the workspace in which bugs may be planted.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::patch::{Mutant, PatchError};

/// The copy. It stays where it is from one run to the next, so that cargo builds only what has changed.
#[derive(Debug)]
pub struct Tree {
    from: PathBuf,
    to: PathBuf,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The patch does not apply.
    #[error(transparent)]
    Patch(#[from] PatchError),
}

impl Tree {
    /// Copies the workspace at `from` to `to`. What is there already and the same is not touched; what is there and has no
    /// original goes.
    ///
    /// # Errors
    /// A file could not be read or written.
    pub fn copy(from: &Path, to: &Path) -> Result<Self, TreeError> {
        let tree = Self {
            from: from.to_owned(),
            to: to.to_owned(),
        };
        tree.copy_folder(Path::new(""))?;
        Ok(tree)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.to
    }

    /// Plants a bug; [`restore`](Self::restore) takes it out again.
    ///
    /// # Errors
    /// The patch does not apply, or a file could not be written.
    pub fn plant(&self, mutant: &Mutant) -> Result<(), TreeError> {
        for (file, text) in mutant.apply(&self.to)? {
            write(&self.to.join(file), text.as_bytes())?;
        }
        Ok(())
    }

    /// Takes a bug out again.
    ///
    /// # Errors
    /// A file could not be read or written.
    pub fn restore(&self) -> Result<(), TreeError> {
        self.copy_folder(Path::new(""))
    }

    fn copy_folder(&self, folder: &Path) -> Result<(), TreeError> {
        let (from, to) = (self.from.join(folder), self.to.join(folder));
        fs::create_dir_all(&to).map_err(|error| TreeError::Io {
            path: to.clone(),
            error,
        })?;
        for name in names(&to)? {
            let path = to.join(&name);
            if !from.join(&name).exists() && !is_built(&name) {
                let gone = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                gone.map_err(|error| TreeError::Io { path, error })?;
            }
        }
        for name in names(&from)? {
            let path = from.join(&name);
            if is_built(&name) || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                self.copy_folder(&folder.join(&name))?;
            } else {
                let bytes = fs::read(&path).map_err(|error| TreeError::Io { path, error })?;
                write(&to.join(&name), &bytes)?;
            }
        }
        Ok(())
    }
}

/// What cargo and git keep for themselves.
fn is_built(name: &str) -> bool {
    ["target", ".git"].contains(&name)
}

fn names(folder: &Path) -> Result<Vec<String>, TreeError> {
    let failed = |error| TreeError::Io {
        path: folder.to_owned(),
        error,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        names.push(
            entry
                .map_err(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    Ok(names)
}

/// Writes a file unless it says that already: cargo looks at times.
fn write(path: &Path, bytes: &[u8]) -> Result<(), TreeError> {
    if fs::read(path).is_ok_and(|now| now == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(|error| TreeError::Io {
        path: path.to_owned(),
        error,
    })
}
