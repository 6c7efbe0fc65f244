//! Reads values off a slice of bytes that passed the walk.
//!
//! Every method leaves the decoder where it was when it fails, so that the error can say what came. None of them
//! trusts a length: bytes that did not pass the walk give errors as well, never a panic; what the walk adds is the
//! bound on depth and on elements.

use bytes::Bytes;

use crate::ext::Budget;
use crate::show::Brief;
use crate::{Any, DecodeError, Head, walk};

/// A place in a payload.
#[derive(Debug, Clone)]
pub struct Decoder<'a> {
    pub(crate) rest: &'a [u8],
    /// The buffer that `rest` lies in, if there is one to share.
    shared: Option<&'a Bytes>,
    /// What the extension values from here on may hold.
    pub(crate) exts: Budget,
}

/// An integer of either sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Int {
    /// Zero and above.
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
}

impl<'a> Decoder<'a> {
    /// Reads `walked`, bytes that passed [`walk::check`]. `bytes` and `any` values are copied out.
    pub fn new(walked: &'a [u8]) -> Self {
        Self {
            rest: walked,
            shared: None,
            exts: Budget::WHOLE,
        }
    }

    /// Reads `walked`, bytes that passed [`walk::check`]. `bytes` and `any` values share its buffer.
    pub fn shared(walked: &'a Bytes) -> Self {
        Self {
            rest: walked,
            shared: Some(walked),
            exts: Budget::WHOLE,
        }
    }

    /// What hasn't been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How the next value starts.
    pub fn head(&self) -> Head<'a> {
        Head::of(self.rest)
    }

    /// An error that says what was expected and shows the next value.
    #[cold]
    pub fn mismatch(&self, expected: &'static str) -> DecodeError {
        DecodeError::new(expected, Brief(self.rest).to_string())
    }

    /// Reads nil.
    ///
    /// # Errors
    /// If the next value is something else; so for all the methods below.
    pub fn nil(&mut self) -> Result<(), DecodeError> {
        if self.take_nil() {
            Ok(())
        } else {
            Err(self.mismatch("nil"))
        }
    }

    /// Reads nil if that is what comes next.
    #[inline]
    pub fn take_nil(&mut self) -> bool {
        match self.rest.split_first() {
            Some((0xc0, rest)) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Reads a bool.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        let (value, rest) = match self.rest.split_first() {
            Some((0xc2, rest)) => (false, rest),
            Some((0xc3, rest)) => (true, rest),
            _ => return Err(self.mismatch("bool")),
        };
        self.rest = rest;
        Ok(value)
    }

    /// Reads an integer that `T` can hold, in whatever width it was written. A float is none, also when it is whole.
    #[inline]
    pub fn int<T: TryFrom<u64> + TryFrom<i64>>(
        &mut self,
        expected: &'static str,
    ) -> Result<T, DecodeError> {
        if let Some((int, rest)) = int(self.rest) {
            let value = match int {
                Int::Unsigned(value) => T::try_from(value).ok(),
                Int::Negative(value) => T::try_from(value).ok(),
            };
            if let Some(value) = value {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.mismatch(expected))
    }

    /// Reads a float of either width, or an integer, which is rounded to the nearest float.
    #[inline]
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        let (value, rest) = match self.rest.split_first() {
            Some((0xcb, rest)) => rest
                .split_first_chunk()
                .map(|(b, rest)| (f64::from_be_bytes(*b), rest)),
            Some((0xca, rest)) => rest
                .split_first_chunk()
                .map(|(b, rest)| (f32::from_be_bytes(*b).into(), rest)),
            _ => int(self.rest).map(|(int, rest)| match int {
                Int::Unsigned(value) => (value as f64, rest),
                Int::Negative(value) => (value as f64, rest),
            }),
        }
        .ok_or_else(|| self.mismatch("float"))?;
        self.rest = rest;
        Ok(value)
    }

    /// Reads a str.
    #[inline]
    pub fn str(&mut self) -> Result<&'a str, DecodeError> {
        if let Some((body, rest)) = str_body(self.rest)
            && let Ok(text) = std::str::from_utf8(body)
        {
            self.rest = rest;
            return Ok(text);
        }
        Err(self.mismatch("str"))
    }

    /// Reads a bin.
    #[inline]
    pub fn bin(&mut self) -> Result<&'a [u8], DecodeError> {
        let (body, rest) = bin(self.rest).ok_or_else(|| self.mismatch("bytes"))?;
        self.rest = rest;
        Ok(body)
    }

    /// Reads a bin as a slice of the shared buffer, without a copy if there is one.
    pub fn bytes(&mut self) -> Result<Bytes, DecodeError> {
        let body = self.bin()?;
        Ok(self.slice(body))
    }

    /// Reads an extension value: its code and its bytes.
    pub fn ext(&mut self) -> Result<(i8, &'a [u8]), DecodeError> {
        let (code, body, rest) = ext(self.rest).ok_or_else(|| self.mismatch("ext"))?;
        self.rest = rest;
        Ok((code, body))
    }

    /// Reads the header of a list: how many values follow.
    #[inline]
    pub fn array(&mut self) -> Result<usize, DecodeError> {
        let (n, rest) = array(self.rest).ok_or_else(|| self.mismatch("array"))?;
        self.rest = rest;
        Ok(n)
    }

    /// Reads the header of a map: how many entries follow.
    #[inline]
    pub fn map(&mut self) -> Result<usize, DecodeError> {
        let (n, rest) = map(self.rest).ok_or_else(|| self.mismatch("map"))?;
        self.rest = rest;
        Ok(n)
    }

    /// Reads any value and keeps it as its bytes; they share the buffer if there is one.
    pub fn any(&mut self) -> Result<Any, DecodeError> {
        let raw = self.raw()?;
        Ok(Any::walked(self.slice(raw)))
    }

    /// Passes over any value.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        self.raw().map(|_| ())
    }

    fn raw(&mut self) -> Result<&'a [u8], DecodeError> {
        let parts = walk::skip(self.rest)
            .ok()
            .and_then(|n| self.rest.split_at_checked(n));
        let (raw, rest) = parts.ok_or_else(|| self.mismatch("a value"))?;
        self.rest = rest;
        Ok(raw)
    }

    /// A decoder of what is inside of an extension value that was cut from `rest`.
    pub(crate) fn inside(&self, content: &'a [u8], exts: Budget) -> Self {
        Self {
            rest: content,
            exts,
            ..*self
        }
    }

    /// A part that was cut from `rest`, without a copy if the buffer can be shared.
    pub(crate) fn slice(&self, part: &'a [u8]) -> Bytes {
        // `part` was cut from `rest`, which lies in `shared`.
        self.shared.map_or_else(
            || Bytes::copy_from_slice(part),
            |shared| shared.slice_ref(part),
        )
    }
}

/// Length of the array that `bytes` start with, and what follows its header.
#[inline]
pub(crate) fn array(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes.split_first() {
        Some((marker @ 0x90..=0x9f, rest)) => Some((usize::from(marker & 0x0f), rest)),
        Some((0xdc, rest)) => length::<2>(rest),
        Some((0xdd, rest)) => length::<4>(rest),
        _ => None,
    }
}

/// Length of the map that `bytes` start with, and what follows its header.
#[inline]
pub(crate) fn map(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes.split_first() {
        Some((marker @ 0x80..=0x8f, rest)) => Some((usize::from(marker & 0x0f), rest)),
        Some((0xde, rest)) => length::<2>(rest),
        Some((0xdf, rest)) => length::<4>(rest),
        _ => None,
    }
}

/// Content of the bin that `bytes` start with, and what follows it.
#[inline]
pub(crate) fn bin(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes.split_first() {
        Some((0xc4, rest)) => sized::<1>(rest),
        Some((0xc5, rest)) => sized::<2>(rest),
        Some((0xc6, rest)) => sized::<4>(rest),
        _ => None,
    }
}

#[inline]
fn int(bytes: &[u8]) -> Option<(Int, &[u8])> {
    let (&marker, rest) = bytes.split_first()?;
    let signed = |value: i64| u64::try_from(value).map_or(Int::Negative(value), Int::Unsigned);
    match marker {
        0x00..=0x7f => Some((Int::Unsigned(marker.into()), rest)),
        0xe0..=0xff => Some((Int::Negative(i8::from_be_bytes([marker]).into()), rest)),
        0xcc => rest
            .split_first_chunk()
            .map(|(b, rest)| (Int::Unsigned(u8::from_be_bytes(*b).into()), rest)),
        0xcd => rest
            .split_first_chunk()
            .map(|(b, rest)| (Int::Unsigned(u16::from_be_bytes(*b).into()), rest)),
        0xce => rest
            .split_first_chunk()
            .map(|(b, rest)| (Int::Unsigned(u32::from_be_bytes(*b).into()), rest)),
        0xcf => rest
            .split_first_chunk()
            .map(|(b, rest)| (Int::Unsigned(u64::from_be_bytes(*b)), rest)),
        0xd0 => rest
            .split_first_chunk()
            .map(|(b, rest)| (signed(i8::from_be_bytes(*b).into()), rest)),
        0xd1 => rest
            .split_first_chunk()
            .map(|(b, rest)| (signed(i16::from_be_bytes(*b).into()), rest)),
        0xd2 => rest
            .split_first_chunk()
            .map(|(b, rest)| (signed(i32::from_be_bytes(*b).into()), rest)),
        0xd3 => rest
            .split_first_chunk()
            .map(|(b, rest)| (signed(i64::from_be_bytes(*b)), rest)),
        _ => None,
    }
}

/// Content of the str that `bytes` start with, not yet checked to be UTF-8, and what follows it.
#[inline]
pub(crate) fn str_body(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&marker, rest) = bytes.split_first()?;
    match marker {
        0xa0..=0xbf => rest.split_at_checked(usize::from(marker & 0x1f)),
        0xd9 => sized::<1>(rest),
        0xda => sized::<2>(rest),
        0xdb => sized::<4>(rest),
        _ => None,
    }
}

/// Code and content of the extension that `bytes` start with, and what follows it.
pub(crate) fn ext(bytes: &[u8]) -> Option<(i8, &[u8], &[u8])> {
    let (&marker, rest) = bytes.split_first()?;
    let (n, rest) = match marker {
        0xd4..=0xd8 => (1 << (marker - 0xd4), rest),
        0xc7 => length::<1>(rest)?,
        0xc8 => length::<2>(rest)?,
        0xc9 => length::<4>(rest)?,
        _ => return None,
    };
    let (code, rest) = rest.split_first()?;
    let (body, rest) = rest.split_at_checked(n)?;
    Some((i8::from_be_bytes([*code]), body, rest))
}

#[inline]
fn sized<const N: usize>(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (n, rest) = length::<N>(rest)?;
    rest.split_at_checked(n)
}

#[inline]
fn length<const N: usize>(rest: &[u8]) -> Option<(usize, &[u8])> {
    let (bytes, rest) = rest.split_first_chunk::<N>()?;
    Some((
        bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)),
        rest,
    ))
}
