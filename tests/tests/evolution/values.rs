//! Random values of a type of a checked schema.

use crate::dynamic::{Codec, Dyn, bounds, enum_value, int_bytes, replaced, wire_bytes, written};
use bytes::Bytes;
use scipp_codec::{Decoder, Payload, to_bytes};
use scipp_idl::schema::{
    Constraints, EnumRepr, ExtBody, ItemKind, Number, Presence, Record, Scalar, Type,
};
use scipp_smith::Choices;
use std::collections::HashSet;

/// How often another value is tried where the first does not hold.
const TRIES: usize = 12;

/// Levels below the wanted depth, in which values are as small as they can be; below them there is none.
const FLOOR: usize = 5;

impl Codec<'_> {
    /// A value that everything allows, `None` where none was found. `depth` is how deep optional parts may go.
    pub fn any_value(&self, ty: &Type, choices: &mut Choices<'_>, depth: usize) -> Option<Dyn> {
        self.value(ty, &[], choices, depth + FLOOR)
    }

    /// The same for a set of arguments.
    pub fn any_record(
        &self,
        record: &Record,
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Option<Dyn> {
        self.record_of(record, &[], &[], choices, depth + FLOOR)
    }

    fn value(
        &self,
        ty: &Type,
        own: &[&Constraints],
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Option<Dyn> {
        for _ in 0..TRIES {
            let value = self.one_value(ty, own, choices, depth)?;
            if own
                .iter()
                .all(|constraints| self.hold(constraints, ty, &value).is_ok())
            {
                return Some(value);
            }
        }
        None
    }

    fn one_value(
        &self,
        ty: &Type,
        own: &[&Constraints],
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Option<Dyn> {
        // Here nothing is left to leave out.
        let less = depth.checked_sub(1)?;
        match ty {
            Type::Scalar(scalar) => Some(scalar_value(*scalar, own, choices)),
            Type::List(inner) => {
                let list: Vec<Dyn> = (0..count(own, choices, depth))
                    .map_while(|_| self.value(inner, &[], choices, less))
                    .collect();
                let mut seen = HashSet::new();
                let unique = own.iter().any(|it| it.unique);
                Some(Dyn::List(
                    list.into_iter()
                        .filter(|it| !unique || seen.insert(written(it)))
                        .collect(),
                ))
            }
            Type::Map(key, value) => {
                let mut seen = HashSet::new();
                let mut entries = Vec::new();
                for _ in 0..count(own, choices, depth) {
                    let key = self.value(key, &[], choices, less)?;
                    let Some(value) = self.value(value, &[], choices, less) else {
                        break;
                    };
                    if seen.insert(written(&key)) {
                        entries.push((key, value));
                    }
                }
                Some(Dyn::Map(entries))
            }
            Type::Tuple(types) => types
                .iter()
                .map(|ty| self.value(ty, &[], choices, less))
                .collect::<Option<_>>()
                .map(Dyn::List),
            Type::Optional(inner) => {
                if depth <= FLOOR || choices.one_in(3) {
                    return Some(Dyn::Nil);
                }
                Some(self.value(inner, own, choices, depth).unwrap_or(Dyn::Nil))
            }
            Type::Union(members) => self.member_value(members, choices, depth),
            Type::Param(_) => None,
            Type::Named { name, args } => {
                let item = self.item(name);
                match &item.kind {
                    ItemKind::Struct(record) | ItemKind::Message(record) => {
                        self.record_of(record, &item.params, args, choices, depth)
                    }
                    ItemKind::Error(error) => {
                        self.record_of(&error.record, &[], &[], choices, depth)
                    }
                    ItemKind::Enum(it) => {
                        if it.open && choices.one_in(6) {
                            let bytes = match it.repr {
                                EnumRepr::Text => to_bytes(&"unheard_of".to_owned()).to_vec(),
                                EnumRepr::Int(scalar) => match scalar_value(scalar, &[], choices) {
                                    Dyn::Plain(bytes) => bytes,
                                    _ => return None,
                                },
                            };
                            let member = it
                                .members
                                .iter()
                                .find(|member| wire_bytes(&member.wire) == bytes);
                            return Some(enum_value(
                                it,
                                member.map(|member| member.name.clone()),
                                bytes,
                            ));
                        }
                        let member = choices.of(&it.members)?;
                        Some(enum_value(
                            it,
                            Some(member.name.clone()),
                            wire_bytes(&member.wire),
                        ))
                    }
                    ItemKind::Union(it) => {
                        if it.open && choices.one_in(4) {
                            return self.unknown_message(&it.members);
                        }
                        self.member_value(&it.members, choices, depth)
                    }
                    ItemKind::Alias(ty) => self.one_value(ty, own, choices, depth),
                    ItemKind::Newtype(it) => {
                        let all: Vec<&Constraints> =
                            own.iter().copied().chain([&it.constraints]).collect();
                        self.value(&it.ty, &all, choices, depth)
                    }
                    ItemKind::Ext(it) => {
                        let inner = match &it.body {
                            ExtBody::Type(ty) if self.is_bytes(ty) => Dyn::Plain(vec![1, 2, 3]),
                            ExtBody::Type(ty) => self.value(ty, &[], choices, less)?,
                            ExtBody::Record(record) => {
                                self.record_of(record, &[], &[], choices, less)?
                            }
                        };
                        Some(Dyn::Ext(i8::try_from(it.code).ok()?, Box::new(inner)))
                    }
                    ItemKind::Const(_) | ItemKind::Interface(_) => None,
                }
            }
        }
    }

    fn member_value(
        &self,
        members: &[Type],
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Option<Dyn> {
        if depth <= FLOOR && members.contains(&Type::Scalar(Scalar::Nil)) {
            return Some(Dyn::Nil);
        }
        let first = choices.below(members.len());
        // Where one member has no small value, another has.
        (0..members.len()).find_map(|step| {
            self.value(
                &members[(first + step) % members.len()],
                &[],
                choices,
                depth,
            )
        })
    }

    fn unknown_message(&self, members: &[Type]) -> Option<Dyn> {
        let key = members.iter().find_map(|ty| match self.unnamed(ty) {
            Type::Named { name, .. } => match &self.item(&name).kind {
                ItemKind::Message(record) if !record.array => {
                    record.tag.as_ref().map(|tag| tag.key.clone())
                }
                _ => None,
            },
            _ => None,
        })?;
        let map: indexmap::IndexMap<String, String> = [
            (key, "Unheard".to_owned()),
            ("x".to_owned(), "y".to_owned()),
        ]
        .into();
        Some(Dyn::Plain(to_bytes(&map).to_vec()))
    }

    fn record_of(
        &self,
        record: &Record,
        params: &[String],
        args: &[Type],
        choices: &mut Choices<'_>,
        depth: usize,
    ) -> Option<Dyn> {
        let mut fields = Vec::new();
        for field in &record.fields {
            let ty = replaced(&field.ty, params, args);
            let value = match &field.presence {
                Presence::Omittable if depth <= FLOOR || choices.one_in(3) => None,
                // Defaults are not held against everything that is checked: some are no values.
                Presence::Default(value)
                    if (depth <= FLOOR || choices.one_in(3))
                        && self
                            .hold(&field.constraints, &ty, &self.literal(&ty, value))
                            .is_ok() =>
                {
                    Some(self.literal(&ty, value))
                }
                _ => Some(self.value(
                    &ty,
                    &[&field.constraints],
                    choices,
                    depth.saturating_sub(1),
                )?),
            };
            fields.push((field.name.clone(), field.wire.clone(), value));
        }
        Some(Dyn::Record {
            tag: record
                .tag
                .as_ref()
                .map(|tag| (tag.key.clone(), tag.value.clone())),
            array: record.array,
            fields,
        })
    }
}

fn count(own: &[&Constraints], choices: &mut Choices<'_>, depth: usize) -> usize {
    let lens: Vec<_> = own.iter().filter_map(|it| it.len.as_ref()).collect();
    let fits = |count: &usize| {
        lens.iter()
            .all(|len| bounds(len, Number::Int(*count as i128)))
    };
    let wanted = if depth <= FLOOR { 0 } else { choices.below(4) };
    (wanted..8)
        .find(fits)
        .or_else(|| (0..600).find(fits))
        .unwrap_or(0)
}

fn scalar_value(scalar: Scalar, own: &[&Constraints], choices: &mut Choices<'_>) -> Dyn {
    fn one<T: Payload>(value: T) -> Dyn {
        Dyn::Plain(to_bytes(&value).to_vec())
    }
    let ranges: Vec<_> = own.iter().filter_map(|it| it.range.as_ref()).collect();
    let ends: Vec<Number> = ranges
        .iter()
        .flat_map(|range| [range.min, range.max])
        .flatten()
        .collect();
    let read = |text: &str, scalar: Scalar| -> Dyn {
        let bytes = to_bytes(&text.to_owned());
        fn of<T: Payload>(bytes: &Bytes) -> Dyn {
            one(T::decode(&mut Decoder::new(bytes)).expect("a good text"))
        }
        match scalar {
            Scalar::Timestamp => of::<jiff::Timestamp>(&bytes),
            Scalar::Date => of::<jiff::civil::Date>(&bytes),
            Scalar::Time => of::<jiff::civil::Time>(&bytes),
            Scalar::Duration => of::<jiff::SignedDuration>(&bytes),
            Scalar::Uuid => of::<uuid::Uuid>(&bytes),
            Scalar::Decimal => of::<rust_decimal::Decimal>(&bytes),
            _ => of::<scipp_codec::Ref>(&bytes),
        }
    };
    let mut pick = |list: &[&str]| {
        choices
            .of(list)
            .map_or(String::new(), |it| (*it).to_owned())
    };
    match scalar {
        Scalar::Bool => one(choices.one_in(2)),
        Scalar::Nil => Dyn::Nil,
        Scalar::Any => match choices.below(4) {
            0 => Dyn::Plain(vec![0xc0]),
            1 => one(7_u8),
            2 => one("any".to_owned()),
            _ => one(vec![1.5_f64]),
        },
        Scalar::Bytes => one(Bytes::from(vec![7; choices.below(7)])),
        Scalar::F32 | Scalar::F64 => {
            let mut list = vec![0.0, 1.0, -1.0, 0.5, 1e30, -2.5, 3.0e9, f64::INFINITY];
            list.extend(ends.iter().flat_map(|end| {
                let end = match end {
                    Number::Int(it) => *it as f64,
                    Number::Float(it) => *it,
                };
                [end, end + 0.25, end - 0.25, end + 1.0]
            }));
            let picked = choices.of(&list).copied().unwrap_or_default();
            one(if scalar == Scalar::F32 {
                f64::from(picked as f32)
            } else if picked == 1e30 {
                1e300
            } else {
                picked
            })
        }
        Scalar::Str => {
            let text = pick(&[
                "",
                "a",
                "ab",
                "abc",
                "abcd",
                "EUR",
                "EURO",
                "A1",
                "x-1",
                "123",
                "2025-02-03",
                "P1D",
                "äöü",
                "12:00:00",
                "a.b:c",
                "hello world",
            ]);
            let patterns: Vec<&str> = own.iter().filter_map(|it| it.pattern.as_deref()).collect();
            match patterns.first() {
                // Texts that match what smith and the edits ask for.
                Some(_) if choices.one_in(2) => one(choices
                    .of(&[
                        "a", "ABC", "A", "x42", "42", "\u{e9}xx", "x", "aB", "a1", "\u{e9}",
                    ])
                    .map_or(String::new(), |it| (*it).to_owned())),
                _ => one(text),
            }
        }
        Scalar::Timestamp => read(
            &pick(&[
                "2025-02-03T04:05:06Z",
                "1960-01-01T00:00:00.5Z",
                "2030-01-01T00:00:00.123456789Z",
            ]),
            scalar,
        ),
        Scalar::Date => read(&pick(&["2025-02-03", "0001-01-01", "9999-12-31"]), scalar),
        Scalar::Time => read(&pick(&["00:00:00", "04:05:06.000007", "23:59:59"]), scalar),
        Scalar::Duration => read(&pick(&["P0D", "PT1.5S", "-P1DT2S"]), scalar),
        Scalar::Uuid => read(
            &pick(&[
                "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "00000000-0000-0000-0000-000000000000",
            ]),
            scalar,
        ),
        Scalar::Decimal => {
            let mut list: Vec<String> = ["0", "1", "-1.50", "12.3400", "99999"]
                .map(str::to_owned)
                .into();
            list.extend(ends.iter().map(|end| match end {
                Number::Int(it) => it.to_string(),
                Number::Float(it) => format!("{it}"),
            }));
            let text = choices.of(&list).cloned().unwrap_or_default();
            match text.parse::<rust_decimal::Decimal>() {
                Ok(value) => one(value),
                Err(_) => read("1", scalar),
            }
        }
        Scalar::Ref => read(&pick(&["a.b:c", "x:y"]), scalar),
        _ => {
            let (least, most) = whole(scalar);
            let mut list = vec![0, 1, least, most, 42, -1, 127, 128, 255, 256, 65_536, -129];
            list.extend(ends.iter().flat_map(|end| match end {
                Number::Int(it) => [*it - 1, *it, *it + 1],
                Number::Float(it) => [*it as i128 - 1, *it as i128, *it as i128 + 1],
            }));
            list.retain(|it| (least..=most).contains(it));
            Dyn::Plain(int_bytes(choices.of(&list).copied().unwrap_or(least)))
        }
    }
}

fn whole(scalar: Scalar) -> (i128, i128) {
    match scalar {
        Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
        Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
        Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
        Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
        Scalar::U8 => (0, u8::MAX.into()),
        Scalar::U16 => (0, u16::MAX.into()),
        Scalar::U32 => (0, u32::MAX.into()),
        _ => (0, u64::MAX.into()),
    }
}
