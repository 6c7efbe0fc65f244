//! Points in time at which a dialog needs attention.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::time::Instant;

use crate::digest::Digest;
use crate::session::DialogId;
use crate::session::table::Table;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The dialog's deadline.
    Deadline(DialogId),
    /// The wait for its end.
    Reap(DialogId),
}

/// Timers in order of time. They are taken out when a dialog ends, so their number follows the dialogs'.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timers(BTreeSet<(Instant, Timer)>);

impl Timers {
    pub(crate) fn insert(&mut self, at: Instant, timer: Timer) {
        self.0.insert((at, timer));
    }

    pub(crate) fn remove(&mut self, at: Option<Instant>, timer: Timer) {
        if let Some(at) = at {
            self.0.remove(&(at, timer));
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes one that is due by `now`.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Timer> {
        let (at, _) = self.0.first()?;
        if *at > now {
            None
        } else {
            self.0.pop_first().map(|(_, timer)| timer)
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Timers {
    pub(crate) fn digest<H: Hasher>(&self, table: &Table, into: &mut Digest<'_, H>) {
        let Self(timers) = self;
        into.add(timers.len());
        for (at, timer) in timers {
            into.time(*at);
            let (what, id) = match timer {
                Timer::Deadline(id) => (0_u8, id),
                Timer::Reap(id) => (1_u8, id),
            };
            into.add(what);
            table.digest_id(*id, into);
        }
    }
}
