//! A session: everything that lives on one connection between two actors.

mod api;
mod callee;
mod caller;
mod closing;
mod digest;
mod driver;
mod family;
mod native;
mod numbers;
mod outgoing;
mod parting;
mod receive;
mod requests;
mod send;
mod stream;
mod table;
mod timers;

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use bytes::BytesMut;

use crate::actor::{Aid, Uid};
use crate::budget::Budget;
use crate::cid::Cid;
use crate::fault::Loss;
use crate::features::{Feature, Features};
use crate::limits::{CANCEL_COST, Limits};
use crate::message::Message;

pub use api::{
    Config, DialogId, Event, Incoming, Open, OpenError, SendError, Side, Stats, Streams,
};
use family::Boot;
use outgoing::{Class, Outgoing};
use receive::Stalled;
pub(crate) use requests::RequestId;
use requests::Requests;
use table::Table;
use timers::Timers;

/// The state of one session. See the [crate's contract](crate).
#[derive(Debug, Clone)]
pub struct Session {
    side: Side,
    config: Config,
    /// The peer, once its `Aid` is here.
    peer: Option<Aid>,
    /// What both ends offer; none before the peer's `Aid`.
    features: Features,
    /// How far this process is, if the peer has started it.
    boot: Boot,
    /// The peer takes no more dialogs.
    peer_leaves: bool,
    /// When something came from the peer, and whether it has been asked since.
    heard: Instant,
    pinged: bool,
    /// Bytes that the last look left to wait for more.
    unread: usize,
    lost: Option<Loss>,
    table: Table,
    requests: Requests,
    outgoing: Outgoing,
    events: VecDeque<Event>,
    timers: Timers,
    /// Until when the peer's `Aid` must be here.
    handshake_until: Option<Instant>,
    /// The frame that has begun: until when it must be whole, and what there is of it: bytes and announced length.
    frame: Option<(Instant, usize, usize)>,
    /// The item that finds no room.
    stalled: Option<Stalled>,
    /// Until when the peer must have read our replies.
    rest_until: Option<Instant>,
    /// The latest time that we were told.
    clock: Instant,
    /// Cancel requests for nobody.
    cancels: Budget,
    /// Bytes of unread items of all dialogs.
    inbox_bytes: usize,
    /// Dialogs that wait for the transport to take items.
    waiting: BTreeSet<DialogId>,
    /// Requests that this actor ends.
    actor_cancels: Vec<Cid>,
    /// Our dialogs that are not over, or whose last request is not answered.
    live_callers: usize,
    draining: bool,
    drained: bool,
    wake: bool,
    stats: Stats,
    /// What a plain peer is told when this side ends the session.
    last_words: BytesMut,
}

impl Session {
    /// Begins; our own `Aid` is queued at once, whatever the peer does.
    pub fn new(side: Side, config: Config, now: Instant) -> Self {
        let mut session = Self {
            side,
            peer: None,
            features: Features::NONE,
            boot: Boot::of(&config),
            peer_leaves: false,
            heard: now,
            pinged: false,
            unread: 0,
            lost: None,
            table: Table::new(side, config.seed),
            requests: Requests::default(),
            outgoing: Outgoing::default(),
            events: VecDeque::new(),
            timers: Timers::default(),
            handshake_until: Some(now + config.limits.handshake_max),
            frame: None,
            stalled: None,
            rest_until: None,
            clock: now,
            cancels: cancel_budget(&config.limits),
            inbox_bytes: 0,
            waiting: BTreeSet::new(),
            actor_cancels: Vec::new(),
            live_callers: 0,
            draining: false,
            drained: false,
            wake: true,
            stats: Stats::default(),
            last_words: BytesMut::new(),
            config,
        };
        let aid = session.config.aid.clone();
        session.outgoing.push(Message::Aid(aid), None, Class::Own);
        session
    }

    /// Which end this is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Who the peer says it is, once it has.
    pub fn peer(&self) -> Option<&Aid> {
        self.peer.as_ref()
    }

    /// What both ends offer beyond tractor's messages; none until the peer has said who it is.
    pub fn features(&self) -> Features {
        self.features
    }

    /// Dialogs that are not over: the peer's and ours, those left by their application too.
    pub fn dialogs(&self) -> usize {
        self.table.callees() + self.live_callers
    }

    /// Counts since the session began.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    fn has(&self, feature: Feature) -> bool {
        self.features.has(feature)
    }

    /// Whether the peer may call the registry's functions.
    fn is_registrar(&self) -> bool {
        self.config.aid.is_registrar == Some(true)
    }

    fn me(&self) -> &Uid {
        &self.config.aid.uid
    }

    /// The peer's uid. Asked for only where there are dialogs that have been sent or received.
    fn peer_uid(&self) -> Uid {
        self.peer
            .as_ref()
            .map_or_else(|| Uid::new("", ""), |aid| aid.uid.clone())
    }

    fn event(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Queues a message; a lost session has nobody to say it to.
    fn queue(&mut self, message: Message, dialog: Option<DialogId>, class: Class) {
        if self.lost.is_some() {
            return;
        }
        self.wake = true;
        self.outgoing.push(message, dialog, class);
    }

    /// Queues what the peer provoked.
    fn reply(&mut self, message: Message) {
        self.queue(message, None, Class::Reply);
    }
}

/// What the peer may ask about nobody: the limit at first; and what its dialogs have earned, each that is over at most
/// a cancel and two questions how far we are, however many end together before the first of these comes.
fn cancel_budget(limits: &Limits) -> Budget {
    let dialogs = u32::try_from(limits.dialogs_max).unwrap_or(u32::MAX);
    let first = limits.cancels_unknown_max.saturating_mul(CANCEL_COST);
    let earned = dialogs.saturating_mul(3).saturating_mul(CANCEL_COST);
    Budget::new(first, first.saturating_add(earned))
}
