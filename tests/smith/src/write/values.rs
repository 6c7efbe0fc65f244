//! Types, values and options.

use super::{Writer, text};
use crate::tokens::Token;
use crate::tree::*;

impl Writer<'_> {
    pub(super) fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Scalar(scalar) => self.put(scalar.word()),
            Type::List(inner) => {
                self.put_all(["list", "<"]);
                self.ty(inner);
                self.tokens.push(Token::Comma);
                self.put(">");
            }
            Type::Map(key, value) => {
                self.put_all(["map", "<"]);
                self.ty(key);
                self.put(",");
                self.ty(value);
                self.tokens.push(Token::Comma);
                self.put(">");
            }
            Type::Tuple(members) => {
                self.put("(");
                for (at, member) in members.iter().enumerate() {
                    if at > 0 {
                        self.put(",");
                    }
                    self.ty(member);
                }
                self.tokens.push(if members.len() == 1 {
                    text(",")
                } else {
                    Token::Comma
                });
                self.put(")");
            }
            Type::Optional(inner) => {
                self.grouped(inner);
                self.put("?");
            }
            Type::Union(members) => self.members(members),
            Type::Named(name, args) => {
                self.name(name);
                if !args.is_empty() {
                    self.put("<");
                    self.separated(args, |it, arg| it.ty(arg));
                    self.put(">");
                }
            }
            Type::Param(name) => self.put(name.clone()),
        }
    }

    pub(super) fn members(&mut self, members: &[Type]) {
        self.tokens.push(Token::Bar);
        for (at, member) in members.iter().enumerate() {
            if at > 0 {
                self.put("|");
            }
            self.grouped(member);
        }
    }

    /// In parentheses if it is a union.
    fn grouped(&mut self, ty: &Type) {
        let is_union = matches!(ty, Type::Union(_));
        if is_union {
            self.put("(");
        }
        self.ty(ty);
        if is_union {
            self.put(")");
        }
    }

    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Nil => self.put("nil"),
            Value::Bool(value) => self.put(value.to_string()),
            Value::Int(value) => self.put(value.to_string()),
            Value::Written(value, radix) => self.put(match radix {
                Radix::Grouped => grouped(*value),
                Radix::Hexadecimal => format!("{value:#x}"),
                Radix::Octal => format!("{value:#o}"),
                Radix::Binary => format!("{value:#b}"),
            }),
            Value::Float(text) | Value::Duration(text) => self.put(text.clone()),
            Value::Text(text) => self.put(quoted(text)),
            Value::Bytes(bytes) => self.put(quoted_bytes(bytes)),
            Value::Member {
                of,
                member,
                qualified,
            } => {
                let before = self.used.clone();
                let of = self.spelled(of);
                // A path has two words at most.
                if *qualified && !of.contains('.') {
                    self.put(format!("{of}.{member}"));
                } else {
                    self.used = before;
                    self.put(member.clone());
                }
            }
            Value::Const(name) => self.name(name),
            Value::List(values) => {
                self.put("[");
                self.separated(values, |it, value| it.value(value));
                self.put("]");
            }
            Value::Map(pairs) => {
                self.put("{");
                self.separated(pairs, |it, (key, value)| {
                    it.value(key);
                    it.put(":");
                    it.value(value);
                });
                self.put("}");
            }
            Value::Record(name, fields) => {
                if let Some(name) = name {
                    self.name(name);
                }
                self.put("{");
                self.separated(fields, |it, (name, value)| {
                    it.put_all([name, ":"]);
                    it.value(value);
                });
                self.put("}");
            }
        }
    }

    pub(super) fn options(&mut self, options: &[Opt], own_lines: bool) {
        for option in options {
            self.option(option);
            if own_lines {
                self.tokens.push(Token::LineEnd);
            }
        }
    }

    fn option(&mut self, option: &Opt) {
        self.put("@");
        match option {
            Opt::Array => self.put("array"),
            Opt::Unique => self.put("unique"),
            Opt::Idempotent => self.put("idempotent"),
            Opt::Tag(key, None) => self.put_all(["tag", "(", &quoted(key), ")"]),
            Opt::Tag(key, Some(value)) => {
                self.put_all(["tag", "(", &quoted(key), ",", &quoted(value)]);
                self.tokens.push(Token::Comma);
                self.put(")");
            }
            Opt::Text(it) => self.put_all(["text", "(", &quoted(it), ")"]),
            Opt::Wire(it) => self.put_all(["wire", "(", &quoted(it), ")"]),
            Opt::Pattern(it) => self.put_all(["pattern", "(", &quoted(it), ")"]),
            Opt::Ns(it) => self.put_all(["ns", "(", &quoted(it), ")"]),
            Opt::Name(it) => self.put_all(["name", "(", &quoted(it), ")"]),
            Opt::Deadline(it) => self.put_all(["deadline", "(", it, ")"]),
            Opt::Overrun(it) => self.put_all(["overrun", "(", it, ")"]),
            Opt::Peers => self.put_all(["peers", "(", "scipp", ")"]),
            Opt::Cancel(Cancel::Now) => self.put_all(["cancel", "(", "now", ")"]),
            Opt::Cancel(Cancel::Grace(it)) => self.put_all(["cancel", "(", "grace", "=", it, ")"]),
            Opt::Cancel(Cancel::Never(it)) => {
                self.put_all(["cancel", "(", "never", ",", "max", "=", it]);
                self.tokens.push(Token::Comma);
                self.put(")");
            }
            Opt::Deprecated(None) => self.put("deprecated"),
            Opt::Deprecated(Some(it)) => self.put_all(["deprecated", "(", &quoted(it), ")"]),
            Opt::Range(bounds) => self.bounds("range", bounds),
            Opt::Len(bounds) => self.bounds("len", bounds),
            Opt::Window(bound) => self.bound("window", bound),
            Opt::Since(bound) => self.bound("since", bound),
            Opt::Other(name, None) => self.put(format!("x.{name}")),
            // One token: the model keeps the arguments as they are written.
            Opt::Other(name, Some(args)) => self.put(format!("x.{name}({args})")),
        }
    }

    fn bound(&mut self, option: &str, bound: &Bound) {
        self.put_all([option, "("]);
        self.number(bound);
        self.put(")");
    }

    fn bounds(&mut self, option: &str, bounds: &Bounds) {
        self.put_all([option, "("]);
        if let Some(from) = &bounds.from {
            self.number(from);
        }
        self.put(if bounds.included { "..=" } else { ".." });
        if let Some(to) = &bounds.to {
            self.number(to);
        }
        self.put(")");
    }

    fn number(&mut self, bound: &Bound) {
        match bound {
            Bound::Int(value) => self.put(value.to_string()),
            Bound::Float(text) => self.put(text.clone()),
            Bound::Const(name) => self.name(name),
        }
    }
}

/// With `_` between groups of three digits.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A string with the escapes that it needs.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            '\u{1}'..='\u{1f}' | '\u{7f}' => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            '\u{80}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let escaped = bytes.iter().map(|byte| match byte {
        b'"' => "\\\"".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("b\"{}\"", escaped.collect::<String>())
}
