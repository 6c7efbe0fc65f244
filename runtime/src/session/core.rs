//! What a session knows: the protocol core, and who waits for what in it. Lives behind the lock of [`Link`](super::Link).

use std::{collections::VecDeque, mem, task::Waker};

use bytes::BytesMut;
use scipp_protocol::{
    Aid, Cause as CoreCause, DialogId, Event, Fault, Loss, RemoteError, Session, SpawnSpec,
};
use tokio::time::Instant;

use super::{
    reaper::Reaper,
    seats::{Seat, Seats},
};
use crate::{
    error::{Cancelled, Cause},
    identity::ActorId,
    limits::WRITE_BYTES,
    scope::{Held, Scope},
};

/// How far a session has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// The peer has not said who it is.
    Handshake,
    /// Dialogs may be opened.
    Open,
    /// No dialog is left and all bytes are with the transport.
    Drained,
    /// It is over.
    Lost(Loss),
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) session: Session,
    pub(super) seats: Seats,
    /// Dialogs that the peer has opened, and the driver has to dispatch.
    pub(super) arrived: VecDeque<DialogId>,
    pub(super) reaper: Reaper,
    pub(super) ends: Ends,
    /// The driver has to look again, for a reason that the protocol core does not know of.
    pub(super) wake: bool,
    /// The transport shall be closed when all bytes have left.
    pub(super) closing: bool,
    pub(super) actor_cancel: bool,
    pub(super) phase: Phase,
    /// What to do when the lock is released.
    pub(super) after: After,
    /// The driver was woken, and has not had its turn.
    pub(super) called: bool,
}

/// How the handlers of a session ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    /// By themselves.
    pub(crate) finished: u64,
    /// After they were asked to.
    pub(crate) cancelled: u64,
    /// They were dropped.
    pub(crate) forced: u64,
    /// Somebody's end was not seen in time.
    pub(crate) unreaped: u64,
}

#[derive(Debug, Default)]
pub(super) struct After {
    pub(super) wake: Vec<Waker>,
    pub(super) retired: Vec<Waker>,
    pub(super) cancel: Vec<(Scope, Cancelled)>,
    pub(super) released: Vec<Held>,
    pub(super) left: Vec<Seat>,
    pub(super) peer: Option<Aid>,
    pub(super) phase: bool,
    /// A peer that may stop this actor asks to.
    pub(super) stop: Option<ActorId>,
    /// The peer has started this process, and says what it is to be.
    pub(super) spec: Option<Box<SpawnSpec>>,
    /// The peer says that it has failed as a whole.
    pub(super) failure: Option<Box<RemoteError>>,
}

/// What an operation waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wants {
    /// The start value, an item, or the end.
    Recv,
    /// A place for an item.
    Room,
}

/// What the driver has to know for its next wait.
#[derive(Debug)]
pub(super) struct Turn {
    /// There is room for what was read before: another turn, before anything else is read.
    pub(super) again: bool,
    pub(super) read: bool,
    pub(super) deadline: Option<Instant>,
    pub(super) close: bool,
    pub(super) arrived: bool,
}

impl After {
    /// Most often there is nothing to do, and nothing to move.
    pub(super) fn take(&mut self) -> Option<Self> {
        let Self {
            wake,
            retired,
            cancel,
            released,
            left,
            peer,
            phase,
            stop,
            spec,
            failure,
        } = self;
        let none = wake.is_empty()
            && retired.is_empty()
            && cancel.is_empty()
            && released.is_empty()
            && left.is_empty()
            && peer.is_none()
            && !*phase
            && spec.is_none()
            && failure.is_none()
            && stop.is_none();
        (!none).then(|| mem::take(self))
    }
}

impl Core {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            seats: Seats::default(),
            arrived: VecDeque::new(),
            reaper: Reaper::default(),
            ends: Ends::default(),
            wake: false,
            closing: false,
            actor_cancel: false,
            phase: Phase::Handshake,
            after: After::default(),
            called: false,
        }
    }

    /// Takes frames, does what is due, and fills `out`.
    pub(super) fn turn(&mut self, came: &mut BytesMut, out: &mut BytesMut) -> Result<Turn, Fault> {
        let now = Instant::now();
        self.session.receive(now.into_std(), came)?;
        if self
            .session
            .deadline()
            .is_some_and(|deadline| deadline <= now.into_std())
        {
            self.session.tick(now.into_std())?;
        }
        while let Some(id) = self.reaper.overdue(now) {
            tracing::warn!("a remote task did not end in time after its context was dropped");
            self.release(id);
        }
        self.settle();
        if out.len() < WRITE_BYTES {
            let room = WRITE_BYTES - out.len();
            self.session.transmit(out, room);
            // Room for items, or the end of draining, may have come of it.
            self.settle();
        }
        let core_deadline = self.session.deadline().map(Instant::from_std);
        let again = self.session.holds_frames();
        let turn = Turn {
            again,
            read: !again && self.session.wants_receive(),
            deadline: core_deadline.into_iter().chain(self.reaper.next()).min(),
            close: self.closing && !self.session.wants_transmit(),
            arrived: !self.arrived.is_empty(),
        };
        // Whatever asked for a turn until now has got it.
        let _ = self.session.take_wake();
        self.wake = false;
        self.called = false;
        Ok(turn)
    }

    /// Hands the core's events to those who wait for them.
    pub(super) fn settle(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Opened { peer } => {
                    self.after.peer = Some(peer);
                    self.enter(Phase::Open);
                }
                Event::Probed { peer } => {
                    self.after.peer = Some(peer);
                    self.closing = true;
                }
                Event::Incoming(id) => {
                    // The seat is there before the dialog is dispatched: a cancel may come at once.
                    self.seats.insert(id, Seat::default());
                    self.arrived.push_back(id);
                }
                Event::Started(id) | Event::Item(id) => self.wake(id, Wants::Recv),
                Event::Room(id) => self.wake(id, Wants::Room),
                Event::Ended(id) => {
                    if self
                        .seats
                        .get(id)
                        .is_some_and(|seat| seat.adopted.is_some())
                    {
                        self.release(id);
                    } else {
                        self.wake(id, Wants::Recv);
                        self.wake(id, Wants::Room);
                        self.unhold(id);
                    }
                }
                Event::Overdue(id) if self.seats.get(id).is_some_and(|seat| seat.timed) => {
                    self.ask(id, Cancelled::here(Cause::Deadline));
                }
                Event::CancelRequested(id, cause) => self.cancel_requested(id, &cause),
                Event::ActorCancelRequested { canceller } => {
                    tracing::info!(%canceller, "a peer asks this actor to stop");
                    self.actor_cancel = true;
                    self.after.stop = Some(canceller);
                }
                Event::Spawned(spec) => {
                    self.after.spec = Some(spec);
                    self.after.phase = true;
                }
                Event::PeerFailed(error) => {
                    self.after.failure = Some(error);
                    self.after.phase = true;
                }
                Event::Drained => self.enter(Phase::Drained),
                _ => {}
            }
        }
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        if !matches!(self.phase, Phase::Lost(_)) {
            self.phase = phase;
            self.after.phase = true;
        }
    }

    fn cancel_requested(&mut self, id: DialogId, cause: &CoreCause) {
        let why = match cause {
            CoreCause::Requested(canceller) => Cancelled::by(canceller.clone()),
            CoreCause::CallerError(error) => Cancelled::by(error.source.clone()),
            CoreCause::SessionLost(_) => Cancelled::here(Cause::SessionLost),
        };
        if let Some(scope) = self.seats.get(id).and_then(|seat| seat.scope.clone()) {
            self.after.cancel.push((scope, why.clone()));
        }
        self.ask(id, why);
    }

    pub(super) fn ask(&mut self, id: DialogId, why: Cancelled) {
        let Some(seat) = self.seats.get_mut(id) else {
            return;
        };
        if seat.shielded {
            return;
        }
        seat.asked.get_or_insert(why);
        self.wake(id, Wants::Recv);
        self.wake(id, Wants::Room);
    }

    pub(super) fn wait(&mut self, id: DialogId, wants: Wants, waker: &Waker) {
        let Some(seat) = self.seats.get_mut(id) else {
            return;
        };
        let slot = seat.slot(wants);
        if !slot.as_ref().is_some_and(|old| old.will_wake(waker)) {
            self.after.retired.extend(slot.replace(waker.clone()));
        }
    }

    fn wake(&mut self, id: DialogId, wants: Wants) {
        if let Some(seat) = self.seats.get_mut(id) {
            self.after.wake.extend(seat.slot(wants).take());
        }
    }

    /// Scopes above need not wait for the dialog any more: it is over.
    fn unhold(&mut self, id: DialogId) {
        if let Some(seat) = self.seats.get_mut(id) {
            self.after.released.extend(seat.held.take());
        }
    }

    /// A caller's dialog that nobody here asks for any more.
    pub(super) fn release(&mut self, id: DialogId) {
        self.session.forget(Instant::now().into_std(), id);
        self.leave(id);
    }

    pub(super) fn leave(&mut self, id: DialogId) {
        if let Some(seat) = self.seats.remove(id) {
            if let Some(bound) = seat.adopted {
                self.reaper.reaped(id, bound);
            }
            self.after.left.push(seat);
        }
    }
}
