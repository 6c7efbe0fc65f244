//! The interpreter that the comparison of schemas is tested with is itself held against generated code: random values of the
//! corpus, and the same bytes with a change, are read and written alike.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a failed expectation is how a test speaks"
)]

#[path = "../../tests/evolution/dynamic.rs"]
mod dynamic;
#[path = "../../tests/evolution/values.rs"]
mod values;

use dynamic::{Codec, written};
use scipp_idl::schema::{ItemName, Type};
use scipp_idl::{Input, Options, check};
use scipp_runtime::generated::{Any, Payload};
use scipp_smith::Choices;
use std::path::Path;

/// Values of each type.
const VALUES: usize = 150;

/// Changes of the bytes of each value.
const CHANGES: usize = 12;

#[derive(Debug, Default)]
struct Counts {
    values: usize,
    accepted: usize,
    refused: usize,
}

/// Reads what the interpreter writes with the generated type, and the same for bytes with a change.
fn alike<T: Payload>(codec: &Codec<'_>, package: &str, name: &str, counts: &mut Counts) {
    let name = ItemName {
        package: package.to_owned(),
        name: name.to_owned(),
    };
    let ty = Type::Named {
        name: name.clone(),
        args: Vec::new(),
    };
    let mut choices = Choices::seed(7);
    for round in 0..VALUES {
        let Some(value) = codec.any_value(&ty, &mut choices, round % 5) else {
            continue;
        };
        let bytes = written(&value);
        counts.values += 1;
        let any = Any::new(bytes.clone()).expect("a value");
        let read: T = any
            .decode()
            .unwrap_or_else(|error| panic!("{name:?}: {value:?}: {error}"));
        assert_eq!(
            Any::encode(&read).as_bytes().to_vec(),
            bytes,
            "{name:?}: {value:?}"
        );
        for _ in 0..CHANGES {
            let mut changed = bytes.clone();
            let at = choices.below(changed.len());
            match choices.below(4) {
                0 => changed[at] = u8::try_from(choices.below(256)).expect("a byte"),
                1 => changed[at] = changed[at].wrapping_add(1),
                2 => {
                    changed[at] = [0xc0, 0xc2, 0x00, 0xa0, 0x90, 0x80, 0xcb, 0xff][choices.below(8)]
                }
                _ => drop(changed.remove(at)),
            }
            let Ok(any) = Any::new(changed.clone()) else {
                continue;
            };
            let generated = any
                .decode::<T>()
                .map(|value| Any::encode(&value).as_bytes().to_vec());
            let dynamic = codec.read(&ty, &changed).map(|value| written(&value));
            match (generated, dynamic) {
                (Ok(generated), Ok(dynamic)) => {
                    counts.accepted += 1;
                    assert_eq!(
                        generated, dynamic,
                        "{name:?}: {changed:02x?} is read differently"
                    );
                }
                (Err(_), Err(_)) => counts.refused += 1,
                (generated, dynamic) => {
                    panic!(
                        "{name:?}: {changed:02x?}: generated {generated:?}, interpreted {dynamic:?}"
                    )
                }
            }
        }
    }
}

macro_rules! types {
    ($codec:expr, $counts:expr; $($package:ident: $($name:ident),+;)+) => {
        $($(alike::<scipp_golden::$package::$name>($codec, stringify!($package), stringify!($name), $counts);)+)+
    };
}

#[test]
fn generated_and_interpreted_types_read_and_write_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/corpus");
    let checked = check(&[Input::Folder(folder)], &Options::default());
    assert!(!checked.diagnostics.has_errors());
    let codec = Codec::new(&checked.schema);
    let mut counts = Counts::default();
    types! { &codec, &mut counts;
        presence: Person, Patch, Empty, Ping;
        unions: Quote, Halt, Resume, Tick, Feed, Closed, Event, Scalar, Plain, Either, Holder;
        enums: Colour, Priority, Offset, Venue, Country, Flag;
        constraints: Order, Port, Currency, Patterns;
        arrays: Point, Move, Span;
        optional_values: Point, Port, Zone, Shade, Values;
        newtypes: UserId, Email, Weights, When, Account;
        maps: Day, UserId, Slug, Tables;
        recursion: Chain, Tree, Folder, Expr, Number, Sum, Negate, Ping, Pong;
        tags: Plain, Circle, Square, Shape, Set, Drawing;
        wire_names: Renamed;
        scalars: Every, Maybe, Many;
        defaults: Side, Level, Everything;
        errors: NotFound, QuotaExceeded, Locked, Rejected;
        exts: Money, Raw, Sealed, Rate, Either, Chain, Uses, Value, Quote;
    }
    eprintln!("{counts:?}");
    assert!(
        counts.values > 3000 && counts.accepted > 1000 && counts.refused > 1000,
        "{counts:?}"
    );
}
