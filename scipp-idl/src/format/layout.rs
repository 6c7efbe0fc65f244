//! From tokens to instructions for the printer: what belongs on a line, and where one may end.
//!
//! It follows the grammar as far as layout depends on it, and prints what it doesn't foresee one token after the other.
//! It is one file because it mirrors one grammar.

use super::print::{Gap, Group, Op};
use super::style::is_apart;
use super::tokens::{Comment, Kind, Token};
use std::ops::Range;

/// An item or import, or comments that stand alone.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Index of its first and behind its last token.
    pub(super) tokens: Range<usize>,
    /// Which comments before its first token belong to it.
    pub(super) comments: Range<usize>,
    pub(super) gap: Gap,
}

/// What stands in a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Fields,
    Clauses,
    Endpoints,
    Examples,
    Steps,
    Names,
    Params,
    Arguments,
    Types,
    Tuple,
    Values,
    /// `{ a: b }` as a value.
    Pairs,
}

impl Inside {
    /// The body of a declaration: on several lines if it was, with empty lines where they were.
    fn is_body(self) -> bool {
        use Inside::*;
        matches!(self, Fields | Clauses | Endpoints | Examples | Steps)
    }

    fn is_always_broken(self) -> bool {
        matches!(self, Inside::Endpoints | Inside::Examples)
    }

    fn line<'s>(self) -> Op<'s> {
        if self.is_body() || self == Inside::Pairs {
            Op::Line
        } else {
            Op::SoftLine
        }
    }

    fn has_trailing_comma(self) -> bool {
        use Inside::*;
        !matches!(self, Endpoints | Examples | Steps)
    }
}

/// The layout of a file.
pub(super) fn layout<'s>(tokens: &[Token<'s>], units: &[Unit]) -> Vec<Op<'s>> {
    let mut layout = Layout {
        partners: partners(tokens),
        sums: sums(tokens),
        ops: Vec::with_capacity(tokens.len() * 3),
        at: 0,
        led: None,
        before: None,
        tokens,
    };
    for unit in units {
        layout.unit(unit);
    }
    layout.ops
}

/// Of each opening bracket, its closing one.
fn partners(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut partners = vec![0; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" | "<" => open.push(at),
            ")" | "]" | "}" | ">" => {
                if let Some(place) = open.pop().and_then(|start| partners.get_mut(start)) {
                    *place = at;
                }
            }
            _ => {}
        }
    }
    partners
}

/// Before each token: how many others start a line, and how many comments there are.
fn sums(tokens: &[Token<'_>]) -> Vec<(usize, usize)> {
    let mut sums = Vec::with_capacity(tokens.len() + 1);
    let (mut lines, mut comments) = (0, 0);
    for token in tokens {
        lines += usize::from(token.starts_line);
        comments += token.leading.len();
        sums.push((lines, comments));
        comments += token.trailing.len();
    }
    sums
}

struct Layout<'t, 's> {
    tokens: &'t [Token<'s>],
    partners: Vec<usize>,
    sums: Vec<(usize, usize)>,
    ops: Vec<Op<'s>>,
    /// Index of the next token.
    at: usize,
    /// The token whose leading comments are printed already.
    led: Option<usize>,
    /// What was printed last on this line.
    before: Option<(Kind, &'s str)>,
}

impl<'s> Layout<'_, 's> {
    // -- tokens and comments

    fn peek(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |it| it.text)
    }

    fn kind(&self, ahead: usize) -> Kind {
        let token = self.tokens.get(self.at + ahead);
        token.map_or(Kind::Mark, |it| it.kind)
    }

    fn is_word(&self) -> bool {
        self.kind(0) == Kind::Word
    }

    fn op(&mut self, op: Op<'s>) {
        match op {
            Op::Line | Op::SoftLine | Op::LineEnd | Op::EmptyLine | Op::Fill => self.before = None,
            _ => {}
        }
        self.ops.push(op);
    }

    fn apart(&mut self, next: (Kind, &str)) {
        if self.before.is_some_and(|before| is_apart(before, next)) {
            self.ops.push(Op::Blank);
        }
    }

    fn comment(&mut self, comment: Comment<'s>) {
        self.apart((Kind::Word, "c"));
        self.ops.push(Op::Comment {
            text: comment.text,
            starts_line: comment.starts_line,
            ends_line: comment.ends_line,
        });
        self.before = Some((Kind::Word, "c"));
    }

    /// The next token with its comments.
    fn put(&mut self) {
        self.put_with(true);
    }

    fn put_with(&mut self, apart: bool) {
        self.open_token(apart);
        self.trailing(self.at - 1);
    }

    /// The next token without the comments behind it.
    fn open_token(&mut self, apart: bool) {
        let tokens = self.tokens;
        let Some(token) = tokens.get(self.at) else {
            return;
        };
        if self.led != Some(self.at) {
            for comment in &token.leading {
                self.comment(*comment);
            }
        }
        if apart || !token.leading.is_empty() {
            self.apart((token.kind, token.text));
        }
        self.ops.push(Op::Text(token.text));
        self.before = Some((token.kind, token.text));
        self.at += 1;
    }

    fn trailing(&mut self, at: usize) {
        let tokens = self.tokens;
        for comment in tokens.get(at).map_or(&[][..], |it| &it.trailing) {
            self.comment(*comment);
        }
    }

    /// Comments before the next token where an entry may begin: each on the lines that it had.
    fn lead(&mut self) {
        let tokens = self.tokens;
        let count = tokens.get(self.at).map_or(0, |it| it.leading.len());
        self.lead_from(0..count, true);
    }

    fn lead_from(&mut self, range: Range<usize>, with_token: bool) {
        let tokens = self.tokens;
        let Some(token) = tokens.get(self.at) else {
            return;
        };
        if self.led == Some(self.at) {
            return;
        }
        let comments = token.leading.get(range).unwrap_or_default();
        let mut ended = None;
        for comment in comments {
            match ended {
                Some(true) if comment.after_blank => self.op(Op::EmptyLine),
                Some(true) => self.op(Op::LineEnd),
                _ => {}
            }
            self.comment(*comment);
            ended = Some(comment.ends_line);
        }
        if with_token {
            self.led = Some(self.at);
            match ended {
                Some(true) if token.after_blank => self.op(Op::EmptyLine),
                Some(true) => self.op(Op::LineEnd),
                _ => {}
            }
        }
    }

    /// Whether an empty line stands before the next token and its comments.
    fn after_blank(&self) -> bool {
        let Some(token) = self.tokens.get(self.at) else {
            return false;
        };
        let first = token.leading.first();
        first.map_or(token.after_blank, |comment| comment.after_blank)
    }

    // -- groups

    fn open(&mut self, group: Group) {
        self.ops.push(Op::Open(group));
    }

    /// Ends a group. Comments at its end stand behind it: they don't break it.
    fn close(&mut self) {
        let is_behind = |op: &Op<'_>| matches!(op, Op::Comment { .. } | Op::Blank);
        let count = self.ops.iter().rev().take_while(|op| is_behind(op)).count();
        let behind = self.ops.split_off(self.ops.len() - count);
        self.ops.extend([Op::Dedent, Op::Close]);
        self.ops.extend(behind);
    }

    /// What is in a bracket, and the bracket.
    fn bracket(&mut self, inside: Inside, apart: bool) {
        let start = self.at;
        let end = self.partners.get(start).copied().unwrap_or(0);
        if end <= start {
            return self.put_with(apart);
        }
        let sum = |at: usize| self.sums.get(at).copied().unwrap_or_default();
        let (lines, comments) = (sum(end).0 - sum(start).0, sum(end).1 - sum(start).1);
        let is_empty = end == start + 1;
        let broken = if is_empty {
            inside.is_body() && comments > 0
        } else {
            inside.is_always_broken() || (inside.is_body() && lines + comments > 0)
        };
        // Comments before the bracket are not in it.
        if self.led != Some(start) {
            let tokens = self.tokens;
            for comment in tokens.get(start).map_or(&[][..], |it| &it.leading) {
                self.comment(*comment);
            }
            self.led = Some(start);
        }
        if apart {
            let text = (Kind::Mark, self.tokens.get(start).map_or("", |it| it.text));
            self.apart(text);
        }
        self.open(Group {
            broken,
            early: inside.is_body() || matches!(inside, Inside::Values | Inside::Pairs),
            body: inside.is_body(),
        });
        self.open_token(false);
        self.trailing(start);
        self.ops.push(Op::Indent);
        let alone = matches!(inside, Inside::Arguments) && self.entries(start, end) == 1;
        let line = if alone { None } else { Some(inside.line()) };
        let has_entries = self.bracket_entries(inside, end, line);
        let closing_comments = self
            .tokens
            .get(end)
            .is_some_and(|it| !it.leading.is_empty());
        if closing_comments {
            self.closing_comments(inside, end);
        }
        self.ops.push(Op::Dedent);
        self.led = Some(end);
        self.at = end;
        if has_entries || closing_comments || comments > 0 {
            line.into_iter().for_each(|line| self.op(line));
        }
        self.open_token(false);
        self.ops.push(Op::Close);
        self.trailing(end);
    }

    /// Returns whether there are any.
    fn bracket_entries(&mut self, inside: Inside, end: usize, line: Option<Op<'s>>) -> bool {
        let mut first = true;
        let one = inside == Inside::Tuple && self.entries(self.at - 1, end) == 1;
        while self.at < end {
            let from = self.at;
            if inside == Inside::Endpoints {
                self.endpoint(first);
            } else {
                if !first && inside.is_body() && self.after_blank() {
                    self.op(Op::EmptyLine);
                } else if let Some(line) = if first { line } else { line.map(|_| Op::Line) } {
                    self.op(line);
                }
                if line.is_some() {
                    self.lead();
                }
                self.entry(inside, end);
            }
            first = false;
            if self.at == from {
                self.put();
            }
            let ends_itself = matches!(self.tokens.get(self.at - 1), Some(it) if it.text == ";");
            let is_example = inside == Inside::Clauses && self.last_is_example(from);
            let is_last = self.at >= end;
            if self.at < end && self.peek(0) == "," {
                if self.at + 1 < end || one || !inside.has_trailing_comma() {
                    self.put();
                } else {
                    self.drop_comma(line.is_some());
                }
            } else if is_last
                && line.is_some()
                && !one
                && !ends_itself
                && !is_example
                && inside.has_trailing_comma()
            {
                self.ops.push(Op::TrailingComma);
            } else if inside == Inside::Steps && self.peek(0) == ";" {
                self.put();
            }
        }
        !first
    }

    /// The comma before a closing bracket is there or not by whether the group is broken. Its comments stay.
    fn drop_comma(&mut self, may_break: bool) {
        if may_break {
            self.ops.push(Op::TrailingComma);
        }
        let tokens = self.tokens;
        if let Some(comma) = tokens.get(self.at) {
            for comment in comma.leading.iter().chain(&comma.trailing) {
                self.comment(*comment);
            }
        }
        self.at += 1;
    }

    fn last_is_example(&self, from: usize) -> bool {
        let mut words = self.tokens.get(from..self.at).unwrap_or_default().iter();
        words
            .find(|it| it.text == "{" || it.text == "example")
            .is_some_and(|it| it.text == "example")
            && self
                .tokens
                .get(self.at - 1)
                .is_some_and(|it| it.text == "}")
    }

    /// How many entries a bracket has, by its commas.
    fn entries(&self, start: usize, end: usize) -> usize {
        let mut at = start + 1;
        let mut count = usize::from(end > at);
        while at < end {
            let token = self.tokens.get(at).map_or("", |it| it.text);
            if matches!(token, "(" | "[" | "{" | "<") {
                at = self.partners.get(at).copied().unwrap_or(at).max(at);
            }
            count += usize::from(token == "," && at + 1 < end);
            at += 1;
        }
        count
    }

    /// Comments on lines of their own before a closing bracket.
    fn closing_comments(&mut self, inside: Inside, end: usize) {
        self.at = end;
        let tokens = self.tokens;
        let Some(first) = tokens.get(end).and_then(|it| it.leading.first()) else {
            return;
        };
        if first.after_blank
            && inside.is_body()
            && tokens.get(end - 1).is_some_and(|it| it.text != "{")
        {
            self.op(Op::EmptyLine);
        } else if first.ends_line {
            self.op(Op::LineEnd);
        } else {
            // On the line of what is before, if the group is.
            let before = self.before;
            self.op(inside.line());
            self.before = before;
        }
        let count = tokens.get(end).map_or(0, |it| it.leading.len());
        self.lead_from(0..count, false);
    }

    // -- items

    fn unit(&mut self, unit: &Unit) {
        self.at = unit.tokens.start;
        self.before = None;
        self.led = None;
        self.ops.push(Op::Unit(unit.gap));
        self.lead_from(unit.comments.clone(), !unit.tokens.is_empty());
        if !unit.tokens.is_empty() {
            self.meta(true);
            self.item(unit.tokens.end);
        }
        self.ops.push(Op::LineEnd);
        self.ops.push(Op::UnitEnd);
    }

    fn item(&mut self, end: usize) {
        let keyword = self.at;
        let word = |at: usize| self.tokens.get(at).map_or("", |it| it.text);
        let inside = match word(keyword) {
            "use" => Inside::Names,
            "interface" => Inside::Endpoints,
            _ => Inside::Fields,
        };
        let is_const = word(keyword) == "const";
        let is_interface = word(keyword) == "interface";
        while self.at < end {
            match self.peek(0) {
                "{" => self.bracket(inside, inside != Inside::Names),
                "<" => self.bracket(Inside::Types, false),
                "(" => self.bracket(Inside::Arguments, false),
                "=" if is_const => {
                    self.put();
                    self.value();
                }
                "=" | ":" => {
                    self.put();
                    self.type_use(true);
                }
                "@" => self.late_option(),
                _ if is_interface && matches!(self.before, Some((_, ","))) => {
                    self.fill();
                }
                _ => self.put(),
            }
        }
    }

    /// A place for a line end in a declaration that is too long.
    fn fill(&mut self) {
        self.ops.push(Op::Indent);
        self.op(Op::Fill);
        // The indent counts where a line begins, and the next token begins it.
        self.lead();
        self.open_token(true);
        self.ops.push(Op::Dedent);
        self.trailing(self.at - 1);
    }

    /// Doc comments and options. Those of items and endpoints stand on lines of their own.
    fn meta(&mut self, own_lines: bool) {
        loop {
            let is_doc = self.kind(0) == Kind::Doc;
            if !is_doc && self.peek(0) != "@" {
                return;
            }
            if is_doc {
                let tokens = self.tokens;
                let text = tokens.get(self.at).map_or("", |it| it.text);
                self.ops.push(Op::Doc(text));
                self.at += 1;
            } else {
                self.option();
            }
            let is_option = self.peek(0) == "@";
            let on_line = self.tokens.get(self.at).is_some_and(|it| !it.starts_line);
            if is_doc || self.kind(0) == Kind::Doc || !on_line || (own_lines && !is_option) {
                self.op(Op::LineEnd);
            } else {
                self.op(Op::Fill);
            }
            self.lead();
        }
    }

    /// `@name(arguments)`
    fn option(&mut self) {
        self.put();
        if self.is_word() {
            self.put();
        }
        if self.peek(0) == "(" {
            self.bracket(Inside::Arguments, false);
        }
    }

    /// An option behind a type or value.
    fn late_option(&mut self) {
        self.fill();
        if self.is_word() {
            self.put();
        }
        if self.peek(0) == "(" {
            self.bracket(Inside::Arguments, false);
        }
    }

    // -- what is in brackets

    fn entry(&mut self, inside: Inside, end: usize) {
        match inside {
            Inside::Fields | Inside::Params => self.field(end),
            Inside::Clauses if self.starts_example() => {
                self.meta(true);
                self.example();
            }
            Inside::Clauses => {
                self.put();
                self.type_use(true);
            }
            Inside::Endpoints => {}
            Inside::Examples => {
                self.meta(true);
                self.example();
            }
            Inside::Steps => {
                self.put();
                self.value();
            }
            Inside::Names => self.until_comma(end),
            Inside::Arguments | Inside::Values | Inside::Pairs => self.until_comma(end),
            Inside::Types | Inside::Tuple => self.type_use(false),
        }
    }

    fn starts_example(&self) -> bool {
        matches!(self.kind(0), Kind::Doc)
            || self.peek(0) == "@"
            || (self.peek(0) == "example" && self.kind(1) == Kind::Text)
    }

    fn until_comma(&mut self, end: usize) {
        while self.at < end && self.peek(0) != "," {
            match self.peek(0) {
                "{" => self.bracket(Inside::Pairs, true),
                "[" => self.bracket(Inside::Values, true),
                "(" => self.bracket(Inside::Values, true),
                _ => self.put(),
            }
        }
    }

    /// A field, parameter or member, or `reserved a, b;`.
    fn field(&mut self, end: usize) {
        self.meta(false);
        if self.peek(0) == "reserved" && self.kind(1) == Kind::Word {
            while self.at < end && self.peek(0) != ";" {
                self.put();
            }
            return self.put();
        }
        while self.at < end {
            match self.peek(0) {
                "," => return,
                ":" => {
                    self.put();
                    self.type_use(true);
                }
                "=" => {
                    self.put();
                    self.value();
                }
                "@" => self.late_option(),
                _ => self.put(),
            }
        }
    }

    fn endpoint(&mut self, first: bool) {
        let inside = self
            .tokens
            .get(self.at)
            .is_some_and(|it| it.after_blank || it.leading.iter().any(|it| it.after_blank));
        let gap = match (first, self.after_blank()) {
            (true, _) => Gap::None,
            (_, true) => Gap::Empty,
            _ if inside => Gap::Inside,
            _ => Gap::ByHeight,
        };
        if first {
            self.op(Op::LineEnd);
        }
        self.before = None;
        self.ops.push(Op::Unit(gap));
        self.lead();
        self.meta(true);
        let body = if self.peek(0) == "context" {
            Inside::Clauses
        } else {
            Inside::Examples
        };
        let mut seen_params = false;
        loop {
            match self.peek(0) {
                "" | "}" => break,
                ";" => {
                    self.put();
                    break;
                }
                "{" => {
                    self.bracket(body, true);
                    break;
                }
                "(" if !seen_params => {
                    seen_params = true;
                    self.bracket(Inside::Params, false);
                }
                "->" | "yields" | "raises" if seen_params => {
                    let is_arrow = self.peek(0) == "->";
                    self.fill();
                    self.ops.push(Op::Indent);
                    self.type_use(!is_arrow);
                    self.ops.push(Op::Dedent);
                }
                _ => self.put(),
            }
        }
        self.op(Op::LineEnd);
        self.ops.push(Op::UnitEnd);
    }

    /// `example "title" { ... }`
    fn example(&mut self) {
        while !matches!(self.peek(0), "" | "{" | "}") {
            self.put();
        }
        if self.peek(0) == "{" {
            self.bracket(Inside::Steps, true);
        }
    }

    fn value(&mut self) {
        match self.peek(0) {
            "{" => self.bracket(Inside::Pairs, true),
            "[" => self.bracket(Inside::Values, true),
            "," | ";" | "}" | ")" => {}
            _ => {
                let may_be_named = self.is_word();
                self.put();
                if may_be_named && self.peek(0) == "{" {
                    self.bracket(Inside::Pairs, true);
                }
            }
        }
    }

    // -- types

    /// A type. A union that is too long has a line for each member; `apart`, the first one too.
    fn type_use(&mut self, apart: bool) {
        let (end, is_union, is_written_long) = self.type_end(apart);
        if !is_union {
            while self.at < end {
                self.type_member();
            }
            return;
        }
        self.open(Group {
            broken: is_written_long,
            ..Group::default()
        });
        self.ops.push(Op::Indent);
        if apart {
            self.op(Op::Line);
            self.lead();
        }
        let mut first = true;
        while self.at < end {
            if self.peek(0) == "|" {
                if !first {
                    self.op(Op::Line);
                    self.lead();
                }
                self.put();
            } else {
                self.type_member();
            }
            first = false;
        }
        self.close();
    }

    /// Where the type ends that begins here, whether it is a union, and whether that was on several lines.
    fn type_end(&self, apart: bool) -> (usize, bool, bool) {
        let mut at = self.at;
        let (mut is_union, mut is_long) = (false, false);
        let text = |at: usize| self.tokens.get(at).map_or("", |it| it.text);
        let starts_line = |at: usize| self.tokens.get(at).is_some_and(|it| it.starts_line);
        is_long |= apart && starts_line(at);
        loop {
            if text(at) == "|" {
                is_union = true;
                is_long |= at > self.at && starts_line(at);
                at += 1;
            }
            let is_word = self.tokens.get(at).is_some_and(|it| it.kind == Kind::Word);
            if text(at) == "(" {
                at = self.partners.get(at).copied().unwrap_or(at).max(at) + 1;
            } else if is_word {
                at += 1;
                if text(at) == "<" {
                    at = self.partners.get(at).copied().unwrap_or(at).max(at) + 1;
                }
            } else {
                break;
            }
            while text(at) == "?" {
                at += 1;
            }
            if text(at) != "|" {
                break;
            }
        }
        (at, is_union, is_long)
    }

    fn type_member(&mut self) {
        match self.peek(0) {
            "(" => self.bracket(Inside::Tuple, true),
            "<" => self.bracket(Inside::Types, false),
            _ => self.put(),
        }
    }
}
