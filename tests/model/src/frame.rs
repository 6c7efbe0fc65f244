//! A frame on its way: its bytes, and what the checks need to know of them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use bytes::Bytes;
use scipp_codec::{Any, Decoder, Kind, Map, Payload as _, Presence};
use scipp_protocol::RemoteError;
use scipp_protocol::digest::Digest;
use scipp_protocol::wire::shuttle::messages::Message;

/// What was handed to the transport at once.
#[derive(Debug)]
pub(crate) struct Frame {
    /// With the prefix.
    pub(crate) bytes: Bytes,
    pub(crate) what: What,
    /// Whether it is a list, and no map.
    pub(crate) is_list: bool,
    /// A hash of the bytes that are no id, and the ids.
    rest: u64,
    ids: Vec<String>,
}

/// A message, as far as the checks look at it. Ids as on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    Aid,
    /// The number of the call in its arguments, and the time that is left.
    Start(String, u8, Option<u64>),
    /// An id of its own, and the dialog's; the same if it needs no answer.
    Cancel(String, String),
    Checkpoint(String, String),
    StartAck(String),
    Started(String),
    Yield(String),
    Stop(String),
    /// A `Return`, or an `Error` that ends a dialog.
    Terminal(String),
    /// The receiver of items lost some; says nothing about its own end.
    Overrun(String),
    CancelAck(String),
    Credit(String),
    /// What is about no dialog: its name.
    Session(&'static str),
}

/// Where an id is in a frame's payload, and its text; a number as sessions show it.
type Id = (Range<usize>, String);

impl Frame {
    pub(crate) fn new(bytes: Bytes) -> Self {
        let payload = bytes.slice(PREFIX_BYTES..);
        let is_list = payload[0] & 0xf0 == 0x90;
        let (what, ids) = if is_list {
            What::of_list(&payload)
        } else {
            (What::of_map(&payload), ids(&payload))
        };
        let mut rest = DefaultHasher::new();
        let mut from = 0;
        for (at, _) in &ids {
            payload[from..at.start].hash(&mut rest);
            from = at.end;
        }
        payload[from..].hash(&mut rest);
        Self {
            what,
            is_list,
            rest: rest.finish(),
            ids: ids.into_iter().map(|(_, id)| id).collect(),
            bytes,
        }
    }

    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        into.add((self.rest, self.ids.len()));
        self.ids.iter().for_each(|id| into.id(id));
    }
}

const PREFIX_BYTES: usize = 4;
const ID_BYTES: usize = 36;

/// Texts that have the form of a uuid.
fn ids(bytes: &[u8]) -> Vec<Id> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + ID_BYTES) {
        let is_id = window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase(),
        });
        if is_id {
            let id = String::from_utf8_lossy(window).into_owned();
            found.push((at..at + ID_BYTES, id));
            at += ID_BYTES;
        } else {
            at += 1;
        }
    }
    found
}

impl What {
    /// Reads a list, and where its ids are.
    fn of_list(payload: &Bytes) -> (Self, Vec<Id>) {
        let mut list = Decoder::new(payload);
        let mut left = list.array().expect("a list") - 2;
        let message: u8 = list.int("a message").expect("a number");
        let mut ids = vec![id(payload, &mut list)];
        // Both requests name a dialog besides.
        if matches!(message, 9 | 10) {
            ids.push(id(payload, &mut list));
            left -= 1;
        }
        let more: Vec<Any> = (0..left).map(|_| list.any().expect("a value")).collect();
        let names: Vec<String> = ids.iter().map(|(_, id)| id.clone()).collect();
        let cid = names[0].clone();
        let what = match message {
            0 => Self::Yield(cid),
            1 => Self::Terminal(cid),
            2 => Self::Started(cid),
            3 => Self::StartAck(cid),
            4 => Self::Stop(cid),
            5 => {
                let named: Map<String, u8> = more[2].decode().expect("arguments");
                let left = more.get(4).and_then(|left| left.decode().ok());
                Self::Start(cid, named["call"], left)
            }
            6 if more[0] == Any::encode(&RemoteError::OVERRUN.to_owned()) => Self::Overrun(cid),
            6 => Self::Terminal(cid),
            7 => Self::Cancel(cid.clone(), cid),
            8 => Self::Credit(cid),
            9 => Self::Cancel(cid, names[1].clone()),
            10 => Self::Checkpoint(cid, names[1].clone()),
            11 => Self::CancelAck(cid),
            other => panic!("no message of these worlds has the number {other}"),
        };
        (what, ids)
    }

    fn of_map(payload: &Bytes) -> Self {
        let message = Message::decode(&mut Decoder::shared(payload)).expect("our own message");
        match message {
            Message::Aid(_) => Self::Aid,
            Message::Start(start) if start.ns == "self" => {
                let named = start.kwargs.decode::<Map<String, String>>();
                let named = named.expect("the arguments of a cancel");
                let dialog = named.get("cid").expect("an id").clone();
                match dialog.strip_suffix("#read") {
                    Some(dialog) => Self::Checkpoint(start.cid, dialog.to_owned()),
                    None => Self::Cancel(start.cid, dialog),
                }
            }
            Message::Start(start) => {
                let named = start.kwargs.decode::<Map<String, u8>>();
                let call = *named.expect("arguments").get("call").expect("a number");
                let left = match start.deadline_ms {
                    Presence::Present(ms) => Some(ms),
                    _ => None,
                };
                Self::Start(start.cid, call, left)
            }
            Message::Cancel(cancel) => Self::Cancel(cancel.cid.clone(), cancel.cid),
            Message::StartAck(ack) => Self::StartAck(ack.cid),
            Message::Started(started) => Self::Started(started.cid),
            Message::Yield(item) => Self::Yield(item.cid),
            Message::Stop(stop) => Self::Stop(stop.cid),
            Message::Return(last) => Self::Terminal(last.cid),
            Message::Error(error) => {
                let cid = error.cid.unwrap_or_default();
                if error.boxed_type_str == RemoteError::OVERRUN {
                    Self::Overrun(cid)
                } else {
                    Self::Terminal(cid)
                }
            }
            Message::CancelAck(ack) => Self::CancelAck(ack.cid),
            Message::Credit(credit) => Self::Credit(credit.cid),
            Message::Goodbye(_) => Self::Session("Goodbye"),
            Message::Ping(_) => Self::Session("Ping"),
            Message::Pong(_) => Self::Session("Pong"),
            Message::SpawnSpec(_) => Self::Session("SpawnSpec"),
        }
    }
}

/// The next element, a dialog.
fn id(payload: &[u8], list: &mut Decoder<'_>) -> Id {
    let start = payload.len() - list.rest().len();
    let id = if list.head().is(Kind::Str) {
        list.str().expect("a text").to_owned()
    } else {
        let number: u64 = list.int("a dialog").expect("a number");
        let opener = ["connector", "acceptor"][number as usize % 2];
        format!("{opener}#{number}")
    };
    (start..payload.len() - list.rest().len(), id)
}
