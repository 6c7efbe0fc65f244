//! What is generated, schema by schema: one snapshot for each file of `schemas/corpus` and `schemas/market`.
//!
//! The crate `scipp-golden` compiles the same output, with the examples of endpoints as code. That of most would be the
//! same again: it is here for the schemas about examples. After a wanted change: `cargo insta review`, or
//! `INSTA_UPDATE=always cargo test -p scipp-tests --test golden` and a look at the difference.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_codegen::rust::{Options, generate, packages_of};
use scipp_idl::Input;
use std::path::{Path, PathBuf};

#[test]
fn every_schema_of_the_corpus_has_its_snapshot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let schemas = [
        schemas_below(&root.join("schemas/corpus")),
        schemas_below(&root.join("schemas/market")),
    ]
    .concat();
    assert!(schemas.len() >= 60, "only {} schemas", schemas.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root.join("tests/golden/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for schema in schemas {
        let (package, text) = generated(&schema);
        settings.bind(|| insta::assert_snapshot!(package.replace('.', "__"), text));
    }
}

#[test]
fn the_same_schema_gives_the_same_bytes() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/market/feed.scipp");
    assert_eq!(generated(&schema), generated(&schema));
}

/// The package of a schema and the file that is generated for it.
fn generated(schema: &Path) -> (String, String) {
    let inputs = [Input::File(schema.to_path_buf())];
    let checked = scipp_idl::check(&inputs, &scipp_idl::Options::default());
    let shown = checked.diagnostics.render(&checked.sources, false);
    assert!(
        !checked.diagnostics.has_errors(),
        "{}:\n{shown}",
        schema.display()
    );
    let packages = packages_of(&checked, &inputs);
    let package = packages
        .first()
        .unwrap_or_else(|| panic!("no package in {}", schema.display()))
        .clone();
    let files = match generate(
        &checked.schema,
        &Options {
            packages,
            examples: package.starts_with("examples"),
            ..Options::default()
        },
    ) {
        Ok(files) => files,
        Err(problems) => panic!(
            "{}:\n{}",
            schema.display(),
            problems.render(&checked.sources, false)
        ),
    };
    let path = PathBuf::from(package.replace('.', "/"));
    // A module that cannot be called like the package has an underscore more.
    let other = PathBuf::from(format!("{}_.rs", path.display()));
    let places = [path.with_extension("rs"), path.join("mod.rs"), other];
    let text = places.iter().find_map(|path| files.get(path));
    (package, text.expect("a file for the package").to_owned())
}

fn schemas_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(schemas_below(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "scipp")
        {
            found.push(path);
        }
    }
    found
}
