//! The same tree with and without this file, and the same diagnostics, for every schema here and for damaged ones.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use super::super::coverage::texts;
use super::super::{Way, parse_by};
use crate::diagnostic::Diagnostics;
use crate::scan;
use crate::source::{Source, SourceId, Sources};

/// How often each text is damaged.
const DAMAGES: usize = 1;

/// What damages are made of, beside pieces of the text itself.
const STRAYS: &[&str] = &[
    "?",
    "|",
    ",",
    ";",
    ":",
    "=",
    "==",
    "=>",
    "->",
    "(",
    ")",
    "<",
    ">",
    "{",
    "}",
    "[",
    "]",
    "@",
    ".",
    "..",
    "..=",
    "..=9",
    "-1",
    "1.5e-3",
    "1h30m",
    "0x",
    "\"s\"",
    "b\"s\"",
    "'s'",
    "nil",
    "true",
    "stream",
    "reserved",
    "reserved a, b;",
    "open",
    "pub",
    "mut",
    "optional",
    "self",
    "async",
    "yields",
    "raises",
    "returns",
    "started",
    "extends",
    "example",
    " // comment\n",
    " /* comment */ ",
    "\n/// doc\n",
    "\n//! doc\n",
    "\n//// no doc\n",
    "# hash\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "é",
    "@deadline(1s)",
    "@range(0..=9)",
    "@allow(W1, reason = \"x\")",
    "x: u8",
    "x?: T = v",
    "list<u8>",
    "(u8,)",
    "T?",
    "fn f();",
    "gen g() yields T;",
    "context c() { yields T }",
];

#[test]
fn pest_makes_the_same_tree_of_what_is_read_here() {
    let mut random = Random(7);
    let mut taken = 0;
    for text in texts() {
        taken += compare(&text);
        for _ in 0..DAMAGES {
            compare(&random.damaged(&text));
        }
    }
    // Otherwise this would compare pest with itself.
    assert!(taken > 1_500, "{taken} items were read without pest");
}

/// How many items were read without pest.
fn compare(text: &str) -> usize {
    let (plain, taken) = shown(text, Way::PlainFirst);
    let (pest, none) = shown(text, Way::Pest);
    assert_eq!(none, 0);
    assert!(
        plain == pest,
        "{text}\n--- read here\n{plain}\n--- by pest\n{pest}"
    );
    taken
}

fn shown(text: &str, way: Way) -> (String, usize) {
    let mut diagnostics = Diagnostics::default();
    let mut sources = Sources::default();
    sources.add(Source::new("it".into(), None, text.to_owned()));
    let scan = scan::scan(SourceId(0), text, &mut diagnostics);
    let (file, taken) = parse_by(SourceId(0), text, scan, way, &mut diagnostics);
    (
        format!("{file:?}\n{}", diagnostics.render(&sources, false)),
        taken,
    )
}

/// A fixed sequence, so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// A text with pieces left out, moved, or put in.
    fn damaged(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.below(3) {
            let (a, b) = (self.place(&text), self.place(&text));
            let near = text.floor_char_boundary(a + self.below(12));
            match self.below(4) {
                0 => text.replace_range(a..near.max(a), ""),
                1 => {
                    let piece = text.get(a..near.max(a)).unwrap().to_owned();
                    text.insert_str(b, &piece);
                }
                _ => text.insert_str(a, STRAYS.get(self.below(STRAYS.len())).unwrap()),
            }
        }
        text
    }

    /// Often the edge of a word, where things go wrong.
    fn place(&mut self, text: &str) -> usize {
        let at = text.floor_char_boundary(self.below(text.len()));
        let rest = text.get(at..).unwrap();
        let edge = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(0);
        if self.below(4) == 0 { at } else { at + edge }
    }
}
