//! The scipp dialog protocol as a state machine: no IO, no clock, no threads, no randomness of its own.
//!
//! **The one contract.** A [`Session`] changes only when it is told something: bytes that came
//! ([`receive`](Session::receive)), a point in time ([`tick`](Session::tick)), the end of the transport
//! ([`lost`](Session::lost)), or a command of the application. After each of these, drain what came of it:
//!
//! * [`poll_event`](Session::poll_event) until it yields `None`: who may go on;
//! * [`transmit`](Session::transmit) while [`wants_transmit`](Session::wants_transmit) and the transport takes bytes;
//! * read from the transport only while [`wants_receive`](Session::wants_receive);
//! * call [`tick`](Session::tick) at [`deadline`](Session::deadline).
//!
//! Commands never wait and may be called from `Drop`. Items and results stay in the session until the application
//! takes them, so an event that is lost or late loses nothing but time. A command from another task than the one that
//! drives the session may leave work for the driver: [`take_wake`](Session::take_wake) says so, once.
//!
//! What a dialog may do, and when, is drawn in [`dialog`]. What a plain tractor peer understands, and nothing else,
//! is what `wire/shuttle` writes.

pub mod actor;
mod address;
mod budget;
mod cid;
pub mod dialog;
#[doc(hidden)]
pub mod digest;
pub mod fault;
pub mod features;
mod frame;
pub mod limits;
pub mod message;
pub mod registry;
mod session;
pub mod trace;
pub mod wire;

pub use actor::{Aid, Uid};
pub use address::{Address, AddressError, IntoAddress, NoWireForm, NotListed};
pub use dialog::{
    Asked, Broken, CancelCause, Cancelled, Cause, End, Failure, Flow, Overrun, Refusal, Taken,
    Terminal,
};
pub use fault::{Fault, Loss, Misuse, Violation};
pub use features::{Feature, Features};
pub use limits::Limits;
pub use message::{BadKind, BadMessage, Kind, RemoteError};
pub use session::{
    Config, DialogId, Event, Incoming, Open, OpenError, SendError, Session, Side, Stats, Streams,
};
pub use trace::{NoTrace, TraceContext};
pub use wire::shuttle::messages::SpawnSpec;

pub use scipp_codec::Any;
