//! A patch file: its heading, its hunks, and what they make of a source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// One planted bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The file's name without `.patch`.
    pub name: String,
    /// What is wrong with it, in a sentence.
    pub breaks: String,
    /// The arguments of `cargo` that run the proof which must find it; the first is `test`.
    pub proof: Vec<String>,
    files: Vec<(String, Vec<Hunk>)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Hunk {
    old: String,
    new: String,
}

/// Why a patch is of no use.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// The file could not be read.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line that has no place where it stands.
    #[error("{name}.patch, line {line}: expected {expected}")]
    Line {
        /// The mutant.
        name: String,
        /// Counted from 1.
        line: usize,
        /// What could stand there.
        expected: &'static str,
    },
    /// The heading or the hunks are missing.
    #[error("{name}.patch: expected {expected}")]
    Missing {
        /// The mutant.
        name: String,
        /// What there must be.
        expected: &'static str,
    },
    /// The lines of a hunk are not, or no longer, what the source says.
    #[error(
        "{name}.patch: expected the lines of a hunk once in {file}, came {times} times; mend the patch:\n{lines}"
    )]
    Applies {
        /// The mutant.
        name: String,
        /// The source, from the root of the workspace.
        file: String,
        /// How often they occur.
        times: usize,
        /// The lines.
        lines: String,
    },
}

/// The root of the workspace that this package belongs to.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// Every mutant, by name.
///
/// # Errors
/// A file that cannot be read, or is no patch.
pub fn all(root: &Path) -> Result<Vec<Mutant>, PatchError> {
    let folder = root.join("tests/mutants");
    let failed = |error| PatchError::Io {
        path: folder.clone(),
        error,
    };
    let mut mutants = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|it| it == "patch") {
            mutants.push(Mutant::read(&path)?);
        }
    }
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(mutants)
}

impl Mutant {
    /// Reads a patch file.
    ///
    /// # Errors
    /// It cannot be read, or is not what the [crate](crate) says of it.
    pub fn read(path: &Path) -> Result<Self, PatchError> {
        let text = fs::read_to_string(path).map_err(|error| PatchError::Io {
            path: path.to_owned(),
            error,
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &text)
    }

    /// From the text of a patch file.
    ///
    /// # Errors
    /// It is not what the [crate](crate) says of it.
    pub fn parse(name: &str, text: &str) -> Result<Self, PatchError> {
        let missing = |expected| PatchError::Missing {
            name: name.to_owned(),
            expected,
        };
        let mut mutant = Self {
            name: name.to_owned(),
            breaks: String::new(),
            proof: Vec::new(),
            files: Vec::new(),
        };
        let mut heading = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            let wrong = |expected| PatchError::Line {
                name: name.to_owned(),
                line: at + 1,
                expected,
            };
            if let Some(file) = line.strip_prefix("+++ b/") {
                let file = file.trim_end().to_owned();
                if Path::new(&file)
                    .components()
                    .any(|part| !matches!(part, std::path::Component::Normal(_)))
                {
                    return Err(wrong("a path below the root of the workspace"));
                }
                mutant.files.push((file, Vec::new()));
                continue;
            }
            // `git diff` says these too; the line with `+++` says it all.
            if ["--- a/", "diff --git ", "index "]
                .iter()
                .any(|it| line.starts_with(it))
            {
                continue;
            }
            let Some((_, hunks)) = mutant.files.last_mut() else {
                let (key, value) = line.split_once(": ").ok_or_else(|| wrong("`key: value`"))?;
                if !["breaks", "proof"].contains(&key) {
                    return Err(wrong("`breaks: ` or `proof: `"));
                }
                heading.insert(key, value.trim());
                continue;
            };
            if line.starts_with("@@") {
                hunks.push(Hunk::default());
                continue;
            }
            let hunk = hunks.last_mut().ok_or_else(|| wrong("`@@`"))?;
            match line.split_at_checked(1) {
                Some(("-", rest)) => push(&mut hunk.old, rest),
                Some(("+", rest)) => push(&mut hunk.new, rest),
                // An editor may have taken the blank from an empty line.
                Some((" ", _)) | None => {
                    let rest = line.get(1..).unwrap_or_default();
                    push(&mut hunk.old, rest);
                    push(&mut hunk.new, rest);
                }
                Some(("\\", _)) => {}
                Some(_) => return Err(wrong("a line that begins with a blank, `-` or `+`")),
            }
        }
        let heading = |key: &str| heading.get(key).filter(|value| !value.is_empty());
        mutant.breaks = heading("breaks")
            .ok_or_else(|| missing("a line `breaks: ` that says what is wrong"))?
            .to_string();
        let proof = heading("proof").and_then(|proof| proof.strip_prefix("cargo "));
        mutant.proof = proof
            .filter(|proof| proof.starts_with("test "))
            .ok_or_else(|| missing("a line `proof: cargo test ...`"))?
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let changes = |(_, hunks): &(String, Vec<Hunk>)| {
            !hunks.is_empty() && hunks.iter().all(|hunk| hunk.old != hunk.new)
        };
        if mutant.files.is_empty() || !mutant.files.iter().all(changes) {
            return Err(missing("`+++ b/FILE` and hunks that change something"));
        }
        Ok(mutant)
    }

    /// The command that must find it, as one types it.
    pub fn command(&self) -> String {
        format!("cargo {}", self.proof.join(" "))
    }

    /// What the sources below `root` become: their paths from there, and their new texts.
    ///
    /// # Errors
    /// A source cannot be read, or is not what the patch was made for.
    pub fn apply(&self, root: &Path) -> Result<Vec<(String, String)>, PatchError> {
        let mut changed = Vec::new();
        for (file, hunks) in &self.files {
            let path = root.join(file);
            let mut text =
                fs::read_to_string(&path).map_err(|error| PatchError::Io { path, error })?;
            for hunk in hunks {
                let times = places(&text, &hunk.old);
                let [at] = times.as_slice() else {
                    return Err(PatchError::Applies {
                        name: self.name.clone(),
                        file: file.clone(),
                        times: times.len(),
                        lines: hunk.old.clone(),
                    });
                };
                text.replace_range(*at..at + hunk.old.len(), &hunk.new);
            }
            changed.push((file.clone(), text));
        }
        Ok(changed)
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Where whole lines begin that are `lines`.
fn places(text: &str, lines: &str) -> Vec<usize> {
    if lines.is_empty() {
        return Vec::new();
    }
    text.match_indices(lines)
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))
        .collect()
}
