//! The type without values.

use std::fmt;

use crate::{Any, DecodeError, Decoder, Encoder, Head, Payload, Raises};

/// What a stream carries that isn't there, and what an endpoint raises that declares no errors. No bytes are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Never {}

impl Payload for Never {
    fn encode(&self, _: &mut Encoder<'_>) {
        match *self {}
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Err(input.mismatch("nothing at all"))
    }

    fn accepts(_: &Head<'_>) -> bool {
        false
    }
}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl Raises for Never {
    fn name(&self) -> &'static str {
        match *self {}
    }

    fn encode(&self, _: &mut Encoder<'_>) {
        match *self {}
    }

    fn check(&self) -> Result<(), DecodeError> {
        match *self {}
    }

    fn decode(_: &str, _: &Any) -> Option<Result<Self, DecodeError>> {
        None
    }
}
