//! The one queue of what goes out. Its order is the order on the wire.
//!
//! Nothing passes anything here, except that a cancel request may pass items, its own dialog's and others'. It never
//! passes its dialog's `Start` (that would make it a request for nobody), nor its `Stop`.

use std::collections::VecDeque;
use std::hash::Hasher;

use bytes::BytesMut;

use crate::digest::Digest;
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
    urgent: VecDeque<Queued>,
    queue: VecDeque<Queued>,
    /// Bytes of items, and of replies, that wait.
    pub(crate) item_bytes: usize,
    pub(crate) reply_bytes: usize,
    own_bytes: usize,
    /// Terminals that wait.
    pub(crate) ends: usize,
    /// Only our `Aid` may go as long as we don't know whom we talk to.
    pub(crate) is_open: bool,
}

impl Outgoing {
    /// Queues at the end.
    pub(crate) fn push(&mut self, message: Message, dialog: Option<DialogId>, class: Class) {
        let queued = Queued {
            bytes: message.bytes(),
            message,
            dialog,
            class,
        };
        *self.account(class) += queued.bytes;
        self.ends += usize::from(class == Class::Last);
        self.queue.push_back(queued);
    }

    /// Queues a cancel before everything that waits. Only when nothing of its dialog waits but items.
    pub(crate) fn push_urgent(&mut self, message: Message, dialog: DialogId) {
        let bytes = message.bytes();
        self.own_bytes += bytes;
        self.urgent.push_back(Queued {
            message,
            dialog: Some(dialog),
            class: Class::Own,
            bytes,
        });
    }

    /// Takes back all that a dialog has queued, when its `Start` is among it.
    pub(crate) fn withdraw(&mut self, dialog: DialogId) {
        let (gone, kept) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|queued| queued.dialog == Some(dialog));
        self.queue = kept;
        let gone: VecDeque<Queued> = gone;
        for queued in gone {
            *self.account(queued.class) -= queued.bytes;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.queue.is_empty()
    }

    /// Whether [`transmit`](Self::transmit) has something to give.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_open && !self.urgent.is_empty()
            || self
                .queue
                .front()
                .is_some_and(|queued| self.is_open || matches!(queued.message, Message::Aid(_)))
    }

    /// Writes the next message as a frame.
    pub(crate) fn transmit(
        &mut self,
        session: shuttle::Session<'_>,
        out: &mut BytesMut,
    ) -> Option<Transmitted> {
        if !self.is_ready() {
            return None;
        }
        let urgent = if self.is_open {
            self.urgent.pop_front()
        } else {
            None
        };
        let queued = urgent.or_else(|| self.queue.pop_front())?;
        *self.account(queued.class) -= queued.bytes;
        self.ends -= usize::from(queued.class == Class::Last);
        shuttle::write(&queued.message, session, out);
        let is_start = matches!(
            queued.message,
            Message::Start(_) | Message::CancelActor { .. } | Message::AskReady { .. }
        );
        Some(Transmitted {
            dialog: queued.dialog,
            class: queued.class,
            is_start,
        })
    }

    pub(crate) fn clear(&mut self) {
        *self = Self {
            is_open: self.is_open,
            ..Self::default()
        };
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

impl Outgoing {
    pub(crate) fn digest<H: Hasher>(&self, table: &Table, into: &mut Digest<'_, H>) {
        let Self {
            urgent,
            queue,
            item_bytes,
            reply_bytes,
            own_bytes,
            ends,
            is_open,
        } = self;
        into.add((item_bytes, reply_bytes, own_bytes, ends, is_open));
        into.add((urgent.len(), queue.len()));
        for Queued {
            message,
            dialog,
            class,
            bytes,
        } in urgent.iter().chain(queue)
        {
            message.digest(into);
            into.add((dialog.is_some(), class, bytes));
            if let Some(id) = dialog {
                table.digest_id(*id, into);
            }
        }
    }

    /// Whether the accounts say that nothing waits.
    pub(crate) fn is_settled(&self) -> bool {
        (self.item_bytes, self.reply_bytes, self.own_bytes, self.ends) == (0, 0, 0, 0)
    }
}
