//! Canonical MessagePack: integers and lengths in their shortest form, floats in 64 bits.

use super::text::NANOS;

/// Extension code of a timestamp.
const TIMESTAMP: u8 = 0xff;

/// Bytes that are being written, up to a bound. Every call gives `None` beyond it.
pub(super) struct Pack {
    bytes: Vec<u8>,
    max: usize,
}

impl Pack {
    pub(super) fn new(max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            max,
        }
    }

    /// How many bytes may follow.
    pub(super) fn left(&self) -> usize {
        self.max.saturating_sub(self.bytes.len())
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> Option<()> {
        if bytes.len() > self.left() {
            return None;
        }
        self.bytes.extend_from_slice(bytes);
        Some(())
    }

    pub(super) fn nil(&mut self) -> Option<()> {
        self.raw(&[0xc0])
    }

    pub(super) fn bool(&mut self, value: bool) -> Option<()> {
        self.raw(&[if value { 0xc3 } else { 0xc2 }])
    }

    pub(super) fn int(&mut self, value: i128) -> Option<()> {
        if let Ok(value) = u64::try_from(value) {
            return match value {
                0..=0x7f => self.sized(&[], value, 1),
                0x80..=0xff => self.sized(&[0xcc], value, 1),
                0x100..=0xffff => self.sized(&[0xcd], value, 2),
                0x1_0000..=0xffff_ffff => self.sized(&[0xce], value, 4),
                _ => self.sized(&[0xcf], value, 8),
            };
        }
        let value = i64::try_from(value).ok()?;
        let bits = value.cast_unsigned();
        match value {
            -0x20.. => self.sized(&[], bits, 1),
            -0x80..-0x20 => self.sized(&[0xd0], bits, 1),
            -0x8000..-0x80 => self.sized(&[0xd1], bits, 2),
            -0x8000_0000..-0x8000 => self.sized(&[0xd2], bits, 4),
            _ => self.sized(&[0xd3], bits, 8),
        }
    }

    pub(super) fn float(&mut self, value: f64) -> Option<()> {
        self.sized(&[0xcb], value.to_bits(), 8)
    }

    pub(super) fn str(&mut self, text: &str) -> Option<()> {
        let length = text.len() as u64;
        match length {
            0..=31 => self.sized(&[], 0xa0 | length, 1)?,
            32..=0xff => self.sized(&[0xd9], length, 1)?,
            0x100..=0xffff => self.sized(&[0xda], length, 2)?,
            _ => self.sized(&[0xdb], length, 4)?,
        }
        self.raw(text.as_bytes())
    }

    pub(super) fn bin(&mut self, bytes: &[u8]) -> Option<()> {
        let length = bytes.len() as u64;
        match length {
            0..=0xff => self.sized(&[0xc4], length, 1)?,
            0x100..=0xffff => self.sized(&[0xc5], length, 2)?,
            _ => self.sized(&[0xc6], length, 4)?,
        }
        self.raw(bytes)
    }

    pub(super) fn array(&mut self, count: usize) -> Option<()> {
        let count = count as u64;
        match count {
            0..=15 => self.sized(&[], 0x90 | count, 1),
            16..=0xffff => self.sized(&[0xdc], count, 2),
            _ => self.sized(&[0xdd], count, 4),
        }
    }

    pub(super) fn map(&mut self, count: usize) -> Option<()> {
        let count = count as u64;
        match count {
            0..=15 => self.sized(&[], 0x80 | count, 1),
            16..=0xffff => self.sized(&[0xde], count, 2),
            _ => self.sized(&[0xdf], count, 4),
        }
    }

    pub(super) fn ext(&mut self, code: u8, body: &[u8]) -> Option<()> {
        let length = body.len() as u64;
        match length {
            1 => self.raw(&[0xd4])?,
            2 => self.raw(&[0xd5])?,
            4 => self.raw(&[0xd6])?,
            8 => self.raw(&[0xd7])?,
            16 => self.raw(&[0xd8])?,
            0..=0xff => self.sized(&[0xc7], length, 1)?,
            0x100..=0xffff => self.sized(&[0xc8], length, 2)?,
            _ => self.sized(&[0xc9], length, 4)?,
        }
        self.raw(&[code])?;
        self.raw(body)
    }

    /// A moment, in nanoseconds since the beginning of 1970, in the shortest of its three forms.
    pub(super) fn timestamp(&mut self, moment: i128) -> Option<()> {
        let seconds = i64::try_from(moment.div_euclid(NANOS)).ok()?;
        let nanoseconds = u32::try_from(moment.rem_euclid(NANOS)).ok()?;
        let unsigned = u64::try_from(seconds).ok().filter(|it| *it < 1 << 34);
        match (unsigned, nanoseconds) {
            (Some(seconds), 0) if seconds <= u64::from(u32::MAX) => {
                let [_, _, _, _, bytes @ ..] = seconds.to_be_bytes();
                self.ext(TIMESTAMP, &bytes)
            }
            (Some(seconds), nanoseconds) => {
                let both = u64::from(nanoseconds) << 34 | seconds;
                self.ext(TIMESTAMP, &both.to_be_bytes())
            }
            (None, nanoseconds) => {
                let mut body = nanoseconds.to_be_bytes().to_vec();
                body.extend_from_slice(&seconds.to_be_bytes());
                self.ext(TIMESTAMP, &body)
            }
        }
    }

    /// A first byte, if any, and so many of the last bytes of a number.
    fn sized(&mut self, head: &[u8], number: u64, size: usize) -> Option<()> {
        let bytes = number.to_be_bytes();
        self.raw(head)?;
        self.raw(bytes.get(bytes.len() - size..)?)
    }
}
