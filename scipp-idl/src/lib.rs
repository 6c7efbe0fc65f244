//! The scipp schema language: text to a checked schema, with diagnostics.

pub mod schema;
pub mod source;
