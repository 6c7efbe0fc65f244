//! Messages of dialogs as arrays, with the feature `compact`: the message's number, the dialog, then the message's own
//! elements in the order of `docs/protocol.md`, section 12.
//!
//! What is missing at the end of an array is nil, and what is beyond the known elements is skipped: so a later version may add
//! to a message what an earlier one does not know, as it may add keys to a map.

mod read;
mod write;

pub(super) use read::{item, read};
pub(super) use write::{write, write_item};

const YIELD: u8 = 0;
const RETURN: u8 = 1;
const STARTED: u8 = 2;
const START_ACK: u8 = 3;
const STOP: u8 = 4;
const START: u8 = 5;
const ERROR: u8 = 6;
const CANCEL: u8 = 7;
const CREDIT: u8 = 8;
const CANCEL_REQUEST: u8 = 9;
const CHECKPOINT: u8 = 10;
const CANCEL_ACK: u8 = 11;
const CANCEL_ACTOR: u8 = 12;

/// Header of an array of three, of which those are that carry a payload.
const THREE: u8 = 0x93;

const ASYNCFUNC: u8 = 0;
const ASYNCGEN: u8 = 1;
const CONTEXT: u8 = 2;

const REQUESTED: u8 = 0;
const DEADLINE: u8 = 1;
const SHUTDOWN: u8 = 2;
const SESSION_LOST: u8 = 3;

/// What the second text of an error is if it says the same as the first: plain peers show it.
fn traceback(source_type: &str, message: &str) -> String {
    format!("{source_type}: {message}")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytes::{Bytes, BytesMut};
    use scipp_codec::{Any, Encoder, Map};

    use super::read::{carried, read, read_any};
    use super::*;
    use crate::actor::{Aid, Uid};
    use crate::cid::Cid;
    use crate::dialog::CancelCause;
    use crate::fault::Violation;
    use crate::features::{Feature, Features};
    use crate::frame::PREFIX_BYTES;
    use crate::limits::Limits;
    use crate::message::{BadKind, BadMessage, Kind, Message, RemoteError, Spec, Start};
    use crate::wire::shuttle::{self, Session};

    const UUID: &str = "40a161fe-34fd-4a48-8485-c49420197015";

    fn peer() -> Uid {
        Uid::new("a peer", "its uuid")
    }

    /// Its frame, if it has this form.
    fn compact(message: &Message, now: Instant) -> Option<Bytes> {
        let session = Session {
            me: &peer(),
            features: Features::all(),
            now,
        };
        let mut out = BytesMut::new();
        if !write(message, session, &mut out) {
            assert!(out.is_empty());
            return None;
        }
        let prefix = out.split_to(PREFIX_BYTES);
        assert_eq!(prefix[..], u32::try_from(out.len()).unwrap().to_le_bytes());
        Some(out.freeze())
    }

    fn heard(frame: &Bytes, now: Instant) -> Result<Message, Violation> {
        read(frame.clone(), &peer(), &Limits::default(), now)
    }

    fn pld() -> Any {
        Any::encode(&Map::from([("symbol".to_owned(), vec![1_u64, 70_000])]))
    }

    fn cids() -> Vec<Cid> {
        let numbers = [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, u64::MAX - 2];
        let wide = [u64::from(u32::MAX), u64::from(u32::MAX) + 1];
        let texts = [UUID, "not a uuid", ""];
        let numbers = numbers.into_iter().chain(wide).map(Cid::Number);
        numbers.chain(texts.map(Cid::parse)).collect()
    }

    fn start(cid: Cid, now: Instant) -> Start {
        Start {
            cid,
            namespace: "ns".to_owned(),
            func: "f".to_owned(),
            args: pld(),
            uid: peer(),
            spec: Spec::Fingerprint("0123456789abcdef".into()),
            deadline: Some(now + Duration::from_millis(300)),
            trace: None,
        }
    }

    fn full_error() -> RemoteError {
        let uid = |name: &str| Uid::new(name, "u");
        RemoteError {
            source: uid("source"),
            source_type: "KeyError".to_owned(),
            boxed_type: "RemoteActorError".to_owned(),
            relay_path: vec![uid("source"), uid("relay")],
            message: Some("text".to_owned()),
            traceback: "a longer text".to_owned(),
            canceller: Some(uid("canceller")),
            sender: Some(uid("sender")),
            bad: Some(BadMessage {
                kind: BadKind::Started,
                payload: pld(),
            }),
            payload: Some(Any::nil()),
            cause: Some(CancelCause::SessionLost),
        }
    }

    fn errors() -> Vec<RemoteError> {
        let full = full_error();
        let mut all = vec![
            full.clone(),
            RemoteError::new(&peer(), "ValueError", "text"),
        ];
        for part in 0..9 {
            let mut error = RemoteError::new(&full.source, "KeyError", "text");
            match part {
                0 => error.message = None,
                1 => error.relay_path = Vec::new(),
                2 => error.boxed_type.clone_from(&full.boxed_type),
                3 => error.traceback = String::new(),
                4 => error.payload.clone_from(&full.payload),
                5 => error.canceller.clone_from(&full.canceller),
                6 => error.cause = Some(CancelCause::Requested),
                7 => error.sender.clone_from(&full.sender),
                _ => error.bad.clone_from(&full.bad),
            }
            all.push(error);
        }
        for cause in [CancelCause::Deadline, CancelCause::Shutdown] {
            let cause = Some(cause);
            all.push(RemoteError {
                cause,
                ..full.clone()
            });
        }
        for kind in [BadKind::Yield, BadKind::Return] {
            let payload = Any::nil();
            let bad = Some(BadMessage { kind, payload });
            all.push(RemoteError {
                bad,
                ..full.clone()
            });
        }
        all
    }

    /// Every message of a dialog, with this id, in every form that it has.
    fn messages(cid: &Cid, now: Instant) -> Vec<Message> {
        let (id, payload) = (|| cid.clone(), pld());
        let other = || Cid::Number(9);
        let mut all = vec![
            Message::Yield {
                cid: id(),
                payload: payload.clone(),
            },
            Message::Return {
                cid: id(),
                payload: payload.clone(),
            },
            Message::Started { cid: id(), payload },
            Message::Stop { cid: id() },
            Message::CancelDialog { cid: id() },
            Message::CancelActor { request: id() },
            Message::Credit {
                cid: id(),
                items: 70_000,
            },
            Message::Cancel {
                request: id(),
                dialog: other(),
            },
            Message::Checkpoint {
                request: other(),
                dialog: id(),
            },
        ];
        for kind in [Kind::Asyncfunc, Kind::Asyncgen, Kind::Context] {
            all.push(Message::StartAck { cid: id(), kind });
        }
        for accepted in [true, false] {
            all.push(Message::CancelAck {
                cid: id(),
                accepted,
            });
        }
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for (spec, deadline, state) in [
            (true, true, Some("k=v")),
            (false, false, Some("k=v")),
            (false, true, None),
            (true, false, None),
            (false, false, None),
        ] {
            let mut start = start(id(), now);
            if !spec {
                start.spec = Spec::Any;
            }
            start.deadline = start.deadline.filter(|_| deadline);
            start.trace = crate::TraceContext::read(parent, state);
            all.push(Message::Start(Box::new(start.clone())));
            start.trace = None;
            all.push(Message::Start(Box::new(start)));
        }
        for error in errors() {
            all.push(Message::Error {
                cid: Some(id()),
                error: Box::new(error),
            });
        }
        all
    }

    #[test]
    fn every_message_is_read_as_it_was_written() {
        let now = Instant::now();
        for cid in cids() {
            for message in messages(&cid, now) {
                let frame = compact(&message, now).expect("it has this form");
                let back =
                    heard(&frame, now).unwrap_or_else(|fault| panic!("{message:?}: {fault}"));
                assert_eq!(format!("{back:?}"), format!("{message:?}"));
                assert!(PREFIX_BYTES + frame.len() <= message.bytes());
            }
        }
    }

    #[test]
    fn what_is_about_no_dialog_is_a_map() {
        let now = Instant::now();
        let error = Box::new(RemoteError::new(&peer(), "ValueError", "text"));
        for message in [
            Message::Aid(Aid::new(peer(), None)),
            Message::Goodbye,
            Message::Ping,
            Message::Pong,
            Message::Error { cid: None, error },
        ] {
            assert_eq!(compact(&message, now), None, "{message:?}");
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_document() {
        let now = Instant::now();
        let cid = || Cid::Number(6);
        let one = || Any::encode(&1_u8);
        let (payload, uid) = (one(), Uid::new("a", "b"));
        let mut failed = RemoteError::new(&uid, "E", "t");
        failed.cause = Some(CancelCause::Shutdown);
        for (message, bytes) in [
            (
                Message::Yield {
                    cid: cid(),
                    payload,
                },
                &b"\x93\x00\x06\x01"[..],
            ),
            (
                Message::Return {
                    cid: cid(),
                    payload: one(),
                },
                b"\x93\x01\x06\x01",
            ),
            (
                Message::Started {
                    cid: cid(),
                    payload: one(),
                },
                b"\x93\x02\x06\x01",
            ),
            (
                Message::StartAck {
                    cid: cid(),
                    kind: Kind::Context,
                },
                b"\x93\x03\x06\x02",
            ),
            (Message::Stop { cid: cid() }, b"\x92\x04\x06"),
            (
                Message::Start(Box::new(Start {
                    spec: Spec::Any,
                    args: Any::encode(&Map::<String, u8>::new()),
                    ..start(cid(), now)
                })),
                b"\x97\x05\x06\xa2ns\xa1f\x80\xc0\xcd\x01\x2c",
            ),
            (
                Message::Error {
                    cid: Some(cid()),
                    error: Box::new(failed),
                },
                b"\x9b\x06\x06\xa1E\x92\xa1a\xa1b\xa1t\xc0\xc0\xc0\xc0\xc0\x02",
            ),
            (Message::CancelDialog { cid: cid() }, b"\x92\x07\x06"),
            (
                Message::Credit {
                    cid: cid(),
                    items: 49,
                },
                b"\x93\x08\x06\x31",
            ),
            (
                Message::Cancel {
                    request: Cid::parse("k"),
                    dialog: cid(),
                },
                b"\x93\x09\xa1k\x06",
            ),
            (
                Message::Checkpoint {
                    request: Cid::parse("k"),
                    dialog: cid(),
                },
                b"\x93\x0a\xa1k\x06",
            ),
            (
                Message::CancelAck {
                    cid: Cid::parse("k"),
                    accepted: true,
                },
                b"\x93\x0b\xa1k\xc3",
            ),
            (Message::CancelActor { request: cid() }, b"\x92\x0c\x06"),
        ] {
            let came = compact(&message, now).expect("it has this form");
            assert_eq!(came[..], *bytes, "{message:?}");
        }
    }

    /// Both ways of reading agree about every frame, about what is wrong too.
    #[test]
    fn the_short_way_leads_to_the_same_message() {
        let (now, limits) = (Instant::now(), Limits::default());
        let agree = |bytes: &[u8]| {
            let frame = Bytes::copy_from_slice(bytes);
            let short = format!("{:?}", heard(&frame, now));
            let long = format!("{:?}", read_any(&frame, &peer(), &limits, now));
            assert_eq!(short, long, "{bytes:x?}");
            carried(bytes, &limits).is_some()
        };
        let mut short = 0;
        for cid in cids() {
            for message in messages(&cid, now).into_iter().take(3) {
                let frame = compact(&message, now).expect("it has this form");
                short += usize::from(agree(&frame));
                for at in 1..frame.len() {
                    agree(&frame[..at]);
                    for byte in 0..=u8::MAX {
                        let mut changed = frame.to_vec();
                        changed[at] = byte;
                        agree(&changed);
                    }
                }
                agree(&[&frame[..], &[0xc0]].concat());
            }
        }
        // All numbers but those above 32 bits, of which there are two.
        assert_eq!(short, 3 * 8);
    }

    #[test]
    fn the_limits_are_those_of_the_whole_frame() {
        let limits = Limits {
            payload_depth_max: 3,
            payload_items_max: 9,
            ..Limits::default()
        };
        for (depth, items) in (1..7).flat_map(|depth| (0..150).map(move |items| (depth, items))) {
            let mut frame = vec![THREE, YIELD, 6];
            frame.resize(frame.len() + depth - 1, 0x91);
            frame.push(0xdc);
            frame.extend(u16::try_from(items).expect("few").to_be_bytes());
            frame.resize(frame.len() + items, 0xc0);
            let long = read_any(
                &Bytes::from(frame.clone()),
                &peer(),
                &limits,
                Instant::now(),
            );
            assert_eq!(
                carried(&frame, &limits).is_some(),
                long.is_ok(),
                "{depth} {items}"
            );
        }
    }

    /// How many elements each message must have.
    fn least(message: u8) -> usize {
        match message {
            STOP | CANCEL | CANCEL_ACTOR => 2,
            START => 5,
            ERROR => 4,
            _ => 3,
        }
    }

    #[test]
    fn one_element_too_few_is_malformed_and_more_are_skipped() {
        let now = Instant::now();
        for message in messages(&Cid::Number(6), now) {
            let frame = compact(&message, now).expect("it has this form");
            let elements = usize::from(frame[0] & 0xf);
            let mut rest = scipp_codec::Decoder::new(&frame[1..]);
            let mut ends = vec![frame.len() - rest.rest().len()];
            for _ in 0..elements {
                rest.skip().expect("an element");
                ends.push(frame.len() - rest.rest().len());
            }
            for (kept, end) in ends.iter().enumerate() {
                let mut cut = frame[..*end].to_vec();
                cut[0] = 0x90 | u8::try_from(kept).unwrap();
                let came = heard(&cut.into(), now);
                match came {
                    Ok(_) => assert!(kept >= least(frame[1]), "{message:?} of {kept}"),
                    Err(Violation::Malformed(text)) => {
                        assert!(kept < least(frame[1]), "{message:?} of {kept}: {text}");
                        assert!(text.contains("expected one more element"), "{text}");
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            // Whatever comes behind is for a later version. All that this one knows must be there, if only as nil.
            let mut more = BytesMut::new();
            Encoder::new(&mut more).array(18);
            more.extend_from_slice(&frame[1..]);
            let known = match frame[1] {
                START => 9,
                ERROR => 13,
                _ => elements,
            };
            more.resize(more.len() + known - elements, 0xc0);
            for n in known..18 {
                let mut encoder = Encoder::new(&mut more);
                encoder.array(1);
                encoder.uint(n as u64);
            }
            let back = heard(&more.freeze(), now).expect("it is read");
            assert_eq!(format!("{back:?}"), format!("{message:?}"));
        }
    }

    #[test]
    fn what_is_no_message_says_what_it_should_be() {
        for (bytes, text) in [
            (
                &b"\x90"[..],
                "a list.message: expected one more element, came the end of the list",
            ),
            (
                b"\x91\xa5Yield",
                "a list.message: expected the number of a message, came str \"Yield\"",
            ),
            (
                b"\x93\x0d\x06\x01",
                "a list: expected the number of a message, 0 to 12, came 13",
            ),
            (
                b"\x93\xcd\x01\x00\x06\x01",
                "a list: expected the number of a message, 0 to 12, came 256",
            ),
            (
                b"\x93\x00\xff\x01",
                "Yield.dialog: expected the number or the text of a dialog, came int -1",
            ),
            (
                b"\x93\x00\xc0\x01",
                "Yield.dialog: expected the number or the text of a dialog, came nil",
            ),
            (
                b"\x93\x03\x06\x03",
                "StartAck.kind: expected the number of a kind, came int 3",
            ),
            (
                b"\x95\x05\x06\xa1n\xa1f\x90",
                "Start.kwargs: expected map, came array of 0",
            ),
            (
                b"\x98\x06\x06\xa1E\x92\xa1a\xa1b\xc0\xc0\xc0\x90",
                "Error.tb_str: expected str, came array of 0",
            ),
            (
                b"\x99\x06\x06\xa1E\x92\xa1a\xa1b\xc0\xc0\xc0\xc0\x90",
                "Error.pld: expected a list of one value",
            ),
            (
                b"\x93\x08\x06\xcf\x00\x00\x00\x01\x00\x00\x00\x00",
                "Credit.n: expected a number of items, came int 4294967296",
            ),
        ] {
            let came = heard(&Bytes::from_static(bytes), Instant::now());
            let Err(Violation::Malformed(came)) = came else {
                panic!("{bytes:x?}: {came:?}");
            };
            assert!(came.starts_with(text), "{came}");
        }
    }

    #[test]
    fn names_are_as_long_as_in_a_map() {
        let long = "x".repeat(129);
        for (text, name, func) in [(&*long, "n", "f"), ("x", &long, "f"), ("x", "n", &long)] {
            let mut out = BytesMut::new();
            let mut encoder = Encoder::new(&mut out);
            encoder.array(5);
            encoder.uint(u64::from(START));
            encoder.str(text);
            encoder.str(name);
            encoder.str(func);
            encoder.map(0);
            let came = heard(&out.freeze(), Instant::now());
            assert!(matches!(
                came,
                Err(Violation::NameTooLong { came: 129, .. })
            ));
        }
    }

    #[test]
    fn a_call_of_the_runtime_is_no_endpoint() {
        let came = heard(
            &Bytes::from_static(b"\x95\x05\x06\xa4self\xa1f\x80"),
            Instant::now(),
        );
        assert!(matches!(came, Ok(Message::Unsupported { .. })), "{came:?}");
    }

    #[test]
    fn a_list_has_a_place_where_the_feature_is_on() {
        let frame = Bytes::from_static(b"\x93\x00\x06\x01");
        let (limits, now, other) = (Limits::default(), Instant::now(), peer());
        for features in [Features::all(), Features::from_iter([Feature::Compact])] {
            let read = |peer| shuttle::read(frame.clone(), peer, features, &limits, now);
            assert!(matches!(
                read(Some(&other)),
                Ok((Message::Yield { .. }, None))
            ));
            assert!(matches!(read(None), Err(Violation::NotAid { .. })));
        }
        let others = Features::all().without(Feature::Compact);
        for features in [Features::NONE, others] {
            let came = shuttle::read(frame.clone(), Some(&peer()), features, &limits, now);
            assert!(matches!(came, Err(Violation::Malformed(_))));
            // And nothing of it is written.
            let session = Session {
                me: &peer(),
                features,
                now,
            };
            for message in messages(&Cid::parse(UUID), now) {
                let mut out = BytesMut::new();
                shuttle::write(&message, session, &mut out);
                assert_eq!(out[PREFIX_BYTES] & 0xf0, 0x80, "{message:?}");
            }
        }
    }
}
