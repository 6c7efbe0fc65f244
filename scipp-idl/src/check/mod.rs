//! From resolved names to the checked model: one file per construct.
//!
//! [`check`] reads as the list of what happens. Items are checked and lowered one by one; what needs several of them
//! (circles, types without end, members of unions) is prepared for all of them before, without recursion over items, so
//! that no chain of definitions can overflow the stack.

mod aliases;
mod any_values;
mod arguments;
mod choices;
mod constraints;
mod endless;
mod enums;
mod example_values;
mod examples;
mod generics;
mod interfaces;
mod items;
mod lints;
mod named_values;
mod names;
mod options;
mod record_values;
mod records;
mod rules;
mod shapes;
mod stock;
mod text_values;
mod types;
mod union_values;
mod unions;
mod values;

pub(crate) use self::shapes::TagOf;
pub(crate) use self::values::int_range;

use crate::diagnostic::Diagnostics;
use crate::resolve::{FileId, ItemId, Names, Ty, TyKind};
use crate::schema::{Constraints, ItemName, Package, Schema};
use crate::source::Span;
use crate::syntax::{self, ExtBody, ItemKind, Name};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Checks all files and builds the model. It is complete unless there are errors.
pub(crate) fn check<'a, 's>(names: Names<'a, 's>, diagnostics: &'a mut Diagnostics) -> Schema {
    let mut checker = Checker::new(names, diagnostics);
    checker.order_aliases();
    checker.flatten_unions();
    checker.find_param_uses();
    checker.find_endless_types();
    checker.find_const_circles();
    let packages = checker.items();
    checker.find_default_circles();
    checker.prove_stock_peers();
    checker.names.unused_imports(checker.diagnostics);
    checker.lint_names();
    // What may be gone once the errors are mended is not worth a word yet.
    if !checker.diagnostics.is_broken() {
        checker.lint();
        checker.diagnostics.unused_allows();
    }
    let mut schema = Schema { packages };
    if !checker.diagnostics.has_errors() {
        crate::fingerprint::fill(&mut schema);
        crate::wire::fill(&mut schema, checker.diagnostics);
    }
    schema
}

/// What all checks share.
pub(crate) struct Checker<'a, 's> {
    pub(crate) names: Names<'a, 's>,
    /// By item.
    pub(crate) types: Vec<Rc<ItemTypes>>,
    /// By item: what an alias, union or newtype comes to; see `aliases.rs` and `unions.rs`.
    pub(crate) facts: Vec<Facts<'s>>,
    /// By item: the constant at the end of a chain of constants; `None` in a circle.
    pub(crate) const_ends: Vec<Option<ItemId>>,
    /// Aliases, unions and newtypes, each after those it is made of.
    pub(crate) order: Vec<ItemId>,
    /// By item: what its type parameters are used for.
    pub(crate) param_uses: Vec<Vec<types::ParamUse>>,
    /// Counts up to [`limits::EXPANSION_MAX`](crate::limits::EXPANSION_MAX).
    pub(crate) expanded: usize,
    /// The record whose default is being checked, and which records the defaults of which build.
    pub(crate) current: Option<ItemId>,
    pub(crate) default_uses: Vec<(ItemId, ItemId)>,
    /// By enum and record: members and fields by their names, and the fields that must be there.
    pub(crate) places: HashMap<ItemId, Rc<HashMap<&'s str, usize>>>,
    pub(crate) required: HashMap<ItemId, Rc<[usize]>>,
    /// Unions as written whose members cannot be told apart, which has been reported.
    pub(crate) indistinct: HashSet<Span>,
    /// Of newtypes.
    pub(crate) constraints: HashMap<ItemId, Constraints>,
    /// Endpoints that stock peers have to hold: interface and place in it.
    pub(crate) stock_endpoints: Vec<(ItemId, usize)>,
    /// By field or newtype that has constraints.
    pub(crate) rules: HashMap<Span, Rc<rules::Rule>>,
    /// By union, and by use of the generic item that it stands in, if in one.
    pub(crate) choices: HashMap<(Span, u32), Rc<choices::Choices>>,
    /// Uses of generic items by the item and its arguments.
    pub(crate) instances: HashMap<(ItemId, String), Rc<generics::Instance>>,
    /// The use whose fields are being filled; 0 outside of generic items.
    pub(crate) instance: u32,
    /// A value is only tried: mistakes are not reported.
    pub(crate) muted: bool,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

/// The resolved types of an item, in the order of its syntax.
#[derive(Debug)]
pub(crate) enum ItemTypes {
    None,
    /// Of an alias, union, newtype, constant, extension type.
    One(Ty),
    /// Of the fields of a record.
    Fields(Vec<Ty>),
    /// Of the endpoints of an interface.
    Endpoints(Vec<EndpointTypes>),
}

/// The resolved types of an endpoint.
#[derive(Debug)]
pub(crate) struct EndpointTypes {
    pub(crate) params: Vec<Ty>,
    pub(crate) clauses: Vec<Ty>,
}

/// What is known about an alias, union or newtype.
#[derive(Debug, Default, Clone)]
pub(crate) struct Facts<'s> {
    /// In a circle: reported, and not to be followed.
    pub(crate) circular: bool,
    /// nil is one of its values.
    pub(crate) nullable: bool,
    /// Members of a union after flattening, or of an alias that stands for one.
    pub(crate) members: Option<Rc<[Ty]>>,
    /// Its members cannot be told apart, which has been reported.
    pub(crate) indistinct: bool,
    /// An alias of several errors: it can stand after `raises`, and is no type.
    pub(crate) errors: bool,
    /// Of an alias: the last of a chain of aliases. The types of chains are looked up without walking them.
    pub(crate) alias_end: Option<ItemId>,
    /// Of an alias or newtype: the last of a chain of aliases and newtypes.
    pub(crate) bare_end: Option<ItemId>,
    /// What its values look like.
    pub(crate) shapes: Option<Rc<[shapes::ShapeOf<'s>]>>,
}

impl<'a, 's> Checker<'a, 's> {
    fn new(mut names: Names<'a, 's>, diagnostics: &'a mut Diagnostics) -> Self {
        let count = names.items.len();
        let types = (0..count)
            .map(|id| Rc::new(item_types(&mut names, id, diagnostics)))
            .collect();
        let facts = vec![Facts::default(); count];
        Self {
            names,
            types,
            facts,
            const_ends: vec![None; count],
            order: Vec::new(),
            param_uses: Vec::new(),
            expanded: 0,
            current: None,
            default_uses: Vec::new(),
            places: HashMap::new(),
            required: HashMap::new(),
            indistinct: HashSet::new(),
            constraints: HashMap::new(),
            stock_endpoints: Vec::new(),
            rules: HashMap::new(),
            choices: HashMap::new(),
            instances: HashMap::new(),
            instance: 0,
            muted: false,
            diagnostics,
        }
    }

    /// The syntax of an item. The empty item is never met: ids come from the table.
    pub(crate) fn syntax(&self, id: ItemId) -> Option<&'a syntax::Item<'s>> {
        self.names.items.get(id).map(|item| item.syntax)
    }

    pub(crate) fn file(&self, id: ItemId) -> FileId {
        self.names.items.get(id).map_or(0, |item| item.file)
    }

    /// What diagnostics call it.
    pub(crate) fn name(&self, id: ItemId) -> &'s str {
        self.syntax(id).map_or("", |item| item.name.text)
    }

    pub(crate) fn package(&self, id: ItemId) -> &'s str {
        self.names
            .packages
            .get(self.file(id))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn item_name(&self, id: ItemId) -> ItemName {
        ItemName {
            package: self.package(id).to_owned(),
            name: self.name(id).to_owned(),
        }
    }

    /// The type of an alias, union, newtype, constant or extension type.
    pub(crate) fn inner(&self, id: ItemId) -> Option<&Ty> {
        match self.types.get(id).map(Rc::as_ref) {
            Some(ItemTypes::One(ty)) => Some(ty),
            _ => None,
        }
    }

    /// Follows aliases: the type that `ty` is another name for.
    pub(crate) fn unaliased<'t>(&'t self, ty: &'t Ty) -> &'t Ty {
        self.end(ty, |facts| facts.alias_end)
    }

    /// Follows aliases and newtypes: the type whose values are on the wire.
    pub(crate) fn bare<'t>(&'t self, ty: &'t Ty) -> &'t Ty {
        self.end(ty, |facts| facts.bare_end)
    }

    fn end<'t>(&'t self, ty: &'t Ty, of: impl Fn(&Facts<'s>) -> Option<ItemId>) -> &'t Ty {
        let TyKind::Item(id, _) = &ty.kind else {
            return ty;
        };
        let end = self.facts.get(*id).and_then(of);
        end.and_then(|end| self.inner(end)).unwrap_or(ty)
    }
}

fn item_types<'s>(
    names: &mut Names<'_, 's>,
    id: ItemId,
    diagnostics: &mut Diagnostics,
) -> ItemTypes {
    let Some(declared) = names.items.get(id) else {
        return ItemTypes::None;
    };
    let (file, item) = (declared.file, declared.syntax);
    let params: &[Name<'s>] = &item.params;
    let mut fields = |names: &mut Names<'_, 's>, fields: &[syntax::Field<'s>]| -> Vec<Ty> {
        fields
            .iter()
            .map(|field| names.ty(file, params, &field.ty, diagnostics))
            .collect()
    };
    match &item.kind {
        ItemKind::Struct(body) | ItemKind::Message(body) | ItemKind::Error(body) => {
            ItemTypes::Fields(fields(names, &body.fields))
        }
        ItemKind::Ext(_, ExtBody::Record(body)) => ItemTypes::Fields(fields(names, &body.fields)),
        ItemKind::Union { ty, .. }
        | ItemKind::Alias(ty)
        | ItemKind::Newtype(ty)
        | ItemKind::Const(ty, _)
        | ItemKind::Ext(_, ExtBody::Type(ty)) => {
            ItemTypes::One(names.ty(file, params, ty, diagnostics))
        }
        ItemKind::Interface(interface) => {
            let endpoints = interface.endpoints.iter().map(|endpoint| EndpointTypes {
                params: endpoint
                    .params
                    .fields
                    .iter()
                    .map(|field| names.ty(file, &[], &field.ty, diagnostics))
                    .collect(),
                clauses: endpoint
                    .clauses
                    .iter()
                    .map(|clause| names.ty(file, &[], &clause.ty, diagnostics))
                    .collect(),
            });
            ItemTypes::Endpoints(endpoints.collect())
        }
        ItemKind::Enum(_) | ItemKind::Broken => ItemTypes::None,
    }
}

/// By package name.
pub(crate) type Packages = std::collections::BTreeMap<String, Package>;
