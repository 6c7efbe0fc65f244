//! Records as classes, and their fields as parameters.

use super::code::{Code, assignment, call, keyword};
use super::docs::{docstring, whole};
use super::items::Block;
use super::module::Module;
use super::names;
use super::values::text;
use scipp_idl::schema::{Field, ItemKind, Number, Presence, Record, Scalar, Type};

impl Module<'_> {
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
}
