//! Two real actors over a faulty link, in simulated time, from one seed.
//!
//! A seed says what happens ([`Plan`]): a server and up to three clients, the jobs of each, what each end of a dialog does, and what goes
//! wrong on the links and with the actors. [`run`] lets it happen, on one thread, with a clock that jumps to the next timer,
//! and says what was wrong: everything that `oracle.rs` looks at. The same seed gives the same run, byte by byte.

mod caller;
mod census;
mod dice;
mod draw;
mod endpoints;
mod forms;
mod link;
mod oracle;
mod plan;
mod run;
mod service;
mod world;

pub use census::{Census, Count};
pub use plan::Plan;
pub use run::{Report, run, watch_panics};
