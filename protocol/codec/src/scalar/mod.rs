//! The built-in types that stand for one value, and their bytes.

mod civil;
mod decimal;
mod duration;
mod number;
mod text;
mod timestamp;
mod uuid;

use std::fmt::{self, Write as _};

/// A short ASCII text on the stack: what is printed to be sent needs no allocation.
struct Printed {
    bytes: [u8; 64],
    len: usize,
}

impl Printed {
    /// Prints a value whose text is known to fit: dates, durations, decimals, ids.
    fn new(value: fmt::Arguments<'_>) -> Self {
        let mut printed = Self {
            bytes: [0; 64],
            len: 0,
        };
        let fits = printed.write_fmt(value);
        debug_assert!(fits.is_ok(), "longer than 64 bytes: {value}");
        printed
    }

    fn as_str(&self) -> &str {
        self.bytes
            .get(..self.len)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl fmt::Write for Printed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// `digits` as a number if it is made of ASCII digits only.
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
