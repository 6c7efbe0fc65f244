//! Uses of generic items: the types of their fields, with the arguments in the place of the parameters.

use super::{Checker, ItemTypes};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::resolve::{ItemId, Ty, TyKind};
use crate::source::Span;
use std::rc::Rc;

/// A use of an item by a value.
#[derive(Debug)]
pub(crate) struct Instance {
    /// 0 for an item that is not generic; else no other item with no other arguments has it.
    pub(super) number: u32,
    /// The types of its fields.
    pub(super) types: Vec<Ty>,
}

impl<'s> Checker<'_, 's> {
    /// The item with these arguments, of which a value stands at `span`.
    pub(super) fn instance_of(
        &mut self,
        id: ItemId,
        arguments: &[Ty],
        span: Span,
    ) -> Option<Rc<Instance>> {
        let mut key = String::new();
        let mut left = limits::TYPE_PARTS_MAX;
        let fits = arguments.iter().all(|it| spell(it, &mut key, &mut left));
        if let Some(known) = self.instances.get(&(id, key.clone())) {
            return Some(Rc::clone(known));
        }
        let types = self.types.get(id).cloned()?;
        let ItemTypes::Fields(types) = types.as_ref() else {
            return None;
        };
        let types: Option<Vec<Ty>> = if arguments.is_empty() {
            Some(types.clone())
        } else {
            let filled = types.iter().map(|ty| fill(ty, arguments, &mut left));
            filled.collect::<Option<_>>().filter(|_| fits)
        };
        let Some(types) = types else {
            let name = self.name(id);
            self.report(
                Diagnostic::new(
                    code::NO_LITERAL,
                    format!("the types of `{name}` are too large here to write a value"),
                )
                .at(span, "its type arguments have grown")
                .note(format!(
                    "a type has at most {} parts",
                    limits::TYPE_PARTS_MAX
                )),
            );
            return None;
        };
        let number = match arguments {
            [] => 0,
            _ => u32::try_from(self.instances.len()).map_or(u32::MAX, |it| it.saturating_add(1)),
        };
        let instance = Rc::new(Instance { number, types });
        self.instances.insert((id, key), Rc::clone(&instance));
        Some(instance)
    }
}

/// A type with arguments in the place of parameters; `None` if it has more parts than are left.
fn fill(ty: &Ty, arguments: &[Ty], left: &mut usize) -> Option<Ty> {
    *left = left.checked_sub(1)?;
    let mut one = |ty: &Ty| fill(ty, arguments, left);
    let kind = match &ty.kind {
        TyKind::Param(at) => {
            let argument = arguments.get(*at)?;
            *left = left.checked_sub(parts(argument))?;
            return Some(argument.clone());
        }
        TyKind::Scalar(_) | TyKind::Broken => ty.kind.clone(),
        TyKind::List(item) => TyKind::List(Box::new(one(item)?)),
        TyKind::Map(key, value) => TyKind::Map(Box::new(one(key)?), Box::new(one(value)?)),
        TyKind::Optional(inner) => TyKind::Optional(Box::new(one(inner)?)),
        TyKind::Tuple(types) => TyKind::Tuple(types.iter().map(one).collect::<Option<_>>()?),
        TyKind::Union(types) => TyKind::Union(types.iter().map(one).collect::<Option<_>>()?),
        TyKind::Item(id, types) => TyKind::Item(*id, types.iter().map(one).collect::<Option<_>>()?),
    };
    Some(Ty {
        kind,
        span: ty.span,
    })
}

/// How many types a type is made of.
fn parts(ty: &Ty) -> usize {
    1 + match &ty.kind {
        TyKind::Scalar(_) | TyKind::Param(_) | TyKind::Broken => 0,
        TyKind::List(inner) | TyKind::Optional(inner) => parts(inner),
        TyKind::Map(key, value) => parts(key) + parts(value),
        TyKind::Tuple(types) | TyKind::Union(types) | TyKind::Item(_, types) => {
            types.iter().map(parts).sum()
        }
    }
}

/// Writes what tells a type from others; `false` if it has more parts than are left.
fn spell(ty: &Ty, out: &mut String, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else {
        return false;
    };
    *left = rest;
    let (mark, types): (String, &[Ty]) = match &ty.kind {
        TyKind::Scalar(scalar) => (format!("{scalar:?}"), &[]),
        TyKind::Param(at) => (format!("${at}"), &[]),
        TyKind::Broken => ("!".to_owned(), &[]),
        TyKind::List(item) => ("list".to_owned(), std::slice::from_ref(item)),
        TyKind::Optional(inner) => ("opt".to_owned(), std::slice::from_ref(inner)),
        TyKind::Map(key, value) => {
            out.push_str("map<");
            let both = spell(key, out, left) && spell(value, out, left);
            out.push('>');
            return both;
        }
        TyKind::Tuple(types) => ("tuple".to_owned(), types),
        TyKind::Union(types) => ("union".to_owned(), types),
        TyKind::Item(id, types) => (format!("#{id}"), types),
    };
    out.push_str(&mark);
    out.push('<');
    let whole = types.iter().all(|ty| spell(ty, out, left));
    out.push_str(">,");
    whole
}
