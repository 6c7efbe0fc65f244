//! Generates code from checked scipp schemas; the library behind `build.rs` and behind `scipp gen`.
//!
//! ```text
//! // build.rs
//! fn main() {
//!     scipp_codegen::build_script().schema("schemas/market/feed.scipp").run();
//! }
//! ```
//!
//! A schema goes through two steps: [`scipp_idl::check`] reads and checks it, and a generator such as [`rust::generate`] makes
//! [`Files`] of it, in memory. Only [`Files::write`] touches the disk, and only when everything before went well.

mod build_script;
pub mod files;
pub mod limits;
mod names;
pub mod problem;
pub mod python;
pub mod rust;
mod spelled;
pub mod stamp;
#[cfg(feature = "templates")]
pub mod template;

pub use build_script::{BuildScript, build_script};
pub use files::{Differences, Files, Ours, WriteError, Written};
