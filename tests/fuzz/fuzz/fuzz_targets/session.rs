//! Bytes as what a peer without rules says, and an application does.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::session::session(bytes));
