//! What is measured.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// One kind of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    /// Calls that echo a quote, one at a time.
    Unary1,
    /// The same, 64 in flight.
    Unary64,
    /// The same, 1,024 in flight.
    Unary1024,
    /// A stream of quotes of 61 bytes, typed.
    Quotes,
    /// A stream of blocks of 64 KiB.
    Blocks,
    /// Calls, one at a time, beside a stream of quotes that fills the connection.
    Beside,
    /// Connects and calls once.
    SetUp,
    /// From asking a stream to end until its end is known.
    Cancel,
    /// Memory of a call that waits.
    IdleCall,
    /// Memory of a stream that is open and quiet.
    IdleStream,
}

impl Job {
    /// What its figures say.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Unary1 => "unary, 1 in flight",
            Self::Unary64 => "unary, 64 in flight",
            Self::Unary1024 => "unary, 1,024 in flight",
            Self::Quotes => "stream of 61-byte quotes",
            Self::Blocks => "stream of 64 KiB blocks",
            Self::Beside => "unary beside a saturating stream",
            Self::SetUp => "connect and first call",
            Self::Cancel => "cancel of a stream, until its end is known",
            Self::IdleCall => "memory of a waiting call",
            Self::IdleStream => "memory of an open, quiet stream",
        }
    }

    /// Whether it measures time from asking to having, rather than how much can be done.
    pub(crate) fn is_latency(self) -> bool {
        matches!(
            self,
            Self::Unary1 | Self::Beside | Self::SetUp | Self::Cancel
        )
    }

    /// Whether it measures memory.
    pub(crate) fn is_memory(self) -> bool {
        matches!(self, Self::IdleCall | Self::IdleStream)
    }
}

/// What one process of the benchmark found, in one round.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Calls or messages a second.
    pub(crate) rate: f64,
    /// Half of the calls, and all but one in a hundred, took no longer: microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Time of both processors for one call or message: nanoseconds.
    pub(crate) cpu: f64,
    /// Messages a second of the stream beside.
    pub(crate) beside: f64,
    /// Bytes that the caller, and the callee, have more than without the dialog.
    pub(crate) caller_bytes: f64,
    pub(crate) callee_bytes: f64,
}
