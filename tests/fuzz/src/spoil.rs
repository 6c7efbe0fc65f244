//! Random changes to bytes of the wire.

use scipp_smith::Choices;

/// Pieces that mean something on the wire: markers of MessagePack, lengths, keys and names of messages.
const PIECES: &[&[u8]] = &[
    b"\x00",
    b"\x7f",
    b"\x80",
    b"\x81",
    b"\x8f",
    b"\x90",
    b"\x91",
    b"\x9f",
    b"\xa0",
    b"\xa3cid",
    b"\xa3pld",
    b"\xa8msg_type",
    b"\xa5Yield",
    b"\xa5Start",
    b"\xa4Stop",
    b"\xa6Return",
    b"\xa5Error",
    b"\xa9CancelAck",
    b"\xa4type",
    b"\xa5Quote",
    b"\xc0",
    b"\xc1",
    b"\xc2",
    b"\xc3",
    b"\xc4\x01\x00",
    b"\xc7\x00\x05",
    b"\xca\x7f\xc0\x00\x00",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xcc\xff",
    b"\xcd\xff\xff",
    b"\xce\xff\xff\xff\xff",
    b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xd0\x80",
    b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\xd4\x01\x00",
    b"\xd6\xff\x00\x00\x00\x00",
    b"\xd7\xff\x00\x00\x00\x00\x00\x00\x00\x00",
    b"\xd9\x03cid",
    b"\xda\x00\x03pld",
    b"\xdb\x00\x00\x00\x01a",
    b"\xdc\x00\x01",
    b"\xdd\x00\x00\x00\x01",
    b"\xde\x00\x01",
    b"\xdf\x00\x00\x00\x01",
    b"\xe0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x00\x00\x10\x00",
];

/// Changes bytes at one to three places, with pieces of others. They stay below `bytes_max`.
pub fn spoil(bytes: &[u8], other: &[u8], choices: &mut Choices<'_>, bytes_max: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..choices.between(1, 3) {
        let from = choices.below(bytes.len() + 1);
        let length = choices.between(1, 12).min(bytes.len() - from);
        match choices.below(8) {
            0 => drop(bytes.drain(from..from + length)),
            1 => {
                let piece = bytes.get(from..from + length).unwrap_or_default().to_vec();
                let to = choices.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            2 => {
                let start = choices.below(other.len() + 1);
                let end = (start + choices.between(1, 60)).min(other.len());
                let piece = other.get(start..end).unwrap_or_default().to_vec();
                drop(bytes.splice(from..from, piece));
            }
            3 => bytes.truncate(from),
            4 | 5 => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << choices.below(8);
                }
            }
            6 => {
                let end = (from + 1).min(bytes.len());
                drop(bytes.splice(from..end, [choices.below(256) as u8]));
            }
            _ => {
                let piece = choices.of(PIECES).copied().unwrap_or_default();
                let end = if choices.one_in(2) {
                    from
                } else {
                    from + length
                };
                drop(bytes.splice(from..end, piece.iter().copied()));
            }
        }
    }
    bytes.truncate(bytes_max);
    bytes
}
