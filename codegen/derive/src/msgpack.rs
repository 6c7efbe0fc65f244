//! The few bytes that are known when a macro runs: strs and headers.

use proc_macro2::Literal;

/// A str as a byte string literal, ready to be copied out.
pub(crate) fn str(text: &str) -> Literal {
    Literal::byte_string(&str_bytes(text))
}

/// Header of a map of `entries` with a tag as its first, as one literal.
pub(crate) fn map(entries: usize, tag: Option<(&str, &str)>) -> Literal {
    let mut bytes = header(entries, [0x80, 0xde, 0xdf]);
    if let Some((key, value)) = tag {
        bytes.extend(str_bytes(key));
        bytes.extend(str_bytes(value));
    }
    Literal::byte_string(&bytes)
}

/// A tag alone, as one literal.
pub(crate) fn tag(key: &str, value: &str) -> Literal {
    Literal::byte_string(&[str_bytes(key), str_bytes(value)].concat())
}

/// Header of an array of `items` with a tag as its first, as one literal.
pub(crate) fn array(items: usize, tag: Option<&str>) -> Literal {
    let mut bytes = header(items, [0x90, 0xdc, 0xdd]);
    if let Some(value) = tag {
        bytes.extend(str_bytes(value));
    }
    Literal::byte_string(&bytes)
}

fn str_bytes(text: &str) -> Vec<u8> {
    let n = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let [b3, b2, b1, b0] = n.to_be_bytes();
    let mut bytes = match n {
        0..=31 => vec![0xa0 | b0],
        32..=0xff => vec![0xd9, b0],
        0x100..=0xffff => vec![0xda, b1, b0],
        _ => vec![0xdb, b3, b2, b1, b0],
    };
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn header(n: usize, [fix, two, four]: [u8; 3]) -> Vec<u8> {
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    let [b3, b2, b1, b0] = n.to_be_bytes();
    match n {
        0..=15 => vec![fix | b0],
        16..=0xffff => vec![two, b1, b0],
        _ => vec![four, b3, b2, b1, b0],
    }
}
