//! What goes in and out of a session besides bytes.

use std::hash::Hasher;
use std::time::Instant;

use crate::Any;
use bytes::Bytes;

use crate::actor::{Aid, Uid};
use crate::dialog::Cause;
use crate::digest::Digest;
use crate::fault::{Loss, Misuse};
use crate::limits::Limits;
use crate::message::{Kind, RemoteError};
use crate::trace::TraceContext;
use crate::wire::shuttle::messages::SpawnSpec;

/// Who opened the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This end did.
    Connector,
    /// The peer did.
    Acceptor,
}

impl Side {
    /// Who opened the dialog of this number (feature `compact`): even ones are the connector's.
    pub(crate) const fn of(number: u64) -> Self {
        if number.is_multiple_of(2) {
            Self::Connector
        } else {
            Self::Acceptor
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Connector => Self::Acceptor,
            Self::Acceptor => Self::Connector,
        }
    }

    /// The first number that this end gives to a dialog.
    pub(crate) const fn first_number(self) -> u64 {
        match self {
            Self::Connector => 0,
            Self::Acceptor => 1,
        }
    }
}

/// What a session needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who we are; sent at once.
    pub aid: Aid,
    /// 128 random bits, new for each session: the core has no source of its own. They make the ids of our dialogs
    /// unique among all sessions of this actor.
    pub seed: u128,
    /// Whether the peer may ask this actor to end (tractor's `self.cancel`). Default no: it is then refused.
    pub actor_cancel: bool,
    /// Whether the peer has started this process: its first message is a `SpawnSpec` then, and nothing else is read before
    /// [`Session::booted`](crate::Session::booted). Default no.
    pub is_child: bool,
    /// What is allowed.
    pub limits: Limits,
}

impl Config {
    /// The default limits.
    pub fn new(aid: Aid, seed: u128) -> Self {
        Self {
            aid,
            seed,
            actor_cancel: false,
            is_child: false,
            limits: Limits::default(),
        }
    }
}

/// One dialog of one session, on our side. Never used for another dialog again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl DialogId {
    /// The place of the dialog among those of its session: a small number, which another dialog gets when this one is forgotten.
    pub fn place(self) -> usize {
        self.slot as usize
    }
}

/// Tells who may go on. Data stays in the session until it is taken.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The peer has said who it is; dialogs may be opened now (earlier ones were kept).
    Opened {
        /// The peer's identity, as it claims.
        peer: Aid,
    },
    /// The peer only asked whether somebody is here, and has its answer: transmit what is queued and close.
    Probed {
        /// The peer's identity, as it claims.
        peer: Aid,
    },
    /// The peer opened a dialog: see [`Session::incoming`](crate::Session::incoming).
    Incoming(DialogId),
    /// A caller's dialog has its first value: [`Session::take_started`](crate::Session::take_started).
    Started(DialogId),
    /// An empty inbox has got something, or will get nothing more: [`Session::take_item`](crate::Session::take_item).
    Item(DialogId),
    /// A `send` that was refused as full may be tried again.
    Room(DialogId),
    /// A callee's dialog should end soon. Once per dialog, by the first cause.
    CancelRequested(DialogId, Box<Cause>),
    /// The deadline of a caller's dialog has passed, and its callee has been asked to end. The end follows, if the peer says it.
    Overdue(DialogId),
    /// A caller's dialog is over: [`Session::take_end`](crate::Session::take_end). Items before it can still be taken.
    Ended(DialogId),
    /// The peer asks this actor to end; answer with [`Session::actor_cancelled`](crate::Session::actor_cancelled)
    /// when it is about to. Only with [`Config::actor_cancel`].
    ActorCancelRequested {
        /// Who asks.
        canceller: Uid,
    },
    /// The peer has started this process, and says what it is to be; see [`Config::is_child`].
    Spawned(Box<SpawnSpec>),
    /// The peer says that it has failed as a whole: a process that cannot boot does.
    PeerFailed(Box<RemoteError>),
    /// The peer takes no more dialogs, and will close when those that run are over.
    PeerLeaves,
    /// After [`Session::drain`](crate::Session::drain): no dialog is left and every byte has been transmitted.
    Drained,
}

/// Opens a dialog.
#[derive(Debug, Clone)]
pub struct Open {
    /// The interface on the wire: a Python module's path for plain peers.
    pub namespace: String,
    /// The endpoint.
    pub func: String,
    /// The arguments: an encoded map by name.
    pub args: Bytes,
    /// How the endpoint runs, by its schema.
    pub kind: Kind,
    /// Which streams it has, seen from here; those that its kind cannot have don't count.
    pub streams: Streams,
    /// When the core asks for a cancel by itself.
    pub deadline: Option<Instant>,
    /// The endpoint's fingerprint in the schema of this actor; without one the `Start` says nothing about types, as plain callers'.
    pub fingerprint: Option<&'static str>,
    /// The trace that it belongs to. Plain peers are not told: it needs [`Feature::Trace`](crate::Feature).
    pub trace: Option<TraceContext>,
}

/// The streams of a dialog, seen from one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Streams {
    /// This side may send items.
    pub sends: bool,
    /// This side takes items; without it they are dropped as they come.
    pub receives: bool,
}

impl Streams {
    /// Neither direction.
    pub const NONE: Self = Self {
        sends: false,
        receives: false,
    };
    /// Both directions.
    pub const BOTH: Self = Self {
        sends: true,
        receives: true,
    };

    /// What a kind of dialog has of these, seen from its caller, or else from its callee.
    pub(crate) fn of(self, kind: Kind, caller: bool) -> Self {
        let down = kind != Kind::Asyncfunc;
        let up = kind == Kind::Context;
        let (sends, receives) = if caller { (up, down) } else { (down, up) };
        Self {
            sends: self.sends && sends,
            receives: self.receives && receives,
        }
    }

    /// Whether there is any.
    pub const fn any(self) -> bool {
        self.sends || self.receives
    }
}

/// Why no dialog was opened.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The session is over.
    #[error("the dialog was not opened: {0}")]
    Lost(Loss),
    /// The session takes no new dialogs: it is being drained here.
    #[error("the dialog was not opened: the session is ending")]
    Draining,
    /// The peer has said that it takes no more.
    #[error("the dialog was not opened: the peer is leaving")]
    PeerLeaves,
    /// Too many are open.
    #[error("the dialog was not opened: {max} are open on this session already")]
    TooMany {
        /// [`Limits::dialogs_max`].
        max: usize,
    },
    /// Our mistake.
    #[error("the dialog was not opened: {0}")]
    Misuse(#[from] Misuse),
}

/// Why an item was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The peer has as many as it can take; the item comes back, [`Event::Room`] will follow.
    #[error("the item was not sent: as many are on the way as may be")]
    Full(Bytes),
    /// One of the two sides has stopped its stream.
    #[error("the item was not sent: the stream has been stopped")]
    Stopped,
    /// The dialog is over; a caller finds out how by [`Session::take_end`](crate::Session::take_end).
    #[error("the item was not sent: the dialog has ended")]
    Ended,
    /// Our mistake.
    #[error("the item was not sent: {0}")]
    Misuse(#[from] Misuse),
}

/// A dialog that the peer opened.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The interface on the wire.
    pub namespace: String,
    /// The endpoint.
    pub func: String,
    /// The arguments: a map by name.
    pub args: Any,
    /// The peer, as its `Aid` said.
    pub caller: Uid,
    /// The endpoint's fingerprint in the schema of the caller. Plain peers have none.
    pub fingerprint: Option<String>,
    /// When the caller will ask for a cancel. Plain peers don't say: it needs [`Feature::Deadline`](crate::Feature).
    pub deadline: Option<Instant>,
    /// The trace that it belongs to, if the caller says so: it needs [`Feature::Trace`](crate::Feature).
    pub trace: Option<TraceContext>,
}

/// What a session has seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Dialogs opened from here.
    pub opened: u64,
    /// Dialogs opened by the peer and given to the application.
    pub served: u64,
    /// Starts refused by the core itself.
    pub refused: u64,
    /// Dialogs left by the application whose terminal did not come in time.
    pub unreaped: u64,
    /// Dialogs that lost items here.
    pub overruns: u64,
    /// Items that gave way to newer ones, where the schema says so.
    pub dropped: u64,
}

impl Incoming {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            namespace,
            func,
            args,
            caller,
            fingerprint,
            trace,
            deadline,
        } = self;
        into.add((namespace, func, args, caller, fingerprint, trace));
        into.time_or_none(*deadline);
    }
}
