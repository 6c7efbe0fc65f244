//! Commands and answers of the dialogs that we opened.

use std::time::Instant;

use bytes::Bytes;
use scipp_codec::Kind as Shape;

use crate::Any;
use crate::dialog::caller::{Caller, CallerState};
use crate::dialog::stream::{Pace, PeerStop, Stream};
use crate::dialog::{Asked, Broken, End};
use crate::fault::{Misuse, Violation};
use crate::features::Feature;
use crate::limits::{CANCEL_COST, Limits};
use crate::message::{Kind, Message, Spec, Start};
use crate::session::outgoing::Class;
use crate::session::requests::About;
use crate::session::stream::{check_size, one_value};
use crate::session::timers::Timer;
use crate::session::{DialogId, Event, Open, OpenError, Session, Streams};

/// For callers.
impl Session {
    /// Opens a dialog. Before the peer's `Aid` it is only queued.
    ///
    /// # Errors
    /// Nothing was opened; the error says why.
    pub fn open(&mut self, now: Instant, open: Open) -> Result<DialogId, OpenError> {
        self.check_may_open()?;
        // What is left of a deadline counts from here, however long nothing else has come.
        self.clock = self.clock.max(now);
        let max = self.config.limits.name_bytes_max;
        let came = open.namespace.len().max(open.func.len());
        if came > max {
            return Err(Misuse::NameTooLong { max, came }.into());
        }
        let mut message = Message::Start(Box::new(Start {
            cid: crate::cid::Cid::Uuid(0),
            namespace: open.namespace,
            func: open.func,
            args: arguments(open.args, &self.config.limits)?,
            uid: self.me().clone(),
            spec: open.fingerprint.map_or(Spec::Any, |fingerprint| {
                Spec::Fingerprint(fingerprint.into())
            }),
            deadline: open.deadline,
            trace: open.trace,
        }));
        check_size(&message, self.config.limits.frame_bytes_max)?;
        let pace = self.pace();
        let compact = self.has(Feature::Compact);
        let id = self.table.insert_caller(compact, |cid| {
            if let Message::Start(start) = &mut message {
                start.cid = cid.clone();
            }
            let streams = open.streams.of(open.kind, true);
            Caller::new(cid, Some(open.kind), Stream::new(streams, pace))
        });
        if let (Some(at), Some(caller)) = (open.deadline, self.table.caller(id)) {
            caller.deadline = Some(at);
            self.timers.insert(at, Timer::Deadline(id));
        }
        self.begin(id, message);
        // A deadline that is past already ends it before it is sent.
        if open.deadline.is_some_and(|at| at <= now) {
            self.ask(now, id, Asked::Deadline);
        }
        Ok(id)
    }

    /// Asks the peer to end as a whole actor. It ends like an `asyncfunc`: by `Returned(true)`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn cancel_actor(&mut self, _now: Instant) -> Result<DialogId, OpenError> {
        self.check_may_open()?;
        let mut request = None;
        let compact = self.has(Feature::Compact);
        let id = self.table.insert_caller(compact, |cid| {
            request = Some(cid.clone());
            Caller::new(cid, None, Stream::new(Streams::NONE, Pace::Checkpoints))
        });
        if let Some(request) = request {
            self.begin(id, Message::CancelActor { request });
        }
        Ok(id)
    }

    /// Asks the callee to end; the dialog goes on until it has ([`Event::Ended`]). A `Start` that the transport does
    /// not have yet is withdrawn instead, and the end comes at once. Idempotent; nothing if the dialog is over.
    pub fn cancel(&mut self, now: Instant, id: DialogId) {
        self.ask(now, id, Asked::Requested);
    }

    /// The application leaves the dialog: call it exactly once for each dialog opened, whatever its state, when its
    /// handle goes. If it is not over it is cancelled, and the session waits for its end by itself, at most
    /// [`Limits::reap_max`](crate::Limits). The id means nothing afterwards.
    pub fn forget(&mut self, now: Instant, id: DialogId) {
        let Some(caller) = self.table.caller(id).filter(|caller| !caller.forgotten) else {
            return;
        };
        caller.forgotten = true;
        caller.started = None;
        caller.stream.streams.receives = false;
        self.inbox_bytes -= caller.stream.clear();
        // What waited for room in its inbox doesn't any more.
        self.wake |= self.stalled.is_some();
        if caller.state == CallerState::Ended {
            self.remove_if_done(id);
            return;
        }
        self.answer_checkpoints(id);
        self.ask(now, id, Asked::Forgotten);
        self.wait_for_end(now, id);
    }

    /// The context's first value, once.
    pub fn take_started(&mut self, id: DialogId) -> Option<Any> {
        self.table.caller(id)?.started.take()
    }

    /// How the dialog ended, once; `None` while it has not.
    pub fn take_end(&mut self, id: DialogId) -> Option<End> {
        self.table.caller(id)?.end.take()
    }

    pub(crate) fn check_may_open(&self) -> Result<(), OpenError> {
        if let Some(loss) = &self.lost {
            return Err(OpenError::Lost(loss.clone()));
        }
        if self.draining {
            return Err(OpenError::Draining);
        }
        if self.peer_leaves {
            return Err(OpenError::PeerLeaves);
        }
        let max = self.config.limits.dialogs_max;
        if self.table.callers() >= max {
            Err(OpenError::TooMany { max })
        } else {
            Ok(())
        }
    }

    pub(crate) fn begin(&mut self, id: DialogId, message: Message) {
        self.stats.opened += 1;
        self.live_callers += 1;
        if let Some(caller) = self.table.caller(id) {
            caller.queued += 1;
        }
        self.queue(message, Some(id), Class::Own);
    }

    /// Asks for a cancel, the first time.
    pub(crate) fn ask(&mut self, now: Instant, id: DialogId, asked: Asked) {
        let Some(caller) = self.table.caller(id) else {
            return;
        };
        if caller.state == CallerState::Ended || caller.asked.is_some() {
            return;
        }
        caller.asked = Some(asked);
        if caller.state == CallerState::Queued {
            self.outgoing.withdraw(id);
            self.ended(now, id, End::NotSent(None));
            return;
        }
        match caller.kind {
            // tractor's consumers leave the stream before they ask.
            Some(Kind::Asyncgen)
                if !caller.stream.stop_sent && !self.features.has(Feature::Cancel) =>
            {
                self.queue_stop(id);
                self.queue_cancel(id);
            }
            Some(_) => self.queue_cancel(id),
            // A request that the actor ends cannot be taken back.
            None => {}
        }
    }

    /// Queues the cancel as the peer understands it: a message of its own, or a request with an answer.
    pub(crate) fn queue_cancel(&mut self, id: DialogId) {
        let request = (!self.features.has(Feature::Cancel)).then(|| {
            self.requests
                .insert(About::Cancel(id), |index| self.table.request_cid(index))
        });
        let Some(caller) = self.table.caller(id) else {
            return;
        };
        let dialog = caller.cid.clone();
        let message = match request {
            Some((request, cid)) => {
                caller.request = Some(request);
                Message::Cancel {
                    request: cid,
                    dialog,
                }
            }
            None => Message::CancelDialog { cid: dialog },
        };
        let nothing_but_items = caller.queued == 0;
        caller.queued += 1;
        self.wake = true;
        if nothing_but_items {
            self.outgoing.push_cancel(message, id);
        } else {
            self.outgoing.push(message, Some(id), Class::Own);
        }
    }

    /// An answer to a request of ours.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        index: u32,
        message: &Message,
    ) -> Result<(), Violation> {
        let Some(cid) = message.cid() else {
            return Ok(());
        };
        // An error is an answer too, but it confirms no cancel.
        let confirms = match message {
            Message::CancelAck { accepted, .. } => *accepted,
            Message::Return { .. } => true,
            Message::Error { .. } => false,
            // The first half of the answer.
            Message::StartAck { .. } => return Ok(()),
            _ if self.requests.answer(index, cid).is_none() => return Ok(()),
            other => {
                return Err(Violation::OutOfOrder {
                    cid: cid.to_string(),
                    expected: "StartAck, CancelAck, Return or Error",
                    came: other.name(),
                });
            }
        };
        match self.requests.answer(index, cid) {
            Some((_, About::Cancel(id))) => {
                let peer = self.peer_uid();
                let Some(caller) = self.table.caller(id) else {
                    return Ok(());
                };
                caller.request = None;
                if confirms {
                    let step = caller.acknowledged(&self.config.aid.uid, &peer);
                    self.caller_step(now, id, step);
                }
                self.settle(now, id);
            }
            Some((request, About::Checkpoint(id, items))) => {
                let Some(dialog) = self.table.get_mut(id) else {
                    return Ok(());
                };
                let stream = dialog.stream();
                stream.requests.retain(|own| *own != request);
                if stream.confirm(items) {
                    self.event(Event::Room(id));
                }
            }
            None => {}
        }
        Ok(())
    }

    /// The callee is over.
    pub(crate) fn ended(&mut self, now: Instant, id: DialogId, end: End) {
        let Some(caller) = self
            .table
            .caller(id)
            .filter(|caller| caller.state != CallerState::Ended)
        else {
            return;
        };
        caller.state = CallerState::Ended;
        let ran = !matches!(
            end,
            End::Refused(_) | End::NotSent(_) | End::Broken(Broken::Kind { .. })
        );
        // A plain peer's generator needs to be closed even when it is through.
        let closes = caller.kind == Some(Kind::Asyncgen)
            && ran
            && caller.asked.is_none()
            && !self.features.has(Feature::Cancel);
        let failed = caller.stream.peer_stop == PeerStop::No;
        let stop_sent = caller.stream.stop_sent;
        caller.end = Some(end);
        self.timers
            .remove(caller.deadline.take(), Timer::Deadline(id));
        self.cancels.replenish(CANCEL_COST);
        self.close_stream(id);
        if closes {
            if failed && !stop_sent {
                self.queue_stop(id);
            }
            self.queue_cancel(id);
        }
        self.wake_reader(id);
        self.tell_caller(id, Event::Ended(id));
        self.settle(now, id);
    }

    /// After the end, or the answer to the cancel: bounds the wait for what is still missing.
    fn settle(&mut self, now: Instant, id: DialogId) {
        let Some(caller) = self.table.caller(id) else {
            return;
        };
        if caller.state == CallerState::Ended && caller.request.is_none() {
            self.timers.remove(caller.reap.take(), Timer::Reap(id));
            self.over(id);
        } else if caller.reap.is_none() {
            self.wait_for_end(now, id);
        }
    }

    /// From now on the wait for the end, or for the last answer, is bounded.
    fn wait_for_end(&mut self, now: Instant, id: DialogId) {
        let until = now + self.config.limits.reap_max;
        let Some(caller) = self.table.caller(id).filter(|caller| caller.reap.is_none()) else {
            return;
        };
        caller.reap = Some(until);
        self.timers.insert(until, Timer::Reap(id));
        self.wake = true;
    }

    /// The wait is over, whatever has come.
    pub(crate) fn reap(&mut self, now: Instant, id: DialogId) {
        let (me, peer) = (self.me().clone(), self.peer_uid());
        let Some(caller) = self.table.caller(id) else {
            return;
        };
        caller.reap = None;
        if caller.state != CallerState::Ended {
            let end = caller.overdue(&me, &peer);
            let request = caller.request.take();
            if matches!(end, End::InDoubt(_)) {
                self.stats.unreaped += 1;
            }
            request.inspect(|request| self.requests.remove(*request));
            self.ended(now, id, end);
        } else {
            caller
                .request
                .take()
                .inspect(|request| self.requests.remove(*request));
            self.settle(now, id);
        }
    }

    pub(crate) fn deadline_passed(&mut self, now: Instant, id: DialogId) {
        if let Some(caller) = self.table.caller(id) {
            caller.deadline = None;
        }
        self.tell_caller(id, Event::Overdue(id));
        self.ask(now, id, Asked::Deadline);
    }

    /// Nothing of the dialog is left but its result.
    fn over(&mut self, id: DialogId) {
        let Some(caller) = self.table.caller(id) else {
            return;
        };
        if !std::mem::replace(&mut caller.over, true) {
            self.live_callers -= 1;
        }
        self.remove_if_done(id);
        self.check_drained();
    }

    fn remove_if_done(&mut self, id: DialogId) {
        let done = self.table.caller(id).is_some_and(|caller| {
            caller.state == CallerState::Ended && caller.request.is_none() && caller.forgotten
        });
        if done {
            self.table.remove(id);
        }
    }

    /// An event for a caller, unless nobody waits any more.
    pub(crate) fn tell_caller(&mut self, id: DialogId, event: Event) {
        if self
            .table
            .caller(id)
            .is_some_and(|caller| !caller.forgotten)
        {
            self.event(event);
        }
    }
}

/// The arguments of a `Start`: a map.
fn arguments(bytes: Bytes, limits: &Limits) -> Result<Any, Misuse> {
    let args = one_value(bytes, limits)?;
    if args.head().kind() == Some(Shape::Map) {
        Ok(args)
    } else {
        Err(Misuse::NotAMap)
    }
}
