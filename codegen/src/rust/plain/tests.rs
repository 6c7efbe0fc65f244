//! The same text with and without `prettyplease`, for every schema of the repository that is right, and for random ones.
//!
//! The comparison itself is in the printer: `print::tests::assert_same` sees each item of a unit test that is written here.
#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]

use crate::rust::{Options, generate};
use scipp_idl::Input;
use std::path::Path;

/// Random schemas beside the files.
const SEEDS: u64 = 60;

#[test]
fn what_is_written_here_is_as_the_printer_writes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut inputs = vec![vec![Input::Folder(root.join("schemas"))]];
    for entry in std::fs::read_dir(root.join("tests/ui")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "scipp") {
            inputs.push(vec![Input::File(path)]);
        }
    }
    for seed in 0..SEEDS {
        let made = scipp_smith::schema(
            &mut scipp_smith::Choices::seed(seed),
            &scipp_smith::Size::default(),
        );
        let files = made.untidy_files(&mut scipp_smith::Choices::seed(!seed));
        inputs.push(
            files
                .into_iter()
                .map(|(name, text)| Input::Text { name, text })
                .collect(),
        );
    }
    let lines: usize = inputs.iter().map(|inputs| lines(inputs)).sum();
    assert!(lines > 10_000, "{lines}");
}

fn lines(inputs: &[Input]) -> usize {
    let checked = scipp_idl::check(inputs, &scipp_idl::Options::default());
    if checked.diagnostics.has_errors() {
        return 0;
    }
    let files = generate(&checked.schema, &Options::default());
    files.map_or(0, |files| {
        files.iter().map(|(_, text)| text.lines().count()).sum()
    })
}
