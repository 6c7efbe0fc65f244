//! Literals of unions: which member a value is of, seen by what it looks like or by the name in front of it.

use super::Checker;
use super::choices::{Choices, Literal};
use super::values::describe;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{FileId, ItemId, Ty, TyKind};
use crate::schema::Value;
use crate::source::Span;
use crate::syntax::{self, ItemKind, Name, Path, ValueKind};
use crate::unknown;

impl<'s> Checker<'_, 's> {
    /// A value of one of several types.
    pub(super) fn union_value(
        &mut self,
        file: FileId,
        value: &syntax::Value<'s>,
        ty: &Ty,
    ) -> Option<Value> {
        let choices = self.choices(ty)?;
        let at = match &value.kind {
            ValueKind::Broken => return None,
            ValueKind::Path(path) => self.named_choice(file, *path, &choices, ty)?,
            ValueKind::Braces(Some(name), _) => self.record_choice(file, *name, &choices, ty)?,
            ValueKind::Braces(None, entries)
                if has_fields(entries)
                    && !(entries.is_empty() && choices.literals.contains_key(&Literal::Map)) =>
            {
                self.unnamed_choice(value, &choices, ty)?
            }
            kind => match Literal::of(kind).and_then(|it| choices.literals.get(&it)) {
                Some(at) => *at,
                None => return self.no_choice(value, &choices, ty),
            },
        };
        let member = choices.members.get(at)?;
        let value = Box::new(self.value(file, value, member)?);
        Some(Value::Variant { member: at, value })
    }

    /// `Quote { ... }`: a member by its name; it need not be imported for that.
    fn record_choice(
        &mut self,
        file: FileId,
        path: Path<'s>,
        choices: &Choices,
        ty: &Ty,
    ) -> Option<usize> {
        let own = path.single().and_then(|name| choices.names.get(name.text));
        let id = match own.copied().flatten() {
            Some(id) => id,
            None => match self.names.item(file, path) {
                Ok(found) => self.record_end(found?),
                Err(unknown) => {
                    let mut diagnostic = self.names.explain(&unknown, self.diagnostics);
                    if let Some(name) = path.single() {
                        diagnostic = self.suggest_choice(diagnostic, name, choices);
                    }
                    self.report(diagnostic);
                    return None;
                }
            },
        };
        let found = choices.records.get(&id).copied();
        if found.is_none() {
            let (spelled, came) = (self.spell(ty), path.text);
            let diagnostic = Diagnostic::new(
                code::VALUE_MISMATCH,
                format!("`{came}` is no member of `{spelled}`"),
            )
            .at(path.span, "one of its members was expected")
            .with(ty.span, "its type");
            self.report(listed(diagnostic, choices));
        }
        found
    }

    /// What an alias or newtype of a record stands for.
    fn record_end(&self, id: ItemId) -> ItemId {
        let end = self.facts.get(id).and_then(|facts| facts.bare_end);
        match end.and_then(|end| self.inner(end)).map(|ty| &ty.kind) {
            Some(TyKind::Item(id, _)) => *id,
            _ => id,
        }
    }

    fn suggest_choice(
        &mut self,
        diagnostic: Diagnostic,
        name: Name<'s>,
        choices: &Choices,
    ) -> Diagnostic {
        if !diagnostic.help.is_empty() {
            return diagnostic;
        }
        let names: Vec<&str> = choices.names.keys().map(String::as_str).collect();
        unknown::hint(diagnostic, name.text, names, self.diagnostics)
    }

    /// `{ field: value }` without a name, which is clear if only one member has fields.
    fn unnamed_choice(
        &mut self,
        value: &syntax::Value<'s>,
        choices: &Choices,
        ty: &Ty,
    ) -> Option<usize> {
        let mut members = choices.records.values();
        match (members.next(), members.next()) {
            (Some(only), None) => Some(*only),
            (None, _) => {
                self.no_choice(value, choices, ty);
                None
            }
            (Some(_), Some(_)) => {
                let spelled = self.spell(ty);
                let diagnostic = Diagnostic::new(
                    code::VALUE_MISMATCH,
                    format!("this may be several members of `{spelled}`"),
                )
                .at(value.span, "of which one?")
                .with(ty.span, "its type");
                let name = choices.names.keys().min().cloned().unwrap_or_default();
                let help = format!("write the name before it: `{name} {{ ... }}`");
                self.report(listed(diagnostic, choices).help(help));
                None
            }
        }
    }

    /// `lit`, `Venue.lit`, or a constant.
    fn named_choice(
        &mut self,
        file: FileId,
        path: Path<'s>,
        choices: &Choices,
        ty: &Ty,
    ) -> Option<usize> {
        if let Some(name) = path.single() {
            for (id, at) in &choices.enums {
                if self.places(*id).contains_key(name.text) {
                    return Some(*at);
                }
            }
        }
        let (front, _) = path.text.rsplit_once('.').unwrap_or_default();
        let end = path.span.start + u32::try_from(front.len()).unwrap_or(0);
        let front = Path {
            text: front,
            span: Span { end, ..path.span },
        };
        if !front.text.is_empty()
            && let Ok(Some(id)) = self.names.item(file, front)
        {
            // An enum of the package comes before a package of that name.
            if let Some((_, at)) = choices.enums.iter().find(|(it, _)| *it == id) {
                return Some(*at);
            }
        }
        match self.names.item(file, path) {
            Ok(found) => {
                let found = self.const_choice(found?, choices);
                if found.is_none() {
                    let spelled = self.spell(ty);
                    self.report(
                        Diagnostic::new(
                            code::VALUE_MISMATCH,
                            format!("expected a value of `{spelled}`, found `{}`", path.text),
                        )
                        .at(path.span, "no member of the union takes this")
                        .with(ty.span, "its type"),
                    );
                }
                found
            }
            // The only enum says it best.
            Err(unknown) => match choices.enums.as_slice() {
                [(_, at)] => Some(*at),
                _ => {
                    let diagnostic = self.names.explain(&unknown, self.diagnostics);
                    self.report(diagnostic);
                    None
                }
            },
        }
    }

    /// The member that the literal of a constant suits.
    fn const_choice(&self, id: ItemId, choices: &Choices) -> Option<usize> {
        let end = self.const_ends.get(id).copied().flatten()?;
        let ItemKind::Const(_, Some(literal)) = &self.syntax(end)?.kind else {
            return None;
        };
        match Literal::of(&literal.kind) {
            Some(literal) => choices.literals.get(&literal).copied(),
            None => {
                let TyKind::Item(of, _) = self.bare(self.inner(end)?).kind else {
                    return None;
                };
                let found = choices.enums.iter().find(|(it, _)| *it == of);
                found.map(|(_, at)| *at)
            }
        }
    }

    fn no_choice(
        &mut self,
        value: &syntax::Value<'s>,
        choices: &Choices,
        ty: &Ty,
    ) -> Option<Value> {
        let (spelled, came) = (self.spell(ty), describe(&value.kind));
        let diagnostic = Diagnostic::new(
            code::VALUE_MISMATCH,
            format!("expected a value of `{spelled}`, found {came}"),
        )
        .at(value.span, "no member of the union is like this")
        .with(ty.span, "its type");
        self.report(listed(diagnostic, choices));
        None
    }
}

/// Whether braces hold fields and not the entries of a map.
fn has_fields(entries: &[(syntax::Value<'_>, syntax::Value<'_>)]) -> bool {
    let is_field = |(key, _): &(syntax::Value<'_>, _)| matches!(&key.kind, ValueKind::Path(path) if path.single().is_some());
    entries.first().is_none_or(is_field)
}

/// Says the names of members that have fields, where they are few.
fn listed(diagnostic: Diagnostic, choices: &Choices) -> Diagnostic {
    const SHOWN: usize = 8;
    let mut names: Vec<&str> = choices.names.keys().map(String::as_str).collect();
    names.sort_unstable();
    if names.is_empty() || names.len() > SHOWN {
        return diagnostic;
    }
    diagnostic.note(format!("members with fields are {}", names.join(", ")))
}
