//! How a dialog ends: what a callee says, and what a caller is told.

use crate::Any;
use bytes::Bytes;

use crate::actor::Uid;
use crate::fault::Loss;
use crate::message::{BadKind, Kind, RemoteError};

/// What a callee ends a dialog with. The handler, its children and its cleanup are over by then.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Terminal {
    /// The value, encoded. An `asyncgen` ends by `Stop` and its value is not sent.
    Return(Bytes),
    /// The handler failed.
    Error(Failure),
    /// What the peer sent last is not of the declared type.
    BadPayload {
        /// Which message it was.
        kind: BadKind,
        /// Path, expected, came.
        text: String,
        /// The payload.
        payload: Any,
    },
    /// A dialog that the handler had opened failed, and the handler passes that on.
    Relay(Box<RemoteError>),
    /// The handler was cancelled and is over.
    Cancelled {
        /// Who asked first; `None` if it was whoever asked in this dialog, or else this actor itself.
        canceller: Option<Uid>,
        /// Why, as far as this side knows.
        cause: CancelCause,
        /// Readable reason.
        text: String,
    },
}

/// Why a task was asked to end, as its callee says it. Only peers with [`Feature::Errors`](crate::Feature) do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelCause {
    /// Somebody asked.
    Requested,
    /// Its time was over.
    Deadline,
    /// Its actor is shutting down.
    Shutdown,
    /// A session that it needed was lost.
    SessionLost,
}

/// An error of a handler, on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failure {
    /// Name of its type: a declared error's name, or one that a plain peer knows, `RuntimeError` for instance.
    pub name: String,
    /// Readable text, cut at [`Limits::text_bytes_max`](crate::Limits).
    pub text: String,
    /// The value of a declared error, encoded.
    pub payload: Option<Bytes>,
}

/// Why a dialog never ran; safe to retry elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No such namespace here: `ModuleNotExposed`.
    NoNamespace,
    /// No such endpoint in it: `AttributeError`.
    NoEndpoint,
    /// The arguments are not what the endpoint takes, with path, expected and came: `TypeError`. A value may tell more, where
    /// the caller has another version of the endpoint.
    BadArguments(String, Option<Bytes>),
    /// The peer may not: `PermissionError`.
    Forbidden(String),
    /// The caller has another version of the endpoint, and only the same one is served: `SchemaMismatch`. With a
    /// value, as above.
    OtherSchema(String, Option<Bytes>),
    /// As many dialogs are running as may be: `TooManyDialogs`.
    TooManyDialogs,
    /// The session is ending: `ShuttingDown`.
    ShuttingDown,
}

/// How a caller's dialog ended.
#[derive(Debug, Clone, PartialEq, Hash)]
#[non_exhaustive]
pub enum End {
    /// The callee returned. Nil for an `asyncgen`, which has no value.
    Returned(Any),
    /// The callee failed: a declared error, another one, or something relayed.
    Failed(Box<RemoteError>),
    /// The callee was cancelled and is over.
    Cancelled(Cancelled),
    /// It never ran.
    Refused(Box<RemoteError>),
    /// The callee ended, but not as its kind must.
    Broken(Broken),
    /// The `Start` was never handed to the transport: withdrawn by our own cancel (`None`), or the session was lost first.
    NotSent(Option<Loss>),
    /// The session was lost, or nothing came in time after the cancel: it may have run, and may still be running.
    InDoubt(Option<Loss>),
}

/// A confirmed cancel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cancelled {
    /// Who asked, as the callee says it.
    pub canceller: Option<Uid>,
    /// Whose task was cancelled first; with a relay not the callee.
    pub source: Uid,
    /// Everybody it passed.
    pub relay_path: Vec<Uid>,
    /// Why we asked, if we did before this came.
    pub asked: Option<Asked>,
    /// Why the callee was asked, if it says so.
    pub cause: Option<CancelCause>,
    /// Readable text.
    pub text: String,
}

/// Why we asked for a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// By command.
    Requested,
    /// The dialog's deadline passed.
    Deadline,
    /// The application left the dialog.
    Forgotten,
    /// The callee said that it lost items of ours.
    Overrun,
    /// The callee does not run the kind of endpoint that we opened.
    Broken,
}

/// A callee that doesn't do what its kind must.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Broken {
    /// It runs another kind of endpoint than we opened; it has been asked to cancel.
    Kind {
        /// What we opened.
        expected: Kind,
        /// What it runs.
        came: Kind,
    },
    /// A context returned this without `Started`.
    NoStarted(Any),
}

/// Why a running callee should end.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Cause {
    /// The caller asked; it is who the session's `Aid` named, not what the request claims.
    Requested(Uid),
    /// The caller sent an error: it failed, or it lost items of ours.
    CallerError(Box<RemoteError>),
    /// The session is lost; nobody will see the terminal.
    SessionLost(Loss),
}

/// What the application gets when it takes from an inbox.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Taken {
    /// One item, in the order it was sent.
    Item(Any),
    /// The peer has stopped, or the dialog has ended: no more items.
    Done,
    /// Items were lost here because nobody took them in time; the peer has been told. No more items.
    Overrun,
    /// A callee's: the session was lost before its caller left the stream. No more items, and nobody knows of which.
    Lost,
}
