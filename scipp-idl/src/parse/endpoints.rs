//! Endpoints, their clauses and examples.

use super::{P, Parser, Rule, add_doc};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::schema::EndpointKind;
use crate::source::Span;
use crate::suggest;
use crate::syntax::*;

impl<'s> Parser<'_, 's> {
    pub(super) fn endpoint(&mut self, pair: P<'s>) -> Option<Endpoint<'s>> {
        let kind = match pair.as_rule() {
            Rule::function => EndpointKind::Fn,
            Rule::generator => EndpointKind::Gen,
            _ => EndpointKind::Context,
        };
        let mut endpoint = Endpoint {
            doc: String::new(),
            options: Vec::new(),
            kind,
            name: Name {
                text: "",
                span: self.span(&pair),
            },
            params: Body::default(),
            clauses: Vec::new(),
            examples: Vec::new(),
            span: self.span(&pair),
        };
        let mut has_result = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => add_doc(&mut endpoint.doc, part.as_str()),
                Rule::option => endpoint.options.push(self.option(part)),
                Rule::ident => endpoint.name = self.declared(&part),
                Rule::missing_name => {
                    let place = self.behind_previous(self.span(&part));
                    let diagnostic =
                        Diagnostic::new(code::MISSING_NAME, "an endpoint without its name")
                            .at(place, "a name was expected behind this");
                    self.report(diagnostic);
                }
                Rule::param_list => {
                    for part in part.into_inner() {
                        match part.as_rule() {
                            Rule::field => {
                                let field = self.field(part);
                                endpoint.params.fields.push(field);
                            }
                            Rule::bad_entry => self.bad(&part, Rule::field),
                            _ => self.common(part),
                        }
                    }
                }
                // What has no name either has been reported.
                Rule::missing_params if endpoint.name.text.is_empty() => {}
                Rule::missing_params => {
                    let name = endpoint.name;
                    let diagnostic = Diagnostic::new(
                        code::MISSING_PARAMETERS,
                        format!("endpoint `{}` has no parameter list", name.text),
                    )
                    .at(name.span, "expected `(` behind this")
                    .help(format!("write `{}()` if it takes no arguments", name.text))
                    .fix(name.span.after(), "()");
                    self.report(diagnostic);
                }
                // Said already.
                Rule::missing_yields if has_result => {}
                Rule::missing_yields => {
                    let name = endpoint.name;
                    let diagnostic = Diagnostic::new(
                        code::MISSING_YIELDS,
                        format!("gen `{}` does not say what it yields", name.text),
                    )
                    .at(
                        name.span,
                        "expected `yields` and a type behind its parameters",
                    )
                    .help("write `gen name(...) yields Quote;`");
                    self.report(diagnostic);
                }
                Rule::misplaced_returns => {
                    has_result = true;
                    let diagnostic = Diagnostic::new(code::CLAUSE_OF_CONTEXT, "a `gen` has no result")
                        .at(self.span(&part), "remove this")
                        .help("write `yields T` for its stream; a `context` has both a stream and a result");
                    self.report(diagnostic);
                }
                Rule::misplaced_yields => {
                    let diagnostic = Diagnostic::new(code::CLAUSE_OF_CONTEXT, "a `fn` has no stream")
                        .at(self.span(&part), "remove this")
                        .help("write `gen` for a stream to the caller, `context` for a stream and a result");
                    self.report(diagnostic);
                }
                Rule::returns => endpoint
                    .clauses
                    .extend(self.clause(part, ClauseKind::Returns)),
                Rule::yields => endpoint
                    .clauses
                    .extend(self.clause(part, ClauseKind::Yields)),
                Rule::raises => endpoint
                    .clauses
                    .extend(self.clause(part, ClauseKind::Raises)),
                Rule::clause => {
                    let kind = match part.as_str().trim_start().get(..3) {
                        Some("sta") => ClauseKind::Started,
                        Some("acc") => ClauseKind::Accepts,
                        Some("yie") => ClauseKind::Yields,
                        Some("ret") => ClauseKind::Returns,
                        _ => ClauseKind::Raises,
                    };
                    endpoint.clauses.extend(self.clause(part, kind));
                }
                Rule::bad_clause => self.bad_clause(&part),
                Rule::example => endpoint.examples.push(self.example(part)),
                _ => self.common(part),
            }
        }
        (!endpoint.name.text.is_empty()).then_some(endpoint)
    }

    pub(super) fn clause(&mut self, pair: P<'s>, kind: ClauseKind) -> Option<Clause<'s>> {
        let whole = self.span(&pair);
        let mut word = Span {
            end: whole.start + 2,
            ..whole
        };
        let mut ty = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_use | Rule::missing_type => ty = Some(self.ty(part)),
                Rule::clause_word | Rule::kw_yields | Rule::kw_raises => word = self.span(&part),
                _ => self.common(part),
            }
        }
        ty.map(|ty| Clause { kind, word, ty })
    }

    pub(super) fn bad_endpoint(&mut self, pair: &P<'s>) {
        if self.diagnostics.is_full() {
            return self.diagnostics.count_error();
        }
        let start = Span {
            end: self.span(pair).start,
            ..self.span(pair)
        };
        let mut keyword = None;
        // Docs and options may stand before the keyword.
        let text = self
            .text
            .get(start.start as usize..self.chunk_end)
            .unwrap_or_default();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            let blank = rest.len() - rest.trim_start().len();
            let rest = rest.trim_start();
            at += blank;
            if rest.starts_with("//") {
                at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with('@') {
                break;
            } else {
                let here = Span::new(self.file.source, 0, start.start as usize + at);
                keyword = self
                    .word_behind(here)
                    .filter(|word| word.span.start == here.end);
                break;
            }
        }
        match keyword {
            Some(word) if !matches!(word.text, "fn" | "gen" | "context" | "example") => {
                let mut diagnostic = Diagnostic::new(
                    code::UNKNOWN_KEYWORD,
                    format!("no kind of endpoint is called `{}`", word.text),
                )
                .at(word.span, "`fn`, `gen` or `context` was expected here");
                let behind = self.text.get(word.span.end as usize..);
                let behind = behind.unwrap_or_default().trim_start();
                let hint = match word.text {
                    "rpc" | "func" | "function" | "def" | "method" => Some("fn"),
                    "generator" | "iter" | "stream" | "subscription" => Some("gen"),
                    "query" | "mutation" | "procedure" | "operation" => Some("fn"),
                    "dialog" | "session" | "bidi" => Some("context"),
                    _ => suggest::nearest(word.text, ["fn", "gen", "context"]),
                };
                if let Some(hint) = hint {
                    diagnostic = diagnostic
                        .help(suggest::did_you_mean(hint))
                        .fix(word.span, hint);
                } else if behind.starts_with([':', '?']) {
                    let (first, count) = self.fields.take().unwrap_or_else(|| {
                        let message = format!("`{}` is no endpoint", word.text);
                        let first = Diagnostic::new(code::UNKNOWN_KEYWORD, message)
                            .at(word.span, "`fn`, `gen` or `context` was expected here")
                            .help("what has fields is a `struct` or a `message`");
                        (first, 0)
                    });
                    self.fields = Some((first, count + 1));
                    return;
                } else if behind.starts_with('(') {
                    let name = word.text;
                    let message = format!("endpoint `{name}` does not say what kind it is");
                    diagnostic = Diagnostic::new(code::UNKNOWN_KEYWORD, message)
                        .at(
                            word.span,
                            "`fn`, `gen` or `context` was expected before this",
                        )
                        .help(format!("write `fn {name}(...)` for a call"))
                        .fix(word.span.before(), "fn ");
                }
                self.report(diagnostic);
            }
            Some(word) if word.text == "fn" => self.bad(pair, Rule::function),
            Some(word) if word.text == "gen" => self.bad(pair, Rule::generator),
            Some(word) if word.text == "context" => self.bad(pair, Rule::context),
            _ if self.slice(self.span(pair)) == ";" => {
                let span = self.span(pair);
                let diagnostic = Diagnostic::new(code::STRAY_SEMICOLON, "a `;` that ends nothing")
                    .at(span, "nothing to end here")
                    .help("remove it: a body in braces needs no `;` behind it")
                    .fix(span, "");
                self.report(diagnostic);
            }
            _ => self.bad(pair, Rule::want_endpoint_here),
        }
    }

    pub(super) fn bad_clause(&mut self, pair: &P<'s>) {
        if self.diagnostics.is_full() {
            return self.diagnostics.count_error();
        }
        const WORDS: [&str; 6] = [
            "started", "accepts", "yields", "returns", "raises", "example",
        ];
        let start = self.span(pair).before();
        let here = Span { start: 0, ..start };
        match self
            .word_behind(here)
            .filter(|word| word.span.start == here.end)
        {
            Some(word) if !WORDS.contains(&word.text) => {
                let mut diagnostic = Diagnostic::new(
                    code::UNKNOWN_KEYWORD,
                    format!("no clause is called `{}`", word.text),
                )
                .at(word.span, "a clause was expected here")
                .note("the clauses are started, accepts, yields, returns and raises");
                let hint = match word.text {
                    "start" | "first" => Some("started"),
                    "receives" | "receive" | "takes" | "input" => Some("accepts"),
                    "sends" | "send" | "emits" | "streams" | "output" => Some("yields"),
                    "result" => Some("returns"),
                    "throws" | "throw" | "errors" | "error" => Some("raises"),
                    _ => suggest::nearest(word.text, WORDS),
                };
                if let Some(hint) = hint {
                    diagnostic = diagnostic
                        .help(suggest::did_you_mean(hint))
                        .fix(word.span, hint);
                }
                self.report(diagnostic);
            }
            Some(word) if word.text == "example" => self.bad(pair, Rule::example),
            _ => self.bad(pair, Rule::clause),
        }
    }

    pub(super) fn example(&mut self, pair: P<'s>) -> Example<'s> {
        let span = self.span(&pair);
        let mut title = Value {
            kind: ValueKind::Broken,
            span,
        };
        let (mut doc, mut options, mut steps) = (String::new(), Vec::new(), Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => add_doc(&mut doc, part.as_str()),
                Rule::option => options.push(self.option(part)),
                Rule::string => title = self.value(part),
                Rule::example_step => {
                    let mut inner = part.into_inner();
                    if let (Some(word), Some(value)) = (inner.next(), inner.next()) {
                        steps.push((self.name(&word), self.value(value)));
                    }
                }
                _ => self.common(part),
            }
        }
        Example {
            doc,
            options,
            title,
            steps,
            span,
        }
    }
}
