//! Names of dialogs.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// A dialog's id as its caller wrote it. It goes back byte for byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cid {
    /// A uuid in canonical text, which is what tractor and we use.
    Uuid(u128),
    /// Any other text.
    Text(Arc<str>),
}

impl Cid {
    /// From the text on the wire.
    pub(crate) fn parse(text: &str) -> Self {
        match canonical(text) {
            Some(id) => Self::Uuid(id),
            None => Self::Text(text.into()),
        }
    }

    /// Its text, byte for byte as it came.
    pub(crate) fn to_wire(&self) -> String {
        self.text(&mut [0; 36]).to_owned()
    }

    /// Its text, in `buffer` if it must be made.
    pub(crate) fn text<'a>(&'a self, buffer: &'a mut [u8; 36]) -> &'a str {
        match self {
            Self::Uuid(id) => Uuid::from_u128(*id).hyphenated().encode_lower(buffer),
            Self::Text(text) => text,
        }
    }
}

/// The number of a uuid in exactly the form in which we would write it: lower case, dashes in their places.
fn canonical(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let mut id = 0_u128;
    for (at, &byte) in bytes.iter().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        id = id << 4 | u128::from(digit);
    }
    Some(id)
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text(&mut [0; 36]).escape_debug())
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_text_byte_for_byte() {
        for text in [
            "1",
            "",
            "40a161fe-34fd-4a48-8485-c49420197015",
            "40A161FE-34fd-4a48-8485-c49420197015",
            "\u{1f600}",
        ] {
            assert_eq!(Cid::parse(text).text(&mut [0; 36]), text);
        }
        assert!(matches!(
            Cid::parse("40a161fe-34fd-4a48-8485-c49420197015"),
            Cid::Uuid(_)
        ));
        for text in [
            "40a161fe-34fd-4a48-8485-c4942019701",
            "40a161fe034fd-4a48-8485-c49420197015",
            "40A161FE-34fd-4a48-8485-c49420197015",
        ] {
            assert!(matches!(Cid::parse(text), Cid::Text(_)), "{text}");
        }
    }
}
