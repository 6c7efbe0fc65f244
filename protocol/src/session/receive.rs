//! Bytes in: frames, messages, and who they are for.

use std::time::Instant;

use bytes::{Buf as _, BytesMut};

use crate::actor::{Aid, Uid};
use crate::cid::Cid;
use crate::dialog::{Dialog, callee, caller};
use crate::fault::{Fault, Violation};
use crate::features::Feature;
use crate::frame;
use crate::limits::DETACH_BYTES_MAX;
use crate::message::Message;
use crate::session::family::Boot;
use crate::session::table::Found;
use crate::session::{DialogId, Event, Session};
use crate::wire::shuttle;

/// An item that finds its dialog's inbox full. Reading rests until there is room, or until the time is over.
#[derive(Debug, Clone)]
pub(crate) struct Stalled {
    pub(crate) id: DialogId,
    pub(crate) message: Message,
    pub(crate) until: Instant,
}

impl Session {
    /// Takes whole frames out of `bytes`; what is left there is the start of the next one, or frames that must wait
    /// ([`wants_receive`](Self::wants_receive)). Call it again, also without new bytes, when that turns true again.
    ///
    /// # Errors
    /// The peer broke the protocol, once: the session is lost with all its dialogs ([`lost`](Self::lost) is done
    /// already); close the connection now, after its [last words](Self::take_last_words). Later calls throw bytes away.
    pub fn receive(&mut self, now: Instant, bytes: &mut BytesMut) -> Result<(), Fault> {
        if self.lost.is_some() {
            bytes.clear();
            return Ok(());
        }
        self.clock = now;
        // A call without new bytes says nothing about the peer.
        if bytes.len() > self.unread {
            self.hear(now);
        }
        let taken = self.take_frames(now, bytes);
        self.unread = bytes.len();
        taken.map_err(|violation| self.fault(violation))
    }

    /// Whether frames can be taken. False while an inbox is full or the peer leaves our replies unread: then don't
    /// read from the transport either, that is the back-pressure. Bounded by [`tick`](Self::tick).
    pub fn wants_receive(&self) -> bool {
        let stuck = self
            .stalled
            .as_ref()
            .is_some_and(|stalled| !self.has_room(stalled.id, &stalled.message));
        self.lost.is_none() && !stuck && !self.replies_rest() && self.boot != Boot::Runs
    }

    /// Whether bytes were left behind that can be taken now: call [`receive`](Self::receive) again before you read more, or
    /// they add up.
    pub fn holds_frames(&self) -> bool {
        self.unread > 0 && self.frame.is_none() && self.wants_receive()
    }

    fn take_frames(&mut self, now: Instant, bytes: &mut BytesMut) -> Result<(), Violation> {
        let mut begun = self.frame.map(|(until, ..)| until);
        while self.may_take(now)? {
            let limits = &self.config.limits;
            let max = if self.peer.is_some() {
                limits.frame_bytes_max
            } else {
                limits.aid_bytes_max
            };
            if let Some(taken) = self.take_small_item(bytes, max)? {
                bytes.advance(taken);
                begun = None;
                continue;
            }
            let Some(frame) = frame::take(bytes, max)? else {
                // Only a frame that we wait for is timed, not one that waits for us.
                if !bytes.is_empty() {
                    let until = begun.unwrap_or(now + self.config.limits.frame_max);
                    self.frame = Some((until, bytes.len(), frame::length(bytes).unwrap_or(0)));
                    return Ok(());
                }
                break;
            };
            begun = None;
            let peer = self.peer.as_ref().map(|aid| &aid.uid);
            let (message, claimed) =
                shuttle::read(frame, peer, self.features, &self.config.limits, now)?;
            self.check_claim(&message, claimed)?;
            self.handle(now, message)?;
        }
        self.frame = None;
        Ok(())
    }

    /// Puts a small item into its inbox from where it lies: most frames of a stream are that. Returns the bytes of its frame; none
    /// if it is anything else, which has its own way.
    fn take_small_item(&mut self, bytes: &[u8], max: usize) -> Result<Option<usize>, Violation> {
        let limits = &self.config.limits;
        let Some(frame) = frame::peek(bytes, max).filter(|frame| frame.len() < DETACH_BYTES_MAX)
        else {
            return Ok(None);
        };
        let Some((cid, payload)) = shuttle::read_item(frame, self.features, limits) else {
            return Ok(None);
        };
        let Found::Dialog(id) = self.table.find(&cid) else {
            return Ok(None);
        };
        let has_room = self.inbox_bytes + payload.len() <= limits.inbox_bytes_max;
        let Some(dialog) = self.table.get_mut(id).filter(|_| has_room) else {
            return Ok(None);
        };
        let expected = match dialog {
            Dialog::Caller(caller) => caller.expects_items(),
            Dialog::Callee(callee) => !callee.stream.stop_sent,
        };
        let stream = dialog.stream();
        if !expected || !stream.takes_items() || stream.is_crowded(limits) {
            return Ok(None);
        }
        self.cancels.replenish(1);
        self.spend_credit(id)?;
        self.deliver(id, payload);
        Ok(Some(frame::PREFIX_BYTES + frame.len()))
    }

    /// Whether the next frame can be taken; first places the item that waits.
    fn may_take(&mut self, now: Instant) -> Result<bool, Violation> {
        if self.boot == Boot::Runs {
            return Ok(false);
        }
        if let Some(stalled) = self.stalled.take() {
            if !self.has_room(stalled.id, &stalled.message) {
                self.stalled = Some(stalled);
                return Ok(false);
            }
            self.route(now, stalled.id, stalled.message)?;
        }
        self.time_rest(now);
        Ok(!self.replies_rest())
    }

    /// Whether reading rests because our replies are not read.
    pub(crate) fn replies_rest(&self) -> bool {
        self.outgoing.reply_bytes > self.config.limits.reply_bytes_max
    }

    /// Starts the clock of such a rest, unless it runs.
    pub(crate) fn time_rest(&mut self, now: Instant) {
        if self.replies_rest() && self.rest_until.is_none() {
            self.rest_until = Some(now + self.config.limits.reply_rest_max);
        }
    }

    /// A peer speaks in its own name only, in its requests to the runtime too.
    fn check_claim(&self, message: &Message, claimed: Option<Uid>) -> Result<(), Violation> {
        match (claimed, &self.peer) {
            (Some(came), Some(peer)) if came != peer.uid => Err(Violation::WrongUid {
                cid: message.opens().map_or_else(String::new, Cid::to_string),
                came,
            }),
            _ => Ok(()),
        }
    }

    fn handle(&mut self, now: Instant, message: Message) -> Result<(), Violation> {
        if self.peer.is_none() {
            return match message {
                Message::Aid(aid) => {
                    self.opened(aid);
                    Ok(())
                }
                other => Err(Violation::NotAid { came: other.name() }),
            };
        }
        if let Some(Cid::Number(number)) = message.opens() {
            self.admit(*number)?;
        }
        match message {
            Message::SpawnSpec(spec) if self.boot == Boot::Awaits => {
                self.spawned(spec);
                Ok(())
            }
            Message::Aid(_) | Message::SpawnSpec(_) => Err(Violation::Unexpected {
                came: message.name(),
            }),
            Message::Start(start)
                if start.namespace == shuttle::RUNTIME && !self.is_registrar() =>
            {
                self.refuse_runtime_call(start.cid, &start.func);
                Ok(())
            }
            Message::Start(start) => self.start(*start),
            Message::Cancel { request, dialog } => self.cancel_requested(request, &dialog),
            Message::Checkpoint { request, dialog } => self.checkpoint_requested(request, &dialog),
            Message::CancelActor { request } => self.actor_cancel_requested(request),
            Message::CancelDialog { cid } if self.has(Feature::Cancel) => self.cancel_asked(&cid),
            Message::Credit { cid, items } if self.has(Feature::Credit) => {
                self.granted(&cid, items)
            }
            Message::Goodbye if self.has(Feature::Goodbye) => self.goodbye(),
            Message::Ping if self.has(Feature::Ping) => {
                self.reply(Message::Pong);
                Ok(())
            }
            // It was heard; there is nothing else to it.
            Message::Pong if self.has(Feature::Ping) => Ok(()),
            Message::CancelDialog { .. }
            | Message::Credit { .. }
            | Message::Goodbye
            | Message::Ping
            | Message::Pong => Err(Violation::Unexpected {
                came: message.name(),
            }),
            Message::Unsupported { request, func } => {
                self.refuse_runtime_call(request, &func);
                Ok(())
            }
            // An error of the peer as a whole says nothing about a dialog; tractor ignores it too, but for the parent of a child
            // that fails to boot.
            Message::Error { cid: None, error } => {
                self.event(Event::PeerFailed(error));
                Ok(())
            }
            message => self.dispatch(now, message),
        }
    }

    fn opened(&mut self, peer: Aid) {
        self.handshake_until = None;
        self.outgoing.is_open = true;
        self.features = self.config.aid.features.and(peer.features);
        self.peer = Some(peer.clone());
        self.event(if peer.is_probe {
            Event::Probed { peer }
        } else {
            Event::Opened { peer }
        });
        self.pace_as_agreed();
        self.say_goodbye();
        self.check_drained();
    }

    fn dispatch(&mut self, now: Instant, mut message: Message) -> Result<(), Violation> {
        if let Message::Error { error, .. } = &mut message
            && !self.has(Feature::Errors)
        {
            error.cause = None;
        }
        let Some(cid) = message.cid() else {
            return Ok(());
        };
        // Whether somebody still wants it or not: its sender may ask after it, and must not pay for that.
        if matches!(message, Message::Yield { .. }) {
            self.cancels.replenish(1);
        }
        let found = self.table.find(cid);
        if let (Message::Yield { .. }, Found::Dialog(id)) = (&message, &found) {
            self.spend_credit(*id)?;
        }
        match found {
            Found::Dialog(id) if self.has_room(id, &message) || self.make_room(id, &message) => {
                self.route(now, id, message)
            }
            Found::Dialog(id) => {
                self.stalled = Some(Stalled {
                    id,
                    message,
                    until: now + self.config.limits.stall_max,
                });
                Ok(())
            }
            Found::Request(index) => self.answered(now, index, &message),
            // Late, or for somebody that we have forgotten: a plain peer may do that.
            Found::Nobody => Ok(()),
        }
    }

    /// Gives a message to its dialog.
    fn route(&mut self, now: Instant, id: DialogId, message: Message) -> Result<(), Violation> {
        let is_item = matches!(message, Message::Yield { .. });
        match self.table.get_mut(id) {
            Some(Dialog::Caller(dialog)) => {
                // Nobody is dispatched to before the peer has said who it is.
                let Some(peer) = &self.peer else {
                    return Ok(());
                };
                let step = dialog.receive(message, &self.config.aid.uid, &peer.uid)?;
                self.caller_step(now, id, step);
            }
            Some(Dialog::Callee(dialog)) => match dialog.receive(message)? {
                callee::Step::Nothing => {}
                callee::Step::Item(item) => self.deliver_whole(id, item),
                callee::Step::Stopped => self.wake_reader(id),
                callee::Step::CallerError(error) => self.caller_failed(id, error),
            },
            None => {}
        }
        // One that nobody wants takes no room, and must not cost its sender the next.
        if is_item {
            self.grant(id);
        }
        Ok(())
    }

    pub(crate) fn caller_step(&mut self, now: Instant, id: DialogId, step: caller::Step) {
        match step {
            caller::Step::Nothing => {}
            caller::Step::Started => self.tell_caller(id, Event::Started(id)),
            caller::Step::Item(item) => self.deliver_whole(id, item),
            caller::Step::Stopped => self.wake_reader(id),
            caller::Step::End(end) => self.ended(now, id, end),
            caller::Step::Cancel(asked) => self.ask(now, id, asked),
        }
    }
}
