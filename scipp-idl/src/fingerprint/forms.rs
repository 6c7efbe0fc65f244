//! The canonical forms of types, records, endpoints and interfaces.
//!
//! Each item is worked out once, after those that it is made of; a text of more than 64 bytes stands inside of others as
//! its hash, so no form is longer than its own declaration and no type is hashed again for each use.

use super::Form;
use super::text::{INLINE_BYTES_MAX, hash, quoted, short};
use super::values::{member_text, repr_text};
use crate::graph;
use crate::schema::{
    Endpoint, EndpointKind, Enum, ErrorRecord, ExtBody, Interface, ItemKind, ItemName, Member,
    Presence, Record, Schema, Type,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The items of a schema and how they stand in types.
pub(super) struct Forms<'a> {
    pub(super) items: Vec<((&'a str, &'a str), &'a ItemKind)>,
    pub(super) schema: &'a Schema,
    index: HashMap<(&'a str, &'a str), usize>,
    /// By item: how it stands in a type.
    texts: Vec<String>,
    params: Vec<&'a [String]>,
    /// Members of enums by their names.
    pub(super) members: HashMap<(usize, &'a str), &'a Member>,
    /// What stands as its hash: the hash of each text.
    hashed: RefCell<HashMap<String, String>>,
}

impl<'a> Forms<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let mut items = Vec::new();
        let mut params = Vec::new();
        let mut members = HashMap::new();
        for package in schema.packages.values() {
            for item in &package.items {
                if let ItemKind::Enum(it) = &item.kind {
                    let at = items.len();
                    members.extend(it.members.iter().map(|it| ((at, it.name.as_str()), it)));
                }
                items.push(((package.name.as_str(), item.name.as_str()), &item.kind));
                params.push(item.params.as_slice());
            }
        }
        let index = items
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (*name, at))
            .collect();
        let texts = vec![String::new(); items.len()];
        Self {
            items,
            schema,
            index,
            texts,
            params,
            members,
            hashed: RefCell::default(),
        }
    }

    pub(super) fn find(&self, name: &ItemName) -> Option<usize> {
        self.index
            .get(&(name.package.as_str(), name.name.as_str()))
            .copied()
    }

    pub(super) fn kind(&self, name: &ItemName) -> Option<&'a ItemKind> {
        self.items.get(self.find(name)?).map(|(_, kind)| *kind)
    }

    /// The type parameters of an item.
    pub(super) fn params(&self, name: &ItemName) -> &'a [String] {
        let at = self.find(name).and_then(|at| self.params.get(at));
        at.copied().unwrap_or_default()
    }

    /// The texts that stand as their hash, by it.
    pub(super) fn into_hashed(self) -> BTreeMap<String, String> {
        let hashed = self.hashed.into_inner();
        hashed
            .into_iter()
            .map(|(text, hash)| (hash, text))
            .collect()
    }

    /// Works out all items, each after those it is made of.
    pub(super) fn items(&mut self) {
        let edges: Vec<Vec<usize>> = self
            .items
            .iter()
            .map(|(_, kind)| {
                let mut found = Vec::new();
                each_type(kind, &mut |ty| self.named_in(ty, &mut found));
                found
            })
            .collect();
        let component = graph::components(&edges);
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.items.len()];
        for (at, of) in component.iter().enumerate() {
            if let Some(list) = members.get_mut(*of) {
                list.push(at);
            }
        }
        for circle in members {
            let loops = |at: &usize| edges.get(*at).is_some_and(|it| it.contains(at));
            match circle.as_slice() {
                [] => {}
                [at] if !loops(at) => {
                    let text = self.item(*at);
                    self.set(*at, text);
                }
                _ => self.circle(&circle, &edges),
            }
        }
    }

    /// Items that contain each other: by name inside, and hashed together. Aliases are no more than what they stand for
    /// here, too.
    fn circle(&mut self, circle: &[usize], edges: &[Vec<usize>]) {
        let mut named: Vec<(String, usize)> = Vec::new();
        let mut aliases = Vec::new();
        for at in circle {
            match self.items.get(*at) {
                Some((_, ItemKind::Alias(_))) => aliases.push(*at),
                Some(((package, name), _)) => named.push((format!("{package}.{name}"), *at)),
                None => {}
            }
        }
        named.sort_unstable();
        let aliases = dependents_last(&aliases, edges);
        for (name, at) in &named {
            self.set(*at, format!("@{name}"));
        }
        self.work_out(&aliases);
        let texts: Vec<String> = named
            .iter()
            .map(|(name, at)| format!("{name}={}", self.item(*at)))
            .collect();
        let all = self.hash(&texts.join(";"));
        for (name, at) in &named {
            let text = format!("#{}", self.hash(&format!("{name} in #{all}")));
            self.set(*at, text);
        }
        self.work_out(&aliases);
    }

    fn work_out(&mut self, items: &[usize]) {
        for at in items {
            let text = self.item(*at);
            self.set(*at, text);
        }
    }

    /// A text of any length as it stands inside of another.
    fn inline(&self, text: String) -> String {
        if text.len() <= INLINE_BYTES_MAX {
            text
        } else {
            format!("#{}", self.hash(&text))
        }
    }

    fn hash(&self, text: &str) -> String {
        if let Some(known) = self.hashed.borrow().get(text) {
            return known.clone();
        }
        let hash = hash(text);
        self.hashed
            .borrow_mut()
            .insert(text.to_owned(), hash.clone());
        hash
    }

    fn set(&mut self, at: usize, text: String) {
        if let Some(place) = self.texts.get_mut(at) {
            *place = text;
        }
    }

    fn named_in(&self, ty: &Type, found: &mut Vec<usize>) {
        match ty {
            Type::List(inner) | Type::Optional(inner) => self.named_in(inner, found),
            Type::Map(key, value) => {
                self.named_in(key, found);
                self.named_in(value, found);
            }
            Type::Tuple(types) | Type::Union(types) => {
                types.iter().for_each(|ty| self.named_in(ty, found));
            }
            Type::Named { name, args } => {
                found.extend(self.find(name));
                args.iter().for_each(|ty| self.named_in(ty, found));
            }
            Type::Scalar(_) | Type::Param(_) => {}
        }
    }

    fn item(&self, at: usize) -> String {
        let Some(((_, name), kind)) = self.items.get(at) else {
            return String::new();
        };
        let params = self.params.get(at).copied().unwrap_or_default();
        match kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => {
                self.inline(self.record(record, params))
            }
            ItemKind::Error(ErrorRecord { record, .. }) => self.inline(format!(
                "error({};{})",
                quoted(name),
                self.record(record, params)
            )),
            ItemKind::Enum(it) => self.inline(enumeration(it)),
            ItemKind::Union(it) => self.union(&it.members, it.open, params),
            ItemKind::Alias(ty) => self.ty(ty, params),
            ItemKind::Newtype(it) => self.ty(&it.ty, params),
            ItemKind::Ext(it) => {
                let body = match &it.body {
                    ExtBody::Record(record) => self.record(record, params),
                    ExtBody::Type(ty) => self.ty(ty, params),
                };
                self.inline(format!("ext({};{body})", it.code))
            }
            ItemKind::Const(_) | ItemKind::Interface(_) => String::new(),
        }
    }

    fn ty(&self, ty: &Type, params: &[String]) -> String {
        let list = |types: &[Type]| {
            let texts: Vec<String> = types.iter().map(|ty| self.ty(ty, params)).collect();
            texts.join(",")
        };
        match ty {
            Type::Scalar(scalar) => crate::scalars::scalar_name(*scalar).to_owned(),
            Type::List(inner) => self.inline(format!("list({})", self.ty(inner, params))),
            Type::Map(key, value) => self.inline(format!(
                "map({},{})",
                self.ty(key, params),
                self.ty(value, params)
            )),
            Type::Tuple(types) => self.inline(format!("tuple({})", list(types))),
            Type::Optional(inner) => self.inline(format!("opt({})", self.ty(inner, params))),
            Type::Union(members) => self.union(members, false, params),
            Type::Param(name) => {
                let at = params.iter().position(|param| param == name).unwrap_or(0);
                format!("${at}")
            }
            Type::Named { name, args } => {
                let text = self
                    .find(name)
                    .and_then(|at| self.texts.get(at))
                    .cloned()
                    .unwrap_or_default();
                if args.is_empty() {
                    text
                } else {
                    self.inline(format!("{text}<{}>", list(args)))
                }
            }
        }
    }

    fn union(&self, members: &[Type], open: bool, params: &[String]) -> String {
        let mut texts: Vec<String> = members.iter().map(|ty| self.ty(ty, params)).collect();
        texts.sort_unstable();
        self.inline(format!("union({};{})", openness(open), texts.join(",")))
    }

    fn record(&self, record: &Record, params: &[String]) -> String {
        let kind = if record.array { "array" } else { "map" };
        let tag = record
            .tag
            .as_ref()
            .map(|tag| format!("{}={}", quoted(&tag.key), quoted(&tag.value)));
        let fields: Vec<String> = record
            .fields
            .iter()
            .map(|field| {
                let presence = match &field.presence {
                    Presence::Required => "required".to_owned(),
                    Presence::Omittable => "omittable".to_owned(),
                    Presence::Default(value) => self.inline(self.value(value, &field.ty)),
                };
                format!(
                    "{}:{}:{presence}",
                    quoted(&field.wire),
                    self.ty(&field.ty, params)
                )
            })
            .collect();
        format!(
            "record({kind};{};{})",
            tag.unwrap_or_default(),
            fields.join(",")
        )
    }

    /// The forms of all interfaces, each followed by those of its own endpoints.
    pub(super) fn written(&self) -> Vec<Form> {
        let mut interfaces = Vec::new();
        for ((package, name), kind) in &self.items {
            let ItemKind::Interface(interface) = kind else {
                continue;
            };
            let name = ItemName {
                package: (*package).to_owned(),
                name: (*name).to_owned(),
            };
            let own: Vec<Form> = interface
                .endpoints
                .iter()
                .map(|endpoint| form(&name, Some(&endpoint.name), self.endpoint(endpoint)))
                .collect();
            interfaces.push((name, interface, own));
        }
        let texts = self.interfaces(&interfaces);
        let mut forms = Vec::new();
        for ((name, _, own), text) in interfaces.into_iter().zip(texts) {
            forms.push(form(&name, None, text));
            forms.extend(own);
        }
        forms
    }

    fn endpoint(&self, endpoint: &Endpoint) -> String {
        let kind = match endpoint.kind {
            EndpointKind::Fn => "fn",
            EndpointKind::Gen => "gen",
            EndpointKind::Context => "context",
        };
        let stream = |ty: &Option<Type>| ty.as_ref().map_or("-".to_owned(), |ty| self.ty(ty, &[]));
        let mut raises: Vec<&str> = endpoint
            .raises
            .iter()
            .filter_map(|name| self.find(name).and_then(|at| self.texts.get(at)))
            .map(String::as_str)
            .collect();
        raises.sort_unstable();
        format!(
            "{kind};{};{};{};{};{};{};{}",
            quoted(&endpoint.wire),
            self.record(&endpoint.args, &[]),
            self.ty(&endpoint.started, &[]),
            stream(&endpoint.accepts),
            stream(&endpoint.yields),
            self.ty(&endpoint.returns, &[]),
            raises.join(","),
        )
    }

    /// By interface: the namespace and all endpoints, those taken over included, sorted.
    fn interfaces(&self, all: &[(ItemName, &Interface, Vec<Form>)]) -> Vec<String> {
        let place: HashMap<&ItemName, usize> = all
            .iter()
            .enumerate()
            .map(|(at, (name, ..))| (name, at))
            .collect();
        let edges: Vec<Vec<usize>> = all
            .iter()
            .map(|(_, interface, _)| {
                interface
                    .extends
                    .iter()
                    .filter_map(|base| place.get(base).copied())
                    .collect()
            })
            .collect();
        let every: Vec<usize> = (0..all.len()).collect();
        let mut endpoints: Vec<BTreeSet<(&str, &str)>> = vec![BTreeSet::new(); all.len()];
        for at in dependents_last(&every, &edges) {
            let mut found = BTreeSet::new();
            if let Some((_, interface, forms)) = all.get(at) {
                let names = interface
                    .endpoints
                    .iter()
                    .map(|endpoint| endpoint.wire.as_str());
                found.extend(names.zip(forms.iter().map(|form| form.fingerprint.as_str())));
            }
            for base in edges.get(at).into_iter().flatten() {
                found.extend(endpoints.get(*base).into_iter().flatten());
            }
            if let Some(place) = endpoints.get_mut(at) {
                *place = found;
            }
        }
        all.iter()
            .zip(endpoints)
            .map(|((_, interface, _), endpoints)| {
                let list: Vec<String> = endpoints
                    .iter()
                    .map(|(name, fingerprint)| format!("{name}={fingerprint}"))
                    .collect();
                format!(
                    "interface;{};{}",
                    quoted(&interface.namespace),
                    list.join(",")
                )
            })
            .collect()
    }
}

fn form(interface: &ItemName, endpoint: Option<&str>, text: String) -> Form {
    Form {
        interface: interface.clone(),
        endpoint: endpoint.map(str::to_owned),
        fingerprint: short(&text),
        text,
    }
}

/// Some nodes, each after those that it leads to. There are no circles among them.
fn dependents_last(nodes: &[usize], edges: &[Vec<usize>]) -> Vec<usize> {
    let place: HashMap<usize, usize> = nodes
        .iter()
        .enumerate()
        .map(|(place, node)| (*node, place))
        .collect();
    let between: Vec<Vec<usize>> = nodes
        .iter()
        .map(|node| {
            let targets = edges.get(*node).into_iter().flatten();
            targets
                .filter_map(|target| place.get(target).copied())
                .collect()
        })
        .collect();
    let order = graph::components(&between);
    let mut sorted: Vec<(usize, usize)> = order.into_iter().zip(nodes.iter().copied()).collect();
    sorted.sort_unstable();
    sorted.into_iter().map(|(_, node)| node).collect()
}

/// Calls `found` with each type that stands in an item.
fn each_type(kind: &ItemKind, found: &mut impl FnMut(&Type)) {
    let mut record = |it: &Record| it.fields.iter().for_each(|field| found(&field.ty));
    match kind {
        ItemKind::Struct(it) | ItemKind::Message(it) => record(it),
        ItemKind::Error(it) => record(&it.record),
        ItemKind::Union(it) => it.members.iter().for_each(found),
        ItemKind::Alias(ty) => found(ty),
        ItemKind::Newtype(it) => found(&it.ty),
        ItemKind::Ext(it) => match &it.body {
            ExtBody::Record(it) => record(it),
            ExtBody::Type(ty) => found(ty),
        },
        ItemKind::Enum(_) | ItemKind::Const(_) | ItemKind::Interface(_) => {}
    }
}

fn enumeration(it: &Enum) -> String {
    let repr = repr_text(it.repr);
    let mut values: Vec<String> = it.members.iter().map(member_text).collect();
    values.sort_unstable();
    format!("enum({repr};{};{})", openness(it.open), values.join(","))
}

fn openness(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}
