//! Items: each is checked by the file of its construct and lowered into the model.

use super::options::Target;
use super::{Checker, ItemTypes, Packages};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::schema::{
    Const, ErrorRecord, Ext, ExtBody, Item, ItemKind, Newtype, Package, Scalar, Type, Union,
};
use crate::syntax::{self, ItemKind as Kind, ValueKind};

impl<'s> Checker<'_, 's> {
    /// Checks and lowers all items, package by package.
    pub(super) fn items(&mut self) -> Packages {
        let interfaces = self.inherit();
        let mut packages = Packages::new();
        let files = self.names.files;
        let mut options_by_file = Vec::with_capacity(files.len());
        for (id, file) in files.iter().enumerate() {
            for import in &file.imports {
                self.options(id, &import.options, Target::Import);
            }
            let Some(package) = &file.package else {
                options_by_file.push(Default::default());
                continue;
            };
            let given = self.options(id, &package.options, Target::Package);
            options_by_file.push(given.endpoint.clone());
            let mut imports: Vec<String> = file
                .imports
                .iter()
                .map(|import| import.package.text.to_owned())
                .collect();
            imports.sort_unstable();
            imports.dedup();
            let name = package.name.text.to_owned();
            packages.entry(name.clone()).or_insert(Package {
                name,
                doc: package.doc.clone(),
                imports,
                options: given.endpoint,
                extensions: given.extensions,
                items: Vec::with_capacity(file.items.len()),
                span: package.name.span,
            });
        }
        for id in 0..self.names.items.len() {
            let Some(item) = self.syntax(id) else {
                continue;
            };
            let file = self.file(id);
            let Some(kind) = self.kind(id, file, item, &options_by_file, &interfaces) else {
                continue;
            };
            let (kind, given) = kind;
            let package = self.package(id);
            if let Some(package) = packages.get_mut(package) {
                package.items.push(Item {
                    name: item.name.text.to_owned(),
                    doc: item.doc.clone(),
                    params: item
                        .params
                        .iter()
                        .map(|name| name.text.to_owned())
                        .collect(),
                    kind,
                    since: given.since,
                    deprecated: given.deprecated,
                    extensions: given.extensions,
                    span: item.name.span,
                });
            }
        }
        packages
    }

    fn kind(
        &mut self,
        id: ItemId,
        file: FileId,
        item: &syntax::Item<'s>,
        options_by_file: &[crate::schema::Options],
        interfaces: &super::interfaces::Inherited,
    ) -> Option<(ItemKind, super::options::Given)> {
        self.check_params(id, item);
        let types = self.types.get(id).cloned()?;
        let target = match &item.kind {
            Kind::Struct(_) => Target::Struct,
            Kind::Message(_) => Target::Message,
            Kind::Error(_) => Target::Error,
            Kind::Enum(_) => Target::Enum,
            Kind::Union { .. } => Target::Union,
            Kind::Alias(_) => Target::Alias,
            Kind::Newtype(_) => Target::Newtype,
            Kind::Const(..) => Target::Const,
            Kind::Ext(..) => Target::Ext,
            Kind::Interface(_) => Target::Interface,
            Kind::Broken => return None,
        };
        let mut given = self.options(file, &item.options, target);
        let kind = match (&item.kind, types.as_ref()) {
            (Kind::Struct(body), ItemTypes::Fields(types)) => {
                ItemKind::Struct(self.record(id, file, item, body, types, None, given.array))
            }
            (Kind::Message(body), ItemTypes::Fields(types)) => {
                let tag = super::shapes::tag_of(item);
                ItemKind::Message(self.record(id, file, item, body, types, Some(tag), given.array))
            }
            (Kind::Error(body), ItemTypes::Fields(types)) => {
                let record = self.record(id, file, item, body, types, None, given.array);
                let text = given
                    .text
                    .take()
                    .map(|(text, span)| self.error_text(&text, span, body));
                ItemKind::Error(ErrorRecord { record, text })
            }
            (Kind::Enum(it), _) => ItemKind::Enum(self.enumeration(file, item, it)?),
            (Kind::Union { open, .. }, ItemTypes::One(ty)) => {
                let members = self.facts.get(id).and_then(|facts| facts.members.clone())?;
                if members.len() < 2
                    && !self.facts.get(id).is_some_and(|it| it.indistinct)
                    && !*open
                {
                    self.single_member(item, ty);
                }
                let members = members
                    .iter()
                    .map(|member| self.lower(member, &[]))
                    .collect();
                ItemKind::Union(Union {
                    members,
                    open: *open,
                })
            }
            // Only a name for what `raises` has, which is written out there.
            (Kind::Alias(_), _) if self.facts.get(id).is_some_and(|it| it.errors) => return None,
            (Kind::Alias(_), ItemTypes::One(ty)) => ItemKind::Alias(self.alias_type(id, ty)),
            (Kind::Newtype(_), ItemTypes::One(ty)) => {
                self.check_constraint_types(&given, ty);
                let constraints = std::mem::take(&mut given.constraints);
                self.constraints.insert(id, constraints.clone());
                ItemKind::Newtype(Newtype {
                    ty: self.lower(ty, &[]),
                    constraints,
                })
            }
            (Kind::Const(_, value), ItemTypes::One(ty)) => {
                let lowered = self.lower(ty, &[]);
                let value = value.as_ref()?;
                if !self.can_be_const(ty) {
                    let spelled = self.spell(ty);
                    self.diagnostics.push(
                        Diagnostic::new(
                            code::NO_LITERAL,
                            format!("a constant cannot be a `{spelled}`"),
                        )
                        .at(ty.span, "a scalar or an enum was expected here"),
                    );
                    return None;
                }
                let value = self.value(file, value, ty)?;
                ItemKind::Const(Const { ty: lowered, value })
            }
            (Kind::Ext(code, syntax::ExtBody::Record(body)), ItemTypes::Fields(types)) => {
                let code = self.ext_code(code)?;
                let record = self.record(id, file, item, body, types, None, false);
                ItemKind::Ext(Ext {
                    code,
                    body: ExtBody::Record(record),
                })
            }
            (Kind::Ext(code, _), ItemTypes::One(ty)) => {
                let code = self.ext_code(code)?;
                ItemKind::Ext(Ext {
                    code,
                    body: ExtBody::Type(self.lower(ty, &[])),
                })
            }
            (Kind::Interface(interface), ItemTypes::Endpoints(types)) => {
                let defaults = options_by_file.get(file).cloned().unwrap_or_default();
                let lowered =
                    self.interface(id, item, interface, types, &given, &defaults, interfaces);
                ItemKind::Interface(lowered)
            }
            _ => return None,
        };
        Some((kind, given))
    }

    fn check_params(&mut self, id: ItemId, item: &syntax::Item<'s>) {
        let Some(first) = item.params.first() else {
            return;
        };
        if !matches!(item.kind, Kind::Struct(_) | Kind::Message(_)) {
            let last = item.params.last().unwrap_or(first);
            self.diagnostics.push(
                Diagnostic::new(
                    code::CANNOT_BE_GENERIC,
                    format!("`{}` cannot have type parameters", item.name.text),
                )
                .at(
                    first.span.to(last.span),
                    "only structs and messages have them",
                ),
            );
            return;
        }
        let uses = self.param_uses.get(id).cloned().unwrap_or_default();
        for (at, (name, param)) in item.params.iter().zip(uses).enumerate() {
            let before = item.params.get(..at).unwrap_or_default();
            if let Some(first) = before.iter().find(|other| other.text == name.text) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::DUPLICATE_NAME,
                        format!("type parameter `{}` is there twice", name.text),
                    )
                    .at(name.span, "the second time")
                    .with(first.span, "the first time"),
                );
            } else if !param.used {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::UNUSED_PARAMETER,
                        format!("type parameter `{}` is not used", name.text),
                    )
                    .at(name.span, "no field has it")
                    .help("remove it"),
                );
            }
        }
    }

    fn single_member(&mut self, item: &syntax::Item<'s>, ty: &Ty) {
        if matches!(ty.kind, TyKind::Broken) {
            return;
        }
        self.diagnostics.push(
            Diagnostic::new(
                code::BAD_UNION_MEMBER,
                format!("the union `{}` has only one member", item.name.text),
            )
            .at(ty.span, "at least two were expected")
            .help("write `alias` for another name, or `open union` if it will grow"),
        );
    }

    /// The members of an alias that stands for a union have been told apart already.
    fn alias_type(&mut self, id: ItemId, ty: &Ty) -> Type {
        let facts = self.facts.get(id).cloned().unwrap_or_default();
        match (&ty.kind, facts.members) {
            (TyKind::Union(_) | TyKind::Optional(_), Some(members)) => {
                let optional = self.is_optional(ty);
                self.lower_union(&members, optional, &[], ty)
            }
            _ if facts.circular => Type::Scalar(Scalar::Any),
            _ => self.lower(ty, &[]),
        }
    }

    fn can_be_const(&self, ty: &Ty) -> bool {
        match &self.bare(ty).kind {
            TyKind::Scalar(scalar) => !matches!(scalar, Scalar::Nil | Scalar::Any),
            TyKind::Item(id, _) => self
                .syntax(*id)
                .is_some_and(|item| matches!(item.kind, Kind::Enum(_) | Kind::Broken)),
            TyKind::Broken => true,
            _ => false,
        }
    }

    fn ext_code(&mut self, code: &syntax::Value<'s>) -> Option<u8> {
        let number = match code.kind {
            ValueKind::Int(number) => u8::try_from(number).ok().filter(|number| *number <= 127),
            ValueKind::Broken => return None,
            _ => None,
        };
        if number.is_none() {
            self.diagnostics.push(
                Diagnostic::new(code::EXT_CODE, "a bad extension code")
                    .at(code.span, "a whole number from 0 to 127 was expected")
                    .note("MessagePack keeps negative codes for itself: -1 is `timestamp`"),
            );
        }
        number
    }
}
