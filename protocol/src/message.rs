//! The messages of a dialog as the core knows them, whatever wire carries them. Payloads stay opaque.

use crate::Any;

use crate::actor::Uid;

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

/// An error as it travels: of the callee, of somebody it called in turn, or of its runtime.
#[derive(Debug, Clone, PartialEq)]
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
}

/// A message whose payload isn't of the declared type.
#[derive(Debug, Clone, PartialEq)]
pub struct BadMessage {
    /// Which message it was.
    pub kind: BadKind,
    /// Its payload.
    pub payload: Any,
}

/// Messages with a checked payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        }
    }

    /// The text to show: the message, or the last line of the traceback.
    pub fn text(&self) -> &str {
        match self.message.as_deref() {
            Some(text) if !text.is_empty() => text,
            _ => self
                .traceback
                .trim_end()
                .rsplit('\n')
                .next()
                .unwrap_or_default(),
        }
    }
}
