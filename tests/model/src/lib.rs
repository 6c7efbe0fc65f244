//! Every order of events of small worlds. Two real sessions of `scipp-protocol`, what is on its way between them, and
//! applications that do whatever the API allows: [stateright] goes through all states that can come of it.
//!
//! [`plan`] says what a world holds and what may happen in it, [`world`] what does happen; [`claim`] what must always
//! hold, and what must have happened at least once for a run to mean anything. [`configuration`] has the worlds of each
//! size, [`model`] runs them; [`wander`](mod@wander) goes one way through one. `docs/proof.md` tells what is covered and what is not.

pub mod claim;
pub mod configuration;
mod deeds;
mod frame;
mod half;
mod line;
pub mod model;
pub mod plan;
mod steps;
mod told;
pub mod wander;
pub mod world;
