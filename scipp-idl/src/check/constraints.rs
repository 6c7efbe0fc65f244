//! Constraints: whether they suit the type that they stand on. Whether a value satisfies them is in `rules.rs`.

use super::Checker;
use super::options::Given;
use super::values::int_range;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::resolve::{Ty, TyKind};
use crate::scalars::scalar_name;
use crate::schema::{Number, Range, Scalar};
use crate::source::Span;
use regex_lite::{Regex, RegexBuilder};

impl<'s> Checker<'_, 's> {
    /// Whether the constraints suit the type that they stand on.
    pub(super) fn check_constraint_types(&mut self, given: &Given, ty: &Ty) {
        let mut bare = self.bare(ty).clone();
        if let TyKind::Optional(inner) = &bare.kind {
            bare = self.bare(inner).clone();
        }
        let scalar = match bare.kind {
            TyKind::Broken => return,
            TyKind::Scalar(scalar) => Some(scalar),
            _ => None,
        };
        let is_list = matches!(bare.kind, TyKind::List(_));
        let has_length = is_list
            || matches!(bare.kind, TyKind::Map(..))
            || matches!(scalar, Some(Scalar::Str | Scalar::Bytes));
        let integers = scalar.and_then(int_range);
        let is_number = integers.is_some()
            || matches!(scalar, Some(Scalar::F32 | Scalar::F64 | Scalar::Decimal));
        let misfits = [
            (given.range_span, is_number, "@range", "numbers"),
            (
                given.len_span,
                has_length,
                "@len",
                "str, bytes, list and map",
            ),
            (
                given.pattern_span,
                scalar == Some(Scalar::Str),
                "@pattern",
                "str",
            ),
            (given.unique_span, is_list, "@unique", "list"),
        ];
        for (span, fits, name, kinds) in misfits {
            if let (Some(span), false) = (span, fits) {
                let spelled = self.spell(ty);
                self.diagnostics.push(
                    Diagnostic::new(
                        code::CONSTRAINT_TYPE,
                        format!("`{name}` does not suit `{spelled}`"),
                    )
                    .at(span, format!("it is for {kinds}"))
                    .with(ty.span, format!("this is `{spelled}`")),
                );
            }
        }
        if let (Some(span), Some(range)) = (given.range_span, &given.constraints.range)
            && is_number
            && refuses_none(range, integers)
        {
            self.needless_constraint(span, "value of its type");
        }
        if let (Some(span), Some(range)) = (given.len_span, &given.constraints.len)
            && has_length
            && refuses_none(range, Some((0, i128::MAX)))
        {
            self.needless_constraint(span, "length");
        }
        if let (Some((min, max)), Some(range), Some(span), Some(scalar)) =
            (integers, &given.constraints.range, given.range_span, scalar)
        {
            for bound in [range.min, range.max].into_iter().flatten() {
                let fits = match bound {
                    Number::Int(it) => (min..=max.saturating_add(1)).contains(&it),
                    Number::Float(_) => false,
                };
                if !fits {
                    let name = scalar_name(scalar);
                    self.diagnostics.push(
                        Diagnostic::new(
                            code::VALUE_OUT_OF_RANGE,
                            format!("a bound of this range does not fit `{name}`"),
                        )
                        .at(span, "out of range")
                        .note(format!(
                            "`{name}` goes from {min} to {max}, in whole numbers"
                        )),
                    );
                    break;
                }
            }
        }
    }

    /// The pattern, if it is a regular expression; a report if not.
    pub(super) fn valid_pattern(&mut self, span: Span, pattern: String) -> Option<String> {
        let Err(error) = compiled(&pattern) else {
            return Some(pattern);
        };
        self.diagnostics.push(
            Diagnostic::new(
                code::BAD_PATTERN,
                format!("a pattern that is no regular expression: {error}"),
            )
            .at(span, "a regular expression was expected in here")
            .note("look-around and references back are not in the dialect: a match takes bounded time")
            .help("a backslash of the pattern is written twice: `\\\\d+`"),
        );
        None
    }
}

/// The expression, which may not grow large: `(a{1000}){1000}` is short and would take megabytes.
pub(super) fn compiled(pattern: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(pattern)
        .size_limit(limits::PATTERN_BYTES_MAX)
        .build()
}

/// Whether all values between the ends are in the range.
fn refuses_none(range: &Range, ends: Option<(i128, i128)>) -> bool {
    let is_below = match range.min {
        None => true,
        Some(Number::Int(bound)) => ends.is_some_and(|(min, _)| bound == min),
        Some(Number::Float(_)) => false,
    };
    let is_above = match range.max {
        None => true,
        Some(Number::Int(bound)) => ends.is_some_and(|(_, max)| bound == max && range.max_included),
        Some(Number::Float(_)) => false,
    };
    is_below && is_above
}

pub(super) fn compare(a: Number, b: Number) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        (a, b) => as_float(a).partial_cmp(&as_float(b)),
    }
}

fn as_float(number: Number) -> f64 {
    match number {
        Number::Int(it) => it as f64,
        Number::Float(it) => it,
    }
}
