//! Every schema that is made is valid, neat and untidy, and together they use every construct.

use scipp_idl::{Diagnostic, Input, Options, Severity, check, diagnostic};
use scipp_smith::{CONSTRUCTS, Choices, Size, census, schema};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Schemas of one run.
const SEEDS: u64 = 2_000;

#[test]
fn every_schema_is_valid_and_together_they_use_every_construct() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        let made = schema(&mut Choices::seed(seed), &size(seed));
        must_be_valid(seed, made.files());
        must_be_valid(seed, made.untidy_files(&mut Choices::seed(!seed)));
        for (construct, count) in census(&made) {
            assert!(CONSTRUCTS.contains(&construct), "{construct}");
            *counts.entry(construct).or_default() += count;
        }
    }
    let never = CONSTRUCTS.iter().filter(|it| !counts.contains_key(*it));
    assert_eq!(never.collect::<Vec<_>>(), Vec::<&&str>::new());
    let rare: Vec<_> = counts.iter().filter(|it| *it.1 < 20).collect();
    assert!(rare.is_empty(), "hardly ever used: {rare:?}");
}

#[test]
fn bytes_make_schemas_too() {
    for bytes in [
        &b""[..],
        &[0xff; 40],
        b"some bytes that a fuzzer may have found",
        &[7; 5_000],
    ] {
        must_be_valid(
            0,
            schema(&mut Choices::bytes(bytes), &Size::default()).files(),
        );
    }
}

/// From tiny to large.
fn size(seed: u64) -> Size {
    match seed % 4 {
        0 => Size {
            packages: 1,
            items: 3,
            ..Size::default()
        },
        1 => Size {
            depth: 1,
            fields: 2,
            ..Size::default()
        },
        _ => Size::default(),
    }
}

fn must_be_valid(seed: u64, files: Vec<(String, String)>) {
    let at = |path: &str| PathBuf::from("/smith").join(path);
    let inputs: Vec<Input> = files
        .iter()
        .map(|(path, _)| Input::File(at(path)))
        .collect();
    let overlay = files
        .iter()
        .map(|(path, text)| (at(path), text.clone()))
        .collect();
    let options = Options {
        roots: vec![PathBuf::from("/smith")],
        overlay,
        ..Options::default()
    };
    let checked = check(&inputs, &options);
    let rendered = |it: &Diagnostic| diagnostic::render(it, &checked.sources, false);
    let all = checked.diagnostics.iter();
    let errors: Vec<String> = all
        .filter(|it| it.severity == Severity::Error)
        .map(rendered)
        .collect();
    assert!(errors.is_empty(), "seed {seed}:\n{}", errors.join("\n"));
}
