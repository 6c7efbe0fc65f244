//! Arguments of options: what they must be. What is wrong comes back with its place.

use super::Checker;
use super::values::describe;
use crate::allow;
use crate::code;
use crate::resolve::FileId;
use crate::schema::{CancelPolicy, Number};
use crate::source::Span;
use crate::suggest;
use crate::syntax::{Argument, ArgumentKind, ItemKind, Opt, Value, ValueKind};

/// What is wrong with an argument, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) span: Span,
    pub(super) why: String,
    /// What may have been meant by the word there.
    pub(super) near: Option<String>,
}

impl Wrong {
    pub(super) fn at(span: Span, why: impl Into<String>) -> Self {
        Self {
            span,
            why: why.into(),
            near: None,
        }
    }

    /// A word that is none of those that may stand there.
    pub(super) fn word(span: Span, word: &str, known: &[&'static str]) -> Self {
        let (last, others) = known.split_last().unwrap_or((&"", &[]));
        let mut named: Vec<String> = others.iter().map(|it| format!("`{it}`")).collect();
        named = vec![named.join(", ")];
        named.push(format!("`{last}`"));
        named.retain(|it| !it.is_empty());
        Self {
            span,
            why: format!("{} was expected here", named.join(" or ")),
            near: suggest::nearest(word, known.iter().copied()).map(str::to_owned),
        }
    }
}

impl<'s> Checker<'_, 's> {
    /// A time, in milliseconds.
    pub(super) fn time(&mut self, file: FileId, argument: &Argument<'s>) -> Result<u64, Wrong> {
        let value = value_of(argument)?;
        milliseconds(self.constant(file, value)?, value.span)
    }

    /// A number, or the number of a constant.
    pub(super) fn number(&mut self, file: FileId, value: &Value<'s>) -> Result<Number, Wrong> {
        match self.constant(file, value)? {
            ValueKind::Int(it) => Ok(Number::Int(*it)),
            ValueKind::Float(it) => Ok(Number::Float(*it)),
            other => Err(Wrong::at(
                value.span,
                format!("it takes a number, not {}", describe(other)),
            )),
        }
    }
}

impl<'a, 's> Checker<'a, 's> {
    /// What stands there; of a constant, its value.
    fn constant<'v>(
        &mut self,
        file: FileId,
        value: &'v Value<'s>,
    ) -> Result<&'v ValueKind<'s>, Wrong>
    where
        'a: 'v,
    {
        let ValueKind::Path(path) = &value.kind else {
            return Ok(&value.kind);
        };
        let found = self.names.item(file, *path).ok().flatten();
        let end = found.and_then(|id| self.const_ends.get(id).copied().flatten());
        match end.and_then(|id| self.syntax(id)).map(|item| &item.kind) {
            Some(ItemKind::Const(_, Some(literal))) => Ok(&literal.kind),
            _ => {
                let known = self.names.items.iter().filter(|item| item.file == file);
                let known = known.filter_map(|item| match item.syntax.kind {
                    ItemKind::Const(..) => Some(item.syntax.name.text),
                    _ => None,
                });
                Err(Wrong {
                    near: suggest::nearest(path.text, known).map(str::to_owned),
                    ..Wrong::at(value.span, format!("no constant `{}`", path.text))
                })
            }
        }
    }
}

/// Longest name on the wire, in bytes; the limit of the protocol.
pub(super) const NAME_BYTES_MAX: usize = 128;

pub(super) fn none(option: &Opt<'_>) -> Result<(), Wrong> {
    if option.text.is_none() {
        Ok(())
    } else {
        Err(Wrong::at(option.span, "it takes no arguments"))
    }
}

pub(super) fn one<'o, 's>(option: &'o Opt<'s>) -> Result<&'o Argument<'s>, Wrong> {
    match option.arguments.as_slice() {
        [argument] if argument.name.is_none() => Ok(argument),
        [argument] => Err(Wrong::at(argument.span, "its argument has no name")),
        _ => Err(Wrong::at(option.span, "it takes one argument")),
    }
}

pub(super) fn value_of<'o, 's>(argument: &'o Argument<'s>) -> Result<&'o Value<'s>, Wrong> {
    match &argument.kind {
        ArgumentKind::Value(value) => Ok(value),
        ArgumentKind::Range { .. } => {
            Err(Wrong::at(argument.span, "it takes one value, not a range"))
        }
    }
}

pub(super) fn text_of<'o>(argument: &'o Argument<'_>) -> Result<&'o str, Wrong> {
    match &value_of(argument)?.kind {
        ValueKind::Str(text) => Ok(text),
        other => Err(Wrong::at(
            argument.span,
            format!("it takes a string, not {}", describe(other)),
        )),
    }
}

pub(super) fn one_text(option: &Opt<'_>) -> Result<String, Wrong> {
    Ok(text_of(one(option)?)?.to_owned())
}

pub(super) fn word_of<'s>(argument: &Argument<'s>) -> Result<&'s str, Wrong> {
    match &value_of(argument)?.kind {
        ValueKind::Path(path) => Ok(path.text),
        other => Err(Wrong::at(
            argument.span,
            format!("it takes a word, not {}", describe(other)),
        )),
    }
}

pub(super) fn wire_name(option: &Opt<'_>) -> Result<String, Wrong> {
    let name = one_text(option)?;
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(Wrong::at(
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

/// A duration of at least one millisecond, in milliseconds. `kind` is what stands at `span`, or the value of the constant there.
fn milliseconds(kind: &ValueKind<'_>, span: Span) -> Result<u64, Wrong> {
    match *kind {
        ValueKind::Duration(nanoseconds) => {
            let count = u64::try_from(nanoseconds / 1_000_000).ok();
            let whole = nanoseconds % 1_000_000 == 0;
            // A year: longer is a mistake, and no clock arithmetic can overflow.
            let count = count.filter(|count| whole && (1..=31_536_000_000).contains(count));
            count.ok_or_else(|| Wrong::at(span, "it takes whole milliseconds, from 1ms to 365d"))
        }
        ref other => Err(Wrong::at(
            span,
            format!("it takes a duration, not {}", describe(other)),
        )),
    }
}

/// The ways of `@cancel`, each alone.
const CANCEL_WORDS: &[&str] = &["grace", "now", "never"];

/// `time` reads an argument that is a time.
pub(super) fn cancel<'s>(
    option: &Opt<'s>,
    mut time: impl FnMut(&Argument<'s>) -> Result<u64, Wrong>,
) -> Result<CancelPolicy, Wrong> {
    let (first, second) = match option.arguments.as_slice() {
        [first] => (first, None),
        [first, second] => (first, Some(second)),
        _ => return Err(Wrong::at(option.span, "no such way to cancel")),
    };
    if let Some(name) = first.name {
        if name.text != "grace" {
            return Err(Wrong::word(name.span, name.text, CANCEL_WORDS));
        }
        let grace = CancelPolicy::Grace(time(first)?);
        return match second {
            None => Ok(grace),
            Some(second) => Err(Wrong::at(second.span, "`grace` stands alone")),
        };
    }
    match (word_of(first)?, second) {
        ("now", None) => Ok(CancelPolicy::Now),
        ("now", Some(second)) => Err(Wrong::at(second.span, "`now` stands alone")),
        ("never", None) => Err(Wrong::at(
            option.span,
            "even `never` needs a bound: every wait ends",
        )),
        ("never", Some(max)) => match max.name {
            Some(name) if name.text == "max" => Ok(CancelPolicy::Never(time(max)?)),
            Some(name) => Err(Wrong::word(name.span, name.text, &["max"])),
            None => Err(Wrong::at(max.span, "the bound is written `max = 30s`")),
        },
        ("grace", _) => Err(Wrong::at(first.span, "the time is written `grace = 2s`")),
        (word, _) => Err(Wrong::word(first.span, word, CANCEL_WORDS)),
    }
}

/// The warnings that `@allow` names, and behind them the reason.
pub(super) fn allow(option: &Opt<'_>) -> Result<(), Wrong> {
    let Some((last, names)) = option.arguments.split_last() else {
        return Err(Wrong::at(option.span, "it takes a warning and a reason"));
    };
    let is_text = |argument: &Argument<'_>| {
        matches!(
            argument.kind,
            ArgumentKind::Value(Value {
                kind: ValueKind::Str(_),
                ..
            })
        )
    };
    let names = if is_text(last) {
        names
    } else {
        option.arguments.as_slice()
    };
    for name in names {
        let word = word_of(name)?;
        if code::warning(word).is_some() {
            continue;
        }
        if code::ALL.iter().any(|code| code.id == word) {
            return Err(Wrong::at(name.span, "an error cannot be allowed"));
        }
        let known = code::ALL.iter().filter(|code| !code.is_error());
        return Err(Wrong {
            near: suggest::nearest(word, known.map(|code| code.id)).map(str::to_owned),
            ..Wrong::at(name.span, "no warning has this code")
        });
    }
    if !is_text(last) {
        return Err(Wrong::at(
            option.span,
            "it takes a reason behind the warning",
        ));
    }
    if names.is_empty() {
        return Err(Wrong::at(last.span, "it takes a warning before the reason"));
    }
    match allow::reason(option) {
        Some(_) => Ok(()),
        None => Err(Wrong::at(last.span, "an empty reason is none")),
    }
}
