//! What happens when something happens: the real sessions do it, and every claim is looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::BytesMut;
use scipp_protocol::{Feature, Kind, Loss, Session};

use crate::claim::{Always, Fact, Facts};
use crate::frame::{Frame, What};
use crate::half::{CallPhase, Half, How, Known, Serve, ServePhase};
use crate::line::Context;
use crate::world::{Action, Who, World};

impl World {
    /// The state that comes of it.
    pub fn after(&self, action: Action, facts: &Facts) -> Self {
        let mut next = self.clone();
        let done = catch_unwind(AssertUnwindSafe(|| next.act(action, facts)));
        if done.is_err() {
            next.breaks(Always::NoPanic);
        }
        next
    }

    /// The same in place, and a panic goes on.
    pub(crate) fn act(&mut self, action: Action, facts: &Facts) {
        match action {
            Action::Does(who, deed) => {
                let at = self.end_of(who);
                self.command(at, facts, |world| match who {
                    Who::Caller(call) => world.caller_does(call, deed, facts),
                    Who::Callee(call) => world.callee_does(call, deed, facts),
                });
            }
            Action::Transmits(at) => self.transmit(at, facts),
            Action::Receives(at) => self.receive(at, facts),
            Action::Loses(at) => self.lose(at, Loss::Transport("cut".into()), facts),
            Action::Drains(at) => {
                self.ends[at].draining = true;
                self.command(at, facts, |world| world.ends[at].session.drain());
                if self.ends[1 - at].draining {
                    facts.saw(Fact::Crossed);
                }
            }
            Action::Closes(at) => {
                self.ends[at].closed = true;
                self.lose(at, Loss::Closed, facts);
            }
            Action::Ticks => self.tick(facts),
        }
        if self.plan.may.eager {
            for at in [0, 1] {
                while self.ends[at].session.wants_transmit() {
                    self.transmit(at, facts);
                }
            }
        }
        self.look(facts);
    }

    /// What holds whatever has happened.
    fn look(&mut self, facts: &Facts) {
        for at in [0, 1] {
            let end = &self.ends[at];
            // Two correct peers never fill an inbox, so reading never rests.
            let reads = end.lost || end.session.wants_receive();
            let overruns = end.session.stats().overruns;
            self.expect(Always::Windowed, reads && overruns == 0);
            let max = self.plan.limits[at].dialogs_max;
            let places = (0..self.calls.len())
                .filter(|call| self.has_place(at, *call))
                .count();
            self.expect(Always::Places, places <= max);
        }
        for number in 0..self.calls.len() {
            let sent = |half: Option<&Half>| half.map_or(0, |half| half.sent);
            let (call, serve) = (&self.calls[number], self.serves[number].as_ref());
            let (by, runs) = (self.plan.calls[number].by, 1 - self.plan.calls[number].by);
            let up = sent(Some(&call.half)) - serve.map_or(0, |serve| serve.half.got);
            let down = sent(serve.map(|serve| &serve.half)) - call.half.got;
            // Whoever has left, or is over, takes nothing more; what is on its way then is dropped.
            let runs_on = serve.is_none_or(|serve| serve.how().is_none() && !serve.half.stopped);
            // So is what comes to a kind that takes none.
            let runs_on = runs_on && self.plan.calls[number].runs == Kind::Context;
            if runs_on {
                self.expect(Always::Windowed, usize::from(up) <= self.window(by));
            }
            if matches!(self.calls[number].phase, CallPhase::Live) {
                self.expect(Always::Windowed, usize::from(down) <= self.window(runs));
            }
            if up > 0 && down > 0 {
                facts.saw(Fact::ItemsBothWays);
            }
            for who in [Who::Caller(number), Who::Callee(number)] {
                let told = self.knows_of_room(who);
                self.expect(Always::RoomTold, told);
            }
        }
    }

    /// The most items of one dialog that an end may have sent and its peer's application not taken.
    fn window(&self, sender: usize) -> usize {
        let here = self.ends[sender].session.peer().is_some();
        if self.has(Feature::Credit) {
            let window = self.plan.limits[1 - sender].inbox_items_max;
            if self.plan.warm == 0 {
                window.max(CREDIT_AT_FIRST)
            } else {
                window
            }
        } else if here || !self.plan.features[sender].has(Feature::Credit) {
            // What may be unread when a question is answered, and what may be sent beyond it.
            let inbox = self.plan.limits[1 - sender].inbox_items_max;
            let asked = self.plan.limits[1 - sender].unread_items_max;
            self.plan.limits[sender].unread_items_max + (inbox - asked)
        } else {
            CREDIT_AT_FIRST.min(self.plan.limits[sender].unread_items_max)
        }
    }

    /// Whether a sender waits only as long as it must.
    fn knows_of_room(&self, who: Who) -> bool {
        let (half, id) = match who {
            Who::Caller(call) => {
                let call = &self.calls[call];
                (
                    &call.half,
                    call.id.filter(|_| call.phase == CallPhase::Live),
                )
            }
            Who::Callee(call) => match &self.serves[call] {
                Some(serve) if serve.how().is_none() => (&serve.half, Some(serve.id)),
                _ => return true,
            },
        };
        let end = &self.ends[self.end_of(who)];
        half.may_send || end.lost || id.is_none_or(|id| end.session.is_full(id))
    }

    /// Whether a call takes a place among those that an end runs: until the transport has its terminal.
    fn has_place(&self, at: usize, call: usize) -> bool {
        let Some(serve) = &self.serves[call] else {
            return false;
        };
        if self.plan.calls[call].by == at {
            return false;
        }
        match serve.phase {
            ServePhase::Offered | ServePhase::Running => true,
            // Neither has a terminal of its own that waits.
            ServePhase::Gone(How::Refused) => false,
            ServePhase::Gone(How::Cancelled) if !self.has(Feature::Cancel) => false,
            ServePhase::Gone(_) => !self.calls[call].line.is_through() && !self.ends[at].lost,
        }
    }

    /// A command of an application: what it leaves to do must wake the driver.
    fn command<T>(&mut self, at: usize, facts: &Facts, does: impl FnOnce(&mut Self) -> T) {
        let state = |session: &Session| {
            let deadline = session.deadline();
            (session.wants_transmit(), session.wants_receive(), deadline)
        };
        let before = state(&self.ends[at].session);
        does(self);
        let session = &mut self.ends[at].session;
        let after = state(session);
        let woken = session.take_wake();
        let sooner = match (before.2, after.2) {
            (Some(before), Some(after)) => after < before,
            (None, after) => after.is_some(),
            (Some(_), None) => false,
        };
        let work = after.0 && !before.0 || after.1 && !before.1 || sooner;
        self.expect(Always::Woken, woken || !work);
        let events = self.settle(at, facts);
        self.expect(Always::Woken, woken || events == 0);
        if after.1 && !before.1 {
            self.give(at, BytesMut::new(), facts);
        }
    }

    /// One message goes to the transport.
    fn transmit(&mut self, at: usize, facts: &Facts) {
        let mut out = BytesMut::new();
        self.ends[at].session.transmit(&mut out, 1);
        self.settle(at, facts);
        if out.is_empty() {
            return self.breaks(Always::Woken);
        }
        let frame = Frame::new(out.freeze());
        self.hear(at, &frame.what, facts);
        self.look_at_form(&frame, facts);
        // Nobody reads what goes to an end that has lost the connection.
        if !self.ends[1 - at].lost {
            self.ends[at].out.push_back(Arc::new(frame));
        }
    }

    /// Messages of dialogs are lists where both ends have that feature, and nothing is one elsewhere.
    fn look_at_form(&mut self, frame: &Frame, facts: &Facts) {
        let on = self.has(Feature::Compact);
        self.expect(Always::Plain, on || !frame.is_list);
        let of_dialog = !matches!(frame.what, What::Aid | What::Session(_));
        self.expect(Always::Form, frame.is_list == (on && of_dialog));
        if let (What::Start(cid, ..), true) = (&frame.what, frame.is_list) {
            facts.saw(if cid.contains('#') {
                Fact::Numbered
            } else {
                Fact::Unnumbered
            });
        }
    }

    /// What an end said is what it may say.
    fn hear(&mut self, at: usize, what: &What, facts: &Facts) {
        let (feature, id) = match what {
            What::Aid => return,
            What::Session("Goodbye") => (Some(Feature::Goodbye), None),
            What::Session(_) => (Some(Feature::Ping), None),
            What::Start(_, call, left) => {
                let line = &mut self.calls[*call as usize].line;
                let broken = line.caller_says(what, &NOTHING, &mut |_| {});
                let told = self.calls[*call as usize].deadline;
                let left_now = told.map(|at| at.saturating_duration_since(self.now).as_millis());
                let right = left.is_none_or(|ms| left_now.is_some_and(|now| u128::from(ms) <= now));
                self.expect(Always::Deadline, right);
                if let Some(claim) = broken {
                    self.breaks(claim);
                }
                (left.map(|_| Feature::Deadline), None)
            }
            What::Cancel(request, dialog) => {
                let native = (request == dialog).then_some(Feature::Cancel);
                (native, Some(dialog))
            }
            What::Checkpoint(_, dialog) => {
                facts.saw(Fact::Asked);
                (None, Some(dialog))
            }
            What::Credit(dialog) => {
                facts.saw(Fact::Granted);
                (Some(Feature::Credit), Some(dialog))
            }
            What::StartAck(id)
            | What::Started(id)
            | What::Yield(id)
            | What::Stop(id)
            | What::Terminal(id)
            | What::Overrun(id)
            | What::CancelAck(id) => (None, Some(id)),
        };
        let plain = feature.is_some_and(|feature| !self.has(feature));
        self.expect(Always::Plain, !plain);
        let Some(id) = id else { return };
        // The answer to a question how far we are names that question, and no dialog.
        let Some(number) = self.calls.iter().position(|call| call.line.is_about(id)) else {
            let answers = matches!(what, What::StartAck(_) | What::CancelAck(_));
            return self.expect(Always::StartFirst, answers);
        };
        let about = Context {
            kind: self.plan.calls[number].runs,
            sent_up: self.calls[number].half.sent,
            sent_down: self.serves[number].as_ref().map_or(0, |it| it.half.sent),
            handler: self.serves[number].as_ref().map(Serve::how),
            native_cancel: self.has(Feature::Cancel),
        };
        let line = &mut self.calls[number].line;
        let broken = if self.plan.calls[number].by == at {
            line.caller_says(what, &about, &mut |fact| facts.saw(fact))
        } else {
            line.callee_says(what, &about)
        };
        if let Some(claim) = broken {
            self.breaks(claim);
        }
    }

    /// One message arrives.
    fn receive(&mut self, at: usize, facts: &Facts) {
        let Some(frame) = self.ends[1 - at].out.pop_front() else {
            return;
        };
        if let What::Yield(id) = &frame.what
            && let Some(call) = self.calls.iter().position(|call| call.line.is_about(id))
        {
            let serve = self.serves[call].as_ref();
            if self.plan.calls[call].by == at {
                if !matches!(self.calls[call].phase, CallPhase::Live) {
                    facts.saw(Fact::LateItem);
                }
            } else if serve.is_some_and(|serve| serve.how().is_some() || serve.half.stopped) {
                facts.saw(Fact::LateItem);
            } else if serve.is_some_and(|serve| serve.phase == ServePhase::Offered) {
                facts.saw(Fact::EarlyItem);
            }
        }
        self.give(at, BytesMut::from(&frame.bytes[..]), facts);
        // One that runs another kind than was opened is asked to end at once.
        if let What::StartAck(id) = &frame.what {
            for (plan, call) in self.plan.calls.iter().zip(&mut self.calls) {
                if plan.by == at && plan.runs != plan.kind && call.line.is_of(id) {
                    call.line.asks(call.half.stopped);
                }
            }
        }
    }

    fn give(&mut self, at: usize, mut bytes: BytesMut, facts: &Facts) {
        let received = self.ends[at].session.receive(self.now, &mut bytes);
        self.expect(Always::Innocent, received.is_ok() && bytes.is_empty());
        self.settle(at, facts);
    }

    fn tick(&mut self, facts: &Facts) {
        self.ticks = self.ticks.saturating_sub(1);
        self.now = self.due().map_or(self.now, |due| due.max(self.now));
        for call in &mut self.calls {
            let passed = call.deadline.is_some_and(|deadline| deadline <= self.now);
            if passed && call.phase == CallPhase::Live {
                call.line.asks(call.half.stopped);
            }
        }
        for at in [0, 1] {
            let ticked = self.ends[at].session.tick(self.now);
            self.expect(Always::Innocent, ticked.is_ok());
            if self.ends[at].session.stats().unreaped > 0 {
                facts.saw(Fact::Unreaped);
            }
            self.settle(at, facts);
        }
    }

    /// An end finds out that the connection is gone, or closes it.
    fn lose(&mut self, at: usize, why: Loss, facts: &Facts) {
        let in_order = self.ends[1 - at].closed;
        let end = &mut self.ends[at];
        end.lost = true;
        end.session.lost(why);
        let silent = !end.session.wants_transmit() && end.session.deadline().is_none();
        self.expect(Always::LossTells, silent);
        self.ends[1 - at].out.clear();
        self.settle(at, facts);
        let mut doubt = false;
        for number in 0..self.calls.len() {
            let (by, call) = (self.plan.calls[number].by, &self.calls[number]);
            doubt |= by == at && matches!(call.phase, CallPhase::Ended(Known::InDoubt));
            let told = by != at || !matches!(call.phase, CallPhase::Live);
            self.expect(Always::LossTells, told);
            if by != at
                && let Some(serve) = &self.serves[number]
                && serve.how().is_none()
            {
                let asked = serve.asked;
                facts.saw(Fact::AskedByLoss);
                self.expect(Always::LossAsks, asked);
            }
        }
        if in_order && !doubt {
            facts.saw(Fact::DrainedThenClosed);
        }
    }
}

/// Items that may be sent before any are granted, and before the peer has said what it is.
const CREDIT_AT_FIRST: usize = 16;

/// Before its start there is nothing to know of a dialog.
const NOTHING: Context = Context {
    kind: Kind::Asyncfunc,
    sent_up: 0,
    sent_down: 0,
    handler: None,
    native_cancel: false,
};
