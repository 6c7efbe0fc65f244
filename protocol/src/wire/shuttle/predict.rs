//! The messages that dialogs are full of, taken from a frame where it lies.
//!
//! They are expected in the form in which we and tractor write them: entries in the order of the declaration, the id a uuid.
//! Whatever else comes, also what is wrong, is left to [`read`](super::read), which knows every form and every error.

use std::time::Instant;

use bytes::Bytes;
use scipp_codec::walk::{self, WalkLimits};
use scipp_codec::{Any, Decoder, Kind as Shape, Presence};

use super::RUNTIME;
use super::read::{deadline, spec};
use super::write::{PAYLOAD, RETURN, START, START_ACK, START_ENTRIES, STARTED, YIELD};
use crate::actor::Uid;
use crate::cid::Cid;
use crate::limits::{ENVELOPE_DEPTH, ENVELOPE_ITEMS, Limits};
use crate::message::{Kind, Message, Start};

/// Values of such a message besides its payload: the map, three keys, the name, the id.
const ENVELOPE_VALUES: u32 = 6;

/// The header of a map of up to fifteen entries, without their number.
const MAP: u8 = 0x80;

/// The message, if it is one of these in the expected form.
pub(super) fn predict(
    frame: &Bytes,
    peer: Option<&Uid>,
    limits: &Limits,
    now: Instant,
) -> Option<Message> {
    if let Some(rest) = frame.strip_prefix(YIELD) {
        let (cid, payload) = carried(frame, rest, limits)?;
        return Some(Message::Yield { cid, payload });
    }
    if let Some(rest) = frame.strip_prefix(RETURN) {
        let (cid, payload) = carried(frame, rest, limits)?;
        return Some(Message::Return { cid, payload });
    }
    if let Some(rest) = frame.strip_prefix(START_ACK) {
        let (cid, rest) = id(rest, limits)?;
        let kind = match rest {
            b"\xa8functype\xa9asyncfunc" => Kind::Asyncfunc,
            b"\xa8functype\xa8asyncgen" => Kind::Asyncgen,
            b"\xa8functype\xa7context" => Kind::Context,
            _ => return None,
        };
        return Some(Message::StartAck { cid, kind });
    }
    if let Some(rest) = frame.strip_prefix(STARTED) {
        let (cid, payload) = carried(frame, rest, limits)?;
        return Some(Message::Started { cid, payload });
    }
    let start = opening(frame, peer?, limits, now)?;
    Some(Message::Start(Box::new(start)))
}

/// The id and the payload, which ends with the frame.
fn carried(frame: &Bytes, rest: &[u8], limits: &Limits) -> Option<(Cid, Any)> {
    let (cid, rest) = id(rest, limits)?;
    let payload = rest.strip_prefix(PAYLOAD)?;
    // As much as the walk over the whole frame would leave for it.
    let walk = WalkLimits {
        depth_max: limits
            .payload_depth_max
            .saturating_add(ENVELOPE_DEPTH)
            .checked_sub(1)?,
        items_max: limits
            .payload_items_max
            .saturating_add(ENVELOPE_ITEMS)
            .checked_sub(ENVELOPE_VALUES)?,
    };
    walk::check(payload, &walk).ok()?;
    Some((cid, Any::walked(frame.slice_ref(payload))))
}

/// An opening of a dialog in the name of `peer`. Calls of the runtime itself, and what only some openings have, go the long way.
fn opening(frame: &Bytes, peer: &Uid, limits: &Limits, now: Instant) -> Option<Start> {
    let (header, rest) = frame.split_first()?;
    let entries = usize::from(header.checked_sub(MAP)?);
    let more = entries
        .checked_sub(START_ENTRIES)
        .filter(|more| *more <= 1)?;
    let rest = rest.strip_prefix(START)?;
    let walk = WalkLimits {
        depth_max: limits.payload_depth_max.saturating_add(ENVELOPE_DEPTH),
        items_max: limits.payload_items_max.saturating_add(ENVELOPE_ITEMS),
    };
    walk::check(frame, &walk).ok()?;
    let (cid, rest) = id(rest, limits)?;
    let name = |text: &str| text.len() <= limits.name_bytes_max;

    let mut fields = Decoder::new(rest.strip_prefix(b"\xa2ns")?);
    let namespace = fields
        .str()
        .ok()
        .filter(|text| name(text) && *text != RUNTIME)?;
    let mut fields = Decoder::new(fields.rest().strip_prefix(b"\xa4func")?);
    let func = fields.str().ok().filter(|text| name(text))?;
    let args = fields.rest().strip_prefix(b"\xa6kwargs")?;
    let mut fields = Decoder::new(args);
    if fields.head().kind() != Some(Shape::Map) {
        return None;
    }
    fields.skip().ok()?;
    let args = args.get(..args.len() - fields.rest().len())?;
    let mut fields = Decoder::new(fields.rest().strip_prefix(b"\xa3uid\x92")?);
    if fields.str().ok()? != &*peer.name || fields.str().ok()? != &*peer.uuid {
        return None;
    }
    let mut fields = Decoder::new(fields.rest().strip_prefix(b"\xa8pld_spec")?);
    let spec = spec(fields.str().ok()?);
    let mut left = Presence::Absent;
    if more == 1 {
        fields = Decoder::new(fields.rest().strip_prefix(b"\xabdeadline_ms")?);
        left = Presence::Present(fields.int("a number of milliseconds").ok()?);
    }
    fields.rest().is_empty().then(|| Start {
        cid,
        namespace: namespace.to_owned(),
        func: func.to_owned(),
        args: Any::walked(frame.slice_ref(args)),
        uid: peer.clone(),
        spec,
        deadline: deadline(left, now),
        trace: None,
    })
}

fn id<'a>(rest: &'a [u8], limits: &Limits) -> Option<(Cid, &'a [u8])> {
    let (text, rest) = rest.strip_prefix(b"\xd9\x24")?.split_first_chunk()?;
    if text.len() > limits.name_bytes_max {
        return None;
    }
    Some((Cid::canonical(text)?, rest))
}

#[cfg(test)]
mod tests {
    use scipp_codec::Map;

    use super::*;
    use crate::wire::shuttle::messages::{self, FuncType};
    use crate::wire::shuttle::read::read_any;

    const CID: &str = "40a161fe-34fd-4a48-8485-c49420197015";

    fn frames() -> Vec<Bytes> {
        let pld: Any = Any::encode(&Map::from([("symbol".to_owned(), vec![1_u64, 70_000])]));
        let (cid, other) = (CID.to_owned(), "not a uuid".to_owned());
        let frame = |message: messages::Message| scipp_codec::to_bytes(&message);
        vec![
            frame(
                messages::Yield {
                    cid: cid.clone(),
                    pld: pld.clone(),
                }
                .into(),
            ),
            frame(
                messages::Return {
                    cid: cid.clone(),
                    pld: pld.clone(),
                }
                .into(),
            ),
            frame(
                messages::Started {
                    cid: cid.clone(),
                    pld: pld.clone(),
                }
                .into(),
            ),
            frame(
                messages::StartAck {
                    cid: cid.clone(),
                    functype: FuncType::Context,
                }
                .into(),
            ),
            frame(opening(&cid, Presence::Absent)),
            frame(opening(&cid, Presence::Present(300))),
            frame(messages::Stop { cid }.into()),
            frame(messages::Yield { cid: other, pld }.into()),
        ]
    }

    fn opening(cid: &str, deadline_ms: Presence<u64>) -> messages::Message {
        let uid = ("a peer".to_owned(), "its uuid".to_owned());
        let args = Any::encode(&Map::from([("quote".to_owned(), 1_u64)]));
        let start =
            messages::Start::new(cid.to_owned(), "ns".to_owned(), "f".to_owned(), args, uid);
        messages::Start {
            pld_spec: "scipp:0123456789abcdef".to_owned(),
            deadline_ms,
            ..start
        }
        .into()
    }

    /// Holds a frame against the reader of every form. Whether it was predicted.
    fn agrees(frame: &[u8], limits: &Limits) -> bool {
        let frame = Bytes::copy_from_slice(frame);
        let (peer, now) = (Uid::new("a peer", "its uuid"), Instant::now());
        let Some(predicted) = predict(&frame, Some(&peer), limits, now) else {
            return false;
        };
        let (read, claimed) = read_any(&frame, limits, now).expect("what is predicted is right");
        assert_eq!(format!("{predicted:?}"), format!("{read:?}"), "{frame:?}");
        assert!(claimed.is_none_or(|came| came == peer));
        true
    }

    #[test]
    fn what_is_predicted_is_what_is_read() {
        let limits = Limits::default();
        let predicted = frames()
            .iter()
            .filter(|frame| agrees(frame, &limits))
            .count();
        assert_eq!(predicted, 6);
        for frame in frames() {
            for at in 0..frame.len() {
                agrees(&frame[..at], &limits);
                for byte in 0..=u8::MAX {
                    let mut changed = frame.to_vec();
                    changed[at] = byte;
                    agrees(&changed, &limits);
                }
            }
            agrees(&[&frame[..], &[0xc0]].concat(), &limits);
        }
    }

    #[test]
    fn the_limits_are_those_of_the_whole_frame() {
        let frame = |depth: usize, items: usize| {
            let mut pld = vec![0x91; depth - 1];
            pld.push(0xdc);
            pld.extend(u16::try_from(items).expect("few").to_be_bytes());
            pld.resize(pld.len() + items, 0xc0);
            [YIELD, b"\xd9\x24", CID.as_bytes(), PAYLOAD, &pld].concat()
        };
        let limits = Limits {
            payload_depth_max: 3,
            payload_items_max: 9,
            ..Limits::default()
        };
        for (depth, items) in (1..7).flat_map(|depth| (0..150).map(move |items| (depth, items))) {
            let frame = Bytes::from(frame(depth, items));
            let read = read_any(&frame, &limits, Instant::now()).is_ok();
            let predicted = predict(&frame, None, &limits, Instant::now()).is_some();
            assert_eq!(predicted, read, "{depth} {items}");
        }
        let short = Limits {
            name_bytes_max: 35,
            ..Limits::default()
        };
        assert!(predict(&frames()[0], None, &short, Instant::now()).is_none());
    }
}
