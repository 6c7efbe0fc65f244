//! Literals of a schema as expressions.

use super::code::{Code, call, keyword, subscript};
use super::docs::is_invisible;
use super::module::Module;
use super::names;
use super::plan::{NewtypeForm, extension, value_class};
use scipp_idl::schema::{ExtBody, Item, ItemKind, ItemName, Record, Scalar, Type, Value};

/// A value as an expression, and what that means for a default.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) code: Code,
    /// Nobody can change it.
    pub(crate) fixed: bool,
    /// A literal, or a name of one: no call.
    pub(crate) simple: bool,
}

impl Module<'_> {
    /// A value of this type.
    pub(crate) fn value(&self, ty: &Type, value: &Value) -> Expression {
        let fixed = |code: Code, simple: bool| Expression {
            code,
            fixed: true,
            simple,
        };
        if let Value::Const(name) = value {
            let code = self.item(name, &names::constant(&name.name)).into();
            let holds = self.plan.item(name).map(|item| &item.kind);
            let simple =
                matches!(holds, Some(ItemKind::Const(it)) if self.value(&it.ty, &it.value).simple);
            return fixed(
                self.wrapped(ty, value, code),
                simple && !self.is_newtype(ty),
            );
        }
        match self.plan.unaliased(ty) {
            Type::Scalar(scalar) => self.scalar_value(*scalar, value),
            Type::Optional(inner) => match value {
                Value::Nil => fixed("None".into(), true),
                other => self.value(inner, other),
            },
            Type::Union(members) => self.variant(members, value),
            Type::List(item) => {
                let items = self.values(value, |_| Some(item));
                changeable(brackets("[", items, "]"))
            }
            Type::Tuple(types) => {
                let items = self.values(value, |at| types.get(at));
                if types.iter().any(|it| holds_union(it, false)) {
                    // A checker looks at what is in a tuple by itself.
                    let cast = self.name_of("typing", "cast");
                    return changeable(call(&cast, vec![self.ty(ty), tuple(items)]));
                }
                changeable(tuple(items))
            }
            Type::Map(key, of) => {
                let Value::Map(entries) = value else {
                    return changeable("{}".into());
                };
                let entry = |(k, v): &(Value, Value)| {
                    let (k, v) = (self.value(key, k).code, self.value(of, v).code);
                    Code::Row(vec![k, ": ".into(), v])
                };
                changeable(brackets("{", entries.iter().map(entry).collect(), "}"))
            }
            Type::Param(_) => fixed("None".into(), true),
            Type::Named { name, args } => match self.plan.item(name) {
                Some(item) => self.named_value(name, item, args, value),
                None => fixed("None".into(), true),
            },
        }
    }

    fn is_newtype(&self, ty: &Type) -> bool {
        match self.plan.unaliased(ty) {
            Type::Named { name, .. } => match self.plan.item(name).map(|item| &item.kind) {
                Some(ItemKind::Newtype(it)) => {
                    self.plan.newtype_form(name, it) == NewtypeForm::Type
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// A constant is of its own type; where a newtype of that is expected, it has to be made one.
    fn wrapped(&self, ty: &Type, value: &Value, code: Code) -> Code {
        let Value::Const(constant) = value else {
            return code;
        };
        let of = match self.plan.item(constant).map(|item| &item.kind) {
            Some(ItemKind::Const(it)) => self.plan.unaliased(&it.ty),
            _ => return code,
        };
        match self.plan.unaliased(ty) {
            Type::Named { name, .. } if self.is_newtype(ty) && of != self.plan.unaliased(ty) => {
                let inner = match self.plan.item(name).map(|item| &item.kind) {
                    Some(ItemKind::Newtype(it)) => self.wrapped(&it.ty, value, code),
                    _ => code,
                };
                call(&self.item(name, &names::class(&name.name)), vec![inner])
            }
            _ => code,
        }
    }

    fn values<'t>(&self, value: &Value, ty: impl Fn(usize) -> Option<&'t Type>) -> Vec<Code> {
        let items = match value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        let item = |(at, item): (usize, &Value)| Some(self.value(ty(at)?, item).code);
        items.iter().enumerate().filter_map(item).collect()
    }

    fn variant(&self, members: &[Type], value: &Value) -> Expression {
        match value {
            Value::Variant { member, value } => match members.get(*member) {
                Some(ty) => self.value(ty, value),
                None => untyped(self, value),
            },
            other => untyped(self, other),
        }
    }

    fn named_value(
        &self,
        name: &ItemName,
        item: &Item,
        args: &[Type],
        value: &Value,
    ) -> Expression {
        let class = || self.item(name, &names::class(&item.name));
        match &item.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => {
                self.record_value(&class(), record, &item.params, args, value)
            }
            ItemKind::Error(error) => {
                let class = self.item(name, &value_class(&item.name));
                self.record_value(&class, &error.record, &[], &[], value)
            }
            ItemKind::Enum(_) => match value {
                Value::Member { member, .. } => Expression {
                    code: format!("{}.{}", class(), names::enum_member(member)).into(),
                    fixed: true,
                    simple: true,
                },
                other => untyped(self, other),
            },
            ItemKind::Union(union) => self.variant(&union.members, value),
            ItemKind::Newtype(newtype) => {
                let inner = self.value(&newtype.ty, value);
                if self.plan.newtype_form(name, newtype) == NewtypeForm::Alias {
                    return inner;
                }
                Expression {
                    code: call(&class(), vec![inner.code]),
                    fixed: inner.fixed,
                    simple: false,
                }
            }
            ItemKind::Ext(ext) => {
                let inner = match &ext.body {
                    ExtBody::Record(record) => self.record_value(&class(), record, &[], &[], value),
                    ExtBody::Type(ty) => self.value(ty, value),
                };
                let pack = format!("{}.pack", self.item(name, &extension(&item.name)));
                changeable(call(&pack, vec![inner.code]))
            }
            ItemKind::Alias(_) | ItemKind::Const(_) | ItemKind::Interface(_) => {
                untyped(self, value)
            }
        }
    }

    fn record_value(
        &self,
        class: &str,
        record: &Record,
        params: &[String],
        args: &[Type],
        value: &Value,
    ) -> Expression {
        let given = match value {
            Value::Record(fields) => fields.as_slice(),
            _ => &[],
        };
        let field = |(name, value): &(String, Value)| {
            let field = record.fields.iter().find(|it| it.name == *name)?;
            let ty = field.ty.filled(params, args)?;
            Some(keyword(&self.member(name), self.value(&ty, value).code))
        };
        let class = match args {
            [] => class.to_owned(),
            args => subscript(class, args.iter().map(|it| self.ty(it)).collect()).flat(),
        };
        changeable(call(&class, given.iter().filter_map(field).collect()))
    }

    fn scalar_value(&self, scalar: Scalar, value: &Value) -> Expression {
        let text = |from: String| match value {
            Value::Str(it) => Some(call(&from, vec![text(it).into()])),
            _ => None,
        };
        let made = match scalar {
            Scalar::Timestamp => text(self.of("datetime", "datetime.fromisoformat")),
            Scalar::Date => text(self.of("datetime", "date.fromisoformat")),
            Scalar::Time => text(self.of("datetime", "time.fromisoformat")),
            Scalar::Uuid => text(self.of("uuid", "UUID")),
            Scalar::Decimal => match value {
                Value::Int(it) => Some(call(
                    &self.of("decimal", "Decimal"),
                    vec![it.to_string().into()],
                )),
                _ => text(self.of("decimal", "Decimal")),
            },
            Scalar::F32 | Scalar::F64 => match value {
                Value::Int(it) => return literal(float(&format!("{it}.0"))),
                _ => None,
            },
            _ => None,
        };
        match made {
            Some(code) => Expression {
                code,
                fixed: true,
                simple: false,
            },
            None => untyped(self, value),
        }
    }
}

fn changeable(code: Code) -> Expression {
    Expression {
        code,
        fixed: false,
        simple: false,
    }
}

fn literal(code: String) -> Expression {
    Expression {
        code: code.into(),
        fixed: true,
        simple: true,
    }
}

fn brackets(open: &str, items: Vec<Code>, close: &'static str) -> Code {
    Code::Bracket {
        open: open.to_owned(),
        items,
        close,
        comma: true,
    }
}

/// Whether there is a choice inside of a list or map.
fn holds_union(ty: &Type, inside: bool) -> bool {
    match ty {
        Type::Optional(_) | Type::Union(_) => inside,
        Type::List(item) => holds_union(item, true),
        Type::Map(_, value) => holds_union(value, true),
        Type::Tuple(types) => types.iter().any(|it| holds_union(it, inside)),
        Type::Scalar(_) | Type::Named { .. } | Type::Param(_) => false,
    }
}

fn tuple(items: Vec<Code>) -> Code {
    match <[Code; 1]>::try_from(items) {
        Ok([one]) => Code::Row(vec!["(".into(), one, ",)".into()]),
        Err(items) => brackets("(", items, ")"),
    }
}

/// A value that says itself what it is, such as one of `any`.
fn untyped(module: &Module<'_>, value: &Value) -> Expression {
    match value {
        Value::Nil => literal("None".to_owned()),
        Value::Bool(it) => literal(if *it { "True" } else { "False" }.to_owned()),
        Value::Int(it) => literal(it.to_string()),
        Value::Float(it) => literal(float(&format!("{it:?}"))),
        Value::Str(it) => literal(text(it)),
        Value::Bytes(it) => literal(bytes(it)),
        Value::Duration(it) => Expression {
            code: duration(&module.of("datetime", "timedelta"), *it),
            fixed: true,
            simple: false,
        },
        Value::Member { of, member } => {
            let class = module.item(of, &names::class(&of.name));
            literal(format!("{class}.{}", names::enum_member(member)))
        }
        Value::Const(name) => literal(module.item(name, &names::constant(&name.name))),
        // Nothing else would say what an empty one could hold.
        Value::List(items) if items.is_empty() => {
            let any = module.name_of("typing", "Any");
            changeable(format!("{}[{any}]()", module.builtin("list")).into())
        }
        Value::Map(entries) if entries.is_empty() => {
            let any = module.name_of("typing", "Any");
            changeable(format!("{}[{any}, {any}]()", module.builtin("dict")).into())
        }
        Value::List(items) => {
            let items = items.iter().map(|it| untyped(module, it).code).collect();
            changeable(brackets("[", items, "]"))
        }
        Value::Map(entries) => {
            let entry = |(k, v): &(Value, Value)| {
                Code::Row(vec![
                    untyped(module, k).code,
                    ": ".into(),
                    untyped(module, v).code,
                ])
            };
            changeable(brackets("{", entries.iter().map(entry).collect(), "}"))
        }
        Value::Typed { ty, value } => module.value(ty, value),
        Value::Variant { value, .. } => untyped(module, value),
        Value::Record(_) => changeable("{}".into()),
    }
}

/// What `f64`'s debug form is in Python.
fn float(text: &str) -> String {
    // `1e300` stays; Python reads all forms that Rust writes.
    match text {
        "inf" | "-inf" | "NaN" => format!("float(\"{text}\")"),
        other => other.to_owned(),
    }
}

/// A string literal.
pub(crate) fn text(text: &str) -> String {
    // One with double quotes and no single ones is kept in single ones.
    let quote = if text.contains('"') && !text.contains('\'') {
        '\''
    } else {
        '"'
    };
    let mut out = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            it if it == quote => out.extend(['\\', it]),
            it if u32::from(it) < 0x100 && it.is_control() => {
                out.push_str(&format!("\\x{:02x}", u32::from(it)));
            }
            it if is_invisible(it) => out.push_str(&format!("\\u{:04x}", u32::from(it))),
            other => out.push(other),
        }
    }
    out.push(quote);
    out
}

/// The literal of a pattern: raw, if it has backslashes and can be.
pub(crate) fn raw_text(pattern: &str) -> String {
    let plain = |it: char| !it.is_control() && !is_invisible(it);
    if pattern.contains('\\')
        && !pattern.contains('"')
        && !pattern.ends_with('\\')
        && pattern.chars().all(plain)
    {
        format!("r\"{pattern}\"")
    } else {
        text(pattern)
    }
}

fn bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'"') && !bytes.contains(&b'\'') {
        '\''
    } else {
        '"'
    };
    let mut out = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            it if char::from(*it) == quote => out.extend(['\\', quote]),
            0x20..=0x7e => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\x{other:02x}")),
        }
    }
    out.push(quote);
    out
}

/// A duration, to the microsecond.
fn duration(class: &str, nanoseconds: i128) -> Code {
    let microseconds = nanoseconds / 1_000;
    let (days, rest) = (microseconds / 86_400_000_000, microseconds % 86_400_000_000);
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
    let parts = [
        ("days", days),
        ("seconds", seconds),
        ("microseconds", micros),
    ];
    let parts = parts.iter().filter(|(_, count)| *count != 0);
    call(
        class,
        parts
            .map(|(name, count)| keyword(name, count.to_string()))
            .collect(),
    )
}
