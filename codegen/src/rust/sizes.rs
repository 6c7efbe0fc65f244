//! About how large values are: `clippy::large_enum_variant` warns where one variant is much larger than the others.

use super::place::Place;
use scipp_idl::schema::{
    Enum, EnumRepr, ExtBody, ItemKind, ItemName, Presence, Record, Scalar, Type,
};
use std::collections::BTreeMap;

/// The lint's limit is 200 bytes between the largest variant and the next; sizes here are near the truth, not exact.
const DIFFERENCE_MAX: u64 = 150;

/// A pointer, and what types are rounded up to.
const WORD: u64 = 8;

/// Whether one member is much larger than all others.
pub(crate) fn is_uneven(place: &Place<'_>, owner: Option<&ItemName>, members: &[Type]) -> bool {
    let mut sizes = Sizes {
        place,
        known: BTreeMap::new(),
    };
    let mut all: Vec<u64> = members
        .iter()
        .map(|ty| {
            if place.plan.facts.boxed_member(owner, ty) {
                WORD
            } else {
                sizes.of(ty)
            }
        })
        .collect();
    all.sort_unstable();
    match all.as_slice() {
        [.., next, largest] => largest - next > DIFFERENCE_MAX,
        _ => false,
    }
}

struct Sizes<'p> {
    place: &'p Place<'p>,
    /// What was looked at; one word while it is, which is what a box takes.
    known: BTreeMap<ItemName, u64>,
}

impl Sizes<'_> {
    fn of(&mut self, ty: &Type) -> u64 {
        match ty {
            Type::Scalar(scalar) => scalar_size(*scalar),
            Type::List(_) => 3 * WORD,
            Type::Map(..) => 9 * WORD,
            Type::Tuple(types) => types.iter().map(|ty| self.of(ty)).sum(),
            Type::Optional(inner) => self.of(inner),
            Type::Union(types) => self.largest(types),
            Type::Named { name, args } => {
                let uses = self.place.plan.facts.param_uses(ty);
                let held: Vec<&Type> = args
                    .iter()
                    .zip(uses)
                    .filter(|(_, its)| its.held)
                    .map(|(arg, _)| arg)
                    .collect();
                held.into_iter().fold(self.item(name), |size, arg| {
                    size.saturating_add(self.of(arg))
                })
            }
            Type::Param(_) => WORD,
        }
    }

    fn largest(&mut self, types: &[Type]) -> u64 {
        types
            .iter()
            .map(|ty| self.of(ty))
            .max()
            .unwrap_or_default()
            .saturating_add(WORD)
    }

    fn record(&mut self, record: &Record) -> u64 {
        let fields = record.fields.iter().map(|field| {
            let tag = if matches!(field.presence, Presence::Omittable) {
                WORD
            } else {
                0
            };
            self.of(&field.ty).saturating_add(tag)
        });
        fields.fold(0, u64::saturating_add).next_multiple_of(WORD)
    }

    fn item(&mut self, name: &ItemName) -> u64 {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        self.known.insert(name.clone(), WORD);
        let size = match self.place.plan.facts.item(name).map(|item| &item.kind) {
            Some(ItemKind::Struct(record) | ItemKind::Message(record)) => self.record(record),
            Some(ItemKind::Error(error)) => self.record(&error.record),
            Some(ItemKind::Union(union)) => self.largest(&union.members),
            Some(ItemKind::Alias(ty)) => self.of(ty),
            Some(ItemKind::Newtype(newtype)) => self.of(&newtype.ty),
            Some(ItemKind::Enum(Enum {
                repr: EnumRepr::Text,
                open: true,
                ..
            })) => 3 * WORD,
            Some(ItemKind::Enum(_)) => WORD,
            Some(ItemKind::Ext(ext)) => match &ext.body {
                ExtBody::Record(record) => self.record(record),
                ExtBody::Type(ty) => self.of(ty),
            },
            Some(ItemKind::Const(_) | ItemKind::Interface(_)) | None => 0,
        };
        self.known.insert(name.clone(), size);
        size
    }
}

fn scalar_size(scalar: Scalar) -> u64 {
    match scalar {
        Scalar::Nil => 0,
        Scalar::Bool | Scalar::I8 | Scalar::U8 => 1,
        Scalar::I16 | Scalar::U16 => 2,
        Scalar::I32 | Scalar::U32 | Scalar::F32 | Scalar::Date => 4,
        Scalar::I64 | Scalar::U64 | Scalar::F64 | Scalar::Time => WORD,
        Scalar::Timestamp | Scalar::Duration | Scalar::Uuid | Scalar::Decimal | Scalar::Ref => {
            2 * WORD
        }
        Scalar::Str => 3 * WORD,
        Scalar::Bytes | Scalar::Any => 4 * WORD,
    }
}
