//! What is checked about values, compared: which of two versions allows what the other does not.

use super::change::Harm;
use super::rule::{self, Rule};
use super::scalar::whole_range;
use super::walk::{Found, Slot, Walk};
use crate::schema::{Constraints, Number, Range, Scalar};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// All that is checked about a value: by its field and by the newtypes of its type.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Checks<'s> {
    pub(super) range: Option<Bounds>,
    length: Option<Bounds>,
    patterns: BTreeSet<&'s str>,
    pub(super) unique: bool,
}

/// Bounds of a number. `None` is without bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) min: Option<Number>,
    pub(super) max: Option<Number>,
    pub(super) max_included: bool,
}

impl<'s> Checks<'s> {
    /// What all of `constraints` check of a value of a type: `scalar` if it is one.
    pub(super) fn of(
        constraints: impl Iterator<Item = &'s Constraints>,
        scalar: Option<Scalar>,
    ) -> Self {
        let mut checks = Self::default();
        for it in constraints {
            checks.range = both(checks.range, it.range.as_ref().map(Bounds::of));
            checks.length = both(checks.length, it.len.as_ref().map(Bounds::of));
            checks.patterns.extend(it.pattern.as_deref());
            checks.unique |= it.unique;
        }
        // A length is never below zero, and an integer never outside of its type.
        let length = checks.length.map(Bounds::in_integers);
        checks.length = length.filter(|it| !it.contains(&Bounds::whole(0, i128::MAX)));
        if let Some((least, most)) = scalar.and_then(whole_range) {
            let whole = Bounds::whole(least, most);
            let range = checks.range.map(Bounds::in_integers);
            checks.range = range
                .and_then(|range| narrower(range, whole))
                .filter(|it| *it != whole);
        }
        checks
    }
}

impl Bounds {
    pub(super) fn whole(least: i128, most: i128) -> Self {
        Self {
            min: Some(Number::Int(least)),
            max: Some(Number::Int(most)),
            max_included: true,
        }
    }

    fn of(range: &Range) -> Self {
        Self {
            min: range.min,
            max: range.max,
            max_included: range.max_included,
        }
    }

    /// With the largest integer instead of the first that is too large.
    fn in_integers(self) -> Self {
        match self.max {
            Some(Number::Int(most)) if !self.max_included => Self {
                max: Some(Number::Int(most.saturating_sub(1))),
                max_included: true,
                ..self
            },
            _ => self,
        }
    }

    /// Whether all numbers in `inner` are in these too. `false` where that is not known.
    pub(super) fn contains(&self, inner: &Bounds) -> bool {
        let above = match (self.min, inner.min) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(outer), Some(inner)) => {
                matches!(
                    compare(inner, outer),
                    Some(Ordering::Equal | Ordering::Greater)
                )
            }
        };
        let below = match (self.max, inner.max) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(most), Some(last)) => match compare(last, most) {
                Some(Ordering::Less) => true,
                Some(Ordering::Equal) => self.max_included || !inner.max_included,
                _ => false,
            },
        };
        above && below
    }
}

/// The order of two numbers; `None` where rounding could decide it.
fn compare(a: Number, b: Number) -> Option<Ordering> {
    /// Integers up to here are floats exactly.
    const EXACT_MAX: u128 = 1 << 53;
    let exact = |it: i128| (it.unsigned_abs() <= EXACT_MAX).then_some(it as f64);
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Int(a), Number::Float(b)) => exact(a)?.partial_cmp(&b),
        (Number::Float(a), Number::Int(b)) => a.partial_cmp(&exact(b)?),
    }
}

/// What two checks allow together.
fn both(a: Option<Bounds>, b: Option<Bounds>) -> Option<Bounds> {
    match (a, b) {
        (Some(a), Some(b)) => narrower(a, b),
        (a, b) => a.or(b),
    }
}

fn narrower(a: Bounds, b: Bounds) -> Option<Bounds> {
    let later = |x: Option<Number>, y: Option<Number>| match (x, y) {
        (Some(x), Some(y)) if compare(x, y) == Some(Ordering::Less) => Some(y),
        (x, y) => x.or(y),
    };
    let (max, max_included) = match (a.max, b.max) {
        (Some(x), Some(y)) => match compare(x, y) {
            Some(Ordering::Greater) => (b.max, b.max_included),
            Some(Ordering::Equal) => (a.max, a.max_included && b.max_included),
            _ => (a.max, a.max_included),
        },
        (Some(_), None) => (a.max, a.max_included),
        (None, _) => (b.max, b.max_included),
    };
    Some(Bounds {
        min: later(a.min, b.min),
        max,
        max_included,
    })
}

/// Reports how the checks of a place differ. `same_type`: ranges are compared only where numbers of one type stand in it.
pub(super) fn compare_checks(
    walk: &mut Walk<'_>,
    slot: &Slot<'_>,
    old: &Checks<'_>,
    new: &Checks<'_>,
    same_type: bool,
) {
    let mut say = |rule: &'static Rule, forward: Harm, backward: Harm, message: String| {
        let found = Found::new(rule, slot.item.as_str(), message)
            .wire(slot.owner, forward, backward)
            .old(slot.old_span, "")
            .new_place(slot.new_span, "");
        walk.emit_in(slot, found);
    };
    let item = &slot.item;
    let mut bounds =
        |old: &Option<Bounds>, new: &Option<Bounds>, rules: [&'static Rule; 2], what: &str| {
            let shown =
                |it: &Option<Bounds>| it.as_ref().map_or("any".to_owned(), Bounds::to_string);
            let within = |inner: &Option<Bounds>, outer: &Option<Bounds>| match (inner, outer) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(inner), Some(outer)) => outer.contains(inner),
            };
            let [narrowed, widened] = rules;
            let change = format!("from {} to {}", shown(old), shown(new));
            if !within(old, new) {
                say(
                    narrowed,
                    Harm::Breaks,
                    Harm::None,
                    format!("the {what} of `{item}` is narrowed {change}"),
                );
            }
            if !within(new, old) {
                say(
                    widened,
                    Harm::None,
                    Harm::New,
                    format!("the {what} of `{item}` is widened {change}"),
                );
            }
        };
    if same_type && old.range != new.range {
        bounds(
            &old.range,
            &new.range,
            [&rule::RANGE_NARROWED, &rule::RANGE_WIDENED],
            "range",
        );
    }
    if old.length != new.length {
        bounds(
            &old.length,
            &new.length,
            [&rule::LENGTH_NARROWED, &rule::LENGTH_WIDENED],
            "length",
        );
    }
    if old.patterns != new.patterns {
        let (rule, forward, backward, what) = if old.patterns.is_subset(&new.patterns) {
            (
                &rule::PATTERN_ADDED,
                Harm::Breaks,
                Harm::None,
                "has to match a pattern now",
            )
        } else if new.patterns.is_subset(&old.patterns) {
            (
                &rule::PATTERN_REMOVED,
                Harm::None,
                Harm::New,
                "need not match a pattern any more",
            )
        } else {
            (
                &rule::PATTERN_CHANGED,
                Harm::Breaks,
                Harm::Breaks,
                "has to match another pattern",
            )
        };
        say(rule, forward, backward, format!("`{item}` {what}"));
    }
    match (old.unique, new.unique) {
        (false, true) => say(
            &rule::UNIQUE_ADDED,
            Harm::Breaks,
            Harm::None,
            format!("`{item}` may not hold a value twice any more"),
        ),
        (true, false) => say(
            &rule::UNIQUE_REMOVED,
            Harm::None,
            Harm::New,
            format!("`{item}` may hold a value twice now"),
        ),
        _ => {}
    }
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut number = |it: Option<Number>| match it {
            None => Ok(()),
            Some(Number::Int(it)) => write!(f, "{it}"),
            Some(Number::Float(it)) => write!(f, "{it:?}"),
        };
        number(self.min)?;
        f.write_str(if self.max.is_some() && self.max_included {
            "..="
        } else {
            ".."
        })?;
        let mut number = |it: Option<Number>| match it {
            None => Ok(()),
            Some(Number::Int(it)) => write!(f, "{it}"),
            Some(Number::Float(it)) => write!(f, "{it:?}"),
        };
        number(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: Option<i128>, max: Option<i128>, max_included: bool) -> Constraints {
        Constraints {
            range: Some(Range {
                min: min.map(Number::Int),
                max: max.map(Number::Int),
                max_included,
            }),
            ..Constraints::default()
        }
    }

    fn checks(all: &[Constraints], scalar: Scalar) -> Option<Bounds> {
        Checks::of(all.iter(), Some(scalar)).range
    }

    #[test]
    fn what_a_type_allows_anyway_is_no_check() {
        assert_eq!(checks(&[range(Some(0), None, false)], Scalar::U8), None);
        assert_eq!(checks(&[range(None, Some(256), false)], Scalar::U8), None);
        assert!(checks(&[range(Some(0), None, false)], Scalar::I8).is_some());
        assert!(checks(&[range(Some(0), None, false)], Scalar::F64).is_some());
    }

    #[test]
    fn the_narrower_of_two_checks_counts() {
        let both = checks(
            &[
                range(Some(1), Some(9), true),
                range(Some(3), Some(9), false),
            ],
            Scalar::I8,
        );
        assert_eq!(both, Some(Bounds::whole(3, 8)));
    }

    #[test]
    fn an_end_that_is_left_out_is_smaller() {
        let shut = Bounds {
            min: None,
            max: Some(Number::Float(1.0)),
            max_included: true,
        };
        let open = Bounds {
            max_included: false,
            ..shut
        };
        assert!(shut.contains(&open) && !open.contains(&shut) && open.contains(&open));
        let beyond = Bounds {
            max: Some(Number::Int(1 << 60)),
            ..shut
        };
        assert!(!beyond.contains(&shut), "an integer that no float may be");
    }
}
