//! Decimal numbers.

use std::fmt;

use rust_decimal::Decimal;

use super::Printed;
use crate::check::Measure;
use crate::head::Kind;
use crate::{DecodeError, Decoder, Encoder, Head, Payload};

/// Python's: the place of the first digit that counts, up to which a number is printed without an exponent.
const PLAIN_PLACES_MAX: i64 = 6;

/// Written as a str that keeps the scale (`12.3400`), as Python prints it: with an exponent from seven places on before
/// the first digit that counts (`0.000001`, `1E-7`). Read from a str, with an exponent too (`1E+5`), from an int, and
/// from a float by its shortest decimal form.
///
/// The type holds 28 digits. A number that needs more is refused rather than rounded; NaN and infinities, which Python's
/// type has, are refused as well.
impl Payload for Decimal {
    fn encode(&self, out: &mut Encoder<'_>) {
        let digits = Printed::new(format_args!("{}", self.mantissa().unsigned_abs()));
        let digits = digits.as_str();
        let places = i64::from(self.scale()) + 1 - i64::try_from(digits.len()).unwrap_or(0);
        let printed = match digits.split_at_checked(1) {
            Some((first, rest)) if places > PLAIN_PLACES_MAX => {
                let sign = if self.is_sign_negative() { "-" } else { "" };
                let point = if rest.is_empty() { "" } else { "." };
                Printed::new(format_args!("{sign}{first}{point}{rest}E-{places}"))
            }
            _ => Printed::new(format_args!("{self}")),
        };
        out.str(printed.as_str());
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let at = input.clone();
        let value = match input.head().kind() {
            Some(Kind::Str) => input.str().ok().and_then(parse),
            Some(Kind::Int) => input
                .int::<i128>("int")
                .ok()
                .and_then(|value| Self::try_from_i128_with_scale(value, 0).ok()),
            Some(Kind::Float) => input
                .f64()
                .ok()
                .and_then(|value| parse(&format!("{value:e}"))),
            _ => None,
        };
        value.ok_or_else(|| at.mismatch("decimal (of at most 28 digits)"))
    }

    fn accepts(head: &Head<'_>) -> bool {
        head.is(Kind::Str)
    }

    fn measure(&self) -> Measure {
        Measure::Decimal(*self)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return exact(text);
    };
    let mantissa = exact(mantissa)?;
    let exponent: i32 = exponent.parse().ok()?;
    // The exponent moves the point: to the right until there is no fraction left, then by zeros.
    let scale = i64::from(mantissa.scale()) - i64::from(exponent);
    match u32::try_from(scale) {
        Ok(scale) => Decimal::try_from_i128_with_scale(mantissa.mantissa(), scale).ok(),
        Err(_) => {
            let zeros = u32::try_from(-scale).ok()?;
            let value = mantissa
                .mantissa()
                .checked_mul(10_i128.checked_pow(zeros)?)?;
            Decimal::try_from_i128_with_scale(value, 0).ok()
        }
    }
}

/// The parser that doesn't round. It takes `_` between digits; we don't.
fn exact(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text)
        .ok()
        .filter(|_| !text.contains('_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{from_slice, to_bytes};

    fn read(text: &str) -> Option<String> {
        from_slice::<Decimal>(&to_bytes(&text.to_owned()))
            .ok()
            .map(|value| value.to_string())
    }

    #[test]
    fn keeps_the_scale_and_moves_the_point() {
        for (text, value) in [
            ("12.3400", "12.3400"),
            ("-0.5", "-0.5"),
            ("1E+5", "100000"),
            ("1.5e-3", "0.0015"),
            ("-2.50E1", "-25.0"),
            ("0E-28", "0.0000000000000000000000000000"),
            (
                "79228162514264337593543950335",
                "79228162514264337593543950335",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Some(value), "{text}");
        }
        for text in [
            "",
            "x",
            "NaN",
            "Infinity",
            "1_000",
            "1e",
            "1e999999999999",
            "1e29",
            "79228162514264337593543950336",
            " 1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn small_numbers_are_written_as_python_prints_them() {
        for text in [
            "0.000001",
            "1E-7",
            "1.5E-7",
            "-1.20E-9",
            "0.000000",
            "0E-7",
            "0.0000010",
            "1E-28",
            "-0.0000012",
        ] {
            let value: Decimal = from_slice(&to_bytes(&text.to_owned())).expect("a decimal");
            assert_eq!(from_slice(&to_bytes(&value)), Ok(text.to_owned()));
        }
    }

    #[test]
    fn reads_numbers() {
        assert_eq!(
            from_slice::<Decimal>(&to_bytes(&-7_i8)),
            Ok(Decimal::from(-7))
        );
        assert_eq!(
            from_slice::<Decimal>(&to_bytes(&u64::MAX)),
            Ok(Decimal::from(u64::MAX))
        );
        assert_eq!(
            from_slice::<Decimal>(&to_bytes(&0.1)),
            Ok(Decimal::new(1, 1))
        );
        assert_eq!(
            from_slice::<Decimal>(&to_bytes(&1500.0)),
            Ok(Decimal::from(1500))
        );
        assert!(from_slice::<Decimal>(&to_bytes(&f64::NAN)).is_err());
        assert!(from_slice::<Decimal>(&to_bytes(&1e300)).is_err());
        assert!(from_slice::<Decimal>(&to_bytes(&true)).is_err());
    }
}
