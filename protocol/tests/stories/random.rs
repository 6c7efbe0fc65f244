//! Random operations of two applications, random cuts of the wire between them, and random frames of a peer that
//! follows no rule.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::BytesMut;
use proptest::prelude::*;
use scipp_protocol::{
    Any, BadKind, DialogId, End, Event, Failure, Feature, Features, Kind, Loss, Refusal,
    RemoteError, SendError, Streams, Taken, Terminal,
};

use crate::lone::{Lone, framed};
use crate::pair::{Pair, Peer, cancelled, config, number, open, with_features};

/// What one of the two applications, or the wire, does next. The numbers choose among what there is.
#[derive(Debug, Clone)]
enum Op {
    Open(bool, u8, u8),
    OpenLate(bool),
    Cancel(bool, u8),
    Forget(bool, u8),
    Accept(bool, u8, u8, u8),
    Refuse(bool, u8),
    Started(bool, u8),
    Send(bool, u8, u8),
    Stop(bool, u8),
    Take(bool, u8, u8),
    Finish(bool, u8, u8),
    CancelActor(bool),
    /// Some bytes go on, in one direction.
    Move(bool, u16),
    Wait(u16),
    Drain(bool),
    Cut,
}

fn op() -> impl Strategy<Value = Op> {
    let side = any::<bool>();
    prop_oneof![
        6 => (side, any::<u8>(), any::<u8>()).prop_map(|(s, k, t)| Op::Open(s, k, t)),
        1 => side.prop_map(Op::OpenLate),
        3 => (side, any::<u8>()).prop_map(|(s, n)| Op::Cancel(s, n)),
        2 => (side, any::<u8>()).prop_map(|(s, n)| Op::Forget(s, n)),
        8 => (side, any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(s, n, k, t)| Op::Accept(s, n, k, t)),
        1 => (side, any::<u8>()).prop_map(|(s, n)| Op::Refuse(s, n)),
        6 => (side, any::<u8>()).prop_map(|(s, n)| Op::Started(s, n)),
        12 => (side, any::<u8>(), 0..70_u8).prop_map(|(s, n, i)| Op::Send(s, n, i)),
        3 => (side, any::<u8>()).prop_map(|(s, n)| Op::Stop(s, n)),
        10 => (side, any::<u8>(), 0..40_u8).prop_map(|(s, n, i)| Op::Take(s, n, i)),
        6 => (side, any::<u8>(), any::<u8>()).prop_map(|(s, n, t)| Op::Finish(s, n, t)),
        1 => side.prop_map(Op::CancelActor),
        20 => (side, any::<u16>()).prop_map(|(s, n)| Op::Move(s, n % 4_000)),
        2 => any::<u16>().prop_map(|n| Op::Wait(n % 1_500)),
    ]
}

fn kind(n: u8) -> Kind {
    match n % 3 {
        0 => Kind::Asyncfunc,
        1 => Kind::Asyncgen,
        _ => Kind::Context,
    }
}

fn streams(n: u8) -> Streams {
    Streams {
        sends: n & 1 == 0,
        receives: n & 2 == 0,
    }
}

fn terminal(n: u8) -> Terminal {
    match n % 6 {
        0 | 1 => Terminal::Return(number(n.into())),
        2 => Terminal::Error(Failure {
            name: "ValueError".to_owned(),
            text: "text".to_owned(),
            payload: Some(number(1)),
        }),
        3 => cancelled(),
        4 => Terminal::BadPayload {
            kind: BadKind::Yield,
            text: "text".to_owned(),
            payload: Any::nil(),
        },
        _ => {
            let leaf = scipp_protocol::Uid::new("leaf", "l");
            Terminal::Relay(Box::new(RemoteError::new(&leaf, "KeyError", "text")))
        }
    }
}

/// Two applications that keep to their side of the contract, and what they know.
struct World {
    pair: Pair,
    /// Opened and not forgotten; incoming and not finished. Of the caller's end first.
    ours: [Vec<DialogId>; 2],
    theirs: [Vec<DialogId>; 2],
    /// Items that a dialog's reader took last: they only grow.
    last: BTreeMap<(bool, DialogId), u32>,
    sent: BTreeMap<(bool, DialogId), u32>,
    /// What is between the two.
    wire: [BytesMut; 2],
    seen: [usize; 2],
    cut: bool,
}

fn pick(all: &[DialogId], n: u8) -> Option<DialogId> {
    all.get(usize::from(n) % all.len().max(1)).copied()
}

impl World {
    /// `features` picks some of all: a bit for each.
    fn new(features: u8) -> Self {
        let all = Feature::ALL.into_iter().enumerate();
        let features: Features = all
            .filter(|(at, _)| features & (1 << at) != 0)
            .map(|(_, feature)| feature)
            .collect();
        let mut allowing = with_features(config("srv", 2), features);
        allowing.actor_cancel = true;
        let calling = with_features(config("cli", 1), features);
        let mut pair = Pair::with(calling, allowing);
        pair.drive();
        Self {
            pair,
            ours: Default::default(),
            theirs: Default::default(),
            last: BTreeMap::new(),
            sent: BTreeMap::new(),
            wire: Default::default(),
            seen: [0; 2],
            cut: false,
        }
    }

    fn peer(&mut self, side: bool) -> &mut Peer {
        if side {
            &mut self.pair.caller
        } else {
            &mut self.pair.callee
        }
    }

    /// A dialog of either role.
    fn either(&self, side: bool, n: u8) -> Option<DialogId> {
        let at = usize::from(!side);
        let (ours, theirs) = (&self.ours[at], &self.theirs[at]);
        if n & 128 == 0 && !ours.is_empty() {
            pick(ours, n)
        } else {
            pick(theirs, n).or_else(|| pick(ours, n))
        }
    }

    fn run(&mut self, op: Op) {
        let now = self.pair.now;
        match op {
            Op::Open(side, k, t) => {
                let opened = self.peer(side).session.open(now, open(kind(k), streams(t)));
                if let Ok(id) = opened {
                    self.ours[usize::from(!side)].push(id);
                }
            }
            Op::OpenLate(side) => {
                let mut late = open(Kind::Context, Streams::BOTH);
                late.deadline = Some(now + Duration::from_millis(700));
                if let Ok(id) = self.peer(side).session.open(now, late) {
                    self.ours[usize::from(!side)].push(id);
                }
            }
            Op::CancelActor(side) => {
                if let Ok(id) = self.peer(side).session.cancel_actor(now) {
                    self.ours[usize::from(!side)].push(id);
                }
            }
            Op::Cancel(side, n) => {
                if let Some(id) = pick(&self.ours[usize::from(!side)], n) {
                    self.peer(side).session.cancel(now, id);
                }
            }
            Op::Forget(side, n) => {
                if let Some(id) = pick(&self.ours[usize::from(!side)], n) {
                    self.ours[usize::from(!side)].retain(|own| *own != id);
                    self.peer(side).session.forget(now, id);
                }
            }
            Op::Accept(side, n, k, t) => {
                if let Some(id) = pick(&self.theirs[usize::from(!side)], n) {
                    self.peer(side).session.incoming(id);
                    self.peer(side).session.accept(id, kind(k), streams(t)).ok();
                }
            }
            Op::Refuse(side, n) => {
                if let Some(id) = pick(&self.theirs[usize::from(!side)], n) {
                    self.peer(side).session.refuse(id, Refusal::NoEndpoint);
                }
            }
            Op::Started(side, n) => {
                if let Some(id) = pick(&self.theirs[usize::from(!side)], n) {
                    self.peer(side).session.started(id, number(0)).ok();
                }
            }
            Op::Send(side, n, items) => {
                if let Some(id) = self.either(side, n) {
                    for _ in 0..items {
                        let sent = self.sent.entry((side, id)).or_default();
                        let item = number(*sent + 1);
                        *sent += 1;
                        match self.peer(side).session.send(id, item) {
                            Ok(()) => {}
                            Err(SendError::Full(_)) => break,
                            Err(_) => return,
                        }
                    }
                }
            }
            Op::Stop(side, n) => {
                if let Some(id) = self.either(side, n) {
                    self.peer(side).session.stop(id);
                }
            }
            Op::Take(side, n, items) => {
                if let Some(id) = self.either(side, n) {
                    for _ in 0..items {
                        self.take(side, id);
                    }
                    self.peer(side).session.take_started(id);
                }
            }
            Op::Finish(side, n, t) => {
                if let Some(id) = pick(&self.theirs[usize::from(!side)], n) {
                    self.peer(side).session.finish(id, terminal(t)).ok();
                    self.theirs[usize::from(!side)].retain(|own| *own != id);
                }
            }
            Op::Move(side, bytes) => self.carry(side, bytes.into()),
            Op::Wait(ms) => {
                self.pair.now += Duration::from_millis(ms.into());
                let now = self.pair.now;
                for side in [true, false] {
                    self.peer(side).session.tick(now).expect("innocent");
                }
            }
            Op::Drain(side) => self.peer(side).session.drain(),
            Op::Cut => {
                self.cut = true;
                self.pair.cut();
            }
        }
        self.look();
    }

    fn take(&mut self, side: bool, id: DialogId) {
        if let Some(Taken::Item(item)) = self.peer(side).session.take_item(id) {
            let item: u32 = item.decode().expect("a number");
            let last = self.last.insert((side, id), item);
            assert!(last.is_none_or(|last| last < item), "items in order");
        }
    }

    /// As a driver does it: some bytes out, some bytes in.
    fn carry(&mut self, side: bool, bytes: usize) {
        let now = self.pair.now;
        let at = usize::from(!side);
        let mut out = std::mem::take(&mut self.wire[at]);
        self.peer(side).session.transmit(&mut out, bytes);
        let part = out.split_to(bytes.min(out.len()));
        self.wire[at] = out;
        let peer = self.peer(!side);
        peer.inbound.extend_from_slice(&part);
        if peer.session.wants_receive() {
            peer.receive(now);
        }
        assert_eq!(self.peer(!side).fault, None, "innocent");
    }

    /// New dialogs, and limits that hold at any time.
    fn look(&mut self) {
        for side in [true, false] {
            let at = usize::from(!side);
            self.peer(side).collect();
            let seen = self.seen[at];
            let events: Vec<Event> = self.peer(side).events[seen..].to_vec();
            self.seen[at] += events.len();
            for event in events {
                match event {
                    Event::Incoming(id) => self.theirs[at].push(id),
                    Event::ActorCancelRequested { .. } => self.peer(side).session.actor_cancelled(),
                    _ => {}
                }
            }
            assert_eq!(self.peer(side).session.stats().overruns, 0, "exact credit");
        }
    }

    /// All comes to an end: handlers finish, callers take what there is and leave.
    fn close(&mut self) {
        for _ in 0..1_000 {
            for side in [true, false] {
                self.carry(side, 100_000);
            }
            self.look();
            for side in [true, false] {
                for id in std::mem::take(&mut self.theirs[usize::from(!side)]) {
                    let last = Terminal::Error(Failure {
                        name: "RuntimeError".to_owned(),
                        text: "over".to_owned(),
                        payload: None,
                    });
                    self.peer(side).session.finish(id, last).ok();
                }
                for id in self.ours[usize::from(!side)].clone() {
                    self.take(side, id);
                }
            }
            let busy = |peer: &Peer| {
                peer.session.dialogs() > 0
                    || peer.session.wants_transmit()
                    || !peer.inbound.is_empty()
            };
            if !busy(&self.pair.caller) && !busy(&self.pair.callee) {
                break;
            }
            self.pair.now += Duration::from_millis(10);
            let now = self.pair.now;
            for side in [true, false] {
                self.peer(side).session.tick(now).expect("innocent");
            }
        }
        let cut = self.cut;
        for side in [true, false] {
            let now = self.pair.now;
            for id in std::mem::take(&mut self.ours[usize::from(!side)]) {
                let end = self.peer(side).session.take_end(id);
                let doubt = matches!(end, Some(End::InDoubt(_)));
                assert!(end.is_some() && (cut || !doubt), "{end:?}");
                self.peer(side).session.forget(now, id);
            }
            let peer = self.peer(side);
            assert_eq!((peer.session.dialogs(), &peer.fault), (0, &None));
            // A session that pings always has something to do.
            if !peer.session.features().has(Feature::Ping) {
                assert_eq!(peer.session.deadline(), None);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_correct_peers_never_see_a_fault(features: u8, ops in prop::collection::vec(op(), 0..150), cut in any::<Option<bool>>()) {
        let mut world = World::new(features);
        for op in ops {
            // Time is kept short enough for every end to come: what is given up is told in the stories.
            let op = match op {
                Op::Wait(ms) => Op::Wait(ms % 20),
                other => other,
            };
            world.run(op);
        }
        match cut {
            Some(true) => world.run(Op::Cut),
            Some(false) => world.run(Op::Drain(true)),
            None => {}
        }
        world.close();
    }

    #[test]
    fn time_may_pass_at_any_point(features: u8, ops in prop::collection::vec(op(), 0..150)) {
        let mut world = World::new(features);
        for op in ops {
            // Seconds go by while frames are under way, but less than a frame may take.
            if world.wire.iter().any(|wire| !wire.is_empty()) && matches!(op, Op::Wait(_)) {
                world.carry(true, usize::MAX);
                world.carry(false, usize::MAX);
            }
            world.run(op);
        }
    }

    #[test]
    fn a_peer_without_rules_is_survived(compact: bool, script in prop::collection::vec((0..14_usize, 0..6_usize, any::<bool>(), 0..8_u8), 0..80)) {
        let mut lone = if compact { Lone::compact() } else { Lone::new() };
        let mut ids = ["x1", "x2", "x3", "A", "B", "C"];
        if compact {
            (ids[0], ids[1]) = ("connector#0", "connector#2");
        }
        lone.calls(Kind::Context, Streams::BOTH);
        lone.calls(Kind::Asyncgen, Streams::BOTH);
        let ours = lone.calls(Kind::Asyncfunc, Streams::NONE);
        for (what, which, ack, act) in script {
            let id = ids[which];
            let line = match what {
                0 | 1 => format!("Start {id}"),
                2 => format!("StartAck {id} {}", ["context", "asyncgen", "asyncfunc"][which % 3]),
                3 => format!("Started {id} 1"),
                4 | 5 => format!("Yield {id} 1"),
                6 => format!("Stop {id}"),
                7 => format!("Return {id} 1"),
                8 => format!("CancelAck {id} {ack}"),
                9 => format!("Error {id} StreamOverrun sender srv"),
                10 => format!("Error {id} ContextCancelled canceller srv"),
                11 => format!("Cancel k{which} {id}"),
                12 => format!("Read k{which} {id}"),
                _ => format!("CancelActor k{which}"),
            };
            lone.peer.inbound.extend_from_slice(&lone.frame(&line));
            if lone.peer.session.wants_receive() {
                lone.peer.receive(lone.now);
            }
            let incoming: Vec<DialogId> = lone.peer.events.iter().filter_map(|event| match event {
                Event::Incoming(id) => Some(*id),
                _ => None,
            }).collect();
            if let Some(id) = pick(&incoming, act) {
                let session = &mut lone.peer.session;
                match act {
                    0 => session.accept(id, kind(act + what as u8), Streams::BOTH).unwrap_or_default(),
                    1 => session.started(id, number(1)).unwrap_or_default(),
                    2 => session.finish(id, terminal(what as u8)).unwrap_or_default(),
                    3 => session.send(id, number(1)).unwrap_or_default(),
                    4 => session.stop(id),
                    5 => drop(session.take_item(id)),
                    6 => session.cancel(lone.now, ours),
                    _ => session.forget(lone.now, ours),
                }
            }
            lone.peer.collect();
            if act == 7 {
                lone.wait(Duration::from_millis(700));
            }
        }
        lone.peer.transmit();
        lone.peer.session.lost(Loss::Closed);
        prop_assert!(!lone.peer.session.wants_transmit());
        prop_assert_eq!(lone.peer.session.deadline(), None);
    }

    #[test]
    fn bytes_without_sense_are_survived(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 0..5), flip in (0..400_usize, any::<u8>())) {
        let mut lone = Lone::new();
        for payload in payloads {
            lone.hears_bytes(&framed(&payload));
        }
        // A valid conversation with one byte changed.
        for mut lone in [Lone::new(), Lone::compact()] {
            let mut bytes = BytesMut::new();
            for line in ["Start x1", "Yield x1 7", "Cancel k1 x1", "Error x1 ValueError"] {
                bytes.extend_from_slice(&lone.frame(line));
            }
            let at = flip.0 % bytes.len();
            bytes[at] ^= flip.1;
            lone.hears_bytes(&bytes);
            lone.said();
        }
    }
}
