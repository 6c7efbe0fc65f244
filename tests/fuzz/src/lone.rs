//! One session, and bytes for a peer.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rmpv::Value;
use scipp_protocol::{
    Aid, Config, DialogId, Event, Fault, Feature, Features, Kind, Open, Session, Side, Streams, Uid,
};

/// An accepting session that has opened a dialog of each kind, so that a peer has something to answer.
#[derive(Clone)]
pub(crate) struct Lone {
    pub(crate) now: Instant,
    pub(crate) session: Session,
    pub(crate) events: Vec<Event>,
    pub(crate) fault: Option<Fault>,
    /// What has come and is not taken.
    pub(crate) inbound: BytesMut,
    /// What it said, all of it.
    pub(crate) said: BytesMut,
    /// Its own dialogs, and their ids on the wire.
    pub(crate) own: Vec<(DialogId, Value)>,
}

impl Lone {
    /// With its peer, which offers everything or nothing, and has said so.
    pub(crate) fn new(native: bool) -> Self {
        let now = Instant::now();
        let mut aid = Aid::new(Uid::new("one", "one"), None);
        if native {
            aid.features = Features::all();
        }
        let session = Session::new(Side::Acceptor, Config::new(aid, 1 << 64), now);
        let mut lone = Self {
            now,
            session,
            events: Vec::new(),
            fault: None,
            inbound: BytesMut::new(),
            said: BytesMut::new(),
            own: Vec::new(),
        };
        lone.hear(&framed(&encoded(&peer(native))));
        lone.speak();
        for kind in [Kind::Asyncfunc, Kind::Asyncgen, Kind::Context] {
            let before = lone.said.len();
            let opened = lone.session.open(now, open(kind));
            lone.speak();
            let start = lone.said.get(before + LENGTH_BYTES..).unwrap_or_default();
            if let (Ok(id), Some(cid)) = (opened, cid(start)) {
                lone.own.push((id, cid));
            }
        }
        assert_eq!(lone.own.len(), 3, "each dialog was opened");
        assert_eq!(lone.fault, None, "the peer began well");
        lone
    }

    /// The ids of its own dialogs on the wire.
    pub(crate) fn ids(&self) -> Vec<Value> {
        self.own.iter().map(|(_, cid)| cid.clone()).collect()
    }

    /// As a driver reads: everything that has come, unless reading rests.
    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.inbound.extend_from_slice(bytes);
        while self.fault.is_none() && self.session.wants_receive() {
            if let Err(fault) = self.session.receive(self.now, &mut self.inbound) {
                self.fault = Some(fault);
            }
            self.collect();
            if !self.session.holds_frames() {
                break;
            }
        }
    }

    /// Everything that it has to say.
    pub(crate) fn speak(&mut self) {
        while self.session.wants_transmit() {
            self.session.transmit(&mut self.said, 1_000);
        }
        self.collect();
    }

    /// So much time passes, and at least to where something is due if none does.
    pub(crate) fn wait(&mut self, time: Duration) {
        let until = match self.session.deadline() {
            Some(due) if time.is_zero() => due.max(self.now),
            _ => self.now + time,
        };
        self.now = until;
        if let Err(fault) = self.session.tick(self.now) {
            self.fault = Some(fault);
        }
        self.collect();
    }

    /// What happened since the last time.
    pub(crate) fn collect(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.events.push(event);
        }
    }
}

/// Bytes of a frame's length.
pub(crate) const LENGTH_BYTES: usize = 4;

/// A payload with its length.
pub(crate) fn framed(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes(), payload].concat()
}

/// A value's bytes, by another encoder than ours.
pub(crate) fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert!(
        rmpv::encode::write_value(&mut bytes, value).is_ok(),
        "memory takes everything"
    );
    bytes
}

/// What the peer of a [`Lone`] says first.
fn peer(native: bool) -> Value {
    let features = Feature::ALL.into_iter().map(|it| Value::from(it.name()));
    let mut entries = vec![
        ("msg_type".into(), "Aid".into()),
        ("name".into(), "two".into()),
        ("uuid".into(), "two".into()),
    ];
    if native {
        let offer = Value::Map(vec![
            ("v".into(), 1.into()),
            ("features".into(), Value::Array(features.collect())),
        ]);
        entries.push(("scipp".into(), offer));
    }
    Value::Map(entries)
}

/// The id in a `Start`.
fn cid(mut payload: &[u8]) -> Option<Value> {
    match rmpv::decode::read_value(&mut payload) {
        Ok(Value::Map(entries)) => entries
            .into_iter()
            .find(|(key, _)| key.as_str() == Some("cid"))
            .map(|(_, id)| id),
        Ok(Value::Array(elements)) => elements.into_iter().nth(1),
        _ => None,
    }
}

fn open(kind: Kind) -> Open {
    Open {
        namespace: "demo".to_owned(),
        func: "ep".to_owned(),
        args: Bytes::from_static(&[0x80]),
        kind,
        streams: Streams::BOTH,
        deadline: None,
        fingerprint: None,
        trace: None,
    }
}

/// One that is ready, of each sort, made once: targets clone it.
pub(crate) fn ready(native: bool) -> &'static Lone {
    thread_local! {
        static READY: [&'static Lone; 2] = [false, true].map(|native| &*Box::leak(Box::new(Lone::new(native))));
    }
    READY.with(|[plain, scipp]| if native { *scipp } else { *plain })
}
