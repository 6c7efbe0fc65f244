//! What a handler meets, and how it can end.

use std::{error::Error, fmt, io};

use bytes::{Bytes, BytesMut};
use scipp_codec::{Encoder, Raises};
use scipp_protocol::Failure;

use super::{Cancelled, ContextError, Misuse, PayloadFault, RemoteFailure};

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
            Self::Overrun => out.write_str(super::OVERRUN),
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
            Self::Overrun => out.write_str(super::OVERRUN),
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

const CLOSED: &str = "the caller takes no more items: it has left the stream";
