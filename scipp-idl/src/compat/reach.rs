//! From which parts of endpoints values come to each owner, and who breaks by what was found there.

use super::change::{Breaks, Harm, Use};
use super::walk::{Found, OwnerAt, Ways};
use crate::graph;
use crate::limits;

/// Through which parts of endpoints values come to each owner.
pub(super) struct Reach<'a> {
    component: Vec<usize>,
    /// By component: the parts for which values of the old version are read by the new one, and the other way.
    sets: Vec<[Bits; 2]>,
    seeds: &'a [Option<usize>],
    uses: &'a [(Use, bool)],
    to_callee: Bits,
    to_caller: Bits,
    stock: Bits,
}

type Bits = Vec<u64>;

/// What a [`Reach`] says about an owner.
#[derive(Default)]
pub(super) struct Used {
    pub(super) parts: Vec<Use>,
    pub(super) total: usize,
    pub(super) to_callee: bool,
    pub(super) to_caller: bool,
}

impl<'a> Reach<'a> {
    pub(super) fn new(
        edges: &[Vec<(OwnerAt, Ways)>],
        seeds: &'a [Option<usize>],
        uses: &'a [(Use, bool)],
    ) -> Self {
        let plain: Vec<Vec<usize>> = edges
            .iter()
            .map(|edges| edges.iter().map(|(to, _)| *to).collect())
            .collect();
        let component = graph::components(&plain);
        let count = component.iter().max().map_or(0, |most| most + 1);
        let words = uses.len().div_ceil(64);
        let mut sets = vec![[vec![0_u64; words], vec![0; words]]; count];
        let mut owners: Vec<OwnerAt> = (0..edges.len()).collect();
        owners.sort_by_key(|owner| std::cmp::Reverse(component.get(*owner).copied()));
        for (owner, part) in seeds.iter().enumerate() {
            let set = component.get(owner).and_then(|at| sets.get_mut(*at));
            if let (Some(part), Some(set)) = (part, set) {
                set.iter_mut().for_each(|bits| insert(bits, *part));
            }
        }
        // From above: what leads to a component is complete before what it leads to.
        for owner in owners {
            let Some(from) = component.get(owner).copied() else {
                continue;
            };
            for (to, ways) in edges.get(owner).into_iter().flatten() {
                let Some(to) = component.get(*to).copied().filter(|to| *to != from) else {
                    continue;
                };
                let Ok([from, to]) = sets.get_disjoint_mut([from, to]) else {
                    continue;
                };
                for ((from, to), used) in from.iter().zip(to).zip([ways.forward, ways.backward]) {
                    if used {
                        from.iter().zip(to).for_each(|(from, to)| *to |= from);
                    }
                }
            }
        }
        let mask = |of: &dyn Fn(&(Use, bool)) -> bool| {
            let mut bits = vec![0; words];
            for (at, _) in uses.iter().enumerate().filter(|(_, part)| of(part)) {
                insert(&mut bits, at);
            }
            bits
        };
        Self {
            component,
            sets,
            seeds,
            uses,
            to_callee: mask(&|(part, _)| part.phase.to_callee()),
            to_caller: mask(&|(part, _)| !part.phase.to_callee()),
            stock: mask(&|(_, stock)| *stock),
        }
    }

    pub(super) fn judge(&self, found: &Found) -> (Breaks, Breaks, Used) {
        let mut used = Used::default();
        if let Some(part) = &found.r#use {
            used.parts.push(part.clone());
            used.total = 1;
        }
        let sets = found
            .owner
            .and_then(|owner| self.component.get(owner))
            .and_then(|component| self.sets.get(*component));
        let Some([forward, backward]) = sets else {
            return (found.direct, found.direct_stock, used);
        };
        let all: Bits = forward.iter().zip(backward).map(|(f, b)| f | b).collect();
        used.total = all.iter().map(|word| word.count_ones() as usize).sum();
        used.to_callee = meets(&all, &self.to_callee);
        used.to_caller = meets(&all, &self.to_caller);
        let parts = self.uses.iter().enumerate();
        let parts = parts
            .filter(|(at, _)| contains(&all, *at))
            .map(|(_, (part, _))| part);
        used.parts = parts.take(limits::USES_MAX).cloned().collect();
        if used.total == 0 {
            return (
                unused(found.wire).or(found.direct),
                unused(found.stock).or(found.direct_stock),
                used,
            );
        }
        // What is a part of an endpoint itself is never stored.
        let is_part = found
            .owner
            .and_then(|owner| self.seeds.get(owner))
            .is_some_and(Option::is_some);
        let of_part = |breaks: Breaks| Breaks {
            stored: breaks.stored && !is_part,
            ..breaks
        };
        let wire = self.breaks(found.wire, forward, backward, &all);
        let only_stock = |bits: &Bits| -> Bits {
            bits.iter()
                .zip(&self.stock)
                .map(|(bits, stock)| bits & stock)
                .collect()
        };
        let stock = if meets(&all, &self.stock) {
            self.breaks(
                found.stock,
                &only_stock(forward),
                &only_stock(backward),
                &only_stock(&all),
            )
        } else {
            Breaks::NOBODY
        };
        (
            of_part(wire).or(found.direct),
            of_part(stock).or(found.direct_stock),
            used,
        )
    }

    fn breaks(
        &self,
        [forward, backward]: [Harm; 2],
        old_writes: &Bits,
        new_writes: &Bits,
        all: &Bits,
    ) -> Breaks {
        if (forward, backward) == (Harm::None, Harm::None) || all.iter().all(|word| *word == 0) {
            return Breaks::NOBODY;
        }
        let to_callee = |bits: &Bits| meets(bits, &self.to_callee);
        let to_caller = |bits: &Bits| meets(bits, &self.to_caller);
        Breaks {
            old_callers: forward != Harm::None && to_callee(old_writes)
                || backward != Harm::None && to_caller(new_writes),
            new_callers: backward == Harm::Breaks && to_callee(new_writes)
                || forward != Harm::None && to_caller(old_writes),
            new_callers_that_use_it: backward == Harm::New && to_callee(new_writes),
            stored: forward != Harm::None && old_writes.iter().any(|word| *word != 0),
            old_readers: false,
        }
    }
}

/// Where no endpoint uses a type, its values may be stored, or travel as `any`: both ways count.
fn unused([forward, backward]: [Harm; 2]) -> Breaks {
    Breaks {
        stored: forward != Harm::None,
        old_readers: backward != Harm::None,
        ..Breaks::NOBODY
    }
}

fn insert(bits: &mut Bits, at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn contains(bits: &Bits, at: usize) -> bool {
    bits.get(at / 64)
        .is_some_and(|word| word >> (at % 64) & 1 == 1)
}

fn meets(a: &Bits, b: &Bits) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}
