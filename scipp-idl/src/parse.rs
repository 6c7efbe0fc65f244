//! From text to the syntax tree: the only file that knows pest.
//!
//! `scan.rs` has cut the text into one chunk per item; each is parsed by the grammar rule of its keyword. The error
//! rules of the grammar become exact diagnostics here; whatever they don't foresee becomes "expected ..., found ..." at
//! the place up to which pest came.
//!
//! It is one file because only one may name pest; it has a function for each rule of the grammar.

#[cfg(test)]
mod coverage;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits;
use crate::literal;
use crate::scan::{Chunk, ChunkState, ITEM_KEYWORDS, Scan};
use crate::schema::EndpointKind;
use crate::source::{SourceId, Span};
use crate::suggest;
use crate::syntax::*;
use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};

/// Words that no declaration may be called: literals, and those kept for later versions of the language.
pub(crate) const RESERVED_WORDS: &[&str] = &[
    "true", "false", "nil", "dialog", "order", "protocol", "where", "cap", "stream",
];

#[derive(pest_derive::Parser)]
#[grammar = "grammar.pest"]
struct Grammar;

/// Parses what [`scan`](crate::scan::scan) cut. Mistakes go to `diagnostics`; what is left of an item with a mistake
/// stays in the tree, so that its uses are not reported as well.
pub(crate) fn parse<'s>(
    source: SourceId,
    text: &'s str,
    scan: Scan,
    diagnostics: &mut Diagnostics,
) -> File<'s> {
    let file = File {
        source,
        package: None,
        imports: Vec::new(),
        items: Vec::new(),
        comments: scan.comments,
    };
    let mut parser = Parser {
        text,
        base: 0,
        chunk_end: 0,
        quiet: false,
        file,
        diagnostics,
    };
    for chunk in &scan.chunks {
        parser.chunk(chunk);
    }
    parser.require_package();
    parser.file
}

type P<'s> = Pair<'s, Rule>;

struct Parser<'a, 's> {
    text: &'s str,
    /// Where the current chunk begins; pest counts from there.
    base: usize,
    chunk_end: usize,
    /// The brackets of the chunk don't match: what is unexpected in it is a consequence.
    quiet: bool,
    file: File<'s>,
    diagnostics: &'a mut Diagnostics,
}

impl<'s> Parser<'_, 's> {
    fn chunk(&mut self, chunk: &Chunk) {
        self.base = chunk.span.start as usize;
        self.chunk_end = chunk.span.end as usize;
        self.quiet = chunk.state != ChunkState::Whole;
        let Some(keyword) = chunk.keyword else {
            return self.chunk_without_keyword(chunk.span);
        };
        let word = self.slice(keyword);
        let Some(rule) = rule_of(word) else {
            return self.unknown_item(word, keyword);
        };
        if chunk.state == ChunkState::TooDeep {
            return self.broken(chunk.span, keyword);
        }
        let text = self.slice(chunk.span);
        match Grammar::parse(rule, text) {
            Ok(mut pairs) => match pairs.next() {
                Some(pair) if pair.as_span().end() == text.len() => self.item(pair),
                Some(pair) => {
                    self.unexpected(self.base + pair.as_span().end(), &[]);
                    self.broken(chunk.span, keyword);
                }
                None => self.broken(chunk.span, keyword),
            },
            Err(error) => {
                self.syntax_error(&error, self.base);
                self.broken(chunk.span, keyword);
            }
        }
    }

    fn item(&mut self, pair: P<'s>) {
        let rule = pair.as_rule();
        match rule {
            Rule::package => self.package(pair),
            Rule::import => self.import(pair),
            _ => {
                if let Some(item) = self.declaration(pair) {
                    self.file.items.push(item);
                }
            }
        }
    }

    // -- places and reports

    fn slice(&self, span: Span) -> &'s str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    fn span(&self, pair: &P<'s>) -> Span {
        let span = pair.as_span();
        // A rule that ends with something optional takes the blanks before it.
        let length = pair.as_str().trim_end().len();
        let start = self.base + span.start();
        Span::new(self.file.source, start, start + length)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The place behind the last thing before `span`, for what is missing there.
    fn behind_previous(&self, span: Span) -> Span {
        let before = self
            .text
            .get(self.base..span.start as usize)
            .unwrap_or_default();
        let mut end = before.trim_end().len();
        // Comments between are not what something is missing behind.
        let comments = &self.file.comments;
        let earlier = comments.partition_point(|comment| comment.start < span.start);
        for comment in comments.iter().take(earlier).rev() {
            if comment.end as usize != self.base + end {
                break;
            }
            end = before
                .get(..(comment.start as usize).saturating_sub(self.base))
                .unwrap_or_default()
                .trim_end()
                .len();
        }
        let last = before
            .get(..end)
            .and_then(|text| text.chars().next_back())
            .map_or(0, char::len_utf8);
        Span::new(self.file.source, self.base + end - last, self.base + end)
    }

    /// Pest came no further than `location`, counted from `from`.
    fn syntax_error(&mut self, error: &pest::error::Error<Rule>, from: usize) {
        let at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        let positives = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
            ErrorVariant::CustomError { .. } => &[],
        };
        self.unexpected(from + at, positives);
    }

    fn unexpected(&mut self, at: usize, wanted: &[Rule]) {
        let rest = self.text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let start = at + blank;
        let length = token_length(self.text.get(start..).unwrap_or_default());
        let found = self.text.get(start..start + length).unwrap_or_default();
        let mut words: Vec<&str> = wanted
            .iter()
            .filter_map(|rule| wanted_word(*rule))
            .collect();
        words.sort_unstable();
        words.dedup();
        let came = match found {
            "" => "the end of the file".to_owned(),
            _ if found.starts_with("///") || found.starts_with("//!") => "a doc comment".to_owned(),
            _ => format!("`{found}`"),
        };
        let wanted = match words.split_last() {
            None => None,
            Some((last, [])) => Some(format!("expected {last}")),
            Some((last, others)) => Some(format!("expected {} or {last}", others.join(", "))),
        };
        let message = match &wanted {
            None => format!("{came} does not belong here"),
            Some(wanted) => format!("{wanted}, found {came}"),
        };
        let label = wanted.unwrap_or_else(|| "not expected here".to_owned());
        let span = if found.is_empty() {
            self.behind_previous(Span::new(
                self.file.source,
                self.text.len(),
                self.text.len(),
            ))
        } else {
            Span::new(self.file.source, start, start + length)
        };
        let mut diagnostic = Diagnostic::new(code::UNEXPECTED, message).at(span, label);
        if let Some(help) = usual_cause(found) {
            diagnostic = diagnostic.help(help);
        }
        if !self.quiet {
            self.report(diagnostic);
        }
    }

    /// Says what is wrong with an entry that no rule could take, by parsing it again on its own.
    fn bad(&mut self, pair: &P<'s>, rule: Rule) {
        if self.diagnostics.is_full() {
            return self.diagnostics.count_error();
        }
        let start = self.base + pair.as_span().start();
        let rest = self.text.get(start..self.chunk_end).unwrap_or_default();
        // Pest copies the line of an error: an excerpt bounds that.
        let end = rest.floor_char_boundary(limits::EXCERPT_BYTES_MAX);
        match Grammar::parse(rule, rest.get(..end).unwrap_or_default()) {
            Err(error) => self.syntax_error(&error, start),
            Ok(pairs) => self.unexpected(start + pairs.as_str().len(), &[]),
        }
    }

    // -- chunks that are no items

    fn chunk_without_keyword(&mut self, span: Span) {
        let text = self.slice(span);
        if text == ";" {
            let diagnostic = Diagnostic::new(code::STRAY_SEMICOLON, "a `;` that ends nothing")
                .at(span, "nothing to end here")
                .help("remove it: a body in braces needs no `;` behind it");
            return self.report(diagnostic);
        }
        if text.starts_with("//!") && self.file.package.is_none() {
            // The missing package declaration is reported.
            return;
        }
        // What is unfinished has been reported.
        if self.quiet {
            return;
        }
        if text.starts_with("//") {
            let diagnostic =
                Diagnostic::new(code::MISPLACED_DOC, "a doc comment that documents nothing")
                    .at(span, "no item follows")
                    .help("use `//` for a plain comment");
            return self.report(diagnostic);
        }
        if text.starts_with('@') {
            let diagnostic =
                Diagnostic::new(code::MISPLACED_OPTION, "an option that belongs to nothing")
                    .at(span, "no item follows")
                    .help("options stand before the item they belong to");
            return self.report(diagnostic);
        }
        self.unexpected(span.start as usize, &[]);
    }

    fn unknown_item(&mut self, word: &'s str, span: Span) {
        let message = match word {
            "fn" | "gen" | "context" => format!("a `{word}` outside of an interface"),
            "started" | "accepts" | "yields" | "returns" | "raises" => {
                format!("a `{word}` outside of a context")
            }
            _ => format!("no kind of item is called `{word}`"),
        };
        let diagnostic = Diagnostic::new(code::UNKNOWN_KEYWORD, message)
            .at(span, "an item or import was expected here");
        let help = match word {
            "fn" | "gen" | "context" => "endpoints stand inside of an `interface`".to_owned(),
            "import" | "include" => "write `use market.common.{Symbol};`".to_owned(),
            "service" => "did you mean `interface`?".to_owned(),
            "record" | "class" | "type" => "did you mean `struct`, `message` or `alias`?".to_owned(),
            "started" | "accepts" | "yields" | "returns" | "raises" => {
                "clauses stand inside of a `context`".to_owned()
            }
            _ => match suggest::nearest(word, ITEM_KEYWORDS.iter().copied()) {
                Some(keyword) => suggest::did_you_mean(keyword),
                None => "the kinds of item are struct, message, error, enum, union, alias, newtype, const, \
                         ext and interface"
                    .to_owned(),
            },
        };
        self.report(diagnostic.help(help));
        // What was meant may be used elsewhere.
        if let Some(name) = self.word_behind(span) {
            self.push_broken(name, span);
        }
    }

    /// An item that could not be parsed, by its name alone.
    fn broken(&mut self, span: Span, keyword: Span) {
        let word = self.slice(keyword);
        if matches!(word, "package" | "use") {
            if word == "package" && self.file.package.is_none() {
                let path = Path {
                    text: "",
                    span: keyword,
                };
                let (doc, options) = (String::new(), Vec::new());
                self.file.package = Some(Package {
                    doc,
                    options,
                    name: path,
                    span,
                });
            }
            return;
        }
        let mut name = self.word_behind(keyword);
        if word == "open" {
            name = name.and_then(|second| self.word_behind(second.span));
        }
        if let Some(name) = name {
            self.push_broken(name, span);
        }
    }

    fn push_broken(&mut self, name: Name<'s>, span: Span) {
        let (doc, options, params) = (String::new(), Vec::new(), Vec::new());
        self.file.items.push(Item {
            doc,
            options,
            name,
            params,
            kind: ItemKind::Broken,
            span,
        });
    }

    fn word_behind(&self, span: Span) -> Option<Name<'s>> {
        let rest = self.text.get(span.end as usize..self.chunk_end)?;
        let word = rest.trim_start();
        let start = span.end as usize + rest.len() - word.len();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let text = word.get(..length).filter(|text| !text.is_empty())?;
        Some(Name {
            text,
            span: Span::new(self.file.source, start, start + length),
        })
    }

    // -- package and imports

    fn require_package(&mut self) {
        if self.file.package.is_some() {
            return;
        }
        let first = self.text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
        let span = Span::new(self.file.source, first, first);
        self.report(
            Diagnostic::new(code::MISPLACED_PACKAGE, "a file without its package declaration")
                .at(span, "the file begins here")
                .help("begin it with `package market.feed;` where the file is `market/feed.scipp` below a source root"),
        );
    }

    fn package(&mut self, pair: P<'s>) {
        let span = self.span(&pair);
        let mut doc = String::new();
        let mut options = Vec::new();
        let mut name = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::inner_doc => add_doc(&mut doc, part.as_str()),
                Rule::outer_doc => {
                    let diagnostic =
                        Diagnostic::new(code::MISPLACED_DOC, "a package is documented by `//!`")
                            .at(
                                self.span(&part),
                                "this documents the next item, but a package follows",
                            )
                            .help("write `//!` instead of `///`");
                    self.report(diagnostic);
                }
                Rule::option => options.push(self.option(part)),
                Rule::path => name = Some(self.path(&part)),
                _ => self.common(part),
            }
        }
        let Some(name) = name else { return };
        for segment in name.segments() {
            self.check_name(segment);
        }
        if let Some(first) = &self.file.package {
            let diagnostic = Diagnostic::new(code::MISPLACED_PACKAGE, "a file has one package")
                .at(name.span, "the second declaration")
                .with(first.name.span, "the first one");
            return self.report(diagnostic);
        }
        if !self.file.items.is_empty() || !self.file.imports.is_empty() {
            let diagnostic = Diagnostic::new(
                code::MISPLACED_PACKAGE,
                "the package declaration comes too late",
            )
            .at(name.span, "it stands before all imports and items");
            self.report(diagnostic);
        }
        self.file.package = Some(Package {
            doc,
            options,
            name,
            span,
        });
    }

    fn import(&mut self, pair: P<'s>) {
        let span = self.span(&pair);
        let mut package = None;
        let mut kind = ImportKind::Package(None);
        let mut options = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => {
                    let diagnostic =
                        Diagnostic::new(code::MISPLACED_DOC, "an import has no documentation")
                            .at(self.span(&part), "no item follows")
                            .help("use `//` for a plain comment");
                    self.report(diagnostic);
                }
                Rule::option => options.push(self.option(part)),
                Rule::path => package = Some(self.path(&part)),
                Rule::import_as => kind = ImportKind::Package(self.import_as(part)),
                Rule::import_names => {
                    let mut names = Vec::new();
                    for part in part.into_inner() {
                        let mut inner = part.into_inner();
                        let Some(name) = inner.next().map(|name| self.name(&name)) else {
                            continue;
                        };
                        let other = inner.next().and_then(|other| self.import_as(other));
                        names.push((name, other));
                    }
                    kind = ImportKind::Items(names);
                }
                _ => self.common(part),
            }
        }
        if let Some(package) = package {
            self.file.imports.push(Import {
                package,
                kind,
                options,
                span,
            });
        }
    }

    fn import_as(&mut self, pair: P<'s>) -> Option<Name<'s>> {
        pair.into_inner()
            .find(|part| part.as_rule() == Rule::ident)
            .map(|name| self.declared(&name))
    }

    // -- items

    fn declaration(&mut self, pair: P<'s>) -> Option<Item<'s>> {
        let rule = pair.as_rule();
        let span = self.span(&pair);
        let mut item = Item {
            doc: String::new(),
            options: Vec::new(),
            name: Name { text: "", span },
            params: Vec::new(),
            kind: ItemKind::Broken,
            span,
        };
        let mut open = false;
        let mut ty = None;
        let mut value = None;
        let mut body = Body::default();
        let mut members = Vec::new();
        let mut extends = Vec::new();
        let mut endpoints = Vec::new();
        let mut ends_with_type = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => add_doc(&mut item.doc, part.as_str()),
                Rule::option => item.options.push(self.option(part)),
                Rule::late_option => {
                    let diagnostic =
                        Diagnostic::new(code::MISPLACED_OPTION, "an option at the wrong place")
                            .at(self.span(&part), "behind the name")
                            .help("the options of an item stand before its keyword");
                    self.report(diagnostic);
                    item.options
                        .extend(part.into_inner().map(|option| self.option(option)));
                }
                Rule::ident => {
                    item.name = self.declared(&part);
                }
                Rule::missing_name => {
                    let place = self.behind_previous(self.span(&part));
                    let diagnostic =
                        Diagnostic::new(code::MISSING_NAME, "a declaration without its name")
                            .at(place, "a name was expected behind this");
                    self.report(diagnostic);
                }
                Rule::type_params => {
                    item.params = part.into_inner().map(|name| self.declared(&name)).collect();
                }
                Rule::kw_open => open = true,
                Rule::enum_type => {
                    ty = part.into_inner().next().map(|ty| self.ty(ty));
                }
                Rule::type_use | Rule::missing_type => {
                    ty = Some(self.ty(part));
                    ends_with_type = true;
                }
                Rule::member => members.push(self.member(part)),
                Rule::field => body.fields.push(self.field(part)),
                Rule::reserved => self.reserved(part, &mut body.reserved),
                Rule::bad_entry if rule == Rule::enum_item => self.bad(&part, Rule::member),
                Rule::bad_entry => self.bad(&part, Rule::field),
                Rule::extends => {
                    let paths = part
                        .into_inner()
                        .filter(|part| part.as_rule() == Rule::path);
                    extends = paths.map(|path| self.path(&path)).collect();
                }
                Rule::function | Rule::generator | Rule::context => {
                    endpoints.extend(self.endpoint(part));
                }
                Rule::bad_endpoint => self.bad_endpoint(&part),
                part_rule if is_value(part_rule) || part_rule == Rule::missing_value => {
                    value = Some(self.value(part));
                }
                _ => self.common(part),
            }
        }
        let broken = || Type {
            kind: TypeKind::Broken,
            span,
        };
        item.kind = match rule {
            Rule::struct_item => ItemKind::Struct(body),
            Rule::message_item => ItemKind::Message(body),
            Rule::error_item => ItemKind::Error(body),
            Rule::enum_item => ItemKind::Enum(Enum {
                open,
                repr: ty,
                members,
                reserved: body.reserved,
            }),
            Rule::union_item => ItemKind::Union {
                open,
                ty: ty.unwrap_or_else(broken),
            },
            Rule::alias_item => ItemKind::Alias(ty.unwrap_or_else(broken)),
            Rule::newtype_item => ItemKind::Newtype(ty.unwrap_or_else(broken)),
            Rule::const_item => ItemKind::Const(ty.unwrap_or_else(broken), value),
            Rule::ext_item => {
                let code = value.unwrap_or(Value {
                    kind: ValueKind::Broken,
                    span,
                });
                let body = match ty {
                    Some(ty) if ends_with_type => ExtBody::Type(ty),
                    _ => ExtBody::Record(body),
                };
                ItemKind::Ext(code, body)
            }
            Rule::interface_item => ItemKind::Interface(Interface { extends, endpoints }),
            _ => ItemKind::Broken,
        };
        (!item.name.text.is_empty()).then_some(item)
    }

    fn member(&mut self, pair: P<'s>) -> Member<'s> {
        let span = self.span(&pair);
        let mut member = Member {
            doc: String::new(),
            name: Name { text: "", span },
            value: None,
            options: Vec::new(),
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => add_doc(&mut member.doc, part.as_str()),
                Rule::ident => {
                    member.name = self.name(&part);
                    let text = member.name.text;
                    if RESERVED_WORDS.contains(&text) {
                        let help = format!("to keep it on the wire, write `{text}_ = \"{text}\"`");
                        self.reserved_word(member.name, help);
                    }
                }
                Rule::option => member.options.push(self.option(part)),
                _ if is_value(part.as_rule()) || part.as_rule() == Rule::missing_value => {
                    member.value = Some(self.value(part));
                }
                _ => self.common(part),
            }
        }
        member
    }

    fn field(&mut self, pair: P<'s>) -> Field<'s> {
        let span = self.span(&pair);
        let mut field = Field {
            doc: String::new(),
            name: Name { text: "", span },
            omittable: None,
            ty: Type {
                kind: TypeKind::Broken,
                span,
            },
            default: None,
            options: Vec::new(),
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => add_doc(&mut field.doc, part.as_str()),
                Rule::ident => {
                    field.name = self.name(&part);
                    let text = field.name.text;
                    if RESERVED_WORDS.contains(&text) {
                        let help = format!(
                            "to keep it on the wire, write `{text}_: ... @wire(\"{text}\")`"
                        );
                        self.reserved_word(field.name, help);
                    }
                }
                Rule::omittable => field.omittable = Some(self.span(&part)),
                Rule::missing_colon => {
                    let name = field.name;
                    let diagnostic = Diagnostic::new(
                        code::MISSING_COLON,
                        format!("no `:` between `{}` and its type", name.text),
                    )
                    .at(name.span, "expected `:` behind this")
                    .help(format!("write `{}: ...`", name.text));
                    self.report(diagnostic);
                }
                Rule::type_use | Rule::missing_type => field.ty = self.ty(part),
                Rule::option => field.options.push(self.option(part)),
                _ if is_value(part.as_rule()) || part.as_rule() == Rule::missing_value => {
                    field.default = Some(self.value(part));
                }
                _ => self.common(part),
            }
        }
        field
    }

    fn reserved(&mut self, pair: P<'s>, names: &mut Vec<Name<'s>>) {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::ident => names.push(self.name(&part)),
                _ => self.common(part),
            }
        }
    }

    // -- endpoints

    fn endpoint(&mut self, pair: P<'s>) -> Option<Endpoint<'s>> {
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
                    .help(format!("write `{}()` if it takes no arguments", name.text));
                    self.report(diagnostic);
                }
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

    fn clause(&mut self, pair: P<'s>, kind: ClauseKind) -> Option<Clause<'s>> {
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

    fn bad_endpoint(&mut self, pair: &P<'s>) {
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
                let hint = match word.text {
                    "rpc" | "func" | "function" | "def" | "method" => Some("fn"),
                    "generator" | "iter" => Some("gen"),
                    _ => suggest::nearest(word.text, ["fn", "gen", "context"]),
                };
                if let Some(hint) = hint {
                    diagnostic = diagnostic.help(suggest::did_you_mean(hint));
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
                    .help("remove it: a body in braces needs no `;` behind it");
                self.report(diagnostic);
            }
            _ => self.bad(pair, Rule::want_endpoint_here),
        }
    }

    fn bad_clause(&mut self, pair: &P<'s>) {
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
                if let Some(hint) = suggest::nearest(word.text, WORDS) {
                    diagnostic = diagnostic.help(suggest::did_you_mean(hint));
                }
                self.report(diagnostic);
            }
            Some(word) if word.text == "example" => self.bad(pair, Rule::example),
            _ => self.bad(pair, Rule::clause),
        }
    }

    fn example(&mut self, pair: P<'s>) -> Example<'s> {
        let span = self.span(&pair);
        let mut title = Value {
            kind: ValueKind::Broken,
            span,
        };
        let mut steps = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
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
        Example { title, steps, span }
    }

    // -- types

    fn ty(&mut self, pair: P<'s>) -> Type<'s> {
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

    fn optional(&mut self, pair: P<'s>) -> Type<'s> {
        let start = self.span(&pair);
        let mut questions = 0;
        let mut ty = Type {
            kind: TypeKind::Broken,
            span: start,
        };
        for part in pair.into_inner() {
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

    fn tuple(&mut self, pair: P<'s>) -> Type<'s> {
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

    fn named(&mut self, pair: P<'s>) -> Type<'s> {
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

    // -- values and options

    fn value(&mut self, pair: P<'s>) -> Value<'s> {
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
                            let mut inner = part.into_inner();
                            if let (Some(key), Some(value)) = (inner.next(), inner.next()) {
                                entries.push((self.value(key), self.value(value)));
                            }
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

    fn bad_escape(&mut self, span: Span, (range, why): literal::EscapeError) -> ValueKind<'s> {
        let start = span.start as usize;
        let place = Span::new(self.file.source, start + range.start, start + range.end);
        self.report(Diagnostic::new(code::BAD_ESCAPE, "a bad escape in a string").at(place, why));
        ValueKind::Broken
    }

    fn option(&mut self, pair: P<'s>) -> Opt<'s> {
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

    fn argument(&mut self, pair: P<'s>) -> Argument<'s> {
        let span = self.span(&pair);
        let mut name = None;
        let mut value = None;
        let mut range = None;
        for part in pair.into_inner() {
            match part.as_rule() {
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

    // -- words

    fn path(&mut self, pair: &P<'s>) -> Path<'s> {
        Path {
            text: pair.as_str(),
            span: self.span(pair),
        }
    }

    fn name(&mut self, pair: &P<'s>) -> Name<'s> {
        Name {
            text: pair.as_str(),
            span: self.span(pair),
        }
    }

    /// A name that is declared here, so that it must not be a reserved word.
    fn declared(&mut self, pair: &P<'s>) -> Name<'s> {
        let name = self.name(pair);
        self.check_name(name);
        name
    }

    fn check_name(&mut self, name: Name<'s>) {
        if RESERVED_WORDS.contains(&name.text) {
            self.reserved_word(name, "choose another name".to_owned());
        }
    }

    fn reserved_word(&mut self, name: Name<'s>, help: String) {
        let message = format!("`{}` is a reserved word", name.text);
        let diagnostic =
            Diagnostic::new(code::RESERVED_WORD, message).at(name.span, "it cannot be a name");
        self.report(diagnostic.help(help));
    }

    /// Error rules that can stand in many places, and words that carry nothing.
    fn common(&mut self, pair: P<'s>) {
        let rule = pair.as_rule();
        let is_mistake = matches!(
            rule,
            Rule::missing_comma
                | Rule::wrong_separator
                | Rule::missing_semicolon
                | Rule::misplaced_inner_doc
                | Rule::dangling_doc
        );
        if !is_mistake {
            return;
        }
        if self.diagnostics.is_full() {
            return self.diagnostics.count_error();
        }
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::missing_comma => {
                let place = self.behind_previous(span);
                let diagnostic = Diagnostic::new(code::MISSING_COMMA, "no `,` between two entries")
                    .at(place, "expected `,` behind this")
                    .with(
                        Span {
                            end: span.start + token_length_at(self.text, span.start),
                            ..span
                        },
                        "the next entry begins here",
                    );
                self.report(diagnostic);
            }
            Rule::wrong_separator => {
                let diagnostic = Diagnostic::new(code::MISSING_COMMA, "a `;` where a `,` belongs")
                    .at(span, "write `,`");
                self.report(diagnostic);
            }
            Rule::missing_semicolon => {
                let place = self.behind_previous(span);
                let diagnostic = Diagnostic::new(code::MISSING_SEMICOLON, "no `;` at the end")
                    .at(place, "expected `;` behind this");
                self.report(diagnostic);
            }
            Rule::misplaced_inner_doc => {
                let diagnostic =
                    Diagnostic::new(code::MISPLACED_DOC, "`//!` documents the package")
                        .at(span, "not at the beginning of the file")
                        .help("write `///` to document what follows");
                self.report(diagnostic);
            }
            Rule::dangling_doc => {
                let diagnostic =
                    Diagnostic::new(code::MISPLACED_DOC, "a doc comment that documents nothing")
                        .at(span, "nothing follows")
                        .help("use `//` for a plain comment");
                self.report(diagnostic);
            }
            _ => {}
        }
    }
}

fn rule_of(keyword: &str) -> Option<Rule> {
    Some(match keyword {
        "package" => Rule::package,
        "use" => Rule::import,
        "struct" => Rule::struct_item,
        "message" => Rule::message_item,
        "error" => Rule::error_item,
        "enum" => Rule::enum_item,
        "union" => Rule::union_item,
        "open" => Rule::open_item,
        "alias" => Rule::alias_item,
        "newtype" => Rule::newtype_item,
        "const" => Rule::const_item,
        "ext" => Rule::ext_item,
        "interface" => Rule::interface_item,
        _ => return None,
    })
}

fn is_value(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::bytes | Rule::string | Rule::number | Rule::braces | Rule::list | Rule::path
    )
}

/// What a rule that did not fit stands for, in words. `None` for those that would only add noise.
fn wanted_word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::want_package => "the name of a package",
        Rule::want_name | Rule::ident | Rule::import_name => "a name",
        Rule::field => "a field",
        Rule::member => "a member",
        Rule::clause => "a clause",
        Rule::want_type | Rule::type_use | Rule::optional => "a type",
        Rule::want_value => "a value",
        Rule::want_number => "a number",
        Rule::want_string => "a string",
        Rule::want_option => "the name of an option",
        Rule::want_interface => "the name of an interface",
        Rule::want_endpoint => "an endpoint",
        Rule::want_clause => "a clause",
        Rule::want_example => "an example",
        Rule::want_step => "a step of the example",
        Rule::want_colon => "`:`",
        Rule::want_comma => "`,`",
        Rule::want_equals => "`=`",
        Rule::want_semicolon => "`;`",
        Rule::want_open_brace => "`{`",
        Rule::want_close_brace => "`}`",
        Rule::want_open_paren => "`(`",
        Rule::want_close_paren => "`)`",
        Rule::want_close_bracket => "`]`",
        Rule::want_close_angle => "`>`",
        Rule::kw_enum => "`enum`",
        Rule::kw_union => "`union`",
        _ => return None,
    })
}

/// What a habit from another language may mean.
fn usual_cause(found: &str) -> Option<&'static str> {
    match found {
        "." | ".." | "/" => {
            Some("packages are named with dots between, from their source root: `market.common`")
        }
        "'" => Some("strings stand in `\"`"),
        "#" => Some("comments begin with `//`, options with `@`"),
        "extends" => Some("only interfaces extend each other: `interface A extends B { ... }`"),
        "[" => Some("a list is written `list<T>`"),
        "&" => Some("members of a union are separated by `|`"),
        _ => None,
    }
}

fn token_length_at(text: &str, at: u32) -> u32 {
    let rest = text.get(at as usize..).unwrap_or_default();
    u32::try_from(token_length(rest)).unwrap_or(0)
}

/// Bytes of the first token of a text: a word, a number, a string, a doc comment or one character.
fn token_length(text: &str) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(first) = text.chars().next() else {
        return 0;
    };
    if is_word(first) {
        return text.find(|c| !is_word(c)).unwrap_or(text.len());
    }
    if text.starts_with("//") {
        return text.find(['\r', '\n']).unwrap_or(text.len());
    }
    if first == '"' {
        let rest = text.get(1..).unwrap_or_default();
        return rest.find(['"', '\n']).map_or(text.len(), |at| at + 2);
    }
    if text.starts_with("..") {
        return 2;
    }
    first.len_utf8()
}

/// Adds a line of a doc comment: its marker and one blank are left out.
fn add_doc(doc: &mut String, line: &str) {
    let text = line.get(3..).unwrap_or_default();
    let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
    if !doc.is_empty() {
        doc.push('\n');
    } else if text.is_empty() {
        return;
    }
    doc.push_str(text);
}

/// What a text says about packages, each name with its place.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) package: Option<(String, Span)>,
    pub(crate) imports: Vec<(String, Span)>,
}

/// What a text declares and imports: enough to find the files of a run before any is parsed whole.
pub(crate) fn header(text: &str, scan: &Scan) -> Header {
    let mut header = Header::default();
    for chunk in &scan.chunks {
        let Some(keyword) = chunk.keyword else {
            continue;
        };
        let word = text.get(keyword.start as usize..keyword.end as usize);
        let rule = match word {
            Some("use") => Rule::import,
            Some("package") if header.package.is_none() => Rule::package,
            _ => continue,
        };
        if chunk.state == ChunkState::TooDeep {
            continue;
        }
        let start = chunk.span.start as usize;
        let chunk_text = text.get(start..chunk.span.end as usize).unwrap_or_default();
        let path = Grammar::parse(rule, chunk_text).ok().and_then(first_path);
        if let Some((path, at)) = path {
            let span = Span::new(chunk.span.source, start + at, start + at + path.len());
            match rule {
                Rule::package => header.package = Some((path, span)),
                _ => header.imports.push((path, span)),
            }
        }
    }
    header
}

fn first_path(pairs: Pairs<'_, Rule>) -> Option<(String, usize)> {
    let mut parts = pairs.flat_map(Pair::into_inner);
    let path = parts.find(|part| part.as_rule() == Rule::path)?;
    Some((path.as_str().to_owned(), path.as_span().start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The grammar reads as a specification of a whole file; the parts that are used must agree with it.
    #[test]
    fn the_rule_of_a_file_takes_whole_files() {
        let text = "//! Doc.\npackage a.b;\nuse c.{D};\nmessage M { d: D }\nopen enum E { x }\n";
        assert!(Grammar::parse(Rule::file, text).is_ok());
    }

    #[test]
    fn docs_keep_their_lines() {
        let mut doc = String::new();
        for line in ["/// One", "///", "///   two\r"] {
            add_doc(&mut doc, line);
        }
        assert_eq!(doc, "One\n\n  two");
    }
}
