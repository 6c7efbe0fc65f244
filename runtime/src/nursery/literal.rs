//! Python's literals on the command line of a child: `('kid', '0b1c...')`, `('127.0.0.1', 43111)`.

use std::fmt::Write as _;

/// A text or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(u64),
}

/// A text as Python reads it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A pair in parentheses, as Python prints it.
pub(crate) fn pair(text: &str) -> Option<(Literal, Literal)> {
    let rest = text.trim().strip_prefix('(')?;
    let (first, rest) = literal(rest)?;
    let (second, rest) = literal(rest.trim_start().strip_prefix(',')?)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    (rest == ")").then_some((first, second))
}

fn literal(text: &str) -> Option<(Literal, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next()?;
    if quote.is_ascii_digit() {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, rest) = text.split_at_checked(end)?;
        return Some((Literal::Number(digits.parse().ok()?), rest));
    }
    if quote != '\'' && quote != '"' {
        return None;
    }
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((Literal::Text(out), text.get(at + 1..)?)),
            '\\' => {
                let (_, escape) = chars.next()?;
                let digits = match escape {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    'n' => {
                        out.push('\n');
                        continue;
                    }
                    't' => {
                        out.push('\t');
                        continue;
                    }
                    'r' => {
                        out.push('\r');
                        continue;
                    }
                    '\\' | '\'' | '"' => {
                        out.push(escape);
                        continue;
                    }
                    _ => return None,
                };
                let hex: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
            }
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    #[test]
    fn pairs_are_read_as_python_prints_them() {
        for (came, read) in [
            ("('kid', 'u-1')", (text("kid"), text("u-1"))),
            (
                "('127.0.0.1', 43111)",
                (text("127.0.0.1"), Literal::Number(43_111)),
            ),
            ("(\"it's\", 'a\\\\b')", (text("it's"), text("a\\b"))),
            (" ( 'a' ,\"b\", ) ", (text("a"), text("b"))),
            (
                "('\\x1b\\u00e9\\n', '')",
                (text("\u{1b}\u{e9}\n"), text("")),
            ),
        ] {
            assert_eq!(pair(came), Some(read), "{came}");
        }
        for wrong in [
            "",
            "(",
            "('a')",
            "('a', 'b'",
            "('a', b)",
            "'a', 'b'",
            "('a', 'b', 'c')",
            "('a, 'b')",
            "('a', 'b') x",
            "('\\q', 'b')",
            "('\\uD800', 'b')",
            "(99999999999999999999, 'b')",
            "(1.5, 2)",
        ] {
            assert_eq!(pair(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for odd in [
            "kid",
            "it's",
            "a\\b",
            "\"",
            "\u{1b}[2J\n",
            "\u{e9}\u{1f600}",
        ] {
            let both = format!("({}, {})", quoted(odd), quoted(odd));
            assert_eq!(pair(&both), Some((text(odd), text(odd))), "{both}");
        }
    }
}
