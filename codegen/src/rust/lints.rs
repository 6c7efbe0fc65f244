//! Lints that generated code would trip over because of what the schema says. Each is allowed where it is and with
//! its reason: a schema cannot follow the taste of Rust.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use scipp_idl::schema::{Ext, ExtBody, ItemKind, Package, Presence, Record, Type, Value};

/// `clippy::too_many_arguments` counts from eight on, the receiver included.
const ARGUMENTS_MAX: usize = 7;

/// Constants that `clippy::approx_constant` knows, and from how many digits behind the point on.
const MATHEMATICS: &[(f64, usize)] = &[
    (std::f64::consts::E, 2),
    (std::f64::consts::FRAC_1_PI, 4),
    (std::f64::consts::FRAC_1_SQRT_2, 5),
    (std::f64::consts::FRAC_2_PI, 5),
    (std::f64::consts::FRAC_2_SQRT_PI, 5),
    (std::f64::consts::FRAC_PI_2, 5),
    (std::f64::consts::FRAC_PI_3, 5),
    (std::f64::consts::FRAC_PI_4, 5),
    (std::f64::consts::FRAC_PI_6, 5),
    (std::f64::consts::FRAC_PI_8, 5),
    (std::f64::consts::LN_2, 5),
    (std::f64::consts::LN_10, 5),
    (std::f64::consts::LOG10_2, 5),
    (std::f64::consts::LOG2_10, 5),
    (std::f64::consts::LOG10_E, 5),
    (std::f64::consts::LOG2_E, 5),
    (std::f64::consts::PI, 2),
    (std::f64::consts::SQRT_2, 5),
    (std::f64::consts::TAU, 2),
    (1.618_033_988_749_895, 5),
];

/// The most that `clippy::type_complexity` bears is 250; boxes and the like are not counted here.
const COMPLEXITY_MAX: u64 = 180;

/// For a function with that many parameters, the receiver included.
pub(crate) fn for_params(params: usize) -> Option<TokenStream> {
    (params > ARGUMENTS_MAX).then(|| {
        quote!(#[allow(clippy::too_many_arguments, reason = "one parameter for each thing that the schema requires")])
    })
}

/// For a definition with types that are hard to read.
pub(crate) fn for_types<'t>(mut types: impl Iterator<Item = &'t Type>) -> Option<TokenStream> {
    types
        .any(|ty| complexity(ty, 1) > COMPLEXITY_MAX)
        .then(complex)
}

/// For a method that promises a result of a type that is hard to read.
pub(crate) fn for_result(ty: &Type) -> Option<TokenStream> {
    // `impl Future<Output = Result<T, _>>`.
    (complexity(ty, 4) > COMPLEXITY_MAX).then(complex)
}

fn complex() -> TokenStream {
    quote!(#[allow(clippy::type_complexity, reason = "the types are those of the schema")])
}

/// For a value.
pub(crate) fn for_value(value: &TokenStream) -> Option<TokenStream> {
    fn has_constant(tokens: &TokenStream) -> bool {
        tokens.clone().into_iter().any(|tree| match tree {
            TokenTree::Group(group) => has_constant(&group.stream()),
            TokenTree::Literal(literal) => is_constant(&literal.to_string()),
            _ => false,
        })
    }
    has_constant(value).then(
        || quote!(#[allow(clippy::approx_constant, reason = "the number is that of the schema")]),
    )
}

/// Whether a default of the package looks like a mathematical constant.
pub(crate) fn in_defaults(package: &Package) -> bool {
    fn in_value(value: &Value) -> bool {
        match value {
            Value::Float(number) => is_constant(&format!("{number:?}")),
            Value::List(values) => values.iter().any(in_value),
            Value::Map(entries) => entries
                .iter()
                .any(|(key, value)| in_value(key) || in_value(value)),
            Value::Record(fields) => fields.iter().any(|(_, value)| in_value(value)),
            Value::Variant { value, .. } | Value::Typed { value, .. } => in_value(value),
            _ => false,
        }
    }
    let in_record = |record: &Record| {
        record
            .fields
            .iter()
            .any(|field| matches!(&field.presence, Presence::Default(value) if in_value(value)))
    };
    package.items.iter().any(|item| match &item.kind {
        ItemKind::Struct(record) | ItemKind::Message(record) => in_record(record),
        ItemKind::Error(error) => in_record(&error.record),
        ItemKind::Ext(Ext {
            body: ExtBody::Record(record),
            ..
        }) => in_record(record),
        ItemKind::Interface(interface) => interface
            .endpoints
            .iter()
            .any(|endpoint| in_record(&endpoint.args)),
        _ => false,
    })
}

fn is_constant(text: &str) -> bool {
    let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let Some(value) = text.parse::<f64>().ok().filter(|_| digits > 0) else {
        return false;
    };
    // Digits beyond those of the type do not matter.
    let near = 10_f64.powi(-i32::try_from(digits.min(15)).unwrap_or(15));
    MATHEMATICS
        .iter()
        .any(|(constant, least)| digits >= *least && (value - constant).abs() < near)
}

/// For variants whose names all begin or end with the same word, or with the name of the enum.
pub(crate) fn for_variants(owner: &str, variants: &[String]) -> Option<TokenStream> {
    const VARIANTS_MIN: usize = 3;
    let words = |name: &str| -> Vec<String> {
        use heck::ToSnakeCase;
        name.to_snake_case().split('_').map(str::to_owned).collect()
    };
    let all: Vec<Vec<String>> = variants.iter().map(|name| words(name)).collect();
    let same = |pick: fn(&Vec<String>) -> Option<&String>| {
        let mut picked = all.iter().map(pick);
        let first = picked.next().flatten();
        first.is_some() && picked.all(|word| word == first)
    };
    let own = words(owner);
    let repeats = |variant: &Vec<String>| {
        variant.len() > own.len() && (variant.starts_with(&own) || variant.ends_with(&own))
    };
    let trips = all.len() >= VARIANTS_MIN
        && (same(|words| words.first()) || same(|words| words.last()))
        || all.iter().any(repeats);
    trips.then(|| quote!(#[allow(clippy::enum_variant_names, reason = "the names are those of the schema")]))
}

/// For methods whose names promise something about the receiver that they do not keep.
pub(crate) fn for_methods<'m>(mut names: impl Iterator<Item = &'m str>) -> Option<TokenStream> {
    let promises = |name: &str| {
        name == "new"
            || ["from_", "into_"]
                .iter()
                .any(|start| name.starts_with(start))
    };
    names.any(promises).then(|| {
        quote!(#[allow(clippy::wrong_self_convention, reason = "the names are those of the schema")])
    })
}

/// Names and brackets of a type, weighted by how deep they stand: clippy's measure.
fn complexity(ty: &Type, depth: u64) -> u64 {
    let inner = |ty: &Type| complexity(ty, depth + 1);
    let below = match ty {
        Type::Scalar(_) | Type::Union(_) | Type::Param(_) => 0,
        Type::List(item) | Type::Optional(item) => inner(item),
        Type::Map(key, value) => inner(key) + inner(value),
        Type::Tuple(types) | Type::Named { args: types, .. } => types.iter().map(inner).sum(),
    };
    10 * depth + below
}
