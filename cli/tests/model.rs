//! `scipp model` as users see it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use serde_json::Value;
use std::fs;
use std::process::{Command, Output};

#[test]
fn one_document_of_what_was_given_and_imported() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(
        folder.path().join("a/one.scipp"),
        "package a.one;\nuse a.two.{Two};\nstruct One { two: Two? }\n",
    )
    .unwrap();
    fs::write(
        folder.path().join("a/two.scipp"),
        "package a.two;\nstruct Two {}\n",
    )
    .unwrap();
    let out = scipp(folder.path(), &["a/one.scipp"]);
    assert_eq!(out.status.code(), Some(0));
    let model: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(model["format"], 1);
    let given: Vec<(&str, bool)> = model["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["given"].as_bool().unwrap()))
        .collect();
    assert_eq!(given, [("a.one", true), ("a.two", false)]);
    let item = &model["packages"][0]["items"][0];
    assert_eq!(item["kind"], "struct");
    assert_eq!(item["position"]["line"], 3);
    assert_eq!(item["fields"][0]["type"]["item"]["package"], "a.two");
}

#[test]
fn the_schema_of_the_document_is_printed() {
    let out = scipp(std::path::Path::new("."), &["--schema"]);
    assert_eq!(out.status.code(), Some(0));
    let schema: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(schema["title"], "Model");
}

#[test]
fn nothing_is_printed_of_a_broken_schema() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("p.scipp"),
        "package p;\nstruct S { a: Nope }\n",
    )
    .unwrap();
    let out = scipp(folder.path(), &["p.scipp"]);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(1), 0));
    assert_eq!(scipp(folder.path(), &[]).status.code(), Some(2));
}

fn scipp(folder: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scipp"))
        .arg("model")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}
