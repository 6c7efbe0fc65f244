//! Messages to frames.

use bytes::BytesMut;
use scipp_codec::Encoder;

use super::{
    ASYNCFUNC, ASYNCGEN, CANCEL, CANCEL_ACK, CANCEL_ACTOR, CANCEL_REQUEST, CHECKPOINT, CONTEXT,
    CREDIT, DEADLINE, ERROR, REQUESTED, RETURN, SESSION_LOST, SHUTDOWN, START, START_ACK, STARTED,
    STOP, THREE, YIELD, traceback,
};
use crate::actor::Uid;
use crate::cid::Cid;
use crate::dialog::CancelCause;
use crate::features::Feature;
use crate::frame;
use crate::message::{BadKind, ENVELOPE_BYTES, Kind, Message, RemoteError, Spec, Start};
use crate::trace::TraceContext;
use crate::wire::shuttle::write::told;
use crate::wire::shuttle::{NOBODY, Session};

/// Appends one message as a frame. False if the message has no such form, and nothing was written.
#[inline]
pub(in crate::wire::shuttle) fn write(
    message: &Message,
    session: Session<'_>,
    out: &mut BytesMut,
) -> bool {
    match message {
        Message::Yield { cid, payload } => carrying(out, YIELD, cid, payload.as_bytes()),
        Message::Return { cid, payload } => carrying(out, RETURN, cid, payload.as_bytes()),
        Message::Started { cid, payload } => carrying(out, STARTED, cid, payload.as_bytes()),
        other => return rarer(other, session, out),
    }
    true
}

/// Appends a `Yield` of this payload.
#[inline]
pub(in crate::wire::shuttle) fn write_item(cid: &Cid, payload: &[u8], out: &mut BytesMut) {
    carrying(out, YIELD, cid, payload);
}

/// A message with a payload, which are most: written at once.
#[inline]
fn carrying(out: &mut BytesMut, message: u8, cid: &Cid, payload: &[u8]) {
    let Cid::Number(number) = *cid else {
        return framed(out, payload.len(), |encoder| {
            begin(encoder, 3, message, cid);
            encoder.raw(payload);
        });
    };
    let [b7, b6, b5, b4, b3, b2, b1, b0] = number.to_be_bytes();
    match number {
        0..=0x7f => frame::put(out, [THREE, message, b0], payload),
        0x80..=0xff => frame::put(out, [THREE, message, 0xcc, b0], payload),
        0x100..=0xffff => frame::put(out, [THREE, message, 0xcd, b1, b0], payload),
        0x1_0000..=0xffff_ffff => {
            frame::put(out, [THREE, message, 0xce, b3, b2, b1, b0], payload);
        }
        _ => frame::put(
            out,
            [THREE, message, 0xcf, b7, b6, b5, b4, b3, b2, b1, b0],
            payload,
        ),
    }
}

fn rarer(message: &Message, session: Session<'_>, out: &mut BytesMut) -> bool {
    match message {
        Message::StartAck { cid, kind } => framed(out, 0, |encoder| {
            begin(encoder, 3, START_ACK, cid);
            number(encoder, functype(*kind));
        }),
        Message::Stop { cid } => framed(out, 0, |encoder| begin(encoder, 2, STOP, cid)),
        Message::Start(start) => framed(out, start.args.as_bytes().len(), |encoder| {
            opening(encoder, start, session);
        }),
        Message::Error {
            cid: Some(cid),
            error,
        } => framed(out, 0, |encoder| failure(encoder, cid, error, session)),
        Message::CancelDialog { cid } => framed(out, 0, |encoder| begin(encoder, 2, CANCEL, cid)),
        Message::Credit { cid, items } => framed(out, 0, |encoder| {
            begin(encoder, 3, CREDIT, cid);
            encoder.uint(u64::from(*items));
        }),
        Message::Cancel { request, dialog } => framed(out, 0, |encoder| {
            begin(encoder, 3, CANCEL_REQUEST, request);
            id(encoder, dialog);
        }),
        Message::AskReady { request } => framed(out, 0, |encoder| {
            begin(encoder, 3, CANCEL_REQUEST, request);
            encoder.str(NOBODY);
        }),
        Message::Checkpoint { request, dialog } => framed(out, 0, |encoder| {
            begin(encoder, 3, CHECKPOINT, request);
            id(encoder, dialog);
        }),
        Message::CancelAck { cid, accepted } => framed(out, 0, |encoder| {
            begin(encoder, 3, CANCEL_ACK, cid);
            encoder.bool(*accepted);
        }),
        Message::CancelActor { request } => {
            framed(out, 0, |encoder| begin(encoder, 2, CANCEL_ACTOR, request));
        }
        // The rest is about no dialog; the last one is only read here.
        Message::Aid(_)
        | Message::SpawnSpec(_)
        | Message::Goodbye
        | Message::Ping
        | Message::Pong
        | Message::Error { cid: None, .. }
        | Message::Unsupported { .. } => return false,
        // Written at once.
        Message::Yield { .. } | Message::Return { .. } | Message::Started { .. } => return false,
    }
    true
}

fn framed(out: &mut BytesMut, content: usize, write: impl FnOnce(&mut Encoder<'_>)) {
    let start = frame::begin(out);
    let mut encoder = Encoder::new(out);
    encoder.reserve(ENVELOPE_BYTES + content);
    write(&mut encoder);
    frame::end(out, start);
}

/// The header of an array of so many elements, and the two that every message has.
fn begin(encoder: &mut Encoder<'_>, elements: usize, message: u8, cid: &Cid) {
    encoder.array(elements);
    number(encoder, message);
    id(encoder, cid);
}

fn id(encoder: &mut Encoder<'_>, cid: &Cid) {
    match cid {
        Cid::Number(number) => encoder.uint(*number),
        text => encoder.str(text.text(&mut [0; 36])),
    }
}

fn number(encoder: &mut Encoder<'_>, number: u8) {
    encoder.uint(u64::from(number));
}

fn opening(encoder: &mut Encoder<'_>, start: &Start, session: Session<'_>) {
    let fingerprint = match &start.spec {
        Spec::Any => None,
        Spec::Fingerprint(fingerprint) => Some(fingerprint),
    };
    let (deadline, trace) = told(start, session);
    let state = trace.and_then(TraceContext::state);
    let last = last(&[
        fingerprint.is_some(),
        deadline.is_some(),
        trace.is_some(),
        state.is_some(),
    ]);

    begin(encoder, 5 + last, START, &start.cid);
    encoder.str(&start.namespace);
    encoder.str(&start.func);
    encoder.raw(start.args.as_bytes());
    let mut tail = Tail {
        encoder,
        left: last,
    };
    tail.put(fingerprint, |encoder, text| encoder.str(text));
    tail.put(deadline, Encoder::uint);
    tail.put(trace, |encoder, trace| encoder.str(&trace.to_string()));
    tail.put(state, Encoder::str);
}

fn failure(encoder: &mut Encoder<'_>, cid: &Cid, error: &RemoteError, session: Session<'_>) {
    let source_type = &error.source_type;
    let message = error.message.as_deref();
    // What most errors say twice is said once.
    let path = (error.relay_path != [error.source.clone()]).then_some(&error.relay_path);
    let boxed = (error.boxed_type != *source_type).then_some(&error.boxed_type);
    let derived = message.map(|message| traceback(source_type, message));
    let shown = (derived.as_ref() != Some(&error.traceback)).then_some(&error.traceback);
    let cause = error
        .cause
        .filter(|_| session.features.has(Feature::Errors));
    let last = last(&[
        message.is_some(),
        path.is_some(),
        boxed.is_some(),
        shown.is_some(),
        error.payload.is_some(),
        error.canceller.is_some(),
        cause.is_some(),
        error.sender.is_some(),
        error.bad.is_some(),
    ]);

    begin(encoder, 4 + last, ERROR, cid);
    encoder.str(source_type);
    uid(encoder, &error.source);
    let mut tail = Tail {
        encoder,
        left: last,
    };
    tail.put(message, Encoder::str);
    tail.put(path, |encoder, path| {
        encoder.array(path.len());
        path.iter().for_each(|hop| uid(encoder, hop));
    });
    tail.put(boxed, |encoder, text| encoder.str(text));
    tail.put(shown, |encoder, text| encoder.str(text));
    // In a list of its own: it may be nil itself.
    tail.put(error.payload.as_ref(), |encoder, payload| {
        encoder.array(1);
        encoder.raw(payload.as_bytes());
    });
    tail.put(error.canceller.as_ref(), uid);
    tail.put(cause, |encoder, cause| number(encoder, cancel_cause(cause)));
    tail.put(error.sender.as_ref(), uid);
    tail.put(error.bad.as_ref(), |encoder, bad| {
        encoder.array(2);
        number(
            encoder,
            match bad.kind {
                BadKind::Started => STARTED,
                BadKind::Yield => YIELD,
                BadKind::Return => RETURN,
            },
        );
        encoder.raw(bad.payload.as_bytes());
    });
}

/// How many of these elements have to be written: up to the last that is there.
fn last(present: &[bool]) -> usize {
    present.iter().rposition(|is| *is).map_or(0, |at| at + 1)
}

/// Elements that may be missing: nil up to the last one that is there, and nothing after it.
struct Tail<'e, 'o> {
    encoder: &'e mut Encoder<'o>,
    left: usize,
}

impl<'o> Tail<'_, 'o> {
    fn put<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Encoder<'o>, T)) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        match value {
            Some(value) => write(self.encoder, value),
            None => self.encoder.nil(),
        }
    }
}

fn uid(encoder: &mut Encoder<'_>, uid: &Uid) {
    encoder.array(2);
    encoder.str(&uid.name);
    encoder.str(&uid.uuid);
}

fn functype(kind: Kind) -> u8 {
    match kind {
        Kind::Asyncfunc => ASYNCFUNC,
        Kind::Asyncgen => ASYNCGEN,
        Kind::Context => CONTEXT,
    }
}

fn cancel_cause(cause: CancelCause) -> u8 {
    match cause {
        CancelCause::Requested => REQUESTED,
        CancelCause::Deadline => DEADLINE,
        CancelCause::Shutdown => SHUTDOWN,
        CancelCause::SessionLost => SESSION_LOST,
    }
}
