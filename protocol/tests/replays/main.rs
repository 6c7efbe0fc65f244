//! Our sessions in the place of either end of recorded conversations between tractor's own actors.
//!
//! Each connection of a transcript is played twice: once we are the end that connected, once the end that accepted. What the other end
//! said is fed to the session as it was recorded; what our end said must come out of it, byte for byte: for each recorded
//! message the application does what leads to it, and nothing else may come out. What is not compared, of a message and of a
//! conversation, stands in `mask.rs` and nowhere else; what was compared stands in `compared.txt`, which `SCIPP_BLESS=1` writes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use scipp_codec::{from_bytes, to_bytes};
use scipp_protocol::wire::shuttle::messages::{self, BadMessage, FuncType, Message};
use scipp_protocol::{
    Aid, BadKind, CancelCause, Config, DialogId, Event, Failure, Kind, Limits, Misuse, Open,
    Refusal, Session, Side, Streams, Terminal, Uid,
};

mod mask;
mod recorded;
mod table;

use recorded::Line;
use table::{Compared, counted, word};

#[test]
fn our_ends_say_what_tractors_ends_say() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replays");
    let folder = here.join("../../../tests/conformance/tractor");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the transcripts")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.sort();
    let mut table = String::from(
        "# Transcript, connection, the end that we are: what it said as recorded; what it left out, by the rules of mask.rs.\n",
    );
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for side in ["a>b", "b>a"] {
            for (conn, lines) in &Line::read(&path) {
                let played = Replay::new(&name, lines, side).play();
                let compared = counted(&played.compared);
                let left_out = counted(&played.left_out);
                table += &format!("{name} {conn} {side}: {compared}");
                if !left_out.is_empty() {
                    table += &format!("; {left_out}");
                }
                table += "\n";
            }
        }
    }
    let pinned = here.join("compared.txt");
    if std::env::var_os("SCIPP_BLESS").is_some() {
        std::fs::write(&pinned, &table).unwrap();
    }
    // A transcript that gets lost, or an end that says less, must not go unnoticed.
    let expected = std::fs::read_to_string(&pinned).unwrap_or_default();
    let mut differences = Vec::new();
    for line in table
        .lines()
        .filter(|line| !expected.lines().any(|old| old == *line))
    {
        differences.push(format!("+ {line}"));
    }
    for line in expected
        .lines()
        .filter(|line| !table.lines().any(|new| new == *line))
    {
        differences.push(format!("- {line}"));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(table, expected);
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
    /// Our dialogs whose end has come.
    over: BTreeSet<DialogId>,
    /// Dialogs that have lost items, as we have said.
    overrun: BTreeSet<String>,
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
        mask::pace(name, &mut config.limits);
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
            over: BTreeSet::new(),
            overrun: BTreeSet::new(),
        }
    }

    /// Which frames of ours were as recorded.
    fn play(mut self) -> Compared {
        let mut played = Compared::default();
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            if line.from != self.us {
                self.feed(&line.message);
                continue;
            }
            if self.is_needless(&line.message) || self.is_repeated(&line.message) {
                played.left_out.push(word(&line.message));
                continue;
            }
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
            if mask::is_other(self.name, &line.message, &said) {
                played
                    .left_out
                    .push(format!("{}->{}", word(&line.message), word(&said)));
                continue;
            }
            let recorded = self.translated(&line.message);
            assert_eq!(
                to_bytes(&mask::masked(said.clone())),
                to_bytes(&mask::masked(recorded.clone())),
                "{}, {}:\n{said:?}\n{recorded:?}",
                self.name,
                self.us
            );
            played.compared.push(word(&line.message));
        }
        self.listen();
        assert!(
            self.said.is_empty(),
            "{}, {}: needlessly said: {:?}",
            self.name,
            self.us,
            self.said
        );
        played
    }

    /// The other end says what was recorded.
    fn feed(&mut self, message: &Message) {
        let payload = to_bytes(&self.translated(message));
        let mut bytes = BytesMut::new();
        bytes.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(&payload);
        let broken = |fault| panic!("{}: {fault}", self.name);
        self.session
            .receive(self.now, &mut bytes)
            .unwrap_or_else(broken);
        if !self.session.wants_receive() {
            // Nobody reads the items of a dialog: the time for which it may hold up the others passes.
            self.now += Limits::default().stall_max;
            self.session.tick(self.now).unwrap_or_else(broken);
            self.session
                .receive(self.now, &mut bytes)
                .unwrap_or_else(broken);
        }
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

    /// A message about a dialog of ours that is over: see [`mask`].
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
        let Some(id) = self.dialogs.get(of).copied() else {
            return false;
        };
        if self.session.take_end(id).is_some() {
            self.over.insert(id);
        }
        self.over.contains(&id)
    }

    /// The second time that a dialog says that it has lost items: see [`mask`].
    fn is_repeated(&mut self, message: &Message) -> bool {
        match message {
            Message::Error(error) if error.boxed_type_str == "StreamOverrun" => {
                let cid = error.cid.clone().expect("an error of a dialog");
                !self.overrun.insert(cid)
            }
            _ => false,
        }
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
                let value = Terminal::Return(last.pld.as_bytes().clone());
                match self.session.finish(id, value) {
                    // It says so to the caller; whether that may be is decided where it is compared.
                    Ok(()) | Err(Misuse::NotStarted) => {}
                    Err(misuse) => panic!("{}: {misuse}", self.name),
                }
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
            (_, Some(BadMessage::Yield(bad))) => Terminal::BadPayload {
                kind: BadKind::Yield,
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

/// What a handler says that was asked to end and has.
fn cancelled(canceller: Option<Uid>) -> Terminal {
    Terminal::Cancelled {
        canceller,
        cause: CancelCause::Requested,
        text: "asked to".to_owned(),
    }
}
