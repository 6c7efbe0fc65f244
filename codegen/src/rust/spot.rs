//! Where a value stands: its type, and what is needed to name the unions inside of it and to see what is in a box there.
//! `types` says the same of types.

use scipp_idl::schema::{ItemName, Type};
use std::rc::Rc;

/// A place of a value.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'s> {
    pub(crate) ty: &'s Type,
    /// The item that the type is a part of; `None` for what no type can contain.
    pub(crate) owner: Option<&'s ItemName>,
    /// Name of a union without a name, and how many of them come before.
    pub(crate) hint: Rc<str>,
    pub(crate) unions: u32,
    /// Where those unions are.
    pub(crate) inside: Inside<'s>,
    /// Behind a list, a map or a box.
    pub(crate) on_heap: bool,
    /// What the parameters in the type stand for.
    pub(crate) env: Option<&'s Env<'s>>,
}

/// The module that holds the unions of a type.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inside<'s> {
    /// That of a package.
    Package(&'s str),
    /// That of the interface in which the value is written.
    Interface,
}

/// The arguments of a use of a generic item.
#[derive(Debug)]
pub(crate) struct Env<'s> {
    pub(crate) params: &'s [String],
    /// By parameter: the spot of its argument, and whether it is in a box.
    pub(crate) filled: Vec<(Spot<'s>, bool)>,
}

impl<'s> Env<'s> {
    pub(crate) fn get(&self, param: &str) -> Option<(&Spot<'s>, bool)> {
        let at = self.params.iter().position(|name| name == param)?;
        self.filled.get(at).map(|(spot, boxed)| (spot, *boxed))
    }
}

impl<'s> Spot<'s> {
    /// A part of an item.
    pub(crate) fn within(ty: &'s Type, owner: &'s ItemName, hint: String) -> Self {
        Self {
            owner: Some(owner),
            hint: hint.into(),
            ..Self::alone(ty, &owner.package)
        }
    }

    /// A type that no other contains, and that has no union without a name.
    pub(crate) fn alone(ty: &'s Type, package: &'s str) -> Self {
        Self {
            ty,
            owner: None,
            hint: "".into(),
            unions: 0,
            inside: Inside::Package(package),
            on_heap: false,
            env: None,
        }
    }

    /// A part of the endpoint in whose module the value is written.
    pub(crate) fn of_endpoint(ty: &'s Type, hint: String) -> Self {
        Self {
            hint: hint.into(),
            inside: Inside::Interface,
            ..Self::alone(ty, "")
        }
    }

    /// A part of the same place, behind so many unions.
    pub(crate) fn part(&self, ty: &'s Type, unions: u32) -> Self {
        Self {
            ty,
            unions: self.unions + unions,
            ..self.clone()
        }
    }

    /// The same in a list or a map.
    pub(crate) fn on_heap(&self, ty: &'s Type, unions: u32) -> Self {
        Self {
            on_heap: true,
            ..self.part(ty, unions)
        }
    }

    /// How many unions without a name a type has; those inside of their members have other names.
    pub(crate) fn unions_in(ty: &Type) -> u32 {
        match ty {
            Type::Scalar(_) | Type::Param(_) => 0,
            Type::Union(_) => 1,
            Type::List(inner) | Type::Optional(inner) => Self::unions_in(inner),
            Type::Map(key, value) => Self::unions_in(key) + Self::unions_in(value),
            Type::Tuple(types) | Type::Named { args: types, .. } => {
                types.iter().map(Self::unions_in).sum()
            }
        }
    }
}
