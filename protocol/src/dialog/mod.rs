//! The life of one dialog.

mod end;

pub use end::{Asked, Broken, Cancelled, Cause, End, Failure, Refusal, Taken, Terminal};
