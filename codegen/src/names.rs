//! Names of a schema as names of a target language: cases, keywords, collisions.
//!
//! A name that is fine in the target stays as it is, so that people find what they wrote. Only names that
//! the target would warn about or refuse are changed, and two that become one are an error.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// As the name of a type or of a variant: `UpperCamelCase`. A name without `_` that starts with an upper
/// case letter stays (`HTTPServer`).
pub(crate) fn upper_camel(name: &str) -> String {
    let (underscores, rest) = split_underscores(name);
    let converted = if rest.starts_with(|c: char| c.is_ascii_uppercase()) && !rest.contains('_') {
        rest.to_owned()
    } else {
        rest.to_upper_camel_case()
    };
    glue(underscores, &converted)
}

/// As the name of a field, a function or a module: `snake_case`. A name without upper case letters stays.
pub(crate) fn snake(name: &str) -> String {
    if !name.contains(|c: char| c.is_ascii_uppercase()) {
        return name.to_owned();
    }
    let (underscores, rest) = split_underscores(name);
    glue(underscores, &rest.to_snake_case())
}

/// As the name of a constant: `SHOUTY_SNAKE_CASE`. A name without lower case letters stays.
pub(crate) fn shouty(name: &str) -> String {
    if !name.contains(|c: char| c.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let (underscores, rest) = split_underscores(name);
    glue(underscores, &rest.to_shouty_snake_case())
}

/// Leading underscores carry meaning for those who write them; case conversion would drop them.
fn split_underscores(name: &str) -> (&str, &str) {
    let rest = name.trim_start_matches('_');
    name.split_at(name.len() - rest.len())
}

/// The underscores in front again, and at least one where the rest could not start an identifier.
fn glue(underscores: &str, rest: &str) -> String {
    if underscores.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("_{rest}");
    }
    format!("{underscores}{rest}")
}

/// Keywords of Rust, strict and reserved, of every edition up to 2024, that `r#` turns into identifiers.
const RUST_RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Those that `r#` does not help. The first is no keyword, but no identifier either.
const RUST_RESERVED: &[&str] = &["_", "Self", "crate", "self", "super"];

/// `name`, which is an identifier of the schema language in the right case, as a Rust identifier:
/// a keyword becomes a raw identifier, one that cannot be raw gets a trailing underscore.
pub(crate) fn rust_ident(name: &str) -> proc_macro2::Ident {
    let span = proc_macro2::Span::call_site();
    if RUST_RESERVED.contains(&name) {
        proc_macro2::Ident::new(&format!("{name}_"), span)
    } else if RUST_RAW.contains(&name) {
        proc_macro2::Ident::new_raw(name, span)
    } else {
        proc_macro2::Ident::new(name, span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_keep_what_is_fine() {
        let cases = [
            ("Quote", "Quote"),
            ("HTTPServer", "HTTPServer"),
            ("quote", "Quote"),
            ("USD_rate", "UsdRate"),
            ("_Private", "_Private"),
            ("_1", "_1"),
            ("a1", "A1"),
            ("__x_y", "__XY"),
        ];
        for (from, to) in cases {
            assert_eq!(upper_camel(from), to, "{from}");
        }
    }

    #[test]
    fn fields_keep_leading_underscores() {
        let cases = [
            ("bid", "bid"),
            ("bidPx", "bid_px"),
            ("_parent_main_data", "_parent_main_data"),
            ("_parentMain", "_parent_main"),
            ("X", "x"),
            ("a__b", "a__b"),
        ];
        for (from, to) in cases {
            assert_eq!(snake(from), to, "{from}");
        }
    }

    #[test]
    fn constants_are_shouted() {
        for (from, to) in [
            ("MAX_LEGS", "MAX_LEGS"),
            ("maxLegs", "MAX_LEGS"),
            ("max", "MAX"),
            ("_x", "_X"),
        ] {
            assert_eq!(shouty(from), to, "{from}");
        }
    }

    #[test]
    fn keywords_are_escaped() {
        for (from, to) in [
            ("type", "r#type"),
            ("gen", "r#gen"),
            ("self", "self_"),
            ("Self", "Self_"),
            ("_", "__"),
            ("crate", "crate_"),
            ("union", "union"),
            ("quote", "quote"),
        ] {
            assert_eq!(rust_ident(from).to_string(), to, "{from}");
        }
    }

    /// syn knows the keywords of Rust: what is not in our lists parses as an identifier, what is does not.
    #[test]
    fn the_lists_are_what_syn_says() {
        for word in RUST_RAW.iter().chain(RUST_RESERVED) {
            assert!(syn::parse_str::<proc_macro2::TokenStream>(word).is_ok());
            assert!(
                *word == "gen" || syn::parse_str::<syn::Ident>(word).is_err(),
                "{word} is an identifier"
            );
        }
    }
}
