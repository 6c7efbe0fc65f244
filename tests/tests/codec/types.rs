//! A family of types that both derives know: ours and serde's.

use bytes::Bytes;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use scipp_codec::{Map, Payload};
use serde::{Serialize, Serializer};

#[derive(Debug, Clone, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated)]
pub(crate) struct Numbers {
    pub(crate) a: u8,
    pub(crate) b: u16,
    pub(crate) c: u32,
    pub(crate) d: u64,
    pub(crate) e: i8,
    pub(crate) f: i16,
    pub(crate) g: i32,
    pub(crate) h: i64,
    pub(crate) i: f64,
    pub(crate) j: bool,
    pub(crate) k: (),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, transparent)]
pub(crate) struct Symbol(pub(crate) String);

#[derive(Debug, Clone, Copy, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, text)]
pub(crate) enum Side {
    #[payload(text = "buy")]
    #[serde(rename = "buy")]
    Buy,
    Sell,
}

#[derive(Debug, Clone, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, tag = "type")]
#[serde(tag = "type")]
pub(crate) struct Order {
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    #[payload(key = "a key that is longer than a fixstr can be, in all thirty-one bytes")]
    #[serde(rename = "a key that is longer than a fixstr can be, in all thirty-one bytes")]
    pub(crate) note: Option<String>,
    #[serde(serialize_with = "bin")]
    pub(crate) blob: Bytes,
}

#[derive(Debug, Clone, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, tag = "type", name = "CANCEL")]
#[serde(tag = "type", rename = "CANCEL")]
pub(crate) struct Cancel {
    pub(crate) id: u64,
}

#[derive(Debug, Clone, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, union)]
#[serde(untagged)]
pub(crate) enum Command {
    Nil(()),
    Number(i64),
    Text(String),
    Order(Order),
    Cancel(Cancel),
    Many(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, array)]
#[serde(into = "(i64, String, Option<f64>)")]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) label: String,
    pub(crate) weight: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated)]
pub(crate) struct Nested {
    pub(crate) numbers: Numbers,
    pub(crate) rows: Vec<Row>,
    pub(crate) pair: (u8, Box<Option<Side>>),
    #[serde(serialize_with = "map")]
    pub(crate) by_name: Map<Symbol, Command>,
    #[serde(serialize_with = "map")]
    pub(crate) by_number: Map<i32, Vec<Option<bool>>>,
    pub(crate) last: Option<Box<Nested>>,
}

/// Seventeen entries: the header of the map is no longer one byte.
#[derive(Debug, Clone, PartialEq, Default, Payload, Serialize)]
#[payload(crate = ::scipp_codec::generated, tag = "t")]
#[serde(tag = "t")]
pub(crate) struct Wide {
    a: bool,
    b: bool,
    c: bool,
    d: bool,
    e: bool,
    f: bool,
    g: bool,
    h: bool,
    i: bool,
    j: bool,
    k: bool,
    l: bool,
    m: bool,
    n: bool,
    o: bool,
    p: bool,
}

impl From<Row> for (i64, String, Option<f64>) {
    fn from(row: Row) -> Self {
        (row.id, row.label, row.weight)
    }
}

fn bin<S: Serializer>(bytes: &Bytes, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_bytes(bytes)
}

fn map<K: Serialize, V: Serialize, S: Serializer>(
    map: &Map<K, V>,
    out: S,
) -> Result<S::Ok, S::Error> {
    out.collect_map(map)
}

prop_compose! {
    pub(crate) fn numbers()(
        (a, b, c, d) in any::<(u8, u16, u32, u64)>(),
        (e, f, g, h) in any::<(i8, i16, i32, i64)>(),
        shift in 0_u32..64,
        i in any::<f64>(),
        j in any::<bool>(),
    ) -> Numbers {
        // Shifted, so that every width comes often.
        Numbers { a, b, c, d: d >> shift, e, f, g, h: h >> shift, i, j, k: () }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,5}", ".{0,40}", "x{250,260}"]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

prop_compose! {
    pub(crate) fn order()(
        symbol in text(),
        side in side(),
        note in proptest::option::of(text()),
        blob in vec(any::<u8>(), 0..300),
    ) -> Order {
        Order { symbol: Symbol(symbol), side, note, blob: blob.into() }
    }
}

pub(crate) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Nil(())),
        any::<i64>().prop_map(Command::Number),
        text().prop_map(Command::Text),
        order().prop_map(Command::Order),
        any::<u64>().prop_map(|id| Command::Cancel(Cancel { id })),
        vec(any::<u8>(), 0..20).prop_map(Command::Many),
    ]
}

prop_compose! {
    pub(crate) fn row()(id in any::<i64>(), label in text(), weight in proptest::option::of(any::<f64>())) -> Row {
        Row { id, label, weight }
    }
}

pub(crate) fn nested() -> impl Strategy<Value = Nested> {
    let leaf = (
        numbers(),
        vec(row(), 0..18),
        (any::<u8>(), proptest::option::of(side())),
        btree_map(text(), command(), 0..18),
        btree_map(any::<i32>(), vec(any::<Option<bool>>(), 0..4), 0..4),
    );
    leaf.prop_map(
        |(numbers, rows, (number, side), by_name, by_number)| Nested {
            numbers,
            rows,
            pair: (number, Box::new(side)),
            by_name: by_name
                .into_iter()
                .map(|(key, value)| (Symbol(key), value))
                .collect(),
            by_number: by_number.into_iter().collect(),
            last: None,
        },
    )
    .prop_recursive(3, 8, 1, |inner| {
        (inner.clone(), inner).prop_map(|(outer, inner)| Nested {
            last: Some(Box::new(inner)),
            ..outer
        })
    })
}
