//! Literals where `any` is expected: each stands for itself, records and members of enums by their names.

use super::Checker;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::schema::{Scalar, Value};
use crate::source::Span;
use crate::syntax::{self, ExtBody, ItemKind, Path, ValueKind};

/// Smallest and largest integer that MessagePack holds.
const INT_MIN: i128 = i64::MIN as i128;
const INT_MAX: i128 = u64::MAX as i128;

impl<'s> Checker<'_, 's> {
    pub(super) fn any_value(
        &mut self,
        file: FileId,
        value: &syntax::Value<'s>,
        any: &Ty,
    ) -> Option<Value> {
        match &value.kind {
            ValueKind::Nil => Some(Value::Nil),
            ValueKind::Bool(it) => Some(Value::Bool(*it)),
            ValueKind::Int(it) if (INT_MIN..=INT_MAX).contains(it) => Some(Value::Int(*it)),
            ValueKind::Int(_) => {
                let note = format!("integers go from {INT_MIN} to {INT_MAX}");
                self.out_of_range(value, "any", &note);
                None
            }
            ValueKind::Float(it) => Some(Value::Float(*it)),
            ValueKind::Str(text) => Some(Value::Str(text.clone())),
            ValueKind::Bytes(bytes) => Some(Value::Bytes(bytes.clone())),
            ValueKind::Duration(_) => {
                let duration = Ty {
                    kind: TyKind::Scalar(Scalar::Duration),
                    span: any.span,
                };
                self.typed_value(file, value, &duration)
            }
            ValueKind::List(values) => {
                let values: Vec<_> = values.iter().map(|it| self.value(file, it, any)).collect();
                Some(Value::List(values.into_iter().collect::<Option<_>>()?))
            }
            ValueKind::Braces(None, entries) => {
                if let Some((key, _)) = entries.iter().find(|(key, _)| self.is_field(file, key)) {
                    let span = key.span;
                    self.report(
                        Diagnostic::new(code::VALUE_MISMATCH, "a field of which record?")
                            .at(span, "where `any` is expected, this could be any")
                            .help("write the name of the record before the brace")
                            .help("write the key in quotes if it is a map: `{ \"key\": value }`"),
                    );
                    return None;
                }
                self.map_value(file, any, any, entries)
            }
            ValueKind::Braces(Some(name), _) => {
                let ty = self.record_of_any(file, *name)?;
                self.typed_value(file, value, &ty)
            }
            ValueKind::Path(path) => self.path_of_any(file, *path, value, any),
            ValueKind::Broken => None,
        }
    }

    /// Whether a key is a name, and no constant.
    fn is_field(&mut self, file: FileId, key: &syntax::Value<'s>) -> bool {
        match &key.kind {
            ValueKind::Path(path) => {
                path.single().is_some() && self.names.item(file, *path).is_err()
            }
            _ => false,
        }
    }

    /// A record by its name. What is generic is no type without its arguments.
    fn record_of_any(&mut self, file: FileId, name: Path<'s>) -> Option<Ty> {
        let id = self.item_of_any(file, name)?;
        let item = self.syntax(id)?;
        let ty = Ty {
            kind: TyKind::Item(id, Vec::new()),
            span: name.span,
        };
        if matches!(item.kind, ItemKind::Broken) {
            return None;
        }
        let record = match self.bare(&ty).kind {
            TyKind::Item(id, _) => self.syntax(id),
            _ => None,
        };
        let has_fields = record.is_some_and(|record| {
            matches!(
                record.kind,
                ItemKind::Struct(_)
                    | ItemKind::Message(_)
                    | ItemKind::Error(_)
                    | ItemKind::Ext(_, ExtBody::Record(_))
            )
        });
        if has_fields && item.params.is_empty() {
            return Some(ty);
        }
        let (message, label) = if item.params.is_empty() {
            (
                format!("`{}` has no fields", name.text),
                "a struct, a message or an error was expected here",
            )
        } else {
            (
                format!("`{}` alone is no type: it has type parameters", name.text),
                "which arguments it has cannot be written here",
            )
        };
        self.report(
            Diagnostic::new(code::VALUE_MISMATCH, message)
                .at(name.span, label)
                .with(item.name.span, "declared here"),
        );
        None
    }

    /// A constant, or `Venue.lit`.
    fn path_of_any(
        &mut self,
        file: FileId,
        path: Path<'s>,
        value: &syntax::Value<'s>,
        any: &Ty,
    ) -> Option<Value> {
        if let Some((front, _)) = path.text.rsplit_once('.') {
            let end = path.span.start + u32::try_from(front.len()).unwrap_or(0);
            let front = Path {
                text: front,
                span: Span { end, ..path.span },
            };
            if let Ok(Some(id)) = self.names.item(file, front)
                && let Some(ItemKind::Enum(_)) = self.syntax(id).map(|item| &item.kind)
            {
                let ty = Ty {
                    kind: TyKind::Item(id, Vec::new()),
                    span: path.span,
                };
                return self.typed_value(file, value, &ty);
            }
        }
        let id = self.item_of_any(file, path)?;
        let inner = self.inner(id).cloned();
        match (self.syntax(id).map(|item| &item.kind), inner) {
            // As a value of the type that it was declared with.
            (Some(ItemKind::Const(..)), Some(ty)) => {
                let value = self.const_value(id, path, &ty)?;
                Some(self.typed(&ty, value))
            }
            _ => self.const_value(id, path, any),
        }
    }

    fn typed_value(&mut self, file: FileId, value: &syntax::Value<'s>, ty: &Ty) -> Option<Value> {
        let value = self.value(file, value, ty)?;
        Some(self.typed(ty, value))
    }

    fn typed(&mut self, ty: &Ty, value: Value) -> Value {
        // What is wrong with a type is said where it is declared.
        let kept = std::mem::take(self.diagnostics);
        let ty = self.lower(ty, &[]);
        *self.diagnostics = kept;
        let value = Box::new(value);
        Value::Typed { ty, value }
    }

    fn item_of_any(&mut self, file: FileId, path: Path<'s>) -> Option<ItemId> {
        match self.names.item(file, path) {
            Ok(found) => found,
            Err(unknown) => {
                let diagnostic = self.names.explain(&unknown, self.diagnostics);
                self.report(diagnostic);
                None
            }
        }
    }
}
