//! What is in the language and not honoured yet by what generated code runs on: refused at its place, never left out
//! silently.

use crate::problem::{Problems, unsupported};
use scipp_idl::schema::{Endpoint, Ext, ExtBody, Field, Item, ItemKind, Package, Record, Schema};
use std::collections::BTreeSet;

/// Refuses it.
pub(crate) fn check(schema: &Schema, generated: &BTreeSet<&str>, problems: &mut Problems) {
    for package in schema
        .packages
        .values()
        .filter(|package| generated.contains(package.name.as_str()))
    {
        for item in &package.items {
            check_item(item, problems);
        }
    }
}

fn check_item(item: &Item, problems: &mut Problems) {
    if let ItemKind::Interface(interface) = &item.kind {
        for endpoint in &interface.endpoints {
            check_endpoint(endpoint, problems);
        }
    }
}

fn check_endpoint(endpoint: &Endpoint, problems: &mut Problems) {
    for (option, instead) in endpoint.options.not_honoured() {
        problems.push(unsupported(
            &format!("the option `{option}` is"),
            endpoint.span,
            &format!("leave it out: {instead}"),
        ));
    }
}

/// Whether anything in the package is marked as deprecated.
pub(crate) fn has_deprecated(package: &Package) -> bool {
    let in_record = |record: &Record| {
        record
            .fields
            .iter()
            .any(|field: &Field| field.deprecated.is_some())
    };
    package.items.iter().any(|item| {
        item.deprecated.is_some()
            || match &item.kind {
                ItemKind::Struct(record) | ItemKind::Message(record) => in_record(record),
                ItemKind::Error(error) => in_record(&error.record),
                ItemKind::Ext(Ext {
                    body: ExtBody::Record(record),
                    ..
                }) => in_record(record),
                ItemKind::Enum(def) => def.members.iter().any(|member| member.deprecated.is_some()),
                ItemKind::Interface(interface) => interface
                    .endpoints
                    .iter()
                    .any(|endpoint| in_record(&endpoint.args)),
                _ => false,
            }
    })
}
