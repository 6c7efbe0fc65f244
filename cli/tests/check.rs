//! `scipp check` beyond the plain run: warnings that are denied or allowed, and mending.
#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]

mod desk;

use desk::{folder, scipp, status, text};
use std::fs;

/// A warning of two kinds: a name, and a context without a deadline.
const WARNED: &str = "package shop.feed;\n\nstruct Tick { lastPx: f64 }\ninterface Feed {\n    context watch() { yields Tick }\n}\n";

#[test]
fn warnings_can_be_denied_and_allowed() {
    let folder = folder(&[("shop/feed.scipp", WARNED)]);
    let check = |more: &[&str]| {
        let mut words = vec!["check", "shop/feed.scipp"];
        words.extend(more);
        let out = scipp(folder.path(), &words, "");
        let last = text(&out.stderr)
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned();
        (status(&out), last)
    };
    let said = |status, what: &str| (status, format!("checked 1 file: {what}"));
    assert_eq!(check(&[]), said(0, "no errors, 2 warnings"));
    assert_eq!(
        check(&["--allow", "W0003"]),
        said(0, "no errors, 1 warning")
    );
    assert_eq!(check(&["--allow", "W0003,W0006"]), said(0, "no errors"));
    assert_eq!(check(&["--allow", "warnings"]), said(0, "no errors"));
    assert_eq!(check(&["--deny", "W0003"]), said(1, "1 error, 1 warning"));
    assert_eq!(check(&["--deny", "warnings"]), said(1, "2 errors"));
    let mixed = ["--deny", "warnings", "--allow", "W0006"];
    assert_eq!(check(&mixed), said(1, "1 error"));
    let json = [&mixed[..], &["--format", "json"]].concat();
    let out = scipp(
        folder.path(),
        &[&["check", "shop/feed.scipp"], &json[..]].concat(),
        "",
    );
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["diagnostics"][0]["severity"], "error");
    assert_eq!(json["diagnostics"][0]["code"], "W0003");
}

#[test]
fn what_is_no_warning_can_be_neither_denied_nor_allowed() {
    let folder = folder(&[("shop/feed.scipp", WARNED)]);
    for (words, expected) in [
        (["--deny", "W0033"], "did you mean `W0003`?"),
        (["--deny", "warning"], "did you mean `warnings`?"),
        (["--allow", "E0206"], "is an error"),
    ] {
        let words = [&["check", "shop/feed.scipp"], &words[..]].concat();
        let out = scipp(folder.path(), &words, "");
        assert_eq!(status(&out), 2);
        assert!(
            text(&out.stderr).contains(expected),
            "{}",
            text(&out.stderr)
        );
    }
}

/// Two mistakes that can be mended, and one that cannot.
const MENDABLE: &str = "package shop.cart;\n\nstruct Line {\n    article: string\n    count: u32,\n    of: Nowhere,\n}\n";

const MENDED: &str = "package shop.cart;\n\nstruct Line {\n    article: str,\n    count: u32,\n    of: Nowhere,\n}\n";

#[test]
fn what_has_one_right_answer_is_mended() {
    let folder = folder(&[("shop/cart.scipp", MENDABLE)]);
    let read = || fs::read_to_string(folder.path().join("shop/cart.scipp")).unwrap();
    let out = scipp(folder.path(), &["check", "--diff", "shop/cart.scipp"], "");
    assert_eq!(status(&out), 1);
    assert!(
        text(&out.stdout).contains("+    article: str,\n"),
        "{}",
        text(&out.stdout)
    );
    assert_eq!(read(), MENDABLE);
    let out = scipp(folder.path(), &["check", "--fix", "shop/cart.scipp"], "");
    assert_eq!(status(&out), 1);
    let said = text(&out.stderr);
    assert!(
        said.ends_with("mended 2 mistakes in 1 file; checked 1 file: 1 error\n"),
        "{said}"
    );
    assert_eq!(read(), MENDED);
    let out = scipp(folder.path(), &["check", "--fix", "shop"], "");
    assert!(text(&out.stderr).contains("mended 0 mistakes in 0 files"));
    let out = scipp(
        folder.path(),
        &["check", "--diff", "--allow", "W0001", "shop"],
        "",
    );
    assert_eq!((status(&out), text(&out.stdout)), (1, ""));
}

#[test]
fn standard_input_is_mended_to_standard_output() {
    let folder = folder(&[]);
    let out = scipp(folder.path(), &["check", "--fix", "-"], MENDABLE);
    assert_eq!((status(&out), text(&out.stdout)), (1, MENDED));
    let out = scipp(
        folder.path(),
        &["check", "--fix", "--format", "json", "-"],
        MENDABLE,
    );
    assert_eq!(status(&out), 2);
}
