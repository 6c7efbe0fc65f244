//! The slots of a union in msgspec: what may stand side by side.
//!
//! msgspec sorts the members of a union into slots by what they are on the wire, and has one place in each. nil, bools
//! and extension types don't disturb anybody. One integer, or one integer enum. One float. One of what is text or
//! bytes. One array. One map; or any number of records instead, if all of them have tags and are all maps or all
//! arrays. Members of one kind that differ in their bounds are taken, but then the bounds of the last one hold for all:
//! values of the others would be refused. And beside a type with bounds, all integers among them, it looks for the length
//! of a tuple at the wrong place of its own tables: it reads no value any more, or crashes (0.22.0); and so it does when a
//! text with a pattern stands beside a list or a map.

use crate::check::{TagOf, int_range};
use crate::schema::{Constraints, Number, Range, Scalar};
use std::borrow::Cow;
use std::collections::HashMap;

/// Why two members cannot stand side by side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Why<'s> {
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

/// What holds for the values of a slot.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Bounds {
    /// Of integers: both included. Bounds that msgspec cannot have are left out.
    integers: (Option<i128>, Option<i128>),
    /// Of floats; whether the upper one is included.
    floats: (Option<f64>, Option<(f64, bool)>),
    /// Of text and bytes: both included.
    length: (i128, Option<i128>),
    pattern: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Slot<'s> {
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
pub(crate) enum Text {
    Scalar(Scalar),
    Enum,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record<'s> {
    /// The record without its newtypes: equal for equal types.
    pub(crate) number: usize,
    pub(crate) array: bool,
    pub(crate) tag: Option<TagOf<'s>>,
}

/// Who is in which slot.
#[derive(Debug)]
pub(crate) struct Slots<'s, H> {
    integer: Option<(H, Slot<'s>)>,
    float: Option<(H, Slot<'s>)>,
    text: Option<(H, Slot<'s>)>,
    array: Option<H>,
    tuple: Option<H>,
    /// The first with bounds.
    bounded: Option<H>,
    /// The first with a pattern.
    pattern: Option<H>,
    map: Option<H>,
    record: Option<(H, Record<'s>)>,
    tags: HashMap<Cow<'s, str>, (H, usize)>,
}

impl<H> Default for Slots<'_, H> {
    fn default() -> Self {
        Self {
            integer: None,
            float: None,
            text: None,
            array: None,
            tuple: None,
            bounded: None,
            pattern: None,
            map: None,
            record: None,
            tags: HashMap::new(),
        }
    }
}

impl<'s> Slot<'s> {
    /// The slot of a scalar, with all that its newtypes allow.
    pub(crate) fn scalar<'c>(
        scalar: Scalar,
        constraints: impl Iterator<Item = &'c Constraints>,
    ) -> Self {
        match scalar {
            Scalar::Nil => Slot::Nil,
            Scalar::Bool => Slot::Free,
            Scalar::Any => Slot::Any,
            Scalar::F32 | Scalar::F64 => Slot::Float(Bounds::of(constraints)),
            Scalar::Str | Scalar::Ref => {
                Slot::Text(Text::Scalar(Scalar::Str), Bounds::of(constraints))
            }
            Scalar::Bytes => Slot::Text(Text::Scalar(Scalar::Bytes), Bounds::of(constraints)),
            other => match int_range(other) {
                Some(range) => Slot::Integer(Bounds::of_integer(range, constraints)),
                // msgspec has no bounds for these.
                None => Slot::Text(Text::Scalar(other), Bounds::default()),
            },
        }
    }

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
    /// What all of these allow together.
    pub(crate) fn of<'c>(constraints: impl Iterator<Item = &'c Constraints>) -> Self {
        let mut bounds = Self::default();
        constraints.for_each(|it| bounds.add(it));
        bounds
    }

    /// The same for integers of this range.
    fn of_integer<'c>(
        (least, most): (i128, i128),
        constraints: impl Iterator<Item = &'c Constraints>,
    ) -> Self {
        let mut bounds = Self::default();
        let (mut min, mut max) = (least, most);
        for constraints in constraints {
            bounds.add(constraints);
            if let Some(range) = &constraints.range {
                let (from, to) = whole(range);
                min = from.map_or(min, |from| min.max(from));
                max = to.map_or(max, |to| max.min(to));
            }
        }
        let fits = |bound: i128| i64::try_from(bound).is_ok();
        bounds.integers = (
            Some(if fits(min) { min } else { least }),
            fits(max).then_some(max),
        );
        bounds.floats = (None, None);
        bounds
    }

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

impl<'s, H: Clone> Slots<'s, H> {
    /// Takes a member in, or says with whom it clashes, and why.
    pub(crate) fn put(&mut self, held: H, slot: Slot<'s>) -> Option<(H, Why<'s>)> {
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
    fn container(&self) -> Option<&H> {
        let list = self.array.as_ref().filter(|_| self.tuple.is_none());
        list.or(self.map.as_ref())
    }

    fn put_record(&mut self, held: H, record: Record<'s>) -> Option<(H, Why<'s>)> {
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
