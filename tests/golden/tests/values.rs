//! Values of generated types: what they are when left out, and that they survive the wire.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_golden::{
    constraints, defaults, enum_values, enums, extremes, exts, generics, generics_base, inline,
    nested_defaults, open_enums, optional_values, presence, recursion, refs, unions, wire_names,
};
use scipp_runtime::generated::{Any, Bytes, Map, Payload, Presence};

/// The MessagePack of an empty map: every field is left out.
fn nothing() -> Any {
    Any::new(vec![0x80]).expect("a value")
}

fn round<T: Payload + PartialEq + std::fmt::Debug>(value: T) -> Any {
    let bytes = Any::encode(&value);
    assert_eq!(
        bytes.decode::<T>().expect("what was written can be read"),
        value
    );
    bytes
}

#[test]
fn defaults_are_what_the_schema_says() {
    let read: optional_values::Values = nothing().decode().expect("everything has a default");
    assert_eq!(read, optional_values::Values::default());
    let shown = [
        read.day.to_string(),
        read.at.to_string(),
        read.since.to_string(),
        read.price.to_string(),
        read.id.to_string(),
        read.fee.to_string(),
        read.tick.to_string(),
    ];
    assert_eq!(
        shown,
        [
            "2026-01-31",
            "09:30:00.5",
            "2026-01-31T08:30:00Z",
            "-12.50",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "0.25",
            "PT1S",
        ]
    );
    assert_eq!(&read.raw[..], b"\x00\xffab");
    assert_eq!(
        (
            read.point.x,
            read.point.y,
            read.port.0,
            read.zone.0.as_str()
        ),
        (1, 0, 8080, "utc")
    );
    assert_eq!(read.shades.len() + read.table.len() + read.primes.len(), 7);

    let read: defaults::Everything = nothing().decode().expect("everything has a default");
    assert_eq!(read, defaults::Everything::default());
    assert_eq!(
        (read.big, read.small, read.tiny, read.text.as_str()),
        (u64::MAX, i8::MIN, 1.5e-3, "hello, \"world\"\n")
    );
    round(read);
}

#[test]
fn defaults_may_be_made_of_others() {
    let route: nested_defaults::Route = nothing().decode().expect("everything has a default");
    assert_eq!(route, nested_defaults::Route::default());
    let fields: Map<String, Any> = round(route).decode().expect("a map");
    let shown: Vec<String> = fields.values().map(Any::to_string).collect();
    assert_eq!(
        shown,
        [
            r#"{"x": 1, "y": 7, "label": "start", "mark": "sell"}"#,
            concat!(
                r#"[{"type": "Leg", "from": {"x": 1, "y": 7, "label": nil}, "#,
                r#""to": {"x": 9, "y": 7, "label": nil}, "sides": ["buy"]}, "#,
                r#"{"type": "Leg", "from": {"x": 2, "y": 7, "label": nil}, "#,
                r#""to": {"x": 3, "y": 4, "label": nil}, "sides": []}]"#
            ),
            r#"{"home": {"x": 0, "y": 7, "label": nil}, "away": {"x": 1, "y": 1, "label": nil}}"#,
            r#"[["buy", {"x": 5, "y": 7, "label": nil}]]"#,
            r#"[{"x": 1, "y": 7, "label": nil}]"#,
            "[3, 1]",
            r#"{1: {"a": [1, 2]}, 2: {}}"#,
            r#"{"at": {"x": 0, "y": 7, "label": nil}}"#,
            "[[[1], []], []]",
        ]
    );
}

#[test]
fn defaults_go_to_the_ends_of_their_types() {
    let read: extremes::Extremes = nothing().decode().expect("everything has a default");
    assert_eq!(
        (read.least, read.most, read.hex),
        (i64::MIN, u64::MAX, u32::MAX)
    );
    assert_eq!((read.large, read.single), (f64::MAX, 3.4e38));
    assert_eq!(
        [read.tiny.to_bits(), read.negative.to_bits()],
        [1, (-0.0_f64).to_bits()]
    );
    assert_eq!(read.text.chars().last(), Some('\u{1f980}'));
    round(read);
    let job = refs::Job::new("a.b:c".parse().expect("a reference"), vec![], Map::new());
    assert_eq!(job.fallback.name(), "main");
    round(job);
    round(enum_values::Uses::default());
    round(open_enums::Odd::Unknown);
}

#[test]
fn what_is_absent_is_nil_or_nothing() {
    let patch = presence::Patch {
        nickname: Presence::Present(None),
        ..presence::Patch::new(7)
    };
    let bytes = round(patch);
    assert_eq!(
        bytes.to_string(),
        r#"{"type": "Patch", "id": 7, "nickname": nil}"#
    );
    round(presence::Person::new("Ada".to_owned()));
    round(presence::Empty {});
}

#[test]
fn keys_are_those_of_the_wire() {
    let value = wire_names::Renamed {
        new_name: "a".to_owned(),
        mixed_case: 1,
        with_space: false,
        kind: "k".to_owned(),
        _private: "p".to_owned(),
    };
    let keys: Map<String, Any> = round(value).decode().expect("a map");
    assert_eq!(
        keys.keys().collect::<Vec<_>>(),
        ["old_name", "mixedCase", "with space", "type", "_private"]
    );
}

#[test]
fn what_contains_itself_survives() {
    let chain = recursion::Chain {
        value: 1,
        next: Some(Box::new(recursion::Chain::new(2))),
    };
    round(chain);
    let number = |value| recursion::Expr::from(recursion::Number { value });
    let sum = recursion::Sum {
        left: number(1.0),
        right: recursion::Negate { of: number(2.0) }.into(),
    };
    round(recursion::Expr::from(sum));
}

#[test]
fn types_with_parameters_survive() {
    let quote = generics::Quote {
        symbol: "SCI".to_owned(),
        px: 1.5,
    };
    let page = generics::Page {
        items: vec![quote.clone()],
        next: Some("2".to_owned()),
    };
    let bytes = round(generics::Update::from(page.clone()));
    assert_eq!(
        bytes.to_string(),
        r#"{"type": "Page", "items": [{"type": "Quote", "symbol": "SCI", "px": 1.5}], "next": "2"}"#
    );
    round(generics::Choice {
        what: page.into(),
        more: vec![generics::ChoiceMore::Nil(())],
    });
    // A default that asks nothing of the parameter.
    let options: generics::Options<generics::Quote> = nothing().decode().expect("a default");
    assert_eq!(options, generics::Options::default());
    let lookup = generics::Lookup::new(Map::from([(true, quote)]));
    assert_eq!(
        round(lookup).to_string(),
        r#"{"entries": {true: {"type": "Quote", "symbol": "SCI", "px": 1.5}}, "fallback": nil}"#
    );
    let leaf = || generics::Node {
        next: generics_base::Slot::default(),
        others: generics::Page::new(Vec::new()),
        pair: generics::Pair::new(1),
        name: "leaf".to_owned(),
    };
    round(generics::Node {
        next: generics_base::Slot {
            value: Some(Box::new(leaf())),
            at: 1,
        },
        others: generics::Page::new(vec![leaf()]),
        pair: generics::Pair {
            first: 2,
            second: Some(Box::new(leaf())),
        },
        name: "node".to_owned(),
    });
    round(generics::Tree {
        value: Presence::Present(1_u8),
        left: Some(Box::new(generics::Tree::new(Presence::Present(2)))),
        right: None,
    });

    let wrong = Any::encode(&Map::from([("items".to_owned(), vec!["a".to_owned()])]));
    let error = wrong.decode::<generics::Page<u8>>().expect_err("a str");
    assert_eq!(
        error.to_string(),
        "Page.items[0]: expected u8 (an int in 0..=255), came str \"a\""
    );
}

#[test]
fn extension_types_are_their_code_and_their_content() {
    let raw = exts::Raw(Bytes::from_static(b"ab"));
    assert_eq!(round(raw.clone()).as_bytes()[..], *b"\xd5\x16ab");
    round(exts::Sealed(Bytes::new()));
    assert_eq!(
        round(exts::Rate("1.50".parse().expect("a decimal"))).as_bytes()[..],
        *b"\xc7\x05\x18\xa41.50"
    );
    let money = exts::Money {
        note: Presence::Present("tip".to_owned()),
        ..exts::Money::new(5)
    };
    assert_eq!(
        round(money.clone()).as_bytes()[..],
        *b"\xc7\x1e\x15\x83\xa5units\x05\xa8currency\xa3EUR\xa4note\xa3tip"
    );
    let chain = exts::Chain {
        value: 1,
        next: Some(Box::new(exts::Chain::new(2))),
    };
    round(exts::Uses {
        raw: Some(raw.clone()),
        chain: Some(chain),
        ..exts::Uses::new(
            money.clone(),
            Map::new(),
            exts::Either(exts::EitherValue::Str("a".to_owned())),
        )
    });
    for value in [
        exts::Value::from(money.clone()),
        raw.clone().into(),
        exts::Sealed(raw.0.clone()).into(),
        exts::Quote { price: money }.into(),
        exts::Value::I64(-1),
    ] {
        round(value);
    }

    // Inside, everything is checked as outside.
    let mut short = exts::Money::new(5);
    short.currency = "€".to_owned();
    let value = Any::encode(&exts::Quote { price: short });
    let error = value.decode::<exts::Quote>().expect_err("too short");
    assert_eq!(
        error.to_string(),
        "Quote.price.currency: expected a length in 3..=3, came length 1"
    );
    let value = Any::new(vec![0xd4, 0x19, 0xc0]).expect("one value");
    let error = value.decode::<exts::Value>().expect_err("another code");
    assert_eq!(
        error.to_string(),
        "Value: expected Money or Raw or Sealed or Quote or Timestamp or I64, came ext 25 of 1"
    );
}

#[test]
fn texts_are_held_against_their_patterns() {
    let good = constraints::Patterns::new(
        "ab-\"1\"".to_owned(),
        constraints::Currency("EUR".to_owned()),
    );
    round(good.clone());
    let refused = |value: constraints::Patterns| {
        Any::encode(&value)
            .decode::<constraints::Patterns>()
            .expect_err("does not match")
            .to_string()
    };
    let mut wrong = good.clone();
    wrong.code.push('x');
    assert_eq!(
        refused(wrong),
        r#"Patterns.code: expected a text that matches `^\w+-"\d"$`, came str "ab-\"1\"x""#
    );
    let mut wrong = good.clone();
    wrong.maybe = Some("b".to_owned());
    assert!(refused(wrong).starts_with("Patterns.maybe: "));
    let mut wrong = good.clone();
    wrong.left = Presence::Present("a".to_owned());
    assert!(refused(wrong).starts_with("Patterns.left: "));
    let mut wrong = good;
    wrong.currency.0 = "eur".to_owned();
    assert_eq!(
        refused(wrong),
        "Patterns.currency: expected a text that matches `^[A-Z]{3}$`, came str \"eur\""
    );
}

#[test]
fn unions_and_open_ones() {
    let unknown = Any::encode(&unions::Closed {
        at: Default::default(),
    });
    let event: unions::Event = unknown.decode().expect("an open union keeps it");
    assert_eq!(event, unions::Event::Unknown(unknown.clone()));
    assert_eq!(Any::encode(&event), unknown);
    for value in [
        unions::Scalar::Nil(()),
        unions::Scalar::Bool(true),
        unions::Scalar::I64(-1),
        unions::Scalar::F64(0.5),
        unions::Scalar::Str("x".to_owned()),
    ] {
        round(value);
    }
    round(inline::PlacesPaired2::U32(3));
    round(enums::Country::Unrecognized("FI".to_owned()));
    assert_eq!(round(enums::Country::Unknown).to_string(), "\"unknown\"");
    assert_eq!(round(enums::Venue::Unknown(9)).to_string(), "9");
}
