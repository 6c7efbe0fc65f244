//! Restrictions on values: `range`, `len` and `unique`. Checked when a value is read.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::{DecodeError, Payload, Text};

/// What a restriction looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Nothing to restrict: an absent or nil value, or a type without a measure.
    Nothing,
    /// An integer.
    Int(i128),
    /// A float.
    Float(f64),
    /// A decimal.
    Decimal(Decimal),
    /// Characters of a str, bytes of a bin, elements of a list, entries of a map.
    Len(usize),
}

/// One end of a range, as the schema writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// No bound.
    Open,
    /// Written as an integer.
    Int(i128),
    /// Written with a fraction.
    Float(f64),
}

/// The restrictions of one field or newtype.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// What must hold, in words: `0.0..`, `a length in 1..=500`.
    pub text: &'static str,
    /// The least that is allowed.
    pub least: Bound,
    /// The most that is allowed, or the first that isn't.
    pub most: Bound,
    /// Whether `most` is itself allowed.
    pub inclusive: bool,
}

impl Check {
    /// Holds the value against the range.
    ///
    /// # Errors
    /// If it lies outside; NaN lies outside of every range.
    pub fn hold<T: Payload>(&self, value: &T) -> Result<(), DecodeError> {
        if self.admits(value.measure()) {
            Ok(())
        } else {
            Err(self.refuse(value))
        }
    }

    #[cold]
    fn refuse<T: Payload>(&self, value: &T) -> DecodeError {
        let came = match value.measure() {
            Measure::Len(n) => format!("length {n}"),
            _ => Text(value).to_string(),
        };
        DecodeError::new(self.text, came)
    }

    fn admits(&self, measure: Measure) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let least = matches!(compare(measure, self.least), Some(Equal | Greater));
        let most = matches!(
            (compare(measure, self.most), self.inclusive),
            (Some(Less), _) | (Some(Equal), true)
        );
        measure == Measure::Nothing
            || (least || self.least == Bound::Open)
                && (most || self.most == Bound::Open)
                && !is_nan(measure)
    }
}

/// Refuses a list that holds a value twice.
///
/// # Errors
/// If it does, with the index of the second.
pub fn unique<T: Payload>(value: &T) -> Result<(), DecodeError> {
    match value.repeated() {
        None => Ok(()),
        Some(index) => Err(
            DecodeError::new("each value once", "one of the earlier values again").at_index(index),
        ),
    }
}

fn is_nan(measure: Measure) -> bool {
    matches!(measure, Measure::Float(value) if value.is_nan())
}

fn compare(measure: Measure, bound: Bound) -> Option<std::cmp::Ordering> {
    match (measure, bound) {
        (_, Bound::Open) | (Measure::Nothing, _) => None,
        (Measure::Int(value), Bound::Int(bound)) => value.partial_cmp(&bound),
        (Measure::Int(value), Bound::Float(bound)) => (value as f64).partial_cmp(&bound),
        (Measure::Float(value), Bound::Int(bound)) => value.partial_cmp(&(bound as f64)),
        (Measure::Float(value), Bound::Float(bound)) => value.partial_cmp(&bound),
        (Measure::Len(value), Bound::Int(bound)) => i128::try_from(value).ok()?.partial_cmp(&bound),
        (Measure::Len(value), Bound::Float(bound)) => (value as f64).partial_cmp(&bound),
        (Measure::Decimal(value), Bound::Int(bound)) => {
            match Decimal::try_from_i128_with_scale(bound, 0) {
                Ok(bound) => value.partial_cmp(&bound),
                Err(_) => 0_i128.partial_cmp(&bound),
            }
        }
        (Measure::Decimal(value), Bound::Float(bound)) => match Decimal::try_from(bound) {
            Ok(bound) => value.partial_cmp(&bound),
            Err(_) => value.to_f64()?.partial_cmp(&bound),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(least: Bound, most: Bound, inclusive: bool) -> Check {
        Check {
            text: "a test",
            least,
            most,
            inclusive,
        }
    }

    #[test]
    fn ends_belong_or_do_not() {
        let half_open = check(Bound::Int(1), Bound::Int(5), false);
        let closed = check(Bound::Int(1), Bound::Int(5), true);
        for (value, open, shut) in [
            (0_u8, false, false),
            (1, true, true),
            (4, true, true),
            (5, false, true),
            (6, false, false),
        ] {
            assert_eq!(half_open.hold(&value).is_ok(), open, "{value}");
            assert_eq!(closed.hold(&value).is_ok(), shut, "{value}");
        }
    }

    #[test]
    fn types_compare_with_each_other() {
        let from_zero = check(Bound::Float(0.0), Bound::Open, false);
        assert!(
            from_zero.hold(&0.0).is_ok()
                && from_zero.hold(&-0.1).is_err()
                && from_zero.hold(&f64::NAN).is_err()
        );
        assert!(
            from_zero.hold(&Decimal::new(-1, 3)).is_err()
                && from_zero.hold(&Decimal::new(1, 3)).is_ok()
        );
        assert!(
            check(Bound::Open, Bound::Open, false)
                .hold(&f64::NAN)
                .is_err()
        );
        assert!(from_zero.hold(&None::<f64>).is_ok() && from_zero.hold(&Some(-1_i8)).is_err());
        let short = check(Bound::Int(1), Bound::Int(2), true);
        assert!(short.hold(&"äö".to_owned()).is_ok() && short.hold(&String::new()).is_err());
        assert_eq!(
            short.hold(&vec![1_u8, 2, 3]).map_err(|e| e.to_string()),
            Err("expected a test, came length 3".to_owned())
        );
    }

    #[test]
    fn a_repeated_value_is_named_by_its_index() {
        assert!(unique(&vec![1_u8, 2, 3]).is_ok());
        assert_eq!(
            unique(&vec![1_u8, 2, 1]).map_err(|e| e.path()),
            Err("[2]".to_owned())
        );
    }
}
