//! What endpoints and types look like, in lines for people: two peers with different versions of a schema show each other
//! what differs. Nothing else reads them; what must be exact is in the fingerprint.

use super::plan::Plan;
use proc_macro2::TokenStream;
use quote::quote;
use scipp_idl::schema::{
    Endpoint, Enum, EnumRepr, ExtBody, Item, ItemKind, ItemName, Presence, Record, Scalar, Type,
    Value,
};
use std::collections::BTreeMap;

/// The lines of one endpoint: each parameter, each phase, each error.
pub(crate) fn endpoint(endpoint: &Endpoint) -> TokenStream {
    let said = |ty: &Type| *ty != Type::Scalar(Scalar::Nil);
    let phases = [
        ("started", Some(&endpoint.started).filter(|it| said(it))),
        ("accepts", endpoint.accepts.as_ref()),
        ("yields", endpoint.yields.as_ref()),
        ("returns", Some(&endpoint.returns).filter(|it| said(it))),
    ];
    let phases = phases
        .into_iter()
        .filter_map(|(name, ty)| Some(format!("{name} {}", text(ty?))));
    let raises = endpoint.raises.iter();
    let raises = raises.map(|name| format!("raises {}", name.name));
    let lines = fields(&endpoint.args).into_iter().chain(phases);
    let lines = lines.chain(raises);
    quote!(&[#(#lines),*])
}

/// The types that these endpoints lead to, each with its lines, by name.
pub(crate) fn types(plan: &Plan<'_>, endpoints: &[&Endpoint]) -> TokenStream {
    let mut found = Found::new();
    for endpoint in endpoints {
        for field in &endpoint.args.fields {
            reach(plan, &field.ty, &mut found);
        }
        let phases = [&endpoint.started, &endpoint.returns];
        let streams = endpoint.accepts.iter().chain(&endpoint.yields);
        for ty in phases.into_iter().chain(streams) {
            reach(plan, ty, &mut found);
        }
        for name in &endpoint.raises {
            reach_item(plan, name, &mut found);
        }
    }
    let entries = found
        .iter()
        .map(|((name, _), lines)| quote!((#name, &[#(#lines),*])));
    quote!(&[#(#entries),*])
}

/// By name and package: types of one name stand side by side.
type Found = BTreeMap<(String, String), Vec<String>>;

fn reach(plan: &Plan<'_>, ty: &Type, found: &mut Found) {
    match ty {
        Type::List(inner) | Type::Optional(inner) => reach(plan, inner, found),
        Type::Map(key, value) => {
            reach(plan, key, found);
            reach(plan, value, found);
        }
        Type::Tuple(types) | Type::Union(types) => {
            types.iter().for_each(|ty| reach(plan, ty, found));
        }
        Type::Named { name, args } => {
            reach_item(plan, name, found);
            args.iter().for_each(|ty| reach(plan, ty, found));
        }
        Type::Scalar(_) | Type::Param(_) => {}
    }
}

fn reach_item(plan: &Plan<'_>, name: &ItemName, found: &mut Found) {
    let key = (name.name.clone(), name.package.clone());
    let Some(item) = plan.facts.item(name).filter(|_| !found.contains_key(&key)) else {
        return;
    };
    found.insert(key, lines(item));
    let mut each = |types: &mut dyn Iterator<Item = &Type>| {
        types.for_each(|ty| reach(plan, ty, found));
    };
    match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => {
            each(&mut record.fields.iter().map(|field| &field.ty));
        }
        ItemKind::Error(error) => each(&mut error.record.fields.iter().map(|field| &field.ty)),
        ItemKind::Ext(ext) => match &ext.body {
            ExtBody::Record(record) => each(&mut record.fields.iter().map(|field| &field.ty)),
            ExtBody::Type(ty) => each(&mut std::iter::once(ty)),
        },
        ItemKind::Union(union) => each(&mut union.members.iter()),
        ItemKind::Alias(ty) => each(&mut std::iter::once(ty)),
        ItemKind::Newtype(newtype) => each(&mut std::iter::once(&newtype.ty)),
        ItemKind::Enum(_) | ItemKind::Const(_) | ItemKind::Interface(_) => {}
    }
}

/// What an item is on the wire.
fn lines(item: &Item) -> Vec<String> {
    match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => fields(record),
        ItemKind::Error(error) => fields(&error.record),
        ItemKind::Enum(it) => members(it),
        ItemKind::Union(it) => {
            let members = it.members.iter().map(|ty| format!("| {}", text(ty)));
            members.chain(it.open.then(|| "| ...".to_owned())).collect()
        }
        ItemKind::Alias(ty) => vec![text(ty)],
        ItemKind::Newtype(it) => vec![text(&it.ty)],
        ItemKind::Ext(it) => {
            let body = match &it.body {
                ExtBody::Record(record) => fields(record),
                ExtBody::Type(ty) => vec![text(ty)],
            };
            let code = format!("ext {}", it.code);
            std::iter::once(code).chain(body).collect()
        }
        ItemKind::Const(_) | ItemKind::Interface(_) => Vec::new(),
    }
}

/// A line for each field, after one for the tag and one for the form of an array.
fn fields(record: &Record) -> Vec<String> {
    let tag = record.tag.iter();
    let tag = tag.map(|tag| format!("tag {} = {:?}", tag.key, tag.value));
    let array = record.array.then(|| "array".to_owned());
    let fields = record.fields.iter().enumerate().map(|(at, field)| {
        // In an array the place counts, and no key.
        let place = if record.array {
            format!("{at} ")
        } else {
            String::new()
        };
        let (key, ty) = (&field.wire, text(&field.ty));
        match &field.presence {
            Presence::Required => format!("{place}{key}: {ty}"),
            Presence::Omittable => format!("{place}{key}?: {ty}"),
            Presence::Default(default) => format!("{place}{key}: {ty} = {}", value(default)),
        }
    });
    tag.chain(array).chain(fields).collect()
}

fn members(it: &Enum) -> Vec<String> {
    let repr = match it.repr {
        EnumRepr::Text => "str",
        EnumRepr::Int(scalar) => scalar.name(),
    };
    let openness = if it.open { "open enum" } else { "enum" };
    let members = it.members.iter().map(|member| value(&member.wire));
    std::iter::once(format!("{openness}: {repr}"))
        .chain(members)
        .collect()
}

/// A type as the language writes it, without packages.
fn text(ty: &Type) -> String {
    let list = |types: &[Type], between: &str| {
        let texts: Vec<String> = types.iter().map(text).collect();
        texts.join(between)
    };
    match ty {
        Type::Scalar(scalar) => scalar.name().to_owned(),
        Type::List(inner) => format!("list<{}>", text(inner)),
        Type::Map(key, value) => format!("map<{}, {}>", text(key), text(value)),
        Type::Tuple(types) => format!("({})", list(types, ", ")),
        Type::Optional(inner) if matches!(**inner, Type::Union(_)) => {
            format!("({})?", text(inner))
        }
        Type::Optional(inner) => format!("{}?", text(inner)),
        Type::Union(members) => list(members, " | "),
        Type::Named { name, args } if args.is_empty() => name.name.clone(),
        Type::Named { name, args } => format!("{}<{}>", name.name, list(args, ", ")),
        Type::Param(name) => name.clone(),
    }
}

fn value(it: &Value) -> String {
    let list = |values: &[Value]| {
        let texts: Vec<String> = values.iter().map(value).collect();
        texts.join(", ")
    };
    match it {
        Value::Nil => "nil".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Int(it) => it.to_string(),
        Value::Float(it) => format!("{it:?}"),
        Value::Str(it) => format!("{it:?}"),
        Value::Bytes(it) => format!("b\"{}\"", it.escape_ascii()),
        Value::Duration(nanos) => format!("{nanos}ns"),
        Value::Member { member, .. } => member.clone(),
        Value::Const(name) => name.name.clone(),
        Value::List(values) => format!("[{}]", list(values)),
        Value::Map(entries) => {
            let entry = |(key, of): &(Value, Value)| format!("{}: {}", value(key), value(of));
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Record(fields) => {
            let field = |(key, of): &(String, Value)| format!("{key}: {}", value(of));
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Variant { value: of, .. } | Value::Typed { value: of, .. } => value(of),
    }
}
