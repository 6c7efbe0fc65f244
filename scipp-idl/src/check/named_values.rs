//! Values that are names: members of enums, and constants.

use super::Checker;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::scalars;
use crate::schema::{Scalar, Value};
use crate::source::Span;
use crate::suggest;
use crate::syntax::{Enum, ItemKind, Name, Path, ValueKind};
use crate::unknown::{self, UnknownKind};

impl<'s> Checker<'_, 's> {
    /// A member of an enum or a constant. `None` if the path may still be something else.
    pub(super) fn named_value(
        &mut self,
        file: FileId,
        path: Path<'s>,
        ty: &Ty,
    ) -> Option<Option<Value>> {
        let mut bare = self.bare(ty).clone();
        if let TyKind::Optional(inner) = &bare.kind {
            bare = self.bare(inner).clone();
        }
        let enumeration = match bare.kind {
            TyKind::Item(id, _) => match self.syntax(id).map(|item| &item.kind) {
                Some(ItemKind::Enum(it)) => Some((id, it)),
                _ => None,
            },
            TyKind::Broken => return Some(None),
            _ => None,
        };
        if let (Some((id, _)), Some(name)) = (enumeration, path.single())
            && self.has_member(id, name)
        {
            return Some(Some(Value::Member {
                of: self.item_name(id),
                member: name.text.to_owned(),
            }));
        }
        // `Venue.lit`: the name of the enum may be written, too.
        if let (Some((id, it)), Some((front, last))) = (enumeration, path.text.rsplit_once('.')) {
            let split = path.span.start + u32::try_from(front.len()).unwrap_or(0);
            let front = Path {
                text: front,
                span: Span {
                    end: split,
                    ..path.span
                },
            };
            if let Ok(Some(found)) = self.names.item(file, front)
                && found == id
            {
                let span = Span {
                    start: split + 1,
                    ..path.span
                };
                if self.has_member(id, Name { text: last, span }) {
                    return Some(Some(Value::Member {
                        of: self.item_name(id),
                        member: last.to_owned(),
                    }));
                }
                self.unknown_member(id, it, last, span);
                return Some(None);
            }
        }
        match self.names.item(file, path) {
            Ok(Some(id)) => Some(self.const_value(id, path, ty)),
            Ok(None) => Some(None),
            Err(unknown) => {
                let single = path.single();
                match (enumeration, single) {
                    (Some((id, it)), Some(name)) => {
                        self.unknown_member(id, it, name.text, name.span)
                    }
                    (None, Some(name)) if unknown.kind == UnknownKind::Item => {
                        let spelled = self.spell(ty);
                        let message = format!("no constant `{}`", name.text);
                        let diagnostic = Diagnostic::new(code::UNKNOWN_NAME, message)
                            .at(name.span, format!("a value of `{spelled}` was expected"));
                        let file_items = self
                            .names
                            .files
                            .get(file)
                            .into_iter()
                            .flat_map(|it| &it.items);
                        let constants = file_items
                            .filter(|item| matches!(item.kind, ItemKind::Const(..)))
                            .map(|item| item.name.text);
                        let constants: Vec<&str> = constants.collect();
                        let mut diagnostic = match scalars::usual_value(name.text) {
                            Some(value) => diagnostic
                                .help(suggest::did_you_mean(value))
                                .fix(name.span, value),
                            None => {
                                unknown::hint(diagnostic, name.text, constants, self.diagnostics)
                            }
                        };
                        if diagnostic.help.is_empty()
                            && matches!(self.bare(ty).kind, TyKind::Scalar(Scalar::Str))
                        {
                            diagnostic = diagnostic
                                .help(format!("a string stands in quotes: `\"{}\"`", name.text));
                        }
                        self.report(diagnostic);
                    }
                    _ => {
                        let diagnostic = self.names.explain(&unknown, self.diagnostics);
                        self.report(diagnostic);
                    }
                }
                Some(None)
            }
        }
    }

    /// Whether an enum has the member; says so if it is deprecated.
    fn has_member(&mut self, id: ItemId, name: Name<'s>) -> bool {
        let Some(at) = self.places(id).get(name.text).copied() else {
            return false;
        };
        let item = self.syntax(id);
        if let Some(ItemKind::Enum(it)) = item.map(|item| &item.kind)
            && let Some(member) = it.members.get(at)
        {
            self.deprecated(name.text, &member.options, name.span);
        }
        true
    }

    fn unknown_member(&mut self, id: ItemId, it: &Enum<'s>, name: &str, span: Span) {
        let of = self.name(id);
        let diagnostic = Diagnostic::new(
            code::UNKNOWN_MEMBER,
            format!("enum `{of}` has no member `{name}`"),
        )
        .at(span, "no such member");
        let declared = self.syntax(id).map(|item| item.name.span);
        let diagnostic = match declared {
            Some(declared) => diagnostic.with(declared, "declared here"),
            None => diagnostic,
        };
        let members: Vec<&str> = it.members.iter().map(|member| member.name.text).collect();
        let listed =
            (members.len() <= 8).then(|| format!("its members are {}", members.join(", ")));
        let mut diagnostic = unknown::hint(diagnostic, name, members, self.diagnostics);
        if let Some(listed) = listed {
            diagnostic = diagnostic.note(listed);
        }
        self.report(diagnostic);
    }

    pub(super) fn const_value(&mut self, id: ItemId, path: Path<'s>, ty: &Ty) -> Option<Value> {
        let item = self.syntax(id)?;
        let ItemKind::Const(..) = item.kind else {
            if matches!(item.kind, ItemKind::Broken) {
                return None;
            }
            let spelled = self.spell(ty);
            self.report(
                Diagnostic::new(
                    code::VALUE_MISMATCH,
                    format!("`{}` is not a constant", path.text),
                )
                .at(path.span, format!("a value of `{spelled}` was expected"))
                .with(item.name.span, "declared here"),
            );
            return None;
        };
        self.deprecated_item(id, path.span);
        // A circle has been reported.
        let end = self.const_ends.get(id).copied().flatten()?;
        let Some(ItemKind::Const(_, Some(literal))) = self.syntax(end).map(|item| &item.kind)
        else {
            return None;
        };
        if matches!(literal.kind, ValueKind::Broken) {
            return None;
        }
        let was_muted = std::mem::replace(&mut self.muted, true);
        let fits = self.value(self.file(end), literal, ty).is_some();
        self.muted = was_muted;
        if !fits {
            let spelled = self.spell(ty);
            let message = format!("the constant `{}` does not fit `{spelled}`", path.text);
            self.report(
                Diagnostic::new(code::VALUE_MISMATCH, message)
                    .at(path.span, format!("a value of `{spelled}` was expected"))
                    .with(literal.span, "its value"),
            );
            return None;
        }
        Some(Value::Const(self.item_name(id)))
    }
}
