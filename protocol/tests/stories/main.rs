//! Short stories about two sessions, told through the public API: what is said, in which order, and what each side
//! is told. The wire is written down as one line for each frame, ids as letters in order of appearance.
#![allow(
    dead_code,
    clippy::indexing_slicing,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story states what it expects"
)]

mod form;
mod lone;
mod pair;
mod scribe;

mod bounds;
mod cancels;
mod compact;
mod dialogs;
mod edges;
mod family;
mod flows;
mod hostile;
mod losses;
mod native;
mod random;
mod streams;
mod turns;
