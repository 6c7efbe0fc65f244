//! Constraints, and values that satisfy them.

use super::Maker;
use crate::tree::*;

/// Patterns, each with a text that it matches and that has 1 to 4 characters.
const PATTERNS: &[(&str, &str)] = &[
    ("^[A-Z]+$", "ABC"),
    ("\\d{2}", "x42"),
    ("a|\"b\"", "a"),
    ("^\u{e9}?x*$", "\u{e9}xx"),
];

impl Maker<'_, '_, '_> {
    /// Constraints that suit a type, often none.
    pub(super) fn constraints(&mut self, ty: &Type) -> Vec<Opt> {
        let mut options = Vec::new();
        let inner = match self.bare(ty) {
            Type::Optional(inner) => self.bare(inner).clone(),
            other => other.clone(),
        };
        // A newtype may have its own; two together could leave no value.
        let is_named = matches!(ty, Type::Named(..))
            || matches!(ty, Type::Optional(it) if matches!(**it, Type::Named(..)));
        if is_named || !self.choices.one_in(2) {
            return options;
        }
        match inner {
            Type::Scalar(Scalar::Str) => match self.choices.below(3) {
                0 => options.extend(
                    self.choices
                        .of(PATTERNS)
                        .map(|it| Opt::Pattern(it.0.to_owned())),
                ),
                1 => {
                    options.extend(
                        self.choices
                            .of(PATTERNS)
                            .map(|it| Opt::Pattern(it.0.to_owned())),
                    );
                    let to = Some(Bound::Int(9));
                    let from = Some(Bound::Int(1));
                    options.push(Opt::Len(Bounds {
                        from,
                        to,
                        included: true,
                    }));
                }
                _ => options.push(Opt::Len(self.bounds(5, false))),
            },
            Type::Scalar(Scalar::Bytes) | Type::Map(..) => {
                options.push(Opt::Len(self.bounds(3, false)))
            }
            Type::List(_) => {
                if self.choices.one_in(2) {
                    options.push(Opt::Unique);
                }
                if self.choices.one_in(2) {
                    options.push(Opt::Len(self.bounds(2, false)));
                }
            }
            Type::Scalar(Scalar::F32 | Scalar::F64 | Scalar::Decimal) => {
                options.push(Opt::Range(self.bounds(50, true)));
            }
            Type::Scalar(scalar) if scalar.integers().is_some() => {
                options.push(Opt::Range(self.bounds(50, false)));
            }
            _ => {}
        }
        options
    }

    /// Bounds of which the least is at most `most` and the greatest at least 1.
    fn bounds(&mut self, most: usize, float: bool) -> Bounds {
        let from = self.choices.between(0, most);
        let to = from + self.choices.between(1, 50);
        let number = |value: usize| match float {
            true => Bound::Float(format!("{value}.5")),
            false => Bound::Int(value as i128),
        };
        let form = self.choices.below(6);
        if form == 5
            && let Some(to) = self.bound_const(1)
        {
            return Bounds {
                from: self.choices.one_in(2).then_some(Bound::Int(0)),
                to: Some(to),
                included: true,
            };
        }
        Bounds {
            from: (form != 3 && form != 4).then(|| number(from)),
            to: (form != 2).then(|| number(to)),
            included: form != 2 && self.choices.one_in(2),
        }
    }

    /// A constant that is a number from `least` to 100.
    pub(super) fn bound_const(&mut self, least: i128) -> Option<Bound> {
        let names = self.named(|kind| {
            matches!(kind, Kind::Const { value: Value::Int(it), .. } if (least..=100).contains(it))
        });
        self.choices.of(&names).cloned().map(Bound::Const)
    }

    /// A value that the constraints of its field and of its newtypes allow.
    pub(super) fn constrained_value(
        &mut self,
        ty: &Type,
        options: &[Opt],
        depth: usize,
    ) -> Option<Value> {
        let mut options = options.to_vec();
        let mut named = ty.clone();
        while let Type::Named(name, _) = &named {
            let item = self.schema.find(name)?;
            match &item.kind {
                Kind::Alias(inner) => named = inner.clone(),
                Kind::Newtype(inner) => {
                    options.extend(item.options.iter().cloned());
                    named = inner.clone();
                }
                _ => break,
            }
        }
        let is_constrained = options.iter().any(|it| {
            matches!(
                it,
                Opt::Range(_) | Opt::Len(_) | Opt::Pattern(_) | Opt::Unique
            )
        });
        if !is_constrained {
            return self.value(ty, depth);
        }
        let pattern = options.iter().find_map(|it| match it {
            Opt::Pattern(pattern) => PATTERNS.iter().find(|it| it.0 == pattern),
            _ => None,
        });
        let least = options.iter().find_map(|it| match it {
            Opt::Len(bounds) | Opt::Range(bounds) => Some(bounds.from.clone()),
            _ => None,
        });
        let least = least.flatten();
        let length = match &least {
            Some(Bound::Int(it)) => usize::try_from(*it).ok()?,
            _ => 0,
        };
        match named {
            Type::Scalar(Scalar::Str) => Some(Value::Text(match pattern {
                Some((_, text)) => (*text).to_owned(),
                None => "\u{e9}".repeat(length),
            })),
            Type::Scalar(Scalar::Bytes) => Some(Value::Bytes(vec![b'b'; length])),
            Type::Scalar(Scalar::Decimal) => Some(match least {
                Some(Bound::Float(it)) => Value::Text(it),
                Some(Bound::Int(it)) => Value::Int(it),
                _ => Value::Text("0.0".to_owned()),
            }),
            Type::Scalar(Scalar::F32 | Scalar::F64) => Some(match least {
                Some(Bound::Float(it)) => Value::Float(it),
                Some(Bound::Int(it)) => Value::Int(it),
                _ => Value::Float("0.0".to_owned()),
            }),
            Type::Scalar(_) => Some(Value::Int(length as i128)),
            Type::List(_) | Type::Map(..) if length == 0 => Some(match named {
                Type::List(_) => Value::List(Vec::new()),
                _ => Value::Map(Vec::new()),
            }),
            Type::List(item) => {
                let mut values: Vec<Value> = Vec::new();
                for _ in 0..8 {
                    let value = self.value(&item, depth.saturating_sub(1))?;
                    if values.len() < length && !values.contains(&value) && is_plain(&value) {
                        values.push(value);
                    }
                }
                (values.len() == length).then_some(Value::List(values))
            }
            _ => None,
        }
    }

    /// A value of a type, or `None` where none can be written, or not so easily.
    pub(super) fn value(&mut self, ty: &Type, depth: usize) -> Option<Value> {
        if depth > 0
            && self.choices.one_in(6)
            && let Some(name) = self.const_of(ty)
        {
            return Some(Value::Const(name));
        }
        match ty {
            Type::Scalar(scalar) => self.scalar_value(*scalar),
            Type::Optional(_) if self.choices.one_in(2) => Some(Value::Nil),
            Type::Optional(inner) => self.constrained_value(&inner.clone(), &[], depth),
            Type::List(item) => {
                // What it holds may contain what it stands in.
                let is_simple = matches!(self.bare(item), Type::Scalar(_)) || self.is_enum(item);
                let count = if is_simple && depth > 0 {
                    self.choices.below(4)
                } else {
                    0
                };
                let values = (0..count).map(|_| self.constrained_value(item, &[], depth - 1));
                Some(Value::List(values.collect::<Option<_>>()?))
            }
            Type::Map(key, value) => {
                let is_simple =
                    matches!(self.bare(value), Type::Scalar(_)) && matches!(**key, Type::Scalar(_));
                let count = if is_simple && depth > 0 {
                    self.choices.below(3)
                } else {
                    0
                };
                let mut pairs: Vec<(Value, Value)> = Vec::new();
                for _ in 0..count {
                    let pair = (
                        self.plain_key(key)?,
                        self.constrained_value(value, &[], depth - 1)?,
                    );
                    if !pairs.iter().any(|it| it.0 == pair.0) {
                        pairs.push(pair);
                    }
                }
                Some(Value::Map(pairs))
            }
            Type::Tuple(members) => {
                let depth = depth.checked_sub(1)?;
                let values = members
                    .iter()
                    .map(|it| self.constrained_value(it, &[], depth));
                Some(Value::List(values.collect::<Option<_>>()?))
            }
            Type::Named(name, args) if args.is_empty() => self.item_value(name, depth),
            Type::Union(_) | Type::Param(_) | Type::Named(..) => None,
        }
    }

    fn is_enum(&self, ty: &Type) -> bool {
        matches!(self.bare(ty), Type::Named(name, _) if matches!(self.kind(name), Some(Kind::Enum(_))))
    }

    fn item_value(&mut self, name: &Name, depth: usize) -> Option<Value> {
        match self.kind(name)?.clone() {
            Kind::Alias(_) | Kind::Newtype(_) => {
                let ty = Type::Named(name.clone(), Vec::new());
                let inner = match self.kind(name)? {
                    Kind::Alias(inner) | Kind::Newtype(inner) => inner.clone(),
                    _ => return None,
                };
                let options = self.schema.find(name)?.options.clone();
                debug_assert_ne!(ty, inner);
                self.constrained_value(&inner, &options, depth)
            }
            Kind::Enum(it) => {
                let member = self.choices.of(&it.members)?.name.clone();
                Some(Value::Member {
                    of: name.clone(),
                    member,
                    qualified: self.choices.one_in(2),
                })
            }
            Kind::Struct(record) | Kind::Message(record) | Kind::Error(record)
                if record.params.is_empty() =>
            {
                let depth = depth.checked_sub(1)?;
                let mut fields = Vec::new();
                for field in &record.fields {
                    let may_be_absent = field.presence != Presence::Required
                        || matches!(field.ty, Type::Optional(_));
                    if may_be_absent {
                        continue;
                    }
                    let value = self.constrained_value(&field.ty, &field.options, depth)?;
                    fields.push((field.name.clone(), value));
                }
                let name = self.choices.one_in(2).then(|| name.clone());
                Some(Value::Record(name, fields))
            }
            _ => None,
        }
    }

    /// A key that equals another only if it looks the same.
    fn plain_key(&mut self, key: &Type) -> Option<Value> {
        let Type::Scalar(scalar) = key else {
            return None;
        };
        let value = self.scalar_value(*scalar)?;
        is_plain(&value).then_some(value)
    }

    /// A constant of exactly that type.
    fn const_of(&mut self, ty: &Type) -> Option<Name> {
        let names = self.named(|kind| matches!(kind, Kind::Const { ty: of, .. } if of == ty));
        self.choices.of(&names).cloned()
    }

    fn scalar_value(&mut self, scalar: Scalar) -> Option<Value> {
        use Scalar::*;
        let mut one_of = |list: &[&str]| {
            let text = self.choices.of(list).copied().unwrap_or_default();
            text.to_owned()
        };
        Some(match scalar {
            Nil => Value::Nil,
            Any => return None,
            Bool => Value::Bool(self.choices.one_in(2)),
            Str => Value::Text(one_of(&[
                "",
                "x",
                "a \"b\" \\",
                "\n\t\r\0\u{1}\u{9f}\u{2028}",
                "caf\u{e9} {x}",
            ])),
            Bytes => Value::Bytes(one_of(&["", "PNG", "\u{89}\"\\\n", "\0"]).into_bytes()),
            F32 | F64 => Value::Float(one_of(&["2.5", "-1e-3", "1_000.0", "0.0", "1E+2", "-0.5"])),
            Timestamp => Value::Text(one_of(&[
                "2025-02-03T04:05:06.789Z",
                "0001-01-01T00:00:00+02:30",
            ])),
            Date => Value::Text(one_of(&["2024-02-29", "9999-12-31"])),
            Time => Value::Text(one_of(&["04:05:06", "23:59:59.123456789"])),
            Duration => Value::Duration(one_of(&[
                "2s",
                "1h30m",
                "-500ms",
                "1d2h3m4s5ms6us7ns",
                "0s",
            ])),
            Uuid => Value::Text(one_of(&["123e4567-e89b-12d3-a456-426614174000"])),
            Decimal => match self.choices.below(3) {
                0 => Value::Int(-12),
                1 => Value::Text("12.50".to_owned()),
                _ => Value::Text("1e5".to_owned()),
            },
            Ref => Value::Text("market.feed:watch".to_owned()),
            I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64 => {
                let (least, greatest) = scalar.integers()?;
                match self.choices.below(8) {
                    0 => Value::Int(least),
                    1 => Value::Int(greatest),
                    2 if greatest > 127 => {
                        Value::Written(self.choices.below(256) as u64, self.radix())
                    }
                    3 if greatest > 65_535 => Value::Written(65_536, Radix::Grouped),
                    _ => Value::Int(self.choices.below(100) as i128),
                }
            }
        })
    }
}

/// Whether a value is written in one way only, so that two of them are equal if they look so.
fn is_plain(value: &Value) -> bool {
    matches!(
        value,
        Value::Int(_) | Value::Text(_) | Value::Bool(_) | Value::Bytes(_)
    )
}
