//! What restricts values: held against them when they are read, and once more before some are sent.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Type};

use crate::attributes::{Container, Restrictions};
use crate::message::{Field, at, moved};

/// The members of `Payload` by which a value is checked before it is sent: `inside` looks at what it holds, `own` at itself.
/// Nothing for a type that nothing restricts.
pub(crate) fn check(
    input: &DeriveInput,
    container: &Container,
    inside: &TokenStream,
    own: &TokenStream,
) -> TokenStream {
    let krate = container.krate();
    let params = input.generics.type_params().map(|param| &param.ident);
    let params: Vec<_> = params.collect();
    let restricted = if container.restricted.is_some() || !own.is_empty() {
        quote!(true)
    } else if params.is_empty() {
        return TokenStream::new();
    } else {
        quote!(#(<#params as #krate::Payload>::RESTRICTED)||*)
    };
    let restrict = (!own.is_empty()).then(|| {
        quote! {
            fn restrict(&self) -> ::core::result::Result<(), #krate::DecodeError> {
                #own
                ::core::result::Result::Ok(())
            }
        }
    });
    quote! {
        const RESTRICTED: bool = #restricted;
        fn check(&self) -> ::core::result::Result<(), #krate::DecodeError> {
            #inside
            #krate::Payload::restrict(self)
        }
        #restrict
    }
}

/// A value that has been read, held against `own` if that is anything.
pub(crate) fn held(krate: &TokenStream, own: &TokenStream, value: &TokenStream) -> TokenStream {
    if own.is_empty() {
        return quote!(::core::result::Result::Ok(#value));
    }
    quote! {
        let value = #value;
        #krate::Payload::restrict(&value)?;
        ::core::result::Result::Ok(value)
    }
}

/// What restricts the fields of a struct.
pub(crate) fn fields(krate: &TokenStream, name: &str, fields: &[Field<'_>]) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let (ident, key) = (field.ident, &field.key);
        let place = quote!(#krate::Place { of: #name, key: #key });
        let Restrictions {
            bounds,
            patterns,
            unique,
        } = &field.options.restrictions;
        let bounds = bounds.iter().map(|bound| {
            let check = bound.expand(krate);
            quote!(#place.check(&self.#ident, &#check)?;)
        });
        let patterns = patterns.iter().map(|text| {
            quote! {{
                static PATTERN: #krate::Pattern = #krate::Pattern::new(#text);
                #place.pattern(&self.#ident, &PATTERN)?;
            }}
        });
        let unique = unique.map(|_| quote!(#place.unique(&self.#ident)?;));
        quote!(#(#bounds)* #(#patterns)* #unique)
    });
    fields.collect()
}

/// What restricts a newtype.
pub(crate) fn newtype(container: &Container, name: &str) -> TokenStream {
    let krate = container.krate();
    let Restrictions {
        bounds,
        patterns,
        unique,
    } = &container.restrictions;
    let bounds = bounds.iter().map(|bound| {
        let check = bound.expand(&krate);
        quote!(#check.hold(&self.0).map_err(|error| error.of_type(#name))?;)
    });
    let patterns = patterns.iter().map(|text| {
        quote! {{
            static PATTERN: #krate::Pattern = #krate::Pattern::new(#text);
            PATTERN.hold(&self.0).map_err(|error| error.of_type(#name))?;
        }}
    });
    let unique =
        unique.map(|_| quote!(#krate::unique(&self.0).map_err(|error| error.of_type(#name))?;));
    quote!(#(#bounds)* #(#patterns)* #unique)
}

/// Looks at what the fields hold.
pub(crate) fn inside(krate: &TokenStream, name: &str, fields: &[Field<'_>]) -> TokenStream {
    let fields = fields.iter().filter(|field| !is_free(field.ty));
    let fields = fields.map(|field| {
        let (ident, key) = (moved(field.ident, field.ty), &field.key);
        quote_spanned!(at(field.ty)=> #krate::Place { of: #name, key: #key }.checked(&self.#ident)?;)
    });
    fields.collect()
}

/// Whether a type, as written, is one of Rust's own that nothing can restrict. Others may be called like anything.
fn is_free(ty: &Type) -> bool {
    const FREE: [&str; 11] = [
        "bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64",
    ];
    match ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|ident| FREE.iter().any(|free| ident == free)),
        _ => false,
    }
}
