//! What the derive macros make of declared types: bytes, tolerance, strictness, errors. It is one file because all of
//! it is about the same few types.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_codec::generated as scipp;
use scipp_codec::{Any, Raises as _, from_slice, to_bytes};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
struct Level {
    px: scipp::Decimal,
    #[payload(range = "0.0..")]
    qty: f64,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "type")]
struct Quote {
    symbol: Symbol,
    bid: Level,
    #[payload(default = Venue::Lit)]
    venue: Venue,
    #[payload(key = "old_name")]
    note: Option<String>,
    #[payload(omittable)]
    patch: scipp::Presence<Option<u8>>,
    r#type_: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, transparent, len = "1..=8")]
struct Symbol(pub String);

#[derive(Debug, Clone, Copy, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, int = "u8")]
enum Venue {
    #[payload(int = 1)]
    Lit,
    #[payload(int = 2)]
    Dark,
    #[payload(unknown)]
    Unknown(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, int = "i16")]
enum Signed {
    #[payload(int = -300)]
    Low,
    #[payload(int = 300)]
    High,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, text)]
enum HaltReason {
    #[payload(text = "news")]
    News,
    #[payload(text = "REG")]
    Regulatory,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, text)]
enum OpenReason {
    #[payload(text = "news")]
    News,
    #[payload(unknown)]
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "type", name = "halt")]
struct Halt {
    reason: HaltReason,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, union)]
enum Tick {
    Level(Level),
    Halt(Halt),
    Quote(Box<Quote>),
    Count(u32),
    Text(String),
    Nil(()),
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, union)]
enum OpenTick {
    Halt(Halt),
    Count(u32),
    #[payload(unknown)]
    Unknown(scipp::Any),
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, array, tag = "type")]
struct Row {
    id: u64,
    #[payload(unique, len = "..3")]
    marks: Vec<u8>,
    #[payload(default = 7)]
    weight: u8,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
struct Page<T> {
    items: Vec<T>,
    next: Option<Box<Page<T>>>,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
struct Empty {}

fn from_json<T: scipp::Payload>(value: &Value) -> Result<T, String> {
    Any::from_serde(value)
        .expect("small")
        .decode()
        .map_err(|error| error.to_string())
}

fn to_json<T: scipp::Payload>(value: &T) -> Value {
    Any::encode(value).to_serde().expect("readable")
}

fn quote() -> Quote {
    Quote {
        symbol: Symbol("SCI".to_owned()),
        bid: Level {
            px: scipp::Decimal::new(1234, 2),
            qty: 1.0,
        },
        venue: Venue::Dark,
        note: None,
        patch: scipp::Presence::Absent,
        type_: true,
    }
}

#[test]
fn a_message_is_a_map_with_its_tag_first() {
    let bytes = to_bytes(&quote());
    let expected: &[u8] = b"\x86\xa4type\xa5Quote\xa6symbol\xa3SCI\xa3bid\x82\xa2px\xa512.34\xa3qty\xcb\x3f\xf0\0\0\0\0\0\0\
        \xa5venue\x02\xa8old_name\xc0\xa5type_\xc3";
    assert_eq!(bytes, expected);
    assert_eq!(from_slice(&bytes), Ok(quote()));
    let patched = Quote {
        patch: scipp::Presence::Present(None),
        ..quote()
    };
    assert_eq!(to_bytes(&patched)[0], 0x87);
    assert_eq!(to_json(&patched)["patch"], Value::Null);
    assert_eq!(from_slice(&to_bytes(&patched)), Ok(patched));
}

#[test]
fn any_order_is_read_and_what_is_not_known_is_passed_over() {
    let value = json!({
        "new": [{"a": 1}], "type_": true, "bid": {"qty": 1, "px": 12.34}, "zzz": null, "type": "Quote", "symbol": "SCI", "venue": 2,
    });
    assert_eq!(from_json(&value), Ok(quote()));
    // Keys whose headers are longer than need be.
    let long = b"\x81\xd9\x03qty\x01";
    assert!(
        from_slice::<Level>(long)
            .is_err_and(|error| error.to_string() == "Level.px: expected a value, came nothing")
    );
}

#[test]
fn absent_fields_are_filled_where_the_schema_says_so() {
    let value = json!({"symbol": "SCI", "bid": {"px": "1", "qty": 0}, "type_": false});
    let read: Quote = from_json(&value).expect("the rest is optional");
    assert_eq!(
        (read.venue, read.note, read.patch),
        (Venue::Lit, None, scipp::Presence::Absent)
    );
}

#[test]
fn errors_name_the_place_what_was_expected_and_what_came() {
    let with = |key: &str, value: Value| {
        let mut object =
            json!({"type": "Quote", "symbol": "SCI", "bid": {"px": "1", "qty": 0}, "type_": false});
        object[key] = value;
        from_json::<Quote>(&object).expect_err("wrong")
    };
    for (key, value, text) in [
        ("symbol", json!(7), "Quote.symbol: expected str, came int 7"),
        (
            "symbol",
            json!(""),
            "Quote.symbol: expected a length in 1..=8, came length 0",
        ),
        (
            "bid",
            json!({"px": true, "qty": 0}),
            "Quote.bid.px: expected decimal (of at most 28 digits), came bool true",
        ),
        (
            "bid",
            json!({"px": "1", "qty": -0.5}),
            "Quote.bid.qty: expected a value in 0.0.., came -0.5",
        ),
        (
            "bid",
            json!({"px": "1"}),
            "Quote.bid.qty: expected a value, came nothing",
        ),
        (
            "venue",
            json!(null),
            "Quote.venue: expected u8 (an int in 0..=255), came nil",
        ),
        (
            "venue",
            json!(1.0),
            "Quote.venue: expected u8 (an int in 0..=255), came float 1.0",
        ),
        (
            "type",
            json!("Halt"),
            "Quote.type: expected the tag \"Quote\", came str \"Halt\"",
        ),
        (
            "patch",
            json!([]),
            "Quote.patch: expected u8 (an int in 0..=255), came array of 0",
        ),
    ] {
        assert_eq!(with(key, value), text);
    }
    assert_eq!(
        from_json::<Quote>(&json!([])),
        Err("Quote: expected map, came array of 0".to_owned())
    );
    let pages = json!({"items": [{"px": 1, "qty": 1}, {"px": 1}], "next": null});
    let error = from_json::<Page<Level>>(&pages).expect_err("no qty");
    assert_eq!(error, "Page.items[1].qty: expected a value, came nothing");
}

#[test]
fn a_key_stands_once_and_is_a_str() {
    let twice = b"\x83\xa2px\xa11\xa3qty\x01\xa2px\xa12";
    let text = |bytes: &[u8]| from_slice::<Level>(bytes).map_err(|error| error.to_string());
    assert_eq!(
        text(twice),
        Err("Level.px: expected the key once, came it again".to_owned())
    );
    let number = b"\x83\xa2px\xa11\xa3qty\x01\x05\x01";
    assert_eq!(
        text(number),
        Err("Level: expected str as the key of a field, came int 5".to_owned())
    );
    let tags = b"\x83\xa4type\xa4halt\xa6reason\xa4news\xa4type\xa4halt";
    let error = from_slice::<Halt>(tags).expect_err("two tags");
    assert_eq!(
        error.to_string(),
        "halt.type: expected the key once, came it again".replace("halt.", "Halt.")
    );
}

#[test]
fn enums_are_strs_or_integers_and_open_ones_keep_what_they_do_not_know() {
    assert_eq!(to_json(&HaltReason::Regulatory), json!("REG"));
    assert_eq!(from_json(&json!("news")), Ok(HaltReason::News));
    let error = from_json::<HaltReason>(&json!("new")).expect_err("unknown");
    assert_eq!(
        error,
        "HaltReason: expected one of news, REG, came str \"new\""
    );
    assert_eq!(
        from_json(&json!("new")),
        Ok(OpenReason::Unknown("new".to_owned()))
    );
    assert_eq!(
        to_json(&OpenReason::Unknown("new".to_owned())),
        json!("new")
    );
    assert_eq!(from_json(&json!("news")), Ok(OpenReason::News));
    assert_eq!(from_json(&json!(9)), Ok(Venue::Unknown(9)));
    assert_eq!(to_json(&Venue::Unknown(9)), json!(9));
    assert_eq!(to_json(&Signed::Low), json!(-300));
    assert_eq!(from_json(&json!(300)), Ok(Signed::High));
    let error = from_json::<Signed>(&json!(3)).expect_err("unknown");
    assert_eq!(error, "Signed: expected one of -300, 300, came int 3");
}

#[test]
fn a_member_of_a_union_is_found_by_its_tag_or_by_its_shape() {
    let ticks = [
        Tick::Level(quote().bid),
        Tick::Halt(Halt {
            reason: HaltReason::News,
        }),
        Tick::Quote(Box::new(quote())),
        Tick::Count(5),
        Tick::Text("x".to_owned()),
        Tick::Nil(()),
    ];
    for tick in ticks {
        assert_eq!(from_slice(&to_bytes(&tick)), Ok(tick));
    }
    // The tag anywhere, after keys of other kinds too.
    let late = b"\x83\x05\x01\xa6reason\xa4news\xa4type\xa4halt";
    assert!(from_slice::<Tick>(late).is_err_and(|error| {
        error
            .to_string()
            .starts_with("Halt: expected str as the key")
    }));
    assert_eq!(
        from_json(&json!({"a": 1, "reason": "REG", "type": "halt"})),
        Ok(Tick::Halt(Halt {
            reason: HaltReason::Regulatory
        }))
    );
    let error = from_json::<Tick>(&json!(1.5)).expect_err("no member");
    assert_eq!(
        error,
        "Tick: expected Level or Halt or Quote or Count or Text or Nil, came float 1.5"
    );
    let error = from_json::<Tick>(&json!({"type": "halt", "reason": 1})).expect_err("a wrong halt");
    assert_eq!(error, "Halt.reason: expected one of news, REG, came int 1");
}

#[test]
fn an_open_union_keeps_unknown_messages_whole() {
    let later = json!({"type": "Later", "x": [1, 2]});
    let read: OpenTick = from_json(&later).expect("kept");
    assert!(matches!(read, OpenTick::Unknown(_)));
    assert_eq!(to_json(&read), later);
    assert_eq!(from_json(&json!(3)), Ok(OpenTick::Count(3)));
    let text = |value: Value| from_json::<OpenTick>(&value).expect_err("no message");
    assert_eq!(
        text(json!({"x": 1})),
        "OpenTick: expected Halt or Count, came map of 1 without a tag"
    );
    assert_eq!(
        text(json!("x")),
        "OpenTick: expected Halt or Count, came str \"x\""
    );
}

#[test]
fn an_array_has_its_tag_first_and_may_grow_at_its_end() {
    let row = Row {
        id: 1,
        marks: vec![2],
        weight: 7,
    };
    assert_eq!(to_json(&row), json!(["Row", 1, [2], 7]));
    assert_eq!(from_json(&json!(["Row", 1, [2]])), Ok(row.clone()));
    assert_eq!(from_json(&json!(["Row", 1, [2], 7, "new", {}])), Ok(row));
    for (value, text) in [
        (
            json!(["Rom", 1, [2]]),
            "Row: expected the tag \"Row\" as first element, came str \"Rom\"",
        ),
        (
            json!([]),
            "Row: expected the tag \"Row\" as first element, came nothing",
        ),
        (
            json!(["Row", 1]),
            "Row.marks: expected a value, came nothing",
        ),
        (
            json!(["Row", 1, [2, 2]]),
            "Row.marks[1]: expected each value once, came one of the earlier values again",
        ),
        (
            json!(["Row", 1, [2, 3, 4]]),
            "Row.marks: expected a length in ..3, came length 3",
        ),
        (json!({"id": 1}), "Row: expected array, came map of 1"),
    ] {
        assert_eq!(from_json::<Row>(&value), Err(text.to_owned()));
    }
}

#[test]
fn types_may_hold_themselves_and_may_be_empty() {
    let page = Page {
        items: vec![1_u8],
        next: Some(Box::new(Page {
            items: vec![],
            next: None,
        })),
    };
    assert_eq!(from_slice(&to_bytes(&page)), Ok(page));
    assert_eq!(to_bytes(&Empty {}), [0x80_u8].as_slice());
    assert_eq!(from_json(&json!({"x": 1})), Ok(Empty {}));
}

mod wide {
    //! More fields than the longest tuple has.
    use scipp_codec::generated as scipp;

    #[derive(Debug, Clone, PartialEq, Default, scipp::Payload)]
    #[payload(crate = ::scipp_codec::generated)]
    #[rustfmt::skip]
    pub(super) struct Wide {
        pub a0: u8, pub a1: u8, pub a2: u8, pub a3: u8, pub a4: u8, pub a5: u8, pub a6: u8, pub a7: u8, pub a8: u8, pub a9: u8,
        pub b0: u8, pub b1: u8, pub b2: u8, pub b3: u8, pub b4: u8, pub b5: u8, pub b6: u8, pub b7: u8, pub b8: u8, pub b9: u8,
        pub c0: u8, pub c1: u8, pub c2: u8, pub c3: u8, pub c4: u8, pub c5: u8, pub c6: u8, pub c7: u8, pub c8: u8, pub c9: u8,
        pub d0: u8, pub d1: u8, pub d2: u8, pub d3: u8,
    }
}

#[test]
fn a_struct_may_have_any_number_of_fields() {
    let wide = wide::Wide {
        a0: 1,
        b5: 2,
        b6: 3,
        c1: 4,
        c2: 5,
        d3: 6,
        ..Default::default()
    };
    assert_eq!(from_slice(&to_bytes(&wide)), Ok(wide.clone()));
    // Sorted by serde_json, then the last one first: the search has to find each.
    let mut json = to_json(&wide);
    assert_eq!(from_json(&json), Ok(wide));
    json["c2"] = json!("x");
    let error = from_json::<wide::Wide>(&json).expect_err("a str");
    assert_eq!(
        error,
        "Wide.c2: expected u8 (an int in 0..=255), came str \"x\""
    );
    json.as_object_mut().expect("a map").remove("c2");
    let error = from_json::<wide::Wide>(&json).expect_err("missing");
    assert_eq!(error, "Wide.c2: expected a value, came nothing");
}

#[derive(Debug, Clone, PartialEq, scipp::Payload, scipp::DeclaredError)]
#[payload(crate = ::scipp_codec::generated)]
#[error(text = "no such symbol: {symbol}, after {tried} tries {{really}}")]
struct UnknownSymbol {
    symbol: Symbol,
    tried: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload, scipp::DeclaredError)]
#[payload(crate = ::scipp_codec::generated)]
#[error(name = "SlowDown")]
struct Throttled {
    retry_in: scipp::SignedDuration,
}

#[derive(Debug, Clone, PartialEq, scipp::Raises)]
#[payload(crate = ::scipp_codec::generated)]
enum WatchError {
    UnknownSymbol(UnknownSymbol),
    Throttled(Throttled),
}

#[test]
fn errors_have_names_texts_and_values() {
    let unknown = UnknownSymbol {
        symbol: Symbol("X".to_owned()),
        tried: vec![1, 2],
    };
    assert_eq!(
        unknown.to_string(),
        "no such symbol: X, after [1, 2] tries {really}"
    );
    let throttled = Throttled {
        retry_in: scipp::SignedDuration::from_secs(5),
    };
    assert_eq!(throttled.to_string(), "SlowDown {\"retry_in\": \"PT5S\"}");
    let either: WatchError = throttled.clone().into();
    assert_eq!(
        (either.name(), either.to_string()),
        ("SlowDown", throttled.to_string())
    );
    let payload = Any::encode(&throttled);
    assert_eq!(
        <WatchError as scipp::Raises>::decode("SlowDown", &payload),
        Some(Ok(either))
    );
    assert!(<WatchError as scipp::Raises>::decode("Throttled", &payload).is_none());
    assert!(matches!(
        <WatchError as scipp::Raises>::decode("UnknownSymbol", &payload),
        Some(Err(_))
    ));
    assert_eq!(
        <Throttled as scipp::Raises>::decode("SlowDown", &payload),
        Some(Ok(throttled))
    );
    assert!(<scipp::Never as scipp::Raises>::decode("SlowDown", &payload).is_none());
}
