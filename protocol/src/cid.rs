//! Names of dialogs.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use uuid::Uuid;

use crate::session::Side;

/// Bytes of a uuid as text. No number takes more.
const TEXT_BYTES: usize = 36;

/// A dialog's id as its caller wrote it. It goes back byte for byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cid {
    /// A uuid in canonical text, which is what tractor and we use.
    Uuid(u128),
    /// Any other text.
    Text(Arc<str>),
    /// With the feature `compact`: even if the end that opened the connection opened the dialog, odd if the other did. It has no
    /// text on the wire.
    Number(u64),
}

impl Cid {
    /// From the text on the wire.
    pub(crate) fn parse(text: &str) -> Self {
        let canonical = text.as_bytes().try_into().ok().and_then(Self::canonical);
        canonical.unwrap_or_else(|| Self::Text(text.into()))
    }

    /// From the text on the wire, if it is a uuid in canonical form.
    pub(crate) fn canonical(text: &[u8; TEXT_BYTES]) -> Option<Self> {
        number(text).map(Self::Uuid)
    }

    /// From what [`Display`](fmt::Display) writes, which says of a number whose dialog it is.
    pub(crate) fn shown(text: &str) -> Self {
        let number = text.split_once(SEPARATOR).and_then(|(side, number)| {
            let number = number.parse().ok()?;
            (side == opener(number)).then_some(Self::Number(number))
        });
        number.unwrap_or_else(|| Self::parse(text))
    }

    /// Its text, byte for byte as it came.
    pub(crate) fn to_wire(&self) -> String {
        self.text(&mut [0; TEXT_BYTES]).to_owned()
    }

    /// Its text, in `buffer` if it must be made.
    pub(crate) fn text<'a>(&'a self, buffer: &'a mut [u8; TEXT_BYTES]) -> &'a str {
        match self {
            Self::Uuid(id) => Uuid::from_u128(*id).hyphenated().encode_lower(buffer),
            Self::Text(text) => text,
            Self::Number(number) => {
                let mut free = &mut buffer[..];
                // There is room: sixteen bytes of words, twenty digits.
                let written = write!(free, "{}{SEPARATOR}{number}", opener(*number));
                let left = free.len();
                let text = buffer.get(..TEXT_BYTES - left).unwrap_or_default();
                written.map_or("", |()| std::str::from_utf8(text).unwrap_or_default())
            }
        }
    }
}

/// Between the end that opened a dialog and the dialog's number, where people read it.
const SEPARATOR: char = '#';

/// Who opened the dialog of a number.
fn opener(number: u64) -> &'static str {
    match Side::of(number) {
        Side::Connector => "connector",
        Side::Acceptor => "acceptor",
    }
}

/// The number of a uuid in exactly the form in which we would write it: lower case, dashes in their places.
fn number(text: &[u8; TEXT_BYTES]) -> Option<u128> {
    let [
        a0,
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        b'-',
        b0,
        b1,
        b2,
        b3,
        b'-',
        c0,
        c1,
        c2,
        c3,
        b'-',
        d0,
        d1,
        d2,
        d3,
        b'-',
        e0,
        e1,
        e2,
        e3,
        e4,
        e5,
        e6,
        e7,
        e8,
        e9,
        e10,
        e11,
    ] = *text
    else {
        return None;
    };
    let high = half([
        a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, c0, c1, c2, c3,
    ])?;
    let low = half([
        d0, d1, d2, d3, e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11,
    ])?;
    Some(u128::from(high) << 64 | u128::from(low))
}

fn half(digits: [u8; 16]) -> Option<u64> {
    let (mut value, mut wrong) = (0_u64, false);
    for digit in digits {
        let letter = digit.wrapping_sub(b'a');
        let is_letter = letter < 6;
        let figure = digit.wrapping_sub(b'0');
        wrong |= !is_letter && figure > 9;
        value = value << 4 | u64::from(if is_letter { letter + 10 } else { figure & 0xf });
    }
    (!wrong).then_some(value)
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text(&mut [0; TEXT_BYTES]).escape_debug())
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
    fn a_number_says_who_opened_the_dialog() {
        for (number, text) in [
            (0, "connector#0"),
            (7, "acceptor#7"),
            (u64::MAX, "acceptor#18446744073709551615"),
        ] {
            let cid = Cid::Number(number);
            assert_eq!(cid.to_string(), text);
            assert_eq!(Cid::shown(text), cid);
        }
        for text in ["acceptor#0", "connector#", "#1", "x", "connector#-2"] {
            assert_eq!(Cid::shown(text), Cid::Text(text.into()));
        }
        // On the wire a text is a text.
        assert_eq!(Cid::parse("connector#0"), Cid::Text("connector#0".into()));
    }

    #[test]
    fn keeps_every_text_byte_for_byte() {
        for text in [
            "1",
            "",
            "40a161fe-34fd-4a48-8485-c49420197015",
            "40A161FE-34fd-4a48-8485-c49420197015",
            "\u{1f600}",
        ] {
            assert_eq!(Cid::parse(text).text(&mut [0; TEXT_BYTES]), text);
        }
        assert!(matches!(
            Cid::parse("40a161fe-34fd-4a48-8485-c49420197015"),
            Cid::Uuid(_)
        ));
        for text in [
            "40a161fe-34fd-4a48-8485-c4942019701",
            "40a161fe034fd-4a48-8485-c49420197015",
            "40A161FE-34fd-4a48-8485-c49420197015",
            "40a161fe-34fd-4a48-8485-c4942019701g",
            "40a161fe-34fd-4a48-8485-c4942019701/",
            "40a161fe-34fd-4a48-8485-c4942019701:",
            "40a161fe-34fd-4a48-8485-c4942019701`",
        ] {
            assert!(matches!(Cid::parse(text), Cid::Text(_)), "{text}");
        }
    }
}
