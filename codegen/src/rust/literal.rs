//! Values that Rust has no literal for, as calls of constant functions: no parsing and no failure at run time.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use scipp_idl::schema::Scalar;

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;

/// An integer, with its sign, and its digits in groups where there are many.
pub(crate) fn int(value: i128) -> TokenStream {
    const UNGROUPED_MAX: u128 = 9_999;
    let magnitude = value.unsigned_abs();
    let mut digits = magnitude.to_string();
    if magnitude > UNGROUPED_MAX {
        (1..digits.len())
            .rev()
            .filter(|left| left % 3 == digits.len() % 3)
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|at| digits.insert(at, '_'));
    }
    let magnitude = digits
        .parse::<Literal>()
        .unwrap_or_else(|_| Literal::u128_unsuffixed(magnitude));
    if value < 0 {
        quote!(-#magnitude)
    } else {
        quote!(#magnitude)
    }
}

/// A float, in as few digits as it takes.
pub(crate) fn float(value: f64, single: bool) -> TokenStream {
    let magnitude = value.abs();
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the field holds 32 bits; more digits would be lost"
    )]
    let (plain, text) = if single {
        let magnitude = magnitude as f32;
        (Literal::f32_unsuffixed(magnitude), format!("{magnitude:?}"))
    } else {
        (Literal::f64_unsuffixed(magnitude), format!("{magnitude:?}"))
    };
    // With an exponent where that is shorter.
    let literal = text.parse().unwrap_or(plain);
    if value.is_sign_negative() {
        quote!(-#literal)
    } else {
        quote!(#literal)
    }
}

/// A duration.
pub(crate) fn duration(nanoseconds: i128) -> Option<TokenStream> {
    let seconds = i64::try_from(nanoseconds / SECOND).ok()?;
    let rest = nanoseconds % SECOND;
    if rest == 0 {
        let seconds = int(i128::from(seconds));
        return Some(quote!(scipp::SignedDuration::from_secs(#seconds)));
    }
    if let (0, Ok(milliseconds)) = (
        nanoseconds % 1_000_000,
        i64::try_from(nanoseconds / 1_000_000),
    ) {
        let milliseconds = int(i128::from(milliseconds));
        return Some(quote!(scipp::SignedDuration::from_millis(#milliseconds)));
    }
    let (seconds, rest) = (int(i128::from(seconds)), int(rest));
    Some(quote!(scipp::SignedDuration::new(#seconds, #rest)))
}

/// A value of a type that is written as text.
pub(crate) fn text(text: &str, scalar: Scalar) -> Option<TokenStream> {
    match scalar {
        Scalar::Date => date(text),
        Scalar::Time => time(text),
        Scalar::Timestamp => timestamp(text),
        Scalar::Uuid => uuid(text),
        Scalar::Decimal => decimal(text),
        // The checker has seen that it is one.
        Scalar::Ref => Some(quote!(scipp::Ref::constant(#text))),
        _ => None,
    }
}

/// `2026-01-31`.
fn date(text: &str) -> Option<TokenStream> {
    let (year, month, day) = year_month_day(text)?;
    let (year, month, day) = (int(year), int(month), int(day));
    Some(quote!(scipp::Date::constant(#year, #month, #day)))
}

fn year_month_day(text: &str) -> Option<(i128, i128, i128)> {
    let mut parts = text.split('-');
    let mut next = || parts.next()?.parse::<u16>().ok().map(i128::from);
    Some((next()?, next()?, next()?))
}

/// `09:30`, `09:30:00`, `09:30:00.5`.
fn time(text: &str) -> Option<TokenStream> {
    let (hour, minute, second, nanosecond) = clock(text)?;
    let (hour, minute, second, nanosecond) = (int(hour), int(minute), int(second), int(nanosecond));
    Some(quote!(scipp::Time::constant(#hour, #minute, #second, #nanosecond)))
}

fn clock(text: &str) -> Option<(i128, i128, i128, i128)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let mut next =
        |or: Option<&'static str>| parts.next().or(or)?.parse::<u8>().ok().map(i128::from);
    let (hour, minute, second) = (next(None)?, next(None)?, next(Some("0"))?);
    Some((hour, minute, second, nanoseconds(fraction)?))
}

/// Digits behind the point of a second.
fn nanoseconds(fraction: &str) -> Option<i128> {
    (fraction.len() <= 9).then_some(())?;
    format!("{fraction:0<9}")
        .parse::<u32>()
        .ok()
        .map(i128::from)
}

/// RFC 3339: `2026-01-31T09:30:00Z`, `2026-01-31T09:30:00.5+01:00`.
fn timestamp(text: &str) -> Option<TokenStream> {
    let (day, rest) = text.split_once(['T', 't', ' '])?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (clock_text, zone) = rest.split_at(zone_at);
    let (hour, minute, second, nanosecond) = clock(clock_text)?;
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let (sign, zone) = zone.split_at(1);
            let (hour, minute, ..) = clock(zone)?;
            (hour * 3600 + minute * 60) * if sign == "-" { -1 } else { 1 }
        }
    };
    let (year, month, day) = year_month_day(day)?;
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    // The type wants both parts with one sign.
    let (seconds, nanosecond) = if seconds < 0 && nanosecond > 0 {
        (seconds + 1, nanosecond - SECOND)
    } else {
        (seconds, nanosecond)
    };
    let (seconds, nanosecond) = (int(seconds), int(nanosecond));
    Some(quote!(scipp::Timestamp::constant(#seconds, #nanosecond)))
}

/// Days of the Gregorian calendar, counted in years that begin in March, so that a leap day is the last.
fn days_since_1970(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_of_year = (month + 9) % 12;
    let day_of_year = (153 * month_of_year + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 1970-01-01 is day 719,468 of that count.
    year * 365 + leap_days + day_of_year - 719_468
}

/// `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`.
fn uuid(text: &str) -> Option<TokenStream> {
    let digits = text.replace('-', "");
    (digits.len() == 32).then_some(())?;
    u128::from_str_radix(&digits, 16).ok()?;
    let literal: Literal = format!("0x{}", digits.to_ascii_lowercase()).parse().ok()?;
    Some(quote!(scipp::Uuid::from_u128(#literal)))
}

/// `-12.50`: a whole number in three parts of 32 bits, lowest first, and how many of its digits are behind the point.
fn decimal(text: &str) -> Option<TokenStream> {
    let (negative, text) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    (digits >> 96 == 0).then_some(())?;
    let part = |number: u32| {
        int(i128::try_from(digits >> (32 * number) & 0xffff_ffff).unwrap_or_default())
    };
    let (low, middle, high) = (part(0), part(1), part(2));
    let scale = int(fraction.len().try_into().ok()?);
    Some(quote!(scipp::Decimal::from_parts(#low, #middle, #high, #negative, #scale)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tokens: Option<TokenStream>) -> String {
        tokens
            .unwrap()
            .to_string()
            .replace(' ', "")
            .replace("scipp::", "")
    }

    #[test]
    fn calendars_agree() {
        // Values of `date -u -d ... +%s`.
        for (text, seconds, nanoseconds) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2000-02-29T12:00:00Z", 951_825_600, 0),
            ("2026-11-21T04:27:38.25+01:00", 1_795_231_658, 250_000_000),
            ("1969-12-31T23:59:59.5Z", 0, -500_000_000),
            ("1600-03-01T00:00:00Z", -11_670_912_000_i64, 0),
        ] {
            let constant = shown(timestamp(text));
            let constant = constant.replace('_', "");
            assert_eq!(
                constant,
                format!("Timestamp::constant({seconds},{nanoseconds})"),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_become_constants() {
        assert_eq!(shown(date("2026-01-31")), "Date::constant(2026,1,31)");
        assert_eq!(shown(time("09:30")), "Time::constant(9,30,0,0)");
        assert_eq!(
            shown(time("09:30:01.5")),
            "Time::constant(9,30,1,500_000_000)"
        );
        assert_eq!(
            shown(decimal("-12.50")),
            "Decimal::from_parts(1250,0,0,true,2)"
        );
        assert_eq!(shown(decimal("3")), "Decimal::from_parts(3,0,0,false,0)");
        assert_eq!(
            shown(uuid("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6")),
            "Uuid::from_u128(0xf81d4fae7dec11d0a76500a0c91e6bf6)"
        );
        assert_eq!(shown(duration(2 * SECOND)), "SignedDuration::from_secs(2)");
        assert_eq!(
            shown(duration(-1_500_000_000)),
            "SignedDuration::from_millis(-1500)"
        );
        assert_eq!(shown(duration(1)), "SignedDuration::new(0,1)");
    }

    #[test]
    fn what_is_no_value_is_none() {
        for (text, scalar) in [
            ("x", Scalar::Date),
            ("1", Scalar::Time),
            ("99", Scalar::Uuid),
            ("1e9", Scalar::Decimal),
        ] {
            assert!(super::text(text, scalar).is_none(), "{text}");
        }
    }
}
