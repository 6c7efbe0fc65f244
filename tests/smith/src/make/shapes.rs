//! Unions whose members can be told apart.

use super::Maker;
use crate::tree::*;

/// What a reader sees of a value before it reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Nil,
    Bool,
    Int,
    Float,
    Str,
    Bin,
    Array,
    /// The keys that it can have; any text if `None`.
    Map(Option<Vec<String>>),
    Ext(i16),
    /// Tag key and value of a message.
    Tagged(String, String),
    TaggedArray(String),
}

impl Maker<'_, '_, '_> {
    /// A union item, if there is anything for one.
    pub(super) fn union_item(&mut self) -> Option<Kind> {
        let open = self.choices.one_in(3);
        let members = self.union_members(open);
        let has_message = self
            .shapes_of_all(&members)
            .iter()
            .any(|it| matches!(it, Shape::Tagged(..)));
        if open && has_message {
            return Some(Kind::Union { open, members });
        }
        let is_closed = !members.iter().any(|it| self.is_open(it));
        (members.len() > 1 && is_closed).then_some(Kind::Union {
            open: false,
            members,
        })
    }

    /// Members that can be told apart, maybe fewer than two.
    pub(super) fn union_members(&mut self, open: bool) -> Vec<Type> {
        let mut candidates = self.candidates();
        self.choices.shuffle(&mut candidates);
        let most = self.choices.between(2, self.size.fields.max(2));
        let mut members: Vec<Type> = Vec::new();
        for candidate in candidates {
            if members.len() == most {
                break;
            }
            if !open && self.is_open(&candidate) {
                continue;
            }
            let shapes = self.shapes(&candidate);
            if !shapes.is_empty() && self.are_apart(&self.shapes_of_all(&members), &shapes) {
                members.push(candidate);
            }
        }
        members
    }

    fn candidates(&mut self) -> Vec<Type> {
        use Scalar::*;
        let is_message =
            |kind: &Kind| matches!(kind, Kind::Message(record) if record.params.is_empty());
        let messages = self.named(is_message);
        let mut candidates = Vec::new();
        if self.stock {
            // What msgspec tells apart for sure.
            let maps = messages.into_iter().filter(|it| !self.has_array(it));
            candidates.extend(maps.map(|it| Type::Named(it, Vec::new())));
            candidates.extend([Nil, Bool, I64, F64, Str].map(Type::Scalar));
            candidates.push(Type::List(Box::new(Type::Scalar(Str))));
            return candidates;
        }
        candidates.extend(
            Scalar::ALL
                .into_iter()
                .filter(|it| *it != Any)
                .map(Type::Scalar),
        );
        for _ in 0..2 {
            let list = Box::new(self.ty(0));
            candidates.push(Type::List(list));
            let optional = Type::Scalar(self.choices.of(&[Str, U8, Date]).copied().unwrap_or(Str));
            candidates.push(Type::Optional(Box::new(optional)));
            let key = self
                .choices
                .of(&[Str, U8, Date, Bool])
                .copied()
                .unwrap_or(Str);
            let value = Box::new(Type::Scalar(F32));
            candidates.push(Type::Map(Box::new(Type::Scalar(key)), value));
            candidates.extend(self.instance(0));
        }
        candidates.push(Type::Tuple(vec![Type::Scalar(Bool)]));
        // A message is the most usual member.
        candidates.extend(messages.into_iter().map(|it| Type::Named(it, Vec::new())));
        let others = self.named(|kind| match kind {
            Kind::Struct(record) | Kind::Error(record) => record.params.is_empty(),
            Kind::Message(_) | Kind::Const { .. } | Kind::Interface(_) => false,
            _ => true,
        });
        candidates.extend(others.into_iter().map(|it| Type::Named(it, Vec::new())));
        candidates
    }

    fn are_apart(&self, members: &[Shape], more: &[Shape]) -> bool {
        let all = || members.iter().chain(more);
        for (at, one) in all().enumerate() {
            for other in all().skip(at + 1) {
                let clash = match (one, other) {
                    (Shape::Map(_), Shape::Map(_)) => true,
                    (Shape::Tagged(key, value), Shape::Tagged(other, same)) => {
                        key != other || value == same
                    }
                    (Shape::Map(keys), Shape::Tagged(key, _))
                    | (Shape::Tagged(key, _), Shape::Map(keys)) => {
                        keys.as_ref().is_none_or(|keys| keys.contains(key))
                    }
                    (Shape::Array, Shape::TaggedArray(_))
                    | (Shape::TaggedArray(_), Shape::Array) => true,
                    (one, other) => one == other,
                };
                if clash {
                    return false;
                }
            }
        }
        true
    }

    fn shapes_of_all(&self, types: &[Type]) -> Vec<Shape> {
        types.iter().flat_map(|it| self.shapes(it)).collect()
    }

    /// None for what cannot be a member.
    pub(super) fn shapes(&self, ty: &Type) -> Vec<Shape> {
        use Scalar::*;
        match ty {
            Type::Scalar(scalar) => match scalar {
                Nil => vec![Shape::Nil],
                Bool => vec![Shape::Bool],
                I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64 => vec![Shape::Int],
                F32 | F64 => vec![Shape::Float],
                Bytes => vec![Shape::Bin],
                Timestamp => vec![Shape::Ext(-1), Shape::Str],
                Uuid => vec![Shape::Str, Shape::Bin],
                Any => Vec::new(),
                Str | Date | Time | Duration | Decimal | Ref => vec![Shape::Str],
            },
            Type::List(_) | Type::Tuple(_) => vec![Shape::Array],
            Type::Map(key, _) => {
                let is_text = self.shapes(key).contains(&Shape::Str);
                vec![Shape::Map(if is_text { None } else { Some(Vec::new()) })]
            }
            Type::Optional(inner) => {
                let mut shapes = self.shapes(inner);
                if !shapes.is_empty() {
                    shapes.push(Shape::Nil);
                }
                shapes
            }
            Type::Union(members) => self.shapes_of_all(members),
            Type::Param(_) => Vec::new(),
            Type::Named(name, _) => self.item_shapes(name),
        }
    }

    fn item_shapes(&self, name: &Name) -> Vec<Shape> {
        let Some(item) = self.schema.find(name) else {
            return Vec::new();
        };
        let array = item.options.contains(&Opt::Array);
        match &item.kind {
            Kind::Struct(_) | Kind::Error(_) if array => vec![Shape::Array],
            Kind::Struct(record) | Kind::Error(record) => {
                let keys = record.fields.iter().map(|field| {
                    let wire = field.options.iter().find_map(|it| match it {
                        Opt::Wire(key) => Some(key),
                        _ => None,
                    });
                    wire.unwrap_or(&field.name).clone()
                });
                vec![Shape::Map(Some(keys.collect()))]
            }
            Kind::Message(_) => {
                let tag = item.options.iter().find_map(|it| match it {
                    Opt::Tag(key, value) => Some((key.clone(), value.clone())),
                    _ => None,
                });
                let (key, value) = tag.unwrap_or_else(|| ("type".to_owned(), None));
                let value = value.unwrap_or_else(|| item.name.clone());
                vec![if array {
                    Shape::TaggedArray(value)
                } else {
                    Shape::Tagged(key, value)
                }]
            }
            Kind::Enum(it) => vec![if it.repr.is_some() {
                Shape::Int
            } else {
                Shape::Str
            }],
            Kind::Union { members, .. } => self.shapes_of_all(members),
            Kind::Alias(ty) | Kind::Newtype(ty) => self.shapes(ty),
            Kind::Ext { code, .. } => vec![Shape::Ext(i16::from(*code))],
            Kind::Const { .. } | Kind::Interface(_) => Vec::new(),
        }
    }

    /// Whether a type is an open union, or a newtype or alias of one.
    fn is_open(&self, ty: &Type) -> bool {
        match ty {
            Type::Optional(inner) => self.is_open(inner),
            Type::Union(members) => members.iter().any(|it| self.is_open(it)),
            Type::Named(name, _) => match self.kind(name) {
                Some(Kind::Union { open, .. }) => *open,
                Some(Kind::Alias(ty) | Kind::Newtype(ty)) => self.is_open(ty),
                _ => false,
            },
            _ => false,
        }
    }

    pub(super) fn has_array(&self, name: &Name) -> bool {
        let item = self.schema.find(name);
        item.is_some_and(|it| it.options.contains(&Opt::Array))
    }

    pub(super) fn is_plain_record(&self, name: &Name) -> bool {
        matches!(self.kind(name), Some(Kind::Error(record)) if record.params.is_empty())
    }
}
