//! Bytes as values of declared types.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::typed::typed(bytes));
