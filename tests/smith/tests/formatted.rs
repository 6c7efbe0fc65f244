//! Formatting random schemas, neat and untidy, changes neither their model nor their fingerprints, and a second time nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_idl::format::format;
use scipp_idl::{Checked, Input, Options, check};
use scipp_smith::{Choices, Size, schema};
use serde_json::Value;
use std::path::PathBuf;

/// Schemas of one run, each in two ways.
const SEEDS: u64 = 200;

type Files = Vec<(String, String)>;

#[test]
fn formatting_keeps_the_model_and_is_done_after_once() {
    let mut changed = 0;
    for seed in 0..SEEDS {
        let made = schema(&mut Choices::seed(seed), &Size::default());
        let untidy = made.untidy_files(&mut Choices::seed(!seed));
        let neat = formatted(seed, &made.files());
        let tidied = formatted(seed, &untidy);
        changed += usize::from(tidied != untidy);
        let models = [made.files(), untidy, neat, tidied].map(|it| model(seed, &it));
        let [first, others @ ..] = models;
        for other in others {
            assert_eq!(first, other, "seed {seed}");
        }
    }
    assert!(changed * 100 > SEEDS as usize * 95, "{changed} changed");
}

/// The formatted texts. They are formatted again, which must not change them.
fn formatted(seed: u64, files: &Files) -> Files {
    let once = format_once(seed, files);
    let twice = format_once(seed, &once);
    for (one, two) in once.iter().zip(&twice) {
        assert_eq!(one, two, "seed {seed}: a second time");
    }
    once
}

fn format_once(seed: u64, files: &Files) -> Files {
    let formatted = format(&inputs(files));
    let problems = formatted.diagnostics.render(&formatted.sources, false);
    assert!(problems.is_empty(), "seed {seed}: {problems}");
    let paths = files.iter().map(|(path, _)| path.clone());
    let texts = formatted.texts.into_iter().map(|(_, text)| text);
    paths.zip(texts).collect()
}

fn inputs(files: &Files) -> Vec<Input> {
    let input = |(name, text): &(String, String)| Input::Text {
        name: name.clone(),
        text: text.clone(),
    };
    files.iter().map(input).collect()
}

/// The model without places, and with the arguments of foreign options without blanks: they are kept as they are written.
fn model(seed: u64, files: &Files) -> Value {
    let at = |path: &str| PathBuf::from("/smith").join(path);
    let overlay = files.iter().map(|(path, text)| (at(path), text.clone()));
    let options = Options {
        roots: vec![PathBuf::from("/smith")],
        overlay: overlay.collect(),
        ..Options::default()
    };
    let inputs: Vec<Input> = files
        .iter()
        .map(|(path, _)| Input::File(at(path)))
        .collect();
    let Checked {
        schema,
        diagnostics,
        ..
    } = check(&inputs, &options);
    assert!(!diagnostics.has_errors(), "seed {seed}");
    let mut model = serde_json::to_value(schema).unwrap();
    squeeze(&mut model);
    model
}

fn squeeze(model: &mut Value) {
    match model {
        Value::Array(values) => values.iter_mut().for_each(squeeze),
        Value::Object(entries) => {
            if let (2, Some(Value::String(args))) = (entries.len(), entries.get_mut("args")) {
                args.retain(|c| !c.is_whitespace());
                *args = args.trim_end_matches(',').to_owned();
            }
            entries.values_mut().for_each(squeeze);
        }
        _ => {}
    }
}
