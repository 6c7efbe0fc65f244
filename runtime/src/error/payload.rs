//! Values of a wrong type.

use std::{error::Error, fmt};

use scipp_codec::DecodeError;
use scipp_protocol::Any;

use crate::endpoint::EndpointInfo;

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
