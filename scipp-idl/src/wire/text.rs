//! What is text in the schema, as it is on the wire: in one form, however it was written.

/// Nanoseconds of a second.
pub(crate) const NANOS: i128 = 1_000_000_000;

/// Seconds of a day.
const DAY: i128 = 86_400;

/// A time of day as it is written: with no digits of a second, six or nine.
pub(crate) fn time(text: &str) -> String {
    let Some((clock, fraction)) = text.split_once('.') else {
        return text.to_owned();
    };
    match fraction.trim_end_matches('0') {
        "" => clock.to_owned(),
        digits if digits.len() <= 6 => format!("{clock}.{digits:0<6}"),
        digits => format!("{clock}.{digits:0<9}"),
    }
}

/// A decimal as it is written: its digits and its scale, without an exponent, a plus or leading zeros.
pub(crate) fn decimal(text: &str) -> String {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let minus = if number.starts_with('-') { "-" } else { "" };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches(['+', '-']);
    let mut digits = format!("{whole}{fraction}");
    // Checked literals have exponents up to 28.
    let scale = i64::try_from(fraction.len()).unwrap_or(0) - exponent;
    digits.extend((scale..0).map(|_| '0'));
    let scale = usize::try_from(scale).unwrap_or(0);
    while digits.len() <= scale {
        digits.insert(0, '0');
    }
    let (whole, fraction) = digits
        .split_at_checked(digits.len() - scale)
        .unwrap_or_default();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{minus}{whole}{dot}{fraction}")
}

/// Nanoseconds since the beginning of 1970 of a checked RFC 3339 text.
pub(crate) fn timestamp(text: &str) -> i128 {
    let number = |from: usize, to: usize| -> i128 {
        text.get(from..to)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0)
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let seconds = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    let rest = text.get(19..).unwrap_or_default();
    let digits: String = rest
        .strip_prefix('.')
        .unwrap_or_default()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let nanos: i128 = format!("{digits:0<9}").parse().unwrap_or(0);
    let offset = rest
        .find(['+', '-'])
        .and_then(|at| rest.get(at..))
        .map_or(0, |offset| {
            let part = |from: usize, to: usize| -> i128 {
                offset
                    .get(from..to)
                    .and_then(|it| it.parse().ok())
                    .unwrap_or(0)
            };
            let seconds = part(1, 3) * 3600 + part(4, 6) * 60;
            if offset.starts_with('-') {
                -seconds
            } else {
                seconds
            }
        });
    (days(year, month, day) * DAY + seconds - offset) * NANOS + nanos
}

/// Days from the beginning of 1970 to a day of the Gregorian calendar. Years begin in March here, so that the day that
/// leap years have is their last.
fn days(year: i128, month: i128, day: i128) -> i128 {
    /// Days from 0000-03-01 to 1970-01-01.
    const TO_1970: i128 = 719_468;
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Months from March: 31, 30, 31, 30, 31 days, again and again.
    year * 365 + leaps + (153 * month + 2) / 5 + day - 1 - TO_1970
}

/// A duration as it is written: in days and seconds of ISO 8601.
pub(crate) fn duration(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let (seconds, rest) = (nanoseconds.abs() / NANOS, nanoseconds.abs() % NANOS);
    let (days, seconds) = (seconds / DAY, seconds % DAY);
    let fraction = match format!("{rest:09}").trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    let time = format!("T{seconds}{fraction}S");
    match (days, seconds, rest) {
        (_, 0, 0) => format!("{sign}P{days}D"),
        (0, ..) => format!("{sign}P{time}"),
        _ => format!("{sign}P{days}D{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_they_are_written() {
        for (from, to) in [
            ("04:05:06", "04:05:06"),
            ("04:05:06.0", "04:05:06"),
            ("04:05:06.5", "04:05:06.500000"),
            ("04:05:06.1234567", "04:05:06.123456700"),
        ] {
            assert_eq!(time(from), to);
        }
        for (from, to) in [
            ("12.3400", "12.3400"),
            ("-0012.50", "-12.50"),
            ("+1", "1"),
            ("1e5", "100000"),
            ("12.50e1", "125.0"),
            ("1.5E-3", "0.0015"),
            ("0", "0"),
            ("0.00", "0.00"),
        ] {
            assert_eq!(decimal(from), to, "{from}");
        }
    }

    #[test]
    fn durations_are_days_and_seconds() {
        for (from, to) in [
            (0, "P0D"),
            (86_400 * NANOS, "P1D"),
            (-1_500_000_000, "-PT1.5S"),
            (86_402 * NANOS + 300_000_000, "P1DT2.3S"),
            (1, "PT0.000000001S"),
        ] {
            assert_eq!(duration(from), to);
        }
    }

    #[test]
    fn moments_are_counted_from_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T01:00:00+01:00", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2025-02-03T04:05:06-05:30", 1_738_575_306),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(timestamp(text), seconds * NANOS, "{text}");
        }
        assert_eq!(timestamp("1970-01-01t00:00:00.25z"), 250_000_000);
    }
}
