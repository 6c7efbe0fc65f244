//! What the module of an interface holds for each endpoint: its marker, its description, its arguments, its errors,
//! and the unions that have no name in the schema.

use super::inline::{phase_places, record_places};
use super::place::Place;
use super::plan::{Plan, endpoint_name};
use super::records::{self, RecordItem, RecordKind};
use super::types::Slot;
use super::{docs, signatures, unions};
use crate::names;
use crate::problem::Problems;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{
    CancelPolicy, Endpoint, EndpointKind, Item, ItemName, Overrun, Scalar, Type,
};

/// The marker of an endpoint.
pub(crate) fn marker(endpoint: &Endpoint) -> Ident {
    names::rust_ident(&endpoint_name(endpoint))
}

/// Its arguments.
pub(crate) fn args_ident(endpoint: &Endpoint) -> Ident {
    format_ident!("{}Args", endpoint_name(endpoint))
}

/// Its result, as a type seen from the package's module.
pub(crate) fn returns_ty(place: &Place<'_>, endpoint: &Endpoint, module: &Ident) -> TokenStream {
    let hint = format!("{}Returns", endpoint_name(endpoint));
    place.in_module(
        module,
        &endpoint.returns,
        &Slot {
            owner: None,
            hint: &hint,
        },
    )
}

/// Its errors, as a type seen from the package's module.
pub(crate) fn errors_ty(place: &Place<'_>, endpoint: &Endpoint, module: &Ident) -> TokenStream {
    match endpoint.raises.as_slice() {
        [] => quote!(scipp::Never),
        [one] => place.item(one),
        _ => {
            let ident = error_ident(endpoint);
            quote!(#module::#ident)
        }
    }
}

/// The description of an interface, with those of its endpoints.
pub(crate) fn interface_info(item: &Item, namespace: &str, endpoints: &[&Endpoint]) -> TokenStream {
    let name = &item.name;
    let infos = endpoints.iter().map(|endpoint| marker(endpoint));
    let doc = format!(" What peers are told about `{name}`.");
    quote! {
        #[doc = #doc]
        pub const INTERFACE: scipp::InterfaceInfo = scipp::InterfaceInfo {
            namespace: #namespace,
            name: #name,
            endpoints: &[#(<#infos as scipp::Endpoint>::INFO),*],
        };
    }
}

/// The types that the endpoints of an interface lead to, for peers that have another version of them.
pub(crate) fn types(plan: &Plan<'_>, endpoints: &[&Endpoint]) -> TokenStream {
    let types = signatures::types(plan, endpoints);
    quote! {
        /// Its types in words, for a peer whose schema is another version.
        const TYPES: scipp::TypeLines = #types;
    }
}

/// The items of one endpoint. `place` is inside of the interface's module.
pub(crate) fn items(
    place: &Place<'_>,
    namespace: &str,
    trait_path: &TokenStream,
    endpoint: &Endpoint,
    problems: &mut Problems,
) -> TokenStream {
    let ident = marker(endpoint);
    let link = format!(
        " [`{}`]({}::{}).",
        endpoint.name,
        trait_path.to_string().replace(' ', ""),
        names::snake(&endpoint.name)
    );
    let implementation = implementation(place, namespace, endpoint);
    let args = args(place, endpoint, problems);
    let errors = errors(place, endpoint);
    let unions = unions::inline(
        place,
        &phase_places(endpoint),
        None,
        endpoint.span,
        problems,
    );
    quote! {
        #[doc = #link]
        #[derive(Debug)]
        pub struct #ident;

        #implementation
        #args
        #unions
        #errors
    }
}

fn implementation(place: &Place<'_>, namespace: &str, endpoint: &Endpoint) -> TokenStream {
    let ident = marker(endpoint);
    let name = endpoint_name(endpoint);
    let args = args_ident(endpoint);
    let phase = |ty: &Type, phase: &str| {
        place.ty(
            ty,
            &Slot {
                owner: None,
                hint: &format!("{name}{phase}"),
            },
        )
    };
    let stream = |ty: &Option<Type>, name: &str| match ty {
        Some(ty) => phase(ty, name),
        None => quote!(scipp::Never),
    };
    let started = phase(&endpoint.started, "Started");
    let returns = phase(&endpoint.returns, "Returns");
    let accepts = stream(&endpoint.accepts, "Accepts");
    let yields = stream(&endpoint.yields, "Yields");
    let errors = match endpoint.raises.as_slice() {
        [] => quote!(scipp::Never),
        [one] => place.item(one),
        _ => {
            let ident = format_ident!("{name}Error");
            quote!(#ident)
        }
    };
    let info = info(namespace, endpoint);
    quote! {
        impl scipp::Endpoint for #ident {
            const INFO: &'static scipp::EndpointInfo = &#info;
            type Args = #args;
            type Started = #started;
            type Accepts = #accepts;
            type Yields = #yields;
            type Returns = #returns;
            type Error = #errors;
        }
    }
}

/// Its description: a constructor for its kind, and what differs from the plain one.
fn info(namespace: &str, endpoint: &Endpoint) -> TokenStream {
    let (name, fingerprint) = (&endpoint.wire, &endpoint.fingerprint);
    let kind = match endpoint.kind {
        EndpointKind::Fn => quote!(func),
        EndpointKind::Gen => quote!(generator),
        EndpointKind::Context => quote!(context),
    };
    let in_context = endpoint.kind == EndpointKind::Context;
    let accepts = (in_context && endpoint.accepts.is_some()).then(|| quote!(.accepting()));
    let yields = (in_context && endpoint.yields.is_some()).then(|| quote!(.yielding()));
    let number = |ms: u64| super::literal::int(i128::from(ms));
    let deadline = endpoint.options.deadline_ms.map(|ms| {
        let ms = number(ms);
        quote!(.deadline_ms(#ms))
    });
    let cancel = endpoint.options.cancel.map(|policy| {
        let policy = match policy {
            CancelPolicy::Now => quote!(Now),
            CancelPolicy::Grace(ms) => {
                let ms = number(ms);
                quote!(Grace { ms: #ms })
            }
            CancelPolicy::Never(ms) => {
                let ms = number(ms);
                quote!(Never { max_ms: #ms })
            }
        };
        quote!(.cancel(scipp::CancelPolicy::#policy))
    });
    let streams = match endpoint.kind {
        EndpointKind::Fn => false,
        EndpointKind::Gen => true,
        EndpointKind::Context => endpoint.accepts.is_some() || endpoint.yields.is_some(),
    };
    let window = endpoint.options.window.filter(|_| streams).map(|items| {
        let items = super::literal::int(i128::from(items));
        quote!(.window(#items))
    });
    let overrun = match endpoint.options.overrun.filter(|_| streams) {
        None | Some(Overrun::Wait) => None,
        Some(Overrun::Error) => Some(quote!(.overrun(scipp::Overrun::Error))),
        Some(Overrun::DropOldest) => Some(quote!(.overrun(scipp::Overrun::DropOldest))),
    };
    let idempotent = endpoint.options.idempotent.then(|| quote!(.idempotent()));
    let lines = signatures::endpoint(endpoint);
    quote! {
        scipp::EndpointInfo::#kind(#namespace, #name, #fingerprint)
            .signature(#lines, TYPES)
            #accepts #yields #deadline #cancel #window #overrun #idempotent
    }
}

fn args(place: &Place<'_>, endpoint: &Endpoint, problems: &mut Problems) -> TokenStream {
    let ident = args_ident(endpoint);
    let doc = format!(
        " What {} is called with.",
        docs::link(&marker(endpoint).to_string())
    );
    let attributes = quote!(#[doc = #doc]);
    let item = RecordItem {
        ident: &ident,
        owner: None,
        kind: RecordKind::Plain,
        record: &endpoint.args,
        attributes,
    };
    let args = records::record(place, &item, problems);
    let places = record_places(&endpoint.args, &ident.to_string());
    let unions = unions::inline(place, &places, None, endpoint.span, problems);
    quote!(#args #unions)
}

/// The errors that an endpoint declares.
pub(super) fn raised_types(endpoint: &Endpoint) -> Vec<Type> {
    let named = |name: &ItemName| Type::Named {
        name: name.clone(),
        args: Vec::new(),
    };
    endpoint.raises.iter().map(named).collect()
}

/// The enum of its errors, where there are several.
pub(super) fn error_ident(endpoint: &Endpoint) -> Ident {
    format_ident!("{}Error", endpoint_name(endpoint))
}

/// An enum of the errors, where there are several.
fn errors(place: &Place<'_>, endpoint: &Endpoint) -> TokenStream {
    if endpoint.raises.len() < 2 {
        return quote!();
    }
    let ident = error_ident(endpoint);
    let doc = format!(
        " How {} can fail.",
        docs::link(&marker(endpoint).to_string())
    );
    let types = raised_types(endpoint);
    let names = super::inline::variant_names(&types);
    let variants = endpoint.raises.iter().zip(&names).map(|(error, variant)| {
        let (variant, path) = (names::rust_ident(variant), place.item(error));
        let foreign = place.is_external(error).then(|| quote!(#[error(foreign)]));
        quote!(#foreign #variant(#path))
    });
    let facts = &place.plan.facts;
    let traits = types
        .iter()
        .fold(facts.traits(&Type::Scalar(Scalar::Nil)), |traits, ty| {
            traits.and(facts.traits(ty))
        });
    let traits = super::facts::Traits {
        copy: false,
        ord: false,
        ..traits
    };
    let derives = records::derives(traits, false, [Some(quote!(scipp::Raises))]);
    let allow = super::lints::for_variants(&ident.to_string(), &names);
    quote! {
        #[doc = #doc]
        #derives
        #allow
        pub enum #ident { #(#variants),* }
    }
}
