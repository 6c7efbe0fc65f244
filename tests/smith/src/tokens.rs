//! Tokens of a schema, and how they become a text: neatly, or as untidily as the grammar allows.

use crate::choices::Choices;

/// A piece of text that has no blanks inside, and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Text(String),
    /// A line of `///` or `//!`.
    Doc(String),
    /// May be there or not, and neatly is at the end of a line.
    Comma,
    /// May be there or not, and neatly is not.
    Bar,
    LineEnd,
    /// A line end before an item, with an empty line.
    ItemEnd,
    Indent,
    Dedent,
}

/// One style.
pub(crate) fn neat(tokens: &[Token]) -> String {
    let mut page = Page::default();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Text(text) => {
                let apart = !is_tight(&page.last, text);
                page.put(text, if apart { " " } else { "" });
            }
            Token::Doc(text) => {
                page.line_end();
                page.put(text, "");
                page.line_end();
            }
            Token::Comma if tokens.get(at + 1) == Some(&Token::LineEnd) => page.put(",", ""),
            Token::Comma | Token::Bar => {}
            Token::LineEnd => page.line_end(),
            Token::ItemEnd => {
                page.line_end();
                page.text.push('\n');
            }
            Token::Indent => page.indent += 1,
            Token::Dedent => page.indent = page.indent.saturating_sub(1),
        }
    }
    page.text
}

/// Blanks, lines and comments anywhere; commas and bars where they may be.
pub(crate) fn untidy(tokens: &[Token], choices: &mut Choices<'_>) -> String {
    let mut page = Page::default();
    if choices.one_in(8) {
        page.text.push('\u{feff}');
    }
    for token in tokens {
        match token {
            Token::Text(text) => {
                let gap = gap(&page, text, choices);
                page.put(text, &gap);
            }
            Token::Doc(text) => {
                page.line_end();
                page.put(text, "");
                page.line_end();
            }
            Token::Comma if choices.one_in(2) => page.put(",", ""),
            Token::Bar if choices.one_in(2) => page.put("|", " "),
            Token::ItemEnd => {
                if !choices.one_in(12) {
                    page.line_end();
                }
            }
            Token::LineEnd if choices.one_in(2) => page.line_end(),
            Token::Indent => page.indent += 1,
            Token::Dedent => page.indent = page.indent.saturating_sub(1),
            Token::Comma | Token::Bar | Token::LineEnd => {}
        }
    }
    page.text
}

/// What may stand between two tokens. No line end at the left margin: behind one, the compiler takes the keyword of an item for
/// its beginning, whatever came before.
const GAPS: &[&str] = &[
    " ",
    "  ",
    "\t",
    "\n    ",
    "\r\n    ",
    "\n\n\n  ",
    " // behind\n  ",
    "\n  // alone\n  ",
    "\n\n  // parted\n\n  ",
    " //// not a doc comment\n  ",
    " /* inside */ ",
    "\n  /* first */ ",
    " /* last */\n  ",
    " /* on\n   two */ ",
    " /* nested /* twice */ */ ",
    " // one\n  // two\n\n  /* three */ ",
];

fn gap(page: &Page, text: &str, choices: &mut Choices<'_>) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '"';
    let glued = page.last.ends_with(is_word) && text.starts_with(is_word)
        || page.last.ends_with('.') && text.starts_with('.');
    if page.at_line_start {
        return String::new();
    }
    match choices.below(4) {
        0 | 1 if !is_tight(&page.last, text) => " ".to_owned(),
        0 | 1 if glued => " ".to_owned(),
        0 | 1 => String::new(),
        2 if !glued => String::new(),
        _ => choices.of(GAPS).copied().unwrap_or(" ").to_owned(),
    }
}

/// Whether neatly no blank stands between two tokens.
fn is_tight(last: &str, next: &str) -> bool {
    matches!(
        next,
        "," | ";" | ":" | "?" | ")" | "]" | ">" | "." | "<" | "..=" | ".."
    ) || matches!(last, "(" | "[" | "<" | "@" | "." | "..=" | "..")
        || (next == "("
            && !matches!(
                last,
                ":" | "=" | "," | "|" | "->" | "yields" | "returns" | "started" | "accepts"
            ))
}

#[derive(Debug)]
struct Page {
    text: String,
    last: String,
    at_line_start: bool,
    indent: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            text: String::new(),
            last: String::new(),
            at_line_start: true,
            indent: 0,
        }
    }
}

impl Page {
    fn put(&mut self, text: &str, gap: &str) {
        if self.at_line_start {
            self.text.push_str(&"    ".repeat(self.indent));
        } else {
            self.text.push_str(gap);
        }
        self.text.push_str(text);
        text.clone_into(&mut self.last);
        self.at_line_start = false;
    }

    fn line_end(&mut self) {
        if !self.at_line_start {
            self.text.push('\n');
            self.at_line_start = true;
        }
    }
}
