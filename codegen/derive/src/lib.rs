//! Derive macros for scipp payloads: `Payload`, `DeclaredError`, `Raises`.
//!
//! The generator writes the types and their attributes; people may as well. What the attributes mean is documented at
//! each macro. An expansion is small on purpose (one call per field and pass), because a schema of a thousand messages
//! has to compile in seconds: what can be a table or a function of `scipp_codec` is not in the expansion.

mod attributes;
mod bounds;
mod enums;
mod errors;
mod message;
mod msgpack;
mod restrict;
mod text;
mod unions;

use proc_macro::TokenStream;
use syn::{Data, DeriveInput, Error, parse_macro_input};

use crate::attributes::{Container, Form};

/// Implements `Payload` for a declared type.
///
/// On the type, in `#[payload(...)]`:
///
/// | | |
/// | --- | --- |
/// | nothing | a struct with named fields: a map |
/// | `tag = "type"` | a message: the map's first entry (the array's first element) is this tag |
/// | `name = "Quote"` | value of the tag, if it isn't the type's own name |
/// | `array` | an array in the order of the fields |
/// | `transparent` | a struct with one unnamed field: the same bytes as the field |
/// | `ext = 21` | a struct that is the content of an extension value with this code |
/// | `bytes` | with `ext`: a struct with one unnamed field, the `Bytes` inside of the extension value |
/// | `text` | an enum that goes as a str |
/// | `int = "u8"` | an enum that goes as an integer |
/// | `union` | an enum of types that are told apart by looking at the value |
/// | `range = ".."`, `len = ".."`, `pattern = ".."`, `unique` | restrictions of a transparent struct, as for fields |
/// | `restricted` | what it holds is restricted in turn, and is looked at when the whole is checked before it is sent |
/// | `crate = path` | where the expansion finds its names; `::scipp_runtime::generated` otherwise |
///
/// On a field:
///
/// | | |
/// | --- | --- |
/// | `key = "old_name"` | its key, if it isn't the field's own name |
/// | `default`, `default = expression` | its value when it isn't there |
/// | `omittable` | isn't written when absent: the type is a `Presence` |
/// | `range = "0.0..=1.0"` | least and most of a number; `..` without `=` excludes the end |
/// | `len = "1..=500"` | the same for the length of a str (in characters), bin, list or map |
/// | `pattern = "^[A-Z]+$"` | a regular expression (of `regex-lite`) that a str has to match, anywhere without anchors |
/// | `unique` | a list refuses repeats |
///
/// On a variant: `text = "news"` or `int = 1` gives its value (`text`: otherwise its own name), and `unknown` marks the
/// one that keeps what isn't known, in an enum a `String` or the integer, in a union an `Any`.
#[proc_macro_derive(Payload, attributes(payload))]
pub fn payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(expand_payload(&input))
}

/// Implements `DeclaredError` for a struct that also derives `Payload`, with `Display`, `Error`, and `Raises` so that it
/// can be the only error of an endpoint.
///
/// In `#[error(...)]`: `name = "UnknownSymbol"` (otherwise the type's own) and `text = "no such symbol: {symbol}"`, where a
/// name in braces stands for the field of the struct and a double brace for itself. Without a text the name and the
/// value are printed.
#[proc_macro_derive(DeclaredError, attributes(payload, error))]
pub fn declared_error(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(errors::declared(&input))
}

/// Implements `Raises` for an enum of declared errors, with `Display`, `Error` and the conversions that let `?` be
/// written.
///
/// `#[error(foreign)]` on a variant says that its type comes from another crate, where the conversion into an
/// `EndpointError` cannot be implemented.
#[proc_macro_derive(Raises, attributes(payload, error))]
pub fn raises(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    finish(errors::raises(&input))
}

fn expand_payload(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let container = Container::read(&input.attrs)?;
    match (&input.data, container.form()?) {
        (Data::Struct(data), Form::Map | Form::Array) => {
            message::expand(input, &container, &data.fields)
        }
        (Data::Struct(data), Form::Transparent) => {
            message::transparent(input, &container, &data.fields)
        }
        (Data::Struct(data), Form::Bytes) => message::bytes(input, &container, &data.fields),
        (Data::Enum(data), Form::Text) => enums::text(input, &container, data),
        (Data::Enum(data), Form::Int(repr)) => enums::int(input, &container, data, repr),
        (Data::Enum(data), Form::Union) => unions::expand(input, &container, data),
        (Data::Enum(_), Form::Map) => Err(Error::new_spanned(
            &input.ident,
            "how does this enum travel? Say #[payload(text)], #[payload(int = \"u8\")] or #[payload(union)]",
        )),
        (Data::Enum(_), form) => Err(Error::new_spanned(
            &input.ident,
            format!("`{form}` is for structs"),
        )),
        (Data::Struct(_), form) => Err(Error::new_spanned(
            &input.ident,
            format!("`{form}` is for enums"),
        )),
        (Data::Union(_), _) => Err(Error::new_spanned(
            &input.ident,
            "a Rust union cannot be a payload; use an enum",
        )),
    }
}

fn finish(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
