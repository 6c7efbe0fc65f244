//! What a world holds, and what may happen in it.

use std::time::Duration;

use scipp_protocol::{Features, Kind, Limits, Streams};

/// One world to begin with.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What each end offers; none makes a plain peer.
    pub features: [Features; 2],
    /// What each end allows.
    pub limits: [Limits; 2],
    /// The dialogs that will be opened, each once.
    pub calls: Vec<CallPlan>,
    /// What may happen.
    pub may: May,
    /// Both ends have said who they are before anything else happens.
    pub opened: bool,
    /// The first dialog, a context, runs already, and so many items have gone each way and were taken.
    pub warm: u8,
}

/// One dialog.
#[derive(Debug, Clone)]
pub struct CallPlan {
    /// Which end opens it.
    pub by: usize,
    /// What it opens.
    pub kind: Kind,
    /// What runs there; another kind is what two versions of a schema come to.
    pub runs: Kind,
    /// Its streams, seen from the caller.
    pub streams: Streams,
    /// Items that the caller may send, and the callee.
    pub up: u8,
    /// Items that the callee may send.
    pub down: u8,
    /// Time until its deadline, from when it is opened.
    pub deadline: Option<Duration>,
}

/// What may happen in a world, at any point where the API allows it. What is not named here may always happen: to accept,
/// to say the first value, to send, to take, to leave a stream, to return, and to end when asked to.
#[derive(Debug, Clone, Copy, Default)]
pub struct May {
    /// Callers ask their callees to end.
    pub cancel: bool,
    /// Callers leave their dialogs before the end, or with items unread.
    pub leave: bool,
    /// Callees refuse instead of accepting.
    pub refuse: bool,
    /// Callees fail.
    pub fail: bool,
    /// Callees end only when they are asked to.
    pub stubborn: bool,
    /// Each side leaves its stream before it has nothing more to send.
    pub stop: bool,
    /// The connection is cut, for one end first and for the other after whatever is still on its way.
    pub lose: bool,
    /// The ends that may drain, and close when they have.
    pub drain: [bool; 2],
    /// How often time passes until something is due. Beyond it time passes only when nothing else can happen; 0: never.
    pub ticks: u8,
    /// What is queued is handed to the transport at once.
    pub eager: bool,
}

impl CallPlan {
    /// A dialog of the first end, with so many items each way.
    pub fn new(kind: Kind, up: u8, down: u8) -> Self {
        Self {
            by: 0,
            kind,
            runs: kind,
            streams: Streams {
                sends: up > 0 && kind == Kind::Context,
                receives: down > 0 && kind != Kind::Asyncfunc,
            },
            up,
            down,
            deadline: None,
        }
    }

    /// The same from the other end.
    #[must_use]
    pub fn back(self) -> Self {
        Self {
            by: 1 - self.by,
            ..self
        }
    }

    /// The streams, seen from the callee.
    pub(crate) fn mirrored(&self) -> Streams {
        Streams {
            sends: self.streams.receives,
            receives: self.streams.sends,
        }
    }
}
