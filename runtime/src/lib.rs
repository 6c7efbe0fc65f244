//! Structured-concurrency dialogs between processes: what generated scipp code runs on.
