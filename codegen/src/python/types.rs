//! Types as annotations.

use super::code::{Code, call, or, subscript};
use super::module::Module;
use super::names;
use super::plan::{NewtypeForm, value_class};
use scipp_idl::schema::{
    Constraints, Item, ItemKind, ItemName, Newtype, Number, Range, Scalar, Type,
};

impl Module<'_> {
    /// A type as used.
    pub(crate) fn ty(&self, ty: &Type) -> Code {
        self.checked(ty, &[])
    }

    /// A type with the constraints of its field and of the newtypes around it.
    pub(crate) fn checked(&self, ty: &Type, constraints: &[&Constraints]) -> Code {
        let length = |code: Code| self.with_length(code, constraints);
        match ty {
            Type::Scalar(scalar) => self.scalar(*scalar, None, constraints),
            Type::List(item) => length(self.list(self.ty(item))),
            Type::Map(key, value) => {
                let items = vec![self.ty(key), self.ty(value)];
                length(subscript(&self.builtin("dict"), items))
            }
            Type::Tuple(types) => {
                let items = types.iter().map(|it| self.ty(it)).collect();
                subscript(&self.builtin("tuple"), items)
            }
            Type::Optional(inner) => or(vec![self.checked(inner, constraints), "None".into()]),
            Type::Union(members) => or(members.iter().map(|it| self.ty(it)).collect()),
            Type::Param(name) => names::class(name).into(),
            Type::Named { name, args } => self.named(name, args, constraints),
        }
    }

    fn list(&self, item: Code) -> Code {
        subscript(&self.builtin("list"), vec![item])
    }

    fn named(&self, name: &ItemName, args: &[Type], constraints: &[&Constraints]) -> Code {
        let Some(item) = self.plan.item(name) else {
            return self.builtin("object").into();
        };
        let plain = |class: String| Code::Text(self.item(name, &class));
        match &item.kind {
            ItemKind::Alias(target) if constraints.iter().any(|it| !is_free(it)) => {
                self.checked(target, constraints)
            }
            ItemKind::Newtype(newtype) => self.newtype(name, newtype, constraints),
            ItemKind::Error(_) => plain(value_class(&item.name)),
            ItemKind::Ext(_) => self.of("msgspec", "msgpack.Ext").into(),
            _ if args.is_empty() => plain(names::class(&item.name)),
            _ => {
                let args = args.iter().map(|it| self.ty(it)).collect();
                subscript(&self.item(name, &names::class(&item.name)), args)
            }
        }
    }

    /// A newtype has no constraints of its own in Python: they stand where it is used.
    fn newtype(&self, name: &ItemName, newtype: &Newtype, outer: &[&Constraints]) -> Code {
        let class = Code::Text(self.item(name, &names::class(&name.name)));
        if self.plan.newtype_form(name, newtype) == NewtypeForm::Alias {
            return class;
        }
        let mut constraints: Vec<&Constraints> = outer.to_vec();
        let mut newtype = newtype;
        loop {
            constraints.push(&newtype.constraints);
            match self.plan.unaliased(&newtype.ty) {
                Type::Scalar(scalar) => return self.scalar(*scalar, Some(class), &constraints),
                Type::List(_) | Type::Map(..) => return self.with_length(class, &constraints),
                Type::Named { name, .. } => match self.plan.item(name) {
                    Some(Item {
                        kind: ItemKind::Newtype(inner),
                        ..
                    }) => newtype = inner,
                    _ => return class,
                },
                _ => return class,
            }
        }
    }

    /// What a newtype is made of, without constraints.
    pub(crate) fn bare(&self, ty: &Type) -> Code {
        match self.plan.unaliased(ty) {
            Type::Scalar(scalar) => self.class_of(*scalar),
            Type::Named { name, args } => match self.plan.item(name).map(|item| &item.kind) {
                Some(ItemKind::Newtype(_)) => self.item(name, &names::class(&name.name)).into(),
                _ => self.named(name, args, &[]),
            },
            other => self.ty(other),
        }
    }

    fn scalar(&self, scalar: Scalar, given: Option<Code>, constraints: &[&Constraints]) -> Code {
        if let Some((least, most)) = int_range(scalar) {
            let ranges: Vec<&Range> = constraints
                .iter()
                .filter_map(|it| it.range.as_ref())
                .collect();
            let name = format!("{scalar:?}").to_uppercase();
            if ranges.is_empty() {
                return match given {
                    None => self.support(&name).into(),
                    Some(class) => {
                        self.annotated(class, self.support(&format!("{name}_RANGE")).into())
                    }
                };
            }
            let base = given.unwrap_or_else(|| self.builtin("int").into());
            let (mut min, mut max) = (least, most);
            for range in ranges {
                let (from, to) = whole(range);
                min = from.map_or(min, |from| min.max(from));
                max = to.map_or(max, |to| max.min(to));
            }
            // msgspec has bounds of 64 bits with a sign.
            let fits = |bound: i128| i64::try_from(bound).is_ok();
            let mut parts = vec![format!("ge={}", if fits(min) { min } else { least })];
            parts.extend(fits(max).then(|| format!("le={max}")));
            return self.annotated_with(base, parts);
        }
        let base = |given: Option<Code>| given.unwrap_or_else(|| self.class_of(scalar));
        match scalar {
            Scalar::F32 | Scalar::F64 => {
                self.annotated_with(base(given), float_bounds(constraints))
            }
            Scalar::Str | Scalar::Ref | Scalar::Bytes => self.with_length(base(given), constraints),
            Scalar::Timestamp => match given {
                None => self.support("Timestamp").into(),
                Some(class) => self.annotated(class, self.support("WITH_ZONE").into()),
            },
            Scalar::Time => match given {
                None => self.support("Time").into(),
                Some(class) => self.annotated(class, self.support("WITHOUT_ZONE").into()),
            },
            _ => base(given),
        }
    }

    fn class_of(&self, scalar: Scalar) -> Code {
        match scalar {
            Scalar::Bool => self.builtin("bool"),
            Scalar::F32 | Scalar::F64 => self.builtin("float"),
            Scalar::Str | Scalar::Ref => self.builtin("str"),
            Scalar::Bytes => self.builtin("bytes"),
            Scalar::Nil => "None".to_owned(),
            Scalar::Any => self.name_of("typing", "Any"),
            Scalar::Timestamp => self.of("datetime", "datetime"),
            Scalar::Date => self.of("datetime", "date"),
            Scalar::Time => self.of("datetime", "time"),
            Scalar::Duration => self.of("datetime", "timedelta"),
            Scalar::Uuid => self.of("uuid", "UUID"),
            Scalar::Decimal => self.of("decimal", "Decimal"),
            _ => self.builtin("int"),
        }
        .into()
    }

    fn with_length(&self, code: Code, constraints: &[&Constraints]) -> Code {
        let mut parts = Vec::new();
        let lengths = || {
            constraints
                .iter()
                .filter_map(|it| it.len.as_ref())
                .map(whole)
        };
        let min = lengths().filter_map(|it| it.0).max().filter(|it| *it > 0);
        let max = lengths().filter_map(|it| it.1).min();
        parts.extend(min.map(|it| format!("min_length={it}")));
        parts.extend(
            max.filter(|it| i64::try_from(*it).is_ok())
                .map(|it| format!("max_length={it}")),
        );
        let pattern = constraints.iter().find_map(|it| it.pattern.as_deref());
        parts.extend(pattern.map(|it| format!("pattern={}", super::values::raw_text(it))));
        self.annotated_with(code, parts)
    }

    fn annotated_with(&self, base: Code, parts: Vec<String>) -> Code {
        if parts.is_empty() {
            return base;
        }
        let meta = self.of("msgspec", "Meta");
        let meta = call(&meta, parts.into_iter().map(Code::Text).collect());
        self.annotated(base, meta)
    }

    fn annotated(&self, base: Code, meta: Code) -> Code {
        subscript(&self.name_of("typing", "Annotated"), vec![base, meta])
    }
}

fn is_free(constraints: &Constraints) -> bool {
    constraints.range.is_none() && constraints.len.is_none() && constraints.pattern.is_none()
}

/// The tightest bounds of all.
fn float_bounds(constraints: &[&Constraints]) -> Vec<String> {
    let number = |number: Number| match number {
        Number::Int(it) => it as f64,
        Number::Float(it) => it,
    };
    let ranges = || constraints.iter().filter_map(|it| it.range.as_ref());
    let min = ranges()
        .filter_map(|it| it.min.map(number))
        .reduce(f64::max);
    let mut max: Option<(f64, bool)> = None;
    for range in ranges() {
        if let Some(new) = range.max.map(number) {
            max = match max {
                Some(old) if old.0 < new || (old.0 == new && !old.1) => Some(old),
                _ => Some((new, range.max_included)),
            };
        }
    }
    let mut parts = Vec::new();
    parts.extend(min.map(|it| format!("ge={it:?}")));
    parts
        .extend(max.map(|(it, included)| format!("{}={it:?}", if included { "le" } else { "lt" })));
    parts
}

/// A range of whole numbers, both ends included.
fn whole(range: &Range) -> (Option<i128>, Option<i128>) {
    let number = |number: Number| match number {
        Number::Int(it) => Some(it),
        Number::Float(_) => None,
    };
    let last = |max: i128| {
        if range.max_included {
            max
        } else {
            max.saturating_sub(1)
        }
    };
    (
        range.min.and_then(number),
        range.max.and_then(number).map(last),
    )
}

/// The range of an integer type.
fn int_range(scalar: Scalar) -> Option<(i128, i128)> {
    Some(match scalar {
        Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
        Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
        Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
        Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
        Scalar::U8 => (0, u8::MAX.into()),
        Scalar::U16 => (0, u16::MAX.into()),
        Scalar::U32 => (0, u32::MAX.into()),
        Scalar::U64 => (0, u64::MAX.into()),
        _ => return None,
    })
}
