//! Writes canonical MessagePack: shortest integers and headers, non-negative integers in the unsigned forms, floats
//! always 64-bit. The same value has the same bytes from every language.

use bytes::BytesMut;

use crate::{Payload, Presence};

/// Appends values to a buffer. Never fails: a buffer grows as needed.
///
/// A caller that writes a [`map`](Self::map) or [`array`](Self::array) header must write that many values after it.
#[derive(Debug)]
pub struct Encoder<'a> {
    out: &'a mut BytesMut,
}

impl<'a> Encoder<'a> {
    /// Appends to `out`; what is in it already is left alone.
    pub fn new(out: &'a mut BytesMut) -> Self {
        Self { out }
    }

    /// Writes a value of any payload type.
    #[inline]
    pub fn value<T: Payload>(&mut self, value: &T) {
        value.encode(self);
    }

    /// Writes an entry of a map: `key` is the key as encoded bytes.
    #[inline]
    pub fn field<T: Payload>(&mut self, key: &[u8], value: &T) {
        self.raw(key);
        value.encode(self);
    }

    /// Writes an entry of a map unless its value is absent.
    #[inline]
    pub fn omittable<T: Payload>(&mut self, key: &[u8], value: &Presence<T>) {
        if let Presence::Present(value) = value {
            self.field(key, value);
        }
    }

    /// Writes nil.
    #[inline]
    pub fn nil(&mut self) {
        self.raw(&[0xc0]);
    }

    /// Writes a bool.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.raw(&[if value { 0xc3 } else { 0xc2 }]);
    }

    /// Writes a non-negative integer in its shortest form.
    #[inline]
    pub fn uint(&mut self, value: u64) {
        let [b7, b6, b5, b4, b3, b2, b1, b0] = value.to_be_bytes();
        match value {
            0..=0x7f => self.raw(&[b0]),
            0x80..=0xff => self.raw(&[0xcc, b0]),
            0x100..=0xffff => self.raw(&[0xcd, b1, b0]),
            0x1_0000..=0xffff_ffff => self.raw(&[0xce, b3, b2, b1, b0]),
            _ => self.raw(&[0xcf, b7, b6, b5, b4, b3, b2, b1, b0]),
        }
    }

    /// Writes an integer in its shortest form.
    #[inline]
    pub fn int(&mut self, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            return self.uint(value);
        }
        let [b7, b6, b5, b4, b3, b2, b1, b0] = value.to_be_bytes();
        match value {
            -0x20.. => self.raw(&[b0]),
            -0x80..-0x20 => self.raw(&[0xd0, b0]),
            -0x8000..-0x80 => self.raw(&[0xd1, b1, b0]),
            -0x8000_0000..-0x8000 => self.raw(&[0xd2, b3, b2, b1, b0]),
            _ => self.raw(&[0xd3, b7, b6, b5, b4, b3, b2, b1, b0]),
        }
    }

    /// Writes a float, always in 64 bits, bit-exact.
    #[inline]
    pub fn f64(&mut self, value: f64) {
        let [b7, b6, b5, b4, b3, b2, b1, b0] = value.to_be_bytes();
        self.raw(&[0xcb, b7, b6, b5, b4, b3, b2, b1, b0]);
    }

    /// Writes a str.
    ///
    /// At most 4 GiB: lengths are 32-bit. A payload has to fit into a frame, which is far smaller.
    #[inline]
    pub fn str(&mut self, value: &str) {
        self.str_header(value.len());
        self.raw(value.as_bytes());
    }

    /// Writes several texts as one str.
    pub fn text(&mut self, parts: &[&str]) {
        self.str_header(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.raw(part.as_bytes());
        }
    }

    #[inline]
    fn str_header(&mut self, n: usize) {
        let n = length(n);
        let [b3, b2, b1, b0] = n.to_be_bytes();
        match n {
            0..=31 => self.raw(&[0xa0 | b0]),
            32..=0xff => self.raw(&[0xd9, b0]),
            0x100..=0xffff => self.raw(&[0xda, b1, b0]),
            _ => self.raw(&[0xdb, b3, b2, b1, b0]),
        }
    }

    /// Writes bytes as a bin. At most 4 GiB, as for [`str`](Self::str).
    #[inline]
    pub fn bin(&mut self, value: &[u8]) {
        let n = length(value.len());
        let [b3, b2, b1, b0] = n.to_be_bytes();
        match n {
            0..=0xff => self.raw(&[0xc4, b0]),
            0x100..=0xffff => self.raw(&[0xc5, b1, b0]),
            _ => self.raw(&[0xc6, b3, b2, b1, b0]),
        }
        self.raw(value);
    }

    /// Writes an extension value. At most 4 GiB, as for [`str`](Self::str).
    pub fn ext(&mut self, code: i8, value: &[u8]) {
        let n = length(value.len());
        let [b3, b2, b1, b0] = n.to_be_bytes();
        let [code] = code.to_be_bytes();
        match n {
            1 => self.raw(&[0xd4, code]),
            2 => self.raw(&[0xd5, code]),
            4 => self.raw(&[0xd6, code]),
            8 => self.raw(&[0xd7, code]),
            16 => self.raw(&[0xd8, code]),
            0..=0xff => self.raw(&[0xc7, b0, code]),
            0x100..=0xffff => self.raw(&[0xc8, b1, b0, code]),
            _ => self.raw(&[0xc9, b3, b2, b1, b0, code]),
        }
        self.raw(value);
    }

    /// Writes the header of a list; `n` values must follow.
    #[inline]
    pub fn array(&mut self, n: usize) {
        let n = length(n);
        let [b3, b2, b1, b0] = n.to_be_bytes();
        match n {
            0..=15 => self.raw(&[0x90 | b0]),
            16..=0xffff => self.raw(&[0xdc, b1, b0]),
            _ => self.raw(&[0xdd, b3, b2, b1, b0]),
        }
    }

    /// Writes the header of a map; `n` keys, each with its value, must follow.
    #[inline]
    pub fn map(&mut self, n: usize) {
        let n = length(n);
        let [b3, b2, b1, b0] = n.to_be_bytes();
        match n {
            0..=15 => self.raw(&[0x80 | b0]),
            16..=0xffff => self.raw(&[0xde, b1, b0]),
            _ => self.raw(&[0xdf, b3, b2, b1, b0]),
        }
    }

    /// Appends bytes that are encoded already.
    #[inline]
    pub fn raw(&mut self, encoded: &[u8]) {
        self.out.extend_from_slice(encoded);
    }

    /// Makes room for `bytes` more, so that a long list grows the buffer once.
    #[inline]
    pub fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }
}

/// MessagePack's lengths are 32-bit. What doesn't fit can't be sent in any frame; a wrong length would be worse than a
/// refused frame, so the largest is written, and the peer and our own walk see a truncated value.
#[inline]
fn length(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Encoder<'_>)) -> Vec<u8> {
        let mut out = BytesMut::new();
        write(&mut Encoder::new(&mut out));
        out.to_vec()
    }

    #[test]
    fn integers_are_as_short_as_rmp_writes_them() {
        let edges = [
            0, 1, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7fff, 0x8000, 0x8001, 0xffff,
            0x1_0000,
        ];
        let wide = [
            0x7fff_ffff,
            0x8000_0000,
            0x8000_0001,
            0xffff_ffff,
            0x1_0000_0000,
            i64::MAX,
        ];
        for value in edges
            .into_iter()
            .chain(wide)
            .flat_map(|v| [v, -v])
            .chain([i64::MIN])
        {
            assert_eq!(
                written(|e| e.int(value)),
                rmp_serde::to_vec(&value).expect("encodes"),
                "{value}"
            );
        }
        assert_eq!(
            written(|e| e.uint(u64::MAX)),
            rmp_serde::to_vec(&u64::MAX).expect("encodes")
        );
    }

    #[test]
    fn headers_are_as_short_as_rmp_writes_them() {
        for n in [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
            let text = "x".repeat(n);
            let expected = rmp_serde::to_vec(&text).expect("encodes");
            assert_eq!(written(|e| e.str(&text)), expected, "{n}");
            let (first, second) = text.split_at(n / 3);
            assert_eq!(written(|e| e.text(&[first, second])), expected, "{n}");
            let list = vec![(); n];
            let ours = written(|e| {
                e.array(n);
                list.iter().for_each(|()| e.nil());
            });
            assert_eq!(ours, rmp_serde::to_vec(&list).expect("encodes"), "{n}");
        }
        assert_eq!(written(|e| e.map(15)), [0x8f]);
        assert_eq!(written(|e| e.map(16)), [0xde, 0, 16]);
        assert_eq!(written(|e| e.map(65_536)), [0xdf, 0, 1, 0, 0]);
        assert_eq!(written(|e| e.bin(&[7])), [0xc4, 1, 7]);
        assert_eq!(written(|e| e.ext(-1, &[0; 4])), [0xd6, 0xff, 0, 0, 0, 0]);
        assert_eq!(written(|e| e.ext(5, &[])), [0xc7, 0, 5]);
    }
}
