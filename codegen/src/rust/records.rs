//! Structs, messages, errors and the arguments of endpoints.

use super::docs;
use super::facts::{Traits, may_be_left_out};
use super::generics::Generics;
use super::inline::field_hint;
use super::place::Place;
use super::scope::Scope;
use super::spot::Spot;
use super::types::Slot;
use super::{lints, literal, restricted};
use crate::names;
use crate::problem::{Problems, unsupported};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{
    Constraints, ErrorRecord, Field, ItemName, Number, Presence, Range, Record, Scalar, TextPart,
    Type,
};

/// Which record is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RecordKind<'r> {
    /// `struct` and `message`.
    Plain,
    /// `ext`, with its code.
    Ext(u8),
    /// `error`, with what it says.
    Error(&'r ErrorRecord),
}

/// A record with what its Rust struct needs.
#[derive(Debug)]
pub(crate) struct RecordItem<'r> {
    pub(crate) ident: &'r Ident,
    /// The item that it is; `None` for arguments.
    pub(crate) owner: Option<&'r ItemName>,
    pub(crate) kind: RecordKind<'r>,
    pub(crate) record: &'r Record,
    /// Doc comments and other attributes of the item.
    pub(crate) attributes: TokenStream,
}

/// A field, its Rust name and type.
struct FieldItem<'r> {
    field: &'r Field,
    ident: Ident,
    ty: TokenStream,
}

/// The struct, its constructor or its `Default`.
pub(crate) fn record(
    place: &Place<'_>,
    item: &RecordItem<'_>,
    problems: &mut Problems,
) -> TokenStream {
    let fields = fields(place, item, problems);
    let definition = definition(place, item, &fields, problems);
    let construction = construction(place, item, &fields);
    quote!(#definition #construction)
}

fn fields<'r>(
    place: &Place<'_>,
    item: &RecordItem<'r>,
    problems: &mut Problems,
) -> Vec<FieldItem<'r>> {
    let mut names = Scope::default();
    let owner = item.ident.to_string();
    let owner = owner.trim_start_matches("r#");
    item.record
        .fields
        .iter()
        .map(|field| {
            let ident = names::rust_ident(&names::snake(&field.name));
            names.declare(
                &ident.to_string(),
                format!("the field `{}`", field.name),
                field.span,
                problems,
            );
            let hint = field_hint(owner, &field.name);
            let ty = field_ty(place, item.owner, field, &hint);
            FieldItem { field, ident, ty }
        })
        .collect()
}

fn field_ty(place: &Place<'_>, owner: Option<&ItemName>, field: &Field, hint: &str) -> TokenStream {
    let ty = place.ty(&field.ty, &Slot { owner, hint });
    if field.presence != Presence::Omittable {
        return ty;
    }
    // An absent value ends a recursion as nil does.
    let boxed =
        !matches!(field.ty, Type::Optional(_)) && place.plan.facts.boxed_optional(owner, &field.ty);
    let ty = if boxed { place.boxed(&ty) } else { ty };
    quote!(scipp::Presence<#ty>)
}

fn definition(
    place: &Place<'_>,
    item: &RecordItem<'_>,
    fields: &[FieldItem<'_>],
    problems: &mut Problems,
) -> TokenStream {
    let RecordItem {
        ident,
        attributes,
        record,
        ..
    } = item;
    let traits = place.plan.facts.traits_of_record(record);
    let derived_default = derives_default(place, item, fields);
    let error = matches!(item.kind, RecordKind::Error(_)).then(|| quote!(scipp::DeclaredError));
    let derives = derives(
        traits,
        derived_default,
        [Some(quote!(scipp::Payload)), error],
    );
    let container = container(place, item);
    let error = match item.kind {
        RecordKind::Error(error) => error_attribute(item.owner, error),
        RecordKind::Plain | RecordKind::Ext(_) => quote!(),
    };
    let fields: Vec<TokenStream> = fields
        .iter()
        .map(|field| field_definition(place, item, field, problems))
        .collect();
    let allow = lints::for_types(record.fields.iter().map(|field| &field.ty));
    let Generics { declared, .. } = generics(place, item);
    let tokens = quote! {
        #attributes
        #derives
        #container
        #error
        pub struct #ident #declared { #(#fields),* }
    };
    quote!(#allow #tokens)
}

fn field_definition(
    place: &Place<'_>,
    item: &RecordItem<'_>,
    field: &FieldItem<'_>,
    problems: &mut Problems,
) -> TokenStream {
    let FieldItem { field, ident, ty } = field;
    let docs = docs::attributes(&docs::with_since(&field.doc, field.since));
    let deprecated = docs::deprecated(field.deprecated.as_deref());
    let mut options = Vec::new();
    if ident.to_string().trim_start_matches("r#") != field.wire {
        let key = &field.wire;
        options.push(quote!(key = #key));
    }
    match &field.presence {
        Presence::Default(value) => match place.value(value, &spot(item, field)) {
            Ok(value) if needs_function(&value) => {
                let function = default_function(ident);
                options.push(quote!(default = Self::#function()));
            }
            Ok(value) => options.push(quote!(default = #value)),
            Err(what) => problems.push(unsupported(
                &format!("defaults that are {what}"),
                field.span,
                "make the field optional (`?`) instead",
            )),
        },
        Presence::Omittable => options.push(quote!(omittable)),
        Presence::Required => {}
    }
    options.extend(constraints(&field.constraints));
    let options = (!options.is_empty()).then(|| quote!(#[payload(#(#options),*)]));
    quote!(#docs #deprecated #options pub #ident: #ty)
}

/// Where the value of a field stands.
fn spot<'r>(item: &RecordItem<'r>, field: &'r Field) -> Spot<'r> {
    let ident = item.ident.to_string();
    let hint = field_hint(ident.trim_start_matches("r#"), &field.name);
    match item.owner {
        Some(owner) => Spot::within(&field.ty, owner, hint),
        None => Spot::of_endpoint(&field.ty, hint),
    }
}

fn params<'p>(place: &Place<'p>, item: &RecordItem<'_>) -> &'p [String] {
    let item = item.owner.and_then(|owner| place.plan.facts.item(owner));
    item.map(|item| item.params.as_slice()).unwrap_or_default()
}

fn generics(place: &Place<'_>, item: &RecordItem<'_>) -> Generics {
    let types = item.record.fields.iter().map(|field| &field.ty);
    place.generics(params(place, item), types)
}

/// How the whole record is on the wire.
fn container(place: &Place<'_>, item: &RecordItem<'_>) -> TokenStream {
    let mut options: Vec<TokenStream> = place.support_option().into_iter().collect();
    if let Some(tag) = &item.record.tag {
        let (key, value) = (&tag.key, &tag.value);
        options.push(quote!(tag = #key, name = #value));
    }
    if let RecordKind::Ext(code) = item.kind {
        options.push(ext_option(code));
    }
    if item.record.array {
        options.push(quote!(array));
    }
    let fields = item.record.fields.iter().map(|field| &field.ty);
    // With a constraint on a field, the derive knows by itself.
    if !restricted::has_constraint(item.record) && place.plan.facts.restricted(fields) {
        options.push(quote!(restricted));
    }
    if options.is_empty() {
        quote!()
    } else {
        quote!(#[payload(#(#options),*)])
    }
}

fn error_attribute(owner: Option<&ItemName>, error: &ErrorRecord) -> TokenStream {
    let name = owner.map_or("", |owner| owner.name.as_str());
    let Some(text) = &error.text else {
        return quote!(#[error(name = #name)]);
    };
    let text = text.iter().fold(String::new(), |text, part| match part {
        TextPart::Literal(literal) => text + &literal.replace('{', "{{").replace('}', "}}"),
        TextPart::Field(field) => {
            let ident = names::rust_ident(&names::snake(field)).to_string();
            format!("{text}{{{}}}", ident.trim_start_matches("r#"))
        }
    });
    quote!(#[error(name = #name, text = #text)])
}

/// `new` with what must be there, or `Default` where nothing must.
fn construction(place: &Place<'_>, item: &RecordItem<'_>, fields: &[FieldItem<'_>]) -> TokenStream {
    let ident = item.ident;
    let Generics { declared, used } = generics(place, item);
    let required: Vec<&FieldItem<'_>> = fields
        .iter()
        .filter(|field| !may_be_left_out(field.field))
        .collect();
    if required.len() == fields.len() || derives_default(place, item, fields) {
        return quote!();
    }
    let mut functions = TokenStream::new();
    let values: Vec<TokenStream> = fields
        .iter()
        .map(|FieldItem { field, ident, ty }| {
            if !may_be_left_out(field) {
                return quote!(#ident);
            }
            // What cannot be written has been reported where the field is defined.
            let value = place
                .left_out(field, &spot(item, field))
                .unwrap_or_default();
            if !needs_function(&value) {
                return quote!(#ident: #value);
            }
            let function = default_function(ident);
            let doc = format!(" What `{}` is when it is left out.", field.name);
            functions.extend(quote! {
                #[doc = #doc]
                fn #function() -> #ty { #value }
            });
            quote!(#ident: Self::#function())
        })
        .collect();
    if required.is_empty() {
        let default = place.std("Default");
        let functions =
            (!functions.is_empty()).then(|| quote!(impl #declared #ident #used { #functions }));
        return quote! {
            impl #declared #default for #ident #used {
                fn default() -> Self { Self { #(#values),* } }
            }

            #functions
        };
    }
    // A literal names its values; a call with many is worth it only where it leaves out many. Clients make arguments so.
    let many = lints::for_params(required.len());
    let left_out = fields.len() - required.len();
    let arguments = item.owner.is_none();
    if many.is_some() && !arguments && left_out * 2 < required.len() {
        return TokenStream::new();
    }
    let params = required
        .iter()
        .map(|FieldItem { ident, ty, .. }| quote!(#ident: #ty));
    let complex = lints::for_types(required.iter().map(|field| &field.field.ty));
    let own_name = (ident == "New").then(|| {
        quote!(#[allow(clippy::self_named_constructors, reason = "the schema calls the type so")])
    });
    quote! {
        impl #declared #ident #used {
            /// With what is required; the rest is as if it were left out.
            #many
            #complex
            #own_name
            pub fn new(#(#params),*) -> Self { Self { #(#values),* } }

            #functions
        }
    }
}

/// Whether a default gets a function of its own: an attribute is one line, the value is needed twice, and in attributes the
/// printer leaves out the comma that makes a tuple of one.
fn needs_function(value: &TokenStream) -> bool {
    const LINE_MAX: usize = 64;
    let text = value.to_string();
    text.len() > LINE_MAX || text.contains(",)")
}

fn default_function(field: &Ident) -> Ident {
    format_ident!("default_{}", field.to_string().trim_start_matches("r#"))
}

/// Whether `Default` is derived: nothing must be there, and what is left out is what `Default` gives.
fn derives_default(place: &Place<'_>, item: &RecordItem<'_>, fields: &[FieldItem<'_>]) -> bool {
    // For a generic type the derive would ask for the `Default` of its parameters.
    params(place, item).is_empty()
        && fields
            .iter()
            .all(|field| may_be_left_out(field.field) && place.left_out_is_default(field.field))
}

/// What is checked when a value is read.
pub(crate) fn constraints(constraints: &Constraints) -> Vec<TokenStream> {
    let range = constraints.range.as_ref().map(|range| {
        let text = range_text(range);
        quote!(range = #text)
    });
    let len = constraints.len.as_ref().map(|range| {
        let text = range_text(range);
        quote!(len = #text)
    });
    let unique = constraints.unique.then(|| quote!(unique));
    let pattern = constraints.pattern.as_ref();
    let pattern = pattern.map(|pattern| quote!(pattern = #pattern));
    [range, len, pattern, unique]
        .into_iter()
        .flatten()
        .collect()
}

/// `0.0..=1.0`, as in the schema.
fn range_text(range: &Range) -> String {
    let number = |number: Option<Number>| match number {
        None => String::new(),
        Some(Number::Int(value)) => value.to_string(),
        Some(Number::Float(value)) => format!("{value:?}"),
    };
    // `..=` without an end is no range.
    let mark = if range.max_included && range.max.is_some() {
        "..="
    } else {
        ".."
    };
    format!("{}{mark}{}", number(range.min), number(range.max))
}

fn ext_option(code: u8) -> TokenStream {
    let code = literal::int(code.into());
    quote!(ext = #code)
}

/// An extension type of another type.
pub(crate) fn ext(
    place: &Place<'_>,
    ident: &Ident,
    name: &ItemName,
    code: u8,
    ty: &Type,
    attributes: &TokenStream,
) -> TokenStream {
    let form = match place.plan.facts.unaliased(ty) {
        Type::Scalar(Scalar::Bytes) => quote!(bytes),
        _ => quote!(transparent),
    };
    wrapper(
        place,
        ident,
        name,
        ty,
        vec![ext_option(code), form],
        attributes,
    )
}

/// A newtype or an extension type of another type: a struct of one unnamed field.
pub(crate) fn wrapper(
    place: &Place<'_>,
    ident: &Ident,
    name: &ItemName,
    ty: &Type,
    options: Vec<TokenStream>,
    attributes: &TokenStream,
) -> TokenStream {
    let allow = lints::for_types([ty].into_iter());
    let inside = place.plan.facts.restricted([ty].into_iter());
    let inside = inside.then(|| quote!(restricted));
    let hint = format!("{}Value", ident.to_string().trim_start_matches("r#"));
    let ty = place.ty(
        ty,
        &Slot {
            owner: Some(name),
            hint: &hint,
        },
    );
    let named = Type::Named {
        name: name.clone(),
        args: Vec::new(),
    };
    let derives = derives(
        place.plan.facts.traits(&named),
        false,
        [Some(quote!(scipp::Payload))],
    );
    let from = place.std("From");
    let options = place
        .support_option()
        .into_iter()
        .chain(options)
        .chain(inside);
    let tokens = quote! {
        #attributes
        #derives
        #[payload(#(#options),*)]
        pub struct #ident(pub #ty);
    };
    quote! {
        #allow
        #tokens

        impl #from<#ty> for #ident {
            fn from(value: #ty) -> Self { Self(value) }
        }
    }
}

/// `#[derive(...)]`, the general ones first.
pub(crate) fn derives<const N: usize>(
    traits: Traits,
    default: bool,
    own: [Option<TokenStream>; N],
) -> TokenStream {
    let general = [
        (true, "Debug"),
        (true, "Clone"),
        (traits.copy, "Copy"),
        (true, "PartialEq"),
        (traits.eq, "Eq"),
        (traits.ord, "PartialOrd"),
        (traits.ord, "Ord"),
        (traits.hash, "Hash"),
        (default, "Default"),
    ];
    let general = general
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, name)| format_ident!("{name}"));
    let own = own.into_iter().flatten();
    quote!(#[derive(#(#general,)* #(#own),*)])
}
