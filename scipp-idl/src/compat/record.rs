//! Records, compared field by field: structs, messages, errors, and the arguments of endpoints.

use super::change::Harm::{Breaks, New, None as Fine};
use super::presence::Form;
use super::rule::{self, Rule};
use super::side::TypeAt;
use super::walk::{Found, OwnerAt, Slot, Walk, Ways};
use crate::schema::{Field, Presence, Record};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Two versions of a record and where they stand.
pub(super) struct Records<'s, 'a> {
    pub(super) owner: OwnerAt,
    /// Qualified name; of an endpoint for arguments.
    pub(super) item: String,
    pub(super) is_args: bool,
    pub(super) old: &'s Record,
    pub(super) new: &'s Record,
    pub(super) old_span: Span,
    pub(super) new_span: Span,
    /// Type parameters and arguments.
    pub(super) old_args: (&'s [String], &'a [TypeAt]),
    pub(super) new_args: (&'s [String], &'a [TypeAt]),
}

impl Records<'_, '_> {
    pub(super) fn name(&self, field: &str) -> String {
        if self.is_args {
            format!("{}({field})", self.item)
        } else {
            format!("{}.{field}", self.item)
        }
    }

    fn pick(&self, field: &'static Rule, argument: &'static Rule) -> &'static Rule {
        if self.is_args { argument } else { field }
    }
}

impl<'s> Walk<'s> {
    pub(super) fn records(&mut self, it: &Records<'s, '_>) {
        if it.old.array != it.new.array {
            let form = |array| if array { "an array" } else { "a map" };
            let (from, to) = (form(it.old.array), form(it.new.array));
            return self.emit(
                Found::new(
                    &rule::ARRAY_FORM_CHANGED,
                    it.item.as_str(),
                    format!("`{}` is {to} on the wire and was {from}", it.item),
                )
                .wire(it.owner, Breaks, Breaks)
                .old(it.old_span, from)
                .new_place(it.new_span, to),
            );
        }
        self.tags(it);
        self.reserved(it);
        if it.old.array {
            self.elements(it);
        } else {
            self.entries(it);
        }
    }

    fn tags(&mut self, it: &Records<'s, '_>) {
        let holds =
            |record: &Record, key: &str| record.fields.iter().any(|field| field.wire == key);
        let (rule, breaks, message, from, to) = match (&it.old.tag, &it.new.tag) {
            (None, Some(tag)) => {
                let breaks = it.old.array || holds(it.old, &tag.key);
                let text = format!("`{}` carries the tag \"{}\" now", it.item, tag.value);
                (
                    &rule::TAG_ADDED,
                    breaks,
                    text,
                    "no tag".to_owned(),
                    format!("\"{}\": \"{}\"", tag.key, tag.value),
                )
            }
            (Some(tag), None) => {
                let breaks = it.old.array || holds(it.new, &tag.key);
                let text = format!("`{}` carries no tag any more", it.item);
                (
                    &rule::TAG_REMOVED,
                    breaks,
                    text,
                    format!("\"{}\": \"{}\"", tag.key, tag.value),
                    "no tag".to_owned(),
                )
            }
            (Some(from), Some(to)) if from.value != to.value => {
                let text = format!(
                    "the tag of `{}` has changed from \"{}\" to \"{}\"",
                    it.item, from.value, to.value
                );
                (
                    &rule::TAG_VALUE_CHANGED,
                    true,
                    text,
                    format!("\"{}\"", from.value),
                    format!("\"{}\"", to.value),
                )
            }
            (Some(from), Some(to)) if from.key != to.key => {
                let text = format!(
                    "the tag of `{}` stands under \"{}\" and was under \"{}\"",
                    it.item, to.key, from.key
                );
                // An array has its tag first, without a key.
                (
                    &rule::TAG_KEY_CHANGED,
                    !it.old.array,
                    text,
                    format!("\"{}\"", from.key),
                    format!("\"{}\"", to.key),
                )
            }
            _ => return,
        };
        let harm = if breaks { Breaks } else { Fine };
        self.emit(
            Found::new(rule, it.item.as_str(), message)
                .wire(it.owner, harm, harm)
                .old(it.old_span, from)
                .new_place(it.new_span, to),
        );
    }

    fn reserved(&mut self, it: &Records<'s, '_>) {
        if it.old.reserved.is_empty() && it.new.reserved.is_empty() {
            return;
        }
        let before: HashSet<&str> = it.old.reserved.iter().map(String::as_str).collect();
        let after: HashSet<&str> = it.new.reserved.iter().map(String::as_str).collect();
        let mut back: HashSet<&str> = HashSet::new();
        for field in &it.new.fields {
            let words = [field.name.as_str(), field.wire.as_str()];
            if words.iter().any(|word| before.contains(word)) {
                back.extend(words);
                self.emit(reused(
                    it.owner,
                    it.name(&field.name),
                    it.old_span,
                    field.span,
                ));
            }
        }
        for word in &it.old.reserved {
            if !after.contains(word.as_str()) && !back.contains(word.as_str()) {
                self.emit(unreserved(
                    it.owner,
                    it.name(word),
                    it.old_span,
                    it.new_span,
                ));
            }
        }
        for word in it
            .new
            .reserved
            .iter()
            .filter(|word| !before.contains(word.as_str()))
        {
            self.emit(newly_reserved(
                it.owner,
                it.name(word),
                it.old_span,
                it.new_span,
            ));
        }
    }

    /// Fields of maps, by their key.
    fn entries(&mut self, it: &Records<'s, '_>) {
        let (old, new) = (&it.old.fields, &it.new.fields);
        let same_keys =
            old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.wire == b.wire);
        if same_keys {
            for (from, to) in old.iter().zip(new) {
                self.field(it, from, to);
            }
            return;
        }
        let by_key: HashMap<&str, usize> = new
            .iter()
            .enumerate()
            .map(|(at, field)| (field.wire.as_str(), at))
            .collect();
        let old_keys: HashSet<&str> = old.iter().map(|field| field.wire.as_str()).collect();
        let by_name: HashMap<&str, &'s Field> = new
            .iter()
            .filter(|field| !old_keys.contains(field.wire.as_str()))
            .map(|field| (field.name.as_str(), field))
            .collect();
        let mut order = Vec::new();
        let mut rekeyed: HashSet<&str> = HashSet::new();
        for from in old {
            if let Some((at, to)) = by_key
                .get(from.wire.as_str())
                .and_then(|at| Some((*at, new.get(*at)?)))
            {
                order.push(at);
                self.field(it, from, to);
            } else if let Some(to) = by_name.get(from.name.as_str()) {
                rekeyed.insert(to.wire.as_str());
                let message = format!(
                    "the key of `{}` has changed from \"{}\" to \"{}\"",
                    it.name(&from.name),
                    from.wire,
                    to.wire
                );
                self.emit(
                    Found::new(
                        it.pick(&rule::FIELD_KEY_CHANGED, &rule::ARGUMENT_KEY_CHANGED),
                        it.name(&from.name),
                        message,
                    )
                    .wire(it.owner, Breaks, Breaks)
                    .old(from.span, format!("\"{}\"", from.wire))
                    .new_place(to.span, format!("\"{}\"", to.wire)),
                );
            } else {
                self.removed_field(it, from);
            }
        }
        for to in new {
            if !old_keys.contains(to.wire.as_str()) && !rekeyed.contains(to.wire.as_str()) {
                self.added_field(it, to);
            }
        }
        if !order.is_sorted() {
            let rule = it.pick(&rule::FIELDS_REORDERED, &rule::ARGUMENTS_REORDERED);
            let what = if it.is_args { "arguments" } else { "fields" };
            self.emit(
                Found::new(
                    rule,
                    it.item.as_str(),
                    format!("the {what} of `{}` stand in another order", it.item),
                )
                .wire(it.owner, Fine, Fine)
                .old(it.old_span, "")
                .new_place(it.new_span, ""),
            );
        }
    }

    /// Fields of arrays, by their place.
    fn elements(&mut self, it: &Records<'s, '_>) {
        let (old, new) = (&it.old.fields, &it.new.fields);
        let names = |fields: &'s [Field]| -> HashMap<&'s str, usize> {
            fields
                .iter()
                .enumerate()
                .map(|(at, field)| (field.name.as_str(), at))
                .collect()
        };
        let new_places = names(new);
        let moved = old.iter().enumerate().find(|(at, field)| {
            new_places
                .get(field.name.as_str())
                .is_some_and(|place| place != at)
        });
        if let Some((_, field)) = moved {
            return self.emit(
                Found::new(
                    &rule::ARRAY_ORDER_CHANGED,
                    it.item.as_str(),
                    format!(
                        "elements of the array `{}` have moved, such as `{}`",
                        it.item, field.name
                    ),
                )
                .wire(it.owner, Breaks, Breaks)
                .old(field.span, "")
                .new_place(it.new_span, ""),
            );
        }
        for (from, to) in old.iter().zip(new) {
            self.field(it, from, to);
        }
        for from in old.iter().skip(new.len()) {
            self.removed_field(it, from);
        }
        for to in new.iter().skip(old.len()) {
            self.added_field(it, to);
        }
    }

    fn removed_field(&mut self, it: &Records<'s, '_>, field: &'s Field) {
        let ty = self.old.lower(&field.ty, it.old_args.0, it.old_args.1);
        let required =
            self.form(true, field, ty) == Form::Required || !self.default_holds(true, field, ty);
        let backward = if required { Breaks } else { Fine };
        let what = if it.is_args { "argument" } else { "field" };
        let found = Found::new(
            it.pick(&rule::FIELD_REMOVED, &rule::ARGUMENT_REMOVED),
            it.name(&field.name),
            format!("the {what} `{}` of `{}` is removed", field.name, it.item),
        )
        .wire(it.owner, Fine, backward)
        .caution()
        .old(
            field.span,
            if required {
                "had to be there"
            } else {
                "could be absent"
            },
        )
        .new_place(it.new_span, "is not here any more");
        // A stock callee has no parameter for what old callers send.
        self.emit(if it.is_args {
            found.stock(Breaks, backward)
        } else {
            found
        });
    }

    fn added_field(&mut self, it: &Records<'s, '_>, field: &'s Field) {
        let ty = self.new.lower(&field.ty, it.new_args.0, it.new_args.1);
        let required =
            self.form(false, field, ty) == Form::Required || !self.default_holds(false, field, ty);
        let forward = if required { Breaks } else { Fine };
        let (what, rule) = match (it.is_args, required) {
            (true, true) => ("argument", &rule::ARGUMENT_ADDED_REQUIRED),
            (true, false) => ("argument", &rule::ARGUMENT_ADDED),
            (false, true) => ("field", &rule::FIELD_ADDED_REQUIRED),
            (false, false) => ("field", &rule::FIELD_ADDED),
        };
        let found = Found::new(
            rule,
            it.name(&field.name),
            format!("the {what} `{}` is added to `{}`", field.name, it.item),
        )
        .wire(it.owner, forward, Fine)
        .old(it.old_span, "is not here")
        .new_place(
            field.span,
            if required {
                "must be there"
            } else {
                "may be absent"
            },
        );
        // New callers always send it, and an old stock callee has no parameter for it.
        let omitted = field.presence == Presence::Omittable;
        let stock = if omitted { New } else { Breaks };
        self.emit(if it.is_args {
            found.stock(forward, stock)
        } else {
            found
        });
    }

    fn field(&mut self, it: &Records<'s, '_>, from: &'s Field, to: &'s Field) {
        let name = it.name(&from.name);
        let old = self.old.lower(&from.ty, it.old_args.0, it.old_args.1);
        let new = self.new.lower(&to.ty, it.new_args.0, it.new_args.1);
        if from.name != to.name {
            let what = if it.is_args { "argument" } else { "field" };
            self.emit(
                Found::new(
                    it.pick(&rule::FIELD_RENAMED, &rule::ARGUMENT_RENAMED),
                    name.as_str(),
                    format!(
                        "the {what} `{}` of `{}` is called `{}` now",
                        from.name, it.item, to.name
                    ),
                )
                .quiet(it.owner)
                .old(from.span, "")
                .new_place(to.span, "the same on the wire"),
            );
        }
        self.presence(it, from, to, &name, (old, new));
        self.about(
            &name,
            Some(it.owner),
            &super::about::About::of_field(from),
            &super::about::About::of_field(to),
        );
        self.slot(Slot {
            owner: it.owner,
            item: name,
            old,
            new,
            old_constraints: Some(&from.constraints),
            new_constraints: Some(&to.constraints),
            old_span: from.span,
            new_span: to.span,
            ways: Ways::BOTH,
        });
    }
}

pub(super) fn reused(owner: OwnerAt, item: String, old: Span, new: Span) -> Found {
    let breaks = super::change::Breaks {
        stored: true,
        ..super::change::Breaks::NOBODY
    };
    let message = format!("`{item}` was reserved and is back");
    Found::new(&rule::RESERVED_REUSED, item, message)
        .quiet(owner)
        .breaks(breaks, breaks)
        .old(old, "reserved here")
        .new_place(new, "used here")
}

pub(super) fn unreserved(owner: OwnerAt, item: String, old: Span, new: Span) -> Found {
    let message = format!("`{item}` is not reserved any more");
    Found::new(&rule::RESERVED_REMOVED, item, message)
        .quiet(owner)
        .caution()
        .old(old, "reserved here")
        .new_place(new, "not here")
}

pub(super) fn newly_reserved(owner: OwnerAt, item: String, old: Span, new: Span) -> Found {
    let message = format!("`{item}` is reserved now");
    Found::new(&rule::RESERVED_ADDED, item, message)
        .quiet(owner)
        .old(old, "")
        .new_place(new, "reserved here")
}
