//! Which items have values that can break a constraint: those are checked before they are sent.

use super::facts::Facts;
use scipp_idl::schema::{Constraints, ExtBody, Item, ItemKind, ItemName, Record, Type};

/// For each of `items`, whether it has a constraint or holds something that has one, however deep.
pub(crate) fn find(facts: &Facts<'_>, items: &[&Item]) -> Vec<bool> {
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
    for (holder, item) in items.iter().enumerate() {
        for ty in types(item) {
            names(ty, &mut |name| {
                let held = facts.at(name).and_then(|at| holders.get_mut(at));
                held.into_iter().for_each(|holders| holders.push(holder));
            });
        }
    }
    let mut found = vec![false; items.len()];
    let mut left: Vec<usize> = (0..items.len())
        .filter(|at| items.get(*at).is_some_and(|item| has_own(item)))
        .collect();
    while let Some(at) = left.pop() {
        let new = found
            .get_mut(at)
            .is_some_and(|found| !std::mem::replace(found, true));
        if new {
            left.extend(holders.get(at).into_iter().flatten());
        }
    }
    found
}

/// Calls `found` with each item that `ty` names.
pub(crate) fn names(ty: &Type, found: &mut impl FnMut(&ItemName)) {
    match ty {
        Type::Scalar(_) | Type::Param(_) => {}
        Type::List(inner) | Type::Optional(inner) => names(inner, found),
        Type::Map(key, value) => {
            names(key, found);
            names(value, found);
        }
        Type::Tuple(types) | Type::Union(types) => types.iter().for_each(|ty| names(ty, found)),
        Type::Named { name, args } => {
            found(name);
            args.iter().for_each(|ty| names(ty, found));
        }
    }
}

/// Whether one of the fields has a constraint.
pub(crate) fn has_constraint(record: &Record) -> bool {
    record
        .fields
        .iter()
        .any(|field| restricts(&field.constraints))
}

fn restricts(constraints: &Constraints) -> bool {
    *constraints != Constraints::default()
}

fn has_own(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Newtype(newtype) => restricts(&newtype.constraints),
        _ => record(item).is_some_and(has_constraint),
    }
}

fn types(item: &Item) -> Vec<&Type> {
    match &item.kind {
        ItemKind::Union(union) => union.members.iter().collect(),
        ItemKind::Alias(ty) => vec![ty],
        ItemKind::Newtype(newtype) => vec![&newtype.ty],
        ItemKind::Ext(ext) => match &ext.body {
            ExtBody::Type(ty) => vec![ty],
            ExtBody::Record(record) => field_types(record),
        },
        _ => record(item).map(field_types).unwrap_or_default(),
    }
}

fn field_types(record: &Record) -> Vec<&Type> {
    record.fields.iter().map(|field| &field.ty).collect()
}

fn record(item: &Item) -> Option<&Record> {
    match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => Some(record),
        ItemKind::Error(error) => Some(&error.record),
        ItemKind::Ext(ext) => match &ext.body {
            ExtBody::Record(record) => Some(record),
            ExtBody::Type(_) => None,
        },
        _ => None,
    }
}
