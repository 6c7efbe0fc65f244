//! `docs/protocol.md` is normative: the tests that it names exist, and the limits, features and lists that it has are those
//! of the code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use scipp_protocol::Feature;

#[test]
fn every_rule_has_tests_and_they_exist() {
    let sources: String = ["protocol/tests", "tests/tests/dialogs"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let rules: Vec<Vec<String>> = rows("## 5. Eight rules")
        .into_iter()
        .filter(|row| row[0].parse::<u8>().is_ok())
        .collect();
    assert_eq!(rules.len(), 8, "{rules:#?}");
    for rule in rules {
        let names = quoted(&rule[2]);
        assert!(!names.is_empty(), "rule {} names no test", rule[0]);
        for name in names {
            assert!(
                sources.contains(&format!("fn {name}(")),
                "docs/protocol.md, rule {}: expected a test named `{name}`, there is none",
                rule[0]
            );
        }
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    let documented: BTreeMap<String, String> = rows("## 11. Limits")
        .into_iter()
        .filter_map(|row| Some((quoted(&row[0]).pop()?, row[1].clone())))
        .collect();
    assert_eq!(documented, limits_of_the_code());
}

#[test]
fn the_features_are_those_of_the_code() {
    let documented: Vec<String> = rows("## 12. Native mode")
        .into_iter()
        .filter_map(|row| quoted(&row[1]).pop())
        .filter(|name| name.starts_with(|c: char| c.is_lowercase()))
        .collect();
    let built = Feature::ALL.map(|feature| feature.name().to_owned());
    assert_eq!(documented, built);
    let document = std::fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let offer = format!("\"features\": [\"{}\"]", built.join("\", \""));
    assert!(
        document.contains(&offer),
        "docs/protocol.md does not say {offer}"
    );
}

#[test]
fn the_lists_are_those_of_the_code() {
    let folder = root().join("protocol/src/wire/shuttle");
    let code = std::fs::read_to_string(folder.join("compact.rs")).unwrap();
    let reader = std::fs::read_to_string(folder.join("compact/read.rs")).unwrap();
    let numbers: BTreeMap<&str, &str> = code
        .lines()
        .filter_map(|line| line.strip_prefix("const ")?.strip_suffix(';'))
        .filter_map(|line| line.split_once(": u8 = "))
        .collect();
    let messages: Vec<Vec<String>> = rows("### Messages as lists")
        .into_iter()
        .filter(|row| row[0].parse::<u8>().is_ok())
        .collect();
    for (at, row) in messages.iter().enumerate() {
        let name = quoted(&row[1]).pop().unwrap();
        let constant: String = name
            .char_indices()
            .flat_map(|(at, c)| {
                let gap = (at > 0 && c.is_uppercase()).then_some('_');
                gap.into_iter().chain(c.to_uppercase())
            })
            .collect();
        assert_eq!(row[0], at.to_string());
        assert_eq!(
            numbers.get(constant.as_str()),
            Some(&row[0].as_str()),
            "{name}"
        );
        // Whatever follows the elements explains them.
        let elements = row[2].split(':').next().unwrap();
        let mut rest = reader.as_str();
        for element in quoted(elements) {
            let read = format!("(\"{element}\"");
            let (_, after) = rest
                .split_once(&read)
                .unwrap_or_else(|| panic!("{name}: `{element}` is not read, or in another place"));
            // They are read in the order of the list.
            rest = after;
        }
    }
    // No message is left out: the last of the code is the last of the document.
    assert!(code.contains(&format!(": u8 = {};", messages.len() - 1)));
    assert!(!code.contains(&format!(": u8 = {};", messages.len())));
}

/// Each field of `Limits`, with what its documentation says after "Default".
fn limits_of_the_code() -> BTreeMap<String, String> {
    let code = std::fs::read_to_string(root().join("protocol/src/limits.rs")).unwrap();
    let (_, fields) = code.split_once("pub struct Limits {").unwrap();
    let (fields, _) = fields.split_once("\n}").unwrap();
    let mut found = BTreeMap::new();
    let mut text = String::new();
    for line in fields.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            text += comment;
        } else if let Some(field) = line.strip_prefix("pub ") {
            let (name, _) = field.split_once(':').unwrap();
            let (_, default) = text.split_once("Default ").unwrap_or_else(|| {
                panic!("`{name}` in protocol/src/limits.rs says no default");
            });
            let end = default.find([':', '.', ';']).unwrap();
            let default = default[..end].trim();
            let default = default.split(", which").next().unwrap();
            found.insert(name.to_owned(), default.to_owned());
            text.clear();
        }
    }
    found
}

/// The cells of the tables below a heading, up to the next one.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let document = std::fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let (_, section) = document
        .split_once(heading)
        .unwrap_or_else(|| panic!("docs/protocol.md has no section `{heading}`"));
    section
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| {
            line.trim_end_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

/// What stands between back-ticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
