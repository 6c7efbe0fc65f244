//! Who is called what and where: decided for all packages before the first line is written.

use super::facts::Facts;
use super::inline::{inline_places, inline_unions, phase_places, record_places};
use super::place::{self, Place};
use super::scope::Scope;
use super::{Options, RustPath, names_of};
use crate::names;
use crate::problem::{Problems, collision};
use proc_macro2::Ident;
use quote::format_ident;
use scipp_idl::schema::{
    Endpoint, ErrorRecord, ExtBody, Interface, Item, ItemKind, ItemName, Package, Record, Schema,
    Type,
};
use scipp_idl::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The module that generated code has for what it runs on.
pub(crate) const SUPPORT: &str = "scipp";

/// What is decided about one package.
#[derive(Debug)]
pub(crate) struct PackagePlan<'a> {
    pub(crate) package: &'a Package,
    /// Segments of its module, or the path of the crate that has it.
    pub(crate) home: Home,
    pub(crate) scope: Scope,
    /// Names of the module of each interface, by the name of the interface in the schema.
    pub(crate) interfaces: BTreeMap<&'a str, Scope>,
    /// Items of other packages that a `use` brings in, and as what.
    pub(crate) imports: BTreeMap<ItemName, Ident>,
}

/// Where the module of a package is.
#[derive(Debug)]
pub(crate) enum Home {
    /// Generated in this run, with these segments.
    Here(Vec<Ident>),
    /// In another crate.
    Elsewhere(RustPath),
}

/// The decisions for a whole schema.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) facts: Facts<'a>,
    /// Where derives find their names, if not in the runtime.
    pub(crate) support: Option<RustPath>,
    /// Whether examples are generated as values.
    pub(crate) examples: bool,
    pub(crate) packages: BTreeMap<&'a str, PackagePlan<'a>>,
}

impl<'a> Plan<'a> {
    /// Decides; collisions are problems.
    pub(crate) fn of(
        schema: &'a Schema,
        generated: &BTreeSet<&str>,
        options: &Options,
        problems: &mut Problems,
    ) -> Plan<'a> {
        let support =
            Some(options.support.clone()).filter(|support| *support != RustPath::runtime());
        let mut plan = Plan {
            facts: Facts::of(schema),
            support,
            examples: options.examples,
            packages: BTreeMap::new(),
        };
        let mut modules: BTreeMap<Vec<String>, &Package> = BTreeMap::new();
        for package in schema.packages.values() {
            let home = match options.external.get(&package.name) {
                Some(path) => Home::Elsewhere(path.clone()),
                None if generated.contains(package.name.as_str()) => {
                    Home::Here(module_path(&package.name))
                }
                // Nothing that is generated names it.
                None => continue,
            };
            let mut planned = PackagePlan {
                package,
                home,
                scope: Scope::default(),
                interfaces: BTreeMap::new(),
                imports: BTreeMap::new(),
            };
            if let Home::Here(path) = &planned.home {
                let path: Vec<String> = path.iter().map(Ident::to_string).collect();
                if let Some(first) = modules.insert(path.clone(), package) {
                    let (what, other) = (
                        format!("the package `{}`", package.name),
                        format!("the package `{}`", first.name),
                    );
                    problems.push(collision(
                        &path.join("::"),
                        &what,
                        package.span,
                        &other,
                        first.span,
                    ));
                }
                plan.declare(&mut planned, problems);
            }
            plan.packages.insert(&package.name, planned);
        }
        plan.declare_child_modules(problems);
        plan.import();
        plan
    }

    /// Packages that are generated here, in the order of their names.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&PackagePlan<'a>, &[Ident])> {
        self.packages
            .values()
            .filter_map(|planned| match &planned.home {
                Home::Here(path) => Some((planned, path.as_slice())),
                Home::Elsewhere(_) => None,
            })
    }

    /// Names of everything that becomes an item of the package's module.
    fn declare(&self, planned: &mut PackagePlan<'a>, problems: &mut Problems) {
        let package = planned.package;
        let scope = &mut planned.scope;
        for item in &package.items {
            let name = item_ident(item).to_string();
            let what = format!("the {} `{}`", kind_name(item), item.name);
            scope.declare(&name, what.clone(), item.span, problems);
            let mut params = Scope::default();
            for param in &item.params {
                let name = names::upper_camel(param);
                params.declare(
                    &name,
                    format!("the parameter `{param}`"),
                    item.span,
                    problems,
                );
            }
            for place in inline_places(item, &name) {
                for union in inline_unions(&place) {
                    scope.declare(
                        &union.name,
                        format!("a union inside of {what}"),
                        item.span,
                        problems,
                    );
                }
            }
            if let ItemKind::Interface(interface) = &item.kind {
                scope.declare(
                    &format!("{name}Client"),
                    format!("the client of {what}"),
                    item.span,
                    problems,
                );
                scope.declare(
                    &format!("{name}Server"),
                    format!("the server of {what}"),
                    item.span,
                    problems,
                );
                scope.declare(
                    &interface_module(item).to_string(),
                    format!("the module of {what}"),
                    item.span,
                    problems,
                );
                let endpoints = self.endpoints(interface);
                let mut inner = Scope::default();
                inner.declare(
                    SUPPORT,
                    "the support module".to_owned(),
                    item.span,
                    problems,
                );
                inner.declare(
                    "INTERFACE",
                    format!("the description of {what}"),
                    item.span,
                    problems,
                );
                if self.examples {
                    let what = format!("the examples of {what}");
                    inner.declare("Mock", what, item.span, problems);
                }
                for endpoint in endpoints {
                    declare_endpoint(&mut inner, endpoint, problems);
                }
                planned.interfaces.insert(&item.name, inner);
            }
        }
    }

    /// A package below another is a module inside of the other's module.
    fn declare_child_modules(&mut self, problems: &mut Problems) {
        let children: Vec<(String, Ident, String, Span)> = self
            .packages()
            .filter_map(|(planned, path)| {
                let parent = planned.package.name.rsplit_once('.')?.0.to_owned();
                Some((
                    parent,
                    path.last()?.clone(),
                    planned.package.name.clone(),
                    planned.package.span,
                ))
            })
            .collect();
        for (parent, module, name, span) in children {
            if let Some(parent) = self.packages.get_mut(parent.as_str()) {
                parent.scope.declare(
                    &module.to_string(),
                    format!("the package `{name}`"),
                    span,
                    problems,
                );
            }
        }
    }

    /// Names from other packages get a `use` where they are free in this one.
    fn import(&mut self) {
        let mut imports: BTreeMap<&str, BTreeMap<ItemName, Ident>> = BTreeMap::new();
        for (planned, _) in self.packages() {
            let mut wanted = BTreeSet::new();
            for item in &planned.package.items {
                self.mentions(item, &mut wanted);
            }
            let mut taken = place::prelude();
            let mut mine = BTreeMap::new();
            for name in wanted {
                let Some(item) = self
                    .facts
                    .item(name)
                    .filter(|_| name.package != planned.package.name)
                else {
                    continue;
                };
                let ident = item_ident(item);
                if !planned.scope.has(&ident.to_string())
                    && ident != SUPPORT
                    && taken.insert(ident.to_string())
                {
                    mine.insert(name.clone(), ident);
                }
            }
            imports.insert(&planned.package.name, mine);
        }
        let imports: Vec<(String, BTreeMap<ItemName, Ident>)> = imports
            .into_iter()
            .map(|(package, imports)| (package.to_owned(), imports))
            .collect();
        for (package, imports) in imports {
            if let Some(planned) = self.packages.get_mut(package.as_str()) {
                planned.imports = imports;
            }
        }
    }

    /// Items that the generated code of `item` names.
    fn mentions(&self, item: &'a Item, found: &mut BTreeSet<&'a ItemName>) {
        match &item.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => mention_record(record, found),
            ItemKind::Error(ErrorRecord { record, .. }) => mention_record(record, found),
            ItemKind::Union(union) => union.members.iter().for_each(|ty| mention(ty, found)),
            ItemKind::Alias(ty) => mention(ty, found),
            ItemKind::Newtype(newtype) => mention(&newtype.ty, found),
            ItemKind::Const(def) => mention(&def.ty, found),
            ItemKind::Ext(ext) => match &ext.body {
                ExtBody::Record(record) => mention_record(record, found),
                ExtBody::Type(ty) => mention(ty, found),
            },
            ItemKind::Interface(interface) => {
                for endpoint in self.endpoints(interface) {
                    mention_record(&endpoint.args, found);
                    let types = [
                        Some(&endpoint.started),
                        endpoint.accepts.as_ref(),
                        endpoint.yields.as_ref(),
                        Some(&endpoint.returns),
                    ];
                    types
                        .into_iter()
                        .flatten()
                        .for_each(|ty| mention(ty, found));
                    found.extend(&endpoint.raises);
                }
            }
            ItemKind::Enum(_) => {}
        }
    }

    /// Endpoints of an interface: those that it extends first, then its own. A name that comes twice counts once.
    pub(crate) fn endpoints(&self, interface: &'a Interface) -> Vec<&'a Endpoint> {
        fn collect<'a>(
            plan: &Plan<'a>,
            interface: &'a Interface,
            seen: &mut Vec<*const Interface>,
            out: &mut Vec<&'a Endpoint>,
        ) {
            if seen.contains(&std::ptr::from_ref(interface)) {
                return;
            }
            seen.push(interface);
            for base in &interface.extends {
                if let Some(Item {
                    kind: ItemKind::Interface(base),
                    ..
                }) = plan.facts.item(base)
                {
                    collect(plan, base, seen, out);
                }
            }
            out.extend(&interface.endpoints);
        }
        let mut endpoints = Vec::new();
        collect(self, interface, &mut Vec::new(), &mut endpoints);
        endpoints
    }

    /// A package by name.
    pub(crate) fn package(&self, name: &str) -> Option<&'a Package> {
        self.packages.get(name).map(|planned| planned.package)
    }

    /// Where the items of a package are written.
    pub(crate) fn place<'p>(&'p self, planned: &'p PackagePlan<'p>) -> Place<'p> {
        Place::of(self, planned)
    }
}

/// Segments of the module of a package. `scipp` is what generated modules call their support.
fn module_path(package: &str) -> Vec<Ident> {
    package.split('.').map(module_ident).collect()
}

fn module_ident(name: &str) -> Ident {
    let name = names::snake(name);
    if name == SUPPORT {
        format_ident!("{SUPPORT}_")
    } else {
        names::rust_ident(&name)
    }
}

/// What an item is called in Rust.
pub(crate) fn item_ident(item: &Item) -> Ident {
    match &item.kind {
        ItemKind::Const(_) => names::rust_ident(&names::shouty(&item.name)),
        _ => names_of(&item.name),
    }
}

/// The module of an interface.
pub(crate) fn interface_module(item: &Item) -> Ident {
    use heck::ToSnakeCase;
    module_ident(&item.name.to_snake_case())
}

/// What an item is, in the words of the language.
pub(crate) fn kind_name(item: &Item) -> &'static str {
    match &item.kind {
        ItemKind::Struct(_) => "struct",
        ItemKind::Message(_) => "message",
        ItemKind::Error(_) => "error",
        ItemKind::Enum(_) => "enum",
        ItemKind::Union(_) => "union",
        ItemKind::Alias(_) => "alias",
        ItemKind::Newtype(_) => "newtype",
        ItemKind::Const(_) => "constant",
        ItemKind::Ext(_) => "extension type",
        ItemKind::Interface(_) => "interface",
    }
}

fn declare_endpoint(scope: &mut Scope, endpoint: &Endpoint, problems: &mut Problems) {
    let name = endpoint_name(endpoint);
    let what = format!("the endpoint `{}`", endpoint.name);
    scope.declare(&name, what.clone(), endpoint.span, problems);
    scope.declare(
        &format!("{name}Args"),
        format!("the arguments of {what}"),
        endpoint.span,
        problems,
    );
    if endpoint.raises.len() > 1 {
        scope.declare(
            &format!("{name}Error"),
            format!("the errors of {what}"),
            endpoint.span,
            problems,
        );
    }
    let args = record_places(&endpoint.args, &format!("{name}Args"));
    for place in args.into_iter().chain(phase_places(endpoint)) {
        for union in inline_unions(&place) {
            scope.declare(
                &union.name,
                format!("a union inside of {what}"),
                endpoint.span,
                problems,
            );
        }
    }
}

/// The name of the marker of an endpoint.
pub(crate) fn endpoint_name(endpoint: &Endpoint) -> String {
    names::upper_camel(&endpoint.name)
}

fn mention<'a>(ty: &'a Type, found: &mut BTreeSet<&'a ItemName>) {
    match ty {
        Type::Scalar(_) | Type::Param(_) => {}
        Type::List(inner) | Type::Optional(inner) => mention(inner, found),
        Type::Map(key, value) => {
            mention(key, found);
            mention(value, found);
        }
        Type::Tuple(types) | Type::Union(types) => types.iter().for_each(|ty| mention(ty, found)),
        Type::Named { name, args } => {
            found.insert(name);
            args.iter().for_each(|ty| mention(ty, found));
        }
    }
}

fn mention_record<'a>(record: &'a Record, found: &mut BTreeSet<&'a ItemName>) {
    for field in &record.fields {
        mention(&field.ty, found);
    }
}
