//! Literals of the schema as Rust expressions. The checker has seen that each fits its type.

use super::literal;
use super::plan::{Place, variant_names};
use super::types::Slot;
use crate::names;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{
    Const, Field, Item, ItemKind, ItemName, Presence, Record, Scalar, Type, Value,
};

/// What cannot be written as a Rust expression yet, for a diagnostic: "constants of this type are".
pub(crate) type Unsupported = &'static str;

const ODD_VALUE: Unsupported = "values of this type are";

impl Place<'_> {
    /// `value` as an expression of the type `ty`.
    pub(crate) fn value(
        &self,
        value: &Value,
        ty: &Type,
        slot: &Slot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        let plain = self.plan.facts.unaliased(ty);
        if let Value::Const(name) = value {
            return self.constant(name, plain, slot);
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
                let boxed = self.plan.facts.boxed_optional(slot.owner, inner);
                let inner = self.value(value, inner, slot)?;
                let inner = if boxed { self.new_box(&inner) } else { inner };
                Ok(quote!(#some(#inner)))
            }
            Type::Union(members) => {
                let name = format_ident!("{}", slot.hint);
                self.member_value(value, members, &quote!(#name), slot.owner)
            }
            Type::Named { name, .. } => self.named_value(value, name),
            Type::Param(_) => Err(ODD_VALUE),
        }
    }

    fn values<'v>(
        &self,
        values: impl Iterator<Item = (&'v Value, &'v Type)>,
    ) -> Result<Vec<TokenStream>, Unsupported> {
        // Unions without a name that are not the whole type of a field have a name that only the type knows.
        let inner = |ty: &Type| matches!(self.plan.facts.unaliased(ty), Type::Union(_));
        values
            .map(|(value, ty)| {
                if inner(ty) {
                    Err(ODD_VALUE)
                } else {
                    self.value(
                        value,
                        ty,
                        &Slot {
                            owner: None,
                            hint: "",
                        },
                    )
                }
            })
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
                let hint = format!("{}Value", names::upper_camel(&name.name));
                let inner = self.value(
                    value,
                    &newtype.ty,
                    &Slot {
                        owner: Some(name),
                        hint: &hint,
                    },
                )?;
                Ok(quote!(#path(#inner)))
            }
            (Some(ItemKind::Struct(record) | ItemKind::Message(record)), Value::Record(values)) => {
                self.record_value(&path, name, record, values)
            }
            (Some(ItemKind::Union(union)), value) => {
                self.member_value(value, &union.members, &path, Some(name))
            }
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
            let owner = names::upper_camel(&name.name);
            let hint = super::plan::field_hint(&owner, &field.name);
            let slot = Slot {
                owner: Some(name),
                hint: &hint,
            };
            let given = values.iter().find(|(key, _)| *key == field.name);
            let value = match (given, &field.presence) {
                (Some((_, value)), Presence::Omittable) => {
                    let value = self.value(value, &field.ty, &slot)?;
                    quote!(scipp::Presence::Present(#value))
                }
                (Some((_, value)), _) => self.value(value, &field.ty, &slot)?,
                (None, _) => self.left_out(field, &slot)?,
            };
            Ok(quote!(#ident: #value))
        });
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        Ok(quote!(#path { #(#fields),* }))
    }

    /// What a field has where it is left out; only for fields that may be.
    pub(crate) fn left_out(
        &self,
        field: &Field,
        slot: &Slot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        match &field.presence {
            Presence::Default(value) => self.value(value, &field.ty, slot),
            Presence::Omittable => Ok(quote!(scipp::Presence::Absent)),
            Presence::Required => {
                let none = self.std("None");
                Ok(quote!(#none))
            }
        }
    }

    /// The first member of a union that the value fits; the checker has seen that there is one.
    fn member_value(
        &self,
        value: &Value,
        members: &[Type],
        path: &TokenStream,
        owner: Option<&ItemName>,
    ) -> Result<TokenStream, Unsupported> {
        let fits = |ty: &Type| match (value, self.plan.facts.unaliased(ty)) {
            (Value::Nil, Type::Scalar(scalar)) => *scalar == Scalar::Nil,
            (Value::Bool(_), Type::Scalar(scalar)) => *scalar == Scalar::Bool,
            (Value::Int(_), Type::Scalar(scalar)) => is_int(*scalar),
            (Value::Float(_), Type::Scalar(scalar)) => matches!(scalar, Scalar::F32 | Scalar::F64),
            (Value::Str(_), Type::Scalar(scalar)) => *scalar == Scalar::Str,
            (Value::Bytes(_), Type::Scalar(scalar)) => *scalar == Scalar::Bytes,
            (Value::Duration(_), Type::Scalar(scalar)) => *scalar == Scalar::Duration,
            (Value::Member { of, .. }, Type::Named { name, .. }) => of == name,
            _ => false,
        };
        let variants = variant_names(members);
        let (variant, ty) = variants
            .iter()
            .zip(members)
            .find(|(_, ty)| fits(ty))
            .ok_or(ODD_VALUE)?;
        let variant = names::rust_ident(variant);
        let inner = self.value(value, ty, &Slot { owner, hint: "" })?;
        Ok(quote!(#path::#variant(#inner)))
    }

    /// A constant by its name where the types agree, else its value.
    fn constant(
        &self,
        name: &ItemName,
        ty: &Type,
        slot: &Slot<'_>,
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
            return self.value(value, ty, slot);
        }
        match ty {
            Type::Scalar(Scalar::Str) => {
                let string = self.std("String");
                Ok(quote!(#string::from(#path)))
            }
            Type::Scalar(Scalar::Bytes) => Ok(quote!(scipp::Bytes::from_static(#path))),
            ty if self.plan.facts.traits(ty).copy => Ok(path),
            _ => self.value(value, ty, slot),
        }
    }

    /// Type and value of a constant.
    pub(crate) fn constant_item(
        &self,
        ty: &Type,
        value: &Value,
    ) -> Result<(TokenStream, TokenStream), Unsupported> {
        const UNSUPPORTED: Unsupported = "constants of this type are";
        let plain = self.plan.facts.unaliased(ty);
        if let Value::Const(name) = value {
            return match self.plan.facts.item(name) {
                Some(Item {
                    kind: ItemKind::Const(Const { ty: own, .. }),
                    ..
                }) if self.plan.facts.unaliased(own) == plain => {
                    let path = self.item(name);
                    Ok((self.constant_ty(ty).ok_or(UNSUPPORTED)?, quote!(#path)))
                }
                Some(Item {
                    kind: ItemKind::Const(Const { value, .. }),
                    ..
                }) => self.constant_item(ty, value),
                _ => Err(UNSUPPORTED),
            };
        }
        let spelled = self.constant_ty(ty).ok_or(UNSUPPORTED)?;
        let value = match (plain, value) {
            (Type::Scalar(Scalar::Str), Value::Str(text)) => quote!(#text),
            (Type::Scalar(Scalar::Bytes), Value::Bytes(bytes)) => {
                let bytes = Literal::byte_string(bytes);
                quote!(#bytes)
            }
            (Type::List(item), Value::List(values)) => {
                let values = values
                    .iter()
                    .map(|value| self.constant_item(item, value).map(|(_, value)| value));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                quote!(&[#(#values),*])
            }
            (Type::Tuple(types), Value::List(values)) => {
                let values = types
                    .iter()
                    .zip(values)
                    .map(|(ty, value)| self.constant_item(ty, value).map(|(_, value)| value));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                quote!((#(#values,)*))
            }
            _ => self
                .value(
                    value,
                    ty,
                    &Slot {
                        owner: None,
                        hint: "",
                    },
                )
                .map_err(|_| UNSUPPORTED)?,
        };
        Ok((spelled, value))
    }

    /// The type of a constant: borrowed where values would be on the heap.
    fn constant_ty(&self, ty: &Type) -> Option<TokenStream> {
        match self.plan.facts.unaliased(ty) {
            Type::Scalar(Scalar::Str) => Some(quote!(&str)),
            Type::Scalar(Scalar::Bytes) => Some(quote!(&[u8])),
            Type::Scalar(Scalar::Any | Scalar::Ref) => None,
            Type::Scalar(_) => Some(self.plain_ty(ty)),
            Type::List(item) => {
                let item = self.constant_ty(item)?;
                Some(quote!(&[#item]))
            }
            Type::Tuple(types) => {
                let types = types
                    .iter()
                    .map(|ty| self.constant_ty(ty))
                    .collect::<Option<Vec<_>>>()?;
                Some(quote!((#(#types,)*)))
            }
            plain @ Type::Named { .. } => self
                .plan
                .facts
                .traits(plain)
                .copy
                .then(|| self.plain_ty(ty)),
            Type::Map(..) | Type::Optional(_) | Type::Union(_) | Type::Param(_) => None,
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

fn is_int(scalar: Scalar) -> bool {
    use Scalar::{I8, I16, I32, I64, U8, U16, U32, U64};
    matches!(scalar, I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
}
