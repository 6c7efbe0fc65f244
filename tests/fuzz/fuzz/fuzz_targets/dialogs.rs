//! Bytes as an order of events between two correct peers.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::dialogs::dialogs(bytes));
