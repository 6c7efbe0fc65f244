//! The pieces that canonical forms are made of: quoted text, hashes.

use sha2::{Digest, Sha256};

/// Longest text that stands inside of another as it is, in bytes: as long as its hash would be.
pub(super) const INLINE_BYTES_MAX: usize = 64;

/// Hexadecimal digits of a SHA-256.
const HASH_DIGITS: usize = 64;

/// Hexadecimal digits of a fingerprint: 8 bytes. Fingerprints tell versions apart; they are no defence against someone
/// who makes two collide.
const FINGERPRINT_DIGITS: usize = 16;

/// Quoted so that no text can be taken for the form around it, and so that a form is one line.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\\' | '"' => quoted.extend(['\\', character]),
            '\0'..' ' => quoted.push_str(&format!("\\x{:02x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// The SHA-256 of a text in hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The hash that is shown.
pub(super) fn short(text: &str) -> String {
    let mut hash = hash(text);
    hash.truncate(FINGERPRINT_DIGITS);
    hash
}

/// Two lower-case digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The hashes that stand in a form, in order; what is quoted holds none. Also that of a circle, which stands behind
/// ` in `.
pub(super) fn hashes(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'#' if !quoted => found.extend(text.get(at + 1..at + 1 + HASH_DIGITS)),
            _ => {}
        }
    }
    found
}
