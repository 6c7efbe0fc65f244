//! Every number of the core: its unit, its default and its reason.

use std::time::Duration;

/// What a session allows. All of it has a default; a limit that is exceeded has a test.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Payload bytes of one frame, in either direction. Default 1 MiB.
    ///
    /// A decoded payload can be fifty times its bytes in memory, so this bounds one message at about 50 MB. Plain
    /// peers grow slow beyond it as well.
    pub frame_bytes_max: usize,
    /// Payload bytes of the peer's first frame, its `Aid`. Default 4 KiB: nobody needs more to say a name, and until then
    /// nobody knows who sends.
    pub aid_bytes_max: usize,
    /// Lists and maps inside each other in one payload. Default 32: decoding uses the stack, level by level.
    pub payload_depth_max: u8,
    /// Values in one payload, map keys included. Default 65,536: a nil is one byte here and a hundred in memory.
    pub payload_items_max: u32,
    /// Bytes of an actor's name, its uuid, a namespace, an endpoint's name, a dialog's id. Default 128: they are kept
    /// in tables and shown in logs.
    pub name_bytes_max: usize,
    /// Bytes of an error's text that we send. Default 4,096: enough for a sentence and its context, and it bounds
    /// what a refusal costs.
    pub text_bytes_max: usize,
    /// Time from the start of the session until the peer's `Aid` is read. Default 5 s: an honest peer sends it at
    /// once, and until then nobody knows who holds the connection.
    pub handshake_max: Duration,
    /// Time from the first to the last byte of one frame. Default 30 s: 1 MiB over a slow line, and an end to peers
    /// that send a byte now and then.
    pub frame_max: Duration,
    /// Dialogs that the peer may have running here at once, each held until the transport has its terminal. Default
    /// 1,024.
    ///
    /// The same number bounds the dialogs that we may have running there.
    pub dialogs_max: usize,
    /// Items of one dialog that wait here, unread by the application. Default 64, which is tractor's queue.
    pub inbox_items_max: usize,
    /// Items of one dialog that a scipp peer may have on the way and unread here at most (feature `credit`). Default 256.
    ///
    /// A dialog begins with `inbox_items_max` of them. More are granted step by step while its reader keeps up and its sender
    /// has to wait, if they are small: a window of few bytes makes both ends stop after each of them. A much larger one delays what
    /// other dialogs say meanwhile.
    pub window_items_max: usize,
    /// Bytes that the items of such a larger window may have, by those that have come. Default 32 KiB: half of what is read at once.
    pub window_bytes: usize,
    /// Bytes of unread items in all dialogs of the session. Default 8 MiB: 64 items of 1 MiB in each of 1,024 dialogs
    /// would be 64 GiB.
    pub inbox_bytes_max: usize,
    /// How long reading from the connection may rest because an inbox is full. Default 2 s.
    ///
    /// Resting loses nothing; but all dialogs of the session wait meanwhile, cancel requests too. After it the full
    /// dialog loses the item and its peer is told (`StreamOverrun`).
    pub stall_max: Duration,
    /// Items of one dialog on the way to a plain peer that are not known to have been taken from the connection.
    /// Default 48, which leaves `Started`, `Stop` and the terminal a place in tractor's queue of 64.
    pub unread_items_max: usize,
    /// Items after which a plain peer is asked how far it has come. Default 24: half of what may be on the way, so
    /// that the answer comes before the sender has to wait.
    pub checkpoint_items: usize,
    /// Bytes of items of all dialogs that wait for the transport; beyond it `send` waits. Default 1 MiB: a transport
    /// that takes no more is the back-pressure of last resort.
    pub outgoing_bytes_max: usize,
    /// Bytes of replies that the peer provoked and the transport has not taken. Default 256 KiB; beyond it reading
    /// rests. A peer that asks and never reads costs no more than this.
    pub reply_bytes_max: usize,
    /// How long reading may rest because the peer doesn't read our replies. Default 10 s; then it is a violation.
    pub reply_rest_max: Duration,
    /// Cancel requests for dialogs that nobody has, before it is a violation. Default 100.
    ///
    /// A plain peer sends one after many an ended dialog, so each dialog that ends gives one back, and so do sixteen
    /// items. What is given back adds up, to three for each of `dialogs_max`: many dialogs may end before the first of
    /// their cancels comes.
    pub cancels_unknown_max: u32,
    /// How long a dialog that its application has left is kept while waiting for its terminal, and how long an
    /// acknowledged cancel may wait for it. Default 2 s: the callee's grace (500 ms), its cleanup (1 s), the way.
    pub reap_max: Duration,
    /// Silence after which a scipp peer is asked whether it is there (feature `ping`). Default 20 s: routers forget idle
    /// connections after half a minute and more.
    pub ping_after: Duration,
    /// Silence after which a scipp peer is given up (feature `ping`). Default 60 s: 40 s for the answer, on a machine that
    /// is busy.
    pub silence_max: Duration,
}

/// Items that each side of a dialog may send before it is granted any. 16: a short stream needs no other message, and an
/// inbox that nobody reads holds no more.
pub(crate) const CREDIT_AT_FIRST: u64 = 16;

/// Items that may be granted and not sent. 65,535: sixteen bits of items are more than any inbox.
pub(crate) const CREDIT_MAX: u32 = 65_535;

/// Bytes of what other tracing systems pass on with a trace (`tracestate`). 512: what every system is asked to pass on at
/// least.
pub(crate) const TRACE_STATE_BYTES_MAX: usize = 512;

/// Bytes of a fingerprint that is looked at. 64: ours have 16, and a longer hash may come.
pub(crate) const FINGERPRINT_BYTES_MAX: usize = 64;

/// Bytes that the items of one dialog may go on for while others have something to say. 16 KiB: a hundred small items, and
/// at most a tenth of a millisecond on a quick line.
pub(crate) const TURN_BYTES: usize = 16 * 1024;

/// Hops of an error that are kept when it is passed on: far beyond any honest chain of actors.
pub const RELAY_HOPS_MAX: usize = 32;

/// Maps that the envelope puts around a payload: the message, and in an `Error` the bad message in it.
pub(crate) const ENVELOPE_DEPTH: u8 = 2;

/// Values of an envelope besides its payload: keys, ids, uids, with a few dozen hops of an `Error`.
pub(crate) const ENVELOPE_ITEMS: u32 = 128;

/// What a cancel request for nobody costs of the budget, in items: sixteen items, or one dialog that ends, pay for it.
pub(crate) const CANCEL_COST: u32 = 16;

/// Questions of one dialog how far we are that may wait for their answers. Ours has two at most.
pub(crate) const CHECKPOINTS_OWED_MAX: usize = 8;

/// Payloads below this many bytes are copied when they have to wait: on their way out into the frames that will leave, on
/// their way in so that a few bytes that nobody takes don't keep the
/// buffer alive that they came in (64 KiB and more).
pub(crate) const DETACH_BYTES_MAX: usize = 4_096;

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: 1024 * 1024,
            aid_bytes_max: 4_096,
            payload_depth_max: 32,
            payload_items_max: 65_536,
            name_bytes_max: 128,
            text_bytes_max: 4_096,
            handshake_max: Duration::from_secs(5),
            frame_max: Duration::from_secs(30),
            dialogs_max: 1_024,
            inbox_items_max: 64,
            window_items_max: 256,
            window_bytes: 32 * 1024,
            inbox_bytes_max: 8 * 1024 * 1024,
            stall_max: Duration::from_secs(2),
            unread_items_max: 48,
            checkpoint_items: 24,
            outgoing_bytes_max: 1024 * 1024,
            reply_bytes_max: 256 * 1024,
            reply_rest_max: Duration::from_secs(10),
            cancels_unknown_max: 100,
            reap_max: Duration::from_secs(2),
            ping_after: Duration::from_secs(20),
            silence_max: Duration::from_secs(60),
        }
    }
}
