//! Random changes to a source, of the kinds that people and fuzzers make.

use scipp_smith::Choices;

/// Pieces that mean something to the compiler.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    ",",
    ";",
    ":",
    "=",
    "|",
    "?",
    "@",
    ".",
    "..",
    "..=",
    "->",
    "-",
    "\"",
    "\\",
    "b\"",
    "/*",
    "*/",
    "//",
    "///",
    "//!",
    "////",
    "\n",
    "\r\n",
    "\t",
    "\u{feff}",
    "\u{202e}",
    "\0",
    "\u{e9}",
    " ",
    "package p;",
    "use a.b;",
    "struct S {",
    "message M<T> {",
    "error E",
    "open enum",
    "union U =",
    "alias",
    "newtype",
    "const C: u8 =",
    "ext X(1)",
    "interface I {",
    "fn f()",
    "gen g() yields",
    "context c() {",
    "started",
    "accepts",
    "returns",
    "raises",
    "extends",
    "reserved a;",
    "example \"x\" {",
    "list<",
    "map<str,",
    "u8",
    "str",
    "nil",
    "any",
    "0x1F",
    "1_0",
    "1e9",
    "1h30m",
    "-1",
    "99999999999999999999999",
    "@range(1..=2)",
    "@len(..9)",
    "@pattern(\"(\")",
    "@tag(\"type\")",
    "@wire(\"\")",
    "@array",
    "@x.y(1)",
    "as",
    "true",
    "type",
];

/// Changes a text at one to four places, with pieces of another one. It stays below `bytes_max`.
pub fn mutate(text: &[u8], other: &[u8], choices: &mut Choices<'_>, bytes_max: usize) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..choices.between(1, 4) {
        let from = choices.below(bytes.len() + 1);
        let length = choices.between(1, 40).min(bytes.len() - from);
        match choices.below(7) {
            0 => drop(bytes.drain(from..from + length)),
            1 => {
                let piece = bytes.get(from..from + length).unwrap_or_default().to_vec();
                let to = choices.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            2 => {
                let start = choices.below(other.len() + 1);
                let end = (start + choices.between(1, 200)).min(other.len());
                let piece = other.get(start..end).unwrap_or_default().to_vec();
                drop(bytes.splice(from..from, piece));
            }
            3 => bytes.truncate(from),
            4 => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << choices.below(8);
                }
            }
            _ => {
                let piece = choices.of(PIECES).copied().unwrap_or_default();
                let end = if choices.one_in(2) {
                    from
                } else {
                    from + length
                };
                drop(bytes.splice(from..end, piece.bytes()));
            }
        }
    }
    bytes.truncate(bytes_max);
    bytes
}
