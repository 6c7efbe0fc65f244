//! Examples of endpoints as code: as typed values with the bytes that are expected for them, as tests, and as a service
//! that plays them.

use super::endpoints::{args_ident, error_ident, marker, raised_types};
use super::inline::{field_hint, variant_names};
use super::lints;
use super::place::Place;
use super::plan::endpoint_name;
use super::spot::Spot;
use super::values::Unsupported;
use crate::names;
use crate::problem::{Problems, unsupported};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{Endpoint, EndpointKind, Example, Phase, Step, Type, Value};

/// The examples of all endpoints of an interface, in whose module `place` is.
pub(crate) fn service(
    place: &Place<'_>,
    service: &TokenStream,
    endpoints: &[&Endpoint],
    problems: &mut Problems,
) -> TokenStream {
    let (result, vec) = (place.std("Result"), place.std("Vec"));
    let methods = endpoints.iter().map(|endpoint| {
        let (marker, args) = (marker(endpoint), args_ident(endpoint));
        let method = names::rust_ident(&names::snake(&endpoint.name));
        quote! {
            async fn #method(
                &self,
                ctx: &mut scipp::ServerContext<#marker>,
                args: #args,
            ) -> scipp::Played<#marker> {
                scipp::play(ctx, &args).await
            }
        }
    });
    let implementations: Vec<TokenStream> = endpoints
        .iter()
        .map(|endpoint| {
            let marker = marker(endpoint);
            let mut examples = Vec::new();
            for example in &endpoint.examples {
                match dialog(place, endpoint, example) {
                    Ok(dialog) => examples.push(dialog),
                    Err(what) => problems.push(unsupported(
                        &format!("examples with {what}"),
                        example.span,
                        "generate the package as well, or leave the example out",
                    )),
                }
            }
            let list = if examples.is_empty() {
                quote!(#vec::new())
            } else {
                quote!(#vec::from([#(#examples),*]))
            };
            let allow = lints::for_value(&list);
            quote! {
                impl scipp::Examples for #marker {
                    #allow
                    fn examples() -> #vec<scipp::Example<Self>> { #list }
                }
            }
        })
        .collect();
    let tests = tests(endpoints, &result);
    quote! {
        /// Answers as the examples of the schema say, and fails where they say nothing.
        #[derive(Debug, Clone, Copy)]
        pub struct Mock;

        impl #service for Mock { #(#methods)* }

        #(#implementations)*
        #tests
    }
}

/// A test for each endpoint with examples.
fn tests(endpoints: &[&Endpoint], result: &TokenStream) -> TokenStream {
    let tests: Vec<TokenStream> = endpoints
        .iter()
        .filter(|endpoint| !endpoint.examples.is_empty())
        .map(|endpoint| {
            let marker = marker(endpoint);
            let test = names::rust_ident(&names::snake(&endpoint.name));
            quote! {
                #[test]
                fn #test() -> #result<(), super::scipp::ExampleError> {
                    <super::#marker as super::scipp::Examples>::check()
                }
            }
        })
        .collect();
    if tests.is_empty() {
        return quote!();
    }
    quote!(#[cfg(test)] mod examples { #(#tests)* })
}

/// `scipp::Example::new("title", arguments, bytes).then(step, bytes)`
fn dialog(
    place: &Place<'_>,
    endpoint: &Endpoint,
    example: &Example,
) -> Result<TokenStream, Unsupported> {
    let title = &example.title;
    let mut dialog = TokenStream::new();
    for step in &example.steps {
        let bytes = Literal::byte_string(&step.bytes);
        if step.phase == Phase::Call {
            let args = arguments(place, endpoint, &step.value)?;
            dialog = quote!(scipp::Example::new(#title, #args, #bytes));
        } else {
            let step = self::step(place, endpoint, step)?;
            dialog = quote!(#dialog.then(#step, #bytes));
        }
    }
    let raises = example.steps.iter().any(|step| step.phase == Phase::Raises);
    if endpoint.kind == EndpointKind::Gen && !raises {
        dialog = quote!(#dialog.then(scipp::Step::Returns(()), b""));
    }
    Ok(dialog)
}

fn arguments(
    place: &Place<'_>,
    endpoint: &Endpoint,
    value: &Value,
) -> Result<TokenStream, Unsupported> {
    let ident = args_ident(endpoint);
    let given = match value {
        Value::Record(given) => given.as_slice(),
        _ => &[],
    };
    let fields = endpoint.args.fields.iter().map(|field| {
        let hint = field_hint(&ident.to_string(), &field.name);
        place.field_value(field, given, &Spot::of_endpoint(&field.ty, hint))
    });
    let fields = fields.collect::<Result<Vec<_>, Unsupported>>()?;
    Ok(quote!(#ident { #(#fields),* }))
}

fn step(place: &Place<'_>, endpoint: &Endpoint, step: &Step) -> Result<TokenStream, Unsupported> {
    let name = endpoint_name(endpoint);
    let phase = |ty: &Type, word: &str| -> Result<TokenStream, Unsupported> {
        let spot = Spot::of_endpoint(ty, format!("{name}{word}"));
        let (value, word) = (place.value(&step.value, &spot)?, format_ident!("{word}"));
        Ok(quote!(scipp::Step::#word(#value)))
    };
    match (step.phase, &endpoint.accepts, &endpoint.yields) {
        (Phase::Started, ..) => phase(&endpoint.started, "Started"),
        (Phase::Accepts, Some(ty), _) => phase(ty, "Accepts"),
        (Phase::Yields, _, Some(ty)) => phase(ty, "Yields"),
        (Phase::Returns, ..) => phase(&endpoint.returns, "Returns"),
        (Phase::Raises, ..) => raised(place, endpoint, &step.value),
        _ => Err("values of this type are"),
    }
}

/// The error itself where it is the only one, else a variant of the endpoint's errors.
fn raised(
    place: &Place<'_>,
    endpoint: &Endpoint,
    value: &Value,
) -> Result<TokenStream, Unsupported> {
    const ODD: Unsupported = "values of this type are";
    let Value::Variant { member, value } = value else {
        return Err(ODD);
    };
    let errors = raised_types(endpoint);
    let names = variant_names(&errors);
    let (ty, variant) = errors.get(*member).zip(names.get(*member)).ok_or(ODD)?;
    let value = place.value(value, &Spot::of_endpoint(ty, String::new()))?;
    if errors.len() == 1 {
        return Ok(quote!(scipp::Step::Raises(#value)));
    }
    let (ident, variant) = (error_ident(endpoint), names::rust_ident(variant));
    Ok(quote!(scipp::Step::Raises(#ident::#variant(#value))))
}
