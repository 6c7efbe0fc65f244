//! The bytes of literals: what every language writes for a value of the schema, by section 3 of `docs/idl.md`.
//!
//! Written from the reference, and from no code of the run side, so that examples test the generated code against
//! something that it has no part in.

mod pack;
pub(crate) mod text;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::EXAMPLE_BYTES_MAX;
use crate::schema::{
    Endpoint, EnumRepr, Ext, ExtBody, Item, ItemKind, ItemName, Phase, Presence, Record, Scalar,
    Schema, Type, Value,
};
use pack::Pack;
use std::collections::HashMap;

/// Writes the bytes of all examples of a checked schema.
pub(crate) fn fill(schema: &mut Schema, diagnostics: &mut Diagnostics) {
    let endpoints = |schema: &Schema| {
        let items = schema.packages.values().flat_map(|it| &it.items);
        items
            .flat_map(endpoints_of)
            .any(|it| !it.examples.is_empty())
    };
    if !endpoints(schema) {
        return;
    }
    let items = Items::new(schema);
    let mut all = Vec::new();
    for endpoint in items.endpoints() {
        for example in &endpoint.examples {
            for step in &example.steps {
                let bytes = items.step(endpoint, step.phase, &step.value);
                if bytes.is_none() {
                    diagnostics.push(
                        Diagnostic::new(
                            code::EXAMPLE_TOO_LARGE,
                            format!(
                                "a value of this example has more than {EXAMPLE_BYTES_MAX} bytes"
                            ),
                        )
                        .at(example.span, "in this example")
                        .note("defaults count: they are written out")
                        .help("take a smaller value: an example is read by people"),
                    );
                }
                all.push(bytes.unwrap_or_default());
            }
        }
    }
    let mut all = all.into_iter();
    let items = schema.packages.values_mut().flat_map(|it| &mut it.items);
    for item in items {
        let ItemKind::Interface(interface) = &mut item.kind else {
            continue;
        };
        let examples = interface
            .endpoints
            .iter_mut()
            .flat_map(|it| &mut it.examples);
        for step in examples.flat_map(|example| &mut example.steps) {
            step.bytes = all.next().unwrap_or_default();
        }
    }
}

fn endpoints_of(item: &Item) -> &[Endpoint] {
    match &item.kind {
        ItemKind::Interface(interface) => &interface.endpoints,
        _ => &[],
    }
}

/// The items of a checked schema by their names.
pub(crate) struct Items<'s> {
    schema: &'s Schema,
    index: HashMap<(&'s str, &'s str), &'s Item>,
}

impl<'s> Items<'s> {
    pub(crate) fn new(schema: &'s Schema) -> Self {
        let packages = schema.packages.values();
        let named = packages.flat_map(|package| {
            let name = package.name.as_str();
            package
                .items
                .iter()
                .map(move |item| ((name, item.name.as_str()), item))
        });
        Self {
            schema,
            index: named.collect(),
        }
    }

    fn endpoints(&self) -> impl Iterator<Item = &'s Endpoint> {
        let items = self.schema.packages.values().flat_map(|it| &it.items);
        items.flat_map(endpoints_of)
    }

    fn item(&self, name: &ItemName) -> Option<&'s Item> {
        let key = (name.package.as_str(), name.name.as_str());
        self.index.get(&key).copied()
    }

    fn step(&self, endpoint: &Endpoint, phase: Phase, value: &Value) -> Option<Vec<u8>> {
        let mut out = Pack::new(EXAMPLE_BYTES_MAX);
        let ty = match phase {
            Phase::Call => {
                self.record(&mut out, &endpoint.args, &[], &[], value)?;
                return Some(out.into_bytes());
            }
            Phase::Started => &endpoint.started,
            Phase::Accepts => endpoint.accepts.as_ref()?,
            Phase::Yields => endpoint.yields.as_ref()?,
            Phase::Returns => &endpoint.returns,
            Phase::Raises => {
                let Value::Variant { member, value } = value else {
                    return None;
                };
                self.named(&mut out, value, endpoint.raises.get(*member)?, &[])?;
                return Some(out.into_bytes());
            }
        };
        self.write(&mut out, value, ty)?;
        Some(out.into_bytes())
    }

    /// The payload of a value of a type; `None` beyond [`EXAMPLE_BYTES_MAX`].
    pub(crate) fn payload(&self, value: &Value, ty: &Type) -> Option<Vec<u8>> {
        let mut out = Pack::new(EXAMPLE_BYTES_MAX);
        self.write(&mut out, value, ty)?;
        Some(out.into_bytes())
    }

    /// `None` if it becomes too large. The check has seen that the value fits the type.
    fn write(&self, out: &mut Pack, value: &Value, ty: &Type) -> Option<()> {
        match (value, ty) {
            (Value::Const(name), _) => match &self.item(name)?.kind {
                ItemKind::Const(it) => self.write(out, &it.value, ty),
                _ => None,
            },
            (Value::Typed { ty, value }, _) => self.write(out, value, ty),
            (_, Type::Named { name, args }) => self.named(out, value, name, args),
            (Value::Nil, _) => out.nil(),
            (_, Type::Optional(inner)) => self.write(out, value, inner),
            (Value::Variant { member, value }, Type::Union(members)) => {
                self.write(out, value, members.get(*member)?)
            }
            (_, Type::Scalar(scalar)) => self.scalar(out, value, *scalar),
            (Value::List(values), Type::List(of)) => {
                out.array(values.len())?;
                values.iter().try_for_each(|it| self.write(out, it, of))
            }
            (Value::List(values), Type::Tuple(types)) => {
                out.array(values.len())?;
                let mut pairs = values.iter().zip(types);
                pairs.try_for_each(|(it, of)| self.write(out, it, of))
            }
            (Value::Map(entries), Type::Map(key, of)) => {
                out.map(entries.len())?;
                entries.iter().try_for_each(|(name, it)| {
                    self.write(out, name, key)?;
                    self.write(out, it, of)
                })
            }
            _ => None,
        }
    }

    fn scalar(&self, out: &mut Pack, value: &Value, scalar: Scalar) -> Option<()> {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a float takes the nearest value of what is written"
        )]
        match (value, scalar) {
            (Value::Bool(it), _) => out.bool(*it),
            (Value::Int(it), Scalar::F64) => out.float(*it as f64),
            (Value::Int(it), Scalar::F32) => out.float(f64::from(*it as f32)),
            // From a constant of another type.
            (Value::Int(it), Scalar::Decimal) => out.str(&it.to_string()),
            (Value::Int(it), _) => out.int(*it),
            (Value::Float(it), Scalar::F32) => out.float(f64::from(*it as f32)),
            (Value::Float(it), _) => out.float(*it),
            (Value::Bytes(bytes), _) => out.bin(bytes),
            (Value::Duration(it), _) => out.str(&text::duration(*it)),
            (Value::Str(it), Scalar::Timestamp) => out.timestamp(text::timestamp(it)),
            (Value::Str(it), Scalar::Time) => out.str(&text::time(it)),
            (Value::Str(it), Scalar::Uuid) => out.str(&it.to_ascii_lowercase()),
            (Value::Str(it), Scalar::Decimal) => out.str(&text::decimal(it)),
            (Value::Str(it), _) => out.str(it),
            // Where anything is expected, lists and maps hold anything.
            (Value::List(values), _) => {
                out.array(values.len())?;
                values.iter().try_for_each(|it| self.any(out, it))
            }
            (Value::Map(entries), _) => {
                out.map(entries.len())?;
                entries.iter().try_for_each(|(key, it)| {
                    self.any(out, key)?;
                    self.any(out, it)
                })
            }
            _ => None,
        }
    }

    fn any(&self, out: &mut Pack, value: &Value) -> Option<()> {
        self.write(out, value, &Type::Scalar(Scalar::Any))
    }

    fn named(&self, out: &mut Pack, value: &Value, name: &ItemName, args: &[Type]) -> Option<()> {
        let item = self.item(name)?;
        match &item.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => {
                self.record(out, record, &item.params, args, value)
            }
            ItemKind::Error(error) => self.record(out, &error.record, &[], &[], value),
            ItemKind::Enum(it) => {
                let Value::Member { member, .. } = value else {
                    return None;
                };
                let found = it.members.iter().find(|known| known.name == *member)?;
                match it.repr {
                    EnumRepr::Text => self.scalar(out, &found.wire, Scalar::Str),
                    EnumRepr::Int(scalar) => self.scalar(out, &found.wire, scalar),
                }
            }
            ItemKind::Alias(ty) => self.write(out, value, ty),
            ItemKind::Newtype(it) => self.write(out, value, &it.ty),
            ItemKind::Ext(it) => self.ext(out, it, value),
            ItemKind::Union(it) => match value {
                Value::Variant { member, value } => {
                    self.write(out, value, it.members.get(*member)?)
                }
                _ => None,
            },
            ItemKind::Const(_) | ItemKind::Interface(_) => None,
        }
    }

    fn ext(&self, out: &mut Pack, ext: &Ext, value: &Value) -> Option<()> {
        let mut inside = Pack::new(out.left());
        match &ext.body {
            ExtBody::Record(record) => self.record(&mut inside, record, &[], &[], value)?,
            ExtBody::Type(ty) => match (self.schema.unaliased(ty), value) {
                (Type::Scalar(Scalar::Bytes), Value::Bytes(bytes)) => inside.raw(bytes)?,
                (ty, value) => self.write(&mut inside, value, ty)?,
            },
        }
        out.ext(ext.code, &inside.into_bytes())
    }

    fn record(
        &self,
        out: &mut Pack,
        record: &Record,
        params: &[String],
        args: &[Type],
        value: &Value,
    ) -> Option<()> {
        let Value::Record(given) = value else {
            return None;
        };
        let is_written = |name: &str, presence: &Presence| {
            *presence != Presence::Omittable || given.iter().any(|(it, _)| it == name)
        };
        let fields = record
            .fields
            .iter()
            .filter(|it| is_written(&it.name, &it.presence));
        let count = fields.clone().count() + usize::from(record.tag.is_some());
        if record.array {
            out.array(count)?;
        } else {
            out.map(count)?;
        }
        if let Some(tag) = &record.tag {
            if !record.array {
                out.str(&tag.key)?;
            }
            out.str(&tag.value)?;
        }
        for field in fields {
            if !record.array {
                out.str(&field.wire)?;
            }
            let filled;
            let ty = if args.is_empty() {
                &field.ty
            } else {
                filled = field.ty.filled(params, args)?;
                &filled
            };
            let own = given.iter().find(|(name, _)| *name == field.name);
            match (own, &field.presence) {
                (Some((_, value)), _) | (None, Presence::Default(value)) => {
                    self.write(out, value, ty)?;
                }
                (None, _) => out.nil()?,
            }
        }
        Some(())
    }
}
