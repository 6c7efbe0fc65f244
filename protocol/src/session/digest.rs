//! The state of a session for checkers of models: see the [crate's module](crate::digest).

use std::hash::Hasher;

use crate::digest::Digest;
use crate::session::receive::Stalled;
use crate::session::{DialogId, Event, Session};
use crate::wire::shuttle::messages::SpawnSpec;

impl Session {
    /// All that tells this state from another.
    #[doc(hidden)]
    pub fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            side: _,
            config: _,
            peer,
            features,
            boot,
            peer_leaves,
            heard,
            pinged,
            unread,
            lost,
            table,
            requests,
            outgoing,
            events,
            timers,
            handshake_until,
            frame,
            stalled,
            rest_until,
            clock,
            cancels,
            inbox_bytes,
            waiting,
            actor_cancels,
            live_callers,
            draining,
            drained,
            wake,
            stats: _,
            last_words,
        } = self;
        table.digest(into);
        requests.digest(table, into);
        outgoing.digest(table, into);
        timers.digest(table, into);
        cancels.digest(into);
        into.add((peer.is_some(), features, boot, peer_leaves));
        into.add((pinged, unread, lost, last_words.len()));
        into.add((inbox_bytes, live_callers, draining, drained, wake));
        into.cids(actor_cancels.iter());
        into.time(*heard);
        into.time(*clock);
        into.time_or_none(*handshake_until);
        into.time_or_none(*rest_until);
        into.time_or_none(frame.map(|(until, ..)| until));
        into.add(frame.map(|(_, came, length)| (came, length)));
        into.time_or_none(stalled.as_ref().map(|stalled| stalled.until));
        if let Some(Stalled {
            id,
            message,
            until: _,
        }) = stalled
        {
            table.digest_id(*id, into);
            message.digest(into);
        }
        into.add(waiting.len());
        for id in waiting {
            table.digest_id(*id, into);
        }
        into.add(events.len());
        for event in events {
            self.digest_event(event, into);
        }
    }

    /// An id of this session's: where it is, and whether it is alive.
    #[doc(hidden)]
    pub fn digest_id<H: Hasher>(&self, id: DialogId, into: &mut Digest<'_, H>) {
        self.table.digest_id(id, into);
    }

    /// What there is in a session that nobody uses any more: a leak, each by its name.
    #[doc(hidden)]
    pub fn leftovers(&self) -> Vec<&'static str> {
        let idle = [
            ("a dialog, or its place", self.table.is_empty()),
            ("a dialog that counts as alive", self.live_callers == 0),
            ("a request without its answer", self.requests.is_empty()),
            ("a message", self.outgoing.is_empty()),
            ("bytes on account of messages", self.outgoing.is_settled()),
            ("bytes on account of items", self.inbox_bytes == 0),
            ("a timer", self.timers.next().is_none()),
            ("a sender that waits for room", self.waiting.is_empty()),
            ("an item without room", self.stalled.is_none()),
            (
                "a request that this actor ends",
                self.actor_cancels.is_empty(),
            ),
            ("an event", self.events.is_empty()),
        ];
        let left = idle.into_iter().filter(|(_, none)| !none);
        left.map(|(what, _)| what).collect()
    }

    fn digest_event<H: Hasher>(&self, event: &Event, into: &mut Digest<'_, H>) {
        into.add(std::mem::discriminant(event));
        let id: DialogId = match event {
            Event::Incoming(id)
            | Event::Started(id)
            | Event::Item(id)
            | Event::Room(id)
            | Event::Overdue(id)
            | Event::Ended(id) => *id,
            Event::CancelRequested(id, cause) => {
                into.add(cause);
                *id
            }
            Event::Opened { peer } | Event::Probed { peer } => return into.add(peer),
            Event::ActorCancelRequested { canceller } => return into.add(canceller),
            Event::Spawned(spec) => return into.add(scipp_codec::to_bytes::<SpawnSpec>(spec)),
            Event::PeerFailed(error) => return into.add(error),
            Event::PeerLeaves | Event::Drained => return,
        };
        self.table.digest_id(id, into);
    }
}
