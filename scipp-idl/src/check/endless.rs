//! Types without end: those that no finite value can have.
//!
//! A record has finite values if each of its fields has; a union if one of its members has; `T?`, `list` and `map`
//! always, since they can be empty. What remains when this has been followed to the end is a mistake.

use super::{Checker, ItemTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::source::Span;
use crate::syntax::{ExtBody, ItemKind, Name};
use std::collections::HashMap;
use std::rc::Rc;

/// A field and its type, in a record that has no finite value.
struct Step<'s> {
    item: ItemId,
    field: Option<Name<'s>>,
    span: Span,
    next: ItemId,
}

impl<'s> Checker<'_, 's> {
    pub(super) fn find_endless_types(&mut self) {
        let count = self.names.items.len();
        let mut finite = vec![false; count];
        // How many fields of an item are known to be finite, from the first.
        let mut progress = vec![0usize; count];
        // By item: those that wait for it.
        let mut waiting: Vec<Vec<ItemId>> = vec![Vec::new(); count];
        let mut work: Vec<ItemId> = (0..count).rev().collect();
        while let Some(id) = work.pop() {
            if finite.get(id) == Some(&true) {
                continue;
            }
            let mut blocked = Vec::new();
            let from = progress.get(id).copied().unwrap_or(0);
            let reached = self.advance(id, from, &finite, &mut blocked);
            if let Some(place) = progress.get_mut(id) {
                *place = reached;
            }
            if blocked.is_empty() {
                if let Some(place) = finite.get_mut(id) {
                    *place = true;
                }
                work.extend(waiting.get_mut(id).map(std::mem::take).unwrap_or_default());
            }
            for other in blocked {
                if let Some(list) = waiting.get_mut(other) {
                    list.push(id);
                }
            }
        }
        self.report_endless(&finite);
    }

    /// Goes through the fields from `from` to the first that is not known to be finite; `blocked` is what it waits
    /// for, empty if there is none.
    fn advance(
        &self,
        id: ItemId,
        from: usize,
        finite: &[bool],
        blocked: &mut Vec<ItemId>,
    ) -> usize {
        let Some(types) = self.types.get(id) else {
            return from;
        };
        let Some(item) = self.syntax(id) else {
            return from;
        };
        match (types.as_ref(), &item.kind) {
            (ItemTypes::Fields(types), _) => {
                for (at, ty) in types.iter().enumerate().skip(from) {
                    if !self.may_be_left_out(id, at) && !self.is_finite(ty, finite, blocked) {
                        return at;
                    }
                    blocked.clear();
                }
                types.len()
            }
            // What is in a circle has been reported.
            (
                ItemTypes::One(_),
                ItemKind::Alias(_) | ItemKind::Union { .. } | ItemKind::Newtype(_),
            ) if self.facts.get(id).is_none_or(|facts| facts.circular) => 0,
            (
                ItemTypes::One(ty),
                ItemKind::Alias(_)
                | ItemKind::Union { .. }
                | ItemKind::Newtype(_)
                | ItemKind::Ext(..),
            ) => {
                if self.is_finite(ty, finite, blocked) {
                    blocked.clear();
                }
                0
            }
            _ => 0,
        }
    }

    fn may_be_left_out(&self, id: ItemId, at: usize) -> bool {
        match self.syntax(id).map(|item| &item.kind) {
            Some(
                ItemKind::Struct(body)
                | ItemKind::Message(body)
                | ItemKind::Error(body)
                | ItemKind::Ext(_, ExtBody::Record(body)),
            ) => body
                .fields
                .get(at)
                .is_some_and(|field| field.omittable.is_some()),
            _ => false,
        }
    }

    /// Whether the type is known to have a finite value; what it waits for is added to `blocked` if not.
    fn is_finite(&self, ty: &Ty, finite: &[bool], blocked: &mut Vec<ItemId>) -> bool {
        match &ty.kind {
            TyKind::Tuple(members) => members.iter().all(|ty| self.is_finite(ty, finite, blocked)),
            // All members are asked, so that each of them wakes the one that waits.
            TyKind::Union(members) => {
                let known: Vec<bool> = members
                    .iter()
                    .map(|ty| self.is_finite(ty, finite, blocked))
                    .collect();
                known.contains(&true) || members.is_empty()
            }
            TyKind::Item(id, arguments) => {
                let itself = finite.get(*id).copied().unwrap_or(true);
                if !itself {
                    blocked.push(*id);
                }
                let uses = self
                    .param_uses
                    .get(*id)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let mut needed = arguments.iter().zip(uses).filter(|(_, param)| param.direct);
                itself && needed.all(|(ty, _)| self.is_finite(ty, finite, blocked))
            }
            _ => true,
        }
    }

    fn report_endless(&mut self, finite: &[bool]) {
        let mut reported = vec![false; finite.len()];
        for start in 0..finite.len() {
            if finite.get(start) != Some(&false) || reported.get(start) != Some(&false) {
                continue;
            }
            // From an endless type one always comes to another: until one comes again.
            let mut path: Vec<Step<'s>> = Vec::new();
            let mut met: HashMap<ItemId, usize> = HashMap::new();
            let mut at = start;
            let known = loop {
                if reported.get(at) == Some(&true) {
                    break true;
                }
                if met.contains_key(&at) {
                    break false;
                }
                met.insert(at, path.len());
                let Some(step) = self.endless_step(at, finite) else {
                    break true;
                };
                at = step.next;
                path.push(step);
            };
            for id in met.keys() {
                if let Some(place) = reported.get_mut(*id) {
                    *place = true;
                }
            }
            if !known {
                let from = met.get(&at).copied().unwrap_or(0);
                self.report_path(path.get(from..).unwrap_or_default());
            }
        }
    }

    fn endless_step(&self, id: ItemId, finite: &[bool]) -> Option<Step<'s>> {
        let types = self.types.get(id).map(Rc::clone)?;
        let item = self.syntax(id)?;
        let mut blocked = Vec::new();
        match types.as_ref() {
            ItemTypes::Fields(types) => {
                let at = self.advance(id, 0, finite, &mut blocked);
                let body = match &item.kind {
                    ItemKind::Struct(body) | ItemKind::Message(body) | ItemKind::Error(body) => {
                        body
                    }
                    ItemKind::Ext(_, ExtBody::Record(body)) => body,
                    _ => return None,
                };
                let ty = types.get(at)?;
                let field = body.fields.get(at).map(|field| field.name);
                Some(Step {
                    item: id,
                    field,
                    span: ty.span,
                    next: blocked.first().copied()?,
                })
            }
            ItemTypes::One(ty) => {
                self.is_finite(ty, finite, &mut blocked);
                Some(Step {
                    item: id,
                    field: None,
                    span: ty.span,
                    next: blocked.first().copied()?,
                })
            }
            _ => None,
        }
    }

    fn report_path(&mut self, path: &[Step<'s>]) {
        let Some(first) = path.first() else { return };
        let mut names: Vec<String> = path
            .iter()
            .map(|step| match step.field {
                Some(field) => format!("{}.{}", self.name(step.item), field.text),
                None => self.name(step.item).to_owned(),
            })
            .collect();
        let name = self.name(first.item);
        names.push(name.to_owned());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let shown = super::aliases::shorten(&names);
        let mut diagnostic = Diagnostic::new(
            code::TYPE_WITHOUT_END,
            format!("`{name}` contains itself without end: {shown}"),
        )
        .at(first.span, "needs a whole value inside of itself");
        for step in path.iter().skip(1).take(6) {
            diagnostic = diagnostic.with(step.span, "by way of this");
        }
        self.diagnostics.push(
            diagnostic.help("make one of them optional (`T?`), a list, or a union with a way out"),
        );
    }
}
