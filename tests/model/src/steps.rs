//! What happens when something happens: the real sessions do it, and every claim is looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::BytesMut;
use scipp_codec::{Any, Map, to_bytes};
use scipp_protocol::{
    Asked, Broken, CancelCause, Cause, DialogId, End as Told, Event, Failure, Feature, Kind, Loss,
    Open, OpenError, Refusal, SendError, Session, Taken, Terminal,
};

use crate::claim::{Always, Fact, Facts};
use crate::frame::{Frame, What};
use crate::half::{CallPhase, Half, How, Known, Serve, ServePhase};
use crate::line::Context;
use crate::world::{Action, Deed, Who, World};

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

    fn act(&mut self, action: Action, facts: &Facts) {
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
            if runs_on {
                self.expect(Always::Windowed, usize::from(up) <= self.window(by));
            }
            if matches!(self.calls[number].phase, CallPhase::Live) {
                self.expect(Always::Windowed, usize::from(down) <= self.window(runs));
            }
            if up > 0 && down > 0 {
                facts.saw(Fact::ItemsBothWays);
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
            CREDIT_AT_FIRST
        }
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

    fn caller_does(&mut self, number: usize, deed: Deed, facts: &Facts) {
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

    fn callee_does(&mut self, number: usize, deed: Deed, facts: &Facts) {
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
        // Nobody reads what goes to an end that has lost the connection.
        if !self.ends[1 - at].lost {
            self.ends[at].out.push_back(Arc::new(frame));
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
    }

    fn give(&mut self, at: usize, mut bytes: BytesMut, facts: &Facts) {
        let received = self.ends[at].session.receive(self.now, &mut bytes);
        self.expect(Always::Innocent, received.is_ok() && bytes.is_empty());
        self.settle(at, facts);
    }

    fn tick(&mut self, facts: &Facts) {
        self.ticks = self.ticks.saturating_sub(1);
        self.now = self.due().map_or(self.now, |due| due.max(self.now));
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

    /// What the session has to tell its applications. Returns how much that was.
    fn settle(&mut self, at: usize, facts: &Facts) -> usize {
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
            Told::Returned(_) => {
                if call.asked {
                    facts.saw(Fact::CancelLost);
                }
                facts.saw(Fact::Returned);
                let right = how == Some(Some(How::Returned));
                (Known::Returned, Always::Agreement, right)
            }
            Told::Failed(_) => {
                facts.saw(Fact::Failed);
                let right = how == Some(Some(How::Failed));
                (Known::Failed, Always::Agreement, right)
            }
            Told::Cancelled(cancelled) => {
                facts.saw(Fact::Cancelled);
                let by_deadline = cancelled.asked == Some(Asked::Deadline);
                if by_deadline {
                    facts.saw(Fact::CancelledByDeadline);
                }
                // A plain generator says the same whether it returned or gave in.
                let returned = generator && how == Some(Some(How::Returned));
                let agrees = how == Some(Some(How::Cancelled)) || returned;
                let asked = call.asked || by_deadline || self.ends[1 - at].lost;
                (Known::Cancelled, Always::Agreement, agrees && asked)
            }
            Told::Refused(error) => {
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
            Told::Broken(Broken::Kind { .. }) => {
                facts.saw(Fact::OtherKind);
                let over = how.is_some_and(|how| how.is_some());
                let right = plan.kind != plan.runs && over;
                (Known::OtherKind, Always::KnownEnd, right)
            }
            Told::NotSent(why) => {
                facts.saw(if why.is_some() {
                    Fact::NotSentByLoss
                } else {
                    Fact::Withdrawn
                });
                let right = !sent && how.is_none() && why.is_some() == lost;
                (Known::NotSent, Always::NotSent, right)
            }
            Told::InDoubt(why) => {
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
