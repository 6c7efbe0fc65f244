//! Who an actor is.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

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

/// Where the ids of an actor come from: its own, and those of its dialogs.
#[derive(Clone, Debug, Default)]
pub(crate) enum Ids {
    /// Chance: no two are alike.
    #[default]
    Random,
    /// A number that counts on: the same each time.
    Counted(Arc<AtomicU64>),
}

impl Ids {
    pub(crate) fn counted(from: u64) -> Self {
        Self::Counted(Arc::new(AtomicU64::new(from)))
    }

    /// What makes the ids of a session's dialogs unique.
    pub(crate) fn next(&self) -> u128 {
        match self {
            Self::Random => Uuid::new_v4().as_u128(),
            Self::Counted(count) => {
                let count = count.fetch_add(1, Ordering::Relaxed);
                // Spreads a small number over all bits, as an odd factor does.
                u128::from(count).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            }
        }
    }
}
