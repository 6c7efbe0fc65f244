//! Frames: a length of four bytes, little endian, and so many bytes of payload.

use bytes::{Buf, BufMut as _, Bytes, BytesMut};

use crate::fault::Violation;

/// Bytes of the length before each payload.
pub(crate) const PREFIX_BYTES: usize = 4;

/// Takes the next whole frame's payload out of `bytes`, without copying; `None` while it is not whole.
///
/// The length is judged as soon as its four bytes are there, and room for the payload is made only then.
pub(crate) fn take(bytes: &mut BytesMut, bytes_max: usize) -> Result<Option<Bytes>, Violation> {
    let Some(length) = length(bytes) else {
        return Ok(None);
    };
    if length == 0 {
        return Err(Violation::EmptyFrame);
    }
    if length > bytes_max {
        return Err(Violation::FrameTooLarge {
            max: bytes_max,
            came: length,
        });
    }
    let whole = PREFIX_BYTES + length;
    if bytes.len() < whole {
        bytes.reserve(whole - bytes.len());
        return Ok(None);
    }
    bytes.advance(PREFIX_BYTES);
    Ok(Some(bytes.split_to(length).freeze()))
}

/// The next frame's payload where it lies, if it is whole and neither empty nor too large.
pub(crate) fn peek(bytes: &[u8], bytes_max: usize) -> Option<&[u8]> {
    let length = length(bytes).filter(|length| (1..=bytes_max).contains(length))?;
    bytes.get(PREFIX_BYTES..PREFIX_BYTES + length)
}

/// What the prefix says, once it is whole.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    bytes
        .first_chunk::<PREFIX_BYTES>()
        .map(|prefix| u32::from_le_bytes(*prefix) as usize)
}

/// Begins a frame in `out`: leaves room for the prefix. Returns what [`end`] needs.
pub(crate) fn begin(out: &mut BytesMut) -> usize {
    out.extend_from_slice(&[0; PREFIX_BYTES]);
    out.len()
}

/// Ends the frame that began at `start`: writes the prefix.
pub(crate) fn end(out: &mut BytesMut, start: usize) {
    // The frame's size was checked when its message was queued; it is far below 4 GiB.
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    if let Some(prefix) = out.get_mut(start - PREFIX_BYTES..start) {
        prefix.copy_from_slice(&length.to_le_bytes());
    }
}

/// Appends a whole frame whose payload is known in two parts.
pub(crate) fn put<const N: usize>(out: &mut BytesMut, head: [u8; N], rest: &[u8]) {
    let length = N + rest.len();
    out.reserve(PREFIX_BYTES + length);
    // As in `end`.
    out.put_u32_le(u32::try_from(length).unwrap_or(u32::MAX));
    out.extend_from_slice(&head);
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_whole_frames_only_and_shares_their_bytes() {
        let mut bytes = BytesMut::new();
        let start = begin(&mut bytes);
        bytes.extend_from_slice(b"one");
        end(&mut bytes, start);
        put(&mut bytes, *b"t", b"wo");
        let mut half = BytesMut::from(&bytes[..5]);
        assert_eq!(take(&mut half, 10), Ok(None));
        assert_eq!(half.len(), 5);
        let at = bytes[4..].as_ptr();
        let one = take(&mut bytes, 10).unwrap().unwrap();
        assert_eq!((&one[..], one.as_ptr()), (&b"one"[..], at));
        assert_eq!(take(&mut bytes, 10).unwrap().unwrap(), "two");
        assert_eq!(take(&mut bytes, 10), Ok(None));
    }

    #[test]
    fn judges_the_length_by_four_bytes() {
        let take = |prefix: [u8; 4]| {
            let mut bytes = BytesMut::from(&prefix[..]);
            let result = take(&mut bytes, 1_024);
            (result, bytes.capacity() < 4_096)
        };
        assert_eq!(take([0, 0, 0, 0]), (Err(Violation::EmptyFrame), true));
        assert_eq!(take([0, 4, 0, 0]), (Ok(None), true));
        let too_large = |came| (Err(Violation::FrameTooLarge { max: 1_024, came }), true);
        assert_eq!(take([1, 4, 0, 0]), too_large(1_025));
        assert_eq!(take([255, 255, 255, 255]), too_large(0xffff_ffff));
        assert_eq!(take(*b"GET "), too_large(542_393_671));
    }
}
