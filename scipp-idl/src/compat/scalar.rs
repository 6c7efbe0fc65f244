//! Types of the language, compared: which values of one are read as the other.

use super::change::Harm::{self, Breaks, New, None as Fine};
use super::constraint::{Bounds, Checks};
use super::rule::{self, Rule};
use crate::schema::{Enum, EnumRepr, Scalar, Value};

/// What has happened to a type, and the harm from the old to the new version, and from the new to the old.
pub(super) type Judged = (&'static Rule, Harm, Harm);

/// Least and largest value of an integer type.
pub(super) fn whole_range(scalar: Scalar) -> Option<(i128, i128)> {
    Some(match scalar {
        Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
        Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
        Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
        Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
        Scalar::U8 => (0, u8::MAX.into()),
        Scalar::U16 => (0, u16::MAX.into()),
        Scalar::U32 => (0, u32::MAX.into()),
        Scalar::U64 => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// Types whose values are written as text, and read as `str` from the same bytes.
fn is_text(scalar: Scalar) -> bool {
    matches!(
        scalar,
        Scalar::Str
            | Scalar::Date
            | Scalar::Time
            | Scalar::Duration
            | Scalar::Uuid
            | Scalar::Decimal
            | Scalar::Ref
    )
}

/// Whole numbers up to this are values of the float type exactly.
fn exact(float: Scalar) -> Option<Bounds> {
    match float {
        Scalar::F64 => Some(Bounds::whole(-(1 << 53), 1 << 53)),
        Scalar::F32 => Some(Bounds::whole(-(1 << 24), 1 << 24)),
        _ => None,
    }
}

/// `None` if they are the same type.
pub(super) fn scalars(
    old: Scalar,
    new: Scalar,
    old_checks: &Checks<'_>,
    new_checks: &Checks<'_>,
) -> Option<Judged> {
    if old == new {
        return None;
    }
    if let (Some(from), Some(to)) = (integers(old, old_checks), integers(new, new_checks)) {
        return Some(ranges(to.contains(&from), from.contains(&to)));
    }
    Some(match (old, new) {
        (_, Scalar::Any) => (&rule::TYPE_WIDENED, Fine, New),
        (Scalar::Any, _) => (&rule::TYPE_NARROWED, Breaks, Fine),
        (Scalar::F32, Scalar::F64) => (&rule::TYPE_WIDENED, Fine, New),
        (Scalar::F64, Scalar::F32) => (&rule::TYPE_NARROWED, Breaks, Fine),
        (from, Scalar::Str) if is_text(from) => (&rule::TYPE_WIDENED, Fine, New),
        (Scalar::Str, to) if is_text(to) => (&rule::TYPE_NARROWED, Breaks, Fine),
        // A decimal is read from an int, but written as text.
        (_, Scalar::Decimal) if integers(old, old_checks).is_some() => {
            (&rule::TYPE_CHANGED, Fine, Breaks)
        }
        (Scalar::Decimal, _) if integers(new, new_checks).is_some() => {
            (&rule::TYPE_CHANGED, Breaks, Fine)
        }
        _ => match (integers(old, old_checks), exact(new)) {
            (Some(from), Some(to)) => (&rule::INT_TO_FLOAT, harm(to.contains(&from)), Breaks),
            _ => match (exact(old), integers(new, new_checks)) {
                (Some(to), Some(from)) => (&rule::FLOAT_TO_INT, Breaks, harm(to.contains(&from))),
                _ => (&rule::TYPE_CHANGED, Breaks, Breaks),
            },
        },
    })
}

/// The integers that a type allows together with what is checked.
fn integers(scalar: Scalar, checks: &Checks<'_>) -> Option<Bounds> {
    let (least, most) = whole_range(scalar)?;
    Some(checks.range.unwrap_or(Bounds::whole(least, most)))
}

/// By whether all old values are new ones, and all new values old ones.
fn ranges(old_in_new: bool, new_in_old: bool) -> Judged {
    match (old_in_new, new_in_old) {
        (true, true) => (&rule::TYPE_EQUIVALENT, Fine, Fine),
        (true, false) => (&rule::TYPE_WIDENED, Fine, New),
        (false, true) => (&rule::TYPE_NARROWED, Breaks, Fine),
        (false, false) => (&rule::TYPE_CHANGED, Breaks, Breaks),
    }
}

fn harm(fits: bool) -> Harm {
    if fits { Fine } else { Breaks }
}

/// An enum of the old version and a type of the language of the new one.
pub(super) fn enum_to_scalar(old: &Enum, new: Scalar, new_checks: &Checks<'_>) -> Judged {
    match (old.repr, new) {
        (_, Scalar::Any) => (&rule::TYPE_WIDENED, Fine, New),
        (EnumRepr::Text, Scalar::Str) if old.open => (&rule::TYPE_EQUIVALENT, Fine, Fine),
        (EnumRepr::Text, Scalar::Str) => (&rule::TYPE_WIDENED, Fine, New),
        (EnumRepr::Int(_), _) => match (values(old), integers(new, new_checks)) {
            (Some(from), Some(to)) => ranges(to.contains(&from), old.open && from.contains(&to)),
            _ => (&rule::TYPE_CHANGED, Breaks, Breaks),
        },
        _ => (&rule::TYPE_CHANGED, Breaks, Breaks),
    }
}

/// The other way round.
pub(super) fn scalar_to_enum(old: Scalar, new: &Enum, old_checks: &Checks<'_>) -> Judged {
    let (rule, forward, backward) = enum_to_scalar(new, old, old_checks);
    let turned = |harm: Harm| match harm {
        Fine => Fine,
        _ => Breaks,
    };
    let backward_now = match forward {
        Fine => Fine,
        _ => Breaks,
    };
    match rule.id {
        "type-widened" => (&rule::TYPE_NARROWED, Breaks, Fine),
        "type-narrowed" => (&rule::TYPE_WIDENED, Fine, New),
        _ => (rule, turned(backward), backward_now),
    }
}

/// What an enum with an integer type can hold: its members, and if it is open the whole type.
fn values(it: &Enum) -> Option<Bounds> {
    let EnumRepr::Int(scalar) = it.repr else {
        return None;
    };
    if it.open {
        return whole_range(scalar).map(|(least, most)| Bounds::whole(least, most));
    }
    let values = it.members.iter().filter_map(|member| match member.wire {
        Value::Int(value) => Some(value),
        _ => None,
    });
    let (least, most) = values.fold((i128::MAX, i128::MIN), |(least, most), value| {
        (least.min(value), most.max(value))
    });
    (least <= most).then(|| Bounds::whole(least, most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::SCALARS;

    fn judged(old: Scalar, new: Scalar) -> Option<(&'static str, Harm, Harm)> {
        let none = Checks::default();
        scalars(old, new, &none, &none)
            .map(|(rule, forward, backward)| (rule.id, forward, backward))
    }

    #[test]
    fn what_is_wider_one_way_is_narrower_the_other() {
        assert_eq!(
            judged(Scalar::I32, Scalar::I64),
            Some(("type-widened", Fine, New))
        );
        assert_eq!(
            judged(Scalar::I64, Scalar::I32),
            Some(("type-narrowed", Breaks, Fine))
        );
        assert_eq!(
            judged(Scalar::I8, Scalar::U8),
            Some(("type-changed", Breaks, Breaks))
        );
        assert_eq!(
            judged(Scalar::I32, Scalar::F64),
            Some(("int-to-float", Fine, Breaks))
        );
        assert_eq!(
            judged(Scalar::I64, Scalar::F64),
            Some(("int-to-float", Breaks, Breaks))
        );
        for (_, old) in SCALARS {
            for (_, new) in SCALARS {
                let (there, back) = (judged(*old, *new), judged(*new, *old));
                assert_eq!(there.is_none(), old == new);
                let fine =
                    |it: Option<(&str, Harm, Harm)>| it.map(|(_, f, b)| (f == Fine, b == Fine));
                assert_eq!(
                    fine(there),
                    fine(back).map(|(f, b)| (b, f)),
                    "{old:?} {new:?}"
                );
            }
        }
    }

    #[test]
    fn checks_count_as_part_of_an_integer() {
        let range = |max| crate::schema::Constraints {
            range: Some(crate::schema::Range {
                min: Some(crate::schema::Number::Int(0)),
                max: Some(crate::schema::Number::Int(max)),
                max_included: true,
            }),
            ..Default::default()
        };
        let byte = range(255);
        let checks = Checks::of([&byte].into_iter(), Some(Scalar::I32));
        let judged = scalars(Scalar::I32, Scalar::U8, &checks, &Checks::default());
        assert_eq!(judged.map(|(rule, ..)| rule.id), Some("type-equivalent"));
    }
}
