//! One pass over hostile bytes before any typed decode: after it every declared length is true.
//!
//! Nothing is allocated and nothing recurses, so what a peer declares costs nothing until the bytes are really there.
//! [`check`] accepts exactly one MessagePack value that ends where the bytes end.

use std::fmt;

use crate::limits;

/// How deep and how large a payload may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkLimits {
    /// Containers inside each other; empty ones count. At most [`limits::PAYLOAD_DEPTH_CEILING`].
    pub depth_max: u8,
    /// Values altogether: each scalar, each container, each map key.
    pub items_max: u32,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self {
            depth_max: limits::PAYLOAD_DEPTH_MAX,
            items_max: limits::PAYLOAD_ITEMS_MAX,
        }
    }
}

/// Why bytes are not one acceptable MessagePack value, and where that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong.
    pub why: Why,
    /// Offset of the value that is wrong, in bytes from the start of the payload.
    pub at: usize,
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A value declares more bytes or elements than there are.
    Truncated,
    /// More containers inside each other than allowed.
    TooDeep,
    /// More values than allowed.
    TooMany,
    /// The byte `c1`, which MessagePack reserves.
    Reserved,
    /// Bytes after the end of the value.
    Trailing,
    /// A str that isn't UTF-8.
    BadUtf8,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::Truncated => "a value declares more than the bytes that follow",
            Why::TooDeep => "too many lists and maps inside each other",
            Why::TooMany => "too many values",
            Why::Reserved => "the reserved byte c1",
            Why::Trailing => "bytes after the end of the value",
            Why::BadUtf8 => "a str that is not UTF-8",
        };
        write!(f, "not acceptable MessagePack: {why}, at byte {}", self.at)
    }
}

impl std::error::Error for Reject {}

/// Checks that `bytes` are exactly one MessagePack value within the limits.
///
/// # Errors
/// The first thing that is wrong, with its offset.
pub fn check(bytes: &[u8], limits: &WalkLimits) -> Result<(), Reject> {
    count(bytes, limits).map(|_| ())
}

/// The same, with the number of the values altogether.
pub(crate) fn count(bytes: &[u8], limits: &WalkLimits) -> Result<u32, Reject> {
    let depth_max = usize::from(limits.depth_max.min(limits::PAYLOAD_DEPTH_CEILING));
    match levels::<FLAT>(bytes, limits.items_max, depth_max.min(FLAT)) {
        Err(reject) if reject.why == Why::TooDeep && depth_max > FLAT => {
            levels::<{ limits::PAYLOAD_DEPTH_CEILING as usize }>(bytes, limits.items_max, depth_max)
        }
        counted => counted,
    }
}

/// Levels that most payloads have at most: a stack for these costs next to nothing to lay out.
const FLAT: usize = 4;

/// The walk, with a stack of `N` levels.
fn levels<const N: usize>(bytes: &[u8], items_max: u32, depth_max: usize) -> Result<u32, Reject> {
    // Values still owed at the levels around the current one.
    let mut around = [0_usize; N];
    let mut depth = 0_usize;
    let mut owed = 1_usize;
    let mut items = 0_u32;
    let mut rest = bytes;
    loop {
        while owed == 0 {
            if depth == 0 {
                return if rest.is_empty() {
                    Ok(items)
                } else {
                    Err(reject(Why::Trailing, bytes, rest))
                };
            }
            depth -= 1;
            owed = around.get(depth).copied().unwrap_or(0);
        }
        owed -= 1;
        items += 1;
        if items > items_max {
            return Err(reject(Why::TooMany, bytes, rest));
        }
        let before = rest;
        let Some((&marker, after)) = rest.split_first() else {
            return Err(reject(Why::Truncated, bytes, rest));
        };
        let children = match form(marker) {
            n @ 0..SHORT_TEXT => match after.get(usize::from(n)..) {
                Some(after) => {
                    rest = after;
                    continue;
                }
                None => return Err(reject(Why::Truncated, bytes, rest)),
            },
            text @ SHORT_TEXT..OTHER => {
                match after.split_at_checked(usize::from(text - SHORT_TEXT)) {
                    Some((text, after)) if is_text(text) => {
                        rest = after;
                        continue;
                    }
                    Some(_) => return Err(reject(Why::BadUtf8, bytes, rest)),
                    None => return Err(reject(Why::Truncated, bytes, rest)),
                }
            }
            OTHER.. => {
                let (children, after) = long(rest).map_err(|why| reject(why, bytes, rest))?;
                rest = after;
                let Some(children) = children else { continue };
                children
            }
        };
        let slot = around.get_mut(depth).filter(|_| depth < depth_max);
        *slot.ok_or_else(|| reject(Why::TooDeep, bytes, before))? = owed;
        depth += 1;
        owed = children;
    }
}

/// A container's header, or a value whose length is written out: its children if it can have any, and what follows.
#[inline(never)]
fn long(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), Why> {
    let token = Token::read(bytes)?;
    if token.text && !is_text(token.body) {
        return Err(Why::BadUtf8);
    }
    Ok((token.children, token.rest))
}

/// Length in bytes of the one value at the start of `bytes`, whatever follows it.
///
/// Needs no limits: it keeps a single count, and every value that is counted has taken at least a byte.
///
/// # Errors
/// [`Why::Truncated`] or [`Why::Reserved`]; on bytes that passed [`check`], none.
pub fn skip(bytes: &[u8]) -> Result<usize, Reject> {
    let mut rest = bytes;
    let mut owed = 1_usize;
    while owed > 0 {
        let short = match rest.first().map_or(OTHER, |marker| form(*marker)) {
            n @ 0..SHORT_TEXT => rest.get(1 + usize::from(n)..),
            text @ SHORT_TEXT..OTHER => rest.get(1 + usize::from(text - SHORT_TEXT)..),
            OTHER.. => None,
        };
        if let Some(after) = short {
            owed -= 1;
            rest = after;
            continue;
        }
        let token = Token::read(rest).map_err(|why| reject(why, bytes, rest))?;
        // No overflow: children are at most the bytes left, and each needs a byte of its own.
        owed = (owed - 1).saturating_add(token.children.unwrap_or(0));
        rest = token.rest;
    }
    Ok(bytes.len() - rest.len())
}

#[inline(always)]
fn form(marker: u8) -> u8 {
    // There is one for each byte.
    FORMS.get(usize::from(marker)).copied().unwrap_or(OTHER)
}

/// What the first byte of each value says, where that says all: the bytes that follow in a value without children or
/// text; from [`SHORT_TEXT`] on the bytes of a text. [`OTHER`] is looked at by [`Token::read`].
#[expect(clippy::indexing_slicing, reason = "at compile time")]
const FORMS: [u8; 256] = {
    let mut forms = [OTHER; 256];
    let mut marker = 0;
    while marker < forms.len() {
        forms[marker] = match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xca | 0xce | 0xd2 => 4,
            0xcb | 0xcf | 0xd3 => 8,
            0xa0..=0xbf => SHORT_TEXT + (marker - 0xa0) as u8,
            _ => OTHER,
        };
        marker += 1;
    }
    forms
};

/// In [`FORMS`]: a text of no bytes; one byte more for each number above.
const SHORT_TEXT: u8 = 0x20;

/// In [`FORMS`]: a container, or a value whose length is written out.
const OTHER: u8 = 0x40;

/// Nearly all texts are ASCII, for which this is quicker.
#[inline]
fn is_text(bytes: &[u8]) -> bool {
    is_ascii(bytes) || std::str::from_utf8(bytes).is_ok()
}

/// The same as the standard's, which asks more of short texts than it needs.
#[inline]
fn is_ascii(text: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let bits = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) if text.len() <= 16 => {
            u64::from_le_bytes(*first) | u64::from_le_bytes(*last)
        }
        (Some(_), Some(_)) => return text.is_ascii(),
        _ => match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first) | u32::from_le_bytes(*last))
            }
            _ => match text {
                [] => 0,
                [a] => u64::from(*a),
                [a, b] => u64::from(a | b),
                [a, .., b] => text.get(1).map_or(0, |middle| u64::from(a | middle | b)),
            },
        },
    };
    bits & HIGH == 0
}

#[cold]
fn reject(why: Why, whole: &[u8], rest: &[u8]) -> Reject {
    Reject {
        why,
        at: whole.len() - rest.len(),
    }
}

/// One value without its children.
struct Token<'a> {
    /// Content of a str, bin, ext or number, without its header.
    body: &'a [u8],
    /// For a list its elements, for a map its keys and values.
    children: Option<usize>,
    /// Whether the body must be UTF-8.
    text: bool,
    rest: &'a [u8],
}

impl<'a> Token<'a> {
    #[inline(always)]
    fn read(bytes: &'a [u8]) -> Result<Self, Why> {
        let (&marker, rest) = bytes.split_first().ok_or(Why::Truncated)?;
        match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Ok(Self {
                body: &[],
                children: None,
                text: false,
                rest,
            }),
            0xa0..=0xbf => Self::body(rest, usize::from(marker & 0x1f), true),
            0x80..=0x8f => Self::children(rest, usize::from(marker & 0x0f) * 2),
            0x90..=0x9f => Self::children(rest, usize::from(marker & 0x0f)),
            0xc1 => Err(Why::Reserved),
            0xc4 => Self::sized::<1>(rest, 0, false),
            0xc5 => Self::sized::<2>(rest, 0, false),
            0xc6 => Self::sized::<4>(rest, 0, false),
            0xc7 => Self::sized::<1>(rest, 1, false),
            0xc8 => Self::sized::<2>(rest, 1, false),
            0xc9 => Self::sized::<4>(rest, 1, false),
            0xcc | 0xd0 => Self::body(rest, 1, false),
            0xcd | 0xd1 => Self::body(rest, 2, false),
            0xca | 0xce | 0xd2 => Self::body(rest, 4, false),
            0xcb | 0xcf | 0xd3 => Self::body(rest, 8, false),
            0xd4..=0xd8 => Self::body(rest, (1 << (marker - 0xd4)) + 1, false),
            0xd9 => Self::sized::<1>(rest, 0, true),
            0xda => Self::sized::<2>(rest, 0, true),
            0xdb => Self::sized::<4>(rest, 0, true),
            0xdc => length::<2>(rest).and_then(|(n, rest)| Self::children(rest, n)),
            0xdd => length::<4>(rest).and_then(|(n, rest)| Self::children(rest, n)),
            0xde => {
                length::<2>(rest).and_then(|(n, rest)| Self::children(rest, n.saturating_mul(2)))
            }
            0xdf => {
                length::<4>(rest).and_then(|(n, rest)| Self::children(rest, n.saturating_mul(2)))
            }
        }
    }

    #[inline]
    fn sized<const N: usize>(rest: &'a [u8], code: usize, text: bool) -> Result<Self, Why> {
        let (n, rest) = length::<N>(rest)?;
        Self::body(rest, n.saturating_add(code), text)
    }

    #[inline]
    fn body(rest: &'a [u8], n: usize, text: bool) -> Result<Self, Why> {
        let (body, rest) = rest.split_at_checked(n).ok_or(Why::Truncated)?;
        Ok(Self {
            body,
            children: None,
            text,
            rest,
        })
    }

    /// Every child takes at least one byte: more children than bytes is a lie, whatever the bytes are.
    #[inline]
    fn children(rest: &'a [u8], n: usize) -> Result<Self, Why> {
        if n > rest.len() {
            return Err(Why::Truncated);
        }
        Ok(Self {
            body: &[],
            children: Some(n),
            text: false,
            rest,
        })
    }
}

#[inline]
fn length<const N: usize>(rest: &[u8]) -> Result<(usize, &[u8]), Why> {
    let (bytes, rest) = rest.split_first_chunk::<N>().ok_or(Why::Truncated)?;
    Ok((
        bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)),
        rest,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(bytes: &[u8]) -> Option<Why> {
        check(bytes, &WalkLimits::default())
            .err()
            .map(|reject| reject.why)
    }

    #[test]
    fn accepts_one_value_of_each_kind() {
        for hex in [
            "c0",
            "c2",
            "c3",
            "00",
            "7f",
            "e0",
            "cc80",
            "cdffff",
            "ce00000001",
            "cf0000000000000001",
            "d0ff",
            "d10000",
            "d200000000",
            "d30000000000000000",
            "ca00000000",
            "cb0000000000000000",
            "a0",
            "a161",
            "d90161",
            "da000161",
            "db0000000161",
            "c400",
            "c50000",
            "c600000000",
            "c70001",
            "c8000001",
            "c90000000001",
            "d40100",
            "d5010000",
            "d60100000000",
            "d7010000000000000000",
            "d80100000000000000000000000000000000",
            "90",
            "91c0",
            "dc0000",
            "dd00000000",
            "80",
            "81a161c0",
            "de0000",
            "df00000000",
        ] {
            let bytes = unhex(hex);
            assert_eq!(check(&bytes, &WalkLimits::default()), Ok(()), "{hex}");
            assert_eq!(skip(&bytes), Ok(bytes.len()), "{hex}");
            for cut in 0..bytes.len() {
                assert_eq!(
                    why(&bytes[..cut]),
                    Some(Why::Truncated),
                    "{hex} cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn refuses_declared_lengths_that_are_not_there() {
        for hex in [
            "ddffffffff",
            "dfffffffff",
            "dbffffffff",
            "c6ffffffff",
            "c9ffffffff01",
            "dcffff",
            "deffff",
            "9f",
            "8f",
        ] {
            assert_eq!(why(&unhex(hex)), Some(Why::Truncated), "{hex}");
        }
        let nested = [0xdd, 0xff, 0xff, 0xff, 0xff].repeat(250);
        assert_eq!(why(&nested), Some(Why::Truncated));
    }

    #[test]
    fn refuses_the_rest() {
        assert_eq!(
            check(&[0xc0, 0xc0], &WalkLimits::default()),
            Err(Reject {
                why: Why::Trailing,
                at: 1
            })
        );
        assert_eq!(
            check(&[0x92, 0xc0, 0xc1], &WalkLimits::default()),
            Err(Reject {
                why: Why::Reserved,
                at: 2
            })
        );
        assert_eq!(
            check(&[0x91, 0xa1, 0xff], &WalkLimits::default()),
            Err(Reject {
                why: Why::BadUtf8,
                at: 1
            })
        );
        assert_eq!(why(&[]), Some(Why::Truncated));
    }

    #[test]
    fn holds_the_depth_limit() {
        let nest = |levels: usize| {
            let mut bytes = vec![0x91; levels - 1];
            bytes.push(0x90);
            bytes
        };
        assert_eq!(why(&nest(32)), None);
        assert_eq!(
            check(&nest(33), &WalkLimits::default()),
            Err(Reject {
                why: Why::TooDeep,
                at: 32
            })
        );
        assert_eq!(why(&vec![0x91; 10_000]), Some(Why::TooDeep));
        let wide = WalkLimits {
            depth_max: 255,
            items_max: 100_000,
        };
        assert_eq!(check(&nest(64), &wide), Ok(()));
        assert!(check(&nest(65), &wide).is_err());
    }

    #[test]
    fn holds_the_items_limit() {
        let nils = |n: u16| [&[0xdc][..], &n.to_be_bytes(), &vec![0xc0; usize::from(n)]].concat();
        assert_eq!(why(&nils(65_535)), None);
        let more = [&[0xdd, 0, 1, 0, 0][..], &vec![0xc0; 65_536]].concat();
        assert_eq!(why(&more), Some(Why::TooMany));
        let empty_maps = [&[0xdd, 0, 0x0f, 0x42, 0x40][..], &vec![0x80; 1_000_000]].concat();
        assert_eq!(why(&empty_maps), Some(Why::TooMany));
    }

    #[test]
    fn ascii_is_what_the_standard_says() {
        for length in 0..40 {
            for at in 0..length {
                let mut text = vec![b'a'; length];
                assert!(is_ascii(&text));
                text[at] = 0x80;
                assert!(!is_ascii(&text), "{at} of {length}");
            }
        }
    }

    fn unhex(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"))
            .collect()
    }
}
