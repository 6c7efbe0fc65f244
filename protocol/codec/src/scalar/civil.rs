//! Dates and times of day, and the RFC 3339 form that timestamps share with them.
//!
//! The forms are exact, as msgspec has them: no parser that accepts more stands between two languages that should agree.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::{Printed, digits};
use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

/// `2025-02-03`. Years 0001 to 9999, which is what Python has; a date before them is written as ISO 8601's longer form
/// and read by nobody.
impl Payload for Date {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.str(Printed::new(format_args!("{self}")).as_str());
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        input
            .str()
            .ok()
            .and_then(date)
            .ok_or_else(|| at.mismatch("date (`2025-02-03`)"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `04:05:06`, `04:05:06.007000`: no fraction or six digits, and nine where microseconds don't suffice (a Python peer
/// rounds them). One to nine digits are read. A time with an offset is refused: the type has no place for it.
impl Payload for Time {
    fn encode(&self, out: &mut Encoder<'_>) {
        let (h, m, s, nanos) = (
            self.hour(),
            self.minute(),
            self.second(),
            self.subsec_nanosecond(),
        );
        let printed = match (nanos, nanos % 1_000) {
            (0, _) => Printed::new(format_args!("{h:02}:{m:02}:{s:02}")),
            (_, 0) => Printed::new(format_args!("{h:02}:{m:02}:{s:02}.{:06}", nanos / 1_000)),
            _ => Printed::new(format_args!("{h:02}:{m:02}:{s:02}.{nanos:09}")),
        };
        out.str(printed.as_str());
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        let read = input
            .str()
            .ok()
            .and_then(time)
            .and_then(|(time, rest)| rest.is_empty().then_some(time));
        read.ok_or_else(|| at.mismatch("time without an offset (`04:05:06`)"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `2025-02-03T04:05:06.789+02:00`; `Z` for no offset, a space for the `T`, lower case, an offset without a colon.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.split_at_checked(10)?;
    let (time, offset) = time(rest.strip_prefix(['T', 't', ' '])?)?;
    let seconds = match offset {
        "Z" | "z" => 0,
        _ => {
            let (sign, offset) = offset.split_at_checked(1)?;
            let (hours, minutes) = offset.split_at_checked(2)?;
            let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
            let (hours, minutes) = (two(hours, 23)?, two(minutes, 59)?);
            let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
            match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            }
        }
    };
    Offset::from_seconds(seconds)
        .ok()?
        .to_timestamp(date(day)?.to_datetime(time))
        .ok()
}

fn date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, rest) = rest.strip_prefix('-')?.split_at_checked(2)?;
    let day = rest.strip_prefix('-')?;
    let year = i16::try_from(digits(year)?).ok().filter(|year| *year > 0)?;
    Date::new(year, two(month, 12)?, two(day, 31)?).ok()
}

/// The time that the text starts with, and what follows it.
fn time(text: &str) -> Option<(Time, &str)> {
    let (hour, rest) = text.split_at_checked(2)?;
    let (minute, rest) = rest.strip_prefix(':')?.split_at_checked(2)?;
    let (second, mut rest) = rest.strip_prefix(':')?.split_at_checked(2)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(fraction.len());
        let (fraction, after) = fraction.split_at_checked(end)?;
        let places = 9_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?;
        nanos = i32::try_from(digits(fraction)? * 10_u32.pow(places)).ok()?;
        rest = after;
    }
    Some((
        Time::new(two(hour, 23)?, two(minute, 59)?, two(second, 59)?, nanos).ok()?,
        rest,
    ))
}

/// Exactly two digits, at most `max`.
fn two(text: &str, max: i8) -> Option<i8> {
    let value = digits(text).filter(|_| text.len() == 2)?;
    i8::try_from(value).ok().filter(|value| *value <= max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Any;

    fn read<T: Payload>(text: &str) -> Option<T> {
        Any::encode(&text.to_owned()).decode().ok()
    }

    fn written<T: Payload>(value: T) -> String {
        Any::encode(&value).decode().expect("a str")
    }

    #[test]
    fn dates_have_one_form() {
        for text in ["2025-02-03", "0001-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(read::<Date>(text).map(written).as_deref(), Some(text));
        }
        for text in [
            "2025-2-3",
            "20250203",
            "0000-01-01",
            "10000-01-01",
            "2025-02-30",
            "2025-13-01",
            "2025-02-03Z",
            "+025-02-03",
            "",
        ] {
            assert_eq!(read::<Date>(text), None, "{text}");
        }
    }

    #[test]
    fn times_have_no_fraction_or_six_digits_or_nine() {
        for text in [
            "04:05:06",
            "00:00:00",
            "23:59:59.999999",
            "04:05:06.007000",
            "04:05:06.000000001",
        ] {
            assert_eq!(read::<Time>(text).map(written).as_deref(), Some(text));
        }
        assert_eq!(
            read::<Time>("04:05:06.1").map(written).as_deref(),
            Some("04:05:06.100000")
        );
        for text in [
            "04:05",
            "24:00:00",
            "23:59:60",
            "4:05:06",
            "04:05:06.",
            "04:05:06.0000000001",
            "04:05:06Z",
            "04:05:06+02:00",
            "",
        ] {
            assert_eq!(read::<Time>(text), None, "{text}");
        }
    }
}
