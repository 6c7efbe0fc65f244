//! What goes out. The order in which it leaves here is the order on the wire.
//!
//! Messages wait in the order in which they came, but items: those of a dialog wait in a lane of its own, with all that the
//! dialog says after them. So what is no item passes the items of other dialogs, and lanes take turns by bytes. Two more rules:
//!
//! * An item passes nothing that was queued before its lane but items of others. So it never passes its dialog's `Start`.
//! * A cancel request passes its own dialog's items, too. It never passes its dialog's `Start` (that would make it a request for
//!   nobody), nor its `Stop`.

use std::collections::{BTreeMap, VecDeque};
use std::hash::Hasher;

use bytes::{Buf as _, BytesMut};

use crate::cid::Cid;
use crate::digest::Digest;
use crate::frame;
use crate::limits::TURN_BYTES;
use crate::message::Message;
use crate::session::DialogId;
use crate::session::table::Table;
use crate::wire::shuttle;

/// What a message is for the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// One of the few messages that each dialog has by its nature.
    Own,
    /// The terminal of a callee's dialog. Until the transport has it the dialog counts among those that may run: a
    /// caller that reads has room by then, one that doesn't can't make answers pile up here.
    Last,
    /// An item, paced by `send`.
    Item,
    /// A question how far the peer has come.
    Checkpoint,
    /// A reply that the peer provoked without a dialog of its own to pay for it.
    Reply,
}

#[derive(Debug, Clone)]
struct Queued {
    message: Message,
    /// The caller's dialog that it belongs to, or the callee's for its items.
    dialog: Option<DialogId>,
    class: Class,
    bytes: usize,
    /// Counts all that was queued.
    number: u64,
}

/// What a dialog says from its first waiting item on.
#[derive(Debug, Clone)]
struct Lane {
    cid: Cid,
    /// The last message that was queued before it: this one goes first.
    after: u64,
    parts: VecDeque<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    /// Items, as the frames that they will be.
    Items {
        frames: BytesMut,
        /// Bytes of a frame before its payload.
        head: usize,
    },
    Message(Queued),
}

/// What was handed to the transport.
#[derive(Debug)]
pub(crate) struct Transmitted {
    pub(crate) dialog: Option<DialogId>,
    pub(crate) class: Class,
    pub(crate) is_start: bool,
}

/// Messages that wait for the transport.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outgoing {
    queue: VecDeque<Queued>,
    lanes: BTreeMap<DialogId, Lane>,
    /// The lanes in the order of their turns.
    turns: VecDeque<DialogId>,
    /// Bytes that the first lane has sent in its turn, and bytes of messages that have passed it meanwhile.
    turn: usize,
    passed: usize,
    /// Counts all that was queued.
    queued: u64,
    /// Bytes of items, and of replies, that wait.
    pub(crate) item_bytes: usize,
    pub(crate) reply_bytes: usize,
    own_bytes: usize,
    /// Terminals that wait.
    pub(crate) ends: usize,
    /// Only our `Aid` may go as long as we don't know whom we talk to.
    pub(crate) is_open: bool,
    /// Room for the items of the next lane.
    spare: BytesMut,
}

impl Outgoing {
    /// Queues at the end: behind the items of its dialog, if any wait.
    pub(crate) fn push(&mut self, message: Message, dialog: Option<DialogId>, class: Class) {
        let queued = self.account_for(message, dialog, class);
        if let Some(lane) = dialog.and_then(|id| self.lanes.get_mut(&id)) {
            return lane.parts.push_back(Part::Message(queued));
        }
        match (dialog, queued.message.cid()) {
            (Some(id), Some(cid)) if class == Class::Item => {
                let cid = cid.clone();
                self.lane(id, &cid).push_back(Part::Message(queued));
            }
            _ => self.queue.push_back(queued),
        }
    }

    /// Queues a cancel before all items. Only when nothing else of its dialog waits.
    pub(crate) fn push_cancel(&mut self, message: Message, dialog: DialogId) {
        let queued = self.account_for(message, Some(dialog), Class::Own);
        self.queue.push_back(queued);
    }

    /// Queues a small item as the frame that it will be. Only when it is known whom we talk to.
    pub(crate) fn push_item(
        &mut self,
        dialog: DialogId,
        cid: &Cid,
        payload: &[u8],
        session: shuttle::Session<'_>,
    ) {
        let mut spare = std::mem::take(&mut self.spare);
        let parts = self.lane(dialog, cid);
        if !matches!(parts.back(), Some(Part::Items { .. })) {
            let frames = std::mem::take(&mut spare);
            parts.push_back(Part::Items { frames, head: 0 });
        }
        let mut bytes = 0;
        if let Some(Part::Items { frames, head }) = parts.back_mut() {
            let before = frames.len();
            shuttle::write_item(cid, payload, session, frames);
            bytes = frames.len() - before;
            *head = bytes - payload.len();
        }
        self.spare = spare;
        self.item_bytes += bytes;
    }

    /// The dialog of this id, if it still has something to say: it may be over itself.
    pub(crate) fn dialog_of(&self, cid: &Cid) -> Option<DialogId> {
        let mut lanes = self.lanes.iter();
        lanes.find(|(_, lane)| lane.cid == *cid).map(|(id, _)| *id)
    }

    /// Takes back all that a dialog has queued, when its `Start` is among it.
    pub(crate) fn withdraw(&mut self, dialog: DialogId) {
        let (gone, kept) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|queued| queued.dialog == Some(dialog));
        self.queue = kept;
        let gone: VecDeque<Queued> = gone;
        let lane = self.lanes.remove(&dialog);
        self.turns.retain(|id| *id != dialog);
        for queued in gone {
            *self.account(queued.class) -= queued.bytes;
        }
        for part in lane.into_iter().flat_map(|lane| lane.parts) {
            match part {
                Part::Items { frames, .. } => self.item_bytes -= frames.len(),
                Part::Message(queued) => *self.account(queued.class) -= queued.bytes,
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.lanes.is_empty()
    }

    /// Whether [`transmit`](Self::transmit) has something to give.
    pub(crate) fn is_ready(&self) -> bool {
        if self.is_open {
            return !self.is_empty();
        }
        self.queue
            .front()
            .is_some_and(|queued| matches!(queued.message, Message::Aid(_)))
    }

    /// Writes the next message as a frame, or the next items of a lane: at least one, and about `room` bytes of them at most.
    pub(crate) fn transmit(
        &mut self,
        session: shuttle::Session<'_>,
        out: &mut BytesMut,
        room: usize,
    ) -> Option<Transmitted> {
        if !self.is_ready() {
            return None;
        }
        let before = out.len();
        if self.is_lanes_turn() {
            let id = *self.turns.front()?;
            let sent = self.transmit_lane(id, session, out, room);
            self.turn += out.len() - before;
            let is_over = self.turns.front() != Some(&id);
            if is_over || self.turn >= TURN_BYTES {
                (self.turn, self.passed) = (0, 0);
            }
            if !is_over && self.turn == 0 {
                self.turns.rotate_left(1);
            }
            return sent;
        }
        let queued = self.queue.pop_front()?;
        let sent = self.write(queued, session, out);
        if !self.lanes.is_empty() {
            self.passed += out.len() - before;
        }
        Some(sent)
    }

    /// Items go when nothing else waits, and now and then all the same, or a peer that calls without end would stop them.
    fn is_lanes_turn(&self) -> bool {
        let Some(lane) = self.turns.front().and_then(|id| self.lanes.get(id)) else {
            return false;
        };
        self.is_open
            && self
                .queue
                .front()
                .is_none_or(|next| self.passed >= TURN_BYTES && next.number > lane.after)
    }

    /// The next of the first lane, which is gone when it was the last.
    fn transmit_lane(
        &mut self,
        id: DialogId,
        session: shuttle::Session<'_>,
        out: &mut BytesMut,
        room: usize,
    ) -> Option<Transmitted> {
        let room = room.min(TURN_BYTES.saturating_sub(self.turn));
        let lane = self.lanes.get_mut(&id)?;
        let message = match lane.parts.pop_front()? {
            Part::Message(queued) => Some(queued),
            Part::Items { mut frames, head } => {
                let bytes = whole_frames(&frames, room);
                out.extend_from_slice(frames.get(..bytes).unwrap_or_default());
                frames.advance(bytes);
                self.item_bytes -= bytes;
                if !frames.is_empty() {
                    lane.parts.push_front(Part::Items { frames, head });
                } else if frames.capacity() > self.spare.capacity() {
                    frames.clear();
                    self.spare = frames;
                }
                None
            }
        };
        if lane.parts.is_empty() {
            self.lanes.remove(&id);
            self.turns.pop_front();
        }
        Some(match message {
            Some(queued) => self.write(queued, session, out),
            None => Transmitted {
                dialog: Some(id),
                class: Class::Item,
                is_start: false,
            },
        })
    }

    fn write(
        &mut self,
        queued: Queued,
        session: shuttle::Session<'_>,
        out: &mut BytesMut,
    ) -> Transmitted {
        *self.account(queued.class) -= queued.bytes;
        self.ends -= usize::from(queued.class == Class::Last);
        shuttle::write(&queued.message, session, out);
        let is_start = matches!(
            queued.message,
            Message::Start(_) | Message::CancelActor { .. } | Message::AskReady { .. }
        );
        Transmitted {
            dialog: queued.dialog,
            class: queued.class,
            is_start,
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self {
            is_open: self.is_open,
            ..Self::default()
        };
    }

    fn account_for(&mut self, message: Message, dialog: Option<DialogId>, class: Class) -> Queued {
        self.queued += 1;
        let queued = Queued {
            bytes: message.bytes(),
            message,
            dialog,
            class,
            number: self.queued,
        };
        *self.account(class) += queued.bytes;
        self.ends += usize::from(class == Class::Last);
        queued
    }

    /// The lane of a dialog; a new one waits for all that is queued by now.
    fn lane(&mut self, dialog: DialogId, cid: &Cid) -> &mut VecDeque<Part> {
        let lane = self.lanes.entry(dialog).or_insert_with(|| {
            self.turns.push_back(dialog);
            Lane {
                cid: cid.clone(),
                after: self.queued,
                parts: VecDeque::new(),
            }
        });
        &mut lane.parts
    }

    fn account(&mut self, class: Class) -> &mut usize {
        match class {
            Class::Item => &mut self.item_bytes,
            Class::Reply => &mut self.reply_bytes,
            // Not limited here: each dialog has a handful of them.
            Class::Own | Class::Last | Class::Checkpoint => &mut self.own_bytes,
        }
    }
}

/// Bytes of the first frames: as many as have room, and one at least.
fn whole_frames(frames: &[u8], room: usize) -> usize {
    if frames.len() <= room {
        return frames.len();
    }
    let mut bytes = 0;
    while let Some(rest) = frames.get(bytes..).filter(|rest| !rest.is_empty()) {
        let Some(length) = frame::length(rest) else {
            break;
        };
        let with_next = bytes + frame::PREFIX_BYTES + length;
        if bytes > 0 && with_next > room {
            break;
        }
        bytes = with_next;
    }
    bytes.min(frames.len())
}

impl Outgoing {
    pub(crate) fn digest<H: Hasher>(&self, table: &Table, into: &mut Digest<'_, H>) {
        let Self {
            queue,
            lanes,
            turns,
            turn,
            passed,
            // Numbers tell what came before what and nothing else.
            queued: _,
            item_bytes,
            reply_bytes,
            own_bytes,
            ends,
            is_open,
            spare: _,
        } = self;
        into.add((item_bytes, reply_bytes, own_bytes, ends, is_open));
        // A turn is longer than all that the worlds of the model say together.
        into.add((*turn >= TURN_BYTES, *passed >= TURN_BYTES));
        into.add((queue.len(), turns.len()));
        for queued in queue {
            queued.digest(table, into);
        }
        for id in turns {
            table.digest_id(*id, into);
            let Some(Lane { cid, after, parts }) = lanes.get(id) else {
                continue;
            };
            into.cid(cid);
            let before = queue.iter().filter(|queued| queued.number <= *after);
            into.add((before.count(), parts.len()));
            for part in parts {
                match part {
                    Part::Message(queued) => queued.digest(table, into),
                    Part::Items { frames, head } => {
                        let mut rest = &frames[..];
                        while let Some((one, more)) = rest.split_at_checked(whole_frames(rest, 0))
                            && !one.is_empty()
                        {
                            into.add(one.get(*head..));
                            rest = more;
                        }
                    }
                }
            }
        }
    }

    /// Whether the accounts say that nothing waits.
    pub(crate) fn is_settled(&self) -> bool {
        (self.item_bytes, self.reply_bytes, self.own_bytes, self.ends) == (0, 0, 0, 0)
    }
}

impl Queued {
    fn digest<H: Hasher>(&self, table: &Table, into: &mut Digest<'_, H>) {
        let Self {
            message,
            dialog,
            class,
            bytes,
            number: _,
        } = self;
        message.digest(into);
        into.add((dialog.is_some(), class, bytes));
        if let Some(id) = dialog {
            table.digest_id(*id, into);
        }
    }
}
