//! Items: how they flow, and inboxes with limits. Why it is done so is told in `dialog/stream.rs`.

use std::time::Instant;

use bytes::Bytes;
use scipp_codec::walk::{self, WalkLimits, Why};

use crate::Any;
use crate::cid::Cid;
use crate::dialog::caller::CallerState;
use crate::dialog::stream::{Pace, PeerStop, Stream};
use crate::dialog::{Dialog, Flow, Overrun, Taken};
use crate::fault::{Misuse, Violation};
use crate::features::Feature;
use crate::limits::{CANCEL_COST, CHECKPOINTS_OWED_MAX, DETACH_BYTES_MAX, Limits};
use crate::message::{Kind, Message, RemoteError};
use crate::session::outgoing::Class;
use crate::session::table::Found;
use crate::session::{DialogId, Event, Session};

/// For both sides.
impl Session {
    /// Says how the items of a dialog flow, by its schema: for a dialog of ours at once after [`open`](Self::open), for one of the
    /// peer before [`accept`](Self::accept). Both sides take it from their own schema; what a side receives is decided by its own.
    pub fn flow(&mut self, id: DialogId, flow: Flow) {
        if let Some(dialog) = self.table.get_mut(id) {
            dialog.stream().flow = flow;
        }
    }

    /// How many items of a dialog gave way to newer ones ([`Overrun::DropOldest`]) so far.
    pub fn dropped(&self, id: DialogId) -> u64 {
        self.table
            .get(id)
            .map_or(0, |dialog| dialog.stream_ref().dropped)
    }

    /// How a dialog that begins now is paced.
    pub(crate) fn pace(&self) -> Pace {
        match self.peer {
            Some(_) if self.has(Feature::Credit) => Pace::Credit,
            None if self.config.aid.features.has(Feature::Credit) => Pace::Unknown,
            _ => Pace::Checkpoints,
        }
    }

    /// Whether [`send`](Self::send) would be refused as full right now.
    pub fn is_full(&self, id: DialogId) -> bool {
        let limits = &self.config.limits;
        let outgoing_full = self.outgoing.item_bytes > limits.outgoing_bytes_max;
        let is_full = |dialog: &Dialog| {
            let stream = dialog.stream_ref();
            stream.is_full(stream.flow.unread_max(limits))
        };
        self.table
            .get(id)
            .is_some_and(|dialog| outgoing_full || is_full(dialog))
    }

    /// Leaves this side's stream: sends `Stop`, unless there is none to send (no stream, stopped already, the peer's
    /// `Stop` taken from the inbox, the dialog over or not begun). A callee takes no more items after it, as with
    /// tractor; a caller can still take those that come. Idempotent.
    pub fn stop(&mut self, id: DialogId) {
        let may = match self.table.get(id) {
            // After the terminal a Stop is late but harmless; tractor's own callers send it, we don't.
            Some(Dialog::Caller(caller)) => {
                caller.state != CallerState::Ended && caller.stream.owes_stop()
            }
            // An asyncgen's Stop is its terminal.
            Some(Dialog::Callee(callee)) => {
                callee.kind == Some(Kind::Context) && callee.started && callee.stream.owes_stop()
            }
            None => false,
        };
        if may && self.lost.is_none() {
            self.queue_stop(id);
        }
    }

    /// The oldest item; `None` while there is nothing to say ([`Event::Item`] follows).
    pub fn take_item(&mut self, id: DialogId) -> Option<Taken> {
        let lost = self.lost.is_some();
        let dialog = self.table.get_mut(id)?;
        let over = lost
            || match dialog {
                Dialog::Caller(caller) => caller.state == CallerState::Ended,
                // Having left its stream, a callee is told nothing more about the caller's.
                Dialog::Callee(callee) => callee.stream.stop_sent,
            };
        let is_callee = matches!(dialog, Dialog::Callee(_));
        let stream = dialog.stream();
        let Some(item) = stream.pop() else {
            if stream.peer_stop == PeerStop::Arrived {
                stream.peer_stop = PeerStop::Consumed;
            }
            let stopped = stream.peer_stop == PeerStop::Consumed || stream.stop_sent;
            return if stream.overrun {
                Some(Taken::Overrun)
            } else if lost && is_callee && stream.streams.receives && !stopped {
                // Half of a stream must not look like all of it. A caller finds out by the end of its dialog.
                Some(Taken::Lost)
            } else if stream.peer_stop == PeerStop::Consumed || over || !stream.streams.receives {
                Some(Taken::Done)
            } else {
                None
            };
        };
        self.inbox_bytes -= item.as_bytes().len();
        self.answer_checkpoints(id);
        if self.stalled.is_some() {
            self.wake = true;
        }
        Some(Taken::Item(item))
    }

    pub(crate) fn queue_stop(&mut self, id: DialogId) {
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        dialog.stream().stop_sent = true;
        let message = Message::Stop {
            cid: dialog.cid().clone(),
        };
        if let Dialog::Caller(caller) = dialog {
            caller.queued += 1;
        }
        self.queue(message, Some(id), Class::Own);
        self.answer_checkpoints(id);
    }

    /// Whether a message can be taken now: all can but items for a full inbox.
    pub(crate) fn has_room(&self, id: DialogId, message: &Message) -> bool {
        let Message::Yield { payload, .. } = message else {
            return true;
        };
        let stream = match self.table.get(id) {
            Some(Dialog::Caller(caller)) if caller.state != CallerState::Ended => &caller.stream,
            Some(Dialog::Callee(callee)) if !callee.stream.stop_sent => &callee.stream,
            // It will be dropped.
            _ => return true,
        };
        let limits = &self.config.limits;
        !stream.takes_items()
            || !stream.is_crowded(limits)
                && self.inbox_bytes + payload.as_bytes().len() <= limits.inbox_bytes_max
    }

    /// Makes room for an item if its dialog's schema says how: the oldest unread one gives way, or the dialog loses all that
    /// come from here on. False if its sender is to wait.
    pub(crate) fn make_room(&mut self, id: DialogId, message: &Message) -> bool {
        let Some(dialog) = self.table.get_mut(id) else {
            return false;
        };
        let stream = dialog.stream();
        let full = stream.is_crowded(&self.config.limits);
        match stream.flow.overrun {
            Overrun::Wait => false,
            // Room for bytes is the session's: there this dialog waits like any other.
            Overrun::Error if !full => false,
            Overrun::Error => {
                self.overrun(id);
                true
            }
            Overrun::DropOldest => {
                while !self.has_room(id, message) {
                    let oldest = self
                        .table
                        .get_mut(id)
                        .and_then(|dialog| dialog.stream().drop_oldest());
                    let Some(bytes) = oldest else {
                        return false;
                    };
                    self.inbox_bytes -= bytes;
                    self.stats.dropped += 1;
                }
                true
            }
        }
    }

    /// Puts an item into its inbox; a small one is copied.
    pub(crate) fn deliver_whole(&mut self, id: DialogId, item: Any) {
        if item.as_bytes().len() < DETACH_BYTES_MAX {
            return self.deliver(id, item.as_bytes());
        }
        self.delivered(id, item.as_bytes().len(), |stream| stream.push(item));
    }

    /// Puts a small item into its inbox.
    pub(crate) fn deliver(&mut self, id: DialogId, payload: &[u8]) {
        self.delivered(id, payload.len(), |stream| stream.push_small(payload));
    }

    fn delivered(&mut self, id: DialogId, bytes: usize, push: impl FnOnce(&mut Stream)) {
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        let stream = dialog.stream();
        let was_empty = stream.inbox_items() == 0;
        self.inbox_bytes += bytes;
        push(stream);
        let waits = stream.flow.waits();
        if was_empty {
            self.event(Event::Item(id));
        }
        // Its sender is not held by what is unread.
        if !waits {
            self.answer_checkpoints(id);
            self.grant(id);
        }
    }

    /// Nothing more will come: tells a reader who may be waiting at an empty inbox.
    pub(crate) fn wake_reader(&mut self, id: DialogId) {
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        let gone = matches!(dialog, Dialog::Caller(caller) if caller.forgotten);
        if !gone && dialog.stream().inbox_items() == 0 {
            self.event(Event::Item(id));
        }
    }

    /// The time of the item that found no room is over.
    pub(crate) fn give_up_stalled(&mut self, now: Instant) {
        let Some(stalled) = self.stalled.take_if(|stalled| stalled.until <= now) else {
            return;
        };
        if self.has_room(stalled.id, &stalled.message) {
            self.stalled = Some(stalled);
            return;
        }
        let limits = &self.config.limits;
        let full = self
            .table
            .get_mut(stalled.id)
            .is_some_and(|dialog| dialog.stream().is_crowded(limits));
        // The second: one item is more than all inboxes together may hold.
        if full || self.inbox_bytes == 0 {
            self.overrun(stalled.id);
            return;
        }
        // The session's inboxes are full together: the fullest gives way, and loses what it holds.
        let largest = self.table.ids().into_iter().max_by_key(|id| {
            self.table
                .get_mut(*id)
                .map_or(0, |dialog| dialog.stream().inbox_bytes)
        });
        if let Some(id) = largest {
            if let Some(dialog) = self.table.get_mut(id) {
                self.inbox_bytes -= dialog.stream().clear();
            }
            self.overrun(id);
        }
        self.stalled = Some(stalled);
        self.wake = true;
    }

    /// A dialog loses items here. Its reader finds out when it comes to them; its sender is told as tractor would.
    fn overrun(&mut self, id: DialogId) {
        self.stats.overruns += 1;
        let me = self.me().clone();
        let sender = self.peer_uid();
        self.wake_reader(id);
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        dialog.stream().overrun = true;
        let text = format!("{me} lost items of this dialog: nobody took them in time");
        let mut error = RemoteError::new(&me, RemoteError::OVERRUN, &text);
        error.sender = Some(sender);
        let cid = Some(dialog.cid().clone());
        if let Dialog::Caller(caller) = dialog {
            caller.queued += 1;
        }
        self.queue(
            Message::Error {
                cid,
                error: Box::new(error),
            },
            Some(id),
            Class::Own,
        );
        self.answer_checkpoints(id);
    }

    /// The peer asks how far a dialog's reader is.
    pub(crate) fn checkpoint_requested(
        &mut self,
        request: Cid,
        dialog: &Cid,
    ) -> Result<(), Violation> {
        let max = self.config.limits.cancels_unknown_max;
        if !self.cancels.consume(CANCEL_COST) {
            return Err(Violation::CancelFlood { max });
        }
        let slack = self.checkpoint_slack();
        self.reply(Message::StartAck {
            cid: request.clone(),
            kind: Kind::Asyncfunc,
        });
        let mut answer = Some(request);
        if let Found::Dialog(id) = self.table.find(dialog)
            && let Some(dialog) = self.table.get_mut(id)
            && !matches!(dialog, Dialog::Caller(caller) if caller.state == CallerState::Ended)
        {
            let wanted = dialog.takes_items();
            let stream = dialog.stream();
            answer = answer.and_then(|request| stream.checkpoint(request, slack, wanted));
            if stream.owed_checkpoints_len() > CHECKPOINTS_OWED_MAX {
                return Err(Violation::CancelFlood { max });
            }
        }
        if let Some(cid) = answer {
            self.reply(Message::CancelAck {
                cid,
                accepted: true,
            });
        }
        Ok(())
    }

    /// Answers the questions about a dialog whose answer is due by now: items were taken, or no more are wanted.
    pub(crate) fn answer_checkpoints(&mut self, id: DialogId) {
        self.grant(id);
        let slack = self.checkpoint_slack();
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        let wanted = dialog.takes_items();
        let mut due = Vec::new();
        while let Some(request) = dialog.stream().due_checkpoint(slack, wanted) {
            due.push(request);
        }
        for cid in due {
            self.reply(Message::CancelAck {
                cid,
                accepted: true,
            });
        }
    }

    /// Answers every question about a dialog that is over, and gives up our own.
    pub(crate) fn close_stream(&mut self, id: DialogId) {
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        let owed: Vec<Cid> = dialog.stream().owed_checkpoints().collect();
        for request in std::mem::take(&mut dialog.stream().requests) {
            self.requests.remove(request);
        }
        for cid in owed {
            self.reply(Message::CancelAck {
                cid,
                accepted: true,
            });
        }
        self.waiting.remove(&id);
    }

    /// Items that may be unread when a checkpoint is answered: the rest of the inbox is for what is on the way.
    fn checkpoint_slack(&self) -> usize {
        let limits = &self.config.limits;
        limits
            .inbox_items_max
            .saturating_sub(limits.unread_items_max)
    }
}

/// Bytes that the application says are one value. Anything else would end the peer's session, or worse.
pub(crate) fn one_value(bytes: Bytes, limits: &Limits) -> Result<Any, Misuse> {
    check_value(&bytes, limits)?;
    Ok(Any::walked(bytes))
}

pub(crate) fn check_value(bytes: &[u8], limits: &Limits) -> Result<(), Misuse> {
    let walk = WalkLimits {
        depth_max: limits.payload_depth_max,
        items_max: limits.payload_items_max,
    };
    walk::check(bytes, &walk).map_err(|reject| match reject.why {
        Why::TooDeep | Why::TooMany => Misuse::TooComplex,
        _ => Misuse::NotOneValue,
    })
}

pub(crate) fn check_size(message: &Message, max: usize) -> Result<(), Misuse> {
    let came = message.bytes();
    if came > max {
        Err(Misuse::TooLarge { max, came })
    } else {
        Ok(())
    }
}
