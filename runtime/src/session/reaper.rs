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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use scipp_protocol::{Aid, Config, Kind, Open, Session, Side, Streams};

    use super::*;
    use crate::identity::ActorId;

    /// Ids come from a session only.
    fn ids(count: usize, now: Instant) -> Vec<DialogId> {
        let aid = Aid::new(ActorId::new("a", "b"), None);
        let mut session = Session::new(Side::Connector, Config::new(aid, 1), now.into_std());
        let open = Open {
            namespace: "a".to_owned(),
            func: "b".to_owned(),
            args: bytes::Bytes::from_static(&[0x80]),
            kind: Kind::Asyncfunc,
            streams: Streams::NONE,
            deadline: None,
            fingerprint: None,
            trace: None,
        };
        (0..count)
            .map(|_| session.open(now.into_std(), open.clone()).unwrap())
            .collect()
    }

    #[test]
    fn what_is_not_reaped_in_time_is_counted_once() {
        let now = Instant::now();
        let (soon, later) = (now + Duration::from_secs(1), now + Duration::from_secs(2));
        let ids = ids(3, now);
        let mut reaper = Reaper::default();
        reaper.adopt(ids[0], later);
        reaper.adopt(ids[1], soon);
        reaper.adopt(ids[2], soon);
        assert_eq!(reaper.next(), Some(soon));
        reaper.reaped(ids[2], soon);
        assert_eq!(reaper.overdue(now), None);
        assert_eq!(reaper.overdue(soon), Some(ids[1]));
        assert_eq!(reaper.overdue(soon), None);
        assert_eq!((reaper.next(), reaper.unreaped()), (Some(later), 1));
        assert_eq!(reaper.overdue(later), Some(ids[0]));
        assert_eq!((reaper.next(), reaper.unreaped()), (None, 2));
    }
}
