//! A feed actor: serves `schemas/market/feed.scipp` from a book that it makes up.
//!
//! `build.rs` generates [`market`] from the schemas; [`FeedActor`] is what a user writes.
#![allow(
    clippy::print_stdout,
    reason = "the example shows what its handlers do"
)]

mod actor;
mod book;

pub use actor::FeedActor;

scipp_runtime::include_schemas!();
