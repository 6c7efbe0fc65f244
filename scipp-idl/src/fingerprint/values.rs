//! How a default stands in a canonical form: by what is on the wire, however it was written.

use super::forms::Forms;
use super::text::{hex, quoted};
use crate::schema::{
    EnumRepr, ErrorRecord, ItemKind, ItemName, Member, Record, Scalar, Type, Value,
};

/// Nanoseconds of a second.
const NANOS: i128 = 1_000_000_000;

/// Seconds of a day.
const DAY: i128 = 86_400;

impl Forms<'_> {
    /// The text of a value that stands where `ty` is expected.
    pub(super) fn value(&self, value: &Value, ty: &Type) -> String {
        let ty = self.bare(ty);
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(it) => it.to_string(),
            Value::Int(it) => match ty {
                // The nearest float, as it is written.
                Type::Scalar(Scalar::F32) => float(f64::from(*it as f32)),
                Type::Scalar(Scalar::F64) => float(*it as f64),
                // From a constant of another type.
                Type::Scalar(Scalar::Decimal) => quoted(&it.to_string()),
                _ => it.to_string(),
            },
            Value::Float(it) => match ty {
                Type::Scalar(Scalar::F32) => float(f64::from(*it as f32)),
                _ => float(*it),
            },
            Value::Str(text) => match ty {
                Type::Scalar(Scalar::Timestamp) => format!("{}ns", timestamp(text)),
                Type::Scalar(Scalar::Time) => quoted(&time(text)),
                Type::Scalar(Scalar::Uuid) => quoted(&text.to_ascii_lowercase()),
                Type::Scalar(Scalar::Decimal) => quoted(&decimal(text)),
                _ => quoted(text),
            },
            Value::Bytes(bytes) => format!("b{}", hex(bytes)),
            Value::Duration(it) => format!("{it}ns"),
            Value::Member { of, member } => self.member(of, member),
            Value::Const(name) => match self.constant(name) {
                Some(value) => self.value(value, ty),
                None => String::new(),
            },
            Value::List(values) => {
                let texts: Vec<String> = match ty {
                    Type::List(of) => values.iter().map(|value| self.value(value, of)).collect(),
                    Type::Tuple(types) => values
                        .iter()
                        .zip(types)
                        .map(|(value, of)| self.value(value, of))
                        .collect(),
                    _ => Vec::new(),
                };
                format!("[{}]", texts.join(","))
            }
            Value::Map(entries) => {
                let Type::Map(key_type, value_type) = ty else {
                    return String::new();
                };
                let mut texts: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| {
                        format!(
                            "{}:{}",
                            self.value(key, key_type),
                            self.value(value, value_type)
                        )
                    })
                    .collect();
                texts.sort_unstable();
                format!("{{{}}}", texts.join(","))
            }
            Value::Record(written) => {
                // Both are in declaration order.
                let mut fields = self.record_of(ty).into_iter().flat_map(|it| &it.fields);
                let texts: Vec<String> = written
                    .iter()
                    .filter_map(|(name, value)| {
                        let field = fields.find(|field| field.name == *name)?;
                        Some(format!(
                            "{}:{}",
                            quoted(&field.wire),
                            self.value(value, &field.ty)
                        ))
                    })
                    .collect();
                format!("({})", texts.join(","))
            }
        }
    }

    /// The type behind aliases, newtypes and `?`.
    fn bare<'t>(&'t self, ty: &'t Type) -> &'t Type {
        let mut ty = ty;
        // Newtypes may lead back to themselves, but then no literal fits.
        for _ in 0..=self.items.len() {
            ty = match ty {
                Type::Optional(inner) => inner,
                Type::Named { name, .. } => match self.kind(name) {
                    Some(ItemKind::Alias(target)) => target,
                    Some(ItemKind::Newtype(it)) => &it.ty,
                    _ => return ty,
                },
                _ => return ty,
            };
        }
        ty
    }

    fn record_of(&self, ty: &Type) -> Option<&Record> {
        let Type::Named { name, .. } = ty else {
            return None;
        };
        match self.kind(name)? {
            ItemKind::Struct(record) | ItemKind::Message(record) => Some(record),
            ItemKind::Error(ErrorRecord { record, .. }) => Some(record),
            _ => None,
        }
    }

    fn member(&self, of: &ItemName, member: &str) -> String {
        let found = self.find(of).and_then(|at| self.members.get(&(at, member)));
        found.map(|member| member_text(member)).unwrap_or_default()
    }

    /// The value at the end of a chain of constants; there are no circles in a checked schema.
    fn constant(&self, name: &ItemName) -> Option<&Value> {
        let mut name = name;
        for _ in 0..=self.items.len() {
            let ItemKind::Const(it) = self.kind(name)? else {
                return None;
            };
            match &it.value {
                Value::Const(next) => name = next,
                value => return Some(value),
            }
        }
        None
    }
}

/// The value of a member of an enum.
pub(super) fn member_text(member: &Member) -> String {
    match &member.wire {
        Value::Str(text) => quoted(text),
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

/// How the members of an enum are written.
pub(super) fn repr_text(repr: EnumRepr) -> &'static str {
    match repr {
        EnumRepr::Text => "str",
        EnumRepr::Int(scalar) => crate::scalars::scalar_name(scalar),
    }
}

fn float(value: f64) -> String {
    format!("f{:016x}", value.to_bits())
}

/// A time of day as it is written: with no digits of a second, six or nine.
fn time(text: &str) -> String {
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
fn decimal(text: &str) -> String {
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
fn timestamp(text: &str) -> i128 {
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
