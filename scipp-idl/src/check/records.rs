//! Records: the fields of structs, messages, errors and extension types, and the parameters of endpoints.

use super::Checker;
use super::options::Target;
use super::rules::Rule;
use super::shapes::TagOf;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty};
use crate::schema::{Field, Presence, Record, Tag, TextPart};
use crate::source::Span;
use crate::syntax::{self, Body, Item, Name};
use std::collections::HashMap;

impl<'s> Checker<'_, 's> {
    #[allow(
        clippy::too_many_arguments,
        reason = "what a record has, each of another kind"
    )]
    pub(super) fn record(
        &mut self,
        id: ItemId,
        file: FileId,
        item: &Item<'s>,
        body: &Body<'s>,
        types: &[Ty],
        tag: Option<TagOf<'s>>,
        array: bool,
    ) -> Record {
        self.current = Some(id);
        let fields = self.fields(file, body, types, &item.params, Target::Field, array);
        self.current = None;
        if let Some(tag) = tag.as_ref().filter(|_| !array) {
            self.check_tag(item, tag, &fields);
        }
        let tag = tag.map(|tag| Tag {
            key: tag.key.into_owned(),
            value: tag.value.into_owned(),
        });
        let reserved = body
            .reserved
            .iter()
            .map(|name| name.text.to_owned())
            .collect();
        Record {
            fields,
            array,
            tag,
            reserved,
        }
    }

    pub(super) fn fields(
        &mut self,
        file: FileId,
        body: &Body<'s>,
        types: &[Ty],
        params: &[Name<'s>],
        target: Target,
        array: bool,
    ) -> Vec<Field> {
        let reserved: HashMap<&str, Span> = body
            .reserved
            .iter()
            .map(|name| (name.text, name.span))
            .collect();
        let mut names: HashMap<&str, Span> = HashMap::with_capacity(body.fields.len());
        let mut keys: HashMap<String, Span> = HashMap::with_capacity(body.fields.len());
        let mut fields = Vec::with_capacity(body.fields.len());
        for (field, ty) in body.fields.iter().zip(types) {
            let name = field.name;
            if let Some(first) = names.insert(name.text, name.span) {
                let what = if target == Target::Parameter {
                    "parameter"
                } else {
                    "field"
                };
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_FIELD,
                        format!("{what} `{}` is there twice", name.text),
                    )
                    .at(name.span, "the second time")
                    .with(first, "the first time"),
                );
                continue;
            }
            if let Some(span) = reserved.get(name.text) {
                self.reserved_name(name, *span);
            }
            let lowered = self.field(file, field, ty, params, target, array);
            if lowered.wire != name.text
                && let Some(span) = reserved.get(lowered.wire.as_str())
            {
                self.reserved_key(name, &lowered.wire, *span);
            }
            if let Some(first) = keys.insert(lowered.wire.clone(), name.span) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_WIRE_KEY,
                        format!("two fields have the key \"{}\" on the wire", lowered.wire),
                    )
                    .at(name.span, "the second one")
                    .with(first, "the first one"),
                );
            }
            fields.push(lowered);
        }
        fields
    }

    pub(super) fn reserved_name(&mut self, name: Name<'s>, reserved: Span) {
        self.diagnostics.push(
            Diagnostic::new(
                code::RESERVED_NAME,
                format!("`{}` is reserved here", name.text),
            )
            .at(name.span, "it must not come back")
            .with(reserved, "reserved here")
            .help("choose another name: old peers know this one with another meaning"),
        );
    }

    /// Old peers know a field by its key.
    fn reserved_key(&mut self, name: Name<'s>, key: &str, reserved: Span) {
        self.diagnostics.push(
            Diagnostic::new(
                code::RESERVED_NAME,
                format!("the key \"{key}\" is reserved here"),
            )
            .at(name.span, format!("this field has the key \"{key}\""))
            .with(reserved, "reserved here")
            .help("choose another key: old peers know this one with another meaning"),
        );
    }

    fn field(
        &mut self,
        file: FileId,
        field: &syntax::Field<'s>,
        ty: &Ty,
        params: &[Name<'s>],
        target: Target,
        array: bool,
    ) -> Field {
        let given = self.options(file, &field.options, target);
        self.check_constraint_types(&given, ty);
        let lowered = self.lower(ty, params);
        let rule = Rule::of(&given);
        let presence = self.presence(file, field, ty, array, &rule);
        Field {
            name: field.name.text.to_owned(),
            wire: given.wire.unwrap_or_else(|| field.name.text.to_owned()),
            doc: field.doc.clone(),
            ty: lowered,
            presence,
            constraints: given.constraints,
            since: given.since,
            deprecated: given.deprecated,
            extensions: given.extensions,
            span: field.name.span,
        }
    }

    fn presence(
        &mut self,
        file: FileId,
        field: &syntax::Field<'s>,
        ty: &Ty,
        array: bool,
        rule: &Rule,
    ) -> Presence {
        let name = field.name.text;
        if let Some(question) = field.omittable {
            if let Some(default) = &field.default {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::PRESENCE,
                        format!("field `{name}` has a state of being absent and a default"),
                    )
                    .at(
                        question,
                        "`?` behind the name: absent is a state of its own",
                    )
                    .with(default.span, "a default: absent means this value")
                    .help("leave one of them out"),
                );
            }
            if array {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::PRESENCE,
                        format!("field `{name}` of an array cannot be left out"),
                    )
                    .at(question, "an array has every field in its place")
                    .help(format!("write `{name}: T?`, or leave `@array` out")),
                );
            }
            return Presence::Omittable;
        }
        let Some(default) = &field.default else {
            return Presence::Required;
        };
        if self.nullable(ty) {
            self.diagnostics.push(
                Diagnostic::new(
                    code::PRESENCE,
                    format!("field `{name}` has a default and may be nil"),
                )
                .at(default.span, "a default: a field that has one is never nil")
                .with(ty.span, "may be nil")
                .help("leave one of them out; `T?` alone is nil where it is absent"),
            );
            return Presence::Required;
        }
        match self.value(file, default, ty) {
            Some(value) => {
                self.check_rule(rule, &value, default);
                Presence::Default(value)
            }
            None => Presence::Required,
        }
    }

    fn check_tag(&mut self, item: &Item<'s>, tag: &TagOf<'s>, fields: &[Field]) {
        let Some(field) = fields.iter().find(|field| field.wire == tag.key) else {
            return;
        };
        self.diagnostics.push(
            Diagnostic::new(
                code::TAG_COLLISION,
                format!(
                    "a field of `{}` has the key of its tag, \"{}\"",
                    item.name.text, tag.key
                ),
            )
            .at(field.span, "this field")
            .with(item.name.span, "a message carries its name at this key")
            .help("give the field another key with `@wire`, or the tag one with `@tag(\"kind\")`"),
        );
    }

    /// The text of an error: `{field}` stands for the value of a field, `{{` for a brace.
    pub(super) fn error_text(&mut self, text: &str, span: Span, body: &Body<'s>) -> Vec<TextPart> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, tail) = rest.split_at(at);
            literal.push_str(before);
            if let Some(tail) = tail.strip_prefix("{{") {
                literal.push('{');
                rest = tail;
            } else if let Some(tail) = tail.strip_prefix("}}") {
                literal.push('}');
                rest = tail;
            } else if let Some((name, after)) =
                tail.strip_prefix('{').and_then(|it| it.split_once('}'))
            {
                if body.fields.iter().any(|field| field.name.text == name) {
                    if !literal.is_empty() {
                        parts.push(TextPart::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(TextPart::Field(name.to_owned()));
                } else {
                    let message = format!("the text of the error names no field: `{{{name}}}`");
                    let diagnostic = Diagnostic::new(code::ERROR_TEXT, message)
                        .at(span, format!("there is no field `{name}`"));
                    let names = body.fields.iter().map(|field| field.name.text);
                    let hint = super::values::among(name, names);
                    self.diagnostics.push(match hint {
                        Some(hint) => diagnostic.help(hint),
                        None => diagnostic.help("write `{{` for a brace"),
                    });
                }
                rest = after;
            } else {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::ERROR_TEXT,
                        "a brace without its partner in the text of an error",
                    )
                    .at(span, "`{` and `}` stand around the name of a field")
                    .help("write `{{` or `}}` for a brace"),
                );
                rest = "";
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(TextPart::Literal(literal));
        }
        parts
    }
}
