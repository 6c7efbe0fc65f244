//! Dialogs end to end: two actors, over TCP, Unix sockets and memory.

#![allow(unreachable_pub, reason = "a test is no library")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test speaks by failing"
)]

mod bytes;
mod calc;
mod calculator;
mod cancels;
mod discovery;
mod ends;
mod errors;
mod flows;
mod garbage;
mod guide;
mod kinds;
mod lab;
mod life;
mod losses;
mod native;
mod nesting;
mod site;
mod streams;
mod versions;
mod watching;

/// What a test's own body fails with.
type Failed = Box<dyn std::error::Error + Send + Sync>;
