//! What messages cost between two sessions in each form: their bytes, and work to count with a tool of your own.
//!
//! ```sh
//! cargo run --release -p scipp-protocol --example forms
//! cargo build --release -p scipp-protocol --example forms
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/forms lists items 100000
//! ```
//!
//! The instructions of one message are those of a run less those of a run of half as many, divided by the difference.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "an example states what it expects, and shows it"
)]

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use scipp_protocol::{
    Aid, Config, DialogId, Event, Feature, Features, Kind, Open, Session, Side, Streams, Taken,
    Terminal, Uid,
};

/// Two ends of a connection, and the bytes that have gone from one to the other.
struct Pair {
    now: Instant,
    caller: Session,
    callee: Session,
    bytes: BytesMut,
    moved: usize,
}

impl Pair {
    fn new(features: Features) -> Self {
        let now = Instant::now();
        let session = |side, seed: u128| {
            let uuid = format!("00000000-0000-4000-8000-00000000000{seed}");
            let mut aid = Aid::new(Uid::new("an actor", uuid), Some(7));
            aid.features = features;
            Session::new(side, Config::new(aid, seed << 64), now)
        };
        let mut pair = Self {
            now,
            caller: session(Side::Connector, 1),
            callee: session(Side::Acceptor, 2),
            bytes: BytesMut::new(),
            moved: 0,
        };
        pair.drive();
        pair
    }

    /// Until neither end has anything to say. What the callee was asked for last.
    fn drive(&mut self) -> Option<DialogId> {
        let mut incoming = None;
        while self.caller.wants_transmit() || self.callee.wants_transmit() {
            for down in [false, true] {
                let (from, to) = if down {
                    (&mut self.callee, &mut self.caller)
                } else {
                    (&mut self.caller, &mut self.callee)
                };
                self.moved += from.transmit(&mut self.bytes, usize::MAX);
                to.receive(self.now, &mut self.bytes)
                    .expect("correct peers");
                while let Some(event) = to.poll_event() {
                    if let Event::Incoming(id) = event {
                        incoming = Some(id);
                    }
                }
                from.poll_event();
            }
        }
        incoming
    }

    fn open(&mut self, kind: Kind) -> (DialogId, DialogId) {
        let open = Open {
            namespace: "example.market.feed".to_owned(),
            func: "watch".to_owned(),
            args: Bytes::from_static(b"\x81\xa6symbol\xa7EUR/USD"),
            kind,
            streams: Streams::BOTH,
            deadline: None,
            fingerprint: Some("0123456789abcdef"),
            trace: None,
        };
        let caller = self.caller.open(self.now, open).expect("a dialog");
        let callee = self.drive().expect("it has come");
        self.callee.incoming(callee);
        (caller, callee)
    }

    fn items(&mut self, count: usize) {
        let (caller, callee) = self.open(Kind::Context);
        let session = &mut self.callee;
        session
            .accept(callee, Kind::Context, Streams::BOTH)
            .and_then(|()| session.started(callee, NIL))
            .expect("it begins");
        self.drive();
        self.moved = 0;
        let mut sent = 0;
        while sent < count {
            while sent < count && self.callee.send(callee, SMALL).is_ok() {
                sent += 1;
            }
            self.drive();
            while let Some(Taken::Item(_)) = self.caller.take_item(caller) {}
            self.drive();
        }
    }

    fn calls(&mut self, count: usize) {
        self.moved = 0;
        for _ in 0..count {
            let (caller, callee) = self.open(Kind::Asyncfunc);
            let session = &mut self.callee;
            session
                .accept(callee, Kind::Asyncfunc, Streams::NONE)
                .and_then(|()| session.finish(callee, Terminal::Return(SMALL)))
                .expect("it ends");
            self.drive();
            self.caller.take_end(caller).expect("an end");
            self.caller.forget(self.now, caller);
        }
    }
}

const NIL: Bytes = Bytes::from_static(&[0xc0]);

/// A small item: a list of two numbers, eleven bytes.
const SMALL: Bytes = Bytes::from_static(b"\x92\x07\xcb\x3f\xf1\x99\x99\x99\x99\x99\x9a");

fn run(form: &str, what: &str, count: usize) -> usize {
    let features = match form {
        "plain" => Features::NONE,
        "maps" => Features::all().without(Feature::Compact),
        _ => Features::all(),
    };
    let mut pair = Pair::new(features);
    match what {
        "items" => pair.items(count),
        _ => pair.calls(count),
    }
    pair.moved / count
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [form, what, count] = words.as_slice() {
        let count = count.parse().expect("how many");
        println!("{} bytes for each of the {what}", run(form, what, count));
        return;
    }
    for what in ["items", "calls"] {
        for form in ["plain", "maps", "lists"] {
            println!("{what} in {form}: {} bytes", run(form, what, 1_000));
        }
    }
}
