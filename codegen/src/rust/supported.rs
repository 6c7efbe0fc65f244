//! What is in the language and not honoured yet by what generated code runs on: refused at its place, never left out
//! silently.

use crate::problem::{Problems, unsupported};
use scipp_idl::schema::{Endpoint, Ext, ExtBody, Field, ItemKind, Package, Record, Schema};
use scipp_idl::source::Span;
use std::collections::BTreeSet;

/// Refuses it, each option once, where it stands.
pub(crate) fn check(schema: &Schema, generated: &BTreeSet<&str>, problems: &mut Problems) {
    let mut refused = Vec::new();
    let packages = schema.packages.values();
    let ours = packages.filter(|package| generated.contains(package.name.as_str()));
    for item in ours.flat_map(|package| &package.items) {
        if let ItemKind::Interface(interface) = &item.kind {
            for endpoint in &interface.endpoints {
                check_endpoint(endpoint, &mut refused, problems);
            }
        }
    }
}

fn check_endpoint(endpoint: &Endpoint, refused: &mut Vec<Span>, problems: &mut Problems) {
    let spans = &endpoint.options.spans;
    for (option, instead) in endpoint.options.not_honoured() {
        let span = match option {
            "@window" => spans.window,
            "@idempotent" => spans.idempotent,
            _ => spans.overrun,
        };
        let span = span.unwrap_or(endpoint.span);
        if refused.contains(&span) {
            continue;
        }
        refused.push(span);
        let (what, help) = (
            format!("the option `{option}` is"),
            format!("leave it out: {instead}"),
        );
        problems.push(unsupported(&what, span, &help));
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
