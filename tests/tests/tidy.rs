//! House rules that a machine can check: the directions between the crates, who may name what, and the documents.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const COMPILE_SIDE: [&str; 2] = ["scipp-idl", "scipp-codegen"];
const RUN_SIDE: [&str; 3] = ["scipp-codec", "scipp-protocol", "scipp-runtime"];

/// Crates that would bring an async runtime, a socket or a thread pool into the core.
const ASYNC_RUNTIMES: [&str; 8] = [
    "tokio",
    "tokio-util",
    "mio",
    "socket2",
    "async-std",
    "smol",
    "async-io",
    "futures-executor",
];

#[test]
fn the_compile_side_and_the_run_side_never_depend_on_each_other() {
    let graph = Graph::read();
    for name in COMPILE_SIDE {
        graph.assert_without(name, &RUN_SIDE);
    }
    for name in RUN_SIDE {
        graph.assert_without(name, &COMPILE_SIDE);
        graph.assert_without(name, &["pest", "prettyplease", "annotate-snippets"]);
    }
    graph.assert_without("scipp-derive", &COMPILE_SIDE);
    graph.assert_without("scipp-derive", &RUN_SIDE);
}

#[test]
fn nothing_depends_on_the_command_or_on_the_tests() {
    let graph = Graph::read();
    for name in graph.edges.keys().filter(|name| name.starts_with("scipp-")) {
        graph.assert_without(name, &["scipp-cli", "scipp-tests"]);
    }
}

#[test]
fn the_core_has_no_runtime_no_clock_and_no_socket() {
    Graph::read().assert_without("scipp-protocol", &ASYNC_RUNTIMES);
    for name in [
        "Instant::now",
        "SystemTime",
        "std::net",
        "std::thread",
        "tokio",
        "async fn",
    ] {
        // An example is a driver: it has a clock.
        assert_only_in("protocol", name, &["protocol/examples"]);
    }
}

#[test]
fn the_core_builds_for_wasm_where_the_target_is_installed() {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]));
    if !Path::new(sysroot.trim())
        .join("lib/rustlib/wasm32-unknown-unknown/lib")
        .is_dir()
    {
        return;
    }
    let status = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "-p",
            "scipp-protocol",
            "--target",
            "wasm32-unknown-unknown",
            "--target-dir",
        ])
        .arg(root().join("target/wasm"))
        .current_dir(root())
        .status()
        .expect("cargo runs");
    assert!(
        status.success(),
        "scipp-protocol does not build for wasm32-unknown-unknown"
    );
}

#[test]
fn each_thing_is_named_in_one_place() {
    assert_only_in("scipp-idl/src", "pest::", &["scipp-idl/src/parse"]);
    assert_only_in("scipp-idl/src", "pest_derive", &["scipp-idl/src/parse"]);
    assert_only_in(
        "runtime/src",
        "AsyncRead",
        &["runtime/src/session/driver.rs", "runtime/src/transport"],
    );
    // A task that nobody awaits is a leak: one file starts tasks, and it tracks each.
    assert_only_in("runtime/src", "tokio::spawn", &["runtime/src/scope.rs"]);
    assert_only_in("runtime/src", "task::spawn", &["runtime/src/scope.rs"]);
}

#[test]
fn generated_code_names_only_the_generated_module_of_the_runtime() {
    let goldens = files_below("tests/golden", "snap");
    assert!(
        !goldens.is_empty(),
        "no snapshots of generated code below tests/golden"
    );
    for path in goldens {
        let text = read(&path);
        for line in text
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("use "))
        {
            assert!(
                line == "use ::scipp_runtime::generated as scipp;"
                    || line.starts_with("use super::")
                    || line.starts_with("use self::"),
                "{} says `{line}`: generated code names nothing but `::scipp_runtime::generated`",
                path.display()
            );
        }
    }
}

#[test]
fn the_state_diagram_in_the_documents_is_the_one_in_the_code() {
    let code: String = read(&root().join("protocol/src/dialog.rs"))
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let diagrams = fences(&code);
    assert!(
        !diagrams.is_empty(),
        "protocol/src/dialog.rs has no ```text diagram in its module documentation"
    );
    for document in ["ARCHITECTURE.md", "docs/protocol.md"] {
        let text = read(&root().join(document));
        for diagram in &diagrams {
            assert!(
                text.contains(diagram),
                "{document} lacks this diagram of protocol/src/dialog.rs, or has another version of it:\n{diagram}"
            );
        }
    }
}

#[test]
fn the_runtime_knows_no_time_of_day() {
    // A clock that is set moves no deadline.
    for name in ["SystemTime", "UNIX_EPOCH"] {
        assert_only_in("runtime/src", name, &[]);
    }
}

#[test]
fn the_runtime_leaves_nothing_to_chance() {
    // A seed of the simulation replays only if no choice is made by a die.
    for path in files_below("runtime/src", "rs") {
        let text = read(&path);
        for (at, _) in text.match_indices("select! {") {
            let body = text[at..].lines().nth(1).unwrap_or_default();
            assert_eq!(
                body.trim(),
                "biased;",
                "{}: a `select!` without an order",
                path.display()
            );
        }
    }
}

#[test]
fn long_files_say_why() {
    for path in sources() {
        let text = read(&path);
        let lines = text
            .lines()
            .take_while(|line| *line != "#[cfg(test)]")
            .count();
        let says_why = text
            .lines()
            .take_while(|line| line.starts_with("//"))
            .any(|line| line.contains("one file because"));
        assert!(
            lines <= 500 || says_why,
            "{} has {lines} lines: split it, or say in its module documentation that it is `one file because ...`",
            path.display()
        );
    }
}

#[test]
fn the_sources_speak_of_the_project_alone() {
    let here = Path::new(file!()).file_name().expect("a name").to_owned();
    let mut texts = sources();
    texts.extend(files_below("", "md"));
    texts.extend(files_below("", "toml"));
    texts.extend(files_below("", "scipp"));
    for path in texts
        .into_iter()
        .filter(|path| path.file_name() != Some(&here))
    {
        let text = read(&path);
        for word in [
            "TODO",
            "FIXME",
            "XXX",
            "todo!",
            "unimplemented!",
            "/work/",
            "dbg!(",
        ] {
            assert!(!text.contains(word), "{} says `{word}`", path.display());
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for path in files_below("", "md") {
        let text = read(&path);
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") {
                continue;
            }
            let to = if file.is_empty() {
                path.clone()
            } else {
                path.parent().expect("a folder").join(file)
            };
            assert!(
                to.exists(),
                "{}: the link `{target}` leads nowhere",
                path.display()
            );
            if !anchor.is_empty() {
                let found = read(&to)
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|line| slug(line) == anchor);
                assert!(
                    found,
                    "{}: no heading for the link `{target}`",
                    path.display()
                );
            }
        }
    }
}

/// Who depends on whom in the workspace's lock, normal and build dependencies, proc macros left out as leaves.
struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read() -> Self {
        let text = output(
            Command::new(env!("CARGO"))
                .args(["metadata", "--format-version", "1", "--offline", "--locked"])
                .current_dir(root()),
        );
        let metadata: Value = serde_json::from_str(&text).expect("cargo metadata is JSON");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .iter()
            .map(|package| (text(&package["id"]), text(&package["name"])))
            .collect();
        let mut edges = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let to: BTreeSet<String> = list(&node["deps"])
                .iter()
                .filter(|dep| {
                    list(&dep["dep_kinds"])
                        .iter()
                        .any(|kind| kind["kind"] != "dev")
                })
                .map(|dep| names[&text(&dep["pkg"])].clone())
                .collect();
            edges.insert(names[&text(&node["id"])].clone(), to);
        }
        assert!(
            edges.contains_key("scipp-protocol"),
            "cargo metadata does not list the workspace"
        );
        Self { edges }
    }

    /// Fails with the path that leads from `from` to one of `to`.
    fn assert_without(&self, from: &str, to: &[&str]) {
        let mut paths = vec![vec![from.to_owned()]];
        let mut seen = BTreeSet::new();
        while let Some(path) = paths.pop() {
            let last = path.last().expect("never empty").clone();
            if !seen.insert(last.clone()) {
                continue;
            }
            assert!(
                path.len() == 1 || !to.contains(&last.as_str()),
                "{from} must not depend on {last}: {}",
                path.join(" -> ")
            );
            for next in self.edges.get(&last).into_iter().flatten() {
                paths.push([path.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
}

/// Fails where a source below `folder`, outside of the places that `allowed` starts, names `name` in code.
fn assert_only_in(folder: &str, name: &str, allowed: &[&str]) {
    for path in files_below(folder, "rs") {
        let relative = path
            .strip_prefix(root())
            .expect("below the root")
            .to_string_lossy()
            .into_owned();
        if allowed.iter().any(|place| relative.starts_with(place)) || relative.contains("/tests/") {
            continue;
        }
        // The tests at the bottom of a file may use what the code may not.
        for (number, line) in read(&path)
            .lines()
            .enumerate()
            .take_while(|(_, line)| *line != "#[cfg(test)]")
        {
            let code = line.split("//").next().unwrap_or_default();
            assert!(
                !code.contains(name),
                "{relative}:{} names `{name}`, which belongs to {allowed:?}",
                number + 1
            );
        }
    }
}

/// The contents of the ```text blocks of a Markdown text.
fn fences(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = markdown;
    while let Some((_, after)) = rest.split_once("```text\n") {
        let Some((block, after)) = after.split_once("```") else {
            break;
        };
        found.push(block.to_owned());
        rest = after;
    }
    found
}

/// The anchor that Markdown viewers give a heading.
fn slug(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

fn sources() -> Vec<PathBuf> {
    [
        "scipp-idl",
        "codegen",
        "protocol",
        "runtime",
        "cli",
        "examples",
        "tests",
    ]
    .iter()
    .flat_map(|folder| files_below(folder, "rs"))
    .collect()
}

fn files_below(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                if !matches!(name, "target" | ".git" | "node_modules") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    assert!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}
