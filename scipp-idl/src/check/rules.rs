//! Whether a literal satisfies the constraints of its place: those of its field, and those of the newtypes that its
//! type goes through.

use super::Checker;
use super::constraints::{compare, compiled};
use super::options::{Given, Target};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::{Constraints, ItemName, Number, Range, Value};
use crate::source::Span;
use crate::syntax::{self, ItemKind, Opt, ValueKind};
use regex_lite::Regex;
use std::rc::Rc;

/// The constraints of one place, ready to be held against values.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    constraints: Constraints,
    pattern: Option<Regex>,
    range_span: Option<Span>,
    len_span: Option<Span>,
    pattern_span: Option<Span>,
    unique_span: Option<Span>,
}

impl Rule {
    pub(super) fn of(given: &Given) -> Self {
        let pattern = given.constraints.pattern.as_deref();
        Self {
            constraints: given.constraints.clone(),
            pattern: pattern.and_then(|pattern| compiled(pattern).ok()),
            range_span: given.range_span,
            len_span: given.len_span,
            pattern_span: given.pattern_span,
            unique_span: given.unique_span,
        }
    }

    /// The constraint that refuses a value, and where it stands.
    fn refuses(&self, value: &Value) -> Option<(&'static str, Option<Span>)> {
        let outside = |range: &Option<Range>, number: Option<Number>| match (range, number) {
            (Some(range), Some(number)) => !in_range(range, number),
            _ => false,
        };
        if outside(&self.constraints.range, number(value)) {
            return Some(("@range", self.range_span));
        }
        if outside(&self.constraints.len, length(value)) {
            return Some(("@len", self.len_span));
        }
        match value {
            Value::Str(text) if self.pattern.as_ref().is_some_and(|it| !it.is_match(text)) => {
                Some(("@pattern", self.pattern_span))
            }
            Value::List(values) if self.constraints.unique && repeats(values) => {
                Some(("@unique", self.unique_span))
            }
            _ => None,
        }
    }
}

/// Whether options may hold constraints: those of most fields do not.
fn has_constraints(options: &[Opt<'_>]) -> bool {
    let is_one = |it: &Opt<'_>| matches!(it.name.text, "range" | "len" | "pattern" | "unique");
    options.iter().any(is_one)
}

impl<'s> Checker<'_, 's> {
    /// Reports a value that the constraints of its field refuse.
    pub(super) fn check_field(
        &mut self,
        of: ItemId,
        field: &syntax::Field<'s>,
        value: &Value,
        literal: &syntax::Value<'s>,
    ) {
        if !has_constraints(&field.options) {
            return;
        }
        let rule = match self.rules.get(&field.span) {
            Some(rule) => Rc::clone(rule),
            None => self.read_rule(of, &field.options, Target::Field, field.span),
        };
        self.check_rule(&rule, value, literal);
    }

    /// Reports a value that a newtype refuses which its type goes through.
    pub(super) fn check_newtypes(&mut self, ty: &Ty, value: &Value, literal: &syntax::Value<'s>) {
        let mut layers = 0;
        let mut next = self.newtype(ty);
        while let Some(id) = next {
            let Some(item) = self.syntax(id) else { return };
            // One layer is what there is; many are counted with what else repeats.
            layers += 1;
            if layers > 1 && !self.expand(1, literal.span) {
                return;
            }
            if has_constraints(&item.options) {
                let rule = match self.rules.get(&item.span) {
                    Some(rule) => Rc::clone(rule),
                    None => self.read_rule(id, &item.options, Target::Newtype, item.span),
                };
                self.check_rule(&rule, value, literal);
            }
            next = self.inner(id).and_then(|inner| self.newtype(inner));
        }
    }

    /// The newtype that a type is, by this or another name.
    fn newtype(&self, ty: &Ty) -> Option<ItemId> {
        let TyKind::Item(id, _) = self.unaliased(ty).kind else {
            return None;
        };
        let circular = self.facts.get(id).is_none_or(|facts| facts.circular);
        let item = self.syntax(id).filter(|_| !circular)?;
        matches!(item.kind, ItemKind::Newtype(_)).then_some(id)
    }

    fn read_rule(&mut self, of: ItemId, options: &[Opt<'s>], on: Target, span: Span) -> Rc<Rule> {
        // What is wrong with the options is reported where they stand.
        let kept = std::mem::take(self.diagnostics);
        let given = self.options(self.file(of), options, on);
        *self.diagnostics = kept;
        let rule = Rc::new(Rule::of(&given));
        self.rules.insert(span, Rc::clone(&rule));
        rule
    }

    /// Reports a value that the constraints beside it refuse.
    pub(super) fn check_rule(&mut self, rule: &Rule, value: &Value, literal: &syntax::Value<'s>) {
        let behind_name = match value {
            Value::Const(name) => self.const_literal(name),
            _ => None,
        };
        let Some((option, span)) = rule.refuses(behind_name.as_ref().unwrap_or(value)) else {
            return;
        };
        let diagnostic = Diagnostic::new(
            code::VALUE_CONSTRAINT,
            format!("`{option}` refuses this value"),
        )
        .at(literal.span, "not allowed by the constraint");
        self.report(match span {
            Some(span) => diagnostic.with(span, "this constraint"),
            None => diagnostic,
        });
    }

    fn const_literal(&mut self, name: &ItemName) -> Option<Value> {
        let id = self.names.find(name)?;
        let end = self.const_ends.get(id).copied().flatten()?;
        match self.syntax(end).map(|item| &item.kind) {
            Some(ItemKind::Const(_, Some(literal))) => match &literal.kind {
                ValueKind::Int(it) => Some(Value::Int(*it)),
                ValueKind::Float(it) => Some(Value::Float(*it)),
                ValueKind::Str(text) => Some(Value::Str(text.clone())),
                ValueKind::Bytes(bytes) => Some(Value::Bytes(bytes.clone())),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The number that a range is about. A decimal is written as text; what else is text has no range.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(it) => Some(Number::Int(*it)),
        Value::Float(it) => Some(Number::Float(*it)),
        Value::Str(text) => text
            .parse::<i128>()
            .map(Number::Int)
            .or_else(|_| text.parse().map(Number::Float))
            .ok(),
        _ => None,
    }
}

fn length(value: &Value) -> Option<Number> {
    let length = match value {
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(values) => values.len(),
        Value::Map(entries) => entries.len(),
        _ => return None,
    };
    i128::try_from(length).map(Number::Int).ok()
}

fn repeats(values: &[Value]) -> bool {
    let mut spelled: Vec<String> = values.iter().map(|it| format!("{it:?}")).collect();
    spelled.sort_unstable();
    spelled.windows(2).any(|pair| pair.first() == pair.get(1))
}

fn in_range(range: &Range, number: Number) -> bool {
    let above = range
        .min
        .is_none_or(|min| compare(number, min).is_some_and(|it| it.is_ge()));
    let below = range.max.is_none_or(|max| {
        compare(number, max).is_some_and(|it| {
            if range.max_included {
                it.is_le()
            } else {
                it.is_lt()
            }
        })
    });
    above && below
}
