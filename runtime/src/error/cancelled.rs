//! The end by request.

use std::{error::Error, fmt};

use scipp_protocol::CancelCause;

use crate::identity::ActorId;

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

impl Cause {
    /// As it travels.
    pub(crate) fn wire(self) -> CancelCause {
        match self {
            Self::Requested => CancelCause::Requested,
            Self::Deadline => CancelCause::Deadline,
            Self::Shutdown => CancelCause::Shutdown,
            Self::SessionLost => CancelCause::SessionLost,
        }
    }

    /// What a peer says; one that says nothing was asked.
    pub(crate) fn of(cause: Option<CancelCause>) -> Self {
        match cause {
            None | Some(CancelCause::Requested) => Self::Requested,
            Some(CancelCause::Deadline) => Self::Deadline,
            Some(CancelCause::Shutdown) => Self::Shutdown,
            Some(CancelCause::SessionLost) => Self::SessionLost,
        }
    }
}
