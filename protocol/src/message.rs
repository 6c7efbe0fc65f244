//! The messages of a dialog as the core knows them, whatever wire carries them. Payloads stay opaque.

use crate::Any;
use crate::actor::{Aid, Uid};
use crate::cid::Cid;
use crate::dialog::CancelCause;
use crate::digest::Digest;
use crate::trace::TraceContext;
use crate::wire::shuttle::messages::SpawnSpec;
use std::borrow::Cow;
use std::hash::Hasher;
use std::time::Instant;

/// How a dialog runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One answer.
    Asyncfunc,
    /// Items from the callee, then its `Stop`: tractor's older one-way stream.
    Asyncgen,
    /// `Started`, then items both ways, then one answer.
    Context,
}

impl Kind {
    /// Its name on the wire and in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asyncfunc => "asyncfunc",
            Self::Asyncgen => "asyncgen",
            Self::Context => "context",
        }
    }
}

/// One message, of the session or of a dialog.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    Aid(Aid),
    /// Boxed: it is large, and there is one in the life of a process.
    SpawnSpec(Box<SpawnSpec>),
    /// Boxed: it is by far the largest, and all messages are as large as that.
    Start(Box<Start>),
    /// A request to cancel a dialog. It has an id of its own, which the answer names.
    Cancel {
        request: Cid,
        dialog: Cid,
    },
    /// Asks a plain peer how far it has come: a request to cancel what nobody has, named after a dialog.
    Checkpoint {
        request: Cid,
        dialog: Cid,
    },
    /// A request that the whole actor ends.
    CancelActor {
        request: Cid,
    },
    /// Asks a callee to end, with the feature `cancel`.
    CancelDialog {
        cid: Cid,
    },
    /// Grants items, with the feature `credit`.
    Credit {
        cid: Cid,
        items: u32,
    },
    /// The sender takes no more dialogs.
    Goodbye,
    Ping,
    Pong,
    /// Asks whether the peer serves: a request to cancel what nobody has.
    AskReady {
        request: Cid,
    },
    /// A call of the runtime itself that has no meaning here.
    Unsupported {
        request: Cid,
        func: String,
    },
    StartAck {
        cid: Cid,
        kind: Kind,
    },
    Started {
        cid: Cid,
        payload: Any,
    },
    Yield {
        cid: Cid,
        payload: Any,
    },
    Stop {
        cid: Cid,
    },
    Return {
        cid: Cid,
        payload: Any,
    },
    CancelAck {
        cid: Cid,
        accepted: bool,
    },
    /// Without an id it speaks of the peer as a whole.
    Error {
        cid: Option<Cid>,
        error: Box<RemoteError>,
    },
}

impl Message {
    /// Its name on tractor's wire, for texts.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Aid(_) => "Aid",
            Self::SpawnSpec(_) => "SpawnSpec",
            Self::Start(_) => "Start",
            Self::Cancel { .. } | Self::Checkpoint { .. } | Self::AskReady { .. } => {
                "Start of self._cancel_task"
            }
            Self::CancelActor { .. } => "Start of self.cancel",
            Self::CancelDialog { .. } => "Cancel",
            Self::Credit { .. } => "Credit",
            Self::Goodbye => "Goodbye",
            Self::Ping => "Ping",
            Self::Pong => "Pong",
            Self::Unsupported { .. } => "Start of another function of self",
            Self::StartAck { .. } => "StartAck",
            Self::Started { .. } => "Started",
            Self::Yield { .. } => "Yield",
            Self::Stop { .. } => "Stop",
            Self::Return { .. } => "Return",
            Self::CancelAck { .. } => "CancelAck",
            Self::Error { .. } => "Error",
        }
    }

    /// The dialog or request that it begins.
    pub(crate) const fn opens(&self) -> Option<&Cid> {
        match self {
            Self::Start(start) => Some(&start.cid),
            Self::Cancel { request, .. }
            | Self::Checkpoint { request, .. }
            | Self::CancelActor { request }
            | Self::AskReady { request }
            | Self::Unsupported { request, .. } => Some(request),
            _ => None,
        }
    }

    /// The dialog or request that it belongs to, for messages that answer or go on.
    pub(crate) const fn cid(&self) -> Option<&Cid> {
        match self {
            Self::StartAck { cid, .. }
            | Self::Started { cid, .. }
            | Self::Yield { cid, .. }
            | Self::Stop { cid }
            | Self::Return { cid, .. }
            | Self::CancelAck { cid, .. }
            | Self::CancelDialog { cid }
            | Self::Credit { cid, .. }
            | Self::Error { cid: Some(cid), .. } => Some(cid),
            _ => None,
        }
    }

    /// About how many bytes its frame has; never less than it will have.
    pub(crate) fn bytes(&self) -> usize {
        let content = match self {
            Self::Start(start) => {
                let uid = start.uid.name.len() + start.uid.uuid.len();
                let state = |trace: &TraceContext| trace.state().map_or(0, str::len);
                let trace = start
                    .trace
                    .as_ref()
                    .map_or(0, |trace| TRACE_BYTES + state(trace));
                start.args.as_bytes().len()
                    + start.namespace.len()
                    + start.func.len()
                    + start.spec.bytes()
                    + uid
                    + trace
            }
            Self::Started { payload, .. }
            | Self::Yield { payload, .. }
            | Self::Return { payload, .. } => payload.as_bytes().len(),
            Self::Error { error, .. } => error.bytes(),
            Self::SpawnSpec(spec) => scipp_codec::to_bytes::<SpawnSpec>(spec).len(),
            // Two ids and our own name.
            Self::Cancel { .. }
            | Self::Checkpoint { .. }
            | Self::CancelActor { .. }
            | Self::AskReady { .. } => 512,
            _ => 0,
        };
        ENVELOPE_BYTES + content
    }
}

/// More than the fixed parts of any message, with the longest id.
pub(crate) const ENVELOPE_BYTES: usize = 256;

/// More than the two keys of a trace and its `traceparent`.
const TRACE_BYTES: usize = 96;

/// More than what an `Error` has in addition: its many keys, and its id a second time.
const ERROR_BYTES: usize = 256;

/// Opens a dialog.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) cid: Cid,
    pub(crate) namespace: String,
    pub(crate) func: String,
    /// A map of arguments by name.
    pub(crate) args: Any,
    pub(crate) uid: Uid,
    pub(crate) spec: Spec,
    /// When its caller asks for a cancel.
    pub(crate) deadline: Option<Instant>,
    pub(crate) trace: Option<TraceContext>,
}

/// What a caller says about its endpoint's types: `Start.pld_spec`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Spec {
    /// Nothing, as plain callers do.
    Any,
    /// The fingerprint of the endpoint in the caller's schema.
    Fingerprint(Cow<'static, str>),
}

impl Spec {
    fn bytes(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Fingerprint(fingerprint) => fingerprint.len(),
        }
    }
}

/// An error as it travels: of the callee, of somebody it called in turn, or of its runtime.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct RemoteError {
    /// Who raised it first.
    pub source: Uid,
    /// Name of the error's type at its source.
    pub source_type: String,
    /// Name of the type that the sender holds; differs from `source_type` only in plain peers' relays.
    pub boxed_type: String,
    /// Everybody it passed, the source first.
    pub relay_path: Vec<Uid>,
    /// Readable text.
    pub message: Option<String>,
    /// More readable text; plain peers put a traceback here.
    pub traceback: String,
    /// Who asked for the cancel, if that is what it is about.
    pub canceller: Option<Uid>,
    /// Who sent too much, if that is what it is about.
    pub sender: Option<Uid>,
    /// The message whose payload had the wrong type, if that is what it is about.
    pub bad: Option<BadMessage>,
    /// The value of a declared error.
    pub payload: Option<Any>,
    /// Why the end was asked for, if that is what it is about. Plain peers don't say: it needs
    /// [`Feature::Errors`](crate::Feature).
    pub cause: Option<CancelCause>,
}

/// A message whose payload isn't of the declared type.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct BadMessage {
    /// Which message it was.
    pub kind: BadKind,
    /// Its payload.
    pub payload: Any,
}

/// Messages with a checked payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BadKind {
    /// The first value of a context.
    Started,
    /// An item.
    Yield,
    /// The last value.
    Return,
}

impl RemoteError {
    /// The type of a confirmed cancel.
    pub const CANCELLED: &'static str = "ContextCancelled";
    /// The type that says that a receiver lost messages.
    pub const OVERRUN: &'static str = "StreamOverrun";
    /// The type that says that a session ended with the dialog open: what became of it is not known.
    pub const SESSION_LOST: &'static str = "SessionLost";
    /// The type that says that a payload was not of the declared type.
    pub const BAD_PAYLOAD: &'static str = "MsgTypeError";

    /// An error raised here. Both of its texts say the same: plain peers show the second one.
    pub fn new(source: &Uid, name: &str, text: &str) -> Self {
        Self {
            source: source.clone(),
            source_type: name.to_owned(),
            boxed_type: name.to_owned(),
            relay_path: vec![source.clone()],
            message: Some(text.to_owned()),
            traceback: format!("{name}: {text}"),
            canceller: None,
            sender: None,
            bad: None,
            payload: None,
            cause: None,
        }
    }

    fn bytes(&self) -> usize {
        let uid = |uid: &Uid| uid.name.len() + uid.uuid.len() + 16;
        let uids = [&self.canceller, &self.sender]
            .into_iter()
            .flatten()
            .chain(&self.relay_path);
        ERROR_BYTES
            + uid(&self.source)
            + uids.map(uid).sum::<usize>()
            + self.source_type.len()
            + self.boxed_type.len()
            + self.message.as_ref().map_or(0, String::len)
            + self.traceback.len()
            + self
                .bad
                .as_ref()
                .map_or(0, |bad| bad.payload.as_bytes().len())
            // For a plain peer it stands in the text, too, two digits for each byte.
            + self
                .payload
                .as_ref()
                .map_or(0, |payload| 3 * payload.as_bytes().len())
    }

    /// The text to show: the message, or the last line of the traceback that says something. tractor puts remarks in parentheses
    /// below.
    pub fn text(&self) -> &str {
        match self.message.as_deref() {
            Some(text) if !text.is_empty() => text,
            _ => {
                let mut lines = self.traceback.lines().rev().map(str::trim);
                let is_remark = |line: &str| line.starts_with('(') && line.ends_with(')');
                lines
                    .find(|line| !line.is_empty() && !is_remark(line))
                    .unwrap_or_default()
            }
        }
    }
}

impl Message {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        into.add(std::mem::discriminant(self));
        match self {
            Self::Aid(aid) => into.add(aid),
            Self::Start(start) => start.digest(into),
            Self::Cancel { request, dialog } | Self::Checkpoint { request, dialog } => {
                into.cid(request);
                into.cid(dialog);
            }
            Self::CancelActor { request } | Self::AskReady { request } => into.cid(request),
            Self::CancelDialog { cid } | Self::Stop { cid } => into.cid(cid),
            Self::Credit { cid, items } => {
                into.cid(cid);
                into.add(items);
            }
            Self::Unsupported { request, func } => {
                into.cid(request);
                into.add(func);
            }
            Self::StartAck { cid, kind } => {
                into.cid(cid);
                into.add(kind);
            }
            Self::Started { cid, payload }
            | Self::Yield { cid, payload }
            | Self::Return { cid, payload } => {
                into.cid(cid);
                into.add(payload);
            }
            Self::CancelAck { cid, accepted } => {
                into.cid(cid);
                into.add(accepted);
            }
            Self::Error { cid, error } => {
                into.cids(cid.iter());
                into.add(error);
            }
            Self::SpawnSpec(spec) => into.add(scipp_codec::to_bytes::<SpawnSpec>(spec)),
            Self::Goodbye | Self::Ping | Self::Pong => {}
        }
    }
}

impl Start {
    fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            cid,
            namespace,
            func,
            args,
            uid,
            spec,
            deadline,
            trace,
        } = self;
        into.cid(cid);
        into.add((namespace, func, args, uid, spec, trace));
        into.time_or_none(*deadline);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_traceback_is_its_last_line_that_says_something() {
        let mut error = RemoteError::new(&Uid::new("a", "b"), "ValueError", "");
        let remark = "( ^^^ this exc was collapsed from a group ^^^ )";
        error.traceback =
            format!("Traceback (most recent call last):\n  ...\nValueError: said so\n{remark}\n\n");
        assert_eq!(error.text(), "ValueError: said so");
        error.traceback = "Traceback\nValueError: f(x)\n".to_owned();
        assert_eq!(error.text(), "ValueError: f(x)");
        error.message = Some("of its own".to_owned());
        assert_eq!(error.text(), "of its own");
    }
}
