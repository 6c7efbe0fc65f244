//! How a default stands in a canonical form: by what is on the wire, however it was written.

use super::forms::Forms;
use super::text::{hex, quoted};
use crate::schema::{
    EnumRepr, ErrorRecord, ExtBody, ItemKind, ItemName, Member, Record, Scalar, Type, Value,
};
use crate::wire::{self, text};

impl Forms<'_> {
    /// The text of a value that stands where `ty` is expected.
    pub(super) fn value(&self, value: &Value, ty: &Type) -> String {
        let ty = self.bare(ty);
        if matches!(ty, Type::Scalar(Scalar::Any)) {
            // Of no declared type: what is on the wire, whatever it was written as.
            let bytes = wire::Items::new(self.schema).payload(value, ty);
            return format!("x{}", hex(&bytes.unwrap_or_default()));
        }
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(it) => it.to_string(),
            Value::Int(it) => match ty {
                // The nearest float, as it is written.
                Type::Scalar(Scalar::F32) => float(f64::from(*it as f32)),
                Type::Scalar(Scalar::F64) => float(*it as f64),
                // From a constant of another type.
                Type::Scalar(Scalar::Decimal) => quoted(&it.to_string()),
                _ => it.to_string(),
            },
            Value::Float(it) => match ty {
                Type::Scalar(Scalar::F32) => float(f64::from(*it as f32)),
                _ => float(*it),
            },
            Value::Str(it) => match ty {
                Type::Scalar(Scalar::Timestamp) => format!("{}ns", text::timestamp(it)),
                Type::Scalar(Scalar::Time) => quoted(&text::time(it)),
                Type::Scalar(Scalar::Uuid) => quoted(&it.to_ascii_lowercase()),
                Type::Scalar(Scalar::Decimal) => quoted(&text::decimal(it)),
                _ => quoted(it),
            },
            Value::Bytes(bytes) => format!("b{}", hex(bytes)),
            Value::Duration(it) => format!("{it}ns"),
            Value::Member { of, member } => self.member(of, member),
            Value::Const(name) => match self.constant(name) {
                Some(value) => self.value(value, ty),
                None => String::new(),
            },
            Value::List(values) => {
                let texts: Vec<String> = match ty {
                    Type::List(of) => values.iter().map(|value| self.value(value, of)).collect(),
                    Type::Tuple(types) => values
                        .iter()
                        .zip(types)
                        .map(|(value, of)| self.value(value, of))
                        .collect(),
                    _ => Vec::new(),
                };
                format!("[{}]", texts.join(","))
            }
            Value::Map(entries) => {
                let Type::Map(key_type, value_type) = ty else {
                    return String::new();
                };
                let mut texts: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| {
                        format!(
                            "{}:{}",
                            self.value(key, key_type),
                            self.value(value, value_type)
                        )
                    })
                    .collect();
                texts.sort_unstable();
                format!("{{{}}}", texts.join(","))
            }
            Value::Record(written) => {
                let (params, args) = self.arguments_of(ty);
                // Both are in declaration order.
                let mut fields = self.record_of(ty).into_iter().flat_map(|it| &it.fields);
                let texts: Vec<String> = written
                    .iter()
                    .filter_map(|(name, value)| {
                        let field = fields.find(|field| field.name == *name)?;
                        Some(format!(
                            "{}:{}",
                            quoted(&field.wire),
                            self.value(value, &field.ty.filled(params, args)?)
                        ))
                    })
                    .collect();
                format!("({})", texts.join(","))
            }
            Value::Variant { member, value } => self
                .union_member(ty, *member)
                .map(|member| format!("{}{}", self.mark(member), self.value(value, member)))
                .unwrap_or_default(),
            // Where anything is expected, above.
            Value::Typed { .. } => String::new(),
        }
    }

    /// The type behind aliases, newtypes, `?` and extension types of other types.
    fn bare<'t>(&'t self, ty: &'t Type) -> &'t Type {
        let mut ty = ty;
        // Newtypes may lead back to themselves, but then no literal fits.
        for _ in 0..=self.items.len() {
            ty = match ty {
                Type::Optional(inner) => inner,
                Type::Named { name, .. } => match self.kind(name) {
                    Some(ItemKind::Alias(target)) => target,
                    Some(ItemKind::Newtype(it)) => &it.ty,
                    Some(ItemKind::Ext(it)) => match &it.body {
                        ExtBody::Type(inner) => inner,
                        ExtBody::Record(_) => return ty,
                    },
                    _ => return ty,
                },
                _ => return ty,
            };
        }
        ty
    }

    fn record_of(&self, ty: &Type) -> Option<&Record> {
        let Type::Named { name, .. } = ty else {
            return None;
        };
        match self.kind(name)? {
            ItemKind::Struct(record) | ItemKind::Message(record) => Some(record),
            ItemKind::Error(ErrorRecord { record, .. }) => Some(record),
            ItemKind::Ext(ext) => match &ext.body {
                ExtBody::Record(record) => Some(record),
                ExtBody::Type(_) => None,
            },
            _ => None,
        }
    }

    fn union_member<'t>(&'t self, ty: &'t Type, member: usize) -> Option<&'t Type> {
        match ty {
            Type::Union(members) => members.get(member),
            Type::Named { name, .. } => match self.kind(name)? {
                ItemKind::Union(it) => it.members.get(member),
                _ => None,
            },
            _ => None,
        }
    }

    /// What tells members of a union apart beyond the forms of their values: the tag of a message, the code of an
    /// extension type.
    fn mark(&self, member: &Type) -> String {
        let mut ty = member;
        for _ in 0..=self.items.len() {
            let Type::Named { name, .. } = ty else { break };
            match self.kind(name) {
                Some(ItemKind::Alias(target)) => ty = target,
                Some(ItemKind::Newtype(it)) => ty = &it.ty,
                Some(ItemKind::Message(Record { tag: Some(tag), .. })) => {
                    return format!("{}:", quoted(&tag.value));
                }
                Some(ItemKind::Ext(ext)) => return format!("{}:", ext.code),
                _ => break,
            }
        }
        String::new()
    }

    /// Parameters and arguments of a generic type.
    fn arguments_of<'t>(&'t self, ty: &'t Type) -> (&'t [String], &'t [Type]) {
        match ty {
            Type::Named { name, args } if !args.is_empty() => (self.params(name), args),
            _ => (&[], &[]),
        }
    }

    fn member(&self, of: &ItemName, member: &str) -> String {
        let found = self.find(of).and_then(|at| self.members.get(&(at, member)));
        found.map(|member| member_text(member)).unwrap_or_default()
    }

    /// The value at the end of a chain of constants; there are no circles in a checked schema.
    fn constant(&self, name: &ItemName) -> Option<&Value> {
        let mut name = name;
        for _ in 0..=self.items.len() {
            let ItemKind::Const(it) = self.kind(name)? else {
                return None;
            };
            match &it.value {
                Value::Const(next) => name = next,
                value => return Some(value),
            }
        }
        None
    }
}

/// The value of a member of an enum.
pub(super) fn member_text(member: &Member) -> String {
    match &member.wire {
        Value::Str(text) => quoted(text),
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

/// How the members of an enum are written.
pub(super) fn repr_text(repr: EnumRepr) -> &'static str {
    match repr {
        EnumRepr::Text => "str",
        EnumRepr::Int(scalar) => crate::scalars::scalar_name(scalar),
    }
}

fn float(value: f64) -> String {
    format!("f{:016x}", value.to_bits())
}
