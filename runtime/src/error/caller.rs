//! What a caller is told.

use std::{error::Error, fmt};

use super::{Cancelled, Misuse, PayloadFault, Refusal, RemoteFailure};

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

    /// Whether another attempt does no harm and may succeed: the endpoint certainly did not run, or its schema says that it may
    /// be called again (`@idempotent`).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotSent(_) => true,
            Self::Refused(refusal) => refusal.why.is_retryable(),
            Self::InDoubt(lost) => lost.may_repeat,
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
            Self::Overrun => out.write_str(super::OVERRUN),
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

impl Outcome {
    /// Its name in logs and metrics: one word in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::InDoubt => "in_doubt",
        }
    }
}

/// The session of a dialog is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLost {
    /// What ended it, for people.
    pub why: String,
    /// Whether it may be called again: it did not run, or its schema says that this does no harm (`@idempotent`).
    pub may_repeat: bool,
}

impl fmt::Display for SessionLost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the session was lost: {}", self.why)
    }
}

impl Error for SessionLost {}
