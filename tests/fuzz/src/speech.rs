//! What a peer may say that knows the messages, and none of the rules.

use rmpv::Value;
use scipp_smith::Choices;

use crate::list::list;

/// One message, about one of these dialogs or one that nobody knows.
pub(crate) fn message(choices: &mut Choices<'_>, ids: &[Value]) -> Value {
    let cid = match choices.below(ids.len() + 3) {
        at if at < ids.len() => ids.get(at).cloned().unwrap_or(Value::Nil),
        at => Value::from(format!("x{}", at - ids.len())),
    };
    let entries: Vec<(&str, Value)> = match choices.below(16) {
        0 | 1 => start(cid, "demo", "ep", Value::Map(Vec::new())),
        2 => {
            let suffix = if choices.one_in(2) { "#read" } else { "" };
            cancel(choices.below(3), &cid, suffix)
        }
        3 => start(cid, "self", "cancel", Value::Map(Vec::new())),
        4 => {
            let kinds = ["asyncfunc", "asyncgen", "context"];
            let kind = choices.of(&kinds).copied().unwrap_or_default();
            vec![
                ("msg_type", "StartAck".into()),
                ("cid", cid),
                ("functype", kind.into()),
            ]
        }
        5 | 6 => payload("Started", cid, choices),
        7 | 8 => payload("Yield", cid, choices),
        9 => vec![("msg_type", "Stop".into()), ("cid", cid)],
        10 => payload("Return", cid, choices),
        11 => vec![
            ("msg_type", "CancelAck".into()),
            ("cid", cid),
            ("pld", choices.one_in(2).into()),
        ],
        12 => error(cid, choices),
        13 => vec![("msg_type", "Cancel".into()), ("cid", cid)],
        14 => vec![
            ("msg_type", "Credit".into()),
            ("cid", cid),
            ("n", choices.below(300).into()),
        ],
        _ => {
            let names = ["Goodbye", "Ping", "Pong", "Aid", "SpawnSpec", "Other"];
            let name = choices.of(&names).copied().unwrap_or_default();
            vec![("msg_type", name.into())]
        }
    };
    map(entries)
}

/// A message in one of its forms: to a scipp peer it may be a list, and about a dialog with a number it has to be.
pub(crate) fn formed(message: Value, native: bool, choices: &mut Choices<'_>) -> Value {
    let numbered = message
        .as_map()
        .is_some_and(|entries| entries.iter().any(|(key, id)| is_number(key, id)));
    let map = choices.one_in(if numbered { 100 } else { 4 });
    if native && !map {
        list(&message, true).unwrap_or(message)
    } else {
        message
    }
}

fn is_number(key: &Value, id: &Value) -> bool {
    key.as_str() == Some("cid") && id.is_u64()
}

/// A message of these entries.
pub(crate) fn map(entries: Vec<(&str, Value)>) -> Value {
    let entries = entries.into_iter();
    Value::Map(entries.map(|(key, value)| (key.into(), value)).collect())
}

/// The request to end a dialog, or with a suffix to say how far it has been read.
pub(crate) fn cancel(number: usize, cid: &Value, suffix: &str) -> Vec<(&'static str, Value)> {
    let about = match cid.as_str() {
        Some(text) => Value::from(format!("{text}{suffix}")),
        None => cid.clone(),
    };
    let kwargs = Value::Map(vec![("cid".into(), about)]);
    start(format!("k{number}").into(), "self", "_cancel_task", kwargs)
}

pub(crate) fn error(cid: Value, choices: &mut Choices<'_>) -> Vec<(&'static str, Value)> {
    let kinds = ["ValueError", "ContextCancelled", "StreamOverrun"];
    let kind = choices.of(&kinds).copied().unwrap_or_default();
    let uid = Value::Array(vec!["two".into(), "two".into()]);
    let asked = if choices.one_in(2) { "one" } else { "two" };
    let who = Value::Array(vec![asked.into(), asked.into()]);
    vec![
        ("msg_type", "Error".into()),
        ("src_uid", uid.clone()),
        ("src_type_str", kind.into()),
        ("boxed_type_str", kind.into()),
        ("relay_path", Value::Array(vec![uid])),
        ("canceller", who.clone()),
        ("sender", who),
        ("cid", cid),
    ]
}

pub(crate) fn start(cid: Value, ns: &str, func: &str, kwargs: Value) -> Vec<(&'static str, Value)> {
    vec![
        ("msg_type", "Start".into()),
        ("cid", cid),
        ("ns", ns.into()),
        ("func", func.into()),
        ("kwargs", kwargs),
        ("uid", Value::Array(vec!["two".into(), "two".into()])),
        ("pld_spec", "typing.Any".into()),
    ]
}

pub(crate) fn payload(
    name: &str,
    cid: Value,
    choices: &mut Choices<'_>,
) -> Vec<(&'static str, Value)> {
    let value = match choices.below(4) {
        0 => Value::Nil,
        1 => choices.below(70_000).into(),
        2 => Value::from("text".repeat(choices.below(2_000))),
        _ => Value::Array(vec![Value::Map(Vec::new())]),
    };
    vec![("msg_type", name.into()), ("cid", cid), ("pld", value)]
}
