//! The document that `scipp model` prints is what its JSON Schema says, for every good schema of the repository.
//!
//! `SCIPP_BLESS=1 cargo test -p scipp-tests --test model` writes `scipp-idl/model.schema.json` anew; read the difference, and
//! raise `FORMAT` where a key changes its meaning or goes away.

use scipp_idl::model::{JSON_SCHEMA, Model, json_schema};
use scipp_idl::{Input, Options, check};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What `kind` may say anywhere in the document.
const EVERY_KIND: &str = "
    alias const enum error ext interface message newtype struct union
    list map named optional param scalar tuple
    bool bytes duration float int member nil record str typed variant
    context fn gen
    grace never now
    field literal
";

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let text = format!("{:#}\n", json_schema());
    if std::env::var_os("SCIPP_BLESS").is_some() {
        std::fs::write(root().join("scipp-idl/model.schema.json"), &text).expect("a file");
    } else {
        assert_eq!(JSON_SCHEMA, text);
    }
}

#[test]
fn every_model_fits_the_schema() {
    let validator = jsonschema::validator_for(&json_schema()).expect("a JSON Schema");
    let mut files = schemas_below(&root().join("schemas"));
    files.extend(schemas_below(&root().join("tests/ui/ok")));
    files.extend(schemas_below(&root().join("tests/fingerprint/vectors")));
    let mut compared = 0;
    let mut kinds = BTreeSet::new();
    for path in files {
        let Some(model) = model(&path) else { continue };
        let failures: Vec<String> = validator
            .iter_errors(&model)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            failures.is_empty(),
            "{}:\n{}",
            path.display(),
            failures.join("\n")
        );
        collect_kinds(&model, &mut kinds);
        compared += 1;
    }
    assert!(compared > 40, "only {compared} schemas");
    // Each alternative is there at least once, or the comparison says little.
    let expected: BTreeSet<String> = EVERY_KIND.split_whitespace().map(str::to_owned).collect();
    assert_eq!(kinds, expected);
}

/// What the schema does not describe is refused: otherwise it would not be noticed when the document grows.
#[test]
fn drift_is_noticed() {
    let validator = jsonschema::validator_for(&json_schema()).expect("a JSON Schema");
    let good = model(&root().join("schemas/market/feed.scipp")).expect("a model");
    assert!(validator.is_valid(&good));
    let pointers = [
        "",
        "/packages/0",
        "/packages/0/position",
        "/packages/0/options",
        "/packages/1/items/0",
        "/packages/1/items/2",
        "/packages/1/items/2/fields/0",
        "/packages/1/items/2/fields/0/type",
        "/packages/1/items/2/fields/0/constraints",
    ];
    for pointer in pointers {
        let mut more = good.clone();
        let object = more.pointer_mut(pointer).and_then(Value::as_object_mut);
        object.expect(pointer).insert("more".into(), json!(1));
        assert!(!validator.is_valid(&more), "{pointer} takes another key");
        let keys: Vec<String> = good
            .pointer(pointer)
            .and_then(Value::as_object)
            .expect(pointer)
            .keys()
            .cloned()
            .collect();
        for key in keys {
            let mut less = good.clone();
            let object = less.pointer_mut(pointer).and_then(Value::as_object_mut);
            object.expect(pointer).remove(&key);
            assert!(!validator.is_valid(&less), "{pointer} does without {key}");
        }
    }
}

#[test]
fn each_key_is_documented() {
    fn undocumented(schema: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (key, value) in properties {
                let constant = value.get("const").is_some();
                if !constant && value.get("description").is_none() {
                    found.push(format!("{at}/{key}"));
                }
            }
        }
        match schema {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| undocumented(value, &format!("{at}/{key}"), found)),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .for_each(|(key, value)| undocumented(value, &format!("{at}/{key}"), found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    undocumented(&json_schema(), "", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// An interface has the endpoints that it takes over, each once.
#[test]
fn endpoints_that_are_taken_over_are_there() {
    let text = "package p;\ninterface A { fn a(); }\ninterface B extends A { fn b(); }\n\
                interface C extends A, B { fn c(); }\n";
    let model = model_of(Input::Text {
        name: "p".into(),
        text: text.into(),
    })
    .expect("a model");
    let endpoints = model["packages"][0]["items"][2]["endpoints"]
        .as_array()
        .expect("endpoints");
    let names: Vec<(&str, &str)> = endpoints
        .iter()
        .filter_map(|it| Some((it["name"].as_str()?, it["declared_in"]["name"].as_str()?)))
        .collect();
    assert_eq!(names, [("c", "C"), ("a", "A"), ("b", "B")]);
}

fn collect_kinds(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("kind").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect_kinds(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_kinds(value, found)),
        _ => {}
    }
}

/// The model of a file, unless it is one of several that only check together.
fn model(path: &Path) -> Option<Value> {
    model_of(Input::File(path.to_owned()))
}

fn model_of(input: Input) -> Option<Value> {
    let checked = check(&[input], &Options::default());
    let given = checked.schema.packages.keys().cloned().collect();
    let model = Model::of(&checked.schema, &checked.sources, &given);
    let text = serde_json::to_string(&model).expect("JSON");
    let complete = !checked.diagnostics.has_errors();
    complete.then(|| serde_json::from_str(&text).expect("JSON"))
}

fn schemas_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(schemas_below(&path));
        } else if path.extension().is_some_and(|it| it == "scipp") {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
