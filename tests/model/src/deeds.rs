//! What applications do, and what they may conclude from what comes out of their inboxes.

use scipp_codec::{Any, Map, to_bytes};
use scipp_protocol::{
    CancelCause, DialogId, Failure, Open, OpenError, Refusal, SendError, Session, Taken, Terminal,
};

use crate::claim::{Always, Fact, Facts};
use crate::half::{CallPhase, Half, How, Known, ServePhase};
use crate::world::{Deed, Who, World};

impl World {
    pub(crate) fn caller_does(&mut self, number: usize, deed: Deed, facts: &Facts) {
        let by = self.plan.calls[number].by;
        if deed == Deed::Open {
            return self.open(number, facts);
        }
        let call = &mut self.calls[number];
        let id = call.id.expect("it was opened");
        let session = &mut self.ends[by].session;
        match deed {
            Deed::Send => {
                let stopped = send(session, id, &mut call.half, facts);
                self.expect(Always::Agreement, !stopped || self.is_mismatched(number));
            }
            Deed::Take => {
                let after_end = matches!(call.phase, CallPhase::Ended(_));
                let taken = session.take_item(id);
                let got = self.take(Who::Caller(number), taken, facts);
                if got && after_end {
                    facts.saw(Fact::ItemAfterEnd);
                }
            }
            Deed::Stop => {
                call.half.stopped = true;
                facts.saw(Fact::CallerStopped);
                session.stop(id);
            }
            Deed::Cancel => {
                call.asked = true;
                call.line.asks(call.half.stopped);
                session.cancel(self.now, id);
            }
            Deed::Leave => {
                let known = match call.phase {
                    CallPhase::Ended(known) => Some(known),
                    _ => None,
                };
                if known.is_none() {
                    facts.saw(Fact::LeftEarly);
                    if !call.asked {
                        call.line.asks(call.half.stopped);
                    }
                }
                call.phase = CallPhase::Gone(known);
                session.forget(self.now, id);
            }
            other => unreachable!("a caller does not {other:?}"),
        }
    }

    fn open(&mut self, number: usize, facts: &Facts) {
        let plan = &self.plan.calls[number];
        let deadline = plan.deadline.map(|time| self.now + time);
        let open = Open {
            namespace: "n".to_owned(),
            func: "f".to_owned(),
            args: to_bytes(&Map::from_iter([("call".to_owned(), number as u8)])),
            kind: plan.kind,
            streams: plan.streams,
            fingerprint: None,
            trace: None,
            deadline,
        };
        let by = plan.by;
        let opened = self.ends[by].session.open(self.now, open);
        let end = &self.ends[by];
        let (known, right) = match opened {
            Ok(id) => {
                let call = &mut self.calls[number];
                (call.id, call.deadline, call.phase) = (Some(id), deadline, CallPhase::Live);
                let right = !end.draining && !end.peer_leaves;
                return self.expect(Always::Draining, right);
            }
            Err(OpenError::Draining) => (Fact::OpenDraining, end.draining),
            Err(OpenError::PeerLeaves) => (Fact::OpenPeerLeaves, end.peer_leaves),
            Err(OpenError::TooMany { max }) => {
                let open = self.plan.calls.iter().zip(&self.calls);
                let open = open.filter(|(plan, call)| plan.by == by && call.id.is_some());
                (Fact::OpenTooMany, open.count() >= max)
            }
            Err(error) => panic!("{error}"),
        };
        facts.saw(known);
        self.calls[number].phase = CallPhase::Gone(Some(Known::NotOpened));
        self.expect(Always::Places, right);
    }

    pub(crate) fn callee_does(&mut self, number: usize, deed: Deed, facts: &Facts) {
        let plan = &self.plan.calls[number];
        let (at, runs, streams) = (1 - plan.by, plan.runs, plan.mirrored());
        let serve = self.serves[number].as_mut().expect("it was offered");
        let session = &mut self.ends[at].session;
        let id = serve.id;
        let how = match deed {
            Deed::Accept => {
                serve.phase = ServePhase::Running;
                return session.accept(id, runs, streams).expect("it may");
            }
            Deed::Started => {
                serve.started = true;
                return session.started(id, to_bytes(&0_u8)).expect("it may");
            }
            Deed::Send => {
                let stopped = send(session, id, &mut serve.half, facts);
                return self.expect(Always::Agreement, !stopped);
            }
            Deed::Take => {
                let taken = session.take_item(id);
                self.take(Who::Callee(number), taken, facts);
                return;
            }
            Deed::Stop => {
                serve.half.stopped = true;
                facts.saw(Fact::CalleeStopped);
                return session.stop(id);
            }
            Deed::Refuse => {
                serve.phase = ServePhase::Gone(How::Refused);
                return session.refuse(id, Refusal::NoEndpoint);
            }
            Deed::Return => How::Returned,
            Deed::Fail => How::Failed,
            Deed::GiveIn => How::Cancelled,
            other => unreachable!("a callee does not {other:?}"),
        };
        serve.phase = ServePhase::Gone(how);
        let up = self.calls[number].half.sent - serve.half.got;
        if how == How::Failed && up > 0 && serve.half.sent > self.calls[number].half.got {
            facts.saw(Fact::FailedStreaming);
        }
        session.finish(id, terminal(how)).expect("it may");
    }

    /// Whether the callee runs another kind than was opened; then the caller's session cancels it by itself.
    fn is_mismatched(&self, call: usize) -> bool {
        self.plan.calls[call].kind != self.plan.calls[call].runs
    }

    /// What came out of an inbox. Whether it was an item.
    fn take(&mut self, who: Who, taken: Option<Taken>, facts: &Facts) -> bool {
        let half = match who {
            Who::Caller(call) => &mut self.calls[call].half,
            Who::Callee(call) => &mut self.serves[call].as_mut().expect("it runs").half,
        };
        match taken {
            None => half.may_take = false,
            Some(Taken::Item(item)) => {
                let number: u8 = item.decode().expect("a number");
                let ordered = number == half.got;
                half.got += 1;
                self.expect(Always::Ordered, ordered);
                return true;
            }
            Some(Taken::Done) => {
                half.done = true;
                self.check_all_taken(who);
            }
            Some(Taken::Overrun) => self.breaks(Always::Windowed),
            Some(Taken::Lost) => {
                half.done = true;
                let lost = self.ends[self.end_of(who)].lost;
                facts.saw(Fact::HalfAStream);
                self.expect(Always::Complete, lost && matches!(who, Who::Callee(_)));
            }
        }
        false
    }

    /// Somebody was told that nothing more comes: they have had everything, unless the connection is gone.
    fn check_all_taken(&mut self, who: Who) {
        let (Who::Caller(number) | Who::Callee(number)) = who;
        let (call, Some(serve)) = (&self.calls[number], &self.serves[number]) else {
            return;
        };
        if self.is_mismatched(number) {
            return;
        }
        let lost = self.ends.iter().any(|end| end.lost);
        let complete = match who {
            Who::Caller(_) => {
                let doubt = matches!(call.phase, CallPhase::Ended(Known::InDoubt));
                lost || doubt || call.half.got == serve.half.sent
            }
            // Having left its own stream, a callee takes nothing more. What a cancel makes the caller say it says early.
            Who::Callee(_) => {
                let whole = call.half.stopped && call.half.sent == serve.half.got;
                serve.half.stopped || whole || !self.plan.calls[number].streams.sends
            }
        };
        self.expect(Always::Complete, complete);
    }
}

/// Whether the session has left the stream of itself.
fn send(session: &mut Session, id: DialogId, half: &mut Half, facts: &Facts) -> bool {
    match session.send(id, to_bytes(&half.sent)) {
        Ok(()) => half.sent += 1,
        Err(SendError::Full(_)) => {
            facts.saw(Fact::Full);
            half.may_send = false;
        }
        Err(SendError::Stopped) => {
            half.stopped = true;
            return true;
        }
        Err(error) => panic!("{error}"),
    }
    false
}

fn terminal(how: How) -> Terminal {
    match how {
        How::Returned => Terminal::Return(Any::nil().into_bytes()),
        How::Failed => Terminal::Error(Failure {
            name: "RuntimeError".to_owned(),
            text: String::new(),
            payload: None,
        }),
        How::Cancelled | How::Refused => Terminal::Cancelled {
            canceller: None,
            cause: CancelCause::Requested,
            text: String::new(),
        },
    }
}
