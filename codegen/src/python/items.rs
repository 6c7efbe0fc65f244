//! Everything that an interface is not: which construct becomes what, and the small ones.

use super::code::{Code, assignment, call, subscript};
use super::docs::{docstring, whole};
use super::module::Module;
use super::names;
use super::plan::{NewtypeForm, extension};
use super::values::text;
use scipp_idl::schema::{Enum, EnumRepr, Ext, ExtBody, Item, ItemKind, ItemName, Scalar, Type};

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

    pub(crate) fn name(&self, item: &Item) -> ItemName {
        ItemName {
            package: self.planned.package.name.clone(),
            name: item.name.clone(),
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
