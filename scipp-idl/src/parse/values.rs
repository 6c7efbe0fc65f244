//! Types, values and options.

use super::{P, Parser, Rule};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::literal;
use crate::source::Span;
use crate::syntax::*;

impl<'s> Parser<'_, 's> {
    pub(super) fn ty(&mut self, pair: P<'s>) -> Type<'s> {
        let span = self.span(&pair);
        if pair.as_rule() == Rule::missing_type {
            let place = self.behind_previous(span);
            let diagnostic = Diagnostic::new(code::MISSING_TYPE, "a type is missing")
                .at(place, "a type was expected behind this");
            self.report(diagnostic);
            return Type {
                kind: TypeKind::Broken,
                span: place,
            };
        }
        let mut members: Vec<Type<'s>> = Vec::with_capacity(1);
        for part in pair.into_inner() {
            let member = match part.as_rule() {
                Rule::missing_type => self.ty(part),
                Rule::foreign_type => self.foreign_type(&part),
                _ => self.optional(part),
            };
            members.push(member);
        }
        if members.len() == 1 {
            members.remove(0)
        } else {
            Type {
                kind: TypeKind::Union(members),
                span,
            }
        }
    }

    pub(super) fn optional(&mut self, pair: P<'s>) -> Type<'s> {
        let start = self.span(&pair);
        let mut questions = 0;
        let mut ty = Type {
            kind: TypeKind::Broken,
            span: start,
        };
        let text = pair.as_str();
        let from = pair.as_span().start();
        for part in pair.into_inner() {
            let end = part.as_span().end().saturating_sub(from);
            let begin = part.as_span().start().saturating_sub(from);
            match part.as_rule() {
                // The first says what is wrong.
                Rule::foreign_prefix => {
                    if begin == 0 {
                        self.foreign_prefix(&part, text.get(end..).unwrap_or_default());
                    }
                    continue;
                }
                Rule::foreign_suffix => {
                    if !matches!(ty.kind, TypeKind::Broken) {
                        self.foreign_suffix(&part, text.get(..begin).unwrap_or_default(), ty.span);
                    }
                    ty.kind = match part.as_str().trim_end() {
                        "!" => ty.kind,
                        _ => TypeKind::Broken,
                    };
                    continue;
                }
                _ => {}
            }
            ty = match part.as_rule() {
                // Two say all that is wrong; a million of them would be nested a million deep.
                Rule::question if questions == 2 => ty,
                Rule::question => {
                    questions += 1;
                    let span = start.to(self.span(&part));
                    Type {
                        kind: TypeKind::Optional(Box::new(ty)),
                        span,
                    }
                }
                Rule::tuple => self.tuple(part),
                _ => self.named(part),
            };
        }
        ty
    }

    pub(super) fn tuple(&mut self, pair: P<'s>) -> Type<'s> {
        let span = self.span(&pair);
        let mut members = Vec::new();
        let mut trailing_comma = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::trailing_comma => trailing_comma = true,
                _ => members.push(self.ty(part)),
            }
        }
        if members.is_empty() {
            let diagnostic = Diagnostic::new(code::EMPTY_TUPLE, "a tuple has at least one member")
                .at(span, "no member")
                .help("`nil` is the type of nothing");
            self.report(diagnostic);
            return Type {
                kind: TypeKind::Broken,
                span,
            };
        }
        // One type in parentheses is that type.
        if members.len() == 1 && !trailing_comma {
            let inner = members.remove(0);
            return Type { span, ..inner };
        }
        Type {
            kind: TypeKind::Tuple(members),
            span,
        }
    }

    pub(super) fn named(&mut self, pair: P<'s>) -> Type<'s> {
        let span = self.span(&pair);
        let mut path = Path { text: "", span };
        let mut arguments = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => path = self.path(&part),
                _ => arguments = part.into_inner().map(|ty| self.ty(ty)).collect(),
            }
        }
        Type {
            kind: TypeKind::Named(path, arguments),
            span,
        }
    }

    pub(super) fn value(&mut self, pair: P<'s>) -> Value<'s> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::missing_value => {
                let place = self.behind_previous(span);
                let diagnostic = Diagnostic::new(code::MISSING_VALUE, "a value is missing")
                    .at(place, "a value was expected behind this");
                self.report(diagnostic);
                ValueKind::Broken
            }
            Rule::number => literal::number(pair.as_str()).unwrap_or_else(|why| {
                let message = format!("`{}` is not a number or duration", pair.as_str());
                self.report(Diagnostic::new(code::BAD_NUMBER, message).at(span, why));
                ValueKind::Broken
            }),
            Rule::single_quoted => ValueKind::Str(self.single_quoted(&pair)),
            Rule::string => match literal::string(pair.as_str()) {
                Ok(text) => ValueKind::Str(text),
                Err(error) => self.bad_escape(span, error),
            },
            Rule::bytes => match literal::bytes(pair.as_str()) {
                Ok(bytes) => ValueKind::Bytes(bytes),
                Err(error) => self.bad_escape(span, error),
            },
            Rule::list => {
                ValueKind::List(pair.into_inner().map(|value| self.value(value)).collect())
            }
            Rule::braces => {
                let mut name = None;
                let mut entries = Vec::new();
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::path => name = Some(self.path(&part)),
                        _ => {
                            let mut both = Vec::with_capacity(2);
                            for part in part.into_inner() {
                                match part.as_rule() {
                                    Rule::wrong_pair => self.common(part),
                                    _ => both.push(self.value(part)),
                                }
                            }
                            let mut both = both.into_iter();
                            entries.extend(both.next().zip(both.next()));
                        }
                    }
                }
                ValueKind::Braces(name, entries)
            }
            Rule::path => match pair.as_str() {
                "nil" => ValueKind::Nil,
                "true" => ValueKind::Bool(true),
                "false" => ValueKind::Bool(false),
                _ => ValueKind::Path(self.path(&pair)),
            },
            _ => ValueKind::Broken,
        };
        Value { kind, span }
    }

    pub(super) fn bad_escape(
        &mut self,
        span: Span,
        (range, why): literal::EscapeError,
    ) -> ValueKind<'s> {
        let start = span.start as usize;
        let place = Span::new(self.file.source, start + range.start, start + range.end);
        let mut diagnostic =
            Diagnostic::new(code::BAD_ESCAPE, "a bad escape in a string").at(place, why);
        let escape = self.slice(place);
        // As in the classes of a pattern: "\\d+".
        if escape.starts_with('\\') && escape.len() == 2 && !escape.ends_with(['x', 'u']) {
            diagnostic = diagnostic.help(format!("for a backslash, write two: `\\{escape}`"));
        }
        self.report(diagnostic);
        ValueKind::Broken
    }

    pub(super) fn option(&mut self, pair: P<'s>) -> Opt<'s> {
        let span = self.span(&pair);
        let mut option = Opt {
            name: Path { text: "", span },
            arguments: Vec::new(),
            text: None,
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => option.name = self.path(&part),
                _ => {
                    let text = part.as_str().trim();
                    let inner = text
                        .strip_prefix('(')
                        .and_then(|text| text.strip_suffix(')'));
                    option.text = inner.map(str::trim);
                    option.arguments = part.into_inner().map(|it| self.argument(it)).collect();
                }
            }
        }
        option
    }

    pub(super) fn argument(&mut self, pair: P<'s>) -> Argument<'s> {
        let span = self.span(&pair);
        let mut name = None;
        let mut value = None;
        let mut range = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::argument_colon => {
                    name = part.clone().into_inner().next().map(|it| self.name(&it));
                    let colon = self.span(&part);
                    let start = colon.end.saturating_sub(1);
                    let place = Span { start, ..colon };
                    let message = "a `:` where `=` belongs";
                    let diagnostic = Diagnostic::new(code::FOREIGN, message).at(place, "");
                    self.report(diagnostic.help("write `=`").fix(place, "="));
                }
                Rule::argument_name => {
                    name = part.into_inner().next().map(|name| self.name(&name));
                }
                Rule::range_end => {
                    let mut inner = part.into_inner();
                    let max_included = inner.next().is_some_and(|dots| dots.as_str() == "..=");
                    range = Some((inner.next().map(|max| self.value(max)), max_included));
                }
                _ => value = Some(self.value(part)),
            }
        }
        let kind = match range {
            Some((max, max_included)) => ArgumentKind::Range {
                min: value,
                max,
                max_included,
            },
            None => {
                let broken = Value {
                    kind: ValueKind::Broken,
                    span,
                };
                ArgumentKind::Value(value.unwrap_or(broken))
            }
        };
        Argument { name, kind, span }
    }
}
