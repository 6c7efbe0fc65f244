//! A frame on its way: its bytes, and what the checks need to know of them.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use scipp_codec::{Decoder, Map, Payload as _, Presence};
use scipp_protocol::RemoteError;
use scipp_protocol::digest::Digest;
use scipp_protocol::wire::shuttle::messages::Message;

/// What was handed to the transport at once.
#[derive(Debug)]
pub(crate) struct Frame {
    /// With the prefix.
    pub(crate) bytes: Bytes,
    pub(crate) what: What,
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

impl Frame {
    pub(crate) fn new(bytes: Bytes) -> Self {
        let ids = ids(&bytes);
        let mut rest = DefaultHasher::new();
        let mut from = 0;
        for at in &ids {
            bytes[from..*at].hash(&mut rest);
            from = at + ID_BYTES;
        }
        bytes[from..].hash(&mut rest);
        let texts = ids.iter().map(|at| &bytes[*at..at + ID_BYTES]);
        let ids = texts.map(|id| String::from_utf8_lossy(id).into_owned());
        Self {
            what: What::read(&bytes.slice(PREFIX_BYTES..)),
            rest: rest.finish(),
            ids: ids.collect(),
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

/// Where texts begin that have the form of a uuid.
fn ids(bytes: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + ID_BYTES) {
        let is_id = window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase(),
        });
        if is_id {
            found.push(at);
            at += ID_BYTES;
        } else {
            at += 1;
        }
    }
    found
}

impl What {
    fn read(payload: &Bytes) -> Self {
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
