//! The two forms of a message: maps are read and written by the generated types, lists here, as `docs/protocol.md`, section 12,
//! says, and apart from the session's own code. Numbers of dialogs are texts: `connector#0`.

use bytes::{Bytes, BytesMut};
use scipp_codec::{Any, Decoder, Encoder, Map, Payload as _, Presence};
use scipp_protocol::wire::shuttle::messages::{self, BadMessage, CancelCause, FuncType, Message};

/// Reads a frame's payload in either form.
pub fn read(frame: &Bytes) -> Message {
    if frame[0] & 0xf0 != 0x90 {
        return Message::decode(&mut Decoder::shared(frame)).expect("a message");
    }
    let mut list = Decoder::shared(frame);
    let mut left = list.array().expect("a list") - 2;
    let message: u8 = list.int("a message").expect("a number");
    let cid = dialog(&mut list);
    let mut next = || {
        let present = left > 0;
        left = left.saturating_sub(1);
        (present && !list.take_nil()).then(|| list.any().expect("an element"))
    };
    let read: Message = match message {
        0..=2 => {
            let pld = next().unwrap_or_else(Any::nil);
            match message {
                0 => messages::Yield { cid, pld }.into(),
                1 => messages::Return { cid, pld }.into(),
                _ => messages::Started { cid, pld }.into(),
            }
        }
        3 => {
            let kinds = [FuncType::Asyncfunc, FuncType::Asyncgen, FuncType::Context];
            let functype = kinds[value::<u8>(next()).expect("a kind") as usize];
            messages::StartAck { cid, functype }.into()
        }
        4 => messages::Stop { cid }.into(),
        5 => {
            let ns = value(next()).expect("a namespace");
            let func = value(next()).expect("a function");
            let kwargs = next().expect("arguments");
            let mut start = messages::Start::new(cid, ns, func, kwargs, nobody());
            if let Some(print) = value::<String>(next()) {
                start.pld_spec = format!("scipp:{print}");
            }
            start.deadline_ms = presence(value(next()));
            start.traceparent = presence(value(next()));
            start.tracestate = presence(value(next()));
            start.into()
        }
        6 => {
            let name: String = value(next()).expect("a type");
            let source: messages::Uid = value(next()).expect("a uid");
            let message: Option<String> = value(next());
            let path = value(next()).unwrap_or_else(|| vec![source.clone()]);
            let boxed = value(next()).unwrap_or_else(|| name.clone());
            let mut error = messages::Error::new(source, name.clone(), boxed, path);
            let same = || Some(format!("{name}: {}", message.as_ref()?));
            error.tb_str = value(next()).or_else(same).unwrap_or_default();
            error.message = message;
            error.cid = Some(cid.clone());
            let pld: Option<Vec<Any>> = value(next());
            error.pld = presence(pld.map(|mut one| one.remove(0)));
            error.canceller = value(next());
            error.cause = presence(value::<u8>(next()).map(|cause| match cause {
                0 => CancelCause::Requested,
                1 => CancelCause::Deadline,
                2 => CancelCause::Shutdown,
                _ => CancelCause::SessionLost,
            }));
            error.sender = value(next());
            error._bad_msg = value::<(u8, Any)>(next()).map(|(kind, pld)| match kind {
                0 => messages::Yield { cid, pld }.into(),
                1 => messages::Return { cid, pld }.into(),
                _ => messages::Started { cid, pld }.into(),
            });
            error.into()
        }
        7 => messages::Cancel { cid }.into(),
        8 => {
            let n = value(next()).expect("a number");
            messages::Credit { cid, n }.into()
        }
        9 | 10 => {
            let of = next().expect("a dialog");
            let named = dialog(&mut Decoder::new(of.as_bytes()));
            let suffix = if message == 10 { "#read" } else { "" };
            let kwargs = Map::from_iter([("cid".to_owned(), named + suffix)]);
            call(cid, "_cancel_task", kwargs)
        }
        11 => {
            let pld = value(next()).expect("a bool");
            messages::CancelAck { cid, pld }.into()
        }
        12 => call(cid, "cancel", Map::new()),
        other => panic!("no message has the number {other}"),
    };
    assert!(list.rest().is_empty(), "all is read: {frame:x?}");
    read
}

/// Writes a message as a list, if it is one about a dialog.
pub fn list(message: &Message) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut put = |write: &mut dyn FnMut(&mut Encoder<'_>)| {
        let mut out = BytesMut::new();
        write(&mut Encoder::new(&mut out));
        all.push(out);
    };
    let (number, cid) = match message {
        Message::Yield(it) => (0, &it.cid),
        Message::Return(it) => (1, &it.cid),
        Message::Started(it) => (2, &it.cid),
        Message::StartAck(it) => (3, &it.cid),
        Message::Stop(it) => (4, &it.cid),
        Message::Start(it) => match (it.ns.as_str(), it.func.as_str()) {
            ("self", "_cancel_task") if named(it).ends_with("#read") => (10, &it.cid),
            ("self", "_cancel_task") => (9, &it.cid),
            ("self", "cancel") => (12, &it.cid),
            _ => (5, &it.cid),
        },
        Message::Error(it) => (6, it.cid.as_ref()?),
        Message::Cancel(it) => (7, &it.cid),
        Message::Credit(it) => (8, &it.cid),
        Message::CancelAck(it) => (11, &it.cid),
        _ => return None,
    };
    put(&mut |it| it.uint(number));
    put(&mut |it| id(it, cid));
    match message {
        Message::Yield(messages::Yield { pld, .. })
        | Message::Return(messages::Return { pld, .. })
        | Message::Started(messages::Started { pld, .. }) => put(&mut |it| it.value(pld)),
        Message::StartAck(ack) => put(&mut |it| it.uint(ack.functype as u64)),
        Message::Start(start) if number == 5 => {
            put(&mut |it| it.str(&start.ns));
            put(&mut |it| it.str(&start.func));
            put(&mut |it| it.value(&start.kwargs));
        }
        Message::Start(start) if number != 12 => {
            put(&mut |it| id(it, named(start).trim_end_matches("#read")));
        }
        Message::Error(error) => {
            put(&mut |it| it.str(&error.src_type_str));
            put(&mut |it| it.value(&error.src_uid));
            put(&mut |it| it.value(&error.message));
            put(&mut |it| it.value(&error.relay_path));
            put(&mut |it| it.str(&error.boxed_type_str));
            put(&mut |it| it.str(&error.tb_str));
            put(&mut |it| it.nil());
            put(&mut |it| it.value(&error.canceller));
            put(&mut |it| it.nil());
            put(&mut |it| it.value(&error.sender));
            let bad = error._bad_msg.as_ref().map(|bad| match bad {
                BadMessage::Yield(bad) => (0_u8, bad.pld.clone()),
                BadMessage::Return(bad) => (1, bad.pld.clone()),
                BadMessage::Started(bad) => (2, bad.pld.clone()),
            });
            put(&mut |it| it.value(&bad));
        }
        Message::Credit(credit) => put(&mut |it| it.value(&credit.n)),
        Message::CancelAck(ack) => put(&mut |it| it.bool(ack.pld)),
        _ => {}
    }
    let mut out = BytesMut::new();
    Encoder::new(&mut out).array(all.len());
    Some([&out[..], &all.concat()].concat())
}

/// The dialog that a cancel request names.
fn named(start: &messages::Start) -> String {
    let named: Map<String, String> = start.kwargs.decode().expect("an argument");
    named["cid"].clone()
}

fn dialog(list: &mut Decoder<'_>) -> String {
    match list.str() {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let number: u64 = list.int("a dialog").expect("a number");
            let opener = ["connector", "acceptor"][number as usize % 2];
            format!("{opener}#{number}")
        }
    }
}

fn id(list: &mut Encoder<'_>, cid: &str) {
    let number = cid
        .split_once("or#")
        .and_then(|(_, number)| number.parse().ok());
    match number {
        Some(number) => list.uint(number),
        None => list.str(cid),
    }
}

fn call(cid: String, func: &str, kwargs: Map<String, String>) -> Message {
    let (ns, kwargs) = ("self".to_owned(), Any::encode(&kwargs));
    messages::Start::new(cid, ns, func.to_owned(), kwargs, nobody()).into()
}

/// A list does not say who opens a dialog: nobody but its sender can.
fn nobody() -> messages::Uid {
    (String::new(), String::new())
}

fn value<T: scipp_codec::Payload>(element: Option<Any>) -> Option<T> {
    element.map(|any| any.decode().expect("an element of this type"))
}

fn presence<T>(value: Option<T>) -> Presence<T> {
    value.map_or(Presence::Absent, Presence::Present)
}
