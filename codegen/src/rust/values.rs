//! Literals of the schema as Rust expressions. The checker has seen that each fits its type.

use super::literal;
use super::place::Place;
use crate::names;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use scipp_idl::schema::{
    Const, ExtBody, Field, Item, ItemKind, ItemName, Presence, Record, Scalar, Type, Value,
};

/// What cannot be written as a Rust expression yet, for a diagnostic: "constants of this type are".
pub(crate) type Unsupported = &'static str;

const ODD_VALUE: Unsupported = "values of this type are";
const ODD_CONSTANT: Unsupported = "constants of this type are";

impl Place<'_> {
    /// `value` as an expression of the type `ty`.
    pub(crate) fn value(
        &self,
        value: &Value,
        ty: &Type,
        owner: Option<&ItemName>,
    ) -> Result<TokenStream, Unsupported> {
        let plain = self.plan.facts.unaliased(ty);
        if let Value::Const(name) = value {
            return self.constant(name, plain, owner);
        }
        match plain {
            Type::Scalar(scalar) => self.scalar_value(value, *scalar),
            Type::List(item) => {
                let Value::List(values) = value else {
                    return Err(ODD_VALUE);
                };
                let values = self.values(values.iter().map(|value| (value, &**item)))?;
                let vec = self.std("Vec");
                Ok(if values.is_empty() {
                    quote!(#vec::new())
                } else {
                    quote!(vec![#(#values),*])
                })
            }
            Type::Map(key, of) => {
                let Value::Map(entries) = value else {
                    return Err(ODD_VALUE);
                };
                let keys = self.values(entries.iter().map(|(value, _)| (value, &**key)))?;
                let values = self.values(entries.iter().map(|(_, value)| (value, &**of)))?;
                Ok(if keys.is_empty() {
                    quote!(scipp::Map::new())
                } else {
                    quote!(scipp::Map::from([#((#keys, #values)),*]))
                })
            }
            Type::Tuple(types) => {
                let Value::List(values) = value else {
                    return Err(ODD_VALUE);
                };
                let values = self.values(values.iter().zip(types))?;
                Ok(quote!((#(#values,)*)))
            }
            Type::Optional(inner) => {
                if *value == Value::Nil {
                    let none = self.std("None");
                    return Ok(quote!(#none));
                }
                let some = self.std("Some");
                let boxed = self.plan.facts.boxed_optional(owner, inner);
                let inner = self.value(value, inner, owner)?;
                let inner = if boxed { self.new_box(&inner) } else { inner };
                Ok(quote!(#some(#inner)))
            }
            Type::Named { name, .. } => self.named_value(value, name),
            // The language has no literals for unions.
            Type::Union(_) | Type::Param(_) => Err(ODD_VALUE),
        }
    }

    fn values<'v>(
        &self,
        values: impl Iterator<Item = (&'v Value, &'v Type)>,
    ) -> Result<Vec<TokenStream>, Unsupported> {
        values
            .map(|(value, ty)| self.value(value, ty, None))
            .collect()
    }

    fn new_box(&self, value: &TokenStream) -> TokenStream {
        let boxed = self.std("Box");
        quote!(#boxed::new(#value))
    }

    fn scalar_value(&self, value: &Value, scalar: Scalar) -> Result<TokenStream, Unsupported> {
        Ok(match (value, scalar) {
            (Value::Nil, Scalar::Nil) => quote!(()),
            (Value::Nil, Scalar::Any) => quote!(scipp::Any::nil()),
            (Value::Bool(value), _) => quote!(#value),
            (Value::Int(value), Scalar::F32 | Scalar::F64) =>
            {
                #[allow(
                    clippy::cast_precision_loss,
                    reason = "a float type takes the nearest value of a whole number"
                )]
                float(*value as f64, scalar)
            }
            (Value::Int(value), _) => literal::int(*value),
            (Value::Float(value), _) => float(*value, scalar),
            (Value::Str(text), Scalar::Str) => {
                let string = self.std("String");
                if text.is_empty() {
                    quote!(#string::new())
                } else {
                    quote!(#string::from(#text))
                }
            }
            (Value::Bytes(bytes), _) if bytes.is_empty() => quote!(scipp::Bytes::new()),
            (Value::Bytes(bytes), _) => {
                let bytes = Literal::byte_string(bytes);
                quote!(scipp::Bytes::from_static(#bytes))
            }
            (Value::Duration(nanoseconds), _) => {
                literal::duration(*nanoseconds).ok_or(ODD_VALUE)?
            }
            (Value::Str(text), scalar) => literal::text(text, scalar).ok_or(ODD_VALUE)?,
            _ => return Err(ODD_VALUE),
        })
    }

    fn named_value(&self, value: &Value, name: &ItemName) -> Result<TokenStream, Unsupported> {
        let path = self.item(name);
        match (self.plan.facts.item(name).map(|item| &item.kind), value) {
            (Some(ItemKind::Enum(_)), Value::Member { member, .. }) => {
                let member = super::names_of(member);
                Ok(quote!(#path::#member))
            }
            (Some(ItemKind::Newtype(newtype)), value) => {
                let inner = self.value(value, &newtype.ty, Some(name))?;
                Ok(quote!(#path(#inner)))
            }
            (Some(ItemKind::Struct(record) | ItemKind::Message(record)), Value::Record(values)) => {
                self.record_value(&path, name, record, values)
            }
            (Some(ItemKind::Error(error)), Value::Record(values)) => {
                self.record_value(&path, name, &error.record, values)
            }
            (Some(ItemKind::Ext(ext)), value) => match (&ext.body, value) {
                (ExtBody::Record(record), Value::Record(values)) => {
                    self.record_value(&path, name, record, values)
                }
                (ExtBody::Record(_), _) => Err(ODD_VALUE),
                (ExtBody::Type(ty), value) => {
                    let inner = self.value(value, ty, Some(name))?;
                    Ok(quote!(#path(#inner)))
                }
            },
            _ => Err(ODD_VALUE),
        }
    }

    fn record_value(
        &self,
        path: &TokenStream,
        name: &ItemName,
        record: &Record,
        values: &[(String, Value)],
    ) -> Result<TokenStream, Unsupported> {
        let fields = record.fields.iter().map(|field| {
            let ident = names::rust_ident(&names::snake(&field.name));
            let owner = Some(name);
            let given = values.iter().find(|(key, _)| *key == field.name);
            let value = match (given, &field.presence) {
                (Some((_, value)), Presence::Omittable) => {
                    let optional = matches!(field.ty, Type::Optional(_));
                    let boxed = !optional && self.plan.facts.boxed_optional(owner, &field.ty);
                    let value = self.value(value, &field.ty, owner)?;
                    let value = if boxed { self.new_box(&value) } else { value };
                    quote!(scipp::Presence::Present(#value))
                }
                (Some((_, value)), _) => self.value(value, &field.ty, owner)?,
                (None, _) => self.left_out(field, owner)?,
            };
            Ok(quote!(#ident: #value))
        });
        let fields = fields.collect::<Result<Vec<_>, Unsupported>>()?;
        Ok(quote!(#path { #(#fields),* }))
    }

    /// What a field has where it is left out; only for fields that may be.
    pub(crate) fn left_out(
        &self,
        field: &Field,
        owner: Option<&ItemName>,
    ) -> Result<TokenStream, Unsupported> {
        match &field.presence {
            Presence::Default(value) => self.value(value, &field.ty, owner),
            Presence::Omittable => Ok(quote!(scipp::Presence::Absent)),
            Presence::Required => {
                let none = self.std("None");
                Ok(quote!(#none))
            }
        }
    }

    /// A constant by its name where the types agree, else its value.
    fn constant(
        &self,
        name: &ItemName,
        ty: &Type,
        owner: Option<&ItemName>,
    ) -> Result<TokenStream, Unsupported> {
        let Some(Item {
            kind: ItemKind::Const(Const { ty: own, value }),
            ..
        }) = self.plan.facts.item(name)
        else {
            return Err(ODD_VALUE);
        };
        let path = self.item(name);
        if self.plan.facts.unaliased(own) != ty {
            return self.value(value, ty, owner);
        }
        match ty {
            Type::Scalar(Scalar::Str) => {
                let string = self.std("String");
                Ok(quote!(#string::from(#path)))
            }
            Type::Scalar(Scalar::Bytes) => Ok(quote!(scipp::Bytes::from_static(#path))),
            Type::Scalar(Scalar::Ref) => Ok(path),
            ty if self.plan.facts.traits(ty).copy => Ok(path),
            _ => self.value(value, ty, owner),
        }
    }

    /// Type and value of a constant: a scalar or a member of an enum. Text and bytes are borrowed.
    pub(crate) fn constant_item(
        &self,
        ty: &Type,
        value: &Value,
    ) -> Result<(TokenStream, TokenStream), Unsupported> {
        if let Value::Const(name) = value {
            let Some(Item {
                kind: ItemKind::Const(other),
                ..
            }) = self.plan.facts.item(name)
            else {
                return Err(ODD_CONSTANT);
            };
            let same = self.plan.facts.unaliased(&other.ty) == self.plan.facts.unaliased(ty);
            let (spelled, literal) = self.constant_item(ty, &other.value)?;
            return Ok((spelled, if same { self.item(name) } else { literal }));
        }
        match (self.plan.facts.unaliased(ty), value) {
            (Type::Scalar(Scalar::Str), Value::Str(text)) => Ok((quote!(&str), quote!(#text))),
            (Type::Scalar(Scalar::Bytes), Value::Bytes(bytes)) => {
                let bytes = Literal::byte_string(bytes);
                Ok((quote!(&[u8]), quote!(#bytes)))
            }
            (plain @ Type::Scalar(Scalar::Ref), value) => {
                let value = self.value(value, plain, None).map_err(|_| ODD_CONSTANT)?;
                Ok((self.plain_ty(ty), value))
            }
            (plain, value) if self.plan.facts.traits(plain).copy => {
                let value = self.value(value, ty, None).map_err(|_| ODD_CONSTANT)?;
                Ok((self.plain_ty(ty), value))
            }
            _ => Err(ODD_CONSTANT),
        }
    }

    /// Whether leaving the field out gives what `Default` gives for its type.
    pub(crate) fn left_out_is_default(&self, field: &Field) -> bool {
        match &field.presence {
            Presence::Omittable | Presence::Required => true,
            Presence::Default(value) => match (value, self.plan.facts.unaliased(&field.ty)) {
                (Value::Nil | Value::Bool(false) | Value::Int(0), _) => {
                    !matches!(field.ty, Type::Named { .. })
                }
                (Value::Float(value), _) => value.to_bits() == 0,
                (Value::Str(text), Type::Scalar(Scalar::Str)) => text.is_empty(),
                (Value::Bytes(bytes), _) => bytes.is_empty(),
                (Value::List(values), Type::List(_)) => values.is_empty(),
                (Value::Map(entries), _) => entries.is_empty(),
                (Value::Duration(nanoseconds), _) => *nanoseconds == 0,
                _ => false,
            },
        }
    }
}

fn float(value: f64, scalar: Scalar) -> TokenStream {
    literal::float(value, scalar == Scalar::F32)
}
