//! The state of a comparison: pairs of old and new things, how values get from endpoints to them, and what was found.
//!
//! An *owner* is a pair whose parts are compared together: a part of an endpoint, or two versions of a record, an enum, a
//! union, an extension type. An edge leads from an owner to one that its values hold. What is found belongs to an owner;
//! in which directions it matters follows at the end from the endpoints that lead there.

use super::change::{Breaks, Change, Harm, Phase, Use};
use super::reach::Reach;
use super::rule::{self, Rule};
use super::side::{ItemAt, Side, TypeAt};
use crate::limits;
use crate::schema::Constraints;
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Number of an owner.
pub(super) type OwnerAt = usize;

/// In which directions between the versions two types have to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ways {
    /// The old version writes, the new one reads.
    pub(super) forward: bool,
    /// The new version writes, the old one reads.
    pub(super) backward: bool,
}

impl Ways {
    pub(super) const BOTH: Ways = Ways {
        forward: true,
        backward: true,
    };
}

/// A place where a type stands in both versions.
#[derive(Debug, Clone)]
pub(super) struct Slot<'s> {
    pub(super) owner: OwnerAt,
    /// Name of the place, such as `market.feed.Quote.bid`.
    pub(super) item: String,
    pub(super) old: TypeAt,
    pub(super) new: TypeAt,
    pub(super) old_constraints: Option<&'s Constraints>,
    pub(super) new_constraints: Option<&'s Constraints>,
    pub(super) old_span: Span,
    pub(super) new_span: Span,
    pub(super) ways: Ways,
}

/// What was found in one owner.
#[derive(Debug, Clone)]
pub(super) struct Found {
    rule: &'static Rule,
    pub(super) owner: Option<OwnerAt>,
    item: String,
    message: String,
    old: Option<(Span, String)>,
    new: Option<(Span, String)>,
    pub(super) wire: [Harm; 2],
    pub(super) stock: [Harm; 2],
    caution: bool,
    touches_bytes: bool,
    pub(super) direct: Breaks,
    pub(super) direct_stock: Breaks,
    pub(super) r#use: Option<Use>,
}

impl Found {
    pub(super) fn new(
        rule: &'static Rule,
        item: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            owner: None,
            item: item.into(),
            message: message.into(),
            old: None,
            new: None,
            wire: [Harm::None; 2],
            stock: [Harm::None; 2],
            caution: false,
            touches_bytes: false,
            direct: Breaks::NOBODY,
            direct_stock: Breaks::NOBODY,
            r#use: None,
        }
    }

    pub(super) fn old(mut self, span: Span, text: impl Into<String>) -> Self {
        self.old = Some((span, text.into()));
        self
    }

    pub(super) fn new_place(mut self, span: Span, text: impl Into<String>) -> Self {
        self.new = Some((span, text.into()));
        self
    }

    /// What it does to values from the old to the new version, and from the new to the old, in this owner. Call
    /// [`stock`](Self::stock) after it where that is different.
    pub(super) fn wire(mut self, owner: OwnerAt, forward: Harm, backward: Harm) -> Self {
        self.owner = Some(owner);
        self.wire = [forward, backward];
        self.stock = self.wire;
        self.touches_bytes = true;
        self
    }

    /// The same where one side is a stock Python peer.
    pub(super) fn stock(mut self, forward: Harm, backward: Harm) -> Self {
        self.stock = [forward, backward];
        self
    }

    /// It belongs to an owner, but changes no bytes.
    pub(super) fn quiet(mut self, owner: OwnerAt) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Something means or does something else, though nobody breaks.
    pub(super) fn caution(mut self) -> Self {
        self.caution = true;
        self
    }

    /// Who breaks, where that does not depend on values.
    pub(super) fn breaks(mut self, wire: Breaks, stock: Breaks) -> Self {
        (self.direct, self.direct_stock) = (wire, stock);
        self.touches_bytes = true;
        self
    }

    fn only(mut self, ways: Ways) -> Self {
        for harms in [&mut self.wire, &mut self.stock] {
            let [forward, backward] = harms;
            if !ways.forward {
                *forward = Harm::None;
            }
            if !ways.backward {
                *backward = Harm::None;
            }
        }
        self
    }
}

pub(super) struct Walk<'s> {
    pub(super) old: Side<'s>,
    pub(super) new: Side<'s>,
    /// The item of the new version that an old one has become.
    pub(super) counterpart: HashMap<ItemAt, ItemAt>,
    /// The new items that are a counterpart.
    pub(super) taken: HashSet<ItemAt>,
    pairs: HashMap<(TypeAt, TypeAt), OwnerAt>,
    edges: Vec<Vec<(OwnerAt, Ways)>>,
    seeds: Vec<Option<usize>>,
    uses: Vec<(Use, bool)>,
    /// Pairs that were not looked at yet.
    todo: Vec<(TypeAt, TypeAt, OwnerAt)>,
    found: Vec<Found>,
    /// Lists without repeats, by the owners of their elements.
    uniques: Vec<(Found, Vec<OwnerAt>)>,
    /// How many pairs of types were looked at.
    pub(super) compared: usize,
}

impl<'s> Walk<'s> {
    pub(super) fn new(old: Side<'s>, new: Side<'s>) -> Self {
        Self {
            old,
            new,
            counterpart: HashMap::new(),
            taken: HashSet::new(),
            pairs: HashMap::new(),
            edges: Vec::new(),
            seeds: Vec::new(),
            uses: Vec::new(),
            todo: Vec::new(),
            found: Vec::new(),
            uniques: Vec::new(),
            compared: 0,
        }
    }

    /// An owner that no other leads to: a part of an endpoint, or an item that no endpoint uses.
    pub(super) fn root(&mut self, part: Option<(Use, bool)>) -> OwnerAt {
        let at = self.edges.len();
        self.edges.push(Vec::new());
        self.seeds.push(part.map(|part| {
            self.uses.push(part);
            self.uses.len() - 1
        }));
        at
    }

    /// Leads from an owner to the pair of two types that it holds.
    pub(super) fn lead(&mut self, from: OwnerAt, old: TypeAt, new: TypeAt, ways: Ways) {
        let to = match self.pairs.get(&(old, new)) {
            Some(at) => *at,
            None => {
                let at = self.root(None);
                self.pairs.insert((old, new), at);
                self.todo.push((old, new, at));
                at
            }
        };
        if let Some(edges) = self.edges.get_mut(from)
            && !edges.contains(&(to, ways))
        {
            edges.push((to, ways));
        }
    }

    /// An owner inside of another.
    pub(super) fn inner(&mut self, from: OwnerAt, ways: Ways) -> OwnerAt {
        let at = self.root(None);
        if let Some(edges) = self.edges.get_mut(from) {
            edges.push((at, ways));
        }
        at
    }

    pub(super) fn next(&mut self) -> Option<(TypeAt, TypeAt, OwnerAt)> {
        self.todo.pop()
    }

    /// How many owners an owner leads to so far.
    pub(super) fn led(&self, from: OwnerAt) -> usize {
        self.edges.get(from).map_or(0, Vec::len)
    }

    pub(super) fn emit(&mut self, found: Found) {
        self.found.push(found);
    }

    /// Reports something that was found in a slot, as far as the slot is used.
    pub(super) fn emit_in(&mut self, slot: &Slot<'_>, found: Found) {
        self.found.push(found.only(slot.ways));
    }

    /// How much was found so far.
    pub(super) fn found_count(&self) -> usize {
        self.found.len()
    }

    /// A list without repeats whose elements are in the owners that `from` leads to since it led to `since`.
    pub(super) fn unique(&mut self, found: Found, from: OwnerAt, since: usize) {
        let edges = self.edges.get(from).into_iter().flatten().skip(since);
        let elements = edges.map(|(to, _)| *to).collect();
        self.uniques.push((found, elements));
    }

    /// Whether there were more pairs than anybody would wait for.
    pub(super) fn is_too_large(&self) -> bool {
        self.compared > limits::COMPARED_MAX
    }

    pub(super) fn finish(mut self) -> Vec<Change> {
        self.finish_uniques();
        let reach = Reach::new(&self.edges, &self.seeds, &self.uses);
        let mut changes: Vec<Change> = Vec::new();
        let mut known: HashMap<Key, usize> = HashMap::new();
        for found in std::mem::take(&mut self.found) {
            let (wire, stock, used) = reach.judge(&found);
            let place = |place: &Option<(Span, String)>| place.as_ref().map(|(span, _)| *span);
            let key = (
                found.rule.id,
                found.item.clone(),
                place(&found.old),
                place(&found.new),
            );
            let at = *known.entry(key).or_insert(changes.len());
            match changes.get_mut(at) {
                Some(change) => {
                    change.wire = change.wire.or(wire);
                    change.stock = change.stock.or(stock);
                    change.caution |= found.caution;
                    change.to_callee |= used.to_callee;
                    change.to_caller |= used.to_caller;
                    for part in used.parts {
                        if change.uses.len() < limits::USES_MAX && !change.uses.contains(&part) {
                            change.uses.push(part);
                        }
                    }
                    change.uses_total = change.uses_total.max(used.total).max(change.uses.len());
                }
                None => changes.push(Change {
                    rule: found.rule,
                    item: found.item,
                    message: found.message,
                    old: found.old,
                    new: found.new,
                    wire,
                    stock,
                    caution: found.caution,
                    touches_bytes: found.touches_bytes,
                    uses: used.parts,
                    uses_total: used.total,
                    to_callee: used.to_callee,
                    to_caller: used.to_caller,
                }),
            }
        }
        changes.sort_by(|a, b| {
            (&a.item, a.rule.id, &a.message).cmp(&(&b.item, b.rule.id, &b.message))
        });
        changes
    }

    /// Reports lists without repeats whose elements lose something on the way, so that two of them can become equal.
    fn finish_uniques(&mut self) {
        // A field that only one version has is lost on the way to the other: from the old one, from the new one.
        let lost = |found: &Found| {
            if found.rule == &rule::FIELD_REMOVED {
                Some(0)
            } else if found.rule == &rule::FIELD_ADDED || found.rule == &rule::FIELD_ADDED_REQUIRED
            {
                Some(1)
            } else {
                None
            }
        };
        let mut loses = vec![[false; 2]; self.edges.len()];
        for found in &self.found {
            let owner = found.owner.and_then(|owner| loses.get_mut(owner));
            if let (Some(owner), Some(way)) = (owner, lost(found))
                && let Some(way) = owner.get_mut(way)
            {
                *way = true;
            }
        }
        for (mut found, elements) in std::mem::take(&mut self.uniques) {
            let mut seen: HashSet<OwnerAt> = elements.iter().copied().collect();
            let mut todo = elements;
            let mut lost = [false; 2];
            while let Some(owner) = todo.pop() {
                if let Some([forward, backward]) = loses.get(owner) {
                    lost = [lost[0] || *forward, lost[1] || *backward];
                }
                let next = self
                    .edges
                    .get(owner)
                    .into_iter()
                    .flatten()
                    .map(|(to, _)| *to);
                todo.extend(next.filter(|to| seen.insert(*to)));
            }
            for (at, lost) in lost.into_iter().enumerate() {
                for harms in [&mut found.wire, &mut found.stock] {
                    if let Some(harm) = harms.get_mut(at).filter(|_| !lost) {
                        *harm = Harm::None;
                    }
                }
            }
            if found.wire != [Harm::None; 2] {
                self.found.push(found);
            }
        }
    }
}

type Key = (&'static str, String, Option<Span>, Option<Span>);

impl Found {
    /// It is about this endpoint, whatever values travel.
    pub(super) fn of(mut self, endpoint: &str, phase: Phase) -> Self {
        self.r#use = Some(Use {
            endpoint: endpoint.to_owned(),
            phase,
        });
        self
    }
}
