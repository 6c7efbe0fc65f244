//! The wires: bytes to the core's messages and back.

pub mod shuttle;
