//! A session: everything that lives on one connection between two actors.

mod api;

use std::time::Instant;

use crate::Any;
use bytes::{Bytes, BytesMut};

use crate::dialog::{End, Refusal, Taken, Terminal};
use crate::fault::{Fault, Loss, Misuse};
use crate::message::Kind;

pub use api::{
    Config, DialogId, Event, Incoming, Open, OpenError, SendError, Side, Stats, Streams,
};

/// The state of one session. See the [crate's contract](crate).
#[derive(Debug)]
pub struct Session {}

/// For the driver: the one loop that moves bytes.
impl Session {
    /// Begins; our own `Aid` is queued at once, whatever the peer does.
    pub fn new(side: Side, config: Config, now: Instant) -> Self {
        let _ = (side, config, now);
        Self {}
    }

    /// Takes whole frames out of `bytes`; what is left there is the start of the next one, or frames that must wait
    /// ([`wants_receive`](Self::wants_receive)). Call it again, also without new bytes, when that turns true again.
    ///
    /// # Errors
    /// The peer broke the protocol, once: the session is lost with all its dialogs ([`lost`](Self::lost) is done
    /// already); close both halves of the connection now, without sending anything. Later calls take nothing.
    pub fn receive(&mut self, now: Instant, bytes: &mut BytesMut) -> Result<(), Fault> {
        let _ = (now, bytes);
        Ok(())
    }

    /// Whether frames can be taken. False while an inbox is full or the peer leaves our replies unread: then don't
    /// read from the transport either, that is the back-pressure. Bounded by [`tick`](Self::tick).
    pub fn wants_receive(&self) -> bool {
        true
    }

    /// What happened, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        None
    }

    /// Appends whole frames to `out` until nothing is queued or at least `bytes_max` bytes were appended; returns how
    /// many were. What is appended counts as handed to the transport.
    pub fn transmit(&mut self, out: &mut BytesMut, bytes_max: usize) -> usize {
        let _ = (out, bytes_max);
        0
    }

    /// Whether [`transmit`](Self::transmit) would append something.
    pub fn wants_transmit(&self) -> bool {
        false
    }

    /// When [`tick`](Self::tick) has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Does what is due by now.
    ///
    /// # Errors
    /// As [`receive`](Self::receive): the peer was too slow where it must not be.
    pub fn tick(&mut self, now: Instant) -> Result<(), Fault> {
        let _ = now;
        Ok(())
    }

    /// The transport is gone, or we close it: callers' dialogs end as not sent or in doubt, callees are asked to end.
    /// Only the first call counts.
    pub fn lost(&mut self, why: Loss) {
        let _ = why;
    }

    /// Why the session is over, if it is.
    pub fn loss(&self) -> Option<&Loss> {
        None
    }

    /// Takes no new dialogs from either side; [`Event::Drained`] comes when the last one is over and its terminal
    /// transmitted. It waits for dialogs as long as they last: cancelling them is the application's choice.
    pub fn drain(&mut self) {}

    /// True once after commands that left something to do for the driver: bytes to transmit, events to poll, frames to
    /// take. Whoever commands from another task asks after each command, and wakes the driver.
    pub fn take_wake(&mut self) -> bool {
        false
    }

    /// Dialogs that are not over: the peer's and ours, those left by their application too.
    pub fn dialogs(&self) -> usize {
        0
    }

    /// Counts since the session began.
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// Answers [`Event::ActorCancelRequested`], however often it was asked. Close the session when it is drained.
    pub fn actor_cancelled(&mut self) {}
}

/// For callers.
impl Session {
    /// Opens a dialog. Before the peer's `Aid` it is only queued.
    ///
    /// # Errors
    /// Nothing was opened; the error says why.
    pub fn open(&mut self, now: Instant, open: Open) -> Result<DialogId, OpenError> {
        let _ = (now, open);
        Err(OpenError::Draining)
    }

    /// Asks the peer to end as a whole actor. It ends like an `asyncfunc`: by `Returned(true)`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn cancel_actor(&mut self, now: Instant) -> Result<DialogId, OpenError> {
        let _ = now;
        Err(OpenError::Draining)
    }

    /// Asks the callee to end; the dialog goes on until it has ([`Event::Ended`]). A `Start` that the transport does
    /// not have yet is withdrawn instead, and the end comes at once. Idempotent; nothing if the dialog is over.
    pub fn cancel(&mut self, now: Instant, id: DialogId) {
        let _ = (now, id);
    }

    /// The application leaves the dialog: call it exactly once for each dialog opened, whatever its state, when its
    /// handle goes. If it is not over it is cancelled, and the session waits for its end by itself, at most
    /// [`Limits::reap_max`](crate::Limits). The id means nothing afterwards.
    pub fn forget(&mut self, now: Instant, id: DialogId) {
        let _ = (now, id);
    }

    /// The context's first value, once.
    pub fn take_started(&mut self, id: DialogId) -> Option<Any> {
        let _ = id;
        None
    }

    /// How the dialog ended, once; `None` while it has not.
    pub fn take_end(&mut self, id: DialogId) -> Option<End> {
        let _ = id;
        None
    }
}

/// For callees.
impl Session {
    /// What the peer wants, once after [`Event::Incoming`].
    pub fn incoming(&mut self, id: DialogId) -> Option<Incoming> {
        let _ = id;
        None
    }

    /// The endpoint exists and its arguments are right: sends the `StartAck`. Before anything else is said.
    ///
    /// # Errors
    /// Called twice, or for a dialog that isn't a callee's.
    pub fn accept(&mut self, id: DialogId, kind: Kind, streams: Streams) -> Result<(), Misuse> {
        let _ = (id, kind, streams);
        Ok(())
    }

    /// Ends a dialog that was not accepted: it never ran. The id means nothing afterwards.
    pub fn refuse(&mut self, id: DialogId, why: Refusal) {
        let _ = (id, why);
    }

    /// Sends a context's first value, once, before the end.
    ///
    /// # Errors
    /// Not here, not now, or too large.
    pub fn started(&mut self, id: DialogId, payload: Bytes) -> Result<(), Misuse> {
        let _ = (id, payload);
        Ok(())
    }

    /// Ends the dialog: the handler, its children and its cleanup are over. Our `Stop` goes first where the wire
    /// wants one, and cancel requests are answered. The id means nothing afterwards.
    ///
    /// # Errors
    /// The terminal was our mistake (too large, or a context's `Return` without `Started`). The dialog has ended all
    /// the same: the caller got an error that says so.
    pub fn finish(&mut self, id: DialogId, terminal: Terminal) -> Result<(), Misuse> {
        let _ = (id, terminal);
        Ok(())
    }
}

/// For both sides.
impl Session {
    /// Sends an item: one encoded value.
    ///
    /// # Errors
    /// The item was not queued; [`SendError::Full`] gives it back and [`Event::Room`] follows.
    pub fn send(&mut self, id: DialogId, payload: Bytes) -> Result<(), SendError> {
        let _ = (id, payload);
        Err(SendError::Ended)
    }

    /// Whether [`send`](Self::send) would be refused as full right now.
    pub fn is_full(&self, id: DialogId) -> bool {
        let _ = id;
        false
    }

    /// Leaves this side's stream: sends `Stop`, unless there is none to send (no stream, stopped already, the peer's
    /// `Stop` taken from the inbox, the dialog over). Items that still come can be taken. Idempotent.
    pub fn stop(&mut self, id: DialogId) {
        let _ = id;
    }

    /// The oldest item; `None` while there is nothing to say ([`Event::Item`] follows).
    pub fn take_item(&mut self, id: DialogId) -> Option<Taken> {
        let _ = id;
        None
    }
}
