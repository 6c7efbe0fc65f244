//! What is read and what is refused, with the exact texts: `tests/conformance/payloads/*.json`.
//!
//! A row has a type, a value in JSON (an object `{"$hex": ".."}` instead gives the bytes themselves) and either the error
//! or what the value is written as afterwards. `SCIPP_BLESS=1 cargo test -p scipp-tests --test codec table` fills in the
//! answers; look at the difference.

use rust_decimal::Decimal;
use scipp_codec::{Any, Map, Payload, Presence, from_slice};
use std::path::Path;

use super::hex::unhex;

#[test]
fn the_tables_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/payloads");
    for file in ["refused.json", "read.json"] {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).expect("readable");
        let rows: Vec<[&serde_json::value::RawValue; 3]> =
            serde_json::from_str(&text).expect("rows of three");
        let answered: Vec<String> = rows
            .iter()
            .map(|[name, value, _]| {
                let answer = answer(
                    &serde_json::from_str::<String>(name.get()).expect("a name"),
                    value.get(),
                );
                let answer =
                    serde_json::to_string(&answer.unwrap_or_else(|error| error)).expect("a text");
                format!("[{}, {},\n    {answer}]", name.get(), value.get())
            })
            .collect();
        let answered = format!("[\n{}\n]\n", answered.join(",\n"));
        if std::env::var_os("SCIPP_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &answered).expect("written");
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        for (ours, theirs) in answered.lines().zip(text.lines()) {
            assert_eq!(ours, theirs, "{file}: SCIPP_BLESS=1 writes what is");
        }
        assert_eq!(answered, text);
        for [name, value, _] in rows {
            let name: String = serde_json::from_str(name.get()).expect("a name");
            assert_eq!(
                answer(&name, value.get()).is_err(),
                file == "refused.json",
                "{file} is no place for {name} {}",
                value.get()
            );
        }
    }
}

fn answer(name: &str, value: &str) -> Result<String, String> {
    let hex = value
        .strip_prefix("{\"$hex\": \"")
        .and_then(|rest| rest.strip_suffix("\"}"));
    let bytes = hex.map(unhex).unwrap_or_else(|| {
        let value: rmpv::Value = serde_json::from_str(value).expect("JSON");
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &value).expect("written");
        bytes
    });
    match name {
        "u8" => read::<u8>(&bytes),
        "i64" => read::<i64>(&bytes),
        "u64" => read::<u64>(&bytes),
        "f32" => read::<f32>(&bytes),
        "f64" => read::<f64>(&bytes),
        "bool" => read::<bool>(&bytes),
        "str" => read::<String>(&bytes),
        "nil" => read::<()>(&bytes),
        "bytes" => read::<bytes::Bytes>(&bytes),
        "decimal" => read::<Decimal>(&bytes),
        "uuid" => read::<uuid::Uuid>(&bytes),
        "timestamp" => read::<jiff::Timestamp>(&bytes),
        "date" => read::<jiff::civil::Date>(&bytes),
        "time" => read::<jiff::civil::Time>(&bytes),
        "duration" => read::<jiff::SignedDuration>(&bytes),
        "ref" => read::<scipp_codec::Ref>(&bytes),
        "list<u8>" => read::<Vec<u8>>(&bytes),
        "map<str, u8>" => read::<Map<String, u8>>(&bytes),
        "map<i8, Level>" => read::<Map<i8, Level>>(&bytes),
        "(u8, str)" => read::<(u8, String)>(&bytes),
        "Quote" => read::<Quote>(&bytes),
        "Follow" => read::<Follow>(&bytes),
        "Percent" => read::<Percent>(&bytes),
        "Side" => read::<Side>(&bytes),
        "OpenSide" => read::<OpenSide>(&bytes),
        "Venue" => read::<Venue>(&bytes),
        "OpenVenue" => read::<OpenVenue>(&bytes),
        "Tick" => read::<Tick>(&bytes),
        "OpenTick" => read::<OpenTick>(&bytes),
        "Row" => read::<Row>(&bytes),
        "Marked" => read::<Marked>(&bytes),
        "Patch" => read::<Patch>(&bytes),
        "never" => read::<scipp_codec::Never>(&bytes),
        other => panic!("no type is called {other}"),
    }
}

fn read<T: Payload>(bytes: &[u8]) -> Result<String, String> {
    let value = from_slice::<T>(bytes).map_err(|error| error.to_string())?;
    Ok(Any::encode(&value).to_string())
}

#[derive(Payload)]
struct Level {
    px: Decimal,
    #[payload(range = "0.0..")]
    qty: f64,
}

#[derive(Payload)]
#[payload(tag = "type")]
struct Quote {
    symbol: String,
    bid: Level,
    levels: Option<Vec<Level>>,
    #[payload(default = Venue::Lit)]
    venue: Venue,
}

#[derive(Payload)]
#[payload(tag = "type")]
struct Follow {
    #[payload(len = "1..=3", unique)]
    symbols: Vec<String>,
    #[payload(default)]
    by_name: Map<String, Level>,
    share: Option<Percent>,
}

#[derive(Payload)]
#[payload(transparent, range = "0..=100")]
struct Percent(u8);

#[derive(Payload)]
#[payload(text)]
enum Side {
    #[payload(text = "buy")]
    Buy,
    #[payload(text = "sell")]
    Sell,
}

#[derive(Payload)]
#[payload(text)]
enum OpenSide {
    #[payload(text = "buy")]
    Buy,
    #[payload(unknown)]
    Unknown(String),
}

#[derive(Payload)]
#[payload(int = "u8")]
enum Venue {
    #[payload(int = 1)]
    Lit,
    #[payload(int = 200)]
    Dark,
}

#[derive(Payload)]
#[payload(int = "i16")]
enum OpenVenue {
    #[payload(int = -1)]
    Lit,
    #[payload(unknown)]
    Unknown(i16),
}

#[derive(Payload)]
#[payload(union)]
enum Tick {
    Quote(Quote),
    Follow(Follow),
    Number(u8),
}

#[derive(Payload)]
#[payload(union)]
enum OpenTick {
    Follow(Follow),
    Nil(()),
    #[payload(unknown)]
    Unknown(Any),
}

#[derive(Payload)]
#[payload(array)]
struct Row {
    id: u8,
    label: String,
    weight: Option<f64>,
}

#[derive(Payload)]
#[payload(array, tag = "type")]
struct Marked {
    id: u8,
}

#[derive(Payload)]
struct Patch {
    #[payload(omittable)]
    name: Presence<String>,
    #[payload(omittable)]
    nick: Presence<Option<String>>,
}
