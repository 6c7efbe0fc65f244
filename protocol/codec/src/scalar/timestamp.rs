//! Moments.

use std::fmt;

use jiff::Timestamp;

use super::civil;
use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

/// MessagePack's code for a timestamp.
const EXT_CODE: i8 = -1;
const NANOS_MAX: u32 = 999_999_999;

/// MessagePack's timestamp, ext -1, in the shortest of its three forms; an RFC 3339 str with an offset is read too.
///
/// Nanoseconds are kept; a Python peer rounds them to microseconds. A str with more than nine digits of a second is
/// refused, and so are moments that the type doesn't reach (it ends with 9999-12-30T22:00:00Z, for any offset's
/// sake) and the leap second `:60`.
impl Payload for Timestamp {
    fn encode(&self, out: &mut Encoder<'_>) {
        // The type keeps seconds and nanoseconds of one sign; the wire has nanoseconds that count forward.
        let (mut secs, mut nanos) = (self.as_second(), self.subsec_nanosecond());
        if nanos < 0 {
            (secs, nanos) = (secs - 1, nanos + 1_000_000_000);
        }
        let nanos = nanos.unsigned_abs();
        match (u64::try_from(secs), nanos) {
            (Ok(secs @ 0..=0xffff_ffff), 0) => {
                let [.., b3, b2, b1, b0] = secs.to_be_bytes();
                out.ext(EXT_CODE, &[b3, b2, b1, b0]);
            }
            (Ok(secs @ 0..=0x3_ffff_ffff), nanos) => {
                out.ext(EXT_CODE, &(u64::from(nanos) << 34 | secs).to_be_bytes())
            }
            (_, nanos) => {
                let ([n3, n2, n1, n0], [s7, s6, s5, s4, s3, s2, s1, s0]) =
                    (nanos.to_be_bytes(), secs.to_be_bytes());
                out.ext(EXT_CODE, &[n3, n2, n1, n0, s7, s6, s5, s4, s3, s2, s1, s0]);
            }
        }
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        let read = if input.head().is(Kind::Str) {
            input.str().ok().and_then(civil::moment)
        } else {
            input
                .ext()
                .ok()
                .and_then(|(code, body)| if code == EXT_CODE { moment(body) } else { None })
        };
        read.ok_or_else(|| at.mismatch("timestamp"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Ext(EXT_CODE)) || head.is(Kind::Str)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn moment(body: &[u8]) -> Option<Timestamp> {
    let (secs, nanos) = match *body {
        [b3, b2, b1, b0] => (i64::from(u32::from_be_bytes([b3, b2, b1, b0])), 0),
        [n3, n2, n1, n0, s7, s6, s5, s4, s3, s2, s1, s0] => (
            i64::from_be_bytes([s7, s6, s5, s4, s3, s2, s1, s0]),
            u32::from_be_bytes([n3, n2, n1, n0]),
        ),
        _ => {
            let both = u64::from_be_bytes(body.try_into().ok()?);
            (
                i64::try_from(both & 0x3_ffff_ffff).ok()?,
                u32::try_from(both >> 34).ok()?,
            )
        }
    };
    if nanos > NANOS_MAX {
        return None;
    }
    Timestamp::new(secs, i32::try_from(nanos).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Any, from_slice, to_bytes};

    #[test]
    fn each_form_is_used_for_what_it_is_made_for() {
        for (text, hex) in [
            ("2025-02-03T04:05:06Z", "d6ff67a04072"),
            ("2025-02-03T04:05:06.789012Z", "d7ffbc1d788067a04072"),
            ("2025-02-03T04:05:06.000000001Z", "d7ff0000000467a04072"),
            ("1969-12-31T23:59:59.5Z", "c70cff1dcd6500ffffffffffffffff"),
            ("1970-01-01T00:00:00Z", "d6ff00000000"),
            ("2106-02-07T06:28:15Z", "d6ffffffffff"),
            ("2106-02-07T06:28:16Z", "d7ff0000000100000000"),
            ("2514-05-30T01:53:03Z", "d7ff00000003ffffffff"),
            ("2514-05-30T01:53:04Z", "c70cff000000000000000400000000"),
        ] {
            let moment: Timestamp = text.parse().expect("a moment");
            let bytes = to_bytes(&moment);
            assert_eq!(
                bytes
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
                hex,
                "{text}"
            );
            assert_eq!(from_slice(&bytes), Ok(moment), "{text}");
            assert_eq!(Any::encode(&text.to_owned()).decode(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn absurd_moments_are_refused() {
        let ext = |body: &[u8]| {
            let mut out = bytes::BytesMut::new();
            Encoder::new(&mut out).ext(EXT_CODE, body);
            from_slice::<Timestamp>(&out)
        };
        assert!(ext(&[0; 4]).is_ok() && ext(&[0; 8]).is_ok() && ext(&[0; 12]).is_ok());
        assert!(ext(&[0; 3]).is_err() && ext(&[]).is_err() && ext(&[0; 16]).is_err());
        assert!(
            ext(&[0xee, 0x6b, 0x28, 0, 0, 0, 0, 0]).is_err(),
            "a thousand million nanoseconds"
        );
        assert!(ext(&[0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(ext(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }

    #[test]
    fn a_str_needs_the_exact_form_and_an_offset() {
        let read = |text: &str| Any::encode(&text.to_owned()).decode::<Timestamp>().ok();
        let moment = read("2025-02-03T04:05:06Z");
        assert!(moment.is_some());
        for same in [
            "2025-02-03t04:05:06z",
            "2025-02-03 04:05:06.000Z",
            "2025-02-03T06:05:06+02:00",
            "2025-02-03T03:05:06-0100",
        ] {
            assert_eq!(read(same), moment, "{same}");
        }
        for bad in [
            "2025-02-03T04:05:06",
            "2025-02-03",
            "2025-02-03T04:05Z",
            "2025-02-03T04:05:60Z",
            "2025-02-03T24:00:00Z",
            "2025-02-30T04:05:06Z",
            "2025-02-03T04:05:06+02",
            "2025-02-03T04:05:06+24:00",
            "2025-02-03_04:05:06Z",
            "2025-02-03T04:05:06.Z",
            "2025-02-03T04:05:06.0000000001Z",
            "2025-02-03T04:05:06Z[UTC]",
            "20250203T040506Z",
            "",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
