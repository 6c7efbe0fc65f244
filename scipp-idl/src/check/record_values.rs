//! Literals in braces: maps and records.

use super::{Checker, ItemTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty};
use crate::schema::Value;
use crate::source::Span;
use crate::syntax::{self, Body, ItemKind, ValueKind};
use crate::unknown;
use std::collections::HashMap;
use std::rc::Rc;

impl<'s> Checker<'_, 's> {
    pub(super) fn map_value(
        &mut self,
        file: FileId,
        key: &Ty,
        item: &Ty,
        entries: &[(syntax::Value<'s>, syntax::Value<'s>)],
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

    pub(super) fn record_value(
        &mut self,
        file: FileId,
        id: ItemId,
        body: &Body<'s>,
        entries: &[(syntax::Value<'s>, syntax::Value<'s>)],
        span: Span,
    ) -> Option<Value> {
        let types = self.types.get(id).cloned()?;
        let ItemTypes::Fields(types) = types.as_ref() else {
            return None;
        };
        self.default_uses
            .extend(self.current.map(|from| (from, id)));
        let by_name = self.places(id);
        let mut given: HashMap<usize, (Span, Option<Value>)> = HashMap::new();
        let mut complete = true;
        for (key, value) in entries {
            let name = match &key.kind {
                ValueKind::Path(path) => path.single(),
                _ => None,
            };
            let of = self.name(id);
            let Some(name) = name else {
                self.report(
                    Diagnostic::new(code::VALUE_MISMATCH, format!("`{of}` has fields, not keys"))
                        .at(key.span, "the name of a field was expected here")
                        .help("write `{ field: value }` without quotes"),
                );
                complete = false;
                continue;
            };
            let Some(at) = by_name.get(name.text).copied() else {
                let diagnostic = Diagnostic::new(
                    code::UNKNOWN_FIELD,
                    format!("`{of}` has no field `{}`", name.text),
                )
                .at(name.span, "no such field");
                let names: Vec<&str> = by_name.keys().copied().collect();
                let diagnostic = unknown::hint(diagnostic, name.text, names, self.diagnostics);
                self.report(diagnostic);
                complete = false;
                continue;
            };
            if let Some(field) = body.fields.get(at) {
                self.deprecated(name.text, &field.options, name.span);
            }
            let value = types.get(at).and_then(|ty| self.value(file, value, ty));
            complete &= value.is_some();
            if let Some((first, _)) = given.insert(at, (name.span, value)) {
                self.report(
                    Diagnostic::new(
                        code::DUPLICATE_ENTRY,
                        format!("field `{}` is there twice", name.text),
                    )
                    .at(name.span, "the second time")
                    .with(first, "the first time"),
                );
                complete = false;
            }
        }
        let required = self.required(id, body, types);
        let absent = required.iter().filter(|at| !given.contains_key(at));
        let missing: Vec<&str> = absent
            .filter_map(|at| body.fields.get(*at))
            .map(|field| field.name.text)
            .collect();
        if complete && !missing.is_empty() {
            let of = self.name(id);
            let named: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            self.report(
                Diagnostic::new(
                    code::MISSING_FIELD,
                    format!("`{of}` needs {}", named.join(", ")),
                )
                .at(span, "missing here")
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
            Some((body.fields.get(at)?.name.text.to_owned(), value?))
        });
        let out = named.collect();
        Some(Value::Record(out))
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
            Some(ItemKind::Struct(body) | ItemKind::Message(body) | ItemKind::Error(body)) => body
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

    /// The fields of a record that a value must have.
    pub(super) fn required(&mut self, id: ItemId, body: &Body<'s>, types: &[Ty]) -> Rc<[usize]> {
        if let Some(required) = self.required.get(&id) {
            return Rc::clone(required);
        }
        let fields = body.fields.iter().zip(types).enumerate();
        let required = fields.filter(|(_, (field, ty))| {
            field.default.is_none() && field.omittable.is_none() && !self.is_optional(ty)
        });
        let required: Rc<[usize]> = required.map(|(at, _)| at).collect();
        self.required.insert(id, Rc::clone(&required));
        required
    }
}
