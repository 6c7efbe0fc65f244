//! The first look at a source: one pass over its bytes, without recursion, before anything parses it.
//!
//! It cuts the text into *chunks*, one per item, so that a syntax error ends with its item; finds brackets, strings
//! and comments without their end; bounds the nesting, so that parsing may be recursive; and collects the comments.
//! It is one file because it is one state machine.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits;
use crate::source::{SourceId, Span};
use std::ops::Range;

/// The words that start an item. `open` stands before `enum` and `union`.
pub(crate) const ITEM_KEYWORDS: &[&str] = &[
    "package",
    "use",
    "struct",
    "message",
    "error",
    "enum",
    "open",
    "union",
    "alias",
    "newtype",
    "const",
    "ext",
    "interface",
];

/// What the pass found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// In the order of the text; together they hold all of it but blanks and plain comments.
    pub(crate) chunks: Vec<Chunk>,
    /// Comments that are not doc comments, in the order of the text.
    pub(crate) comments: Vec<Span>,
}

/// The text of one item, from its first doc comment or option to its `;` or `}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk {
    pub(crate) span: Span,
    /// The first word that is not part of an option.
    pub(crate) keyword: Option<Span>,
    pub(crate) state: ChunkState,
}

/// Whether a chunk can be parsed, and what may be said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChunkState {
    Whole,
    /// Its brackets or strings don't match, which has been reported: what parsing finds may be a consequence.
    Broken,
    /// Nested too deeply, which has been reported: must not be parsed.
    TooDeep,
}

/// Looks at a text. Mistakes go to `diagnostics`.
pub(crate) fn scan(id: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Scan {
    let mut scanner = Scanner {
        id,
        text,
        bytes: text.as_bytes(),
        at: if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        },
        scan: Scan::default(),
        diagnostics,
        chunk: None,
        brackets: Vec::new(),
        unfinished: 0..0,
        angles: 0,
        prefix: None,
    };
    scanner.run();
    scanner.scan
}

/// Characters that change the direction of the text around them and are not seen.
pub(crate) fn is_text_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

struct Scanner<'a> {
    id: SourceId,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    scan: Scan,
    diagnostics: &'a mut Diagnostics,
    chunk: Option<Open>,
    /// Open brackets of the current chunk.
    brackets: Vec<(u8, usize)>,
    /// Where the last string without an end begins, from the beginning of its line.
    unfinished: Range<usize>,
    /// Open `<` since the last bracket, comma at statement level, or `;`.
    angles: usize,
    /// Where a run of doc comments and options began that may belong to the next item.
    prefix: Option<usize>,
}

/// The chunk that is being read.
struct Open {
    start: usize,
    end: usize,
    keyword: Option<(usize, usize)>,
    /// The last significant byte was an `@` or a `.` behind an option's name.
    after_at: bool,
    state: ChunkState,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' if self.next_is(b'/') => self.line_comment(),
                b'/' if self.next_is(b'*') => self.block_comment(),
                b'"' => self.string(),
                b'(' | b'[' | b'{' => {
                    self.token(start, start + 1);
                    self.open(byte, start);
                }
                b')' | b']' | b'}' => {
                    self.token(start, start + 1);
                    self.close(byte, start);
                }
                b'<' => {
                    self.token(start, start + 1);
                    self.angles += 1;
                    self.check_depth(start);
                }
                b'-' if self.next_is(b'>') => {
                    self.token(start, start + 2);
                }
                b'>' => {
                    self.token(start, start + 1);
                    self.angles = self.angles.saturating_sub(1);
                }
                b';' => {
                    self.token(start, start + 1);
                    self.angles = 0;
                    self.close_parentheses(start);
                    if self.brackets.is_empty() {
                        self.finish();
                    }
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                b'@' => self.at_sign(),
                b'#' => self.hash(),
                _ => self.other(),
            }
        }
        self.unclosed(None);
        self.finish();
    }

    fn next_is(&self, byte: u8) -> bool {
        self.bytes.get(self.at + 1) == Some(&byte)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }

    /// Takes the bytes into the current chunk, which begins here if there is none.
    fn token(&mut self, start: usize, end: usize) -> &mut Open {
        self.prefix = None;
        self.extend(start, end)
    }

    fn extend(&mut self, start: usize, end: usize) -> &mut Open {
        self.at = end;
        let chunk = self.chunk.get_or_insert(Open {
            start,
            end,
            keyword: None,
            after_at: false,
            state: ChunkState::Whole,
        });
        chunk.end = end;
        chunk.after_at = false;
        chunk
    }

    fn finish(&mut self) {
        self.brackets.clear();
        self.angles = 0;
        self.prefix = None;
        if let Some(chunk) = self.chunk.take() {
            self.scan.chunks.push(Chunk {
                span: self.span(chunk.start, chunk.end),
                keyword: chunk.keyword.map(|(start, end)| self.span(start, end)),
                state: chunk.state,
            });
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len())
    }

    fn at_line_start(&self) -> bool {
        self.at == 0
            || self.bytes.get(self.at - 1) == Some(&b'\n')
            || self.text.get(..self.at) == Some("\u{feff}")
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let end = self.line_end(start);
        let rest = self.bytes.get(start + 2..end).unwrap_or_default();
        let is_doc = rest.first() == Some(&b'!')
            || (rest.first() == Some(&b'/') && rest.get(1) != Some(&b'/'));
        self.check_characters(start, end);
        if is_doc {
            self.start_of_prefix();
            self.extend(start, end);
        } else {
            let span = self.span(start, end);
            self.scan.comments.push(span);
            self.at = end;
        }
    }

    /// Block comments nest, so that code which holds one can be commented out.
    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0usize;
        let mut deepest = 0;
        let mut at = start;
        loop {
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    deepest = deepest.max(depth);
                    at += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                (Some(_), _) => at += 1,
                (None, _) => {
                    let span = self.span(start, start + 2);
                    self.diagnostics.push(
                        Diagnostic::new(code::UNFINISHED_TEXT, "a comment does not end")
                            .at(span, "this `/*` has no `*/`")
                            .note("block comments nest: each `/*` needs its own `*/`"),
                    );
                    self.break_chunk();
                    break;
                }
            }
        }
        self.check_characters(start, at.min(self.bytes.len()));
        let span = self.span(start, at);
        if deepest > limits::NESTING_MAX {
            self.too_deep(start, "comments");
            self.extend(start, at).state = ChunkState::TooDeep;
        } else {
            self.scan.comments.push(span);
        }
        self.at = at;
    }

    fn string(&mut self) {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.bytes.get(at) {
                Some(b'\\') => at += 2,
                Some(b'"') => {
                    at += 1;
                    break;
                }
                None | Some(b'\n') => {
                    let end = self
                        .text
                        .get(start..at)
                        .unwrap_or_default()
                        .trim_end()
                        .len()
                        + start;
                    let span = self.span(start, end);
                    self.diagnostics.push(
                        Diagnostic::new(code::UNFINISHED_TEXT, "a string does not end on its line")
                            .at(span, "this string has no closing `\"`")
                            .help("write `\\n` for a line end inside of a string"),
                    );
                    self.token(start, at.min(self.bytes.len())).state = ChunkState::Broken;
                    // What was opened on this line is perhaps closed in the string.
                    let line = self.text.get(..start).and_then(|text| text.rfind('\n'));
                    self.unfinished = line.map_or(0, |line| line + 1)..start;
                    return;
                }
                Some(_) => at += 1,
            }
        }
        // An escape at the end of a line has led past it; the parser says what is wrong with it.
        let end = at.min(self.bytes.len());
        self.token(start, end);
        self.check_characters(start, end);
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let end = start
            + rest
                .iter()
                .position(|byte| !is_word(byte))
                .unwrap_or(rest.len());
        if self.at_line_start() && self.starts_item(start, end) {
            self.cut_before_item(start, end);
        }
        let top = self.brackets.is_empty();
        let after_at = self.chunk.as_ref().is_some_and(|chunk| chunk.after_at);
        let path_goes_on = after_at && self.bytes.get(end) == Some(&b'.');
        let chunk = self.token(start, end);
        if after_at {
            chunk.after_at = path_goes_on;
        } else if top && chunk.keyword.is_none() {
            chunk.keyword = Some((start, end));
        }
    }

    /// Whether a word at the start of a line must be the keyword of an item: it is one, and a name follows.
    fn starts_item(&self, start: usize, end: usize) -> bool {
        let word = self.text.get(start..end).unwrap_or_default();
        if !ITEM_KEYWORDS.contains(&word) {
            return false;
        }
        let rest = self
            .text
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches([' ', '\t']);
        match word {
            "open" => rest.starts_with("enum") || rest.starts_with("union"),
            _ => {
                rest.len() < self.text.len() - end
                    && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            }
        }
    }

    /// An item begins although the one before has not ended.
    fn cut_before_item(&mut self, start: usize, end: usize) {
        if self.brackets.is_empty() {
            if self
                .chunk
                .as_ref()
                .is_some_and(|chunk| chunk.keyword.is_some())
            {
                self.finish_before(start);
            }
            return;
        }
        self.unclosed(Some(self.span(start, end)));
        self.finish_before(start);
    }

    /// Ends the chunk before the docs and options that lead to `start`, and goes on from there.
    fn finish_before(&mut self, start: usize) {
        let from = self.prefix.unwrap_or(start);
        let Some(chunk) = &mut self.chunk else { return };
        chunk.end = self
            .text
            .get(chunk.start..from)
            .unwrap_or_default()
            .trim_end()
            .len()
            + chunk.start;
        let has_prefix = from < start;
        self.finish();
        if has_prefix {
            let prefix = self
                .text
                .get(from..start)
                .unwrap_or_default()
                .trim_end()
                .len()
                + from;
            self.extend(from, prefix);
        }
        self.at = start;
    }

    fn at_sign(&mut self) {
        let start = self.at;
        if self.at_line_start() {
            self.start_of_prefix();
        }
        self.extend(start, start + 1).after_at = true;
    }

    /// A doc comment or option begins: at top level it ends an item that has not ended.
    fn start_of_prefix(&mut self) {
        let start = self.at;
        let at_line_start = self.at_line_start();
        if self.brackets.is_empty() {
            if at_line_start
                && self
                    .chunk
                    .as_ref()
                    .is_some_and(|chunk| chunk.keyword.is_some())
            {
                self.finish_before(start);
            }
        } else if at_line_start {
            self.prefix.get_or_insert(start);
        }
    }

    /// `# text` is a comment elsewhere, `#[derive(Debug)]` an attribute: reported, and passed over to the end of its line.
    fn hash(&mut self) {
        let start = self.at;
        let is_attribute = self.next_is(b'[') || self.next_is(b'!');
        let end = self.line_end(start);
        let span = self.span(start, start + 1);
        let diagnostic = if is_attribute {
            Diagnostic::new(code::FOREIGN, "an attribute of another language")
                .at(span, "options begin with `@`")
                .help("remove it, or write the option that it stands for: `@deprecated`")
        } else {
            Diagnostic::new(code::FOREIGN, "a comment of another language")
                .at(span, "comments begin with `//`")
                .help("write `//`")
                .fix(span, "//")
        };
        self.diagnostics.push(diagnostic);
        let comment = self.span(start, end);
        self.scan.comments.push(comment);
        self.at = end;
    }

    fn other(&mut self) {
        let start = self.at;
        let c = self
            .text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .unwrap_or(' ');
        let end = start + c.len_utf8();
        let was_after_at = self.chunk.as_ref().is_some_and(|chunk| chunk.after_at);
        self.token(start, end).after_at = was_after_at && c == '.';
        self.check_characters(start, end);
    }

    fn open(&mut self, byte: u8, start: usize) {
        if byte == b'{' {
            self.angles = 0;
        }
        self.brackets.push((byte, start));
        self.check_depth(start);
    }

    fn check_depth(&mut self, start: usize) {
        if self.brackets.len() + self.angles <= limits::NESTING_MAX {
            return;
        }
        let Some(chunk) = &mut self.chunk else { return };
        if chunk.state != ChunkState::TooDeep {
            chunk.state = ChunkState::TooDeep;
            self.too_deep(start, "brackets");
        }
    }

    fn too_deep(&mut self, start: usize, what: &str) {
        let max = limits::NESTING_MAX;
        let span = self.span(start, start + 1);
        self.diagnostics.push(
            Diagnostic::new(
                code::NESTED_TOO_DEEPLY,
                format!("{what} are nested too deeply"),
            )
            .at(span, format!("this is more than {max} levels deep"))
            .help("give the inner parts names of their own"),
        );
    }

    fn close(&mut self, byte: u8, start: usize) {
        let partner = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        if byte == b'}' {
            self.angles = 0;
        }
        match self.brackets.iter().rposition(|(open, _)| *open == partner) {
            Some(at) => {
                let unclosed = self.brackets.get(at + 1).copied();
                self.brackets.truncate(at);
                if let Some((open, place)) = unclosed {
                    let here = self.span(start, start + 1);
                    self.report_unclosed(open, place, Some(here), "closed by another bracket here");
                }
            }
            None => {
                let span = self.span(start, start + 1);
                let what = char::from(byte);
                self.diagnostics.push(
                    Diagnostic::new(
                        code::UNBALANCED_BRACKET,
                        format!("a `{what}` closes nothing"),
                    )
                    .at(span, format!("no `{}` is open here", char::from(partner))),
                );
                self.break_chunk();
                if self.brackets.is_empty() {
                    self.finish();
                }
                return;
            }
        }
        if byte == b'}' && self.brackets.is_empty() && !self.ends_with_semicolon() {
            self.finish();
        }
    }

    /// No `;` stands between `(` and `)`, or `[` and `]`: those that are open at one have been forgotten.
    fn close_parentheses(&mut self, semicolon: usize) {
        let kept = self
            .brackets
            .iter()
            .rposition(|(open, _)| *open == b'{')
            .map_or(0, |at| at + 1);
        let Some((open, place)) = self.brackets.get(kept).copied() else {
            return;
        };
        // A `;` between parameters, where a `,` belongs: the bracket is closed on this line.
        let rest = self.text.get(semicolon..self.line_end(semicolon));
        let next = rest.and_then(|rest| rest.find(['(', ')', '{']).and_then(|at| rest.get(at..)));
        if open == b'(' && next.is_some_and(|next| next.starts_with(')')) {
            return;
        }
        self.brackets.truncate(kept);
        let here = self.span(semicolon, semicolon + 1);
        self.report_unclosed(open, place, Some(here), "it was expected before this");
    }

    /// Whether the item that is being read ends with `;` also behind a `}`.
    fn ends_with_semicolon(&self) -> bool {
        let keyword = self.chunk.as_ref().and_then(|chunk| chunk.keyword);
        let word = keyword.and_then(|(start, end)| self.text.get(start..end));
        matches!(
            word,
            Some("use" | "const" | "alias" | "newtype" | "union" | "package")
        )
    }

    /// Reports the outermost bracket that is still open.
    fn unclosed(&mut self, next_item: Option<Span>) {
        if let Some((open, place)) = self.brackets.first().copied() {
            self.report_unclosed(open, place, next_item, "the next item begins here");
        }
        self.brackets.clear();
    }

    fn report_unclosed(&mut self, open: u8, place: usize, other: Option<Span>, why: &str) {
        if self.unfinished.contains(&place) {
            return self.break_chunk();
        }
        let what = char::from(open);
        let span = self.span(place, place + 1);
        let message = format!("a `{what}` is not closed");
        let mut diagnostic =
            Diagnostic::new(code::UNBALANCED_BRACKET, message).at(span, "opened here");
        if let Some(other) = other {
            diagnostic = diagnostic.with(other, why);
        }
        self.diagnostics.push(diagnostic);
        self.break_chunk();
    }

    fn break_chunk(&mut self) {
        if let Some(chunk) = &mut self.chunk
            && chunk.state == ChunkState::Whole
        {
            chunk.state = ChunkState::Broken;
        }
    }

    fn check_characters(&mut self, start: usize, end: usize) {
        let text = self.text.get(start..end).unwrap_or_default();
        if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
            return;
        }
        for (at, c) in text.char_indices() {
            let span = self.span(start + at, start + at + c.len_utf8());
            if is_text_direction(c) {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::TEXT_DIRECTION,
                        format!(
                            "the invisible character U+{:04X} changes the direction of text",
                            u32::from(c)
                        ),
                    )
                    .at(span, "what follows may look different from what it is")
                    .help("remove it"),
                );
            } else if c.is_control() && !matches!(c, '\t' | '\n' | '\r') {
                self.diagnostics.push(
                    Diagnostic::new(
                        code::FORBIDDEN_CHARACTER,
                        format!(
                            "the control character U+{:04X} may not stand in a source",
                            u32::from(c)
                        ),
                    )
                    .at(span, "this character")
                    .help("remove it; inside of a string write `\\0` or `\\u{...}`"),
                );
                self.break_chunk();
            }
        }
    }
}
