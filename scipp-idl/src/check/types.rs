//! Types as used: from [`Ty`] to the model, with what is wrong about a use.

use super::{Checker, ItemTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::scalars::scalar_name;
use crate::schema::{Scalar, Type};
use crate::syntax::{ItemKind, Name};
use std::collections::HashMap;

/// What a type parameter of an item is used for, there or further inside.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ParamUse {
    /// As `T?`, so that the argument must not be optional itself.
    pub(crate) optional: bool,
    /// As the key of a map.
    pub(crate) key: bool,
    /// Where a value of the item needs one of the parameter: outside of `?`, lists and maps.
    pub(crate) direct: bool,
    /// At all.
    pub(crate) used: bool,
}

/// A type parameter that is passed on to another item.
struct Passed {
    from: (ItemId, usize),
    to: (ItemId, usize),
    /// Inside of another type: `Page<list<T>>`.
    wrapped: bool,
    /// Where a value of the item needs one of the parameter.
    direct: bool,
}

impl<'s> Checker<'_, 's> {
    /// The type for the model. Mistakes are reported; the type that comes then is not used.
    pub(super) fn lower(&mut self, ty: &Ty, params: &[Name<'s>]) -> Type {
        match &ty.kind {
            TyKind::Broken => Type::Scalar(Scalar::Any),
            TyKind::Scalar(scalar) => Type::Scalar(*scalar),
            TyKind::Param(at) => {
                Type::Param(params.get(*at).map_or("", |name| name.text).to_owned())
            }
            TyKind::List(item) => Type::List(Box::new(self.lower(item, params))),
            TyKind::Map(key, value) => {
                self.check_key(key, key.span);
                let key = self.lower(key, params);
                Type::Map(Box::new(key), Box::new(self.lower(value, params)))
            }
            TyKind::Tuple(members) => Type::Tuple(
                members
                    .iter()
                    .map(|member| self.lower(member, params))
                    .collect(),
            ),
            TyKind::Optional(inner) => {
                if self.nullable(inner) {
                    self.optional_twice(inner, ty);
                }
                match self.lower(inner, params) {
                    // Reported above, or a union of which a member is optional.
                    Type::Optional(inner) => Type::Optional(inner),
                    inner => Type::Optional(Box::new(inner)),
                }
            }
            TyKind::Union(_) => {
                let flat = self.flatten(ty, false);
                if !flat.reported {
                    self.tell_apart(&flat.members, ty.span);
                }
                self.lower_union(&flat.members, flat.optional, params, ty)
            }
            TyKind::Item(id, arguments) => {
                self.check_arguments(*id, arguments);
                if self.facts.get(*id).is_some_and(|facts| facts.errors) {
                    self.only_raised(*id, ty);
                }
                let args = arguments
                    .iter()
                    .map(|argument| self.lower(argument, params))
                    .collect();
                Type::Named {
                    name: self.item_name(*id),
                    args,
                }
            }
        }
    }

    pub(super) fn lower_union(
        &mut self,
        members: &[Ty],
        optional: bool,
        params: &[Name<'s>],
        whole: &Ty,
    ) -> Type {
        if optional && let Some(nil) = members.iter().find(|member| self.nullable(member)) {
            let nil = nil.clone();
            self.optional_twice(&nil, whole);
        }
        let mut lowered: Vec<Type> = members.iter().map(|it| self.lower(it, params)).collect();
        let union = if lowered.len() == 1 {
            lowered.remove(0)
        } else {
            Type::Union(lowered)
        };
        if optional {
            Type::Optional(Box::new(union))
        } else {
            union
        }
    }

    /// An alias of several errors as a type.
    fn only_raised(&mut self, id: ItemId, ty: &Ty) {
        let name = self.name(id);
        let message = format!("`{name}` stands for several errors and can only be raised");
        let mut diagnostic = Diagnostic::new(code::INDISTINCT_MEMBERS, message)
            .at(ty.span, "as a value, they cannot be told apart");
        if let Some(item) = self.syntax(id) {
            diagnostic = diagnostic.with(item.name.span, "an alias of errors");
        }
        self.diagnostics
            .push(diagnostic.help("write it after `raises`, or make each of them a `message`"));
    }

    fn optional_twice(&mut self, inner: &Ty, whole: &Ty) {
        let spelled = self.spell(inner);
        let message = format!("an optional of `{spelled}`, which may be nil already");
        let mut diagnostic = Diagnostic::new(code::OPTIONAL_OF_OPTIONAL, message)
            .at(whole.span, "nil would have two meanings here");
        if let TyKind::Item(id, _) = inner.kind
            && let Some(item) = self.syntax(id)
        {
            diagnostic = diagnostic.with(item.name.span, "may be nil");
        }
        self.diagnostics.push(
            diagnostic
                .help("leave one `?` out")
                .help("a field that may be absent, nil or there is written `name?: T?`"),
        );
    }

    fn check_key(&mut self, key: &Ty, span: crate::source::Span) {
        if self.can_be_key(key) {
            return;
        }
        let spelled = self.spell(key);
        self.diagnostics.push(
            Diagnostic::new(code::MAP_KEY, format!("`{spelled}` cannot be the key of a map"))
                .at(span, "a key is a string, an integer or a bool")
                .note("these may be keys: bool, the integer types, str, date, time, duration, uuid, decimal, ref, enums, and newtypes of them")
                .help("use a list of tuples: `list<(K, V)>`"),
        );
    }

    /// Type parameters may: their arguments are checked.
    fn can_be_key(&self, key: &Ty) -> bool {
        match &self.bare(key).kind {
            TyKind::Scalar(scalar) => !matches!(
                scalar,
                Scalar::F32
                    | Scalar::F64
                    | Scalar::Bytes
                    | Scalar::Nil
                    | Scalar::Any
                    | Scalar::Timestamp
            ),
            TyKind::Item(id, _) => match self.syntax(*id).map(|item| &item.kind) {
                Some(ItemKind::Enum(_)) => true,
                // Circles are reported.
                Some(ItemKind::Alias(_) | ItemKind::Newtype(_)) => true,
                _ => false,
            },
            TyKind::Param(_) | TyKind::Broken => true,
            _ => false,
        }
    }

    fn check_arguments(&mut self, id: ItemId, arguments: &[Ty]) {
        if arguments.is_empty() {
            return;
        }
        let uses = self.param_uses.get(id).cloned().unwrap_or_default();
        for (argument, param) in arguments.iter().zip(uses) {
            if param.optional && self.nullable(argument) {
                let spelled = self.spell(argument);
                let name = self.name(id);
                let message =
                    format!("`{spelled}` may be nil already, and `{name}` makes an optional of it");
                self.diagnostics.push(
                    Diagnostic::new(code::OPTIONAL_OF_OPTIONAL, message)
                        .at(argument.span, "nil would have two meanings here")
                        .help("leave the `?` out"),
                );
            }
            if param.key {
                self.check_key(argument, argument.span);
            }
        }
    }

    /// Finds what type parameters are used for, and generic types that grow with each use of themselves.
    pub(super) fn find_param_uses(&mut self) {
        let count = self.names.items.len();
        let mut uses: Vec<Vec<ParamUse>> = (0..count)
            .map(|id| {
                vec![ParamUse::default(); self.syntax(id).map_or(0, |item| item.params.len())]
            })
            .collect();
        let mut passed = Vec::new();
        for id in 0..count {
            if self.syntax(id).is_none_or(|item| item.params.is_empty()) {
                continue;
            }
            let types = self.types.get(id).cloned();
            let types: &[Ty] = match types.as_deref() {
                Some(ItemTypes::One(ty)) => std::slice::from_ref(ty),
                Some(ItemTypes::Fields(types)) => types,
                _ => &[],
            };
            let fields = match self.syntax(id).map(|item| &item.kind) {
                Some(ItemKind::Struct(body) | ItemKind::Message(body)) => body.fields.as_slice(),
                _ => &[],
            };
            for (at, ty) in types.iter().enumerate() {
                let direct = fields.get(at).is_none_or(|field| field.omittable.is_none());
                find_uses(id, ty, direct, &mut uses, &mut passed);
            }
        }
        self.spread(&mut uses, &passed);
        self.param_uses = uses;
        self.growing(&passed);
    }

    /// What is passed on is used for what the other item uses it for.
    fn spread(&self, uses: &mut [Vec<ParamUse>], passed: &[Passed]) {
        let mut back: HashMap<(ItemId, usize), Vec<&Passed>> = HashMap::new();
        for it in passed {
            back.entry(it.to).or_default().push(it);
        }
        let mut work: Vec<(ItemId, usize)> = back.keys().copied().collect();
        work.sort_unstable();
        while let Some(to) = work.pop() {
            let Some(of) = uses.get(to.0).and_then(|it| it.get(to.1)).copied() else {
                continue;
            };
            for passed in back.get(&to).into_iter().flatten() {
                let from = passed.from;
                let place = uses.get_mut(from.0).and_then(|it| it.get_mut(from.1));
                let Some(place) = place else { continue };
                let optional = place.optional || (of.optional && !passed.wrapped);
                let key = place.key || (of.key && !passed.wrapped);
                let direct = place.direct || (of.direct && passed.direct);
                if (optional, key, direct) != (place.optional, place.key, place.direct) {
                    *place = ParamUse {
                        optional,
                        key,
                        direct,
                        used: true,
                    };
                    work.push(from);
                }
            }
        }
    }

    fn growing(&mut self, passed: &[Passed]) {
        let mut nodes: HashMap<(ItemId, usize), usize> = HashMap::new();
        let mut edges: Vec<Vec<usize>> = Vec::new();
        let mut node = |key, edges: &mut Vec<Vec<usize>>| {
            *nodes.entry(key).or_insert_with(|| {
                edges.push(Vec::new());
                edges.len() - 1
            })
        };
        let mut ends = Vec::new();
        for it in passed {
            let (from, to) = (node(it.from, &mut edges), node(it.to, &mut edges));
            if let Some(list) = edges.get_mut(from) {
                list.push(to);
            }
            ends.push((from, to));
        }
        let component = graph::components(&edges);
        let mut reported = Vec::new();
        for (it, (from, to)) in passed.iter().zip(ends) {
            let same = component.get(from) == component.get(to);
            if !it.wrapped || !same || reported.contains(&component.get(from)) {
                continue;
            }
            reported.push(component.get(from));
            let Some(item) = self.syntax(it.from.0) else {
                continue;
            };
            self.diagnostics.push(
                Diagnostic::new(
                    code::UNENDING_GENERIC,
                    format!(
                        "the generic type `{}` grows with each use of itself",
                        item.name.text
                    ),
                )
                .at(
                    item.name.span,
                    "its parameter comes back inside of another type",
                )
                .help("pass the parameter on as it is"),
            );
        }
    }

    /// A type as a user writes it, cut where it is too long for a message.
    pub(super) fn spell(&self, ty: &Ty) -> String {
        const CHARS_MAX: usize = 80;
        let mut whole = self.spell_whole(ty);
        if whole.len() > CHARS_MAX {
            whole.truncate(CHARS_MAX);
            whole.push_str("...");
        }
        whole
    }

    fn spell_whole(&self, ty: &Ty) -> String {
        let list = |types: &[Ty], separator: &str| {
            let parts: Vec<String> = types.iter().map(|ty| self.spell_whole(ty)).collect();
            parts.join(separator)
        };
        match &ty.kind {
            TyKind::Scalar(scalar) => scalar_name(*scalar).to_owned(),
            TyKind::List(item) => format!("list<{}>", self.spell_whole(item)),
            TyKind::Map(key, value) => format!(
                "map<{}, {}>",
                self.spell_whole(key),
                self.spell_whole(value)
            ),
            TyKind::Tuple(members) if members.len() == 1 => format!("({},)", list(members, ", ")),
            TyKind::Tuple(members) => format!("({})", list(members, ", ")),
            TyKind::Optional(inner) if matches!(inner.kind, TyKind::Union(_)) => {
                format!("({})?", self.spell_whole(inner))
            }
            TyKind::Optional(inner) => format!("{}?", self.spell_whole(inner)),
            TyKind::Union(members) => list(members, " | "),
            TyKind::Item(id, arguments) if arguments.is_empty() => self.name(*id).to_owned(),
            TyKind::Item(id, arguments) => format!("{}<{}>", self.name(*id), list(arguments, ", ")),
            TyKind::Param(_) => "type parameter".to_owned(),
            TyKind::Broken => "...".to_owned(),
        }
    }
}

fn find_uses(
    id: ItemId,
    ty: &Ty,
    direct: bool,
    uses: &mut [Vec<ParamUse>],
    passed: &mut Vec<Passed>,
) {
    let mut mark = |param: usize, set: fn(&mut ParamUse, bool)| {
        if let Some(place) = uses.get_mut(id).and_then(|it| it.get_mut(param)) {
            place.used = true;
            set(place, direct);
        }
    };
    match &ty.kind {
        TyKind::Param(param) => mark(*param, |place, direct| place.direct |= direct),
        TyKind::Optional(inner) => {
            if let TyKind::Param(param) = inner.kind {
                mark(param, |place, _| place.optional = true);
            }
            find_uses(id, inner, false, uses, passed);
        }
        TyKind::Map(key, value) => {
            if let TyKind::Param(param) = key.kind {
                mark(param, |place, _| place.key = true);
            }
            find_uses(id, key, false, uses, passed);
            find_uses(id, value, false, uses, passed);
        }
        TyKind::List(inner) => find_uses(id, inner, false, uses, passed),
        TyKind::Tuple(members) | TyKind::Union(members) => {
            members
                .iter()
                .for_each(|member| find_uses(id, member, direct, uses, passed));
        }
        TyKind::Item(other, arguments) => {
            for (at, argument) in arguments.iter().enumerate() {
                let mut inside = Vec::new();
                params_in(argument, &mut inside);
                let wrapped = !matches!(argument.kind, TyKind::Param(_));
                for param in inside {
                    if let Some(place) = uses.get_mut(id).and_then(|it| it.get_mut(param)) {
                        place.used = true;
                    }
                    passed.push(Passed {
                        from: (id, param),
                        to: (*other, at),
                        wrapped,
                        direct,
                    });
                }
                find_uses(id, argument, false, uses, passed);
            }
        }
        TyKind::Scalar(_) | TyKind::Broken => {}
    }
}

fn params_in(ty: &Ty, found: &mut Vec<usize>) {
    match &ty.kind {
        TyKind::Param(param) => found.push(*param),
        TyKind::Optional(inner) | TyKind::List(inner) => params_in(inner, found),
        TyKind::Map(key, value) => {
            params_in(key, found);
            params_in(value, found);
        }
        TyKind::Tuple(members) | TyKind::Union(members) | TyKind::Item(_, members) => {
            members.iter().for_each(|member| params_in(member, found));
        }
        TyKind::Scalar(_) | TyKind::Broken => {}
    }
}
