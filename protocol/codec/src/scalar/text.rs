//! Nil, bools, strs and bins.

use std::fmt;

use bytes::Bytes;

use crate::check::Measure;
use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

impl Payload for () {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.nil();
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        input.nil()
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Nil)
    }
}

impl Payload for bool {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.bool(*self);
    }

    #[inline]
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        input.bool()
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Bool)
    }
}

impl Payload for String {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.str(self);
    }

    #[inline]
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        input.str().map(str::to_owned)
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str)
    }

    fn measure(&self) -> Measure {
        Measure::Len(self.chars().count())
    }

    fn text(&self) -> Option<&str> {
        Some(self)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Payload for Bytes {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.bin(self);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        input.bytes()
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Bin)
    }

    fn measure(&self) -> Measure {
        Measure::Len(self.len())
    }
}
