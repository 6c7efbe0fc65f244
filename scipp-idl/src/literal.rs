//! Numbers, durations and strings: from their spelling to their value, with one exact message for each mistake.

use crate::syntax::ValueKind;

/// Nanoseconds in each unit of a duration, longest first, which is the order they are written in.
const UNITS: &[(&str, i128)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// The value of a number or duration, or what is wrong with it.
pub(crate) fn number(text: &str) -> Result<ValueKind<'static>, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let lower = digits.get(..2).unwrap_or_default();
    let radix = match lower {
        "0x" => Some((16, "hexadecimal")),
        "0o" => Some((8, "octal")),
        "0b" => Some((2, "binary")),
        _ => None,
    };
    if let Some((radix, name)) = radix {
        let rest = digits.get(2..).unwrap_or_default();
        let value = integer(rest, radix).map_err(|_| format!("this is not a {name} number"))?;
        return Ok(ValueKind::Int(if negative { -value } else { value }));
    }
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a number does not begin with `0`; octal numbers begin with `0o`".into());
    }
    if digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_')
    {
        let value = integer(digits, 10)?;
        return Ok(ValueKind::Int(if negative { -value } else { value }));
    }
    let is_float = digits
        .bytes()
        .all(|b| b.is_ascii_digit() || b"_.eE+-".contains(&b));
    if is_float {
        float(text)
    } else {
        duration(digits, negative)
    }
}

fn integer(digits: &str, radix: u32) -> Result<i128, String> {
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    i128::from_str_radix(&plain, radix).map_err(|_| "this number is too large for any type".into())
}

fn float(text: &str) -> Result<ValueKind<'static>, String> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(ValueKind::Float(value)),
        Ok(_) => Err("this number is too large for any type".into()),
        Err(_) => Err("this is not a number".into()),
    }
}

fn duration(digits: &str, negative: bool) -> Result<ValueKind<'static>, String> {
    let mut rest = digits;
    let mut nanoseconds: i128 = 0;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let split = rest
            .find(|c: char| !c.is_ascii_digit() && c != '_')
            .unwrap_or(rest.len());
        let (count, tail) = rest.split_at(split);
        let unit_end = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        if tail.starts_with('.') || unit.is_empty() {
            return Err("a duration has no fractions: write `1s500ms`, not `1.5s`".into());
        }
        let Some(at) = UNITS.iter().position(|(name, _)| *name == unit) else {
            return Err(format!(
                "no unit `{unit}`: there are d, h, m, s, ms, us and ns"
            ));
        };
        if at < next_unit {
            return Err("the units of a duration go from long to short, each at most once".into());
        }
        next_unit = at + 1;
        let scale = UNITS.get(at).map_or(0, |(_, scale)| *scale);
        let part = integer(count, 10)?.checked_mul(scale);
        nanoseconds = part
            .and_then(|part| nanoseconds.checked_add(part))
            .ok_or("this duration is too long for any type")?;
        rest = tail;
    }
    Ok(ValueKind::Duration(if negative {
        -nanoseconds
    } else {
        nanoseconds
    }))
}

/// A mistake in a string: the bytes it takes, counted from the opening quote, and what is wrong.
pub(crate) type EscapeError = (std::ops::Range<usize>, &'static str);

/// The text of a string from its spelling with quotes.
pub(crate) fn string(quoted: &str) -> Result<String, EscapeError> {
    let inner = inner(quoted);
    if !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let mut out = String::with_capacity(inner.len());
    unescape(inner, |unit| match unit {
        Unit::Char(c) => {
            out.push(c);
            Ok(())
        }
        Unit::Byte(byte) if byte < 0x80 => {
            out.push(char::from(byte));
            Ok(())
        }
        Unit::Byte(_) => Err("in a string `\\x` goes up to 7f: write `\\u{...}`"),
    })?;
    Ok(out)
}

/// The bytes of a `b"..."` from its spelling.
pub(crate) fn bytes(quoted: &str) -> Result<Vec<u8>, EscapeError> {
    let inner = inner(quoted.strip_prefix('b').unwrap_or(quoted));
    let mut out = Vec::with_capacity(inner.len());
    let result = unescape(inner, |unit| match unit {
        Unit::Char(c) if c.is_ascii() => {
            out.push(c as u8);
            Ok(())
        }
        Unit::Char(_) => Err("bytes are written in ASCII: write `\\x..` for others"),
        Unit::Byte(byte) => {
            out.push(byte);
            Ok(())
        }
    });
    result.map_err(|(range, why)| (range.start + 1..range.end + 1, why))?;
    Ok(out)
}

fn inner(quoted: &str) -> &str {
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(quoted)
}

enum Unit {
    Char(char),
    Byte(u8),
}

fn unescape(
    inner: &str,
    mut emit: impl FnMut(Unit) -> Result<(), &'static str>,
) -> Result<(), EscapeError> {
    let mut rest = inner.char_indices();
    while let Some((at, c)) = rest.next() {
        let unit = if c == '\\' {
            escape(&mut rest)
        } else {
            Ok(Unit::Char(c))
        };
        if let Err(why) = unit.and_then(&mut emit) {
            let end = inner.len() - rest.as_str().len();
            return Err((at + 1..end + 1, why));
        }
    }
    Ok(())
}

fn escape(rest: &mut std::str::CharIndices<'_>) -> Result<Unit, &'static str> {
    const UNKNOWN: &str = r#"the escapes are \n \r \t \0 \\ \" \xNN and \u{N}"#;
    let unit = match rest.next().map(|(_, c)| c) {
        Some('n') => Unit::Char('\n'),
        Some('r') => Unit::Char('\r'),
        Some('t') => Unit::Char('\t'),
        Some('0') => Unit::Char('\0'),
        Some('\\') => Unit::Char('\\'),
        Some('"') => Unit::Char('"'),
        Some('x') => {
            let digits = rest
                .as_str()
                .get(..2)
                .ok_or("`\\x` takes two hexadecimal digits")?;
            rest.nth(1);
            let byte = u8::from_str_radix(digits, 16);
            Unit::Byte(byte.map_err(|_| "`\\x` takes two hexadecimal digits")?)
        }
        Some('u') => {
            const FORM: &str = "`\\u` takes the number of a character: `\\u{2028}`";
            let body = rest.as_str().strip_prefix('{').ok_or(FORM)?;
            let (digits, _) = body
                .get(..body.len().min(8))
                .unwrap_or(body)
                .split_once('}')
                .ok_or(FORM)?;
            rest.nth(digits.len() + 1);
            let number = u32::from_str_radix(digits, 16).map_err(|_| FORM)?;
            Unit::Char(char::from_u32(number).ok_or("there is no such character")?)
        }
        _ => return Err(UNKNOWN),
    };
    Ok(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert!(matches!(number("-12_000"), Ok(ValueKind::Int(-12_000))));
        assert!(matches!(number("0xff"), Ok(ValueKind::Int(255))));
        assert!(matches!(number("2.5e-3"), Ok(ValueKind::Float(v)) if v == 0.0025));
        assert!(matches!(
            number("1h30m"),
            Ok(ValueKind::Duration(5_400_000_000_000))
        ));
        assert!(matches!(
            number("-500ms"),
            Ok(ValueKind::Duration(-500_000_000))
        ));
        for bad in [
            "1.5s", "30m1h", "5parsecs", "007", "0xfg", "1e999", "1__s2", "1s2s",
        ] {
            assert!(number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn strings() {
        assert_eq!(string(r#""a\n\x41\u{e9}\"""#), Ok("a\nAé\"".into()));
        assert_eq!(bytes(r#"b"\x00\xffz""#), Ok(vec![0, 255, b'z']));
        assert_eq!(string(r#""ab\q""#).map_err(|(range, _)| range), Err(3..5));
        assert!(string(r#""\u{d800}""#).is_err() && string(r#""\xff""#).is_err());
        assert!(string(r#""\u{é}""#).is_err() && string(r#""\xé""#).is_err());
    }
}
