//! How a value starts: enough to tell the members of a union apart, without reading the value.

use crate::decoder::str_body;
use crate::{Decoder, walk};

/// The shape of a value, as MessagePack tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of MessagePack's own kinds")]
pub enum Kind {
    Nil,
    Bool,
    Int,
    Float,
    Str,
    Bin,
    Array,
    Map,
    /// An extension with its code.
    Ext(i8),
}

/// What marks a message among the members of a union: an entry of its map, or the first element of its array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// Key of the entry; in an array it isn't written.
    pub key: &'static str,
    /// Its value.
    pub value: &'static str,
    /// Whether the message is an array.
    pub array: bool,
}

/// The beginning of a value.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    bytes: &'a [u8],
}

impl<'a> Head<'a> {
    /// The head of the value that `bytes` start with.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The kind of the value; `None` only where there is none.
    #[inline]
    pub fn kind(&self) -> Option<Kind> {
        let (&marker, rest) = self.bytes.split_first()?;
        let code = |at: usize| {
            rest.get(at)
                .map(|code| Kind::Ext(i8::from_be_bytes([*code])))
        };
        match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xcc..=0xd3 => Some(Kind::Int),
            0x80..=0x8f | 0xde | 0xdf => Some(Kind::Map),
            0x90..=0x9f | 0xdc | 0xdd => Some(Kind::Array),
            0xa0..=0xbf | 0xd9..=0xdb => Some(Kind::Str),
            0xc0 => Some(Kind::Nil),
            0xc1 => None,
            0xc2 | 0xc3 => Some(Kind::Bool),
            0xc4..=0xc6 => Some(Kind::Bin),
            0xc7 => code(1),
            0xc8 => code(2),
            0xc9 => code(4),
            0xca | 0xcb => Some(Kind::Float),
            0xd4..=0xd8 => code(0),
        }
    }

    /// Whether the value is of this kind.
    #[inline]
    pub fn is(&self, kind: Kind) -> bool {
        self.kind() == Some(kind)
    }

    /// Whether the value carries this tag.
    pub fn has(&self, tag: &Tag) -> bool {
        self.tag(tag.key, tag.array) == Some(tag.value)
    }

    /// The tag of the value: the str under `key` in a map, wherever it stands, or the first element of an array.
    #[inline]
    pub fn tag(&self, key: &str, array: bool) -> Option<&'a str> {
        // Asked first: a failed read describes what came, which costs.
        if !self.is(if array { Kind::Array } else { Kind::Map }) {
            return None;
        }
        let mut decoder = Decoder::new(self.bytes);
        if array {
            let (text, _) = if decoder.array().ok()? > 0 {
                str_body(decoder.rest)?
            } else {
                return None;
            };
            return std::str::from_utf8(text).ok();
        }
        for _ in 0..decoder.map().ok()? {
            let (found, rest) = match str_body(decoder.rest) {
                Some((body, rest)) => (body == key.as_bytes(), rest),
                None => (false, decoder.rest.get(walk::skip(decoder.rest).ok()?..)?),
            };
            if found {
                let (text, _) = str_body(rest)?;
                return std::str::from_utf8(text).ok();
            }
            decoder.rest = rest.get(walk::skip(rest).ok()?..)?;
        }
        None
    }
}
