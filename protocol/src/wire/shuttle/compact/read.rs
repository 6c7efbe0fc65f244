//! Frames to messages.

use std::time::Instant;

use bytes::{Buf as _, Bytes};
use scipp_codec::walk::{self, WalkLimits};
use scipp_codec::{Any, DecodeError, Decoder, Kind as Shape, Payload, Presence};

use super::{
    ASYNCFUNC, ASYNCGEN, CANCEL, CANCEL_ACK, CANCEL_ACTOR, CANCEL_REQUEST, CHECKPOINT, CONTEXT,
    CREDIT, DEADLINE, ERROR, REQUESTED, RETURN, SESSION_LOST, SHUTDOWN, START, START_ACK, STARTED,
    STOP, THREE, YIELD, traceback,
};
use crate::actor::Uid;
use crate::cid::Cid;
use crate::dialog::CancelCause;
use crate::fault::Violation;
use crate::limits::{ENVELOPE_DEPTH, ENVELOPE_ITEMS, FINGERPRINT_BYTES_MAX, Limits};
use crate::message::{BadKind, BadMessage, Kind, Message, RemoteError, Spec, Start};
use crate::registry;
use crate::trace::TraceContext;
use crate::wire::shuttle::RUNTIME;
use crate::wire::shuttle::read::{Names, deadline};

/// Values of a message that carries a payload, besides that: the array and its first two elements.
const ENVELOPE_VALUES: u32 = 3;

/// Reads one frame's payload, an array that `peer` sent.
///
/// # Errors
/// It is no message, or one with an element of another type or one too few.
#[inline]
pub(in crate::wire::shuttle) fn read(
    mut frame: Bytes,
    peer: &Uid,
    limits: &Limits,
    now: Instant,
) -> Result<Message, Violation> {
    let Some((message, number, bytes)) = carried(&frame, limits) else {
        return read_any(&frame, peer, limits, now);
    };
    frame.advance(frame.len() - bytes);
    let (cid, payload) = (Cid::Number(number), Any::walked(frame));
    Ok(match message {
        YIELD => Message::Yield { cid, payload },
        RETURN => Message::Return { cid, payload },
        _ => Message::Started { cid, payload },
    })
}

/// The number of the dialog and the payload, if the frame is an item of a numbered dialog.
#[inline]
pub(in crate::wire::shuttle) fn item<'f>(
    frame: &'f [u8],
    limits: &Limits,
) -> Option<(u64, &'f [u8])> {
    if frame.get(1) != Some(&YIELD) {
        return None;
    }
    let (_, number, bytes) = carried(frame, limits)?;
    Some((number, frame.get(frame.len() - bytes..)?))
}

/// The messages that dialogs are full of, where they lie: which one, its dialog, and how many bytes its payload has, at the end.
/// Whatever else comes, also what is wrong, is left to [`read_any`].
#[inline]
pub(super) fn carried(frame: &[u8], limits: &Limits) -> Option<(u8, u64, usize)> {
    let [THREE, message @ (YIELD | RETURN | STARTED), rest @ ..] = frame else {
        return None;
    };
    let (number, payload): (u64, &[u8]) = match rest {
        [n @ 0..=0x7f, rest @ ..] => (u64::from(*n), rest),
        [0xcc, n, rest @ ..] => (u64::from(*n), rest),
        [0xcd, a, b, rest @ ..] => (u64::from(u16::from_be_bytes([*a, *b])), rest),
        [0xce, a, b, c, d, rest @ ..] => (u64::from(u32::from_be_bytes([*a, *b, *c, *d])), rest),
        _ => return None,
    };
    // As much as the walk over the whole frame would leave for it.
    let walk = WalkLimits {
        depth_max: limits
            .payload_depth_max
            .saturating_add(ENVELOPE_DEPTH)
            .checked_sub(1)?,
        items_max: limits
            .payload_items_max
            .saturating_add(ENVELOPE_ITEMS)
            .checked_sub(ENVELOPE_VALUES)?,
    };
    walk::check(payload, &walk).ok()?;
    Some((*message, number, payload.len()))
}

/// The same, of every message in every form.
pub(super) fn read_any(
    frame: &Bytes,
    peer: &Uid,
    limits: &Limits,
    now: Instant,
) -> Result<Message, Violation> {
    let walk = WalkLimits {
        depth_max: limits.payload_depth_max.saturating_add(ENVELOPE_DEPTH),
        items_max: limits.payload_items_max.saturating_add(ENVELOPE_ITEMS),
    };
    walk::check(frame, &walk).map_err(|reject| Violation::Malformed(reject.to_string()))?;
    let names = Names {
        max: limits.name_bytes_max,
    };
    let mut elements = Elements::begin(frame, names)?;
    let came: u64 = elements.required("message", |it| it.int("the number of a message"))?;
    let message = u8::try_from(came).unwrap_or(u8::MAX);
    elements.of = match message {
        YIELD => "Yield",
        RETURN => "Return",
        STARTED => "Started",
        START_ACK => "StartAck",
        STOP => "Stop",
        START => "Start",
        ERROR => "Error",
        CANCEL => "Cancel",
        CREDIT => "Credit",
        CANCEL_REQUEST => "CancelRequest",
        CHECKPOINT => "Checkpoint",
        CANCEL_ACK => "CancelAck",
        CANCEL_ACTOR => "CancelActor",
        _ => {
            return Err(Violation::Malformed(format!(
                "a list: expected the number of a message, 0 to {CANCEL_ACTOR}, came {came}"
            )));
        }
    };
    let cid = elements.cid("dialog")?;
    Ok(match message {
        YIELD => Message::Yield {
            cid,
            payload: elements.payload()?,
        },
        RETURN => Message::Return {
            cid,
            payload: elements.payload()?,
        },
        STARTED => Message::Started {
            cid,
            payload: elements.payload()?,
        },
        START_ACK => Message::StartAck {
            cid,
            kind: elements.required("kind", kind)?,
        },
        STOP => Message::Stop { cid },
        START => elements.start(cid, peer, now)?,
        ERROR => Message::Error {
            cid: Some(cid),
            error: Box::new(elements.error()?),
        },
        CANCEL => Message::CancelDialog { cid },
        CREDIT => Message::Credit {
            cid,
            items: elements.required("n", |it| it.int("a number of items"))?,
        },
        CANCEL_REQUEST => Message::Cancel {
            request: cid,
            dialog: elements.cid("of")?,
        },
        CHECKPOINT => Message::Checkpoint {
            request: cid,
            dialog: elements.cid("of")?,
        },
        CANCEL_ACK => Message::CancelAck {
            cid,
            accepted: elements.required("accepted", Decoder::bool)?,
        },
        _ => Message::CancelActor { request: cid },
    })
}

/// The elements of a message that are not read yet.
struct Elements<'f> {
    fields: Decoder<'f>,
    left: usize,
    names: Names,
    /// The message's name.
    of: &'static str,
}

impl<'f> Elements<'f> {
    fn begin(frame: &'f Bytes, names: Names) -> Result<Self, Violation> {
        let mut fields = Decoder::shared(frame);
        let left = fields.array();
        let left = left.map_err(|error| Violation::Malformed(error.to_string()))?;
        Ok(Self {
            fields,
            left,
            names,
            of: "a list",
        })
    }

    fn required<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&mut Decoder<'f>) -> Result<T, DecodeError>,
    ) -> Result<T, Violation> {
        let Some(left) = self.left.checked_sub(1) else {
            let of = self.of;
            return Err(Violation::Malformed(format!(
                "{of}.{what}: expected one more element, came the end of the list"
            )));
        };
        self.left = left;
        read(&mut self.fields).map_err(|error| malformed(self.of, what, error))
    }

    /// An element that may be nil, or missing with all that follow.
    fn optional<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&mut Decoder<'f>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Violation> {
        if self.left == 0 {
            return Ok(None);
        }
        if self.fields.take_nil() {
            self.left -= 1;
            return Ok(None);
        }
        self.required(what, read).map(Some)
    }

    /// A number, or a text.
    fn cid(&mut self, what: &'static str) -> Result<Cid, Violation> {
        let names = self.names;
        self.required(what, |it| {
            Ok(match it.head().kind() {
                Some(Shape::Str) => Err(it.str()?),
                _ => Ok(it.int("the number or the text of a dialog")?),
            })
        })?
        .map_or_else(|text: &str| names.cid(text), |it| Ok(Cid::Number(it)))
    }

    fn payload(&mut self) -> Result<Any, Violation> {
        self.required("pld", Decoder::any)
    }

    fn text(&mut self, what: &'static str) -> Result<Option<String>, Violation> {
        self.optional(what, String::decode)
    }

    fn uid(&mut self, what: &'static str) -> Result<Option<Uid>, Violation> {
        self.optional(what, uid)
    }

    /// An opening in the peer's own name: it can say no other.
    fn start(&mut self, cid: Cid, peer: &Uid, now: Instant) -> Result<Message, Violation> {
        let names = self.names;
        let namespace = self.required("ns", String::decode)?;
        names.check("the namespace in a Start", &namespace)?;
        let func = self.required("func", String::decode)?;
        names.check("the function in a Start", &func)?;
        let args = self.required("kwargs", |it| match it.head().kind() {
            Some(Shape::Map) => it.any(),
            _ => Err(it.mismatch("map")),
        })?;
        let fingerprint = self.text("fingerprint")?;
        let left = self.optional("deadline_ms", |it| it.int("a number of milliseconds"))?;
        let parent = self.text("traceparent")?;
        let state = self.text("tracestate")?;
        if namespace == RUNTIME && !registry::CALLS.contains(&func.as_str()) {
            return Ok(Message::Unsupported { request: cid, func });
        }
        let known = fingerprint.filter(|it| it.len() <= FINGERPRINT_BYTES_MAX);
        Ok(Message::Start(Box::new(Start {
            cid,
            namespace,
            func,
            args,
            uid: peer.clone(),
            spec: known.map_or(Spec::Any, |known| Spec::Fingerprint(known.into())),
            deadline: deadline(left.map_or(Presence::Absent, Presence::Present), now),
            trace: parent.and_then(|parent| TraceContext::read(&parent, state.as_deref())),
        })))
    }

    fn error(&mut self) -> Result<RemoteError, Violation> {
        let source_type = self.required("type", String::decode)?;
        let source = self.required("src_uid", uid)?;
        let message = self.text("message")?;
        let path = self.optional("relay_path", |it| {
            let hops = it.array()?;
            (0..hops).map(|_| uid(it)).collect::<Result<Vec<_>, _>>()
        })?;
        let boxed = self.text("boxed_type")?;
        let shown = self.text("tb_str")?;
        Ok(RemoteError {
            relay_path: path.unwrap_or_else(|| vec![source.clone()]),
            boxed_type: boxed.unwrap_or_else(|| source_type.clone()),
            traceback: shown
                .or_else(|| Some(traceback(&source_type, message.as_ref()?)))
                .unwrap_or_default(),
            source,
            source_type,
            message,
            payload: self.optional("pld", |it| match it.array()? {
                1 => it.any(),
                _ => Err(it.mismatch("a list of one value")),
            })?,
            canceller: self.uid("canceller")?,
            cause: self.optional("cause", small)?.and_then(cancel_cause),
            sender: self.uid("sender")?,
            bad: self.optional("bad", bad_message)?,
        })
    }
}

fn uid(fields: &mut Decoder<'_>) -> Result<Uid, DecodeError> {
    let (name, uuid) = <(String, String)>::decode(fields)?;
    Ok(Uid::new(name, uuid))
}

/// A number that names something; what does not fit is none that is known.
fn small(fields: &mut Decoder<'_>) -> Result<u8, DecodeError> {
    let number: u64 = fields.int("a number")?;
    Ok(u8::try_from(number).unwrap_or(u8::MAX))
}

fn kind(fields: &mut Decoder<'_>) -> Result<Kind, DecodeError> {
    let at = fields.clone();
    match small(fields)? {
        ASYNCFUNC => Ok(Kind::Asyncfunc),
        ASYNCGEN => Ok(Kind::Asyncgen),
        CONTEXT => Ok(Kind::Context),
        _ => Err(at.mismatch("the number of a kind")),
    }
}

/// A word that we don't know is none.
fn cancel_cause(cause: u8) -> Option<CancelCause> {
    match cause {
        REQUESTED => Some(CancelCause::Requested),
        DEADLINE => Some(CancelCause::Deadline),
        SHUTDOWN => Some(CancelCause::Shutdown),
        SESSION_LOST => Some(CancelCause::SessionLost),
        _ => None,
    }
}

fn bad_message(fields: &mut Decoder<'_>) -> Result<BadMessage, DecodeError> {
    let at = fields.clone();
    if fields.array()? != 2 {
        return Err(at.mismatch("a list of a message's number and its payload"));
    }
    let kind = match small(fields)? {
        STARTED => BadKind::Started,
        YIELD => BadKind::Yield,
        RETURN => BadKind::Return,
        _ => return Err(at.mismatch("the number of a message with a payload")),
    };
    Ok(BadMessage {
        kind,
        payload: fields.any()?,
    })
}

fn malformed(of: &str, what: &str, error: DecodeError) -> Violation {
    Violation::Malformed(format!("{of}.{what}: {error}"))
}
