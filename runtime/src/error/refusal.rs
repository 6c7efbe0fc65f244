//! Calls that never ran.

use std::fmt;

use crate::endpoint::EndpointInfo;
use crate::signature::Difference;

/// The peer did not run a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The endpoint that was called.
    pub endpoint: &'static EndpointInfo,
    /// Why.
    pub why: RefusedBecause,
    /// What the peer says about it.
    pub message: String,
    /// How the endpoint differs between the two schemas, if they do and the peer says so.
    pub difference: Option<Difference>,
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
        if let Some(difference) = &self.difference {
            write!(out, ". The schemas differ: {difference}")?;
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
    /// The peer does not let us.
    Forbidden,
    /// The peer has another version of the endpoint, and serves no other.
    OtherSchema,
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
            Self::Forbidden => "the peer does not allow it",
            Self::OtherSchema => "the peer serves another version of it",
            Self::BadArguments => "its arguments are wrong",
            Self::TooManyDialogs => "too many dialogs are open",
            Self::Draining => "the session is about to end",
            Self::TooLarge => "its arguments are too large for a frame",
        })
    }
}
