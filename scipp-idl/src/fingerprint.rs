//! Fingerprints: what an endpoint means on the wire, in 16 hexadecimal digits.
//!
//! The fingerprint of an endpoint is the start of a SHA-256 over its *canonical form*, a text of what can be seen in its
//! bytes. It does not depend on comments, formatting, the order of declarations, the package, nor on the names of types
//! that are not on the wire. Two peers whose fingerprints are equal read each other's bytes alike; unequal ones may.
//! `docs/idl.md` defines the form normatively.
//!
//! ```text
//! endpoint  = kind ";" wire-name ";" args ";" started ";" accepts ";" yields ";" returns ";" raises
//!             each a type, "-" for no stream; args a record; raises sorted, each error(name, record)
//! type      = scalar | list(T) | map(K,V) | tuple(T,...) | opt(T) | union(open|closed;T,...)    members sorted
//!           | record | enum(repr;open|closed;value,...)    values sorted
//!           | ext(code;T) | error(name;record) | $n    the n-th type parameter | T<T,...>    arguments of a generic
//! record    = record(map|array;tag-key=tag-value;key:T:presence,...)    in declaration order
//! presence  = required | omittable | value    the default, constants and members by what is on the wire
//! ```
//! Aliases and newtypes are what they stand for. A text longer than 64 bytes stands as `#` and its hash inside of
//! another. Types that contain each other in a circle are hashed together, by their names, which therefore count.
//! Constraints, deadlines and other options that change no bytes do not count.

use crate::graph;
use crate::schema::{
    Endpoint, Enum, EnumRepr, ErrorRecord, ExtBody, ItemKind, ItemName, Member, Presence, Record,
    Scalar, Schema, Type, Value,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// Longest text that stands inside of another as it is, in bytes.
const INLINE_BYTES_MAX: usize = 64;

/// Computes the fingerprints of all endpoints and interfaces.
pub(crate) fn fill(schema: &mut Schema) {
    let (endpoints, interfaces) = compute(schema);
    let mut endpoints = endpoints.into_iter();
    let mut interfaces = interfaces.into_iter();
    for item in schema
        .packages
        .values_mut()
        .flat_map(|package| &mut package.items)
    {
        if let ItemKind::Interface(interface) = &mut item.kind {
            for endpoint in &mut interface.endpoints {
                endpoint.fingerprint = endpoints.next().unwrap_or_default();
            }
            interface.fingerprint = interfaces.next().unwrap_or_default();
        }
    }
}

/// The fingerprints of endpoints and of interfaces, each in the order of the schema.
fn compute(schema: &Schema) -> (Vec<String>, Vec<String>) {
    let mut forms = Forms::new(schema);
    forms.items();
    let mut endpoints = Vec::new();
    let mut by_interface: Vec<(usize, Vec<(String, String)>)> = Vec::new();
    for (at, (_, kind)) in forms.items.iter().enumerate() {
        let ItemKind::Interface(interface) = kind else {
            continue;
        };
        let own: Vec<(String, String)> = interface
            .endpoints
            .iter()
            .map(|endpoint| (endpoint.wire.clone(), short(&forms.endpoint(endpoint))))
            .collect();
        endpoints.extend(own.iter().map(|(_, fingerprint)| fingerprint.clone()));
        by_interface.push((at, own));
    }
    let interfaces = forms.interfaces(&by_interface);
    (endpoints, interfaces)
}

struct Forms<'a> {
    items: Vec<((&'a str, &'a str), &'a ItemKind)>,
    index: HashMap<(&'a str, &'a str), usize>,
    /// By item: how it stands in a type.
    texts: Vec<String>,
    params: Vec<&'a [String]>,
    /// Members of enums by their names.
    members: HashMap<(usize, &'a str), &'a Member>,
}

impl<'a> Forms<'a> {
    fn new(schema: &'a Schema) -> Self {
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
            index,
            texts,
            params,
            members,
        }
    }

    fn find(&self, name: &ItemName) -> Option<usize> {
        self.index
            .get(&(name.package.as_str(), name.name.as_str()))
            .copied()
    }

    /// Works out all items, each after those it is made of.
    fn items(&mut self) {
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
                _ => self.circle(&circle),
            }
        }
    }

    /// Items that contain each other: by name inside, and hashed together.
    fn circle(&mut self, circle: &[usize]) {
        let name = |at: &usize| {
            self.items
                .get(*at)
                .map(|((package, name), _)| format!("{package}.{name}"))
        };
        let mut named: Vec<(String, usize)> = circle
            .iter()
            .filter_map(|at| Some((name(at)?, *at)))
            .collect();
        named.sort_unstable();
        for (name, at) in &named {
            self.set(*at, format!("@{name}"));
        }
        let texts: Vec<String> = named
            .iter()
            .map(|(name, at)| format!("{name}={}", self.item(*at)))
            .collect();
        let all = hash(&texts.join(";"));
        for (name, at) in &named {
            let text = format!("#{}", hash(&format!("{name} in {all}")));
            self.set(*at, text);
        }
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
                inline(self.record(record, params))
            }
            ItemKind::Error(ErrorRecord { record, .. }) => inline(format!(
                "error({};{})",
                quoted(name),
                self.record(record, params)
            )),
            ItemKind::Enum(it) => inline(enumeration(it)),
            ItemKind::Union(it) => self.union(&it.members, it.open, params),
            ItemKind::Alias(ty) => self.ty(ty, params),
            ItemKind::Newtype(it) => self.ty(&it.ty, params),
            ItemKind::Ext(it) => {
                let body = match &it.body {
                    ExtBody::Record(record) => self.record(record, params),
                    ExtBody::Type(ty) => self.ty(ty, params),
                };
                inline(format!("ext({};{body})", it.code))
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
            Type::Scalar(scalar) => scalar_text(*scalar).to_owned(),
            Type::List(inner) => inline(format!("list({})", self.ty(inner, params))),
            Type::Map(key, value) => inline(format!(
                "map({},{})",
                self.ty(key, params),
                self.ty(value, params)
            )),
            Type::Tuple(types) => inline(format!("tuple({})", list(types))),
            Type::Optional(inner) => inline(format!("opt({})", self.ty(inner, params))),
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
                    inline(format!("{text}<{}>", list(args)))
                }
            }
        }
    }

    fn union(&self, members: &[Type], open: bool, params: &[String]) -> String {
        let mut texts: Vec<String> = members.iter().map(|ty| self.ty(ty, params)).collect();
        texts.sort_unstable();
        inline(format!("union({};{})", openness(open), texts.join(",")))
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
                    Presence::Default(value) => inline(self.value(value)),
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

    fn value(&self, value: &Value) -> String {
        let list = |values: &[Value]| {
            let texts: Vec<String> = values.iter().map(|value| self.value(value)).collect();
            texts.join(",")
        };
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(it) => it.to_string(),
            Value::Int(it) => it.to_string(),
            Value::Float(it) => format!("f{:016x}", it.to_bits()),
            Value::Str(text) => quoted(text),
            Value::Bytes(bytes) => format!("b{}", hex(bytes)),
            Value::Duration(it) => format!("{it}ns"),
            Value::Member { of, member } => self.member(of, member),
            Value::Const(name) => self.constant(name),
            Value::List(values) => format!("[{}]", list(values)),
            Value::Map(entries) => {
                let mut texts: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}:{}", self.value(key), self.value(value)))
                    .collect();
                texts.sort_unstable();
                format!("{{{}}}", texts.join(","))
            }
            Value::Record(fields) => {
                let texts: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{name}:{}", self.value(value)))
                    .collect();
                format!("({})", texts.join(","))
            }
        }
    }

    fn member(&self, of: &ItemName, member: &str) -> String {
        let member = self.find(of).and_then(|at| self.members.get(&(at, member)));
        member.map(|member| member_text(member)).unwrap_or_default()
    }

    /// The value at the end of a chain of constants; there are no circles in a checked schema.
    fn constant(&self, name: &ItemName) -> String {
        let mut name = name;
        for _ in 0..self.items.len() {
            match self
                .find(name)
                .and_then(|at| self.items.get(at))
                .map(|(_, kind)| kind)
            {
                Some(ItemKind::Const(it)) => match &it.value {
                    Value::Const(next) => name = next,
                    value => return self.value(value),
                },
                _ => break,
            }
        }
        String::new()
    }

    fn endpoint(&self, endpoint: &Endpoint) -> String {
        let stream = |ty: &Option<Type>| ty.as_ref().map_or("-".to_owned(), |ty| self.ty(ty, &[]));
        let mut raises: Vec<&str> = endpoint
            .raises
            .iter()
            .filter_map(|name| self.find(name).and_then(|at| self.texts.get(at)))
            .map(String::as_str)
            .collect();
        raises.sort_unstable();
        format!(
            "{:?};{};{};{};{};{};{};{}",
            endpoint.kind,
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
    fn interfaces(&self, own: &[(usize, Vec<(String, String)>)]) -> Vec<String> {
        let place: HashMap<usize, usize> = own
            .iter()
            .enumerate()
            .map(|(place, (at, _))| (*at, place))
            .collect();
        let extends = |at: usize| match self.items.get(at).map(|(_, kind)| kind) {
            Some(ItemKind::Interface(it)) => it.extends.as_slice(),
            _ => &[],
        };
        let edges: Vec<Vec<usize>> = own
            .iter()
            .map(|(at, _)| {
                let bases = extends(*at).iter().filter_map(|name| self.find(name));
                bases.filter_map(|base| place.get(&base).copied()).collect()
            })
            .collect();
        let component = graph::components(&edges);
        let mut order: Vec<usize> = (0..own.len()).collect();
        order.sort_unstable_by_key(|at| component.get(*at).copied());
        let mut all: Vec<BTreeSet<&(String, String)>> = vec![BTreeSet::new(); own.len()];
        for at in order {
            let mut endpoints: BTreeSet<&(String, String)> =
                own.get(at).into_iter().flat_map(|(_, own)| own).collect();
            for base in edges.get(at).into_iter().flatten() {
                endpoints.extend(all.get(*base).into_iter().flatten().copied());
            }
            if let Some(place) = all.get_mut(at) {
                *place = endpoints;
            }
        }
        own.iter()
            .zip(all)
            .map(|((at, _), endpoints)| {
                let namespace = match self.items.get(*at).map(|(_, kind)| kind) {
                    Some(ItemKind::Interface(it)) => it.namespace.as_str(),
                    _ => "",
                };
                let list: Vec<String> = endpoints
                    .iter()
                    .map(|(name, it)| format!("{name}={it}"))
                    .collect();
                short(&format!(
                    "interface;{};{}",
                    quoted(namespace),
                    list.join(",")
                ))
            })
            .collect()
    }
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
    let repr = match it.repr {
        EnumRepr::Text => "str",
        EnumRepr::Int(scalar) => scalar_text(scalar),
    };
    let mut values: Vec<String> = it.members.iter().map(member_text).collect();
    values.sort_unstable();
    format!("enum({repr};{};{})", openness(it.open), values.join(","))
}

fn member_text(member: &Member) -> String {
    match &member.wire {
        Value::Str(text) => quoted(text),
        Value::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

fn openness(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}

fn scalar_text(scalar: Scalar) -> &'static str {
    crate::scalars::scalar_name(scalar)
}

/// Quoted so that no text can be taken for the form around it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn inline(text: String) -> String {
    if text.len() <= INLINE_BYTES_MAX {
        text
    } else {
        format!("#{}", hash(&text))
    }
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn short(text: &str) -> String {
    let mut hash = hash(text);
    hash.truncate(16);
    hash
}
