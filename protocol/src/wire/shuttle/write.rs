//! Messages to frames.

use std::time::Instant;

use bytes::BytesMut;
use scipp_codec::{Encoder, Presence};

use super::compact;
use super::declared;
use super::messages::{self, FuncType};
use super::{
    ANY_SPEC, CANCEL, CANCEL_TASK, CANCEL_TASK_ARGUMENT, CHECKPOINT_SUFFIX, FINGERPRINT_SPEC,
    NOBODY, RUNTIME,
};
use crate::actor::{Aid, Uid};
use crate::cid::Cid;
use crate::dialog::CancelCause;
use crate::features::{self, Feature, Features};
use crate::frame;
use crate::message::{
    BadKind, BadMessage, ENVELOPE_BYTES, Kind, Message, RemoteError, Spec, Start,
};
use crate::trace::TraceContext;

/// Heads of the messages that dialogs are full of: they are written without a detour over the types of
/// [`messages`](super::messages). A test compares the two.
pub(super) const YIELD: &[u8] = b"\x83\xa8msg_type\xa5Yield\xa3cid";
pub(super) const RETURN: &[u8] = b"\x83\xa8msg_type\xa6Return\xa3cid";
pub(super) const STARTED: &[u8] = b"\x83\xa8msg_type\xa7Started\xa3cid";
pub(super) const START_ACK: &[u8] = b"\x83\xa8msg_type\xa8StartAck\xa3cid";
const CANCEL_ACK: &[u8] = b"\x83\xa8msg_type\xa9CancelAck\xa3cid";
const CREDIT: &[u8] = b"\x83\xa8msg_type\xa6Credit\xa3cid";
const STOP: &[u8] = b"\x82\xa8msg_type\xa4Stop\xa3cid";
const CANCEL_DIALOG: &[u8] = b"\x82\xa8msg_type\xa6Cancel\xa3cid";
/// Without the header of the map: some of its entries can be missing.
pub(super) const START: &[u8] = b"\xa8msg_type\xa5Start\xa3cid";
/// The name, and the entries that are always there.
pub(super) const START_ENTRIES: usize = 7;
/// The key of a payload.
pub(super) const PAYLOAD: &[u8] = b"\xa3pld";

/// What the writer must know of its session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session<'s> {
    pub(crate) me: &'s Uid,
    /// Those that are on.
    pub(crate) features: Features,
    pub(crate) now: Instant,
}

/// Appends one message as a frame; without features, in exactly the bytes that tractor would write.
pub(crate) fn write(message: &Message, session: Session<'_>, out: &mut BytesMut) {
    if session.features.has(Feature::Compact) && compact::write(message, session, out) {
        return;
    }
    let me = session.me;
    let start = frame::begin(out);
    let mut encoder = Encoder::new(out);
    match message {
        Message::Aid(own) => encoder.value(&aid(own)),
        Message::SpawnSpec(spec) => encoder.value(&**spec),
        // What is only read here is never queued.
        Message::Unsupported { .. } => encoder.nil(),
        Message::Start(start) => opening(&mut encoder, start, session),
        Message::Cancel { request, dialog } => {
            let buffer = &mut [0; 36];
            let named = [dialog.text(buffer)];
            runtime_call(&mut encoder, request, CANCEL_TASK, Some(&named), me);
        }
        Message::Checkpoint { request, dialog } => {
            let buffer = &mut [0; 36];
            let nobody = [dialog.text(buffer), CHECKPOINT_SUFFIX];
            runtime_call(&mut encoder, request, CANCEL_TASK, Some(&nobody), me);
        }
        Message::CancelActor { request } => {
            runtime_call(&mut encoder, request, CANCEL, None, me);
        }
        Message::AskReady { request } => {
            runtime_call(&mut encoder, request, CANCEL_TASK, Some(&[NOBODY]), me);
        }
        Message::StartAck { cid, kind } => {
            envelope(&mut encoder, START_ACK, cid);
            encoder.field(b"\xa8functype", &functype(*kind));
        }
        Message::Started { cid, payload } => {
            carrying(&mut encoder, STARTED, cid, payload.as_bytes())
        }
        Message::Yield { cid, payload } => carrying(&mut encoder, YIELD, cid, payload.as_bytes()),
        Message::Stop { cid } => envelope(&mut encoder, STOP, cid),
        Message::Return { cid, payload } => carrying(&mut encoder, RETURN, cid, payload.as_bytes()),
        Message::CancelAck { cid, accepted } => {
            envelope(&mut encoder, CANCEL_ACK, cid);
            encoder.field(PAYLOAD, accepted);
        }
        Message::CancelDialog { cid } => envelope(&mut encoder, CANCEL_DIALOG, cid),
        Message::Credit { cid, items } => {
            envelope(&mut encoder, CREDIT, cid);
            encoder.field(b"\xa1n", items);
        }
        Message::Goodbye => encoder.value(&messages::Goodbye {}),
        Message::Ping => encoder.value(&messages::Ping {}),
        Message::Pong => encoder.value(&messages::Pong {}),
        Message::Error { cid, error } => {
            encoder.value(&remote_error(cid.as_ref(), error, session));
        }
    }
    frame::end(out, start);
}

/// Appends an item as a frame: the same as a `Yield` of that payload.
pub(crate) fn write_item(cid: &Cid, payload: &[u8], session: Session<'_>, out: &mut BytesMut) {
    if session.features.has(Feature::Compact) {
        return compact::write_item(cid, payload, out);
    }
    let start = frame::begin(out);
    carrying(&mut Encoder::new(out), YIELD, cid, payload);
    frame::end(out, start);
}

fn uid(uid: &Uid) -> messages::Uid {
    (uid.name.to_string(), uid.uuid.to_string())
}

fn aid(aid: &Aid) -> messages::Aid {
    let (name, uuid) = uid(&aid.uid);
    messages::Aid {
        name,
        uuid,
        pid: aid.pid,
        is_registrar: aid.is_registrar,
        is_probe: aid.is_probe,
        scipp: native(aid.features),
    }
}

fn native(features: Features) -> Presence<messages::Native> {
    if features.is_empty() {
        return Presence::Absent;
    }
    let names = features.iter().map(|feature| feature.name().to_owned());
    Presence::Present(messages::Native {
        v: features::VERSION,
        features: names.collect(),
    })
}

/// What follows the name of a message that belongs to a dialog: the dialog's id.
fn envelope(encoder: &mut Encoder<'_>, head: &[u8], cid: &Cid) {
    encoder.raw(head);
    encoder.str(cid.text(&mut [0; 36]));
}

fn carrying(encoder: &mut Encoder<'_>, head: &[u8], cid: &Cid, payload: &[u8]) {
    encoder.reserve(ENVELOPE_BYTES + payload.len());
    envelope(encoder, head, cid);
    encoder.raw(PAYLOAD);
    encoder.raw(payload);
}

/// What the peer is told of an opening beyond what tractor says: the milliseconds that are left, and the trace.
pub(super) fn told<'s>(
    start: &'s Start,
    session: Session<'_>,
) -> (Option<u64>, Option<&'s TraceContext>) {
    let deadline = start
        .deadline
        .filter(|_| session.features.has(Feature::Deadline))
        .map(|at| at.saturating_duration_since(session.now).as_millis());
    let trace = start
        .trace
        .as_ref()
        .filter(|_| session.features.has(Feature::Trace));
    let left = deadline.map(|ms| u64::try_from(ms).unwrap_or(u64::MAX));
    (left, trace)
}

fn opening(encoder: &mut Encoder<'_>, start: &Start, session: Session<'_>) {
    let (deadline, trace) = told(start, session);
    let state = trace.and_then(TraceContext::state);
    let more = [deadline.is_some(), trace.is_some(), state.is_some()];
    let more = more.into_iter().filter(|present| *present).count();

    encoder.reserve(ENVELOPE_BYTES + start.args.as_bytes().len());
    encoder.map(START_ENTRIES + more);
    envelope(encoder, START, &start.cid);
    encoder.raw(b"\xa2ns");
    encoder.str(&start.namespace);
    encoder.raw(b"\xa4func");
    encoder.str(&start.func);
    encoder.field(b"\xa6kwargs", &start.args);
    caller(encoder, &start.uid);
    match &start.spec {
        Spec::Any => encoder.str(ANY_SPEC),
        Spec::Fingerprint(fingerprint) => encoder.text(&[FINGERPRINT_SPEC, fingerprint]),
    }
    if let Some(ms) = deadline {
        encoder.raw(b"\xabdeadline_ms");
        encoder.uint(ms);
    }
    if let Some(trace) = trace {
        encoder.raw(b"\xabtraceparent");
        encoder.str(&trace.to_string());
    }
    if let Some(state) = state {
        encoder.raw(b"\xaatracestate");
        encoder.str(state);
    }
}

/// A call of the peer's runtime. One that names a dialog has exactly that argument, or tractor does not answer.
fn runtime_call(
    encoder: &mut Encoder<'_>,
    request: &Cid,
    func: &str,
    dialog: Option<&[&str]>,
    me: &Uid,
) {
    encoder.map(START_ENTRIES);
    envelope(encoder, START, request);
    encoder.raw(b"\xa2ns");
    encoder.str(RUNTIME);
    encoder.raw(b"\xa4func");
    encoder.str(func);
    encoder.raw(b"\xa6kwargs");
    encoder.map(usize::from(dialog.is_some()));
    if let Some(dialog) = dialog {
        encoder.str(CANCEL_TASK_ARGUMENT);
        encoder.text(dialog);
    }
    caller(encoder, me);
    encoder.str(ANY_SPEC);
}

/// Who calls; what the caller says about types follows.
fn caller(encoder: &mut Encoder<'_>, uid: &Uid) {
    encoder.raw(b"\xa3uid");
    encoder.array(2);
    encoder.str(&uid.name);
    encoder.str(&uid.uuid);
    encoder.raw(b"\xa8pld_spec");
}

fn functype(kind: Kind) -> FuncType {
    match kind {
        Kind::Asyncfunc => FuncType::Asyncfunc,
        Kind::Asyncgen => FuncType::Asyncgen,
        Kind::Context => FuncType::Context,
    }
}

fn remote_error(cid: Option<&Cid>, error: &RemoteError, session: Session<'_>) -> messages::Error {
    let cause = error
        .cause
        .filter(|_| session.features.has(Feature::Errors));
    let cid = cid.map(Cid::to_wire);
    let message = match (&error.message, &error.payload) {
        // Such a peer passes over `pld`.
        (text, Some(value)) if session.features.is_empty() => {
            let text = text.as_deref().unwrap_or_default();
            Some(declared::with_value(text, value))
        }
        (text, _) => text.clone(),
    };
    messages::Error {
        src_uid: uid(&error.source),
        src_type_str: error.source_type.clone(),
        boxed_type_str: error.boxed_type.clone(),
        relay_path: error.relay_path.iter().map(uid).collect(),
        message,
        tb_str: error.traceback.clone(),
        canceller: error.canceller.as_ref().map(uid),
        sender: error.sender.as_ref().map(uid),
        _bad_msg: error
            .bad
            .as_ref()
            .map(|bad| bad_message(bad, cid.clone().unwrap_or_default())),
        cid,
        _bad_msg_as_dict: None,
        pld: error
            .payload
            .clone()
            .map_or(Presence::Absent, Presence::Present),
        cause: cause.map_or(Presence::Absent, |cause| {
            Presence::Present(cancel_cause(cause))
        }),
    }
}

fn cancel_cause(cause: CancelCause) -> messages::CancelCause {
    match cause {
        CancelCause::Requested => messages::CancelCause::Requested,
        CancelCause::Deadline => messages::CancelCause::Deadline,
        CancelCause::Shutdown => messages::CancelCause::Shutdown,
        CancelCause::SessionLost => messages::CancelCause::SessionLost,
    }
}

fn bad_message(bad: &BadMessage, cid: String) -> messages::BadMessage {
    let pld = bad.payload.clone();
    match bad.kind {
        BadKind::Started => messages::Started { cid, pld }.into(),
        BadKind::Yield => messages::Yield { cid, pld }.into(),
        BadKind::Return => messages::Return { cid, pld }.into(),
    }
}

#[cfg(test)]
mod tests {
    use scipp_codec::Any;

    use super::*;

    fn written(message: &Message) -> Vec<u8> {
        let session = Session {
            me: &Uid::new("me", "m"),
            features: Features::all().without(Feature::Compact),
            now: Instant::now(),
        };
        let mut out = BytesMut::new();
        write(message, session, &mut out);
        out[frame::PREFIX_BYTES..].to_vec()
    }

    /// What is written directly is what the generated types say.
    #[test]
    fn the_short_way_leads_to_the_same_bytes() {
        for text in ["40a161fe-34fd-4a48-8485-c49420197015", "1", ""] {
            let (id, cid) = (|| Cid::parse(text), text.to_owned());
            let (payload, pld) = (Any::encode(&7_u8), Any::encode(&7_u8));
            let value = scipp_codec::to_bytes::<messages::Message>;
            let cases = [
                (
                    Message::Yield {
                        cid: id(),
                        payload: payload.clone(),
                    },
                    value(
                        &messages::Yield {
                            cid: cid.clone(),
                            pld: pld.clone(),
                        }
                        .into(),
                    ),
                ),
                (
                    Message::Return {
                        cid: id(),
                        payload: payload.clone(),
                    },
                    value(
                        &messages::Return {
                            cid: cid.clone(),
                            pld: pld.clone(),
                        }
                        .into(),
                    ),
                ),
                (
                    Message::Started {
                        cid: id(),
                        payload: payload.clone(),
                    },
                    value(
                        &messages::Started {
                            cid: cid.clone(),
                            pld: pld.clone(),
                        }
                        .into(),
                    ),
                ),
                (
                    Message::StartAck {
                        cid: id(),
                        kind: Kind::Asyncgen,
                    },
                    value(
                        &messages::StartAck {
                            cid: cid.clone(),
                            functype: FuncType::Asyncgen,
                        }
                        .into(),
                    ),
                ),
                (
                    Message::CancelAck {
                        cid: id(),
                        accepted: true,
                    },
                    value(
                        &messages::CancelAck {
                            cid: cid.clone(),
                            pld: true,
                        }
                        .into(),
                    ),
                ),
                (
                    Message::Credit {
                        cid: id(),
                        items: 300,
                    },
                    value(
                        &messages::Credit {
                            cid: cid.clone(),
                            n: 300,
                        }
                        .into(),
                    ),
                ),
                (
                    Message::Stop { cid: id() },
                    value(&messages::Stop { cid: cid.clone() }.into()),
                ),
                (
                    Message::CancelDialog { cid: id() },
                    value(&messages::Cancel { cid: cid.clone() }.into()),
                ),
                (
                    Message::Checkpoint {
                        request: id(),
                        dialog: id(),
                    },
                    value(
                        &runtime(
                            &cid,
                            CANCEL_TASK,
                            &[(CANCEL_TASK_ARGUMENT, &format!("{cid}{CHECKPOINT_SUFFIX}"))],
                        )
                        .into(),
                    ),
                ),
                (
                    Message::Cancel {
                        request: id(),
                        dialog: id(),
                    },
                    value(&runtime(&cid, CANCEL_TASK, &[(CANCEL_TASK_ARGUMENT, &cid)]).into()),
                ),
                (
                    Message::CancelActor { request: id() },
                    value(&runtime(&cid, CANCEL, &[]).into()),
                ),
            ];
            for (message, expected) in cases {
                assert_eq!(written(&message), expected, "{}", message.name());
            }
        }
    }

    #[test]
    fn an_item_is_the_message_of_it() {
        let (me, now) = (Uid::new("me", "m"), Instant::now());
        for (features, cid) in [
            (Features::NONE, Cid::parse("1")),
            (Features::all(), Cid::Number(300)),
            (Features::all(), Cid::parse("1")),
        ] {
            let session = || Session {
                me: &me,
                features,
                now,
            };
            let payload = Any::encode(&7_u8);
            let (mut item, mut message) = (BytesMut::new(), BytesMut::new());
            write_item(&cid, payload.as_bytes(), session(), &mut item);
            write(&Message::Yield { cid, payload }, session(), &mut message);
            assert_eq!(item, message);
        }
    }

    #[test]
    fn an_opening_is_what_the_generated_types_say() {
        let now = Instant::now();
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let args = Any::encode(&scipp_codec::Map::from([("a".to_owned(), 1_u8)]));
        for (state, has_trace, spec) in [
            (None, false, Spec::Any),
            (None, true, Spec::Fingerprint("0123456789abcdef".into())),
            (Some("k=v"), true, Spec::Any),
        ] {
            let trace = has_trace.then(|| TraceContext::read(parent, state).expect("one"));
            let start = Start {
                cid: Cid::parse("1"),
                namespace: "n".to_owned(),
                func: "f".to_owned(),
                args: args.clone(),
                uid: Uid::new("me", "m"),
                spec: spec.clone(),
                deadline: None,
                trace,
            };
            let mut expected = runtime("1", "f", &[]);
            expected.ns = "n".to_owned();
            expected.kwargs = args.clone();
            expected.pld_spec = match spec {
                Spec::Any => "typing.Any".to_owned(),
                Spec::Fingerprint(print) => format!("scipp:{print}"),
            };
            if has_trace {
                expected.traceparent = Presence::Present(parent.to_owned());
                expected.tracestate =
                    state.map_or(Presence::Absent, |s| Presence::Present(s.to_owned()));
            }
            let bytes = |message: messages::Start| {
                scipp_codec::to_bytes::<messages::Message>(&message.into())
            };
            assert_eq!(
                written(&Message::Start(Box::new(start.clone()))),
                bytes(expected.clone())
            );
            expected.deadline_ms = Presence::Present(300);
            let late = Some(now + std::time::Duration::from_millis(300));
            let session = Session {
                me: &Uid::new("me", "m"),
                features: Features::all().without(Feature::Compact),
                now,
            };
            let mut out = BytesMut::new();
            write(
                &Message::Start(Box::new(Start {
                    deadline: late,
                    ..start
                })),
                session,
                &mut out,
            );
            assert_eq!(out[frame::PREFIX_BYTES..], bytes(expected)[..]);
        }
    }

    fn runtime(cid: &str, func: &str, entries: &[(&str, &str)]) -> messages::Start {
        let entries = entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let kwargs: scipp_codec::Map<String, String> = entries.collect();
        let uid = ("me".to_owned(), "m".to_owned());
        messages::Start::new(
            cid.to_owned(),
            RUNTIME.to_owned(),
            func.to_owned(),
            Any::encode(&kwargs),
            uid,
        )
    }
}
