//! `scipp breaking` as users call it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const OLD: &str = "package a;\n\nstruct S { x: u8, y: u8? }\ninterface I { fn f(s: S) -> S; }\n";
const COMPATIBLE: &str =
    "package a;\n\nstruct S { x: u8, y: u8?, z: u8? }\ninterface I { fn f(s: S) -> S; }\n";
const BREAKING: &str =
    "package a;\n\nstruct S { x: u16, y: u8? }\ninterface I { fn f(s: S) -> S; }\n";

struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn scipp(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scipp"));
        finished(command.current_dir(self.path()).args(args))
    }

    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        let who = [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "init.defaultBranch=main",
        ];
        let (status, _, said) = finished(command.current_dir(self.path()).args(who).args(args));
        assert_eq!(status, 0, "git {args:?}: {said}");
    }
}

fn finished(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("runs");
    (
        status.code().expect("an exit status"),
        String::from_utf8(stdout).expect("UTF-8"),
        String::from_utf8(stderr).expect("UTF-8"),
    )
}

#[test]
fn the_exit_status_tells() {
    let place = Place::new(&[
        ("old/a.scipp", OLD),
        ("good/a.scipp", COMPATIBLE),
        ("bad/a.scipp", BREAKING),
        ("wrong/a.scipp", "package a;\n\nstruct {}\n"),
    ]);
    assert_eq!(place.scipp(&["breaking", "old", "old"]).0, 0);
    assert_eq!(place.scipp(&["breaking", "old", "good"]).0, 0);
    assert_eq!(
        place.scipp(&["breaking", "old/a.scipp", "bad/a.scipp"]).0,
        1
    );
    let (status, _, said) = place.scipp(&["breaking", "old", "wrong"]);
    assert!(
        status == 2 && said.contains("the new version has 1 error"),
        "{said}"
    );
    assert_eq!(place.scipp(&["breaking", "old", "nowhere"]).0, 2);
    assert_eq!(place.scipp(&["breaking", "old"]).0, 2);
    assert_eq!(place.scipp(&["breaking", "-", "-"]).0, 2);
}

#[test]
fn targets_decide_what_fails() {
    let place = Place::new(&[
        ("old/a.scipp", OLD),
        (
            "new/a.scipp",
            &OLD.replace("y: u8?", "why: u8? @wire(\"y\")"),
        ),
    ]);
    assert_eq!(place.scipp(&["breaking", "old", "new"]).0, 0);
    assert_eq!(
        place
            .scipp(&["breaking", "old", "new", "--target", "wire,stock"])
            .0,
        0
    );
    assert_eq!(
        place
            .scipp(&["breaking", "old", "new", "--target", "wire,python"])
            .0,
        1
    );
    assert_eq!(
        place.scipp(&["breaking", "old", "new", "--target", "go"]).0,
        2
    );
}

#[test]
fn both_places_are_shown() {
    let place = Place::new(&[("old/a.scipp", OLD), ("new/a.scipp", BREAKING)]);
    let (_, _, said) = place.scipp(&["breaking", "old", "new"]);
    for part in [
        "BREAKING for wire: 1 change",
        "error[type-widened]: the type of `a.S.x` has changed from `u8` to `u16`",
        "old/a.scipp:3:12",
        "new/a.scipp:3:12",
        "breaks old callers with a new callee",
        "travels both ways: a.I.f.args, a.I.f.returns",
        "1 breaking",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert!(
        !said.contains('\u{1b}'),
        "colours where there is no terminal"
    );
}

#[test]
fn json_has_everything() {
    let place = Place::new(&[("old/a.scipp", OLD), ("new/a.scipp", BREAKING)]);
    let (status, printed, _) = place.scipp(&["breaking", "old", "new", "--format", "json"]);
    let document: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(status, 1);
    let change = &document["changes"][0];
    assert_eq!(change["rule"], "type-widened");
    assert_eq!(change["item"], "a.S.x");
    assert_eq!(change["verdicts"]["wire"], "breaking");
    assert_eq!(change["breaks"]["wire"]["old_callers"], true);
    assert_eq!(change["new"]["line"], 3);
    assert_eq!(document["failing_targets"], serde_json::json!(["wire"]));
}

#[test]
fn accepted_changes_do_not_fail_and_bad_entries_are_reported() {
    let entry = |item: &str, more: &str| {
        format!("[[accept]]\nrule = \"type-widened\"\nitem = \"{item}\"\n{more}\n")
    };
    let good = entry(
        "a.S.x",
        "reason = \"both sides go at once\"\nexpires = 9999-12-31",
    );
    let unused = entry("a.S.y", "reason = \"it was so\"\nexpires = 9999-12-31");
    let place = Place::new(&[
        ("old/a.scipp", OLD),
        ("new/a.scipp", BREAKING),
        ("good.toml", &(good.clone() + &unused)),
        (
            "expired.toml",
            &entry("a.S.x", "reason = \"for a while\"\nexpires = 2001-01-31"),
        ),
        ("reasonless.toml", &entry("a.S.x", "expires = 9999-12-31")),
        ("endless.toml", &entry("a.S.x", "reason = \"for ever\"")),
        ("unknown.toml", &good.replace("type-widened", "type-wider")),
        ("broken.toml", "[[accept]\n"),
        ("odd.toml", &(good + "owner = \"me\"\n")),
    ]);
    let run = |file: &str| place.scipp(&["breaking", "old", "new", "--accept", file]);
    let (status, _, said) = run("good.toml");
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("1 accepted")
            && said.contains("`a.S.y` is accepted, but there is no such change"),
        "{said}"
    );
    for (file, status, part) in [
        ("expired.toml", 1, "has expired"),
        ("reasonless.toml", 1, "without a reason"),
        ("endless.toml", 1, "without an end"),
        ("unknown.toml", 1, "there is no rule `type-wider`"),
        ("broken.toml", 2, "broken.toml"),
        ("odd.toml", 2, "owner"),
        ("missing.toml", 2, "missing.toml"),
    ] {
        let (found, _, said) = run(file);
        assert!(
            found == status && said.contains(part),
            "{file}: {found}\n{said}"
        );
    }
}

#[test]
fn the_old_version_can_be_a_commit() {
    let place = Place::new(&[
        (
            "schemas/a.scipp",
            "package a;\n\nuse b.{T};\n\ninterface I { fn f(t: T) -> T; }\n",
        ),
        ("schemas/b.scipp", "package b;\n\nstruct T { x: u8 }\n"),
    ]);
    place.git(&["init", "--quiet"]);
    place.git(&["add", "."]);
    place.git(&["commit", "--quiet", "-m", "first"]);
    place.git(&["tag", "v1"]);
    // Only the working tree has the other `b`: the import of the commit must be the commit's.
    place.write("schemas/b.scipp", "package b;\n\nstruct T { x: u16 }\n");
    place.write("schemas/c.scipp", "package c;\n\nstruct New { x: u16 }\n");
    for (old, new) in [
        ("git:HEAD", "schemas"),
        ("git:v1", "schemas/a.scipp"),
        ("git:v1:schemas", "schemas"),
        ("git:v1:schemas/a.scipp", "schemas/a.scipp"),
        ("git:HEAD", "."),
    ] {
        let (status, _, said) = place.scipp(&["breaking", old, new]);
        assert_eq!(status, 1, "{old} {new}: {said}");
        assert!(
            said.contains("`b.T.x` has changed from `u8` to `u16`"),
            "{old} {new}: {said}"
        );
        assert!(
            said.contains("/schemas/b.scipp:3:12"),
            "{old} {new}: {said}"
        );
    }
    assert_eq!(place.scipp(&["breaking", "schemas", "git:v1"]).0, 1);
    assert_eq!(place.scipp(&["breaking", "git:v1", "git:HEAD"]).0, 0);
    for (old, part) in [
        ("git:v2", "there is no commit `v2`"),
        ("git:", "names no commit"),
        ("git:--help", "names no commit"),
        ("git:v1:other", "no `.scipp` file at v1:other"),
        ("git:v1:../x", "not a path from the top"),
    ] {
        let (status, _, said) = place.scipp(&["breaking", old, "schemas"]);
        assert!(status == 2 && said.contains(part), "{old}: {status} {said}");
    }
    let outside = Place::new(&[("a.scipp", OLD)]);
    let path = outside.path().join("a.scipp");
    let (status, _, said) = place.scipp(&["breaking", "git:HEAD", path.to_str().expect("UTF-8")]);
    assert!(status == 2 && said.contains("git"), "{said}");
}

#[test]
fn rules_are_explained() {
    let place = Place::new(&[]);
    let (status, printed, _) = place.scipp(&["explain", "field-removed"]);
    assert!(status == 0 && printed.contains("*Instead:*"), "{printed}");
}
