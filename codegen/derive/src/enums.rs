//! Enums whose members are strs or integers.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{DataEnum, DeriveInput, Error, Fields, Result};

use crate::attributes::{Container, Variant, named, plain};
use crate::message::implement;

/// Members as strs.
pub(crate) fn text(
    input: &DeriveInput,
    container: &Container,
    data: &DataEnum,
) -> Result<TokenStream> {
    let krate = container.krate();
    let members = read(input, data, "String", |ident, options| {
        if let Some(int) = &options.int {
            return Err(Error::new(
                int.span(),
                "the members of this enum are strs: `text = \"...\"`",
            ));
        }
        Ok(options
            .text
            .as_ref()
            .map_or_else(|| plain(ident), |text| text.value()))
    })?;
    let Members {
        idents,
        values,
        unknown,
    } = &members;
    let name = plain(&input.ident);
    let known = quote!(&[#(#values),*]);
    let kept = unknown.map(|ident| quote!(Self::#ident(value) => value.as_str(),));
    let spelled = quote!(match self { #(Self::#idents => #values,)* #kept });
    let (last, first) = idents.split_last().unzip();
    let first: &[&Ident] = first.unwrap_or_default();
    let index = 0..first.len();
    let decode = match unknown {
        None => quote! {
            match #krate::text_member(input, #name, #known)? { #(#index => Self::#first,)* _ => Self::#last }
        },
        Some(unknown) => {
            let last = last.map(|last| quote!(::core::result::Result::Ok(_) => Self::#last,));
            quote! {
                match #krate::open_text_member(input, #name, #known)? {
                    #(::core::result::Result::Ok(#index) => Self::#first,)*
                    #last
                    ::core::result::Result::Err(value) => Self::#unknown(value),
                }
            }
        }
    };
    Ok(implement(
        input,
        &krate,
        &quote! {
            fn encode(&self, out: &mut #krate::Encoder<'_>) { out.str(#spelled) }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> {
                ::core::result::Result::Ok(#decode)
            }
            fn accepts(head: &#krate::Head<'_>) -> bool { head.is(#krate::Kind::Str) }
        },
    ))
}

/// Members as integers of type `repr`.
pub(crate) fn int(
    input: &DeriveInput,
    container: &Container,
    data: &DataEnum,
    repr: Ident,
) -> Result<TokenStream> {
    let krate = container.krate();
    let members = read(input, data, &repr.to_string(), |ident, options| {
        match (&options.int, &options.text) {
            (_, Some(text)) => Err(Error::new(
                text.span(),
                "the members of this enum are integers: `int = 1`",
            )),
            (None, None) => Err(Error::new(
                ident.span(),
                "which integer stands for this member? Say `int = 1`",
            )),
            (Some(int), None) => {
                let value: i128 = int.base10_parse()?;
                let value = if options.negative { -value } else { value };
                if !fits(value, &repr) {
                    return Err(Error::new(int.span(), format!("{value} is no {repr}")));
                }
                Ok(value)
            }
        }
    })?;
    let Members {
        idents,
        values,
        unknown,
    } = &members;
    let name = plain(&input.ident);
    let literals: Vec<_> = values
        .iter()
        .map(|value| proc_macro2::Literal::i128_unsuffixed(*value))
        .collect();
    let kept = unknown.map(|ident| quote!(Self::#ident(value) => *value,));
    let other = match unknown {
        Some(ident) => quote!(value => Self::#ident(value)),
        None => quote! {
            value => return ::core::result::Result::Err(#krate::unknown_int(value, #name, &[#(#literals),*]))
        },
    };
    Ok(implement(
        input,
        &krate,
        &quote! {
            fn encode(&self, out: &mut #krate::Encoder<'_>) {
                let value: #repr = match self { #(Self::#idents => #literals,)* #kept };
                out.value(&value);
            }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> {
                ::core::result::Result::Ok(match <#repr as #krate::Payload>::decode(input).map_err(|error| error.of_type(#name))? {
                    #(#literals => Self::#idents,)*
                    #other,
                })
            }
            fn accepts(head: &#krate::Head<'_>) -> bool { head.is(#krate::Kind::Int) }
        },
    ))
}

/// Name and contents of a variant, without its attributes.
fn variant_body(variant: &syn::Variant) -> TokenStream {
    let (ident, fields) = (&variant.ident, &variant.fields);
    quote!(#ident #fields)
}

/// Whether an integer of the type `repr` can have the value.
fn fits(value: i128, repr: &Ident) -> bool {
    let repr = repr.to_string();
    let (sign, bits) = repr.split_at(1);
    let bits: u32 = bits.parse().unwrap_or(0);
    match sign {
        "u" => (0..1_i128 << bits).contains(&value),
        _ => (-(1_i128 << (bits - 1))..1_i128 << (bits - 1)).contains(&value),
    }
}

struct Members<'a, V> {
    idents: Vec<&'a Ident>,
    values: Vec<V>,
    unknown: Option<&'a Ident>,
}

fn read<'a, V: Clone + Eq + std::hash::Hash + std::fmt::Debug>(
    input: &DeriveInput,
    data: &'a DataEnum,
    kept: &str,
    value: impl Fn(&Ident, &Variant) -> Result<V>,
) -> Result<Members<'a, V>> {
    let mut members = Members {
        idents: Vec::new(),
        values: Vec::new(),
        unknown: None,
    };
    let mut seen = HashSet::new();
    for variant in &data.variants {
        let options = Variant::read(&variant.attrs)?;
        let ident = &variant.ident;
        match (options.unknown, &variant.fields) {
            (Some(span), _) if members.unknown.is_some() => {
                return Err(Error::new(span, "one variant can be `unknown`"));
            }
            (Some(_), Fields::Unnamed(fields))
                if fields.unnamed.len() == 1
                    && fields.unnamed.iter().all(|field| named(&field.ty, kept)) =>
            {
                members.unknown = Some(ident)
            }
            (Some(_), _) => {
                let text = format!("the `unknown` variant holds the value: `{ident}({kept})`");
                return Err(Error::new_spanned(variant_body(variant), text));
            }
            (None, Fields::Unit) => {
                let value = value(ident, &options)?;
                if !seen.insert(value.clone()) {
                    let text = format!("two members have the value {value:?}");
                    return Err(Error::new(options.span().unwrap_or(ident.span()), text));
                }
                members.idents.push(ident);
                members.values.push(value);
            }
            (None, fields) => {
                let help = "a member of an enum holds nothing; for values of several types say #[payload(union)]";
                return Err(Error::new_spanned(fields, help));
            }
        }
    }
    if members.idents.is_empty() && members.unknown.is_none() {
        return Err(Error::new_spanned(
            &input.ident,
            "an enum without members has no value to send",
        ));
    }
    Ok(members)
}
