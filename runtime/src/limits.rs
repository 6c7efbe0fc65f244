//! Every number of the runtime: its unit, its default and its reason. Those of the protocol are in [`scipp_protocol::Limits`].

use std::time::Duration;

/// Bounds on what an actor does. Each wait ends, each queue is bounded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuntimeLimits {
    /// Between asking a task to stop and dropping it, unless its endpoint says otherwise. Default 500 ms: tractor gives about
    /// as long, and a task that listens needs a few.
    pub cancel_grace: Duration,
    /// For each exit callback of a dialog. Default 1 s: cleanup talks to a database, it does not compute.
    pub exit_max: Duration,
    /// For what should be over at once but may not be: tasks that were dropped, a remote task that was asked to stop (on top of
    /// the grace that its endpoint has). Default 2 s: grace, cleanup, and the way there and back.
    pub reap_max: Duration,
    /// For the dialogs that run when an actor shuts down, before they are asked to stop. Default 10 s: most calls end by themselves.
    pub drain_max: Duration,
    /// For the last bytes of a session to leave before its transport is closed. Default 1 s: the peer reads, or it does not care.
    pub close_max: Duration,
    /// For opening a transport. Default 5 s: a machine that answers at all answers sooner.
    pub connect_max: Duration,
    /// For a unary call without a timeout of its own, a deadline in its schema or a deadline above it. Default 30 s: calls
    /// that wait for ever are the classic outage.
    pub call_max: Duration,
    /// Sessions of one listener at a time. Default 1,024: file descriptors and memory.
    pub sessions_max: usize,
    /// For the answer of a registrar, of ours or of tractor. Default 3 s: it looks into a table.
    pub registrar_max: Duration,
    /// For unregistering at the end of an actor. Default 500 ms, as tractor's actors take: a registrar that is gone must not
    /// hold up those who leave.
    pub unregister_max: Duration,
    /// Actors that a registrar of ours knows at a time. Default 2,048: with all their addresses, their listing has fewer values than a
    /// payload may have.
    pub registry_actors_max: usize,
    /// Addresses of one of them. Default 8: one for each transport and each of a few networks.
    pub registry_addresses_max: usize,
    /// Bytes of all names and addresses that a registrar of ours knows. Default 512 KiB: their listing fits into a frame.
    pub registry_bytes_max: usize,
    /// From the start of a child process until it serves. Default 20 s: Python imports for seconds on a busy machine.
    pub child_boot_max: Duration,
    /// From asking a child to stop until it is terminated. Default 3 s: its own drain and grace, unregistering, and the end of an interpreter.
    pub child_stop_max: Duration,
    /// From terminating a child (`SIGTERM`) until it is killed. Default 1,600 ms, as tractor's parents give.
    pub child_term_max: Duration,
    /// Children of one nursery at a time. Default 256: processes, descriptors and memory.
    pub children_max: usize,
    /// Bytes of each output of a child that are kept where that is wanted: the last ones. Default 64 KiB: a traceback and what led to it.
    pub child_output_bytes: usize,
    /// Sessions of one listener whose peer has not said who it is. Default 64: they hold a place and have not earned it.
    pub handshakes_max: usize,
}

impl Default for RuntimeLimits {
    fn default() -> Self {
        Self {
            cancel_grace: Duration::from_millis(500),
            exit_max: Duration::from_secs(1),
            reap_max: Duration::from_secs(2),
            drain_max: Duration::from_secs(10),
            close_max: Duration::from_secs(1),
            connect_max: Duration::from_secs(5),
            call_max: Duration::from_secs(30),
            registrar_max: Duration::from_secs(3),
            unregister_max: Duration::from_millis(500),
            registry_actors_max: 2_048,
            registry_addresses_max: 8,
            registry_bytes_max: 512 * 1024,
            child_boot_max: Duration::from_secs(20),
            child_stop_max: Duration::from_secs(3),
            child_term_max: Duration::from_millis(1_600),
            children_max: 256,
            child_output_bytes: 64 * 1024,
            sessions_max: 1_024,
            handshakes_max: 64,
        }
    }
}

/// Bytes that are read at once from a peer that sends little. 4 KiB: an idle session costs a page.
pub(crate) const READ_BYTES_MIN: usize = 4 * 1024;

/// Bytes that are read at once from a peer that sends much. 64 KiB: larger buffers are slower, they leave the processor's cache.
pub(crate) const READ_BYTES_MAX: usize = 64 * 1024;

/// Bytes that are read and thrown away from a peer that we part from, until it closes. 1 MiB: more than a socket holds, so that
/// what was on the way does not reset the connection; a peer that goes on has heard enough.
pub(crate) const LEFT_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes that wait to be written before the core is asked for more: 64 KiB fills a socket's buffer in one call, and what
/// is still in the core can be overtaken by what may overtake.
pub(crate) const WRITE_BYTES: usize = 64 * 1024;

/// What the first step of a handler may take, on average of those that come together. 200 us: most have their answer ready, and
/// a call that waits for a few of them is still quick.
pub(crate) const INLINE_MAX: Duration = Duration::from_micros(200);

/// Calls that get a task from the start after first steps took longer than that. 256: a handler that always computes makes its session wait
/// for one call in 256.
pub(crate) const INLINE_PAUSE: u32 = 256;

/// Calls that are handed to their services before other tasks of the program have their turn. 64: some hundred microseconds.
pub(crate) const DISPATCH_MAX: usize = 64;

/// The pause of a listener after the system refused to accept (out of descriptors, most often). 50 ms: soon enough for
/// peers, and the log stays readable.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Requests that wait for an actor to register at a registrar of ours, of all its sessions. 1,024: each of them is woken when
/// anybody registers.
pub(crate) const REGISTRY_WAITS_MAX: usize = 1_024;

/// Times that a registrar is asked for an actor of a name, when those before could not be reached. 4: a few restarts in a row.
pub(crate) const FIND_ROUNDS_MAX: usize = 4;

/// Whether a registrar is at an address is asked so often, as tractor does: 3 times.
pub(crate) const PROBE_ATTEMPTS: u32 = 3;

/// For each of these: 1 s.
pub(crate) const PROBE_ATTEMPT_MAX: Duration = Duration::from_secs(1);

/// For all of them: 3 s.
pub(crate) const PROBE_MAX: Duration = Duration::from_secs(3);

/// Between the first two of them: 50 ms; twice as long after each.
pub(crate) const PROBE_PAUSE: Duration = Duration::from_millis(50);

/// Times that a process tries to become the registrar while others do. 3: whoever was first is one by then.
pub(crate) const ROOT_ATTEMPTS: u32 = 3;

/// Lines of an endpoint's signature that are sent, and read. 256: the types of a wide interface, in a few kilobytes.
pub(crate) const SIGNATURE_LINES_MAX: usize = 256;

/// Bytes of a peer's line that are shown. 200: a line of a screen or two.
pub(crate) const SIGNATURE_LINE_BYTES_MAX: usize = 200;
