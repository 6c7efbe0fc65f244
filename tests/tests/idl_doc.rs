//! The examples of the language reference, `docs/idl.md`, do what it says.
//!
//! Each block that begins with ```` ```scipp ```` is checked. It is a package, or the items of one. Behind a comma stands
//! what is special about it:
//! - `error=E0123`: it gives this code and nothing else; without it, not even a warning;
//! - `file=a/b.scipp`: it is that file, and the blocks marked so are checked together;
//! - `with=market`: the declarations of [`MARKET`] are added;
//! - `canonical`: the canonical form of its only endpoint is the next block, marked ```` ```canonical ````, and what is
//!   hashed inside of it the one behind that, marked ```` ```parts ````.

use scipp_idl::fingerprint::{Canonical, Form};
use scipp_idl::{Checked, Input, Options, check, code};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const REFERENCE: &str = include_str!("../../docs/idl.md");

/// What the examples about interfaces are about.
const MARKET: &str = "
newtype Symbol = str;
message Quote { bid: decimal }
message Halt {}
message Follow { symbols: list<Symbol> }
message Summary { ticks: u64 }
error UnknownSymbol { symbol: Symbol }
error Throttled { retry_in: duration }
";

/// A block of the reference.
struct Block {
    /// Line of its first mark, from 1.
    line: usize,
    /// What stands behind the mark.
    info: String,
    text: String,
}

impl Block {
    fn marked(&self, name: &str) -> Option<&str> {
        let marks = self.info.split(',').skip(1);
        let mut found = marks.filter_map(|mark| {
            let (key, value) = mark.split_once('=').unwrap_or((mark, ""));
            (key == name).then_some(value)
        });
        found.next()
    }

    /// The block as a whole file.
    fn whole(&self) -> String {
        let own = self.text.lines().any(|line| line.starts_with("package "));
        let head = if own { "" } else { "package example;\n" };
        let tail = self.marked("with").map_or("", |_| MARKET);
        format!("{head}{}{tail}", self.text)
    }

    fn check(&self) -> Checked {
        let name = format!("docs/idl.md, line {}", self.line);
        let text = self.whole();
        check(&[Input::Text { name, text }], &Options::default())
    }
}

#[test]
fn each_example_does_what_the_reference_says() {
    let mut failures = Vec::new();
    let blocks = blocks();
    let single = |block: &&Block| is_scipp(block) && block.marked("file").is_none();
    for block in blocks.iter().filter(single) {
        let checked = block.check();
        let came: BTreeSet<&str> = checked.diagnostics.iter().map(|it| it.code.id).collect();
        let expected: BTreeSet<&str> = block.marked("error").into_iter().collect();
        if came != expected {
            failures.push(format!(
                "line {}: expected {expected:?}, came {came:?}\n{}",
                block.line,
                checked.diagnostics.render(&checked.sources, false)
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(blocks.iter().filter(single).count() > 20);
}

#[test]
fn the_files_of_the_reference_fit_together() {
    let files: BTreeMap<PathBuf, String> = blocks()
        .iter()
        .filter(|block| is_scipp(block))
        .filter_map(|block| {
            let path = Path::new("root").join(block.marked("file")?);
            Some((path, block.text.clone()))
        })
        .collect();
    assert!(files.len() > 2);
    let texts = files.values().map(|text| Input::Text {
        name: "docs/idl.md".into(),
        text: text.clone(),
    });
    let options = Options {
        roots: vec!["root".into()],
        overlay: files.clone(),
        ..Options::default()
    };
    // Each on its own finds the others where the reference says that they lie.
    for text in texts {
        let checked = check(&[text], &options);
        let shown = checked.diagnostics.render(&checked.sources, false);
        assert!(shown.is_empty(), "{shown}");
    }
}

#[test]
fn canonical_forms_are_as_the_reference_says() {
    let blocks = blocks();
    let mut compared = 0;
    for (at, block) in blocks.iter().enumerate() {
        if !is_scipp(block) || block.marked("canonical").is_none() {
            continue;
        }
        let form = &blocks[at + 1];
        assert_eq!(form.info, "canonical", "line {}", form.line);
        let form_text = form.text.trim_end();
        let checked = block.check();
        let canonical = Canonical::of(&checked.schema);
        let endpoints: Vec<&Form> = canonical
            .forms
            .iter()
            .filter(|it| it.endpoint.is_some())
            .collect();
        let [endpoint] = endpoints.as_slice() else {
            panic!("line {}: {} endpoints", block.line, endpoints.len());
        };
        assert_eq!(endpoint.text, form_text, "line {}", form.line);
        assert_eq!(
            endpoint.fingerprint,
            sha256(form_text)[..16],
            "line {}",
            form.line
        );
        let stated = format!("fingerprint is `{}`", endpoint.fingerprint);
        assert!(REFERENCE.contains(&stated), "line {}: {stated}", block.line);

        // What is hashed inside stands in a block of its own.
        let parts = canonical.parts(&endpoint.text, &mut BTreeSet::new());
        let lines: Vec<&str> = parts.iter().map(|(_, text)| *text).collect();
        let shown = blocks.get(at + 2).filter(|block| block.info == "parts");
        let shown: Vec<&str> = shown
            .into_iter()
            .flat_map(|block| block.text.lines())
            .collect();
        assert_eq!(lines, shown, "line {}", form.line);
        parts
            .iter()
            .for_each(|(hash, text)| assert_eq!(*hash, sha256(text)));
        compared += 1;
    }
    assert!(compared > 1);
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn namespaces_are_as_the_reference_says() {
    let (_, table) = REFERENCE
        .split_once("| interface | in its namespace |\n| --- | --- |\n")
        .expect("the table");
    let rows = table
        .lines()
        .map_while(|line| line.strip_prefix("| `")?.strip_suffix("` |"));
    let mut compared = 0;
    for row in rows {
        let (interface, namespace) = row.split_once("` | `").expect("two columns");
        let text = format!("package p;\ninterface {interface} {{}}\n");
        let name = "p".to_owned();
        let checked = check(&[Input::Text { name, text }], &Options::default());
        let form = Canonical::of(&checked.schema).forms.remove(0).text;
        assert!(
            form.starts_with(&format!("interface;\"p.{namespace}\";")),
            "{form}"
        );
        compared += 1;
    }
    assert!(compared > 4);
}

#[test]
fn each_code_that_the_reference_names_exists() {
    let known: BTreeSet<&str> = code::ALL
        .iter()
        .chain(scipp_codegen::problem::ALL)
        .map(|code| code.id)
        .collect();
    let words = REFERENCE.split(|c: char| !c.is_ascii_alphanumeric());
    let codes = words.filter(|word| {
        let digits = word.strip_prefix(['E', 'W']).unwrap_or_default();
        digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let unknown: Vec<&str> = codes
        .filter(|code| !known.contains(code) && *code != "E0123")
        .collect();
    assert!(unknown.is_empty(), "no such codes: {unknown:?}");
}

fn is_scipp(block: &Block) -> bool {
    block.info.split(',').next() == Some("scipp")
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in REFERENCE.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                open = Some(Block {
                    line: at + 1,
                    info: info.to_owned(),
                    text: String::new(),
                });
            }
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}
