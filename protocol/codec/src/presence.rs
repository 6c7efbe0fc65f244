//! A field for which *absent* is a state of its own.

use crate::check::{Measure, checked};
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

/// The value of an omittable field (`a?: T`): there or not. An absent one is not written at all, which differs from
/// nil; `a?: T?` is `Presence<Option<T>>` and has three states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Presence<T> {
    /// The field isn't there.
    #[default]
    Absent,
    /// The field is there with this value.
    Present(T),
}

impl<T> Presence<T> {
    /// The value, if the field is there.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Present(value) => Some(value),
        }
    }

    /// The value, if the field is there.
    pub fn as_ref(&self) -> Presence<&T> {
        match self {
            Self::Absent => Presence::Absent,
            Self::Present(value) => Presence::Present(value),
        }
    }
}

impl<T> From<T> for Presence<T> {
    fn from(value: T) -> Self {
        Self::Present(value)
    }
}

impl<T: Payload> Payload for Presence<T> {
    const RESTRICTED: bool = T::RESTRICTED;

    /// Where nothing can be left out (in a list, say) absent is written as nil.
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Self::Absent => out.nil(),
            Self::Present(value) => value.encode(out),
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::decode(input).map(Self::Present)
    }

    fn accepts(head: &Head<'_>) -> bool {
        T::accepts(head)
    }

    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    fn check(&self) -> Result<(), DecodeError> {
        self.as_ref().present().map_or(Ok(()), checked)
    }

    fn measure(&self) -> Measure {
        self.as_ref().present().map_or(Measure::Nothing, T::measure)
    }

    fn text(&self) -> Option<&str> {
        self.as_ref().present().and_then(T::text)
    }

    fn repeated(&self) -> Option<usize> {
        self.as_ref().present().and_then(T::repeated)
    }
}
