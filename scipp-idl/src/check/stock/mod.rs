//! Whether a stock peer can hold a dialog: a plain tractor peer in Python, which reads payloads with msgspec.
//!
//! Such a peer has one type for all that a context carries, the union of what it starts with, accepts, yields and
//! returns; and msgspec refuses types that the language has. What is found here is refused for the endpoints of
//! interfaces that don't say `@peers(scipp)`, and for what these carry, however deep inside. `docs/idl.md` has the
//! rules; they are held against msgspec itself (`tests/tests/stock.rs`).

mod report;
mod slots;
mod types;

use self::types::Types;
use super::{Checker, ItemTypes};
use crate::diagnostic::Diagnostic;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::EndpointKind;
use crate::source::Span;
use crate::syntax::{
    ArgumentKind, Body, ClauseKind, Endpoint, Enum, Field, Item, ItemKind, Name, Opt, ValueKind,
};
use std::rc::Rc;

/// What was met on the way from the endpoints to what they carry.
struct Walk<'s> {
    types: Types,
    /// By item: it was met.
    seen: Vec<bool>,
    /// Items to look into.
    work: Vec<ItemId>,
    /// Circles that were reported.
    circles: Vec<usize>,
    /// For the end.
    warnings: Vec<Diagnostic>,
    /// The endpoint that everything met now is first carried by.
    endpoint: Name<'s>,
}

impl<'s> Checker<'_, 's> {
    /// Checks what stock peers have to hold; the endpoints were collected when they were lowered.
    pub(super) fn prove_stock_peers(&mut self) {
        let endpoints = std::mem::take(&mut self.stock_endpoints);
        let mut walk: Option<Walk<'s>> = None;
        for (id, at) in endpoints {
            let Some(ItemKind::Interface(interface)) = self.syntax(id).map(|item| &item.kind)
            else {
                continue;
            };
            let (Some(endpoint), Some(types)) = (interface.endpoints.get(at), self.types.get(id))
            else {
                continue;
            };
            let types = Rc::clone(types);
            let ItemTypes::Endpoints(types) = types.as_ref() else {
                continue;
            };
            let Some(types) = types.get(at) else { continue };
            let walk = walk.get_or_insert_with(|| Walk {
                types: Types::new(self),
                seen: vec![false; self.names.items.len()],
                work: Vec::new(),
                circles: Vec::new(),
                warnings: Vec::new(),
                endpoint: endpoint.name,
            });
            walk.endpoint = endpoint.name;
            self.stock_body(walk, &endpoint.params, &types.params, false);
            for (clause, ty) in endpoint.clauses.iter().zip(&types.clauses) {
                if clause.kind == ClauseKind::Raises {
                    // Errors go one by one, each by its name.
                    for error in self.members(ty, ty.span, 0) {
                        self.stock_type(walk, &error.ty);
                    }
                } else {
                    self.stock_type(walk, ty);
                }
            }
            while let Some(id) = walk.work.pop() {
                self.stock_item(walk, id);
            }
            if endpoint.kind == EndpointKind::Context {
                self.stock_dialog(walk, endpoint, &types.clauses);
            }
        }
        // What may be gone once the errors are mended is not worth a word yet.
        let warnings = walk.map(|walk| walk.warnings).unwrap_or_default();
        if !self.diagnostics.is_broken() {
            warnings
                .into_iter()
                .for_each(|it| self.diagnostics.push(it));
        }
    }

    /// The one type that a stock peer has for a context.
    fn stock_dialog(&mut self, walk: &mut Walk<'s>, endpoint: &Endpoint<'s>, types: &[Ty]) {
        let clauses = endpoint.clauses.iter().zip(types);
        let clauses: Vec<_> = clauses
            .filter(|(clause, _)| clause.kind != ClauseKind::Raises)
            .collect();
        let broken = |(_, ty): &(_, &Ty)| self.is_indistinct(ty);
        let clauses: Vec<_> = clauses.into_iter().filter(|it| !broken(it)).collect();
        let parts: Vec<(Ty, Span)> = clauses
            .iter()
            .map(|(_, ty)| ((*ty).clone(), ty.span))
            .collect();
        let found = self.slots(&mut walk.types, &parts);
        let words: Vec<ClauseKind> = clauses.iter().map(|(clause, _)| clause.kind).collect();
        if let Some(clash) = found.clash {
            self.report_dialog(endpoint.name, &words, &clash);
        }
        if let Some((any, other)) = found.swallowed {
            let warning = self.swallowed(endpoint.name, &words, &any, &other);
            walk.warnings.push(warning);
        }
    }

    /// Whether the type is a union whose members cannot be told apart by anybody, which has been reported.
    fn is_indistinct(&self, ty: &Ty) -> bool {
        match &ty.kind {
            TyKind::Union(_) => self.indistinct.contains(&ty.span),
            TyKind::Optional(inner) => self.is_indistinct(inner),
            TyKind::Item(id, _) => {
                let facts = self.facts.get(*id);
                facts.is_some_and(|it| it.indistinct || it.errors)
            }
            _ => false,
        }
    }

    /// Looks into a type: whether the members of its unions go together, and which items it names.
    fn stock_type(&mut self, walk: &mut Walk<'s>, ty: &Ty) {
        match &ty.kind {
            TyKind::Union(members) => {
                if !self.indistinct.contains(&ty.span) {
                    let parts: Vec<(Ty, Span)> =
                        members.iter().map(|it| (it.clone(), it.span)).collect();
                    let found = self.slots(&mut walk.types, &parts);
                    if let Some(clash) = found.clash {
                        self.report_union(walk.endpoint, &clash);
                    }
                }
                members.iter().for_each(|it| self.stock_type(walk, it));
            }
            TyKind::List(inner) | TyKind::Optional(inner) => self.stock_type(walk, inner),
            TyKind::Map(key, value) => {
                self.stock_type(walk, key);
                self.stock_type(walk, value);
            }
            TyKind::Tuple(members) => members.iter().for_each(|it| self.stock_type(walk, it)),
            TyKind::Item(id, arguments) => {
                arguments.iter().for_each(|it| self.stock_type(walk, it));
                if let Some(seen) = walk.seen.get_mut(*id)
                    && !std::mem::replace(seen, true)
                {
                    walk.work.push(*id);
                }
            }
            TyKind::Scalar(_) | TyKind::Param(_) | TyKind::Broken => {}
        }
    }

    fn stock_item(&mut self, walk: &mut Walk<'s>, id: ItemId) {
        let (Some(item), Some(types)) = (self.syntax(id), self.types.get(id)) else {
            return;
        };
        let types = Rc::clone(types);
        if let Some(circle) = walk.types.circle(id)
            && self.facts.get(id).is_some_and(|facts| !facts.circular)
            && !walk.circles.contains(&circle)
        {
            walk.circles.push(circle);
            self.report_recursion(walk.endpoint, item);
        }
        match (&item.kind, types.as_ref()) {
            (
                ItemKind::Struct(body) | ItemKind::Message(body) | ItemKind::Error(body),
                ItemTypes::Fields(types),
            ) => {
                let array = item.options.iter().any(|it| it.name.text == "array");
                self.stock_body(walk, body, types, array);
            }
            (ItemKind::Enum(it), _) => self.stock_enum(walk, item, it),
            (ItemKind::Newtype(_), ItemTypes::One(ty)) => {
                self.stock_patterns(walk, &item.options, ty);
                self.stock_type(walk, ty);
            }
            (ItemKind::Union { .. } | ItemKind::Alias(_), ItemTypes::One(ty)) => {
                self.stock_type(walk, ty);
            }
            // msgspec keeps the bytes of an extension type as they are.
            _ => {}
        }
    }

    /// Fields of a record, or parameters.
    fn stock_body(&mut self, walk: &mut Walk<'s>, body: &Body<'s>, types: &[Ty], array: bool) {
        for (field, ty) in body.fields.iter().zip(types) {
            if !array
                && let Some((key, span)) = wire_key(field)
                && key
                    .chars()
                    .any(|it| matches!(it, '"' | '\\' | '\0'..='\x1f'))
            {
                self.report_key(walk.endpoint, key, span);
            }
            self.stock_patterns(walk, &field.options, ty);
            self.stock_type(walk, ty);
        }
    }

    fn stock_enum(&mut self, walk: &Walk<'s>, item: &Item<'s>, it: &Enum<'s>) {
        for member in &it.members {
            if let Some(value) = &member.value
                && let ValueKind::Int(number) = value.kind
                && it.repr.is_some()
                && u64::try_from(number).is_ok_and(|number| i64::try_from(number).is_err())
            {
                self.report_member(walk.endpoint, item.name, value.span);
            }
        }
    }

    /// One text has one pattern: those of a field and of its newtypes cannot be made one.
    fn stock_patterns(&mut self, walk: &Walk<'s>, options: &[Opt<'s>], ty: &Ty) {
        let Some(pattern) = options.iter().find(|it| it.name.text == "pattern") else {
            return;
        };
        let mut ty = self.unaliased(ty).clone();
        // A chain of newtypes has an end, unless it is a circle, which has been reported.
        for _ in 0..self.names.items.len() {
            let id = match ty.kind {
                TyKind::Optional(inner) => {
                    ty = self.unaliased(&inner).clone();
                    continue;
                }
                TyKind::Item(id, _) => id,
                _ => return,
            };
            let Some(item) = self.syntax(id) else { return };
            if !matches!(item.kind, ItemKind::Newtype(_)) {
                return;
            }
            if let Some(other) = item.options.iter().find(|it| it.name.text == "pattern") {
                self.report_patterns(walk.endpoint, pattern.span, other.span);
                return;
            }
            match self.inner(id) {
                Some(inner) => ty = self.unaliased(inner).clone(),
                None => return,
            }
        }
    }
}

/// The key of a field as `@wire` gives it, and where.
fn wire_key<'f>(field: &'f Field<'_>) -> Option<(&'f str, Span)> {
    let option = field.options.iter().find(|it| it.name.text == "wire")?;
    match &option.arguments.first()?.kind {
        ArgumentKind::Value(value) => match &value.kind {
            ValueKind::Str(text) => Some((text, value.span)),
            _ => None,
        },
        ArgumentKind::Range { .. } => None,
    }
}
