//! `text = "no such symbol: {symbol}"`.

use syn::{Error, LitStr, Result};

/// A part of a text.
pub(crate) enum Part {
    Literal(String),
    /// Name of a field.
    Field(String),
}

/// Splits a text at its braces; a double brace stands for itself.
pub(crate) fn parts(text: &LitStr) -> Result<Vec<Part>> {
    let wrong = |what: &str| Error::new(text.span(), what);
    let value = text.value();
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.next_if_eq(&c).is_some() => literal.push(c),
            '}' => {
                return Err(wrong(
                    "`}` closes nothing; a brace that stands for itself is doubled: `}}`",
                ));
            }
            '{' => {
                let mut field = String::new();
                loop {
                    match chars.next() {
                        Some('}') => break,
                        Some(c) => field.push(c),
                        None => {
                            return Err(wrong(
                                "`{` is never closed; a brace that stands for itself is doubled: `{{`",
                            ));
                        }
                    }
                }
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(Part::Field(field));
            }
            c => literal.push(c),
        }
    }
    parts.push(Part::Literal(literal));
    parts.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
    Ok(parts)
}
