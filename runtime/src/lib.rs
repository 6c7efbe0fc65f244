//! Structured-concurrency dialogs between processes: what generated scipp code runs on.
//!
//! A dialog ends only at its terminal; the terminal is sent only when the remote task, its children and its cleanup are over; a
//! cancel is a request, never an end. So when a call has returned, nothing of it runs anywhere any more, or its error says that
//! this is [in doubt](ContextError::InDoubt).
//!
//! * [`connect`] opens a session and gives a [`Portal`] to a body; [`serve`] accepts sessions. When either resolves, nothing of it
//!   is left running.
//! * A portal [opens dialogs](OpenContext): by a [call](OpenContext::call), for the time of a [scope](OpenContext::scope), or as a
//!   [guard](OpenContext::open). The caller holds a [`Context`], the handler a [`ServerContext`].
//! * A [`Registrar`] knows by name where actors listen; [`registrar`] says how to find, and to be found.
//! * Everything hangs below a [`Scope`]: deadlines only shrink on the way down, and cancelling asks all that is below.
//!
//! `docs/runtime.md` in the repository shows all of this by example.

mod actor;
mod callee;
pub mod child;
mod client;
mod context;
mod dialog;
mod endpoint;
mod error;
pub mod example;
pub mod generated;
mod identity;
mod include;
mod interceptor;
mod limits;
pub mod nursery;
mod policy;
mod portal;
pub mod registrar;
mod scope;
mod server;
mod server_context;
mod server_stream;
mod session;
mod signature;
mod stream;
mod trail;
pub mod transport;

pub use actor::{Config, ConnectError, connect, serve_session, with_session};
pub use client::Client;
pub use context::Context;
pub use endpoint::{CancelPolicy, Endpoint, EndpointInfo, EndpointKind, InterfaceInfo};
pub use error::{
    Cancelled, Cause, ContextError, EndpointError, FailureCode, Misuse, Outcome, PayloadFault,
    Phase, Refusal, RefusedBecause, Relayed, RemoteFailure, ServerError, SessionLost,
};
pub use identity::ActorId;
pub use interceptor::{Call, Denied, Interceptor, Over, Role};
pub use limits::RuntimeLimits;
pub use policy::InsecureTransport;
pub use portal::{OpenContext, Portal};
pub use registrar::{Registrar, Registry};
pub use scipp_protocol::{Limits, Loss, NoTrace, Overrun, TraceContext};
pub use scope::{Child, ChildLost, InScope, Scope};
pub use server::{Handler, Incoming, Method, Router, Service};
pub use server_context::ServerContext;
pub use server_stream::{ServerReceiver, ServerSender};
pub use session::{Drained, ServeError, serve};
pub use signature::{Difference, Signature, TypeLines};
pub use stream::{Receiver, Sender};
pub use transport::{Address, Listener};
