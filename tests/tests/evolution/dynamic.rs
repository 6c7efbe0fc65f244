//! A codec that interprets a checked schema: writes and reads values as the generated code does, without being generated.
//!
//! Scalars are read by `scipp-codec` itself; what is interpreted is what derives and generators add: records, presence,
//! defaults, enums, unions, constraints, extension types. It is one file because it is held line by line against those.

use bytes::BytesMut;
use scipp_codec::generated::Pattern;
use scipp_codec::{Decoder, Encoder, Head, Kind, Payload, to_bytes, walk};
use scipp_idl::Schema;
use scipp_idl::schema::{
    Constraints, Enum, EnumRepr, ExtBody, Item, ItemKind, ItemName, Number, Presence, Range,
    Record, Scalar, Type, Value,
};
use std::collections::{HashMap, HashSet};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Dyn {
    Nil,
    /// A value of a type of the language, as its canonical bytes; an `any`; a message that is not known.
    Plain(Vec<u8>),
    List(Vec<Dyn>),
    Map(Vec<(Dyn, Dyn)>),
    Record {
        tag: Option<(String, String)>,
        array: bool,
        /// Name, key, value; `None` for one that was left out.
        fields: Vec<(String, String, Option<Dyn>)>,
    },
    Member {
        /// `None` where it is not known.
        name: Option<String>,
        bytes: Vec<u8>,
        /// The names of all members.
        all: Vec<String>,
    },
    Ext(i8, Box<Dyn>),
}

pub struct Codec<'s> {
    items: HashMap<ItemName, &'s Item>,
}

impl<'s> Codec<'s> {
    pub fn new(schema: &'s Schema) -> Self {
        let items = schema.packages.values().flat_map(|package| {
            package.items.iter().map(|item| {
                let name = ItemName {
                    package: package.name.clone(),
                    name: item.name.clone(),
                };
                (name, item)
            })
        });
        Self {
            items: items.collect(),
        }
    }

    pub fn item(&self, name: &ItemName) -> &'s Item {
        self.items[name]
    }

    /// Reads exactly one value.
    pub fn read(&self, ty: &Type, bytes: &[u8]) -> Result<Dyn, String> {
        walk::check(bytes, &walk::WalkLimits::default()).map_err(|error| error.to_string())?;
        let mut input = Decoder::new(bytes);
        self.decode(ty, &mut input)
    }

    /// Reads the arguments of an endpoint.
    pub fn read_record(&self, record: &Record, bytes: &[u8]) -> Result<Dyn, String> {
        walk::check(bytes, &walk::WalkLimits::default()).map_err(|error| error.to_string())?;
        self.record(record, &[], &[], &mut Decoder::new(bytes))
    }

    fn decode(&self, ty: &Type, input: &mut Decoder<'_>) -> Result<Dyn, String> {
        match ty {
            Type::Scalar(scalar) => decode_scalar(*scalar, input),
            Type::List(inner) => {
                let count = input.array().map_err(said)?;
                (0..count)
                    .map(|_| self.decode(inner, input))
                    .collect::<Result<_, _>>()
                    .map(Dyn::List)
            }
            Type::Map(key, value) => {
                let count = input.map().map_err(said)?;
                let mut seen = HashSet::new();
                let mut entries = Vec::new();
                for _ in 0..count {
                    let key = self.decode(key, input)?;
                    let value = self.decode(value, input)?;
                    if !seen.insert(written(&key)) {
                        return Err("a key stands twice".to_owned());
                    }
                    entries.push((key, value));
                }
                Ok(Dyn::Map(entries))
            }
            Type::Tuple(types) => match input.array() {
                Ok(count) if count == types.len() => types
                    .iter()
                    .map(|ty| self.decode(ty, input))
                    .collect::<Result<_, _>>()
                    .map(Dyn::List),
                _ => Err(format!("expected an array of {}", types.len())),
            },
            Type::Optional(inner) => match input.take_nil() {
                true => Ok(Dyn::Nil),
                false => self.decode(inner, input),
            },
            Type::Union(members) => self.union(members, false, input),
            Type::Param(name) => panic!("a parameter `{name}` is left"),
            Type::Named { name, args } => {
                let item = self.item(name);
                match &item.kind {
                    ItemKind::Struct(record) | ItemKind::Message(record) => {
                        self.record(record, &item.params, args, input)
                    }
                    ItemKind::Error(error) => self.record(&error.record, &[], &[], input),
                    ItemKind::Enum(it) => decode_enum(it, input),
                    ItemKind::Union(it) => self.union(&it.members, it.open, input),
                    ItemKind::Alias(ty) => self.decode(ty, input),
                    ItemKind::Newtype(it) => {
                        let value = self.decode(&it.ty, input)?;
                        self.hold(&it.constraints, &it.ty, &value)?;
                        Ok(value)
                    }
                    ItemKind::Ext(it) => {
                        let (code, body) = input.ext().map_err(said)?;
                        if i16::from(code) != i16::from(it.code) {
                            return Err(format!("expected ext {}", it.code));
                        }
                        let inner = match &it.body {
                            ExtBody::Type(ty) if self.is_bytes(ty) => Dyn::Plain(body.to_vec()),
                            ExtBody::Type(ty) => self.read(ty, body)?,
                            ExtBody::Record(record) => self.read_record(record, body)?,
                        };
                        Ok(Dyn::Ext(code, Box::new(inner)))
                    }
                    ItemKind::Const(_) | ItemKind::Interface(_) => panic!("no type"),
                }
            }
        }
    }

    fn record(
        &self,
        record: &Record,
        params: &[String],
        args: &[Type],
        input: &mut Decoder<'_>,
    ) -> Result<Dyn, String> {
        let types: Vec<Type> = record
            .fields
            .iter()
            .map(|field| replaced(&field.ty, params, args))
            .collect();
        let mut found: Vec<Option<Dyn>> = vec![None; types.len()];
        if record.array {
            let mut left = input.array().map_err(said)?;
            if let Some(tag) = &record.tag {
                left = left.checked_sub(1).ok_or("no tag")?;
                if input.str().map_err(said)? != tag.value {
                    return Err("another tag".to_owned());
                }
            }
            for (found, ty) in found.iter_mut().zip(&types).take(left) {
                *found = Some(self.decode(ty, input)?);
            }
            for _ in types.len()..left {
                input.skip().map_err(said)?;
            }
        } else {
            let mut tagged = false;
            for _ in 0..input.map().map_err(said)? {
                let key = input.str().map_err(said)?;
                if let Some(tag) = record.tag.as_ref().filter(|tag| tag.key == key) {
                    if std::mem::replace(&mut tagged, true)
                        || input.str().map_err(said)? != tag.value
                    {
                        return Err("the tag is twice, or another".to_owned());
                    }
                    continue;
                }
                match record.fields.iter().position(|field| field.wire == key) {
                    Some(at) if found[at].is_some() => return Err(format!("`{key}` is twice")),
                    Some(at) => {
                        found[at] = Some(
                            self.decode(&types[at], input)
                                .map_err(|error| format!("{key}: {error}"))?,
                        )
                    }
                    None => input.skip().map_err(said)?,
                }
            }
        }
        let mut fields = Vec::new();
        for ((field, ty), found) in record.fields.iter().zip(&types).zip(found) {
            let value = match (found, &field.presence) {
                (Some(value), _) => Some(value),
                (None, Presence::Omittable) => None,
                (None, Presence::Default(value)) => Some(self.literal(ty, value)),
                (None, Presence::Required) => Some(
                    self.absent(ty)
                        .ok_or_else(|| format!("no `{}`", field.wire))?,
                ),
            };
            if let Some(value) = &value {
                self.hold(&field.constraints, ty, value)
                    .map_err(|error| format!("{}: {error}", field.wire))?;
            }
            fields.push((field.name.clone(), field.wire.clone(), value));
        }
        Ok(self.record_value(record, fields))
    }

    fn record_value(&self, record: &Record, fields: Vec<(String, String, Option<Dyn>)>) -> Dyn {
        Dyn::Record {
            tag: record
                .tag
                .as_ref()
                .map(|tag| (tag.key.clone(), tag.value.clone())),
            array: record.array,
            fields,
        }
    }

    /// The value of a field that is not there: `T?`, but not a newtype of it.
    fn absent(&self, ty: &Type) -> Option<Dyn> {
        match ty {
            Type::Optional(_) => Some(Dyn::Nil),
            Type::Named { name, .. } => match &self.item(name).kind {
                ItemKind::Alias(ty) => self.absent(ty),
                _ => None,
            },
            _ => None,
        }
    }

    fn union(&self, members: &[Type], open: bool, input: &mut Decoder<'_>) -> Result<Dyn, String> {
        let head = input.head();
        let tags: Vec<Option<scipp_idl::schema::Tag>> = members
            .iter()
            .map(|ty| self.tag(ty).map(|(tag, _)| tag))
            .collect();
        let arrays: Vec<bool> = members
            .iter()
            .map(|ty| self.tag(ty).is_some_and(|(_, array)| array))
            .collect();
        let by_tag = (0..members.len()).find(|at| {
            tags[*at]
                .as_ref()
                .is_some_and(|tag| head.tag(&tag.key, arrays[*at]) == Some(tag.value.as_str()))
        });
        if let Some(at) = by_tag {
            return self.decode(&members[at], input);
        }
        if open && self.is_unknown(members, &head) {
            let any = input.any().map_err(said)?;
            return Ok(Dyn::Plain(to_bytes(&any).to_vec()));
        }
        match self.by_shape(members, &head) {
            Some(at) => self.decode(&members[at], input),
            None => Err("it is no member of the union".to_owned()),
        }
    }

    fn is_unknown(&self, members: &[Type], head: &Head<'_>) -> bool {
        let tags = members.iter().filter_map(|ty| self.tag(ty));
        tags.into_iter()
            .any(|(tag, array)| head.tag(&tag.key, array).is_some())
    }

    fn by_shape(&self, members: &[Type], head: &Head<'_>) -> Option<usize> {
        let fits =
            |at: &usize| self.tag(&members[*at]).is_none() && self.accepts(&members[*at], head);
        let float = Head::of(&[0xcb]);
        let int = (0..members.len())
            .find(|at| head.is(Kind::Int) && fits(at) && !self.accepts(&members[*at], &float));
        int.or_else(|| (0..members.len()).find(fits))
    }

    /// The tag of a message, and whether it is an array.
    fn tag(&self, ty: &Type) -> Option<(scipp_idl::schema::Tag, bool)> {
        let Type::Named { name, .. } = ty else {
            return None;
        };
        match &self.item(name).kind {
            ItemKind::Message(record) => Some((record.tag.clone()?, record.array)),
            ItemKind::Alias(ty) => self.tag(ty),
            ItemKind::Newtype(it) => self.tag(&it.ty),
            _ => None,
        }
    }

    fn accepts(&self, ty: &Type, head: &Head<'_>) -> bool {
        match ty {
            Type::Scalar(scalar) => match scalar {
                Scalar::Nil => head.is(Kind::Nil),
                Scalar::Bool => head.is(Kind::Bool),
                Scalar::F32 | Scalar::F64 => head.is(Kind::Float) || head.is(Kind::Int),
                Scalar::Bytes => head.is(Kind::Bin),
                Scalar::Any => true,
                Scalar::Timestamp => head.is(Kind::Ext(-1)) || head.is(Kind::Str),
                Scalar::Uuid => head.is(Kind::Str) || head.is(Kind::Bin),
                Scalar::Str
                | Scalar::Date
                | Scalar::Time
                | Scalar::Duration
                | Scalar::Decimal
                | Scalar::Ref => head.is(Kind::Str),
                _ => head.is(Kind::Int),
            },
            Type::List(_) | Type::Tuple(_) => head.is(Kind::Array),
            Type::Map(..) => head.is(Kind::Map),
            Type::Optional(inner) => head.is(Kind::Nil) || self.accepts(inner, head),
            Type::Union(members) => self.takes(members, false, head),
            Type::Param(_) => false,
            Type::Named { name, .. } => match &self.item(name).kind {
                ItemKind::Struct(record) | ItemKind::Message(record) => {
                    match (&record.tag, record.array) {
                        (Some(tag), array) => head.tag(&tag.key, array) == Some(tag.value.as_str()),
                        (None, true) => head.is(Kind::Array),
                        (None, false) => head.is(Kind::Map),
                    }
                }
                ItemKind::Error(error) => head.is(if error.record.array {
                    Kind::Array
                } else {
                    Kind::Map
                }),
                ItemKind::Enum(it) => head.is(match it.repr {
                    EnumRepr::Text => Kind::Str,
                    EnumRepr::Int(_) => Kind::Int,
                }),
                ItemKind::Union(it) => self.takes(&it.members, it.open, head),
                ItemKind::Alias(ty) => self.accepts(ty, head),
                ItemKind::Newtype(it) => self.accepts(&it.ty, head),
                ItemKind::Ext(it) => head.is(Kind::Ext(i8::try_from(it.code).expect("up to 127"))),
                ItemKind::Const(_) | ItemKind::Interface(_) => false,
            },
        }
    }

    fn takes(&self, members: &[Type], open: bool, head: &Head<'_>) -> bool {
        let by_tag = members
            .iter()
            .any(|ty| self.tag(ty).is_some() && self.accepts(ty, head));
        by_tag || self.by_shape(members, head).is_some() || open && self.is_unknown(members, head)
    }

    /// The scalar below newtypes, aliases and `?`.
    pub fn base(&self, ty: &Type) -> Option<Scalar> {
        match ty {
            Type::Scalar(scalar) => Some(*scalar),
            Type::Optional(inner) => self.base(inner),
            Type::Named { name, .. } => match &self.item(name).kind {
                ItemKind::Alias(ty) => self.base(ty),
                ItemKind::Newtype(it) => self.base(&it.ty),
                _ => None,
            },
            _ => None,
        }
    }

    /// `bytes`, or an alias of it: what stands for itself in an extension value.
    pub fn is_bytes(&self, ty: &Type) -> bool {
        match ty {
            Type::Scalar(scalar) => *scalar == Scalar::Bytes,
            Type::Named { name, .. } => match &self.item(name).kind {
                ItemKind::Alias(ty) => self.is_bytes(ty),
                _ => false,
            },
            _ => false,
        }
    }

    /// Holds a value against what is checked.
    pub fn hold(&self, constraints: &Constraints, ty: &Type, value: &Dyn) -> Result<(), String> {
        if *value == Dyn::Nil {
            return Ok(());
        }
        if let Some(range) = &constraints.range
            && !self.in_range(range, ty, value)
        {
            return Err(format!("{value:?} is outside of {range:?}"));
        }
        if let Some(len) = &constraints.len {
            let length = match value {
                Dyn::List(list) => list.len(),
                Dyn::Map(entries) => entries.len(),
                Dyn::Plain(bytes) => {
                    let mut input = Decoder::new(bytes);
                    match input.str() {
                        Ok(text) => text.chars().count(),
                        Err(_) => input.bin().map_or(0, <[u8]>::len),
                    }
                }
                _ => return Ok(()),
            };
            if !bounds(len, Number::Int(length as i128)) {
                return Err(format!("a length of {length}"));
            }
        }
        if let (Some(pattern), Dyn::Plain(bytes)) = (&constraints.pattern, value) {
            let text = Decoder::new(bytes).str().map_err(said)?.to_owned();
            let pattern = Pattern::new(Box::leak(pattern.clone().into_boxed_str()));
            pattern.hold(&text).map_err(said)?;
        }
        if let (true, Dyn::List(list)) = (constraints.unique, value) {
            let mut seen = HashSet::new();
            if !list.iter().all(|value| seen.insert(written(value))) {
                return Err("a value stands twice".to_owned());
            }
        }
        Ok(())
    }

    fn in_range(&self, range: &Range, ty: &Type, value: &Dyn) -> bool {
        let Dyn::Plain(bytes) = value else {
            return true;
        };
        match self.base(ty) {
            Some(Scalar::F32 | Scalar::F64) => {
                let value = f64::decode(&mut Decoder::new(bytes)).expect("a float");
                !value.is_nan() && bounds(range, Number::Float(value))
            }
            Some(Scalar::Decimal) => {
                let value =
                    rust_decimal::Decimal::decode(&mut Decoder::new(bytes)).expect("a decimal");
                let value: f64 = value.to_string().parse().expect("a number");
                bounds(range, Number::Float(value))
            }
            _ => bounds(range, Number::Int(integer(bytes).expect("an integer"))),
        }
    }

    /// The value of a literal where anything is expected.
    fn any_literal(&self, value: &Value) -> Dyn {
        let any = Type::Scalar(Scalar::Any);
        Dyn::Plain(match value {
            Value::Nil => return Dyn::Nil,
            Value::Typed { ty, value } => written(&self.literal(ty, value)),
            Value::List(values) => {
                let values = values.iter().map(|value| self.literal(&any, value));
                written(&Dyn::List(values.collect()))
            }
            Value::Map(entries) => {
                let pair = |(key, value)| (self.literal(&any, key), self.literal(&any, value));
                let entries = entries.iter().map(|(key, value)| pair((key, value)));
                written(&Dyn::Map(entries.collect()))
            }
            Value::Str(text) => to_bytes(text).to_vec(),
            Value::Bool(it) => to_bytes(it).to_vec(),
            Value::Int(it) => int_bytes(*it),
            Value::Float(it) => to_bytes(it).to_vec(),
            Value::Bytes(it) => to_bytes(&bytes::Bytes::from(it.clone())).to_vec(),
            other => panic!("{other:?} has a type"),
        })
    }

    /// The value of a literal.
    pub fn literal(&self, ty: &Type, value: &Value) -> Dyn {
        match (self.unnamed(ty), value) {
            (Type::Scalar(Scalar::Any), _) => return self.any_literal(value),
            (Type::Union(members), Value::Variant { member, value }) => {
                return self.literal(&members[*member], value);
            }
            (Type::Named { name, .. }, _) => match (&self.item(&name).kind, value) {
                (ItemKind::Union(it), Value::Variant { member, value }) => {
                    return self.literal(&it.members[*member], value);
                }
                (ItemKind::Ext(it), _) => {
                    let code = i8::try_from(it.code).expect("up to 127");
                    let inner = match (&it.body, value) {
                        (ExtBody::Record(record), Value::Record(given)) => {
                            self.record_literal(record, &[], &[], given)
                        }
                        (ExtBody::Type(ty), _) if self.is_bytes(ty) => match value {
                            Value::Bytes(it) => Dyn::Plain(it.clone()),
                            _ => self.literal(ty, value),
                        },
                        (ExtBody::Type(ty), _) => self.literal(ty, value),
                        _ => panic!("no record"),
                    };
                    return Dyn::Ext(code, Box::new(inner));
                }
                _ => {}
            },
            _ => {}
        }
        let text = |text: &str| -> Dyn {
            let bytes = to_bytes(&text.to_owned());
            match ty {
                _ if self.base(ty) == Some(Scalar::Timestamp) => {
                    decode_scalar(Scalar::Timestamp, &mut Decoder::new(&bytes))
                        .expect("a timestamp")
                }
                _ => match self.base(ty) {
                    Some(scalar) => {
                        decode_scalar(scalar, &mut Decoder::new(&bytes)).expect("checked")
                    }
                    None => Dyn::Plain(bytes.to_vec()),
                },
            }
        };
        match value {
            Value::Nil => Dyn::Nil,
            Value::Bool(it) => Dyn::Plain(to_bytes(it).to_vec()),
            Value::Int(it) => match self.base(ty) {
                Some(Scalar::F32 | Scalar::F64) => Dyn::Plain(to_bytes(&(*it as f64)).to_vec()),
                Some(Scalar::Decimal) => Dyn::Plain(to_bytes(&it.to_string()).to_vec()),
                _ => Dyn::Plain(int_bytes(*it)),
            },
            Value::Float(it) => match self.base(ty) {
                Some(Scalar::F32) => Dyn::Plain(to_bytes(&f64::from(*it as f32)).to_vec()),
                _ => Dyn::Plain(to_bytes(it).to_vec()),
            },
            Value::Str(it) => text(it),
            Value::Bytes(it) => Dyn::Plain(to_bytes(&bytes::Bytes::from(it.clone())).to_vec()),
            Value::Duration(it) => {
                let seconds = i64::try_from(it.div_euclid(1_000_000_000)).expect("checked");
                let nanos = i32::try_from(it.rem_euclid(1_000_000_000)).expect("below a second");
                Dyn::Plain(to_bytes(&jiff::SignedDuration::new(seconds, nanos)).to_vec())
            }
            Value::Member { of, member } => {
                let ItemKind::Enum(it) = &self.item(of).kind else {
                    panic!("no enum")
                };
                let found = it
                    .members
                    .iter()
                    .find(|it| it.name == *member)
                    .expect("a member");
                enum_value(it, Some(found.name.clone()), wire_bytes(&found.wire))
            }
            Value::Const(name) => match &self.item(name).kind {
                ItemKind::Const(it) => self.literal(ty, &it.value),
                _ => panic!("no constant"),
            },
            Value::List(values) => match self.unnamed(ty) {
                Type::List(inner) => Dyn::List(
                    values
                        .iter()
                        .map(|value| self.literal(&inner, value))
                        .collect(),
                ),
                Type::Tuple(types) => Dyn::List(
                    types
                        .iter()
                        .zip(values)
                        .map(|(ty, value)| self.literal(ty, value))
                        .collect(),
                ),
                other => panic!("{other:?} is no list"),
            },
            Value::Map(entries) => match self.unnamed(ty) {
                Type::Map(key, value) => Dyn::Map(
                    entries
                        .iter()
                        .map(|(k, v)| (self.literal(&key, k), self.literal(&value, v)))
                        .collect(),
                ),
                other => panic!("{other:?} is no map"),
            },
            Value::Record(given) => {
                let Type::Named { name, args } = self.unnamed(ty) else {
                    panic!("no record")
                };
                let item = self.item(&name);
                let record = match &item.kind {
                    ItemKind::Struct(record) | ItemKind::Message(record) => record,
                    ItemKind::Error(error) => &error.record,
                    _ => panic!("no record"),
                };
                self.record_literal(record, &item.params, &args, given)
            }
            Value::Variant { .. } | Value::Typed { .. } => panic!("no union"),
        }
    }

    fn record_literal(
        &self,
        record: &Record,
        params: &[String],
        args: &[Type],
        given: &[(String, Value)],
    ) -> Dyn {
        let fields = record.fields.iter().map(|field| {
            let ty = replaced(&field.ty, params, args);
            let value = match given.iter().find(|(name, _)| *name == field.name) {
                Some((_, value)) => Some(self.literal(&ty, value)),
                None => match &field.presence {
                    Presence::Omittable => None,
                    Presence::Default(value) => Some(self.literal(&ty, value)),
                    Presence::Required => self.absent(&ty),
                },
            };
            (field.name.clone(), field.wire.clone(), value)
        });
        self.record_value(record, fields.collect())
    }

    /// The type below aliases, newtypes and `?`.
    pub fn unnamed(&self, ty: &Type) -> Type {
        match ty {
            Type::Optional(inner) => self.unnamed(inner),
            Type::Named { name, .. } => match &self.item(name).kind {
                ItemKind::Alias(ty) => self.unnamed(ty),
                ItemKind::Newtype(it) => self.unnamed(&it.ty),
                _ => ty.clone(),
            },
            _ => ty.clone(),
        }
    }
}

/// The bytes of a value.
pub fn written(value: &Dyn) -> Vec<u8> {
    let mut out = BytesMut::new();
    write(value, &mut Encoder::new(&mut out));
    out.to_vec()
}

fn write(value: &Dyn, out: &mut Encoder<'_>) {
    match value {
        Dyn::Nil => out.nil(),
        Dyn::Plain(bytes) | Dyn::Member { bytes, .. } => out.raw(bytes),
        Dyn::List(list) => {
            out.array(list.len());
            list.iter().for_each(|value| write(value, out));
        }
        Dyn::Map(entries) => {
            out.map(entries.len());
            for (key, value) in entries {
                write(key, out);
                write(value, out);
            }
        }
        Dyn::Record { tag, array, fields } => {
            let present = || {
                fields
                    .iter()
                    .filter_map(|(_, key, value)| Some((key, value.as_ref()?)))
            };
            let count = present().count() + usize::from(tag.is_some());
            if *array {
                out.array(count);
            } else {
                out.map(count);
            }
            if let Some((key, value)) = tag {
                if !array {
                    out.str(key);
                }
                out.str(value);
            }
            for (key, value) in present() {
                if !array {
                    out.str(key);
                }
                write(value, out);
            }
        }
        Dyn::Ext(code, inner) => match &**inner {
            // `bytes` stand for themselves; others are MessagePack. Either is what `Plain` holds.
            Dyn::Plain(bytes) => out.ext(*code, bytes),
            inner => out.ext(*code, &written(inner)),
        },
    }
}

fn decode_scalar(scalar: Scalar, input: &mut Decoder<'_>) -> Result<Dyn, String> {
    fn of<T: Payload>(input: &mut Decoder<'_>) -> Result<Dyn, String> {
        T::decode(input)
            .map(|value| Dyn::Plain(to_bytes(&value).to_vec()))
            .map_err(said)
    }
    match scalar {
        Scalar::Bool => of::<bool>(input),
        Scalar::I8 => of::<i8>(input),
        Scalar::I16 => of::<i16>(input),
        Scalar::I32 => of::<i32>(input),
        Scalar::I64 => of::<i64>(input),
        Scalar::U8 => of::<u8>(input),
        Scalar::U16 => of::<u16>(input),
        Scalar::U32 => of::<u32>(input),
        Scalar::U64 => of::<u64>(input),
        Scalar::F32 => of::<f32>(input),
        Scalar::F64 => of::<f64>(input),
        Scalar::Str => of::<String>(input),
        Scalar::Bytes => of::<bytes::Bytes>(input),
        Scalar::Nil => of::<()>(input).map(|_| Dyn::Nil),
        Scalar::Any => of::<scipp_codec::Any>(input),
        Scalar::Timestamp => of::<jiff::Timestamp>(input),
        Scalar::Date => of::<jiff::civil::Date>(input),
        Scalar::Time => of::<jiff::civil::Time>(input),
        Scalar::Duration => of::<jiff::SignedDuration>(input),
        Scalar::Uuid => of::<uuid::Uuid>(input),
        Scalar::Decimal => of::<rust_decimal::Decimal>(input),
        Scalar::Ref => of::<scipp_codec::Ref>(input),
    }
}

fn decode_enum(it: &Enum, input: &mut Decoder<'_>) -> Result<Dyn, String> {
    let bytes = match it.repr {
        EnumRepr::Text => to_bytes(&input.str().map_err(said)?.to_owned()).to_vec(),
        EnumRepr::Int(scalar) => match decode_scalar(scalar, input)? {
            Dyn::Plain(bytes) => bytes,
            other => panic!("{other:?} is no integer"),
        },
    };
    match it
        .members
        .iter()
        .find(|member| wire_bytes(&member.wire) == bytes)
    {
        Some(member) => Ok(enum_value(it, Some(member.name.clone()), bytes)),
        None if it.open => Ok(enum_value(it, None, bytes)),
        None => Err("no member".to_owned()),
    }
}

pub fn enum_value(it: &Enum, name: Option<String>, bytes: Vec<u8>) -> Dyn {
    let all = it
        .members
        .iter()
        .map(|member| member.name.clone())
        .collect();
    Dyn::Member { name, bytes, all }
}

pub fn wire_bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Str(text) => to_bytes(text).to_vec(),
        Value::Int(value) => int_bytes(*value),
        other => panic!("{other:?} is no value of a member"),
    }
}

pub fn int_bytes(value: i128) -> Vec<u8> {
    match u64::try_from(value) {
        Ok(value) => to_bytes(&value).to_vec(),
        Err(_) => to_bytes(&i64::try_from(value).expect("an integer of 64 bits")).to_vec(),
    }
}

pub fn integer(bytes: &[u8]) -> Option<i128> {
    let unsigned = u64::decode(&mut Decoder::new(bytes)).map(i128::from);
    unsigned
        .or_else(|_| i64::decode(&mut Decoder::new(bytes)).map(i128::from))
        .ok()
}

pub fn bounds(range: &Range, value: Number) -> bool {
    let compare = |a: Number, b: Number| match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        (Number::Int(a), Number::Float(b)) => (a as f64).partial_cmp(&b),
        (Number::Float(a), Number::Int(b)) => a.partial_cmp(&(b as f64)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
    };
    range
        .min
        .is_none_or(|min| compare(value, min).is_some_and(|it| it.is_ge()))
        && range.max.is_none_or(|max| {
            compare(value, max).is_some_and(|it| it.is_lt() || range.max_included && it.is_eq())
        })
}

/// A type with arguments in the place of parameters.
pub fn replaced(ty: &Type, params: &[String], args: &[Type]) -> Type {
    let inner = |ty: &Type| replaced(ty, params, args);
    let all = |types: &[Type]| types.iter().map(inner).collect();
    match ty {
        Type::Scalar(_) => ty.clone(),
        Type::List(ty) => Type::List(Box::new(inner(ty))),
        Type::Map(key, value) => Type::Map(Box::new(inner(key)), Box::new(inner(value))),
        Type::Tuple(types) => Type::Tuple(all(types)),
        Type::Optional(ty) => Type::Optional(Box::new(inner(ty))),
        Type::Union(types) => Type::Union(all(types)),
        Type::Named { name, args } => Type::Named {
            name: name.clone(),
            args: all(args),
        },
        Type::Param(name) => match params.iter().position(|it| it == name) {
            Some(at) => args[at].clone(),
            None => ty.clone(),
        },
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
