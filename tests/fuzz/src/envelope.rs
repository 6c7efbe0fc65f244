//! One message in every form that means the same.

use rmpv::Value;
use scipp_codec::walk::{self, WalkLimits};
use scipp_smith::Choices;

use crate::list::list;
use crate::lone::{Lone, encoded, framed, ready};
use crate::speech::{formed, message};

/// A message about one of the session's dialogs, or another.
pub fn sample(choices: &mut Choices<'_>) -> Vec<u8> {
    let native = choices.below(2);
    let ids = ready(native == 1).ids();
    let message = message(choices, &ids);
    let payload = encoded(&formed(message, native == 1, choices));
    [&[native as u8][..], &payload].concat()
}

/// The first byte says whether the peer is a scipp peer; the rest is one frame's payload. A key that nobody knows changes
/// nothing, and neither does the order of the keys: the short way of the usual form and the long way of any form agree. So do a map
/// and the list that means the same, and a list with elements that nobody knows.
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
    for form in forms(payload, native & 1 == 1) {
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

/// The same message, with a key more, in another order, and to a scipp peer as a list. None of what is no map with keys of its own.
fn forms(payload: &[u8], native: bool) -> Vec<Vec<u8>> {
    // The other decoder takes more than ours.
    let is_sound = walk::check(payload, &WalkLimits::default()).is_ok();
    let mut rest = payload;
    let value = rmpv::decode::read_value(&mut rest);
    let entries = match &value {
        Ok(Value::Map(entries)) => entries,
        Ok(Value::Array(elements)) if native && is_sound => return longer(elements),
        _ => return Vec::new(),
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
    let mut forms = vec![map(&more), map(&turned)];
    if native && is_sound {
        let list = value.ok().and_then(|map| list(&map, false));
        forms.extend(list.as_ref().map(encoded));
    }
    forms
}

/// The same list with what a later version may say behind it.
fn longer(elements: &[Value]) -> Vec<Vec<u8>> {
    let known = match elements.first().and_then(Value::as_u64) {
        Some(4 | 7 | 12) => 2,
        Some(5) => 9,
        Some(6) => 13,
        Some(0..=11) => 3,
        _ => return Vec::new(),
    };
    // One that is too short has no other form: what is missing may be missing for good.
    let whole = elements.len() >= 3.min(known) && elements.len() <= known;
    if !whole || elements.first() == Some(&5.into()) && elements.len() < 5 {
        return Vec::new();
    }
    if elements.first() == Some(&6.into()) && elements.len() < 4 {
        return Vec::new();
    }
    let mut more = elements.to_vec();
    more.resize(known, Value::Nil);
    more.extend([Value::Array(vec![1.into()]), "later".into()]);
    vec![encoded(&Value::Array(more))]
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
        let key = walk::skip(rest).ok()?;
        let value = walk::skip(rest.get(key..)?).ok()?;
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
