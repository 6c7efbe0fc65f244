//! Enums: closed ones, and open ones that keep what they do not know.

use super::place::Place;
use super::records::derives;
use super::scope::Scope;
use super::types::int_name;
use super::{docs, lints, literal, names_of};
use crate::names;
use crate::problem::Problems;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::ItemName;
use scipp_idl::schema::{Enum, EnumRepr, Item, Type, Value};

/// The Rust enum of `def`.
pub(crate) fn definition(
    place: &Place<'_>,
    item: &Item,
    name: &ItemName,
    def: &Enum,
    attributes: &TokenStream,
    problems: &mut Problems,
) -> TokenStream {
    let ident = names_of(&item.name);
    let mut scope = Scope::default();
    let mut variants = Vec::new();
    for member in &def.members {
        let variant = names_of(&member.name);
        scope.declare(
            &variant.to_string(),
            format!("the member `{}`", member.name),
            member.span,
            problems,
        );
        let docs = docs::attributes(&member.doc);
        let deprecated = docs::deprecated(member.deprecated.as_deref());
        let wire = match &member.wire {
            Value::Int(value) => {
                let value = literal::int(*value);
                quote!(int = #value)
            }
            Value::Str(text) => quote!(text = #text),
            // The checker gives each member one of the two.
            _ => quote!(),
        };
        variants.push(quote!(#docs #deprecated #[payload(#wire)] #variant));
    }
    let known: Vec<String> = def
        .members
        .iter()
        .map(|member| names::upper_camel(&member.name))
        .collect();
    let (repr, unknown) = match def.repr {
        EnumRepr::Text => (quote!(text), place.std("String")),
        EnumRepr::Int(scalar) => {
            let int = format_ident!("{}", int_name(scalar));
            let text = int_name(scalar);
            (quote!(int = #text), quote!(#int))
        }
    };
    if def.open {
        let variant = unknown_variant(&known);
        variants.push(quote!(
            /// A value that this version of the schema does not know.
            #[payload(unknown)]
            #variant(#unknown)
        ));
    }
    let named = Type::Named {
        name: name.clone(),
        args: Vec::new(),
    };
    let derives = derives(
        place.plan.facts.traits(&named),
        false,
        [Some(quote!(scipp::Payload))],
    );
    let options = place.support_option().into_iter().chain([repr]);
    let allow = lints::for_variants(&ident.to_string(), &known);
    quote! {
        #attributes
        #derives
        #[payload(#(#options),*)]
        #allow
        pub enum #ident { #(#variants),* }
    }
}

/// `Unknown`, unless the schema uses that name itself.
pub(crate) fn unknown_variant(known: &[String]) -> Ident {
    let free = ["Unknown", "Unrecognized"]
        .into_iter()
        .find(|name| !known.iter().any(|known| known == name));
    format_ident!("{}", free.unwrap_or("UnrecognizedValue"))
}
