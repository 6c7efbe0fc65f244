//! Members of unions are found by the shape of the value, also where two kinds are near to each other.
#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_golden::shapes::{
    Amount, Clear, Command, Day, Entry, Grade, HolderOptional, Key, Label, Measure, Moment, Number,
    Order, Place, Point, Ratio, Scalar, ScalarValue, Score, Set, Side, Table, Tree, Venue,
};
use scipp_runtime::generated::{Any, Bytes, Map, Payload, Timestamp, Uuid};
use std::fmt::Debug;

/// What is read from the bytes of `value` is `expected`.
fn read<T: Payload + PartialEq + Debug>(value: impl Payload, expected: T) {
    assert_eq!(Any::encode(&value).decode::<T>(), Ok(expected));
}

/// What is written is read as the same member.
fn round<T: Payload + PartialEq + Debug>(value: T) {
    assert_eq!(Any::encode(&value).decode::<T>().as_ref(), Ok(&value));
}

fn refused<T: Payload + Debug>(value: impl Payload, text: &str) {
    let error = Any::encode(&value).decode::<T>().expect_err("not a member");
    assert_eq!(error.to_string(), text);
}

#[test]
fn an_integer_is_a_float_only_without_an_integer_member() {
    read(1_u8, Number::U8(1));
    read(1.0, Number::F64(1.0));
    read(1_u8, Measure::F32(1.0));
    read(1_u8, Score::Grade(Grade::High));
    read(1.0, Score::Ratio(Ratio(1.0)));
    read(1_u8, Amount::I64(1));
    read(0.5, Amount::F64(0.5));
    read(-1_i8, HolderOptional::I32(-1));
    read(2_u8, Scalar(ScalarValue::U8(2)));
    // The member that it belongs to refuses it; no other is tried.
    refused::<Number>(256_u16, "expected u8 (an int in 0..=255), came int 256");
    refused::<Score>(2_u8, "Grade: expected one of -1, 1, came int 2");
}

#[test]
fn other_kinds_that_are_near_to_each_other() {
    let second = Timestamp::from_second(1).expect("in range");
    round(Moment::Timestamp(second));
    read("1970-01-01T00:00:01Z".to_owned(), Moment::Timestamp(second));
    round(Moment::Bytes(Bytes::from_static(b"ab")));
    read(
        Bytes::from_static(&[7; 16]),
        Key::Uuid(Uuid::from_bytes([7; 16])),
    );
    round(Key::Uuid(Uuid::from_bytes([7; 16])));
    round(Key::I64(7));
    read(
        "2026-01-31".to_owned(),
        Day::Date("2026-01-31".parse().expect("a date")),
    );
    read(
        "0.50".to_owned(),
        Amount::Decimal("0.50".parse().expect("a decimal")),
    );
    round(Label::Side(Side::Sell));
    round(Label::Venue(Venue::Unknown(9)));
    refused::<Label>(
        "hold".to_owned(),
        "Side: expected one of buy, sell, came str \"hold\"",
    );
}

#[test]
fn messages_maps_and_arrays() {
    let order = Order { side: Side::Buy };
    round(Place::Order(order.clone()));
    round(Place::Point(Point { x: 1, y: 2 }));
    round(Place::Nil(()));
    read(
        (3_u8, 4_u8),
        Place::from(scipp_golden::shapes::Cell { row: 3, column: 4 }),
    );
    round(Table::Order(order.clone()));
    round(Table::Map(Map::from([(1, "a".to_owned())])));
    round(Command::Set(Set {
        key: "k".to_owned(),
    }));
    round(Command::Clear(Clear {}));
    round(Entry::Order(order));
    round(Entry::U64(1));
    let newer = Any::encode(&Map::from([("type".to_owned(), "Newer".to_owned())]));
    assert_eq!(newer.decode::<Entry>(), Ok(Entry::Unknown(newer)));
    round(Tree::List(vec![
        Tree::Scalar(Scalar(ScalarValue::F64(1.0))),
        Tree::Scalar(Scalar(ScalarValue::Nil(()))),
        Tree::List(vec![]),
    ]));
}
