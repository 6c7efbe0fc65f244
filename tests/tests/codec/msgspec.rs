//! The bytes that msgspec wrote for a table of typed values: `tests/conformance/msgspec/*.json`, written by the script
//! beside them. Each is read into our type, compared with the value in plain words, and written again.
//!
//! `SCIPP_MSGSPEC_OUT=file` keeps what was written, for `generate.py --read file`.

use bytes::Bytes;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use scipp_codec::{Any, Map, Payload, Presence, from_slice, to_bytes};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

use super::hex::{hex, unhex};

/// All that the files hold. A file that gets lost must not go unnoticed.
const CASES: usize = 239;

#[derive(Deserialize)]
struct Case {
    r#type: String,
    case: String,
    hex: String,
    #[serde(default)]
    value: Value,
    again: Option<String>,
    refused: Option<String>,
}

#[test]
fn what_msgspec_wrote_is_read_and_written_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/msgspec");
    let (mut count, mut failures, mut out) = (0, Vec::new(), Vec::new());
    for file in [
        "scalars",
        "moments",
        "enums",
        "structs",
        "unions",
        "other_forms",
        "refused",
    ] {
        let text =
            std::fs::read_to_string(folder.join(file).with_extension("json")).expect("readable");
        let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
        for case in cases {
            count += 1;
            match run(&case) {
                Err(why) => failures.push(format!("{file}: {} {}: {why}", case.r#type, case.case)),
                Ok(written) if written.is_empty() => {}
                Ok(written) => {
                    out.push(json!({"type": case.r#type, "case": case.case, "hex": hex(&written)}))
                }
            }
        }
    }
    println!(
        "{count} values of msgspec read and written again, {} of them wrong",
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(count, CASES);
    if let Some(path) = std::env::var_os("SCIPP_MSGSPEC_OUT") {
        std::fs::write(path, Value::Array(out).to_string()).expect("written");
    }
}

fn run(case: &Case) -> Result<Vec<u8>, String> {
    match case.r#type.as_str() {
        "bool" => check::<bool>(case),
        "nil" => check::<()>(case),
        "u8" => check::<u8>(case),
        "u16" => check::<u16>(case),
        "u32" => check::<u32>(case),
        "u64" => check::<u64>(case),
        "i8" => check::<i8>(case),
        "i16" => check::<i16>(case),
        "i32" => check::<i32>(case),
        "i64" => check::<i64>(case),
        "f32" => check::<f32>(case),
        "f64" => check::<f64>(case),
        "str" => check::<String>(case),
        "bytes" => check::<Bytes>(case),
        "uuid" => check::<Uuid>(case),
        "decimal" => check::<Decimal>(case),
        "timestamp" => check::<Timestamp>(case),
        "date" => check::<Date>(case),
        "time" => check::<Time>(case),
        "duration" => check::<SignedDuration>(case),
        "Side" => check::<Side>(case),
        "Venue" => check::<Venue>(case),
        "Level" => check::<Level>(case),
        "Quote" => check::<Quote>(case),
        "Renamed" => check::<Renamed>(case),
        "Empty" => check::<Empty>(case),
        "Kinded" => check::<Kinded>(case),
        "Patch" => check::<Patch>(case),
        "Row" => check::<Row>(case),
        "Marked" => check::<Marked>(case),
        "Everything" => check::<Everything>(case),
        "Omits" => check::<Omits>(case),
        "Tick" => check::<Tick>(case),
        "Loose" => check::<Loose>(case),
        other => Err(format!("no type is called {other}")),
    }
}

fn check<T: Payload + Plain>(case: &Case) -> Result<Vec<u8>, String> {
    let read = from_slice::<T>(&unhex(&case.hex)).map_err(|error| error.to_string());
    let value = match (&case.refused, read) {
        (None, Ok(value)) => value,
        (None, Err(error)) => return Err(error),
        (Some(expected), Err(error)) if error == *expected => return Ok(Vec::new()),
        (Some(expected), Err(error)) => return Err(format!("`{error}` instead of `{expected}`")),
        (Some(_), Ok(value)) => return Err(format!("read as {}", value.plain())),
    };
    if value.plain() != case.value {
        return Err(format!(
            "read as {} instead of {}",
            value.plain(),
            case.value
        ));
    }
    let written = to_bytes(&value);
    let expected = case.again.as_ref().unwrap_or(&case.hex);
    if hex(&written) != *expected {
        return Err(format!(
            "written as {} instead of {expected}",
            hex(&written)
        ));
    }
    // Only what the table itself holds: other forms have names of their own there.
    Ok(if case.again.is_some() && case.r#type != "Omits" {
        Vec::new()
    } else {
        written.to_vec()
    })
}

#[derive(Debug, Clone, Copy, Payload)]
#[payload(text)]
enum Side {
    #[payload(text = "buy")]
    Buy,
    #[payload(text = "SELL")]
    Sell,
}

#[derive(Debug, Clone, Copy, Payload)]
#[payload(int = "u8")]
enum Venue {
    #[payload(int = 1)]
    Lit,
    #[payload(int = 200)]
    Dark,
}

#[derive(Payload)]
struct Level {
    px: Decimal,
    qty: f64,
}

#[derive(Payload)]
#[payload(tag = "type")]
struct Quote {
    symbol: String,
    bid: Level,
    ask: Level,
    at: Timestamp,
    #[payload(default = Venue::Lit)]
    venue: Venue,
    note: Option<String>,
}

#[derive(Payload)]
#[payload(tag = "type", name = "HALT")]
struct Halt {
    symbol: String,
    side: Side,
}

#[derive(Payload)]
#[payload(array)]
struct Row {
    id: i64,
    label: String,
    #[payload(default = 1.0)]
    weight: f64,
}

#[derive(Payload)]
#[payload(array, tag = "type")]
struct Marked {
    id: i64,
    rows: Vec<Row>,
}

#[derive(Payload)]
#[payload(tag = "kind", name = "k")]
struct Kinded {
    r#type: String,
}

#[derive(Payload)]
struct Patch {
    id: i64,
    #[payload(omittable)]
    name: Presence<String>,
    #[payload(omittable)]
    nick: Presence<Option<String>>,
}

#[derive(Payload)]
struct Renamed {
    #[payload(key = "old_name")]
    new_name: i64,
    #[payload(key = "class")]
    class_: String,
}

#[derive(Payload)]
struct Empty {}

#[derive(Payload)]
struct Everything {
    flag: bool,
    nothing: (),
    blob: Bytes,
    day: Date,
    clock: Time,
    took: SignedDuration,
    id: Uuid,
    pair: (i64, String),
    by_name: Map<String, i64>,
    by_number: Map<i64, Vec<bool>>,
    maybe: Vec<Option<i64>>,
    free: Any,
}

#[derive(Payload)]
struct Omits {
    id: i64,
    #[payload(default = 1000)]
    limit: i64,
    #[payload(default)]
    names: Vec<String>,
    note: Option<String>,
}

#[derive(Payload)]
#[payload(union)]
enum Tick {
    Quote(Quote),
    Halt(Halt),
}

#[derive(Payload)]
#[payload(union)]
enum Loose {
    Nil(()),
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),

    List(Vec<i64>),
    Halt(Halt),
}

/// A value in the notation of the files.
trait Plain {
    fn plain(&self) -> Value;
}

macro_rules! plain {
    ($($T:ty: |$value:ident| $plain:expr;)+) => {$(
        impl Plain for $T {
            fn plain(&self) -> Value {
                let $value = self;
                $plain
            }
        }
    )+};
}

/// Structs: an object of their fields, by the names that they have here.
macro_rules! fields {
    ($($T:ty: $($field:ident)*;)+) => {$(
        impl Plain for $T {
            fn plain(&self) -> Value {
                #[allow(unused_mut, reason = "there are structs without fields")]
                let mut object = serde_json::Map::new();
                $(
                    let name = stringify!($field).trim_start_matches("r#");
                    match self.$field.plain() {
                        Value::String(text) if text == ABSENT => {}
                        value => drop(object.insert(name.to_owned(), value)),
                    }
                )*
                Value::Object(object)
            }
        }
    )+};
}

const ABSENT: &str = "(absent)";

plain! {
    bool: |value| json!(value);
    (): |_value| Value::Null;
    u8: |value| json!(value.to_string());
    u16: |value| json!(value.to_string());
    u32: |value| json!(value.to_string());
    u64: |value| json!(value.to_string());
    i8: |value| json!(value.to_string());
    i16: |value| json!(value.to_string());
    i32: |value| json!(value.to_string());
    i64: |value| json!(value.to_string());
    f32: |value| f64::from(*value).plain();
    f64: |value| json!({"bits": format!("{:016x}", value.to_bits())});
    String: |value| json!(value);
    Bytes: |value| json!({"bytes": hex(value)});
    Uuid: |value| json!({"uuid": value.as_u128().to_string()});
    Decimal: |value| json!({"decimal": value.to_string()});
    Timestamp: |value| json!({"micros since 1970": (value.as_nanosecond().div_euclid(1_000)).to_string()});
    Date: |value| json!({"date": [value.year(), value.month(), value.day()]});
    Time: |value| json!({"time": [value.hour(), value.minute(), value.second(), value.subsec_nanosecond() / 1_000]});
    SignedDuration: |value| json!({"micros": value.as_micros().to_string()});
    Side: |value| json!(format!("{value:?}").to_uppercase());
    Venue: |value| json!(format!("{value:?}").to_uppercase());
    (i64, String): |value| json!([value.0.plain(), value.1]);
    Any: |value| untyped(&rmpv::decode::read_value(&mut value.as_bytes().as_ref()).expect("a value"));
    Tick: |value| match value {
        Tick::Quote(quote) => quote.plain(),
        Tick::Halt(halt) => halt.plain(),
    };
    Loose: |value| match value {
        Loose::Nil(value) => value.plain(),
        Loose::Bool(value) => value.plain(),
        Loose::Int(value) => value.plain(),
        Loose::Float(value) => value.plain(),
        Loose::Str(value) => value.plain(),

        Loose::List(value) => value.plain(),
        Loose::Halt(value) => value.plain(),
    };
}

fields! {
    Level: px qty;
    Quote: symbol bid ask at venue note;
    Halt: symbol side;
    Row: id label weight;
    Marked: id rows;
    Kinded: r#type;
    Patch: id name nick;
    Renamed: new_name class_;
    Empty: ;
    Everything: flag nothing blob day clock took id pair by_name by_number maybe free;
    Omits: id limit names note;
}

impl<T: Plain> Plain for Option<T> {
    fn plain(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::plain)
    }
}

impl<T: Plain> Plain for Presence<T> {
    fn plain(&self) -> Value {
        self.as_ref().present().map_or(json!(ABSENT), T::plain)
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn plain(&self) -> Value {
        self.iter().map(T::plain).collect()
    }
}

impl<K: Plain, V: Plain> Plain for Map<K, V> {
    fn plain(&self) -> Value {
        self.iter()
            .map(|(key, value)| json!([key.plain(), value.plain()]))
            .collect()
    }
}

fn untyped(value: &rmpv::Value) -> Value {
    match value {
        rmpv::Value::Integer(value) => json!(value.to_string()),
        rmpv::Value::F64(value) => value.plain(),
        rmpv::Value::String(value) => json!(value.as_str()),
        rmpv::Value::Binary(value) => json!({"bytes": hex(value)}),
        rmpv::Value::Array(items) => items.iter().map(untyped).collect(),
        rmpv::Value::Map(entries) => entries
            .iter()
            .map(|(k, v)| json!([untyped(k), untyped(v)]))
            .collect(),
        rmpv::Value::Boolean(value) => json!(value),
        _ => Value::Null,
    }
}
