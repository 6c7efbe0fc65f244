//! Any bytes as a source, and bytes that become a valid schema: they are checked, explained and formatted.

use scipp_idl::format::{Formatted, format};
use scipp_idl::{Checked, Input, Options, check};
use scipp_smith::{Choices, Size, schema};
use serde_json::Value;
use std::path::PathBuf;

/// Most bytes of text that diagnostics may come to, for a source of 64 KiB: 8 MiB.
const RENDERED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A valid source.
pub fn sample(choices: &mut Choices<'_>) -> Vec<u8> {
    let made = schema(choices, &SMALL);
    let files = made.files();
    files
        .into_iter()
        .next()
        .map(|(_, text)| text.into_bytes())
        .unwrap_or_default()
}

/// Small enough to be checked in a millisecond.
const SMALL: Size = Size {
    packages: 2,
    items: 12,
    fields: 6,
    endpoints: 5,
    depth: 3,
};

/// Any bytes: they are checked, explained and formatted without a panic, and what is formatted says the same and stays.
///
/// # Panics
///
/// If the compiler has a bug.
pub fn source(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let files = [("source.scipp".to_owned(), text.to_owned())];
    let before = texts(&files);
    let rendered = before.diagnostics.render(&before.sources, false);
    assert!(
        rendered.len() <= RENDERED_BYTES_MAX,
        "{} bytes",
        rendered.len()
    );
    let Some(once) = formatted(&files) else {
        return;
    };
    assert_eq!(
        formatted(&once).as_ref(),
        Some(&once),
        "formatting is not done after once"
    );
    let after = texts(&once);
    assert_eq!(
        before.diagnostics.errors(),
        after.diagnostics.errors(),
        "formatting changes the errors"
    );
    if !before.diagnostics.has_errors() {
        assert_eq!(model(before), model(after), "formatting changes the model");
    }
}

/// Bytes that are choices: the schema that they make is valid, and formatting keeps its model.
///
/// # Panics
///
/// If the compiler has a bug.
pub fn valid(bytes: &[u8]) {
    let (choices, style) = bytes.split_at(bytes.len() - bytes.len() / 3);
    let made = schema(&mut Choices::bytes(choices), &SMALL);
    let untidy = made.untidy_files(&mut Choices::bytes(style));
    let before = packages(&untidy);
    let rendered = before.diagnostics.render(&before.sources, false);
    assert!(
        !before.diagnostics.has_errors(),
        "a valid schema is refused:\n{rendered}"
    );
    let Some(once) = formatted(&untidy) else {
        panic!("a valid schema cannot be formatted");
    };
    assert_eq!(
        formatted(&once).as_ref(),
        Some(&once),
        "formatting is not done after once"
    );
    assert_eq!(
        model(before),
        model(packages(&once)),
        "formatting changes the model"
    );
}

/// Checks texts that may be anything.
fn texts(files: &[(String, String)]) -> Checked {
    check(&inputs(files), &Options::default())
}

/// Checks files that import each other.
fn packages(files: &[(String, String)]) -> Checked {
    let at = |path: &str| PathBuf::from("/fuzz").join(path);
    let options = Options {
        roots: vec![PathBuf::from("/fuzz")],
        overlay: files
            .iter()
            .map(|(path, text)| (at(path), text.clone()))
            .collect(),
        ..Options::default()
    };
    let inputs: Vec<Input> = files
        .iter()
        .map(|(path, _)| Input::File(at(path)))
        .collect();
    check(&inputs, &options)
}

fn inputs(files: &[(String, String)]) -> Vec<Input> {
    let input = |(name, text): &(String, String)| Input::Text {
        name: name.clone(),
        text: text.clone(),
    };
    files.iter().map(input).collect()
}

/// `None` if one of them has a syntax error.
fn formatted(files: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let Formatted {
        texts, diagnostics, ..
    } = format(&inputs(files));
    let defect = scipp_idl::code::FORMAT_DEFECT;
    assert!(
        diagnostics.iter().all(|it| it.code != defect),
        "formatting would lose something"
    );
    if texts.len() != files.len() {
        return None;
    }
    let names = files.iter().map(|(name, _)| name.clone());
    Some(names.zip(texts.into_iter().map(|(_, text)| text)).collect())
}

/// The model without places. The arguments of foreign options are kept as they are written, and looked away from.
fn model(checked: Checked) -> Value {
    let mut model = serde_json::to_value(checked.schema).unwrap_or_default();
    forget_arguments(&mut model);
    model
}

fn forget_arguments(model: &mut Value) {
    match model {
        Value::Array(values) => values.iter_mut().for_each(forget_arguments),
        Value::Object(entries) => {
            if entries.len() == 2 && entries.get("args").is_some_and(Value::is_string) {
                entries.remove("args");
            }
            entries.values_mut().for_each(forget_arguments);
        }
        _ => {}
    }
}
