//! Fingerprints change with the bytes and with nothing else, and are those that the reference defines.
//!
//! `tests/fingerprint/edits.txt` lists edits of a schema and whose fingerprints they change. Each file of
//! `tests/fingerprint/vectors` has its canonical forms beside it, every text that is hashed included: test vectors for
//! other implementations. `SCIPP_BLESS=1 cargo test -p scipp-tests --test fingerprint` writes them; read the difference.

use scipp_idl::fingerprint::{Canonical, Form};
use scipp_idl::{Input, Options, Schema, check};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[test]
fn edits_change_what_they_say() {
    let base = read(&folder().join("base.scipp"));
    let before = fingerprints(&schema("base", &base));
    let list = read(&folder().join("edits.txt"));
    let (mut edits, mut failures) = (0, Vec::new());
    for block in list.split("\n## ").skip(1) {
        let (heading, lines) = block.split_once('\n').expect("lines below a heading");
        let (title, names) = heading.split_once(':').expect("a colon in a heading");
        let expected: BTreeSet<&str> = names.split_whitespace().collect();
        let mut text = base.clone();
        for line in lines.lines().take_while(|line| !line.starts_with('#')) {
            let Some((old, new)) = line.split_once(" =>") else {
                assert_eq!(line, "", "{title}");
                continue;
            };
            let (old, new) = (old.replace("\\n", "\n"), new.replace("\\n", "\n"));
            assert!(text.contains(&old), "{title}: `{old}` is not there");
            text = text.replace(&old, new.strip_prefix(' ').unwrap_or(&new));
        }
        assert_ne!(text, base, "{title}");
        let after = fingerprints(&schema(title, &text));
        let changed = before.iter().filter(|(name, old)| {
            // What has another name now is told by its absence.
            after.get(*name) != Some(old)
        });
        let changed: BTreeSet<&str> = changed.map(|(name, _)| name.as_str()).collect();
        if changed != expected {
            failures.push(format!(
                "{title}: expected {expected:?}, changed {changed:?}"
            ));
        }
        edits += 1;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(edits > 60, "only {edits} edits");
}

#[test]
fn vectors_are_as_they_were() {
    let bless = std::env::var_os("SCIPP_BLESS").is_some();
    let mut compared = 0;
    for path in vectors() {
        let schema = schema("vector", &read(&path));
        let shown = shown(&schema);
        let expected = path.with_extension("txt");
        if bless {
            std::fs::write(&expected, &shown).expect("a file that can be written");
        }
        assert_eq!(read(&expected), shown, "{}", path.display());
        compared += 1;
    }
    assert!(compared >= 6, "only {compared} vectors");
}

/// Whoever reads the vectors can check them with any SHA-256.
#[test]
fn vectors_are_hashes_of_what_they_show() {
    for path in vectors() {
        let text = read(&path.with_extension("txt"));
        for block in text.trim_end().split("\n\n") {
            let (head, form) = block.split_once('\n').expect("a text below its hash");
            let digest = Sha256::digest(form.as_bytes());
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            match head.strip_prefix('#') {
                Some(whole) => assert_eq!(whole, hash, "{}", path.display()),
                None => assert_eq!(
                    head.rsplit_once(' ').map(|it| it.1),
                    hash.get(..16),
                    "{head}"
                ),
            }
        }
    }
}

/// Forms share the items they name: work grows with the text of a schema, not with the paths through its types.
#[test]
fn shared_types_are_worked_out_once() {
    let mut text = String::from("package p;\nstruct T0 { a: str, b: str }\n");
    for at in 1..500 {
        let of = at - 1;
        text.push_str(&format!(
            "struct T{at} {{ a: T{of}, b: list<T{of}>, c: map<str, T{of}> }}\n"
        ));
    }
    text.push_str("interface I {\n");
    for at in 0..1000 {
        text.push_str(&format!("fn e{at}(a: T499, b: T498) -> list<T499>;\n"));
    }
    text.push('}');
    let canonical = Canonical::of(&schema("wide", &text));
    assert_eq!(canonical.forms.len(), 1001);
    let endpoint = &canonical.forms[1];
    assert!(endpoint.text.len() < 400, "{}", endpoint.text);
    let parts = canonical.parts(&endpoint.text, &mut BTreeSet::new());
    // A record, a list and a map of each, less those at the ends that nothing uses.
    assert!((1400..1500).contains(&parts.len()), "{}", parts.len());
}

/// Fingerprints by the name of an interface, and by that of an endpoint on the wire.
fn fingerprints(schema: &Schema) -> BTreeMap<String, String> {
    let forms = Canonical::of(schema).forms.into_iter();
    let name = |form: &Form| match form.endpoint {
        Some(_) => form.text.split('"').nth(1).expect("a name").to_owned(),
        None => form.interface.name.clone(),
    };
    forms.map(|form| (name(&form), form.fingerprint)).collect()
}

/// Each form below its name and fingerprint, each text that is hashed in one below its hash.
fn shown(schema: &Schema) -> String {
    let canonical = Canonical::of(schema);
    let mut blocks = Vec::new();
    let mut seen = BTreeSet::new();
    for form in &canonical.forms {
        let endpoint = form.endpoint.iter().map(|it| format!(".{it}"));
        let (interface, endpoint) = (&form.interface.name, endpoint.collect::<String>());
        blocks.push(format!(
            "{interface}{endpoint} {}\n{}\n",
            form.fingerprint, form.text
        ));
        for (hash, text) in canonical.parts(&form.text, &mut seen) {
            blocks.push(format!("#{hash}\n{text}\n"));
        }
    }
    blocks.join("\n")
}

fn schema(name: &str, text: &str) -> Schema {
    let input = Input::Text {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let checked = check(&[input], &Options::default());
    let shown = checked.diagnostics.render(&checked.sources, false);
    assert!(
        !checked.diagnostics.has_errors(),
        "{name}:\n{text}\n{shown}"
    );
    checked.schema
}

fn vectors() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("vectors")).expect("a folder of vectors");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "scipp"))
        .collect();
    found.sort();
    found
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fingerprint")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
