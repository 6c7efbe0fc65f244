//! One session, and a peer that is told what to say word by word: a plain one, or one that breaks the rules.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use scipp_codec::{Any, Encoder, Map, Payload, Presence, to_bytes};
use scipp_protocol::wire::shuttle::messages::{self, FuncType, Message};
use scipp_protocol::{Config, DialogId, Fault, Feature, Features, Kind, Side, Streams};

use crate::form;
use crate::pair::{Peer, config, open, payload, with_features};
use crate::scribe::Scribe;

/// A session whose peer is a script.
pub struct Lone {
    pub now: Instant,
    pub peer: Peer,
    pub scribe: Scribe,
    /// Its peer speaks in lists, where there are any.
    is_compact: bool,
}

impl Lone {
    /// The session is the accepting end, and its peer `py` has said who it is.
    pub fn new() -> Self {
        Self::with(config("srv", 2))
    }

    pub fn with(config: Config) -> Self {
        let mut lone = Self::silent(config);
        lone.hears("Aid py");
        lone.peer.transmit();
        lone
    }

    /// The same, but both have the feature `compact` and no other, and the peer speaks so.
    pub fn compact() -> Self {
        let compact = Features::from_iter([Feature::Compact]);
        let mut lone = Self::silent(with_features(config("srv", 2), compact));
        lone.hears_bytes(&compact_aid());
        lone.peer.transmit();
        lone.is_compact = true;
        lone
    }

    /// Its peer has said nothing yet.
    pub fn silent(config: Config) -> Self {
        let now = Instant::now();
        Self {
            now,
            peer: Peer::new(Side::Acceptor, config, now),
            scribe: Scribe::default(),
            is_compact: false,
        }
    }

    /// What the peer says: one message a line, see [`Self::message`].
    pub fn hears(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let frame = self.frame(line);
            self.peer.inbound.extend_from_slice(&frame);
        }
        self.peer.receive(self.now);
    }

    /// One message in the form that the peer speaks.
    pub fn frame(&self, line: &str) -> BytesMut {
        let message = self.message(line);
        let list = self.is_compact.then(|| form::list(&message)).flatten();
        list.map_or_else(|| frame(&message), |list| framed(&list))
    }

    pub fn hears_bytes(&mut self, bytes: &[u8]) {
        self.peer.inbound.extend_from_slice(bytes);
        self.peer.receive(self.now);
    }

    /// All that the session says, and that was said so.
    #[track_caller]
    pub fn says(&mut self, story: &str) {
        let said = self.said();
        let story: Vec<&str> = story
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(said.join("\n"), story.join("\n"));
    }

    pub fn said(&mut self) -> Vec<String> {
        let bytes = self.peer.transmit();
        self.peer.collect();
        self.scribe.lines(&bytes)
    }

    pub fn tick(&mut self) {
        if let Err(fault) = self.peer.session.tick(self.now) {
            self.peer.fault = Some(fault);
        }
        self.peer.collect();
    }

    /// Does what is due, when it is due; the transport takes nothing meanwhile.
    pub fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.peer.session.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.tick();
            if self.peer.session.wants_receive() {
                self.peer.receive(self.now);
            }
        }
        self.now = until;
    }

    #[track_caller]
    pub fn fault(&self) -> &Fault {
        self.peer.fault.as_ref().expect("a fault")
    }

    /// Calls the peer: the `Start` is said already.
    pub fn calls(&mut self, kind: Kind, streams: Streams) -> DialogId {
        let id = self
            .peer
            .session
            .open(self.now, open(kind, streams))
            .expect("opens");
        self.said();
        id
    }

    /// Serves the dialog that the peer opened last.
    pub fn serves(&mut self, kind: Kind, streams: Streams) -> DialogId {
        let id = self.peer.incoming();
        self.peer
            .session
            .accept(id, kind, streams)
            .expect("accepts");
        if kind == Kind::Context {
            self.peer
                .session
                .started(id, payload("up"))
                .expect("starts");
        }
        self.said();
        id
    }

    /// One message from its words: `Start cid`, `Cancel request cid`, `Read request cid`, `CancelActor request`,
    /// `StartAck cid kind`, `Started|Yield|Return cid number`, `Stop cid`, `CancelAck cid bool`,
    /// `Error cid type [canceller name] [sender name]`. A capital letter is an id that the session gave.
    pub fn message(&self, line: &str) -> Message {
        let words: Vec<&str> = line.split_whitespace().collect();
        let word = |at: usize| *words.get(at).expect("a word");
        let cid = || self.scribe.id(word(1));
        let value = || Any::encode(&word(2).parse::<i64>().expect("a number"));
        let cancel = |suffix: &str| {
            let named = self.scribe.id(word(2)) + suffix;
            let kwargs = Any::encode(&Map::from_iter([("cid".to_owned(), named)]));
            start(&cid(), "self", "_cancel_task", kwargs)
        };
        match word(0) {
            "Aid" => messages::Aid::new(word(1).to_owned(), uid(word(1)).1).into(),
            "Start" => start(&cid(), "demo", "ep", Any::encode(&Map::<String, u8>::new())).into(),
            "Cancel" => cancel("").into(),
            "Read" => cancel("#read").into(),
            "CancelActor" => start(
                &cid(),
                "self",
                "cancel",
                Any::encode(&Map::<String, u8>::new()),
            )
            .into(),
            "StartAck" => messages::StartAck {
                cid: cid(),
                functype: match word(2) {
                    "asyncfunc" => FuncType::Asyncfunc,
                    "asyncgen" => FuncType::Asyncgen,
                    _ => FuncType::Context,
                },
            }
            .into(),
            "Started" => messages::Started {
                cid: cid(),
                pld: value(),
            }
            .into(),
            "Yield" => messages::Yield {
                cid: cid(),
                pld: value(),
            }
            .into(),
            "Return" => messages::Return {
                cid: cid(),
                pld: value(),
            }
            .into(),
            "Stop" => messages::Stop { cid: cid() }.into(),
            "CancelAck" => messages::CancelAck {
                cid: cid(),
                pld: word(2) == "true",
            }
            .into(),
            "SpawnSpec" => {
                messages::SpawnSpec::new(Map::new(), Map::new(), Map::new(), Vec::new()).into()
            }
            "Error" => {
                let name = word(2).to_owned();
                let mut error =
                    messages::Error::new(uid("py"), name.clone(), name, vec![uid("py")]);
                error.cid = (word(1) != "nil").then(cid);
                for pair in words.get(3..).unwrap_or_default().chunks(2) {
                    match pair {
                        ["canceller", name] => error.canceller = Some(uid(name)),
                        ["sender", name] => error.sender = Some(uid(name)),
                        _ => panic!("{pair:?}"),
                    }
                }
                error.into()
            }
            other => panic!("{other}"),
        }
    }
}

/// What a peer says that offers the feature `compact`.
pub fn compact_aid() -> BytesMut {
    let mut aid = messages::Aid::new("py".to_owned(), uid("py").1);
    aid.scipp = Presence::Present(messages::Native {
        v: 1,
        features: vec!["compact".to_owned()],
    });
    frame(&Message::from(aid))
}

pub fn start(cid: &str, ns: &str, func: &str, kwargs: Any) -> messages::Start {
    messages::Start::new(
        cid.to_owned(),
        ns.to_owned(),
        func.to_owned(),
        kwargs,
        uid("py"),
    )
}

/// The uids of the script's peers are made of their names; those of sessions are as `config` makes them.
pub fn uid(name: &str) -> (String, String) {
    let uuid = match name {
        "cli" => "00000000-0000-4000-8000-000000000001".to_owned(),
        "srv" => "00000000-0000-4000-8000-000000000002".to_owned(),
        other => format!("{other}-uuid"),
    };
    (name.to_owned(), uuid)
}

/// A message as a frame.
pub fn frame(message: &impl Payload) -> BytesMut {
    framed(&to_bytes(message))
}

/// Any bytes as a frame.
pub fn framed(payload: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    let length = u32::try_from(payload.len()).expect("short");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(payload);
    out
}

/// A value of so many lists inside each other.
pub fn nested(depth: usize) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    Encoder::new(&mut bytes).nil();
    let mut all = vec![0x91; depth];
    all.extend_from_slice(&bytes);
    all
}
