//! Literals as they are written in a schema.

use scipp_idl::schema::Value;

/// Nanoseconds of each unit of durations.
const UNITS: [(&str, i128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A literal that has no other inside.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Bool(it) => it.to_string(),
        Value::Int(it) => it.to_string(),
        Value::Float(it) => float(&format!("{it:?}")),
        Value::Str(text) => quoted(text),
        Value::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Value::Duration(it) => duration(*it),
        Value::Member { member, .. } => member.clone(),
        Value::Const(name) => name.name.clone(),
        Value::Variant { value, .. } | Value::Typed { value, .. } => literal(value),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Record(_) => "nil".to_owned(),
    }
}

/// With a digit on both sides of the dot.
pub(crate) fn float(text: &str) -> String {
    if text.contains(['.', 'e', 'E']) {
        text.to_owned()
    } else {
        format!("{text}.0")
    }
}

pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

pub(crate) fn duration(nanoseconds: i128) -> String {
    if nanoseconds == 0 {
        return "0s".to_owned();
    }
    let mut text = String::from(if nanoseconds < 0 { "-" } else { "" });
    let mut left = nanoseconds.unsigned_abs();
    for (unit, length) in UNITS {
        let length = length.unsigned_abs();
        if left >= length {
            text.push_str(&format!("{}{unit}", left / length));
            left %= length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spelled_as_in_a_schema() {
        assert_eq!(duration(90_000_000_000), "1m30s");
        assert_eq!(duration(-500_000_001), "-500ms1ns");
        assert_eq!(duration(0), "0s");
        assert_eq!(float("1"), "1.0");
        assert_eq!(quoted("a\"\n\u{1}"), "\"a\\\"\\n\\u{1}\"");
    }
}
