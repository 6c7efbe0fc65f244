//! A value of no declared type, kept as its bytes.

use std::cell::Cell;
use std::{fmt, mem};

use bytes::{Bytes, BytesMut};
use serde::{Serialize, de::DeserializeOwned};

use crate::show::Shown;
use crate::walk::{self, WalkLimits};
use crate::{DecodeError, Decoder, Encoder, Head, Payload, PayloadError};

/// Exactly one MessagePack value that passed the walk: the schema's `any`.
///
/// It is a slice of the frame that it came in, not a copy, and goes out again byte for byte. `Debug` and `Display`
/// print the value, cut to a readable size.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Any(Bytes);

impl Any {
    /// Takes bytes from outside.
    ///
    /// # Errors
    /// If they are not exactly one value within the default [`WalkLimits`].
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, PayloadError> {
        let bytes = bytes.into();
        walk::check(&bytes, &WalkLimits::default())?;
        Ok(Self(bytes))
    }

    /// Takes bytes that are known to be one value without looking at them: they passed [`walk::check`], were cut from such, or
    /// were written by an [`Encoder`]. Of other bytes it makes a value that cannot be read.
    pub fn walked(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// The value nil.
    pub const fn nil() -> Self {
        Self(Bytes::from_static(&[0xc0]))
    }

    /// Writes a typed value.
    pub fn encode<T: Payload>(value: &T) -> Self {
        Self(crate::to_bytes(value))
    }

    /// Reads the value as `T`.
    ///
    /// # Errors
    /// If it isn't one.
    pub fn decode<T: Payload>(&self) -> Result<T, DecodeError> {
        T::decode(&mut Decoder::shared(&self.0))
    }

    /// Writes a serde value by rmp-serde, structs as maps.
    ///
    /// The bytes are rmp-serde's: an `f32` stays 32 bits wide, for instance. A [`Payload`] is written canonically.
    ///
    /// # Errors
    /// If serde cannot write it, or the result is deeper or larger than the default [`WalkLimits`].
    pub fn from_serde<T: Serialize + ?Sized>(value: &T) -> Result<Self, PayloadError> {
        let bytes = rmp_serde::to_vec_named(value)
            .map_err(|error| PayloadError::Serde(error.to_string()))?;
        Self::new(bytes)
    }

    /// Reads the value as a serde type by rmp-serde.
    ///
    /// # Errors
    /// If it isn't one.
    pub fn to_serde<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        rmp_serde::from_slice(&self.0).map_err(|error| PayloadError::Serde(error.to_string()))
    }

    /// How the value starts.
    pub fn head(&self) -> Head<'_> {
        Head::of(&self.0)
    }

    /// The value's bytes.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The value's bytes.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl Default for Any {
    fn default() -> Self {
        Self::nil()
    }
}

impl fmt::Debug for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(&self.0))
    }
}

impl fmt::Display for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(&self.0))
    }
}

impl Payload for Any {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.raw(&self.0);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        input.any()
    }

    fn accepts(_: &Head<'_>) -> bool {
        true
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(&self.0))
    }
}

/// Writes a value and returns what was written, in exactly as much memory.
pub(crate) fn encoded<T: Payload>(value: &T) -> Bytes {
    with_bytes(value, |out| {
        if out.len() < OWN_BYTES {
            Bytes::copy_from_slice(out)
        } else {
            // Large ones are not copied: they take the buffer with them.
            mem::take(out).freeze()
        }
    })
}

/// Writes a value into a buffer that the thread has for it, and gives that to `then`.
pub(crate) fn with_bytes<T: Payload, R>(value: &T, then: impl FnOnce(&mut BytesMut) -> R) -> R {
    // Taken out: a value that writes another one meanwhile finds an empty one.
    let mut out = BUFFER.try_with(Cell::take).unwrap_or_default();
    out.reserve(OWN_BYTES);
    value.encode(&mut Encoder::new(&mut out));
    let result = then(&mut out);
    out.clear();
    if out.capacity() != OWN_BYTES {
        // A thread keeps as much as it had, whatever was written.
        out = BytesMut::with_capacity(OWN_BYTES);
    }
    // A thread that ends has no place for it any more.
    let _ = BUFFER.try_with(|buffer| buffer.set(out));
    result
}

thread_local! {
    /// What values are written into: nearly all are small, and go elsewhere at once.
    static BUFFER: Cell<BytesMut> = Cell::default();
}

/// Bytes of a thread's buffer: nearly all values fit, and one that does not keeps the memory that it was written into.
const OWN_BYTES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_the_frame_it_came_in() {
        let frame = Bytes::from_static(b"\x92\xc4\x02ab\x81\xa1k\xcb\x3f\xf8\0\0\0\0\0\0");
        let mut decoder = Decoder::shared(&frame);
        assert_eq!(decoder.array().expect("array"), 2);
        let blob = decoder.bytes().expect("bytes");
        let any = decoder.any().expect("any");
        assert_eq!(blob.as_ptr(), frame[3..].as_ptr());
        assert_eq!(any.as_bytes().as_ptr(), frame[5..].as_ptr());
        assert_eq!(format!("{any:?}"), r#"{"k": 1.5}"#);
        assert!(decoder.rest().is_empty());
    }

    #[test]
    fn takes_one_value_only() {
        assert!(Any::new(vec![0xc0, 0xc0]).is_err());
        assert!(Any::new(vec![0x91]).is_err());
        assert_eq!(Any::new(vec![0xc0]).expect("nil"), Any::nil());
    }

    #[test]
    fn speaks_serde() {
        let any = Any::from_serde(&serde_json::json!({"a": [1, null]})).expect("writes");
        assert_eq!(any.to_string(), r#"{"a": [1, nil]}"#);
        assert_eq!(
            any.to_serde::<serde_json::Value>().expect("reads"),
            serde_json::json!({"a": [1, null]})
        );
        assert!(any.to_serde::<u8>().is_err());
    }
}
