//! The style in numbers, and when a blank stands between two tokens.

use super::tokens::Kind;

/// Longest line, in columns: 100, as in the Rust that is generated. Comments and strings may be longer.
pub(super) const COLUMNS_MAX: usize = 100;

/// Blanks of one level.
pub(super) const INDENT: usize = 4;

/// Whether a blank stands between two tokens on one line. A comment counts as a word.
pub(super) fn is_apart(before: (Kind, &str), behind: (Kind, &str)) -> bool {
    match behind.1 {
        "," | ";" | ":" | "?" | ")" | "]" | ">" | "." | "<" => return false,
        ".." | "..=" if before.0 == Kind::Word => return false,
        _ => {}
    }
    !matches!(before.1, "(" | "[" | "<" | "@" | "." | ".." | "..=")
}
