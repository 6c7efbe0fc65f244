//! What the command does when something around it fails: every subcommand ends with 2, says why, and never panics.
#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]

mod desk;

use desk::{folder, scipp, status, text};
use std::fs;
use std::path::Path;

/// Not formatted, and a mistake that can be mended.
const UGLY: &str = "package shop.cart;\nstruct  Line { article: string }\n";
const GOOD: &str = "package shop.good;\n\nstruct Line { article: str }\n";

/// Every subcommand that reads schemas, up to their paths.
const READERS: &[&[&str]] = &[
    &["check"],
    &["check", "--format", "json"],
    &["check", "--fix"],
    &["check", "--diff"],
    &["fmt"],
    &["fmt", "--check"],
    &["fmt", "--format", "json"],
    &["gen", "--lang", "rust", "--out", "out"],
    &[
        "gen", "--lang", "rust", "--out", "out", "--check", "--format", "json",
    ],
    &["model"],
    &["fingerprint"],
    &["fingerprint", "--format", "json"],
    &["breaking", "shop/good.scipp"],
    &["breaking", "shop/good.scipp", "--format", "json"],
];

#[test]
fn what_cannot_be_read_is_two() {
    let folder = folder(&[("shop/good.scipp", GOOD), ("empty/readme", "no schema")]);
    for reader in READERS {
        for path in ["missing.scipp", "missing/", "empty", "/dev/null"] {
            let out = scipp(folder.path(), &[reader, &[path][..]].concat(), "");
            let said = format!("{}{}", text(&out.stderr), text(&out.stdout));
            assert_eq!(status(&out), 2, "{reader:?} {path}: {said}");
            assert!(
                said.contains(path.trim_end_matches('/')),
                "{reader:?}: {said}"
            );
            assert!(!folder.path().join("out").exists());
        }
    }
}

#[test]
fn what_is_unreadable_counts_more_than_what_is_found() {
    let broken = ("broken.scipp", "package broken;\nstruct S { a: Nope }\n");
    let folder = folder(&[broken, ("p.scipp", "package p;\n")]);
    let files = ["check", "broken.scipp", "missing.scipp"];
    let out = scipp(folder.path(), &files, "");
    assert_eq!(status(&out), 2);
    assert!(
        text(&out.stderr).contains("error[E0206]"),
        "{}",
        text(&out.stderr)
    );
    for wrong in [
        &["check", "-I", "nowhere", "p.scipp"][..],
        &["gen", "--template", "nowhere", "--out", "out", "p.scipp"],
        &["breaking", "--accept", "nowhere.toml", "p.scipp", "p.scipp"],
        &["breaking", "git:main", "p.scipp"],
        &["breaking", "-", "-"],
        &["explain", "E9999"],
    ] {
        assert_eq!(status(&scipp(folder.path(), wrong, "")), 2, "{wrong:?}");
    }
}

#[test]
fn standard_input_is_read_by_every_subcommand() {
    let folder = folder(&[("shop/good.scipp", GOOD)]);
    for reader in READERS {
        // What is generated is not there yet, and JSON does not go with a text on standard output.
        let generates = reader.contains(&"gen");
        let mixes = reader == &["fmt", "--format", "json"];
        let expected = if mixes {
            2
        } else {
            i32::from(generates && reader.contains(&"--check"))
        };
        fs::remove_dir_all(folder.path().join("out")).unwrap_or_default();
        let out = scipp(folder.path(), &[reader, &["-"][..]].concat(), GOOD);
        let said = text(&out.stderr);
        assert_eq!(status(&out), expected, "{reader:?}: {said}");
    }
}

#[test]
fn json_has_what_was_done() {
    let folder = folder(&[("shop/good.scipp", GOOD), ("shop/cart.scipp", UGLY)]);
    let json = |words: &[&str]| -> serde_json::Value {
        let out = scipp(folder.path(), words, "");
        assert_eq!(text(&out.stderr), "", "{words:?}");
        serde_json::from_slice(&out.stdout).unwrap()
    };
    let found = json(&["fmt", "--check", "--format", "json", "shop"]);
    assert_eq!(found["changed"], serde_json::json!(["shop/cart.scipp"]));
    let path = "shop/good.scipp";
    let words = [
        "gen", "--lang", "rust", "--format", "json", "--out", "out", path,
    ];
    let found = json(&words);
    assert_eq!(
        (&found["unchanged"], &found["errors"]),
        (&0.into(), &0.into())
    );
    assert_eq!(found["written"].as_array().map(Vec::len), Some(3));
    assert_eq!(json(&words)["unchanged"], 3);
    let found = json(&[&words[..], &["--check"]].concat());
    assert_eq!(
        (&found["unchanged"], &found["missing"]),
        (&3.into(), &serde_json::json!([]))
    );
    let found = json(&[
        "gen", "--lang", "rust", "--format", "json", "--out", "o", "shop",
    ]);
    assert_eq!(found["diagnostics"][0]["code"], "E0206");
    assert_eq!(found.get("written"), None);
    let page = json(&["explain", "--format", "json", "e0206"]);
    assert_eq!(
        (&page["id"], &page["title"]),
        (&"E0206".into(), &"no such name".into())
    );
    let pages = json(&["explain", "--format", "json"]);
    assert!(pages.as_array().is_some_and(|all| all.len() > 150));
}

/// Runs the command below a shell, which knows how to spoil its surroundings.
#[cfg(unix)]
fn shell(folder: &Path, script: &str) -> (i32, String) {
    let script = script.replace("SCIPP", env!("CARGO_BIN_EXE_scipp"));
    let out = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .output()
        .unwrap();
    (status(&out), text(&out.stderr).to_owned())
}

/// Everything that writes to standard output.
#[cfg(unix)]
const PRINTERS: &[&str] = &[
    "check --format json shop",
    "check --diff shop",
    "check --fix - < shop/cart.scipp",
    "fmt --check shop",
    "fmt - < shop/good.scipp",
    "gen --lang rust --format json --out out shop/good.scipp",
    "model shop/good.scipp",
    "model --schema",
    "fingerprint --format json shop/good.scipp",
    "explain",
    "explain E0401",
    "explain field-removed",
    "breaking --format json shop/good.scipp shop/good.scipp",
];

#[cfg(unix)]
#[test]
fn nobody_has_to_read_what_is_printed() {
    let folder = folder(&[("shop/good.scipp", GOOD), ("shop/cart.scipp", UGLY)]);
    for printer in PRINTERS.iter().chain(&["--help", "check --help"]) {
        // The reader is gone before anything is written.
        let (_, said) = shell(
            folder.path(),
            &format!("(sleep 0.1; SCIPP {printer}; echo \"status $?\" >&2) | true"),
        );
        assert!(!said.contains("panicked"), "{printer}: {said}");
        assert!(!said.contains("error: cannot write"), "{printer}: {said}");
        assert!(
            said.ends_with("status 0\n") || said.ends_with("status 1\n"),
            "{printer}: {said}"
        );
        for closed in [">&-", "2>&-", "<&-"] {
            let (status, said) = shell(folder.path(), &format!("SCIPP {printer} {closed}"));
            assert!(status < 2 || closed == "<&-", "{printer} {closed}: {said}");
            assert!(!said.contains("panicked"), "{printer} {closed}: {said}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_below_standard_output_is_two() {
    let folder = folder(&[("shop/good.scipp", GOOD), ("shop/cart.scipp", UGLY)]);
    for printer in PRINTERS {
        let (status, said) = shell(folder.path(), &format!("SCIPP {printer} > /dev/full"));
        assert_eq!(status, 2, "{printer}: {said}");
        assert!(
            said.contains("error: cannot write standard output"),
            "{printer}: {said}"
        );
    }
}

/// A limit of the shell stands for a full disk, and for a folder that is not ours.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_two_and_stays_as_it_was() {
    let folder = folder(&[("shop/cart.scipp", UGLY), ("shop/good.scipp", GOOD)]);
    for writer in [
        "fmt shop",
        "fmt --format json shop",
        "check --fix shop",
        "gen --lang rust --out out shop/good.scipp",
    ] {
        let script = format!("trap '' XFSZ; ulimit -f 0; exec SCIPP {writer}");
        let (status, said) = shell(folder.path(), &script);
        assert_eq!(status, 2, "{writer}: {said}");
        assert!(said.contains("error: cannot write"), "{writer}: {said}");
        let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
        assert_eq!(
            (read("shop/cart.scipp"), read("shop/good.scipp")),
            (UGLY.into(), GOOD.into())
        );
        // No temporary file is left, and nothing is half written.
        assert_eq!(fs::read_dir(folder.path().join("shop")).unwrap().count(), 2);
        assert!(!folder.path().join("out/mod.rs").exists());
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = folder(&[("p.scipp", "package p;\nstruct S { a: Nope }\n")]);
    for words in [
        &["check", "p.scipp"][..],
        &["breaking", "p.scipp", "p.scipp"],
        &["explain", "E0206"],
        &["frobnicate"],
    ] {
        let out = scipp(folder.path(), words, "");
        assert!(!text(&out.stderr).contains('\u{1b}'), "{words:?}");
        assert!(!text(&out.stdout).contains('\u{1b}'), "{words:?}");
    }
}
