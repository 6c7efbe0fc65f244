//! Styles of names: warnings, never errors. A leading `_` is always allowed.

use super::Checker;
use crate::code::{self, Code};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{Body, ExtBody, ItemKind, Name};

impl Checker<'_, '_> {
    pub(super) fn lint_names(&mut self) {
        let files = self.names.files;
        for file in files {
            let out = &mut *self.diagnostics;
            for segment in file
                .package
                .iter()
                .flat_map(|package| package.name.segments())
            {
                is_snake(segment, "a package", out);
            }
            for item in &file.items {
                match &item.kind {
                    ItemKind::Broken => continue,
                    ItemKind::Const(..) => {
                        let upper = upper_snake(item.name.text);
                        style(
                            item.name,
                            "a constant",
                            code::CONST_NAME_STYLE,
                            "UPPER_SNAKE_CASE",
                            &upper,
                            out,
                        );
                        continue;
                    }
                    ItemKind::Struct(body)
                    | ItemKind::Message(body)
                    | ItemKind::Error(body)
                    | ItemKind::Ext(_, ExtBody::Record(body)) => fields(body, "a field", out),
                    ItemKind::Enum(it) => {
                        it.members
                            .iter()
                            .for_each(|member| is_snake(member.name, "a member", out));
                    }
                    ItemKind::Interface(interface) => {
                        for endpoint in &interface.endpoints {
                            is_snake(endpoint.name, "an endpoint", out);
                            fields(&endpoint.params, "a parameter", out);
                        }
                    }
                    _ => {}
                }
                is_camel(item.name, "an item", out);
                item.params
                    .iter()
                    .for_each(|param| is_camel(*param, "a type parameter", out));
            }
        }
    }
}

fn fields(body: &Body<'_>, what: &str, out: &mut Diagnostics) {
    body.fields
        .iter()
        .for_each(|field| is_snake(field.name, what, out));
}

fn is_snake(name: Name<'_>, what: &str, out: &mut Diagnostics) {
    // The check is cheaper than the conversion, and nearly all names pass it.
    if name.text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        style(
            name,
            what,
            code::SNAKE_NAME_STYLE,
            "snake_case",
            &snake(name.text),
            out,
        );
    }
}

fn is_camel(name: Name<'_>, what: &str, out: &mut Diagnostics) {
    let bare = name.text.trim_matches('_');
    if !bare.starts_with(|c: char| c.is_ascii_uppercase()) || bare.contains('_') {
        style(
            name,
            what,
            code::TYPE_NAME_STYLE,
            "UpperCamelCase",
            &camel(name.text),
            out,
        );
    }
}

fn style(name: Name<'_>, what: &str, code: Code, style: &str, better: &str, out: &mut Diagnostics) {
    if name.text == better || better.is_empty() {
        return;
    }
    out.push(
        Diagnostic::new(code, format!("the name of {what} is not in `{style}`"))
            .at(name.span, "")
            .help(format!("call it `{better}`")),
    );
}

/// `OrderBook` and `orderBook` as `order_book`, `HTTPServer` as `http_server`.
pub(super) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().enumerate() {
        if c.is_ascii_uppercase() {
            let before = at.checked_sub(1).and_then(|at| chars.get(at));
            let after = chars.get(at + 1);
            let word_starts = before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            let word_ends = before.is_some_and(|c| c.is_ascii_uppercase())
                && after.is_some_and(|c| c.is_ascii_lowercase());
            if word_starts || word_ends {
                out.push('_');
            }
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn upper_snake(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

fn camel(name: &str) -> String {
    let bare = name.trim_start_matches('_');
    let mut out = "_".repeat(name.len() - bare.len());
    for word in bare.split('_') {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions() {
        for (name, expected) in [
            ("OrderBook", "order_book"),
            ("HTTPServer", "http_server"),
            ("_xY", "_x_y"),
            ("Level2", "level2"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(camel("order_book"), "OrderBook");
        assert_eq!(camel("_x"), "_X");
        assert_eq!(upper_snake("maxLegs"), "MAX_LEGS");
    }
}
