//! Stamps: how a run finds out cheaply that there is nothing to do.
//!
//! After a run that said nothing and wrote its output, a stamp in the user's cache folder keeps a hash of everything that
//! decides about the output, and of the output: the tool, the options, each file that was read as it was read, where
//! imports were looked for, and each file that was generated. The next run hashes the same again, from the disk, and is done
//! if nothing differs. It compares contents, not times, so whatever was edited, removed or left over by hand is noticed; a
//! stamp that is missing or broken only means that the run does its work. `docs/decisions/0042` says why it is so.

use crate::files::{Files, Ours};
use crate::limits;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// What a run is asked to do, apart from the contents of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Everything else that decides about the output, such as the options of the command.
    pub options: Vec<String>,
    /// The files that are given, those in given folders included. What they import is not here.
    pub given: Vec<PathBuf>,
    /// The output folder.
    pub out: PathBuf,
    /// Which files in it may be left over.
    pub ours: Ours,
}

/// What a run has read.
#[derive(Debug, Clone, Default)]
pub struct Reads {
    /// Files by their path, as they were when they were read.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Where files were looked for and were not.
    pub absent: Vec<PathBuf>,
}

/// The stamps of a user.
#[derive(Debug, Clone)]
pub struct Stamps {
    folder: PathBuf,
    tool: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Stamp {
    read: Vec<PathBuf>,
    absent: Vec<PathBuf>,
    outputs: Vec<PathBuf>,
    state: String,
}

impl Stamps {
    /// Those in `folder`, made by this very program. `None` if it cannot be known which program this is.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Option<Self> {
        let program = std::env::current_exe().ok()?;
        let metadata = fs::metadata(&program).ok()?;
        let modified = metadata.modified().ok()?;
        let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Self {
            folder: folder.into(),
            tool: format!(
                "{} {} {} {}",
                env!("CARGO_PKG_VERSION"),
                program.display(),
                metadata.len(),
                since.as_nanos()
            ),
        })
    }

    /// Those in the cache folder of the user: `$XDG_CACHE_HOME/scipp`, `%LOCALAPPDATA%\scipp` or `~/.cache/scipp`.
    pub fn of_user() -> Option<Self> {
        let folder = |name: &str| {
            let path = std::env::var_os(name).map(PathBuf::from)?;
            path.is_absolute().then_some(path)
        };
        let cache = folder("XDG_CACHE_HOME")
            .or_else(|| folder("LOCALAPPDATA"))
            .or_else(|| Some(folder("HOME")?.join(".cache")))?;
        Self::in_folder(cache.join("scipp").join("stamps"))
    }

    /// How many files are generated, if all of them are as the last run has left them and nothing that it read has
    /// changed.
    pub fn fresh(&self, run: &Run) -> Option<usize> {
        let mut text = Vec::new();
        let file = fs::File::open(self.path(run)?).ok()?;
        file.take(limits::STAMP_BYTES_MAX)
            .read_to_end(&mut text)
            .ok()?;
        let stamp: Stamp = serde_json::from_slice(&text).ok()?;
        if !run.given.iter().all(|path| stamp.read.contains(path)) {
            return None;
        }
        let keep: BTreeSet<PathBuf> = stamp.outputs.iter().cloned().collect();
        if !run.ours.left_over(&run.out, &keep).ok()?.is_empty()
            || stamp
                .absent
                .iter()
                .any(|path| path.symlink_metadata().is_ok())
        {
            return None;
        }
        let mut state = State::new(self, run);
        for path in &stamp.read {
            state.read(path, &fs::read(path).ok()?)?;
        }
        for path in &stamp.outputs {
            state.output(path, &fs::read(run.out.join(path)).ok()?);
        }
        (state.finish() == stamp.state).then_some(stamp.outputs.len())
    }

    /// Remembers a run that has written `files`. It does not matter to anybody if that fails.
    pub fn keep(&self, run: &Run, reads: &Reads, files: &Files) {
        // A file that has come since the folder was read.
        if run.given.iter().any(|path| !reads.files.contains_key(path)) {
            return;
        }
        let mut state = State::new(self, run);
        for (path, bytes) in &reads.files {
            if state.read(path, bytes).is_none() {
                return;
            }
        }
        for (path, text) in files.iter() {
            state.output(path, text.as_bytes());
        }
        let stamp = Stamp {
            read: reads.files.keys().cloned().collect(),
            absent: reads.absent.clone(),
            outputs: files.iter().map(|(path, _)| path.to_path_buf()).collect(),
            state: state.finish(),
        };
        let _ = self.save(run, &stamp);
    }

    fn save(&self, run: &Run, stamp: &Stamp) -> Option<()> {
        let path = self.path(run)?;
        fs::create_dir_all(&self.folder).ok()?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).ok()?;
        file.write_all(&serde_json::to_vec(stamp).ok()?).ok()?;
        file.persist(path).ok()?;
        self.prune()
    }

    /// Only the newest are kept.
    fn prune(&self) -> Option<()> {
        let mut stamps: Vec<(std::time::SystemTime, PathBuf)> = fs::read_dir(&self.folder)
            .ok()?
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        stamps.sort();
        let too_many = stamps.len().saturating_sub(limits::STAMPS_MAX);
        for (_, path) in stamps.iter().take(too_many) {
            fs::remove_file(path).ok()?;
        }
        Some(())
    }

    /// One for each output folder and what it is filled with.
    fn path(&self, run: &Run) -> Option<PathBuf> {
        let mut hash = Sha256::new();
        part(
            &mut hash,
            std::env::current_dir().ok()?.as_os_str().as_encoded_bytes(),
        );
        part(&mut hash, run.out.as_os_str().as_encoded_bytes());
        run.options
            .iter()
            .for_each(|option| part(&mut hash, option.as_bytes()));
        Some(self.folder.join(format!("{}.json", hex(hash))))
    }
}

/// The hash of everything that decides about the output, and of the output.
struct State {
    hash: Sha256,
}

impl State {
    fn new(stamps: &Stamps, run: &Run) -> Self {
        let mut hash = Sha256::new();
        part(&mut hash, stamps.tool.as_bytes());
        run.options
            .iter()
            .for_each(|option| part(&mut hash, option.as_bytes()));
        part(&mut hash, b"given");
        for path in &run.given {
            part(&mut hash, path.as_os_str().as_encoded_bytes());
        }
        Self { hash }
    }

    /// Where links lead counts, too: a file that is out of its source root is refused.
    fn read(&mut self, path: &Path, bytes: &[u8]) -> Option<()> {
        let real = path.canonicalize().ok()?;
        part(&mut self.hash, b"read");
        part(&mut self.hash, path.as_os_str().as_encoded_bytes());
        part(&mut self.hash, real.as_os_str().as_encoded_bytes());
        part(&mut self.hash, bytes);
        Some(())
    }

    fn output(&mut self, path: &Path, bytes: &[u8]) {
        part(&mut self.hash, b"output");
        part(&mut self.hash, path.as_os_str().as_encoded_bytes());
        part(&mut self.hash, bytes);
    }

    fn finish(self) -> String {
        hex(self.hash)
    }
}

/// With its length, so that no two lists of parts are the same bytes.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(bytes);
}

fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run that has written its output and is remembered.
    fn done(folder: &Path) -> (Stamps, Run) {
        let stamps = Stamps::in_folder(folder.join("stamps")).unwrap();
        fs::write(folder.join("in.scipp"), "package a;").unwrap();
        let run = Run {
            options: vec!["rust".into()],
            given: vec![folder.join("in.scipp")],
            out: folder.join("out"),
            ours: Ours::Rust,
        };
        let mut files = Files::default();
        files.insert("mod.rs", "// Generated by `scipp`\n".to_owned());
        files.insert("a/b.rs", "// Generated by `scipp`\nb\n".to_owned());
        files.write(&run.out).unwrap();
        let reads = Reads {
            files: BTreeMap::from([(folder.join("in.scipp"), b"package a;".to_vec())]),
            absent: vec![folder.join("other.scipp")],
        };
        assert_eq!(stamps.fresh(&run), None);
        stamps.keep(&run, &reads, &files);
        (stamps, run)
    }

    #[test]
    fn whatever_differs_is_noticed() {
        type Change = fn(&Path, &mut Run);
        let changes: [(&str, Change); 10] = [
            ("input edited", |at, _| {
                fs::write(at.join("in.scipp"), "package b;").unwrap()
            }),
            ("input removed", |at, _| {
                fs::remove_file(at.join("in.scipp")).unwrap()
            }),
            ("another input", |at, run| {
                fs::write(at.join("more.scipp"), "").unwrap();
                run.given.push(at.join("more.scipp"));
            }),
            ("no input", |_, run| run.given.clear()),
            ("import found elsewhere", |at, _| {
                fs::write(at.join("other.scipp"), "").unwrap()
            }),
            ("another option", |_, run| run.options.push("more".into())),
            ("output edited", |at, _| {
                fs::write(at.join("out/mod.rs"), "// Generated by `scipP`\n").unwrap();
            }),
            ("output removed", |at, _| {
                fs::remove_file(at.join("out/a/b.rs")).unwrap()
            }),
            ("output left over", |at, _| {
                fs::write(at.join("out/old.rs"), "// Generated by `scipp`\n").unwrap();
            }),
            ("broken stamp", |at, _| {
                for entry in fs::read_dir(at.join("stamps")).unwrap() {
                    fs::write(entry.unwrap().path(), "{").unwrap();
                }
            }),
        ];
        for (what, change) in changes {
            let folder = tempfile::tempdir().unwrap();
            let (stamps, mut run) = done(folder.path());
            assert_eq!(stamps.fresh(&run), Some(2), "{what}");
            change(folder.path(), &mut run);
            assert_eq!(stamps.fresh(&run), None, "{what}");
        }
    }

    #[test]
    fn what_is_nobodys_business_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (stamps, run) = done(folder.path());
        fs::write(folder.path().join("out/own.rs"), "mod own;").unwrap();
        fs::write(folder.path().join("unrelated.scipp"), "").unwrap();
        assert_eq!(stamps.fresh(&run), Some(2));
        let other = Stamps {
            tool: "another".into(),
            ..stamps
        };
        assert_eq!(
            other.fresh(&run),
            None,
            "another program may write something else"
        );
    }

    #[test]
    fn old_stamps_go() {
        let folder = tempfile::tempdir().unwrap();
        let (stamps, mut run) = done(folder.path());
        for at in 0..limits::STAMPS_MAX + 5 {
            fs::write(folder.path().join(format!("stamps/{at}.json")), "{}").unwrap();
        }
        run.options = vec!["other".into()];
        let reads = Reads {
            files: BTreeMap::from([(folder.path().join("in.scipp"), Vec::new())]),
            absent: Vec::new(),
        };
        stamps.keep(&run, &reads, &Files::default());
        let left = fs::read_dir(folder.path().join("stamps")).unwrap().count();
        assert_eq!(left, limits::STAMPS_MAX);
    }
}
