//! MessagePack for people: each token with its offset, its bytes, and what it says.

use std::fmt::Write;

/// Bytes in a line.
const WIDTH: usize = 12;

/// Deepest nesting that is indented further, in levels; the codec refuses more than it does.
const INDENT_MAX: usize = 64;

/// Extension code of a timestamp.
const TIMESTAMP: i8 = -1;

/// A table of MessagePack bytes: a line for each value and each key, with the offset of its first byte, its bytes in
/// hexadecimal digits, and what it is. What stands in a list or a map is indented. Bytes that are not MessagePack are shown as such; nothing is left out.
pub fn dump(bytes: &[u8]) -> String {
    let mut lines: Vec<(usize, &[u8], String)> = Vec::new();
    // For each open list or map: how many tokens it still holds.
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        while open.last() == Some(&0) {
            open.pop();
        }
        let depth = open.len().min(INDENT_MAX);
        let indent = "  ".repeat(depth);
        let Some((length, text, inside)) = token(rest) else {
            lines.push((at, rest, format!("{indent}not MessagePack, or cut off")));
            break;
        };
        let (this, _) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        lines.push((at, this, format!("{indent}{text}")));
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if inside > 0 {
            open.push(inside);
        }
        at += this.len();
    }
    table(&lines, bytes.len())
}

fn table(lines: &[(usize, &[u8], String)], size: usize) -> String {
    let longest = lines
        .iter()
        .map(|(_, bytes, _)| bytes.len().min(WIDTH))
        .max()
        .unwrap_or(0);
    let width = (longest * 3).saturating_sub(1);
    let digits = size.to_string().len();
    let mut text = format!("{size} bytes\n");
    for (at, bytes, what) in lines {
        for (line, chunk) in bytes.chunks(WIDTH).enumerate() {
            let hex: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
            let hex = hex.join(" ");
            let at = at + line * WIDTH;
            // Writing to a String cannot fail.
            let _ = match line {
                0 => writeln!(text, "{at:digits$}  {hex:width$}  {what}"),
                _ => writeln!(text, "{at:digits$}  {hex}"),
            };
        }
    }
    text
}

/// Length of the token in bytes, what it says, and how many tokens follow inside of it.
fn token(bytes: &[u8]) -> Option<(usize, String, usize)> {
    let first = *bytes.first()?;
    let scalar = |length: usize, text: String| Some((length, text, 0));
    match first {
        0x00..=0x7f => scalar(1, first.to_string()),
        0x80..=0x8f => map(1, usize::from(first & 0x0f)),
        0x90..=0x9f => array(1, usize::from(first & 0x0f)),
        0xa0..=0xbf => text(bytes, 1, usize::from(first & 0x1f)),
        0xc0 => scalar(1, "nil".to_owned()),
        0xc1 => None,
        0xc2 => scalar(1, "false".to_owned()),
        0xc3 => scalar(1, "true".to_owned()),
        0xc4..=0xc6 => {
            let (head, length) = sized(bytes, first - 0xc4)?;
            let total = whole(bytes, head, length)?;
            scalar(total, format!("{length} bytes"))
        }
        0xc7..=0xc9 => {
            let (head, length) = sized(bytes, first - 0xc7)?;
            extension(bytes, head, length)
        }
        0xca => scalar(
            5,
            format!(
                "{:?}, 32 bits",
                f32::from_bits(u32::try_from(number(bytes, 4)?).ok()?)
            ),
        ),
        0xcb => scalar(9, format!("{:?}", f64::from_bits(number(bytes, 8)?))),
        0xcc..=0xcf => {
            let size = 1 << (first - 0xcc);
            scalar(1 + size, number(bytes, size)?.to_string())
        }
        0xd0..=0xd3 => {
            let size = 1 << (first - 0xd0);
            let unused = 64 - 8 * u32::try_from(size).ok()?;
            // Shifted up and down again to repeat the sign.
            let signed = number(bytes, size)?.cast_signed() << unused >> unused;
            scalar(1 + size, signed.to_string())
        }
        0xd4..=0xd8 => extension(bytes, 1, 1 << (first - 0xd4)),
        0xd9..=0xdb => {
            let (head, length) = sized(bytes, first - 0xd9)?;
            text(bytes, head, length)
        }
        0xdc | 0xdd => {
            let (head, length) = sized(bytes, first - 0xdc + 1)?;
            array(head, length)
        }
        0xde | 0xdf => {
            let (head, length) = sized(bytes, first - 0xde + 1)?;
            map(head, length)
        }
        0xe0..=0xff => scalar(1, first.cast_signed().to_string()),
    }
}

/// The number behind the first byte, of so many bytes.
fn number(bytes: &[u8], size: usize) -> Option<u64> {
    let digits = bytes.get(1..1 + size)?;
    Some(
        digits
            .iter()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte)),
    )
}

/// Length of the head and the length that it gives, which has 1, 2 or 4 bytes.
fn sized(bytes: &[u8], power: u8) -> Option<(usize, usize)> {
    let size = 1 << power;
    Some((1 + size, usize::try_from(number(bytes, size)?).ok()?))
}

/// The length of head and body, if all of it is there.
fn whole(bytes: &[u8], head: usize, length: usize) -> Option<usize> {
    head.checked_add(length)
        .filter(|total| *total <= bytes.len())
}

fn map(head: usize, entries: usize) -> Option<(usize, String, usize)> {
    Some((head, format!("map of {entries}"), entries.checked_mul(2)?))
}

fn array(head: usize, entries: usize) -> Option<(usize, String, usize)> {
    Some((head, format!("list of {entries}"), entries))
}

fn text(bytes: &[u8], head: usize, length: usize) -> Option<(usize, String, usize)> {
    let total = whole(bytes, head, length)?;
    let text = match std::str::from_utf8(bytes.get(head..total)?) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("{length} bytes of text that is not UTF-8"),
    };
    Some((total, text, 0))
}

fn extension(bytes: &[u8], head: usize, length: usize) -> Option<(usize, String, usize)> {
    let code = bytes.get(head)?.cast_signed();
    let total = whole(bytes, head + 1, length)?;
    let body = bytes.get(head + 1..total)?;
    let what = match (code, timestamp(body)) {
        (TIMESTAMP, Some((seconds, nanoseconds))) => {
            format!("timestamp, {seconds} s and {nanoseconds} ns since 1970")
        }
        _ => format!("extension {code}, {length} bytes"),
    };
    Some((total, what, 0))
}

/// Seconds and nanoseconds, from the three forms of timestamps.
fn timestamp(body: &[u8]) -> Option<(i64, u32)> {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u64, |it, byte| (it << 8) | u64::from(*byte))
    };
    match body.len() {
        4 => Some((i64::try_from(number(body)).ok()?, 0)),
        8 => {
            let both = number(body);
            let seconds = i64::try_from(both & 0x3_ffff_ffff).ok()?;
            Some((seconds, u32::try_from(both >> 34).ok()?))
        }
        12 => {
            let (nanoseconds, seconds) = body.split_at_checked(4)?;
            Some((
                number(seconds).cast_signed(),
                u32::try_from(number(nanoseconds)).ok()?,
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::dump;

    /// What the table says of each token, without offsets and bytes.
    fn said(bytes: &[u8]) -> Vec<String> {
        let table = dump(bytes);
        let lines = table.lines().skip(1).filter_map(|line| {
            let (_, rest) = line.trim_start().split_once("  ")?;
            Some(rest.split_once("  ")?.1.trim().to_owned())
        });
        lines.collect()
    }

    #[test]
    fn numbers_have_their_signs() {
        assert_eq!(
            said(b"\x9b\x7f\xcc\xff\xcd\x01\x00\xce\x00\x01\x00\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xe0\xd0\x80\xd1\x80\x00\xd2\x80\x00\x00\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00\xca\x3f\x80\x00\x00"),
            [
                "list of 11", "127", "255", "256", "65536", "18446744073709551615", "-32", "-128", "-32768",
                "-2147483648", "-9223372036854775808", "1.0, 32 bits"
            ]
        );
    }

    #[test]
    fn timestamps_are_told_in_all_forms() {
        assert_eq!(
            said(b"\xd6\xff\x00\x00\x00\x02"),
            ["timestamp, 2 s and 0 ns since 1970"]
        );
        assert_eq!(
            said(b"\xd7\xff\x00\x00\x00\x0c\x00\x00\x00\x05"),
            ["timestamp, 5 s and 3 ns since 1970"]
        );
        assert_eq!(
            said(b"\xc7\x0c\xff\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xfe"),
            ["timestamp, -2 s and 1 ns since 1970"]
        );
        assert_eq!(said(b"\xc7\x03\x15abc"), ["extension 21, 3 bytes"]);
    }

    #[test]
    fn what_is_broken_is_shown_whole() {
        assert_eq!(said(b"\x82\xa1a"), ["map of 2", "\"a\""]);
        assert_eq!(said(b"\xa5abc"), ["not MessagePack, or cut off"]);
        assert_eq!(said(b"\xc1"), ["not MessagePack, or cut off"]);
        assert_eq!(
            said(b"\xdd\xff\xff\xff\xff\xc0"),
            ["list of 4294967295", "nil"]
        );
        assert_eq!(said(b""), Vec::<String>::new());
    }
}
