//! Unions: enums of types that are told apart by looking at the value.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DataEnum, DeriveInput, Error, Fields, Ident, Result, Type};

use crate::attributes::{Container, Variant, named, plain};
use crate::message::{at, implement};
use crate::restrict::check;

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
    let encode = members
        .iter()
        .chain(&unknown)
        .map(|(ident, ty)| quote_spanned!(at(ty)=> Self::#ident(value) => out.value(value),));
    let encode = quote!(match self { #(#encode)* });
    let open = unknown.is_some();
    let checks = members.iter().map(
        |(ident, ty)| quote_spanned!(at(ty)=> Self::#ident(value) => #krate::checked(value)?,),
    );
    let kept = unknown.map(|(ident, _)| quote!(Self::#ident(_) => {}));
    let inside = quote!(match self { #(#checks)* #kept });
    let check = check(input, container, &inside, &TokenStream::new());
    let find = if open {
        quote!(open_member)
    } else {
        quote!(member)
    };
    // The last arm is whatever is left: the unknown message, or else the last member.
    let last = members.len() - usize::from(!open);
    let arms = members.iter().chain(&unknown).enumerate().map(|(index, (ident, ty))| {
        let pattern = match index {
            _ if index == last => quote!(_),
            _ if open => quote!(::core::option::Option::Some(#index)),
            _ => quote!(#index),
        };
        quote_spanned!(at(ty)=> #pattern => Self::#ident(<#ty as #krate::Payload>::decode(input)?),)
    });
    Ok(implement(
        input,
        &krate,
        &quote! {
            fn encode(&self, out: &mut #krate::Encoder<'_>) { #encode }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> {
                ::core::result::Result::Ok(match #krate::#find(input, #name, #table)? {
                    #(#arms)*
                })
            }
            fn accepts(head: &#krate::Head<'_>) -> bool { #krate::accepted(head, #open, #table) }
            #check
        },
    ))
}

type Member<'a> = (&'a Ident, &'a Type);

fn read<'a>(
    input: &DeriveInput,
    data: &'a DataEnum,
) -> Result<(Vec<Member<'a>>, Option<Member<'a>>)> {
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
            Some(_) if !named(ty, "Any") => {
                return Err(Error::new_spanned(
                    ty,
                    "what isn't known is kept as an `Any`",
                ));
            }
            Some(_) => unknown = Some((&variant.ident, ty)),
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
