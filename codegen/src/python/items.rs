//! Everything that an interface is not: records, enums, names for types, constants.

use super::code::{Code, INDENT, WIDTH, assignment, call, keyword, subscript, width};
use super::docs::{docstring, whole};
use super::module::Module;
use super::names;
use super::plan::{NewtypeForm, extension, value_class};
use super::values::text;
use scipp_idl::schema::{
    Enum, EnumRepr, ErrorRecord, Ext, ExtBody, Field, Item, ItemKind, ItemName, Number, Presence,
    Record, Scalar, TextPart, Type, Value,
};

/// A statement or several that belong together.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) text: String,
    /// It may stand right below another small one.
    pub(crate) small: bool,
}

impl Block {
    pub(crate) fn large(text: String) -> Self {
        Self { text, small: false }
    }

    pub(crate) fn small(text: String) -> Self {
        Self { text, small: true }
    }
}

impl Module<'_> {
    /// An item that is no interface.
    pub(crate) fn plain_item(&self, item: &Item) -> Vec<Block> {
        let class = names::class(&item.name);
        let doc = whole(&item.doc, item.since, item.deprecated.as_deref());
        let doc = if self.plan.contains_itself(&self.name(item)) {
            join(
                &doc,
                "msgspec cannot read it: it contains itself without a record between.",
            )
        } else {
            doc
        };
        match &item.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => {
                vec![self.record(&class, &item.params, record, &doc)]
            }
            ItemKind::Error(error) => self.error(item, error, &doc),
            ItemKind::Enum(it) => vec![self.enumeration(&class, it, &doc)],
            ItemKind::Union(union) => {
                let members = union.members.iter().map(|it| self.ty(it)).collect();
                let note = if union.open {
                    "Members that are not known here are refused: msgspec has no place for them."
                } else {
                    ""
                };
                let doc = join(&doc, note);
                vec![alias(&class, super::code::or(members), &doc)]
            }
            ItemKind::Alias(ty) => vec![alias(&class, self.ty(ty), &doc)],
            ItemKind::Newtype(it) => match self.plan.newtype_form(&self.name(item), it) {
                NewtypeForm::Alias => vec![alias(&class, self.ty(&it.ty), &doc)],
                NewtypeForm::Type => {
                    let items = vec![text(&class).into(), self.bare(&it.ty)];
                    let new = call(&self.name_of("typing", "NewType"), items);
                    let code = Code::Row(vec![format!("{class} = ").into(), new]);
                    vec![statement(&code, &doc)]
                }
            },
            ItemKind::Const(it) => {
                let ty = subscript(&self.name_of("typing", "Final"), vec![self.ty(&it.ty)]);
                let name = format!("{}: ", names::constant(&item.name));
                let value = self.value(&it.ty, &it.value).code;
                let text = assignment(Code::Row(vec![name.into(), ty]), value, 0);
                vec![Block::small(format!("{text}\n{}", docstring(&doc, 0)))]
            }
            ItemKind::Ext(ext) => self.ext(item, ext, &doc),
            ItemKind::Interface(_) => Vec::new(),
        }
    }

    fn name(&self, item: &Item) -> ItemName {
        ItemName {
            package: self.planned.package.name.clone(),
            name: item.name.clone(),
        }
    }

    /// A class for a record.
    pub(crate) fn record(
        &self,
        class: &str,
        params: &[String],
        record: &Record,
        doc: &str,
    ) -> Block {
        let mut options: Vec<Code> = vec![self.of("msgspec", "Struct").into()];
        if let Some(tag) = &record.tag {
            options.push(keyword("tag_field", text(&tag.key)));
            options.push(keyword("tag", text(&tag.value)));
        }
        if record.array {
            options.push(keyword("array_like", "True"));
        }
        options.push(keyword("kw_only", "True"));
        let params: Vec<String> = params.iter().map(|it| names::class(it)).collect();
        let params = match params.as_slice() {
            [] => String::new(),
            params => format!("[{}]", params.join(", ")),
        };
        let head = Code::Row(vec![
            call(&format!("class {class}{params}"), options),
            ":".into(),
        ]);
        let mut out = format!("{}\n", head.statement(0));
        let doc = docstring(doc, 1);
        out.push_str(&doc);
        if !doc.is_empty() && !record.fields.is_empty() {
            out.push('\n');
        }
        for field in &record.fields {
            out.push_str(&self.field(field));
        }
        if doc.is_empty() && record.fields.is_empty() {
            out.push_str("    pass\n");
        }
        let checks: Vec<Code> = record
            .fields
            .iter()
            .flat_map(|it| self.checks(it))
            .collect();
        if !checks.is_empty() {
            out.push_str("\n    def __post_init__(self) -> None:\n");
        }
        for check in checks {
            out.push_str(&format!("{}\n", check.statement(2)));
        }
        Block::large(out)
    }

    fn field(&self, field: &Field) -> String {
        let name = self.member(&field.name);
        let mut options: Vec<Code> = Vec::new();
        if name != field.wire {
            options.push(keyword("name", text(&field.wire)));
        }
        let mut value: Option<Code> = None;
        match &field.presence {
            Presence::Required if self.is_optional(&field.ty) => value = Some("None".into()),
            Presence::Required => {}
            Presence::Omittable => value = Some(self.of("msgspec", "UNSET").into()),
            Presence::Default(it) => {
                let it = self.value(&field.ty, it);
                if it.fixed {
                    value = Some(it.code);
                } else {
                    let make = Code::Row(vec!["lambda: ".into(), it.code]);
                    options.push(keyword("default_factory", make));
                }
            }
        }
        if !options.is_empty() {
            options.extend(value.map(|it| keyword("default", it)));
            value = Some(call(&self.of("msgspec", "field"), options));
        }
        let parts = vec![format!("{name}: ").into(), self.field_type(field)];
        let doc = whole(&field.doc, field.since, field.deprecated.as_deref());
        // Names that linters find hard to read.
        let note = match name.as_str() {
            "l" | "I" | "O" => "  # noqa: E741",
            _ => "",
        };
        let text = match value {
            Some(value) => assignment(Code::Row(parts), value, 1),
            None => Code::Row(parts).statement(1),
        };
        format!("{text}{note}\n{}", docstring(&doc, 1))
    }

    /// What msgspec cannot check about a field.
    fn checks(&self, field: &Field) -> Vec<Code> {
        let mut constraints = vec![&field.constraints];
        let mut ty = self.plan.unaliased(&field.ty);
        if let Type::Optional(inner) = ty {
            ty = self.plan.unaliased(inner);
        }
        while let Type::Named { name, .. } = ty {
            let Some(ItemKind::Newtype(newtype)) = self.plan.item(name).map(|item| &item.kind)
            else {
                break;
            };
            constraints.push(&newtype.constraints);
            ty = self.plan.unaliased(&newtype.ty);
        }
        let name = self.member(&field.name);
        let (shown, value) = (text(&field.wire), format!("self.{name}"));
        let arguments =
            |more: Vec<Code>| [vec![shown.as_str().into(), value.as_str().into()], more].concat();
        let mut checks = Vec::new();
        if constraints.iter().any(|it| it.unique) {
            checks.push(call(&self.support("unique"), arguments(Vec::new())));
        }
        if matches!(ty, Type::Scalar(Scalar::Decimal)) {
            for range in constraints.iter().filter_map(|it| it.range.as_ref()) {
                let number = |it: Number| match it {
                    Number::Int(it) => format!("\"{it}\""),
                    Number::Float(it) => format!("\"{it:?}\""),
                };
                let mut bounds = Vec::new();
                bounds.extend(range.min.map(|it| keyword("ge", number(it))));
                let most = if range.max_included { "le" } else { "lt" };
                bounds.extend(range.max.map(|it| keyword(most, number(it))));
                checks.push(call(&self.support("within"), arguments(bounds)));
            }
        }
        checks
    }

    /// The type of a field or a parameter, with what its presence adds.
    pub(crate) fn field_type(&self, field: &Field) -> Code {
        let ty = self.checked(&field.ty, &[&field.constraints]);
        match field.presence {
            Presence::Omittable => {
                super::code::or(vec![ty, self.of("msgspec", "UnsetType").into()])
            }
            _ => ty,
        }
    }

    /// `T?`, by whatever name.
    pub(crate) fn is_optional(&self, ty: &Type) -> bool {
        matches!(self.plan.unaliased(ty), Type::Optional(_))
    }

    fn error(&self, item: &Item, error: &ErrorRecord, doc: &str) -> Vec<Block> {
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

    fn enumeration(&self, class: &str, it: &Enum, doc: &str) -> Block {
        let base = match (it.open, it.repr) {
            (true, EnumRepr::Text) => self.support("OpenTextEnum"),
            (true, EnumRepr::Int(_)) => self.support("OpenIntEnum"),
            (false, EnumRepr::Text) => self.of("enum", "Enum"),
            (false, EnumRepr::Int(_)) => self.of("enum", "IntEnum"),
        };
        let mut out = format!("class {class}({base}):\n");
        let doc = docstring(doc, 1);
        out.push_str(&doc);
        if !doc.is_empty() {
            out.push('\n');
        }
        for member in &it.members {
            let name = names::enum_member(&member.name);
            let value = self.value(&Type::Scalar(Scalar::Any), &member.wire).code;
            let code = Code::Row(vec![format!("{name} = ").into(), value]);
            let doc = whole(&member.doc, member.since, member.deprecated.as_deref());
            out.push_str(&format!("{}\n{}", code.statement(1), docstring(&doc, 1)));
        }
        Block::large(out)
    }

    fn ext(&self, item: &Item, ext: &Ext, doc: &str) -> Vec<Block> {
        let class = names::class(&item.name);
        let mut blocks = Vec::new();
        match &ext.body {
            ExtBody::Record(record) => blocks.push(self.record(&class, &[], record, doc)),
            ExtBody::Type(ty) => blocks.push(alias(&class, self.ty(ty), doc)),
        }
        let form = match &ext.body {
            ExtBody::Record(_) => Code::from(class.as_str()),
            // The bytes themselves, by whatever name.
            ExtBody::Type(ty) => match self.plan.unaliased(ty) {
                Type::Scalar(Scalar::Bytes) => self.builtin("bytes").into(),
                _ => self.ty(ty),
            },
        };
        let make = subscript(&self.support("ExtType"), vec![class.as_str().into()]);
        let make = Code::Row(vec![
            make,
            call("", vec![ext.code.to_string().into(), form]),
        ]);
        let code = Code::Row(vec![format!("{} = ", extension(&item.name)).into(), make]);
        let doc = format!(
            "Makes values of `{class}` extension values of code {}, and back.",
            ext.code
        );
        blocks.push(statement(&code, &doc));
        blocks
    }

    /// Parameters for fields, and the arguments that hand them on by name. `with_defaults`, those that may be left out may be.
    pub(crate) fn parameters(
        &self,
        fields: &[Field],
        with_defaults: bool,
    ) -> (Vec<Code>, Vec<Code>) {
        let mut params = Vec::new();
        let mut arguments = Vec::new();
        for field in fields {
            let name = self.member(&field.name);
            let ty = self.field_type(field);
            let mut param = vec![format!("{name}: ").into()];
            let mut argument: Code = name.as_str().into();
            match &field.presence {
                _ if !with_defaults => param.push(ty),
                Presence::Required if self.is_optional(&field.ty) => {
                    param.extend([ty, " = None".into()]);
                }
                Presence::Required => param.push(ty),
                Presence::Omittable => {
                    param.extend([ty, " = ".into(), self.of("msgspec", "UNSET").into()]);
                }
                Presence::Default(value) => {
                    let value = self.value(&field.ty, value);
                    if value.simple && value.fixed {
                        param.extend([ty, " = ".into(), value.code]);
                    } else {
                        // Made anew by each call.
                        param.extend([super::code::or(vec![ty, "None".into()]), " = None".into()]);
                        argument = Code::Choice(vec![
                            value.code,
                            format!("if {name} is None").into(),
                            format!("else {name}").into(),
                        ]);
                    }
                }
            }
            params.push(Code::Row(param));
            arguments.push(keyword(&name, argument));
        }
        (params, arguments)
    }

    /// What an item needs to be there when it is made, in its own module.
    pub(crate) fn needs(&self, item: &Item) -> Vec<ItemName> {
        let mut found = Vec::new();
        match &item.kind {
            ItemKind::Struct(it) | ItemKind::Message(it) => record_needs(self, it, &mut found),
            ItemKind::Error(it) => record_needs(self, &it.record, &mut found),
            ItemKind::Ext(it) => match &it.body {
                ExtBody::Record(it) => record_needs(self, it, &mut found),
                ExtBody::Type(it) => type_needs(it, &mut found),
            },
            ItemKind::Newtype(it)
                if self.plan.newtype_form(&self.name(item), it) == NewtypeForm::Type =>
            {
                type_needs(&it.ty, &mut found);
            }
            ItemKind::Const(it) => {
                type_needs(&it.ty, &mut found);
                value_needs(&it.value, &mut found);
            }
            _ => {}
        }
        found
    }
}

fn record_needs(module: &Module<'_>, record: &Record, found: &mut Vec<ItemName>) {
    for field in &record.fields {
        if let Presence::Default(value) = &field.presence {
            // What can be changed is made when it is needed.
            if module.value(&field.ty, value).fixed {
                type_needs(&field.ty, found);
                value_needs(value, found);
            }
        }
    }
}

fn type_needs(ty: &Type, found: &mut Vec<ItemName>) {
    match ty {
        Type::Scalar(_) | Type::Param(_) => {}
        Type::List(it) | Type::Optional(it) => type_needs(it, found),
        Type::Map(key, value) => {
            type_needs(key, found);
            type_needs(value, found);
        }
        Type::Tuple(types) | Type::Union(types) => {
            types.iter().for_each(|it| type_needs(it, found));
        }
        Type::Named { name, args } => {
            found.push(name.clone());
            args.iter().for_each(|it| type_needs(it, found));
        }
    }
}

fn value_needs(value: &Value, found: &mut Vec<ItemName>) {
    match value {
        Value::Member { of, .. } => found.push(of.clone()),
        Value::Const(name) => found.push(name.clone()),
        Value::List(items) => items.iter().for_each(|it| value_needs(it, found)),
        Value::Map(entries) => entries.iter().for_each(|(key, value)| {
            value_needs(key, found);
            value_needs(value, found);
        }),
        Value::Record(fields) => fields.iter().for_each(|(_, it)| value_needs(it, found)),
        Value::Variant { value, .. } => value_needs(value, found),
        Value::Typed { ty, value } => {
            type_needs(ty, found);
            value_needs(value, found);
        }
        _ => {}
    }
}

/// `def name(params) -> returns:`
pub(crate) fn def(name: &str, params: Vec<Code>, returns: Code) -> Code {
    Code::Head(vec![call(name, params), " -> ".into(), returns, ":".into()])
}

fn alias(name: &str, code: Code, doc: &str) -> Block {
    statement(
        &Code::Row(vec![format!("type {name} = ").into(), code]),
        doc,
    )
}

fn statement(code: &Code, doc: &str) -> Block {
    let text = format!("{}\n{}", code.statement(0), docstring(doc, 0));
    Block::small(text)
}

pub(crate) fn join(doc: &str, more: &str) -> String {
    let parts = [doc, more];
    let parts: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    parts.join("\n\n")
}
