//! A connection's bytes, cut in two ways.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::frame::frame(bytes));
