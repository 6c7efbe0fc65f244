//! One message in every form that means the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::envelope::envelope(bytes));
