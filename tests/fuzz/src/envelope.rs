//! One message in every form that means the same.

use rmpv::Value;

use scipp_smith::Choices;

use crate::lone::{Lone, encoded, framed, ready};
use crate::speech::message;

/// A message about one of the session's dialogs, or another.
pub fn sample(choices: &mut Choices<'_>) -> Vec<u8> {
    let native = choices.below(2);
    let ids = ready(native == 1).ids();
    let payload = encoded(&message(choices, &ids));
    [&[native as u8][..], &payload].concat()
}

/// The first byte says whether the peer is a scipp peer; the rest is one frame's payload. A key that nobody knows changes
/// nothing, and neither does the order of the keys: the short way of the usual form and the long way of any form agree.
///
/// # Panics
///
/// If the core has a bug.
pub fn envelope(bytes: &[u8]) {
    let Some((native, payload)) = bytes.split_first() else {
        return;
    };
    let before = ready(native & 1 == 1);
    let meant = after(before, payload);
    for form in forms(payload) {
        assert_eq!(after(before, &form), meant, "{form:02x?} as {payload:02x?}");
    }
}

/// What comes of a message: what happened, who is to blame, and what is answered.
fn after(before: &Lone, payload: &[u8]) -> (String, Option<String>, Vec<u8>) {
    let mut lone = before.clone();
    lone.hear(&framed(payload));
    // The words of a fault may name a place in the bytes, so only its kind counts.
    let kind = lone.fault.as_ref().map(|fault| {
        let violation = format!("{:?}", fault.violation);
        violation.split([' ', '(']).take(1).collect()
    });
    lone.speak();
    (format!("{:?}", lone.events), kind, lone.said.to_vec())
}

/// The same message, with a key more, and in another order. None of what is no map with keys of its own.
fn forms(payload: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = payload;
    let Ok(Value::Map(entries)) = rmpv::decode::read_value(&mut rest) else {
        return Vec::new();
    };
    let keys: Vec<_> = entries.iter().map(|(key, _)| key.as_str()).collect();
    let doubled = (1..keys.len()).any(|at| {
        keys.get(..at)
            .is_some_and(|them| keys.get(at).is_some_and(|it| them.contains(it)))
    });
    if !rest.is_empty() || doubled || payload.len() > PAYLOAD_BYTES_MAX {
        return Vec::new();
    }
    let Some(spans) = spans(payload, entries.len()) else {
        return Vec::new();
    };
    let unknown: &[u8] = b"\xa7unknown\x92\xc0\x01";
    let more = [&spans[..], &[unknown]].concat();
    let turned: Vec<&[u8]> = spans.iter().rev().copied().collect();
    vec![map(&more), map(&turned)]
}

/// Longest payload that is told in other forms, in bytes: none of them meets a limit that the other does not.
const PAYLOAD_BYTES_MAX: usize = 16 * 1024;

/// The bytes of each entry, as they are: what is in them may have forms of its own.
fn spans(payload: &[u8], entries: usize) -> Option<Vec<&[u8]>> {
    let header = match payload.first()? {
        0x80..=0x8f => 1,
        0xde => 3,
        _ => 5,
    };
    let mut rest = payload.get(header..)?;
    let mut spans = Vec::new();
    for _ in 0..entries {
        let key = scipp_codec::walk::skip(rest).ok()?;
        let value = scipp_codec::walk::skip(rest.get(key..)?).ok()?;
        let (span, after) = rest.split_at_checked(key + value)?;
        spans.push(span);
        rest = after;
    }
    Some(spans)
}

fn map(spans: &[&[u8]]) -> Vec<u8> {
    let count = u16::try_from(spans.len()).unwrap_or(u16::MAX);
    [&[0xde][..], &count.to_be_bytes(), &spans.concat()].concat()
}
