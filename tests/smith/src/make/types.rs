//! Types made of what there is.

use super::Maker;
use crate::tree::*;

impl Maker<'_, '_, '_> {
    /// The names of all items of a kind so far.
    pub(super) fn named(&self, of: impl Fn(&Kind) -> bool) -> Vec<Name> {
        let packages = self.schema.packages.iter();
        let all = packages.flat_map(|package| {
            let items = package.items.iter().filter(|it| of(&it.kind));
            items.map(|it| Name {
                package: package.name.clone(),
                item: it.name.clone(),
            })
        });
        all.collect()
    }

    pub(super) fn kind(&self, name: &Name) -> Option<&Kind> {
        self.schema.find(name).map(|it| &it.kind)
    }

    /// Any type without parameters.
    pub(super) fn ty(&mut self, depth: usize) -> Type {
        let choice = if depth == 0 {
            self.choices.below(6)
        } else {
            self.choices.below(16)
        };
        match choice {
            0..=2 => Type::Scalar(
                self.choices
                    .of(&Scalar::ALL)
                    .copied()
                    .unwrap_or(Scalar::Str),
            ),
            3..=5 => self.item_type().unwrap_or(Type::Scalar(Scalar::Str)),
            6 | 7 => Type::List(Box::new(self.ty(depth - 1))),
            8 | 9 => {
                let key = self.key(depth - 1);
                Type::Map(Box::new(key), Box::new(self.ty(depth - 1)))
            }
            10 => {
                let count = self.choices.between(1, 3);
                Type::Tuple((0..count).map(|_| self.ty(depth - 1)).collect())
            }
            11 | 12 => self.optional(depth - 1),
            13 => match self.union_members(false) {
                members if members.len() > 1 => Type::Union(members),
                _ => Type::Scalar(Scalar::F64),
            },
            _ => self
                .instance(depth - 1)
                .unwrap_or(Type::Scalar(Scalar::I64)),
        }
    }

    /// `T?` where nil is no value of T, or else T.
    fn optional(&mut self, depth: usize) -> Type {
        match self.ty(depth) {
            ty if self.may_be_nil(&ty) => ty,
            ty => Type::Optional(Box::new(ty)),
        }
    }

    /// An item that is not generic.
    fn item_type(&mut self) -> Option<Type> {
        let mut names = self.named(|kind| match kind {
            Kind::Struct(record) | Kind::Message(record) => record.params.is_empty(),
            Kind::Const { .. } | Kind::Interface(_) => false,
            _ => true,
        });
        names.retain(|it| !self.is_error_alias(it));
        Some(Type::Named(self.choices.of(&names)?.clone(), Vec::new()))
    }

    /// Whether a name stands for several errors, which can only be raised.
    fn is_error_alias(&self, name: &Name) -> bool {
        let is_error = |ty: &Type| matches!(ty, Type::Named(name, _) if matches!(self.kind(name), Some(Kind::Error(_))));
        matches!(self.kind(name), Some(Kind::Alias(Type::Union(members))) if members.iter().all(is_error))
    }

    /// A generic item with its arguments, none of which may be nil.
    pub(super) fn instance(&mut self, depth: usize) -> Option<Type> {
        let names = self.named(|kind| {
            matches!(kind, Kind::Struct(record) | Kind::Message(record) if !record.params.is_empty())
        });
        let name = self.choices.of(&names)?.clone();
        let (Kind::Struct(record) | Kind::Message(record)) = self.kind(&name)? else {
            return None;
        };
        let count = record.params.len();
        let args = (0..count).map(|_| match self.ty(depth) {
            ty if self.may_be_nil(&ty) => Type::Scalar(Scalar::Uuid),
            ty => ty,
        });
        Some(Type::Named(name, args.collect()))
    }

    /// What a newtype wraps: often something that has constraints.
    pub(super) fn wrapped(&mut self) -> Type {
        match self.choices.below(4) {
            0 => Type::Scalar(Scalar::Str),
            1 => Type::Scalar(
                self.choices
                    .of(&Scalar::INTEGERS)
                    .copied()
                    .unwrap_or(Scalar::U8),
            ),
            2 => Type::List(Box::new(Type::Scalar(Scalar::I32))),
            _ => self.ty(self.size.depth),
        }
    }

    /// A type that can be the key of a map.
    fn key(&mut self, depth: usize) -> Type {
        use Scalar::*;
        const KEYS: &[Scalar] = &[
            Bool, I8, I16, I32, I64, U8, U16, U32, U64, Str, Str, Str, Date, Time, Duration, Uuid,
            Decimal, Ref,
        ];
        if depth > 0 && self.choices.one_in(3) {
            let names = self.named(|_| true);
            let keys: Vec<Name> = names
                .into_iter()
                .filter(|it| self.is_key(it, KEYS))
                .collect();
            if let Some(name) = self.choices.of(&keys) {
                return Type::Named(name.clone(), Vec::new());
            }
        }
        Type::Scalar(self.choices.of(KEYS).copied().unwrap_or(Str))
    }

    fn is_key(&self, name: &Name, keys: &[Scalar]) -> bool {
        match self.kind(name) {
            Some(Kind::Enum(_)) => true,
            Some(Kind::Alias(ty) | Kind::Newtype(ty)) => match ty {
                Type::Scalar(scalar) => keys.contains(scalar),
                Type::Named(inner, _) => self.is_key(inner, keys),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether nil is a value of a type.
    pub(super) fn may_be_nil(&self, ty: &Type) -> bool {
        match ty {
            Type::Optional(_) | Type::Scalar(Scalar::Nil) => true,
            Type::Union(members) => members.iter().any(|it| self.may_be_nil(it)),
            Type::Named(name, _) => match self.kind(name) {
                Some(Kind::Alias(ty) | Kind::Newtype(ty)) => self.may_be_nil(ty),
                Some(Kind::Union { members, .. }) => members.iter().any(|it| self.may_be_nil(it)),
                _ => false,
            },
            _ => false,
        }
    }

    /// The type behind aliases and newtypes.
    pub(super) fn bare<'t>(&'t self, ty: &'t Type) -> &'t Type {
        let mut ty = ty;
        while let Type::Named(name, _) = ty {
            match self.kind(name) {
                Some(Kind::Alias(inner) | Kind::Newtype(inner)) => ty = inner,
                _ => break,
            }
        }
        ty
    }

    /// An alias of several errors, for `raises`.
    pub(super) fn error_alias(&mut self) -> Option<Type> {
        let errors = self.named(|kind| matches!(kind, Kind::Error(_)));
        let mut errors: Vec<Type> = errors
            .into_iter()
            .filter(|it| self.is_plain_record(it))
            .map(|it| Type::Named(it, Vec::new()))
            .collect();
        self.choices.shuffle(&mut errors);
        // Two maps without tags cannot be told apart, but an array can from a map.
        let is_array = |it: &Type| matches!(it, Type::Named(name, _) if self.has_array(name));
        let (arrays, maps): (Vec<Type>, Vec<Type>) = errors.into_iter().partition(is_array);
        let both: Vec<Type> = arrays
            .into_iter()
            .take(1)
            .chain(maps.into_iter().take(1))
            .collect();
        (!both.is_empty()).then_some(Type::Union(both))
    }
}
