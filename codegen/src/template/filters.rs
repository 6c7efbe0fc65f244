//! What templates have beside the model and the filters of minijinja.

use super::spell;
use crate::names;
use heck::{ToKebabCase, ToLowerCamelCase};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, ErrorKind, Value};
use scipp_idl::model::Model;
use std::collections::HashMap;

/// Columns of `wrap` unless it is told otherwise.
const WIDTH: usize = 80;

/// Adds the filters and functions.
pub(super) fn add(environment: &mut Environment<'static>, model: &Model) {
    environment.add_filter("snake", |name: &str| names::snake(name));
    environment.add_filter("pascal", |name: &str| names::upper_camel(name));
    environment.add_filter("camel", |name: &str| name.to_lower_camel_case());
    environment.add_filter("shouty", |name: &str| names::shouty(name));
    environment.add_filter("kebab", |name: &str| name.to_kebab_case());
    environment.add_filter("summary", |doc: &str| summary(doc));
    environment.add_filter("wrap", |text: &str, options: Kwargs| {
        let width = options.get::<Option<usize>>("width")?.unwrap_or(WIDTH);
        let prefix = options.get::<Option<&str>>("prefix")?.unwrap_or_default();
        options.assert_all_used()?;
        Ok::<_, Error>(wrap(text, width, prefix))
    });
    environment.add_filter("spell", |value: &Value, options: Kwargs| {
        let local = options.get::<Option<&str>>("local")?.unwrap_or_default();
        options.assert_all_used()?;
        spell::spell(value, local)
    });

    let mut items: HashMap<(String, String), Value> = HashMap::new();
    for package in &model.packages {
        for item in &package.items {
            let key = (package.name.clone(), item.name.clone());
            items.insert(key, Value::from(Serde(item)));
        }
    }
    environment.add_function("item_of", move |name: &Value| {
        let part =
            |key: &str| Ok::<_, Error>(name.get_attr(key)?.as_str().unwrap_or_default().to_owned());
        let (package, name) = (part("package")?, part("name")?);
        items.get(&(package, name)).cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidOperation,
                "`item_of` takes a named type, or a name of a package and an item",
            )
        })
    });
}

/// The first paragraph of a documentation in one line.
fn summary(doc: &str) -> String {
    let lines = doc
        .trim()
        .lines()
        .take_while(|line| !line.trim().is_empty());
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Lines of at most `width` characters, the prefix included, unless a word is longer. Paragraphs stay, and so does what
/// stands in a fence or is indented.
fn wrap(text: &str, width: usize, prefix: &str) -> String {
    let room = width.saturating_sub(prefix.chars().count()).max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    let mut fenced = false;
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        let as_it_is = fenced || fence || line.starts_with("    ") || line.trim().is_empty();
        fenced ^= fence;
        if as_it_is {
            lines.push(line.trim_end().to_owned());
            open = false;
            continue;
        }
        // A list goes on with a line of its own.
        open &= !line.trim_start().starts_with(['*', '-', '#', '|', '>']);
        for word in line.split_whitespace() {
            match lines.last_mut().filter(|_| open) {
                Some(last) if last.chars().count() + 1 + word.chars().count() <= room => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
            open = true;
        }
    }
    let prefixed = lines
        .iter()
        .map(|line| format!("{prefix}{line}").trim_end().to_owned());
    prefixed.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(
            wrap("one two three\nfour", 12, "/// "),
            "/// one two\n/// three\n/// four"
        );
        assert_eq!(
            wrap("a b\n\nc\n* d\n* e", 80, "// "),
            "// a b\n//\n// c\n// * d\n// * e"
        );
        assert_eq!(wrap("```\nlong  line\n```", 4, ""), "```\nlong  line\n```");
        assert_eq!(wrap("", 10, "# "), "");
        assert_eq!(wrap("överlång text", 4, ""), "överlång\ntext");
    }

    #[test]
    fn a_summary_is_one_line() {
        assert_eq!(
            summary("The first\nparagraph.\n\nMore."),
            "The first paragraph."
        );
        assert_eq!(summary(""), "");
    }
}
