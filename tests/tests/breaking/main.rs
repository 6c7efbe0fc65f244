//! Two versions of a schema, and what `scipp_idl::compat` says about them: a folder of `tests/breaking` each.
//!
//! `SCIPP_BLESS=1` rewrites the expectations. What a stock Python peer makes of the same versions is in `stock`.

mod pairs;
mod stock;

use scipp_idl::compat::{self, Change, Target};
use scipp_idl::{Input, Options, check};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[test]
fn each_pair_of_versions_is_judged_as_expected() {
    let bless = std::env::var_os("SCIPP_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut produced = BTreeSet::new();
    let mut to_callee = BTreeSet::new();
    let mut to_caller = BTreeSet::new();
    for case in cases() {
        let changes = compare(&case);
        for change in &changes {
            produced.insert(change.rule.id);
            to_callee.extend(change.to_callee.then_some(change.rule.id));
            to_caller.extend(change.to_caller.then_some(change.rule.id));
        }
        let text = describe(&changes);
        let path = case.join("expected");
        if bless {
            std::fs::write(&path, &text).expect("writable");
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in compat::rule::ALL {
        assert!(
            produced.contains(rule.id),
            "no case in tests/breaking produces `{rule}`"
        );
    }
    // What travels in one direction only, by what it is, and what belongs to no value.
    let one_way = |id: &str| {
        [
            "argument", "accepts", "started", "yields", "returns", "raises",
        ]
        .iter()
        .any(|word| id.starts_with(word))
    };
    for change in to_callee.symmetric_difference(&to_caller) {
        assert!(
            one_way(change) || OF_ENDPOINTS.contains(change),
            "the cases of `{change}` have it in one direction only"
        );
    }
}

/// Rules about endpoints, which are told where they begin.
const OF_ENDPOINTS: [&str; 0] = [];

#[test]
fn equal_versions_have_no_changes() {
    for case in cases() {
        for version in ["old", "new"] {
            let schema = load(&case, version);
            let changes = compat::compare(&schema, &schema).expect("small");
            assert!(
                changes.is_empty(),
                "{}: {}",
                case.display(),
                describe(&changes)
            );
        }
    }
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("breaking");
    let entries = std::fs::read_dir(root).expect("tests/breaking");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    cases.sort();
    assert!(cases.len() > 60, "the cases are gone");
    cases
}

fn compare(case: &Path) -> Vec<Change> {
    compat::compare(&load(case, "old"), &load(case, "new")).expect("small")
}

/// `old.scipp`, or all files of the folder `old`.
fn load(case: &Path, version: &str) -> scipp_idl::Schema {
    let one = case.join(format!("{version}.scipp"));
    let input = match std::fs::read_to_string(&one) {
        Ok(text) => Input::Text {
            name: one.display().to_string(),
            text,
        },
        Err(_) => Input::Folder(case.join(version)),
    };
    let checked = check(&[input], &Options::default());
    let said = checked.diagnostics.render(&checked.sources, false);
    assert!(
        !checked.diagnostics.has_errors(),
        "{}: {said}",
        case.display()
    );
    checked.schema
}

fn describe(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        writeln!(text, "{} {}", change.rule, change.item).expect("a string");
        writeln!(text, "    {}", change.message).expect("a string");
        for target in Target::ALL {
            let who = match target {
                Target::Wire => change.wire.who(),
                Target::Stock => change.stock.who(),
                _ => Vec::new(),
            };
            let uses_new = match target {
                Target::Wire => change.wire.new_callers_that_use_it,
                Target::Stock => change.stock.new_callers_that_use_it,
                _ => false,
            };
            write!(text, "    {target}: {}", change.verdict(target).name()).expect("a string");
            if !who.is_empty() {
                write!(text, ": {}", who.join(", ")).expect("a string");
            }
            if uses_new {
                write!(text, "; new callers that use it need a new callee").expect("a string");
            }
            text.push('\n');
        }
        if !change.uses.is_empty() {
            let uses: Vec<String> = change.uses.iter().map(ToString::to_string).collect();
            writeln!(text, "    through {}", uses.join(", ")).expect("a string");
        }
    }
    text
}

#[test]
fn the_documentation_has_each_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/breaking.md");
    let text = std::fs::read_to_string(&path).expect("docs/breaking.md");
    let (before, _) = text.split_once("<!-- rules -->\n").expect("the mark");
    let pages: Vec<String> = compat::rule::ALL.iter().map(compat::Rule::page).collect();
    let expected = format!("{before}<!-- rules -->\n\n{}", pages.join("\n"));
    if std::env::var_os("SCIPP_BLESS").is_some() {
        std::fs::write(&path, &expected).expect("writable");
    } else {
        assert!(
            text == expected,
            "docs/breaking.md differs from the rules: run with SCIPP_BLESS=1"
        );
    }
}
