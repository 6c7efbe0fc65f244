//! A state of a world: two sessions, what is on its way between them, and their applications.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use scipp_protocol::digest::Digest;
use scipp_protocol::{Aid, Config, DialogId, Feature, Features, Kind, Session, Side, Uid};

use crate::claim::{Always, Facts};
use crate::frame::Frame;
use crate::half::{Call, CallPhase, Serve, ServePhase};
use crate::plan::Plan;

/// One state.
#[derive(Clone)]
pub struct World {
    pub(crate) plan: Arc<Plan>,
    /// Which plan it is.
    number: usize,
    pub(crate) now: Instant,
    pub(crate) ticks: u8,
    pub(crate) ends: [End; 2],
    pub(crate) calls: Vec<Call>,
    /// The callees of these calls, once they have arrived.
    pub(crate) serves: Vec<Option<Serve>>,
    /// What does not hold any more, a bit for each.
    broken: u32,
}

/// One end of the connection.
#[derive(Clone)]
pub(crate) struct End {
    pub(crate) session: Session,
    /// What it handed to the transport and the other end has not read.
    pub(crate) out: VecDeque<Arc<Frame>>,
    pub(crate) draining: bool,
    pub(crate) drained: bool,
    pub(crate) peer_leaves: bool,
    pub(crate) lost: bool,
    /// It closed the connection itself, in order.
    pub(crate) closed: bool,
}

/// Something that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An application does something.
    Does(Who, Deed),
    /// An end hands a message to the transport.
    Transmits(usize),
    /// An end reads one.
    Receives(usize),
    /// An end finds out that the connection is gone.
    Loses(usize),
    /// An end takes no more dialogs.
    Drains(usize),
    /// An end that is drained closes.
    Closes(usize),
    /// Time passes until something is due.
    Ticks,
}

/// The caller or the callee of a call, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Who opens it.
    Caller(usize),
    /// Who runs it.
    Callee(usize),
}

/// What an application does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Opens the dialog.
    Open,
    /// Accepts it.
    Accept,
    /// Refuses it.
    Refuse,
    /// Says the first value.
    Started,
    /// Sends an item.
    Send,
    /// Takes what is in the inbox.
    Take,
    /// Leaves its stream.
    Stop,
    /// Asks for the end.
    Cancel,
    /// Leaves the dialog.
    Leave,
    /// Returns.
    Return,
    /// Fails.
    Fail,
    /// Ends because it was asked to.
    GiveIn,
}

impl World {
    /// The beginning, as the plan says it.
    pub(crate) fn begin(number: usize, plan: &Arc<Plan>, now: Instant) -> Self {
        let facts = Facts::default();
        let mut world = Self::new(number, plan, now);
        if plan.opened {
            world.carry(&facts);
        }
        if plan.warm > 0 {
            let (caller, callee) = (Who::Caller(0), Who::Callee(0));
            world.do_now(caller, Deed::Open, &facts);
            world.do_now(callee, Deed::Accept, &facts);
            world.do_now(callee, Deed::Started, &facts);
            for _ in 0..plan.warm {
                for (sends, takes) in [(caller, callee), (callee, caller)] {
                    world.do_now(sends, Deed::Send, &facts);
                    world.do_now(takes, Deed::Take, &facts);
                }
            }
        }
        assert!(!world.is_broken(), "the beginning is sound: {world:?}");
        world
    }

    fn do_now(&mut self, who: Who, deed: Deed, facts: &Facts) {
        *self = self.after(Action::Does(who, deed), facts);
        self.carry(facts);
    }

    /// Brings over what is queued, one message after the other.
    fn carry(&mut self, facts: &Facts) {
        while let Some(moves) = self
            .actions()
            .into_iter()
            .find(|action| matches!(action, Action::Transmits(_) | Action::Receives(_)))
        {
            *self = self.after(moves, facts);
        }
    }

    /// The beginning, before anything was said.
    fn new(number: usize, plan: &Arc<Plan>, now: Instant) -> Self {
        let end = |side, at: usize| End {
            session: Session::new(side, config(plan, at), now),
            out: VecDeque::new(),
            draining: false,
            drained: false,
            peer_leaves: false,
            lost: false,
            closed: false,
        };
        Self {
            number,
            now,
            ticks: plan.may.ticks,
            ends: [end(Side::Connector, 0), end(Side::Acceptor, 1)],
            calls: plan.calls.iter().map(|_| Call::new()).collect(),
            serves: plan.calls.iter().map(|_| None).collect(),
            broken: 0,
            plan: Arc::clone(plan),
        }
    }

    /// Whether a claim holds here.
    pub fn holds(&self, claim: Always) -> bool {
        let whole = self.broken & 1 << claim as u32 == 0;
        whole && (claim != Always::Finished || !self.is_stuck())
    }

    /// Whether nothing more can happen, and somebody still waits.
    fn is_stuck(&self) -> bool {
        // Cheap, and mostly so.
        let moves = |at: usize| {
            let (end, other) = (&self.ends[at], &self.ends[1 - at]);
            !end.lost && (end.session.wants_transmit() || !other.out.is_empty())
        };
        !moves(0)
            && !moves(1)
            && !self.is_broken()
            && self.actions().is_empty()
            && !self.is_finished()
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken != 0
    }

    pub(crate) fn breaks(&mut self, claim: Always) {
        self.broken |= 1 << claim as u32;
    }

    pub(crate) fn expect(&mut self, claim: Always, holds: bool) {
        if !holds {
            self.breaks(claim);
        }
    }

    /// What both ends offer.
    pub(crate) fn features(&self) -> Features {
        let [one, other] = self.plan.features;
        one.and(other)
    }

    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.features().has(feature)
    }

    /// The end at which somebody is.
    pub(crate) fn end_of(&self, who: Who) -> usize {
        match who {
            Who::Caller(call) => self.plan.calls[call].by,
            Who::Callee(call) => 1 - self.plan.calls[call].by,
        }
    }

    /// Whose dialog that is at an end.
    pub(crate) fn who(&self, end: usize, id: DialogId) -> Option<Who> {
        let calls = self.plan.calls.iter().zip(&self.calls).enumerate();
        for (number, (plan, call)) in calls {
            if plan.by == end && call.id == Some(id) && !call.is_over() {
                return Some(Who::Caller(number));
            }
            let serve = self.serves[number].as_ref();
            if plan.by != end && serve.is_some_and(|it| it.id == id && it.how().is_none()) {
                return Some(Who::Callee(number));
            }
        }
        None
    }

    /// What may happen, in a fixed order.
    pub fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.is_broken() {
            return actions;
        }
        for call in 0..self.calls.len() {
            self.deeds_of_caller(call, &mut actions);
            self.deeds_of_callee(call, &mut actions);
        }
        let may = &self.plan.may;
        for at in [0, 1] {
            let (end, other) = (&self.ends[at], &self.ends[1 - at]);
            if end.lost {
                continue;
            }
            if end.session.wants_transmit() {
                actions.push(Action::Transmits(at));
            }
            if !other.out.is_empty() && end.session.wants_receive() {
                actions.push(Action::Receives(at));
            }
            let hears_of_it = other.lost && (!other.closed || other.out.is_empty());
            if may.lose && !other.closed || hears_of_it {
                actions.push(Action::Loses(at));
            }
            if may.drain[at] && !end.draining {
                actions.push(Action::Drains(at));
            }
            if end.drained && !end.session.wants_transmit() {
                actions.push(Action::Closes(at));
            }
        }
        if may.ticks > 0 && (self.ticks > 0 || actions.is_empty()) && self.due().is_some() {
            actions.push(Action::Ticks);
        }
        actions
    }

    /// When something is due at one of the ends.
    pub(crate) fn due(&self) -> Option<Instant> {
        let due = self.ends.iter().filter_map(|end| end.session.deadline());
        due.min()
    }

    fn deeds_of_caller(&self, number: usize, actions: &mut Vec<Action>) {
        let (plan, call) = (&self.plan.calls[number], &self.calls[number]);
        let may = &self.plan.may;
        let lost = self.ends[plan.by].lost;
        let mut does = |deed| actions.push(Action::Does(Who::Caller(number), deed));
        let half = &call.half;
        match call.phase {
            CallPhase::New if !lost => does(Deed::Open),
            CallPhase::Live => {
                // Whoever has seen the other side's stop says nothing more, not even a stop.
                let speaks = !half.stopped && !half.done && !lost;
                if plan.streams.sends && speaks && half.may_send && half.sent < plan.up {
                    does(Deed::Send);
                }
                if half.may_take && !half.done {
                    does(Deed::Take);
                }
                let stops = half.sent == plan.up || may.stop;
                if plan.kind == Kind::Context && plan.streams.any() && speaks && stops {
                    does(Deed::Stop);
                }
                if may.cancel && !call.asked {
                    does(Deed::Cancel);
                }
                if may.leave {
                    does(Deed::Leave);
                }
            }
            CallPhase::Ended(_) => {
                if half.may_take && !half.done {
                    does(Deed::Take);
                }
                if may.leave || half.done || !plan.streams.receives {
                    does(Deed::Leave);
                }
            }
            CallPhase::New | CallPhase::Gone(_) => {}
        }
    }

    fn deeds_of_callee(&self, number: usize, actions: &mut Vec<Action>) {
        let plan = &self.plan.calls[number];
        let may = &self.plan.may;
        let Some(serve) = &self.serves[number] else {
            return;
        };
        let lost = self.ends[1 - plan.by].lost;
        let mut does = |deed| actions.push(Action::Does(Who::Callee(number), deed));
        let half = &serve.half;
        match serve.phase {
            ServePhase::Offered => {
                does(Deed::Accept);
                if may.refuse {
                    does(Deed::Refuse);
                }
            }
            ServePhase::Running => {
                let context = plan.runs == Kind::Context;
                if context && !serve.started {
                    does(Deed::Started);
                }
                let begun = !context || serve.started;
                let speaks = begun && !half.stopped && !half.done && !lost;
                let sends = plan.mirrored().sends && plan.runs != Kind::Asyncfunc && speaks;
                if sends && half.may_send && half.sent < plan.down {
                    does(Deed::Send);
                }
                if half.may_take && !half.done {
                    does(Deed::Take);
                }
                if context && speaks && plan.streams.any() && may.stop {
                    does(Deed::Stop);
                }
                if begun && !may.stubborn {
                    does(Deed::Return);
                }
                if may.fail {
                    does(Deed::Fail);
                }
                if serve.asked {
                    does(Deed::GiveIn);
                }
            }
            ServePhase::Gone(_) => {}
        }
    }

    /// Whether everybody has what they waited for, in a state in which nothing more can happen.
    pub(crate) fn is_finished(&self) -> bool {
        let waits = |call: &Call, end: &End| match call.phase {
            CallPhase::New => !end.lost,
            CallPhase::Live | CallPhase::Ended(_) => true,
            CallPhase::Gone(_) => false,
        };
        let mut calls = self.plan.calls.iter().zip(&self.calls);
        let served = self
            .serves
            .iter()
            .flatten()
            .all(|serve| serve.how().is_some());
        let ends = self.ends.iter().zip(self.ends.iter().rev());
        !calls.any(|(plan, call)| waits(call, &self.ends[plan.by]))
            && served
            && ends.into_iter().all(|(end, other)| {
                let timed = end.session.deadline().is_some() && !self.has(Feature::Ping);
                let unread = !end.out.is_empty() && !other.lost;
                end.session.leftovers().is_empty() && !timed && !unread
            })
    }
}

fn config(plan: &Plan, at: usize) -> Config {
    let (name, uuid) = [
        ("one", "00000000-0000-4000-8000-000000000001"),
        ("two", "00000000-0000-4000-8000-000000000002"),
    ][at];
    let mut aid = Aid::new(Uid::new(name, uuid), Some(7));
    aid.features = plan.features[at];
    let mut config = Config::new(aid, (1 + at as u128) << 64);
    config.limits = plan.limits[at].clone();
    // Nobody is slow at the beginning.
    config.limits.handshake_max = NEVER;
    config
}

/// Longer than any world lasts.
const NEVER: Duration = Duration::from_secs(1_000_000);

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut into = Digest::new(state, self.now);
        into.add((self.number, self.broken, self.ticks));
        for end in &self.ends {
            end.session.digest(&mut into);
            into.add((
                end.draining,
                end.drained,
                end.peer_leaves,
                end.lost,
                end.closed,
            ));
            into.add(end.out.len());
            end.out.iter().for_each(|frame| frame.digest(&mut into));
        }
        for (plan, (call, serve)) in self
            .plan
            .calls
            .iter()
            .zip(self.calls.iter().zip(&self.serves))
        {
            into.add((call.phase, call.asked, &call.half));
            call.line.digest(&mut into);
            if let Some(id) = call.id {
                self.ends[plan.by].session.digest_id(id, &mut into);
            }
            into.add(serve.is_some());
            if let Some(serve) = serve {
                into.add((serve.phase, serve.started, serve.asked, &serve.half));
                self.ends[1 - plan.by]
                    .session
                    .digest_id(serve.id, &mut into);
            }
        }
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        let hash = |world: &Self| {
            let mut hasher = std::hash::DefaultHasher::new();
            world.hash(&mut hasher);
            hasher.finish()
        };
        hash(self) == hash(other)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("plan", &self.number)
            .field("calls", &self.calls)
            .field("serves", &self.serves)
            .finish_non_exhaustive()
    }
}
