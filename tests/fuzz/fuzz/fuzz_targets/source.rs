//! Any bytes as a source.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::compiler::source(bytes));
