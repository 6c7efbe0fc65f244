//! The life of one dialog, on both sides.
//!
//! ```text
//! caller                                      callee
//!
//!   Queued ---- cancel, loss ----> Ended        Offered --- refuse / Error ------> gone
//!     | transmit / Start                          | accept / StartAck
//!     v                                           v
//!   Sent ------ Error -----------> Ended        Acked ----- finish / terminal ---> gone
//!     | StartAck                  (refused)       | started / Started (context)
//!     v                                           v
//!   Acked ----- terminal --------> Ended        Running --- finish / terminal ---> gone
//!     | Started (context)
//!     v
//!   Open ------ terminal --------> Ended        cancel request: StartAck at once, the body is
//!                                               asked to end; CancelAck(true) after the terminal
//!   cancel: a request; the state stays          gone: cancel request -> StartAck, CancelAck(true);
//!   Ended: whatever comes is ignored                  whatever else comes is ignored
//!
//!   terminal of an asyncfunc   Return | Error | (cancelled by request) nothing but the CancelAck
//!   terminal of an asyncgen    Stop | Error; the caller then closes with a cancel request, always
//!   terminal of a context      [Stop] then Return | Error
//!   Stop of a context          once from each side at most; none from a side that has consumed the other's
//!   items                      Yield either way between Start and the terminal, until one side has stopped;
//!                              a callee of a context not before Started
//! ```
//!
//! An `Error` that says `ContextCancelled` is a terminal like the others: only it (or for an `asyncfunc` the
//! `CancelAck`) says that the callee is over. A cancel may lose the race against a `Return`.

pub(crate) mod callee;
pub(crate) mod caller;
mod end;
mod flow;
pub(crate) mod stream;

use std::hash::Hasher;

use crate::cid::Cid;
use crate::digest::Digest;
use callee::Callee;
use caller::Caller;
pub use end::{
    Asked, Broken, CancelCause, Cancelled, Cause, End, Failure, Refusal, Taken, Terminal,
};
pub use flow::{Flow, Overrun};
use stream::Stream;

/// One dialog, on our side.
#[derive(Debug, Clone)]
pub(crate) enum Dialog {
    Caller(Box<Caller>),
    Callee(Box<Callee>),
}

impl Dialog {
    pub(crate) fn stream(&mut self) -> &mut Stream {
        match self {
            Self::Caller(caller) => &mut caller.stream,
            Self::Callee(callee) => &mut callee.stream,
        }
    }

    pub(crate) fn stream_ref(&self) -> &Stream {
        match self {
            Self::Caller(caller) => &caller.stream,
            Self::Callee(callee) => &callee.stream,
        }
    }

    /// Whether an item that comes now is kept. A callee that has left its stream wants none, as with tractor.
    pub(crate) fn takes_items(&self) -> bool {
        match self {
            Self::Caller(caller) => caller.stream.takes_items(),
            Self::Callee(callee) => callee.stream.takes_items() && !callee.stream.stop_sent,
        }
    }

    pub(crate) fn cid(&self) -> &Cid {
        match self {
            Self::Caller(caller) => &caller.cid,
            Self::Callee(callee) => &callee.cid,
        }
    }
}

impl Dialog {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        match self {
            Self::Caller(caller) => {
                into.add(0_u8);
                caller.digest(into);
            }
            Self::Callee(callee) => {
                into.add(1_u8);
                callee.digest(into);
            }
        }
    }
}
