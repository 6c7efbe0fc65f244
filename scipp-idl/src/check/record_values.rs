//! Literals in braces: maps and records.

use super::{Checker, ItemTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty};
use crate::schema::Value;
use crate::source::Span;
use crate::syntax::{self, Body, ExtBody, Field, ItemKind, Name, ValueKind};
use crate::unknown;
use std::collections::HashMap;
use std::rc::Rc;

/// `key: value`, in braces.
pub(super) type Entry<'s> = (syntax::Value<'s>, syntax::Value<'s>);

/// What has fields to be filled: a record, or the parameters of an endpoint.
pub(super) struct Blank<'b, 's> {
    /// The item that it stands in.
    pub(super) id: ItemId,
    /// What it has: "field" or "argument".
    pub(super) part: &'static str,
    /// What diagnostics call it.
    pub(super) of: &'b str,
    pub(super) declared: Span,
    pub(super) fields: &'b [Field<'s>],
    pub(super) types: &'b [Ty],
    pub(super) places: &'b HashMap<&'s str, usize>,
    pub(super) required: &'b [usize],
}

impl<'s> Checker<'_, 's> {
    pub(super) fn map_value(
        &mut self,
        file: FileId,
        key: &Ty,
        item: &Ty,
        entries: &[Entry<'s>],
    ) -> Option<Value> {
        let mut out = Vec::with_capacity(entries.len());
        let mut complete = true;
        let mut seen: HashMap<String, Span> = HashMap::new();
        for (name, value) in entries {
            let span = name.span;
            let (Some(name), Some(value)) =
                (self.value(file, name, key), self.value(file, value, item))
            else {
                complete = false;
                continue;
            };
            if let Some(first) = seen.insert(format!("{name:?}"), span) {
                self.report(
                    Diagnostic::new(code::DUPLICATE_ENTRY, "a key of a map is there twice")
                        .at(span, "the second time")
                        .with(first, "the first time"),
                );
                complete = false;
            }
            out.push((name, value));
        }
        complete.then_some(Value::Map(out))
    }

    /// The fields of a record, an error or an extension type; `arguments` are those of a generic one.
    pub(super) fn record_value(
        &mut self,
        file: FileId,
        id: ItemId,
        arguments: &[Ty],
        body: &Body<'s>,
        entries: &[Entry<'s>],
        span: Span,
    ) -> Option<Value> {
        let instance = self.instance_of(id, arguments, span)?;
        self.default_uses
            .extend(self.current.map(|from| (from, id)));
        let places = self.places(id);
        let required = self.required(id, body);
        let outer = std::mem::replace(&mut self.instance, instance.number);
        let filled = self.filled(
            file,
            &Blank {
                id,
                part: "field",
                of: self.name(id),
                declared: self.syntax(id)?.name.span,
                fields: &body.fields,
                types: &instance.types,
                places: &places,
                required: &required,
            },
            entries,
            span,
        );
        self.instance = outer;
        filled
    }

    /// Fields by name, in braces.
    pub(super) fn filled(
        &mut self,
        file: FileId,
        blank: &Blank<'_, 's>,
        entries: &[Entry<'s>],
        span: Span,
    ) -> Option<Value> {
        let (of, part) = (blank.of, blank.part);
        let mut given: HashMap<usize, (Span, Option<Value>)> = HashMap::new();
        let mut complete = true;
        for (key, value) in entries {
            let name = match &key.kind {
                ValueKind::Path(path) => path.single(),
                _ => None,
            };
            let Some(name) = name else {
                self.report(
                    Diagnostic::new(
                        code::VALUE_MISMATCH,
                        format!("`{of}` has {part}s, not keys"),
                    )
                    .at(key.span, "a name was expected here")
                    .help(format!("write `{{ {part}: value }}` without quotes")),
                );
                complete = false;
                continue;
            };
            let Some(at) = blank.places.get(name.text).copied() else {
                self.unknown_field(blank, name);
                complete = false;
                continue;
            };
            let (Some(field), Some(ty)) = (blank.fields.get(at), blank.types.get(at)) else {
                continue;
            };
            self.deprecated(name.text, &field.options, name.span);
            let lowered = self.value(file, value, ty);
            match &lowered {
                Some(lowered) => self.check_field(blank.id, field, lowered, value),
                None => complete = false,
            }
            if let Some((first, _)) = given.insert(at, (name.span, lowered)) {
                self.report(
                    Diagnostic::new(
                        code::DUPLICATE_ENTRY,
                        format!("{part} `{}` is there twice", name.text),
                    )
                    .at(name.span, "the second time")
                    .with(first, "the first time"),
                );
                complete = false;
            }
        }
        let absent = blank.required.iter().filter(|at| !given.contains_key(at));
        let missing: Vec<&str> = absent
            .filter_map(|at| blank.fields.get(*at))
            .map(|field| field.name.text)
            .collect();
        if complete && !missing.is_empty() {
            let named: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            self.report(
                Diagnostic::new(
                    code::MISSING_FIELD,
                    format!("`{of}` needs {}", named.join(", ")),
                )
                .at(span, "missing here")
                .with(blank.declared, "declared here")
                .help(format!("give it here, or a default in `{of}`")),
            );
            return None;
        }
        if !complete {
            return None;
        }
        let mut given: Vec<_> = given.into_iter().collect();
        given.sort_unstable_by_key(|(at, _)| *at);
        let named = given.into_iter().filter_map(|(at, (_, value))| {
            Some((blank.fields.get(at)?.name.text.to_owned(), value?))
        });
        let out = named.collect();
        Some(Value::Record(out))
    }

    fn unknown_field(&mut self, blank: &Blank<'_, 's>, name: Name<'s>) {
        let (of, part) = (blank.of, blank.part);
        let diagnostic = Diagnostic::new(
            code::UNKNOWN_FIELD,
            format!("`{of}` has no {part} `{}`", name.text),
        )
        .at(name.span, format!("no such {part}"))
        .with(blank.declared, "declared here");
        let names: Vec<&str> = blank.places.keys().copied().collect();
        let diagnostic = unknown::hint(diagnostic, name.text, names, self.diagnostics);
        self.report(diagnostic);
    }

    /// The members of an enum or the fields of a record by their names. Kept: the same type may have a default in
    /// each of ten thousand fields.
    pub(super) fn places(&mut self, id: ItemId) -> Rc<HashMap<&'s str, usize>> {
        if let Some(places) = self.places.get(&id) {
            return Rc::clone(places);
        }
        let places: HashMap<&str, usize> = match self.syntax(id).map(|item| &item.kind) {
            Some(ItemKind::Enum(it)) => it
                .members
                .iter()
                .enumerate()
                .map(|(at, it)| (it.name.text, at))
                .collect(),
            Some(
                ItemKind::Struct(body)
                | ItemKind::Message(body)
                | ItemKind::Error(body)
                | ItemKind::Ext(_, ExtBody::Record(body)),
            ) => body
                .fields
                .iter()
                .enumerate()
                .map(|(at, it)| (it.name.text, at))
                .collect(),
            _ => HashMap::new(),
        };
        let places = Rc::new(places);
        self.places.insert(id, Rc::clone(&places));
        places
    }

    /// The fields of a record that a value must have. Type arguments change nothing: one that is optional makes no
    /// optional field.
    fn required(&mut self, id: ItemId, body: &Body<'s>) -> Rc<[usize]> {
        if let Some(required) = self.required.get(&id) {
            return Rc::clone(required);
        }
        let types = self.types.get(id).cloned();
        let required = match types.as_deref() {
            Some(ItemTypes::Fields(types)) => self.needed(&body.fields, types),
            _ => Rc::default(),
        };
        self.required.insert(id, Rc::clone(&required));
        required
    }

    /// The fields that may not be left out.
    pub(super) fn needed(&self, fields: &[Field<'s>], types: &[Ty]) -> Rc<[usize]> {
        let fields = fields.iter().zip(types).enumerate();
        let required = fields.filter(|(_, (field, ty))| {
            field.default.is_none() && field.omittable.is_none() && !self.is_optional(ty)
        });
        required.map(|(at, _)| at).collect()
    }
}
