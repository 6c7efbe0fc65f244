//! Items on their way out, at the pace of their reader.

use bytes::{Bytes, BytesMut};

use crate::Any;
use crate::dialog::Dialog;
use crate::dialog::caller::CallerState;
use crate::dialog::stream::PeerStop;
use crate::fault::Misuse;
use crate::limits::DETACH_BYTES_MAX;
use crate::message::{ENVELOPE_BYTES, Kind, Message};
use crate::session::outgoing::Class;
use crate::session::requests::About;
use crate::session::stream::check_value;
use crate::session::{DialogId, SendError, Session};
use crate::wire::shuttle;

/// For both sides.
impl Session {
    /// Sends an item: one encoded value.
    ///
    /// # Errors
    /// The item was not queued; [`SendError::Full`] gives it back and [`Event::Room`](crate::Event::Room) follows.
    pub fn send(&mut self, id: DialogId, payload: Bytes) -> Result<(), SendError> {
        if !self.may_send(id, &payload)? {
            return Err(SendError::Full(payload));
        }
        if payload.len() < DETACH_BYTES_MAX {
            self.send_small(id, &payload);
        } else {
            self.send_large(id, payload);
        }
        Ok(())
    }

    /// The same for an item that was written into a buffer, which gives its memory away only if the item is large. False if the
    /// item was not queued because the peer has as many as it can take; [`Event::Room`](crate::Event::Room) follows.
    ///
    /// # Errors
    /// The item was not queued.
    pub fn send_from(&mut self, id: DialogId, payload: &mut BytesMut) -> Result<bool, SendError> {
        let has_room = self.may_send(id, payload)?;
        if has_room && payload.len() < DETACH_BYTES_MAX {
            self.send_small(id, payload);
        } else if has_room {
            self.send_large(id, std::mem::take(payload).freeze());
        }
        Ok(has_room)
    }

    /// Whether there is room for the item now; if not, who sends it is told when there is.
    fn may_send(&mut self, id: DialogId, payload: &[u8]) -> Result<bool, SendError> {
        self.check_open(id)?;
        let limits = &self.config.limits;
        check_value(payload, limits)?;
        let outgoing_full = self.outgoing.item_bytes > limits.outgoing_bytes_max;
        let Some(dialog) = self.table.get_mut(id) else {
            return Err(SendError::Ended);
        };
        let stream = dialog.stream();
        if stream.is_full(stream.flow.unread_max(limits)) {
            stream.wants_room = true;
            return Ok(false);
        }
        if outgoing_full {
            self.waiting.insert(id);
            return Ok(false);
        }
        let (came, max) = (ENVELOPE_BYTES + payload.len(), limits.frame_bytes_max);
        if came > max {
            return Err(Misuse::TooLarge { max, came }.into());
        }
        Ok(true)
    }

    /// Copies it into the frames that wait. Before the peer is known there are none: they depend on what it offers.
    fn send_small(&mut self, id: DialogId, payload: &[u8]) {
        if !self.outgoing.is_open {
            return self.send_large(id, Bytes::copy_from_slice(payload));
        }
        let Some(dialog) = self.table.get(id) else {
            return;
        };
        let session = shuttle::Session {
            me: &self.config.aid.uid,
            features: self.features,
            now: self.clock,
        };
        self.wake = true;
        self.outgoing.push_item(id, dialog.cid(), payload, session);
        self.count_sent(id);
    }

    fn send_large(&mut self, id: DialogId, payload: Bytes) {
        let Some(dialog) = self.table.get(id) else {
            return;
        };
        let cid = dialog.cid().clone();
        let payload = Any::walked(payload);
        self.queue(Message::Yield { cid, payload }, Some(id), Class::Item);
        self.count_sent(id);
    }

    /// Asks a plain peer how far it has come, now and then.
    fn count_sent(&mut self, id: DialogId) {
        let limits = &self.config.limits;
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        let stream = dialog.stream();
        let checkpoint = stream.count_sent(stream.flow.checkpoint_items(limits));
        let Some(items) = checkpoint else { return };
        let dialog = dialog.cid().clone();
        let (request, request_cid) = self.requests.insert(About::Checkpoint(id, items), |index| {
            self.table.request_cid(index)
        });
        if let Some(dialog) = self.table.get_mut(id) {
            dialog.stream().requests.push(request);
        }
        let message = Message::Checkpoint {
            request: request_cid,
            dialog,
        };
        self.queue(message, Some(id), Class::Checkpoint);
    }

    fn check_open(&self, id: DialogId) -> Result<(), SendError> {
        if self.lost.is_some() {
            return Err(SendError::Ended);
        }
        let stream = match self.table.get(id) {
            None => return Err(SendError::Ended),
            Some(Dialog::Caller(caller)) if caller.state == CallerState::Ended => {
                return Err(SendError::Ended);
            }
            Some(Dialog::Caller(caller)) => &caller.stream,
            Some(Dialog::Callee(callee)) => match callee.kind {
                None => return Err(Misuse::Accept.into()),
                // A plain caller would take the item for the first value.
                Some(Kind::Context) if !callee.started => return Err(Misuse::NotStarted.into()),
                Some(_) => &callee.stream,
            },
        };
        if !stream.streams.sends {
            return Err(Misuse::NoStream.into());
        }
        if stream.stop_sent || stream.peer_stop == PeerStop::Consumed {
            return Err(SendError::Stopped);
        }
        Ok(())
    }
}
