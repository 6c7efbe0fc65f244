//! Frames to messages.

use std::time::{Duration, Instant};

use bytes::Bytes;
use scipp_codec::walk::{self, WalkLimits};
use scipp_codec::{Any, Decoder, Kind as Shape, Payload as _, Presence};

use super::compact;
use super::declared;
use super::messages::{self, FuncType};
use super::predict::predict;
use super::{
    CANCEL, CANCEL_TASK, CANCEL_TASK_ARGUMENT, CHECKPOINT_SUFFIX, FINGERPRINT_SPEC, RUNTIME,
};
use crate::actor::{Aid, Uid, hides};
use crate::cid::Cid;
use crate::dialog::CancelCause;
use crate::fault::Violation;
use crate::features::{self, Feature, Features};
use crate::limits::{ENVELOPE_DEPTH, ENVELOPE_ITEMS, FINGERPRINT_BYTES_MAX, Limits};
use crate::message::{BadKind, BadMessage, Kind, Message, RemoteError, Spec, Start};
use crate::registry;
use crate::trace::TraceContext;

/// Reads one frame's payload, and in whose name a `Start` is, if that is not seen to be `peer`. The walk over the whole of it comes first: afterwards
/// every length in it is true. Before the peer has said who it is there is no `peer`, and no feature is on.
pub(crate) fn read(
    frame: Bytes,
    peer: Option<&Uid>,
    features: Features,
    limits: &Limits,
    now: Instant,
) -> Result<(Message, Option<Uid>), Violation> {
    if let Some(0x90..=0x9f | 0xdc | 0xdd) = frame.first() {
        return match peer {
            Some(peer) if features.has(Feature::Compact) => {
                compact::read(frame, peer, limits, now).map(|message| (message, None))
            }
            Some(_) => Err(Violation::Malformed(
                "expected a map, since the feature `compact` is off, came a list".to_owned(),
            )),
            None => Err(Violation::NotAid { came: "a list" }),
        };
    }
    match predict(&frame, peer, limits, now) {
        Some(message) => Ok((message, None)),
        None => read_any(&frame, limits, now),
    }
}

/// The dialog and the payload of an item, if its frame is one of those that are seen at a glance; others [`read`] reads.
pub(crate) fn read_item<'f>(
    frame: &'f [u8],
    features: Features,
    limits: &Limits,
) -> Option<(Cid, &'f [u8])> {
    if !features.has(Feature::Compact) {
        return None;
    }
    compact::item(frame, limits).map(|(number, payload)| (Cid::Number(number), payload))
}

/// The same, of every message that is a map, in every form.
pub(super) fn read_any(
    frame: &Bytes,
    limits: &Limits,
    now: Instant,
) -> Result<(Message, Option<Uid>), Violation> {
    let walk = WalkLimits {
        depth_max: limits.payload_depth_max.saturating_add(ENVELOPE_DEPTH),
        items_max: limits.payload_items_max.saturating_add(ENVELOPE_ITEMS),
    };
    walk::check(frame, &walk).map_err(|reject| Violation::Malformed(reject.to_string()))?;
    let message = messages::Message::decode(&mut Decoder::shared(frame)).map_err(malformed)?;
    let names = Names {
        max: limits.name_bytes_max,
    };
    let message = match message {
        messages::Message::Aid(aid) => Message::Aid(Aid {
            uid: names.shown(names.uid((aid.name, aid.uuid))?)?,
            pid: aid.pid,
            is_registrar: aid.is_registrar,
            is_probe: aid.is_probe,
            features: features(aid.scipp),
        }),
        messages::Message::SpawnSpec(spec) => Message::SpawnSpec(Box::new(spec)),
        messages::Message::Start(start) => {
            let (message, uid) = names.start(start, now)?;
            return Ok((message, Some(uid)));
        }
        messages::Message::StartAck(ack) => Message::StartAck {
            cid: names.cid(&ack.cid)?,
            kind: kind(ack.functype),
        },
        messages::Message::Started(started) => Message::Started {
            cid: names.cid(&started.cid)?,
            payload: started.pld,
        },
        messages::Message::Yield(item) => Message::Yield {
            cid: names.cid(&item.cid)?,
            payload: item.pld,
        },
        messages::Message::Stop(stop) => Message::Stop {
            cid: names.cid(&stop.cid)?,
        },
        messages::Message::Return(last) => Message::Return {
            cid: names.cid(&last.cid)?,
            payload: last.pld,
        },
        messages::Message::CancelAck(ack) => Message::CancelAck {
            cid: names.cid(&ack.cid)?,
            accepted: ack.pld,
        },
        messages::Message::Cancel(cancel) => Message::CancelDialog {
            cid: names.cid(&cancel.cid)?,
        },
        messages::Message::Credit(credit) => Message::Credit {
            cid: names.cid(&credit.cid)?,
            items: credit.n,
        },
        messages::Message::Goodbye(_) => Message::Goodbye,
        messages::Message::Ping(_) => Message::Ping,
        messages::Message::Pong(_) => Message::Pong,
        messages::Message::Error(mut error) => {
            let cid = error.cid.take();
            Message::Error {
                cid: cid.map(|cid| names.cid(&cid)).transpose()?,
                error: Box::new(remote_error(error)),
            }
        }
    };
    Ok((message, None))
}

/// Makes names that may be kept: not longer than allowed.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub(super) max: usize,
}

impl Names {
    pub(super) fn check(self, what: &'static str, text: &str) -> Result<(), Violation> {
        let came = text.len();
        if came > self.max {
            Err(Violation::NameTooLong {
                what,
                max: self.max,
                came,
            })
        } else {
            Ok(())
        }
    }

    pub(super) fn cid(self, text: &str) -> Result<Cid, Violation> {
        self.check("the id of a dialog", text)?;
        Ok(Cid::parse(text))
    }

    fn uid(self, (name, uuid): messages::Uid) -> Result<Uid, Violation> {
        self.check("the name of an actor", &name)?;
        self.check("the uuid of an actor", &uuid)?;
        Ok(Uid::new(name, uuid))
    }

    /// An actor's name is shown to people, in logs and tables: it must not move the cursor, nor turn the writing round.
    fn shown(self, uid: Uid) -> Result<Uid, Violation> {
        if uid.name.chars().chain(uid.uuid.chars()).any(hides) {
            Err(Violation::NameHidden {
                came: uid.to_string(),
            })
        } else {
            Ok(uid)
        }
    }

    fn start(self, start: messages::Start, now: Instant) -> Result<(Message, Uid), Violation> {
        let request = self.cid(&start.cid)?;
        self.check("the namespace in a Start", &start.ns)?;
        self.check("the function in a Start", &start.func)?;
        // Types of an endpoint are told by a short text; whatever else somebody writes there is not for us.
        let uid = self.uid(start.uid)?;
        if start.kwargs.head().kind() != Some(Shape::Map) {
            let came = Decoder::new(start.kwargs.as_bytes()).mismatch("map");
            return Err(Violation::Malformed(format!("Start.kwargs: {came}")));
        }
        let trace = trace(&start.traceparent, &start.tracestate);
        let message = match (start.ns.as_str(), start.func.as_str()) {
            (RUNTIME, CANCEL_TASK) => {
                let named = named_dialog(&start.kwargs)?;
                match named.strip_suffix(CHECKPOINT_SUFFIX) {
                    Some(named) => Message::Checkpoint {
                        request,
                        dialog: self.cid(named)?,
                    },
                    None => Message::Cancel {
                        request,
                        dialog: self.cid(&named)?,
                    },
                }
            }
            (RUNTIME, CANCEL) => Message::CancelActor { request },
            (RUNTIME, func) if !registry::CALLS.contains(&func) => Message::Unsupported {
                request,
                func: start.func,
            },
            _ => Message::Start(Box::new(Start {
                cid: request,
                namespace: start.ns,
                func: start.func,
                args: start.kwargs,
                uid: uid.clone(),
                spec: spec(&start.pld_spec),
                deadline: deadline(start.deadline_ms, now),
                trace,
            })),
        };
        Ok((message, uid))
    }
}

/// What the peer offers. Names that we don't know are for others, and so is another version.
fn features(native: Presence<messages::Native>) -> Features {
    let Presence::Present(native) = native else {
        return Features::NONE;
    };
    if native.v != features::VERSION {
        return Features::NONE;
    }
    let known = Feature::ALL.into_iter();
    known
        .filter(|feature| native.features.iter().any(|name| name == feature.name()))
        .collect()
}

/// The point in time; none if it is further away than a clock can say.
pub(super) fn deadline(ms: Presence<u64>, now: Instant) -> Option<Instant> {
    match ms {
        Presence::Present(ms) => now.checked_add(Duration::from_millis(ms)),
        Presence::Absent => None,
    }
}

/// What is said there about types is a fingerprint, or nothing that is known here.
pub(super) fn spec(text: &str) -> Spec {
    match text.strip_prefix(FINGERPRINT_SPEC) {
        Some(fingerprint) if fingerprint.len() <= FINGERPRINT_BYTES_MAX => {
            Spec::Fingerprint(fingerprint.to_owned().into())
        }
        _ => Spec::Any,
    }
}

fn trace(parent: &Presence<String>, state: &Presence<String>) -> Option<TraceContext> {
    let Presence::Present(parent) = parent else {
        return None;
    };
    let state = match state {
        Presence::Present(state) => Some(state.as_str()),
        Presence::Absent => None,
    };
    TraceContext::read(parent, state)
}

fn cancel_cause(cause: &Presence<messages::CancelCause>) -> Option<CancelCause> {
    let Presence::Present(cause) = cause else {
        return None;
    };
    match cause {
        messages::CancelCause::Requested => Some(CancelCause::Requested),
        messages::CancelCause::Deadline => Some(CancelCause::Deadline),
        messages::CancelCause::Shutdown => Some(CancelCause::Shutdown),
        messages::CancelCause::SessionLost => Some(CancelCause::SessionLost),
        messages::CancelCause::Unknown(_) => None,
    }
}

/// The dialog that a cancel request names.
fn named_dialog(kwargs: &Any) -> Result<String, Violation> {
    let mut decoder = Decoder::new(kwargs.as_bytes());
    for _ in 0..decoder.map().map_err(malformed)? {
        if decoder.str().map_err(malformed)? == CANCEL_TASK_ARGUMENT {
            return Ok(decoder.str().map_err(malformed)?.to_owned());
        }
        decoder.skip().map_err(malformed)?;
    }
    Err(Violation::Malformed(
        "Start of self._cancel_task: expected an argument `cid`".to_owned(),
    ))
}

fn kind(functype: FuncType) -> Kind {
    match functype {
        FuncType::Asyncfunc => Kind::Asyncfunc,
        FuncType::Asyncgen => Kind::Asyncgen,
        FuncType::Context => Kind::Context,
    }
}

pub(super) fn remote_error(error: messages::Error) -> RemoteError {
    let uid = |(name, uuid): messages::Uid| Uid::new(name, uuid);
    let mut message = error.message;
    let mut payload = match error.pld {
        Presence::Present(payload) => Some(payload),
        Presence::Absent => None,
    };
    // A plain peer has no other place for the value. What was passed on is not declared by who sends it.
    if error.src_type_str == error.boxed_type_str
        && let Some((text, value)) = message.as_deref().and_then(declared::split)
    {
        let text = text.to_owned();
        payload.get_or_insert(value);
        message = Some(text);
    }
    RemoteError {
        cause: cancel_cause(&error.cause),
        source: uid(error.src_uid),
        source_type: error.src_type_str,
        boxed_type: error.boxed_type_str,
        relay_path: error.relay_path.into_iter().map(uid).collect(),
        message,
        traceback: error.tb_str,
        canceller: error.canceller.map(uid),
        sender: error.sender.map(uid),
        bad: error._bad_msg.map(|bad| match bad {
            messages::BadMessage::Started(bad) => BadMessage {
                kind: BadKind::Started,
                payload: bad.pld,
            },
            messages::BadMessage::Yield(bad) => BadMessage {
                kind: BadKind::Yield,
                payload: bad.pld,
            },
            messages::BadMessage::Return(bad) => BadMessage {
                kind: BadKind::Return,
                payload: bad.pld,
            },
        }),
        payload,
    }
}

fn malformed(error: scipp_codec::DecodeError) -> Violation {
    Violation::Malformed(error.to_string())
}
