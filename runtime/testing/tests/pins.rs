//! The macros in the hands of a user: the snapshots are this crate's, called like the tests.

use scipp_codec::{Decoder, Encoder, Head, Payload};
use scipp_testing::{assert_generated, assert_wire};

#[derive(Debug, PartialEq, Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "type")]
struct Quote {
    symbol: String,
    bid: f64,
    levels: Vec<Level>,
    raw: bytes::Bytes,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Payload)]
#[payload(crate = ::scipp_codec::generated, array)]
struct Level {
    px: i64,
    own: bool,
}

#[test]
fn a_value_of_all_kinds() {
    assert_wire!(Quote {
        symbol: "ACME".to_owned(),
        bid: 1.5,
        levels: vec![
            Level {
                px: -300,
                own: true
            },
            Level {
                px: 70_000,
                own: false
            }
        ],
        raw: bytes::Bytes::from_static(b"a text of more bytes than a line has"),
        note: None,
    });
}

#[test]
fn two_values_in_a_test_have_names() {
    assert_wire!("small", 1_u8);
    assert_wire!("large", u64::MAX);
}

#[test]
fn what_is_generated() {
    assert_generated!("tests/schemas.scipp");
}

#[test]
#[should_panic(expected = "error[E0001]")]
fn a_schema_that_is_not_there_is_said() {
    assert_generated!("tests/missing.scipp");
}

/// Writes a number and reads another one.
#[derive(Debug, PartialEq)]
struct Odd(u8);

impl Payload for Odd {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.0.encode(out);
    }

    fn decode(input: &mut Decoder<'_>) -> Result<Self, scipp_codec::DecodeError> {
        u8::decode(input).map(|it| Self(it | 1))
    }

    fn accepts(head: &Head<'_>) -> bool {
        u8::accepts(head)
    }
}

#[test]
#[should_panic(expected = "another one after it was written and read")]
fn a_value_that_does_not_come_back_is_said() {
    scipp_testing::wire(&Odd(2));
}
