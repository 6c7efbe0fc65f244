//! Literals of the schema as Rust expressions. The checker has seen that each fits its type.

use super::inline::{field_hint, numbered, variant_names};
use super::literal;
use super::place::Place;
use super::plan::item_ident;
use super::spot::{Env, Inside, Spot};
use crate::names;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{
    Const, ExtBody, Field, Item, ItemKind, ItemName, Presence, Record, Scalar, Type, Value,
};

/// What cannot be written as a Rust expression yet, for a diagnostic: "constants of this type are".
pub(crate) type Unsupported = &'static str;

const ODD_VALUE: Unsupported = "values of this type are";
const ODD_CONSTANT: Unsupported = "constants of this type are";
const NOT_HERE: Unsupported = "values of a package that is not generated here are";

impl Place<'_> {
    /// `value` as an expression of the type of a spot.
    pub(crate) fn value(&self, value: &Value, spot: &Spot<'_>) -> Result<TokenStream, Unsupported> {
        match (value, spot.ty) {
            (_, Type::Param(name)) => {
                let (argument, boxed) = spot.env.and_then(|env| env.get(name)).ok_or(ODD_VALUE)?;
                let value = self.value(value, argument)?;
                Ok(if boxed { self.new_box(&value) } else { value })
            }
            (Value::Const(name), ty) => self.constant(name, ty, spot),
            (_, Type::Named { name, args }) => self.named_value(value, name, args, spot),
            (_, Type::Scalar(Scalar::Any)) => self.any_value(value),
            (_, Type::Scalar(scalar)) => self.scalar_value(value, *scalar),
            (Value::List(values), Type::List(item)) => {
                let item = spot.on_heap(item, 0);
                let values = values.iter().map(|value| self.value(value, &item));
                Ok(self.list(values.collect::<Result<Vec<_>, Unsupported>>()?))
            }
            (Value::Map(entries), Type::Map(key, of)) => {
                let (key, of) = (spot.on_heap(key, 0), spot.on_heap(of, Spot::unions_in(key)));
                let pairs = entries.iter().map(|(name, value)| {
                    let (name, value) = (self.value(name, &key)?, self.value(value, &of)?);
                    Ok(quote!((#name, #value)))
                });
                Ok(map(pairs.collect::<Result<Vec<_>, Unsupported>>()?))
            }
            (Value::List(values), Type::Tuple(types)) => {
                let mut unions = 0;
                let values = values.iter().zip(types).map(|(value, ty)| {
                    let spot = spot.part(ty, unions);
                    unions += Spot::unions_in(ty);
                    self.value(value, &spot)
                });
                let values = values.collect::<Result<Vec<_>, Unsupported>>()?;
                Ok(match values.as_slice() {
                    [one] => quote!((#one,)),
                    values => quote!((#(#values),*)),
                })
            }
            (Value::Nil, Type::Optional(_)) => Ok(self.std("None")),
            (_, Type::Optional(inner)) => {
                let some = self.std("Some");
                let boxed = !spot.on_heap && self.plan.facts.boxed_optional(spot.owner, inner);
                let mut inside = spot.part(inner, 0);
                inside.on_heap |= boxed;
                let inner = self.value(value, &inside)?;
                let inner = if boxed { self.new_box(&inner) } else { inner };
                Ok(quote!(#some(#inner)))
            }
            (Value::Variant { member, value }, Type::Union(members)) => {
                let name = numbered(&spot.hint, &mut { spot.unions });
                let ident = format_ident!("{name}");
                let path = match spot.inside {
                    Inside::Interface => quote!(#ident),
                    Inside::Package(package) => self.beside(package, &ident)?,
                };
                self.variant(&path, &name, members, *member, value, spot)
            }
            _ => Err(ODD_VALUE),
        }
    }

    /// Something of the module of a package.
    fn beside(
        &self,
        package: &str,
        ident: &proc_macro2::Ident,
    ) -> Result<TokenStream, Unsupported> {
        if package == self.planned.package.name {
            return Ok(self.local(ident));
        }
        if !self.plan.packages.contains_key(package) {
            return Err(NOT_HERE);
        }
        let module = self.module(package);
        Ok(quote!(#module::#ident))
    }

    /// `Tick::Quote(...)`.
    fn variant(
        &self,
        path: &TokenStream,
        union: &str,
        members: &[Type],
        member: usize,
        value: &Value,
        spot: &Spot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        let names = variant_names(members);
        let (ty, name) = members
            .get(member)
            .zip(names.get(member))
            .ok_or(ODD_VALUE)?;
        let union = union.trim_start_matches("r#");
        let inside = Spot {
            ty,
            hint: format!("{union}{name}").into(),
            unions: 0,
            on_heap: false,
            ..spot.clone()
        };
        let boxed = self.plan.facts.boxed_member(spot.owner, ty);
        let value = self.value(value, &inside)?;
        let value = if boxed { self.new_box(&value) } else { value };
        let variant = names::rust_ident(name);
        Ok(quote!(#path::#variant(#value)))
    }

    fn list(&self, values: Vec<TokenStream>) -> TokenStream {
        /// What the printer leaves on one line inside of a macro, which it does not look into.
        const MACRO_LINE_MAX: usize = 64;
        let vec = self.std("Vec");
        let list = quote!([#(#values),*]);
        let text = list.to_string();
        if values.is_empty() {
            quote!(#vec::new())
        } else if text.contains('{') || text.len() > MACRO_LINE_MAX {
            quote!(#vec::from(#list))
        } else {
            quote!(vec!#list)
        }
    }

    fn new_box(&self, value: &TokenStream) -> TokenStream {
        let boxed = self.std("Box");
        quote!(#boxed::new(#value))
    }

    /// A value of no declared type: written by the type that it has by itself.
    fn any_value(&self, value: &Value) -> Result<TokenStream, Unsupported> {
        let written = match value {
            Value::Nil => return Ok(quote!(scipp::Any::nil())),
            Value::Bool(value) => quote!(#value),
            Value::Int(value) => {
                let number = literal::int(*value);
                let ty = if *value < 0 { quote!(i64) } else { quote!(u64) };
                return Ok(quote!(scipp::Any::encode::<#ty>(&#number)));
            }
            Value::Float(value) => {
                let number = float(*value, Scalar::F64);
                return Ok(quote!(scipp::Any::encode::<f64>(&#number)));
            }
            Value::Str(_) => self.scalar_value(value, Scalar::Str)?,
            Value::Bytes(_) => self.scalar_value(value, Scalar::Bytes)?,
            Value::List(values) => {
                let values = values.iter().map(|value| self.any_value(value));
                let values = values.collect::<Result<Vec<_>, Unsupported>>()?;
                let (list, vec) = (self.list(values), self.std("Vec"));
                return Ok(quote!(scipp::Any::encode::<#vec<scipp::Any>>(&#list)));
            }
            Value::Map(entries) => {
                let pairs = entries.iter().map(|(key, value)| {
                    let (key, value) = (self.any_value(key)?, self.any_value(value)?);
                    Ok(quote!((#key, #value)))
                });
                let map = map(pairs.collect::<Result<Vec<_>, Unsupported>>()?);
                return Ok(quote!(scipp::Any::encode::<scipp::Map<scipp::Any, scipp::Any>>(&#map)));
            }
            Value::Typed { ty, value } => {
                let written = self.value(value, &Spot::alone(ty, &self.planned.package.name))?;
                let ty = self.plain_ty(ty);
                return Ok(quote!(scipp::Any::encode::<#ty>(&#written)));
            }
            _ => return Err(ODD_VALUE),
        };
        Ok(quote!(scipp::Any::encode(&#written)))
    }

    fn scalar_value(&self, value: &Value, scalar: Scalar) -> Result<TokenStream, Unsupported> {
        Ok(match (value, scalar) {
            (Value::Nil, Scalar::Nil) => quote!(()),
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

    fn named_value(
        &self,
        value: &Value,
        name: &ItemName,
        args: &[Type],
        spot: &Spot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        let item = self.plan.facts.item(name).ok_or(ODD_VALUE)?;
        if !self.plan.packages.contains_key(name.package.as_str()) {
            return Err(NOT_HERE);
        }
        let path = self.item(name);
        let ident = item_ident(item).to_string();
        let ident = ident.trim_start_matches("r#");
        let within = |ty, role: &str| Spot::within(ty, name, format!("{ident}{role}"));
        match (&item.kind, value) {
            (ItemKind::Enum(_), Value::Member { member, .. }) => {
                let member = super::names_of(member);
                Ok(quote!(#path::#member))
            }
            (ItemKind::Alias(ty @ Type::Union(members)), Value::Variant { member, value }) => {
                self.variant(&path, ident, members, *member, value, &within(ty, ""))
            }
            (ItemKind::Union(it), Value::Variant { member, value }) => {
                let spot = within(spot.ty, "");
                self.variant(&path, ident, &it.members, *member, value, &spot)
            }
            (ItemKind::Alias(ty), value) => self.value(value, &within(ty, "Item")),
            (ItemKind::Newtype(newtype), value) => {
                let inner = self.value(value, &within(&newtype.ty, "Value"))?;
                Ok(quote!(#path(#inner)))
            }
            (ItemKind::Struct(record) | ItemKind::Message(record), Value::Record(values)) => {
                let env = self.env(item, spot, args);
                self.record_value(&path, name, ident, record, values, Some(&env))
            }
            (ItemKind::Error(error), Value::Record(values)) => {
                self.record_value(&path, name, ident, &error.record, values, None)
            }
            (ItemKind::Ext(ext), value) => match (&ext.body, value) {
                (ExtBody::Record(record), Value::Record(values)) => {
                    self.record_value(&path, name, ident, record, values, None)
                }
                (ExtBody::Record(_), _) => Err(ODD_VALUE),
                (ExtBody::Type(ty), value) => {
                    let inner = self.value(value, &within(ty, "Value"))?;
                    Ok(quote!(#path(#inner)))
                }
            },
            _ => Err(ODD_VALUE),
        }
    }

    /// What the parameters of a generic item stand for in a spot.
    fn env<'s>(&self, item: &'s Item, spot: &Spot<'s>, args: &'s [Type]) -> Env<'s> {
        let uses = self.plan.facts.param_uses(spot.ty);
        let mut unions = 0;
        let filled = args.iter().zip(uses).map(|(arg, its)| {
            let (boxed, on_heap) = self.argument(spot.owner, arg, its.held, spot.on_heap);
            let mut inside = spot.part(arg, unions);
            unions += Spot::unions_in(arg);
            inside.on_heap = on_heap;
            (inside, boxed)
        });
        Env {
            params: &item.params,
            filled: filled.collect(),
        }
    }

    fn record_value(
        &self,
        path: &TokenStream,
        name: &ItemName,
        ident: &str,
        record: &Record,
        values: &[(String, Value)],
        env: Option<&Env<'_>>,
    ) -> Result<TokenStream, Unsupported> {
        let fields = record.fields.iter().map(|field| {
            let spot = Spot {
                env,
                ..Spot::within(&field.ty, name, field_hint(ident, &field.name))
            };
            self.field_value(field, values, &spot)
        });
        let fields = fields.collect::<Result<Vec<_>, Unsupported>>()?;
        Ok(quote!(#path { #(#fields),* }))
    }

    /// `field: value`, as it is given or left out.
    pub(crate) fn field_value(
        &self,
        field: &Field,
        values: &[(String, Value)],
        spot: &Spot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        let ident = names::rust_ident(&names::snake(&field.name));
        let given = values.iter().find(|(key, _)| *key == field.name);
        let value = match (given, &field.presence) {
            (Some((_, value)), Presence::Omittable) => {
                let optional = matches!(field.ty, Type::Optional(_));
                let boxed = !optional && self.plan.facts.boxed_optional(spot.owner, &field.ty);
                let value = self.value(value, spot)?;
                let value = if boxed { self.new_box(&value) } else { value };
                quote!(scipp::Presence::Present(#value))
            }
            (Some((_, value)), _) => self.value(value, spot)?,
            (None, _) => self.left_out(field, spot)?,
        };
        Ok(quote!(#ident: #value))
    }

    /// What a field has where it is left out; only for fields that may be.
    pub(crate) fn left_out(
        &self,
        field: &Field,
        spot: &Spot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        match &field.presence {
            Presence::Default(value) => self.value(value, spot),
            Presence::Omittable => Ok(quote!(scipp::Presence::Absent)),
            Presence::Required => Ok(self.std("None")),
        }
    }

    /// A constant by its name where the types agree, else its value.
    fn constant(
        &self,
        name: &ItemName,
        ty: &Type,
        spot: &Spot<'_>,
    ) -> Result<TokenStream, Unsupported> {
        let ty = self.plan.facts.unaliased(ty);
        let Some(Item {
            kind: ItemKind::Const(Const { ty: own, value }),
            ..
        }) = self.plan.facts.item(name)
        else {
            return Err(ODD_VALUE);
        };
        let path = self.item(name);
        if self.plan.facts.unaliased(own) != ty {
            return self.value(value, spot);
        }
        match ty {
            Type::Scalar(Scalar::Str) => {
                let string = self.std("String");
                Ok(quote!(#string::from(#path)))
            }
            Type::Scalar(Scalar::Bytes) => Ok(quote!(scipp::Bytes::from_static(#path))),
            Type::Scalar(Scalar::Ref) => Ok(path),
            ty if self.plan.facts.traits(ty).copy => Ok(path),
            _ => self.value(value, spot),
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
        let alone = |ty| Spot::alone(ty, &self.planned.package.name);
        match (self.plan.facts.unaliased(ty), value) {
            (Type::Scalar(Scalar::Str), Value::Str(text)) => Ok((quote!(&str), quote!(#text))),
            (Type::Scalar(Scalar::Bytes), Value::Bytes(bytes)) => {
                let bytes = Literal::byte_string(bytes);
                Ok((quote!(&[u8]), quote!(#bytes)))
            }
            (plain @ Type::Scalar(Scalar::Ref), value) => {
                let value = self.value(value, &alone(plain)).map_err(|_| ODD_CONSTANT)?;
                Ok((self.plain_ty(ty), value))
            }
            (plain, value) if self.plan.facts.traits(plain).copy => {
                let value = self.value(value, &alone(ty)).map_err(|_| ODD_CONSTANT)?;
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
                (value, Type::Scalar(Scalar::Any)) => *value == Value::Nil,
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

fn map(pairs: Vec<TokenStream>) -> TokenStream {
    if pairs.is_empty() {
        quote!(scipp::Map::new())
    } else {
        quote!(scipp::Map::from([#(#pairs),*]))
    }
}

fn float(value: f64, scalar: Scalar) -> TokenStream {
    literal::float(value, scalar == Scalar::F32)
}
