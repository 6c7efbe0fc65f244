//! Failures that no schema declares.

use std::fmt;

use scipp_protocol::RemoteError;

use crate::{endpoint::EndpointInfo, identity::ActorId};

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
