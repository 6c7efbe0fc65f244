//! From a checked schema to the document.

use super::{
    Cancel, Constraints, Endpoint, EndpointKind, Example, Extension, FORMAT, Field, FieldValue,
    Item, ItemKind, MapEntry, Member, Model, Name, Number, Options, Overrun, Package, Phase,
    Position, Presence, Range, ScalarName, Step, Tag, TextPart, Type, Value,
};
use crate::schema::{self, EnumRepr, ExtBody, ItemName, Record, Schema};
use crate::source::{Sources, Span};
use std::collections::{BTreeSet, HashMap, HashSet};

impl Model {
    /// The document of a schema that has passed the check. `given` are the packages that were asked for, `sources` the
    /// texts that were read.
    pub fn of(schema: &Schema, sources: &Sources, given: &BTreeSet<String>) -> Self {
        let packages = schema.packages.values();
        let interfaces = packages.clone().flat_map(|package| {
            package.items.iter().filter_map(|item| match &item.kind {
                schema::ItemKind::Interface(it) => {
                    Some(((package.name.as_str(), item.name.as_str()), it))
                }
                _ => None,
            })
        });
        let build = Build {
            sources,
            interfaces: interfaces.collect(),
        };
        Self {
            format: FORMAT,
            generator: format!("scipp {}", env!("CARGO_PKG_VERSION")),
            packages: packages
                .map(|it| build.package(it, given.contains(&it.name)))
                .collect(),
        }
    }
}

type Key<'a> = (&'a str, &'a str);

struct Build<'a> {
    sources: &'a Sources,
    interfaces: HashMap<Key<'a>, &'a schema::Interface>,
}

impl Build<'_> {
    fn package(&self, package: &schema::Package, given: bool) -> Package {
        Package {
            name: package.name.clone(),
            doc: package.doc.clone(),
            given,
            imports: package.imports.clone(),
            options: options(&package.options),
            extensions: extensions(&package.extensions),
            items: package
                .items
                .iter()
                .map(|item| self.item(&package.name, item))
                .collect(),
            position: self.position(package.span),
        }
    }

    fn position(&self, span: Span) -> Position {
        let Some(source) = self.sources.get(span.source) else {
            return Position {
                file: String::new(),
                line: 1,
                column: 1,
            };
        };
        let (line, column) = source.position(span.start);
        Position {
            file: source.name().to_owned(),
            line,
            column,
        }
    }

    fn item(&self, package: &str, item: &schema::Item) -> Item {
        Item {
            name: item.name.clone(),
            doc: item.doc.clone(),
            params: item.params.clone(),
            since: item.since,
            deprecated: item.deprecated.clone(),
            extensions: extensions(&item.extensions),
            position: self.position(item.span),
            kind: self.kind(package, item),
        }
    }

    fn kind(&self, package: &str, item: &schema::Item) -> ItemKind {
        match &item.kind {
            schema::ItemKind::Struct(record) => ItemKind::Struct {
                fields: self.fields(record),
                array: record.array,
                reserved: record.reserved.clone(),
            },
            schema::ItemKind::Message(record) => ItemKind::Message {
                fields: self.fields(record),
                array: record.array,
                reserved: record.reserved.clone(),
                tag: Tag {
                    key: record
                        .tag
                        .as_ref()
                        .map(|it| it.key.clone())
                        .unwrap_or_default(),
                    value: record
                        .tag
                        .as_ref()
                        .map(|it| it.value.clone())
                        .unwrap_or_default(),
                },
            },
            schema::ItemKind::Error(error) => ItemKind::Error {
                fields: self.fields(&error.record),
                array: error.record.array,
                reserved: error.record.reserved.clone(),
                text: error
                    .text
                    .as_ref()
                    .map(|parts| parts.iter().map(text_part).collect()),
            },
            schema::ItemKind::Enum(it) => ItemKind::Enum {
                int: match it.repr {
                    EnumRepr::Text => None,
                    EnumRepr::Int(scalar) => Some(scalar_name(scalar)),
                },
                open: it.open,
                members: it
                    .members
                    .iter()
                    .map(|member| self.member(member))
                    .collect(),
                reserved: it.reserved.clone(),
            },
            schema::ItemKind::Union(it) => ItemKind::Union {
                members: types(&it.members),
                open: it.open,
            },
            schema::ItemKind::Alias(target) => ItemKind::Alias { target: ty(target) },
            schema::ItemKind::Newtype(it) => ItemKind::Newtype {
                target: ty(&it.ty),
                constraints: constraints(&it.constraints),
            },
            schema::ItemKind::Const(it) => ItemKind::Const {
                ty: ty(&it.ty),
                value: value(&it.value),
            },
            schema::ItemKind::Ext(it) => {
                let (fields, target) = match &it.body {
                    ExtBody::Record(record) => (Some(self.fields(record)), None),
                    ExtBody::Type(inside) => (None, Some(ty(inside))),
                };
                ItemKind::Ext {
                    code: it.code,
                    fields,
                    target,
                }
            }
            schema::ItemKind::Interface(it) => ItemKind::Interface {
                namespace: it.namespace.clone(),
                extends: it.extends.iter().map(name).collect(),
                endpoints: self.endpoints(package, &item.name),
                options: options(&it.options),
                fingerprint: it.fingerprint.clone(),
            },
        }
    }

    /// Its own, then those of what it extends, each interface once.
    fn endpoints(&self, package: &str, interface: &str) -> Vec<Endpoint> {
        let mut found = Vec::new();
        let mut seen: HashSet<Key<'_>> = HashSet::new();
        let mut next: Vec<Key<'_>> = vec![(package, interface)];
        while let Some(key) = next.pop() {
            let Some(interface) = self.interfaces.get(&key) else {
                continue;
            };
            if !seen.insert(key) {
                continue;
            }
            let declared_in = Name {
                package: key.0.to_owned(),
                name: key.1.to_owned(),
            };
            found.extend(
                interface
                    .endpoints
                    .iter()
                    .map(|it| self.endpoint(it, &declared_in)),
            );
            let bases = interface.extends.iter().rev();
            next.extend(bases.map(|base| (base.package.as_str(), base.name.as_str())));
        }
        found
    }

    fn endpoint(&self, endpoint: &schema::Endpoint, declared_in: &Name) -> Endpoint {
        Endpoint {
            name: endpoint.name.clone(),
            wire: endpoint.wire.clone(),
            doc: endpoint.doc.clone(),
            kind: match endpoint.kind {
                schema::EndpointKind::Fn => EndpointKind::Fn,
                schema::EndpointKind::Gen => EndpointKind::Gen,
                schema::EndpointKind::Context => EndpointKind::Context,
            },
            declared_in: declared_in.clone(),
            args: self.fields(&endpoint.args),
            started: ty(&endpoint.started),
            accepts: endpoint.accepts.as_ref().map(ty),
            yields: endpoint.yields.as_ref().map(ty),
            returns: ty(&endpoint.returns),
            raises: endpoint.raises.iter().map(name).collect(),
            examples: endpoint
                .examples
                .iter()
                .map(|it| self.example(it))
                .collect(),
            options: options(&endpoint.options),
            since: endpoint.since,
            deprecated: endpoint.deprecated.clone(),
            extensions: extensions(&endpoint.extensions),
            fingerprint: endpoint.fingerprint.clone(),
            position: self.position(endpoint.span),
        }
    }

    fn example(&self, example: &schema::Example) -> Example {
        let step = |step: &schema::Step| Step {
            phase: match step.phase {
                schema::Phase::Call => Phase::Call,
                schema::Phase::Started => Phase::Started,
                schema::Phase::Accepts => Phase::Accepts,
                schema::Phase::Yields => Phase::Yields,
                schema::Phase::Returns => Phase::Returns,
                schema::Phase::Raises => Phase::Raises,
            },
            value: value(&step.value),
            bytes: step.bytes.iter().map(|it| format!("{it:02x}")).collect(),
        };
        Example {
            title: example.title.clone(),
            doc: example.doc.clone(),
            steps: example.steps.iter().map(step).collect(),
            extensions: extensions(&example.extensions),
            position: self.position(example.span),
        }
    }

    fn fields(&self, record: &Record) -> Vec<Field> {
        let field = |field: &schema::Field| {
            let (presence, default) = match &field.presence {
                schema::Presence::Required => (Presence::Required, None),
                schema::Presence::Default(it) => (Presence::Default, Some(value(it))),
                schema::Presence::Omittable => (Presence::Omittable, None),
            };
            Field {
                name: field.name.clone(),
                wire: field.wire.clone(),
                doc: field.doc.clone(),
                ty: ty(&field.ty),
                presence,
                default,
                constraints: constraints(&field.constraints),
                since: field.since,
                deprecated: field.deprecated.clone(),
                extensions: extensions(&field.extensions),
                position: self.position(field.span),
            }
        };
        record.fields.iter().map(field).collect()
    }

    fn member(&self, member: &schema::Member) -> Member {
        Member {
            name: member.name.clone(),
            wire: value(&member.wire),
            doc: member.doc.clone(),
            since: member.since,
            deprecated: member.deprecated.clone(),
            extensions: extensions(&member.extensions),
            position: self.position(member.span),
        }
    }
}

fn name(name: &ItemName) -> Name {
    Name {
        package: name.package.clone(),
        name: name.name.clone(),
    }
}

fn text_part(part: &schema::TextPart) -> TextPart {
    match part {
        schema::TextPart::Literal(text) => TextPart::Literal { text: text.clone() },
        schema::TextPart::Field(name) => TextPart::Field { name: name.clone() },
    }
}

fn constraints(it: &schema::Constraints) -> Constraints {
    Constraints {
        range: it.range.as_ref().map(range),
        len: it.len.as_ref().map(range),
        pattern: it.pattern.clone(),
        unique: it.unique,
    }
}

fn range(it: &schema::Range) -> Range {
    let number = |number: schema::Number| match number {
        schema::Number::Int(it) => Number::Int(it),
        schema::Number::Float(it) => Number::Float(it),
    };
    Range {
        min: it.min.map(number),
        max: it.max.map(number),
        max_included: it.max_included,
    }
}

fn types(list: &[schema::Type]) -> Vec<Type> {
    list.iter().map(ty).collect()
}

fn ty(it: &schema::Type) -> Type {
    let boxed = |it: &schema::Type| Box::new(ty(it));
    match it {
        schema::Type::Scalar(scalar) => Type::Scalar {
            name: scalar_name(*scalar),
        },
        schema::Type::List(item) => Type::List { item: boxed(item) },
        schema::Type::Map(key, value) => Type::Map {
            key: boxed(key),
            value: boxed(value),
        },
        schema::Type::Tuple(items) => Type::Tuple {
            items: types(items),
        },
        schema::Type::Optional(item) => Type::Optional { item: boxed(item) },
        schema::Type::Union(members) => Type::Union {
            members: types(members),
        },
        schema::Type::Named { name, args } => Type::Named {
            package: name.package.clone(),
            name: name.name.clone(),
            args: types(args),
        },
        schema::Type::Param(name) => Type::Param { name: name.clone() },
    }
}

fn value(it: &schema::Value) -> Value {
    match it {
        schema::Value::Nil => Value::Nil,
        schema::Value::Bool(it) => Value::Bool { value: *it },
        schema::Value::Int(it) => Value::Int { value: *it },
        schema::Value::Float(it) => Value::Float { value: *it },
        schema::Value::Str(it) => Value::Str { value: it.clone() },
        schema::Value::Bytes(it) => Value::Bytes { value: it.clone() },
        schema::Value::Duration(it) => Value::Duration { nanoseconds: *it },
        schema::Value::Member { of, member } => Value::Member {
            of: name(of),
            member: member.clone(),
        },
        schema::Value::Const(it) => Value::Const {
            package: it.package.clone(),
            name: it.name.clone(),
        },
        schema::Value::List(items) => Value::List {
            items: items.iter().map(value).collect(),
        },
        schema::Value::Map(entries) => {
            let entry = |(key, it): &(schema::Value, schema::Value)| MapEntry {
                key: value(key),
                value: value(it),
            };
            Value::Map {
                entries: entries.iter().map(entry).collect(),
            }
        }
        schema::Value::Record(fields) => {
            let field = |(name, it): &(String, schema::Value)| FieldValue {
                name: name.clone(),
                value: value(it),
            };
            Value::Record {
                fields: fields.iter().map(field).collect(),
            }
        }
        schema::Value::Variant { member, value: it } => Value::Variant {
            member: *member,
            value: Box::new(value(it)),
        },
        schema::Value::Typed { ty: own, value: it } => Value::Typed {
            ty: ty(own),
            value: Box::new(value(it)),
        },
    }
}

fn options(it: &schema::Options) -> Options {
    Options {
        deadline_ms: it.deadline_ms,
        cancel: it.cancel.map(|cancel| match cancel {
            schema::CancelPolicy::Grace(grace_ms) => Cancel::Grace { grace_ms },
            schema::CancelPolicy::Now => Cancel::Now,
            schema::CancelPolicy::Never(max_ms) => Cancel::Never { max_ms },
        }),
        window: it.window,
        overrun: it.overrun.map(|overrun| match overrun {
            schema::Overrun::Wait => Overrun::Wait,
            schema::Overrun::Error => Overrun::Error,
            schema::Overrun::DropOldest => Overrun::DropOldest,
        }),
        idempotent: it.idempotent,
        peers_scipp_only: it.peers_scipp_only,
    }
}

fn extensions(list: &[schema::Extension]) -> Vec<Extension> {
    let extension = |it: &schema::Extension| Extension {
        name: it.name.clone(),
        args: it.args.clone(),
    };
    list.iter().map(extension).collect()
}

fn scalar_name(scalar: schema::Scalar) -> ScalarName {
    use schema::Scalar;
    match scalar {
        Scalar::Bool => ScalarName::Bool,
        Scalar::I8 => ScalarName::I8,
        Scalar::I16 => ScalarName::I16,
        Scalar::I32 => ScalarName::I32,
        Scalar::I64 => ScalarName::I64,
        Scalar::U8 => ScalarName::U8,
        Scalar::U16 => ScalarName::U16,
        Scalar::U32 => ScalarName::U32,
        Scalar::U64 => ScalarName::U64,
        Scalar::F32 => ScalarName::F32,
        Scalar::F64 => ScalarName::F64,
        Scalar::Str => ScalarName::Str,
        Scalar::Bytes => ScalarName::Bytes,
        Scalar::Nil => ScalarName::Nil,
        Scalar::Any => ScalarName::Any,
        Scalar::Timestamp => ScalarName::Timestamp,
        Scalar::Date => ScalarName::Date,
        Scalar::Time => ScalarName::Time,
        Scalar::Duration => ScalarName::Duration,
        Scalar::Uuid => ScalarName::Uuid,
        Scalar::Decimal => ScalarName::Decimal,
        Scalar::Ref => ScalarName::Ref,
    }
}
