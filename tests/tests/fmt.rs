//! How schemas are formatted: each `tests/fmt/NAME.scipp` beside its `NAME.formatted`, and the schemas of this repository,
//! which are formatted already.
//!
//! `SCIPP_BLESS=1 cargo test -p scipp-tests --test fmt` writes the results anew. Read the difference before it is kept.

use scipp_idl::format::format;
use scipp_idl::{Input, limits};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn sources_are_formatted_as_expected() {
    let rewrite = std::env::var_os("SCIPP_BLESS").is_some_and(|it| it == "1");
    let formatted = format(&[Input::Folder(PathBuf::from("fmt"))]);
    let problems = formatted.diagnostics.render(&formatted.sources, false);
    assert!(problems.is_empty(), "{problems}");
    assert!(!formatted.texts.is_empty());
    for (id, text) in &formatted.texts {
        let path = formatted.sources.get(*id).and_then(|it| it.path()).unwrap();
        let expected = path.with_extension("formatted");
        if rewrite {
            fs::write(&expected, text).unwrap();
        }
        let expected = fs::read_to_string(expected).unwrap_or_default();
        assert_eq!(&expected, text, "{}", path.display());
        assert_eq!(again(text), *text, "{}: a second time", path.display());
    }
}

fn again(text: &str) -> String {
    let name = "again".to_owned();
    let text = text.to_owned();
    let formatted = format(&[Input::Text { name, text }]);
    formatted.texts.into_iter().next().expect("no mistakes").1
}

#[test]
fn the_schemas_of_this_repository_are_formatted() {
    let formatted = format(&[Input::Folder(Path::new("../schemas").to_path_buf())]);
    let problems = formatted.diagnostics.render(&formatted.sources, false);
    assert!(problems.is_empty(), "{problems}");
    for (id, text) in &formatted.texts {
        let source = formatted.sources.get(*id).unwrap();
        assert_eq!(
            source.text(),
            text,
            "run `scipp fmt schemas` for {}",
            source.name()
        );
    }
}

#[test]
fn a_source_with_a_mistake_is_left_alone_and_the_others_are_not() {
    let input = |name: &str, text: &str| Input::Text {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let large = " ".repeat(limits::SOURCE_BYTES_MAX + 1);
    let formatted = format(&[
        input("bad", "package bad;\nstruct S { a i32 }\n"),
        input("large", &large),
        input("good", "package   good ;"),
    ]);
    let texts: Vec<_> = formatted
        .texts
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    assert_eq!(texts, ["package good;\n"]);
    let mut codes = String::new();
    for diagnostic in formatted.diagnostics.iter() {
        write!(codes, "{} ", diagnostic.code).unwrap();
    }
    assert_eq!(codes, "E0002 E0104 ");
}
