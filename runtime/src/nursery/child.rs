//! What is to be started.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use scipp_protocol::Address;
use tokio::process::Command;

use super::{error::SpawnError, literal::quoted};
use crate::identity::ActorId;

/// A child that is to be started by [`Nursery::spawn`](super::Nursery::spawn).
#[derive(Clone, Debug)]
#[must_use = "nothing is started before `Nursery::spawn`"]
pub struct Child {
    pub(super) name: String,
    program: OsString,
    /// `-m tractor._child` for Python.
    before: Vec<OsString>,
    pub(super) modules: Vec<(String, String)>,
    pub(super) asyncio: bool,
    loglevel: Option<String>,
    envs: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    pub(super) output: Output,
    pub(super) listens: Option<Vec<Address>>,
    pub(super) boot_max: Option<Duration>,
}

/// Where the output and the error output of a child go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Where those of this process go.
    #[default]
    Inherit,
    /// Nowhere.
    Null,
    /// The last of it is kept (64 KiB of each unless configured): [`ChildActor::stderr`](super::ChildActor::stderr), and the texts of errors.
    Keep,
}

impl Child {
    /// An actor in Python: `python3 -m tractor._child`. It can be called in the modules that [`module`](Self::module) names.
    pub fn python(name: &str) -> Self {
        let mut child = Self::program(name, "python3");
        child.before = vec!["-m".into(), "tractor._child".into()];
        child
    }

    /// An actor in any language whose program takes the same command line; in Rust, its `main` calls [`child::run`](crate::child::run).
    pub fn program(name: &str, program: impl AsRef<OsStr>) -> Self {
        Self {
            name: name.to_owned(),
            program: program.as_ref().to_owned(),
            before: Vec::new(),
            modules: Vec::new(),
            asyncio: false,
            loglevel: None,
            envs: Vec::new(),
            folder: None,
            output: Output::default(),
            listens: None,
            boot_max: None,
        }
    }

    /// Another Python than `python3` of the search path.
    pub fn interpreter(mut self, python: impl AsRef<OsStr>) -> Self {
        self.program = python.as_ref().to_owned();
        self
    }

    /// Lets peers of a child in Python call this module: its path as it is imported, and its file, whose folder the child adds to the
    /// places from which it imports.
    pub fn module(mut self, path: &str, file: &str) -> Self {
        self.modules.push((path.to_owned(), file.to_owned()));
        self
    }

    /// Runs a child in Python on top of an `asyncio` loop.
    pub fn asyncio(mut self) -> Self {
        self.asyncio = true;
        self
    }

    /// What a child in Python logs: a level of `logging`, or one of tractor's (`CANCEL`, `RUNTIME`).
    pub fn loglevel(mut self, level: &str) -> Self {
        self.loglevel = Some(level.to_owned());
        self
    }

    /// Sets a variable of its environment; the others are those of this process.
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.envs
            .push((key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The folder that it runs in; otherwise that of this process.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Where its output goes.
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    /// Where it listens for other actors; for each call one more address. Otherwise it takes a Unix socket of its own choice.
    pub fn listen(mut self, address: Address) -> Self {
        self.listens.get_or_insert_default().push(address);
        self
    }

    /// The longest that it may take until it serves; otherwise `RuntimeLimits::child_boot_max`.
    pub fn boot_max(mut self, max: Duration) -> Self {
        self.boot_max = Some(max);
        self
    }

    /// The command that starts it. The process is killed when its handle is dropped.
    pub(super) fn command(&self, uid: &ActorId, parent: &Address) -> Result<Command, SpawnError> {
        let (folder, file) = match parent {
            Address::Unix(path) => (
                path.parent().and_then(|path| path.to_str()),
                path.file_name().and_then(OsStr::to_str),
            ),
            Address::Tcp(_) => (None, None),
        };
        let (Some(folder), Some(file)) = (folder, file) else {
            return Err(SpawnError::Door(parent.clone()));
        };
        let mut command = Command::new(&self.program);
        command
            .args(&self.before)
            .arg("--uid")
            .arg(format!("({}, {})", quoted(&uid.name), quoted(&uid.uuid)))
            .arg("--parent_addr")
            .arg(format!("({}, {})", quoted(folder), quoted(file)))
            .kill_on_drop(true)
            .stdin(Stdio::null());
        if let Some(level) = &self.loglevel {
            command.arg("--loglevel").arg(level);
        }
        if self.asyncio {
            command.arg("--asyncio");
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let stdio = || match self.output {
            Output::Inherit => Stdio::inherit(),
            Output::Null => Stdio::null(),
            Output::Keep => Stdio::piped(),
        };
        command.stdout(stdio()).stderr(stdio());
        command.envs(self.envs.iter().map(|(key, value)| (key, value)));
        Ok(command)
    }

    pub(super) fn shown(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}
