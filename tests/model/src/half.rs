//! The applications: what each knows of its dialog, and so what it may do.

use std::time::Instant;

use scipp_protocol::DialogId;

use crate::line::Line;

/// The streams of one side.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Half {
    pub(crate) sent: u8,
    pub(crate) got: u8,
    /// The inbox is worth a look: it never was empty, or an event came since.
    pub(crate) may_take: bool,
    /// There is room as far as is known.
    pub(crate) may_send: bool,
    pub(crate) stopped: bool,
    /// The inbox has said that nothing more comes.
    pub(crate) done: bool,
}

/// A caller.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) id: Option<DialogId>,
    pub(crate) phase: CallPhase,
    pub(crate) asked: bool,
    pub(crate) half: Half,
    pub(crate) line: Line,
    pub(crate) deadline: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CallPhase {
    New,
    Live,
    /// It knows how it ended.
    Ended(Known),
    /// It has left: early, or knowing the end.
    Gone(Option<Known>),
}

/// What a caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Known {
    Returned,
    Failed,
    Cancelled,
    Refused,
    OtherKind,
    NotSent,
    InDoubt,
    /// It was never opened.
    NotOpened,
}

/// A callee.
#[derive(Debug, Clone)]
pub(crate) struct Serve {
    pub(crate) id: DialogId,
    pub(crate) phase: ServePhase,
    pub(crate) started: bool,
    pub(crate) asked: bool,
    pub(crate) half: Half,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ServePhase {
    Offered,
    Running,
    Gone(How),
}

/// How a callee ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum How {
    Returned,
    Failed,
    Cancelled,
    Refused,
}

impl Default for Half {
    fn default() -> Self {
        Self {
            sent: 0,
            got: 0,
            may_take: false,
            may_send: true,
            stopped: false,
            done: false,
        }
    }
}

impl Call {
    pub(crate) fn new() -> Self {
        Self {
            id: None,
            phase: CallPhase::New,
            asked: false,
            half: Half::default(),
            line: Line::default(),
            deadline: None,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, CallPhase::Gone(_))
    }
}

impl Serve {
    pub(crate) fn new(id: DialogId) -> Self {
        Self {
            id,
            phase: ServePhase::Offered,
            started: false,
            asked: false,
            half: Half::default(),
        }
    }

    pub(crate) fn how(&self) -> Option<How> {
        match self.phase {
            ServePhase::Gone(how) => Some(how),
            ServePhase::Offered | ServePhase::Running => None,
        }
    }
}
