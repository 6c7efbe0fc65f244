//! Tests that cross a crate line.
