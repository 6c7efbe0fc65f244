//! Examples of endpoints as text, for documentation: as one would write them in a schema.

use super::place::Place;
use super::plan::item_ident;
use crate::spelled;
use scipp_idl::schema::{
    Endpoint, Example, ExtBody, Item, ItemKind, ItemName, Phase, Record, Scalar, Step, Type, Value,
};

/// Widest line of an example, in characters. Rust's documentation is read at a hundred.
const LINE_MAX: usize = 92;

/// `doc`, and behind it the examples of an endpoint.
pub(crate) fn after(doc: &str, place: &Place<'_>, endpoint: &Endpoint) -> String {
    let mut text = doc.to_owned();
    for example in &endpoint.examples {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        // A title may have line ends in it.
        let title: Vec<&str> = example.title.split_whitespace().collect();
        text.push_str(&format!("# Example: {}\n\n", title.join(" ")));
        if !example.doc.is_empty() {
            text.push_str(&format!("{}\n\n", example.doc));
        }
        text.push_str(&format!("```text\n{}```", lines(place, endpoint, example)));
    }
    text
}

/// A line for each step, or several where it is long.
fn lines(place: &Place<'_>, endpoint: &Endpoint, example: &Example) -> String {
    let mut text = String::new();
    for step in &example.steps {
        let Some((word, value)) = said(place, endpoint, step) else {
            continue;
        };
        text.push_str(word);
        text.push(' ');
        value.print(0, word.len() + 1, &mut text);
        text.push('\n');
    }
    if text.is_empty() {
        text.push_str("call {}\n");
    }
    text
}

/// The word of a step and its value; `None` for what need not be said.
fn said(place: &Place<'_>, endpoint: &Endpoint, step: &Step) -> Option<(&'static str, Text)> {
    let script = Script { place };
    let of = |ty: &Type| script.value(&step.value, ty);
    let is_nil = |ty: &Type| matches!(ty, Type::Scalar(Scalar::Nil));
    Some(match step.phase {
        Phase::Call => match &step.value {
            Value::Record(given) if !given.is_empty() => (
                "call",
                script.fields(String::new(), &endpoint.args, given, &[], &[]),
            ),
            _ => return None,
        },
        Phase::Started if is_nil(&endpoint.started) => return None,
        Phase::Started => ("started", of(&endpoint.started)),
        Phase::Accepts => ("accepts", of(endpoint.accepts.as_ref()?)),
        Phase::Yields => ("yields", of(endpoint.yields.as_ref()?)),
        Phase::Returns if is_nil(&endpoint.returns) => return None,
        Phase::Returns => ("returns", of(&endpoint.returns)),
        Phase::Raises => {
            let Value::Variant { member, value } = &step.value else {
                return None;
            };
            let error = Type::Named {
                name: endpoint.raises.get(*member)?.clone(),
                args: Vec::new(),
            };
            ("raises", script.named(value, &error))
        }
    })
}

/// A value as text that may be broken into lines.
enum Text {
    Word(String),
    /// What stands in brackets: before them, the brackets, and the parts.
    Inside(String, [char; 2], Vec<(String, Text)>),
}

impl Text {
    /// Prints at an indentation, behind so many characters of the line.
    fn print(&self, indent: usize, behind: usize, out: &mut String) {
        let flat = self.flat();
        match self {
            Self::Inside(name, [open, close], parts)
                if !parts.is_empty() && behind + flat.chars().count() > LINE_MAX =>
            {
                out.push_str(name);
                out.push(*open);
                out.push('\n');
                let inner = indent + 4;
                for (key, value) in parts {
                    out.push_str(&" ".repeat(inner));
                    out.push_str(key);
                    value.print(inner, inner + key.chars().count() + 1, out);
                    out.push_str(",\n");
                }
                out.push_str(&" ".repeat(indent));
                out.push(*close);
            }
            _ => out.push_str(&flat),
        }
    }

    fn flat(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Inside(name, [open, close], parts) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|(key, value)| format!("{key}{}", value.flat()))
                    .collect();
                match (parts.is_empty(), open) {
                    (true, _) => format!("{name}{open}{close}"),
                    (false, '{') => format!("{name}{{ {} }}", parts.join(", ")),
                    _ => format!("{name}{open}{}{close}", parts.join(", ")),
                }
            }
        }
    }
}

struct Script<'p> {
    place: &'p Place<'p>,
}

impl Script<'_> {
    fn item(&self, name: &ItemName) -> Option<&Item> {
        self.place.plan.facts.item(name)
    }

    fn value(&self, value: &Value, ty: &Type) -> Text {
        let ty = self.place.plan.facts.unaliased(ty);
        match (value, ty) {
            (Value::Const(name), _) => Text::Word(name.name.clone()),
            (Value::Typed { ty, value }, _) => self.named(value, ty),
            (_, Type::Optional(inner)) if *value != Value::Nil => self.value(value, inner),
            (Value::List(values), Type::List(of)) => {
                list(values.iter().map(|value| self.value(value, of)))
            }
            (Value::List(values), Type::Tuple(types)) => list(
                values
                    .iter()
                    .zip(types)
                    .map(|(value, ty)| self.value(value, ty)),
            ),
            (Value::List(values), _) => list(values.iter().map(|value| self.value(value, ty))),
            (Value::Map(entries), Type::Map(key, of)) => map(entries
                .iter()
                .map(|(name, value)| (self.value(name, key), self.value(value, of)))),
            (Value::Map(entries), _) => map(entries
                .iter()
                .map(|(name, value)| (self.value(name, ty), self.value(value, ty)))),
            (Value::Variant { member, value }, Type::Union(members)) => {
                self.member(value, members, *member)
            }
            (value, Type::Named { name, args }) => self.of_item(value, name, args),
            (value, _) => Text::Word(spelled::literal(value)),
        }
    }

    /// A member of a union: what has fields, with its name.
    fn member(&self, value: &Value, members: &[Type], member: usize) -> Text {
        match members.get(member) {
            Some(ty) => self.named(value, ty),
            None => Text::Word(spelled::literal(value)),
        }
    }

    /// A value with the name of its type where it has one.
    fn named(&self, value: &Value, ty: &Type) -> Text {
        match (self.value(value, ty), ty) {
            (Text::Inside(before, brackets @ ['{', _], parts), Type::Named { name, .. })
                if before.is_empty() && matches!(value, Value::Record(_)) =>
            {
                let name = self.item(name).map(item_ident).map(|it| it.to_string());
                Text::Inside(format!("{} ", name.unwrap_or_default()), brackets, parts)
            }
            (text, _) => text,
        }
    }

    fn of_item(&self, value: &Value, name: &ItemName, args: &[Type]) -> Text {
        let Some(item) = self.item(name) else {
            return Text::Word(spelled::literal(value));
        };
        match (&item.kind, value) {
            (ItemKind::Union(it), Value::Variant { member, value }) => {
                self.member(value, &it.members, *member)
            }
            (ItemKind::Newtype(it), value) => self.value(value, &it.ty),
            (ItemKind::Struct(record) | ItemKind::Message(record), Value::Record(given)) => {
                self.fields(String::new(), record, given, &item.params, args)
            }
            (ItemKind::Error(error), Value::Record(given)) => {
                self.fields(String::new(), &error.record, given, &[], &[])
            }
            (ItemKind::Ext(ext), value) => match (&ext.body, value) {
                (ExtBody::Record(record), Value::Record(given)) => {
                    self.fields(String::new(), record, given, &[], &[])
                }
                (ExtBody::Type(ty), value) => self.value(value, ty),
                _ => Text::Word(spelled::literal(value)),
            },
            (_, value) => Text::Word(spelled::literal(value)),
        }
    }

    fn fields(
        &self,
        name: String,
        record: &Record,
        given: &[(String, Value)],
        params: &[String],
        args: &[Type],
    ) -> Text {
        let parts = given.iter().map(|(key, value)| {
            let field = record.fields.iter().find(|field| field.name == *key);
            let ty = field.and_then(|field| field.ty.filled(params, args));
            let text = match ty {
                Some(ty) => self.value(value, &ty),
                None => Text::Word(spelled::literal(value)),
            };
            (format!("{key}: "), text)
        });
        Text::Inside(name, ['{', '}'], parts.collect())
    }
}

fn list(values: impl Iterator<Item = Text>) -> Text {
    let parts = values.map(|value| (String::new(), value));
    Text::Inside(String::new(), ['[', ']'], parts.collect())
}

fn map(entries: impl Iterator<Item = (Text, Text)>) -> Text {
    let parts = entries.map(|(key, value)| (format!("{}: ", key.flat()), value));
    Text::Inside(String::new(), ['{', '}'], parts.collect())
}
