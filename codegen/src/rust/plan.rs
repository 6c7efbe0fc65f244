//! Who is called what and where: decided for all packages before the first line is written.

use super::facts::Facts;
use super::{Options, RustPath, names_of};
use crate::names;
use crate::problem::{Problems, collision};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use scipp_idl::schema::{
    Endpoint, ErrorRecord, ExtBody, Interface, Item, ItemKind, ItemName, Package, Record, Schema,
    Type,
};
use scipp_idl::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Names that generated code takes from the prelude. Where a schema declares one of them, the code says
/// the whole path instead.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "std::boxed"),
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

/// The module that generated code has for what it runs on.
pub(crate) const SUPPORT: &str = "scipp";

/// The names of one Rust module.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    names: BTreeMap<String, Declared>,
}

#[derive(Debug)]
struct Declared {
    what: String,
    span: Span,
}

impl Scope {
    /// Takes a name for `what`, such as "the message `Quote`".
    pub(crate) fn declare(
        &mut self,
        name: &str,
        what: String,
        span: Span,
        problems: &mut Problems,
    ) {
        match self.names.get(name) {
            Some(first) => problems.push(collision(name, &what, span, &first.what, first.span)),
            None => drop(self.names.insert(name.to_owned(), Declared { what, span })),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }
}

/// What is decided about one package.
#[derive(Debug)]
pub(crate) struct PackagePlan<'a> {
    pub(crate) package: &'a Package,
    /// Segments of its module, or the path of the crate that has it.
    home: Home,
    pub(crate) scope: Scope,
    /// Names of the module of each interface, by the name of the interface in the schema.
    pub(crate) interfaces: BTreeMap<&'a str, Scope>,
    /// Items of other packages that a `use` brings in, and as what.
    pub(crate) imports: BTreeMap<ItemName, Ident>,
}

#[derive(Debug)]
enum Home {
    Here(Vec<Ident>),
    Elsewhere(RustPath),
}

/// The decisions for a whole schema.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) facts: Facts<'a>,
    /// Where derives find their names, if not in the runtime.
    support: Option<RustPath>,
    packages: BTreeMap<&'a str, PackagePlan<'a>>,
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
            for (hint, ty) in inline_places(item, &name) {
                for union in inline_unions(&hint, ty) {
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
            let mut taken: BTreeSet<String> =
                PRELUDE.iter().map(|(name, _)| (*name).to_owned()).collect();
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
        Place {
            plan: self,
            planned,
            interface: None,
        }
    }
}

/// The module in which something is written: there, how is something else called?
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) plan: &'p Plan<'p>,
    pub(crate) planned: &'p PackagePlan<'p>,
    interface: Option<&'p Scope>,
}

impl<'p> Place<'p> {
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
                let up = std::iter::repeat_n(quote!(super), ups);
                let down = there.iter().skip(common).map(|segment| quote!(#segment));
                let segments = up.chain(down);
                quote!(#(#segments)::*)
            }
            Some(Home::Elsewhere(path)) => quote!(#path),
            None => quote!(),
        }
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

/// The types of an item that may hold unions without a name, each with the name that such a union gets.
pub(crate) fn inline_places<'t>(item: &'t Item, name: &str) -> Vec<(String, &'t Type)> {
    match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => record_places(record, name),
        ItemKind::Error(error) => record_places(&error.record, name),
        ItemKind::Union(union) => member_places(&union.members, name),
        // An alias of a union *is* its name.
        ItemKind::Alias(Type::Union(members)) => member_places(members, name),
        ItemKind::Alias(ty) => vec![(format!("{name}Item"), ty)],
        ItemKind::Newtype(newtype) => vec![(format!("{name}Value"), &newtype.ty)],
        ItemKind::Ext(ext) => match &ext.body {
            ExtBody::Record(record) => record_places(record, name),
            ExtBody::Type(ty) => vec![(format!("{name}Value"), ty)],
        },
        ItemKind::Const(_) | ItemKind::Enum(_) | ItemKind::Interface(_) => Vec::new(),
    }
}

/// The same for a record.
pub(crate) fn record_places<'t>(record: &'t Record, name: &str) -> Vec<(String, &'t Type)> {
    record
        .fields
        .iter()
        .map(|field| (field_hint(name, &field.name), &field.ty))
        .collect()
}

/// The name of a union without a name in a field.
pub(crate) fn field_hint(owner: &str, field: &str) -> String {
    format!(
        "{owner}{}",
        names::upper_camel(field).trim_start_matches('_')
    )
}

fn member_places<'t>(members: &'t [Type], name: &str) -> Vec<(String, &'t Type)> {
    variant_names(members)
        .into_iter()
        .zip(members)
        .map(|(variant, ty)| (format!("{name}{variant}"), ty))
        .collect()
}

/// The types of an endpoint that may hold unions without a name.
pub(crate) fn endpoint_places<'t>(endpoint: &'t Endpoint, name: &str) -> Vec<(String, &'t Type)> {
    let mut places = record_places(&endpoint.args, &format!("{name}Args"));
    places.push((format!("{name}Started"), &endpoint.started));
    places.extend(
        endpoint
            .accepts
            .iter()
            .map(|ty| (format!("{name}Accepts"), ty)),
    );
    places.extend(
        endpoint
            .yields
            .iter()
            .map(|ty| (format!("{name}Yields"), ty)),
    );
    places.push((format!("{name}Returns"), &endpoint.returns));
    places
}

/// A union without a name, and the name that it gets.
#[derive(Debug)]
pub(crate) struct InlineUnion<'t> {
    pub(crate) name: String,
    pub(crate) members: &'t [Type],
}

/// The unions without a name in `ty`, outermost first. The first is called `hint`, the next `hint` with a number;
/// those inside of a member have the name of the union and of the member in front.
pub(crate) fn inline_unions<'t>(hint: &str, ty: &'t Type) -> Vec<InlineUnion<'t>> {
    let mut found = Vec::new();
    collect_unions(hint, ty, &mut 0, &mut found);
    found
}

fn collect_unions<'t>(hint: &str, ty: &'t Type, count: &mut u32, found: &mut Vec<InlineUnion<'t>>) {
    match ty {
        Type::Scalar(_) | Type::Named { .. } | Type::Param(_) => {}
        Type::List(inner) | Type::Optional(inner) => collect_unions(hint, inner, count, found),
        Type::Map(key, value) => {
            collect_unions(hint, key, count, found);
            collect_unions(hint, value, count, found);
        }
        Type::Tuple(types) => types
            .iter()
            .for_each(|ty| collect_unions(hint, ty, count, found)),
        Type::Union(members) => {
            let name = numbered(hint, count);
            found.push(InlineUnion {
                name: name.clone(),
                members,
            });
            for (hint, ty) in member_places(members, &name) {
                found.extend(inline_unions(&hint, ty));
            }
        }
    }
}

/// The next name for a union of this place.
pub(crate) fn numbered(hint: &str, count: &mut u32) -> String {
    *count += 1;
    if *count == 1 {
        hint.to_owned()
    } else {
        format!("{hint}{count}")
    }
}

/// Names of the variants of a union, in order. Members with one name from different packages get those of
/// their packages in front.
pub(crate) fn variant_names(members: &[Type]) -> Vec<String> {
    let plain: Vec<String> = members.iter().map(variant_name).collect();
    let again = |name: &String| plain.iter().filter(|other| *other == name).count() > 1;
    plain
        .iter()
        .zip(members)
        .map(|(name, ty)| match ty {
            Type::Named { name: item, .. } if again(name) => {
                let package = item.package.rsplit('.').next().unwrap_or_default();
                format!("{}{name}", names::upper_camel(package))
            }
            _ => name.clone(),
        })
        .collect()
}

fn variant_name(ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => format!("{scalar:?}"),
        Type::List(_) => "List".to_owned(),
        Type::Map(..) => "Map".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Optional(inner) => variant_name(inner),
        Type::Union(_) => "Union".to_owned(),
        Type::Named { name, args } => {
            let args = args.iter().map(variant_name).collect::<String>();
            format!("{}{args}", names::upper_camel(&name.name))
        }
        Type::Param(name) => names::upper_camel(name),
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
    for (hint, ty) in endpoint_places(endpoint, &name) {
        for union in inline_unions(&hint, ty) {
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
