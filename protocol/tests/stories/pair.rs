//! Two sessions, a wire between them, and a clock that only the story moves.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use scipp_codec::{Any, to_bytes};
use scipp_protocol::{
    Aid, CancelCause, Cause, Config, DialogId, End, Event, Fault, Features, Kind, Loss, Open,
    Session, Side, Streams, Taken, Terminal, Uid,
};

use crate::scribe::{Scribe, frames};

/// One end of the wire.
pub struct Peer {
    pub session: Session,
    /// What has arrived and is not taken yet.
    pub inbound: BytesMut,
    pub events: Vec<Event>,
    pub fault: Option<Fault>,
}

/// Both ends. The *caller* connects; either may call.
pub struct Pair {
    pub now: Instant,
    pub caller: Peer,
    pub callee: Peer,
    /// What went over the wire: `>` from the caller to the callee.
    log: Vec<String>,
    /// How many frames were maps, and how many lists.
    pub maps: usize,
    pub lists: usize,
    scribe: Scribe,
    told: usize,
}

impl Peer {
    pub fn new(side: Side, config: Config, now: Instant) -> Self {
        let session = Session::new(side, config, now);
        Self {
            session,
            inbound: BytesMut::new(),
            events: Vec::new(),
            fault: None,
        }
    }

    /// Everything that this end has to say.
    pub fn transmit(&mut self) -> BytesMut {
        let mut out = BytesMut::new();
        while self.session.wants_transmit() {
            self.session.transmit(&mut out, 1_000);
        }
        out
    }

    pub fn receive(&mut self, now: Instant) {
        if let Err(fault) = self.session.receive(now, &mut self.inbound) {
            self.fault = Some(fault);
        }
        self.collect();
    }

    pub fn collect(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.events.push(event);
        }
    }

    /// The dialog that the peer opened last.
    pub fn incoming(&mut self) -> DialogId {
        let ids = self.events.iter().rev();
        ids.clone()
            .find_map(|event| {
                if let Event::Incoming(id) = event {
                    Some(*id)
                } else {
                    None
                }
            })
            .expect("a dialog")
    }

    /// Whether the application was asked to end the dialog, and why.
    pub fn cause(&self, id: DialogId) -> Option<Cause> {
        self.events.iter().find_map(|event| match event {
            Event::CancelRequested(asked, cause) if *asked == id => Some((**cause).clone()),
            _ => None,
        })
    }

    /// Takes what is in the inbox, as text: items, then `Done`, `Overrun`, or nothing if more may come.
    pub fn items(&mut self, id: DialogId) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(taken) = self.session.take_item(id) {
            match taken {
                Taken::Item(item) => all.push(item.to_string()),
                last => {
                    all.push(format!("{last:?}"));
                    break;
                }
            }
        }
        all
    }

    pub fn end(&mut self, id: DialogId) -> End {
        self.session.take_end(id).expect("an end")
    }
}

impl Pair {
    /// Both have said who they are.
    pub fn new() -> Self {
        let mut pair = Self::with(config("cli", 1), config("srv", 2));
        pair.drive();
        pair.log.clear();
        pair
    }

    /// Both have said who they are, and what they offer.
    pub fn offering(caller: Features, callee: Features) -> Self {
        let mut pair = Self::with(
            with_features(config("cli", 1), caller),
            with_features(config("srv", 2), callee),
        );
        pair.drive();
        pair.log.clear();
        pair
    }

    /// Nothing has been said yet.
    pub fn with(caller: Config, callee: Config) -> Self {
        let now = Instant::now();
        Self {
            now,
            caller: Peer::new(Side::Connector, caller, now),
            callee: Peer::new(Side::Acceptor, callee, now),
            log: Vec::new(),
            maps: 0,
            lists: 0,
            scribe: Scribe::default(),
            told: 0,
        }
    }

    /// Moves bytes until neither end has anything to say or to hear.
    pub fn drive(&mut self) {
        loop {
            let there = self.caller.transmit();
            let back = self.callee.transmit();
            self.caller.collect();
            self.callee.collect();
            if there.is_empty() && back.is_empty() && !self.can_take() {
                return;
            }
            self.write_down('>', &there);
            self.write_down('<', &back);
            self.callee.inbound.extend_from_slice(&there);
            self.caller.inbound.extend_from_slice(&back);
            if self.callee.session.wants_receive() {
                self.callee.receive(self.now);
            }
            if self.caller.session.wants_receive() {
                self.caller.receive(self.now);
            }
        }
    }

    /// Whether an end that rested could go on with what has arrived.
    fn can_take(&mut self) -> bool {
        let now = self.now;
        [&mut self.caller, &mut self.callee]
            .into_iter()
            .any(|peer| {
                let before = peer.inbound.len();
                if peer.session.wants_receive() && before > 0 {
                    peer.receive(now);
                }
                peer.inbound.len() != before
            })
    }

    /// Lets time pass, and does what is due in it.
    pub fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        self.drive();
        while let Some(due) = [&self.caller, &self.callee]
            .iter()
            .filter_map(|peer| peer.session.deadline())
            .min()
        {
            if due > until {
                break;
            }
            self.now = self.now.max(due);
            for peer in [&mut self.caller, &mut self.callee] {
                if let Err(fault) = peer.session.tick(self.now) {
                    peer.fault = Some(fault);
                }
                peer.collect();
            }
            self.drive();
        }
        self.now = until;
    }

    /// The connection breaks for both.
    pub fn cut(&mut self) {
        for peer in [&mut self.caller, &mut self.callee] {
            peer.session.lost(Loss::Transport("cut".into()));
            peer.collect();
        }
    }

    /// The transport of the caller's side gets all that is queued there, and nobody reads it yet.
    pub fn send_only(&mut self) -> BytesMut {
        let bytes = self.caller.transmit();
        self.write_down('>', &bytes);
        bytes
    }

    /// Opens a dialog, brings its `Start` to the other end and accepts it there.
    pub fn run(&mut self, kind: Kind, streams: Streams) -> (DialogId, DialogId) {
        let (caller, callee) = self.open(kind, streams);
        let mirrored = Streams {
            sends: streams.receives,
            receives: streams.sends,
        };
        self.callee
            .session
            .accept(callee, kind, mirrored)
            .expect("accepts");
        self.drive();
        (caller, callee)
    }

    /// Ends a callee as one that was asked to.
    pub fn give_in(&mut self, callee: DialogId) {
        self.callee
            .session
            .finish(callee, cancelled())
            .expect("ends");
        self.drive();
    }

    /// Opens a dialog and brings its `Start` to the other end.
    pub fn open(&mut self, kind: Kind, streams: Streams) -> (DialogId, DialogId) {
        let id = self
            .caller
            .session
            .open(self.now, open(kind, streams))
            .expect("opens");
        self.drive();
        (id, self.callee.incoming())
    }

    /// A context with both streams that has begun.
    pub fn context(&mut self) -> (DialogId, DialogId) {
        let (caller, callee) = self.open(Kind::Context, Streams::BOTH);
        self.callee
            .session
            .accept(callee, Kind::Context, Streams::BOTH)
            .expect("accepts");
        self.callee
            .session
            .started(callee, payload("up"))
            .expect("starts");
        self.drive();
        assert_eq!(
            self.caller.session.take_started(caller),
            Some(Any::encode(&"up".to_owned()))
        );
        (caller, callee)
    }

    /// Compares what went over the wire since the last time with a story.
    #[track_caller]
    pub fn tells(&mut self, story: &str) {
        self.drive();
        let told: Vec<&str> = self
            .log
            .get(self.told..)
            .unwrap_or_default()
            .iter()
            .map(String::as_str)
            .collect();
        let story: Vec<&str> = story
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(told.join("\n"), story.join("\n"));
        self.told = self.log.len();
    }

    /// The id on the wire behind a letter of the story.
    pub fn id(&self, letter: &str) -> String {
        self.scribe.id(letter)
    }

    /// Forgets what went over the wire so far.
    pub fn skip(&mut self) {
        self.drive();
        self.told = self.log.len();
    }

    pub fn lines(&self) -> &[String] {
        self.log.get(self.told..).unwrap_or_default()
    }

    /// Both ends are empty: no dialog, nothing to send, nobody to wait for.
    #[track_caller]
    pub fn leaves_nothing(&mut self) {
        self.drive();
        for peer in [&self.caller, &self.callee] {
            assert_eq!(peer.fault, None);
            assert_eq!((peer.session.dialogs(), peer.session.deadline()), (0, None));
            assert!(!peer.session.wants_transmit());
        }
    }

    pub fn write_down(&mut self, direction: char, bytes: &[u8]) {
        for frame in frames(bytes) {
            match frame[0] & 0xf0 {
                0x90 => self.lists += 1,
                _ => self.maps += 1,
            }
        }
        let lines = self.scribe.lines(bytes);
        self.log
            .extend(lines.into_iter().map(|line| format!("{direction} {line}")));
    }
}

pub fn config(name: &str, seed: u128) -> Config {
    let uid = Uid::new(name, format!("00000000-0000-4000-8000-00000000000{seed}"));
    Config::new(Aid::new(uid, Some(7)), seed << 64)
}

pub fn with_features(mut config: Config, features: Features) -> Config {
    config.aid.features = features;
    config
}

pub fn open(kind: Kind, streams: Streams) -> Open {
    let args = scipp_codec::Map::from_iter([("n".to_owned(), 3_u8)]);
    Open {
        namespace: "demo".to_owned(),
        func: "ep".to_owned(),
        args: to_bytes(&args),
        kind,
        streams,
        deadline: None,
        fingerprint: None,
        trace: None,
    }
}

/// An encoded text.
pub fn payload(text: &str) -> Bytes {
    to_bytes(&text.to_owned())
}

/// An encoded number.
pub fn number(n: u32) -> Bytes {
    to_bytes(&n)
}

/// A value as the application sees it.
pub fn any(n: u32) -> Any {
    Any::encode(&n)
}

/// What a handler says that was asked to end and has.
pub fn cancelled() -> Terminal {
    Terminal::Cancelled {
        canceller: None,
        cause: CancelCause::Requested,
        text: "asked to".to_owned(),
    }
}

/// Items to the caller only.
pub const DOWN: Streams = Streams {
    sends: false,
    receives: true,
};
