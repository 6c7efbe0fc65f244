//! The `scipp` command as users see it: what it prints, what it writes, its exit status.
#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]

mod desk;

use desk::{folder, scipp, status, text};
use std::fs;

const GOOD: &str =
    "package shop.cart;\n\n/// A line of a cart.\nstruct Line { article: str, count: u32 = 1 }\n";

/// Five mistakes of five kinds.
const BAD: &str = "package shop.bad;

struct Twice { a: i32, a: i32 }
struct Lost { of: Nowhere }
struct Endless { inner: Endless }
struct Wrong { count: u8 = 300 }
interface Shop {
    fn buy() raises Twice;
}
";

#[test]
fn a_good_schema_is_good() {
    let folder = folder(&[("shop/cart.scipp", GOOD)]);
    let out = scipp(folder.path(), &["check", "shop/cart.scipp"], "");
    assert_eq!((status(&out), text(&out.stdout)), (0, ""));
    assert_eq!(text(&out.stderr), "checked 1 file: no errors\n");
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let folder = folder(&[("shop/bad.scipp", BAD)]);
    let out = scipp(folder.path(), &["check", "shop/bad.scipp"], "");
    assert_eq!(status(&out), 1);
    insta::assert_snapshot!("five_mistakes", text(&out.stderr));
}

#[test]
fn codes_are_explained_and_listed() {
    let folder = folder(&[]);
    let out = scipp(folder.path(), &["explain", "e0401"], "");
    assert_eq!((status(&out), text(&out.stderr)), (0, ""));
    assert!(text(&out.stdout).starts_with("# E0401: members of a union"));
    let out = scipp(folder.path(), &["explain"], "");
    assert_eq!(status(&out), 0);
    for line in ["E0104  no colon", "W0001  an import", "E0801  two names"] {
        assert!(text(&out.stdout).contains(line), "{line}");
    }
}

#[test]
fn an_unknown_code_is_a_wrong_use_with_a_suggestion() {
    let folder = folder(&[]);
    for (asked, first) in [
        (
            "E04001",
            "E0401  members of a union that cannot be told apart",
        ),
        ("e0410", "E0401  "),
        ("E0420", "E0401  "),
        ("W9", "W0001  "),
        ("colon", "E0104  no colon between a name and its type"),
        ("field-remove", "field-removed  a field is removed"),
        ("pattern", "E0607  a pattern that is no regular expression"),
    ] {
        let out = scipp(folder.path(), &["explain", asked], "");
        assert_eq!((status(&out), text(&out.stdout)), (2, ""));
        let mut said = text(&out.stderr).lines();
        assert_eq!(
            said.next(),
            Some(&*format!("error: no code or rule `{asked}`"))
        );
        assert!(
            said.next()
                .is_some_and(|it| it.starts_with("help: did you mean "))
        );
        let line = said.next().unwrap_or_default().trim_start();
        assert!(line.starts_with(first), "{asked}: {line}");
        assert_eq!(said.last(), Some("help: `scipp explain` lists all of them"));
    }
    let out = scipp(folder.path(), &["explain", "xyzzy"], "");
    assert_eq!(
        text(&out.stderr),
        "error: no code or rule `xyzzy`\nhelp: `scipp explain` lists all of them\n"
    );
}

#[test]
fn diagnostics_are_json_for_tools() {
    let folder = folder(&[("shop/bad.scipp", BAD)]);
    let out = scipp(
        folder.path(),
        &["check", "--format", "json", "shop/bad.scipp"],
        "",
    );
    assert_eq!((status(&out), text(&out.stderr)), (1, ""));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["errors"], 5);
    let first = &report["diagnostics"][0];
    assert_eq!(
        (&first["severity"], &first["labels"][0]["line"]),
        (&"error".into(), &3.into())
    );
}

#[test]
fn a_dash_is_standard_input() {
    let folder = folder(&[]);
    let out = scipp(folder.path(), &["check", "-"], GOOD);
    assert_eq!(
        (status(&out), text(&out.stderr)),
        (0, "checked 1 file: no errors\n")
    );
    let out = scipp(
        folder.path(),
        &["check", "-"],
        "package p;\nstruct X { a: nope }\n",
    );
    assert_eq!(status(&out), 1);
    assert!(
        text(&out.stderr).contains("<stdin>:2:15"),
        "{}",
        text(&out.stderr)
    );
}

#[test]
fn imports_come_from_other_roots_too() {
    let import = "package app;\nuse shop.cart.{Line};\nstruct App { lines: list<Line> }\n";
    let folder = folder(&[("app.scipp", import), ("vendor/shop/cart.scipp", GOOD)]);
    let without = scipp(folder.path(), &["check", "app.scipp"], "");
    assert_eq!(status(&without), 1);
    assert!(
        text(&without.stderr).contains("error[E0203]"),
        "{}",
        text(&without.stderr)
    );
    let with = scipp(folder.path(), &["check", "-I", "vendor", "app.scipp"], "");
    assert_eq!(
        (status(&with), text(&with.stderr)),
        (0, "checked 2 files: no errors\n")
    );
    let args = [
        "gen",
        "--lang",
        "rust",
        "--out",
        "out",
        "-I",
        "vendor",
        "app.scipp",
    ];
    let shared = [&args[..], &["--extern", "shop.cart=::shop::cart"]].concat();
    assert_eq!(status(&scipp(folder.path(), &shared, "")), 0);
    let app = fs::read_to_string(folder.path().join("out/app.rs")).unwrap();
    assert!(app.contains("use ::shop::cart::Line;"), "{app}");
    assert!(!folder.path().join("out/shop").exists());
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = folder(&[]);
    let out = scipp(folder.path(), &["check", "missing.scipp"], "");
    assert_eq!(status(&out), 2);
    assert!(
        text(&out.stderr).contains("missing.scipp"),
        "{}",
        text(&out.stderr)
    );
}

#[test]
fn wrong_usage_is_status_two() {
    let folder = folder(&[("shop/cart.scipp", GOOD)]);
    for wrong in [
        &["check"][..],
        &["gen", "--lang", "rust", "shop/cart.scipp"],
        &["gen", "--lang", "cobol", "--out", "out", "shop/cart.scipp"],
        &["gen", "--lang", "python", "--out", "out", "shop/cart.scipp"],
        &[
            "gen",
            "--lang",
            "rust",
            "--out",
            "out",
            "--extern",
            "a",
            "shop/cart.scipp",
        ],
        &["frobnicate"],
        &[],
    ] {
        let out = scipp(folder.path(), wrong, "");
        assert_eq!(status(&out), 2, "{wrong:?}: {}", text(&out.stderr));
        assert!(!text(&out.stderr).is_empty());
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn other_languages_are_refused_by_name() {
    let folder = folder(&[("shop/cart.scipp", GOOD)]);
    let out = scipp(
        folder.path(),
        &[
            "gen",
            "--lang",
            "typescript",
            "--out",
            "out",
            "shop/cart.scipp",
        ],
        "",
    );
    assert_eq!(
        text(&out.stderr),
        "error: TypeScript is not supported yet; `--lang rust` and `--lang python-tractor` are\n"
    );
    let python = ["gen", "--lang", "python", "--out", "out", "shop/cart.scipp"];
    assert_eq!(
        text(&scipp(folder.path(), &python, "").stderr),
        "error: Python without tractor is not supported yet; `--lang python-tractor` and `--lang rust` are\n"
    );
}

#[test]
fn a_python_package_is_generated_and_checked() {
    let folder = folder(&[("shop/cart.scipp", GOOD)]);
    let run = |more: &[&str]| {
        let args = ["gen", "--lang", "python-tractor", "--out", "api"];
        let args = [&args, more, &["shop/cart.scipp"]].concat();
        scipp(folder.path(), &args, "")
    };
    let out = run(&[]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for file in [
        "__init__.py",
        "py.typed",
        "scipp_tractor.py",
        "shop/__init__.py",
        "shop/cart.py",
    ] {
        assert!(folder.path().join("api").join(file).is_file(), "{file}");
    }
    assert_eq!(run(&["--check"]).status.code(), Some(0));
    // What an earlier run has left goes; what is somebody's stays, empty or not.
    let old = folder.path().join("api/old.py");
    std::fs::write(&old, "# Generated by `scipp gen --lang python-tractor`:\n").unwrap();
    std::fs::create_dir(folder.path().join("api/own")).unwrap();
    let own = folder.path().join("api/own/__init__.py");
    std::fs::write(&own, "").unwrap();
    let out = run(&["--check"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stderr).contains("left over: api/old.py"),
        "{}",
        text(&out.stderr)
    );
    assert_eq!(run(&[]).status.code(), Some(0));
    assert!(!old.exists() && own.exists());
    // Options that mean nothing here are refused.
    for option in [["--examples", ""], ["--extern", "a=::b"]] {
        let option: Vec<&str> = option.into_iter().filter(|it| !it.is_empty()).collect();
        let out = run(&option);
        assert_eq!(out.status.code(), Some(2));
        assert!(
            text(&out.stderr).contains("is for `--lang rust`"),
            "{}",
            text(&out.stderr)
        );
    }
}

#[test]
fn generated_files_are_written_once() {
    let folder = folder(&[("shop/cart.scipp", GOOD)]);
    let args = ["gen", "--lang", "rust", "--out", "out", "shop/cart.scipp"];
    let first = scipp(folder.path(), &args, "");
    assert_eq!(
        (status(&first), text(&first.stderr)),
        (0, "generated 3 files: 3 written, 0 unchanged\n")
    );
    let text_of = |path: &str| fs::read_to_string(folder.path().join("out").join(path)).unwrap();
    assert!(text_of("shop/cart.rs").contains("pub struct Line"));
    assert!(text_of("mod.rs").ends_with("pub mod shop;\n"));
    let again = scipp(folder.path(), &args, "");
    assert_eq!(
        text(&again.stderr),
        "generated 3 files: 0 written, 3 unchanged\n"
    );

    fs::remove_file(folder.path().join("shop/cart.scipp")).unwrap();
    fs::write(
        folder.path().join("shop/other.scipp"),
        "package shop.other;\nstruct X {}\n",
    )
    .unwrap();
    let moved = scipp(
        folder.path(),
        &["gen", "--lang", "rust", "--out", "out", "shop"],
        "",
    );
    assert_eq!(
        text(&moved.stderr),
        "generated 3 files: 2 written, 1 unchanged, 1 removed\n"
    );
    assert!(!folder.path().join("out/shop/cart.rs").exists());
}

#[test]
fn nothing_is_written_when_anything_is_wrong() {
    let folder = folder(&[("shop/cart.scipp", GOOD), ("shop/bad.scipp", BAD)]);
    let out = scipp(
        folder.path(),
        &["gen", "--lang", "rust", "--out", "out", "shop"],
        "",
    );
    assert_eq!(status(&out), 1);
    assert!(
        text(&out.stderr).contains("nothing generated: 5 errors"),
        "{}",
        text(&out.stderr)
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_file_of_somebody_else_stays() {
    let folder = folder(&[("shop/cart.scipp", GOOD), ("out/mod.rs", "mod mine;\n")]);
    let out = scipp(
        folder.path(),
        &["gen", "--lang", "rust", "--out", "out", "shop/cart.scipp"],
        "",
    );
    assert_eq!(status(&out), 2);
    assert!(
        text(&out.stderr).contains("not generated by scipp"),
        "{}",
        text(&out.stderr)
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("out/mod.rs")).unwrap(),
        "mod mine;\n"
    );
}

#[test]
fn an_output_folder_that_cannot_be_written_is_said() {
    let folder = folder(&[("shop/cart.scipp", GOOD), ("out", "a file, no folder")]);
    let out = scipp(
        folder.path(),
        &["gen", "--lang", "rust", "--out", "out", "shop/cart.scipp"],
        "",
    );
    assert_eq!(status(&out), 2);
    assert_eq!(
        text(&out.stderr),
        "error: cannot write below `out`: it is no folder; choose another one\n"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("out")).unwrap(),
        "a file, no folder"
    );
}

#[test]
fn help_has_examples() {
    let folder = folder(&[]);
    for command in ["check", "fmt", "gen"] {
        let out = scipp(folder.path(), &[command, "--help"], "");
        assert_eq!(status(&out), 0);
        assert!(
            text(&out.stdout).contains("Examples:") && text(&out.stdout).contains("Exit status:")
        );
    }
}

#[test]
fn formatting_is_in_place_and_leaves_mistakes_alone() {
    let ugly = "package shop.cart;\nstruct  Line{article:str}\n";
    let pretty = "package shop.cart;\n\nstruct Line { article: str }\n";
    let files = [
        ("shop/cart.scipp", ugly),
        ("shop/bad.scipp", "package shop.bad;\nstruct {\n"),
    ];
    let folder = folder(&files);
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();

    let out = scipp(folder.path(), &["fmt", "--check", "shop"], "");
    assert_eq!(status(&out), 1);
    assert_eq!(
        text(&out.stdout),
        "--- shop/cart.scipp\n+++ shop/cart.scipp (formatted)\n@@ -1,2 +1,3 @@\n package shop.cart;\n\
         -struct  Line{article:str}\n+\n+struct Line { article: str }\n"
    );
    assert_eq!(read("shop/cart.scipp"), ugly);

    let out = scipp(folder.path(), &["fmt", "shop"], "");
    assert_eq!(status(&out), 1);
    assert!(
        text(&out.stderr).contains("shop/bad.scipp:2"),
        "{}",
        text(&out.stderr)
    );
    assert!(text(&out.stderr).ends_with("formatted 1 file: 1 changed\n"));
    assert_eq!(read("shop/cart.scipp"), pretty);
    assert_eq!(read("shop/bad.scipp"), files[1].1);
    assert_eq!(fs::read_dir(folder.path().join("shop")).unwrap().count(), 2);

    let place = folder.path().join("shop/cart.scipp");
    let before = fs::metadata(&place).unwrap().modified().unwrap();
    let out = scipp(folder.path(), &["fmt", "shop/cart.scipp"], "");
    assert_eq!(
        (status(&out), text(&out.stderr)),
        (0, "formatted 1 file: 0 changed\n")
    );
    assert_eq!(fs::metadata(&place).unwrap().modified().unwrap(), before);
    let out = scipp(folder.path(), &["fmt", "--check", "shop/cart.scipp"], "");
    assert_eq!((status(&out), text(&out.stdout)), (0, ""));
}

#[test]
fn a_dash_formats_standard_input_to_standard_output() {
    let folder = folder(&[]);
    let out = scipp(folder.path(), &["fmt", "-"], "package  p ;");
    assert_eq!(
        (status(&out), text(&out.stdout), text(&out.stderr)),
        (0, "package p;\n", "")
    );
    let out = scipp(folder.path(), &["fmt", "-"], "package");
    assert_eq!((status(&out), text(&out.stdout)), (1, ""));
    assert!(text(&out.stderr).contains("<stdin>"));
}

#[cfg(unix)]
#[test]
fn formatting_keeps_links_and_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("a.scipp", "package  a;")]);
    let (file, link) = (folder.path().join("a.scipp"), folder.path().join("b.scipp"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("a.scipp", &link).unwrap();
    assert_eq!(status(&scipp(folder.path(), &["fmt", "b.scipp"], "")), 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "package a;\n");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o640
    );
}
