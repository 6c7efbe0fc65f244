//! Literals: whether a value fits the type of its place.

use super::{Checker, text_values};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::scalars;
use crate::schema::{Scalar, Value};
use crate::source::Span;
use crate::suggest;
use crate::syntax::{self, Enum, ItemKind, Name, Path, ValueKind};
use crate::unknown::{self, UnknownKind};

/// Longest duration that every language can hold: that of Python's `timedelta`, in nanoseconds.
const DURATION_NS_MAX: i128 = 999_999_999 * 86_400_000_000_000;

impl<'s> Checker<'_, 's> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.muted {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The value for the model; `None` with a diagnostic if it does not fit. Names in it are those of `file`.
    pub(super) fn value(
        &mut self,
        file: FileId,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        if let ValueKind::Path(path) = &value.kind
            && let Some(result) = self.named_value(file, *path, ty)
        {
            return result;
        }
        let bare = self.bare(ty).clone();
        match (&bare.kind, &value.kind) {
            (TyKind::Broken, _) | (_, ValueKind::Broken) => None,
            (TyKind::Optional(_), ValueKind::Nil) => Some(Value::Nil),
            (TyKind::Optional(inner), _) => self.value(file, value, inner),
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
            (TyKind::Union(_) | TyKind::Param(_), _) => self.no_literal(value, ty),
            _ => self.mismatch(value, ty),
        }
    }

    /// A member of an enum or a constant. `None` if the path may still be something else.
    fn named_value(&mut self, file: FileId, path: Path<'s>, ty: &Ty) -> Option<Option<Value>> {
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
        let members: Vec<&str> = it.members.iter().map(|member| member.name.text).collect();
        let listed =
            (members.len() <= 8).then(|| format!("its members are {}", members.join(", ")));
        let mut diagnostic = unknown::hint(diagnostic, name, members, self.diagnostics);
        if let Some(listed) = listed {
            diagnostic = diagnostic.note(listed);
        }
        self.report(diagnostic);
    }

    fn const_value(&mut self, id: ItemId, path: Path<'s>, ty: &Ty) -> Option<Value> {
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

    fn scalar_value(
        &mut self,
        scalar: Scalar,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        match (scalar, &value.kind) {
            (Scalar::Any, _) => self.no_literal(value, ty),
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
                self.report(
                    Diagnostic::new(code::BAD_TEXT_VALUE, format!("this text is not a `{name}`"))
                        .at(value.span, format!("expected {form}")),
                );
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

    fn out_of_range(&mut self, value: &syntax::Value<'s>, name: &str, note: &str) {
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
                ItemKind::Struct(body) | ItemKind::Message(body) | ItemKind::Error(body),
                ValueKind::Braces(name, entries),
            ) => {
                if !arguments.is_empty() {
                    return self.no_literal(value, ty);
                }
                if let Some(name) = name {
                    let found = match self.names.item(file, *name) {
                        Ok(found) => found?,
                        Err(unknown) => {
                            let diagnostic = self.names.explain(&unknown, self.diagnostics);
                            self.report(diagnostic);
                            return None;
                        }
                    };
                    if found != id {
                        let (of, came) = (self.name(id), self.name(found));
                        self.report(
                            Diagnostic::new(
                                code::VALUE_MISMATCH,
                                format!("expected a value of `{of}`, found one of `{came}`"),
                            )
                            .at(name.span, format!("this is a `{came}`")),
                        );
                        return None;
                    }
                }
                self.record_value(file, id, body, entries, value.span)
            }
            (ItemKind::Union { .. }, ValueKind::Nil) if self.nullable(ty) => Some(Value::Nil),
            (ItemKind::Union { .. } | ItemKind::Ext(..), _) => self.no_literal(value, ty),
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
