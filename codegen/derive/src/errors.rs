//! Declared errors, and the enums of those that an endpoint raises.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Error, Fields, Ident, Result, Type};

use crate::attributes::{Container, ErrorOptions, plain};
use crate::message::at;
use crate::text::{Part, parts};

/// One declared error.
pub(crate) fn declared(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "a declared error is a struct; an enum of several derives `Raises`",
        ));
    };
    let container = Container::read(&input.attrs)?;
    let options = ErrorOptions::read(&input.attrs)?;
    let krate = container.krate();
    let ident = &input.ident;
    let name = options
        .name
        .as_ref()
        .map_or_else(|| plain(ident), |name| name.value());
    // Whatever is wrong with the type is told at its name.
    let here = Span::call_site().located_at(ident.span());
    let show = quote_spanned!(here=> #krate::Payload::show(self, f));
    let shown = match &options.text {
        Some(text) => shown(&krate, &data.fields, text)?,
        None if data.fields.is_empty() => quote!(f.write_str(#name)?;),
        None => quote!(f.write_str(#name)?; f.write_str(" ")?; #show?;),
    };
    let (before, after, clause) = input.generics.split_for_impl();
    let common = common(&quote!(#before), &quote!(#ident #after #clause), &shown);
    let encode = quote_spanned!(here=> #krate::Payload::encode(self, out));
    let check = quote_spanned!(here=> #krate::checked(self));
    let decode = quote_spanned!(here=> payload.decode());
    let conversion = container
        .has_endpoints()
        .then(|| endpoint(&krate, &quote!(#ident), ident, &quote!(value)));
    Ok(quote! {
        #common
        #[automatically_derived]
        impl #before #krate::DeclaredError for #ident #after #clause {
            const NAME: &'static str = #name;
        }
        #[automatically_derived]
        impl #before #krate::Raises for #ident #after #clause {
            fn name(&self) -> &'static str { #name }
            fn encode(&self, out: &mut #krate::Encoder<'_>) { #encode }
            fn check(&self) -> ::core::result::Result<(), #krate::DecodeError> { #check }
            fn decode(
                name: &str,
                payload: &#krate::Any,
            ) -> ::core::option::Option<::core::result::Result<Self, #krate::DecodeError>> {
                if name == #name { ::core::option::Option::Some(#decode) } else { ::core::option::Option::None }
            }
        }
        #conversion
    })
}

/// An enum of declared errors.
pub(crate) fn raises(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "the errors of an endpoint are an enum; a single one derives `DeclaredError`",
        ));
    };
    let container = Container::read(&input.attrs)?;
    let krate = container.krate();
    let ident = &input.ident;
    let mut variants: Vec<&Ident> = Vec::new();
    let mut types: Vec<&Type> = Vec::new();
    let mut conversions = TokenStream::new();
    for variant in &data.variants {
        let options = ErrorOptions::read(&variant.attrs)?;
        let ty = match &variant.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                fields.unnamed.first().map(|field| &field.ty)
            }
            _ => None,
        };
        let Some(ty) = ty else {
            return Err(Error::new_spanned(
                &variant.ident,
                "a variant holds a declared error: `Throttled(Throttled)`",
            ));
        };
        let variant = &variant.ident;
        conversions.extend(quote! {
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #ident {
                fn from(value: #ty) -> Self { Self::#variant(value) }
            }
        });
        if container.has_endpoints() && !options.foreign {
            conversions.extend(endpoint(
                &krate,
                &quote!(#ty),
                ident,
                &quote!(#ident::#variant(value)),
            ));
        }
        variants.push(variant);
        types.push(ty);
    }
    if variants.is_empty() {
        return Err(Error::new_spanned(
            ident,
            "an endpoint without errors raises `Never`",
        ));
    }
    if container.has_endpoints() {
        conversions.extend(endpoint(&krate, &quote!(#ident), ident, &quote!(value)));
    }
    let shown =
        quote!(match self { #(Self::#variants(value) => ::core::fmt::Display::fmt(value, f)?,)* });
    let common = common(&quote!(), &quote!(#ident), &shown);
    let names = variants.iter().zip(&types).map(|(variant, ty)| {
        quote_spanned!(at(ty)=> Self::#variant(_) => <#ty as #krate::DeclaredError>::NAME,)
    });
    let encode = variants
        .iter()
        .zip(&types)
        .map(|(variant, ty)| quote_spanned!(at(ty)=> Self::#variant(value) => out.value(value),));
    let check = variants.iter().zip(&types).map(
        |(variant, ty)| quote_spanned!(at(ty)=> Self::#variant(value) => #krate::checked(value),),
    );
    let decode = variants.iter().zip(&types).map(|(variant, ty)| {
        quote_spanned! {at(ty)=>
            if name == <#ty as #krate::DeclaredError>::NAME {
                return ::core::option::Option::Some(payload.decode().map(Self::#variant));
            }
        }
    });
    Ok(quote! {
        #common
        #[automatically_derived]
        impl #krate::Raises for #ident {
            fn name(&self) -> &'static str {
                match self { #(#names)* }
            }
            fn encode(&self, out: &mut #krate::Encoder<'_>) {
                match self { #(#encode)* }
            }
            fn check(&self) -> ::core::result::Result<(), #krate::DecodeError> {
                match self { #(#check)* }
            }
            fn decode(
                name: &str,
                payload: &#krate::Any,
            ) -> ::core::option::Option<::core::result::Result<Self, #krate::DecodeError>> {
                #(#decode)*
                ::core::option::Option::None
            }
        }
        #conversions
    })
}

fn common(before: &TokenStream, ty: &TokenStream, shown: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #before ::core::fmt::Display for #ty {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #shown
                ::core::result::Result::Ok(())
            }
        }
        #[automatically_derived]
        impl #before ::core::error::Error for #ty {}
    }
}

/// The conversion that lets a handler write `?` after a result with a declared error.
fn endpoint(
    krate: &TokenStream,
    from: &TokenStream,
    set: &Ident,
    value: &TokenStream,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<#from> for #krate::EndpointError<#set> {
            fn from(value: #from) -> Self { Self::Endpoint(#value) }
        }
    }
}

fn shown(krate: &TokenStream, fields: &Fields, text: &syn::LitStr) -> Result<TokenStream> {
    let mut statements = TokenStream::new();
    for part in parts(text)? {
        match part {
            Part::Literal(literal) => statements.extend(quote!(f.write_str(#literal)?;)),
            Part::Field(name) => {
                let field = fields
                    .iter()
                    .find_map(|field| field.ident.as_ref().filter(|ident| plain(ident) == name));
                let Some(field) = field else {
                    return Err(Error::new(
                        text.span(),
                        format!("there is no field `{name}` to show here"),
                    ));
                };
                statements.extend(quote!(#krate::Payload::show(&self.#field, f)?;));
            }
        }
    }
    Ok(statements)
}
