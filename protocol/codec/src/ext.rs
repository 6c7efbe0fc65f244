//! Extension types that a schema declares: a code around the MessagePack of a value, or around bytes.
//!
//! The walk takes what is inside for mere bytes, so it is walked here before it is read. How deep such values may stand
//! inside each other, and how much all of them in a payload may hold, is bounded: [`limits::EXT_NESTING_MAX`] and
//! [`limits::PAYLOAD_ITEMS_MAX`].

use bytes::{Bytes, BytesMut};

use crate::show::Brief;
use crate::walk::{self, WalkLimits};
use crate::{DecodeError, Decoder, Encoder, limits};

/// What the extension values of a payload may still hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Extension values inside of each other, from here on.
    nesting: u8,
    /// Values in all of them.
    items: u32,
}

impl Budget {
    pub(crate) const WHOLE: Self = Self {
        nesting: limits::EXT_NESTING_MAX,
        items: limits::PAYLOAD_ITEMS_MAX,
    };
}

/// Writes an extension value whose content is what `write` writes.
pub fn write_ext(code: i8, out: &mut Encoder<'_>, write: impl FnOnce(&mut Encoder<'_>)) {
    // The length stands in front and is known afterwards.
    let mut content = BytesMut::new();
    write(&mut Encoder::new(&mut content));
    out.ext(code, &content);
}

/// Reads an extension value whose content is one MessagePack value, which `read` reads.
///
/// # Errors
/// If it has another code or is something else, if its content is not one acceptable value, and those of `read`.
pub fn read_ext<T>(
    code: i8,
    name: &'static str,
    input: &mut Decoder<'_>,
    read: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let content = content(code, name, input)?;
    let refuse = |came: String| {
        DecodeError::new(format!("one value inside of ext {code}"), came).of_type(name)
    };
    let nesting = input
        .exts
        .nesting
        .checked_sub(1)
        .ok_or_else(|| refuse("too many extension values inside each other".to_owned()))?;
    let limits = WalkLimits {
        items_max: input.exts.items,
        ..WalkLimits::default()
    };
    let count = walk::count(content, &limits).map_err(|reject| refuse(reject.to_string()))?;
    let budget = Budget {
        nesting,
        items: input.exts.items.saturating_sub(count),
    };
    let mut inside = input.inside(content, budget);
    let value = read(&mut inside)?;
    // What the values inside have used is gone for those that follow.
    input.exts.items = inside.exts.items;
    Ok(value)
}

/// Reads an extension value whose content is bytes. They share the buffer if there is one.
///
/// # Errors
/// If it has another code or is something else.
pub fn read_ext_bytes(
    code: i8,
    name: &'static str,
    input: &mut Decoder<'_>,
) -> Result<Bytes, DecodeError> {
    let content = content(code, name, input)?;
    Ok(input.slice(content))
}

fn content<'a>(
    code: i8,
    name: &'static str,
    input: &mut Decoder<'a>,
) -> Result<&'a [u8], DecodeError> {
    let at = input.rest;
    match input.ext() {
        Ok((found, content)) if found == code => Ok(content),
        _ => Err(DecodeError::new(format!("ext {code}"), Brief(at).to_string()).of_type(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload as _;

    const CODE: i8 = 5;

    fn wrapped(content: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        Encoder::new(&mut out).ext(CODE, content);
        out.to_vec()
    }

    /// Reads `levels` extension values inside of each other.
    fn nested(input: &mut Decoder<'_>, levels: u8) -> Result<u8, DecodeError> {
        match levels.checked_sub(1) {
            None => u8::decode(input),
            Some(levels) => read_ext(CODE, "E", input, |input| nested(input, levels)),
        }
    }

    #[test]
    fn what_is_inside_is_one_value_within_the_limits() {
        let reads = |content: &[u8]| {
            let bytes = wrapped(content);
            read_ext(CODE, "E", &mut Decoder::new(&bytes), |input| input.skip())
                .map_err(|error| error.to_string())
        };
        assert_eq!(reads(&[0x91, 0xc0]), Ok(()));
        for (content, why) in [
            (&[][..], "declares more than the bytes that follow"),
            (&[0x91], "declares more than the bytes that follow"),
            (&[0xc0, 0xc0], "bytes after the end of the value"),
            (&[0xa1, 0xff], "a str that is not UTF-8"),
            (&[0x91; 40], "too many lists and maps inside each other"),
        ] {
            let error = reads(content).expect_err("not acceptable");
            assert!(
                error.starts_with("E: expected one value inside of ext 5, came ")
                    && error.contains(why),
                "{error}"
            );
        }
    }

    #[test]
    fn other_codes_are_refused() {
        let bytes = wrapped(&[0xc0]);
        let error = read_ext(6, "E", &mut Decoder::new(&bytes), |input| input.nil());
        let error = error.expect_err("another code").to_string();
        assert!(
            error.starts_with("E: expected ext 6, came ext 5"),
            "{error}"
        );
        let error = read_ext_bytes(5, "E", &mut Decoder::new(&[0xc0])).expect_err("nil");
        assert_eq!(error.to_string(), "E: expected ext 5, came nil");
    }

    #[test]
    fn nesting_is_bounded() {
        let mut bytes = vec![7];
        for levels in 1..=limits::EXT_NESTING_MAX + 1 {
            bytes = wrapped(&bytes);
            let read = nested(&mut Decoder::new(&bytes), levels);
            assert_eq!(
                read.is_ok(),
                levels <= limits::EXT_NESTING_MAX,
                "{levels}: {read:?}"
            );
        }
    }

    #[test]
    fn what_all_of_them_hold_is_bounded() {
        // A list of 40,000 nils, twice: each is below the limit, both are not.
        let mut list = vec![0xdd, 0, 0, 0x9c, 0x40];
        list.extend(vec![0xc0; 40_000]);
        let bytes = [wrapped(&list), wrapped(&list)].concat();
        let mut input = Decoder::new(&bytes);
        let mut next = || read_ext(CODE, "E", &mut input, |input| input.skip());
        assert!(next().is_ok());
        let error = next().expect_err("too many").to_string();
        assert!(error.contains("too many values"), "{error}");
    }

    #[test]
    fn bytes_share_the_frame() {
        let frame = Bytes::from(wrapped(b"abc"));
        let raw = read_ext_bytes(CODE, "E", &mut Decoder::shared(&frame)).expect("bytes");
        assert_eq!(raw.as_ptr(), frame[3..].as_ptr());
        assert_eq!(&raw[..], b"abc");
    }
}
