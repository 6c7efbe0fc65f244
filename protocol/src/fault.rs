//! What goes wrong, blame first: the peer (`Violation`), ourselves (`Misuse`), or nobody (`Loss`).

use std::fmt;
use std::sync::Arc;

use crate::actor::Uid;

/// The peer broke the protocol. The session is over: close the connection, after its last words if there are any.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The peer, if it has said who it is.
    pub peer: Option<Uid>,
    /// What it did.
    pub violation: Violation,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.peer {
            Some(uid) => write!(f, "the peer {uid} broke the protocol: {}", self.violation),
            None => write!(
                f,
                "a peer that has not said who it is broke the protocol: {}",
                self.violation
            ),
        }
    }
}

impl std::error::Error for Fault {}

/// How a peer broke the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A frame of no bytes.
    #[error("frame: expected at least 1 byte, came a length of 0")]
    EmptyFrame,
    /// A frame longer than allowed; nothing of it was read.
    #[error("frame: expected at most {max} bytes, came a length of {came}")]
    FrameTooLarge {
        /// [`Limits::frame_bytes_max`](crate::Limits).
        max: usize,
        /// What the prefix says.
        came: usize,
    },
    /// Bytes that aren't one of the wire's messages.
    #[error("frame: {0}")]
    Malformed(String),
    /// A name or an id longer than allowed.
    #[error("{what}: expected at most {max} bytes, came {came}")]
    NameTooLong {
        /// Which text.
        what: &'static str,
        /// [`Limits::name_bytes_max`](crate::Limits).
        max: usize,
        /// Its length.
        came: usize,
    },
    /// A name of an actor with characters that hide what it is: control characters, or ones that turn the writing round.
    #[error("Aid: expected a name of visible characters, came {came}")]
    NameHidden {
        /// The name, escaped.
        came: String,
    },
    /// The first message isn't an `Aid`.
    #[error("handshake: expected Aid as the first message, came {came}")]
    NotAid {
        /// The message's name.
        came: &'static str,
    },
    /// A message that has no place on a running session.
    #[error("session: expected a message of a dialog, came {came}")]
    Unexpected {
        /// The message's name.
        came: &'static str,
    },
    /// A `Start` in the name of somebody else.
    #[error("Start of dialog {cid}: expected the uid of the session's Aid, came {came}")]
    WrongUid {
        /// The dialog's id.
        cid: String,
        /// The uid in the message.
        came: Uid,
    },
    /// A `Start` with the id of a dialog that is running.
    #[error("Start: expected a new dialog id, came {cid}, which is running")]
    DuplicateCid {
        /// The id.
        cid: String,
    },
    /// A new dialog, or a request, with a number that the peer may not give: one of ours, or one that is not above all before.
    #[error(
        "session: expected a new dialog to have the number {least}, or a larger one of the peer's, came {came}"
    )]
    DialogNumber {
        /// The least that could have come. Even ones are given by the end that opened the connection, odd ones by the other.
        least: u64,
        /// What came.
        came: u64,
    },
    /// A message that the dialog's state or kind does not allow.
    #[error("dialog {cid}: expected {expected}, came {came}")]
    OutOfOrder {
        /// The dialog's id.
        cid: String,
        /// What could have come.
        expected: &'static str,
        /// The message's name.
        came: &'static str,
    },
    /// Cancel requests for dialogs that nobody has, more than the budget.
    #[error(
        "session: expected cancel requests for running dialogs, came more than {max} for others"
    )]
    CancelFlood {
        /// [`Limits::cancels_unknown_max`](crate::Limits).
        max: u32,
    },
    /// No `Aid` in time.
    #[error("handshake: expected Aid within {max_ms} ms, came nothing")]
    HandshakeTimeout {
        /// [`Limits::handshake_max`](crate::Limits).
        max_ms: u128,
    },
    /// A frame that doesn't end.
    #[error(
        "frame: expected its last byte within {max_ms} ms of its first, came {came} of {length} bytes"
    )]
    TooSlow {
        /// [`Limits::frame_max`](crate::Limits).
        max_ms: u128,
        /// Bytes that came.
        came: usize,
        /// Bytes that were announced; 0 if not even the prefix is whole.
        length: usize,
    },
    /// An item that was not granted.
    #[error("dialog {cid}: expected no more items than were granted, came one more")]
    NoCredit {
        /// The dialog's id.
        cid: String,
    },
    /// A grant of nothing, or of more than a sender counts.
    #[error("dialog {cid}: expected credit for 1 to {max} items, came {came}")]
    Credit {
        /// The dialog's id.
        cid: String,
        /// The most that may be open.
        max: u32,
        /// What would be.
        came: u64,
    },
    /// Nothing came, not even the answer to a `Ping`.
    #[error("session: expected something from the peer within {max_ms} ms, came nothing")]
    Silent {
        /// [`Limits::silence_max`](crate::Limits).
        max_ms: u128,
    },
    /// The peer provokes replies and doesn't read them.
    #[error(
        "session: expected the peer to read the {bytes} bytes of replies that it asked for within {max_ms} ms"
    )]
    RepliesUnread {
        /// Bytes that wait.
        bytes: usize,
        /// [`Limits::reply_rest_max`](crate::Limits).
        max_ms: u128,
    },
}

/// We used the core wrongly; nothing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// `send` on an endpoint without a stream in that direction.
    #[error("send: the endpoint has no stream in this direction")]
    NoStream,
    /// `started` twice, or where the kind has no `Started`.
    #[error("started: expected once, in a context, before the end")]
    Started,
    /// A callee's command on a caller's dialog, or the other way round.
    #[error("the dialog is of the other side")]
    WrongSide,
    /// `accept` twice or not at all.
    #[error("accept: expected once, before anything else is said")]
    Accept,
    /// A message larger than a frame may be.
    #[error("a message of {came} bytes: expected at most {max}")]
    TooLarge {
        /// [`Limits::frame_bytes_max`](crate::Limits).
        max: usize,
        /// Its size with its envelope.
        came: usize,
    },
    /// A name longer than allowed.
    #[error("a name of {came} bytes: expected at most {max}")]
    NameTooLong {
        /// [`Limits::name_bytes_max`](crate::Limits).
        max: usize,
        /// Its size.
        came: usize,
    },
    /// A dialog that is over, or never was.
    #[error("there is no such dialog any more")]
    NoDialog,
    /// Bytes that are not exactly one MessagePack value; they would end the peer.
    #[error("a payload: expected the bytes of exactly one value")]
    NotOneValue,
    /// A payload that the peer would take for an attack.
    #[error("a payload: expected no more values, and no deeper, than the session's limits allow")]
    TooComplex,
    /// Arguments that are not a map by name.
    #[error("the arguments: expected a map by name")]
    NotAMap,
    /// A context that returns without having said its first value; plain callers would wait for it for ever.
    #[error("a context: expected `started` before it returns")]
    NotStarted,
}

/// Why a session ended before its dialogs did.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Loss {
    /// The transport ended: the text of its error, or that the peer closed.
    Transport(Arc<str>),
    /// The peer broke the protocol.
    Fault(Arc<Fault>),
    /// We closed the session.
    Closed,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(text) => write!(f, "the connection was lost: {text}"),
            Self::Fault(fault) => fmt::Display::fmt(fault, f),
            Self::Closed => f.write_str("the session was closed here"),
        }
    }
}
