//! Declarations.

use super::Maker;
use crate::tree::*;

impl Maker<'_, '_, '_> {
    pub(super) fn item(&mut self) {
        if self.promised.is_some()
            && self.choices.one_in(2)
            && let Some(name) = self.promised.take()
        {
            return self.promised_message(name);
        }
        let name = self.upper();
        let mut options = self.common();
        let kind = match self.choices.below(22) {
            0..=2 => Kind::Struct(self.record(&name, &mut options, Sort::Struct)),
            3..=6 => Kind::Message(self.record(&name, &mut options, Sort::Message)),
            7 | 8 => Kind::Error(self.record(&name, &mut options, Sort::Error)),
            9..=11 => Kind::Enum(self.enumeration()),
            12 | 13 => match self.union_item() {
                Some(kind) => kind,
                None => Kind::Enum(self.enumeration()),
            },
            14 => match self.error_alias().filter(|_| self.choices.one_in(2)) {
                Some(ty) => Kind::Alias(ty),
                None => Kind::Alias(self.ty(self.size.depth)),
            },
            15 | 16 => {
                let ty = self.wrapped();
                options.extend(self.constraints(&ty));
                Kind::Newtype(ty)
            }
            17 => self.constant(),
            18 => self.ext(&name),
            _ => Kind::Interface(self.interface(&mut options)),
        };
        let docs = self.docs();
        let name = match kind {
            Kind::Const { .. } => name.to_ascii_uppercase(),
            _ => name,
        };
        self.push(Item {
            docs,
            options,
            name,
            kind,
        });
    }

    /// Makes a message whose name others have used already. It may contain itself, and those.
    pub(super) fn promised_message(&mut self, name: Name) {
        let mut options = Vec::new();
        let record = self.record(&name.item, &mut options, Sort::Promised);
        let docs = self.docs();
        self.push(Item {
            docs,
            options,
            name: name.item,
            kind: Kind::Message(record),
        });
    }

    fn record(&mut self, name: &str, options: &mut Vec<Opt>, sort: Sort) -> Record {
        let array = sort != Sort::Promised && self.choices.one_in(6);
        if array {
            options.push(Opt::Array);
        }
        let mut tag_key = None;
        if matches!(sort, Sort::Message | Sort::Promised) {
            tag_key = Some("type".to_owned());
        }
        if sort == Sort::Message && self.choices.one_in(5) {
            let key = self
                .choices
                .of(&["type", "kind", "t-y p\u{e9}", "msg_type"])
                .copied();
            let key = key.unwrap_or("type").to_owned();
            let value = self
                .choices
                .one_in(2)
                .then(|| format!("tag {}", self.count));
            options.push(Opt::Tag(key.clone(), value));
            tag_key = Some(key);
        }
        let is_generic = matches!(sort, Sort::Struct | Sort::Message) && self.choices.one_in(6);
        let params: Vec<String> = match self.choices.below(3) {
            _ if !is_generic => Vec::new(),
            0 => vec!["T".to_owned()],
            1 => vec!["T".to_owned(), "Other".to_owned()],
            _ => vec!["_k".to_owned()],
        };
        let mut taken = vec!["type".to_owned(), "kind".to_owned(), "msg_type".to_owned()];
        taken.extend(tag_key);
        let mut reserved = Vec::new();
        while reserved.len() < 2 && self.choices.one_in(8) {
            let names: Vec<String> = (0..self.choices.between(1, 3))
                .map(|_| self.word())
                .collect();
            reserved.push(names);
        }
        let mut fields = Vec::new();
        for param in &params {
            let name = self.word();
            fields.push(self.param_field(name, param));
        }
        if is_generic {
            // A generic type must not contain what may contain it: its fields are made of what was there before.
            self.fields(&mut fields, &mut taken, array, &params);
        } else {
            if !array && self.choices.one_in(5) {
                fields.push(self.recursive_field(name, sort));
            }
            self.fields(&mut fields, &mut taken, array, &[]);
        }
        self.choices.shuffle(&mut fields);
        if sort == Sort::Error && self.choices.one_in(2) {
            options.push(Opt::Text(self.error_text(&fields)));
        }
        Record {
            params,
            reserved,
            fields,
        }
    }

    /// A field by which a record contains itself, or a message that does not exist yet.
    fn recursive_field(&mut self, own: &str, sort: Sort) -> Field {
        let mut name = self.name_here(own);
        if sort != Sort::Promised && self.choices.one_in(2) {
            if self.promised.is_none() {
                let item = self.upper();
                self.promised = Some(self.name_here(&item));
            }
            name = self.promised.clone().unwrap_or(name);
        }
        let it = Box::new(Type::Named(name, Vec::new()));
        let mut presence = Presence::Required;
        let ty = match self.choices.below(4) {
            0 => Type::Optional(it),
            1 => Type::List(it),
            2 => Type::Map(Box::new(Type::Scalar(Scalar::Str)), it),
            _ => {
                presence = Presence::Omittable;
                *it
            }
        };
        Field {
            docs: self.docs(),
            options: Vec::new(),
            name: self.word(),
            ty,
            presence,
        }
    }

    fn error_text(&mut self, fields: &[Field]) -> String {
        let mut text = "it failed {{really}}".to_owned();
        for field in fields.iter().take(2) {
            text.push_str(&format!(": {{{}}}", field.name));
        }
        text
    }

    fn enumeration(&mut self) -> Enum {
        let repr = self.choices.of(&Scalar::INTEGERS).copied();
        let repr = repr.filter(|_| self.choices.one_in(2));
        let mut reserved = Vec::new();
        if self.choices.one_in(6) {
            reserved.push(
                (0..self.choices.between(1, 2))
                    .map(|_| self.word())
                    .collect(),
            );
        }
        let count = self.choices.between(1, self.size.fields.max(1));
        let mut members: Vec<Member> = Vec::new();
        for at in 0..count {
            let taken: Vec<&str> = members.iter().map(|it| it.name.as_str()).collect();
            let name = self.local(&taken);
            let value = match repr {
                Some(_) if self.choices.one_in(6) => Some(Value::Written(at as u64, self.radix())),
                Some(Scalar::I8 | Scalar::I16 | Scalar::I64) if self.choices.one_in(6) => {
                    Some(Value::Int(-1 - at as i128))
                }
                Some(_) => Some(Value::Int(at as i128)),
                None if self.choices.one_in(3) => Some(Value::Text(format!("V-{at} \u{e9}"))),
                None => None,
            };
            members.push(Member {
                docs: self.docs(),
                options: self.common(),
                name,
                value,
            });
        }
        Enum {
            open: self.choices.one_in(3),
            repr,
            reserved,
            members,
        }
    }

    pub(super) fn radix(&mut self) -> Radix {
        match self.choices.below(4) {
            0 => Radix::Grouped,
            1 => Radix::Hexadecimal,
            2 => Radix::Octal,
            _ => Radix::Binary,
        }
    }

    fn constant(&mut self) -> Kind {
        let mut scalars = Scalar::ALL.to_vec();
        scalars.retain(|it| !matches!(it, Scalar::Any | Scalar::Nil));
        let enums = self.named(|kind| matches!(kind, Kind::Enum(_)));
        let number = self
            .choices
            .of(&Scalar::INTEGERS)
            .copied()
            .map(Type::Scalar);
        let ty = match self.choices.below(3) {
            0 => self
                .choices
                .of(&enums)
                .cloned()
                .map(|it| Type::Named(it, Vec::new())),
            1 => self.choices.of(&scalars).copied().map(Type::Scalar),
            _ => number,
        };
        let ty = ty.unwrap_or(Type::Scalar(Scalar::U8));
        let value = self.value(&ty, self.size.depth).unwrap_or(Value::Int(1));
        Kind::Const { ty, value }
    }

    fn ext(&mut self, name: &str) -> Kind {
        let taken = self.schema.packages.iter().flat_map(|it| &it.items);
        let taken = taken
            .filter(|it| matches!(it.kind, Kind::Ext { .. }))
            .count();
        let Ok(code @ 0..=127) = u8::try_from(taken) else {
            return Kind::Enum(self.enumeration());
        };
        let body = match self.choices.below(3) {
            0 => ExtBody::Type(Type::Scalar(Scalar::Bytes)),
            1 => ExtBody::Type(self.ty(self.size.depth)),
            _ => {
                let record = self.record(name, &mut Vec::new(), Sort::Ext);
                ExtBody::Record(record)
            }
        };
        Kind::Ext { code, body }
    }
}

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Struct,
    Message,
    Error,
    Ext,
    /// A message that others have used before it was made: nothing about it may surprise them.
    Promised,
}
