//! What the end of a dialog means to its caller.

use scipp_codec::Raises;
use scipp_protocol::{Asked, Broken, End, Loss, RemoteError};

use super::Dialog;
use crate::error::{
    Cancelled, Cause, ContextError, Outcome, PayloadFault, Phase, Refusal, RefusedBecause,
    RemoteFailure, SessionLost,
};

impl Dialog {
    /// What an end that is no value means to the caller.
    pub(crate) fn failure<E: Raises>(&self, end: &End) -> ContextError<E> {
        match end {
            End::Returned(_) => ContextError::Closed,
            End::Failed(error) => self.failed(error),
            End::Refused(error) => ContextError::Refused(Refusal {
                endpoint: self.info,
                why: refused_because(&error.source_type),
                message: error.text().to_owned(),
                difference: error
                    .payload
                    .as_ref()
                    .and_then(|there| self.info.signature.difference(there)),
            }),
            End::Cancelled(cancelled) => self.cancelled(cancelled),
            End::Broken(broken) => self.failed(&self.broken(broken)),
            End::NotSent(None) => ContextError::Cancelled(self.scope.why()),
            End::NotSent(Some(loss)) => ContextError::NotSent(lost(loss)),
            End::InDoubt(loss) => ContextError::InDoubt(self.in_doubt(loss.as_ref())),
            other => ContextError::InDoubt(self.unknown(format!(
                "the dialog ended in a way that is not known here: {other:?}"
            ))),
        }
    }

    /// The dialog may have run.
    pub(super) fn in_doubt(&self, loss: Option<&Loss>) -> SessionLost {
        self.unknown(loss.map_or_else(
            || "the peer did not say in time that the task is over".to_owned(),
            Loss::to_string,
        ))
    }

    pub(super) fn unknown(&self, why: String) -> SessionLost {
        SessionLost {
            why,
            may_repeat: self.info.idempotent,
        }
    }

    fn failed<E: Raises>(&self, error: &RemoteError) -> ContextError<E> {
        // What a plain peer says instead of an end, because its session ends.
        if error.source_type == RemoteError::SESSION_LOST && error.relay_path.len() <= 1 {
            return ContextError::InDoubt(self.unknown(error.text().to_owned()));
        }
        let undeclared =
            || ContextError::Remote(RemoteFailure::new(self.info, Box::new(error.clone())));
        // A failure that only has the name of a declared error, without its value, is none.
        let Some(payload) = error.payload.clone() else {
            return undeclared();
        };
        match E::decode(&error.source_type, &payload) {
            Some(Ok(declared)) => ContextError::Endpoint(declared),
            Some(Err(wrong)) => {
                ContextError::Payload(PayloadFault::new(self.info, Phase::Raises, wrong, payload))
            }
            None => undeclared(),
        }
    }

    fn cancelled<E>(&self, cancelled: &scipp_protocol::Cancelled) -> ContextError<E> {
        match cancelled.asked {
            Some(Asked::Overrun) => {
                let text = "the callee lost items of ours: they came faster than it took them";
                let error = RemoteError::new(&cancelled.source, RemoteError::OVERRUN, text);
                ContextError::Remote(RemoteFailure::new(self.info, Box::new(error)))
            }
            Some(Asked::Deadline) => ContextError::Cancelled(Cancelled::here(Cause::Deadline)),
            Some(_) if cancelled.canceller.as_ref() == Some(self.link.me()) => {
                ContextError::Cancelled(self.scope.why())
            }
            _ if self.scope.is_cancelled() => ContextError::Cancelled(self.scope.why()),
            _ => ContextError::Cancelled(Cancelled {
                cause: Cause::of(cancelled.cause),
                canceller: cancelled.canceller.clone(),
                path: cancelled.relay_path.clone(),
            }),
        }
    }

    fn broken(&self, broken: &Broken) -> RemoteError {
        let text = match broken {
            Broken::Kind { expected, came } => format!(
                "expected an endpoint of kind {}, came {}",
                expected.name(),
                came.name()
            ),
            Broken::NoStarted(_) => "expected a start value, came the result".to_owned(),
        };
        RemoteError::new(&self.link.peer(), "OtherKindOfEndpoint", &text)
    }
}

/// What an end is called in logs and metrics.
pub(super) fn outcome(end: &End) -> Outcome {
    match end {
        End::Returned(_) => Outcome::Returned,
        End::Cancelled(_) | End::NotSent(None) => Outcome::Cancelled,
        End::Refused(_) | End::NotSent(Some(_)) => Outcome::Refused,
        End::Failed(_) | End::Broken(_) => Outcome::Failed,
        _ => Outcome::InDoubt,
    }
}

fn refused_because(name: &str) -> RefusedBecause {
    match name {
        "TypeError" => RefusedBecause::BadArguments,
        "PermissionError" => RefusedBecause::Forbidden,
        "SchemaMismatch" => RefusedBecause::OtherSchema,
        "TooManyDialogs" => RefusedBecause::TooManyDialogs,
        "ShuttingDown" => RefusedBecause::Draining,
        _ => RefusedBecause::NotExposed,
    }
}

/// The dialog never left this process.
pub(super) fn lost(loss: &Loss) -> SessionLost {
    SessionLost {
        why: loss.to_string(),
        may_repeat: true,
    }
}
