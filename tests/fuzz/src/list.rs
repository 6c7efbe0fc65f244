//! The other form of a message, a list, as `docs/protocol.md`, section 12, has it: made of the map, apart from the core's own code.

use rmpv::Value;

/// The list that means the same as a map; none if it has none, or is not just as a peer would write it. Numbers in place of texts of
/// dialogs, which no map can have, are taken over if `numbers`.
pub(crate) fn list(message: &Value, numbers: bool) -> Option<Value> {
    let entries = message.as_map()?;
    let keys: Vec<&str> = entries
        .iter()
        .map(|(key, _)| key.as_str())
        .collect::<Option<_>>()?;
    let field = |name: &str| {
        let at = keys.iter().position(|key| *key == name)?;
        entries.get(at).map(|(_, value)| value.clone())
    };
    let just = |expected: &[&str]| keys == expected;
    let name = field("msg_type")?;
    let cid = field("cid").filter(|cid| cid.is_str() || numbers && cid.is_u64())?;
    let (number, rest) = match name.as_str()? {
        "Yield" if just(&["msg_type", "cid", "pld"]) => (0, vec![field("pld")?]),
        "Return" if just(&["msg_type", "cid", "pld"]) => (1, vec![field("pld")?]),
        "Started" if just(&["msg_type", "cid", "pld"]) => (2, vec![field("pld")?]),
        "StartAck" if just(&["msg_type", "cid", "functype"]) => {
            let kinds = ["asyncfunc", "asyncgen", "context"];
            let functype = field("functype")?;
            let kind = kinds.iter().position(|it| Some(*it) == functype.as_str())?;
            (3, vec![kind.into()])
        }
        "Stop" if just(&["msg_type", "cid"]) => (4, Vec::new()),
        "Start" if just(&START) && field("uid")? == uid() => start(field, numbers)?,
        "Error" if just(&ERROR) => {
            let texts = [field("src_type_str")?, field("boxed_type_str")?];
            if !texts.iter().all(Value::is_str) {
                return None;
            }
            let [name, boxed] = texts;
            let error = vec![
                name,
                field("src_uid")?,
                Value::Nil,
                field("relay_path")?,
                boxed,
                Value::Nil,
                Value::Nil,
                field("canceller")?,
                Value::Nil,
                field("sender")?,
            ];
            (6, error)
        }
        "Cancel" if just(&["msg_type", "cid"]) => (7, Vec::new()),
        "Credit" if just(&["msg_type", "cid", "n"]) => (8, vec![field("n")?]),
        "CancelAck" if just(&["msg_type", "cid", "pld"]) => (11, vec![field("pld")?]),
        _ => return None,
    };
    let head = [number.into(), cid];
    Some(Value::Array(head.into_iter().chain(rest).collect()))
}

/// The keys of messages as our own peers write them here.
const START: [&str; 7] = ["msg_type", "cid", "ns", "func", "kwargs", "uid", "pld_spec"];
const ERROR: [&str; 8] = [
    "msg_type",
    "src_uid",
    "src_type_str",
    "boxed_type_str",
    "relay_path",
    "canceller",
    "sender",
    "cid",
];

fn start(field: impl Fn(&str) -> Option<Value>, numbers: bool) -> Option<(u64, Vec<Value>)> {
    let (ns, func, kwargs) = (field("ns")?, field("func")?, field("kwargs")?);
    let spec = field("pld_spec")?;
    let spec = spec.as_str()?;
    let args = kwargs.as_map()?;
    match (ns.as_str()?, func.as_str()?, args.as_slice()) {
        ("self", "_cancel_task", [(key, dialog)]) if key.as_str() == Some("cid") => {
            let Some(text) = dialog.as_str() else {
                return (numbers && dialog.is_u64()).then(|| (9, vec![dialog.clone()]));
            };
            Some(match text.strip_suffix("#read") {
                Some(text) => (10, vec![text.into()]),
                None => (9, vec![text.into()]),
            })
        }
        ("self", "_cancel_task", _) => None,
        ("self", "cancel", _) => Some((12, Vec::new())),
        _ => {
            let print = spec.strip_prefix("scipp:").map_or(Value::Nil, Value::from);
            Some((5, vec![ns, func, kwargs, print]))
        }
    }
}

/// Who the peer of a session is.
fn uid() -> Value {
    Value::Array(vec!["two".into(), "two".into()])
}
