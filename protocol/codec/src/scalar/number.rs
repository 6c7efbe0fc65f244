//! Integers and floats.

use std::fmt;

use crate::check::Measure;
use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

macro_rules! ints {
    ($($T:ty, $write:ident as $wide:ty, $expected:literal;)+) => {$(
        impl Payload for $T {
            #[inline]
            fn encode(&self, out: &mut Encoder<'_>) {
                out.$write(<$wide>::from(*self));
            }

            #[inline]
            fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                input.int($expected)
            }

            fn accepts(head: &Head<'_>) -> bool {
                head.is(Kind::Int)
            }

            fn measure(&self) -> Measure {
                Measure::Int(i128::from(*self))
            }

            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )+};
}

ints! {
    u8, uint as u64, "u8 (an int in 0..=255)";
    u16, uint as u64, "u16 (an int in 0..=65535)";
    u32, uint as u64, "u32 (an int in 0..=4294967295)";
    u64, uint as u64, "u64 (an int from 0)";
    i8, int as i64, "i8 (an int in -128..=127)";
    i16, int as i64, "i16 (an int in -32768..=32767)";
    i32, int as i64, "i32 (an int in -2147483648..=2147483647)";
    i64, int as i64, "i64 (an int below 2^63)";
}

impl Payload for f64 {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.f64(*self);
    }

    #[inline]
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        input.f64()
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Float) || head.is(Kind::Int)
    }

    fn measure(&self) -> Measure {
        Measure::Float(*self)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Written in 64 bits like every float. Reading rounds to the nearest `f32`; a finite value beyond its range is
/// refused.
impl Payload for f32 {
    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.f64(f64::from(*self));
    }

    #[inline]
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        let wide = input.f64()?;
        let narrow = wide as f32;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(at.mismatch("f32 (a float within ±3.4e38)"));
        }
        Ok(narrow)
    }

    fn accepts(head: &Head<'_>) -> bool {
        f64::accepts(head)
    }

    fn measure(&self) -> Measure {
        Measure::Float(f64::from(*self))
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use crate::{Any, from_slice, to_bytes};

    #[test]
    fn every_width_is_read_into_every_type_that_can_hold_it() {
        // 1, written as canonically as possible and as wastefully as possible.
        let ones: [&[u8]; 9] = [
            &[0x01],
            &[0xcc, 1],
            &[0xcd, 0, 1],
            &[0xce, 0, 0, 0, 1],
            &[0xcf, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0xd0, 1],
            &[0xd1, 0, 1],
            &[0xd2, 0, 0, 0, 1],
            &[0xd3, 0, 0, 0, 0, 0, 0, 0, 1],
        ];
        for bytes in ones {
            assert_eq!(from_slice::<u8>(bytes), Ok(1));
            assert_eq!(from_slice::<i64>(bytes), Ok(1));
            assert_eq!(from_slice::<f64>(bytes), Ok(1.0));
        }
        assert_eq!(
            from_slice::<i64>(&to_bytes(&(i64::MAX as u64))),
            Ok(i64::MAX)
        );
        assert_eq!(from_slice::<f32>(&[0xca, 0x3f, 0xc0, 0, 0]), Ok(1.5));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_value() {
        let text = |bytes: Bytes| from_slice::<u8>(&bytes).map_err(|error| error.to_string());
        let expected = |came: &str| Err(format!("expected u8 (an int in 0..=255), came {came}"));
        assert_eq!(text(to_bytes(&256_u16)), expected("int 256"));
        assert_eq!(text(to_bytes(&-1_i8)), expected("int -1"));
        assert_eq!(text(to_bytes(&1.0)), expected("float 1.0"));
        assert_eq!(text(to_bytes(&true)), expected("bool true"));
        assert_eq!(text(to_bytes(&"1".to_owned())), expected("str \"1\""));
        assert!(from_slice::<i64>(&to_bytes(&u64::MAX)).is_err());
        assert!(from_slice::<f64>(&to_bytes(&true)).is_err());
        assert!(from_slice::<f32>(&to_bytes(&1e300)).is_err());
        assert!(from_slice::<f32>(&to_bytes(&f64::INFINITY)).is_ok());
    }

    #[test]
    fn odd_floats_are_kept_to_the_bit() {
        for bits in [
            f64::NAN.to_bits(),
            0xfff8_0000_0000_0001,
            (-0.0_f64).to_bits(),
            f64::INFINITY.to_bits(),
        ] {
            let bytes = to_bytes(&f64::from_bits(bits));
            assert_eq!(from_slice::<f64>(&bytes).expect("a float").to_bits(), bits);
        }
        assert_eq!(Any::encode(&1.5_f32), Any::encode(&1.5_f64));
    }
}
