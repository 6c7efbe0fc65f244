//! What a seed says: actors, sessions, jobs, and what goes wrong when. Drawn before anything runs.

use std::time::Duration;

use crate::endpoints::Which;

/// Everything that a seed says.
#[derive(Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// The server speaks tractor's messages only.
    pub server_plain: bool,
    /// Dialogs that the server takes at once on one session.
    pub dialogs_max: usize,
    /// Sessions, each of a client of its own.
    pub sessions: Vec<SessionPlan>,
    /// All jobs, nested ones too. Their numbers are their places.
    pub jobs: Vec<Job>,
    /// What happens to whole actors.
    pub incident: Incident,
}

/// What happens to whole actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// Nothing.
    None,
    /// The server is asked to shut down after so long.
    Shutdown(Duration),
    /// The server crashes after so long, and another one takes its place.
    CrashServer(Duration),
    /// The client of the first session crashes after so long, and comes back.
    CrashClient(Duration),
}

/// One session.
#[derive(Debug)]
pub struct SessionPlan {
    /// The client speaks tractor's messages only.
    pub client_plain: bool,
    /// From the client to the server, and back.
    pub lanes: [LanePlan; 2],
    /// Jobs that the client opens.
    pub jobs: Vec<usize>,
    /// Jobs that it opens when it has come back after a crash.
    pub again: Vec<usize>,
    /// Bytes that each end's transport holds.
    pub buffer: usize,
}

/// One direction of a session's link.
#[derive(Debug)]
pub struct LanePlan {
    /// The most bytes of the first [`SMALL_BYTES`] that are moved at once.
    pub piece_max: u64,
    /// What goes wrong before which byte, in order.
    pub faults: Vec<(u64, Fault)>,
}

/// Bytes of a link that are moved in small pieces: a handshake and a few messages. All of them would take too long.
pub const SMALL_BYTES: u64 = 1_500;

/// What goes wrong on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Bytes are late.
    Delay(Duration),
    /// Bytes are very late.
    Stall(Duration),
    /// Both directions end, and what is on the way is lost.
    Cut,
    /// The same, and this end is told by an error.
    Reset,
    /// This direction ends.
    HalfClose,
    /// A byte changes by these bits.
    Corrupt(u8),
    /// Nothing gets through any more, and nobody is told.
    Silence,
}

/// One dialog.
#[derive(Clone, Debug)]
pub struct Job {
    /// The link that it is opened on: a session's number, or that and the number of sessions after a crash.
    pub line: usize,
    /// The endpoint.
    pub which: Which,
    /// It is opened by a handler.
    pub nested: bool,
    /// What the caller does.
    pub caller: Caller,
    /// What the handler does.
    pub callee: Callee,
}

/// What a caller does.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How the dialog is opened.
    pub form: Form,
    /// How it is left.
    pub leave: Leave,
    /// Before it is opened.
    pub before: Duration,
    /// Items that it sends, and the pause after each.
    pub sends: u32,
    /// See `sends`.
    pub pause: Duration,
    /// Bytes of each.
    pub fill: usize,
    /// It leaves its stream when it has sent them.
    pub stops: bool,
    /// How many items it reads; all if `None`.
    pub reads: Option<u32>,
    /// The pause after each.
    pub thinks: Duration,
}

/// How a dialog is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `call`.
    Call,
    /// `scope`.
    Scope,
    /// `open`.
    Guard,
}

/// How a caller ends a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It waits for the result.
    Join,
    /// By a timeout of its own.
    Timeout(Duration),
    /// The scope above is cancelled.
    Parent(Duration),
    /// The guard is cancelled.
    Cancel(Duration),
    /// The guard is dropped.
    Drop(Duration),
    /// The scope's body fails.
    Fail(Duration),
}

impl Leave {
    /// When the caller stops waiting, counted from the opening; `None` if it does not by itself.
    pub fn after(self) -> Option<Duration> {
        match self {
            Self::Join => None,
            Self::Timeout(after)
            | Self::Parent(after)
            | Self::Cancel(after)
            | Self::Drop(after)
            | Self::Fail(after) => Some(after),
        }
    }
}

/// What a handler does.
#[derive(Clone, Debug)]
pub struct Callee {
    /// Before it starts.
    pub before: Duration,
    /// It does not listen meanwhile.
    pub deaf: bool,
    /// Items that it sends, and the pause after each.
    pub sends: u32,
    /// See `sends`.
    pub pause: Duration,
    /// Bytes of each.
    pub fill: usize,
    /// How many items it reads; all if `None`.
    pub reads: Option<u32>,
    /// The pause after each.
    pub thinks: Duration,
    /// Exit callbacks, in the order of their registration.
    pub exits: Vec<Exit>,
    /// Child tasks.
    pub children: Vec<Child>,
    /// A job that it opens with its caller's actor; its failure is passed on if true.
    pub nested: Option<(usize, bool)>,
    /// How it ends.
    pub end: End,
}

/// An exit callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Takes so long.
    Takes(Duration),
    /// Never ends.
    Never,
    /// Panics.
    Panics,
}

/// A child task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    /// Ends by itself.
    Takes(Duration),
    /// Ends when it is asked to.
    Listens,
    /// Does not listen.
    Deaf,
    /// Panics.
    Panics,
}

/// How a handler ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a value.
    Return,
    /// With its declared error.
    Raise,
    /// With another error.
    Fail,
    /// It panics.
    Panic,
    /// When it is asked to.
    Waits,
    /// Not even when it is asked to.
    Deaf,
}

/// Between asking and dropping, by default: `RuntimeLimits::cancel_grace`.
const GRACE: Duration = Duration::from_millis(500);
/// `RuntimeLimits::exit_max`.
const EXIT_MAX: Duration = Duration::from_secs(1);
/// `RuntimeLimits::reap_max`.
pub const REAP: Duration = Duration::from_secs(2);

impl Job {
    /// The longest that its callee may take to be over once it was asked, in an actor of ours.
    pub fn stop_max(&self, jobs: &[Self]) -> Duration {
        let callee = &self.callee;
        let listens = !callee.deaf && callee.end != End::Deaf && callee.nested.is_none();
        let grace = match self.which {
            Which::Now => Duration::ZERO,
            Which::Patient => Duration::from_secs(2),
            Which::Commit => Duration::from_millis(1_500),
            _ => GRACE,
        };
        let handler = if listens && self.which != Which::Commit {
            Duration::ZERO
        } else {
            grace
        };
        let children = |grace: Duration| {
            let child = |child: &Child| match child {
                Child::Takes(long) => grace.min(*long),
                Child::Deaf => grace,
                Child::Listens | Child::Panics => Duration::ZERO,
            };
            callee.children.iter().map(child).max().unwrap_or_default()
        };
        let nested = callee
            .nested
            .map_or(Duration::ZERO, |(nested, _)| jobs[nested].reap());
        // The children of a handler that ended well have its grace; those of another are asked when it is over.
        children(grace).max(handler + children(GRACE)) + nested + self.exits()
    }

    /// How long its caller waits for the end once it asked.
    pub fn reap(&self) -> Duration {
        REAP + Duration::from_millis(match self.which {
            Which::Patient => 2_000,
            Which::Commit => 1_500,
            _ => 0,
        })
    }

    /// How long its exit callbacks take.
    pub fn exits(&self) -> Duration {
        let exit = |exit: &Exit| match exit {
            Exit::Takes(long) => *long,
            Exit::Never => EXIT_MAX,
            Exit::Panics => Duration::ZERO,
        };
        self.callee.exits.iter().map(exit).sum()
    }
}

impl Plan {
    /// The job whose handler opens this one.
    pub fn above(&self, job: usize) -> Option<usize> {
        let opens = |above: &Job| above.callee.nested.is_some_and(|(nested, _)| nested == job);
        self.jobs.iter().position(opens)
    }
}
