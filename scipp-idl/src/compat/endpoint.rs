//! Interfaces and endpoints, matched by what is on the wire: namespace and name.

use super::about::About;
use super::change::Harm::{Breaks, New, None as Fine};
use super::change::{self, Phase, Use};
use super::record::Records;
use super::rule::{self, Rule};
use super::side::{ItemAt, Shape, Side, TypeAt};
use super::walk::{Found, OwnerAt, Slot, Walk, Ways};
use crate::limits;
use crate::schema::{Endpoint, EndpointKind, Interface, ItemKind, Scalar, Type};
use std::collections::{HashMap, HashSet};

/// An endpoint as it is offered by an interface.
#[derive(Debug, Clone, Copy)]
struct Offer<'s> {
    /// The interface that offers it.
    by: ItemAt,
    namespace: &'s str,
    /// The interface that declares it.
    declared: ItemAt,
    endpoint: &'s Endpoint,
}

/// Callers of either version do not find what the other serves, or do not understand it.
pub(super) const NEITHER: change::Breaks = change::Breaks {
    old_callers: true,
    new_callers: true,
    ..change::Breaks::NOBODY
};

pub(super) const OLD_CALLERS: change::Breaks = change::Breaks {
    old_callers: true,
    ..change::Breaks::NOBODY
};

const USES_NEW: change::Breaks = change::Breaks {
    new_callers_that_use_it: true,
    ..change::Breaks::NOBODY
};

impl<'s> Walk<'s> {
    pub(super) fn interfaces(&mut self) {
        let old = offers(&self.old);
        let new = offers(&self.new);
        self.match_interfaces();
        let by_wire: HashMap<(&str, &str), &Offer<'s>> = new
            .iter()
            .map(|it| ((it.namespace, it.endpoint.wire.as_str()), it))
            .collect();
        let by_name: HashMap<(ItemAt, &str), &Offer<'s>> = new
            .iter()
            .map(|it| ((it.by, it.endpoint.name.as_str()), it))
            .collect();
        let mut met: HashSet<(ItemAt, &str)> = HashSet::new();
        let mut compared: HashSet<(*const Endpoint, *const Endpoint)> = HashSet::new();
        for from in &old {
            let counterpart = self.counterpart.get(&from.by).copied();
            let same = by_wire.get(&(from.namespace, from.endpoint.wire.as_str()));
            let named = counterpart.and_then(|by| by_name.get(&(by, from.endpoint.name.as_str())));
            let Some(to) = same.or(named).copied() else {
                if counterpart.is_some() {
                    self.removed_endpoint(from);
                }
                continue;
            };
            met.insert((to.by, to.endpoint.wire.as_str()));
            if same.is_none() && from.namespace == to.namespace {
                self.name_changed(from, to);
            }
            if compared.insert((from.endpoint, to.endpoint)) {
                self.endpoint(from, to);
            }
        }
        for to in &new {
            let is_new = !self.taken.contains(&to.by);
            if !is_new && !met.contains(&(to.by, to.endpoint.wire.as_str())) {
                self.added_endpoint(to);
            }
        }
        self.gone_and_moved();
    }

    /// Interfaces that have no other version by name are one if they have one namespace.
    fn match_interfaces(&mut self) {
        let mut spaces: HashMap<&'s str, ItemAt> = HashMap::new();
        for (at, _, item) in self.new.items() {
            if let ItemKind::Interface(it) = &item.kind
                && !self.taken.contains(&at)
            {
                spaces.insert(&it.namespace, at);
            }
        }
        let old: Vec<(ItemAt, &'s Interface)> = interfaces(&self.old);
        for (at, it) in old {
            if !self.counterpart.contains_key(&at)
                && let Some(other) = spaces.remove(it.namespace.as_str())
            {
                self.pair_items(at, other);
            }
        }
    }

    fn gone_and_moved(&mut self) {
        for (at, it) in interfaces(&self.old) {
            let (path, span) = (
                self.old.path(at),
                self.old.item(at).map(|item| item.span).unwrap_or_default(),
            );
            let counterpart = self.counterpart.get(&at).and_then(|at| self.new.item(*at));
            match counterpart.map(|item| (item.span, &item.kind)) {
                Some((new_span, ItemKind::Interface(now))) if now.namespace != it.namespace => {
                    let message = format!(
                        "the namespace of `{path}` is `{}` and was `{}`",
                        now.namespace, it.namespace
                    );
                    self.emit(
                        Found::new(&rule::NAMESPACE_CHANGED, path, message)
                            .breaks(NEITHER, NEITHER)
                            .old(span, format!("`{}`", it.namespace))
                            .new_place(new_span, format!("`{}`", now.namespace)),
                    );
                }
                Some((_, ItemKind::Interface(_))) => {}
                _ => {
                    let message = format!("the interface `{path}` is removed");
                    self.emit(
                        Found::new(&rule::INTERFACE_REMOVED, path, message)
                            .breaks(OLD_CALLERS, OLD_CALLERS)
                            .old(span, ""),
                    );
                }
            }
        }
    }

    fn removed_endpoint(&mut self, it: &Offer<'s>) {
        let path = name(&self.old, it);
        let message = format!("the endpoint `{path}` is removed");
        let found = Found::new(&rule::ENDPOINT_REMOVED, path, message)
            .breaks(OLD_CALLERS, OLD_CALLERS)
            .old(it.endpoint.span, "");
        self.emit(found);
    }

    fn added_endpoint(&mut self, it: &Offer<'s>) {
        let path = name(&self.new, it);
        let message = format!("the endpoint `{path}` is added");
        let found = Found::new(&rule::ENDPOINT_ADDED, path, message)
            .breaks(USES_NEW, USES_NEW)
            .new_place(it.endpoint.span, "");
        self.emit(found);
    }

    fn name_changed(&mut self, from: &Offer<'s>, to: &Offer<'s>) {
        let path = name(&self.old, from);
        let message = format!(
            "`{path}` is called \"{}\" on the wire and was \"{}\"",
            to.endpoint.wire, from.endpoint.wire
        );
        self.emit(
            Found::new(&rule::ENDPOINT_NAME_CHANGED, path, message)
                .breaks(NEITHER, NEITHER)
                .old(from.endpoint.span, format!("\"{}\"", from.endpoint.wire))
                .new_place(to.endpoint.span, format!("\"{}\"", to.endpoint.wire)),
        );
    }

    fn endpoint(&mut self, from: &Offer<'s>, to: &Offer<'s>) {
        let (old, new) = (from.endpoint, to.endpoint);
        // Where it is declared, whoever offers it.
        let path = format!("{}.{}", self.old.path(from.declared), old.name);
        if old.name != new.name {
            self.emit(
                Found::new(
                    &rule::ENDPOINT_RENAMED,
                    path.as_str(),
                    format!("the endpoint `{path}` is called `{}` now", new.name),
                )
                .old(old.span, "")
                .new_place(new.span, "the same on the wire"),
            );
        }
        self.about(&path, None, &about(old), &about(new));
        self.options(&path, old, new);
        if old.kind != new.kind {
            let word = |kind| match kind {
                EndpointKind::Fn => "a `fn`",
                EndpointKind::Gen => "a `gen`",
                EndpointKind::Context => "a `context`",
            };
            let message = format!("`{path}` is {} and was {}", word(new.kind), word(old.kind));
            return self.emit(
                Found::new(&rule::ENDPOINT_KIND_CHANGED, path, message)
                    .breaks(NEITHER, NEITHER)
                    .old(old.span, word(old.kind))
                    .new_place(new.span, word(new.kind)),
            );
        }
        let stock = !old.options.peers_scipp_only;
        let part = |walk: &mut Self, phase| {
            let part = Use {
                endpoint: path.clone(),
                phase,
            };
            walk.root(Some((part, stock)))
        };
        let owner = part(self, Phase::Args);
        self.records(&Records {
            owner,
            item: path.clone(),
            is_args: true,
            old: &old.args,
            new: &new.args,
            old_span: old.span,
            new_span: new.span,
            old_args: (&[], &[]),
            new_args: (&[], &[]),
        });
        let at = Place {
            path: &path,
            old,
            new,
        };
        let owner = part(self, Phase::Started);
        self.result(
            &at,
            owner,
            Phase::Started,
            (&old.started, &new.started),
            [&rule::STARTED_ADDED, &rule::STARTED_REMOVED],
        );
        let owner = part(self, Phase::Accepts);
        self.stream(
            &at,
            owner,
            Phase::Accepts,
            (&old.accepts, &new.accepts),
            [&rule::ACCEPTS_ADDED, &rule::ACCEPTS_REMOVED],
        );
        let owner = part(self, Phase::Yields);
        self.stream(
            &at,
            owner,
            Phase::Yields,
            (&old.yields, &new.yields),
            [&rule::YIELDS_ADDED, &rule::YIELDS_REMOVED],
        );
        let owner = part(self, Phase::Returns);
        self.result(
            &at,
            owner,
            Phase::Returns,
            (&old.returns, &new.returns),
            [&rule::RETURNS_ADDED, &rule::RETURNS_REMOVED],
        );
        let owner = part(self, Phase::Raises);
        self.raises(&at, owner);
    }

    /// The first value or the result: nil where there is none.
    fn result(
        &mut self,
        at: &Place<'s, '_>,
        owner: OwnerAt,
        phase: Phase,
        (from, to): (&'s Type, &'s Type),
        rules: [&'static Rule; 2],
    ) {
        let slot = at.slot(self, owner, phase, from, to);
        let takes_nil = |side: &mut Side<'s>, ty: TypeAt| {
            let peeled = side.peel(ty);
            peeled.nil
                || matches!(
                    side.shape(peeled.base),
                    Shape::Scalar(Scalar::Nil | Scalar::Any)
                )
        };
        let is_nil = |ty: &Type| *ty == Type::Scalar(Scalar::Nil);
        let [added, removed] = rules;
        let (rule, forward, backward, what) = match (is_nil(from), is_nil(to)) {
            (true, false) if takes_nil(&mut self.new, slot.new) => {
                (added, Fine, New, "has a value now")
            }
            (true, false) => (added, Breaks, Breaks, "has a value now"),
            (false, true) if takes_nil(&mut self.old, slot.old) => {
                (removed, Breaks, Fine, "has no value any more")
            }
            (false, true) => (removed, Breaks, Breaks, "has no value any more"),
            _ => return self.slot(slot),
        };
        let shown = (self.old.show(slot.old), self.new.show(slot.new));
        self.emit(
            Found::new(rule, slot.item.as_str(), format!("`{}` {what}", slot.item))
                .wire(owner, forward, backward)
                .old(slot.old_span, format!("{} is `{}`", phase.name(), shown.0))
                .new_place(slot.new_span, format!("{} is `{}`", phase.name(), shown.1)),
        );
    }

    fn stream(
        &mut self,
        at: &Place<'s, '_>,
        owner: OwnerAt,
        phase: Phase,
        (from, to): (&'s Option<Type>, &'s Option<Type>),
        [added, removed]: [&'static Rule; 2],
    ) {
        let (rule, forward, backward, what) = match (from, to) {
            (Some(from), Some(to)) => {
                let slot = at.slot(self, owner, phase, from, to);
                return self.slot(slot);
            }
            (None, None) => return,
            (None, Some(_)) => (added, Fine, New, "has items now"),
            (Some(_), None) => (removed, Breaks, Fine, "has no items any more"),
        };
        let item = format!("{}.{}", at.path, phase.name());
        let message = format!("`{item}` {what}");
        self.emit(
            Found::new(rule, item, message)
                .wire(owner, forward, backward)
                .old(
                    at.old.span,
                    if from.is_some() { "items" } else { "no items" },
                )
                .new_place(at.new.span, if to.is_some() { "items" } else { "no items" }),
        );
    }

    /// Errors go by their name.
    fn raises(&mut self, at: &Place<'s, '_>, owner: OwnerAt) {
        let named = |side: &Side<'s>, it: &Endpoint| -> Vec<(ItemAt, &'s str)> {
            let found = it.raises.iter().filter_map(|name| side.find_name(name));
            found
                .filter_map(|at| Some((at, side.item(at)?.name.as_str())))
                .collect()
        };
        let (old, new) = (named(&self.old, at.old), named(&self.new, at.new));
        let by_name: HashMap<&str, ItemAt> = new.iter().map(|(at, name)| (*name, *at)).collect();
        let mut met: HashSet<&str> = HashSet::new();
        for (from, name) in old {
            if let Some(to) = by_name.get(name) {
                met.insert(name);
                self.same_item(from, *to);
                let from = self.old.number(Shape::Named(from, Vec::new()));
                let to = self.new.number(Shape::Named(*to, Vec::new()));
                self.lead(owner, from, to, Ways::BOTH);
                continue;
            }
            self.emit(
                Found::new(
                    &rule::RAISES_REMOVED,
                    format!("{}.raises|{name}", at.path),
                    format!("`{}` does not raise `{name}` any more", at.path),
                )
                .wire(owner, Breaks, Fine)
                .old(at.old.span, format!("raises `{name}`"))
                .new_place(at.new.span, "does not"),
            );
        }
        for (_, name) in new.iter().filter(|(_, name)| !met.contains(name)) {
            self.emit(
                Found::new(
                    &rule::RAISES_ADDED,
                    format!("{}.raises|{name}", at.path),
                    format!("`{}` may raise `{name}` now", at.path),
                )
                .wire(owner, Fine, New)
                .old(at.old.span, "does not")
                .new_place(at.new.span, format!("raises `{name}`")),
            );
        }
    }
}

/// An endpoint in both versions.
struct Place<'s, 'a> {
    path: &'a str,
    old: &'s Endpoint,
    new: &'s Endpoint,
}

impl<'s> Place<'s, '_> {
    fn slot(
        &self,
        walk: &mut Walk<'s>,
        owner: OwnerAt,
        phase: Phase,
        from: &Type,
        to: &Type,
    ) -> Slot<'s> {
        Slot {
            owner,
            item: format!("{}.{}", self.path, phase.name()),
            old: walk.old.lower(from, &[], &[]),
            new: walk.new.lower(to, &[], &[]),
            old_constraints: None,
            new_constraints: None,
            old_span: self.old.span,
            new_span: self.new.span,
            ways: Ways::BOTH,
        }
    }
}

fn about<'s>(it: &'s Endpoint) -> About<'s> {
    About {
        doc: &it.doc,
        since: it.since,
        deprecated: it.deprecated.as_deref(),
        extensions: &it.extensions,
        span: it.span,
    }
}

fn name(side: &Side<'_>, it: &Offer<'_>) -> String {
    format!("{}.{}", side.path(it.by), it.endpoint.name)
}

fn interfaces<'s>(side: &Side<'s>) -> Vec<(ItemAt, &'s Interface)> {
    let items = side.items();
    items
        .filter_map(|(at, _, item)| match &item.kind {
            ItemKind::Interface(it) => Some((at, it)),
            _ => None,
        })
        .collect()
}

/// All endpoints of all interfaces, those that are taken over included.
fn offers<'s>(side: &Side<'s>) -> Vec<Offer<'s>> {
    let mut all = Vec::new();
    for (by, it) in interfaces(side) {
        let mut todo = vec![by];
        let mut seen: HashSet<ItemAt> = HashSet::from([by]);
        while let Some(declared) = todo.pop() {
            let Some(ItemKind::Interface(interface)) = side.item(declared).map(|item| &item.kind)
            else {
                continue;
            };
            let bases = interface
                .extends
                .iter()
                .filter_map(|name| side.find_name(name));
            todo.extend(bases.filter(|base| seen.insert(*base)));
            all.extend(interface.endpoints.iter().map(|endpoint| Offer {
                by,
                namespace: &it.namespace,
                declared,
                endpoint,
            }));
            if all.len() > limits::EXPANSION_MAX {
                return all;
            }
        }
    }
    all
}
