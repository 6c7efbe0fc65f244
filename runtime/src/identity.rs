//! Who an actor is.

use scipp_protocol::{Aid, Features};
use uuid::Uuid;

pub use scipp_protocol::Uid as ActorId;

/// The identity of this process as an actor: its name, a fresh uuid, its process id.
///
/// What an actor says of itself is a claim; authority comes from the transport.
pub(crate) fn own(name: &str) -> Aid {
    let uid = ActorId::new(name, Uuid::new_v4().to_string());
    Aid {
        features: Features::all(),
        ..Aid::new(uid, Some(std::process::id()))
    }
}

/// What makes the ids of a session's dialogs unique.
pub(crate) fn seed() -> u128 {
    Uuid::new_v4().as_u128()
}
