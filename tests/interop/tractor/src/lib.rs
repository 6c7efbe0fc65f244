//! The endpoints that the live suite calls, as Rust serves them. `py/lab` serves them in Python.

mod server;

pub use server::{Lab, address, number, text};

scipp_runtime::include_schemas!();
