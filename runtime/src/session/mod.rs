//! A session: one transport, the protocol core, and everything that lives on them.
//!
//! ```text
//!   contexts, handlers ──commands──►  Link: Mutex<core>  ◄──bytes──  driver ◄──► transport
//!          ▲                             │                             ▲
//!          └────────── wakers ───────────┴────────── Notify ───────────┘
//! ```
//!
//! `link` is the lock, `core` what it guards, `seats` who waits in which dialog, `driver` the one loop that moves bytes, `reaper` waits for dialogs whose context
//! was dropped, `run` is a session's life from first byte to last, `listener` accepts sessions.

mod core;
mod driver;
mod link;
mod listener;
mod reaper;
mod run;
mod seats;
mod send;

pub use listener::{Drained, ServeError, serve};

pub(crate) use core::{Phase, Wants};
pub(crate) use link::{Link, Settings};
pub(crate) use run::{Ended, run};
