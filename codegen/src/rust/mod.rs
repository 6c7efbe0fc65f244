//! Rust: a module for each package, from tokens to formatted text.
//!
//! What is written and what it names are separate decisions: `plan` gives every item, union and module its name
//! and finds collisions; the other files write one construct each, and ask a `Place` what something is called
//! where they stand. The printer puts no blank lines between items, so `print` joins them.

mod deprecated;
mod docs;
mod endpoints;
mod enums;
mod examples;
mod facts;
mod generics;
mod inline;
mod interfaces;
mod layout;
mod lints;
mod literal;
mod path;
mod place;
mod plain;
mod plan;
mod print;
mod records;
mod restricted;
mod scope;
mod script;
mod signatures;
mod sizes;
mod spot;
mod types;
mod unions;
mod values;

use crate::files::Files;
use crate::limits;
use crate::names;
use crate::problem::{GENERATOR_BUG, Problems, SEVERAL_PACKAGES, UNUSED_EXTERNAL, unsupported};
use inline::inline_places;
use interfaces::InterfaceItem;
pub use path::{PathError, RustPath};
use place::Place;
use plan::{PackagePlan, Plan, item_ident};
use print::Printed;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use records::{RecordItem, RecordKind};
use scipp_idl::diagnostic::{Diagnostic, Diagnostics};
use scipp_idl::schema::{ExtBody, Item, ItemKind, ItemName, Package, Schema};
use scipp_idl::{Checked, Input};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use unions::UnionItem;

/// Version of the shape of generated code. What it runs on refuses others with one sentence.
const GENERATED_VERSION: i128 = 1;

/// How Rust is generated.
#[derive(Debug, Clone)]
pub struct Options {
    /// The module that generated code runs on: `::scipp_runtime::generated`, or `::scipp_codec::generated` for
    /// types without endpoints.
    pub support: RustPath,
    /// Packages that another crate has generated, and the path of their module there.
    pub external: BTreeMap<String, RustPath>,
    /// Packages that are asked for: they and what they import are generated, but nothing that only an external
    /// package imports. Empty: all.
    pub packages: BTreeSet<String>,
    /// What made the file, for its first line.
    pub command: String,
    /// One file or several.
    pub layout: Layout,
    /// Whether the examples of endpoints are generated as values, tests and a service that plays them. They are in
    /// the documentation anyway.
    pub examples: bool,
}

/// How the modules are spread over files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `mod.rs` and below it a file for each package: `market/feed.rs`.
    Tree,
    /// One file, `scipp.rs`, with a module for each package, to be included.
    Single,
    /// The items of the one package that is generated, in a file called like it, without modules around.
    Bare,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            support: RustPath::runtime(),
            external: BTreeMap::new(),
            packages: BTreeSet::new(),
            command: "scipp gen --lang rust".to_owned(),
            layout: Layout::Tree,
            examples: false,
        }
    }
}

/// One package as text.
#[derive(Debug)]
struct Module {
    /// Segments of its path.
    path: Vec<Ident>,
    /// Documentation of the package.
    docs: Vec<String>,
    /// Lints that code made by macros would trip over, and reasons.
    allow: Vec<&'static str>,
    text: String,
}

/// Generates every package of `schema` that no other crate has. `schema` has passed the check.
///
/// # Errors
/// Diagnostics for what cannot be generated: there is no output then.
pub fn generate(schema: &Schema, options: &Options) -> Result<Files, Diagnostics> {
    // Reading and printing Rust recurses with the nesting of types, which a schema bounds, but not to what every caller's
    // stack can take without optimisation.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(limits::GENERATOR_STACK_BYTES);
        match thread.spawn_scoped(scope, || generate_here(schema, options)) {
            Ok(thread) => match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(_) => generate_here(schema, options),
        }
    })
}

fn generate_here(schema: &Schema, options: &Options) -> Result<Files, Diagnostics> {
    let mut problems = Problems::default();
    let generated = generated(schema, options);
    check_options(schema, &generated, options, &mut problems);
    let plan = Plan::of(schema, &generated, options, &mut problems);
    if problems.has_errors() {
        return Err(problems);
    }
    let modules: Vec<Module> = plan
        .packages()
        .map(|(planned, path)| module(&plan, planned, path, options, &mut problems))
        .collect();
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(layout::files(&modules, options))
    }
}

/// Options that do not suit the schema.
fn check_options(
    schema: &Schema,
    generated: &BTreeSet<&str>,
    options: &Options,
    problems: &mut Problems,
) {
    for (package, module) in &options.external {
        if !schema.packages.contains_key(package) {
            let message = format!(
                "no schema uses the package `{package}`, which is said to be in `{module}`"
            );
            let used: Vec<String> = generated.iter().map(|name| format!("`{name}`")).collect();
            problems.push(
                Diagnostic::new(UNUSED_EXTERNAL, message)
                    .help("correct its name, or leave it out")
                    .note(format!("the schemas use {}", used.join(", "))),
            );
        }
    }
    if options.layout == Layout::Bare && generated.len() > 1 {
        problems.push(
            Diagnostic::new(SEVERAL_PACKAGES, "a bare file holds one package")
                .help("generate a tree, or name the others as external packages"),
        );
    }
}

/// The packages of a check's inputs, without those that came as imports.
pub fn packages_of(checked: &Checked, inputs: &[Input]) -> BTreeSet<String> {
    let given = |path: Option<&Path>| match path {
        None => true,
        Some(path) => inputs.iter().any(|input| match input {
            Input::File(file) => file == path,
            Input::Folder(folder) => path.starts_with(folder),
            Input::Text { .. } => false,
        }),
    };
    let packages = checked.schema.packages.values();
    let asked = packages.filter(|package| {
        checked
            .sources
            .get(package.span.source)
            .is_some_and(|source| given(source.path()))
    });
    asked.map(|package| package.name.clone()).collect()
}

/// The packages to generate: those that are asked for and what they need, external ones left out.
fn generated<'a>(schema: &'a Schema, options: &Options) -> BTreeSet<&'a str> {
    let asked = |name: &str| options.packages.is_empty() || options.packages.contains(name);
    let mut next: Vec<&Package> = schema
        .packages
        .values()
        .filter(|package| asked(&package.name))
        .collect();
    let mut found = BTreeSet::new();
    while let Some(package) = next.pop() {
        if !options.external.contains_key(&package.name) && found.insert(package.name.as_str()) {
            next.extend(
                package
                    .imports
                    .iter()
                    .filter_map(|name| schema.packages.get(name)),
            );
        }
    }
    found
}

fn module(
    plan: &Plan<'_>,
    planned: &PackagePlan<'_>,
    path: &[Ident],
    options: &Options,
    problems: &mut Problems,
) -> Module {
    let package = planned.package;
    let place = plan.place(planned);
    let mut printed = Printed::default();
    let support = &options.support;
    printed.items(quote!(use #support as scipp;));
    printed.items(imports(&place, planned));
    let version = literal::int(GENERATED_VERSION);
    printed.items(quote!(const _: () = scipp::generated_version(#version);));
    for item in &package.items {
        self::item(&place, item, &mut printed, problems);
    }
    let bugs = std::mem::take(&mut printed.bugs);
    // Where something was refused, a piece is missing: that is no mistake of its own.
    let bugs = bugs.into_iter().filter(|_| !problems.has_errors());
    for bug in bugs.collect::<Vec<_>>() {
        problems.push(
            Diagnostic::new(
                GENERATOR_BUG,
                format!("the Rust that was generated cannot be parsed: {bug}"),
            )
            .at(package.span, "while this package was generated")
            .help(
                "this is a mistake of scipp, not of the schema: please report it with the schema",
            ),
        );
    }
    let docs = match docs::lines(&package.doc) {
        docs if docs.is_empty() => vec![format!("The package `{}`.", package.name)],
        docs => docs,
    };
    Module {
        path: path.to_vec(),
        docs,
        allow: allowed(plan, planned),
        text: printed.into_text(),
    }
}

/// `use` of what is named here and declared in other packages.
fn imports(place: &Place<'_>, planned: &PackagePlan<'_>) -> TokenStream {
    let mut modules: BTreeMap<&str, Vec<&Ident>> = BTreeMap::new();
    for (name, ident) in &planned.imports {
        modules.entry(&name.package).or_default().push(ident);
    }
    let uses = modules.into_iter().map(|(package, mut idents)| {
        idents.sort();
        let module = place.module(package);
        match idents.as_slice() {
            [one] => quote!(use #module::#one;),
            _ => quote!(use #module::{#(#idents),*};),
        }
    });
    uses.collect()
}

fn item(place: &Place<'_>, item: &Item, printed: &mut Printed, problems: &mut Problems) {
    let name = ItemName {
        package: place.planned.package.name.clone(),
        name: item.name.clone(),
    };
    let ident = item_ident(item);
    let docs = docs::attributes(&docs::with_since(&item.doc, item.since));
    let deprecated = docs::deprecated(item.deprecated.as_deref());
    let attributes = quote!(#docs #deprecated);
    let owner = Some(&name);
    match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => {
            let item = RecordItem {
                ident: &ident,
                owner,
                kind: RecordKind::Plain,
                record,
                attributes,
            };
            printed.items(records::record(place, &item, problems));
        }
        ItemKind::Error(error) => {
            let item = RecordItem {
                ident: &ident,
                owner,
                kind: RecordKind::Error(error),
                record: &error.record,
                attributes,
            };
            printed.items(records::record(place, &item, problems));
        }
        ItemKind::Enum(def) => printed.items(enums::definition(
            place,
            item,
            &name,
            def,
            &attributes,
            problems,
        )),
        ItemKind::Union(union) => {
            let union = UnionItem {
                ident,
                owner,
                members: &union.members,
                open: union.open,
                attributes,
                span: item.span,
            };
            printed.items(unions::definition(place, &union, problems));
        }
        ItemKind::Alias(scipp_idl::schema::Type::Union(members)) => {
            let union = UnionItem {
                ident,
                owner,
                members,
                open: false,
                attributes,
                span: item.span,
            };
            printed.items(unions::definition(place, &union, problems));
        }
        ItemKind::Alias(ty) => {
            let hint = format!("{ident}Item");
            let ty = place.ty(ty, &types::Slot { owner, hint: &hint });
            printed.items(quote!(#attributes pub type #ident = #ty;));
        }
        ItemKind::Newtype(newtype) => {
            let mut options = vec![quote!(transparent)];
            options.extend(records::constraints(&newtype.constraints));
            printed.items(records::wrapper(
                place,
                &ident,
                &name,
                &newtype.ty,
                options,
                &attributes,
            ));
        }
        ItemKind::Const(def) => match place.constant_item(&def.ty, &def.value) {
            Ok((ty, value)) => {
                let allow = lints::for_value(&value);
                printed.items(quote!(#attributes #allow pub const #ident: #ty = #value;));
            }
            Err(what) => problems.push(unsupported(
                what,
                item.span,
                "write the value where it is used",
            )),
        },
        ItemKind::Interface(interface) => {
            interface_items(place, item, interface, printed, problems);
            return;
        }
        ItemKind::Ext(ext) => match &ext.body {
            ExtBody::Record(record) => {
                let item = RecordItem {
                    ident: &ident,
                    owner,
                    kind: RecordKind::Ext(ext.code),
                    record,
                    attributes,
                };
                printed.items(records::record(place, &item, problems));
            }
            ExtBody::Type(ty) => printed.items(records::ext(
                place,
                &ident,
                &name,
                ext.code,
                ty,
                &attributes,
            )),
        },
    }
    let ident = item_ident(item).to_string();
    printed.items(unions::inline(
        place,
        &inline_places(item, &ident),
        owner,
        item.span,
        problems,
    ));
}

fn interface_items(
    place: &Place<'_>,
    item: &Item,
    interface: &scipp_idl::schema::Interface,
    printed: &mut Printed,
    problems: &mut Problems,
) {
    let endpoints = place.plan.endpoints(interface);
    let code = InterfaceItem {
        item,
        endpoints: &endpoints,
    };
    printed.items(code.service(place));
    printed.items(code.server(place));
    printed.items(code.client(place));

    let inside = place.inside(&item.name);
    let mut inner = Printed::default();
    inner.items(quote!(
        use super::scipp;
    ));
    inner.items(endpoints::interface_info(
        item,
        &interface.namespace,
        &endpoints,
    ));
    let ident = item_ident(item);
    if place.plan.examples {
        let service = quote!(super::#ident);
        inner.items(examples::service(&inside, &service, &endpoints, problems));
    }
    for endpoint in &endpoints {
        inner.items(endpoints::items(
            &inside,
            &interface.namespace,
            &quote!(super::#ident),
            endpoint,
            problems,
        ));
    }
    if !endpoints.is_empty() {
        inner.items(endpoints::types(place.plan, &endpoints));
    }
    printed.module(
        code.module_attributes(&place.planned.package.name),
        &plan::interface_module(item),
        inner,
    );
}

/// What is allowed for a whole package: attributes of its items do not reach the code that derives make of them.
fn allowed(plan: &Plan<'_>, planned: &PackagePlan<'_>) -> Vec<&'static str> {
    let package = planned.package;
    // A value of a type of another package has the defaults of that one written out.
    let in_any = |has: fn(&Package) -> bool| {
        let imports = package.imports.iter();
        has(package) || imports.filter_map(|name| plan.package(name)).any(has)
    };
    let deprecates = in_any(deprecated::has_deprecated);
    let deprecated = deprecates.then_some(
        "allow(deprecated, reason = \"the schema deprecates names that other parts of it still use\")",
    );
    let constant = in_any(lints::in_defaults).then_some(
        "allow(clippy::approx_constant, reason = \"the numbers are those of the schema\")",
    );
    deprecated.into_iter().chain(constant).collect()
}

/// A name of the schema as the name of a type or a variant.
pub(crate) fn names_of(name: &str) -> Ident {
    names::rust_ident(&names::upper_camel(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the generator says about a schema that the checker finds good.
    fn refused(text: &str) -> String {
        let input = Input::Text {
            name: "test.scipp".to_owned(),
            text: text.to_owned(),
        };
        let checked = scipp_idl::check(&[input], &scipp_idl::Options::default());
        let shown = checked.diagnostics.render(&checked.sources, false);
        assert!(!checked.diagnostics.has_errors(), "{shown}");
        match generate(&checked.schema, &Options::default()) {
            Ok(_) => String::new(),
            Err(problems) => problems.render(&checked.sources, false),
        }
    }

    #[test]
    fn names_that_become_one_are_refused_with_both_places() {
        let cases = [
            ("message userId {}\nmessage UserId {}", "`UserId`"),
            ("struct X { aB: i32, a_b: i32 }", "`a_b`"),
            ("enum E { a_b, aB }", "`AB`"),
            ("struct FeedClient {}\ninterface Feed {}", "`FeedClient`"),
            ("interface feed {}\nstruct Feed {}", "`Feed`"),
            ("interface I { fn a_b(); fn aB(); }", "`AB`"),
            ("interface I { fn f(); fn f_args(); }", "`FArgs`"),
            ("struct A { b: str | u8 }\nstruct AB {}", "`AB`"),
            ("const limit: u8 = 1;\nconst LIMIT: u8 = 2;", "`LIMIT`"),
        ];
        for (items, name) in cases {
            let shown = refused(&format!("package p;\n{items}\n"));
            assert!(
                shown.contains("error[E0801]") && shown.contains(name) && shown.contains("in Rust"),
                "{items}:\n{shown}"
            );
            assert!(shown.contains(", too"), "the other place is shown: {shown}");
        }
    }

    #[test]
    fn parameters_that_become_one_are_refused() {
        let shown = refused("package p;\nstruct P<aB, AB> { x: aB, y: AB }\n");
        assert!(
            shown.contains("error[E0801]: the parameter `AB` and the parameter `aB`"),
            "{shown}"
        );
    }

    #[test]
    fn an_external_package_that_nobody_uses_is_a_mistake() {
        let input = Input::Text {
            name: "test.scipp".to_owned(),
            text: "package p;\nstruct S {}\n".to_owned(),
        };
        let checked = scipp_idl::check(&[input], &scipp_idl::Options::default());
        let external = [("q".to_owned(), "::other::q".parse().unwrap())];
        let options = Options {
            external: external.into(),
            ..Options::default()
        };
        let shown = generate(&checked.schema, &options)
            .unwrap_err()
            .render(&checked.sources, false);
        assert!(
            shown.contains("error[E0803]: no schema uses the package `q`")
                && shown.contains("the schemas use `p`"),
            "{shown}"
        );
    }
}
