//! The slots of a union in msgspec: what may stand side by side.
//!
//! msgspec sorts the members of a union into slots by what they are on the wire, and has one place in each. nil, bools
//! and extension types don't disturb anybody. One integer, or one integer enum. One float. One of what is text or
//! bytes. One array. One map; or any number of records instead, if all of them have tags and are all maps or all
//! arrays. Members of one kind that differ in their bounds are taken, but then the bounds of the last one hold for all:
//! values of the others would be refused. And beside a type with bounds, all integers among them, it looks for the length
//! of a tuple at the wrong place of its own tables: it reads no value any more, or crashes (0.22.0); and so it does when a
//! text with a pattern stands beside a list or a map.

use super::super::Checker;
use super::super::shapes::{TagOf, tag_of};
use super::types::{TypeId, Types};
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::{Constraints, Number, Range, Scalar};
use crate::source::Span;
use crate::syntax::ItemKind;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

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

/// Why two members cannot stand side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Why<'s> {
    Integers,
    IntegerEnum,
    Floats,
    Texts,
    Arrays,
    /// A tuple and a type with bounds; whether the tuple is the first.
    Tuple(bool),
    /// A text with a pattern and a list or map; whether the text is the first.
    Pattern(bool),
    Maps,
    /// Whether the first, and whether the second has a tag.
    Untagged(bool, bool),
    ArrayAndMap,
    TagKeys(Cow<'s, str>, Cow<'s, str>),
    SameTag(TagOf<'s>),
}

/// What came of putting all members into their slots.
#[derive(Debug, Default)]
pub(super) struct Found<'s> {
    /// The first two that clash, if they are of different parts.
    pub(super) clash: Option<Clash<'s>>,
    /// `any`, which takes every value, and another one, which is never seen.
    pub(super) swallowed: Option<(Held, Held)>,
}

/// What holds for the values of a slot.
#[derive(Debug, Clone, PartialEq, Default)]
struct Bounds {
    /// Of integers: both included. Bounds that msgspec cannot have are left out.
    integers: (Option<i128>, Option<i128>),
    /// Of floats; whether the upper one is included.
    floats: (Option<f64>, Option<(f64, bool)>),
    /// Of text and bytes: both included.
    length: (i128, Option<i128>),
    pattern: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Slot<'s> {
    Nil,
    Free,
    Any,
    Integer(Bounds),
    IntegerEnum,
    Float(Bounds),
    Text(Text, Bounds),
    List,
    Tuple,
    Map(Bounds),
    Record(Record<'s>),
}

/// Kinds of text. All but enums are the same wherever they come from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Text {
    Scalar(Scalar),
    Enum,
}

#[derive(Debug, Clone, PartialEq)]
struct Record<'s> {
    /// The record without its newtypes.
    number: TypeId,
    array: bool,
    tag: Option<TagOf<'s>>,
}

/// Who is in which slot.
#[derive(Debug, Default)]
struct Slots<'s> {
    integer: Option<(Held, Slot<'s>)>,
    float: Option<(Held, Slot<'s>)>,
    text: Option<(Held, Slot<'s>)>,
    array: Option<Held>,
    tuple: Option<Held>,
    /// The first with bounds.
    bounded: Option<Held>,
    /// The first with a pattern.
    pattern: Option<Held>,
    map: Option<Held>,
    record: Option<(Held, Record<'s>)>,
    tags: HashMap<Cow<'s, str>, (Held, TypeId)>,
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
        let bounds = |base| self.bounds(base, newtypes);
        match &ty.kind {
            TyKind::Scalar(scalar) => match scalar {
                Scalar::Nil => Slot::Nil,
                Scalar::Bool => Slot::Free,
                Scalar::Any => Slot::Any,
                Scalar::F32 | Scalar::F64 => Slot::Float(bounds(None)),
                Scalar::Str | Scalar::Ref => Slot::Text(Text::Scalar(Scalar::Str), bounds(None)),
                Scalar::Bytes => Slot::Text(Text::Scalar(Scalar::Bytes), bounds(None)),
                other => match super::super::values::int_range(*other) {
                    Some(range) => Slot::Integer(bounds(Some(range))),
                    // msgspec has no bounds for these.
                    None => Slot::Text(Text::Scalar(*other), Bounds::default()),
                },
            },
            TyKind::List(_) => Slot::List,
            TyKind::Tuple(_) => Slot::Tuple,
            TyKind::Map(..) => Slot::Map(bounds(None)),
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

    /// What the newtypes of a member allow, all together.
    fn bounds(&self, integers: Option<(i128, i128)>, newtypes: &[ItemId]) -> Bounds {
        let mut bounds = Bounds::default();
        let (mut min, mut max) = integers.unwrap_or((i128::MIN, i128::MAX));
        for constraints in newtypes.iter().filter_map(|id| self.constraints.get(id)) {
            bounds.add(constraints);
            if let Some(range) = &constraints.range {
                let (from, to) = whole(range);
                min = from.map_or(min, |from| min.max(from));
                max = to.map_or(max, |to| max.min(to));
            }
        }
        if let Some((least, _)) = integers {
            let fits = |bound: i128| i64::try_from(bound).is_ok();
            bounds.integers = (
                Some(if fits(min) { min } else { least }),
                fits(max).then_some(max),
            );
            bounds.floats = (None, None);
        }
        bounds
    }
}

impl Slot<'_> {
    /// Whether msgspec keeps numbers for it behind the tables of tuples; patterns it keeps before them.
    fn has_bounds(&self) -> bool {
        match self {
            Slot::Integer(_) => true,
            Slot::Float(bounds) | Slot::Text(_, bounds) | Slot::Map(bounds) => {
                bounds.floats != (None, None) || bounds.length != (0, None)
            }
            _ => false,
        }
    }
}

impl Bounds {
    fn add(&mut self, constraints: &Constraints) {
        if let Some(range) = &constraints.range {
            if let Some(min) = range.min.map(as_float) {
                let (least, _) = &mut self.floats;
                *least = Some(least.map_or(min, |it| it.max(min)));
            }
            if let Some(max) = range.max.map(as_float) {
                let new = (max, range.max_included);
                let (_, most) = &mut self.floats;
                *most = Some(match *most {
                    Some(old) if old.0 < new.0 || (old.0 == new.0 && !old.1) => old,
                    _ => new,
                });
            }
        }
        if let Some(range) = &constraints.len {
            let (from, to) = whole(range);
            self.length.0 = self.length.0.max(from.unwrap_or(0));
            let to = to.filter(|to| i64::try_from(*to).is_ok());
            self.length.1 = match (self.length.1, to) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        if let Some(pattern) = &constraints.pattern {
            self.pattern = Some(pattern.clone());
        }
    }
}

/// A range of whole numbers, both ends included.
fn whole(range: &Range) -> (Option<i128>, Option<i128>) {
    let number = |number: Number| match number {
        Number::Int(it) => Some(it),
        Number::Float(_) => None,
    };
    let max = range.max.and_then(number);
    let max = max.map(|max| {
        if range.max_included {
            max
        } else {
            max.saturating_sub(1)
        }
    });
    (range.min.and_then(number), max)
}

fn as_float(number: Number) -> f64 {
    match number {
        Number::Int(it) => it as f64,
        Number::Float(it) => it,
    }
}

impl<'s> Slots<'s> {
    /// Takes a member in, or says with whom it clashes, and why.
    fn put(&mut self, held: Held, slot: Slot<'s>) -> Option<(Held, Why<'s>)> {
        if slot.has_bounds() {
            if let Some(tuple) = &self.tuple {
                return Some((tuple.clone(), Why::Tuple(true)));
            }
            self.bounded.get_or_insert_with(|| held.clone());
        }
        if let (Slot::Tuple, Some(other)) = (&slot, &self.bounded) {
            return Some((other.clone(), Why::Tuple(false)));
        }
        if let Slot::Text(_, bounds) = &slot
            && bounds.pattern.is_some()
        {
            if let Some(other) = self.container() {
                return Some((other.clone(), Why::Pattern(false)));
            }
            self.pattern.get_or_insert_with(|| held.clone());
        }
        if let (Slot::List | Slot::Map(_), Some(other)) = (&slot, &self.pattern) {
            return Some((other.clone(), Why::Pattern(true)));
        }
        match slot {
            Slot::Nil | Slot::Free | Slot::Any => None,
            Slot::Integer(_) | Slot::IntegerEnum => match &self.integer {
                None => {
                    self.integer = Some((held, slot));
                    None
                }
                Some((_, first)) if *first == slot && slot != Slot::IntegerEnum => None,
                Some((other, Slot::Integer(_))) if slot != Slot::IntegerEnum => {
                    Some((other.clone(), Why::Integers))
                }
                Some((other, _)) => Some((other.clone(), Why::IntegerEnum)),
            },
            Slot::Float(_) => match &self.float {
                None => {
                    self.float = Some((held, slot));
                    None
                }
                Some((_, first)) if *first == slot => None,
                Some((other, _)) => Some((other.clone(), Why::Floats)),
            },
            Slot::Text(kind, _) => match &self.text {
                None => {
                    self.text = Some((held, slot));
                    None
                }
                Some((_, first)) if *first == slot && kind != Text::Enum => None,
                Some((other, _)) => Some((other.clone(), Why::Texts)),
            },
            Slot::List | Slot::Tuple => {
                let record = self.record.as_ref().filter(|(_, it)| it.array);
                let other = self.array.as_ref().or(record.map(|(held, _)| held));
                match other {
                    Some(other) => Some((other.clone(), Why::Arrays)),
                    None => {
                        if slot == Slot::Tuple {
                            self.tuple = Some(held.clone());
                        }
                        self.array = Some(held);
                        None
                    }
                }
            }
            Slot::Map(_) => {
                let record = self.record.as_ref().filter(|(_, it)| !it.array);
                let other = self.map.as_ref().or(record.map(|(held, _)| held));
                match other {
                    Some(other) => Some((other.clone(), Why::Maps)),
                    None => {
                        self.map = Some(held);
                        None
                    }
                }
            }
            Slot::Record(record) => self.put_record(held, record),
        }
    }

    /// A list or a map that is no record.
    fn container(&self) -> Option<&Held> {
        let list = self.array.as_ref().filter(|_| self.tuple.is_none());
        list.or(self.map.as_ref())
    }

    fn put_record(&mut self, held: Held, record: Record<'s>) -> Option<(Held, Why<'s>)> {
        let (place, why) = if record.array {
            (&self.array, Why::Arrays)
        } else {
            (&self.map, Why::Maps)
        };
        if let Some(other) = place {
            return Some((other.clone(), why));
        }
        if let Some((other, first)) = &self.record {
            let (Some(ours), Some(theirs)) = (&record.tag, &first.tag) else {
                let why = Why::Untagged(first.tag.is_some(), record.tag.is_some());
                return Some((other.clone(), why));
            };
            if first.array != record.array {
                return Some((other.clone(), Why::ArrayAndMap));
            }
            // The key of an array's tag is not written.
            if ours.key != theirs.key && !record.array {
                let why = Why::TagKeys(theirs.key.clone(), ours.key.clone());
                return Some((other.clone(), why));
            }
        }
        if let Some(tag) = &record.tag {
            match self.tags.get(&tag.value) {
                Some((_, number)) if *number == record.number => {}
                Some((other, _)) => return Some((other.clone(), Why::SameTag(tag.clone()))),
                None => {
                    self.tags
                        .insert(tag.value.clone(), (held.clone(), record.number));
                }
            }
        }
        if self.record.is_none() {
            self.record = Some((held, record));
        }
        None
    }
}
