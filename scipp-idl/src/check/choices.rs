//! What the members of a union look like when they are written, so that a literal is given to the right one at once.
//! The members differ in their shapes (`unions.rs`), so at most one takes a literal without a name; of what has
//! fields there may be several, and the name says which.

use super::{Checker, ItemTypes};
use crate::resolve::{ItemId, Ty, TyKind};
use crate::schema::Scalar;
use crate::syntax::{ExtBody, ItemKind, ValueKind};
use std::collections::HashMap;
use std::rc::Rc;

/// The kinds of literals that need no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Literal {
    Nil,
    Bool,
    Int,
    Float,
    Duration,
    Text,
    Bytes,
    List,
    /// In braces, with keys that are values.
    Map,
}

/// The members of a union by what is written for them: each by its place.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    pub(super) members: Rc<[Ty]>,
    pub(super) literals: HashMap<Literal, usize>,
    /// By record: what its name in front of the braces means.
    pub(super) records: HashMap<ItemId, usize>,
    /// By the names of these records; `None` for a name that two packages have.
    pub(super) names: HashMap<String, Option<ItemId>>,
    /// Enums, and which member of the union takes them.
    pub(super) enums: Vec<(ItemId, usize)>,
}

impl Literal {
    pub(super) fn of(value: &ValueKind<'_>) -> Option<Self> {
        Some(match value {
            ValueKind::Nil => Self::Nil,
            ValueKind::Bool(_) => Self::Bool,
            ValueKind::Int(_) => Self::Int,
            ValueKind::Float(_) => Self::Float,
            ValueKind::Duration(_) => Self::Duration,
            ValueKind::Str(_) => Self::Text,
            ValueKind::Bytes(_) => Self::Bytes,
            ValueKind::List(_) => Self::List,
            ValueKind::Braces(..) => Self::Map,
            ValueKind::Path(_) | ValueKind::Broken => return None,
        })
    }

    fn of_scalar(scalar: Scalar) -> Option<Self> {
        Some(match scalar {
            Scalar::Nil => Self::Nil,
            Scalar::Bool => Self::Bool,
            Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 => Self::Int,
            Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64 => Self::Int,
            Scalar::F32 | Scalar::F64 => Self::Float,
            Scalar::Duration => Self::Duration,
            Scalar::Bytes => Self::Bytes,
            Scalar::Any => return None,
            _ => Self::Text,
        })
    }
}

impl<'s> Checker<'_, 's> {
    /// The choices of a union, by whatever name; `None` for another type, and for a union that was refused.
    pub(super) fn choices(&mut self, ty: &Ty) -> Option<Rc<Choices>> {
        let (key, members) = match &ty.kind {
            // The same text means other types in each use of a generic one.
            TyKind::Union(_) => ((ty.span, self.instance), None),
            TyKind::Item(id, _) => {
                let members = self.facts.get(*id)?.members.clone()?;
                ((self.syntax(*id)?.name.span, 0), Some(members))
            }
            _ => return None,
        };
        if let Some(choices) = self.choices.get(&key) {
            return Some(Rc::clone(choices));
        }
        let members = match members {
            Some(members) => members,
            None => {
                // What is wrong with the members is said where the type is lowered.
                let kept = std::mem::take(self.diagnostics);
                let flat = self.flatten(ty, false);
                *self.diagnostics = kept;
                Rc::from(flat.members)
            }
        };
        let mut choices = Choices {
            members: Rc::clone(&members),
            ..Choices::default()
        };
        for (at, member) in members.iter().enumerate() {
            self.add_choice(member, at, &mut choices);
        }
        // Of a number without a fraction, the member for integers comes first.
        if let Some(float) = choices.literals.get(&Literal::Float).copied() {
            choices.literals.entry(Literal::Int).or_insert(float);
        }
        let choices = Rc::new(choices);
        self.choices.insert(key, Rc::clone(&choices));
        Some(choices)
    }

    fn add_choice(&mut self, member: &Ty, at: usize, choices: &mut Choices) {
        let bare = self.bare(member).clone();
        let literal = match &bare.kind {
            TyKind::Scalar(scalar) => Literal::of_scalar(*scalar),
            TyKind::List(_) | TyKind::Tuple(_) => Some(Literal::List),
            TyKind::Map(..) => Some(Literal::Map),
            // A newtype of a union, or of an optional, is one member with several forms.
            TyKind::Optional(inner) => {
                choices.literals.entry(Literal::Nil).or_insert(at);
                return self.add_choice(inner, at, choices);
            }
            TyKind::Union(_) => return self.add_inner(&bare, at, choices),
            TyKind::Item(id, _) => return self.add_item(*id, &bare, at, choices),
            TyKind::Param(_) | TyKind::Broken => None,
        };
        if let Some(literal) = literal {
            choices.literals.entry(literal).or_insert(at);
        }
    }

    fn add_item(&mut self, id: ItemId, ty: &Ty, at: usize, choices: &mut Choices) {
        let Some(item) = self.syntax(id) else { return };
        match &item.kind {
            ItemKind::Enum(_) => choices.enums.push((id, at)),
            ItemKind::Struct(_)
            | ItemKind::Message(_)
            | ItemKind::Error(_)
            | ItemKind::Ext(_, ExtBody::Record(_)) => {
                choices.records.insert(id, at);
                let name = choices.names.entry(item.name.text.to_owned());
                name.and_modify(|known| *known = known.filter(|known| *known == id))
                    .or_insert(Some(id));
            }
            // Written as what is in it, where nothing else is written so.
            ItemKind::Ext(_, ExtBody::Type(_)) => {
                let types = self.types.get(id).cloned();
                if let Some(ItemTypes::One(inner)) = types.as_deref() {
                    self.add_choice(inner, at, choices);
                }
            }
            ItemKind::Union { .. } => self.add_inner(ty, at, choices),
            _ => {}
        }
    }

    /// All that is written for a union inside is written for the member that holds it.
    fn add_inner(&mut self, ty: &Ty, at: usize, choices: &mut Choices) {
        let Some(inner) = self.choices(ty) else {
            return;
        };
        for literal in inner.literals.keys() {
            choices.literals.entry(*literal).or_insert(at);
        }
        for id in inner.records.keys() {
            choices.records.insert(*id, at);
        }
        for (name, id) in &inner.names {
            choices.names.entry(name.clone()).or_insert(*id);
        }
        choices
            .enums
            .extend(inner.enums.iter().map(|(id, _)| (*id, at)));
    }
}
