//! Every schema of the repository, as it is and disarranged.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use super::format;
use super::same::same;
use super::tokens::{Comment, Kind, tokens};
use crate::{Input, Options};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

fn formatted(text: &str) -> Option<String> {
    let name = "p".to_owned();
    let text = text.to_owned();
    let formatted = format(&[Input::Text { name, text }]);
    let defects = formatted
        .diagnostics
        .iter()
        .filter(|it| it.code == crate::code::FORMAT_DEFECT);
    assert_eq!(defects.count(), 0, "a defect of the formatter");
    formatted.texts.into_iter().next().map(|(_, text)| text)
}

/// Formats twice, and looks at what came.
fn check(text: &str) -> Option<String> {
    let once = formatted(text)?;
    assert!(same(text, &once), "{text}\n--- became\n{once}");
    let twice = formatted(&once).unwrap_or_else(|| panic!("{text}\n--- became\n{once}"));
    assert!(
        once == twice,
        "{text}\n--- became\n{once}\n--- and then\n{twice}"
    );
    Some(once)
}

/// Every `.scipp` file of the repository.
static FILES: LazyLock<Vec<(PathBuf, String)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    let mut folders = ["schemas", "tests", "examples"]
        .map(|it| root.join(it))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "scipp") {
                let bytes = std::fs::read(&path).unwrap();
                files.extend(String::from_utf8(bytes).ok().map(|text| (path, text)));
            }
        }
    }
    files.sort();
    files
});

#[test]
fn every_schema_keeps_what_it_says_and_its_second_formatting_changes_nothing() {
    let done = FILES.iter().filter(|(_, text)| check(text).is_some());
    assert!(done.count() > 50);
}

/// The model of a text with what its imports bring, as text. Places are not in it.
fn model(path: &Path, text: Option<String>) -> String {
    let overlay = text
        .map(|text| (path.to_path_buf(), text))
        .into_iter()
        .collect();
    let options = Options {
        overlay,
        ..Options::default()
    };
    let checked = crate::check(&[Input::File(path.to_path_buf())], &options);
    assert!(!checked.diagnostics.has_errors(), "{}", path.display());
    let text = serde_json::to_string_pretty(&checked.schema).unwrap();
    // Spans are the only numbers of bytes in the model.
    let is_place = |line: &&str| !line.contains("\"start\"") && !line.contains("\"end\"");
    text.lines()
        .filter(is_place)
        .fold(String::new(), |mut all, line| {
            writeln!(all, "{line}").unwrap();
            all
        })
}

#[test]
fn a_formatted_schema_has_the_same_model_and_fingerprints() {
    let good = FILES.iter().filter(|(path, _)| {
        path.components().any(|it| it.as_os_str() == "schemas")
            && !path.components().any(|it| it.as_os_str() == "outside")
    });
    let mut count = 0;
    for (path, text) in good {
        let text = formatted(text).unwrap();
        assert_eq!(
            model(path, None),
            model(path, Some(text)),
            "{}",
            path.display()
        );
        count += 1;
    }
    assert!(count > 30);
}

/// What takes the place of the blanks and comments between two tokens.
#[derive(Debug, Clone, Copy)]
enum Between {
    AsItIs,
    Nothing,
    Lines,
    Line(&'static str),
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        12 => Just(Between::AsItIs),
        6 => Just(Between::Nothing),
        2 => Just(Between::Lines),
        1 => Just(Between::Line(" // behind\n ")),
        1 => Just(Between::Line("\n // alone\n ")),
        1 => Just(Between::Line("\n\n  // parted\n\n ")),
        1 => Just(Between::Line(" /* inside */ ")),
        1 => Just(Between::Line("\n /* first */ ")),
        1 => Just(Between::Line(" /* last */\n ")),
        1 => Just(Between::Line(" /* on\n   two */ ")),
        1 => Just(Between::Line("\n/* whole */\n ")),
        1 => Just(Between::Line(" /* one */ /* two */ // three\n // four\n\n // five\n ")),
    ]
}

fn disarrange(text: &str, changes: &[Between]) -> String {
    let all = tokens(text);
    let mut changed = String::new();
    let mut end = 0;
    for (token, change) in all.iter().zip(changes.iter().cycle()) {
        let gap = text.get(end..token.start).unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '"';
        let glued = changed.ends_with(is_word) && token.text.starts_with(is_word)
            || changed.ends_with('.') && token.text.starts_with('.');
        let had: &[Comment<'_>] = &token.leading;
        let is_doc = token.kind == Kind::Doc;
        match change {
            Between::AsItIs => changed.push_str(gap),
            Between::Nothing if glued => changed.push(' '),
            Between::Nothing if changed.is_empty() || is_doc || !had.is_empty() => {
                changed.push_str(gap);
            }
            Between::Nothing => {}
            Between::Lines => changed.push_str("\n \n \n  "),
            Between::Line(text) => changed.push_str(text),
        }
        if (is_doc || text.get(..end).is_some_and(ends_with_doc)) && !changed.ends_with(['\n', ' '])
        {
            changed.push('\n');
        }
        changed.push_str(token.text);
        if is_doc {
            changed.push('\n');
        }
        end = token.start + token.text.len();
    }
    changed
}

fn ends_with_doc(text: &str) -> bool {
    text.lines()
        .next_back()
        .is_some_and(|line| line.trim_start().starts_with("//"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_disarranged_schema_keeps_what_it_says(
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec(between(), 200..400),
    ) {
        let (_, text) = index.get(&FILES);
        prop_assume!(formatted(text).is_some());
        check(&disarrange(text, &changes));
    }
}

#[test]
fn disarranged_schemas_are_still_schemas() {
    let all = FILES
        .iter()
        .filter_map(|(_, text)| Some((text, formatted(text)?)));
    let mut lost = 0;
    let mut kept = 0;
    for (text, expected) in all {
        match formatted(&disarrange(text, &[Between::Line(" /* x */ ")])) {
            Some(_) => kept += 1,
            None => lost += 1,
        }
        if !text.contains("//") {
            let joined = formatted(&disarrange(text, &[Between::Nothing]));
            let tokens_of = |text: &str| tokens(text).len();
            assert!(tokens_of(&joined.unwrap()) <= tokens_of(&expected) + 1);
        }
    }
    assert!(kept > 20 * lost, "{kept} kept, {lost} lost");
}
