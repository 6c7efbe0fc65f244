//! Points in time at which a dialog needs attention.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::session::DialogId;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The dialog's deadline.
    Deadline(DialogId),
    /// The wait for its end.
    Reap(DialogId),
}

/// Timers in order of time. They are taken out when a dialog ends, so their number follows the dialogs'.
#[derive(Debug, Default)]
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
