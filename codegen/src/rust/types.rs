//! Types of the schema as Rust types.

use super::generics;
use super::inline::numbered;
use super::place::Place;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{ItemName, Scalar, Type};

/// Where a type stands: what is needed to name its unions and to see that it contains its owner.
#[derive(Debug)]
pub(crate) struct Slot<'s> {
    /// The item that the type is a part of; `None` for what no type can contain.
    pub(crate) owner: Option<&'s ItemName>,
    /// Name of a union without a name.
    pub(crate) hint: &'s str,
}

/// The same for a type of the module of an interface that is written outside of it.
struct Outside<'o> {
    module: Option<&'o Ident>,
    unions: u32,
}

impl Place<'_> {
    /// `ty` as written here.
    pub(crate) fn ty(&self, ty: &Type, slot: &Slot<'_>) -> TokenStream {
        self.ty_in(
            ty,
            slot,
            &mut Outside {
                module: None,
                unions: 0,
            },
            false,
        )
    }

    /// `ty`, whose unions without a name are in `module`, as written here.
    pub(crate) fn in_module(&self, module: &Ident, ty: &Type, slot: &Slot<'_>) -> TokenStream {
        self.ty_in(
            ty,
            slot,
            &mut Outside {
                module: Some(module),
                unions: 0,
            },
            false,
        )
    }

    /// `ty` without an inline union in it.
    pub(crate) fn plain_ty(&self, ty: &Type) -> TokenStream {
        self.ty(
            ty,
            &Slot {
                owner: None,
                hint: "",
            },
        )
    }

    fn ty_in(
        &self,
        ty: &Type,
        slot: &Slot<'_>,
        unions: &mut Outside<'_>,
        on_heap: bool,
    ) -> TokenStream {
        match ty {
            Type::Scalar(scalar) => self.scalar(*scalar),
            Type::List(item) => {
                let vec = self.std("Vec");
                let item = self.ty_in(item, slot, unions, true);
                quote!(#vec<#item>)
            }
            Type::Map(key, value) => {
                let key = self.ty_in(key, slot, unions, true);
                let value = self.ty_in(value, slot, unions, true);
                quote!(scipp::Map<#key, #value>)
            }
            Type::Tuple(types) => {
                let types = types.iter().map(|ty| self.ty_in(ty, slot, unions, on_heap));
                quote!((#(#types,)*))
            }
            Type::Optional(inner) => {
                let option = self.std("Option");
                let boxed = !on_heap && self.plan.facts.boxed_optional(slot.owner, inner);
                let inner = self.ty_in(inner, slot, unions, on_heap || boxed);
                let inner = if boxed { self.boxed(&inner) } else { inner };
                quote!(#option<#inner>)
            }
            Type::Union(members) => {
                let name = format_ident!("{}", numbered(slot.hint, &mut unions.unions));
                let params = self.generics(&generics::named_in(members), [].iter()).used;
                match unions.module {
                    Some(module) => quote!(#module::#name #params),
                    None => quote!(#name #params),
                }
            }
            Type::Named { name, args } => {
                let path = self.item(name);
                let uses = self.plan.facts.param_uses(ty);
                let args: Vec<TokenStream> = args
                    .iter()
                    .zip(uses)
                    .map(|(arg, its)| {
                        let (boxed, on_heap) = self.argument(slot.owner, arg, its.held, on_heap);
                        let arg = self.ty_in(arg, slot, unions, on_heap);
                        if boxed { self.boxed(&arg) } else { arg }
                    })
                    .collect();
                if args.is_empty() {
                    path
                } else {
                    quote!(#path<#(#args),*>)
                }
            }
            Type::Param(name) => {
                let name = self.param(name);
                quote!(#name)
            }
        }
    }

    /// Whether an argument of a generic type gets a box, and whether what is inside of it is on the heap then.
    pub(crate) fn argument(
        &self,
        owner: Option<&ItemName>,
        arg: &Type,
        held: bool,
        on_heap: bool,
    ) -> (bool, bool) {
        let boxed = held && !on_heap && self.plan.facts.boxed_member(owner, arg);
        (boxed, on_heap || boxed || !held)
    }

    /// In a box.
    pub(crate) fn boxed(&self, ty: &TokenStream) -> TokenStream {
        let boxed = self.std("Box");
        quote!(#boxed<#ty>)
    }

    fn scalar(&self, scalar: Scalar) -> TokenStream {
        match scalar {
            Scalar::Bool => quote!(bool),
            Scalar::I8 => quote!(i8),
            Scalar::I16 => quote!(i16),
            Scalar::I32 => quote!(i32),
            Scalar::I64 => quote!(i64),
            Scalar::U8 => quote!(u8),
            Scalar::U16 => quote!(u16),
            Scalar::U32 => quote!(u32),
            Scalar::U64 => quote!(u64),
            Scalar::F32 => quote!(f32),
            Scalar::F64 => quote!(f64),
            Scalar::Str => self.std("String"),
            Scalar::Nil => quote!(()),
            Scalar::Bytes => quote!(scipp::Bytes),
            Scalar::Any => quote!(scipp::Any),
            Scalar::Timestamp => quote!(scipp::Timestamp),
            Scalar::Date => quote!(scipp::Date),
            Scalar::Time => quote!(scipp::Time),
            Scalar::Duration => quote!(scipp::SignedDuration),
            Scalar::Uuid => quote!(scipp::Uuid),
            Scalar::Decimal => quote!(scipp::Decimal),
            Scalar::Ref => quote!(scipp::Ref),
        }
    }
}

/// The name of an int type, as the derive wants it.
pub(crate) fn int_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::I8 => "i8",
        Scalar::I16 => "i16",
        Scalar::I32 => "i32",
        Scalar::I64 => "i64",
        Scalar::U8 => "u8",
        Scalar::U16 => "u16",
        Scalar::U32 => "u32",
        _ => "u64",
    }
}
