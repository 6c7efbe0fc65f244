//! The types of the protocol's own messages are generated from `schemas/scipp/shuttle.scipp` and committed. This says
//! whether the committed file is what the schema gives; `SCIPP_BLESS=1 cargo test -p scipp-tests --test shuttle_types`
//! writes it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_codegen::rust::{Layout, Options, generate};
use scipp_idl::Input;
use std::path::Path;
use std::{env, fs};

#[test]
fn the_committed_types_are_those_of_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let schema = root.join("schemas/scipp/shuttle.scipp");
    let checked = scipp_idl::check(&[Input::File(schema)], &scipp_idl::Options::default());
    assert!(
        checked.diagnostics.is_empty(),
        "{}",
        checked.diagnostics.render(&checked.sources, false)
    );
    let options = Options {
        support: "::scipp_codec::generated".parse().expect("a path"),
        command: "SCIPP_BLESS=1 cargo test -p scipp-tests --test shuttle_types".to_owned(),
        layout: Layout::Bare,
        ..Options::default()
    };
    let files = match generate(&checked.schema, &options) {
        Ok(files) => files,
        Err(problems) => panic!("{}", problems.render(&checked.sources, false)),
    };
    let generated = files.get("shuttle.rs").expect("the package's file");
    let committed = root.join("protocol/src/wire/shuttle/messages.rs");
    if env::var_os("SCIPP_BLESS").is_some_and(|value| value == "1") {
        fs::write(&committed, generated).expect("written");
    }
    let text = fs::read_to_string(&committed).expect("the committed file");
    assert!(
        text == generated,
        "{} is not what the schema gives: run this test with SCIPP_BLESS=1",
        committed.display()
    );
}
