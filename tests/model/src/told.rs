//! What a session tells its applications, and whether that is so.

use scipp_codec::Map;
use scipp_protocol::{Asked, Broken, Cause, DialogId, End, Event, Feature, Kind};

use crate::claim::{Always, Fact, Facts};
use crate::half::{CallPhase, Half, How, Known, Serve};
use crate::world::{Who, World};

impl World {
    /// What the session has to tell its applications. Returns how much that was.
    pub(crate) fn settle(&mut self, at: usize, facts: &Facts) -> usize {
        let mut events = 0;
        while let Some(event) = self.ends[at].session.poll_event() {
            events += 1;
            match event {
                Event::Opened { .. } => {}
                Event::Incoming(id) => self.incoming(at, id, facts),
                Event::Started(id) => {
                    let first = self.ends[at].session.take_started(id);
                    self.expect(Always::Ordered, first.is_some());
                }
                Event::Item(id) => {
                    if let Some(half) = self.half(at, id) {
                        half.may_take = true;
                    }
                }
                Event::Room(id) => {
                    if let Some(half) = self.half(at, id)
                        && !std::mem::replace(&mut half.may_send, true)
                    {
                        facts.saw(Fact::RoomAgain);
                    }
                }
                Event::Overdue(id) => {
                    let mut calls = self.calls.iter().zip(&self.plan.calls);
                    let late = calls.any(|(call, plan)| {
                        plan.by == at
                            && call.id == Some(id)
                            && call.deadline.is_some_and(|due| due <= self.now)
                    });
                    self.expect(Always::Deadline, late);
                }
                Event::CancelRequested(id, cause) => self.asked(at, id, &cause),
                Event::Ended(id) => self.ended(at, id, facts),
                Event::PeerLeaves => {
                    facts.saw(Fact::PeerLeaves);
                    let other = self.ends[1 - at].draining;
                    self.ends[at].peer_leaves = true;
                    self.expect(Always::Draining, other);
                }
                Event::Drained => {
                    facts.saw(Fact::Drained);
                    let end = &mut self.ends[at];
                    end.drained = true;
                    let still = end.session.dialogs() == 0 && !end.session.wants_transmit();
                    let right = still && end.draining;
                    self.expect(Always::Drained, right && !self.runs_at(at));
                }
                other => panic!("{other:?}"),
            }
        }
        // Whatever asked for the driver has got it.
        self.ends[at].session.take_wake();
        events
    }

    /// Whether a dialog is not over at an end, as its applications know it.
    fn runs_at(&self, at: usize) -> bool {
        let calls = self.plan.calls.iter().zip(&self.calls).zip(&self.serves);
        calls.into_iter().any(|((plan, call), serve)| {
            if plan.by == at {
                matches!(call.phase, CallPhase::Live)
            } else {
                serve.as_ref().is_some_and(|serve| serve.how().is_none())
            }
        })
    }

    fn half(&mut self, at: usize, id: DialogId) -> Option<&mut Half> {
        match self.who(at, id)? {
            Who::Caller(call) => Some(&mut self.calls[call].half),
            Who::Callee(call) => self.serves[call].as_mut().map(|serve| &mut serve.half),
        }
    }

    fn incoming(&mut self, at: usize, id: DialogId, facts: &Facts) {
        let incoming = self.ends[at].session.incoming(id).expect("a dialog");
        let named: Map<String, u8> = incoming.args.decode().expect("arguments");
        let number = usize::from(named["call"]);
        let new = self.serves[number].is_none() && self.plan.calls[number].by != at;
        self.expect(Always::StartFirst, new);
        let draining = self.ends[at].draining;
        self.expect(Always::Draining, !draining);
        let told = self.calls[number].deadline;
        let right = match (incoming.deadline, told) {
            (Some(here), Some(there)) => here <= there || self.plan.may.ticks > 0,
            (None, told) => told.is_none() || !self.has(Feature::Deadline),
            (Some(_), None) => false,
        };
        self.expect(Always::Deadline, right);
        if incoming.deadline.is_some() {
            facts.saw(Fact::DeadlineTold);
        }
        self.serves[number] = Some(Serve::new(id));
    }

    fn asked(&mut self, at: usize, id: DialogId, cause: &Cause) {
        let Some(Who::Callee(number)) = self.who(at, id) else {
            return;
        };
        let lost = self.ends[at].lost;
        let by_loss = matches!(cause, Cause::SessionLost(_));
        self.expect(Always::LossAsks, !by_loss || lost);
        let serve = self.serves[number].as_mut().expect("it runs");
        let again = std::mem::replace(&mut serve.asked, true);
        self.expect(Always::AskedOnce, !again);
    }

    /// A caller is told how its dialog ended.
    fn ended(&mut self, at: usize, id: DialogId, facts: &Facts) {
        let told = self.ends[at].session.take_end(id);
        let (Some(Who::Caller(number)), Some(told)) = (self.who(at, id), told) else {
            return self.breaks(Always::OneEnd);
        };
        let live = self.calls[number].phase == CallPhase::Live;
        self.expect(Always::OneEnd, live);
        let how = self.serves[number].as_ref().map(Serve::how);
        let lost = self.ends[at].lost;
        let call = &self.calls[number];
        let plan = &self.plan.calls[number];
        let sent = call.line.is_sent();
        let generator = plan.runs == Kind::Asyncgen;
        // (what it knows, who else must know it, whether that is right)
        let (known, claim, right) = match &told {
            End::Returned(_) => {
                if call.asked {
                    facts.saw(Fact::CancelLost);
                }
                facts.saw(Fact::Returned);
                let right = how == Some(Some(How::Returned));
                (Known::Returned, Always::Agreement, right)
            }
            End::Failed(_) => {
                facts.saw(Fact::Failed);
                let right = how == Some(Some(How::Failed));
                (Known::Failed, Always::Agreement, right)
            }
            End::Cancelled(cancelled) => {
                facts.saw(Fact::Cancelled);
                let by_deadline = cancelled.asked == Some(Asked::Deadline);
                if by_deadline {
                    facts.saw(Fact::CancelledByDeadline);
                }
                // A plain generator says the same whether it returned or gave in.
                let silent = generator && !self.has(Feature::Cancel);
                let returned = silent && how == Some(Some(How::Returned));
                let agrees = how == Some(Some(How::Cancelled)) || returned;
                let asked = call.asked || by_deadline || self.ends[1 - at].lost;
                (Known::Cancelled, Always::Agreement, agrees && asked)
            }
            End::Refused(error) => {
                let by_peer = match error.source_type.as_str() {
                    "ShuttingDown" => {
                        facts.saw(Fact::RefusedLeaving);
                        how.is_none() && self.ends[1 - at].draining
                    }
                    "TooManyDialogs" => {
                        facts.saw(Fact::RefusedPlaces);
                        how.is_none()
                    }
                    _ => {
                        facts.saw(Fact::Refused);
                        how == Some(Some(How::Refused))
                    }
                };
                (Known::Refused, Always::Agreement, by_peer)
            }
            End::Broken(Broken::Kind { .. }) => {
                facts.saw(Fact::OtherKind);
                let over = how.is_some_and(|how| how.is_some());
                let right = plan.kind != plan.runs && over;
                (Known::OtherKind, Always::KnownEnd, right)
            }
            End::NotSent(why) => {
                facts.saw(if why.is_some() {
                    Fact::NotSentByLoss
                } else {
                    Fact::Withdrawn
                });
                let right = !sent && how.is_none() && why.is_some() == lost;
                (Known::NotSent, Always::NotSent, right)
            }
            End::InDoubt(why) => {
                facts.saw(Fact::InDoubtByLoss);
                let right = sent && why.is_some() && lost;
                (Known::InDoubt, Always::InDoubt, right)
            }
            other => panic!("{other:?}"),
        };
        self.expect(claim, right);
        let doubt = matches!(known, Known::InDoubt);
        // Whoever knows the end has nobody running.
        self.expect(
            Always::KnownEnd,
            doubt || how.is_none_or(|how| how.is_some()),
        );
        self.calls[number].phase = CallPhase::Ended(known);
    }
}
