//! The shuttle wire: tractor's ten messages, in MessagePack.
//!
//! Here bytes become the core's messages and the other way round, and nothing is decided. What tractor says by a call
//! of a runtime function has a message of its own in the core: `self._cancel_task` is a cancel request, `self.cancel` a
//! request that the actor ends. Between two peers that have the feature `compact` messages of dialogs are arrays.

mod declared;
#[rustfmt::skip]
pub mod messages;
mod compact;
mod predict;
mod read;
mod write;

pub(crate) use read::{read, read_item};
pub(crate) use write::{Session, write, write_item};

/// What plain peers write about an endpoint's types, always.
const ANY_SPEC: &str = "typing.Any";

/// What ours write in its place, before an endpoint's fingerprint. No plain peer reads it.
const FINGERPRINT_SPEC: &str = "scipp:";

/// Namespace of the functions that an actor's runtime itself offers.
pub(crate) const RUNTIME: &str = "self";

/// Its function that cancels a dialog, and the one argument of it.
const CANCEL_TASK: &str = "_cancel_task";
const CANCEL_TASK_ARGUMENT: &str = "cid";

/// Its function that ends the actor.
const CANCEL: &str = "cancel";

/// Nobody's dialog: a request to cancel it asks whether the peer serves yet, and nothing else.
const NOBODY: &str = "is anybody there";

/// Follows a dialog's id in a cancel request that only asks how far the peer has read: nobody has a dialog of that
/// name, so every peer answers at once. Ours know what is meant.
const CHECKPOINT_SUFFIX: &str = "#read";
