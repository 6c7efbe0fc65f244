//! Structs: maps, arrays, and newtypes.

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Error, Fields, Result, Type};

use crate::attributes::{self, Container, Form, plain};
use crate::msgpack;
use crate::restrict::{self, check};

/// A field of a struct, with what is said about it.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) key: String,
    pub(crate) options: attributes::Field,
}

/// A map or an array.
pub(crate) fn expand(
    input: &DeriveInput,
    container: &Container,
    fields: &Fields,
) -> Result<TokenStream> {
    let array = matches!(container.form()?, Form::Array);
    let tag = container.tag.as_ref().map(|tag| tag.value());
    let fields = read(input, fields, tag.as_deref(), array)?;
    let krate = container.krate();
    let name = plain(&input.ident);
    let value = container
        .name
        .as_ref()
        .map_or_else(|| name.clone(), |name| name.value());
    let tag = tag.as_deref().map(|key| (key, value.as_str()));

    let constant = tag.map(|(key, value)| {
        quote! {
            const TAG: ::core::option::Option<#krate::Tag> =
                ::core::option::Option::Some(#krate::Tag { key: #key, value: #value, array: #array });
        }
    });
    let encode = if array {
        encode_array(&fields, tag)
    } else {
        encode_map(&krate, &fields, tag)
    };
    let own = restrict::fields(&krate, &name, &fields);
    let check = check(
        input,
        container,
        &restrict::inside(&krate, &name, &fields),
        &own,
    );
    let decode = decode(&krate, &name, &fields, tag, array, &own);
    let (encode, decode) = wrapped(container, &krate, &name, encode, decode);
    // Of a map, and of what has a tag, the trait knows.
    let accepts = match (tag, array) {
        _ if container.ext.is_some() => Some(ext_accepts(container, &krate)),
        (None, true) => Some(quote!(head.is(#krate::Kind::Array))),
        _ => None,
    };
    let accepts =
        accepts.map(|accepts| quote!(fn accepts(head: &#krate::Head<'_>) -> bool { #accepts }));
    Ok(implement(
        input,
        &krate,
        &quote! {
            #constant
            fn encode(&self, out: &mut #krate::Encoder<'_>) { #encode }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> { #decode }
            #accepts
            #check
        },
    ))
}

/// A newtype.
pub(crate) fn transparent(
    input: &DeriveInput,
    container: &Container,
    fields: &Fields,
) -> Result<TokenStream> {
    let field = match fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
        _ => None,
    };
    let Some(syn::Field { ty, attrs, .. }) = field else {
        return Err(Error::new_spanned(
            &input.ident,
            "a transparent struct has exactly one field and no name for it",
        ));
    };
    if let Some(span) = attributes::first(attrs) {
        return Err(Error::new(
            span,
            "a transparent struct is what it holds: restrict the struct; it has no key and no default",
        ));
    }
    let krate = container.krate();
    let name = plain(&input.ident);
    let inner = quote_spanned!(at(ty)=> <#ty as #krate::Payload>);
    let own = restrict::newtype(container, &name);
    let check = check(
        input,
        container,
        &quote_spanned!(at(ty)=> #krate::checked(&self.0)?;),
        &own,
    );
    let held = restrict::held(&krate, &own, &quote!(Self(#inner::decode(input)?)));
    let encode = quote!(#inner::encode(&self.0, out));
    let decode = held;
    if container.ext.is_some() {
        let (encode, decode) = wrapped(container, &krate, &name, encode, decode);
        let accepts = ext_accepts(container, &krate);
        return Ok(implement(
            input,
            &krate,
            &quote! {
                fn encode(&self, out: &mut #krate::Encoder<'_>) { #encode }
                fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> { #decode }
                fn accepts(head: &#krate::Head<'_>) -> bool { #accepts }
                #check
            },
        ));
    }
    Ok(implement(
        input,
        &krate,
        &quote! {
            const TAG: ::core::option::Option<#krate::Tag> = #inner::TAG;
            fn encode(&self, out: &mut #krate::Encoder<'_>) { #encode }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> { #decode }
            fn accepts(head: &#krate::Head<'_>) -> bool { #inner::accepts(head) }
            #check
            fn measure(&self) -> #krate::Measure { #inner::measure(&self.0) }
            fn text(&self) -> ::core::option::Option<&str> { #inner::text(&self.0) }
            fn repeated(&self) -> ::core::option::Option<usize> { #inner::repeated(&self.0) }
            fn show(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { #inner::show(&self.0, f) }
        },
    ))
}

/// Where an error about a type is shown. Names in the expansion keep their meaning, whatever macro the type came from.
pub(crate) fn at(ty: &Type) -> Span {
    Span::call_site().located_at(ty.span())
}

/// The bytes inside of an extension value.
pub(crate) fn bytes(
    input: &DeriveInput,
    container: &Container,
    fields: &Fields,
) -> Result<TokenStream> {
    if !matches!(fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1) {
        return Err(Error::new_spanned(
            &input.ident,
            "what holds the bytes of an extension value has exactly one field and no name for it",
        ));
    }
    let krate = container.krate();
    let name = plain(&input.ident);
    let code = container.ext;
    let accepts = ext_accepts(container, &krate);
    Ok(implement(
        input,
        &krate,
        &quote! {
            fn encode(&self, out: &mut #krate::Encoder<'_>) { out.ext(#code, &self.0) }
            fn decode(input: &mut #krate::Decoder<'_>) -> ::core::result::Result<Self, #krate::DecodeError> {
                #krate::read_ext_bytes(#code, #name, input).map(Self)
            }
            fn accepts(head: &#krate::Head<'_>) -> bool { #accepts }
        },
    ))
}

/// What is written and read, as the content of an extension value if it is one.
fn wrapped(
    container: &Container,
    krate: &TokenStream,
    name: &str,
    encode: TokenStream,
    decode: TokenStream,
) -> (TokenStream, TokenStream) {
    match container.ext {
        None => (encode, decode),
        Some(code) => (
            quote!(#krate::write_ext(#code, out, |out| { #encode })),
            quote!(#krate::read_ext(#code, #name, input, |input| { #decode })),
        ),
    }
}

fn ext_accepts(container: &Container, krate: &TokenStream) -> TokenStream {
    let code = container.ext;
    quote!(head.is(#krate::Kind::Ext(#code)))
}

/// `impl Payload for ..`, with the bound that each type parameter needs.
pub(crate) fn implement(
    input: &DeriveInput,
    krate: &TokenStream,
    items: &TokenStream,
) -> TokenStream {
    let ident = &input.ident;
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(syn::parse_quote!(#krate::Payload));
    }
    let (before, after, clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #before #krate::Payload for #ident #after #clause { #items }
    }
}

/// The field's name at the place of its type.
pub(crate) fn moved(ident: &Ident, ty: &Type) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(at(ty));
    ident
}

fn read<'a>(
    input: &DeriveInput,
    fields: &'a Fields,
    tag: Option<&str>,
    array: bool,
) -> Result<Vec<Field<'a>>> {
    let named = match fields {
        Fields::Named(fields) => &fields.named,
        Fields::Unit => return Ok(Vec::new()),
        Fields::Unnamed(_) => {
            let help = "fields need names, which are their keys; for a newtype say #[payload(transparent)]";
            return Err(Error::new_spanned(&input.ident, help));
        }
    };
    let mut keys = HashSet::new();
    let mut list = Vec::new();
    for field in named {
        let Some(ident) = &field.ident else { continue };
        let options = attributes::Field::read(&field.attrs)?;
        let key = options
            .key
            .as_ref()
            .map_or_else(|| plain(ident), |key| key.value());
        let span = options
            .key
            .as_ref()
            .map_or_else(|| ident.span(), |key| key.span());
        if tag == Some(key.as_str()) && !array {
            return Err(Error::new(
                span,
                format!("`{key}` is the key of the tag; the field needs another one"),
            ));
        }
        if !keys.insert(key.clone()) {
            return Err(Error::new(span, format!("two fields have the key `{key}`")));
        }
        if let (Some(span), true) = (options.omittable, array) {
            return Err(Error::new(
                span,
                "in an array nothing can be left out; make the field an `Option`",
            ));
        }
        list.push(Field {
            ident,
            ty: &field.ty,
            key,
            options,
        });
    }
    Ok(list)
}

fn encode_map(krate: &TokenStream, fields: &[Field<'_>], tag: Option<(&str, &str)>) -> TokenStream {
    let entries = fields.len() + usize::from(tag.is_some());
    let omittable: Vec<_> = fields
        .iter()
        .filter(|field| field.options.omittable.is_some())
        .map(|field| field.ident)
        .collect();
    let header = if omittable.is_empty() {
        let bytes = msgpack::map(entries, tag);
        quote!(out.raw(#bytes);)
    } else {
        let tag = tag
            .map(|(key, value)| msgpack::tag(key, value))
            .map(|bytes| quote!(out.raw(#bytes);));
        quote!(out.map(#entries #(- usize::from(#krate::Payload::is_absent(&self.#omittable)))*); #tag)
    };
    // At the field's type: what is wrong with a field is most often that its type isn't a payload.
    let fields = fields.iter().map(|field| {
        let (ident, key) = (moved(field.ident, field.ty), msgpack::str(&field.key));
        let call = if field.options.omittable.is_some() {
            Ident::new("omittable", at(field.ty))
        } else {
            Ident::new("field", at(field.ty))
        };
        quote_spanned!(at(field.ty)=> out.#call(#key, &self.#ident);)
    });
    quote!(#header #(#fields)*)
}

fn encode_array(fields: &[Field<'_>], tag: Option<(&str, &str)>) -> TokenStream {
    let header = msgpack::array(
        fields.len() + usize::from(tag.is_some()),
        tag.map(|(_, value)| value),
    );
    let fields = fields.iter().map(|field| {
        let ident = moved(field.ident, field.ty);
        quote_spanned!(at(field.ty)=> out.value(&self.#ident);)
    });
    quote!(out.raw(#header); #(#fields)*)
}

fn decode(
    krate: &TokenStream,
    name: &str,
    fields: &[Field<'_>],
    tag: Option<(&str, &str)>,
    array: bool,
    own: &TokenStream,
) -> TokenStream {
    let keys: Vec<Literal> = fields
        .iter()
        .map(|field| msgpack::str(&field.key))
        .collect();
    let tag = match tag.map(|(key, value)| (msgpack::str(key), msgpack::str(value))) {
        Some((key, value)) => quote!(::core::option::Option::Some((#key, #value))),
        None => quote!(::core::option::Option::None),
    };
    let shape = quote!(static SHAPE: #krate::Shape = #krate::Shape { name: #name, tag: #tag, keys: &[#(#keys),*] };);
    let slots: Vec<Ident> = (0..fields.len())
        .map(|index| format_ident!("f{index}"))
        .collect();
    let pattern = groups(krate, &slots);
    let read = Ident::new(if array { "read_array" } else { "read" }, Span::call_site());
    let values = fields.iter().zip(&slots).map(|(field, slot)| {
        let ident = field.ident;
        let value = match &field.options.default {
            Some(default) => quote! {
                match #slot { #krate::Presence::Present(value) => value, #krate::Presence::Absent => #default }
            },
            None => quote!(#slot),
        };
        quote!(#ident: #value)
    });
    let held = restrict::held(krate, own, &quote!(Self { #(#values),* }));
    quote! {
        #shape
        let #pattern = SHAPE.#read(input)?;
        #held
    }
}

/// All slots as one pattern: a tuple, or several one after the other.
fn groups(krate: &TokenStream, slots: &[Ident]) -> TokenStream {
    match slots.split_at_checked(16) {
        Some((first, rest)) if !rest.is_empty() => {
            let rest = groups(krate, rest);
            quote!(#krate::More((#(#first,)*), #rest))
        }
        _ => quote!((#(#slots,)*)),
    }
}
