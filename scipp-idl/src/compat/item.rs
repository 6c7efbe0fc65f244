//! Packages and items, matched by their names.

use super::about::About;
use super::enumeration::Enums;
use super::record::Records;
use super::rule;
use super::side::{ItemAt, Shape, Side, TypeAt};
use super::walk::{Found, OwnerAt, Slot, Walk, Ways};
use crate::schema::{ExtBody, Item, ItemKind, ItemName, Record, TextPart};
use std::collections::HashMap;

impl<'s> Walk<'s> {
    /// Finds for each item of the old version what has become of it: the one of its name, or one of its name in another
    /// package. What is renamed shows later, by standing in the same place.
    pub(super) fn match_items(&mut self) {
        let mut moved: HashMap<&'s str, Vec<ItemAt>> = HashMap::new();
        for (at, package, item) in self.new.items() {
            if self.old.find(package, &item.name).is_none() {
                moved.entry(item.name.as_str()).or_default().push(at);
            }
        }
        let old: Vec<(ItemAt, &'s str, &'s Item)> = self.old.items().collect();
        for (at, package, item) in old {
            if let Some(same) = self.new.find(package, &item.name) {
                self.pair_items(at, same);
            } else if let Some([one]) = moved.get(item.name.as_str()).map(Vec::as_slice)
                && self
                    .new
                    .item(*one)
                    .is_some_and(|new| kind(new) == kind(item))
            {
                let one = *one;
                self.pair_items(at, one);
                moved.remove(item.name.as_str());
            }
        }
    }

    /// Compares the pairs that endpoints or other pairs lead to.
    pub(super) fn pairs(&mut self) {
        while let Some((old, new, owner)) = self.next() {
            self.compared += 1;
            if self.is_too_large() {
                return;
            }
            self.pair(old, new, owner);
        }
    }

    fn pair(&mut self, old: TypeAt, new: TypeAt, owner: OwnerAt) {
        let (Some((from, was, from_args)), Some((to, is, to_args))) =
            (self.old.named(old), self.new.named(new))
        else {
            return;
        };
        let (from_args, to_args) = (from_args.to_vec(), to_args.to_vec());
        let item = self.old.path(from);
        self.old.reach(from);
        self.new.reach(to);
        let slot = Slot {
            owner,
            item: item.clone(),
            old,
            new,
            old_constraints: None,
            new_constraints: None,
            old_span: was.span,
            new_span: is.span,
            ways: Ways::BOTH,
        };
        let records = |old: &'s Record, new: &'s Record| (old, new);
        let pair = match (&was.kind, &is.kind) {
            (ItemKind::Enum(old), ItemKind::Enum(new)) => {
                return self.enums(&Enums {
                    owner,
                    item,
                    old,
                    new,
                    old_span: was.span,
                    new_span: is.span,
                });
            }
            (ItemKind::Union(_), ItemKind::Union(_)) => {
                let (old, new) = (self.old.peel(old), self.new.peel(new));
                let mut todo = Vec::new();
                self.alternatives(&slot, &old, &new, &mut todo);
                return todo.into_iter().for_each(|slot| self.slot(slot));
            }
            (ItemKind::Ext(from), ItemKind::Ext(to)) => {
                if from.code != to.code {
                    self.emit(
                        Found::new(
                            &rule::EXT_CODE_CHANGED,
                            item.as_str(),
                            format!("the code of `{item}` is {} and was {}", to.code, from.code),
                        )
                        .wire(
                            owner,
                            super::change::Harm::Breaks,
                            super::change::Harm::Breaks,
                        )
                        .old(was.span, from.code.to_string())
                        .new_place(is.span, to.code.to_string()),
                    );
                }
                match (&from.body, &to.body) {
                    (ExtBody::Record(old), ExtBody::Record(new)) => records(old, new),
                    (ExtBody::Type(from), ExtBody::Type(to)) => {
                        return self.ext_types(&slot, from, to);
                    }
                    _ => return self.ext_body(&slot),
                }
            }
            _ => match (self.old.record(old), self.new.record(new)) {
                (Some(old), Some(new)) => records(old, new),
                _ => return,
            },
        };
        self.records(&Records {
            owner,
            item,
            is_args: false,
            old: pair.0,
            new: pair.1,
            old_span: was.span,
            new_span: is.span,
            old_args: (&was.params, &from_args),
            new_args: (&is.params, &to_args),
        });
    }

    fn ext_types(
        &mut self,
        slot: &Slot<'s>,
        from: &'s crate::schema::Type,
        to: &'s crate::schema::Type,
    ) {
        let old = self.old.lower(from, &[], &[]);
        let new = self.new.lower(to, &[], &[]);
        // `bytes` stands for itself, without a header.
        let raw = |side: &mut Side<'_>, ty| {
            let peeled = side.peel(ty);
            let bare = peeled.newtypes.is_empty() && !peeled.nil;
            bare && *side.shape(peeled.base) == Shape::Scalar(crate::schema::Scalar::Bytes)
        };
        if raw(&mut self.old, old) != raw(&mut self.new, new) {
            return self.ext_body(slot);
        }
        self.slot(Self::inner_slot(slot, old, new));
    }

    fn ext_body(&mut self, slot: &Slot<'s>) {
        use super::change::Harm::Breaks;
        let found = Found::new(
            &rule::EXT_BODY_CHANGED,
            slot.item.as_str(),
            format!("`{}` holds something else", slot.item),
        )
        .wire(slot.owner, Breaks, Breaks)
        .old(slot.old_span, "")
        .new_place(slot.new_span, "");
        self.emit(found);
    }

    /// Compares items by their names: those that no endpoint has led to part by part, too.
    pub(super) fn items(&mut self) {
        let old: Vec<(ItemAt, &'s Item)> =
            self.old.items().map(|(at, _, item)| (at, item)).collect();
        let reached = self.old.reached.clone();
        for (from, was) in &old {
            let Some(to) = self.counterpart.get(from).copied() else {
                continue;
            };
            if reached.get(*from) != Some(&true) {
                self.unreached(*from, to, was);
            }
        }
        self.pairs();
        // Pairs may have shown that an item has another name.
        for (from, was) in old {
            match self.counterpart.get(&from).copied() {
                Some(to) => self.versions(from, to, was),
                None => self.removed_item(from, was),
            }
        }
        for (at, package, item) in self.new.items().collect::<Vec<_>>() {
            if !self.taken.contains(&at) && self.old.schema.packages.contains_key(package) {
                let (rule, what) = match item.kind {
                    ItemKind::Interface(_) => (&rule::INTERFACE_ADDED, "the interface"),
                    _ => (&rule::ITEM_ADDED, kind(item)),
                };
                let path = self.new.path(at);
                let message = format!("{what} `{path}` is added");
                self.emit(Found::new(rule, path, message).new_place(item.span, ""));
            }
        }
        self.packages();
    }

    fn packages(&mut self) {
        let (old, new) = (self.old.schema, self.new.schema);
        for (name, package) in &old.packages {
            match new.packages.get(name) {
                None => self.emit(
                    Found::new(
                        &rule::PACKAGE_REMOVED,
                        name.as_str(),
                        format!("the package `{name}` is removed"),
                    )
                    .old(package.span, ""),
                ),
                Some(now) if now.doc != package.doc => self.emit(
                    Found::new(
                        &rule::DOCS_CHANGED,
                        name.as_str(),
                        format!("the documentation of `{name}` has changed"),
                    )
                    .old(package.span, "")
                    .new_place(now.span, ""),
                ),
                Some(_) => {}
            }
        }
        for (name, package) in &new.packages {
            if !old.packages.contains_key(name) {
                self.emit(
                    Found::new(
                        &rule::PACKAGE_ADDED,
                        name.as_str(),
                        format!("the package `{name}` is added"),
                    )
                    .new_place(package.span, ""),
                );
            }
        }
    }

    /// Compares two versions of an item that no endpoint uses.
    fn unreached(&mut self, from: ItemAt, to: ItemAt, was: &'s Item) {
        let Some(is) = self.new.item(to) else { return };
        if matches!(was.kind, ItemKind::Interface(_) | ItemKind::Const(_))
            || matches!(is.kind, ItemKind::Interface(_) | ItemKind::Const(_))
        {
            return;
        }
        let params = |side: &mut Side<'_>, item: &Item| -> Vec<TypeAt> {
            (0..item.params.len())
                .map(|at| side.number(Shape::Param(at)))
                .collect()
        };
        let from_args = params(&mut self.old, was);
        let to_args = params(&mut self.new, is);
        let old = self.old.number(Shape::Named(from, from_args));
        let new = self.new.number(Shape::Named(to, to_args));
        let owner = self.root(None);
        let item = self.old.path(from);
        self.slot(Slot {
            owner,
            item,
            old,
            new,
            old_constraints: None,
            new_constraints: None,
            old_span: was.span,
            new_span: is.span,
            ways: Ways::BOTH,
        });
        self.pairs();
    }

    fn removed_item(&mut self, at: ItemAt, was: &'s Item) {
        if matches!(was.kind, ItemKind::Interface(_)) {
            // With its endpoints.
            return;
        }
        let path = self.old.path(at);
        let message = format!("{} `{path}` is removed", kind(was));
        self.emit(Found::new(&rule::ITEM_REMOVED, path, message).old(was.span, ""));
    }

    fn versions(&mut self, from: ItemAt, to: ItemAt, was: &'s Item) {
        let Some(is) = self.new.item(to) else { return };
        let path = self.old.path(from);
        let now = self.new.path(to);
        let found = |rule, message: String| {
            Found::new(rule, path.as_str(), message)
                .old(was.span, "")
                .new_place(is.span, "")
        };
        let interface = matches!(was.kind, ItemKind::Interface(_));
        if was.name != is.name && interface {
            self.emit(found(
                &rule::INTERFACE_RENAMED,
                format!("the interface `{path}` is called `{now}` now"),
            ));
        } else if was.name != is.name {
            self.emit(found(
                &rule::ITEM_RENAMED,
                format!("{} `{path}` is called `{now}` now", kind(was)),
            ));
        } else if self.old.package_of(from) != self.new.package_of(to) {
            self.emit(found(
                &rule::ITEM_MOVED,
                format!("{} `{path}` is `{now}` now", kind(was)),
            ));
        }
        if kind(was) != kind(is) {
            self.emit(found(
                &rule::ITEM_KIND_CHANGED,
                format!("{} `{path}` is {} now", kind(was), kind(is)),
            ));
        } else if was.params.len() != is.params.len() {
            let message = format!(
                "`{path}` has {} type parameters and had {}",
                is.params.len(),
                was.params.len()
            );
            self.emit(found(&rule::TYPE_PARAMETERS_CHANGED, message));
        }
        match (&was.kind, &is.kind) {
            (ItemKind::Const(a), ItemKind::Const(b)) => {
                let (old, new) = (
                    self.old.lower(&a.ty, &[], &[]),
                    self.new.lower(&b.ty, &[], &[]),
                );
                let (old, new) = (self.old.peel(old).base, self.new.peel(new).base);
                let (from, to) = (self.old.show(old), self.new.show(new));
                if from != to {
                    self.emit(found(
                        &rule::CONST_TYPE_CHANGED,
                        format!("the constant `{path}` is of type `{to}` and was of `{from}`"),
                    ));
                } else if !self.same_value(&a.value, &b.value) {
                    self.emit(found(
                        &rule::CONST_VALUE_CHANGED,
                        format!("the constant `{path}` has another value"),
                    ));
                }
            }
            (ItemKind::Error(a), ItemKind::Error(b))
                if !same_text(a.text.as_deref(), b.text.as_deref()) =>
            {
                self.emit(found(
                    &rule::ERROR_TEXT_CHANGED,
                    format!("the text of the error `{path}` has changed"),
                ));
            }
            (ItemKind::Interface(a), ItemKind::Interface(b)) => {
                let bases = |walk: &Self, names: &[ItemName], old: bool| -> Vec<Option<ItemAt>> {
                    let mut bases: Vec<Option<ItemAt>> = names
                        .iter()
                        .map(|name| match old {
                            true => walk
                                .old
                                .find_name(name)
                                .and_then(|at| walk.counterpart.get(&at).copied()),
                            false => walk.new.find_name(name),
                        })
                        .collect();
                    bases.sort_unstable();
                    bases
                };
                if bases(self, &a.extends, true) != bases(self, &b.extends, false) {
                    self.emit(found(
                        &rule::EXTENDS_CHANGED,
                        format!("the interface `{path}` extends others than before"),
                    ));
                }
            }
            _ => {}
        }
        self.about(&path, None, &About::of_item(was), &About::of_item(is));
    }
}

fn same_text(old: Option<&[TextPart]>, new: Option<&[TextPart]>) -> bool {
    old == new
}

/// What an item is, with its article.
fn kind(item: &Item) -> &'static str {
    match &item.kind {
        ItemKind::Struct(_) => "the struct",
        ItemKind::Message(_) => "the message",
        ItemKind::Error(_) => "the error",
        ItemKind::Enum(_) => "the enum",
        ItemKind::Union(_) => "the union",
        ItemKind::Alias(_) => "the alias",
        ItemKind::Newtype(_) => "the newtype",
        ItemKind::Const(_) => "the constant",
        ItemKind::Ext(_) => "the extension type",
        ItemKind::Interface(_) => "the interface",
    }
}
