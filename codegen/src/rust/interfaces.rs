//! Interfaces: a trait to implement, a server that dispatches to it, a client, and a module with the endpoints.

use super::endpoints::{args_ident, errors_ty, marker, returns_ty};
use super::facts::may_be_left_out;
use super::place::Place;
use super::plan::{interface_module, item_ident};
use super::types::Slot;
use super::{docs, lints, script};
use crate::names;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{Endpoint, Item};

/// An interface with the names of what it becomes.
#[derive(Debug)]
pub(crate) struct InterfaceItem<'i> {
    pub(crate) item: &'i Item,
    /// Its own endpoints and those that it inherits.
    pub(crate) endpoints: &'i [&'i Endpoint],
}

impl InterfaceItem<'_> {
    fn ident(&self) -> Ident {
        item_ident(self.item)
    }

    fn module(&self) -> Ident {
        interface_module(self.item)
    }

    /// The trait that a callee implements.
    pub(crate) fn service(&self, place: &Place<'_>) -> TokenStream {
        let ident = self.ident();
        let docs = docs::attributes(&docs::with_since(&self.item.doc, self.item.since));
        let (send, sync, future, result) = (
            place.std("Send"),
            place.std("Sync"),
            place.std("Future"),
            place.std("Result"),
        );
        let module = self.module();
        let methods: Vec<TokenStream> = self
            .endpoints
            .iter()
            .map(|endpoint| {
                let doc = docs::with_since(&endpoint.doc, endpoint.since);
                let docs = docs::attributes(&script::after(&doc, place, endpoint));
                let method = names::rust_ident(&names::snake(&endpoint.name));
                let (marker, args) = (marker(endpoint), args_ident(endpoint));
                let returns = returns_ty(place, endpoint, &module);
                let errors = errors_ty(place, endpoint, &module);
                let complex = lints::for_result(&endpoint.returns);
                quote! {
                    #docs
                    #complex
                    fn #method(
                        &self,
                        ctx: &mut scipp::ServerContext<#module::#marker>,
                        args: #module::#args,
                    ) -> impl #future<Output = #result<#returns, scipp::EndpointError<#errors>>> + #send;
                }
            })
            .collect();
        let allow =
            lints::for_methods(self.endpoints.iter().map(|endpoint| endpoint.name.as_str()));
        quote!(#docs #allow pub trait #ident: #send + #sync + 'static { #(#methods)* })
    }

    /// The server: takes a call to the method that it names.
    pub(crate) fn server(&self, place: &Place<'_>) -> TokenStream {
        let ident = self.ident();
        let server = format_ident!("{ident}Server");
        let doc = format!(" Serves a {}.", docs::link(&ident.to_string()));
        let (ok, err, result, from) = (
            place.std("Ok"),
            place.std("Err"),
            place.std("Result"),
            place.std("From"),
        );
        let module = self.module();
        let arms = self.endpoints.iter().map(|endpoint| {
            let (name, marker) = (&endpoint.wire, marker(endpoint));
            let method = names::rust_ident(&names::snake(&endpoint.name));
            quote!(#name => incoming.call(#module::#marker, &self.0, T::#method))
        });
        let body = if self.endpoints.is_empty() {
            quote!(#err(incoming))
        } else {
            quote! {
                match incoming.func() {
                    #(#arms,)*
                    _ => return #err(incoming),
                }
                #ok(())
            }
        };
        quote! {
            #[doc = #doc]
            #[derive(Debug)]
            pub struct #server<T>(scipp::Arc<T>);

            impl<T: #ident> #server<T> {
                /// Serves `service`.
                pub fn new(service: T) -> Self { Self(scipp::Arc::new(service)) }
            }

            impl<T: #ident> #from<scipp::Arc<T>> for #server<T> {
                fn from(service: scipp::Arc<T>) -> Self { Self(service) }
            }

            impl<T: #ident> scipp::Service for #server<T> {
                fn interface(&self) -> &'static scipp::InterfaceInfo { &#module::INTERFACE }

                fn dispatch(&self, incoming: scipp::Incoming) -> #result<(), scipp::Incoming> { #body }
            }
        }
    }

    /// The client: one method for each endpoint.
    pub(crate) fn client(&self, place: &Place<'_>) -> TokenStream {
        let ident = self.ident();
        let client = format_ident!("{ident}Client");
        let doc = format!(" Calls a {} of a peer.", docs::link(&ident.to_string()));
        let deprecated = docs::deprecated(self.item.deprecated.as_deref());
        let methods: Vec<TokenStream> = self
            .endpoints
            .iter()
            .map(|endpoint| self.client_method(place, endpoint))
            .collect();
        let allow =
            lints::for_methods(self.endpoints.iter().map(|endpoint| endpoint.name.as_str()));
        quote! {
            #[doc = #doc]
            #deprecated
            #[derive(Debug, Clone)]
            pub struct #client { portal: scipp::Portal }

            impl scipp::Client for #client {
                fn of(portal: &scipp::Portal) -> Self { Self::new(portal) }
            }

            #allow
            impl #client {
                /// Calls the peer behind `portal`.
                pub fn new(portal: &scipp::Portal) -> Self { Self { portal: portal.clone() } }

                #(#methods)*
            }
        }
    }

    fn client_method(&self, place: &Place<'_>, endpoint: &Endpoint) -> TokenStream {
        let module = self.module();
        let method = match names::snake(&endpoint.name).as_str() {
            // The constructor has that name.
            "new" => format_ident!("new_"),
            name => names::rust_ident(name),
        };
        let (marker, args) = (marker(endpoint), args_ident(endpoint));
        let owner = args.to_string();
        let (given, left): (Vec<_>, Vec<_>) = endpoint
            .args
            .fields
            .iter()
            .partition(|field| !may_be_left_out(field));
        let mut params = Vec::new();
        let mut names = Vec::new();
        for field in &given {
            let ident = names::rust_ident(&names::snake(&field.name));
            let hint = super::inline::field_hint(&owner, &field.name);
            let ty = place.in_module(
                &module,
                &field.ty,
                &Slot {
                    owner: None,
                    hint: &hint,
                },
            );
            params.push(quote!(#ident: #ty));
            names.push(ident);
        }
        // An argument of the schema keeps its name; ours gives way.
        let free = |own: &&str| !names.iter().any(|name| name == own);
        let parent = ["parent", "parent_scope"]
            .into_iter()
            .find(free)
            .unwrap_or("parent_of_call");
        let parent = format_ident!("{parent}");
        let args = if left.is_empty() {
            quote!(#module::#args { #(#names),* })
        } else if given.is_empty() {
            quote!(#module::#args::default())
        } else {
            quote!(#module::#args::new(#(#names),*))
        };
        let doc = client_doc(
            endpoint,
            &left
                .iter()
                .map(|field| format!("`{}`", field.name))
                .collect::<Vec<_>>(),
        );
        let docs = docs::attributes(&script::after(&doc, place, endpoint));
        let deprecated = docs::deprecated(endpoint.deprecated.as_deref());
        let allow = lints::for_params(given.len() + 2);
        let complex = lints::for_types(given.iter().map(|field| &field.ty));
        quote! {
            #docs
            #deprecated
            #allow
            #complex
            pub fn #method(&self, #parent: &impl scipp::InScope, #(#params),*) -> scipp::OpenContext<#module::#marker> {
                self.portal.open_context(#module::#marker, #parent, #args)
            }
        }
    }

    /// Doc comment of the module.
    pub(crate) fn module_attributes(&self, package: &str) -> TokenStream {
        let ident = self.ident();
        let doc = format!(
            " The endpoints of [`{ident}`]: what each is called with, sends and ends with."
        );
        let module = self.module();
        let inception = package
            .rsplit('.')
            .next()
            .is_some_and(|last| names::snake(last) == module.to_string().trim_start_matches("r#"));
        let allow = inception.then(|| {
            quote!(#[allow(clippy::module_inception, reason = "the schema calls the interface like its package")])
        });
        quote!(#[doc = #doc] #allow)
    }
}

fn client_doc(endpoint: &Endpoint, left_out: &[String]) -> String {
    let doc = docs::with_since(&endpoint.doc, endpoint.since);
    if left_out.is_empty() {
        return doc;
    }
    let note = format!(
        "Optional, set by `.with(|args| ...)`: {}.",
        left_out.join(", ")
    );
    if doc.is_empty() {
        note
    } else {
        format!("{doc}\n\n{note}")
    }
}
