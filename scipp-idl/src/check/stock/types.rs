//! Which types are one and the same to msgspec.
//!
//! A union of Python drops members that are equal: names of aliases and unions don't count, newtypes, enums and
//! records are what they are called, and numbers of equal bounds are equal. Each type has a number here, the same for
//! equal types, so that comparing is cheap however types are nested.

use super::super::Checker;
use crate::graph;
use crate::limits;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::Scalar;
use crate::syntax::ItemKind;
use std::collections::HashMap;

/// The number of a type.
pub(super) type TypeId = usize;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Node {
    Scalar(Scalar),
    List(TypeId),
    Map(TypeId, TypeId),
    Tuple(Vec<TypeId>),
    /// At least two, sorted, each once.
    Union(Vec<TypeId>),
    Item(ItemId, Vec<TypeId>),
    /// Extension types of all codes are one type: a code and bytes.
    Ext,
    Param(usize),
    Broken,
}

/// All types that were met.
#[derive(Debug, Default)]
pub(super) struct Types {
    numbers: HashMap<Node, TypeId>,
    /// By type.
    nodes: Vec<Node>,
    /// What aliases and unions stand for.
    named: HashMap<ItemId, TypeId>,
    /// By item: the circle that it is part of, by way of aliases, unions and newtypes alone.
    circles: Vec<Option<usize>>,
    /// Members of unions so far.
    expanded: usize,
}

impl Types {
    /// Works out what aliases and unions stand for, and which come back to themselves.
    pub(super) fn new(checker: &Checker<'_, '_>) -> Self {
        let count = checker.names.items.len();
        let edges: Vec<Vec<ItemId>> = (0..count)
            .map(|id| {
                let mut found = Vec::new();
                if is_named(checker, id)
                    && let Some(ty) = checker.inner(id)
                {
                    mentioned(checker, ty, &mut found);
                }
                found
            })
            .collect();
        let component = graph::components(&edges);
        let mut sizes = vec![0_usize; count];
        for number in &component {
            if let Some(size) = sizes.get_mut(*number) {
                *size += 1;
            }
        }
        let circles = (0..count).map(|id| {
            let number = component.get(id).copied()?;
            let alone = sizes.get(number) == Some(&1);
            let itself = edges.get(id).is_some_and(|it| it.contains(&id));
            (!alone || itself).then_some(number)
        });
        let mut types = Self {
            circles: circles.collect(),
            ..Self::default()
        };
        // Components are numbered from the bottom: what a name stands for comes before it.
        let mut order: Vec<ItemId> = (0..count).filter(|id| is_named(checker, *id)).collect();
        order.sort_unstable_by_key(|id| (component.get(*id).copied(), *id));
        for id in order {
            let transparent = matches!(
                checker.syntax(id).map(|item| &item.kind),
                Some(ItemKind::Alias(_) | ItemKind::Union { .. })
            );
            if transparent
                && types.circle(id).is_none()
                && let Some(ty) = checker.inner(id)
            {
                let number = types.number(checker, ty);
                types.named.insert(id, number);
            }
        }
        types
    }

    /// The circle of aliases, unions and newtypes that an item is part of.
    pub(super) fn circle(&self, id: ItemId) -> Option<usize> {
        self.circles.get(id).copied().flatten()
    }

    /// The number of a type.
    pub(super) fn number(&mut self, checker: &Checker<'_, '_>, ty: &Ty) -> TypeId {
        let node = match &ty.kind {
            TyKind::Scalar(scalar) => Node::Scalar(match scalar {
                Scalar::F32 => Scalar::F64,
                Scalar::Ref => Scalar::Str,
                other => *other,
            }),
            TyKind::List(inner) => Node::List(self.number(checker, inner)),
            TyKind::Map(key, value) => {
                Node::Map(self.number(checker, key), self.number(checker, value))
            }
            TyKind::Tuple(members) => Node::Tuple(self.numbers(checker, members)),
            TyKind::Optional(inner) => {
                let inner = self.number(checker, inner);
                let nil = self.intern(Node::Scalar(Scalar::Nil));
                return self.union(vec![inner, nil]);
            }
            TyKind::Union(members) => {
                let members = self.numbers(checker, members);
                return self.union(members);
            }
            TyKind::Item(id, arguments) => {
                if let Some(number) = self.named.get(id) {
                    return *number;
                }
                match checker.syntax(*id).map(|item| &item.kind) {
                    Some(ItemKind::Ext(..)) => Node::Ext,
                    _ => Node::Item(*id, self.numbers(checker, arguments)),
                }
            }
            TyKind::Param(at) => Node::Param(*at),
            TyKind::Broken => Node::Broken,
        };
        self.intern(node)
    }

    fn numbers(&mut self, checker: &Checker<'_, '_>, types: &[Ty]) -> Vec<TypeId> {
        types.iter().map(|ty| self.number(checker, ty)).collect()
    }

    /// A union of unions is a union of their members.
    fn union(&mut self, members: Vec<TypeId>) -> TypeId {
        let mut flat = Vec::with_capacity(members.len());
        for member in members {
            match self.nodes.get(member) {
                // Beyond the limit, which has been reported where unions are flattened, it stays a member.
                Some(Node::Union(inner)) if self.expanded <= limits::EXPANSION_MAX => {
                    self.expanded += inner.len();
                    flat.extend_from_slice(inner);
                }
                _ => flat.push(member),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.as_slice() {
            [one] => *one,
            _ => self.intern(Node::Union(flat)),
        }
    }

    fn intern(&mut self, node: Node) -> TypeId {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.nodes.push(node.clone());
        self.numbers.insert(node, number);
        number
    }
}

fn is_named(checker: &Checker<'_, '_>, id: ItemId) -> bool {
    matches!(
        checker.syntax(id).map(|item| &item.kind),
        Some(ItemKind::Alias(_) | ItemKind::Union { .. } | ItemKind::Newtype(_))
    )
}

/// The aliases, unions and newtypes that a type names, however deep inside.
fn mentioned(checker: &Checker<'_, '_>, ty: &Ty, found: &mut Vec<ItemId>) {
    let mut all = |types: &[Ty]| types.iter().for_each(|ty| mentioned(checker, ty, found));
    match &ty.kind {
        TyKind::List(inner) | TyKind::Optional(inner) => mentioned(checker, inner, found),
        TyKind::Map(key, value) => {
            mentioned(checker, key, found);
            mentioned(checker, value, found);
        }
        TyKind::Tuple(members) | TyKind::Union(members) => all(members),
        TyKind::Item(id, arguments) => {
            all(arguments);
            if is_named(checker, *id) {
                found.push(*id);
            }
        }
        TyKind::Scalar(_) | TyKind::Param(_) | TyKind::Broken => {}
    }
}
