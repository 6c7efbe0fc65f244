//! Types and values of the model as they are written in a schema.

use crate::spelled::{duration, float, quoted};
use minijinja::{Error, ErrorKind, Value};

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
        // Of which member it is, the model says by its place.
        "variant" => one("value")?,
        "typed" => typed(value, local)?,
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

/// A value of `any`, with the name of its type where it is not clear without.
fn typed(value: &Value, local: &str) -> Result<String, Error> {
    let inner = value.get_attr("value")?;
    let (ty, text) = (
        spell(&value.get_attr("type")?, local)?,
        spell(&inner, local)?,
    );
    Ok(match inner.get_attr("kind")?.as_str() {
        Some("record") => format!("{ty} {text}"),
        Some("member") => format!("{ty}.{text}"),
        _ => text,
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
