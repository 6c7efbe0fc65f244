//! The name of something in a module: the schema's `ref`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload, limits};

/// `module.path:name`, tractor's namespace path.
///
/// Both halves are dotted names whose parts hold no space, no control character and no further colon, together at
/// most [`limits::REF_BYTES_MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref(Cow<'static, str>);

/// The text isn't of the form `module.path:name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefError;

impl Ref {
    /// A reference that the program knows, as generated code writes it.
    ///
    /// # Panics
    /// If the text is not of the form; in a constant, when that is compiled.
    pub const fn constant(text: &'static str) -> Self {
        assert!(
            is_reference(text.as_bytes()),
            "a reference reads `module.path:name`"
        );
        Self(Cow::Borrowed(text))
    }

    /// What stands before the colon.
    pub fn module(&self) -> &str {
        self.0.split_once(':').map_or("", |(module, _)| module)
    }

    /// What stands after the colon.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, name)| name)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the text has the two halves, of parts that are not empty. What a constant can be asked for: blanks beyond
/// ASCII are not known.
const fn is_reference(text: &[u8]) -> bool {
    let mut rest = text;
    let (mut colons, mut part) = (0, 0);
    while let [byte, after @ ..] = rest {
        match byte {
            b':' | b'.' if part == 0 => return false,
            b':' => (colons, part) = (colons + 1, 0),
            b'.' => part = 0,
            0..=b' ' | 0x7f => return false,
            _ => part += 1,
        }
        rest = after;
    }
    colons == 1 && part > 0 && text.len() <= limits::REF_BYTES_MAX
}

impl FromStr for Ref {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, RefError> {
        let part = |part: &str| {
            !part.is_empty()
                && !part.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
        };
        match text.split_once(':') {
            Some((module, name))
                if module.split('.').chain(name.split('.')).all(part)
                    && text.len() <= limits::REF_BYTES_MAX =>
            {
                Ok(Self(Cow::Owned(text.to_owned())))
            }
            _ => Err(RefError),
        }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference reads `module.path:name`")
    }
}

impl std::error::Error for RefError {}

impl Payload for Ref {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.str(&self.0);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        input
            .str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| at.mismatch("ref (`module.path:name`)"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_exactly_two_halves() {
        let good: Ref = "market.feed:Feed.last".parse().expect("a reference");
        assert_eq!((good.module(), good.name()), ("market.feed", "Feed.last"));
        for bad in [
            "", ":", "a", "a:", ":b", "a:b:c", "a..b:c", "a b:c", "a:b\n",
        ] {
            assert_eq!(bad.parse::<Ref>(), Err(RefError), "{bad:?}");
            assert!(!is_reference(bad.as_bytes()), "{bad:?}");
        }
        assert_eq!(Ref::constant("market.feed:Feed.last"), good);
        assert!(format!("a:{}", "b".repeat(510)).parse::<Ref>().is_ok());
        assert!(format!("a:{}", "b".repeat(511)).parse::<Ref>().is_err());
    }
}
