//! How a dialog can end otherwise than well. Who is to blame is the first level of each type.
//!
//! The caller sees a [`ContextError`]; a handler returns an [`EndpointError`] and meets a [`ServerError`] in its context.

mod caller;
mod cancelled;
mod handler;
mod misuse;
mod payload;
mod refusal;
mod remote;

pub use caller::{ContextError, Outcome, SessionLost};
pub use cancelled::{Cancelled, Cause};
pub use handler::{EndpointError, Relayed, ServerError};
pub use misuse::Misuse;
pub use payload::{PayloadFault, Phase};
pub use refusal::{Refusal, RefusedBecause};
pub use remote::{FailureCode, RemoteFailure};

pub(crate) use handler::{Relay, encoded};

const OVERRUN: &str = "items were lost here: they were not taken in time";
