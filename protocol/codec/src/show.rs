//! Values as text: whole ones for debug output, single ones for errors. Escaped, and cut to a readable size.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::head::Kind;
use crate::{Decoder, Head, Payload, decoder, limits, walk};

/// A payload value in the words of its own type: what error texts show for a field.
#[derive(Debug)]
pub struct Text<'a, T>(pub &'a T);

impl<T: Payload> fmt::Display for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

/// The value that the bytes start with, like JSON: `{"k": [1, nil, "abc"]}`.
pub(crate) struct Shown<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer {
            out: f,
            left: limits::SHOWN_ITEMS_MAX,
        }
        .value(&mut Decoder::new(self.0), 0)
    }
}

/// The value that the bytes start with, by kind and content: `int 300`, `map of 3`, `str "abc"`.
pub(crate) struct Brief<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = Head::of(self.0);
        // Read without the decoder's methods: their errors would show the value again, without end if it is cut off.
        match head.kind() {
            None if self.0.is_empty() => f.write_str("nothing"),
            None => f.write_str("no value"),
            Some(Kind::Nil) => f.write_str("nil"),
            Some(Kind::Array) => write!(
                f,
                "array of {}",
                decoder::array(self.0).map_or(0, |(n, _)| n)
            ),
            Some(Kind::Map) => write!(f, "map of {}", decoder::map(self.0).map_or(0, |(n, _)| n)),
            Some(Kind::Bin) => write!(
                f,
                "bytes of {}",
                decoder::bin(self.0).map_or(0, |(body, _)| body.len())
            ),
            Some(Kind::Ext(code)) => write!(
                f,
                "ext {code} of {}",
                decoder::ext(self.0).map_or(0, |(_, body, _)| body.len())
            ),
            Some(Kind::Bool) => write!(f, "bool {}", Shown(self.0)),
            Some(Kind::Int) => write!(f, "int {}", Shown(self.0)),
            Some(Kind::Float) => write!(f, "float {}", Shown(self.0)),
            Some(Kind::Str) => write!(f, "str {}", Shown(self.0)),
        }
    }
}

/// Text in quotes, escaped, cut after [`limits::SHOWN_CHARS_MAX`] characters.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(limits::SHOWN_CHARS_MAX) {
            // Control characters and direction marks are escaped: a peer's text must stay on its line, and in order.
            if c == '\'' || !c.is_ascii() && c.is_alphanumeric() {
                f.write_char(c)?;
            } else {
                write!(f, "{}", c.escape_default())?;
            }
        }
        f.write_char('"')?;
        match chars.count() {
            0 => Ok(()),
            more => write!(f, " and {more} characters more"),
        }
    }
}

/// Prints values until the budget is used up; what follows is only counted.
struct Printer<'f, 'w> {
    out: &'f mut fmt::Formatter<'w>,
    /// Values that may still be printed.
    left: usize,
}

impl Printer<'_, '_> {
    /// Prints the next value and passes over it. Recursion is bounded here too, for bytes that no walk has seen.
    fn value(&mut self, input: &mut Decoder<'_>, depth: u8) -> fmt::Result {
        let mut inside = input.clone();
        let skipped = walk::skip(input.rest)
            .ok()
            .and_then(|n| input.rest.get(n..));
        let Some((kind, rest)) = inside
            .head()
            .kind()
            .filter(|_| depth < limits::PAYLOAD_DEPTH_CEILING)
            .zip(skipped)
        else {
            return self.out.write_str("?");
        };
        input.rest = rest;
        self.left = self.left.saturating_sub(1);
        let out = &mut *self.out;
        match kind {
            Kind::Nil => out.write_str("nil"),
            Kind::Bool => write!(out, "{}", inside.bool().unwrap_or_default()),
            Kind::Int => write!(out, "{}", inside.int::<i128>("int").unwrap_or_default()),
            Kind::Float => write!(out, "{:?}", inside.f64().unwrap_or_default()),
            Kind::Str => write!(out, "{}", Quoted(&text(inside.rest))),
            Kind::Bin => hex(inside.bin().unwrap_or_default(), out),
            Kind::Ext(code) => {
                write!(out, "ext {code} ")?;
                hex(inside.ext().map_or(&[], |(_, body)| body), out)
            }
            Kind::Array => {
                let n = inside.array().unwrap_or(0);
                self.items(n, ['[', ']'], |printer| {
                    printer.value(&mut inside, depth + 1)
                })
            }
            Kind::Map => {
                let n = inside.map().unwrap_or(0);
                self.items(n, ['{', '}'], |printer| {
                    printer.value(&mut inside, depth + 1)?;
                    printer.out.write_str(": ")?;
                    printer.value(&mut inside, depth + 1)
                })
            }
        }
    }

    fn items(
        &mut self,
        n: usize,
        [open, close]: [char; 2],
        mut item: impl FnMut(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        self.out.write_char(open)?;
        let mut shown = 0;
        while shown < n && self.left > 0 {
            if shown > 0 {
                self.out.write_str(", ")?;
            }
            item(self)?;
            shown += 1;
        }
        match n - shown {
            0 => {}
            more if shown == 0 => write!(self.out, "{more} more")?,
            more => write!(self.out, ", {more} more")?,
        }
        self.out.write_char(close)
    }
}

/// The str that `bytes` start with; what isn't UTF-8 in it is replaced.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    decoder::str_body(bytes).map_or_else(Cow::default, |(body, _)| String::from_utf8_lossy(body))
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("0x")?;
    for byte in bytes.iter().take(limits::SHOWN_CHARS_MAX / 2) {
        write!(f, "{byte:02x}")?;
    }
    match bytes.len().saturating_sub(limits::SHOWN_CHARS_MAX / 2) {
        0 => Ok(()),
        more => write!(f, " and {more} bytes more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_on_its_line_and_short() {
        assert_eq!(
            Quoted("it's \"x\"\n\u{202e}é").to_string(),
            r#""it's \"x\"\n\u{202e}é""#
        );
        let long = Quoted(&"y".repeat(100)).to_string();
        assert_eq!(
            long,
            format!("\"{}\" and 36 characters more", "y".repeat(64))
        );
    }

    #[test]
    fn values_read_like_json() {
        let bytes = [
            0x93, 0xd4, 0x05, 0x01, 0x81, 0x01, 0xc3, 0xc4, 0x02, 0xab, 0xcd,
        ];
        assert_eq!(Shown(&bytes).to_string(), "[ext 5 0x01, {1: true}, 0xabcd]");
        assert_eq!(Brief(&bytes).to_string(), "array of 3");
        assert_eq!(Brief(&[0xcd, 1, 44]).to_string(), "int 300");
        assert_eq!(Brief(&[]).to_string(), "nothing");
    }

    #[test]
    fn what_is_cut_off_or_no_text_is_shown_all_the_same() {
        for (bytes, brief) in [
            (&[0xdc][..], "array of 0"),
            (&[0xde, 1], "map of 0"),
            (&[0xc5, 0, 9, 1], "bytes of 0"),
            (&[0xd8, 7], "ext 7 of 0"),
            (&[0xcd, 1], "int ?"),
            (&[0xa2, b'a'], "str ?"),
            (&[0xa2, b'a', 0xff], r#"str "a\u{fffd}""#),
        ] {
            assert_eq!(Brief(bytes).to_string(), brief);
            assert!(Decoder::new(bytes).bool().is_err() && Decoder::new(bytes).str().is_err());
        }
    }

    #[test]
    fn a_large_value_is_cut_and_what_follows_is_right() {
        let nils = [&[0xdc, 1, 0][..], &[0xc0; 256]].concat();
        let two = [&[0x92][..], &nils, &[0x07]].concat();
        let text = Shown(&two).to_string();
        assert!(text.ends_with(", 194 more], 1 more]"), "{text}");
        let small = [&[0x92, 0x92, 0xc0, 0xc0][..], &[0x07]].concat();
        assert_eq!(Shown(&small).to_string(), "[[nil, nil], 7]");
    }
}
