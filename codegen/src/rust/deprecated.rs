//! Whether generated code names what it deprecates itself, which would warn its users for nothing.

use scipp_idl::schema::{Ext, ExtBody, Field, ItemKind, Package, Record};

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
