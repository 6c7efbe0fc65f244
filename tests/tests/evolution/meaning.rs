//! Whether a value that has travelled still says the same.

use crate::dynamic::{Dyn, integer, written};
use scipp_codec::{Decoder, Payload};

/// Whether a reader took a value for what its writer meant. What only one of them knows does not count.
pub fn same(wrote: &Dyn, read: &Dyn) -> Result<(), String> {
    let all = |wrote: &[Dyn], read: &[Dyn]| {
        if wrote.len() != read.len() {
            return Err(format!("{} elements became {}", wrote.len(), read.len()));
        }
        wrote
            .iter()
            .zip(read)
            .try_for_each(|(wrote, read)| same(wrote, read))
    };
    match (wrote, read) {
        (Dyn::List(wrote), Dyn::List(read)) => all(wrote, read),
        (Dyn::Map(wrote), Dyn::Map(read)) => {
            if wrote.len() != read.len() {
                return Err("entries were lost".to_owned());
            }
            wrote
                .iter()
                .zip(read)
                .try_for_each(|((k, v), (key, value))| same(k, key).and_then(|()| same(v, value)))
        }
        (
            Dyn::Record {
                fields: wrote,
                array,
                ..
            },
            Dyn::Record { fields: read, .. },
        ) => {
            for (at, (name, key, value)) in wrote.iter().enumerate() {
                let other = match array {
                    true => read.get(at),
                    false => read.iter().find(|(_, it, _)| it == key),
                };
                if let Some((other_name, ..)) = other
                    && other_name != name
                    && read.iter().any(|(it, ..)| it == name)
                    && wrote.iter().any(|(it, ..)| it == other_name)
                {
                    return Err(format!("the field `{name}` was taken for `{other_name}`"));
                }
                if other.is_none() && read.iter().any(|(it, ..)| it == name) {
                    return Err(format!("the field `{name}` did not arrive"));
                }
                match (value, other) {
                    (_, None) => {}
                    (Some(value), Some((.., Some(other)))) => {
                        same(value, other).map_err(|error| format!("{name}: {error}"))?
                    }
                    (None, Some((.., None))) => {}
                    (Some(_), Some((.., None))) => return Err(format!("{name}: a value was lost")),
                    (None, Some((.., Some(_)))) => {
                        return Err(format!("{name}: what was left out became a value"));
                    }
                }
            }
            Ok(())
        }
        (
            Dyn::Member {
                name: Some(name), ..
            },
            Dyn::Member {
                name: Some(other),
                all,
                ..
            },
        ) if name != other => match all.contains(name) {
            true => Err(format!("the member `{name}` was taken for `{other}`")),
            false => Ok(()),
        },
        (
            Dyn::Member {
                name: Some(name), ..
            },
            Dyn::Member {
                name: None, all, ..
            },
        ) if all.contains(name) => Err(format!("the member `{name}` was not known")),
        (Dyn::Ext(a, wrote), Dyn::Ext(b, read)) if a == b => same(wrote, read),
        _ => {
            let (wrote, read) = (written(wrote), written(read));
            if wrote == read || numbers(&wrote, &read) {
                return Ok(());
            }
            Err(format!("{wrote:02x?} became {read:02x?}"))
        }
    }
}

/// Whether two scalars are the same number.
fn numbers(wrote: &[u8], read: &[u8]) -> bool {
    let Some(int) = integer(wrote) else {
        return false;
    };
    if let Ok(text) = Decoder::new(read).str() {
        return text.parse() == Ok(int);
    }
    f64::decode(&mut Decoder::new(read))
        .is_ok_and(|float| float as i128 == int && float.fract() == 0.0)
}
