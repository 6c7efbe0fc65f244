//! Names of a schema as names of Python.

use crate::names::{shouty, snake, upper_camel};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// What a member of an enum cannot be called: attributes of members and classes, and of integers.
const ENUM_ATTRIBUTES: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "denominator",
    "from_bytes",
    "imag",
    "is_integer",
    "mro",
    "name",
    "numerator",
    "real",
    "to_bytes",
    "value",
];

/// With an underscore behind it, if it is a keyword.
pub(crate) fn ident(name: &str) -> String {
    if KEYWORDS.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// As the name of a class, a type or a type parameter.
pub(crate) fn class(name: &str) -> String {
    ident(public(&upper_camel(name)))
}

/// As the name of a constant.
pub(crate) fn constant(name: &str) -> String {
    ident(public(&shouty(name)))
}

/// Without underscores in front: they would make it private to its module, which it is not.
fn public(name: &str) -> &str {
    match name.trim_start_matches('_') {
        it if it.starts_with(|it: char| it.is_ascii_alphabetic()) => it,
        _ => name,
    }
}

/// As a part of the name of a function.
pub(crate) fn function(name: &str) -> String {
    snake(name)
}

/// As the name of a field, a parameter or a method: as it is in the schema, if Python takes it.
pub(crate) fn member(name: &str) -> String {
    // Two underscores in front mean something to a class.
    let name = match name.strip_prefix("__") {
        Some(rest) => format!("_{}", rest.trim_start_matches('_')),
        None => name.to_owned(),
    };
    match name.as_str() {
        "self" | "cls" | "_portal" => format!("{name}_"),
        _ => ident(&name),
    }
}

/// As the name of a member of an enum.
pub(crate) fn enum_member(name: &str) -> String {
    // `_x_` belongs to the enum, and `__x` to the class.
    let trimmed = name.trim_start_matches('_');
    let name = if name.starts_with('_') {
        format!("m_{trimmed}")
    } else {
        name.to_owned()
    };
    if ENUM_ATTRIBUTES.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        ident(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_where_python_takes_them() {
        for (from, to) in [
            ("symbol", "symbol"),
            ("type", "type"),
            ("class", "class_"),
            ("_parent", "_parent"),
            ("__parent", "_parent"),
            ("self", "self_"),
            ("bidPx", "bidPx"),
        ] {
            assert_eq!(member(from), to, "{from}");
        }
        for (from, to) in [
            ("lit", "lit"),
            ("name", "name_"),
            ("_x_", "m_x_"),
            ("None", "None_"),
        ] {
            assert_eq!(enum_member(from), to, "{from}");
        }
        assert_eq!(class("quote"), "Quote");
        assert_eq!(class("none"), "None_");
        assert_eq!(class("_Hidden"), "Hidden");
        assert_eq!(constant("_max"), "MAX");
        assert_eq!(constant("_1"), "_1");
    }
}
