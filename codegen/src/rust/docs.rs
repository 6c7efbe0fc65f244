//! Text of doc comments as Rust doc comments, from which it cannot break out.
//!
//! Three ways lead out of a doc comment. A line end (also a bare carriage return) would end it: the text is
//! split at every kind of line end, and each line becomes one `///`. Bidirectional controls make
//! code look like what it is not, and rustc refuses them: they and other controls are written as `\u{..}`. And
//! rustdoc *compiles* code blocks: those that it would take for Rust are marked as text.

use proc_macro2::TokenStream;
use quote::quote;

/// `text` as `#[doc]` attributes, one for each line. Nothing for an empty text.
pub(crate) fn attributes(text: &str) -> TokenStream {
    let lines = lines(text);
    let attributes = lines.iter().map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        };
        quote!(#[doc = #line])
    });
    let lists = lines.iter().any(|line| is_list_item(line));
    let allow = lists.then(|| {
        quote!(#[allow(
            clippy::doc_lazy_continuation,
            clippy::doc_overindented_list_items,
            reason = "the text is that of the schema"
        )])
    });
    quote!(#(#attributes)* #allow)
}

/// A doc text with the version that brought what it documents.
pub(crate) fn with_since(text: &str, since: Option<u32>) -> String {
    match since {
        Some(version) if text.is_empty() => format!("Since version {version}."),
        Some(version) => format!("{text}\n\nSince version {version}."),
        None => text.to_owned(),
    }
}

/// `#[deprecated]` with its reason.
pub(crate) fn deprecated(why: Option<&str>) -> Option<TokenStream> {
    why.map(|why| {
        if why.is_empty() {
            quote!(#[deprecated])
        } else {
            quote!(#[deprecated(note = #why)])
        }
    })
}

/// A link to a type or trait of this module. Where a derive has the same name it would be ambiguous, and is none.
pub(crate) fn link(name: &str) -> String {
    const DERIVES: &[&str] = &[
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "Eq",
        "Hash",
        "Ord",
        "PartialEq",
        "PartialOrd",
    ];
    if DERIVES.contains(&name) {
        format!("`{name}`")
    } else {
        format!("[`{name}`]")
    }
}

/// The lines of a doc text as they may stand in Markdown that rustdoc reads.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    let mut in_list = false;
    let mut after_blank = true;
    for line in split(text) {
        let line = escape_controls(line.trim_end());
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if let Some(open) = &fence {
            if indent < 4
                && trimmed.starts_with(open.as_str())
                && trimmed.trim_start_matches(['`', '~']).is_empty()
            {
                fence = None;
            }
            out.push(line);
            continue;
        }
        if let Some(marks) = fence_marks(trimmed) {
            let info = trimmed.get(marks.len()..).unwrap_or_default();
            let info = if is_rust(info) { "text" } else { info };
            out.push(format!("{}{marks}{info}", " ".repeat(indent.min(3))));
            fence = Some(marks);
            continue;
        }
        if is_list_item(&line) {
            in_list = true;
        } else if indent == 0 && !trimmed.is_empty() && after_blank {
            in_list = false;
        }
        // Four blanks after an empty line would be a code block, which rustdoc compiles.
        let kept = if in_list {
            indent.min(6)
        } else {
            indent.min(3)
        };
        let kept = if in_list && after_blank {
            kept.min(3)
        } else {
            kept
        };
        after_blank = trimmed.is_empty();
        out.push(if trimmed.is_empty() {
            String::new()
        } else {
            format!("{}{}", " ".repeat(kept), escape_markup(trimmed))
        });
    }
    if let Some(marks) = fence {
        out.push(marks);
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out
}

/// Lines of `text`, whatever ends them.
fn split(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\t', "    ");
    text.split([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ])
    .map(str::to_owned)
    .collect()
}

/// Invisible and reordering characters, visibly.
fn escape_controls(line: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{ad}')
    };
    line.chars()
        .fold(String::with_capacity(line.len()), |mut out, c| {
            if hidden(c) {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            } else {
                out.push(c);
            }
            out
        })
}

/// HTML tags, and brackets that would be links to items, as text. Links that say where they lead stay.
fn escape_markup(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut code = false;
    for (at, c) in line.char_indices() {
        let rest = line.get(at + c.len_utf8()..).unwrap_or_default();
        let escaped = out.ends_with('\\');
        let markup = match c {
            '`' => {
                code = !code;
                false
            }
            '<' => {
                rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
                    && !is_autolink(rest)
            }
            '[' => !is_link(rest),
            _ => false,
        };
        if markup && !code && !escaped {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `https://...>`, after its bracket.
fn is_autolink(rest: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| rest.starts_with(scheme))
        && rest.contains('>')
}

/// `text](target)`, after its bracket.
fn is_link(rest: &str) -> bool {
    rest.split_once(']').is_some_and(|(text, after)| {
        !text.contains('[') && after.starts_with('(') && after.contains(')')
    })
}

/// The marks that open a code fence, if the line opens one.
fn fence_marks(trimmed: &str) -> Option<String> {
    let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let marks: String = trimmed.chars().take_while(|c| *c == mark).collect();
    (marks.len() >= 3
        && !(mark == '`'
            && trimmed
                .get(marks.len()..)
                .is_some_and(|info| info.contains('`'))))
    .then_some(marks)
}

/// Whether rustdoc takes a code block with this info string for Rust.
fn is_rust(info: &str) -> bool {
    const RUSTDOC: &[&str] = &[
        "rust",
        "should_panic",
        "no_run",
        "ignore",
        "compile_fail",
        "allow_fail",
        "test_harness",
        "standalone",
        "standalone_crate",
        "custom",
    ];
    info.split([',', ' ', '\t', '{', '}']).all(|word| {
        word.is_empty()
            || RUSTDOC.contains(&word)
            || word.starts_with("ignore-")
            || word.starts_with("edition")
            || word.starts_with('E')
    })
}

/// Whether the line starts an item of a Markdown list.
fn is_list_item(line: &str) -> bool {
    let trimmed = line.trim_start();
    let number = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* ", "+ "]
        .iter()
        .any(|mark| trimmed.starts_with(mark))
        || (number.len() < trimmed.len() && (number.starts_with(". ") || number.starts_with(") ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_end_survives() {
        let lines = lines("a\rb\u{2028}c\r\nd\u{85}e\u{c}f");
        assert_eq!(lines, ["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn reordering_controls_are_visible() {
        assert_eq!(
            lines("safe \u{202e}efas\u{2066}"),
            ["safe \\u{202e}efas\\u{2066}"]
        );
        assert_eq!(lines("nul \u{0} bell \u{7}"), ["nul \\u{0} bell \\u{7}"]);
    }

    #[test]
    fn code_is_not_compiled_as_rust() {
        assert_eq!(lines("```\nlet x\n```"), ["```text", "let x", "```"]);
        assert_eq!(
            lines("```rust,no_run\nlet x\n```"),
            ["```text", "let x", "```"]
        );
        assert_eq!(lines("```python\nx\n```"), ["```python", "x", "```"]);
        assert_eq!(
            lines("~~~\nx"),
            ["~~~text", "x", "~~~"],
            "an open fence is closed"
        );
        assert_eq!(
            lines("text\n\n    indented();"),
            ["text", "", "   indented();"]
        );
    }

    #[test]
    fn tags_are_text() {
        assert_eq!(
            lines("a <script> and `Vec<T>` and x < y"),
            ["a \\<script> and `Vec<T>` and x < y"]
        );
        assert_eq!(
            lines("[a](https://example.org), [b], `[c]`, [d][e]"),
            ["[a](https://example.org), \\[b], `[c]`, \\[d]\\[e]"]
        );
        assert_eq!(
            lines("see <https://example.org>"),
            ["see <https://example.org>"]
        );
    }

    #[test]
    fn a_line_is_one_attribute() {
        let tokens = attributes("*/ evil\n*/ pub struct X;\n\"\"\" ${} {{ }}").to_string();
        assert_eq!(tokens.matches("doc").count(), 3);
        assert!(attributes("").is_empty());
    }
}
