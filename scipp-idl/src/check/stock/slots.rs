//! The members of a union, and of all phases of a dialog, put into the slots of msgspec (`crate::stock`).

use super::super::Checker;
use super::super::shapes::tag_of;
use super::types::Types;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::source::Span;
use crate::stock::{Bounds, Record, Slot, Slots, Text, Why};
use crate::syntax::ItemKind;
use std::collections::HashSet;

/// A member of a union, with those of unions in it in their place.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// What it is.
    pub(super) ty: Ty,
    /// Where it comes from.
    pub(super) span: Span,
    /// Which of the parts that were given it belongs to.
    pub(super) part: usize,
}

/// Two members that msgspec does not tell apart.
#[derive(Debug)]
pub(super) struct Clash<'s> {
    pub(super) first: Held,
    pub(super) second: Held,
    pub(super) why: Why<'s>,
}

/// What came of putting all members into their slots.
#[derive(Debug, Default)]
pub(super) struct Found<'s> {
    /// The first two that clash, if they are of different parts.
    pub(super) clash: Option<Clash<'s>>,
    /// `any`, which takes every value, and another one, which is never seen.
    pub(super) swallowed: Option<(Held, Held)>,
}

impl<'s> Checker<'_, 's> {
    /// Puts the members of several parts into their slots. Clashes within one part are passed over: they are found
    /// where that part is declared.
    pub(super) fn slots(&mut self, types: &mut Types, parts: &[(Ty, Span)]) -> Found<'s> {
        let mut slots = Slots::default();
        let mut found = Found::default();
        let mut any: Option<Held> = None;
        let mut other: Option<Held> = None;
        let mut seen = HashSet::new();
        for (part, (ty, span)) in parts.iter().enumerate() {
            for member in self.members(ty, *span, part) {
                if !seen.insert(types.number(self, &member.ty)) {
                    continue;
                }
                for slot in self.leaves(types, &member.ty) {
                    let held = member.clone();
                    match slot {
                        Slot::Any => any = any.or(Some(held)),
                        Slot::Nil => {}
                        slot => {
                            other.get_or_insert_with(|| held.clone());
                            let clash = slots.put(held.clone(), slot);
                            if let Some((first, why)) = clash
                                && first.part != held.part
                                && found.clash.is_none()
                            {
                                let second = held;
                                found.clash = Some(Clash { first, second, why });
                            }
                        }
                    }
                }
            }
        }
        if let Some(any) = any {
            found.clash = None;
            found.swallowed = other.map(|other| (any, other));
        }
        found
    }

    /// The members of a union in the order of the text, those of aliases and unions in their place. Newtypes stay.
    pub(super) fn members(&mut self, ty: &Ty, span: Span, part: usize) -> Vec<Held> {
        let mut members = Vec::new();
        let mut work = vec![(ty.clone(), span)];
        while let Some((ty, span)) = work.pop() {
            match &ty.kind {
                TyKind::Union(inner) => {
                    let inline = ty.span == span;
                    let place = |it: &Ty| (it.clone(), if inline { it.span } else { span });
                    work.extend(inner.iter().rev().map(place));
                }
                TyKind::Optional(inner) => work.push(((**inner).clone(), {
                    let inline = ty.span == span;
                    if inline { inner.span } else { span }
                })),
                TyKind::Item(id, _) if self.is_transparent(*id) => {
                    let circular = self.facts.get(*id).is_none_or(|facts| facts.circular);
                    if circular || !self.expand(1, span) {
                        continue;
                    }
                    if let Some(inner) = self.inner(*id) {
                        work.push((inner.clone(), span));
                    }
                }
                TyKind::Broken => {}
                _ => members.push(Held { ty, span, part }),
            }
        }
        members
    }

    fn is_transparent(&self, id: ItemId) -> bool {
        matches!(
            self.syntax(id).map(|item| &item.kind),
            Some(ItemKind::Alias(_) | ItemKind::Union { .. })
        )
    }

    /// The slots that a member takes: several where a newtype is a union.
    fn leaves(&mut self, types: &mut Types, ty: &Ty) -> Vec<Slot<'s>> {
        let mut leaves = Vec::new();
        let mut work: Vec<(Ty, Vec<ItemId>)> = vec![(ty.clone(), Vec::new())];
        while let Some((ty, mut newtypes)) = work.pop() {
            let inner = match &ty.kind {
                TyKind::Item(id, _) => match self.syntax(*id).map(|item| &item.kind) {
                    Some(ItemKind::Newtype(_)) => self.inner(*id).cloned().map(|ty| (*id, ty)),
                    _ => None,
                },
                _ => None,
            };
            let Some((id, inner)) = inner else {
                leaves.push(self.slot(types, &ty, &newtypes));
                continue;
            };
            let circular = self.facts.get(id).is_none_or(|facts| facts.circular);
            if circular || !self.expand(1, ty.span) {
                continue;
            }
            newtypes.push(id);
            let mut seen = HashSet::new();
            for member in self.members(&inner, inner.span, 0) {
                if seen.insert(types.number(self, &member.ty)) {
                    work.push((member.ty, newtypes.clone()));
                }
            }
        }
        leaves
    }

    fn slot(&self, types: &mut Types, ty: &Ty, newtypes: &[ItemId]) -> Slot<'s> {
        let constraints = newtypes.iter().filter_map(|id| self.constraints.get(id));
        let bounds = || Bounds::of(constraints.clone());
        match &ty.kind {
            TyKind::Scalar(scalar) => Slot::scalar(*scalar, constraints),
            TyKind::List(_) => Slot::List,
            TyKind::Tuple(_) => Slot::Tuple,
            TyKind::Map(..) => Slot::Map(bounds()),
            TyKind::Item(id, _) => match self.syntax(*id) {
                Some(item) => match &item.kind {
                    ItemKind::Enum(it) if it.repr.is_some() => Slot::IntegerEnum,
                    ItemKind::Enum(_) => Slot::Text(Text::Enum, Bounds::default()),
                    ItemKind::Struct(_) | ItemKind::Message(_) | ItemKind::Error(_) => {
                        let options = &item.options;
                        Slot::Record(Record {
                            number: types.number(self, ty),
                            array: options.iter().any(|option| option.name.text == "array"),
                            tag: matches!(item.kind, ItemKind::Message(_)).then(|| tag_of(item)),
                        })
                    }
                    _ => Slot::Free,
                },
                None => Slot::Free,
            },
            TyKind::Param(_) => Slot::Any,
            TyKind::Optional(_) | TyKind::Union(_) | TyKind::Broken => Slot::Free,
        }
    }
}
