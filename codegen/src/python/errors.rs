//! Declared errors as exceptions.

use super::code::{Code, INDENT, WIDTH, call, keyword, subscript, width};
use super::docs::docstring;
use super::items::{Block, def};
use super::module::Module;
use super::names;
use super::plan::value_class;
use super::values::text;
use scipp_idl::schema::{ErrorRecord, Field, Item, ItemKind, Scalar, TextPart, Type};

impl Module<'_> {
    /// The record of its fields, and the exception.
    pub(crate) fn error(&self, item: &Item, error: &ErrorRecord, doc: &str) -> Vec<Block> {
        let class = names::class(&item.name);
        let value = value_class(&item.name);
        let fields = format!("What `{class}` carries.");
        let mut blocks = vec![self.record(&value, &[], &error.record, &fields)];
        let base = subscript(&self.support("DeclaredError"), vec![value.as_str().into()]);
        let mut options = vec![base, keyword("value", value.as_str())];
        if class != item.name {
            options.push(keyword("name", text(&item.name)));
        }
        let head = Code::Row(vec![call(&format!("class {class}"), options), ":".into()]);
        let doc = if doc.is_empty() {
            format!("The error `{}`.", item.name)
        } else {
            doc.to_owned()
        };
        let mut out = format!("{}\n{}", head.statement(0), docstring(&doc, 1));
        let (params, arguments) = self.parameters(&error.record.fields, true);
        let mut signature: Vec<Code> = vec!["self".into()];
        if !params.is_empty() {
            signature.push("*".into());
            signature.extend(params);
        }
        out.push_str(&format!(
            "\n{}\n",
            def("def __init__", signature, "None".into()).statement(1)
        ));
        let init = call("super().__init__", vec![call(&value, arguments)]);
        out.push_str(&format!("{}\n", init.statement(2)));
        if let Some(parts) = &error.text {
            let head = format!("\n    def __str__(self) -> {}:\n", self.builtin("str"));
            out.push_str(&head);
            out.push_str(&self.error_text(parts, &error.record.fields));
        }
        blocks.push(Block::large(out));
        blocks
    }

    /// The statement that returns the text of an error; a long text is one of several strings.
    fn error_text(&self, parts: &[TextPart], fields: &[Field]) -> String {
        let mut pieces: Vec<(bool, String)> = Vec::new();
        for part in parts {
            match part {
                // A piece ends behind each blank.
                TextPart::Literal(it) => {
                    pieces.extend(it.split_inclusive(' ').map(|it| (false, it.to_owned())));
                }
                TextPart::Field(name) => {
                    let field = fields.iter().find(|it| it.name == *name);
                    // Bytes have no text but their literal.
                    let form = match field {
                        Some(field) if self.may_be_bytes(&field.ty) => "!r",
                        _ => "",
                    };
                    let name = self.member(name);
                    pieces.push((true, format!("{{self.value.{name}{form}}}")));
                }
            }
        }
        let one = |pieces: &[(bool, String)]| {
            let has_fields = pieces.iter().any(|(is_field, _)| *is_field);
            let piece = |(is_field, it): &(bool, String)| {
                if *is_field || !has_fields {
                    it.clone()
                } else {
                    it.replace('{', "{{").replace('}', "}}")
                }
            };
            let whole: String = pieces.iter().map(piece).collect();
            format!("{}{}", if has_fields { "f" } else { "" }, text(&whole))
        };
        let flat = format!("        return {}", one(&pieces));
        if width(&flat) <= WIDTH {
            return format!("{flat}\n");
        }
        let mut lines = String::new();
        let mut from = 0;
        for at in 0..pieces.len() {
            let longer = pieces.get(from..at + 2).map(one);
            if longer.is_none_or(|it| width(&it) + 3 * INDENT > WIDTH) {
                let line = one(pieces.get(from..=at).unwrap_or_default());
                lines.push_str(&format!("            {line}\n"));
                from = at + 1;
            }
        }
        format!("        return (\n{lines}        )\n")
    }

    fn may_be_bytes(&self, ty: &Type) -> bool {
        match self.plan.unaliased(ty) {
            Type::Scalar(scalar) => *scalar == Scalar::Bytes,
            Type::Optional(it) => self.may_be_bytes(it),
            Type::Union(members) => members.iter().any(|it| self.may_be_bytes(it)),
            Type::Named { name, .. } => match self.plan.item(name).map(|item| &item.kind) {
                Some(ItemKind::Newtype(it)) => self.may_be_bytes(&it.ty),
                Some(ItemKind::Union(it)) => it.members.iter().any(|it| self.may_be_bytes(it)),
                _ => false,
            },
            _ => false,
        }
    }
}
