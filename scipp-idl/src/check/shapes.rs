//! Shapes: what a reader sees of a value before it reads it. They tell the members of a union apart.

use super::Checker;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::Scalar;
use crate::syntax::{ArgumentKind, ExtBody, Item, ItemKind, ValueKind};
use std::borrow::Cow;

/// What a reader can see of a value before it reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Shape<'s> {
    Nil,
    Bool,
    Int,
    Float,
    Str,
    Bin,
    /// Without a tag.
    Array,
    /// Without a tag.
    Map,
    Ext(i128),
    Tagged(Cow<'s, str>),
    TaggedArray(Cow<'s, str>),
}

impl Shape<'_> {
    pub(super) fn words(&self) -> &'static str {
        match self {
            Shape::Nil => "nil",
            Shape::Bool => "a bool",
            Shape::Int => "an integer",
            Shape::Float => "a float",
            Shape::Str => "a string",
            Shape::Bin => "bytes",
            Shape::Array | Shape::TaggedArray(_) => "an array",
            Shape::Map => "a map without a tag",
            Shape::Ext(_) => "an extension type with that code",
            Shape::Tagged(_) => "a map with that tag",
        }
    }
}

/// A shape, and the tag key where there is one.
pub(crate) type ShapeOf<'s> = (Shape<'s>, Option<Cow<'s, str>>);

/// Key and value of the tag of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagOf<'s> {
    pub(crate) key: Cow<'s, str>,
    pub(crate) value: Cow<'s, str>,
}

impl<'s> Checker<'_, 's> {
    /// The shapes of a type, each with the tag key where there is one.
    pub(super) fn shapes(&self, ty: &Ty) -> Vec<ShapeOf<'s>> {
        let one = |shape| vec![(shape, None)];
        match &ty.kind {
            TyKind::Scalar(scalar) => match scalar {
                Scalar::Nil => one(Shape::Nil),
                Scalar::Bool => one(Shape::Bool),
                Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 => one(Shape::Int),
                Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => one(Shape::Int),
                Scalar::F32 | Scalar::F64 => one(Shape::Float),
                Scalar::Bytes => one(Shape::Bin),
                // Read from text as well, and from 16 bytes.
                Scalar::Timestamp => vec![(Shape::Ext(-1), None), (Shape::Str, None)],
                Scalar::Uuid => vec![(Shape::Str, None), (Shape::Bin, None)],
                Scalar::Any => Vec::new(),
                _ => one(Shape::Str),
            },
            TyKind::List(_) | TyKind::Tuple(_) => one(Shape::Array),
            TyKind::Map(..) => one(Shape::Map),
            TyKind::Optional(inner) => {
                let mut shapes = self.shapes(inner);
                shapes.push((Shape::Nil, None));
                shapes
            }
            TyKind::Union(members) => members.iter().flat_map(|it| self.shapes(it)).collect(),
            TyKind::Param(_) | TyKind::Broken => Vec::new(),
            TyKind::Item(id, _) => self.item_shapes(*id),
        }
    }

    pub(super) fn item_shapes(&self, id: ItemId) -> Vec<ShapeOf<'s>> {
        let Some(item) = self.syntax(id) else {
            return Vec::new();
        };
        if let Some(shapes) = self.facts.get(id).and_then(|facts| facts.shapes.as_ref()) {
            return shapes.to_vec();
        }
        let array = item
            .options
            .iter()
            .any(|option| option.name.text == "array");
        match &item.kind {
            ItemKind::Message(_) => {
                let tag = tag_of(item);
                if array {
                    vec![(Shape::TaggedArray(tag.value), None)]
                } else {
                    vec![(Shape::Tagged(tag.value), Some(tag.key))]
                }
            }
            ItemKind::Struct(_) | ItemKind::Error(_) => {
                vec![(if array { Shape::Array } else { Shape::Map }, None)]
            }
            ItemKind::Enum(it) => vec![(
                if it.repr.is_some() {
                    Shape::Int
                } else {
                    Shape::Str
                },
                None,
            )],
            ItemKind::Ext(code, ExtBody::Record(_) | ExtBody::Type(_)) => match code.kind {
                ValueKind::Int(code) => vec![(Shape::Ext(code), None)],
                _ => Vec::new(),
            },
            ItemKind::Alias(_) | ItemKind::Newtype(_)
                if self
                    .facts
                    .get(id)
                    .is_some_and(|facts| !facts.circular && facts.members.is_none()) =>
            {
                self.inner(id).map(|ty| self.shapes(ty)).unwrap_or_default()
            }
            _ => {
                let members = self.facts.get(id).and_then(|facts| facts.members.clone());
                members
                    .iter()
                    .flat_map(|it| it.iter())
                    .flat_map(|it| self.shapes(it))
                    .collect()
            }
        }
    }
}

/// The tag of a message; what is wrong in its `@tag` is reported elsewhere.
pub(super) fn tag_of<'s>(item: &Item<'s>) -> TagOf<'s> {
    let option = item.options.iter().find(|option| option.name.text == "tag");
    let mut texts = option
        .into_iter()
        .flat_map(|option| &option.arguments)
        .map(|argument| match &argument.kind {
            ArgumentKind::Value(value) => match &value.kind {
                ValueKind::Str(text) => Some(text.clone()),
                _ => None,
            },
            ArgumentKind::Range { .. } => None,
        });
    let key = texts
        .next()
        .flatten()
        .map_or(Cow::Borrowed("type"), Cow::Owned);
    let value = texts
        .next()
        .flatten()
        .map_or(Cow::Borrowed(item.name.text), Cow::Owned);
    TagOf { key, value }
}

pub(super) fn has_wire_key(item: &Item<'_>, key: &str) -> bool {
    let (ItemKind::Struct(body) | ItemKind::Error(body)) = &item.kind else {
        return false;
    };
    body.fields.iter().any(|field| {
        let wire = field
            .options
            .iter()
            .find(|option| option.name.text == "wire");
        match wire
            .and_then(|option| option.arguments.first())
            .map(|argument| &argument.kind)
        {
            Some(ArgumentKind::Value(value)) => {
                matches!(&value.kind, ValueKind::Str(it) if it == key)
            }
            _ => field.name.text == key,
        }
    })
}
