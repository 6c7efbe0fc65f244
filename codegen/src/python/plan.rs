//! What everything is called, and where: modules, names of each, collisions.

use super::SUPPORT;
use super::names;
use crate::names::upper_camel;
use crate::problem::{Problems, collision_in};
use scipp_idl::schema::{
    Endpoint, ExtBody, Interface, Item, ItemKind, ItemName, Newtype, Package, Scalar, Schema, Type,
};
use scipp_idl::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Every package that is generated, and the items of all.
#[derive(Debug)]
pub(crate) struct Plan<'s> {
    items: BTreeMap<(&'s str, &'s str), &'s Item>,
    /// By package.
    pub(crate) modules: BTreeMap<&'s str, ModulePlan<'s>>,
}

/// The module of a package.
#[derive(Debug)]
pub(crate) struct ModulePlan<'s> {
    pub(crate) package: &'s Package,
    /// Segments of its path below the generated package.
    pub(crate) path: Vec<String>,
    /// Whether it is a folder, since other packages lie below.
    pub(crate) folder: bool,
    /// All names of the module.
    pub(crate) top: BTreeSet<String>,
    /// Names of members that stand in classes and functions: they hide others there.
    pub(crate) members: BTreeSet<String>,
}

/// What a newtype is in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewtypeForm {
    /// `NewType`.
    Type,
    /// Another name: neither type checkers nor msgspec take a `NewType` of it.
    Alias,
}

impl<'s> Plan<'s> {
    pub(crate) fn of(
        schema: &'s Schema,
        generated: &BTreeSet<&str>,
        problems: &mut Problems,
    ) -> Self {
        let items = schema.packages.values().flat_map(|package| {
            let of = |item: &'s Item| ((package.name.as_str(), item.name.as_str()), item);
            package.items.iter().map(of)
        });
        let mut plan = Self {
            items: items.collect(),
            modules: BTreeMap::new(),
        };
        let packages: Vec<&Package> = schema
            .packages
            .values()
            .filter(|package| generated.contains(package.name.as_str()))
            .collect();
        let mut paths: BTreeMap<Vec<String>, &Package> = BTreeMap::new();
        for package in &packages {
            let path = module_path(&package.name);
            if let Some(first) = paths.insert(path.clone(), package) {
                let what = |package: &Package| format!("the package `{}`", package.name);
                problems.push(collision_in(
                    "Python",
                    &path.join("."),
                    &what(package),
                    package.span,
                    &what(first),
                    first.span,
                ));
            }
        }
        for package in packages {
            let path = module_path(&package.name);
            let folder = paths
                .keys()
                .any(|it| it.len() > path.len() && it.starts_with(&path));
            let module = plan.module(package, path, folder, problems);
            plan.modules.insert(&package.name, module);
        }
        plan
    }

    fn module(
        &self,
        package: &'s Package,
        path: Vec<String>,
        folder: bool,
        problems: &mut Problems,
    ) -> ModulePlan<'s> {
        let mut tops = Names::default();
        let mut members = BTreeSet::new();
        for item in &package.items {
            for (name, what) in self.top_names(item) {
                tops.put(name, what, item.span, problems);
            }
            let mut params = Names::default();
            for param in &item.params {
                let what = format!("the parameter `{param}`");
                params.put(names::class(param), what, item.span, problems);
            }
            members.extend(params.names.into_keys());
            self.members(item, &mut members, problems);
        }
        ModulePlan {
            package,
            path,
            folder,
            top: tops.names.into_keys().collect(),
            members,
        }
    }

    /// The names that an item takes in its module.
    fn top_names(&self, item: &'s Item) -> Vec<(String, String)> {
        let class = names::class(&item.name);
        let what = format!("`{}`", item.name);
        let mut found = Vec::new();
        match &item.kind {
            ItemKind::Const(_) => found.push((names::constant(&item.name), what)),
            ItemKind::Error(_) => {
                found.push((value_class(&item.name), format!("the value of {what}")));
                found.push((class, what));
            }
            ItemKind::Ext(_) => {
                found.push((extension(&item.name), format!("the extension of {what}")));
                found.push((class, what));
            }
            // None of its endpoints is for plain peers.
            ItemKind::Interface(interface)
                if self.endpoints(interface).is_empty() && !interface.endpoints.is_empty() => {}
            ItemKind::Interface(interface) => {
                found.push((client(&class), format!("the client of {what}")));
                found.push((expose(&item.name), format!("what serves {what}")));
                for endpoint in self.endpoints(interface) {
                    let of = format!("`{}` of {what}", endpoint.name);
                    found.push((arguments(item, endpoint), format!("the arguments of {of}")));
                    found.push((table(item, endpoint), format!("the endpoint {of}")));
                }
                found.push((class, what));
            }
            _ => found.push((class, what)),
        }
        found
    }

    /// The names of the members of an item.
    fn members(&self, item: &'s Item, into: &mut BTreeSet<String>, problems: &mut Problems) {
        let mut record = |fields: &[scipp_idl::schema::Field], problems: &mut Problems| {
            let mut found = Names::default();
            for field in fields {
                let name = names::member(&field.name);
                let what = format!("the field `{}`", field.name);
                found.put(name, what, field.span, problems);
            }
            into.extend(found.names.into_keys());
        };
        match &item.kind {
            ItemKind::Struct(it) | ItemKind::Message(it) => record(&it.fields, problems),
            ItemKind::Error(it) => record(&it.record.fields, problems),
            ItemKind::Ext(it) => {
                if let ExtBody::Record(it) = &it.body {
                    record(&it.fields, problems);
                }
            }
            ItemKind::Enum(it) => {
                let mut found = Names::default();
                for member in &it.members {
                    let name = names::enum_member(&member.name);
                    let what = format!("the member `{}`", member.name);
                    found.put(name, what, member.span, problems);
                }
                into.extend(found.names.into_keys());
            }
            ItemKind::Interface(it) => {
                let mut found = Names::default();
                for endpoint in self.endpoints(it) {
                    record(&endpoint.args.fields, problems);
                    let name = names::member(&endpoint.name);
                    let what = format!("the endpoint `{}`", endpoint.name);
                    found.put(name, what, endpoint.span, problems);
                }
                into.extend(found.names.into_keys());
            }
            _ => {}
        }
    }

    /// The item of that name.
    pub(crate) fn item(&self, name: &ItemName) -> Option<&'s Item> {
        let key = (name.package.as_str(), name.name.as_str());
        self.items.get(&key).copied()
    }

    /// The type that `ty` is another name for.
    pub(crate) fn unaliased<'t>(&self, mut ty: &'t Type) -> &'t Type
    where
        's: 't,
    {
        while let Type::Named { name, .. } = ty {
            match self.item(name).map(|item| &item.kind) {
                Some(ItemKind::Alias(target)) => ty = target,
                _ => break,
            }
        }
        ty
    }

    /// What a newtype is.
    pub(crate) fn newtype_form(&self, name: &ItemName, newtype: &Newtype) -> NewtypeForm {
        if self.contains_itself(name) {
            return NewtypeForm::Alias;
        }
        let form = |good: bool| {
            if good {
                NewtypeForm::Type
            } else {
                NewtypeForm::Alias
            }
        };
        match self.unaliased(&newtype.ty) {
            Type::Scalar(scalar) => form(!matches!(scalar, Scalar::Any | Scalar::Nil)),
            Type::List(_) | Type::Map(..) | Type::Tuple(_) => NewtypeForm::Type,
            Type::Named { name, .. } => match self.item(name).map(|item| &item.kind) {
                Some(ItemKind::Newtype(inner)) => self.newtype_form(name, inner),
                Some(ItemKind::Enum(_) | ItemKind::Ext(_)) => NewtypeForm::Type,
                _ => NewtypeForm::Alias,
            },
            _ => NewtypeForm::Alias,
        }
    }

    /// Whether a name for a type comes back to itself without a record between.
    pub(crate) fn contains_itself(&self, name: &ItemName) -> bool {
        let mut seen: BTreeSet<&ItemName> = BTreeSet::new();
        let mut next: Vec<&ItemName> = self.named_in(name);
        while let Some(inner) = next.pop() {
            if inner == name {
                return true;
            }
            if seen.insert(inner) {
                next.extend(self.named_in(inner));
            }
        }
        false
    }

    /// The types that a name for a type names; of a record, none.
    fn named_in(&self, name: &ItemName) -> Vec<&'s ItemName> {
        let mut found = Vec::new();
        match self.item(name).map(|item| &item.kind) {
            Some(ItemKind::Alias(ty)) => named(ty, &mut found),
            Some(ItemKind::Newtype(it)) => named(&it.ty, &mut found),
            Some(ItemKind::Union(it)) => it.members.iter().for_each(|it| named(it, &mut found)),
            _ => {}
        }
        found
    }

    /// Endpoints of an interface that a plain peer can hold: those that it extends first, then its own. A name that comes twice
    /// counts once.
    pub(crate) fn endpoints(&self, interface: &'s Interface) -> Vec<&'s Endpoint> {
        let mut seen = Vec::new();
        let mut found = Vec::new();
        self.collect(interface, &mut seen, &mut found);
        found
    }

    fn collect(
        &self,
        interface: &'s Interface,
        seen: &mut Vec<*const Interface>,
        found: &mut Vec<&'s Endpoint>,
    ) {
        if seen.contains(&std::ptr::from_ref(interface)) {
            return;
        }
        seen.push(interface);
        for base in &interface.extends {
            if let Some(ItemKind::Interface(base)) = self.item(base).map(|item| &item.kind) {
                self.collect(base, seen, found);
            }
        }
        let held = |it: &&Endpoint| !it.options.peers_scipp_only;
        found.extend(interface.endpoints.iter().filter(held));
    }
}

fn named<'s>(ty: &'s Type, into: &mut Vec<&'s ItemName>) {
    match ty {
        Type::Scalar(_) | Type::Param(_) => {}
        Type::List(it) | Type::Optional(it) => named(it, into),
        Type::Map(key, value) => {
            named(key, into);
            named(value, into);
        }
        Type::Tuple(types) | Type::Union(types) => types.iter().for_each(|it| named(it, into)),
        Type::Named { name, args } => {
            into.push(name);
            args.iter().for_each(|it| named(it, into));
        }
    }
}

/// Names of one place, each with what it is.
#[derive(Debug, Default)]
struct Names {
    names: BTreeMap<String, (String, Span)>,
}

impl Names {
    fn put(&mut self, name: String, what: String, span: Span, problems: &mut Problems) {
        match self.names.get(&name) {
            Some((first, at)) => {
                problems.push(collision_in("Python", &name, &what, span, first, *at));
            }
            None => {
                self.names.insert(name, (what, span));
            }
        }
    }
}

/// Segments of the module of a package.
fn module_path(package: &str) -> Vec<String> {
    let segment = |name: &str| match names::ident(name) {
        name if name == SUPPORT => format!("{name}_"),
        name => name,
    };
    package.split('.').map(segment).collect()
}

/// The class that holds the fields of an error.
pub(crate) fn value_class(error: &str) -> String {
    format!("{}Value", names::class(error))
}

/// What makes values of an extension type.
pub(crate) fn extension(ext: &str) -> String {
    format!("{}_EXT", names::constant(ext))
}

/// The class that calls an interface.
pub(crate) fn client(class: &str) -> String {
    format!("{class}Client")
}

/// The function that serves an interface.
pub(crate) fn expose(interface: &str) -> String {
    format!("expose_{}", names::function(interface))
}

/// The class of the arguments of an endpoint.
pub(crate) fn arguments(interface: &Item, endpoint: &Endpoint) -> String {
    format!(
        "{}{}Args",
        names::class(&interface.name),
        upper_camel(&endpoint.name)
    )
}

/// What describes an endpoint.
pub(crate) fn table(interface: &Item, endpoint: &Endpoint) -> String {
    format!(
        "_{}_{}",
        names::constant(&interface.name),
        names::constant(&endpoint.name)
    )
}
