//! A connection's bytes: however they are cut into pieces, they say the same.

use scipp_smith::Choices;

use crate::lone::{Lone, encoded, framed, ready};
use crate::speech::{formed, message};

/// A few messages about the session's dialogs, and others.
pub fn sample(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..HEAD_BYTES).map(|_| choices.below(256) as u8).collect();
    let native = is_native(&mut Choices::bytes(&bytes));
    let ids = ready(native).ids();
    for _ in 0..choices.between(1, 8) {
        let said = formed(message(choices, &ids), native, choices);
        bytes.extend(framed(&encoded(&said)));
    }
    bytes
}

/// Bytes that say how the others are cut.
const HEAD_BYTES: usize = 8;

fn is_native(head: &mut Choices<'_>) -> bool {
    head.one_in(2)
}

/// The first eight bytes say how the rest is cut, and whether its sender is a scipp peer; the rest is what comes after both have
/// said who they are. One session hears it at once, one in pieces.
///
/// # Panics
///
/// If the core has a bug.
pub fn frame(bytes: &[u8]) {
    let (cuts, stream) = bytes.split_at(bytes.len().min(HEAD_BYTES));
    let mut cuts = Choices::bytes(cuts);
    let mut whole = ready(is_native(&mut cuts)).clone();
    let mut pieces = whole.clone();
    whole.hear(stream);
    let mut rest = stream;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(1 + cuts.below(64)));
        pieces.hear(piece);
        rest = after;
    }
    assert_eq!(told(&pieces), told(&whole), "in pieces, and at once");
    whole.speak();
    pieces.speak();
    assert_eq!(pieces.said, whole.said, "in pieces, and at once");
}

/// What a session made of it: what happened, what is wrong with the peer, and what was left.
fn told(lone: &Lone) -> (String, Option<String>, usize) {
    let fault = lone.fault.as_ref().map(ToString::to_string);
    (format!("{:?}", lone.events), fault, lone.inbound.len())
}
