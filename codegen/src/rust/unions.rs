//! Unions, declared ones and those without a name.

use super::enums::unknown_variant;
use super::facts::Traits;
use super::generics::{self, Generics};
use super::inline::{InlinePlace, InlineUnion, inline_unions, variant_names};
use super::place::Place;
use super::records::derives;
use super::scope::Scope;
use super::types::Slot;
use super::{docs, lints, sizes};
use crate::names;
use crate::problem::Problems;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{ItemName, Scalar, Type};
use scipp_idl::source::Span;

/// A union with what its Rust enum needs.
#[derive(Debug)]
pub(crate) struct UnionItem<'u> {
    pub(crate) ident: Ident,
    /// The item that it is a part of.
    pub(crate) owner: Option<&'u ItemName>,
    pub(crate) members: &'u [Type],
    pub(crate) open: bool,
    /// Doc comments and other attributes.
    pub(crate) attributes: TokenStream,
    pub(crate) span: Span,
}

/// The enum, and how a member becomes a value of it.
pub(crate) fn definition(
    place: &Place<'_>,
    union: &UnionItem<'_>,
    problems: &mut Problems,
) -> TokenStream {
    let UnionItem {
        ident,
        owner,
        members,
        open,
        attributes,
        span,
    } = union;
    let facts = &place.plan.facts;
    let names = variant_names(members);
    let Generics { declared, used } = place.generics(&generics::named_in(members), members.iter());
    let mut scope = Scope::default();
    let mut variants = Vec::new();
    let mut conversions = Vec::new();
    for (name, ty) in names.iter().zip(*members) {
        scope.declare(name, format!("the member `{name}`"), *span, problems);
        let variant = names::rust_ident(name);
        let hint = format!("{}{name}", ident.to_string().trim_start_matches("r#"));
        let plain = place.ty(
            ty,
            &Slot {
                owner: *owner,
                hint: &hint,
            },
        );
        let boxed = facts.boxed_member(*owner, ty);
        let held = if boxed {
            place.boxed(&plain)
        } else {
            plain.clone()
        };
        variants.push(quote!(#variant(#held)));
        if matches!(ty, Type::Named { .. }) {
            let from = place.std("From");
            let value = if boxed {
                let boxed = place.std("Box");
                quote!(#boxed::new(value))
            } else {
                quote!(value)
            };
            conversions.push(quote! {
                impl #declared #from<#plain> for #ident #used {
                    fn from(value: #plain) -> Self { Self::#variant(#value) }
                }
            });
        }
    }
    if *open {
        let variant = unknown_variant(&names);
        variants.push(quote!(
            /// A message that this version of the schema does not know, whole.
            #[payload(unknown)]
            #variant(scipp::Any)
        ));
    }
    let mut traits = members
        .iter()
        .fold(facts.traits(&Type::Scalar(Scalar::Nil)), |traits, ty| {
            traits.and(facts.traits(ty))
        });
    if *open {
        traits = traits.and(facts.traits(&Type::Scalar(Scalar::Any)));
    }
    let derives = derives(
        Traits {
            copy: false,
            ord: false,
            ..traits
        },
        false,
        [Some(quote!(scipp::Payload))],
    );
    let large = sizes::is_uneven(place, *owner, members).then(|| {
        quote!(#[allow(clippy::large_enum_variant, reason = "the members are as large as the schema makes them")])
    });
    let restricted = facts.restricted(members.iter());
    let options = place
        .support_option()
        .into_iter()
        .chain([quote!(union)])
        .chain(restricted.then(|| quote!(restricted)));
    let allow = lints::for_variants(&ident.to_string(), &names);
    let complex = lints::for_types(members.iter());
    quote! {
        #attributes
        #derives
        #[payload(#(#options),*)]
        #large
        #allow
        #complex
        pub enum #ident #declared { #(#variants),* }

        #(#conversions)*
    }
}

/// The unions without a name of some places, as items that follow their owner.
pub(crate) fn inline(
    place: &Place<'_>,
    places: &[InlinePlace<'_>],
    owner: Option<&ItemName>,
    span: Span,
    problems: &mut Problems,
) -> TokenStream {
    let mut enums = TokenStream::new();
    for InlineUnion { name, members, doc } in places.iter().flat_map(inline_unions) {
        let attributes = docs::attributes(&doc);
        let ident = format_ident!("{name}");
        let union = UnionItem {
            ident,
            owner,
            members,
            open: false,
            attributes,
            span,
        };
        enums.extend(definition(place, &union, problems));
    }
    enums
}
