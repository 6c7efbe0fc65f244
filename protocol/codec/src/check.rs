//! Restrictions on values: `range`, `len`, `pattern` and `unique`. Checked when a value is read, and before those values
//! are sent that open and end a dialog.

use std::sync::OnceLock;

use regex_lite::Regex;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::show::Quoted;
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

/// A regular expression that a text has to match somewhere, as Python's `re.search` does: anchors say more.
///
/// Compiled when the first value is held against it. The time that a match takes grows no faster than the text and the
/// expression together, whatever they are.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Takes an expression in the dialect of the crate `regex-lite`.
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            regex: OnceLock::new(),
        }
    }

    /// Holds the text against the expression. What is absent or nil is no text and passes.
    ///
    /// # Errors
    /// If it does not match. An expression that is none matches nothing; neither the schema compiler nor the derive lets one through.
    pub fn hold<T: Payload>(&self, value: &T) -> Result<(), DecodeError> {
        let Some(text) = value.text() else {
            return Ok(());
        };
        let regex = self.regex.get_or_init(|| Regex::new(self.text).ok());
        match regex {
            Some(regex) if regex.is_match(text) => Ok(()),
            _ => Err(self.refuse(text)),
        }
    }

    #[cold]
    fn refuse(&self, text: &str) -> DecodeError {
        let expected = format!("a text that matches `{}`", self.text);
        DecodeError::new(expected, format!("str {}", Quoted(text)))
    }
}

/// Holds a value against all that restricts it. Costs nothing for a type that nothing restricts.
///
/// # Errors
/// What its reader would say.
#[inline]
pub fn checked<T: Payload>(value: &T) -> Result<(), DecodeError> {
    if T::RESTRICTED { value.check() } else { Ok(()) }
}

/// A field of a struct, for what is said about its value.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Name of the struct.
    pub of: &'static str,
    /// Key of the field.
    pub key: &'static str,
}

impl Place {
    /// Holds its value against all that restricts the value's type.
    ///
    /// # Errors
    /// What its reader would say.
    #[inline]
    pub fn checked<T: Payload>(&self, value: &T) -> Result<(), DecodeError> {
        self.locate(checked(value))
    }

    /// Holds its value against a range.
    ///
    /// # Errors
    /// If it lies outside.
    pub fn check<T: Payload>(&self, value: &T, check: &Check) -> Result<(), DecodeError> {
        self.locate(check.hold(value))
    }

    /// Holds its text against a pattern.
    ///
    /// # Errors
    /// If it doesn't match.
    pub fn pattern<T: Payload>(&self, value: &T, pattern: &Pattern) -> Result<(), DecodeError> {
        self.locate(pattern.hold(value))
    }

    /// Refuses its list if that holds a value twice.
    ///
    /// # Errors
    /// If it does.
    pub fn unique<T: Payload>(&self, value: &T) -> Result<(), DecodeError> {
        self.locate(unique(value))
    }

    fn locate(&self, result: Result<(), DecodeError>) -> Result<(), DecodeError> {
        result.map_err(|error| error.in_field(self.of, self.key))
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
    fn texts_match_somewhere() {
        let pattern = Pattern::new("[A-Z]{2}$");
        assert!(pattern.hold(&"euR: EU".to_owned()).is_ok());
        assert!(pattern.hold(&None::<String>).is_ok());
        let error = pattern.hold(&Some("eu\n".to_owned()));
        assert_eq!(
            error.map_err(|error| error.to_string()),
            Err("expected a text that matches `[A-Z]{2}$`, came str \"eu\\n\"".to_owned())
        );
        assert!(Pattern::new("(").hold(&String::new()).is_err());
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
