//! Generic structs and messages: what their parameters are used for, and how they are written.

use super::facts::Facts;
use super::place::{self, Place};
use crate::names;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use scipp_idl::schema::{Item, ItemKind, Type};

/// What an item does with one of its parameters, itself or by way of other generic items.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParamUse {
    /// A value of the item holds one of the parameter in itself, not behind a list or a map.
    pub(crate) held: bool,
    /// It is the key of a map, and has to be what Rust's maps want of a key.
    pub(crate) key: bool,
}

/// Parameters where they are declared and where they are named, with their angle brackets; nothing where there are
/// none.
#[derive(Debug)]
pub(crate) struct Generics {
    /// `<K: Eq + Hash, V>`
    pub(crate) declared: TokenStream,
    /// `<K, V>`
    pub(crate) used: TokenStream,
}

/// The uses of the parameters of every item, in the order of `items`.
pub(crate) fn uses(facts: &Facts<'_>, items: &[&Item]) -> Vec<Vec<ParamUse>> {
    let mut uses: Vec<Vec<ParamUse>> = items
        .iter()
        .map(|item| vec![ParamUse::default(); item.params.len()])
        .collect();
    // From "for nothing" upwards until nothing changes: right for items that contain themselves, too.
    loop {
        let next: Vec<Vec<ParamUse>> = items
            .iter()
            .map(|item| match &item.kind {
                ItemKind::Struct(record) | ItemKind::Message(record) => {
                    let types = record.fields.iter().map(|field| &field.ty);
                    let of = |name: &Type| facts.params_of(name, &uses);
                    uses_in(&item.params, types, &of)
                }
                _ => Vec::new(),
            })
            .collect();
        if next == uses {
            return uses;
        }
        uses = next;
    }
}

/// What `types` do with `params`. `of` gives what a generic item does with its own.
pub(crate) fn uses_in<'t, 'u, P: AsRef<str>>(
    params: &[P],
    types: impl Iterator<Item = &'t Type>,
    of: &impl Fn(&Type) -> &'u [ParamUse],
) -> Vec<ParamUse> {
    let mut found = vec![ParamUse::default(); params.len()];
    types.for_each(|ty| look(ty, params, true, false, of, &mut found));
    found
}

fn look<'u, P: AsRef<str>>(
    ty: &Type,
    params: &[P],
    held: bool,
    key: bool,
    of: &impl Fn(&Type) -> &'u [ParamUse],
    found: &mut [ParamUse],
) {
    match ty {
        Type::Scalar(_) => {}
        Type::Param(name) => {
            let at = params.iter().position(|param| param.as_ref() == name);
            if let Some(place) = at.and_then(|at| found.get_mut(at)) {
                place.held |= held;
                place.key |= key;
            }
        }
        Type::List(inner) => look(inner, params, false, false, of, found),
        Type::Map(map_key, value) => {
            look(map_key, params, false, true, of, found);
            look(value, params, false, false, of, found);
        }
        Type::Optional(inner) => look(inner, params, held, false, of, found),
        Type::Tuple(types) | Type::Union(types) => types
            .iter()
            .for_each(|ty| look(ty, params, held, false, of, found)),
        Type::Named { args, .. } => {
            for (arg, its) in args.iter().zip(of(ty)) {
                look(arg, params, held && its.held, its.key, of, found);
            }
        }
    }
}

/// The parameters that some types name, each once, in the order in which they come.
pub(crate) fn named_in(types: &[Type]) -> Vec<&str> {
    fn collect<'t>(ty: &'t Type, found: &mut Vec<&'t str>) {
        match ty {
            Type::Scalar(_) => {}
            Type::Param(name) if found.contains(&name.as_str()) => {}
            Type::Param(name) => found.push(name),
            Type::List(inner) | Type::Optional(inner) => collect(inner, found),
            Type::Map(key, value) => {
                collect(key, found);
                collect(value, found);
            }
            Type::Tuple(types) | Type::Union(types) | Type::Named { args: types, .. } => {
                types.iter().for_each(|ty| collect(ty, found));
            }
        }
    }
    let mut found = Vec::new();
    types.iter().for_each(|ty| collect(ty, &mut found));
    found
}

impl Place<'_> {
    /// `params` of something that holds `types`. The derives add what a payload needs; a key is bound here, since
    /// the type of a map asks for it.
    pub(crate) fn generics<'t, P: AsRef<str>>(
        &self,
        params: &[P],
        types: impl Iterator<Item = &'t Type>,
    ) -> Generics {
        let uses = uses_in(params, types, &|ty| self.plan.facts.param_uses(ty));
        let idents: Vec<Ident> = params
            .iter()
            .map(|name| self.param(name.as_ref()))
            .collect();
        if idents.is_empty() {
            return Generics {
                declared: quote!(),
                used: quote!(),
            };
        }
        let eq = self.std("Eq");
        let declared = idents.iter().zip(uses).map(|(ident, its)| {
            let bound = its.key.then(|| quote!(: #eq + ::std::hash::Hash));
            quote!(#ident #bound)
        });
        Generics {
            declared: quote!(<#(#declared),*>),
            used: quote!(<#(#idents),*>),
        }
    }

    /// A type parameter. One that is called like something else that the module names is called otherwise, so that it
    /// hides nothing.
    pub(crate) fn param(&self, name: &str) -> Ident {
        let mut name = names::upper_camel(name);
        let imported = |name: &str| self.planned.imports.values().any(|ident| ident == name);
        while self.planned.scope.has(&name) || imported(&name) || place::prelude().contains(&name) {
            name.push_str("Param");
        }
        names::rust_ident(&name)
    }
}
