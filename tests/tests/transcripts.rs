//! Every frame that two real tractor actors exchanged, read into the types of `schemas/scipp/shuttle.scipp` and written
//! again, byte for byte.
//!
//! The transcripts are described in `tests/conformance/tractor/README.md`. Each frame is compared with its transcript
//! in two ways that share no code: the bytes as rmpv reads them, and the fields of the typed value.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use bytes::Bytes;
use scipp_codec::walk::{self, WalkLimits};
use scipp_codec::{Any, Decoder, Map, Payload, Presence, to_bytes};
use scipp_protocol::wire::shuttle::messages::{Address, BadMessage, FuncType, Message, Port, Uid};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// All that the files hold. A transcript that gets lost must not go unnoticed.
const FRAMES: usize = 673;

#[test]
fn every_frame_is_read_and_written_again() {
    let mut frames = 0;
    let mut failures = Vec::new();
    for path in transcripts() {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        for (index, line) in text.lines().enumerate().skip(1) {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            if line.get("event").is_some() {
                continue;
            }
            frames += 1;
            if let Err(why) = check(&line) {
                failures.push(format!("{name}:{}: {why}", index + 1));
            }
        }
    }
    println!(
        "{frames} frames read and written again, {} of them wrong",
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(frames, FRAMES);
}

fn check(line: &Value) -> Result<(), String> {
    let frame = unhex(line["hex"].as_str().ok_or("no hex")?);
    let (prefix, payload) = frame.split_first_chunk::<4>().ok_or("no prefix")?;
    let length = usize::try_from(u32::from_le_bytes(*prefix)).map_err(|error| error.to_string())?;
    if length != payload.len() || line["len"] != json!(length) {
        return Err(format!(
            "the prefix says {length}, the line {}, there are {}",
            line["len"],
            payload.len()
        ));
    }
    let msg = &line["msg"];
    let untyped = rmpv::decode::read_value(&mut &*payload).map_err(|error| error.to_string())?;
    same("read by rmpv", &untyped_json(&untyped), msg)?;

    let payload = Bytes::copy_from_slice(payload);
    walk::check(&payload, &WalkLimits::default()).map_err(|error| error.to_string())?;
    let mut decoder = Decoder::shared(&payload);
    let message = Message::decode(&mut decoder).map_err(|error| error.to_string())?;
    if !decoder.rest().is_empty() {
        return Err(format!("{} bytes left", decoder.rest().len()));
    }
    same("as a typed value", &typed_json(&message), msg)?;

    let written = to_bytes(&message);
    if written != payload {
        return Err(format!(
            "written as {} instead of {}",
            hex(&written),
            hex(&payload)
        ));
    }
    Ok(())
}

fn same(what: &str, ours: &Value, theirs: &Value) -> Result<(), String> {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{what}: {ours} instead of {theirs}"))
    }
}

/// The fields of a message, each named here by hand: a field that is read into the wrong place doesn't pass.
fn typed_json(message: &Message) -> Value {
    match message {
        Message::Aid(aid) => {
            let mut object = json!({
                "msg_type": "Aid", "name": aid.name, "uuid": aid.uuid, "pid": aid.pid,
                "is_registrar": aid.is_registrar, "is_probe": aid.is_probe,
            });
            if let Presence::Present(scipp) = &aid.scipp {
                object["scipp"] = json!({"v": scipp.v, "features": scipp.features});
            }
            object
        }
        Message::SpawnSpec(spec) => json!({
            "msg_type": "SpawnSpec",
            "_parent_main_data": map(&spec._parent_main_data, any),
            "_runtime_vars": map(&spec._runtime_vars, any),
            "enable_modules": map(&spec.enable_modules, |path| json!(path)),
            "reg_addrs": spec.reg_addrs.iter().map(address).collect::<Value>(),
            "bind_addrs": spec.bind_addrs.as_ref().map(|list| list.iter().map(address).collect::<Value>()),
        }),
        Message::Start(start) => json!({
            "msg_type": "Start", "cid": start.cid, "ns": start.ns, "func": start.func,
            "kwargs": any(&start.kwargs), "uid": uid(&start.uid), "pld_spec": start.pld_spec,
        }),
        Message::StartAck(ack) => {
            let functype = match ack.functype {
                FuncType::Asyncfunc => "asyncfunc",
                FuncType::Asyncgen => "asyncgen",
                FuncType::Context => "context",
            };
            json!({"msg_type": "StartAck", "cid": ack.cid, "functype": functype})
        }
        Message::Started(m) => json!({"msg_type": "Started", "cid": m.cid, "pld": any(&m.pld)}),
        Message::Yield(m) => json!({"msg_type": "Yield", "cid": m.cid, "pld": any(&m.pld)}),
        Message::Stop(m) => json!({"msg_type": "Stop", "cid": m.cid}),
        Message::Return(m) => json!({"msg_type": "Return", "cid": m.cid, "pld": any(&m.pld)}),
        Message::CancelAck(m) => json!({"msg_type": "CancelAck", "cid": m.cid, "pld": m.pld}),
        Message::Error(error) => {
            let mut object = json!({
                "msg_type": "Error", "src_uid": uid(&error.src_uid), "src_type_str": error.src_type_str,
                "boxed_type_str": error.boxed_type_str,
                "relay_path": error.relay_path.iter().map(uid).collect::<Value>(),
                "message": error.message, "tb_str": error.tb_str, "canceller": error.canceller.as_ref().map(uid),
                "sender": error.sender.as_ref().map(uid), "cid": error.cid,
                "_bad_msg": error._bad_msg.clone().map(bad_message),
                "_bad_msg_as_dict": error._bad_msg_as_dict.as_ref().map(|dict| map(dict, any)),
            });
            if let Presence::Present(pld) = &error.pld {
                object["pld"] = any(pld);
            }
            object
        }
        Message::Cancel(_)
        | Message::Credit(_)
        | Message::Goodbye(_)
        | Message::Ping(_)
        | Message::Pong(_) => panic!("tractor does not say {message:?}"),
    }
}

fn bad_message(message: BadMessage) -> Value {
    typed_json(&match message {
        BadMessage::Started(started) => Message::Started(started),
        BadMessage::Yield(item) => Message::Yield(item),
        BadMessage::Return(value) => Message::Return(value),
    })
}

fn uid((name, uuid): &Uid) -> Value {
    json!([name, uuid])
}

fn address((first, second): &Address) -> Value {
    match second {
        Port::U16(port) => json!([first, port]),
        Port::Str(file) => json!([first, file]),
    }
}

fn map<T>(map: &Map<String, T>, value: impl Fn(&T) -> Value) -> Value {
    Value::Object(
        map.iter()
            .map(|(key, item)| (key.clone(), value(item)))
            .collect(),
    )
}

fn any(any: &Any) -> Value {
    untyped_json(
        &rmpv::decode::read_value(&mut any.as_bytes().as_ref())
            .expect("a value that passed the walk"),
    )
}

/// A value in the notation of the transcripts.
fn untyped_json(value: &rmpv::Value) -> Value {
    match value {
        rmpv::Value::Nil => Value::Null,
        rmpv::Value::Boolean(value) => json!(value),
        rmpv::Value::Integer(value) => value
            .as_u64()
            .map_or_else(|| json!(value.as_i64()), |value| json!(value)),
        rmpv::Value::F32(value) => json!(value),
        rmpv::Value::F64(value) => json!(value),
        rmpv::Value::String(value) => json!(value.as_str()),
        rmpv::Value::Binary(value) => json!({"$bin": hex(value)}),
        rmpv::Value::Array(values) => values.iter().map(untyped_json).collect(),
        rmpv::Value::Map(entries) => {
            let key =
                |key: &rmpv::Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            Value::Object(
                entries
                    .iter()
                    .map(|(k, value)| (key(k), untyped_json(value)))
                    .collect(),
            )
        }
        rmpv::Value::Ext(-1, body) => json!({"$datetime": datetime(body)}),
        rmpv::Value::Ext(code, body) => json!({"$ext": [code, hex(body)]}),
    }
}

/// As Python prints an aware datetime in UTC.
fn datetime(body: &[u8]) -> String {
    let (secs, nanos) = match *body {
        [a, b, c, d] => (u64::from(u32::from_be_bytes([a, b, c, d])), 0),
        _ => {
            let both = u64::from_be_bytes(
                body.try_into()
                    .expect("8 bytes; the transcripts have no others"),
            );
            (both & 0x3_ffff_ffff, both >> 34)
        }
    };
    let secs = i64::try_from(secs).expect("34 bits");
    let at = jiff::Timestamp::from_second(secs)
        .expect("in range")
        .to_zoned(jiff::tz::TimeZone::UTC);
    let at = at.strftime("%Y-%m-%d %H:%M:%S");
    if nanos == 0 {
        format!("{at}+00:00")
    } else {
        format!("{at}.{:06}+00:00", nanos / 1_000)
    }
}

fn transcripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/tractor");
    let entries = std::fs::read_dir(&folder).expect("the transcripts");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "jsonl")
    });
    paths.sort();
    paths
}

fn unhex(hex: &str) -> Vec<u8> {
    let digit =
        |at: usize| u8::from_str_radix(hex.get(at..at + 2).expect("two digits"), 16).expect("hex");
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
