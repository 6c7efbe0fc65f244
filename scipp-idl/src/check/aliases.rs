//! Aliases, unions and newtypes that stand for each other; and the order in which to work them out.

use super::Checker;
use super::unions::Flat;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::source::Span;
use crate::syntax::{ItemKind, ValueKind};
use std::rc::Rc;

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

impl Checker<'_, '_> {
    /// Whether an alias stands for several errors: a name for what `raises` has, and no type. A reader knows an error by its
    /// name, so they need not be told apart.
    pub(super) fn is_for_raises(&mut self, id: ItemId, flat: &Flat, span: Span) -> bool {
        if flat.reported || flat.optional || !self.are_errors(&flat.members) {
            return false;
        }
        if let Some(facts) = self.facts.get_mut(id) {
            facts.members = Some(Rc::from(flat.members.as_slice()));
            facts.errors = true;
        }
        // Reported where it is used as a type.
        self.indistinct.insert(span);
        true
    }

    /// Whether these are what can stand after `raises` together.
    pub(super) fn are_errors(&self, members: &[Ty]) -> bool {
        let is_error = |member: &Ty| match self.unaliased(member).kind {
            TyKind::Item(id, _) => self
                .syntax(id)
                .is_some_and(|item| matches!(item.kind, ItemKind::Error(_))),
            _ => false,
        };
        members.len() > 1 && members.iter().all(is_error)
    }

    /// Puts what aliases, unions and newtypes are made of before them, and reports those that are made of
    /// themselves. Depth first, without recursion.
    pub(super) fn order_aliases(&mut self) {
        let count = self.names.items.len();
        let mut states = vec![State::New; count];
        let mut order = Vec::new();
        for start in 0..count {
            if states.get(start) != Some(&State::New) {
                continue;
            }
            let mut path: Vec<(ItemId, Vec<ItemId>)> = Vec::new();
            self.enter(start, &mut states, &mut path);
            while let Some((id, rest)) = path.last_mut() {
                let id = *id;
                let Some(next) = rest.pop() else {
                    path.pop();
                    if let Some(state) = states.get_mut(id) {
                        *state = State::Done;
                    }
                    order.push(id);
                    continue;
                };
                match states.get(next) {
                    Some(State::New) => self.enter(next, &mut states, &mut path),
                    Some(State::Open) => {
                        let from = path.iter().position(|(it, _)| *it == next).unwrap_or(0);
                        let circle: Vec<ItemId> =
                            path.iter().skip(from).map(|(id, _)| *id).collect();
                        self.report_circle(&circle);
                    }
                    _ => {}
                }
            }
        }
        self.order = order;
    }

    fn enter(&self, id: ItemId, states: &mut [State], path: &mut Vec<(ItemId, Vec<ItemId>)>) {
        let mut made_of = Vec::new();
        if let (Some(item), Some(ty)) = (self.syntax(id), self.inner(id)) {
            match item.kind {
                ItemKind::Alias(_) => self.mentioned(ty, true, true, &mut made_of),
                ItemKind::Union { .. } | ItemKind::Newtype(_) => {
                    self.mentioned(ty, true, false, &mut made_of);
                }
                _ => {}
            }
        }
        if let Some(state) = states.get_mut(id) {
            *state = State::Open;
        }
        path.push((id, made_of));
    }

    /// The aliases, unions and newtypes that a type is made of. `top`: not inside of a list, map, tuple or argument,
    /// where unions and newtypes are types of their own and may be recursive. `deep`: aliases are followed there too,
    /// since an alias is only a name.
    fn mentioned(&self, ty: &Ty, top: bool, deep: bool, found: &mut Vec<ItemId>) {
        match &ty.kind {
            TyKind::Optional(inner) => self.mentioned(inner, top, deep, found),
            TyKind::Union(members) => {
                members
                    .iter()
                    .for_each(|member| self.mentioned(member, top, deep, found));
            }
            TyKind::List(inner) if deep => self.mentioned(inner, false, deep, found),
            TyKind::Map(key, value) if deep => {
                self.mentioned(key, false, deep, found);
                self.mentioned(value, false, deep, found);
            }
            TyKind::Tuple(members) if deep => {
                members
                    .iter()
                    .for_each(|member| self.mentioned(member, false, deep, found));
            }
            TyKind::Item(id, arguments) => {
                let follow = match self.syntax(*id).map(|item| &item.kind) {
                    Some(ItemKind::Alias(_)) => true,
                    Some(ItemKind::Union { .. } | ItemKind::Newtype(_)) => top,
                    _ => false,
                };
                if follow {
                    found.push(*id);
                }
                if deep {
                    arguments
                        .iter()
                        .for_each(|it| self.mentioned(it, false, deep, found));
                }
            }
            _ => {}
        }
    }

    fn report_circle(&mut self, circle: &[ItemId]) {
        let known = circle
            .iter()
            .any(|id| self.facts.get(*id).is_some_and(|it| it.circular));
        for id in circle {
            if let Some(facts) = self.facts.get_mut(*id) {
                facts.circular = true;
            }
        }
        if known {
            return;
        }
        let mut names: Vec<&str> = circle.iter().map(|id| self.name(*id)).collect();
        names.extend(names.first().copied());
        let shown = shorten(&names);
        let message = format!(
            "`{}` stands for itself: {shown}",
            names.first().unwrap_or(&"")
        );
        let mut diagnostic = Diagnostic::new(code::ALIAS_CIRCLE, message);
        for (at, item) in circle
            .iter()
            .filter_map(|id| self.syntax(*id))
            .enumerate()
            .take(8)
        {
            diagnostic = match at {
                0 => diagnostic.at(item.name.span, "nothing but itself is behind this name"),
                _ => diagnostic.with(item.name.span, "by way of this"),
            };
        }
        let aliases = circle
            .iter()
            .filter_map(|id| self.syntax(*id))
            .any(|item| matches!(item.kind, ItemKind::Alias(_)));
        self.diagnostics.push(if aliases {
            diagnostic.help(
                "a recursive type needs a name of its own: a union, newtype, struct or message",
            )
        } else {
            diagnostic.help("name what it is made of")
        });
    }

    /// Follows constants that are other constants to the end.
    pub(super) fn find_const_circles(&mut self) {
        let count = self.names.items.len();
        let mut done = vec![false; count];
        // In which chain an item was met, from 1.
        let mut met = vec![0; count];
        for start in 0..count {
            let mut chain = Vec::new();
            let mut id = start;
            // The end of this chain, unless it is a circle.
            let end = loop {
                if done.get(id).copied().unwrap_or(true) {
                    break self.const_ends.get(id).copied().flatten();
                }
                if let Some(state) = done.get_mut(id) {
                    *state = true;
                }
                if let Some(chain) = met.get_mut(id) {
                    *chain = start + 1;
                }
                chain.push(id);
                let Some(item) = self.syntax(id) else {
                    break None;
                };
                let ItemKind::Const(_, Some(value)) = &item.kind else {
                    break None;
                };
                let ValueKind::Path(path) = &value.kind else {
                    break Some(id);
                };
                if path
                    .single()
                    .is_some_and(|name| self.is_member(id, name.text))
                {
                    break Some(id);
                }
                let next = match self.names.item(self.file(id), *path) {
                    Ok(Some(next)) => next,
                    // A member of an enum, or a mistake that is reported where the value is checked.
                    _ => break Some(id),
                };
                let is_const = self
                    .syntax(next)
                    .is_some_and(|it| matches!(it.kind, ItemKind::Const(..)));
                if !is_const {
                    break Some(id);
                }
                if met.get(next) == Some(&(start + 1)) {
                    let from = chain.iter().position(|it| *it == next).unwrap_or(0);
                    self.report_const_circle(chain.get(from..).unwrap_or_default());
                    break None;
                }
                id = next;
            };
            for id in chain {
                if let Some(place) = self.const_ends.get_mut(id) {
                    *place = end;
                }
            }
        }
    }

    /// Whether the type of a constant is an enum that has this member.
    fn is_member(&self, id: ItemId, name: &str) -> bool {
        let Some(TyKind::Item(id, _)) = self.inner(id).map(|ty| &self.bare(ty).kind) else {
            return false;
        };
        match self.syntax(*id).map(|item| &item.kind) {
            Some(ItemKind::Enum(it)) => it.members.iter().any(|member| member.name.text == name),
            _ => false,
        }
    }

    fn report_const_circle(&mut self, circle: &[ItemId]) {
        let mut names: Vec<&str> = circle.iter().map(|id| self.name(*id)).collect();
        names.extend(names.first().copied());
        let message = format!(
            "constants that are defined by each other: {}",
            shorten(&names)
        );
        let Some(first) = circle.first().and_then(|id| self.syntax(*id)) else {
            return;
        };
        self.diagnostics.push(
            Diagnostic::new(code::CONST_CIRCLE, message).at(first.name.span, "it has no value"),
        );
    }
}

/// A path for a message: names with arrows between, long ones cut in the middle.
pub(super) fn shorten(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    if names.len() <= SHOWN {
        return names.join(" -> ");
    }
    let first = names.get(..SHOWN / 2).unwrap_or_default().join(" -> ");
    let last = names
        .get(names.len() - SHOWN / 2..)
        .unwrap_or_default()
        .join(" -> ");
    format!(
        "{first} -> ({} more) -> {last}",
        names.len() - SHOWN / 2 * 2
    )
}
