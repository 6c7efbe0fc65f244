//! Derive macros for scipp payloads.
