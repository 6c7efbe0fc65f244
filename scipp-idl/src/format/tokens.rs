//! A text as the formatter sees it: tokens in order, each with the comments that belong to it.
//!
//! Total: every byte that is not a blank is in a token or a comment, also in a text that is no schema.

/// What a token is, as far as spacing depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, keyword, path, number or duration.
    Word,
    /// A string, or bytes.
    Text,
    /// A line of `///` or `//!`.
    Doc,
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comment<'s> {
    pub(super) text: &'s str,
    /// The first thing on its line.
    pub(super) starts_line: bool,
    /// The last thing on its line.
    pub(super) ends_line: bool,
    /// An empty line stands before it.
    pub(super) after_blank: bool,
}

#[derive(Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    /// Offset of the first byte.
    pub(super) start: usize,
    /// Another line than that of the token before it.
    pub(super) starts_line: bool,
    /// An empty line stands before it and behind its comments.
    pub(super) after_blank: bool,
    /// Comments before it that do not belong to the token before.
    pub(super) leading: Vec<Comment<'s>>,
    /// Comments behind it on its line.
    pub(super) trailing: Vec<Comment<'s>>,
}

/// The tokens of a text. The last one is empty, for the comments at the end.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::with_capacity(text.len() / 5);
    let mut comments: Vec<Comment<'_>> = Vec::new();
    let mut at = 0;
    let mut starts_line = false;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(is_blank).len();
        let skipped = rest.get(..blank).unwrap_or_default();
        let breaks = skipped.bytes().filter(|byte| *byte == b'\n').count();
        starts_line |= breaks > 0;
        if let Some(comment) = comments.last_mut() {
            comment.ends_line = breaks > 0 || blank == rest.len();
        }
        at += blank;
        let rest = rest.get(blank..).unwrap_or_default();
        let (kind, length) = next(rest);
        let piece = rest.get(..length).unwrap_or(rest);
        if is_comment(piece) {
            comments.push(Comment {
                text: piece.trim_end(),
                starts_line: breaks > 0,
                ends_line: false,
                after_blank: breaks > 1,
            });
            at += length;
            continue;
        }
        let mut token = Token {
            kind,
            text: piece.trim_end(),
            start: at,
            starts_line,
            after_blank: breaks > 1,
            leading: Vec::new(),
            trailing: Vec::new(),
        };
        if !comments.is_empty() {
            attach(std::mem::take(&mut comments), tokens.last_mut(), &mut token);
        }
        tokens.push(token);
        if rest.is_empty() {
            return tokens;
        }
        at += length;
        starts_line = false;
    }
}

/// Puts commas and semicolons that comments have parted from what they end before these comments.
pub(super) fn settle(tokens: &mut [Token<'_>]) {
    for at in 1..tokens.len() {
        let Some([before, mark, next @ ..]) = tokens.get_mut(at - 1..) else {
            return;
        };
        let Some(next) = next.first_mut() else {
            return;
        };
        let parted = !before.trailing.is_empty() || !mark.leading.is_empty();
        if !matches!(mark.text, "," | ";") || !mark.starts_line || !parted {
            continue;
        }
        let mut behind = std::mem::take(&mut mark.trailing);
        behind.append(&mut next.leading);
        match behind.first_mut() {
            Some(first) => first.starts_line = true,
            None => next.after_blank |= mark.after_blank,
        }
        let ahead = mark.leading.last_mut().or(before.trailing.last_mut());
        ahead.into_iter().for_each(|it| it.ends_line = true);
        mark.trailing = std::mem::take(&mut before.trailing);
        next.leading = std::mem::take(&mut mark.leading);
        next.leading.append(&mut behind);
        next.starts_line = true;
        mark.starts_line = false;
    }
}

/// Gives the comments between two tokens to the one that they stand beside.
fn attach<'s>(
    mut comments: Vec<Comment<'s>>,
    before: Option<&mut Token<'s>>,
    behind: &mut Token<'s>,
) {
    let Some(before) = before else {
        behind.leading = comments;
        return;
    };
    let on_line = comments
        .iter()
        .position(|comment| comment.starts_line)
        .unwrap_or(comments.len());
    let ended = on_line < comments.len() || comments.last().is_some_and(|it| it.ends_line);
    if ended || matches!(behind.text, ")" | "]" | "}" | ">" | "," | ";") {
        behind.leading = comments.split_off(on_line);
        before.trailing = comments;
    } else {
        behind.leading = comments;
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t' | '\r' | '\u{feff}')
}

fn is_comment(piece: &str) -> bool {
    piece.starts_with("/*") || (piece.starts_with("//") && !is_doc(piece))
}

fn is_doc(piece: &str) -> bool {
    piece.starts_with("//!") || (piece.starts_with("///") && !piece.starts_with("////"))
}

/// What a text begins with, and how many bytes it has.
fn next(text: &str) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let second = bytes.get(1).copied().unwrap_or_default();
    match bytes.first().copied() {
        None => (Kind::Mark, 0),
        Some(b'/') if second == b'/' => {
            let length = text.find('\n').unwrap_or(text.len());
            let is_doc = is_doc(text.get(..length).unwrap_or_default());
            (if is_doc { Kind::Doc } else { Kind::Mark }, length)
        }
        Some(b'/') if second == b'*' => (Kind::Mark, block_comment(bytes)),
        Some(b'"') => (Kind::Text, string(bytes, 0)),
        Some(b'b') if second == b'"' => (Kind::Text, string(bytes, 1)),
        Some(b'0'..=b'9') => (Kind::Word, number(bytes, 1)),
        Some(b'-') if second.is_ascii_digit() => (Kind::Word, number(bytes, 2)),
        Some(byte) if is_word(byte) => (Kind::Word, path(bytes)),
        Some(b'-') if second == b'>' => (Kind::Mark, 2),
        Some(b'.') if text.starts_with("..=") => (Kind::Mark, 3),
        Some(b'.') if second == b'.' => (Kind::Mark, 2),
        Some(_) => (Kind::Mark, text.chars().next().map_or(0, char::len_utf8)),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn path(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(byte), _) if is_word(*byte) => at += 1,
            (Some(b'.'), Some(next)) if is_word(*next) && !next.is_ascii_digit() => at += 1,
            _ => return at,
        }
    }
}

fn number(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match (bytes.get(at), bytes.get(at + 1), bytes.get(at + 2)) {
            (Some(b'e' | b'E'), Some(b'+' | b'-'), Some(digit)) if digit.is_ascii_digit() => {
                at += 2;
            }
            (Some(byte), ..) if is_word(*byte) => at += 1,
            (Some(b'.'), Some(digit), _) if digit.is_ascii_digit() => at += 1,
            _ => return at,
        }
    }
}

fn string(bytes: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    loop {
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') => return at + 1,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

/// Block comments nest.
fn block_comment(bytes: &[u8]) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            (Some(_), _) => at += 1,
            (None, _) => return bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_as_the_grammar_cuts_it() {
        let text = "a.b.{X} -1.5e-3..=0x1F b\"\\\"\" 1h30m->x.. /// doc\n///// no\n@r(..5) 1..2";
        let cut: Vec<_> = tokens(text).iter().map(|token| token.text).collect();
        let expected = [
            "a.b",
            ".",
            "{",
            "X",
            "}",
            "-1.5e-3",
            "..=",
            "0x1F",
            "b\"\\\"\"",
            "1h30m",
            "->",
            "x",
            "..",
            "/// doc",
            "@",
            "r",
            "(",
            "..",
            "5",
            ")",
            "1",
            "..",
            "2",
            "",
        ];
        assert_eq!(cut, expected);
    }

    #[test]
    fn comments_belong_to_what_they_stand_beside() {
        let text = "a, // one\n// two\n\nb /* three */ c /* four */)\n// five";
        let tokens = tokens(text);
        let of =
            |list: &[Comment<'_>]| list.iter().map(|it| it.text.to_owned()).collect::<Vec<_>>();
        let all: Vec<_> = tokens
            .iter()
            .map(|it| (of(&it.leading), it.text, of(&it.trailing)))
            .filter(|(leading, _, trailing)| !leading.is_empty() || !trailing.is_empty())
            .collect();
        let list = |text: &str| vec![text.to_owned()];
        let none = Vec::new;
        assert_eq!(
            all,
            [
                (none(), ",", list("// one")),
                (list("// two"), "b", none()),
                (list("/* three */"), "c", list("/* four */")),
                (list("// five"), "", none()),
            ]
        );
    }
}
