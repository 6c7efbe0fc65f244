//! What people write who come from protobuf, Rust, TypeScript, Python: one mistake with one message, and the right
//! form where it is certain.

use super::{P, Parser, Rule};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::scalars::{scalar, usual_type};
use crate::source::Span;
use crate::syntax::{Type, TypeKind};

impl<'s> Parser<'_, 's> {
    /// Reports what a foreign_* or wrong_* rule took; false for another rule.
    pub(super) fn foreign(&mut self, pair: &P<'s>) -> bool {
        let span = self.span(pair);
        let text = pair.as_str().trim_end();
        let diagnostic = match pair.as_rule() {
            Rule::foreign_field => return self.foreign_field(pair),
            Rule::foreign_word | Rule::foreign_start => {
                let (word, _) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
                let length = u32::try_from(word.len()).unwrap_or(0);
                let end = span.start + length;
                let here = Span { end, ..span };
                new(format!("`{word}` says nothing here"), here, "remove this").fix(here, "")
            }
            Rule::oneof => new(
                "a record has no variants inside".to_owned(),
                Span {
                    end: span.start + 5,
                    ..span
                },
                "a field was expected here",
            )
            .help("declare `union Body = Opened | Closed;` and a field of that type"),
            Rule::lone_field => return self.lone_field(pair),
            Rule::foreign_reserved if text.contains('"') => new(
                "what is reserved is a name".to_owned(),
                span,
                "not a string or a number",
            )
            .help("write `reserved old_name, older_name;`"),
            Rule::foreign_reserved => new(
                "what is reserved is a name".to_owned(),
                span,
                "not a number: fields have none",
            )
            .help("write `reserved old_name;`, or remove this")
            .fix(span, ""),
            Rule::receiver => new(
                "an endpoint has no receiver".to_owned(),
                span,
                "remove this: whoever serves the interface is known",
            )
            .fix(span, ""),
            Rule::payload => new(
                "a member of an enum holds nothing".to_owned(),
                span,
                "remove this",
            )
            .help(
                "for variants with fields, declare messages and `union Shape = Circle | Square;`",
            ),
            Rule::untyped => {
                let place = self.behind_previous(span);
                Diagnostic::new(code::MISSING_TYPE, "a constant without its type")
                    .at(place, "`:` and a type were expected behind this")
                    .help("write `const MAX_LEGS: u32 = 16;`")
            }
            Rule::wrong_colon => self.wrong(text, span, ":"),
            Rule::wrong_equals | Rule::wrong_default | Rule::wrong_value => {
                self.wrong(text, span, "=")
            }
            Rule::wrong_pair => self.wrong(text, span, ":"),
            Rule::no_equals => new(
                "a body stands behind its name".to_owned(),
                span,
                "remove this",
            )
            .fix(span, ""),
            Rule::quoted_member => {
                let name = text.trim_matches('"');
                let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name
                        .bytes()
                        .all(|it| it.is_ascii_alphanumeric() || it == b'_');
                let label = "not a string";
                let diagnostic = new("the member of an enum is a name".to_owned(), span, label);
                if is_name && !text.contains('\n') {
                    diagnostic.fix(span, name)
                } else {
                    diagnostic.help("write `member = \"its text on the wire\"`")
                }
            }
            Rule::wrong_extends => self.wrong(text, span, "extends"),
            Rule::wrong_arrow => self.wrong(text, span, "->"),
            Rule::wrong_yields => self.wrong(text, span, "yields"),
            Rule::wrong_raises => self.wrong(text, span, "raises"),
            Rule::clause_colon => {
                let message = format!("a clause has no `{text}`");
                new(message, span, "remove this").fix(span, "")
            }
            _ => return false,
        };
        self.report(diagnostic);
        true
    }

    /// A word where a name, `:` and a type belong: `fn f(u8)`, `struct S { a }`.
    fn lone_field(&mut self, pair: &P<'s>) -> bool {
        let name = pair
            .clone()
            .into_inner()
            .find(|part| part.as_rule() == Rule::ident);
        let Some(name) = name else { return false };
        let (text, span) = (name.as_str(), self.span(&name));
        let is_type = scalar(text).is_some()
            || usual_type(text).is_some()
            || text.starts_with(|c: char| c.is_ascii_uppercase());
        self.report(if is_type {
            let ty = usual_type(text).unwrap_or(text);
            Diagnostic::new(code::MISSING_NAME, "a type without a name")
                .at(span, "a name and `:` were expected before this")
                .help(format!("write `name: {ty}`"))
        } else {
            Diagnostic::new(code::MISSING_TYPE, format!("`{text}` has no type"))
                .at(span, "`:` and a type were expected behind this")
                .help(format!("write `{text}: str`, for example"))
        });
        true
    }

    /// `int count;` of C and its kin: the type stands before the name.
    pub(super) fn type_before_name(&mut self, first: Span, second: &P<'s>) -> bool {
        let whole = first.to(self.span(second));
        let (word, name) = (self.slice(first), second.as_str().trim_end());
        let name = name.split('[').next().unwrap_or(name).trim_end();
        let is_name = |text: &str| {
            let mut bytes = text.bytes();
            bytes.all(|it| it.is_ascii_alphanumeric() || it == b'_')
        };
        let is_type = |text: &str| scalar(text).is_some() || usual_type(text).is_some();
        if !is_type(word) || is_type(name) || !is_name(name) {
            return false;
        }
        let ty = usual_type(word).unwrap_or(word);
        let ty = if self.slice(whole).ends_with(']') {
            format!("list<{ty}>")
        } else {
            ty.to_owned()
        };
        self.report(
            new(
                "a field of another language".to_owned(),
                whole,
                "the name stands before the type",
            )
            .help(format!("write `{name}: {ty}`"))
            .fix(whole, format!("{name}: {ty}")),
        );
        true
    }

    fn wrong(&self, came: &str, span: Span, right: &str) -> Diagnostic {
        let came = came.trim();
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let is_joined = right != ":" && !before.ends_with(char::is_whitespace);
        let blank = if is_joined { " " } else { "" };
        new(format!("a `{came}` where `{right}` belongs"), span, "")
            .help(format!("write `{right}`"))
            .fix(span, format!("{blank}{right}"))
    }

    /// `repeated Level bids = 3;` of protobuf, `1: required string symbol` of Thrift, `px @1 :Float64;` of Cap'n Proto.
    fn foreign_field(&mut self, pair: &P<'s>) -> bool {
        let mut label = "";
        let mut ty = "";
        let mut name = "";
        let mut is_numbered = false;
        let mut at_name = self.span(pair);
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::proto_label => label = part.as_str(),
                Rule::foreign_name => ty = part.as_str().trim_end(),
                Rule::ident => {
                    name = part.as_str();
                    at_name = self.span(&part);
                }
                Rule::number => is_numbered = true,
                _ => {}
            }
        }
        let text = pair.as_str();
        let ends = text.trim_end().ends_with([';', ',']);
        let whole = self.span(pair);
        let whole = Span {
            end: whole.end - u32::from(ends),
            ..whole
        };
        // `count u32 = 5`: only the colon is missing.
        if scalar(name).is_some() && label.is_empty() {
            let place = self.behind_previous(at_name);
            let message = format!("no `:` between `{ty}` and its type");
            let diagnostic = Diagnostic::new(code::MISSING_COLON, message)
                .at(place, "expected `:` behind this")
                .fix(place.after(), ":");
            self.report(diagnostic);
            return true;
        }
        let ty = usual_type(ty).map_or_else(|| spelled(ty), str::to_owned);
        let right = match label {
            "optional" => format!("{name}: {ty}?"),
            "repeated" => format!("{name}: list<{ty}>"),
            _ => format!("{name}: {ty}"),
        };
        let message = "a field of another language".to_owned();
        if right.len() > limits::SUGGESTION_BYTES_MAX {
            self.report(new(message, whole, "a field is its name, `:` and its type"));
            return true;
        }
        let mut diagnostic = new(message, whole, "a field is its name, `:` and its type")
            .help(format!("write `{right},`"));
        if is_numbered {
            diagnostic = diagnostic.note("fields have no numbers: they are known by their names");
        }
        let has_more = text.contains(['@', '/', '[']);
        if !has_more || pair.as_str().contains(" @") && !text.contains('/') {
            let comma = Span {
                end: whole.end + u32::from(ends),
                ..whole
            };
            diagnostic = diagnostic.fix(comma, format!("{right},"));
        }
        self.report(diagnostic);
        true
    }

    /// A prefix such as `&`, `?`, `repeated` before a type.
    pub(super) fn foreign_prefix(&mut self, pair: &P<'s>, rest: &str) {
        let span = self.span(pair);
        let text = pair.as_str().trim_end();
        let rest = rest.trim();
        if rest.len() > limits::SUGGESTION_BYTES_MAX {
            let message = format!("`{text}` does not belong before a type");
            return self.report(new(message, span, "remove this"));
        }
        let diagnostic = match text {
            "?" | "optional" | "nullable" => new(
                "an optional type is marked behind it".to_owned(),
                span,
                "not here",
            )
            .help(format!("write `{rest}?`"))
            .fix(span, "")
            .fix(self.end_of(pair, rest), "?"),
            "repeated" => new("a list is a type".to_owned(), span, "not a word before one")
                .help(format!("write `list<{rest}>`"))
                .fix(span, "list<")
                .fix(self.end_of(pair, rest), ">"),
            "stream" => new(
                "a stream is no type".to_owned(),
                span,
                "an endpoint says that it streams",
            )
            .help("write `gen name(...) yields T;`, or a `context` with `yields` and `accepts`"),
            _ => new(format!("`{text}` says nothing here"), span, "remove this").fix(span, ""),
        };
        self.report(diagnostic);
    }

    /// The empty place behind the type that a prefix stands before.
    fn end_of(&self, prefix: &P<'s>, rest: &str) -> Span {
        let start = self.base + prefix.as_span().start();
        let text = self.text.get(start..).unwrap_or_default();
        let at = text.find(rest).map_or(0, |at| at + rest.len());
        Span::new(self.file.source, start + at, start + at)
    }

    /// `Leg[]`, `List[int]`, `str!`, `f64 [deprecated = true]`: what stands behind a type.
    pub(super) fn foreign_suffix(&mut self, pair: &P<'s>, ty: &str, at: Span) {
        let span = self.span(pair);
        let text = pair.as_str().trim_end();
        let inner = text
            .trim_start_matches(['[', '('])
            .trim_end_matches([']', ')'])
            .trim();
        let ty = ty.trim();
        let whole = at.to(span);
        let diagnostic = if inner.len() > limits::SUGGESTION_BYTES_MAX {
            new(
                "type arguments stand in `<` and `>`".to_owned(),
                span,
                "not in brackets",
            )
        } else if text == "!" {
            new(
                "a type is required unless it is optional".to_owned(),
                span,
                "remove this",
            )
            .help("an optional one is written `T?`")
            .fix(span, "")
        } else if text.starts_with('(') && inner.bytes().all(|it| it.is_ascii_digit()) {
            let ty = usual_type(ty).unwrap_or(ty);
            new("a type has no size".to_owned(), span, "remove this")
                .help(format!("limits are options: `{ty} @len(..={inner})`"))
        } else if inner.contains('=') {
            new(
                "options begin with `@`".to_owned(),
                span,
                "this is no option",
            )
            .help("write `@deprecated(\"why\")`, for example")
        } else {
            let right = match ty {
                _ if inner.is_empty() => Some(format!("list<{ty}>")),
                _ if inner.bytes().all(|it| it.is_ascii_digit()) => Some(format!("list<{ty}>")),
                "Optional" | "Option" | "Maybe" => Some(format!("{inner}?")),
                "tuple" | "Tuple" => Some(format!("({inner})")),
                "Union" => Some(inner.replace(',', " |")),
                "Dict" | "dict" | "Map" | "Mapping" => Some(format!("map<{inner}>")),
                "list" | "List" | "Sequence" | "Array" | "set" | "Set" => {
                    Some(format!("list<{inner}>"))
                }
                _ => None,
            };
            let diagnostic = new(
                "type arguments stand in `<` and `>`".to_owned(),
                span,
                if text.starts_with('(') {
                    "not in parentheses"
                } else {
                    "not in brackets"
                },
            );
            match right {
                Some(right) => diagnostic
                    .help(format!("write `{right}`"))
                    .fix(whole, right),
                None => diagnostic.help(format!("write `{ty}<{inner}>`")),
            }
        };
        self.report(diagnostic);
    }

    /// `[u8]`, `[]u8`, `"buy"`, `{ a: str }` in the place of a type.
    pub(super) fn foreign_type(&mut self, pair: &P<'s>) -> Type<'s> {
        let span = self.span(pair);
        let text = pair.as_str().trim_end();
        let diagnostic = if text.len() > limits::SUGGESTION_BYTES_MAX {
            new(
                "this is no type".to_owned(),
                span,
                "a type was expected here",
            )
        } else if text.starts_with('"') {
            new(
                "a text is no type".to_owned(),
                span,
                "a type was expected here",
            )
            .help("for one of several texts, declare an enum: `enum Side { buy, sell }`")
        } else if text.starts_with('{') {
            new(
                "a record has a name".to_owned(),
                span,
                "a type was expected here",
            )
            .help("declare a struct, and write its name here")
        } else {
            let (inner, behind) = text
                .trim_end_matches('!')
                .trim_start_matches('[')
                .split_once(']')
                .unwrap_or(("", ""));
            let (inner, behind) = (inner.trim(), behind.trim());
            let diagnostic = new(
                "a list is written `list<T>`".to_owned(),
                span,
                "not in brackets",
            );
            let right = match (inner, behind) {
                (inner, "") if inner.contains(',') => format!("({inner})"),
                (inner, "") => format!("list<{inner}>"),
                (_, behind) => format!("list<{behind}>"),
            };
            diagnostic.help(format!("write `{right}`")).fix(span, right)
        };
        self.report(diagnostic);
        Type {
            kind: TypeKind::Broken,
            span,
        }
    }

    /// `'text'`.
    pub(super) fn single_quoted(&mut self, pair: &P<'s>) -> String {
        let span = self.span(pair);
        let inner = pair.as_str().trim_matches('\'');
        let mut diagnostic = new(
            "a string in single quotes".to_owned(),
            span,
            "strings stand in `\"`",
        );
        if inner.len() <= limits::SUGGESTION_BYTES_MAX {
            diagnostic = diagnostic.help(format!("write `\"{inner}\"`"));
        }
        if !inner.contains(['"', '\\', '\n']) {
            diagnostic = diagnostic.fix(span, format!("\"{inner}\""));
        }
        self.report(diagnostic);
        inner.to_owned()
    }
}

fn new(message: String, span: Span, label: &str) -> Diagnostic {
    Diagnostic::new(code::FOREIGN, message).at(span, label)
}

/// `map<string, int32>` in our words, where each of its names is known.
fn spelled(ty: &str) -> String {
    let ty = &ty.replace('(', "<").replace(')', ">");
    let mut out = String::with_capacity(ty.len());
    let mut word = String::new();
    for c in ty.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            word.push(c);
            continue;
        }
        out.push_str(usual_type(&word).unwrap_or(&word));
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}
