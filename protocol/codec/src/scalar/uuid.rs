//! UUIDs.

use std::fmt;

use uuid::Uuid;

use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

/// Written as a str with dashes, in lower case. Read with or without dashes, in either case, and from 16 bytes.
impl Payload for Uuid {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.str(self.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        let uuid = if input.head().is(Kind::Bin) {
            input
                .bin()
                .ok()
                .and_then(|bytes| Self::from_slice(bytes).ok())
        } else {
            // The lengths exclude the braces and the URN prefix that the parser would take as well.
            input
                .str()
                .ok()
                .filter(|text| matches!(text.len(), 32 | 36))
                .and_then(|text| Self::try_parse(text).ok())
        };
        uuid.ok_or_else(|| at.mismatch("uuid"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str) || head.is(Kind::Bin)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
