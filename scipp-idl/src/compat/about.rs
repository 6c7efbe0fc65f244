//! What is said about things without changing bytes: documentation, deprecation, options; and the values of literals.

use super::rule;
use super::side::Side;
use super::walk::{Found, OwnerAt, Walk};
use crate::schema::{Extension, Field, Item, ItemKind, ItemName, Member, Type, Value};
use crate::source::Span;
use crate::wire::Items;

/// What is said about something that changes no bytes.
pub(super) struct About<'s> {
    pub(super) doc: &'s str,
    pub(super) since: Option<u32>,
    pub(super) deprecated: Option<&'s str>,
    pub(super) extensions: &'s [Extension],
    pub(super) span: Span,
}

impl<'s> About<'s> {
    pub(super) fn of_field(it: &'s Field) -> Self {
        Self {
            doc: &it.doc,
            since: it.since,
            deprecated: it.deprecated.as_deref(),
            extensions: &it.extensions,
            span: it.span,
        }
    }

    pub(super) fn of_member(it: &'s Member) -> Self {
        Self {
            doc: &it.doc,
            since: it.since,
            deprecated: it.deprecated.as_deref(),
            extensions: &it.extensions,
            span: it.span,
        }
    }

    pub(super) fn of_item(it: &'s Item) -> Self {
        Self {
            doc: &it.doc,
            since: it.since,
            deprecated: it.deprecated.as_deref(),
            extensions: &it.extensions,
            span: it.span,
        }
    }
}

impl<'s> Walk<'s> {
    /// Compares what is said about something.
    pub(super) fn about(
        &mut self,
        item: &str,
        owner: Option<OwnerAt>,
        old: &About<'s>,
        new: &About<'s>,
    ) {
        let mut say = |rule, message: String, caution: bool| {
            let mut found = Found::new(rule, item, message)
                .old(old.span, "")
                .new_place(new.span, "");
            if let Some(owner) = owner {
                found = found.quiet(owner);
            }
            self.emit(if caution { found.caution() } else { found });
        };
        if old.doc != new.doc {
            say(
                &rule::DOCS_CHANGED,
                format!("the documentation of `{item}` has changed"),
                false,
            );
        }
        match (old.deprecated, new.deprecated) {
            (None, Some(_)) => say(
                &rule::DEPRECATED,
                format!("`{item}` is deprecated now"),
                false,
            ),
            (from, to) if from != to => {
                say(
                    &rule::DEPRECATION_CHANGED,
                    format!("the deprecation of `{item}` has changed"),
                    false,
                );
            }
            _ => {}
        }
        if old.since != new.since {
            say(
                &rule::SINCE_CHANGED,
                format!("`@since` of `{item}` has changed"),
                false,
            );
        }
        if old.extensions != new.extensions {
            say(
                &rule::FOREIGN_OPTION_CHANGED,
                format!("`@x` options of `{item}` have changed"),
                true,
            );
        }
    }

    /// Whether the defaults of a field mean the same.
    pub(super) fn same_default(
        &self,
        (was, from): (&Value, &Type),
        (is, to): (&Value, &Type),
    ) -> bool {
        if !has_choice(was) && !has_choice(is) {
            return self.same_value(was, is);
        }
        let old = Items::new(self.old.schema).payload(was, from);
        old == Items::new(self.new.schema).payload(is, to)
    }

    /// Whether a literal of the old version means the same as one of the new version.
    pub(super) fn same_value(&self, old: &Value, new: &Value) -> bool {
        let (old, new) = (self.old.value(old), self.new.value(new));
        let all = |old: &[Value], new: &[Value]| {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| self.same_value(old, new))
        };
        match (old, new) {
            (
                Value::Member { of, member },
                Value::Member {
                    of: new_of,
                    member: new_member,
                },
            ) => {
                let from = member_wire(&self.old, of, member);
                from.is_some() && from == member_wire(&self.new, new_of, new_member)
            }
            (Value::List(old), Value::List(new)) => all(old, new),
            (Value::Map(old), Value::Map(new)) => {
                old.len() == new.len()
                    && old
                        .iter()
                        .zip(new)
                        .all(|((key, value), (new_key, new_value))| {
                            self.same_value(key, new_key) && self.same_value(value, new_value)
                        })
            }
            (Value::Record(old), Value::Record(new)) => {
                old.len() == new.len()
                    && old
                        .iter()
                        .zip(new)
                        .all(|((name, value), (new_name, new_value))| {
                            name == new_name && self.same_value(value, new_value)
                        })
            }
            (old, new) => old == new,
        }
    }
}

/// Whether a union or `any` is in it, whose values mean what is on the wire.
fn has_choice(value: &Value) -> bool {
    match value {
        Value::Variant { .. } | Value::Typed { .. } => true,
        Value::List(values) => values.iter().any(has_choice),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, value)| has_choice(key) || has_choice(value)),
        Value::Record(fields) => fields.iter().any(|(_, value)| has_choice(value)),
        _ => false,
    }
}

fn member_wire<'s>(side: &Side<'s>, of: &ItemName, member: &str) -> Option<&'s Value> {
    let item = side.find_name(of).and_then(|at| side.item(at))?;
    let ItemKind::Enum(it) = &item.kind else {
        return None;
    };
    let member = it.members.iter().find(|it| it.name == member)?;
    Some(&member.wire)
}
