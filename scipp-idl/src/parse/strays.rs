//! Chunks that are no items: what stands between them, and items whose keyword nobody knows.

use super::{Parser, marker, rule_of};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::scan::ITEM_KEYWORDS;
use crate::source::Span;
use crate::suggest;
use crate::syntax::*;

impl<'s> Parser<'_, 's> {
    pub(super) fn chunk_without_keyword(&mut self, span: Span) {
        let text = self.slice(span);
        if text == ";" {
            let diagnostic = Diagnostic::new(code::STRAY_SEMICOLON, "a `;` that ends nothing")
                .at(span, "nothing to end here")
                .help("remove it: a body in braces needs no `;` behind it")
                .fix(span, "");
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
            let mut diagnostic =
                Diagnostic::new(code::MISPLACED_DOC, "a doc comment that documents nothing")
                    .at(span, "no item follows")
                    .help("use `//` for a plain comment");
            let mut at = span.start;
            for line in text.split_inclusive('\n') {
                if line.starts_with("///") || line.starts_with("//!") {
                    let doc = Span { start: at, ..span };
                    diagnostic = diagnostic.fix(marker(doc), "//");
                }
                at += u32::try_from(line.len()).unwrap_or(0);
            }
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

    pub(super) fn unknown_item(&mut self, word: &'s str, span: Span) {
        if let Some(option) = self.bare_option(span.start as usize) {
            let message = format!("the arguments of `{option}` stand in parentheses");
            let diagnostic = Diagnostic::new(code::MISPLACED_OPTION, message)
                .at(span, "this belongs to no item")
                .help(format!("write `{option}(...)`"));
            return self.report(diagnostic);
        }
        let message = match word {
            "fn" | "gen" | "context" => format!("a `{word}` outside of an interface"),
            "started" | "accepts" | "yields" | "returns" | "raises" => {
                format!("a `{word}` outside of a context")
            }
            _ => format!("no kind of item is called `{word}`"),
        };
        let diagnostic = Diagnostic::new(code::UNKNOWN_KEYWORD, message)
            .at(span, "an item or import was expected here");
        let behind = self.text.get(span.end as usize..self.chunk_end);
        let behind = behind.unwrap_or_default();
        let mut meant = match word {
            "service" | "trait" | "protocol" | "contract" => Some("interface"),
            "exception" | "fault" => Some("error"),
            "static" | "let" | "var" | "val" => Some("const"),
            "typedef" | "using" => Some("alias"),
            "enumeration" | "choice" => Some("enum"),
            "type" => behind
                .split(['{', ';'])
                .next()
                .filter(|head| head.contains('=') && !head.trim_end().ends_with('='))
                .map(|head| if head.contains('|') { "union" } else { "alias" }),
            _ => None,
        };
        if meant.is_none() {
            meant = suggest::nearest(word, ITEM_KEYWORDS.iter().copied());
        }
        let diagnostic = match word {
            "fn" | "gen" | "context" => {
                diagnostic.help("endpoints stand inside of an `interface`")
            }
            "import" | "include" | "from" | "require" => {
                diagnostic.help("write `use market.common.{Symbol};`")
            }
            "started" | "accepts" | "yields" | "returns" | "raises" => {
                diagnostic.help("clauses stand inside of a `context`")
            }
            "record" | "class" | "type" | "object" | "input" | "data" | "schema" | "table"
                if meant.is_none() =>
            {
                diagnostic.help("did you mean `struct` or `message`?")
            }
            "namespace" => diagnostic
                .help("did you mean `package`?")
                .fix(span, "package"),
            "impl" | "mod" | "module" => {
                diagnostic.help("each file is one package; an `interface` is implemented elsewhere")
            }
            "syntax" | "option" | "edition" => {
                diagnostic.help("remove it: what holds for a whole file is an option of its `package`")
            }
            _ => match meant {
                Some(keyword) => diagnostic
                    .help(suggest::did_you_mean(keyword))
                    .fix(span, keyword),
                None => diagnostic.help(
                    "the kinds of item are struct, message, error, enum, union, alias, newtype, const, \
                         ext and interface",
                ),
            },
        };
        self.report(diagnostic);
        // What was meant may be used elsewhere.
        if meant == Some("package") || word == "namespace" {
            return self.missing_package(span);
        }
        let declares_nothing = [
            "impl", "mod", "module", "syntax", "option", "edition", "import", "include", "from",
        ];
        if declares_nothing.contains(&word) {
            return;
        }
        let mut name = self.word_behind(span);
        if let Some(keyword) = name.filter(|name| rule_of(name.text).is_some()) {
            name = self.word_behind(keyword.span).or(name);
        }
        if let Some(name) = name {
            self.push_broken(name, span);
        }
    }

    /// A package declaration that could not be parsed: the file has one.
    pub(super) fn missing_package(&mut self, span: Span) {
        if self.file.package.is_none() {
            self.file.package = Some(Package {
                doc: String::new(),
                options: Vec::new(),
                name: Path { text: "", span },
                span,
            });
        }
    }

    /// The word behind a `pub` or `export`, which is reported; `None` if the item begins with its keyword.
    pub(super) fn behind_modifier(&mut self, span: Span) -> Option<Span> {
        const MODIFIERS: [&str; 8] = [
            "pub", "public", "private", "export", "abstract", "final", "declare", "closed",
        ];
        let word = self.slice(span);
        let next = self.word_behind(span)?;
        let is_known = rule_of(next.text).is_some()
            || MODIFIERS.contains(&next.text)
            || matches!(next.text, "type" | "class" | "trait");
        if !MODIFIERS.contains(&word) || !is_known {
            return None;
        }
        let diagnostic = Diagnostic::new(code::FOREIGN, format!("`{word}` says nothing here"))
            .at(span, "remove this")
            .note("whatever a package declares can be imported")
            .fix(span, "");
        self.report(diagnostic);
        Some(next.span)
    }

    /// An item that could not be parsed, by its name alone.
    pub(super) fn broken(&mut self, span: Span, keyword: Span) {
        let word = self.slice(keyword);
        if matches!(word, "package" | "use") {
            if word == "package" {
                self.missing_package(keyword);
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

    pub(super) fn push_broken(&mut self, name: Name<'s>, span: Span) {
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

    pub(super) fn word_behind(&self, span: Span) -> Option<Name<'s>> {
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
}
