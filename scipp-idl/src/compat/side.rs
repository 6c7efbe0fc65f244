//! One of the two schemas, made ready for comparing: an index of its items, and its types with a number each.
//!
//! A type that stands in many places has one number, so that a comparison of two types is done once. Aliases and type
//! parameters are replaced when a type is looked at, never before, so that no chain of them can be too long.

use crate::check::TagOf;
use crate::scalars::scalar_name;
use crate::schema::{
    Constraints, EnumRepr, Item, ItemKind, ItemName, Record, Scalar, Schema, Tag, Type, Value,
};
use crate::stock::{self, Bounds, Slot, Text};
use std::collections::HashMap;

/// Number of an item.
pub(super) type ItemAt = usize;
/// Number of a type.
pub(super) type TypeAt = usize;

/// A type whose parts have numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Scalar(Scalar),
    List(TypeAt),
    Map(TypeAt, TypeAt),
    Tuple(Vec<TypeAt>),
    Optional(TypeAt),
    /// A union without a name.
    Union(Vec<TypeAt>),
    Named(ItemAt, Vec<TypeAt>),
    /// A parameter of the item that is looked at by itself.
    Param(usize),
}

pub(super) struct Side<'s> {
    pub(super) schema: &'s Schema,
    items: Vec<(&'s str, &'s Item)>,
    index: HashMap<(&'s str, &'s str), ItemAt>,
    shapes: Vec<Shape>,
    numbers: HashMap<Shape, TypeAt>,
    /// Items that were reached through an endpoint.
    pub(super) reached: Vec<bool>,
}

/// A type without its aliases, newtypes and `?`.
#[derive(Debug, Clone)]
pub(super) struct Peeled<'s> {
    pub(super) nil: bool,
    /// Whether a field of the type may be absent: a newtype of an optional may be nil, but not absent.
    pub(super) absent: bool,
    /// The newtypes that were peeled off, outermost first.
    pub(super) newtypes: Vec<ItemAt>,
    pub(super) constraints: Vec<&'s Constraints>,
    pub(super) base: TypeAt,
}

/// How a value of a type starts, as far as a reader of a union looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Head<'s> {
    Nil,
    Bool,
    Int,
    Float,
    Str,
    Bin,
    Array(Option<&'s Tag>),
    Map(Option<&'s Tag>),
    Ext(i8),
    /// Anything.
    Any,
}

impl<'s> Side<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        let mut items = Vec::new();
        for package in schema.packages.values() {
            items.extend(
                package
                    .items
                    .iter()
                    .map(|item| (package.name.as_str(), item)),
            );
        }
        let index = items
            .iter()
            .enumerate()
            .map(|(at, (package, item))| ((*package, item.name.as_str()), at))
            .collect();
        let reached = vec![false; items.len()];
        Self {
            schema,
            items,
            index,
            shapes: Vec::new(),
            numbers: HashMap::new(),
            reached,
        }
    }

    pub(super) fn find(&self, package: &str, name: &str) -> Option<ItemAt> {
        self.index.get(&(package, name)).copied()
    }

    pub(super) fn find_name(&self, name: &ItemName) -> Option<ItemAt> {
        self.find(&name.package, &name.name)
    }

    pub(super) fn item(&self, at: ItemAt) -> Option<&'s Item> {
        self.items.get(at).map(|(_, item)| *item)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = (ItemAt, &'s str, &'s Item)> + use<'s, '_> {
        let items = self.items.iter().enumerate();
        items.map(|(at, (package, item))| (at, *package, *item))
    }

    pub(super) fn package_of(&self, at: ItemAt) -> &'s str {
        self.items.get(at).map_or("", |(package, _)| package)
    }

    /// `market.feed.Quote`
    pub(super) fn path(&self, at: ItemAt) -> String {
        match self.items.get(at) {
            Some((package, item)) => format!("{package}.{}", item.name),
            None => String::new(),
        }
    }

    pub(super) fn number(&mut self, shape: Shape) -> TypeAt {
        if let Some(at) = self.numbers.get(&shape) {
            return *at;
        }
        let at = self.shapes.len();
        self.shapes.push(shape.clone());
        self.numbers.insert(shape, at);
        at
    }

    /// The number of a type that stands in an item with these parameters and arguments. As deep as sources may be nested.
    pub(super) fn lower(&mut self, ty: &Type, params: &[String], args: &[TypeAt]) -> TypeAt {
        let shape = match ty {
            Type::Scalar(scalar) => Shape::Scalar(*scalar),
            Type::List(inner) => Shape::List(self.lower(inner, params, args)),
            Type::Map(key, value) => {
                let key = self.lower(key, params, args);
                Shape::Map(key, self.lower(value, params, args))
            }
            Type::Tuple(types) => Shape::Tuple(self.lower_all(types, params, args)),
            Type::Optional(inner) => Shape::Optional(self.lower(inner, params, args)),
            Type::Union(members) => Shape::Union(self.lower_all(members, params, args)),
            Type::Param(name) => {
                let at = params.iter().position(|param| param == name).unwrap_or(0);
                match args.get(at) {
                    Some(number) => return *number,
                    None => Shape::Param(at),
                }
            }
            Type::Named { name, args: inner } => {
                let inner = self.lower_all(inner, params, args);
                match self.find_name(name) {
                    Some(at) => Shape::Named(at, inner),
                    // Not in a checked schema.
                    None => Shape::Scalar(Scalar::Any),
                }
            }
        };
        self.number(shape)
    }

    fn lower_all(&mut self, types: &[Type], params: &[String], args: &[TypeAt]) -> Vec<TypeAt> {
        types
            .iter()
            .map(|ty| self.lower(ty, params, args))
            .collect()
    }

    pub(super) fn shape(&self, at: TypeAt) -> &Shape {
        self.shapes.get(at).unwrap_or(&Shape::Scalar(Scalar::Any))
    }

    /// The item that a type is a use of, with the arguments.
    pub(super) fn named(&self, at: TypeAt) -> Option<(ItemAt, &'s Item, &[TypeAt])> {
        match self.shape(at) {
            Shape::Named(item, args) => Some((*item, self.item(*item)?, args)),
            _ => None,
        }
    }

    /// The record that a type is: of a struct, a message or an error.
    pub(super) fn record(&self, at: TypeAt) -> Option<&'s Record> {
        match &self.named(at)?.1.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => Some(record),
            ItemKind::Error(error) => Some(&error.record),
            _ => None,
        }
    }

    pub(super) fn peel(&mut self, ty: TypeAt) -> Peeled<'s> {
        let mut peeled = Peeled {
            nil: false,
            absent: false,
            newtypes: Vec::new(),
            constraints: Vec::new(),
            base: ty,
        };
        loop {
            match self.shape(peeled.base) {
                Shape::Optional(inner) => {
                    peeled.nil = true;
                    peeled.absent |= peeled.newtypes.is_empty();
                    peeled.base = *inner;
                }
                Shape::Named(at, _) => {
                    let at = *at;
                    match self.item(at).map(|item| &item.kind) {
                        Some(ItemKind::Alias(target)) => {
                            self.reach(at);
                            peeled.base = self.lower(target, &[], &[]);
                        }
                        Some(ItemKind::Newtype(newtype)) => {
                            self.reach(at);
                            peeled.newtypes.push(at);
                            peeled.constraints.push(&newtype.constraints);
                            peeled.base = self.lower(&newtype.ty, &[], &[]);
                        }
                        _ => return peeled,
                    }
                }
                _ => return peeled,
            }
        }
    }

    pub(super) fn reach(&mut self, at: ItemAt) {
        if let Some(reached) = self.reached.get_mut(at) {
            *reached = true;
        }
    }

    /// The members of a peeled type if it is a union, and whether it is open.
    pub(super) fn members(&mut self, base: TypeAt) -> Option<(Vec<TypeAt>, bool)> {
        match self.shape(base) {
            Shape::Union(members) => Some((members.clone(), false)),
            Shape::Named(at, _) => {
                let at = *at;
                let ItemKind::Union(union) = &self.item(at)?.kind else {
                    return None;
                };
                self.reach(at);
                let members = union.members.iter();
                let members = members.map(|ty| self.lower(ty, &[], &[])).collect();
                Some((members, union.open))
            }
            _ => None,
        }
    }

    /// How values of a peeled type that is no union start when they are written.
    pub(super) fn head(&self, base: TypeAt) -> Head<'s> {
        let record = |record: &'s Record| match record.array {
            true => Head::Array(record.tag.as_ref()),
            false => Head::Map(record.tag.as_ref()),
        };
        match self.shape(base) {
            Shape::Scalar(scalar) => match scalar {
                Scalar::Bool => Head::Bool,
                Scalar::F32 | Scalar::F64 => Head::Float,
                Scalar::Bytes => Head::Bin,
                Scalar::Nil => Head::Nil,
                Scalar::Any => Head::Any,
                Scalar::Timestamp => Head::Ext(-1),
                Scalar::Str
                | Scalar::Date
                | Scalar::Time
                | Scalar::Duration
                | Scalar::Uuid
                | Scalar::Decimal
                | Scalar::Ref => Head::Str,
                _ => Head::Int,
            },
            Shape::List(_) | Shape::Tuple(_) => Head::Array(None),
            Shape::Map(..) => Head::Map(None),
            Shape::Named(at, _) => match self.item(*at).map(|item| &item.kind) {
                Some(ItemKind::Struct(it) | ItemKind::Message(it)) => record(it),
                Some(ItemKind::Error(it)) => record(&it.record),
                Some(ItemKind::Enum(it)) => match it.repr {
                    EnumRepr::Text => Head::Str,
                    EnumRepr::Int(_) => Head::Int,
                },
                Some(ItemKind::Ext(it)) => Head::Ext(i8::try_from(it.code).unwrap_or(i8::MAX)),
                _ => Head::Any,
            },
            Shape::Optional(_) | Shape::Union(_) | Shape::Param(_) => Head::Any,
        }
    }

    /// The place that msgspec has for a member of a union.
    pub(super) fn stock_slot(&mut self, ty: TypeAt) -> Slot<'s> {
        let peeled = self.peel(ty);
        let constraints = peeled.constraints.iter().copied();
        let record = |record: &'s Record| {
            Slot::Record(stock::Record {
                number: peeled.base,
                array: record.array,
                tag: record.tag.as_ref().map(|tag| TagOf {
                    key: tag.key.as_str().into(),
                    value: tag.value.as_str().into(),
                }),
            })
        };
        match self.shape(peeled.base) {
            Shape::Scalar(scalar) => Slot::scalar(*scalar, constraints),
            Shape::List(_) => Slot::List,
            Shape::Tuple(_) => Slot::Tuple,
            Shape::Map(..) => Slot::Map(Bounds::of(constraints)),
            Shape::Named(at, _) => match self.item(*at).map(|item| &item.kind) {
                Some(ItemKind::Struct(it) | ItemKind::Message(it)) => record(it),
                Some(ItemKind::Error(it)) => record(&it.record),
                Some(ItemKind::Enum(it)) => match it.repr {
                    EnumRepr::Text => Slot::Text(Text::Enum, Bounds::default()),
                    EnumRepr::Int(_) => Slot::IntegerEnum,
                },
                _ => Slot::Free,
            },
            Shape::Param(_) => Slot::Any,
            Shape::Optional(_) | Shape::Union(_) => Slot::Free,
        }
    }

    /// A type as the language writes it.
    pub(super) fn show(&self, ty: TypeAt) -> String {
        let mut text = String::new();
        self.show_into(ty, &mut text, 0);
        text
    }

    fn show_into(&self, ty: TypeAt, text: &mut String, depth: usize) {
        // Longer types help nobody, and arguments of generic types can be very large.
        if text.len() > SHOWN_BYTES_MAX || depth > SHOWN_DEPTH_MAX {
            if !text.ends_with('…') {
                text.push('…');
            }
            return;
        }
        let list = |text: &mut String, types: &[TypeAt], between: &str| {
            for (at, ty) in types.iter().enumerate() {
                if at > 0 {
                    text.push_str(between);
                }
                self.show_into(*ty, text, depth + 1);
            }
        };
        match self.shape(ty) {
            Shape::Scalar(scalar) => text.push_str(scalar_name(*scalar)),
            Shape::List(inner) => {
                text.push_str("list<");
                list(text, &[*inner], "");
                text.push('>');
            }
            Shape::Map(key, value) => {
                text.push_str("map<");
                list(text, &[*key, *value], ", ");
                text.push('>');
            }
            Shape::Tuple(types) => {
                text.push('(');
                list(text, types, ", ");
                text.push_str(if types.len() == 1 { ",)" } else { ")" });
            }
            Shape::Optional(inner) => {
                let union = matches!(self.shape(*inner), Shape::Union(_));
                text.push_str(if union { "(" } else { "" });
                list(text, &[*inner], "");
                text.push_str(if union { ")?" } else { "?" });
            }
            Shape::Union(members) => list(text, members, " | "),
            Shape::Param(at) => text.push_str(&format!("parameter {at}")),
            Shape::Named(at, args) => {
                text.push_str(self.item(*at).map_or("", |item| &item.name));
                if !args.is_empty() {
                    text.push('<');
                    list(text, args, ", ");
                    text.push('>');
                }
            }
        }
    }

    /// The value that a constant stands for in the end.
    pub(super) fn value<'v>(&self, value: &'v Value) -> &'v Value
    where
        's: 'v,
    {
        let mut value = value;
        for _ in 0..=self.items.len() {
            let Value::Const(name) = value else { break };
            match self.find_name(name).and_then(|at| self.item(at)) {
                Some(Item {
                    kind: ItemKind::Const(it),
                    ..
                }) => value = &it.value,
                _ => break,
            }
        }
        value
    }
}

/// Longest type in a message, in bytes, before it is cut: 80. It stands in a line of text.
const SHOWN_BYTES_MAX: usize = 80;

/// Deepest part of a type in a message, in levels: 16. Deeper ones do not help, and must not take the stack.
const SHOWN_DEPTH_MAX: usize = 16;
