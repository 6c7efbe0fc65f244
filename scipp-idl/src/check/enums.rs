//! Enums: names and values of their members.

use super::Checker;
use super::options::Target;
use super::values::{describe, int_range};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::FileId;
use crate::scalars;
use crate::schema::{self, EnumRepr, Scalar, Value};
use crate::source::Span;
use crate::syntax::{Enum, Item, Member, TypeKind, ValueKind};
use std::collections::HashMap;

impl<'s> Checker<'_, 's> {
    pub(super) fn enumeration(
        &mut self,
        file: FileId,
        item: &Item<'s>,
        it: &Enum<'s>,
    ) -> Option<schema::Enum> {
        let repr = self.representation(it)?;
        if it.members.is_empty() {
            self.diagnostics.push(
                Diagnostic::new(
                    code::EMPTY_ENUM,
                    format!("the enum `{}` has no members", item.name.text),
                )
                .at(item.name.span, "at least one was expected"),
            );
            return None;
        }
        if repr == EnumRepr::Text {
            self.integers_in_text(item, it);
        }
        let reserved: HashMap<&str, Span> = it
            .reserved
            .iter()
            .map(|name| (name.text, name.span))
            .collect();
        let mut names: HashMap<&str, Span> = HashMap::with_capacity(it.members.len());
        let mut values: HashMap<String, Span> = HashMap::with_capacity(it.members.len());
        let mut members = Vec::with_capacity(it.members.len());
        for member in &it.members {
            let name = member.name;
            if let Some(first) = names.insert(name.text, name.span) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_MEMBER,
                        format!("member `{}` is there twice", name.text),
                    )
                    .at(name.span, "the second time")
                    .with(first, "the first time"),
                );
                continue;
            }
            if let Some(span) = reserved.get(name.text) {
                self.reserved_name(name, *span);
            }
            let given = self.options(file, &member.options, Target::Member);
            let Some(wire) = self.member_value(member, repr) else {
                continue;
            };
            let shown = match &wire {
                Value::Int(number) => number.to_string(),
                Value::Str(text) => format!("\"{text}\""),
                _ => String::new(),
            };
            let span = member.value.as_ref().map_or(name.span, |value| value.span);
            if let Some(first) = values.insert(shown.clone(), span) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_MEMBER_VALUE,
                        format!("two members of `{}` have the value {shown}", item.name.text),
                    )
                    .at(span, "the second one")
                    .with(first, "the first one"),
                );
            }
            members.push(schema::Member {
                name: name.text.to_owned(),
                wire,
                doc: member.doc.clone(),
                since: given.since,
                deprecated: given.deprecated,
                extensions: given.extensions,
                span: name.span,
            });
        }
        let reserved = it
            .reserved
            .iter()
            .map(|name| name.text.to_owned())
            .collect();
        Some(schema::Enum {
            repr,
            open: it.open,
            members,
            reserved,
        })
    }

    /// Integers in an enum without an integer type: one mistake, however many members have them.
    fn integers_in_text(&mut self, item: &Item<'s>, it: &Enum<'s>) {
        let integers: Vec<(&Member<'s>, Span, i128)> = it
            .members
            .iter()
            .filter_map(|member| match member.value.as_ref() {
                Some(value) => match value.kind {
                    ValueKind::Int(number) => Some((member, value.span, number)),
                    _ => None,
                },
                None => None,
            })
            .collect();
        let Some((first, span, _)) = integers.first().copied() else {
            return;
        };
        let message = format!("the value of `{}` is an integer", first.name.text);
        let mut diagnostic = Diagnostic::new(code::MEMBER_VALUE, message)
            .at(span, "a string was expected here")
            .help("give the enum an integer type: `enum X: u8 { ... }`");
        if integers.len() > 1 {
            let others = integers.len() - 1;
            let are = if others == 1 { "is" } else { "are" };
            diagnostic = diagnostic.note(format!("so {are} {others} more in this enum"));
        }
        let all = integers.len() == it.members.len() && it.repr.is_none();
        let fits = ["u8", "i32", "i64", "u64"].into_iter().find(|name| {
            let range = scalars::scalar(name)
                .and_then(int_range)
                .unwrap_or_default();
            let mut numbers = integers.iter().map(|(.., number)| *number);
            numbers.all(|number| (range.0..=range.1).contains(&number))
        });
        if let Some(name) = fits.filter(|_| all) {
            diagnostic = diagnostic.fix(item.name.span.after(), format!(": {name}"));
        }
        self.diagnostics.push(diagnostic);
    }

    fn representation(&mut self, it: &Enum<'s>) -> Option<EnumRepr> {
        let Some(ty) = &it.repr else {
            return Some(EnumRepr::Text);
        };
        let scalar = match &ty.kind {
            TypeKind::Broken => return None,
            TypeKind::Named(path, arguments) if arguments.is_empty() => scalars::scalar(path.text),
            _ => None,
        };
        match scalar {
            Some(scalar) if int_range(scalar).is_some() => Some(EnumRepr::Int(scalar)),
            Some(Scalar::Str) => Some(EnumRepr::Text),
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(code::ENUM_REPRESENTATION, "an enum is text or an integer")
                        .at(ty.span, "an integer type was expected here")
                        .help("write `enum X: u8 { a = 1 }`, or leave the type out for text"),
                );
                None
            }
        }
    }

    fn member_value(&mut self, member: &Member<'s>, repr: EnumRepr) -> Option<Value> {
        let name = member.name.text;
        let new = |message: String| Diagnostic::new(code::MEMBER_VALUE, message);
        let kind = member.value.as_ref().map(|value| &value.kind);
        let span = member
            .value
            .as_ref()
            .map_or(member.name.span, |value| value.span);
        let diagnostic = match (repr, kind) {
            (_, Some(ValueKind::Broken)) => return None,
            (EnumRepr::Text, None) => return Some(Value::Str(name.to_owned())),
            (EnumRepr::Text, Some(ValueKind::Str(text))) => return Some(Value::Str(text.clone())),
            (EnumRepr::Int(scalar), Some(ValueKind::Int(number))) => {
                let (min, max) = int_range(scalar).unwrap_or_default();
                if (min..=max).contains(number) {
                    return Some(Value::Int(*number));
                }
                let scalar = scalars::scalar_name(scalar);
                new(format!("the value of `{name}` does not fit `{scalar}`"))
                    .at(span, "out of range")
                    .note(format!("`{scalar}` goes from {min} to {max}"))
            }
            (EnumRepr::Int(_), None) => new(format!("member `{name}` has no value"))
                .at(span, "an integer was expected behind this")
                .note(
                    "the members of an integer enum all have values: they are what is on the wire",
                )
                .help(format!("write `{name} = 1`")),
            (EnumRepr::Int(_), Some(other)) => {
                new(format!("the value of `{name}` is {}", describe(other)))
                    .at(span, "an integer was expected here")
            }
            // Reported for the whole enum.
            (EnumRepr::Text, Some(ValueKind::Int(_))) => return None,
            (EnumRepr::Text, Some(other)) => {
                new(format!("the value of `{name}` is {}", describe(other)))
                    .at(span, "a string was expected here")
            }
        };
        self.diagnostics.push(diagnostic);
        None
    }
}
