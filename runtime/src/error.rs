//! How a dialog can end otherwise than well. Who is to blame is the first level of each type.
//!
//! The caller sees a [`ContextError`]; a handler returns an [`EndpointError`] and meets a [`ServerError`] in its context.

use std::{error::Error, fmt, io};

use bytes::{Bytes, BytesMut};
use scipp_codec::{DecodeError, Encoder, Raises};
use scipp_protocol::{Any, Failure, RemoteError};

use crate::{endpoint::EndpointInfo, identity::ActorId};

/// Why a dialog has no result, as its caller sees it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ContextError<E> {
    /// The endpoint ended with an error that its schema declares.
    Endpoint(E),
    /// The task was asked to stop, and is over.
    Cancelled(Cancelled),
    /// The endpoint failed otherwise: a panic, an error that is not declared, an item of ours that it could not read. It is over.
    Remote(RemoteFailure),
    /// The peer sent a value of another type than the schema says. Its task was asked to stop.
    Payload(PayloadFault),
    /// Items were lost here, because they were not taken in time; the peer was told.
    Overrun,
    /// The callee takes no more items: it has left the stream, or returned. [`join`](crate::Context::join) has the result.
    Closed,
    /// It never ran. Safe to retry.
    Refused(Refusal),
    /// The session was lost before the end came: the task may have run, may have done all or a part of its work.
    InDoubt(SessionLost),
    /// The session was lost before the call left this process. Safe to retry.
    NotSent(SessionLost),
    /// We used the dialog wrongly.
    Misuse(Misuse),
}

impl<E> ContextError<E> {
    /// How the dialog ended, for metrics and logs.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Endpoint(_)
            | Self::Remote(_)
            | Self::Payload(_)
            | Self::Overrun
            | Self::Closed
            | Self::Misuse(_) => Outcome::Failed,
            Self::Cancelled(_) => Outcome::Cancelled,
            Self::Refused(_) | Self::NotSent(_) => Outcome::Refused,
            Self::InDoubt(_) => Outcome::InDoubt,
        }
    }

    /// Whether the endpoint certainly did not run and another attempt may succeed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotSent(_) => true,
            Self::Refused(refusal) => refusal.why.is_retryable(),
            _ => false,
        }
    }

    /// The same failure of an endpoint that declares other errors.
    pub fn map_endpoint<F>(self, map: impl FnOnce(E) -> F) -> ContextError<F> {
        match self {
            Self::Endpoint(error) => ContextError::Endpoint(map(error)),
            Self::Cancelled(cancelled) => ContextError::Cancelled(cancelled),
            Self::Remote(failure) => ContextError::Remote(failure),
            Self::Payload(fault) => ContextError::Payload(fault),
            Self::Overrun => ContextError::Overrun,
            Self::Closed => ContextError::Closed,
            Self::Refused(refusal) => ContextError::Refused(refusal),
            Self::InDoubt(lost) => ContextError::InDoubt(lost),
            Self::NotSent(lost) => ContextError::NotSent(lost),
            Self::Misuse(misuse) => ContextError::Misuse(misuse),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ContextError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(out),
            Self::Cancelled(cancelled) => cancelled.fmt(out),
            Self::Remote(failure) => failure.fmt(out),
            Self::Payload(fault) => write!(out, "the peer sent a wrong value: {fault}"),
            Self::Overrun => out.write_str(OVERRUN),
            Self::Closed => {
                out.write_str("the callee takes no more items: it has left the stream, or returned")
            }
            Self::Refused(refusal) => refusal.fmt(out),
            Self::InDoubt(lost) => write!(out, "in doubt: {lost}; the call may have run"),
            Self::NotSent(lost) => write!(
                out,
                "not sent: {lost}; the call did not leave this process, so it is safe to retry"
            ),
            Self::Misuse(misuse) => misuse.fmt(out),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for ContextError<E> {}

/// How a dialog ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With a value.
    Returned,
    /// With an error.
    Failed,
    /// By request.
    Cancelled,
    /// It never ran.
    Refused,
    /// Unknown: the session was lost.
    InDoubt,
}

/// The end of something that was asked to stop, and stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// Why it was asked.
    pub cause: Cause,
    /// Who asked first; `None` if it was this process.
    pub canceller: Option<ActorId>,
    /// The actors through which the cancellation came, the first one first.
    pub path: Vec<ActorId>,
}

impl Cancelled {
    /// Asked by this process.
    pub(crate) fn here(cause: Cause) -> Self {
        Self {
            cause,
            canceller: None,
            path: Vec::new(),
        }
    }

    /// Asked by a peer.
    pub(crate) fn by(canceller: ActorId) -> Self {
        Self {
            cause: Cause::Requested,
            canceller: Some(canceller),
            path: Vec::new(),
        }
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |out: &mut fmt::Formatter<'_>| match &self.canceller {
            Some(canceller) => write!(out, " by {canceller}"),
            None => Ok(()),
        };
        match self.cause {
            Cause::Requested => {
                out.write_str("cancelled on request")?;
                by(out)
            }
            Cause::Deadline => out.write_str("cancelled: its deadline has passed"),
            Cause::Shutdown => {
                out.write_str("cancelled by the shutdown")?;
                self.canceller
                    .as_ref()
                    .map_or(Ok(()), |actor| write!(out, " of {actor}"))
            }
            Cause::SessionLost => out.write_str("cancelled: the session of its caller was lost"),
        }
    }
}

impl Error for Cancelled {}

/// Why something was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Somebody asked.
    Requested,
    /// Its time is over.
    Deadline,
    /// The actor shuts down.
    Shutdown,
    /// The session that it belongs to is lost.
    SessionLost,
}

/// A failure of an endpoint that its schema does not declare.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteFailure {
    endpoint: &'static EndpointInfo,
    error: Box<RemoteError>,
}

impl RemoteFailure {
    pub(crate) fn new(endpoint: &'static EndpointInfo, error: Box<RemoteError>) -> Self {
        Self { endpoint, error }
    }

    /// The endpoint that was called.
    pub fn endpoint(&self) -> &'static EndpointInfo {
        self.endpoint
    }

    /// The actor in which it began, as far as the peer says.
    pub fn actor(&self) -> &ActorId {
        &self.error.source
    }

    /// What kind of failure it is.
    pub fn code(&self) -> FailureCode {
        FailureCode::of(&self.error.source_type)
    }

    /// What the peer says about it. A peer of ours says no more than a handler chose to.
    pub fn message(&self) -> &str {
        self.error.text()
    }

    /// The actors through which it came, the first one first.
    pub fn path(&self) -> &[ActorId] {
        &self.error.relay_path
    }

    /// The error as it came.
    pub fn error(&self) -> &RemoteError {
        &self.error
    }
}

impl fmt::Display for RemoteFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} failed at {}: {}",
            self.endpoint,
            self.actor(),
            self.code()
        )?;
        if !self.message().is_empty() {
            write!(out, ": {}", self.message())?;
        }
        Ok(())
    }
}

/// What kind of failure a [`RemoteFailure`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureCode {
    /// The handler panicked.
    Panicked,
    /// The handler failed with an error that its schema does not declare.
    Failed,
    /// The callee could not read a value that we sent.
    BadPayload,
    /// One side sent more items than the other keeps.
    Overrun,
    /// Another type of error, by its name at the peer.
    Other(String),
}

impl FailureCode {
    /// Name of the error type on the wire.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Panicked => "HandlerPanicked",
            Self::Failed => "HandlerFailed",
            Self::BadPayload => "MsgTypeError",
            Self::Overrun => "StreamOverrun",
            Self::Other(name) => name,
        }
    }

    /// The kind that has this name on the wire.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "HandlerPanicked" => Self::Panicked,
            "HandlerFailed" => Self::Failed,
            "MsgTypeError" => Self::BadPayload,
            "StreamOverrun" => Self::Overrun,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Panicked => "its handler panicked",
            Self::Failed => "its handler failed with an error that the schema does not declare",
            Self::BadPayload => "it could not read what was sent to it",
            Self::Overrun => "more items were sent than are kept",
            Self::Other(name) => name,
        })
    }
}

/// A value that is not of the type that the schema gives to its phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadFault {
    /// The endpoint of the dialog.
    pub endpoint: &'static EndpointInfo,
    /// Where in the dialog the value came.
    pub phase: Phase,
    /// Where in the value, what was expected, what came.
    pub error: DecodeError,
    /// The value.
    pub(crate) payload: Any,
}

impl PayloadFault {
    pub(crate) fn new(
        endpoint: &'static EndpointInfo,
        phase: Phase,
        error: DecodeError,
        payload: Any,
    ) -> Self {
        let error = error.within(&format!("{}.{phase}", endpoint.name));
        Self {
            endpoint,
            phase,
            error,
            payload,
        }
    }
}

impl fmt::Display for PayloadFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.endpoint.namespace, self.error)
    }
}

impl Error for PayloadFault {}

/// A part of a dialog that carries a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The arguments.
    Args,
    /// The first value.
    Started,
    /// What the caller sends.
    Accepts,
    /// What the callee sends.
    Yields,
    /// The result.
    Returns,
    /// A declared error.
    Raises,
}

impl fmt::Display for Phase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Args => "args",
            Self::Started => "started",
            Self::Accepts => "accepts",
            Self::Yields => "yields",
            Self::Returns => "returns",
            Self::Raises => "raises",
        })
    }
}

/// The peer did not run a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The endpoint that was called.
    pub endpoint: &'static EndpointInfo,
    /// Why.
    pub why: RefusedBecause,
    /// What the peer says about it.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} was refused and did not run: {}",
            self.endpoint, self.why
        )?;
        if !self.message.is_empty() {
            write!(out, " ({})", self.message)?;
        }
        Ok(())
    }
}

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusedBecause {
    /// The peer does not offer such an endpoint to us.
    NotExposed,
    /// The arguments are not what the endpoint takes.
    BadArguments,
    /// One of the two sides has as many dialogs open as it allows.
    TooManyDialogs,
    /// The session is about to end.
    Draining,
    /// The call is larger than a frame may be.
    TooLarge,
}

impl RefusedBecause {
    /// Whether the same call may be accepted later.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::TooManyDialogs | Self::Draining)
    }
}

impl fmt::Display for RefusedBecause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotExposed => "the peer does not offer it",
            Self::BadArguments => "its arguments are wrong",
            Self::TooManyDialogs => "too many dialogs are open",
            Self::Draining => "the session is about to end",
            Self::TooLarge => "its arguments are too large for a frame",
        })
    }
}

/// The session of a dialog is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLost {
    /// What ended it, for people.
    pub why: String,
}

impl fmt::Display for SessionLost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the session was lost: {}", self.why)
    }
}

impl Error for SessionLost {}

/// A wrong use of a dialog by the program that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// A second start value.
    #[error("wrong use: `started` was called twice; a dialog starts once")]
    StartedTwice,
    /// An item or a result before the start value.
    #[error(
        "wrong use: `started` was not called; this endpoint starts with a value, which its caller waits for before anything else"
    )]
    NotStarted,
    /// An item after the end of the stream.
    #[error("wrong use: an item was sent after `stop`")]
    SentAfterStop,
    /// Something after the dialog's result was taken.
    #[error("wrong use: the dialog is over and its result was taken")]
    Over,
    /// A value that is larger than a frame may be.
    #[error(
        "wrong use: the value is larger than a frame may be; send it in parts, as items of a stream"
    )]
    TooLarge,
    /// Something that this kind of dialog does not have.
    #[error("wrong use: the endpoint has no stream in this direction")]
    NoStream,
}

/// How a handler ends otherwise than with a value.
#[derive(Debug)]
#[non_exhaustive]
pub enum EndpointError<E> {
    /// An error that the schema declares: the caller gets its value.
    Endpoint(E),
    /// It was asked to stop, and did.
    Cancelled(Cancelled),
    /// The caller sent an item that could not be read. The caller learns which, and why.
    Payload(PayloadFault),
    /// The handler used its dialog wrongly: a bug in it.
    Misuse(Misuse),
    /// Items of the caller were lost, because the handler did not take them in time.
    Overrun,
    /// The caller takes no more items: it has left the stream.
    Closed,
    /// A dialog that it held with another actor failed. The caller learns who failed, and how.
    Relayed(Relayed),
    /// Anything else. It is logged here; the caller learns no more than that the endpoint failed.
    Failed(Box<dyn Error + Send + Sync>),
}

impl<E> EndpointError<E> {
    /// A failure that the schema does not declare. It is logged here and its text is not sent to the caller.
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl<E: fmt::Display> fmt::Display for EndpointError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => error.fmt(out),
            Self::Cancelled(cancelled) => cancelled.fmt(out),
            Self::Payload(fault) => write!(out, "the caller sent a wrong value: {fault}"),
            Self::Misuse(misuse) => misuse.fmt(out),
            Self::Overrun => out.write_str(OVERRUN),
            Self::Closed => out.write_str(CLOSED),
            Self::Relayed(failure) => failure.fmt(out),
            Self::Failed(error) => error.fmt(out),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for EndpointError<E> {}

/// A nested dialog failed. A declared error of it is no declared error of this endpoint: it is a failure.
impl<E, F: Raises> From<ContextError<F>> for EndpointError<E> {
    fn from(error: ContextError<F>) -> Self {
        match error {
            ContextError::Endpoint(declared) => Self::Relayed(Relayed(Relay::Declared(Failure {
                name: declared.name().to_owned(),
                text: declared.to_string(),
                payload: Some(encoded(&declared)),
            }))),
            ContextError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            ContextError::Remote(failure) => Self::Relayed(Relayed(Relay::Failed(failure))),
            ContextError::Misuse(misuse) => Self::Misuse(misuse),
            other => Self::Failed(other.to_string().into()),
        }
    }
}

/// The failure of a dialog with another actor, on its way to the caller.
#[derive(Debug)]
pub struct Relayed(pub(crate) Relay);

#[derive(Debug)]
pub(crate) enum Relay {
    /// An error that the other endpoint declares.
    Declared(Failure),
    /// Any other.
    Failed(RemoteFailure),
}

impl fmt::Display for Relayed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Relay::Declared(failure) => write!(out, "{}: {}", failure.name, failure.text),
            Relay::Failed(failure) => failure.fmt(out),
        }
    }
}

impl<E> From<ServerError> for EndpointError<E> {
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            ServerError::Payload(fault) => Self::Payload(fault),
            ServerError::Overrun => Self::Overrun,
            ServerError::Closed => Self::Closed,
            ServerError::Misuse(misuse) => Self::Misuse(misuse),
        }
    }
}

impl<E> From<Cancelled> for EndpointError<E> {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl<E> From<io::Error> for EndpointError<E> {
    fn from(error: io::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// What a handler meets in its context. It becomes an [`EndpointError`] by `?`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ServerError {
    /// The task was asked to stop.
    Cancelled(Cancelled),
    /// The caller sent an item that is not of the type that the schema says.
    Payload(PayloadFault),
    /// Items were lost here, because they were not taken in time; the caller was told.
    Overrun,
    /// The caller takes no more items: it has left the stream.
    Closed,
    /// The handler used its dialog wrongly.
    Misuse(Misuse),
}

impl fmt::Display for ServerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => cancelled.fmt(out),
            Self::Payload(fault) => write!(out, "the caller sent a wrong value: {fault}"),
            Self::Overrun => out.write_str(OVERRUN),
            Self::Closed => out.write_str(CLOSED),
            Self::Misuse(misuse) => misuse.fmt(out),
        }
    }
}

impl Error for ServerError {}

impl From<Cancelled> for ServerError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<scipp_protocol::Misuse> for Misuse {
    fn from(misuse: scipp_protocol::Misuse) -> Self {
        use scipp_protocol::Misuse as Core;
        match misuse {
            Core::NoStream => Self::NoStream,
            Core::Started => Self::StartedTwice,
            Core::TooLarge { .. } | Core::NameTooLong { .. } => Self::TooLarge,
            _ => Self::Over,
        }
    }
}

impl From<Misuse> for ServerError {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

/// The value of a declared error.
pub(crate) fn encoded(declared: &impl Raises) -> Bytes {
    let mut bytes = BytesMut::new();
    declared.encode(&mut Encoder::new(&mut bytes));
    bytes.freeze()
}

const OVERRUN: &str = "items were lost here: they were not taken in time";
const CLOSED: &str = "the caller takes no more items: it has left the stream";
