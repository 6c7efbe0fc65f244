//! What fuzzers ask: of the compiler ([`compiler`]), of the codec ([`walk`](mod@walk), [`typed`](mod@typed)) and of the protocol's core
//! ([`frame`](mod@frame), [`envelope`](mod@envelope), [`dialogs`](mod@dialogs), [`session`](mod@session)).
//!
//! Each target is a function of bytes that panics if something is wrong; [`TARGETS`] has them all. `tests/replay.rs` asks the
//! committed corpus and random changes to it, on a stable toolchain; `README.md` tells how to run a fuzzer. What one finds becomes
//! a file of `corpus/`.

#![allow(clippy::panic, reason = "that is how a fuzz target speaks")]

pub mod compiler;
pub mod dialogs;
pub mod envelope;
pub mod frame;
mod list;
mod lone;
mod mutate;
pub mod session;
mod speaker;
mod speech;
mod spoil;
mod target;
pub mod typed;
pub mod walk;

pub use mutate::mutate;
pub use spoil::spoil;
pub use target::{TARGETS, Target};
