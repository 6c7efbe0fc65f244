//! Any bytes as MessagePack.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::walk::walk(bytes));
