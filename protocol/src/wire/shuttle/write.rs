//! Messages to frames.

use std::time::Instant;

use bytes::BytesMut;
use scipp_codec::{Any, Encoder, Presence};

use super::messages::{self, FuncType};
use super::{
    ANY_SPEC, CANCEL, CANCEL_TASK, CANCEL_TASK_ARGUMENT, CHECKPOINT_SUFFIX, FINGERPRINT_SPEC,
    RUNTIME,
};
use crate::actor::{Aid, Uid};
use crate::cid::Cid;
use crate::dialog::CancelCause;
use crate::features::{self, Feature, Features};
use crate::frame;
use crate::message::{BadKind, BadMessage, Kind, Message, RemoteError, Spec, Start};

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
    let me = session.me;
    let start = frame::begin(out);
    let mut encoder = Encoder::new(out);
    match message {
        Message::Aid(own) => encoder.value(&aid(own)),
        // What is only read here is never queued: we are nobody's process parent yet.
        Message::SpawnSpec | Message::Unsupported { .. } => encoder.nil(),
        Message::Start(start) => encoder.value(&opening(start, session)),
        Message::Cancel { request, dialog } => {
            encoder.value(&runtime_call(
                request,
                CANCEL_TASK,
                named(dialog.to_wire()),
                me,
            ));
        }
        Message::Checkpoint { request, dialog } => {
            let nobody = dialog.to_wire() + CHECKPOINT_SUFFIX;
            encoder.value(&runtime_call(request, CANCEL_TASK, named(nobody), me));
        }
        Message::CancelActor { request } => {
            encoder.value(&runtime_call(request, CANCEL, arguments(&[]), me));
        }
        Message::StartAck { cid, kind } => {
            encoder.value(&messages::StartAck {
                cid: cid.to_wire(),
                functype: functype(*kind),
            });
        }
        Message::Started { cid, payload } => {
            encoder.value(&messages::Started {
                cid: cid.to_wire(),
                pld: payload.clone(),
            });
        }
        Message::Yield { cid, payload } => {
            encoder.value(&messages::Yield {
                cid: cid.to_wire(),
                pld: payload.clone(),
            });
        }
        Message::Stop { cid } => encoder.value(&messages::Stop { cid: cid.to_wire() }),
        Message::Return { cid, payload } => {
            encoder.value(&messages::Return {
                cid: cid.to_wire(),
                pld: payload.clone(),
            });
        }
        Message::CancelAck { cid, accepted } => {
            encoder.value(&messages::CancelAck {
                cid: cid.to_wire(),
                pld: *accepted,
            });
        }
        Message::CancelDialog { cid } => encoder.value(&messages::Cancel { cid: cid.to_wire() }),
        Message::Credit { cid, items } => encoder.value(&messages::Credit {
            cid: cid.to_wire(),
            n: *items,
        }),
        Message::Goodbye => encoder.value(&messages::Goodbye {}),
        Message::Ping => encoder.value(&messages::Ping {}),
        Message::Pong => encoder.value(&messages::Pong {}),
        Message::Error { cid, error } => {
            encoder.value(&remote_error(cid.as_ref(), error, session));
        }
    }
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

fn opening(start: &Start, session: Session<'_>) -> messages::Start {
    let deadline = start
        .deadline
        .filter(|_| session.features.has(Feature::Deadline))
        .map(|at| at.saturating_duration_since(session.now).as_millis());
    let trace = start
        .trace
        .as_ref()
        .filter(|_| session.features.has(Feature::Trace));
    messages::Start {
        cid: start.cid.to_wire(),
        ns: start.namespace.clone(),
        func: start.func.clone(),
        kwargs: start.args.clone(),
        uid: uid(&start.uid),
        pld_spec: match &start.spec {
            Spec::Any => ANY_SPEC.to_owned(),
            Spec::Fingerprint(fingerprint) => format!("{FINGERPRINT_SPEC}{fingerprint}"),
        },
        deadline_ms: deadline.map_or(Presence::Absent, |ms| {
            Presence::Present(u64::try_from(ms).unwrap_or(u64::MAX))
        }),
        traceparent: text(trace.map(ToString::to_string)),
        tracestate: text(trace.and_then(|trace| trace.state().map(str::to_owned))),
    }
}

fn text(text: Option<String>) -> Presence<String> {
    text.map_or(Presence::Absent, Presence::Present)
}

fn runtime_call(request: &Cid, func: &str, kwargs: Any, me: &Uid) -> messages::Start {
    messages::Start {
        cid: request.to_wire(),
        ns: RUNTIME.to_owned(),
        func: func.to_owned(),
        kwargs,
        uid: uid(me),
        pld_spec: ANY_SPEC.to_owned(),
        deadline_ms: Presence::Absent,
        traceparent: Presence::Absent,
        tracestate: Presence::Absent,
    }
}

/// The arguments of a cancel request: exactly these, or tractor does not answer.
fn named(dialog: String) -> Any {
    arguments(&[(CANCEL_TASK_ARGUMENT, dialog)])
}

fn arguments(entries: &[(&str, String)]) -> Any {
    let map: scipp_codec::Map<String, String> = entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    Any::encode(&map)
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
    messages::Error {
        src_uid: uid(&error.source),
        src_type_str: error.source_type.clone(),
        boxed_type_str: error.boxed_type.clone(),
        relay_path: error.relay_path.iter().map(uid).collect(),
        message: error.message.clone(),
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
