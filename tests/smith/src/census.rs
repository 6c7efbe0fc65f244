//! Which constructs a schema uses.

use crate::tree::*;
use std::collections::BTreeMap;

/// Every construct that [`census`] knows. Types are counted by their words, options by theirs.
pub const CONSTRUCTS: &[&str] = &[
    "@array",
    "@cancel",
    "@deadline",
    "@deprecated",
    "@idempotent",
    "@len",
    "@name",
    "@ns",
    "@overrun",
    "@pattern",
    "@peers",
    "@range",
    "@since",
    "@tag",
    "@text",
    "@unique",
    "@window",
    "@wire",
    "@x",
    "alias",
    "any",
    "bool",
    "bytes",
    "closed enum",
    "closed union",
    "const",
    "constant as bound",
    "context",
    "context with all clauses",
    "context without clauses",
    "date",
    "decimal",
    "default",
    "default bytes",
    "default const",
    "default list",
    "default map",
    "default member",
    "default nil",
    "default record",
    "docs",
    "duration",
    "empty package",
    "enum of integers",
    "enum of text",
    "error",
    "ext of a record",
    "ext of a type",
    "extends",
    "f32",
    "f64",
    "fn",
    "gen",
    "generic use",
    "i16",
    "i32",
    "i64",
    "i8",
    "import as",
    "import names",
    "import renamed",
    "import whole",
    "inline union",
    "interface",
    "list",
    "map",
    "message",
    "newtype",
    "nil",
    "omittable",
    "omittable optional",
    "open enum",
    "open union",
    "optional",
    "package docs",
    "parameter",
    "raises",
    "raises alias",
    "recursion",
    "ref",
    "required",
    "reserved",
    "str",
    "struct",
    "time",
    "timestamp",
    "tuple",
    "tuple of one",
    "type parameter",
    "u16",
    "u32",
    "u64",
    "u8",
    "use of another package",
    "uuid",
];

/// How often a schema uses each construct of [`CONSTRUCTS`] that it uses.
pub fn census(schema: &Schema) -> BTreeMap<&'static str, usize> {
    let mut census = Census {
        schema,
        counts: BTreeMap::new(),
        package: "",
        item: "",
    };
    for package in &schema.packages {
        census.package(package);
    }
    census.counts
}

struct Census<'s> {
    schema: &'s Schema,
    counts: BTreeMap<&'static str, usize>,
    package: &'s str,
    item: &'s str,
}

impl<'s> Census<'s> {
    fn count(&mut self, construct: &'static str) {
        *self.counts.entry(construct).or_default() += 1;
    }

    fn count_if(&mut self, is_so: bool, construct: &'static str) {
        if is_so {
            self.count(construct);
        }
    }

    fn package(&mut self, package: &'s Package) {
        self.package = &package.name;
        self.count_if(!package.docs.is_empty(), "package docs");
        self.count_if(package.items.is_empty(), "empty package");
        self.options(&package.options);
        let text = package.to_text();
        for import in &package.imports {
            if text.contains(&format!("use {}", import.package)) {
                self.count(match import.form {
                    ImportForm::Whole => "import whole",
                    ImportForm::As(_) => "import as",
                    ImportForm::Names => "import names",
                    ImportForm::Renamed => "import renamed",
                });
            }
        }
        for item in &package.items {
            self.item = &item.name;
            self.item(item);
        }
    }

    fn item(&mut self, item: &'s Item) {
        self.count_if(!item.docs.is_empty(), "docs");
        self.options(&item.options);
        match &item.kind {
            Kind::Struct(record) => {
                self.count("struct");
                self.record(record);
            }
            Kind::Message(record) => {
                self.count("message");
                self.record(record);
            }
            Kind::Error(record) => {
                self.count("error");
                self.record(record);
            }
            Kind::Enum(it) => {
                self.count(if it.open { "open enum" } else { "closed enum" });
                self.count(if it.repr.is_some() {
                    "enum of integers"
                } else {
                    "enum of text"
                });
                self.count_if(!it.reserved.is_empty(), "reserved");
                for member in &it.members {
                    self.options(&member.options);
                }
            }
            Kind::Union { open, members } => {
                self.count(if *open { "open union" } else { "closed union" });
                members.iter().for_each(|it| self.ty(it));
            }
            Kind::Alias(ty) => {
                self.count("alias");
                self.ty(ty);
            }
            Kind::Newtype(ty) => {
                self.count("newtype");
                self.ty(ty);
            }
            Kind::Const { ty, .. } => {
                self.count("const");
                self.ty(ty);
            }
            Kind::Ext { body, .. } => match body {
                ExtBody::Record(record) => {
                    self.count("ext of a record");
                    self.record(record);
                }
                ExtBody::Type(ty) => {
                    self.count("ext of a type");
                    self.ty(ty);
                }
            },
            Kind::Interface(interface) => {
                self.count("interface");
                self.count_if(!interface.extends.is_empty(), "extends");
                for endpoint in &interface.endpoints {
                    self.endpoint(endpoint);
                }
            }
        }
    }

    fn record(&mut self, record: &'s Record) {
        self.count_if(!record.params.is_empty(), "type parameter");
        self.count_if(!record.reserved.is_empty(), "reserved");
        record.fields.iter().for_each(|it| self.field(it));
    }

    fn field(&mut self, field: &'s Field) {
        self.options(&field.options);
        self.ty(&field.ty);
        match &field.presence {
            Presence::Required => self.count("required"),
            Presence::Omittable if matches!(field.ty, Type::Optional(_)) => {
                self.count("omittable optional")
            }
            Presence::Omittable => self.count("omittable"),
            Presence::Default(value) => {
                self.count("default");
                self.value(value);
            }
        }
    }

    fn value(&mut self, value: &'s Value) {
        match value {
            Value::Nil => self.count("default nil"),
            Value::Bytes(_) => self.count("default bytes"),
            Value::Member { .. } => self.count("default member"),
            Value::Const(_) => self.count("default const"),
            Value::List(values) => {
                self.count("default list");
                values.iter().for_each(|it| self.value(it));
            }
            Value::Map(_) => self.count("default map"),
            Value::Record(_, fields) => {
                self.count("default record");
                fields.iter().for_each(|it| self.value(&it.1));
            }
            _ => {}
        }
    }

    fn endpoint(&mut self, endpoint: &'s Endpoint) {
        self.options(&endpoint.options);
        self.count_if(!endpoint.params.is_empty(), "parameter");
        endpoint.params.iter().for_each(|it| self.field(it));
        self.count_if(!endpoint.raises.is_empty(), "raises");
        for name in &endpoint.raises {
            let kind = self.schema.find(name).map(|it| &it.kind);
            self.count_if(matches!(kind, Some(Kind::Alias(_))), "raises alias");
        }
        match &endpoint.kind {
            EndpointKind::Fn { returns } => {
                self.count("fn");
                returns.iter().for_each(|it| self.ty(it));
            }
            EndpointKind::Gen { yields } => {
                self.count("gen");
                self.ty(yields);
            }
            EndpointKind::Context {
                started,
                accepts,
                yields,
                returns,
            } => {
                self.count("context");
                let clauses = [started, accepts, yields, returns];
                let given = clauses.into_iter().flatten();
                let count = given.clone().count();
                self.count_if(count == 4, "context with all clauses");
                self.count_if(count == 0, "context without clauses");
                given.for_each(|it| self.ty(it));
            }
        }
    }

    fn ty(&mut self, ty: &'s Type) {
        match ty {
            Type::Scalar(scalar) => self.count(scalar.word()),
            Type::List(item) => {
                self.count("list");
                self.ty(item);
            }
            Type::Map(key, value) => {
                self.count("map");
                self.ty(key);
                self.ty(value);
            }
            Type::Tuple(members) => {
                self.count(if members.len() == 1 {
                    "tuple of one"
                } else {
                    "tuple"
                });
                members.iter().for_each(|it| self.ty(it));
            }
            Type::Optional(inner) => {
                self.count("optional");
                self.ty(inner);
            }
            Type::Union(members) => {
                self.count("inline union");
                members.iter().for_each(|it| self.ty(it));
            }
            Type::Named(name, args) => {
                self.count_if(name.package != self.package, "use of another package");
                let is_self = name.package == self.package && name.item == self.item;
                self.count_if(is_self, "recursion");
                self.count_if(!args.is_empty(), "generic use");
                args.iter().for_each(|it| self.ty(it));
            }
            Type::Param(_) => {}
        }
    }

    fn options(&mut self, options: &[Opt]) {
        for option in options {
            if let Opt::Range(bounds) | Opt::Len(bounds) = option {
                let is_const = matches!(bounds.to, Some(Bound::Const(_)));
                self.count_if(is_const, "constant as bound");
            }
            self.count(match option {
                Opt::Array => "@array",
                Opt::Tag(..) => "@tag",
                Opt::Text(_) => "@text",
                Opt::Wire(_) => "@wire",
                Opt::Range(_) => "@range",
                Opt::Len(_) => "@len",
                Opt::Pattern(_) => "@pattern",
                Opt::Unique => "@unique",
                Opt::Ns(_) => "@ns",
                Opt::Name(_) => "@name",
                Opt::Deadline(_) => "@deadline",
                Opt::Cancel(_) => "@cancel",
                Opt::Window(_) => "@window",
                Opt::Overrun(_) => "@overrun",
                Opt::Idempotent => "@idempotent",
                Opt::Peers => "@peers",
                Opt::Since(_) => "@since",
                Opt::Deprecated(_) => "@deprecated",
                Opt::Other(..) => "@x",
            });
        }
    }
}
