//! Two sessions, a wire between them, and a clock that only the story moves.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use scipp_codec::{Any, from_bytes, to_bytes};
use scipp_protocol::wire::shuttle::messages::{BadMessage, Message};
use scipp_protocol::{
    Aid, Cause, Config, DialogId, End, Event, Fault, Kind, Loss, Open, Session, Side, Streams,
    Taken, Uid,
};

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
    /// Ids in order of appearance: A, B, C.
    names: Vec<String>,
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

    /// Nothing has been said yet.
    pub fn with(caller: Config, callee: Config) -> Self {
        let now = Instant::now();
        Self {
            now,
            caller: Peer::new(Side::Connector, caller, now),
            callee: Peer::new(Side::Acceptor, callee, now),
            log: Vec::new(),
            names: Vec::new(),
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

    fn write_down(&mut self, direction: char, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((prefix, tail)) = rest.split_first_chunk() {
            let (frame, tail) = tail.split_at(u32::from_le_bytes(*prefix) as usize);
            rest = tail;
            let message =
                from_bytes::<Message>(&Bytes::copy_from_slice(frame)).expect("one of our frames");
            let line = format!("{direction} {}", self.describe(message));
            self.log.push(line);
        }
    }

    fn describe(&mut self, message: Message) -> String {
        match message {
            Message::Aid(aid) => format!("Aid {}", aid.name),
            Message::SpawnSpec(_) => "SpawnSpec".to_owned(),
            Message::Start(start) => {
                let cid = self.name(&start.cid);
                let mut kwargs = start.kwargs.to_string();
                if start.ns == "self" {
                    kwargs = self.letters(kwargs);
                }
                format!("Start {cid} {}.{} {kwargs}", start.ns, start.func)
            }
            Message::StartAck(ack) => {
                format!("StartAck {} {:?}", self.name(&ack.cid), ack.functype)
            }
            Message::Started(first) => format!("Started {} {}", self.name(&first.cid), first.pld),
            Message::Yield(item) => format!("Yield {} {}", self.name(&item.cid), item.pld),
            Message::Stop(stop) => format!("Stop {}", self.name(&stop.cid)),
            Message::Return(last) => format!("Return {} {}", self.name(&last.cid), last.pld),
            Message::CancelAck(ack) => format!("CancelAck {} {}", self.name(&ack.cid), ack.pld),
            Message::Error(error) => {
                let cid = error.cid.map(|cid| self.name(&cid)).unwrap_or_default();
                let path: Vec<&str> = error
                    .relay_path
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect();
                let mut line = format!(
                    "Error {cid} {} from {}",
                    error.boxed_type_str,
                    path.join("/")
                );
                if let Some((name, _)) = error.canceller {
                    line += &format!(" canceller {name}");
                }
                if let Some((name, _)) = error.sender {
                    line += &format!(" sender {name}");
                }
                if let Some(bad) = error._bad_msg {
                    let (kind, pld) = match &bad {
                        BadMessage::Started(bad) => ("Started", &bad.pld),
                        BadMessage::Yield(bad) => ("Yield", &bad.pld),
                        BadMessage::Return(bad) => ("Return", &bad.pld),
                    };
                    line += &format!(" bad {kind} {pld}");
                }
                if let scipp_codec::Presence::Present(pld) = error.pld {
                    line += &format!(" pld {pld}");
                }
                line
            }
        }
    }

    fn name(&mut self, cid: &str) -> String {
        let at = self
            .names
            .iter()
            .position(|known| known == cid)
            .unwrap_or_else(|| {
                self.names.push(cid.to_owned());
                self.names.len() - 1
            });
        let letter = char::from(b'A' + u8::try_from(at % 26).unwrap());
        if at < 26 {
            letter.to_string()
        } else {
            format!("{letter}{}", at / 26)
        }
    }

    fn letters(&mut self, mut text: String) -> String {
        for known in self.names.clone() {
            let name = self.name(&known);
            text = text.replace(&known, &name);
        }
        text
    }
}

pub fn config(name: &str, seed: u128) -> Config {
    let uid = Uid::new(name, format!("00000000-0000-4000-8000-00000000000{seed}"));
    Config::new(Aid::new(uid, Some(7)), seed << 64)
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
