//! Everything that is generated for the snapshots, compiled: a warning, also one of clippy, is an error here.
#![deny(warnings)]

scipp_runtime::include_schemas!();
