//! What is said about a place where no rule fits: what was expected, what came, and what may be the cause.

use super::{Grammar, P, Parser, Rule};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::source::Span;
use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

impl<'s> Parser<'_, 's> {
    /// Pest came no further than `location`, counted from `from`.
    pub(super) fn syntax_error(&mut self, error: &pest::error::Error<Rule>, from: usize) {
        let at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        let positives = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
            ErrorVariant::CustomError { .. } => &[],
        };
        self.unexpected(from + at, positives);
    }

    pub(super) fn unexpected(&mut self, at: usize, tried: &[Rule]) {
        let rest = self.text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let start = at + blank;
        if let Some(word) = self.foreign_letters(start) {
            return self.not_ascii(word);
        }
        if let Some(place) = self.forgotten_semicolon(start, tried) {
            return self.report(place);
        }
        let length = token_length(self.text.get(start..).unwrap_or_default());
        let found = self.text.get(start..start + length).unwrap_or_default();
        let mut words: Vec<&str> = tried.iter().filter_map(|rule| wanted_word(*rule)).collect();
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
        let head = self.text.get(self.base..).unwrap_or_default();
        if let Some(option) = self.bare_option(start) {
            let help = format!("the arguments of an option stand in parentheses: `{option}(...)`");
            diagnostic = diagnostic.help(help);
        } else if let Some(help) = usual_cause(found, head, tried) {
            diagnostic = diagnostic.help(help);
        }
        if !self.quiet {
            self.report(diagnostic);
        }
    }

    /// The word around a place that begins with a letter which no name may have.
    fn foreign_letters(&self, at: usize) -> Option<Span> {
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        let rest = self.text.get(at..)?;
        let first = rest.chars().next()?;
        if first.is_ascii() || !is_letter(first) {
            return None;
        }
        let before = self.text.get(..at)?;
        let start = before.trim_end_matches(is_letter).len();
        let length = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        Some(Span::new(self.file.source, start, at + length))
    }

    fn not_ascii(&mut self, word: Span) {
        if self.quiet {
            return;
        }
        let message = format!("`{}` cannot be a name", self.slice(word));
        self.report(
            Diagnostic::new(code::UNEXPECTED, message)
                .at(word, "names are made of the letters a to z, digits and `_`")
                .help("`@wire(\"...\")` gives a field any key, and a member of an enum can have any text"),
        );
    }

    /// Only a `;` could stand here, and the line before ends without one.
    fn forgotten_semicolon(&self, at: usize, tried: &[Rule]) -> Option<Diagnostic> {
        let mut words = tried.iter().filter_map(|rule| wanted_word(*rule));
        let only = words.all(|word| word == "`;`") && tried.contains(&Rule::want_semicolon);
        let between = self.text.get(self.base..at)?;
        let is_next_line = between.trim_end().len() < between.rfind('\n')?;
        if self.quiet || !only || !is_next_line {
            return None;
        }
        let place = self.behind_previous(Span::new(self.file.source, at, at));
        Some(
            Diagnostic::new(code::MISSING_SEMICOLON, "no `;` at the end")
                .at(place, "expected `;` behind this")
                .fix(place.after(), ";"),
        )
    }

    /// Says what is wrong with an entry that no rule could take, by parsing it again on its own.
    pub(super) fn bad(&mut self, pair: &P<'s>, rule: Rule) {
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

    /// The option before a place if only blanks and digits stand between: its arguments may follow without parentheses.
    pub(super) fn bare_option(&self, at: usize) -> Option<&'s str> {
        let before = self.text.get(self.base..at)?.trim_end();
        let before = before
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end();
        let option = before.get(before.rfind('@')?..)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let name = option.get(1..)?;
        let fits = !name.is_empty() && name.len() <= limits::SUGGESTION_BYTES_MAX;
        (fits && name.chars().all(is_name)).then_some(option)
    }
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
fn usual_cause(found: &str, item: &str, wanted: &[Rule]) -> Option<&'static str> {
    let wants = |rule| wanted.contains(&rule);
    let is_import = item.starts_with("use") || item.starts_with("package");
    Some(match found {
        "*" if is_import => "names are imported one by one: `use market.common.{Symbol, Money};`",
        "." | ".." | "/" | ":" | "\\" if is_import => {
            "packages are named with dots between, from their source root: `market.common`"
        }
        "struct" | "message" | "error" | "interface" if item.starts_with("open") => {
            "only enums and unions are open: what has fields may always get more"
        }
        "{" if wants(Rule::want_equals) && item.starts_with("union") => {
            "write `union Tick = Quote | Trade;`"
        }
        "," | "or" if item.starts_with("union") => "members of a union are separated by `|`",
        "|" => "members of a union are separated by one `|`",
        "(" if wants(Rule::want_value) => "lists and tuples of values stand in `[` and `]`",
        "(" if wants(Rule::want_open_brace) && !item.starts_with("interface") => {
            "fields stand in `{` and `}`"
        }
        "yields" | "accepts" | "started" | "(" if wants(Rule::want_open_brace) => {
            "the clauses of a context stand in braces: `context c() { yields str }`"
        }
        "yields" | "returns" | "raises" if wants(Rule::want_example) => {
            "only a context has clauses in braces: `fn f() -> str raises Gone;`"
        }
        "'" | "“" | "”" | "‘" | "’" => "strings stand in `\"`",
        "." if wants(Rule::want_value) => "a digit stands before the dot: `0.5`",
        ":" if wants(Rule::want_open_brace) => "a body stands in braces: `{ ... }`",
        "-" if wants(Rule::want_open_brace) && wants(Rule::want_semicolon) => {
            "the clauses of a context stand in braces: `context c() { returns str }`"
        }
        "-" if wants(Rule::want_open_brace) || is_import => {
            "names are made of letters, digits and `_`"
        }
        "," if wants(Rule::want_semicolon) && item.contains("raises") => {
            "errors behind `raises` are separated by `|`"
        }
        "*" if wants(Rule::want_colon) => "there are no pointers: a field is `name: str`",
        "#" => "comments begin with `//`, options with `@`",
        "extends" => "only interfaces extend each other: `interface A extends B { ... }`",
        "implements" | "impl" => "interfaces are implemented in the code of a server",
        "where" => "type parameters have no bounds",
        "[" => "a list is written `list<T>`",
        "&" => "members of a union are separated by `|`",
        _ => return None,
    })
}

pub(super) fn token_length_at(text: &str, at: u32) -> u32 {
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
