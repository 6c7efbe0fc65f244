//! What is right and still worth a word: streams without a bound, uses of what is deprecated, options that say
//! nothing new, names that are easily confused. Warnings, which `@allow` silences (`crate::allow`), and
//! only for a schema without errors.

use super::options::unquoted;
use super::{Checker, ItemTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::EndpointKind;
use crate::source::Span;
use crate::syntax::{
    self, Body, ClauseKind, Endpoint, ExtBody, ImportKind, Interface, Item, ItemKind, Name, Opt,
    TypeKind, ValueKind,
};
use std::collections::HashMap;

impl<'s> Checker<'_, 's> {
    pub(super) fn lint(&mut self) {
        let files = self.names.files;
        for file in files {
            self.lint_imports(file);
            let is_const = |item: &&Item<'s>| matches!(item.kind, ItemKind::Const(..));
            self.confusable(file.items.iter().filter(is_const).map(|item| item.name));
            let is_type = |item: &&Item<'s>| !is_const(item);
            self.confusable(file.items.iter().filter(is_type).map(|item| item.name));
        }
        for id in 0..self.names.items.len() {
            if let Some(item) = self.syntax(id) {
                self.lint_item(id, item);
            }
        }
    }

    fn lint_imports(&mut self, file: &syntax::File<'s>) {
        for import in &file.imports {
            let ImportKind::Items(names) = &import.kind else {
                continue;
            };
            for (name, alias) in names {
                if let Some(alias) = alias.filter(|alias| alias.text == name.text) {
                    let rest = name.span.after().to(alias.span);
                    self.redundant("`as`", alias.span, rest, "this is its name anyway");
                }
            }
        }
    }

    fn lint_item(&mut self, id: ItemId, item: &'_ Item<'s>) {
        let Some(types) = self.types.get(id).cloned() else {
            return;
        };
        let since = since(&item.options);
        match (&item.kind, types.as_ref()) {
            (
                ItemKind::Struct(body)
                | ItemKind::Message(body)
                | ItemKind::Error(body)
                | ItemKind::Ext(_, ExtBody::Record(body)),
                ItemTypes::Fields(types),
            ) => {
                self.lint_fields(body, types, since);
                self.lint_tag(item);
            }
            (ItemKind::Enum(it), _) => self.lint_members(it, since),
            (
                ItemKind::Union { ty, .. }
                | ItemKind::Alias(ty)
                | ItemKind::Newtype(ty)
                | ItemKind::Const(ty, _)
                | ItemKind::Ext(_, ExtBody::Type(ty)),
                ItemTypes::One(resolved),
            ) => self.deprecated_types(ty, resolved),
            (ItemKind::Interface(interface), ItemTypes::Endpoints(types)) => {
                self.lint_interface(id, item, interface, types);
            }
            _ => {}
        }
    }

    fn lint_fields(&mut self, body: &Body<'s>, types: &[Ty], outer: Option<(i128, Span)>) {
        self.confusable(body.fields.iter().map(|field| field.name));
        for (field, ty) in body.fields.iter().zip(types) {
            self.deprecated_types(&field.ty, ty);
            self.since_order(&field.options, outer);
            if let Some(option) = says(&field.options, "wire", field.name.text) {
                self.redundant(
                    "`@wire`",
                    option.span,
                    option.span,
                    "this is its key anyway",
                );
            }
        }
    }

    fn lint_tag(&mut self, item: &Item<'s>) {
        for option in item.options.iter().filter(|it| it.name.text == "tag") {
            let texts: Vec<Option<&str>> = option.arguments.iter().map(unquoted).collect();
            let name = item.name.text;
            if texts == [Some("type")] || texts == [Some("type"), Some(name)] {
                self.redundant("`@tag`", option.span, option.span, "this is its tag anyway");
            }
        }
    }

    fn lint_members(&mut self, it: &syntax::Enum<'s>, outer: Option<(i128, Span)>) {
        self.confusable(it.members.iter().map(|member| member.name));
        for member in &it.members {
            self.since_order(&member.options, outer);
            let Some(value) = &member.value else { continue };
            let same = matches!(&value.kind, ValueKind::Str(text) if text == member.name.text);
            let between = member.name.span.after().to(value.span);
            let alone = |option: &Opt<'_>| {
                option.span.end <= between.start || option.span.start >= between.end
            };
            if same && it.repr.is_none() && member.options.iter().all(alone) {
                self.redundant("the value", value.span, between, "this is its value anyway");
            }
        }
    }

    fn lint_interface(
        &mut self,
        id: ItemId,
        item: &Item<'s>,
        interface: &Interface<'s>,
        types: &[super::EndpointTypes],
    ) {
        let usual = format!(
            "{}.{}",
            self.package(id),
            super::names::snake(self.name(id))
        );
        if let Some(option) = says(&item.options, "ns", &usual) {
            self.redundant(
                "`@ns`",
                option.span,
                option.span,
                "this is its namespace anyway",
            );
        }
        for path in &interface.extends {
            if let Ok(Some(base)) = self.names.item(self.file(id), *path) {
                self.deprecated_item(base, path.span);
            }
        }
        self.confusable(interface.endpoints.iter().map(|it| it.name));
        let file = self.names.files.get(self.file(id));
        let package = file.and_then(|file| file.package.as_ref());
        let package = package.map_or(&[][..], |it| it.options.as_slice());
        let has_deadline =
            |options: &[Opt<'_>]| options.iter().any(|it| it.name.text == "deadline");
        let bounded = has_deadline(&item.options) || has_deadline(package);
        for (endpoint, types) in interface.endpoints.iter().zip(types) {
            let inner = since(&endpoint.options).or(since(&item.options));
            self.since_order(&endpoint.options, since(&item.options));
            self.lint_fields(&endpoint.params, &types.params, inner);
            for (clause, ty) in endpoint.clauses.iter().zip(&types.clauses) {
                self.deprecated_types(&clause.ty, ty);
            }
            if let Some(option) = says(&endpoint.options, "name", endpoint.name.text) {
                self.redundant(
                    "`@name`",
                    option.span,
                    option.span,
                    "this is its name anyway",
                );
            }
            if !bounded && !has_deadline(&endpoint.options) {
                self.unbounded(endpoint);
            }
        }
    }

    fn unbounded(&mut self, endpoint: &Endpoint<'s>) {
        let is_stream = |kind: ClauseKind| matches!(kind, ClauseKind::Accepts | ClauseKind::Yields);
        let stream = endpoint.clauses.iter().find(|it| is_stream(it.kind));
        let Some(stream) = stream.filter(|_| endpoint.kind == EndpointKind::Context) else {
            return;
        };
        let name = endpoint.name;
        self.diagnostics.push(
            Diagnostic::new(
                code::UNBOUNDED_CONTEXT,
                format!("context `{}` streams and has no deadline", name.text),
            )
            .at(name.span, "a caller may wait for this for ever")
            .with(stream.word, "it streams")
            .help("give it one: `@deadline(8h)`, or one for its interface or package")
            .help("if it has no end by its nature: `@allow(W0006, \"why\")`"),
        );
    }

    fn redundant(&mut self, what: &str, span: Span, removed: Span, why: &str) {
        let message = format!("{what} says what holds anyway");
        self.diagnostics.push(
            Diagnostic::new(code::REDUNDANT, message)
                .at(span, why)
                .help("remove it")
                .fix(removed, ""),
        );
    }

    /// A constraint that no value of its type could break.
    pub(super) fn needless_constraint(&mut self, span: Span, refused: &str) {
        self.redundant(
            "a constraint",
            span,
            span,
            &format!("this refuses no {refused}"),
        );
    }

    fn since_order(&mut self, options: &[Opt<'s>], outer: Option<(i128, Span)>) {
        if let (Some((part, span)), Some((whole, outer))) = (since(options), outer)
            && part < whole
        {
            self.diagnostics.push(
                Diagnostic::new(
                    code::SINCE_ORDER,
                    format!("a part is there since {part}, the whole since {whole}"),
                )
                .at(span, "older than what it is a part of")
                .with(outer, "the whole"),
            );
        }
    }

    fn confusable(&mut self, names: impl Iterator<Item = Name<'s>>) {
        let mut seen: HashMap<String, Name<'s>> = HashMap::new();
        for name in names {
            let mut key = name.text.replace('_', "");
            key.make_ascii_lowercase();
            let first = *seen.entry(key).or_insert(name);
            if first.text != name.text {
                let (a, b) = (first.text, name.text);
                self.diagnostics.push(
                    Diagnostic::new(
                        code::CONFUSABLE_NAMES,
                        format!("`{a}` and `{b}` differ only in their style"),
                    )
                    .at(name.span, "may become one name in a target language")
                    .with(first.span, "the other one")
                    .help("rename one of them"),
                );
            }
        }
    }

    // -- deprecated

    fn deprecated_types(&mut self, ty: &syntax::Type<'s>, resolved: &Ty) {
        match (&ty.kind, &resolved.kind) {
            (TypeKind::Named(path, arguments), TyKind::Item(id, types)) => {
                self.deprecated_item(*id, path.span);
                for (ty, resolved) in arguments.iter().zip(types) {
                    self.deprecated_types(ty, resolved);
                }
            }
            (TypeKind::Named(_, arguments), TyKind::List(inner)) => {
                for ty in arguments {
                    self.deprecated_types(ty, inner);
                }
            }
            (TypeKind::Named(_, arguments), TyKind::Map(key, value)) => {
                for (ty, resolved) in arguments.iter().zip([key, value]) {
                    self.deprecated_types(ty, resolved);
                }
            }
            (TypeKind::Optional(ty), TyKind::Optional(resolved)) => {
                self.deprecated_types(ty, resolved);
            }
            (TypeKind::Tuple(types), TyKind::Tuple(resolved))
            | (TypeKind::Union(types), TyKind::Union(resolved)) => {
                for (ty, resolved) in types.iter().zip(resolved) {
                    self.deprecated_types(ty, resolved);
                }
            }
            _ => {}
        }
    }

    pub(super) fn deprecated_item(&mut self, id: ItemId, span: Span) {
        if let Some(item) = self.syntax(id) {
            self.deprecated(item.name.text, &item.options, span);
        }
    }

    /// Says so if the thing of these options is deprecated.
    pub(super) fn deprecated(&mut self, name: &str, options: &[Opt<'s>], span: Span) {
        let Some(option) = options.iter().find(|it| it.name.text == "deprecated") else {
            return;
        };
        let mut diagnostic =
            Diagnostic::new(code::DEPRECATED_USE, format!("`{name}` is deprecated"))
                .at(span, "used here")
                .with(option.span, "since this says so");
        let why = option.arguments.first().and_then(unquoted);
        if let Some(why) = why.filter(|why| !why.is_empty()) {
            diagnostic = diagnostic.help(why);
        }
        self.report(diagnostic);
    }
}

/// The number in `@since`, and where it stands.
fn since(options: &[Opt<'_>]) -> Option<(i128, Span)> {
    let option = options.iter().find(|it| it.name.text == "since")?;
    match &option.arguments.first()?.kind {
        syntax::ArgumentKind::Value(syntax::Value {
            kind: ValueKind::Int(number),
            ..
        }) => Some((*number, option.span)),
        _ => None,
    }
}

/// The option of that name whose only argument is that text.
fn says<'o, 's>(options: &'o [Opt<'s>], name: &str, text: &str) -> Option<&'o Opt<'s>> {
    options.iter().find(|option| {
        let argument = option.arguments.first().and_then(unquoted);
        option.name.text == name && option.arguments.len() == 1 && argument == Some(text)
    })
}
