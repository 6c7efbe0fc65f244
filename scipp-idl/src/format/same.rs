//! The proof that formatting has lost nothing: two texts have the same tokens and comments in the same order.
//!
//! It reads both texts anew and knows nothing of how one was made from the other. It looks away from what formatting
//! may change, and only from that: blanks; a comma before a closing bracket (but not the one that makes a tuple of
//! one); whether a comma or semicolon stands before or behind a comment; blanks at the end of a line of a comment; the
//! order of imports, whose comments move with them.

use super::tokens::{Comment, Kind, Token, tokens};

/// Whether both texts say the same.
pub(super) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (pieces(one), pieces(other));
    if one == other {
        return true;
    }
    let (one, other) = (Parts::of(&one), Parts::of(&other));
    // Only imports may have another order.
    !one.imports.is_empty() && one == other
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'s> {
    Token(&'s str),
    Comment(&'s str),
}

impl Piece<'_> {
    fn is_comment(self) -> bool {
        matches!(self, Piece::Comment(_))
    }
}

/// An open bracket: whether a comma before its partner has a meaning, and how many commas it has seen.
struct Bracket {
    tuple: bool,
    commas: usize,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let tokens = tokens(text);
    let mut pieces = Vec::with_capacity(tokens.len());
    let mut brackets: Vec<Bracket> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        push_comments(&mut pieces, &token.leading);
        match token.text {
            "(" | "[" | "{" | "<" => brackets.push(Bracket {
                tuple: token.text == "(" && !is_argument_list(&tokens, at),
                commas: 0,
            }),
            ")" | "]" | "}" | ">" => {
                let one = brackets.pop().is_some_and(|it| it.tuple && it.commas == 1);
                let last = before_comments(&pieces);
                let before = last.checked_sub(1).and_then(|last| pieces.get(last));
                if !one && before == Some(&Piece::Token(",")) {
                    pieces.remove(last - 1);
                }
            }
            _ => {}
        }
        if let Some(bracket) = brackets.last_mut() {
            bracket.commas += usize::from(token.text == ",");
            // Only a parameter has a colon at the level of its bracket.
            bracket.tuple &= token.text != ":";
        }
        let place = match token.text {
            "," | ";" => before_comments(&pieces),
            _ => pieces.len(),
        };
        pieces.insert(place, Piece::Token(token.text));
        push_comments(&mut pieces, &token.trailing);
    }
    pieces
}

fn push_comments<'s>(pieces: &mut Vec<Piece<'s>>, comments: &[Comment<'s>]) {
    for comment in comments {
        let lines = comment.text.split('\n').map(str::trim_end);
        pieces.extend(lines.map(Piece::Comment));
    }
}

/// The place behind the last token.
fn before_comments(pieces: &[Piece<'_>]) -> usize {
    let comments = pieces.iter().rev().take_while(|it| it.is_comment()).count();
    pieces.len() - comments
}

/// `@name(`
fn is_argument_list(tokens: &[Token<'_>], open: usize) -> bool {
    let before = |count: usize| open.checked_sub(count).and_then(|at| tokens.get(at));
    before(1).is_some_and(|it| it.kind == Kind::Word) && before(2).is_some_and(|it| it.text == "@")
}

/// A text whose imports may stand in any order.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'p, 's> {
    /// Without imports and comments.
    tokens: Vec<&'p Piece<'s>>,
    /// Sorted.
    imports: Vec<Vec<&'p Piece<'s>>>,
    /// Sorted.
    comments: Vec<&'p Piece<'s>>,
}

impl<'p, 's> Parts<'p, 's> {
    fn of(pieces: &'p [Piece<'s>]) -> Self {
        let (mut comments, all): (Vec<&'p Piece<'s>>, Vec<&'p Piece<'s>>) =
            pieces.iter().partition(|it| it.is_comment());
        comments.sort_unstable();
        let mut imports = Vec::new();
        let mut tokens: Vec<&'p Piece<'s>> = Vec::with_capacity(all.len());
        let mut depth = 0usize;
        let mut rest = all.into_iter().peekable();
        while let Some(piece) = rest.next() {
            let ended = matches!(tokens.last(), Some(Piece::Token(";" | "}")));
            if depth == 0 && ended && *piece == Piece::Token("use") {
                let mut import = vec![piece];
                import.extend(std::iter::from_fn(|| {
                    rest.next_if(|it| **it != Piece::Token(";"))
                }));
                imports.push(import);
                // Its semicolon stays, so that what follows is known to begin.
                continue;
            }
            match piece {
                Piece::Token("{") => depth += 1,
                Piece::Token("}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            tokens.push(piece);
        }
        imports.sort_unstable();
        Self {
            tokens,
            imports,
            comments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn what_may_change() {
        for (one, other) in [
            ("a{b:c}", "a { b: c, }"),
            ("a { b: c // d\n , e: f }", "a { b: c, // d\n e: f }"),
            ("a { /* b  \n c */ }", "a { /* b\n c */ }"),
            (
                "package a; use c; /* 1 */ use b; // 2\n x {}",
                "package a; /* 1 */ use b; // 2\n use c; x {}",
            ),
            ("fn f(a: b,)", "fn f(a: b)"),
            ("@f(a,)", "@f(a)"),
        ] {
            assert!(same(one, other), "{one} | {other}");
        }
    }

    #[test]
    fn what_may_not() {
        for (one, other) in [
            ("a b", "a"),
            ("a b", "b a"),
            ("a b", "ab"),
            ("a: (b,)", "a: (b)"),
            ("a, b", "a b"),
            ("a // b", "a"),
            ("a // b\n c", "a c // b"),
            ("a /* b */", "a // b"),
            ("\"a b\"", "\"a  b\""),
            ("/// a\n b", "// a\n b"),
            ("a { b, c }", "a { c, b }"),
            ("package a; use b; use c;", "package a; use b;"),
            ("package a; use b; use c;", "package a; use b; use b;"),
            ("package a; use b; x y;", "package a; x y; use c;"),
        ] {
            assert!(!same(one, other), "{one} | {other}");
        }
    }
}
