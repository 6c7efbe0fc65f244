//! Most items as text, straight from their tokens: structs, enums, traits, and `impl` blocks that are short.
//!
//! `print.rs` reads the other items with `syn` and prints them with `prettyplease`, which costs more than all the rest of
//! generating. Here are the few shapes that nearly all lines of generated code have, laid out as `prettyplease` would: a test
//! holds one against the other, item by item. Whatever is not known here to the letter is left to it (`None`), also every line
//! whose length is near the margin, where it counts what follows in a way of its own. docs/decisions/0050 has the figures.

#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// A line that is not longer than this is surely not broken; one that is at least [`BROKEN`] long surely is, where it can be.
/// The margin of the printer, 89, lies between.
const FLAT: usize = 84;
const BROKEN: usize = 96;

/// The longest last expression of a function: behind it comes nothing that would count as well.
const EXPRESSION: usize = 89;

/// The longest record in an expression that stays on its line; the printer's own limit is one more, and leaves out the brace.
const RECORD: usize = 33;

/// One item with its attributes. `None`: not for this file to say.
pub(crate) fn item(tokens: &[TokenTree]) -> Option<String> {
    let mut out = String::with_capacity(64 * tokens.len());
    let rest = attributes(tokens, "", &mut out)?;
    let (keyword, body) = match rest {
        [TokenTree::Ident(vis), keyword, ..] if vis == "pub" => (keyword, rest.last()?),
        [keyword, ..] => (keyword, rest.last()?),
        [] => return None,
    };
    let TokenTree::Ident(keyword) = keyword else {
        return None;
    };
    let head = rest.get(..rest.len().checked_sub(1)?)?;
    match body {
        TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
            line(&head_text(head)?, " {", "", &mut out)?;
            let before = out.len();
            let inner: Vec<TokenTree> = body.stream().into_iter().collect();
            if inner.is_empty() {
                out.pop();
            } else if keyword == "struct" || keyword == "enum" {
                for field in separated(&inner) {
                    let rest = attributes(field, "    ", &mut out)?;
                    line(&text(rest)?, ",", "    ", &mut out)?;
                }
            } else if keyword == "trait" || keyword == "impl" {
                members(&inner, before, &mut out)?;
            } else {
                return None;
            }
            out.push_str("}\n");
        }
        TokenTree::Punct(end) if end.as_char() == ';' && keyword == "struct" => {
            line(&head_text(head)?, ";", "", &mut out)?;
        }
        _ => return None,
    }
    Some(out)
}

/// Where the first item of `tokens` ends.
pub(crate) fn item_end(tokens: &[TokenTree]) -> usize {
    let value = tokens.iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "pub" => None,
        TokenTree::Ident(word) => Some(word == "const" || word == "use" || word == "type"),
        _ => None,
    });
    let end = tokens.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && value != Some(true),
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    });
    end.map_or(tokens.len(), |end| end + 1)
}

/// Everything up to the body of an item. A bound in it may be broken, and a `where` stands on a line of its own.
fn head_text(tokens: &[TokenTree]) -> Option<String> {
    let clause = tokens
        .iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "where"));
    if clause { None } else { text(tokens) }
}

/// Functions, types and constants of a trait or of an `impl`.
fn members(mut tokens: &[TokenTree], start: usize, out: &mut String) -> Option<()> {
    while !tokens.is_empty() {
        let end = tokens
            .iter()
            .position(|token| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                _ => false,
            })
            .map_or(tokens.len(), |end| end + 1);
        let (member, others) = tokens.split_at_checked(end)?;
        let mut text = String::new();
        let rest = attributes(member, "    ", &mut text)?;
        let keyword = rest.iter().find_map(|token| match token {
            TokenTree::Ident(word) if word != "pub" => Some(word),
            _ => None,
        })?;
        if keyword == "fn" {
            function(rest, &mut text)?;
            if out.len() > start {
                out.push('\n');
            }
        } else if keyword == "type" {
            line(&self::text(rest)?, "", "    ", &mut text)?;
        } else if keyword == "const" {
            constant(rest, &mut text)?;
        } else {
            return None;
        }
        out.push_str(&text);
        tokens = others;
    }
    Some(())
}

/// `const NAME: T = f(a, b);`
fn constant(tokens: &[TokenTree], out: &mut String) -> Option<()> {
    let flat = text(tokens)?;
    if flat.len() + 4 <= FLAT {
        return line(&flat, "", "    ", out);
    }
    let [head @ .., TokenTree::Group(arguments), TokenTree::Punct(_)] = tokens else {
        return None;
    };
    let calls = head
        .iter()
        .any(|token| matches!(token, TokenTree::Group(_)));
    if flat.len() + 4 < BROKEN || calls || arguments.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    line(&text(head)?, "(", "    ", out)?;
    let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
    for argument in separated(&arguments) {
        line(&text(argument)?, ",", "        ", out)?;
    }
    line(")", ";", "    ", out)
}

/// A function with its body, or with a semicolon.
fn function(tokens: &[TokenTree], out: &mut String) -> Option<()> {
    let at = tokens.iter().position(|token| {
        matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
    })?;
    let (head, rest) = tokens.split_at_checked(at)?;
    let [TokenTree::Group(params), result @ .., end] = rest else {
        return None;
    };
    let params: Vec<TokenTree> = params.stream().into_iter().collect();
    let params: Vec<String> = separated(&params)
        .map(text)
        .collect::<Option<Vec<String>>>()?;
    let (head, result) = (head_text(head)?, head_text(result)?);
    let (body, end) = match end {
        TokenTree::Group(body) => (Some(body), " {"),
        _ => (None, ";"),
    };
    let flat = format!("{head}({}){result}", params.join(", "));
    let width = 4 + flat.len() + end.len();
    if width <= FLAT {
        line(&flat, end, "    ", out)?;
    } else if width >= BROKEN && !params.is_empty() {
        line(&head, "(", "    ", out)?;
        for param in &params {
            line(param, ",", "        ", out)?;
        }
        let last = format!("){result}");
        let width = 4 + last.len() + end.len();
        if width <= FLAT {
            line(&last, end, "    ", out)?;
        } else if width >= BROKEN {
            // The one long result that is usual.
            let (before, output) = result.split_once("impl Future<")?;
            let (output, after) = output.rsplit_once('>')?;
            line(&format!("){before}impl Future"), "<", "    ", out)?;
            line(output, ",", "        ", out)?;
            line(&format!(">{after}"), end, "    ", out)?;
        } else {
            return None;
        }
    } else {
        return None;
    }
    if let Some(body) = body {
        let body: Vec<TokenTree> = body.stream().into_iter().collect();
        let expression = text(&body)?;
        let statements = expression.contains(';');
        if body.is_empty() || statements || 8 + expression.len() > EXPRESSION {
            return None;
        }
        out.push_str("        ");
        out.push_str(&expression);
        out.push_str("\n    }\n");
    }
    Some(())
}

/// One line, if it is short enough to be one.
fn line(text: &str, end: &str, indent: &str, out: &mut String) -> Option<()> {
    if indent.len() + text.len() + end.len() > FLAT {
        return None;
    }
    out.push_str(indent);
    out.push_str(text);
    out.push_str(end);
    out.push('\n');
    Some(())
}

/// Writes the attributes in front; what is behind them.
fn attributes<'t>(
    mut tokens: &'t [TokenTree],
    indent: &str,
    out: &mut String,
) -> Option<&'t [TokenTree]> {
    while let [
        TokenTree::Punct(hash),
        TokenTree::Group(attribute),
        rest @ ..,
    ] = tokens
    {
        if hash.as_char() != '#' {
            return None;
        }
        let inner: Vec<TokenTree> = attribute.stream().into_iter().collect();
        match inner.as_slice() {
            [
                TokenTree::Ident(doc),
                TokenTree::Punct(_),
                TokenTree::Literal(text),
            ] if doc == "doc" => {
                let text = text.to_string();
                let text = text.strip_prefix('"')?.strip_suffix('"')?;
                if text.contains('\\') || text.starts_with('/') || text.contains('\n') {
                    return None;
                }
                out.push_str(indent);
                out.push_str("///");
                out.push_str(text.trim_end_matches(' '));
                out.push('\n');
            }
            // What is in a record gets its blanks elsewhere.
            _ if has_braces(&inner) => return None,
            _ => {
                let text = text(&inner)?;
                line(&format!("#[{text}]"), "", indent, out)?;
            }
        }
        tokens = rest;
    }
    Some(tokens)
}

fn has_braces(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            has_braces(&group.stream().into_iter().collect::<Vec<_>>())
        }
        TokenTree::Group(_) => true,
        _ => false,
    })
}

/// What stands between commas, those inside of angle brackets left alone.
fn separated(tokens: &[TokenTree]) -> impl Iterator<Item = &[TokenTree]> {
    let mut depth = 0usize;
    let mut arrow = false;
    let parts = tokens.split(move |token| {
        let TokenTree::Punct(punct) = token else {
            arrow = false;
            return false;
        };
        match punct.as_char() {
            '<' => depth += 1,
            '>' if !arrow => depth = depth.saturating_sub(1),
            _ => {}
        }
        arrow = punct.as_char() == '-';
        punct.as_char() == ',' && depth == 0
    });
    parts.filter(|part| !part.is_empty())
}

/// Tokens on one line.
fn text(tokens: &[TokenTree]) -> Option<String> {
    let mut out = String::with_capacity(8 * tokens.len());
    write(tokens, &mut out)?;
    Some(out)
}

fn write(tokens: &[TokenTree], out: &mut String) -> Option<()> {
    use std::fmt::Write as _;
    // The word before, or a bracket that ends like one: the next word needs a blank.
    let mut after_word = false;
    let mut rest = tokens.iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if after_word {
                    out.push(' ');
                }
                let _ = write!(out, "{token}");
                after_word = true;
            }
            TokenTree::Group(group) => {
                self::group(group, after_word, out)?;
                after_word = true;
            }
            TokenTree::Punct(punct) => {
                let joint = punct.spacing() == Spacing::Joint;
                let next = match rest.peek() {
                    Some(TokenTree::Punct(next)) if joint => Some(next.as_char()),
                    _ => None,
                };
                match (punct.as_char(), next) {
                    // A path from the root, where the schema has taken a name of the prelude.
                    (':', Some(':')) if after_word && is_root(out) => return None,
                    (':', Some(':')) => {
                        rest.next();
                        out.push_str("::");
                    }
                    ('-', Some('>')) => {
                        rest.next();
                        out.push_str(" -> ");
                    }
                    (',', _) => out.push_str(", "),
                    (':', _) => out.push_str(": "),
                    ('+', _) => out.push_str(" + "),
                    ('=', None) => out.push_str(" = "),
                    ('&' | '\'', _) => {
                        if after_word {
                            out.push(' ');
                        }
                        out.push(punct.as_char());
                    }
                    ('<' | '.' | ';', _) => out.push(punct.as_char()),
                    ('>', _) => {
                        out.push('>');
                        after_word = true;
                        continue;
                    }
                    _ => return None,
                }
                after_word = false;
            }
        }
    }
    Some(())
}

/// Whether a path begins behind this, so that `::` would not join it to what is before.
fn is_root(out: &str) -> bool {
    let keyword = ["impl", "for", "mut"].iter().any(|it| out.ends_with(it));
    keyword || out.starts_with("impl<") && out.ends_with('>')
}

fn group(group: &Group, after_word: bool, out: &mut String) -> Option<()> {
    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
    match group.delimiter() {
        Delimiter::Parenthesis => {
            // A tuple that is public, not one that is called.
            if out.ends_with("pub") {
                out.push(' ');
            }
            out.push('(');
            let parts: Vec<&[TokenTree]> = separated(&inner).collect();
            let trailing =
                matches!(inner.last(), Some(TokenTree::Punct(it)) if it.as_char() == ',');
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(part, out)?;
            }
            if trailing && parts.len() == 1 {
                out.push(',');
            }
            out.push(')');
        }
        Delimiter::Brace if after_word && inner.is_empty() => out.push_str(" {}"),
        Delimiter::Brace if after_word => {
            // The path of the record is part of its width.
            let start = out.rfind(['(', ' ']).map_or(0, |at| at + 1);
            out.push_str(" { ");
            for (at, part) in separated(&inner).enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(part, out)?;
            }
            out.push_str(" }");
            if out.len() - start > RECORD {
                return None;
            }
        }
        _ => return None,
    }
    Some(())
}

/// The items of a stream, each with its tokens.
pub(crate) fn items(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut rest: Vec<TokenTree> = tokens.into_iter().collect();
    let mut items = Vec::new();
    while !rest.is_empty() {
        let others = rest.split_off(item_end(&rest));
        items.push(std::mem::replace(&mut rest, others));
    }
    items
}
