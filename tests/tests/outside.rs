//! A user's crates outside of the workspace: they build and run, and a broken schema reads well in the build.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, str};

#[test]
fn crates_outside_of_the_workspace_build_and_run_and_say_what_is_wrong() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let root =
        fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("the repository");
    copy(&root.join("tests/outside"), temporary.path(), &root);
    let app = temporary.path().join("app");
    // The versions that the repository is locked to are those that are there without a network.
    fs::copy(root.join("Cargo.lock"), app.join("Cargo.lock")).expect("the lock is copied");

    let run = cargo(&app, "run");
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(text(&run.stdout), "Hello, Ada!\nnobody is called Nemo\n");
    let warned = text(&run.stderr)
        .lines()
        .any(|line| line.starts_with("warning: unused") || line.contains("never used"));
    assert!(!warned, "the generated code warns:\n{}", text(&run.stderr));

    let again = cargo(&app, "build");
    assert!(
        !text(&again.stderr).contains("Compiling"),
        "nothing has changed:\n{}",
        text(&again.stderr)
    );

    // The schema of the other crate is watched, too.
    let names = temporary.path().join("types/schemas/outside/names.scipp");
    replace(&names, "family: str?", "family: str?, title: str?");
    let changed = cargo(&app, "build");
    assert!(
        text(&changed.stderr).contains("Compiling outside-app"),
        "{}",
        text(&changed.stderr)
    );

    // Four mistakes: all of them are shown where they are.
    let schema = app.join("schemas/outside/greet.scipp");
    replace(&schema, "to: Name,", "to: Nmae,");
    replace(&schema, "= \"Hello\"", "= 5");
    let broken = cargo(&app, "build");
    assert!(!broken.status.success());
    let shown = text(&broken.stderr);
    for expected in [
        "error[E0206]",
        "schemas/outside/greet.scipp:8:9",
        "to: Nmae,",
        "error[E0501]",
        "the schema has 2 errors; no code was generated",
    ] {
        assert!(shown.contains(expected), "`{expected}` is not in:\n{shown}");
    }
    assert!(
        !shown.contains("panicked"),
        "a mistake in a schema is no panic:\n{shown}"
    );

    replace(&schema, "to: Nmae,", "to: Name,");
    replace(&schema, "= 5", "= \"Good day\"");
    let mended = cargo(&app, "run");
    assert_eq!(
        text(&mended.stdout).lines().next(),
        Some("Good day, Ada!"),
        "{}",
        text(&mended.stderr)
    );
}

fn cargo(crate_folder: &Path, verb: &str) -> Output {
    // Beside the repository's own output, so that dependencies are not built again.
    let target: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    Command::new(env!("CARGO"))
        .args([verb, "--offline"])
        .current_dir(crate_folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("cargo runs")
}

fn copy(from: &Path, to: &Path, root: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        if path.is_dir() {
            copy(&path, &to.join(name), root);
        } else {
            let text = fs::read_to_string(&path)
                .expect("a text")
                .replace("{scipp}", &root.display().to_string());
            fs::write(to.join(name.trim_end_matches(".in")), text).expect("a copy");
        }
    }
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a text");
    assert!(text.contains(from), "{from} is not in {}", path.display());
    fs::write(path, text.replace(from, to)).expect("written");
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("UTF-8")
}
