//! Unions, compared member by member: by how a value starts, which is what a reader looks at.

use super::change::Harm::{Breaks, New, None as Fine};
use super::rule;
use super::side::{Head, Peeled, Shape, Side, TypeAt};
use super::walk::{Found, Slot, Walk};
use crate::limits;
use crate::schema::{Scalar, Type};
use crate::stock::Slots;
use std::collections::HashSet;

/// What a place can hold: the members of its union, or its one type; nil where it is optional.
struct Alternatives<'s> {
    members: Vec<Member<'s>>,
    open: bool,
    union: bool,
}

/// A member of a union.
struct Member<'s> {
    /// As it is written, newtypes included.
    ty: TypeAt,
    base: TypeAt,
    head: Head<'s>,
}

impl<'s> Walk<'s> {
    /// Compares a slot in which a union stands, in one version at least.
    pub(super) fn alternatives(
        &mut self,
        slot: &Slot<'s>,
        old: &Peeled<'s>,
        new: &Peeled<'s>,
        todo: &mut Vec<Slot<'s>>,
    ) {
        let from = members(&mut self.old, old);
        let to = members(&mut self.new, new);
        self.openness(slot, &from, &to);
        self.stock_clash(slot, &from, &to);
        let mut order = Vec::new();
        let gone: Vec<&Head<'s>> = from
            .members
            .iter()
            .filter(|member| counterpart(member, &from, &to).is_none())
            .map(|member| &member.head)
            .collect();
        for member in &from.members {
            let other =
                counterpart(member, &from, &to).and_then(|at| Some((at, to.members.get(at)?)));
            let Some((at, other)) = other else {
                self.removed(slot, member, &to);
                continue;
            };
            order.push(at);
            if confuses(&self.old, member, &to) || confuses(&self.new, other, &from) {
                self.removed(slot, member, &to);
                self.added(slot, other, &from, &[&member.head]);
            } else if member.head != Head::Nil {
                todo.push(Self::inner_slot(slot, member.ty, other.ty));
            }
        }
        for member in &to.members {
            if counterpart(member, &to, &from).is_none() {
                self.added(slot, member, &from, &gone);
            }
        }
        if !order.is_sorted() {
            self.emit(
                Found::new(
                    &rule::UNION_MEMBERS_REORDERED,
                    slot.item.as_str(),
                    format!("the members of `{}` stand in another order", slot.item),
                )
                .quiet(slot.owner)
                .old(slot.old_span, "")
                .new_place(slot.new_span, ""),
            );
        }
    }

    fn openness(&mut self, slot: &Slot<'s>, old: &Alternatives<'s>, new: &Alternatives<'s>) {
        let (rule, forward, backward, what) = match (old.open, new.open) {
            (false, true) => (&rule::UNION_OPENED, Fine, New, "is an open union now"),
            (true, false) => (
                &rule::UNION_CLOSED,
                Breaks,
                Fine,
                "is no open union any more",
            ),
            _ => return,
        };
        let found = Found::new(rule, slot.item.as_str(), format!("`{}` {what}", slot.item))
            .wire(slot.owner, forward, backward)
            .old(slot.old_span, if old.open { "open" } else { "closed" })
            .new_place(slot.new_span, if new.open { "open" } else { "closed" });
        self.emit_in(slot, found);
    }

    fn removed(&mut self, slot: &Slot<'s>, member: &Member<'s>, readers: &Alternatives<'s>) {
        if member.head == Head::Nil {
            return self.nil_refused(slot);
        }
        let forward = if keeps(&member.head, readers) {
            Fine
        } else {
            Breaks
        };
        let text = self.old.show(member.ty);
        let found = Found::new(
            &rule::UNION_MEMBER_REMOVED,
            format!("{}|{text}", slot.item),
            format!("`{}` cannot be `{text}` any more", slot.item),
        )
        .wire(slot.owner, forward, Fine)
        .stock(Breaks, Fine)
        .caution()
        .old(slot.old_span, format!("can be `{text}`"))
        .new_place(slot.new_span, "cannot");
        self.emit_in(slot, found);
    }

    /// `gone`: how members start that the old version had in place of this one.
    fn added(
        &mut self,
        slot: &Slot<'s>,
        member: &Member<'s>,
        readers: &Alternatives<'s>,
        gone: &[&Head<'s>],
    ) {
        if member.head == Head::Nil {
            return self.nil_allowed(slot);
        }
        let backward = if keeps(&member.head, readers) {
            Fine
        } else if gone.iter().any(|head| absorbs(&member.head, head)) {
            Breaks
        } else {
            New
        };
        let text = self.new.show(member.ty);
        let found = Found::new(
            &rule::UNION_MEMBER_ADDED,
            format!("{}|{text}", slot.item),
            format!("`{}` can be `{text}` now", slot.item),
        )
        .wire(slot.owner, Fine, backward)
        .stock(Fine, New)
        .old(
            slot.old_span,
            if readers.open {
                "open, so it is kept"
            } else {
                "cannot be it"
            },
        )
        .new_place(slot.new_span, format!("can be `{text}`"));
        self.emit_in(slot, found);
    }

    /// Whether `msgspec` could decode the union before and cannot now.
    fn stock_clash(&mut self, slot: &Slot<'s>, old: &Alternatives<'s>, new: &Alternatives<'s>) {
        let Some((a, b)) = clash(&mut self.new, new) else {
            return;
        };
        if clash(&mut self.old, old).is_some() {
            return;
        }
        let (a, b) = (self.new.show(a), self.new.show(b));
        let found = Found::new(
            &rule::STOCK_UNION_CLASH,
            slot.item.as_str(),
            format!(
                "`msgspec` cannot tell `{a}` and `{b}` apart in `{}`",
                slot.item
            ),
        )
        .wire(slot.owner, Fine, Fine)
        .stock(Breaks, Breaks)
        .old(slot.old_span, "")
        .new_place(slot.new_span, "");
        self.emit_in(slot, found);
    }
}

fn members<'s>(side: &mut Side<'s>, peeled: &Peeled<'s>) -> Alternatives<'s> {
    let mut members = Vec::new();
    let mut nil = peeled.nil;
    let mut open = false;
    let mut union = false;
    let mut todo = vec![peeled.base];
    let mut seen: HashSet<TypeAt> = HashSet::new();
    while let Some(ty) = todo.pop() {
        let inner = side.peel(ty);
        if !seen.insert(inner.base) || seen.len() > limits::EXPANSION_MAX {
            continue;
        }
        nil |= inner.nil;
        match side.members(inner.base) {
            Some((found, is_open)) => {
                union = true;
                open |= is_open;
                todo.extend(found.into_iter().rev());
            }
            None => match side.head(inner.base) {
                Head::Nil => nil = true,
                head => members.push(Member {
                    ty,
                    base: inner.base,
                    head,
                }),
            },
        }
    }
    if nil {
        let ty = side.lower(&Type::Scalar(Scalar::Nil), &[], &[]);
        members.push(Member {
            ty,
            base: ty,
            head: Head::Nil,
        });
    }
    Alternatives {
        members,
        open,
        union,
    }
}

/// The member of the other version that stands for a member: the one that starts alike, or the only kind of number.
fn counterpart(
    member: &Member<'_>,
    own: &Alternatives<'_>,
    others: &Alternatives<'_>,
) -> Option<usize> {
    let find = |it: &Alternatives<'_>, head: &Head<'_>| {
        it.members.iter().position(|other| other.head == *head)
    };
    find(others, &member.head).or_else(|| {
        let other = match member.head {
            Head::Int => Head::Float,
            Head::Float => Head::Int,
            _ => return None,
        };
        find(own, &other)
            .is_none()
            .then(|| find(others, &other))
            .flatten()
    })
}

/// Whether a reader takes a value that starts like `other` for this member, and writes it back as another.
fn absorbs(head: &Head<'_>, other: &Head<'_>) -> bool {
    matches!(
        (head, other),
        (Head::Ext(-1), Head::Str)
            | (Head::Str, Head::Bin)
            | (Head::Map(None), Head::Map(_))
            | (Head::Array(None), Head::Array(_))
    )
}

/// Whether readers of an open union keep such a value as a message that they do not know.
fn keeps(head: &Head<'_>, readers: &Alternatives<'_>) -> bool {
    let place = |head: &Head<'_>| match head {
        Head::Map(Some(tag)) => Some((false, tag.key.clone())),
        Head::Array(Some(tag)) => Some((true, tag.key.clone())),
        _ => None,
    };
    let own = place(head);
    readers.open
        && own.is_some()
        && readers
            .members
            .iter()
            .any(|other| place(&other.head) == own)
}

/// Whether readers of a union could take an untagged map for a message, or for one that they do not know.
fn confuses(side: &Side<'_>, member: &Member<'_>, readers: &Alternatives<'_>) -> bool {
    if member.head != Head::Map(None) || !readers.union {
        return false;
    }
    let keys = readers.members.iter().filter_map(|other| match other.head {
        Head::Map(Some(tag)) => Some(tag.key.as_str()),
        _ => None,
    });
    let mut keys = keys.peekable();
    if keys.peek().is_none() {
        return false;
    }
    match side.record(member.base) {
        Some(record) => keys.any(|key| record.fields.iter().any(|field| field.wire == key)),
        None => match side.shape(member.base) {
            Shape::Map(key, _) => !matches!(
                side.shape(*key),
                Shape::Scalar(
                    Scalar::Bool
                        | Scalar::I8
                        | Scalar::I16
                        | Scalar::I32
                        | Scalar::I64
                        | Scalar::U8
                        | Scalar::U16
                        | Scalar::U32
                        | Scalar::U64
                )
            ),
            _ => true,
        },
    }
}

/// The first two members that `msgspec` cannot tell apart. Beside `any` it tells nothing apart, and takes everything.
fn clash(side: &mut Side<'_>, all: &Alternatives<'_>) -> Option<(TypeAt, TypeAt)> {
    if all.members.iter().any(|member| member.head == Head::Any) {
        return None;
    }
    let mut slots = Slots::default();
    all.members.iter().find_map(|member| {
        let (first, _) = slots.put(member.ty, side.stock_slot(member.ty))?;
        Some((first, member.ty))
    })
}
