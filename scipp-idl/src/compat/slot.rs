//! Two types in one place, compared down to the declared types that they hold.
//!
//! What is checked about a value, nil, and the members of a union belong to the place. A pair of declared types is an
//! owner of its own, which the place leads to, so that it is compared once, and a type may contain itself.

use super::change::Harm::{Breaks, New, None as Fine};
use super::constraint::{Checks, compare_checks};
use super::rule;
use super::scalar::{Judged, enum_to_scalar, scalar_to_enum, scalars};
use super::side::{ItemAt, Peeled, Shape, Side, TypeAt};
use super::walk::{Found, Slot, Walk};
use crate::schema::{Constraints, ItemKind, Scalar};
use std::collections::HashSet;

impl<'s> Walk<'s> {
    /// Compares what stands in a slot, and in the slots inside of it.
    pub(super) fn slot(&mut self, slot: Slot<'s>) {
        let mut todo = vec![slot];
        // Newtypes and aliases may contain themselves.
        let mut seen: HashSet<(TypeAt, TypeAt)> = HashSet::new();
        while let Some(slot) = todo.pop() {
            self.compared += 1;
            if self.is_too_large() {
                return;
            }
            let first = todo.is_empty() && seen.is_empty();
            if first || seen.insert((slot.old, slot.new)) {
                self.one_slot(&slot, &mut todo);
            }
            if first {
                seen.insert((slot.old, slot.new));
            }
        }
    }

    fn one_slot(&mut self, slot: &Slot<'s>, todo: &mut Vec<Slot<'s>>) {
        let old = self.old.peel(slot.old);
        let new = self.new.peel(slot.new);
        let before = self.found_count();
        self.checks(slot, &old, &new);
        let (led, pending) = (self.led(slot.owner), todo.len());
        self.values(slot, &old, &new, todo);
        if let Some(element) = todo.get_mut(pending..).and_then(<[_]>::last_mut) {
            self.elements_of_unique(slot, &old, &new, led, element);
        }
        self.newtypes(slot, &old, &new, before);
    }

    fn values(
        &mut self,
        slot: &Slot<'s>,
        old: &Peeled<'s>,
        new: &Peeled<'s>,
        todo: &mut Vec<Slot<'s>>,
    ) {
        let is_any =
            |side: &Side<'_>, base: TypeAt| *side.shape(base) == Shape::Scalar(Scalar::Any);
        let unions = (self.old.members(old.base), self.new.members(new.base));
        let plain = match &unions {
            (None, None) => true,
            (Some(_), Some(_)) => {
                let named = |side: &Side<'_>, base| side.named(base).is_some();
                named(&self.old, old.base) && named(&self.new, new.base)
            }
            _ => is_any(&self.old, old.base) || is_any(&self.new, new.base),
        };
        if !plain {
            return self.alternatives(slot, old, new, todo);
        }
        let takes_nil = |it: &Peeled<'_>, shape: &Shape| {
            it.nil || matches!(shape, Shape::Scalar(Scalar::Nil | Scalar::Any))
        };
        let old_nil = takes_nil(old, self.old.shape(old.base));
        let new_nil = takes_nil(new, self.new.shape(new.base));
        if old.nil && !new_nil {
            self.nil_refused(slot);
        } else if new.nil && !old_nil {
            self.nil_allowed(slot);
        }
        if unions.0.is_some() && unions.1.is_some() {
            self.declared(slot, old.base, new.base);
            return self.lead(slot.owner, old.base, new.base, slot.ways);
        }
        self.bases(slot, old, new, todo);
    }

    pub(super) fn nil_refused(&mut self, slot: &Slot<'s>) {
        let found = Found::new(
            &rule::NIL_REFUSED,
            slot.item.as_str(),
            format!("`{}` may not be nil any more", slot.item),
        )
        .wire(slot.owner, Breaks, Fine)
        .old(slot.old_span, "may be nil")
        .new_place(slot.new_span, "may not");
        self.emit_in(slot, found);
    }

    pub(super) fn nil_allowed(&mut self, slot: &Slot<'s>) {
        let found = Found::new(
            &rule::NIL_ALLOWED,
            slot.item.as_str(),
            format!("`{}` may be nil now", slot.item),
        )
        .wire(slot.owner, Fine, New)
        .old(slot.old_span, "may not be nil")
        .new_place(slot.new_span, "may");
        self.emit_in(slot, found);
    }

    /// Two types that are neither unions nor optional.
    fn bases(
        &mut self,
        slot: &Slot<'s>,
        old: &Peeled<'s>,
        new: &Peeled<'s>,
        todo: &mut Vec<Slot<'s>>,
    ) {
        let (from, to) = (
            self.old.shape(old.base).clone(),
            self.new.shape(new.base).clone(),
        );
        let mut inside = |what: &str, old: TypeAt, new: TypeAt| {
            todo.push(Slot {
                item: format!("{}{what}", slot.item),
                old,
                new,
                old_constraints: None,
                new_constraints: None,
                ..slot.clone()
            });
        };
        let judged: Option<Judged> = match (&from, &to) {
            (Shape::Scalar(from), Shape::Scalar(to)) => {
                let checks = self.both_checks(slot, old, new);
                scalars(*from, *to, &checks.0, &checks.1)
            }
            (Shape::List(from), Shape::List(to)) => return inside("[]", *from, *to),
            (Shape::Map(from_key, from), Shape::Map(to_key, to)) => {
                inside("{key}", *from_key, *to_key);
                return inside("{}", *from, *to);
            }
            (Shape::Tuple(from), Shape::Tuple(to)) if from.len() == to.len() => {
                for (at, (from, to)) in from.iter().zip(to).enumerate() {
                    inside(&format!("[{at}]"), *from, *to);
                }
                return;
            }
            (Shape::Tuple(_), Shape::Tuple(_)) => {
                Some((&rule::TUPLE_LENGTH_CHANGED, Breaks, Breaks))
            }
            (Shape::Param(from), Shape::Param(to)) if from == to => None,
            (Shape::Named(..), Shape::Named(..)) if self.same_kind(old.base, new.base) => {
                self.declared(slot, old.base, new.base);
                return self.lead(slot.owner, old.base, new.base, slot.ways);
            }
            (_, Shape::Scalar(Scalar::Any)) => Some((&rule::TYPE_WIDENED, Fine, New)),
            (Shape::Scalar(Scalar::Any), _) => Some((&rule::TYPE_NARROWED, Breaks, Fine)),
            (Shape::Named(at, _), Shape::Scalar(to)) => {
                match self.old.item(*at).map(|item| &item.kind) {
                    Some(ItemKind::Enum(from)) => Some(enum_to_scalar(
                        from,
                        *to,
                        &self.both_checks(slot, old, new).1,
                    )),
                    _ => Some((&rule::TYPE_CHANGED, Breaks, Breaks)),
                }
            }
            (Shape::Scalar(from), Shape::Named(at, _)) => {
                match self.new.item(*at).map(|item| &item.kind) {
                    Some(ItemKind::Enum(to)) => Some(scalar_to_enum(
                        *from,
                        to,
                        &self.both_checks(slot, old, new).0,
                    )),
                    _ => Some((&rule::TYPE_CHANGED, Breaks, Breaks)),
                }
            }
            _ => Some((&rule::TYPE_CHANGED, Breaks, Breaks)),
        };
        if let Some((rule, forward, backward)) = judged {
            let (from, to) = (self.old.show(old.base), self.new.show(new.base));
            let message = format!(
                "the type of `{}` has changed from `{from}` to `{to}`",
                slot.item
            );
            let found = Found::new(rule, slot.item.as_str(), message)
                .wire(slot.owner, forward, backward)
                .old(slot.old_span, format!("`{from}`"))
                .new_place(slot.new_span, format!("`{to}`"));
            self.emit_in(slot, found);
        }
    }

    /// Whether two declared types are compared part by part.
    fn same_kind(&self, old: TypeAt, new: TypeAt) -> bool {
        let kind = |side: &Side<'_>, base| match &side.named(base)?.1.kind {
            ItemKind::Struct(_) | ItemKind::Message(_) | ItemKind::Error(_) => Some(0),
            ItemKind::Enum(_) => Some(1),
            ItemKind::Ext(_) => Some(2),
            _ => None,
        };
        let old = kind(&self.old, old);
        old.is_some() && old == kind(&self.new, new)
    }

    fn both_checks(
        &self,
        slot: &Slot<'s>,
        old: &Peeled<'s>,
        new: &Peeled<'s>,
    ) -> (Checks<'s>, Checks<'s>) {
        let checks = |side: &Side<'s>, own: Option<&'s Constraints>, peeled: &Peeled<'s>| {
            let scalar = match side.shape(peeled.base) {
                Shape::Scalar(scalar) => Some(*scalar),
                _ => None,
            };
            Checks::of(
                own.into_iter().chain(peeled.constraints.iter().copied()),
                scalar,
            )
        };
        (
            checks(&self.old, slot.old_constraints, old),
            checks(&self.new, slot.new_constraints, new),
        )
    }

    /// Compares what is checked, and says it where it was written: at the newtype if the field says the same as before.
    fn checks(&mut self, slot: &Slot<'s>, old: &Peeled<'s>, new: &Peeled<'s>) {
        let none = Constraints::default();
        let is_none = |it: Option<&Constraints>| it.is_none_or(|it| *it == none);
        if old.constraints.is_empty()
            && new.constraints.is_empty()
            && is_none(slot.old_constraints)
            && is_none(slot.new_constraints)
        {
            return;
        }
        let (from, to) = self.both_checks(slot, old, new);
        if from == to {
            return;
        }
        let scalar = |side: &Side<'_>, base| match side.shape(base) {
            Shape::Scalar(scalar) => Some(*scalar),
            _ => None,
        };
        let scalars = (scalar(&self.old, old.base), scalar(&self.new, new.base));
        let same_type = match scalars {
            (Some(old), Some(new)) => {
                old == new
                    || super::scalar::whole_range(old).is_none()
                    || super::scalar::whole_range(new).is_none()
            }
            (None, None) => true,
            // A union on one side, whose number has no range here. Or an enum, whose values are compared with the range.
            _ => {
                let is_union = |side: &mut Side<'s>, base| side.members(base).is_some();
                is_union(&mut self.old, old.base) || is_union(&mut self.new, new.base)
            }
        };
        let own = |it: Option<&'s Constraints>| it.filter(|it| **it != none);
        let mut place = slot.clone();
        if own(slot.old_constraints) == own(slot.new_constraints)
            && let (&[from], &[to]) = (old.newtypes.as_slice(), new.newtypes.as_slice())
            && self.counterpart.get(&from) == Some(&to)
        {
            place.item = self.old.path(from);
            place.old_span = self.old.item(from).map_or(slot.old_span, |item| item.span);
            place.new_span = self.new.item(to).map_or(slot.new_span, |item| item.span);
        }
        compare_checks(self, &place, &from, &to, same_type);
    }

    /// A list without repeats: what its elements lose on the way may make two of them equal.
    fn elements_of_unique(
        &mut self,
        slot: &Slot<'s>,
        old: &Peeled<'s>,
        new: &Peeled<'s>,
        led: usize,
        element: &mut Slot<'s>,
    ) {
        let (from, to) = self.both_checks(slot, old, new);
        if !from.unique && !to.unique {
            return;
        }
        // The elements are looked at in an owner of their own, so that what is found in them can be told.
        let owner = self.inner(slot.owner, slot.ways);
        element.owner = owner;
        let found = Found::new(
            &rule::UNIQUE_MAY_REPEAT,
            slot.item.as_str(),
            format!(
                "elements of `{}`, which may not repeat, have changed",
                slot.item
            ),
        )
        .wire(
            slot.owner,
            if to.unique { Breaks } else { Fine },
            if from.unique { Breaks } else { Fine },
        )
        .old(slot.old_span, "")
        .new_place(slot.new_span, "");
        self.unique(found, slot.owner, led);
    }

    /// Says where a place has another newtype, or none, and nothing else was said about it.
    fn newtypes(&mut self, slot: &Slot<'s>, old: &Peeled<'s>, new: &Peeled<'s>, before: usize) {
        for (from, to) in old.newtypes.iter().zip(&new.newtypes) {
            self.same_item(*from, *to);
        }
        let same = old.newtypes.len() == new.newtypes.len()
            && old
                .newtypes
                .iter()
                .zip(&new.newtypes)
                .all(|(from, to)| self.counterpart.get(from) == Some(to));
        let union = |it: &Peeled<'_>, side: &Side<'_>| {
            side.named(it.base)
                .filter(|(_, item, _)| matches!(item.kind, ItemKind::Union(_)))
                .map(|(at, ..)| at)
        };
        let same_union = union(old, &self.old).is_some() == union(new, &self.new).is_some();
        if same && same_union || self.found_count() > before {
            return;
        }
        let (from, to) = (self.old.show(slot.old), self.new.show(slot.new));
        let message = format!(
            "the type of `{}` has changed from `{from}` to `{to}`, with the same bytes",
            slot.item
        );
        self.emit(
            Found::new(&rule::TYPE_EQUIVALENT, slot.item.as_str(), message)
                .quiet(slot.owner)
                .old(slot.old_span, format!("`{from}`"))
                .new_place(slot.new_span, format!("`{to}`")),
        );
    }

    /// Two declared types stand in the same place: versions of one, or one in place of the other.
    fn declared(&mut self, slot: &Slot<'s>, old: TypeAt, new: TypeAt) {
        let (Some((from, ..)), Some((to, ..))) = (self.old.named(old), self.new.named(new)) else {
            return;
        };
        self.old.reach(from);
        self.new.reach(to);
        if self.same_item(from, to) {
            return;
        }
        let (from, to) = (self.old.show(old), self.new.show(new));
        let message = format!("`{}` is `{to}` now and was `{from}`", slot.item);
        self.emit(
            Found::new(&rule::TYPE_REPLACED, slot.item.as_str(), message)
                .quiet(slot.owner)
                .old(slot.old_span, format!("`{from}`"))
                .new_place(slot.new_span, format!("`{to}`")),
        );
    }

    /// Whether two items are versions of one. Two that have no other version and stand in the same place are one under
    /// another name.
    pub(super) fn same_item(&mut self, old: ItemAt, new: ItemAt) -> bool {
        match self.counterpart.get(&old) {
            Some(at) => *at == new,
            None if self.taken.contains(&new) => false,
            None => {
                self.pair_items(old, new);
                true
            }
        }
    }

    pub(super) fn pair_items(&mut self, old: ItemAt, new: ItemAt) {
        self.counterpart.insert(old, new);
        self.taken.insert(new);
    }

    pub(super) fn inner_slot(slot: &Slot<'s>, old: TypeAt, new: TypeAt) -> Slot<'s> {
        Slot {
            old,
            new,
            old_constraints: None,
            new_constraints: None,
            ..slot.clone()
        }
    }
}
