//! `scipp gen --template` as users see it: the worked example, and what is said about templates that fail.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SHOP: &str = "\
//! A shop.
package shop.cart;
/// A line.
message Line { article: str, count: u32 = 1 }
interface Cart { fn add(line: Line); }
interface Stock { fn left(article: str) -> u32; }
";

#[test]
fn the_worked_example_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cache = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_scipp"))
        .args(["gen", "--template", "examples/templates/markdown"])
        .args([
            "--out",
            "examples/templates/output",
            "--check",
            "schemas/market",
        ])
        .current_dir(root)
        .env("XDG_CACHE_HOME", cache.path())
        .output()
        .unwrap();
    assert_eq!(said(&out), (0, "checked 3 files: up to date\n".to_owned()));
}

#[test]
fn names_say_how_often() {
    let folder = shop(&[
        ("t/index.txt.j2", "{{ generated }}\n{{ packages|length }}\n"),
        (
            "t/{package_path}.txt.j2",
            "{{ generated }}\n{{ package.doc }}\n",
        ),
        (
            "t/{interface_snake}/api.txt.j2",
            "{{ generated }}\n{% include '_head.j2' %}\n",
        ),
        (
            "t/_head.j2",
            "{{ interface.endpoints[0].args[0].type|spell(local=package.name) }}",
        ),
        ("t/{item}.txt.j2", "{{ generated }}\n{{ item.kind }}\n"),
        ("t/README.md", "not a template"),
    ]);
    assert_eq!(
        said(&generate(folder.path())),
        (0, "generated 7 files: 7 written, 0 unchanged\n".into())
    );
    let read = |name: &str| {
        let text = fs::read_to_string(folder.path().join("out").join(name)).unwrap();
        text.split_once('\n').unwrap().1.to_owned()
    };
    assert_eq!(read("index.txt"), "1\n");
    assert_eq!(read("shop/cart.txt"), "A shop.\n");
    assert_eq!(read("cart/api.txt"), "Line");
    assert_eq!(read("stock/api.txt"), "str");
    assert_eq!(read("Line.txt"), "message\n");

    // A template less: its output goes, what is not ours stays.
    fs::remove_file(folder.path().join("t/{item}.txt.j2")).unwrap();
    fs::write(folder.path().join("out/own.txt"), "mine").unwrap();
    let (status, text) = said(&generate(folder.path()));
    assert_eq!(
        (status, text.as_str()),
        (0, "generated 4 files: 0 written, 4 unchanged, 3 removed\n")
    );
    assert!(folder.path().join("out/own.txt").exists());
    // The same text again is told without rendering, an edited template is not.
    assert_eq!(
        said(&generate(folder.path())).1,
        "generated 4 files: 0 written, 4 unchanged\n"
    );
    fs::write(folder.path().join("t/_head.j2"), "x").unwrap();
    assert_eq!(
        said(&generate(folder.path())).1,
        "generated 4 files: 2 written, 2 unchanged\n"
    );
}

#[test]
fn what_fails_is_shown_at_its_line_and_nothing_is_written() {
    let endless = "{{ generated }}\n{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}\n";
    let large = "{{ generated }}\n{% for a in range(9999) %}{{ 'x' * 99999 }}{% endfor %}\n";
    let cases = [
        (
            "syntax",
            "{{ generated }}\n{% for %}\n",
            "t/{package}.txt.j2:2",
        ),
        (
            "undefined",
            "{{ generated }}\n{{ package.nmae }}\n",
            "t/{package}.txt.j2:2:4",
        ),
        (
            "unknown filter",
            "{{ generated }}\n{{ package.name|loud }}\n",
            "unknown filter",
        ),
        (
            "included",
            "{{ generated }}\n{% include '_part.j2' %}\n",
            "t/_part.j2:2:4",
        ),
        (
            "no such file",
            "{{ generated }}\n{% include '../../etc/passwd' %}\n",
            "template not found",
        ),
        (
            "wrong value",
            "{{ generated }}\n{{ package|spell }}\n",
            "t/{package}.txt.j2:2",
        ),
        (
            "wrong option",
            "{{ generated }}\n{{ 'a'|wrap(size=3) }}\n",
            "unknown keyword",
        ),
        ("endless", endless, "more than 10000000 steps"),
        ("large", large, "more than 67108864 bytes"),
        (
            "no mark",
            "{{ package.name }}\n",
            "does not say that it is generated",
        ),
    ];
    for (what, text, expected) in cases {
        let folder = shop(&[
            ("t/a.txt.j2", "{{ generated }}\n"),
            ("t/{package}.txt.j2", text),
            ("t/_part.j2", "first\n{{ interface.name }}\n"),
        ]);
        let (status, text) = said(&generate(folder.path()));
        assert_eq!(status, 1, "{what}: {text}");
        assert!(
            text.contains("error[E0806]") && text.contains(expected),
            "{what}: {text}"
        );
        assert!(text.contains("nothing generated"), "{what}: {text}");
        assert!(!folder.path().join("out").exists(), "{what}");
    }
}

#[test]
fn folders_that_are_none_are_said() {
    let head = "{{ generated }}\n";
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("t/readme.txt", "")], "no template in t has an output"),
        (&[("t/_only.j2", "")], "no template in t has an output"),
        (
            &[("t/{pakage}.j2", head)],
            "has the unknown placeholder `{pakage}`",
        ),
        (
            &[
                ("t/a{package_path}.j2", head),
                ("t/ashop/{item}.j2", head),
                ("t/ashop/line.j2", head),
            ],
            "two outputs have the name",
        ),
        (&[("other/a.j2", head)], "cannot use the templates in t"),
    ];
    for (files, expected) in cases {
        let folder = shop(files);
        let (status, text) = said(&generate(folder.path()));
        assert_eq!(status, 2, "{text}");
        assert!(
            text.contains("error[E0805]") && text.contains(expected),
            "{text}"
        );
    }
    let folder = shop(&[]);
    for wrong in [&["--template", "t", "--lang", "rust"][..], &[]] {
        let out = scipp(folder.path(), &[wrong, &["--out", "out", "shop"]].concat());
        assert_eq!(out.status.code(), Some(2));
    }
}

#[cfg(unix)]
#[test]
fn no_output_leaves_the_folder() {
    let folder = shop(&[("t/sub/a.txt.j2", "{{ generated }}\n")]);
    fs::create_dir(folder.path().join("out")).unwrap();
    fs::create_dir(folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", folder.path().join("out/sub")).unwrap();
    let (status, text) = said(&generate(folder.path()));
    assert_eq!(status, 2, "{text}");
    assert!(
        text.contains("a link leads out of the output folder"),
        "{text}"
    );
    assert_eq!(
        fs::read_dir(folder.path().join("elsewhere"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_file_of_somebody_else_stays() {
    let folder = shop(&[("t/a.txt.j2", "{{ generated }}\n"), ("out/a.txt", "mine\n")]);
    let (status, text) = said(&generate(folder.path()));
    assert!(
        status == 2 && text.contains("not generated by scipp"),
        "{text}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("out/a.txt")).unwrap(),
        "mine\n"
    );
}

fn shop(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [("shop/cart.scipp", SHOP)].iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn generate(folder: &Path) -> Output {
    scipp(folder, &["--template", "t", "--out", "out", "shop"])
}

fn scipp(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scipp"))
        .arg("gen")
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .output()
        .unwrap()
}

fn said(output: &Output) -> (i32, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}
