//! How something is called where it is written: paths, and names that a schema has taken from the prelude.

use super::plan::{Home, PackagePlan, Plan, item_ident};
use super::scope::Scope;
use crate::names;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::ItemName;
use std::collections::BTreeSet;

/// The module in which something is written: there, how is something else called?
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) plan: &'p Plan<'p>,
    pub(crate) planned: &'p PackagePlan<'p>,
    interface: Option<&'p Scope>,
}

impl<'p> Place<'p> {
    /// In the module of a package.
    pub(crate) fn of(plan: &'p Plan<'p>, planned: &'p PackagePlan<'p>) -> Self {
        Self {
            plan,
            planned,
            interface: None,
        }
    }

    /// Inside the module of an interface of this package.
    pub(crate) fn inside(self, interface: &str) -> Self {
        Self {
            interface: self.planned.interfaces.get(interface),
            ..self
        }
    }

    /// A name of the prelude.
    pub(crate) fn std(&self, name: &str) -> TokenStream {
        let scope = self.interface.unwrap_or(&self.planned.scope);
        let ident = format_ident!("{name}");
        let home = PRELUDE
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, home)| *home);
        match home {
            Some(home) if scope.has(name) => {
                let home = home.split("::").map(|segment| format_ident!("{segment}"));
                quote!(::#(#home::)*#ident)
            }
            _ => quote!(#ident),
        }
    }

    /// An item of the schema.
    pub(crate) fn item(&self, name: &ItemName) -> TokenStream {
        let Some(item) = self.plan.facts.item(name) else {
            let ident = names::rust_ident(&name.name);
            return quote!(#ident);
        };
        let ident = item_ident(item);
        let own = &self.planned.package.name;
        if name.package == *own {
            return self.local(&ident);
        }
        if let Some(imported) = self.planned.imports.get(name) {
            return self.local(imported);
        }
        let module = self.module(&name.package);
        quote!(#module::#ident)
    }

    /// The option of a derive that says where its names are, if not in the runtime.
    pub(crate) fn support_option(&self) -> Option<TokenStream> {
        self.plan
            .support
            .as_ref()
            .map(|support| quote!(crate = #support))
    }

    /// Whether another crate has the item.
    pub(crate) fn is_external(&self, name: &ItemName) -> bool {
        matches!(
            self.plan
                .packages
                .get(name.package.as_str())
                .map(|planned| &planned.home),
            Some(Home::Elsewhere(_))
        )
    }

    /// Something of this package's module.
    pub(crate) fn local(&self, ident: &Ident) -> TokenStream {
        if self.interface.is_some() {
            quote!(super::#ident)
        } else {
            quote!(#ident)
        }
    }

    /// The module of another package, seen from here.
    pub(crate) fn module(&self, package: &str) -> TokenStream {
        let here = match &self.planned.home {
            Home::Here(path) => path.as_slice(),
            Home::Elsewhere(_) => &[],
        };
        match self.plan.packages.get(package).map(|planned| &planned.home) {
            Some(Home::Here(there)) => {
                let common = here.iter().zip(there).take_while(|(a, b)| a == b).count();
                let ups = here.len() - common + usize::from(self.interface.is_some());
                // `self`: a crate may be called like the module.
                let own = (ups == 0).then(|| quote!(self));
                let up = own
                    .into_iter()
                    .chain(std::iter::repeat_n(quote!(super), ups));
                let down = there.iter().skip(common).map(|segment| quote!(#segment));
                let segments = up.chain(down);
                quote!(#(#segments)::*)
            }
            Some(Home::Elsewhere(path)) => quote!(#path),
            None => quote!(),
        }
    }
}

/// Names that generated code takes from the prelude. Where a schema declares one of them, the code says
/// the whole path instead.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "std::boxed"),
    ("Eq", "std::cmp"),
    ("Err", "std::result::Result"),
    ("From", "std::convert"),
    ("Default", "std::default"),
    ("Future", "std::future"),
    ("None", "std::option::Option"),
    ("Ok", "std::result::Result"),
    ("Option", "std::option"),
    ("Result", "std::result"),
    ("Send", "std::marker"),
    ("Some", "std::option::Option"),
    ("String", "std::string"),
    ("Sync", "std::marker"),
    ("Vec", "std::vec"),
];

/// The names themselves.
pub(crate) fn prelude() -> BTreeSet<String> {
    PRELUDE.iter().map(|(name, _)| (*name).to_owned()).collect()
}
