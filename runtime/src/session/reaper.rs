//! Dialogs that their context has left: asked to stop, and waited for by the session until their bound passes.

use std::collections::BTreeSet;

use scipp_protocol::DialogId;
use tokio::time::Instant;

/// Adopted dialogs by the time at which waiting for them ends. Bounded by the number of dialogs of the session.
#[derive(Debug, Default)]
pub(super) struct Reaper {
    waiting: BTreeSet<(Instant, DialogId)>,
    /// Dialogs whose end was not seen in time.
    unreaped: u64,
}

impl Reaper {
    /// Waits for a dialog until `bound`.
    pub(super) fn adopt(&mut self, id: DialogId, bound: Instant) {
        self.waiting.insert((bound, id));
    }

    /// The dialog has ended.
    pub(super) fn reaped(&mut self, id: DialogId, bound: Instant) {
        self.waiting.remove(&(bound, id));
    }

    /// When the first bound passes.
    pub(super) fn next(&self) -> Option<Instant> {
        self.waiting.first().map(|(bound, _)| *bound)
    }

    /// A dialog whose bound has passed by `now`; it is counted and not waited for any more.
    pub(super) fn overdue(&mut self, now: Instant) -> Option<DialogId> {
        let (bound, _) = self.waiting.first()?;
        if *bound > now {
            return None;
        }
        self.unreaped = self.unreaped.saturating_add(1);
        self.waiting.pop_first().map(|(_, id)| id)
    }

    /// How many dialogs were not seen to end in time.
    pub(super) fn unreaped(&self) -> u64 {
        self.unreaped
    }
}
