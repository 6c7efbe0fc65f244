//! Why a child is not there, or not any more.

use std::{io, process::ExitStatus, time::Duration};

use scipp_protocol::{Address, Misuse, NoWireForm, RemoteError};

use super::life::Exit;
use crate::{error::Cancelled, transport::BindError};

/// Why no child was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// The system does not start the program.
    #[error("cannot start `{program}`: {source}. Is it installed, and is its path right?")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It has connected, and says that it cannot become what it was told to.
    #[error("`{name}` failed to boot: {}: {}{}", error.source_type, error.text(), said(.stderr))]
    Boot {
        /// The child's name.
        name: String,
        /// What it says.
        error: Box<RemoteError>,
        /// The last of its error output, if that is kept.
        stderr: String,
    },
    /// It has ended before it served.
    #[error("`{name}` ended before it served: {status}{}", said(.stderr))]
    Ended {
        /// The child's name.
        name: String,
        /// How.
        status: ExitStatus,
        /// The last of its error output, if that is kept.
        stderr: String,
    },
    /// It has left the connection before it served.
    #[error("`{name}` left before it served{}", said(.stderr))]
    Left {
        /// The child's name.
        name: String,
        /// The last of its error output, if that is kept.
        stderr: String,
    },
    /// It does not serve in time. It was killed.
    #[error("`{name}` did not serve within {} ms, and was killed: it {}{}", .max.as_millis(), if *.connected { "has connected and does not answer" } else { "never connected" }, said(.stderr))]
    NotInTime {
        /// The child's name.
        name: String,
        /// Whether it has connected.
        connected: bool,
        /// How long was waited.
        max: Duration,
        /// The last of its error output, if that is kept.
        stderr: String,
    },
    /// The nursery ends. The child was killed, if it ever ran.
    #[error("no child is started any more: {0}")]
    Cancelled(Cancelled),
    /// As many children run as may.
    #[error("no child is started: {max} are running already")]
    TooMany {
        /// `RuntimeLimits::children_max`.
        max: usize,
    },
    /// The nursery's own address cannot be told to a child.
    #[error("no child is started: it cannot be told to connect to {0}")]
    Door(Address),
    /// An address cannot be told to a child.
    #[error(transparent)]
    NoWireForm(#[from] NoWireForm),
    /// What the child is to be told is too large.
    #[error("what a child is told: {0}")]
    Spec(#[from] Misuse),
}

/// Why a nursery failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NurseryError {
    /// There is no place where children could connect.
    #[error("a nursery has no door: {0}")]
    Folder(#[from] io::Error),
    /// There is no socket to which children could connect.
    #[error("a nursery has no door: {0}")]
    Door(#[from] BindError),
    /// A child ended unasked, and not well. The others were asked to stop.
    #[error("the child `{name}` failed: {exit}{}", said(.stderr))]
    ChildFailed {
        /// The child's name.
        name: String,
        /// How it ended.
        exit: Exit,
        /// The last of its error output, if that is kept.
        stderr: String,
    },
    /// The scope of the nursery was cancelled, and the block did not stop by itself.
    #[error("the nursery's block was dropped: {0}")]
    Cancelled(Cancelled),
    /// The block ended well, but a task of its scope panicked.
    #[error("a child task of the nursery's scope panicked")]
    ChildPanicked,
}

/// What a child has last said on its error output.
fn said(stderr: &str) -> String {
    let last = stderr.trim_end().rsplit('\n').next().unwrap_or_default();
    if last.is_empty() {
        return String::new();
    }
    format!(". It has said: {}", last.escape_debug())
}
