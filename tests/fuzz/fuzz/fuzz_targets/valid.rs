//! Bytes as the choices of a valid schema.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scipp_fuzz::compiler::valid(bytes));
