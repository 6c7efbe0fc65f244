//! Child processes that end with their block: actors of Python (`python -m tractor._child`) and of Rust, by the same protocol.
//!
//! ```text
//! spawn ──► process ──► connects to the nursery's door ──► SpawnSpec ──► answers ──► dialogs in both directions
//!                                                                                        │
//! reaped ◄── SIGKILL ◄── child_term_max ── SIGTERM ◄── child_stop_max ── asked to stop ◄─┘
//! ```
//!
//! [`open`] runs a block with a [`Nursery`]. However the block ends, also by being dropped at an await, each child is asked to stop, terminated,
//! killed, and reaped; a child that fails cancels the block and with it the others.
//!
//! The door is a Unix socket in a folder of its own that no other user can enter. What a child may call here is what the configuration
//! [offers](crate::Config::offer).

mod child;
mod door;
mod error;
mod life;
mod literal;
mod open;
mod process;
mod spec;

pub use child::{Child, Output};
pub use error::{NurseryError, SpawnError};
pub use life::{ChildActor, Exit, How};
pub use open::{Nursery, open};

pub(crate) use literal::{Literal, pair};
pub(crate) use spec::wants_tcp;
