//! What has to be known about all items before the first is written: which traits they can derive, and which
//! of them contain themselves and need a box.

use super::generics::{self, ParamUse};
use super::restricted;
use scipp_idl::schema::{
    ExtBody, Item, ItemKind, ItemName, Presence, Record, Scalar, Schema, Type,
};
use std::collections::BTreeMap;

/// Traits of a type beside `Debug`, `Clone` and `PartialEq`, which all have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traits {
    pub(crate) eq: bool,
    pub(crate) hash: bool,
    pub(crate) ord: bool,
    pub(crate) copy: bool,
}

impl Traits {
    const ALL: Self = Self {
        eq: true,
        hash: true,
        ord: true,
        copy: true,
    };
    const NONE: Self = Self {
        eq: false,
        hash: false,
        ord: false,
        copy: false,
    };

    /// Of something that holds both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            eq: self.eq && other.eq,
            hash: self.hash && other.hash,
            ord: self.ord && other.ord,
            copy: self.copy && other.copy,
        }
    }
}

/// Facts about the items of a schema.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    items: Vec<&'a Item>,
    index: BTreeMap<(&'a str, &'a str), usize>,
    traits: Vec<Traits>,
    /// What each item does with its type parameters.
    param_uses: Vec<Vec<ParamUse>>,
    /// Items that contain each other by value share a number; `None` for those that don't contain themselves.
    circles: Vec<Option<usize>>,
    /// The same when members of unions are not followed: what is left once those are boxed.
    optional_circles: Vec<Option<usize>>,
    /// Items whose values can break a constraint, of their own or of what they hold.
    restricted: Vec<bool>,
}

/// A value of one item inside a value of another, without a list or a map between them.
#[derive(Debug, Clone, Copy)]
struct Edge {
    to: usize,
    /// The way leads into a member of a union, or into the argument of a generic type: those get boxes of their own.
    member: bool,
}

impl<'a> Facts<'a> {
    /// Looks at every item of `schema`.
    pub(crate) fn of(schema: &'a Schema) -> Facts<'a> {
        let items: Vec<(&str, &Item)> = schema
            .packages
            .values()
            .flat_map(|package| {
                package
                    .items
                    .iter()
                    .map(|item| (package.name.as_str(), item))
            })
            .collect();
        let index = items
            .iter()
            .zip(0..)
            .map(|((package, item), at)| ((*package, item.name.as_str()), at))
            .collect();
        let mut facts = Facts {
            items: items.iter().map(|(_, item)| *item).collect(),
            index,
            traits: vec![Traits::ALL; items.len()],
            param_uses: Vec::new(),
            circles: Vec::new(),
            optional_circles: Vec::new(),
            restricted: Vec::new(),
        };
        facts.param_uses = generics::uses(&facts, &facts.items);

        let edges: Vec<Vec<Edge>> = items.iter().map(|(_, item)| facts.edges(item)).collect();
        let all = |edge: &Edge| Some(edge.to);
        facts.circles = circles(&edges, all);
        facts.optional_circles = circles(&edges, |edge| (!edge.member).then_some(edge.to));

        facts.restricted = restricted::find(&facts, &facts.items);

        // From "everything" downwards until nothing changes: right for items that contain themselves, too.
        loop {
            let next: Vec<Traits> = items
                .iter()
                .map(|(_, item)| facts.traits_of_item(item))
                .collect();
            if next == facts.traits {
                return facts;
            }
            facts.traits = next;
        }
    }

    /// The item of that name.
    pub(crate) fn item(&self, name: &ItemName) -> Option<&'a Item> {
        self.items.get(self.at(name)?).copied()
    }

    /// `ty`, or what it is an alias of. The checker lets no alias lead to itself.
    pub(crate) fn unaliased<'t>(&self, ty: &'t Type) -> &'t Type
    where
        'a: 't,
    {
        let mut ty = ty;
        while let Type::Named { name, .. } = ty {
            match self.item(name).map(|item| &item.kind) {
                Some(ItemKind::Alias(target)) => ty = target,
                _ => return ty,
            }
        }
        ty
    }

    /// Traits of a type as used.
    pub(crate) fn traits(&self, ty: &Type) -> Traits {
        match ty {
            Type::Scalar(scalar) => scalar_traits(*scalar),
            Type::List(item) => Traits {
                copy: false,
                ..self.traits(item)
            },
            Type::Map(key, value) => Traits {
                hash: false,
                ord: false,
                copy: false,
                ..self.traits(key).and(self.traits(value))
            },
            Type::Tuple(members) => self.traits_of_all(members.iter()),
            Type::Union(members) => Traits {
                ord: false,
                copy: false,
                ..self.traits_of_all(members.iter())
            },
            Type::Optional(inner) => self.traits(inner),
            Type::Named { name, args } => self
                .at(name)
                .and_then(|at| self.traits.get(at))
                .copied()
                .unwrap_or(Traits::NONE)
                .and(self.traits_of_all(args.iter())),
            // What derives make of a generic type asks the same of its parameters.
            Type::Param(_) => Traits::ALL,
        }
    }

    /// Traits of a record with these fields. Records are never `Copy` nor ordered: a field that a later version
    /// adds must not take away what a user relies on more than it has to.
    pub(crate) fn traits_of_record(&self, record: &Record) -> Traits {
        Traits {
            ord: false,
            copy: false,
            ..self.traits_of_all(record.fields.iter().map(|field| &field.ty))
        }
    }

    fn traits_of_all<'t>(&self, types: impl Iterator<Item = &'t Type>) -> Traits {
        types.fold(Traits::ALL, |traits, ty| traits.and(self.traits(ty)))
    }

    fn traits_of_item(&self, item: &Item) -> Traits {
        match &item.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => self.traits_of_record(record),
            ItemKind::Error(error) => self.traits_of_record(&error.record),
            ItemKind::Enum(def) => Traits {
                copy: !(def.open && def.repr == scipp_idl::schema::EnumRepr::Text),
                ..Traits::ALL
            },
            ItemKind::Union(union) => {
                let traits = self.traits_of_all(union.members.iter());
                let unknown = if union.open {
                    scalar_traits(Scalar::Any)
                } else {
                    Traits::ALL
                };
                Traits {
                    ord: false,
                    copy: false,
                    ..traits.and(unknown)
                }
            }
            ItemKind::Alias(ty) => self.traits(ty),
            ItemKind::Newtype(newtype) => self.traits_of_wrapper(item, &newtype.ty),
            ItemKind::Ext(ext) => match &ext.body {
                ExtBody::Record(record) => self.traits_of_record(record),
                ExtBody::Type(ty) => self.traits_of_wrapper(item, ty),
            },
            ItemKind::Const(_) | ItemKind::Interface(_) => Traits::NONE,
        }
    }

    fn traits_of_wrapper(&self, item: &Item, ty: &Type) -> Traits {
        let traits = self.traits(ty);
        Traits {
            copy: traits.copy && !self.circular(item),
            ..traits
        }
    }

    fn circular(&self, item: &Item) -> bool {
        self.edges(item)
            .iter()
            .any(|edge| self.circles.get(edge.to).is_some_and(Option::is_some))
    }

    /// What the generic item that `ty` names does with its parameters.
    pub(crate) fn param_uses(&self, ty: &Type) -> &[ParamUse] {
        self.params_of(ty, &self.param_uses)
    }

    /// The same, while it is being found out.
    pub(crate) fn params_of<'u>(&self, ty: &Type, uses: &'u [Vec<ParamUse>]) -> &'u [ParamUse] {
        let uses = match ty {
            Type::Named { name, .. } => self.at(name).and_then(|at| uses.get(at)),
            _ => None,
        };
        uses.map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a value of `ty`, as a member of a union or the argument of a generic type inside of `owner`, has to be
    /// in a box.
    pub(crate) fn boxed_member(&self, owner: Option<&ItemName>, ty: &Type) -> bool {
        self.leads_back(&self.circles, owner, ty)
    }

    /// Whether a value of `ty`, under a `?` inside of `owner`, has to be in a box.
    pub(crate) fn boxed_optional(&self, owner: Option<&ItemName>, ty: &Type) -> bool {
        self.leads_back(&self.optional_circles, owner, ty)
    }

    fn leads_back(&self, circles: &[Option<usize>], owner: Option<&ItemName>, ty: &Type) -> bool {
        let circle_of = |at: usize| circles.get(at).copied().flatten();
        let Some(own) = owner.and_then(|owner| self.at(owner)).and_then(circle_of) else {
            return false;
        };
        let mut edges = Vec::new();
        self.collect(ty, false, &mut edges);
        edges
            .iter()
            .any(|edge| !edge.member && circle_of(edge.to) == Some(own))
    }

    /// Whether a value that holds these can break a constraint.
    pub(crate) fn restricted<'t>(&self, types: impl Iterator<Item = &'t Type>) -> bool {
        let is =
            |name: &ItemName| self.at(name).and_then(|at| self.restricted.get(at)) == Some(&true);
        types.into_iter().any(|ty| {
            let mut found = false;
            restricted::names(ty, &mut |name| found |= is(name));
            found
        })
    }

    pub(crate) fn at(&self, name: &ItemName) -> Option<usize> {
        self.index
            .get(&(name.package.as_str(), name.name.as_str()))
            .copied()
    }

    fn edges(&self, item: &Item) -> Vec<Edge> {
        let mut edges = Vec::new();
        match &item.kind {
            ItemKind::Struct(record) | ItemKind::Message(record) => {
                self.collect_record(record, &mut edges)
            }
            ItemKind::Error(error) => self.collect_record(&error.record, &mut edges),
            ItemKind::Union(union) => union
                .members
                .iter()
                .for_each(|member| self.collect(member, true, &mut edges)),
            ItemKind::Alias(ty) => self.collect(ty, false, &mut edges),
            ItemKind::Newtype(newtype) => self.collect(&newtype.ty, false, &mut edges),
            ItemKind::Ext(ext) => match &ext.body {
                ExtBody::Record(record) => self.collect_record(record, &mut edges),
                ExtBody::Type(ty) => self.collect(ty, false, &mut edges),
            },
            ItemKind::Enum(_) | ItemKind::Const(_) | ItemKind::Interface(_) => {}
        }
        edges
    }

    fn collect_record(&self, record: &Record, edges: &mut Vec<Edge>) {
        record
            .fields
            .iter()
            .for_each(|field| self.collect(&field.ty, false, edges));
    }

    fn collect(&self, ty: &Type, member: bool, edges: &mut Vec<Edge>) {
        match ty {
            Type::Scalar(_) | Type::List(_) | Type::Map(..) | Type::Param(_) => {}
            Type::Tuple(types) => types.iter().for_each(|ty| self.collect(ty, member, edges)),
            Type::Union(types) => types.iter().for_each(|ty| self.collect(ty, true, edges)),
            Type::Optional(inner) => self.collect(inner, member, edges),
            Type::Named { name, args } => {
                edges.extend(self.at(name).map(|to| Edge { to, member }));
                let held = self.param_uses(ty).iter().map(|its| its.held);
                args.iter()
                    .zip(held)
                    .filter(|(_, held)| *held)
                    .for_each(|(arg, _)| self.collect(arg, true, edges));
            }
        }
    }
}

/// Whether a field may be left out by those who build the record.
pub(crate) fn may_be_left_out(field: &scipp_idl::schema::Field) -> bool {
    !matches!(field.presence, Presence::Required) || matches!(field.ty, Type::Optional(_))
}

fn scalar_traits(scalar: Scalar) -> Traits {
    match scalar {
        Scalar::F32 | Scalar::F64 => Traits {
            copy: true,
            ..Traits::NONE
        },
        Scalar::Any => Traits {
            eq: true,
            hash: true,
            ..Traits::NONE
        },
        Scalar::Str | Scalar::Bytes | Scalar::Ref => Traits {
            copy: false,
            ..Traits::ALL
        },
        _ => Traits::ALL,
    }
}

/// Numbers the strongly connected components of a graph, those of more than one node or with an edge to itself.
/// Kosaraju's two passes, each with a stack of its own: a schema may nest deeper than a thread's stack.
fn circles(edges: &[Vec<Edge>], follow: impl Fn(&Edge) -> Option<usize>) -> Vec<Option<usize>> {
    let targets: Vec<Vec<usize>> = edges
        .iter()
        .map(|edges| edges.iter().filter_map(&follow).collect())
        .collect();
    let mut sources: Vec<Vec<usize>> = vec![Vec::new(); targets.len()];
    for (from, to) in targets.iter().enumerate() {
        for to in to {
            sources
                .get_mut(*to)
                .into_iter()
                .for_each(|sources| sources.push(from));
        }
    }

    let mut order = Vec::with_capacity(targets.len());
    let mut seen = vec![false; targets.len()];
    for start in 0..targets.len() {
        walk(start, &targets, &mut seen, |node| order.push(node));
    }

    let mut circles = vec![None; targets.len()];
    let mut seen = vec![false; targets.len()];
    for (number, start) in order.into_iter().rev().enumerate() {
        let mut members = Vec::new();
        walk(start, &sources, &mut seen, |node| members.push(node));
        let alone = members.len() == 1
            && !targets
                .get(start)
                .is_some_and(|targets| targets.contains(&start));
        if !alone {
            members
                .iter()
                .filter_map(|node| circles.get_mut(*node).map(|circle| *circle = Some(number)))
                .for_each(drop);
        }
    }
    circles
}

/// Visits what can be reached from `start` and was not seen, deepest first.
fn walk(start: usize, edges: &[Vec<usize>], seen: &mut [bool], mut leave: impl FnMut(usize)) {
    let mut enter = |node: usize| {
        seen.get_mut(node)
            .is_some_and(|seen| !std::mem::replace(seen, true))
    };
    if !enter(start) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((node, next)) = stack.last_mut() {
        match edges.get(*node).and_then(|edges| edges.get(*next)).copied() {
            Some(to) => {
                *next += 1;
                if enter(to) {
                    stack.push((to, 0));
                }
            }
            None => {
                leave(*node);
                stack.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(edges: &[&[usize]]) -> Vec<Option<usize>> {
        let edges: Vec<Vec<Edge>> = edges
            .iter()
            .map(|to| {
                to.iter()
                    .map(|to| Edge {
                        to: *to,
                        member: false,
                    })
                    .collect()
            })
            .collect();
        circles(&edges, |edge| Some(edge.to))
    }

    #[test]
    fn circles_are_found() {
        let found = circles_of(&[&[1], &[2], &[0], &[0], &[4], &[]]);
        assert!(found[0].is_some() && found[0] == found[1] && found[1] == found[2]);
        assert_eq!(found[3], None, "leads into a circle, is in none");
        assert!(
            found[4].is_some() && found[4] != found[0],
            "an edge to itself"
        );
        assert_eq!(found[5], None);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let chain: Vec<Vec<Edge>> = (0..100_000)
            .map(|at| {
                vec![Edge {
                    to: (at + 1) % 100_000,
                    member: false,
                }]
            })
            .collect();
        assert!(
            circles(&chain, |edge| Some(edge.to))
                .iter()
                .all(Option::is_some)
        );
    }
}
