//! Unions: enums of types that are told apart by looking at the value.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DataEnum, DeriveInput, Error, Fields, Ident, Result, Type};

use crate::attributes::{Container, Variant, plain};
use crate::message::{at, implement};

pub(crate) fn expand(
    input: &DeriveInput,
    container: &Container,
    data: &DataEnum,
) -> Result<TokenStream> {
    let krate = container.krate();
    let (members, unknown) = read(input, data)?;
    let name = plain(&input.ident);
    let table = members.iter().map(|(ident, ty)| {
        let name = plain(ident);
        quote_spanned!(at(ty)=> #krate::Member::of::<#ty>(#name))
    });
    let table = quote!(const { &[#(#table),*] });
    let idents: Vec<_> = members
        .iter()
        .map(|(ident, _)| *ident)
        .chain(unknown)
        .collect();
    let encode = quote!(match self { #(Self::#idents(value) => out.value(value),)* });
    // The last arm is whatever is left: the unknown message, or else the last member.
    let (known, last) = match unknown {
        Some(unknown) => (members.as_slice(), unknown),
        None => members
            .split_last()
            .map_or((&[][..], &input.ident), |((last, _), known)| (known, *last)),
    };
    let known = known.iter().map(|(ident, _)| ident);
    let index = 0..known.len();
    let open = unknown.is_some();
    let (find, arms) = if open {
        (
            quote!(open_member),
            quote!(#(::core::option::Option::Some(#index) => Self::#known(#krate::Payload::decode(input)?),)*),
        )
    } else {
        (
            quote!(member),
            quote!(#(#index => Self::#known(#krate::Payload::decode(input)?),)*),
        )
    };
    Ok(implement(
        input,
        &krate,
        &quote! {
            fn encode(&self, out: &mut #krate::Encoder<'_>) { #encode }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> {
                ::core::result::Result::Ok(match #krate::#find(input, #name, #table)? {
                    #arms
                    _ => Self::#last(#krate::Payload::decode(input)?),
                })
            }
            fn accepts(head: &#krate::Head<'_>) -> bool { #krate::accepted(head, #open, #table) }
        },
    ))
}

type Members<'a> = Vec<(&'a Ident, &'a Type)>;

fn read<'a>(input: &DeriveInput, data: &'a DataEnum) -> Result<(Members<'a>, Option<&'a Ident>)> {
    let mut members = Vec::new();
    let mut unknown = None;
    for variant in &data.variants {
        let options = Variant::read(&variant.attrs)?;
        if options.text.is_some() || options.int.is_some() {
            return Err(Error::new_spanned(
                &variant.ident,
                "a member of a union is known by its own type; it has no value",
            ));
        }
        let ty = match &variant.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                fields.unnamed.first().map(|field| &field.ty)
            }
            _ => None,
        };
        let Some(ty) = ty else {
            return Err(Error::new_spanned(
                &variant.ident,
                "a member of a union holds its type: `Quote(Quote)`, `Nil(())`",
            ));
        };
        match options.unknown {
            None => members.push((&variant.ident, ty)),
            Some(span) if unknown.is_some() => {
                return Err(Error::new(span, "one variant can be `unknown`"));
            }
            Some(_) => unknown = Some(&variant.ident),
        }
    }
    if members.is_empty() {
        return Err(Error::new_spanned(
            &input.ident,
            "a union without members has no value to send",
        ));
    }
    Ok((members, unknown))
}
