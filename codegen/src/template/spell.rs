//! Types and values of the model as they are written in a schema.

use minijinja::{Error, ErrorKind, Value};

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

/// A type or a value. Names of the package `local` stand without it.
pub(super) fn spell(value: &Value, local: &str) -> Result<String, Error> {
    let kind = value.get_attr("kind")?;
    let text = |key: &str| -> Result<String, Error> {
        Ok(value.get_attr(key)?.as_str().unwrap_or_default().to_owned())
    };
    let one = |key: &str| spell(&value.get_attr(key)?, local);
    let all = |key: &str, between: &str| -> Result<String, Error> {
        let parts: Vec<String> = value
            .get_attr(key)?
            .try_iter()?
            .map(|it| spell(&it, local))
            .collect::<Result<_, _>>()?;
        Ok(parts.join(between))
    };
    let plain = |key: &str| -> Result<String, Error> { Ok(value.get_attr(key)?.to_string()) };
    Ok(match kind.as_str().unwrap_or_default() {
        // Types; `list`, `map` and `const` are values as well, with other keys.
        "scalar" | "param" => text("name")?,
        "list" if has(value, "item")? => format!("list<{}>", one("item")?),
        "map" if has(value, "key")? => format!("map<{}, {}>", one("key")?, one("value")?),
        "tuple" => {
            let items = all("items", ", ")?;
            let comma = if value.get_attr("items")?.len() == Some(1) {
                ","
            } else {
                ""
            };
            format!("({items}{comma})")
        }
        "optional" => {
            let item = value.get_attr("item")?;
            let inner = spell(&item, local)?;
            match item.get_attr("kind")?.as_str() {
                Some("union") => format!("({inner})?"),
                _ => format!("{inner}?"),
            }
        }
        "union" => all("members", " | ")?,
        "named" => {
            let args = match all("args", ", ")? {
                args if args.is_empty() => args,
                args => format!("<{args}>"),
            };
            format!("{}{args}", name(value, local)?)
        }
        // Values.
        "nil" => "nil".to_owned(),
        "bool" | "int" => plain("value")?,
        "float" => float(&plain("value")?),
        "str" => quoted(&text("value")?),
        "bytes" => {
            let bytes: Vec<u8> = value
                .get_attr("value")?
                .try_iter()?
                .map(u8::try_from)
                .collect::<Result<_, _>>()?;
            format!("b\"{}\"", bytes.escape_ascii())
        }
        "duration" => duration(i128::try_from(value.get_attr("nanoseconds")?)?),
        "member" => text("member")?,
        "const" => name(value, local)?,
        "list" => format!("[{}]", all("items", ", ")?),
        "map" => {
            let entries = value.get_attr("entries")?.try_iter()?.map(|entry| {
                let (key, value) = (entry.get_attr("key")?, entry.get_attr("value")?);
                Ok(format!(
                    "{}: {}",
                    spell(&key, local)?,
                    spell(&value, local)?
                ))
            });
            braces(entries.collect::<Result<_, Error>>()?)
        }
        "record" => {
            let fields = value.get_attr("fields")?.try_iter()?.map(|field| {
                let value = spell(&field.get_attr("value")?, local)?;
                Ok(format!(
                    "{}: {value}",
                    field.get_attr("name")?.as_str().unwrap_or_default()
                ))
            });
            braces(fields.collect::<Result<_, Error>>()?)
        }
        other => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("`spell` takes a type or a value of the model, not `{other}`"),
            ));
        }
    })
}

fn has(value: &Value, key: &str) -> Result<bool, Error> {
    Ok(!value.get_attr(key)?.is_undefined())
}

fn name(value: &Value, local: &str) -> Result<String, Error> {
    let (package, name) = (value.get_attr("package")?, value.get_attr("name")?);
    let (package, name) = (
        package.as_str().unwrap_or_default(),
        name.as_str().unwrap_or_default(),
    );
    Ok(match package {
        package if package == local => name.to_owned(),
        package => format!("{package}.{name}"),
    })
}

fn braces(parts: Vec<String>) -> String {
    match parts.join(", ") {
        text if text.is_empty() => "{}".to_owned(),
        text => format!("{{ {text} }}"),
    }
}

/// With a digit on both sides of the dot.
fn float(text: &str) -> String {
    if text.contains(['.', 'e', 'E']) {
        text.to_owned()
    } else {
        format!("{text}.0")
    }
}

fn quoted(text: &str) -> String {
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

fn duration(nanoseconds: i128) -> String {
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
