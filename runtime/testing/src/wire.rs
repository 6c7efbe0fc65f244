//! A value as bytes, and back.

use crate::dump;
use scipp_codec::{Payload, from_bytes, to_bytes};
use std::fmt::Debug;

/// The [`dump`] of a value's bytes, which were read back and compared.
///
/// # Panics
/// If the bytes cannot be read, or are those of another value.
#[allow(clippy::panic, reason = "a failed expectation is how a test speaks")]
pub fn wire<T: Payload + PartialEq + Debug>(value: &T) -> String {
    let bytes = to_bytes(value);
    let shown = dump(&bytes);
    match from_bytes::<T>(&bytes) {
        Ok(back) if back == *value => {}
        Ok(back) => panic!(
            "the value is another one after it was written and read\nwritten: {value:#?}\nread: {back:#?}\nbytes:\n{shown}"
        ),
        Err(error) => {
            panic!("the value cannot be read back: {error}\nwritten: {value:#?}\nbytes:\n{shown}")
        }
    }
    shown
}
