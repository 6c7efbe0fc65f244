//! Schemas as they were in a commit, by way of the `git` program.
//!
//! The program and no library: it is there wherever a repository is, it knows every kind of repository and follows the
//! user's settings, and three of its commands are all that is needed. Nothing is checked out: the texts are laid over
//! places that do not exist, `git:REV/path`.

use scipp_idl::{Input, Options, limits};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// A commit of a repository.
pub(super) struct Commit {
    /// As the user wrote it.
    revision: String,
    id: String,
    top: PathBuf,
}

/// The schemas of a commit.
pub(super) struct Snapshot {
    pub(super) inputs: Vec<Input>,
    pub(super) options: Options,
}

/// A file of a commit.
struct Blob {
    path: String,
    id: String,
    bytes: usize,
}

impl Commit {
    /// Finds a commit in the repository of `near`, or else of the current folder.
    ///
    /// # Errors
    /// In words: no git, no repository, no such commit.
    pub(super) fn find(revision: &str, near: Option<&Path>) -> Result<Self, String> {
        if revision.is_empty() || revision.starts_with('-') {
            return Err(format!(
                "`git:{revision}` names no commit: one reads `git:REV` or `git:REV:PATH`"
            ));
        }
        let folder = match near {
            Some(near) if near.is_dir() => near.to_owned(),
            Some(near) => near
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
                .to_owned(),
            None => PathBuf::from("."),
        };
        let top = text(git(&folder, ["rev-parse", "--show-toplevel"])?)?;
        let top = PathBuf::from(top.trim_end_matches(['\n', '\r']));
        let wanted = format!("{revision}^{{commit}}");
        let id = git(
            &top,
            [
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &wanted,
            ],
        )
        .map_err(|_| format!("there is no commit `{revision}` in {}", top.display()))?;
        Ok(Self {
            revision: revision.to_owned(),
            id: text(id)?.trim().to_owned(),
            top,
        })
    }

    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// A path from the top of the repository; `None` if it is outside.
    pub(super) fn inside(&self, path: &Path) -> Option<PathBuf> {
        let full = path
            .canonicalize()
            .or_else(|_| std::path::absolute(path))
            .ok()?;
        let top = self.top.canonicalize().ok()?;
        full.strip_prefix(top).ok().map(Path::to_path_buf)
    }

    /// Reads all schemas of the commit. Those at `path`, a file or a folder from the top, are the inputs.
    ///
    /// # Errors
    /// In words: there are none, or git fails.
    pub(super) fn read(&self, path: &Path, roots: &[PathBuf]) -> Result<Snapshot, String> {
        if path
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Err(format!(
                "{} is not a path from the top of the repository",
                path.display()
            ));
        }
        let path: PathBuf = path
            .components()
            .filter(|part| *part != Component::CurDir)
            .collect();
        let place = PathBuf::from(format!("git:{}", self.revision));
        let blobs = self.schemas()?;
        let inputs: Vec<Input> = blobs
            .iter()
            .filter(|blob| Path::new(&blob.path).starts_with(&path))
            .map(|blob| Input::File(place.join(&blob.path)))
            .collect();
        if inputs.is_empty() {
            return Err(format!(
                "no `.scipp` file at {}:{}",
                self.revision,
                path.display()
            ));
        }
        let texts = self.texts(&blobs)?;
        let overlay: BTreeMap<PathBuf, String> = blobs
            .iter()
            .zip(texts)
            .map(|(blob, text)| (place.join(&blob.path), text))
            .collect();
        let roots = roots
            .iter()
            .map(|root| {
                self.inside(root)
                    .map_or(root.clone(), |inside| place.join(inside))
            })
            .collect();
        Ok(Snapshot {
            inputs,
            options: Options {
                roots,
                overlay,
                ..Options::default()
            },
        })
    }

    /// All schemas of the commit: regular files.
    fn schemas(&self) -> Result<Vec<Blob>, String> {
        let listed = git(
            &self.top,
            ["ls-tree", "-r", "-l", "-z", "--full-tree", &self.id],
        )?;
        let mut blobs = Vec::new();
        for entry in listed.split(|byte| *byte == 0) {
            let Ok(entry) = std::str::from_utf8(entry) else {
                continue;
            };
            let Some((about, path)) = entry.split_once('\t') else {
                continue;
            };
            let words: Vec<&str> = about.split_ascii_whitespace().collect();
            if let [mode, "blob", id, bytes] = words.as_slice()
                && mode.starts_with("100")
                && Path::new(path).extension() == Some(OsStr::new("scipp"))
            {
                blobs.push(Blob {
                    path: path.to_owned(),
                    id: (*id).to_owned(),
                    bytes: bytes.parse().unwrap_or(0),
                });
            }
        }
        if blobs.len() > limits::INPUTS_MAX {
            return Err(format!(
                "{} has more than {} schemas",
                self.revision,
                limits::INPUTS_MAX
            ));
        }
        match blobs
            .iter()
            .find(|blob| blob.bytes > limits::SOURCE_BYTES_MAX)
        {
            Some(blob) => Err(format!(
                "{}:{} is larger than {} bytes",
                self.revision,
                blob.path,
                limits::SOURCE_BYTES_MAX
            )),
            None => Ok(blobs),
        }
    }

    /// The texts of files, by one call.
    fn texts(&self, blobs: &[Blob]) -> Result<Vec<String>, String> {
        let asked: String = blobs.iter().map(|blob| format!("{}\n", blob.id)).collect();
        let mut child = command(&self.top)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run git: {error}"))?;
        let mut stdin = child.stdin.take();
        // Both ends at once: neither pipe may fill up while the other waits.
        let writer = std::thread::spawn(move || {
            if let Some(stdin) = &mut stdin {
                drop(stdin.write_all(asked.as_bytes()));
            }
        });
        let output = child
            .wait_with_output()
            .map_err(|error| format!("git does not end: {error}"))?;
        drop(writer.join());
        let short = || format!("git did not give all files of {}", self.revision);
        let mut rest = output.stdout.as_slice();
        let mut texts = Vec::new();
        for blob in blobs {
            // "<id> blob <size>", a line end, the bytes, a line end.
            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .ok_or_else(short)?;
            let body = rest.get(end + 1..).ok_or_else(short)?;
            let bytes = body.get(..blob.bytes).ok_or_else(short)?;
            rest = body.get(blob.bytes + 1..).ok_or_else(short)?;
            let text = String::from_utf8(bytes.to_vec())
                .map_err(|_| format!("{}:{} is not UTF-8", self.revision, blob.path))?;
            texts.push(text);
        }
        Ok(texts)
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    // Nothing is written, and messages are for us.
    command
        .arg("-C")
        .arg(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C");
    command
}

/// What a command of git prints.
fn git<'a>(folder: &Path, args: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, String> {
    let output = command(folder)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it failed");
    Err(format!("git: {}", said.trim_start_matches("fatal: ")))
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "git printed what is not UTF-8".to_owned())
}
