//! Literals: whether a value fits the type of its place.

use super::{Checker, text_values};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::scalars;
use crate::schema::{Scalar, Value};
use crate::suggest;
use crate::syntax::{self, ExtBody, ItemKind, ValueKind};

/// Longest duration that every language can hold: that of Python's `timedelta`, in nanoseconds.
const DURATION_NS_MAX: i128 = 999_999_999 * 86_400_000_000_000;

impl<'s> Checker<'_, 's> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.muted {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The value for the model; `None` with a diagnostic if it does not fit. Names in it are those of `file`.
    ///
    /// The constraints of newtypes and of fields inside are checked too, those of the place itself are not: they are
    /// [`check_rule`](Self::check_rule)'s.
    pub(super) fn value(
        &mut self,
        file: FileId,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        let lowered = self.any_type_of_value(file, value, ty)?;
        self.check_newtypes(ty, &lowered, value);
        Some(lowered)
    }

    fn any_type_of_value(
        &mut self,
        file: FileId,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        let bare = self.bare(ty).clone();
        if matches!(bare.kind, TyKind::Scalar(Scalar::Any)) {
            return self.any_value(file, value, &bare);
        }
        if self.is_union(&bare) {
            return self.union_value(file, value, &bare);
        }
        if let TyKind::Optional(inner) = &bare.kind {
            return match value.kind {
                ValueKind::Nil => Some(Value::Nil),
                _ => self.value(file, value, inner),
            };
        }
        if let ValueKind::Path(path) = &value.kind
            && let Some(result) = self.named_value(file, *path, ty)
        {
            return result;
        }
        match (&bare.kind, &value.kind) {
            (TyKind::Broken, _) | (_, ValueKind::Broken) => None,
            (TyKind::Scalar(scalar), _) => self.scalar_value(*scalar, value, ty),
            (TyKind::List(item), ValueKind::List(values)) => {
                let values: Vec<_> = values.iter().map(|it| self.value(file, it, item)).collect();
                Some(Value::List(values.into_iter().collect::<Option<_>>()?))
            }
            (TyKind::Tuple(members), ValueKind::List(values)) if values.len() == members.len() => {
                let pairs = values.iter().zip(members);
                let values: Vec<_> = pairs.map(|(it, ty)| self.value(file, it, ty)).collect();
                Some(Value::List(values.into_iter().collect::<Option<_>>()?))
            }
            (TyKind::Map(key, item), ValueKind::Braces(None, entries)) => {
                self.map_value(file, key, item, entries)
            }
            (TyKind::Item(id, arguments), _) => self.item_value(file, *id, arguments, value, ty),
            (TyKind::Param(_), _) => self.no_literal(value, ty),
            _ => self.mismatch(value, ty),
        }
    }

    fn is_union(&self, bare: &Ty) -> bool {
        match &bare.kind {
            TyKind::Union(_) => true,
            TyKind::Item(id, _) => self.facts.get(*id).is_some_and(|it| it.members.is_some()),
            _ => false,
        }
    }

    fn scalar_value(
        &mut self,
        scalar: Scalar,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        match (scalar, &value.kind) {
            (Scalar::Nil, ValueKind::Nil) => Some(Value::Nil),
            (Scalar::Bool, ValueKind::Bool(it)) => Some(Value::Bool(*it)),
            (Scalar::Str, ValueKind::Str(text)) => Some(Value::Str(text.clone())),
            (Scalar::Bytes, ValueKind::Bytes(bytes)) => Some(Value::Bytes(bytes.clone())),
            (Scalar::F64 | Scalar::F32, ValueKind::Int(it)) => Some(Value::Int(*it)),
            (Scalar::F64, ValueKind::Float(it)) => Some(Value::Float(*it)),
            (Scalar::F32, ValueKind::Float(it)) => {
                if it.abs() <= f64::from(f32::MAX) {
                    return Some(Value::Float(*it));
                }
                self.out_of_range(value, "f32", "an f32 goes up to 3.4e38");
                None
            }
            (Scalar::Decimal, ValueKind::Int(it)) if it.unsigned_abs() < 10u128.pow(28) => {
                Some(Value::Str(it.to_string()))
            }
            (Scalar::Duration, ValueKind::Duration(it)) => {
                if it.abs() <= DURATION_NS_MAX {
                    return Some(Value::Duration(*it));
                }
                self.out_of_range(value, "duration", "a duration goes up to 999999999d");
                None
            }
            (_, ValueKind::Str(text)) if text_values::form(scalar).is_some() => {
                if text_values::fits(scalar, text) {
                    return Some(Value::Str(text.clone()));
                }
                let name = scalars::scalar_name(scalar);
                let form = text_values::form(scalar).unwrap_or_default();
                let message = format!("this text is not a `{name}`");
                let diagnostic = Diagnostic::new(code::BAD_TEXT_VALUE, message)
                    .at(value.span, format!("expected {form}"));
                let diagnostic = self.its_type(diagnostic, value, ty);
                self.report(diagnostic);
                None
            }
            (_, ValueKind::Int(it)) if int_range(scalar).is_some() => {
                let (min, max) = int_range(scalar).unwrap_or_default();
                if (min..=max).contains(it) {
                    return Some(Value::Int(*it));
                }
                let name = scalars::scalar_name(scalar);
                self.out_of_range(value, name, &format!("`{name}` goes from {min} to {max}"));
                None
            }
            _ => self.mismatch(value, ty),
        }
    }

    pub(super) fn out_of_range(&mut self, value: &syntax::Value<'s>, name: &str, note: &str) {
        self.report(
            Diagnostic::new(
                code::VALUE_OUT_OF_RANGE,
                format!("this value does not fit `{name}`"),
            )
            .at(value.span, "out of range")
            .note(note),
        );
    }

    fn mismatch(&mut self, value: &syntax::Value<'s>, ty: &Ty) -> Option<Value> {
        let spelled = self.spell(ty);
        let came = describe(&value.kind);
        let bare = self.bare(ty).kind.clone();
        let mut diagnostic = Diagnostic::new(
            code::VALUE_MISMATCH,
            format!("expected a value of `{spelled}`, found {came}"),
        )
        .at(value.span, format!("this is {came}"));
        diagnostic = self.its_type(diagnostic, value, ty);
        let form = match &bare {
            TyKind::Scalar(scalar) => text_values::form(*scalar).or(match scalar {
                Scalar::Duration => Some("a duration: `2s`, `1h30m`, `500ms`"),
                Scalar::Bytes => Some("bytes: `b\"...\"`"),
                Scalar::Str => Some("a string: `\"...\"`"),
                _ => None,
            }),
            TyKind::List(_) => Some("a list: `[a, b]`"),
            TyKind::Tuple(_) => Some("as many values as the tuple has: `[a, b]`"),
            TyKind::Map(..) => Some("a map: `{ \"key\": value }`"),
            _ => None,
        };
        if let Some(form) = form {
            diagnostic = diagnostic.help(format!("write {form}"));
        }
        self.report(diagnostic);
        None
    }

    /// Points at the type of a value, unless it stands right before it.
    fn its_type(&self, diagnostic: Diagnostic, value: &syntax::Value<'s>, ty: &Ty) -> Diagnostic {
        /// Bytes between the type of a field and its default: an option or two.
        const BESIDE_BYTES_MAX: u32 = 48;
        let gap = value.span.start.checked_sub(ty.span.end);
        let beside = gap.is_some_and(|gap| gap < BESIDE_BYTES_MAX);
        if beside && value.span.source == ty.span.source {
            return diagnostic;
        }
        diagnostic.with(ty.span, "its type")
    }

    fn no_literal(&mut self, value: &syntax::Value<'s>, ty: &Ty) -> Option<Value> {
        let spelled = self.spell(ty);
        self.report(
            Diagnostic::new(
                code::NO_LITERAL,
                format!("values of `{spelled}` cannot be written"),
            )
            .at(value.span, "no value can stand here")
            .help("leave the default out, or make the field optional"),
        );
        None
    }

    fn item_value(
        &mut self,
        file: FileId,
        id: ItemId,
        arguments: &[Ty],
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        let item = self.syntax(id)?;
        match (&item.kind, &value.kind) {
            (ItemKind::Broken, _) => None,
            (
                ItemKind::Struct(body)
                | ItemKind::Message(body)
                | ItemKind::Error(body)
                | ItemKind::Ext(_, ExtBody::Record(body)),
                ValueKind::Braces(name, entries),
            ) => {
                if let Some(name) = name {
                    let is_own = name.single().is_some_and(|it| it.text == self.name(id));
                    let found = match self.names.item(file, *name) {
                        // By its own name it is known without an import.
                        _ if is_own => id,
                        Ok(found) => found?,
                        Err(unknown) => {
                            let diagnostic = self.names.explain(&unknown, self.diagnostics);
                            self.report(diagnostic);
                            return None;
                        }
                    };
                    if found != id {
                        let (of, came) = (self.name(id), self.name(found));
                        let diagnostic = Diagnostic::new(
                            code::VALUE_MISMATCH,
                            format!("expected a value of `{of}`, found one of `{came}`"),
                        )
                        .at(name.span, format!("this is a `{came}`"));
                        let diagnostic = self.its_type(diagnostic, value, ty);
                        self.report(diagnostic);
                        return None;
                    }
                }
                self.record_value(file, id, arguments, body, entries, value.span)
            }
            // As what is in it.
            (ItemKind::Ext(_, ExtBody::Type(_)), _) => {
                let inner = self.inner(id).cloned()?;
                self.value(file, value, &inner)
            }
            (ItemKind::Enum(_), ValueKind::Str(text)) => {
                let text = text.clone();
                let name = self.name(id);
                self.report(
                    Diagnostic::new(
                        code::VALUE_MISMATCH,
                        format!("expected a member of `{name}`, found a string"),
                    )
                    .at(value.span, "this is a string")
                    .help(format!(
                        "write the name of the member without quotes: `{text}`"
                    )),
                );
                None
            }
            _ => self.mismatch(value, ty),
        }
    }

    /// Whether a field of the type may be absent: it is `T?`, maybe by way of an alias.
    pub(super) fn is_optional(&self, ty: &Ty) -> bool {
        match &self.unaliased(ty).kind {
            TyKind::Optional(_) => true,
            TyKind::Union(members) => members.iter().any(|it| self.is_optional(it)),
            _ => false,
        }
    }

    /// Defaults that build records whose defaults build the first again.
    pub(super) fn find_default_circles(&mut self) {
        let mut edges = vec![Vec::new(); self.names.items.len()];
        let uses = std::mem::take(&mut self.default_uses);
        for (from, to) in &uses {
            if let Some(list) = edges.get_mut(*from) {
                list.push(*to);
            }
        }
        let component = graph::components(&edges);
        let mut reported = Vec::new();
        for (from, to) in uses {
            let of = component.get(from);
            if of != component.get(to) || reported.contains(&of) {
                continue;
            }
            reported.push(of);
            let Some(item) = self.syntax(from) else {
                continue;
            };
            let message = format!(
                "a default of `{}` contains itself without end",
                item.name.text
            );
            self.report(
                Diagnostic::new(code::DEFAULT_CIRCLE, message)
                    .at(item.name.span, "its default holds one of its own")
                    .help("leave the default out, or make it empty"),
            );
        }
    }
}

/// Smallest and largest value of an integer type.
pub(crate) fn int_range(scalar: Scalar) -> Option<(i128, i128)> {
    Some(match scalar {
        Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
        Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
        Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
        Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
        Scalar::U8 => (0, u8::MAX.into()),
        Scalar::U16 => (0, u16::MAX.into()),
        Scalar::U32 => (0, u32::MAX.into()),
        Scalar::U64 => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// A literal in words.
pub(super) fn describe(value: &ValueKind<'_>) -> &'static str {
    match value {
        ValueKind::Nil => "nil",
        ValueKind::Bool(_) => "a bool",
        ValueKind::Int(_) => "an integer",
        ValueKind::Float(_) => "a float",
        ValueKind::Duration(_) => "a duration",
        ValueKind::Str(_) => "a string",
        ValueKind::Bytes(_) => "bytes",
        ValueKind::Path(_) => "a name",
        ValueKind::List(_) => "a list",
        ValueKind::Braces(..) => "a record or map",
        ValueKind::Broken => "something wrong",
    }
}

/// "did you mean" among a few names that are known in advance.
pub(super) fn among<'c>(name: &str, known: impl IntoIterator<Item = &'c str>) -> Option<String> {
    suggest::nearest(name, known).map(suggest::did_you_mean)
}
