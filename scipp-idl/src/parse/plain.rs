//! Items without a mistake, read without pest: what most items of most files are.
//!
//! The grammar has a rule for each way to be wrong, and pest tries them all on its way through an item that is right. So an
//! item is read by this file first, which knows what is right and nothing else. Wherever something else stands, a reserved
//! word, a plain comment inside of an entry, an example, it gives up (`None`), and pest reads the item from its start: the
//! diagnostics, and whatever is rare, have one source. That both make the same tree of whatever this file takes is tested on
//! every schema of the repository and on thousands of damaged ones (`plain/tests.rs`); docs/decisions/0050 has the figures.
//!
//! Each function is named like the rule of `grammar.pest` that it reads, and takes less than it.

#[cfg(test)]
mod tests;

use super::{RESERVED_WORDS, add_doc};
use crate::literal;
use crate::schema::EndpointKind;
use crate::source::{SourceId, Span};
use crate::syntax::*;

/// The item that is all of `text`, which begins at `base` in the source. `None`: not for this file to say.
pub(super) fn item<'s>(source: SourceId, text: &'s str, base: usize) -> Option<Item<'s>> {
    let mut plain = Plain {
        source,
        text,
        base,
        at: 0,
        end: 0,
    };
    let item = plain.item()?;
    (plain.end == text.len()).then_some(item)
}

struct Plain<'s> {
    source: SourceId,
    text: &'s str,
    base: usize,
    at: usize,
    /// Behind the last token: where a node ends.
    end: usize,
}

impl<'s> Plain<'s> {
    // -- bytes and words

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn byte_behind(&self) -> u8 {
        self.text.as_bytes().get(self.at + 1).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte behind blanks; 0 at the end.
    fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
        self.byte()
    }

    /// Blanks and plain comments between entries. Inside of an entry a comment is left to pest: nodes may end with it there.
    fn gap(&mut self) {
        while self.peek() == b'/' && self.byte_behind() == b'/' && !is_doc(self.rest()) {
            self.at += line(self.rest()).len();
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        if found {
            self.token(1);
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// `=`, and not `==` or `=>`, which other languages have.
    fn equals(&mut self) -> Option<()> {
        let single = self.peek() == b'=' && !matches!(self.byte_behind(), b'=' | b'>');
        single.then(|| self.token(1))
    }

    fn token(&mut self, length: usize) {
        self.at += length;
        self.end = self.at;
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + self.end)
    }

    fn text(&self, start: usize) -> &'s str {
        self.text.get(start..self.end).unwrap_or_default()
    }

    /// Where the next token begins.
    fn start(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// A word, whatever it means.
    fn ident(&mut self) -> Option<Name<'s>> {
        if !is_word_start(self.peek()) {
            return None;
        }
        let start = self.at;
        while is_word(self.byte()) {
            self.at += 1;
        }
        self.end = self.at;
        Some(Name {
            text: self.text(start),
            span: self.span(start),
        })
    }

    /// A word that may be declared.
    fn name(&mut self) -> Option<Name<'s>> {
        self.ident()
            .filter(|name| !RESERVED_WORDS.contains(&name.text))
    }

    fn keyword(&mut self, word: &str) -> Option<Span> {
        let name = self.ident()?;
        (name.text == word).then_some(name.span)
    }

    fn path(&mut self) -> Option<Path<'s>> {
        let start = self.start();
        self.ident()?;
        while self.byte() == b'.' && is_word_start(self.byte_behind()) {
            self.token(1);
            self.ident()?;
        }
        Some(Path {
            text: self.text(start),
            span: self.span(start),
        })
    }

    /// Doc comments and options, in any order.
    fn meta(&mut self, doc: &mut String, options: &mut Vec<Opt<'s>>) -> Option<()> {
        loop {
            match self.peek() {
                b'/' if self.rest().starts_with("///") && is_doc(self.rest()) => {
                    let line = line(self.rest());
                    add_doc(doc, line);
                    self.token(line.len());
                    self.gap();
                }
                b'@' => options.push(self.option()?),
                _ => return Some(()),
            }
        }
    }

    fn options(&mut self, options: &mut Vec<Opt<'s>>) -> Option<()> {
        while self.peek() == b'@' {
            options.push(self.option()?);
        }
        Some(())
    }

    /// What is separated by commas up to `close`; a comma may follow the last.
    fn list<T>(&mut self, close: u8, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        while !self.take(close) {
            all.push(one(self)?);
            if !self.take(b',') {
                self.expect(close)?;
                break;
            }
        }
        Some(all)
    }

    // -- items

    fn item(&mut self) -> Option<Item<'s>> {
        let start = self.start();
        let mut doc = String::new();
        let mut options = Vec::new();
        self.meta(&mut doc, &mut options)?;
        let mut keyword = self.ident()?.text;
        let open = keyword == "open";
        if open {
            keyword = self.ident()?.text;
        }
        if open && !matches!(keyword, "enum" | "union") {
            return None;
        }
        let name = self.name()?;
        let mut params = Vec::new();
        if keyword != "const" && self.take(b'<') {
            params = self.list(b'>', Self::name)?;
        }
        let kind = match keyword {
            "struct" => ItemKind::Struct(self.record_body()?),
            "message" => ItemKind::Message(self.record_body()?),
            "error" => ItemKind::Error(self.record_body()?),
            "enum" => ItemKind::Enum(self.enum_body(open)?),
            "union" => {
                self.equals()?;
                let ty = self.ty()?;
                self.expect(b';')?;
                ItemKind::Union { open, ty }
            }
            "alias" => {
                self.equals()?;
                let ty = self.ty()?;
                self.expect(b';')?;
                ItemKind::Alias(ty)
            }
            "newtype" => {
                self.equals()?;
                let ty = self.ty()?;
                self.options(&mut options)?;
                self.expect(b';')?;
                ItemKind::Newtype(ty)
            }
            "const" => {
                self.expect(b':')?;
                let ty = self.ty()?;
                self.equals()?;
                let value = self.value()?;
                self.expect(b';')?;
                ItemKind::Const(ty, Some(value))
            }
            "ext" => self.ext()?,
            "interface" => ItemKind::Interface(self.interface()?),
            _ => return None,
        };
        Some(Item {
            doc,
            options,
            name,
            params,
            kind,
            span: self.span(start),
        })
    }

    fn ext(&mut self) -> Option<ItemKind<'s>> {
        self.expect(b'(')?;
        let start = self.start();
        let kind = self.number()?;
        let code = Value {
            kind,
            span: self.span(start),
        };
        self.expect(b')')?;
        let body = if self.peek() == b'{' {
            ExtBody::Record(self.record_body()?)
        } else {
            self.equals()?;
            let ty = self.ty()?;
            self.expect(b';')?;
            ExtBody::Type(ty)
        };
        Some(ItemKind::Ext(code, body))
    }

    fn record_body(&mut self) -> Option<Body<'s>> {
        self.expect(b'{')?;
        let mut body = Body::default();
        loop {
            self.gap();
            if self.take(b'}') {
                return Some(body);
            }
            if self.reserved(&mut body.reserved)? {
                continue;
            }
            body.fields.push(self.field()?);
            self.separator(b'}')?;
        }
    }

    /// A comma, or nothing before the end.
    fn separator(&mut self, close: u8) -> Option<()> {
        (self.take(b',') || self.peek() == close).then_some(())
    }

    /// `reserved a, b;` if that comes. `reserved` may be the name of a field, too.
    fn reserved(&mut self, names: &mut Vec<Name<'s>>) -> Option<bool> {
        const WORD: &str = "reserved";
        let (at, end) = (self.at, self.end);
        if !self.rest().starts_with(WORD) {
            return Some(false);
        }
        self.keyword(WORD)?;
        if !is_word_start(self.peek()) {
            (self.at, self.end) = (at, end);
            return Some(false);
        }
        names.push(self.ident()?);
        while self.take(b',') {
            names.push(self.ident()?);
        }
        self.expect(b';')?;
        Some(true)
    }

    fn field(&mut self) -> Option<Field<'s>> {
        let start = self.start();
        let mut doc = String::new();
        let mut options = Vec::new();
        self.meta(&mut doc, &mut options)?;
        let name = self.name()?;
        let question = self.start();
        let omittable = self.take(b'?').then(|| self.span(question));
        self.expect(b':')?;
        let ty = self.ty()?;
        self.options(&mut options)?;
        let mut default = None;
        if self.peek() == b'=' {
            self.equals()?;
            default = Some(self.value()?);
            self.options(&mut options)?;
        }
        Some(Field {
            doc,
            name,
            omittable,
            ty,
            default,
            options,
            span: self.span(start),
        })
    }

    fn enum_body(&mut self, open: bool) -> Option<Enum<'s>> {
        let repr = if self.take(b':') {
            Some(self.ty()?)
        } else {
            None
        };
        self.expect(b'{')?;
        let mut members = Vec::new();
        let mut reserved = Vec::new();
        loop {
            self.gap();
            if self.take(b'}') {
                return Some(Enum {
                    open,
                    repr,
                    members,
                    reserved,
                });
            }
            if self.reserved(&mut reserved)? {
                continue;
            }
            members.push(self.member()?);
            self.separator(b'}')?;
        }
    }

    fn member(&mut self) -> Option<Member<'s>> {
        let start = self.start();
        let mut doc = String::new();
        let mut options = Vec::new();
        self.meta(&mut doc, &mut options)?;
        let name = self.name()?;
        self.options(&mut options)?;
        let mut value = None;
        if self.peek() == b'=' {
            self.equals()?;
            value = Some(self.value()?);
            self.options(&mut options)?;
        }
        Some(Member {
            doc,
            name,
            value,
            options,
            span: self.span(start),
        })
    }

    // -- interfaces

    fn interface(&mut self) -> Option<Interface<'s>> {
        let mut extends = Vec::new();
        if self.peek() != b'{' {
            self.keyword("extends")?;
            extends.push(self.path()?);
            while self.take(b',') {
                extends.push(self.path()?);
            }
        }
        self.expect(b'{')?;
        let mut endpoints = Vec::new();
        loop {
            self.gap();
            if self.take(b'}') {
                return Some(Interface { extends, endpoints });
            }
            endpoints.push(self.endpoint()?);
        }
    }

    fn endpoint(&mut self) -> Option<Endpoint<'s>> {
        let start = self.start();
        let mut doc = String::new();
        let mut options = Vec::new();
        self.meta(&mut doc, &mut options)?;
        let kind = match self.ident()?.text {
            "fn" => EndpointKind::Fn,
            "gen" => EndpointKind::Gen,
            "context" => EndpointKind::Context,
            _ => return None,
        };
        let name = self.name()?;
        let params = self.param_list()?;
        let mut clauses = Vec::new();
        if kind == EndpointKind::Context {
            if self.peek() == b'{' {
                self.context_body(&mut clauses)?;
            } else {
                self.expect(b';')?;
            }
        } else {
            self.result(kind, &mut clauses)?;
            self.expect(b';')?;
        }
        Some(Endpoint {
            doc,
            options,
            kind,
            name,
            params,
            clauses,
            examples: Vec::new(),
            span: self.span(start),
        })
    }

    fn param_list(&mut self) -> Option<Body<'s>> {
        self.expect(b'(')?;
        let mut body = Body::default();
        loop {
            self.gap();
            if self.take(b')') {
                return Some(body);
            }
            body.fields.push(self.field()?);
            self.separator(b')')?;
        }
    }

    /// `-> T` or `yields T`, then `raises T`.
    fn result(&mut self, kind: EndpointKind, clauses: &mut Vec<Clause<'s>>) -> Option<()> {
        if kind == EndpointKind::Gen {
            let word = self.keyword("yields")?;
            let ty = self.ty()?;
            let kind = ClauseKind::Yields;
            clauses.push(Clause { kind, word, ty });
        } else if self.peek() == b'-' && self.byte_behind() == b'>' {
            let start = self.at;
            self.token(2);
            let word = self.span(start);
            let ty = self.ty()?;
            let kind = ClauseKind::Returns;
            clauses.push(Clause { kind, word, ty });
        }
        if is_word_start(self.peek()) {
            let word = self.keyword("raises")?;
            let ty = self.ty()?;
            let kind = ClauseKind::Raises;
            clauses.push(Clause { kind, word, ty });
        }
        Some(())
    }

    fn context_body(&mut self, clauses: &mut Vec<Clause<'s>>) -> Option<()> {
        self.expect(b'{')?;
        loop {
            self.gap();
            if self.take(b'}') {
                return Some(());
            }
            let word = self.ident()?;
            let kind = match word.text {
                "started" => ClauseKind::Started,
                "accepts" => ClauseKind::Accepts,
                "yields" => ClauseKind::Yields,
                "returns" => ClauseKind::Returns,
                "raises" => ClauseKind::Raises,
                _ => return None,
            };
            let ty = self.ty()?;
            let word = word.span;
            clauses.push(Clause { kind, word, ty });
            self.separator(b'}')?;
        }
    }

    // -- types

    fn ty(&mut self) -> Option<Type<'s>> {
        let start = self.start();
        self.take(b'|');
        let first = self.optional()?;
        if self.peek() != b'|' {
            return Some(first);
        }
        let mut members = vec![first];
        while self.take(b'|') {
            members.push(self.optional()?);
        }
        Some(Type {
            kind: TypeKind::Union(members),
            span: self.span(start),
        })
    }

    fn optional(&mut self) -> Option<Type<'s>> {
        let start = self.start();
        let ty = if self.byte() == b'(' {
            self.tuple()?
        } else {
            self.named()?
        };
        if !self.take(b'?') {
            return Some(ty);
        }
        let kind = TypeKind::Optional(Box::new(ty));
        let span = self.span(start);
        (self.peek() != b'?').then_some(Type { kind, span })
    }

    fn tuple(&mut self) -> Option<Type<'s>> {
        let start = self.start();
        self.expect(b'(')?;
        let first = self.ty()?;
        if self.take(b')') {
            let span = self.span(start);
            return Some(Type { span, ..first });
        }
        self.expect(b',')?;
        let mut members = vec![first];
        members.extend(self.list(b')', Self::ty)?);
        Some(Type {
            kind: TypeKind::Tuple(members),
            span: self.span(start),
        })
    }

    fn named(&mut self) -> Option<Type<'s>> {
        let start = self.start();
        let path = self.path()?;
        let mut arguments = Vec::new();
        if self.take(b'<') {
            arguments = self.list(b'>', Self::ty)?;
        }
        Some(Type {
            kind: TypeKind::Named(path, arguments),
            span: self.span(start),
        })
    }

    // -- values and options

    fn value(&mut self) -> Option<Value<'s>> {
        let start = self.start();
        let kind = match self.byte() {
            b'"' => ValueKind::Str(literal::string(self.string()?).ok()?),
            b'b' if self.byte_behind() == b'"' => {
                self.at += 1;
                self.string()?;
                ValueKind::Bytes(literal::bytes(self.text(start)).ok()?)
            }
            b'-' | b'0'..=b'9' => self.number()?,
            b'[' => {
                self.token(1);
                ValueKind::List(self.list(b']', Self::value)?)
            }
            b'{' => ValueKind::Braces(None, self.pairs()?),
            _ => {
                let path = self.path()?;
                match path.text {
                    _ if self.peek() == b'{' => ValueKind::Braces(Some(path), self.pairs()?),
                    "nil" => ValueKind::Nil,
                    "true" => ValueKind::Bool(true),
                    "false" => ValueKind::Bool(false),
                    _ => ValueKind::Path(path),
                }
            }
        };
        let span = self.span(start);
        Some(Value { kind, span })
    }

    fn pairs(&mut self) -> Option<Vec<(Value<'s>, Value<'s>)>> {
        self.expect(b'{')?;
        self.list(b'}', |it| {
            let key = it.value()?;
            it.expect(b':')?;
            Some((key, it.value()?))
        })
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'s str> {
        let start = self.at;
        let mut at = 1;
        loop {
            match self.rest().as_bytes().get(at)? {
                b'\\' => at += 2,
                b'\n' => return None,
                b'"' => break,
                _ => at += 1,
            }
        }
        self.token(at + 1);
        self.text.get(start..self.end)
    }

    fn number(&mut self) -> Option<ValueKind<'s>> {
        let start = self.start();
        if self.byte() == b'-' {
            self.at += 1;
        }
        if !self.byte().is_ascii_digit() {
            return None;
        }
        loop {
            let digit_at = |places: usize| {
                let byte = self.text.as_bytes().get(self.at + places);
                byte.is_some_and(u8::is_ascii_digit)
            };
            match (self.byte(), self.byte_behind()) {
                (b'e' | b'E', b'+' | b'-') if digit_at(2) => self.at += 2,
                (byte, _) if is_word(byte) => self.at += 1,
                (b'.', _) if digit_at(1) => self.at += 1,
                _ => break,
            }
        }
        self.end = self.at;
        literal::number(self.text(start)).ok()
    }

    fn option(&mut self) -> Option<Opt<'s>> {
        let start = self.start();
        self.expect(b'@')?;
        let name = self.path()?;
        let mut arguments = Vec::new();
        let mut text = None;
        if self.take(b'(') {
            let inner = self.end;
            arguments = self.list(b')', Self::argument)?;
            text = self.text.get(inner..self.end - 1).map(str::trim);
        }
        Some(Opt {
            name,
            arguments,
            text,
            span: self.span(start),
        })
    }

    fn argument(&mut self) -> Option<Argument<'s>> {
        let start = self.start();
        let (at, end) = (self.at, self.end);
        let mut name = self.ident();
        if name.is_none() || self.equals().is_none() {
            (self.at, self.end) = (at, end);
            name = None;
        }
        let min = if self.peek() == b'.' {
            None
        } else {
            Some(self.value()?)
        };
        let kind = if self.peek() == b'.' {
            let max_included = self.rest().starts_with("..=");
            if !self.rest().starts_with("..") {
                return None;
            }
            self.token(if max_included { 3 } else { 2 });
            let max = match self.peek() {
                b',' | b')' => None,
                b'"' | b'[' | b'{' => return None,
                _ => Some(self.value()?),
            };
            if matches!(&max, Some(max) if matches!(max.kind, ValueKind::Bytes(_) | ValueKind::Braces(..)))
            {
                return None;
            }
            ArgumentKind::Range {
                min,
                max,
                max_included,
            }
        } else {
            ArgumentKind::Value(min?)
        };
        let span = self.span(start);
        Some(Argument { name, kind, span })
    }
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a comment is documentation: `///` or `//!`, but not `////`.
fn is_doc(rest: &str) -> bool {
    match rest.as_bytes().get(2) {
        Some(b'!') => true,
        Some(b'/') => rest.as_bytes().get(3) != Some(&b'/'),
        _ => false,
    }
}

fn line(rest: &str) -> &str {
    rest.split('\n').next().unwrap_or_default()
}
