//! From text to the syntax tree: this and its folder alone know pest.
//!
//! `scan.rs` has cut the text into one chunk per item; each is parsed by the grammar rule of its keyword. The error
//! rules of the grammar become exact diagnostics here; whatever they don't foresee becomes "expected ..., found ..." at
//! the place up to which pest came.
//!
//! It has a function for each rule of the grammar; it is one file because items share what they are made of. Below it
//! are the endpoints (`endpoints.rs`), types and values (`values.rs`), what other languages write (`foreign.rs`), what
//! stands between items (`strays.rs`), what is said where no rule fits (`unexpected.rs`), and the quick way through items
//! that have no mistake (`plain.rs`).

#[cfg(test)]
mod coverage;
mod endpoints;
mod foreign;
mod plain;
mod strays;
mod unexpected;
mod values;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::scan::{Chunk, ChunkState, Scan};
use crate::source::{SourceId, Span};
use crate::syntax::*;
use pest::Parser as _;
use pest::iterators::{Pair, Pairs};
use unexpected::token_length_at;

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
    parse_by(source, text, scan, Way::PlainFirst, diagnostics).0
}

/// How items are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By `plain.rs`, and by pest what that leaves.
    PlainFirst,
    /// What the other way is tested against.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares both"))]
    Pest,
}

/// The tree, and how many items were read without pest.
fn parse_by<'s>(
    source: SourceId,
    text: &'s str,
    scan: Scan,
    way: Way,
    diagnostics: &mut Diagnostics,
) -> (File<'s>, usize) {
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
        behind_unknown: false,
        semicolons: None,
        fields: None,
        way,
        plain: 0,
        file,
        diagnostics,
    };
    for chunk in &scan.chunks {
        parser.chunk(chunk);
        parser.finish_chunk();
    }
    parser.require_package();
    (parser.file, parser.plain)
}

type P<'s> = Pair<'s, Rule>;

struct Parser<'a, 's> {
    text: &'s str,
    /// Where the current chunk begins; pest counts from there.
    base: usize,
    chunk_end: usize,
    /// The brackets of the chunk don't match: what is unexpected in it is a consequence.
    quiet: bool,
    /// The item before was of no known kind: a `;` behind its body belongs to it.
    behind_unknown: bool,
    /// Semicolons of the chunk that should be commas: one mistake, however often it is made.
    semicolons: Option<(Diagnostic, usize)>,
    /// Fields in an interface, likewise.
    fields: Option<(Diagnostic, usize)>,
    way: Way,
    /// Items that were read without pest.
    plain: usize,
    file: File<'s>,
    diagnostics: &'a mut Diagnostics,
}

impl<'s> Parser<'_, 's> {
    fn chunk(&mut self, chunk: &Chunk) {
        self.base = chunk.span.start as usize;
        self.chunk_end = chunk.span.end as usize;
        self.quiet = chunk.state != ChunkState::Whole;
        let behind_unknown = std::mem::take(&mut self.behind_unknown);
        let Some(keyword) = chunk.keyword else {
            if behind_unknown && self.slice(chunk.span) == ";" {
                return;
            }
            return self.chunk_without_keyword(chunk.span);
        };
        let mut chunk = *chunk;
        let mut keyword = keyword;
        while let Some(next) = self.behind_modifier(keyword) {
            keyword = next;
            chunk.span.start = next.start;
            self.base = next.start as usize;
        }
        let word = self.slice(keyword);
        let Some(rule) = rule_of(word) else {
            self.behind_unknown = true;
            return self.unknown_item(word, keyword);
        };
        if chunk.state == ChunkState::TooDeep {
            return self.broken(chunk.span, keyword);
        }
        let text = self.slice(chunk.span);
        if self.way == Way::PlainFirst
            && !self.quiet
            && let Some(item) = plain::item(self.file.source, text, self.base)
        {
            self.plain += 1;
            self.file.items.push(item);
            return;
        }
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

    fn finish_chunk(&mut self) {
        let repeated = [self.fields.take(), self.semicolons.take()];
        for (diagnostic, count) in repeated.into_iter().flatten() {
            let others = count - 1;
            self.report(if others == 0 {
                diagnostic
            } else {
                let others = if others == 1 {
                    "once".to_owned()
                } else {
                    format!("{others} times")
                };
                diagnostic.note(format!("the same {others} more in this item"))
            });
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
        let mut outer = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::inner_doc => add_doc(&mut doc, part.as_str()),
                Rule::outer_doc => {
                    let line = self.span(&part);
                    let diagnostic = outer.take().unwrap_or_else(|| {
                        Diagnostic::new(code::MISPLACED_DOC, "a package is documented by `//!`")
                            .at(line, "this documents the next item, but a package follows")
                            .help("write `//!` instead of `///`")
                    });
                    outer = Some(diagnostic.fix(marker(line), "//!"));
                }
                Rule::option => options.push(self.option(part)),
                Rule::path => name = Some(self.path(&part)),
                _ => self.common(part),
            }
        }
        if let Some(diagnostic) = outer {
            self.report(diagnostic);
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
        let mut outer = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::outer_doc => {
                    let line = self.span(&part);
                    let diagnostic = outer.take().unwrap_or_else(|| {
                        Diagnostic::new(code::MISPLACED_DOC, "an import has no documentation")
                            .at(line, "no item follows")
                            .help("use `//` for a plain comment")
                    });
                    outer = Some(diagnostic.fix(marker(line), "//"));
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
        if let Some(diagnostic) = outer {
            self.report(diagnostic);
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
        let mut has_bad = false;
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
                Rule::bad_entry if rule == Rule::enum_item => {
                    has_bad = true;
                    self.bad(&part, Rule::member);
                }
                Rule::quoted_member => {
                    has_bad = true;
                    self.common(part);
                }
                Rule::bad_entry => self.bad(&part, Rule::field),
                Rule::extends => {
                    for part in part.into_inner() {
                        match part.as_rule() {
                            Rule::path => extends.push(self.path(&part)),
                            _ => self.common(part),
                        }
                    }
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
            // Nobody knows its members.
            Rule::enum_item if has_bad && members.is_empty() => ItemKind::Broken,
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
        let mut parts = pair.into_inner().peekable();
        // The type stood where the name belongs.
        let mut is_turned = false;
        while let Some(part) = parts.next() {
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
                    if let Some(ty) = parts.peek()
                        && self.type_before_name(field.name.span, ty)
                    {
                        field.name = self.name(ty);
                        is_turned = true;
                        continue;
                    }
                    let name = field.name;
                    let diagnostic = Diagnostic::new(
                        code::MISSING_COLON,
                        format!("no `:` between `{}` and its type", name.text),
                    )
                    .at(name.span, "expected `:` behind this")
                    .help(format!("write `{}: ...`", name.text))
                    .fix(self.behind_previous(self.span(&part)).after(), ":");
                    self.report(diagnostic);
                }
                Rule::type_use if is_turned => {}
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
        if is_word(pair.as_rule()) {
            return;
        }
        if self.diagnostics.is_full() {
            return self.diagnostics.count_error();
        }
        if self.foreign(&pair) {
            return;
        }
        let rule = pair.as_rule();
        let span = self.span(&pair);
        match rule {
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
                    )
                    .fix(place.after(), ",");
                self.report(diagnostic);
            }
            Rule::wrong_separator => {
                let (diagnostic, count) = self.semicolons.take().unwrap_or_else(|| {
                    let message = "a `;` where a `,` belongs";
                    let diagnostic = Diagnostic::new(code::MISSING_COMMA, message);
                    (diagnostic.at(span, "write `,`"), 0)
                });
                self.semicolons = Some((diagnostic.fix(span, ","), count + 1));
            }
            Rule::missing_semicolon => {
                let place = self.behind_previous(span);
                let diagnostic = Diagnostic::new(code::MISSING_SEMICOLON, "no `;` at the end")
                    .at(place, "expected `;` behind this")
                    .fix(place.after(), ";");
                self.report(diagnostic);
            }
            Rule::misplaced_inner_doc => {
                let diagnostic =
                    Diagnostic::new(code::MISPLACED_DOC, "`//!` documents the package")
                        .at(span, "not at the beginning of the file")
                        .help("write `///` to document what follows")
                        .fix(marker(span), "///");
                self.report(diagnostic);
            }
            Rule::dangling_doc => {
                let mut diagnostic =
                    Diagnostic::new(code::MISPLACED_DOC, "a doc comment that documents nothing")
                        .at(span, "nothing follows")
                        .help("use `//` for a plain comment");
                for line in pair.into_inner() {
                    diagnostic = diagnostic.fix(marker(self.span(&line)), "//");
                }
                self.report(diagnostic);
            }
            _ => {}
        }
    }
}

/// Whether a rule is a word of the language, which carries nothing.
fn is_word(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_package
            | Rule::kw_use
            | Rule::kw_struct
            | Rule::kw_message
            | Rule::kw_error
            | Rule::kw_enum
            | Rule::kw_union
            | Rule::kw_alias
            | Rule::kw_newtype
            | Rule::kw_const
            | Rule::kw_ext
            | Rule::kw_interface
            | Rule::kw_as
            | Rule::kw_reserved
            | Rule::kw_extends
            | Rule::kw_fn
            | Rule::kw_gen
            | Rule::kw_context
            | Rule::kw_yields
            | Rule::kw_raises
            | Rule::kw_example
            | Rule::clause_word
    )
}

/// The `///` or `//!` of a doc comment.
fn marker(doc: Span) -> Span {
    Span {
        end: doc.start + 3,
        ..doc
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
        Rule::bytes
            | Rule::string
            | Rule::number
            | Rule::braces
            | Rule::list
            | Rule::path
            | Rule::single_quoted
    )
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
