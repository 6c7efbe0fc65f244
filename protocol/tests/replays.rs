//! Our sessions in the place of either end of recorded conversations between tractor's own actors.
//!
//! Each connection of a transcript is played twice: once we are the end that connected, once the end that accepted. What the other end
//! said is fed to the session as it was recorded; what our end said must come out of it, byte for byte: for each recorded
//! message the application does what leads to it, and nothing else may come out. Only our ids are put in the place of
//! the recorded ones (both have 36 characters), and texts of errors, which tell of Python, are not compared.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test states what it expects"
)]

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use scipp_codec::{from_bytes, to_bytes};
use scipp_protocol::wire::shuttle::messages::{self, BadMessage, FuncType, Message};
use scipp_protocol::{
    Aid, BadKind, CancelCause, Config, DialogId, Event, Failure, Kind, Open, Refusal, Session,
    Side, Streams, Terminal, Uid,
};

/// Conversations that one of our ends does not hold as tractor's does, and why.
const SKIPPED: [(&str, &str, &str); 8] = [
    (
        "overrun_child_floods",
        "a>b",
        "tractor drops the 65th item; we rest reading",
    ),
    (
        "overrun_child_floods",
        "b>a",
        "we never send more than 48 items unasked",
    ),
    (
        "overrun_parent_floods",
        "a>b",
        "we never send more than 48 items unasked",
    ),
    (
        "overrun_parent_floods",
        "b>a",
        "tractor drops the 65th item; we rest reading",
    ),
    (
        "overruns_allowed",
        "a>b",
        "we never send more than 48 items unasked",
    ),
    (
        "overruns_allowed",
        "b>a",
        "a checkpoint would be answered; tractor sends none",
    ),
    (
        "ctx_return_without_started",
        "b>a",
        "our callees never return without Started",
    ),
    (
        "mte_yield_parent_to_child",
        "b>a",
        "tractor names itself twice in relay_path; we do once",
    ),
];

/// Ends that are played, and frames that they say as recorded.
const ENDS: usize = 112;
const FRAMES: usize = 393;

#[test]
fn our_ends_say_what_tractors_ends_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/tractor");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the transcripts")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.sort();
    let (mut played, mut compared) = (0, 0);
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let connections = Line::read(&path);
        for side in ["a>b", "b>a"] {
            let skipped = SKIPPED
                .iter()
                .any(|(scenario, end, _)| *scenario == name && (end.is_empty() || *end == side));
            if skipped {
                continue;
            }
            for (conn, lines) in &connections {
                let frames = Replay::new(&name, lines, side).play();
                println!("{name}, connection {conn}, {side}: {frames} frames compared");
                compared += frames;
                played += 1;
            }
        }
    }
    println!("{played} ends played, {compared} frames compared");
    // A transcript that gets lost, or an end that says less, must not go unnoticed.
    assert_eq!((played, compared), (ENDS, FRAMES));
}

/// One recorded frame.
struct Line {
    from: String,
    message: Message,
}

impl Line {
    /// Those of each connection.
    fn read(path: &Path) -> BTreeMap<u64, Vec<Self>> {
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().skip(1).map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let hex = line["hex"].as_str().unwrap();
            let bytes: Vec<u8> = (0..hex.len() / 2)
                .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            let conn = line["conn"].as_u64().unwrap();
            (conn, line["dir"].as_str().unwrap().to_owned(), bytes)
        });
        let mut connections: BTreeMap<u64, Vec<Self>> = BTreeMap::new();
        for (conn, from, bytes) in lines.filter(|(_, _, bytes)| !bytes.is_empty()) {
            connections.entry(conn).or_default().push(Self {
                from,
                message: from_bytes(&Bytes::from(bytes[4..].to_vec())).expect("a recorded frame"),
            });
        }
        connections
    }
}

struct Replay<'a> {
    name: &'a str,
    lines: &'a [Line],
    us: &'a str,
    now: Instant,
    session: Session,
    /// What the session has said and the transcript has not come to yet.
    said: VecDeque<Message>,
    /// Recorded id to ours, both as text.
    ids: BTreeMap<String, String>,
    dialogs: BTreeMap<String, DialogId>,
    acked: Vec<String>,
    cancelled: Vec<DialogId>,
}

impl<'a> Replay<'a> {
    fn new(name: &'a str, lines: &'a [Line], us: &'a str) -> Self {
        let own = lines.iter().find_map(|line| match &line.message {
            Message::Aid(aid) if line.from == us => Some(aid),
            _ => None,
        });
        let own = own.expect("our Aid");
        let aid = Aid {
            uid: Uid::new(own.name.as_str(), own.uuid.as_str()),
            pid: own.pid,
            is_registrar: own.is_registrar,
            is_probe: own.is_probe,
            features: scipp_protocol::Features::NONE,
        };
        let mut config = Config::new(aid, 0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        config.actor_cancel = true;
        config.is_child = lines
            .iter()
            .any(|line| matches!(line.message, Message::SpawnSpec(_)) && line.from != us);
        let side = if us == "a>b" {
            Side::Connector
        } else {
            Side::Acceptor
        };
        let now = Instant::now();
        Self {
            name,
            lines,
            us,
            now,
            session: Session::new(side, config, now),
            said: VecDeque::new(),
            ids: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            acked: Vec::new(),
            cancelled: Vec::new(),
        }
    }

    /// How many frames of ours were as recorded.
    fn play(mut self) -> usize {
        let mut compared = 0;
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            if line.from != self.us {
                self.feed(&line.message);
            } else if self.is_needless(&line.message) {
                continue;
            } else {
                self.listen();
                if self.said.is_empty() {
                    self.act(at);
                    self.listen();
                }
                let said = self.said.pop_front();
                let said = said.unwrap_or_else(|| {
                    panic!("{}, {}: not said: {:?}", self.name, self.us, line.message)
                });
                self.learn(&line.message, &said);
                let recorded = self.translated(&line.message);
                let (recorded, said) = (comparable(recorded), comparable(said));
                assert_eq!(
                    to_bytes(&said),
                    to_bytes(&recorded),
                    "{}, {}:\n{said:?}\n{recorded:?}",
                    self.name,
                    self.us
                );
                compared += 1;
            }
        }
        self.listen();
        assert!(
            self.said.is_empty(),
            "{}, {}: needlessly said: {:?}",
            self.name,
            self.us,
            self.said
        );
        compared
    }

    /// The other end says what was recorded.
    fn feed(&mut self, message: &Message) {
        let payload = to_bytes(&self.translated(message));
        let mut bytes = BytesMut::new();
        bytes.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(&payload);
        self.session
            .receive(self.now, &mut bytes)
            .unwrap_or_else(|fault| panic!("{}: {fault}", self.name));
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Incoming(id) => {
                    let Message::Start(start) = message else {
                        panic!("a dialog without a Start")
                    };
                    self.dialogs.insert(start.cid.clone(), id);
                }
                Event::CancelRequested(id, _) => self.cancelled.push(id),
                Event::Spawned(_) => self.session.booted(),
                _ => {}
            }
        }
        self.listen();
    }

    fn listen(&mut self) {
        let mut bytes = BytesMut::new();
        while self.session.transmit(&mut bytes, usize::MAX) > 0 {}
        let mut rest = &bytes[..];
        while let Some((prefix, tail)) = rest.split_first_chunk() {
            let (frame, tail) = tail.split_at(u32::from_le_bytes(*prefix) as usize);
            rest = tail;
            self.said
                .push_back(from_bytes(&Bytes::copy_from_slice(frame)).expect("our own frame"));
        }
    }

    /// tractor's callers leave streams, and ask for cancels, of dialogs that are over already; ours don't.
    fn is_needless(&mut self, message: &Message) -> bool {
        if self.us != "a>b" || !self.said.is_empty() {
            return false;
        }
        let of = match message {
            Message::Stop(stop) => &stop.cid,
            Message::Start(start) if start.func == "_cancel_task" => {
                let named: scipp_codec::Map<String, String> = start.kwargs.decode().unwrap();
                &named["cid"].clone()
            }
            _ => return false,
        };
        self.dialogs
            .get(of)
            .copied()
            .is_some_and(|id| self.session.take_end(id).is_some())
    }

    /// Does what an application does before its end says this.
    fn act(&mut self, at: usize) {
        let message = &self.lines[at].message;
        match message {
            Message::Start(start) if start.ns == "self" && start.func == "cancel" => {
                self.session.cancel_actor(self.now).expect("asks");
            }
            Message::SpawnSpec(spec) => self.session.spawn(spec.clone()).expect("spawns"),
            Message::Start(start) if start.func == "_cancel_task" => {
                let named: scipp_codec::Map<String, String> = start.kwargs.decode().unwrap();
                let id = self.dialogs[&named["cid"]];
                self.session.cancel(self.now, id);
            }
            Message::Start(start) => {
                let (kind, streams) = self.endpoint(&start.cid);
                let open = Open {
                    namespace: start.ns.clone(),
                    func: start.func.clone(),
                    args: start.kwargs.as_bytes().clone(),
                    kind,
                    streams,
                    deadline: None,
                    fingerprint: None,
                    trace: None,
                };
                let id = self.session.open(self.now, open).expect("opens");
                self.dialogs.insert(start.cid.clone(), id);
            }
            Message::StartAck(ack) => {
                let (kind, streams) = self.endpoint(&ack.cid);
                let id = self.dialogs[&ack.cid];
                self.session.accept(id, kind, streams).expect("accepts");
                self.acked.push(ack.cid.clone());
            }
            Message::Started(started) => {
                let id = self.dialogs[&started.cid];
                self.session
                    .started(id, started.pld.as_bytes().clone())
                    .expect("starts");
            }
            Message::Yield(item) => {
                let id = self.dialogs[&item.cid];
                self.session
                    .send(id, item.pld.as_bytes().clone())
                    .expect("sends");
            }
            Message::Stop(stop) => self.leave(at, &stop.cid),
            Message::Return(last) => {
                let id = self.dialogs[&last.cid];
                while self
                    .session
                    .take_item(id)
                    .is_some_and(|taken| taken != scipp_protocol::Taken::Done)
                {}
                self.finish(id, Terminal::Return(last.pld.as_bytes().clone()));
            }
            Message::Error(error) => self.fail(error),
            Message::CancelAck(_) => {
                self.session.actor_cancelled();
                for id in std::mem::take(&mut self.cancelled) {
                    let _ = self.session.finish(id, cancelled(None));
                }
            }
            _ => panic!(
                "{}: not said at once, or not by tractor: {message:?}",
                self.name
            ),
        }
    }

    fn leave(&mut self, at: usize, cid: &str) {
        let id = self.dialogs[cid];
        let (kind, _) = self.endpoint(cid);
        match (kind, self.us) {
            // Leaving this kind early is to cancel it.
            (Kind::Asyncgen, "a>b") => self.session.cancel(self.now, id),
            (Kind::Asyncgen, _) if self.cancelled.contains(&id) => {
                self.finish(id, cancelled(None));
            }
            (Kind::Asyncgen, _) => self.finish(id, Terminal::Return(Bytes::from_static(&[0xc0]))),
            (_, "a>b") => self.session.stop(id),
            // The handler just ends; that its stream is left first is the session's affair.
            _ => {
                let own = self.lines[at + 1..]
                    .iter()
                    .filter(|line| line.from == self.us);
                match own.map(|line| &line.message).next().expect("a terminal") {
                    Message::Return(last) => {
                        self.finish(id, Terminal::Return(last.pld.as_bytes().clone()));
                    }
                    Message::Error(error) => self.fail(error),
                    other => panic!("{}: after Stop came {other:?}", self.name),
                }
            }
        }
    }

    fn fail(&mut self, error: &messages::Error) {
        let cid = error.cid.clone().expect("an error of a dialog");
        let id = self.dialogs[&cid];
        if !self.acked.contains(&cid) {
            let why = match error.boxed_type_str.as_str() {
                "ModuleNotExposed" => Refusal::NoNamespace,
                "AttributeError" => Refusal::NoEndpoint,
                _ => Refusal::BadArguments("args: expected other ones".to_owned(), None),
            };
            return self.session.refuse(id, why);
        }
        let text = "said so".to_owned();
        let terminal = match (error.boxed_type_str.as_str(), &error._bad_msg) {
            ("ContextCancelled", _) => {
                let who = error.canceller.clone().expect("a canceller");
                cancelled(Some(Uid::new(who.0, who.1)))
            }
            (_, Some(BadMessage::Started(bad))) => Terminal::BadPayload {
                kind: BadKind::Started,
                text,
                payload: bad.pld.clone(),
            },
            (name, _) => Terminal::Error(Failure {
                name: name.to_owned(),
                text,
                payload: None,
            }),
        };
        self.finish(id, terminal);
    }

    fn finish(&mut self, id: DialogId, terminal: Terminal) {
        self.session
            .finish(id, terminal)
            .unwrap_or_else(|misuse| panic!("{}: {misuse}", self.name));
    }

    /// How the endpoint of a recorded dialog runs, and whether it used streams.
    fn endpoint(&self, cid: &str) -> (Kind, Streams) {
        let kind = self.lines.iter().find_map(|line| match &line.message {
            Message::StartAck(ack) if ack.cid == cid => Some(match ack.functype {
                FuncType::Asyncfunc => Kind::Asyncfunc,
                FuncType::Asyncgen => Kind::Asyncgen,
                FuncType::Context => Kind::Context,
            }),
            _ => None,
        });
        let streams = self.lines.iter().any(|line| match &line.message {
            Message::Yield(item) => item.cid == cid,
            Message::Stop(stop) => stop.cid == cid,
            _ => false,
        });
        // What was refused could have been anything.
        (
            kind.unwrap_or(Kind::Asyncfunc),
            if streams {
                Streams::BOTH
            } else {
                Streams::NONE
            },
        )
    }

    /// Our id for a recorded one, where we give it.
    fn learn(&mut self, recorded: &Message, said: &Message) {
        if let (Message::Start(recorded), Message::Start(said)) = (recorded, said) {
            self.ids.insert(recorded.cid.clone(), said.cid.clone());
        }
    }

    /// A recorded message with our ids.
    fn translated(&self, message: &Message) -> Message {
        let mut bytes = to_bytes(message).to_vec();
        for (recorded, ours) in &self.ids {
            let found: Vec<usize> = bytes
                .windows(recorded.len())
                .enumerate()
                .filter(|(_, window)| *window == recorded.as_bytes())
                .map(|(at, _)| at)
                .collect();
            for at in found {
                bytes[at..at + ours.len()].copy_from_slice(ours.as_bytes());
            }
        }
        from_bytes(&Bytes::from(bytes)).expect("only ids were changed")
    }
}

/// Without the texts of an error.
fn comparable(mut message: Message) -> Message {
    if let Message::Error(error) = &mut message {
        error.message = None;
        error.tb_str = String::new();
    }
    message
}

/// What a handler says that was asked to end and has.
fn cancelled(canceller: Option<Uid>) -> Terminal {
    Terminal::Cancelled {
        canceller,
        cause: CancelCause::Requested,
        text: "asked to".to_owned(),
    }
}
