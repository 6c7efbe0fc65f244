//! Processes of Python: started with a script of `py`, spoken to by lines, and judged when they end.

use std::{
    env,
    ffi::OsString,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use scipp_runtime::nursery::Child;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::{ChildStdin, Command},
    sync::mpsc,
    time::timeout,
};

/// For a process to start, and to end when it is told to: an interpreter on a busy machine needs seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Python that has tractor.
#[derive(Clone, Debug)]
pub struct Interpreter {
    path: OsString,
    /// Sockets of all processes.
    folder: Arc<tempfile::TempDir>,
    sockets: Arc<Mutex<u32>>,
}

impl Interpreter {
    /// The one that the environment names.
    pub fn named() -> Option<Self> {
        let path = env::var_os("SCIPP_TRACTOR_PYTHON").filter(|path| !path.is_empty())?;
        let folder = tempfile::tempdir().expect("a folder for sockets");
        for name in ["run", "uds"] {
            private_folder(&folder.path().join(name));
        }
        for (schema, package) in [("lab.scipp", "lab_api"), ("guide/depot.scipp", "depot_api")] {
            generate(schema, &folder.path().join("generated").join(package));
        }
        Some(Self {
            path,
            folder: Arc::new(folder),
            sockets: Arc::default(),
        })
    }

    /// An address that nobody uses, in three words: `tcp HOST PORT` or `uds FOLDER FILE`.
    pub fn address(&self, transport: &str) -> Vec<String> {
        let words = match transport {
            "tcp" => {
                let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
                let port = socket.local_addr().expect("bound").port();
                ["tcp".to_owned(), "127.0.0.1".to_owned(), port.to_string()]
            }
            _ => {
                let mut sockets = self.sockets.lock().unwrap();
                *sockets += 1;
                let folder = self.folder.path().join("uds").display().to_string();
                ["uds".to_owned(), folder, format!("{sockets}.sock")]
            }
        };
        words.to_vec()
    }

    /// Where a process finds modules and sockets.
    fn environment(&self, folder: &str) -> [(&'static str, OsString); 3] {
        let mut path = vec![
            here().join(folder),
            here().join("py"),
            self.folder.path().join("generated"),
        ];
        path.extend(env::split_paths(
            &env::var_os("PYTHONPATH").unwrap_or_default(),
        ));
        [
            ("PYTHONPATH", env::join_paths(path).expect("no colon")),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("XDG_RUNTIME_DIR", self.folder.path().join("run").into()),
        ]
    }

    /// A child that is to be started by a nursery, with the modules of a folder.
    pub fn child(&self, name: &str, folder: &str) -> Child {
        let child = Child::python(name).interpreter(&self.path);
        self.environment(folder)
            .into_iter()
            .fold(child, |child, (key, value)| child.env(key, value))
    }

    /// Starts `py/SCRIPT WORDS` with the modules of a folder.
    pub fn start(&self, script: &str, folder: &str, words: &[String]) -> Process {
        let mut child = Command::new(&self.path)
            .arg(here().join("py").join(script))
            .args(words)
            .envs(self.environment(folder))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let said = Arc::default();
        let (tell, lines) = mpsc::unbounded_channel();
        let stdout = child.stdout.take().expect("piped");
        tokio::spawn(listen(stdout, Arc::clone(&said), "", Some(tell)));
        let stderr = child.stderr.take().expect("piped");
        tokio::spawn(listen(stderr, Arc::clone(&said), "! ", None));
        Process {
            script: script.to_owned(),
            stdin: child.stdin.take(),
            child,
            lines,
            said,
        }
    }
}

/// The folder of this package.
fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Writes the Python of a schema as a package.
fn generate(schema: &str, package: &Path) {
    let schema = here().join(schema);
    let inputs = [scipp_idl::Input::File(schema)];
    let checked = scipp_idl::check(&inputs, &scipp_idl::Options::default());
    let options = scipp_codegen::python::Options::default();
    let files =
        scipp_codegen::python::generate(&checked.schema, &options).expect("Python can say it");
    files.write(package).expect("written");
}

/// A folder of this user alone, as tractor wants its sockets to be in.
fn private_folder(path: &Path) {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(path);
    made.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// A running Python.
pub struct Process {
    script: String,
    child: tokio::process::Child,
    stdin: Option<ChildStdin>,
    lines: mpsc::UnboundedReceiver<String>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// The next line of its standard output.
    pub async fn line(&mut self, within: Duration) -> Result<String, String> {
        match timeout(within, self.lines.recv()).await {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err("it ended".to_owned()),
            Err(_) => Err(format!("it said nothing within {} s", within.as_secs())),
        }
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) -> Result<(), String> {
        match self.line(PATIENCE).await {
            Ok(line) if line == "ready" => Ok(()),
            Ok(line) => Err(self.report(&format!("said {line:?} instead of \"ready\""))),
            Err(why) => Err(self.report(&why)),
        }
    }

    /// A line for its standard input.
    pub async fn say(&mut self, line: &str) -> Result<(), String> {
        let Some(stdin) = &mut self.stdin else {
            return Err("its input is closed".to_owned());
        };
        let line = format!("{line}\n");
        let said = stdin.write_all(line.as_bytes()).await;
        said.map_err(|error| error.to_string())
    }

    /// Tells it to end, and judges how it did: in time, with status 0, and without a traceback.
    pub async fn end(mut self) -> Result<(), String> {
        self.stdin = None;
        self.ended().await
    }

    /// Waits until it has ended for another reason, and judges that.
    pub async fn ended(mut self) -> Result<(), String> {
        let status = match timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => {
                let report = self.report("did not end; killed");
                self.kill().await;
                return Err(report);
            }
        };
        // What it said last may still be on its way to us.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let cries = self
            .said
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.starts_with("! ") && line.contains("Traceback"));
        if !status.success() {
            Err(self.report(&status.to_string()))
        } else if cries {
            Err(self.report("a traceback of its own"))
        } else {
            Ok(())
        }
    }

    /// Ends it at once, as the system does.
    pub async fn kill(mut self) {
        let _ = self.child.kill().await;
    }

    /// What is wrong, with all that it has said.
    pub fn report(&self, wrong: &str) -> String {
        let said = self.said.lock().unwrap().join("\n    ");
        format!("{}: {wrong}\n    {said}", self.script)
    }
}

async fn listen(
    from: impl AsyncRead + Unpin,
    said: Arc<Mutex<Vec<String>>>,
    mark: &str,
    tell: Option<mpsc::UnboundedSender<String>>,
) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        said.lock().unwrap().push(format!("{mark}{line}"));
        if let Some(tell) = &tell {
            let _ = tell.send(line);
        }
    }
}
