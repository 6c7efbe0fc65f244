//! Unions without a name: where they can stand, and the names that they get.

use super::plan::endpoint_name;
use crate::names;
use scipp_idl::schema::{Endpoint, ExtBody, Item, ItemKind, Record, Type};

/// A type of the schema that may hold unions without a name.
#[derive(Debug)]
pub(crate) struct InlinePlace<'t> {
    /// The name that the first of them gets.
    pub(crate) hint: String,
    pub(crate) ty: &'t Type,
    /// Documentation of such a union: "What `note` of `Quote` can be."
    pub(crate) doc: String,
}

/// The places of an item; `name` is what it is called in Rust.
pub(crate) fn inline_places<'t>(item: &'t Item, name: &str) -> Vec<InlinePlace<'t>> {
    let one = |role: &str, ty: &'t Type| {
        vec![InlinePlace {
            hint: format!("{name}{role}"),
            ty,
            doc: format!("What a `{name}` holds."),
        }]
    };
    match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => record_places(record, name),
        ItemKind::Error(error) => record_places(&error.record, name),
        ItemKind::Union(union) => member_places(&union.members, name),
        // An alias of a union *is* its name.
        ItemKind::Alias(Type::Union(members)) => member_places(members, name),
        ItemKind::Alias(ty) => one("Item", ty),
        ItemKind::Newtype(newtype) => one("Value", &newtype.ty),
        ItemKind::Ext(ext) => match &ext.body {
            ExtBody::Record(record) => record_places(record, name),
            ExtBody::Type(ty) => one("Value", ty),
        },
        ItemKind::Const(_) | ItemKind::Enum(_) | ItemKind::Interface(_) => Vec::new(),
    }
}

/// The fields of a record.
pub(crate) fn record_places<'t>(record: &'t Record, name: &str) -> Vec<InlinePlace<'t>> {
    let place = |field: &'t scipp_idl::schema::Field| InlinePlace {
        hint: field_hint(name, &field.name),
        ty: &field.ty,
        doc: format!("What `{}` of `{name}` can be.", field.name),
    };
    record.fields.iter().map(place).collect()
}

/// The name of a union without a name in a field.
pub(crate) fn field_hint(owner: &str, field: &str) -> String {
    format!(
        "{owner}{}",
        names::upper_camel(field).trim_start_matches('_')
    )
}

fn member_places<'t>(members: &'t [Type], name: &str) -> Vec<InlinePlace<'t>> {
    let place = |(variant, ty): (String, &'t Type)| InlinePlace {
        hint: format!("{name}{variant}"),
        ty,
        doc: format!("What `{variant}` of `{name}` holds."),
    };
    variant_names(members)
        .into_iter()
        .zip(members)
        .map(place)
        .collect()
}

/// The phases of an endpoint, its arguments left out.
pub(crate) fn phase_places(endpoint: &Endpoint) -> Vec<InlinePlace<'_>> {
    let (name, source) = (endpoint_name(endpoint), &endpoint.name);
    let phases = [
        (
            Some(&endpoint.started),
            "Started",
            format!("What `{source}` starts with."),
        ),
        (
            endpoint.accepts.as_ref(),
            "Accepts",
            format!("What the caller sends in `{source}`."),
        ),
        (
            endpoint.yields.as_ref(),
            "Yields",
            format!("What `{source}` yields."),
        ),
        (
            Some(&endpoint.returns),
            "Returns",
            format!("What `{source}` returns."),
        ),
    ];
    let phases = phases
        .into_iter()
        .filter_map(|(ty, role, doc)| Some((ty?, role, doc)));
    phases
        .map(|(ty, role, doc)| InlinePlace {
            hint: format!("{name}{role}"),
            ty,
            doc,
        })
        .collect()
}

/// A union without a name, and the name that it gets.
#[derive(Debug)]
pub(crate) struct InlineUnion<'t> {
    pub(crate) name: String,
    pub(crate) members: &'t [Type],
    pub(crate) doc: String,
}

/// The unions without a name of a place, outermost first. The first has its name, the next that name with a number;
/// those inside of a member have the name of the union and of the member in front.
pub(crate) fn inline_unions<'t>(place: &InlinePlace<'t>) -> Vec<InlineUnion<'t>> {
    let mut found = Vec::new();
    collect_unions(place, place.ty, &mut 0, &mut found);
    found
}

fn collect_unions<'t>(
    place: &InlinePlace<'t>,
    ty: &'t Type,
    count: &mut u32,
    found: &mut Vec<InlineUnion<'t>>,
) {
    match ty {
        Type::Scalar(_) | Type::Param(_) => {}
        Type::List(inner) | Type::Optional(inner) => collect_unions(place, inner, count, found),
        Type::Map(key, value) => {
            collect_unions(place, key, count, found);
            collect_unions(place, value, count, found);
        }
        Type::Tuple(types) | Type::Named { args: types, .. } => types
            .iter()
            .for_each(|ty| collect_unions(place, ty, count, found)),
        Type::Union(members) => {
            let name = numbered(&place.hint, count);
            found.push(InlineUnion {
                name: name.clone(),
                members,
                doc: place.doc.clone(),
            });
            for place in member_places(members, &name) {
                found.extend(inline_unions(&place));
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
