//! The README's section 'Use it', literally: its files are taken from the text, built, and hold a dialog.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::thread::sleep;
use std::time::Duration;
use std::{fs, str};

/// What the block with a snapshot is called here.
const SNAPSHOT: &str = "INSTA_UPDATE=always cargo test";

/// How often the client looks for the server, and the pause between: ten seconds in all.
const TRIES: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

#[test]
fn the_readmes_files_are_a_server_and_a_client() {
    let root =
        fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("the repository");
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = temporary.path();
    let clone = format!("\"{}/", root.display());
    let files = files(&readme);
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let expected = [
        "Cargo.toml",
        "schemas/greet.scipp",
        "build.rs",
        "src/bin/server.rs",
        "src/bin/client.rs",
        "Cargo.toml",
        "tests/pins.rs",
        SNAPSHOT,
    ];
    assert_eq!(names, expected);
    let mut manifest = String::new();
    let mut snapshot = String::new();
    for (name, text) in files {
        if name == SNAPSHOT {
            snapshot = text;
            continue;
        }
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        if name == "Cargo.toml" {
            manifest.push_str(&text.replace("\"../scipp/", &clone));
        } else {
            fs::write(path, text).expect("written");
        }
    }
    // A crate below the temporary folder is no member of a workspace that may be above it.
    manifest.push_str("\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).expect("written");
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock is copied");

    // Beside the repository's own output, so that dependencies are not built again.
    let target: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let cargo = |command: &str, update: &str| {
        Command::new(env!("CARGO"))
            .args([command, "--offline"])
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_TERM_COLOR", "never")
            .env("INSTA_UPDATE", update)
            .output()
            .expect("cargo runs")
    };
    let built = cargo("build", "no");
    let said = text(&built.stderr);
    assert!(built.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");

    let server = Server::start(&target.join("debug/server"), folder);
    let client = || {
        Command::new(target.join("debug/client"))
            .current_dir(folder)
            .output()
            .expect("the client runs")
    };
    let talked = (0..TRIES)
        .find_map(|_| {
            let out: Output = client();
            sleep(PAUSE);
            out.status.success().then_some(out)
        })
        .unwrap_or_else(|| panic!("{}", text(&client().stderr)));
    assert_eq!(
        text(&talked.stdout),
        "Hello, World! Hello, World! \nNobody is not welcome\n"
    );
    drop(server);

    // Snapshots are missed, written, and compared.
    assert!(!cargo("test", "no").status.success());
    let tested = cargo("test", "always");
    assert!(tested.status.success(), "{}", text(&tested.stdout));
    let written = folder.join("tests/snapshots");
    let pinned = fs::read_to_string(written.join("pins__unwelcome.snap")).expect("a snapshot");
    assert!(pinned.ends_with(&format!("---\n{snapshot}")), "{pinned}");
    assert!(cargo("test", "no").status.success());
    let path = folder.join("tests/pins.rs");
    let test = fs::read_to_string(&path).expect("the test");
    fs::write(path, test.replace("Nobody", "Somebody")).expect("written");
    assert!(!cargo("test", "no").status.success());
}

/// A process that ends with the test.
struct Server(Child);

impl Server {
    fn start(program: &Path, folder: &Path) -> Self {
        Self(
            Command::new(program)
                .current_dir(folder)
                .spawn()
                .expect("the server runs"),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The fenced blocks of the section 'Use it' with the names in front of them, which begin a line with a backtick.
fn files(readme: &str) -> Vec<(&str, String)> {
    let section = readme
        .split("\n## ")
        .find(|section| section.starts_with("Use it"))
        .expect("the section");
    let mut files = Vec::new();
    let mut name = None;
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let name = name.take().expect("a name before a block");
            let text: String = lines
                .by_ref()
                .take_while(|line| *line != "```")
                .flat_map(|line| [line, "\n"])
                .collect();
            files.push((name, text));
        } else if let Some(rest) = line.strip_prefix('`') {
            name = rest.split_once('`').map(|(name, _)| name);
        }
    }
    files
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("UTF-8")
}
