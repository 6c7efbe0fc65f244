//! Arguments of options: what they must be. What is wrong comes back with its place.

use super::values::describe;
use crate::schema::CancelPolicy;
use crate::source::Span;
use crate::syntax::{Argument, ArgumentKind, Opt, Value, ValueKind};

/// Longest name on the wire, in bytes; the limit of the protocol.
pub(super) const NAME_BYTES_MAX: usize = 128;

pub(super) fn none(option: &Opt<'_>) -> Result<(), (Span, String)> {
    if option.text.is_none() {
        Ok(())
    } else {
        Err((option.span, "it takes no arguments".into()))
    }
}

pub(super) fn one<'o, 's>(option: &'o Opt<'s>) -> Result<&'o Argument<'s>, (Span, String)> {
    match option.arguments.as_slice() {
        [argument] if argument.name.is_none() => Ok(argument),
        [argument] => Err((argument.span, "its argument has no name".into())),
        _ => Err((option.span, "it takes one argument".into())),
    }
}

pub(super) fn value_of<'o, 's>(
    argument: &'o Argument<'s>,
) -> Result<&'o Value<'s>, (Span, String)> {
    match &argument.kind {
        ArgumentKind::Value(value) => Ok(value),
        ArgumentKind::Range { .. } => {
            Err((argument.span, "it takes one value, not a range".into()))
        }
    }
}

pub(super) fn text_of<'o>(argument: &'o Argument<'_>) -> Result<&'o str, (Span, String)> {
    match &value_of(argument)?.kind {
        ValueKind::Str(text) => Ok(text),
        other => Err((
            argument.span,
            format!("it takes a string, not {}", describe(other)),
        )),
    }
}

pub(super) fn one_text(option: &Opt<'_>) -> Result<String, (Span, String)> {
    Ok(text_of(one(option)?)?.to_owned())
}

pub(super) fn word_of<'s>(argument: &Argument<'s>) -> Result<&'s str, (Span, String)> {
    match &value_of(argument)?.kind {
        ValueKind::Path(path) => Ok(path.text),
        other => Err((
            argument.span,
            format!("it takes a word, not {}", describe(other)),
        )),
    }
}

pub(super) fn wire_name(option: &Opt<'_>) -> Result<String, (Span, String)> {
    let name = one_text(option)?;
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err((
            option.span,
            format!("a name on the wire has 1 to {NAME_BYTES_MAX} bytes"),
        ));
    }
    Ok(name)
}

pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A duration of at least one millisecond, in milliseconds.
pub(super) fn milliseconds(argument: &Argument<'_>) -> Result<u64, (Span, String)> {
    let value = value_of(argument)?;
    match value.kind {
        ValueKind::Duration(nanoseconds) => {
            let count = u64::try_from(nanoseconds / 1_000_000).ok();
            let whole = nanoseconds % 1_000_000 == 0;
            // A year: longer is a mistake, and no clock arithmetic can overflow.
            let count = count.filter(|count| whole && (1..=31_536_000_000).contains(count));
            count.ok_or_else(|| {
                (
                    value.span,
                    "it takes whole milliseconds, from 1ms to 365d".into(),
                )
            })
        }
        ref other => Err((
            value.span,
            format!("it takes a duration, not {}", describe(other)),
        )),
    }
}

pub(super) fn cancel(option: &Opt<'_>) -> Result<CancelPolicy, (Span, String)> {
    let named =
        |argument: &Argument<'_>, name: &str| argument.name.is_some_and(|it| it.text == name);
    match option.arguments.as_slice() {
        [grace] if named(grace, "grace") => Ok(CancelPolicy::Grace(milliseconds(grace)?)),
        [now] if now.name.is_none() && word_of(now)? == "now" => Ok(CancelPolicy::Now),
        [never, max] if never.name.is_none() && named(max, "max") && word_of(never)? == "never" => {
            Ok(CancelPolicy::Never(milliseconds(max)?))
        }
        [never] if never.name.is_none() && word_of(never)? == "never" => Err((
            option.span,
            "even `never` needs a bound: every wait ends".into(),
        )),
        _ => Err((option.span, "no such way to cancel".into())),
    }
}
