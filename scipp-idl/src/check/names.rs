//! Styles of names: warnings, never errors. A leading `_` is always allowed.

use super::Checker;
use crate::code::{self, Code};
use crate::diagnostic::Diagnostic;
use crate::parse::RESERVED_WORDS;
use crate::resolve::ItemId;
use crate::scalars::scalar;
use crate::source::Span;
use crate::syntax::{Body, ExtBody, Item, ItemKind, Name, Opt, Type, TypeKind};

impl<'s> Checker<'_, 's> {
    pub(super) fn lint_names(&mut self) {
        let files = self.names.files;
        for file in files {
            if let Some(package) = &file.package {
                for segment in package.name.segments() {
                    self.snake_case(segment, "a package", None);
                }
            }
        }
        for id in 0..self.names.items.len() {
            if let Some(item) = self.syntax(id) {
                self.lint_names_of(id, item);
            }
        }
    }

    fn lint_names_of(&mut self, id: ItemId, item: &Item<'s>) {
        let has = |options: &[Opt<'_>], name: &str| options.iter().any(|it| it.name.text == name);
        match &item.kind {
            ItemKind::Broken => return,
            ItemKind::Const(..) => {
                let (name, better) = (item.name, upper_snake(item.name.text));
                let edits = self.edits_of_item(id, item, &better);
                let code = code::CONST_NAME_STYLE;
                self.style(
                    name,
                    "a constant",
                    code,
                    "UPPER_SNAKE_CASE",
                    &better,
                    None,
                    edits,
                );
                return;
            }
            ItemKind::Struct(body)
            | ItemKind::Message(body)
            | ItemKind::Error(body)
            | ItemKind::Ext(_, ExtBody::Record(body)) => self.field_names(body, "a field"),
            ItemKind::Enum(it) => {
                for member in &it.members {
                    let text = member.name.text;
                    let keeps = (it.repr.is_none() && member.value.is_none())
                        .then(|| format!("`{} = \"{text}\"`", snake(text)));
                    self.snake_case(member.name, "a member", keeps);
                }
            }
            ItemKind::Interface(interface) => {
                for endpoint in &interface.endpoints {
                    let text = endpoint.name.text;
                    let keeps =
                        (!has(&endpoint.options, "name")).then(|| format!("`@name(\"{text}\")`"));
                    self.snake_case(endpoint.name, "an endpoint", keeps);
                    self.field_names(&endpoint.params, "a parameter");
                }
            }
            _ => {}
        }
        // What cannot be a name is not a question of style.
        let text = item.name.text;
        let is_taken = scalar(text).is_some() || RESERVED_WORDS.contains(&text);
        if !is_camel(text) && !is_taken {
            let better = camel(text);
            let keeps = match item.kind {
                ItemKind::Message(_) if !has(&item.options, "tag") => {
                    Some(format!("`@tag(\"type\", \"{text}\")`"))
                }
                _ => None,
            };
            let edits = match item.kind {
                // What these are called is on the wire.
                ItemKind::Message(_) | ItemKind::Error(_) | ItemKind::Interface(_) => Vec::new(),
                _ => self.edits_of_item(id, item, &better),
            };
            let code = code::TYPE_NAME_STYLE;
            self.style(
                item.name,
                "an item",
                code,
                "UpperCamelCase",
                &better,
                keeps,
                edits,
            );
        }
        for param in item.params.iter().filter(|param| !is_camel(param.text)) {
            let better = camel(param.text);
            let edits = self.edits_of_param(id, item, *param, &better);
            let code = code::TYPE_NAME_STYLE;
            self.style(
                *param,
                "a type parameter",
                code,
                "UpperCamelCase",
                &better,
                None,
                edits,
            );
        }
    }

    fn field_names(&mut self, body: &Body<'s>, what: &str) {
        for field in &body.fields {
            let text = field.name.text;
            let has_key = field.options.iter().any(|it| it.name.text == "wire");
            let keeps = (!has_key).then(|| format!("`@wire(\"{text}\")`"));
            self.snake_case(field.name, what, keeps);
        }
    }

    fn snake_case(&mut self, name: Name<'s>, what: &str, keeps: Option<String>) {
        // The check is cheaper than the conversion, and nearly all names pass it.
        if name.text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let better = snake(name.text);
            let code = code::SNAKE_NAME_STYLE;
            self.style(name, what, code, "snake_case", &better, keeps, Vec::new());
        }
    }

    /// `keeps` is what keeps the old name on the wire.
    #[allow(
        clippy::too_many_arguments,
        reason = "what the message says, each said once"
    )]
    fn style(
        &mut self,
        name: Name<'s>,
        what: &str,
        code: Code,
        style: &str,
        better: &str,
        keeps: Option<String>,
        edits: Vec<Span>,
    ) {
        if name.text == better || better.is_empty() {
            return;
        }
        let message = format!("the name of {what} is not in `{style}`");
        let mut diagnostic = Diagnostic::new(code, message)
            .at(name.span, "")
            .help(format!("call it `{better}`"));
        if let Some(keeps) = keeps {
            diagnostic = diagnostic.help(format!("{keeps} keeps its name on the wire"));
        }
        for span in edits {
            diagnostic = diagnostic.fix(span, better);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Where to write the better name of an item: nowhere if anybody names the item, who may stand in a file that this
    /// run does not see.
    fn edits_of_item(&self, id: ItemId, item: &Item<'s>, better: &str) -> Vec<Span> {
        let used = self.names.used.get(id).copied().unwrap_or(true);
        if used || self.is_taken(id, better) {
            return Vec::new();
        }
        vec![item.name.span]
    }

    /// Where to write the better name of a type parameter: it is known in its item alone.
    fn edits_of_param(
        &self,
        id: ItemId,
        item: &Item<'s>,
        param: Name<'s>,
        better: &str,
    ) -> Vec<Span> {
        let is_other = item.params.iter().any(|other| other.text == better);
        if is_other || self.is_taken(id, better) {
            return Vec::new();
        }
        let mut edits = vec![param.span];
        let (ItemKind::Struct(body) | ItemKind::Message(body)) = &item.kind else {
            return Vec::new();
        };
        let mut work: Vec<&Type<'_>> = body.fields.iter().map(|field| &field.ty).collect();
        while let Some(ty) = work.pop() {
            match &ty.kind {
                TypeKind::Named(path, arguments) => {
                    edits.extend((path.text == param.text).then_some(path.span));
                    work.extend(arguments);
                }
                TypeKind::Optional(inner) => work.push(inner),
                TypeKind::Tuple(types) | TypeKind::Union(types) => work.extend(types),
                TypeKind::Broken => return Vec::new(),
            }
        }
        edits
    }

    /// Whether the name means something in the file of an item already.
    fn is_taken(&self, id: ItemId, name: &str) -> bool {
        let file = self.file(id);
        let own = self.names.own.get(file);
        let scope = self.names.scopes.get(file);
        own.is_some_and(|own| own.contains_key(name))
            || scope.is_some_and(|scope| scope.items.contains_key(name))
            || scalar(name).is_some()
    }
}

fn is_camel(name: &str) -> bool {
    let bare = name.trim_matches('_');
    bare.starts_with(|c: char| c.is_ascii_uppercase()) && !bare.contains('_')
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
