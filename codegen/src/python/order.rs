//! What has to be there when something is made: Python runs a module from top to bottom.

use super::module::Module;
use super::plan::NewtypeForm;
use scipp_idl::schema::{
    ExtBody, Item, ItemKind, ItemName, Package, Presence, Record, Type, Value,
};
use std::collections::{BTreeMap, BTreeSet};

/// The items in the order of the file, but behind what has to be there when they are made.
pub(crate) fn in_order<'s>(module: &Module<'_>, package: &'s Package) -> Vec<&'s Item> {
    fn visit<'s>(
        module: &Module<'_>,
        items: &BTreeMap<&str, &'s Item>,
        item: &'s Item,
        seen: &mut BTreeSet<&'s str>,
        out: &mut Vec<&'s Item>,
    ) {
        if !seen.insert(item.name.as_str()) {
            return;
        }
        for name in module.needs(item) {
            if name.package == module.planned.package.name
                && let Some(needed) = items.get(name.name.as_str())
            {
                visit(module, items, needed, seen, out);
            }
        }
        out.push(item);
    }
    let items: BTreeMap<&str, &Item> = package
        .items
        .iter()
        .map(|item| (item.name.as_str(), item))
        .collect();
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for item in &package.items {
        if !matches!(item.kind, ItemKind::Interface(_)) {
            visit(module, &items, item, &mut seen, &mut out);
        }
    }
    out
}

impl Module<'_> {
    /// What an item needs to be there when it is made, in its own module.
    fn needs(&self, item: &Item) -> Vec<ItemName> {
        let mut found = Vec::new();
        match &item.kind {
            ItemKind::Struct(it) | ItemKind::Message(it) => record_needs(self, it, &mut found),
            ItemKind::Error(it) => record_needs(self, &it.record, &mut found),
            ItemKind::Ext(it) => match &it.body {
                ExtBody::Record(it) => record_needs(self, it, &mut found),
                ExtBody::Type(it) => type_needs(it, &mut found),
            },
            ItemKind::Newtype(it)
                if self.plan.newtype_form(&self.name(item), it) == NewtypeForm::Type =>
            {
                type_needs(&it.ty, &mut found);
            }
            ItemKind::Const(it) => {
                type_needs(&it.ty, &mut found);
                value_needs(&it.value, &mut found);
            }
            _ => {}
        }
        found
    }
}

fn record_needs(module: &Module<'_>, record: &Record, found: &mut Vec<ItemName>) {
    for field in &record.fields {
        if let Presence::Default(value) = &field.presence {
            // What can be changed is made when it is needed.
            if module.value(&field.ty, value).fixed {
                type_needs(&field.ty, found);
                value_needs(value, found);
            }
        }
    }
}

fn type_needs(ty: &Type, found: &mut Vec<ItemName>) {
    match ty {
        Type::Scalar(_) | Type::Param(_) => {}
        Type::List(it) | Type::Optional(it) => type_needs(it, found),
        Type::Map(key, value) => {
            type_needs(key, found);
            type_needs(value, found);
        }
        Type::Tuple(types) | Type::Union(types) => {
            types.iter().for_each(|it| type_needs(it, found));
        }
        Type::Named { name, args } => {
            found.push(name.clone());
            args.iter().for_each(|it| type_needs(it, found));
        }
    }
}

fn value_needs(value: &Value, found: &mut Vec<ItemName>) {
    match value {
        Value::Member { of, .. } => found.push(of.clone()),
        Value::Const(name) => found.push(name.clone()),
        Value::List(items) => items.iter().for_each(|it| value_needs(it, found)),
        Value::Map(entries) => entries.iter().for_each(|(key, value)| {
            value_needs(key, found);
            value_needs(value, found);
        }),
        Value::Record(fields) => fields.iter().for_each(|(_, it)| value_needs(it, found)),
        Value::Variant { value, .. } => value_needs(value, found),
        Value::Typed { ty, value } => {
            type_needs(ty, found);
            value_needs(value, found);
        }
        _ => {}
    }
}
