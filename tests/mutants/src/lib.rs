//! Planted bugs. Each is a file `tests/mutants/NAME.patch`: what it breaks, which proof must find it, and the change.
//!
//! ```text
//! breaks: A cancel request passes the `Start` of its dialog, so that it is a request for nobody.
//! proof: cargo test -p scipp-protocol --test stories
//! --- a/protocol/src/session/caller.rs
//! +++ b/protocol/src/session/caller.rs
//! @@
//! -        if behind {
//! +        if !behind {
//! ```
//!
//! The numbers behind `@@` are not read: the lines of a hunk have to occur exactly once in the file, wherever that is. So
//! a change elsewhere in the file spoils no patch, and one of these lines makes the test of this package say which.

mod patch;
mod proof;
mod tree;

pub use patch::{Mutant, PatchError, all, root};
pub use proof::{Run, Verdict};
pub use tree::{Tree, TreeError};
