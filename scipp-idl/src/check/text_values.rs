//! The types that are written as text: what a literal of each must look like. Checked exactly, calendar included,
//! except that `decimal` is not checked for the precision of any one language beyond 28 digits.

use crate::schema::Scalar;

/// What the text of a scalar must look like, or `None` for one that is not written as text.
pub(super) fn form(scalar: Scalar) -> Option<&'static str> {
    Some(match scalar {
        Scalar::Timestamp => "an RFC 3339 time with its offset: `\"2025-02-03T04:05:06Z\"`",
        Scalar::Date => "a date: `\"2025-02-03\"`",
        Scalar::Time => "a time of day: `\"04:05:06\"`, with up to nine digits behind a dot",
        Scalar::Uuid => "a UUID: `\"123e4567-e89b-12d3-a456-426614174000\"`",
        Scalar::Decimal => "a decimal number of up to 28 digits: `\"12.50\"`",
        Scalar::Ref => "a module path and a name: `\"market.feed:watch\"`",
        _ => return None,
    })
}

/// Whether a text is a value of the scalar.
pub(super) fn fits(scalar: Scalar, text: &str) -> bool {
    match scalar {
        Scalar::Timestamp => is_timestamp(text),
        Scalar::Date => is_date(text),
        Scalar::Time => is_time(text),
        Scalar::Uuid => is_uuid(text),
        Scalar::Decimal => is_decimal(text),
        Scalar::Ref => is_ref(text),
        _ => false,
    }
}

/// Exactly so many digits, as a number.
fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    // The first year of Python's calendar; year 0 exists in none that matter.
    year >= 1 && (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.splitn(3, ':');
    let mut part = |max: u32| {
        parts
            .next()
            .and_then(|text| digits(text, 2))
            .is_some_and(|number| number <= max)
    };
    let clock_fits = part(23) && part(59) && part(59);
    let fraction_fits = fraction.is_none_or(|digits| {
        (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    clock_fits && fraction_fits
}

fn is_timestamp(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', 't', ' ']) else {
        return false;
    };
    let time = match rest.strip_suffix(['Z', 'z']) {
        Some(time) => time,
        None => {
            let Some(at) = rest.rfind(['+', '-']) else {
                return false;
            };
            let (time, offset) = rest.split_at(at);
            let offset = offset.get(1..).and_then(|offset| offset.split_once(':'));
            let Some((hours, minutes)) = offset else {
                return false;
            };
            let hours = digits(hours, 2).is_some_and(|hours| hours <= 23);
            if !hours || digits(minutes, 2).is_none_or(|minutes| minutes > 59) {
                return false;
            }
            time
        }
    };
    is_date(date) && is_time(time)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_decimal(text: &str) -> bool {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent),
        None => (text, "0"),
    };
    let unsigned = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = unsigned(number);
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (number.as_str(), "0"),
    };
    let significant = whole.trim_start_matches('0').len() + fraction.trim_end_matches('0').len();
    is_number(whole)
        && is_number(fraction)
        && significant <= 28
        && is_number(&unsigned(exponent))
        && exponent
            .parse::<i32>()
            .is_ok_and(|exponent| exponent.unsigned_abs() <= 28)
}

fn is_ref(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match text.split_once(':') {
        Some((path, name)) => path.split('.').all(is_name) && is_name(name),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let good = [
            (Scalar::Date, "2024-02-29"),
            (Scalar::Time, "23:59:59.123456789"),
            (Scalar::Timestamp, "2025-02-03T04:05:06Z"),
            (Scalar::Timestamp, "2025-02-03T04:05:06.5+05:30"),
            (Scalar::Uuid, "123e4567-e89b-12d3-a456-426614174000"),
            (Scalar::Decimal, "-12.3400"),
            (Scalar::Decimal, "1E+5"),
            (Scalar::Ref, "market.feed:watch"),
        ];
        for (scalar, text) in good {
            assert!(fits(scalar, text), "{text}");
        }
        let bad = [
            (Scalar::Date, "2025-02-29"),
            (Scalar::Date, "2025-13-01"),
            (Scalar::Date, "25-01-01"),
            (Scalar::Time, "24:00:00"),
            (Scalar::Time, "12:00"),
            (Scalar::Timestamp, "2025-02-03T04:05:06"),
            (Scalar::Timestamp, "2025-02-03"),
            (Scalar::Uuid, "123e4567e89b12d3a456426614174000"),
            (Scalar::Decimal, "12.5.1"),
            (Scalar::Decimal, ".5"),
            (Scalar::Decimal, "12345678901234567890123456789"),
            (Scalar::Ref, "market.feed"),
            (Scalar::Ref, "a..b:c"),
        ];
        for (scalar, text) in bad {
            assert!(!fits(scalar, text), "{text}");
        }
    }
}
