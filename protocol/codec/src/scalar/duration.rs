//! Durations.

use std::fmt;

use jiff::SignedDuration;

use super::Printed;
use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

const DAY_SECS: u32 = 86_400;
const SEC_NANOS: u128 = 1_000_000_000;

/// ISO 8601 in days and seconds: `P1DT2.3S`, `-PT1.5S`, `P0D`.
///
/// Nanoseconds are written in full, up to nine digits and without trailing zeros; a Python peer rounds them to
/// microseconds. Hours and minutes are read as well, in this order, and a fraction on the last unit; weeks, months and
/// years are not durations. Case doesn't matter.
impl Payload for SignedDuration {
    fn encode(&self, out: &mut Encoder<'_>) {
        let sign = if self.is_negative() { "-" } else { "" };
        let (secs, nanos) = (
            self.as_secs().unsigned_abs(),
            self.subsec_nanos().unsigned_abs(),
        );
        let (days, secs) = (secs / u64::from(DAY_SECS), secs % u64::from(DAY_SECS));
        let (fraction, width) = shortest(nanos);
        let printed = match (days, secs, nanos) {
            (_, 0, 0) => Printed::new(format_args!("{sign}P{days}D")),
            (0, _, 0) => Printed::new(format_args!("{sign}PT{secs}S")),
            (0, ..) => Printed::new(format_args!("{sign}PT{secs}.{fraction:0width$}S")),
            (_, _, 0) => Printed::new(format_args!("{sign}P{days}DT{secs}S")),
            _ => Printed::new(format_args!("{sign}P{days}DT{secs}.{fraction:0width$}S")),
        };
        out.str(printed.as_str());
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        input
            .str()
            .ok()
            .and_then(parse)
            .ok_or_else(|| at.mismatch("duration (ISO 8601: `P1DT2.3S`)"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

/// Nanoseconds without trailing zeros, and how many digits that is.
fn shortest(nanos: u32) -> (u32, usize) {
    let (mut fraction, mut width) = (nanos, 9);
    while fraction != 0 && fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    (fraction, width)
}

fn parse(text: &str) -> Option<SignedDuration> {
    let negative = text.starts_with('-');
    let mut rest = text
        .strip_prefix(['-', '+'])
        .unwrap_or(text)
        .strip_prefix(['P', 'p'])?;
    let mut nanos = 0_u128;
    let mut in_time = false;
    // Units shrink from left to right; after a fraction none may follow.
    let mut last = u32::MAX;
    let mut unfinished = true;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix(['T', 't'])
            && !in_time
        {
            (in_time, unfinished, rest) = (true, true, time);
            continue;
        }
        let (number, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let secs = match (in_time, unit.chars().next()?.to_ascii_uppercase()) {
            (false, 'D') => DAY_SECS,
            (true, 'H') => 3_600,
            (true, 'M') => 60,
            (true, 'S') => 1,
            _ => return None,
        };
        if secs >= last {
            return None;
        }
        let (whole, fraction) = number
            .split_once('.')
            .map_or((number, None), |(whole, part)| (whole, Some(part)));
        let whole = whole.parse::<u64>().ok()?;
        let part = fraction.map_or(Some(0), |digits| parse_fraction(digits, secs))?;
        nanos = nanos.checked_add(u128::from(whole) * u128::from(secs) * SEC_NANOS + part)?;
        last = if fraction.is_some() { 0 } else { secs };
        (unfinished, rest) = (false, unit.get(1..)?);
    }
    let nanos = i128::try_from(nanos).ok().filter(|_| !unfinished)?;
    let nanos = if negative { -nanos } else { nanos };
    SignedDuration::try_from_nanos_i128(nanos)
}

/// Nanoseconds of a decimal fraction of `secs`, rounded to the nearest.
fn parse_fraction(digits: &str, secs: u32) -> Option<u128> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Digits beyond the eighteenth can't be seen in a nanosecond.
    let digits = digits.get(..18).unwrap_or(digits);
    let scale = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let value = digits.parse::<u128>().ok()?;
    Some((value * u128::from(secs) * SEC_NANOS + scale / 2) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{from_slice, to_bytes};

    fn read(text: &str) -> Option<SignedDuration> {
        from_slice(&to_bytes(&text.to_owned())).ok()
    }

    fn written(duration: SignedDuration) -> String {
        from_slice(&to_bytes(&duration)).expect("a str")
    }

    #[test]
    fn goes_there_and_back() {
        for (secs, nanos, text) in [
            (0, 0, "P0D"),
            (86_402, 300_000_000, "P1DT2.3S"),
            (-1, -500_000_000, "-PT1.5S"),
            (86_400, 0, "P1D"),
            (-3 * 86_400, 0, "-P3D"),
            (90_000, 0, "P1DT3600S"),
            (0, 1, "PT0.000000001S"),
            (0, -1_000, "-PT0.000001S"),
            (i64::MAX, 999_999_999, "P106751991167300DT55807.999999999S"),
            (
                i64::MIN,
                -999_999_999,
                "-P106751991167300DT55808.999999999S",
            ),
        ] {
            let duration = SignedDuration::new(secs, nanos);
            assert_eq!(written(duration), text);
            assert_eq!(read(text), Some(duration), "{text}");
        }
    }

    #[test]
    fn reads_what_others_write() {
        for (text, millis) in [
            ("PT1H30M", 5_400_000),
            ("PT1.5M", 90_000),
            ("P1.5D", 129_600_000),
            ("+p1dt1h2m3.5s", 90_123_500),
            ("-P0D", 0),
            ("P01D", 86_400_000),
            ("PT0.0009999999S", 1),
        ] {
            assert_eq!(
                read(text),
                Some(SignedDuration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "P1",
            "1D",
            "P-1D",
            "P1W",
            "P1Y",
            "P1M",
            "PT1D",
            "PT,5S",
            "PT.5S",
            "PT1.S",
            "PT1.5M3S",
            "PT3S2M",
            "PT1S1S",
            "P1DT-1S",
            "PT1S ",
            "P106751991167301D",
            "PT99999999999999999999S",
            "PTT1S",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
