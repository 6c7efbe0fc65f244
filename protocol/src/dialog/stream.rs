//! Both directions of items of one dialog: an inbox, and what a peer without credit can bear.
//!
//! # How a plain peer is not overrun
//! Nothing on tractor's wire grants credit, and nothing says what its application has read; its queue holds 64
//! messages of a dialog and drops the rest. What can be known is what it has *taken from the connection*: it handles
//! frames in order, so the answer to a request proves that everything sent before the request has arrived. So after
//! every [`checkpoint_items`](crate::Limits::checkpoint_items) items the sender asks: a request to cancel
//! `<cid>#read`, a dialog that nobody has. A plain peer answers it at once, as it must. At most
//! [`unread_items_max`](crate::Limits::unread_items_max) items are sent beyond the last such answer. A consumer that
//! keeps up with its own connection is therefore never overrun, which unpaced sending cannot promise: a
//! single segment may hold a thousand items. A plain consumer that is slower than that can still be: then its
//! `StreamOverrun` arrives and ends the dialog, as tractor means it. Short streams send no checkpoint at all.
//!
//! We know the suffix when we are asked, and answer only when all but
//! `inbox_items_max - unread_items_max` of the items before the question have been taken *by the application*. Between two of
//! our sessions this is exact credit: an inbox never overflows, and no dialog holds up another. Where nobody wants items
//! any more (the dialog was left, the stream stopped or lost) the answer comes at once: what is sent then is dropped.
//!
//! # When an inbox is full nevertheless
//! A plain peer doesn't ask. Then nothing is dropped at first: the session rests reading, so that the transport holds
//! the sender back. Only after [`stall_max`](crate::Limits::stall_max) without room the item is dropped, no more are
//! taken, and the peer gets the `StreamOverrun` that tractor would have sent at once.

use std::collections::VecDeque;
use std::hash::Hasher;

use bytes::{Bytes, BytesMut};

use crate::Any;
use crate::cid::Cid;
use crate::dialog::Flow;
use crate::digest::Digest;
use crate::limits::{CREDIT_AT_FIRST, DETACH_BYTES_MAX, Limits};
use crate::session::{RequestId, Streams};

/// Items of one dialog, both ways, seen from one side.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) streams: Streams,
    inbox: VecDeque<Any>,
    /// Room for the next small items: those that wait together lie in one buffer, and go with it.
    chunk: BytesMut,
    pub(crate) inbox_bytes: usize,
    pub(crate) peer_stop: PeerStop,
    /// Items were lost; the peer has been told.
    pub(crate) overrun: bool,
    pub(crate) stop_sent: bool,
    /// Items put into the inbox, and taken from it.
    received: u64,
    taken: u64,
    /// The peer's checkpoints that are not answered yet: the request, and the items before it.
    checkpoints: VecDeque<(Cid, u64)>,
    /// Items sent; those known to have arrived; those that were sent when we last asked.
    sent: u64,
    confirmed: u64,
    asked: u64,
    /// Our checkpoints that are not answered yet.
    pub(crate) requests: Vec<RequestId>,
    pub(crate) pace: Pace,
    /// With credit: items that we may send, that the peer may send, and that have come, all since the beginning.
    allowed: u64,
    granted: u64,
    arrived: u64,
    /// With credit: how many items may be on the way or unread; none before the first grant.
    window: u64,
    /// Bytes of all items that were kept.
    received_bytes: u64,
    /// The application has taken all there was, since the window was last made larger.
    drained: bool,
    /// The application was told that there is no room.
    pub(crate) wants_room: bool,
    pub(crate) flow: Flow,
    /// Items that gave way to newer ones.
    pub(crate) dropped: u64,
}

/// How many items a receiver may grant: at first, and at most, by their number and their bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    pub(crate) items: u64,
    pub(crate) items_max: u64,
    pub(crate) bytes_max: u64,
}

/// What a sender of items goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Pace {
    /// The peer is plain: it is asked how far it has come.
    Checkpoints,
    /// The peer grants.
    Credit,
    /// The peer has not said what it is: no more than both would allow.
    Unknown,
}

/// How far the peer's `Stop` has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PeerStop {
    /// None came.
    No,
    /// It waits behind the inbox.
    Arrived,
    /// The application has seen it: from then on this side sends nothing more, not even a `Stop` of its own.
    Consumed,
}

impl Stream {
    pub(crate) fn new(streams: Streams, pace: Pace) -> Self {
        Self {
            streams,
            inbox: VecDeque::new(),
            chunk: BytesMut::new(),
            inbox_bytes: 0,
            peer_stop: PeerStop::No,
            overrun: false,
            stop_sent: false,
            received: 0,
            taken: 0,
            checkpoints: VecDeque::new(),
            sent: 0,
            confirmed: 0,
            asked: 0,
            requests: Vec::new(),
            pace,
            allowed: CREDIT_AT_FIRST,
            granted: CREDIT_AT_FIRST,
            arrived: 0,
            window: 0,
            received_bytes: 0,
            drained: false,
            wants_room: false,
            flow: Flow::default(),
            dropped: 0,
        }
    }

    /// Items that wait for the application.
    pub(crate) fn inbox_items(&self) -> usize {
        self.inbox.len()
    }

    /// Whether as many items wait as may. With credit, to a sender that waits for it, only so many come as were granted.
    pub(crate) fn is_crowded(&self, limits: &Limits) -> bool {
        let is_held = self.flow.waits() && self.pace == Pace::Credit;
        !is_held && self.inbox.len() >= self.flow.inbox_max(limits)
    }

    /// Whether an item that comes now is kept; the others are late, or nobody wants them.
    pub(crate) fn takes_items(&self) -> bool {
        self.streams.receives && !self.overrun && self.peer_stop == PeerStop::No
    }

    /// Whether leaving the stream now means to send a `Stop`.
    pub(crate) fn owes_stop(&self) -> bool {
        self.streams.any() && !self.stop_sent && self.peer_stop != PeerStop::Consumed
    }

    pub(crate) fn push(&mut self, item: Any) {
        self.inbox_bytes += item.as_bytes().len();
        self.received += 1;
        self.received_bytes += item.as_bytes().len() as u64;
        self.inbox.push_back(item);
    }

    /// A small item on its own, so that it doesn't keep alive the buffer that it came in.
    pub(crate) fn push_small(&mut self, payload: &[u8]) {
        if self.inbox.is_empty() {
            return self.push(Any::walked(Bytes::copy_from_slice(payload)));
        }
        if self.chunk.capacity() < payload.len() {
            self.chunk = BytesMut::with_capacity(DETACH_BYTES_MAX);
        }
        self.chunk.extend_from_slice(payload);
        let item = Any::walked(self.chunk.split().freeze());
        self.push(item);
    }

    pub(crate) fn pop(&mut self) -> Option<Any> {
        let item = self.inbox.pop_front()?;
        self.inbox_bytes -= item.as_bytes().len();
        self.taken += 1;
        if self.inbox.is_empty() {
            self.chunk = BytesMut::new();
            self.drained = true;
        }
        Some(item)
    }

    /// The oldest item gives way to a newer one; returns how many bytes it was.
    pub(crate) fn drop_oldest(&mut self) -> Option<usize> {
        let bytes = self.pop()?.as_bytes().len();
        self.dropped += 1;
        Some(bytes)
    }

    /// Throws the unread items away; returns how many bytes they were.
    pub(crate) fn clear(&mut self) -> usize {
        self.taken = self.received;
        self.inbox = VecDeque::new();
        self.chunk = BytesMut::new();
        std::mem::take(&mut self.inbox_bytes)
    }

    /// The peer asks how far we are. `None` if it may know now; otherwise the answer is owed.
    pub(crate) fn checkpoint(&mut self, request: Cid, slack: usize, wanted: bool) -> Option<Cid> {
        let before = self.received;
        if !wanted || self.is_through(before, slack) && self.checkpoints.is_empty() {
            return Some(request);
        }
        self.checkpoints.push_back((request, before));
        None
    }

    /// An answer that is not owed any more but due, if there is one.
    ///
    /// Where no more items are wanted, those on the way are dropped and need no room.
    pub(crate) fn due_checkpoint(&mut self, slack: usize, wanted: bool) -> Option<Cid> {
        let (_, before) = self.checkpoints.front()?;
        if !wanted || self.is_through(*before, slack) {
            self.checkpoints.pop_front().map(|(request, _)| request)
        } else {
            None
        }
    }

    /// All answers that are owed, because the dialog is over.
    pub(crate) fn owed_checkpoints(&mut self) -> impl Iterator<Item = Cid> {
        std::mem::take(&mut self.checkpoints)
            .into_iter()
            .map(|(request, _)| request)
    }

    pub(crate) fn owed_checkpoints_len(&self) -> usize {
        self.checkpoints.len()
    }

    fn is_through(&self, before: u64, slack: usize) -> bool {
        !self.flow.waits() || before.saturating_sub(self.taken) <= slack as u64
    }

    /// Whether as many items are on the way as may be.
    pub(crate) fn is_full(&self, unread_items_max: usize) -> bool {
        match self.pace {
            Pace::Checkpoints => self.sent - self.confirmed >= unread_items_max as u64,
            Pace::Credit => self.sent >= self.allowed,
            Pace::Unknown => self.sent >= self.allowed.min(unread_items_max as u64),
        }
    }

    /// The peer grants so many items; returns how many may be sent now.
    pub(crate) fn grant_from_peer(&mut self, items: u32) -> u64 {
        self.allowed = self.allowed.saturating_add(u64::from(items));
        self.allowed - self.sent
    }

    /// An item has come. False if it was not granted.
    pub(crate) fn spend(&mut self) -> bool {
        self.arrived += 1;
        self.arrived <= self.granted
    }

    /// Whether [`grant_to_peer`](Self::grant_to_peer) can have something to say: seen at a glance, since it seldom has.
    pub(crate) fn may_grant(&self) -> bool {
        let unread = self.unread();
        let open = self.granted.saturating_sub(self.arrived) + unread;
        self.window == 0 || open * 2 <= self.window
    }

    /// Items that count as unread. A sender that never waits for its reader is granted what has come, read or not.
    fn unread(&self) -> u64 {
        if self.flow.waits() {
            self.inbox.len() as u64
        } else {
            0
        }
    }

    /// How many items to grant so that a window of them is on the way or unread: as many as were taken, or dropped, since
    /// the last time, if that is half of the window at least.
    pub(crate) fn grant_to_peer(&mut self, windows: Windows) -> Option<u32> {
        self.window = self.window.max(windows.items);
        let unread = self.unread();
        let open = self.granted.saturating_sub(self.arrived) + unread;
        let missing = self.window.saturating_sub(open);
        if self.arrived == unread || missing * 2 < self.window {
            return None;
        }
        let sender_waits = self.arrived >= self.granted;
        if sender_waits && self.drained && self.may_double(windows) {
            self.window *= 2;
            self.drained = false;
        }
        let missing = self.window.saturating_sub(open);
        self.granted += missing;
        u32::try_from(missing).ok().filter(|items| *items > 0)
    }

    fn may_double(&self, windows: Windows) -> bool {
        let bytes = self.received_bytes / self.received.max(1);
        let double = self.window * 2;
        double <= windows.items_max && double.saturating_mul(bytes) <= windows.bytes_max
    }

    /// Counts an item that is sent. Returns how many have been, if it is time to ask how far the peer has come.
    pub(crate) fn count_sent(&mut self, checkpoint_items: usize) -> Option<u64> {
        self.sent += 1;
        if self.pace != Pace::Checkpoints {
            return None;
        }
        if self.sent - self.asked < checkpoint_items as u64 {
            return None;
        }
        self.asked = self.sent;
        Some(self.sent)
    }

    /// The peer has taken as many items. True if the application waits for that.
    pub(crate) fn confirm(&mut self, items: u64) -> bool {
        self.confirmed = self.confirmed.max(items).min(self.sent);
        std::mem::take(&mut self.wants_room)
    }
}

impl Stream {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            streams,
            inbox,
            // Where bytes lie tells nobody anything.
            chunk: _,
            inbox_bytes,
            peer_stop,
            overrun,
            stop_sent,
            received,
            taken,
            checkpoints,
            sent,
            confirmed,
            asked,
            requests,
            pace,
            allowed,
            granted,
            arrived,
            window,
            received_bytes,
            drained,
            wants_room,
            flow,
            // Only told to the user.
            dropped: _,
        } = self;
        into.add((streams, inbox, inbox_bytes, peer_stop, overrun, stop_sent));
        into.add((received, taken, sent, confirmed, asked, requests));
        into.add((pace, allowed, granted, arrived, wants_room, flow));
        into.add((window, received_bytes, drained));
        into.cids(checkpoints.iter().map(|(request, _)| request));
        for (_, before) in checkpoints {
            into.add(before);
        }
    }
}
