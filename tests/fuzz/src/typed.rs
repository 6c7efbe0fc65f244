//! Bytes as values of declared types: what is read is written, and read again.

use scipp_codec::generated as scipp;
use scipp_codec::walk::{self, WalkLimits};
use scipp_codec::{Any, Map, from_slice, to_bytes};
use scipp_protocol::wire::shuttle::messages;
use scipp_smith::Choices;

/// A value of one of the types.
pub fn sample(choices: &mut Choices<'_>) -> Vec<u8> {
    let which = choices.below(TYPES);
    let value = match which {
        0 => to_bytes(&quote(choices)),
        1 => to_bytes(&tick(choices)),
        2 => to_bytes(&Row {
            id: choices.below(100_000) as u64,
            marks: (0..choices.below(3) as u8).collect(),
            weight: choices.below(256) as u8,
        }),
        3 => to_bytes(&page(choices)),
        4 => to_bytes(&vec![Some("text".repeat(choices.below(20))), None]),
        5 => to_bytes(&Map::from_iter([(
            choices.below(1_000) as i32 - 500,
            vec![0.5; choices.below(4)],
        )])),
        6 => to_bytes(&(
            jiff::Timestamp::UNIX_EPOCH,
            jiff::SignedDuration::from_millis(choices.below(100_000) as i64),
            uuid::Uuid::from_u128(choices.below(1_000) as u128),
        )),
        7 => to_bytes(&vec![(
            jiff::civil::date(2026, 2, 28),
            rust_decimal::Decimal::new(choices.below(10_000) as i64, 2),
        )]),
        8 => crate::walk::sample(choices).into(),
        _ => to_bytes(&OpenTick::Count(choices.below(1_000) as u32)),
    };
    [&[which as u8][..], &value].concat()
}

/// Types that are asked.
const TYPES: usize = 10;

fn quote(choices: &mut Choices<'_>) -> Quote {
    Quote {
        symbol: Symbol("A".repeat(choices.between(1, 8))),
        bid: level(choices),
        venue: Venue::Unknown(choices.below(256) as u8),
        note: choices.one_in(2).then(|| "note".to_owned()),
        patch: if choices.one_in(2) {
            scipp::Presence::Absent
        } else {
            scipp::Presence::Present(None)
        },
        day: choices.one_in(2).then_some(jiff::civil::date(2024, 2, 29)),
    }
}

fn level(choices: &mut Choices<'_>) -> Level {
    Level {
        px: rust_decimal::Decimal::new(choices.below(100_000) as i64, 3),
        qty: choices.below(100) as f64 / 8.0,
    }
}

fn tick(choices: &mut Choices<'_>) -> Tick {
    match choices.below(7) {
        0 => Tick::Level(level(choices)),
        1 => Tick::Halt(Halt {
            reason: Reason::Unknown("other".to_owned()),
        }),
        2 => Tick::Quote(Box::new(quote(choices))),
        3 => Tick::Count(choices.below(100_000) as i64 - 50_000),
        4 => Tick::Text("text".repeat(choices.below(20))),
        5 => Tick::Many(vec![true; choices.below(20)]),
        _ => Tick::Nil(()),
    }
}

fn page(choices: &mut Choices<'_>) -> Page<Level> {
    let items = (0..choices.below(3)).map(|_| level(choices)).collect();
    let next = choices.one_in(2).then(|| Box::new(page(choices)));
    Page { items, next }
}

/// The first byte picks a type, the rest is read as that.
///
/// # Panics
///
/// If the codec has a bug.
pub fn typed(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    const ASK: [fn(&[u8]); TYPES] = [
        round::<Quote>,
        round::<Tick>,
        round::<Row>,
        round::<Page<Level>>,
        round::<Vec<Option<String>>>,
        round::<Map<i32, Vec<f64>>>,
        round::<(jiff::Timestamp, jiff::SignedDuration, uuid::Uuid)>,
        round::<Vec<(jiff::civil::Date, rust_decimal::Decimal)>>,
        round::<messages::Message>,
        round::<OpenTick>,
    ];
    if let Some(ask) = ASK.get(usize::from(*which) % TYPES) {
        ask(bytes);
    }
}

/// A value has one form, whatever form it came in, and that form is read as the same value.
fn round<T: scipp::Payload>(bytes: &[u8]) {
    let read: Result<T, _> = from_slice(bytes);
    let sound = walk::check(bytes, &WalkLimits::default()).is_ok();
    let Ok(value) = read else {
        return;
    };
    assert!(sound, "nothing is read of bytes that are no value");
    let written = to_bytes(&value);
    assert_eq!(
        walk::check(&written, &WalkLimits::default()),
        Ok(()),
        "what is written is one value"
    );
    let again: T = from_slice(&written)
        .unwrap_or_else(|error| panic!("what is written cannot be read: {error}"));
    assert_eq!(to_bytes(&again), written, "a value has one form");
    // By way of an untyped value too.
    let any = Any::new(bytes.to_vec()).unwrap_or_else(|error| panic!("it was read: {error}"));
    let untyped: T = any
        .decode()
        .unwrap_or_else(|error| panic!("it was read: {error}"));
    assert_eq!(to_bytes(&untyped), written, "both ways lead to one value");
}

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
    day: Option<jiff::civil::Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, transparent, len = "1..=8")]
struct Symbol(pub String);

#[derive(Debug, Clone, Copy, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, int = "u8")]
enum Venue {
    #[payload(int = 1)]
    Lit,
    #[payload(unknown)]
    Unknown(u8),
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, text)]
enum Reason {
    #[payload(text = "news")]
    News,
    #[payload(unknown)]
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, tag = "type", name = "halt")]
struct Halt {
    reason: Reason,
}

#[derive(Debug, Clone, PartialEq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated, union)]
enum Tick {
    Level(Level),
    Halt(Halt),
    Quote(Box<Quote>),
    Count(i64),
    Text(String),
    Many(Vec<bool>),
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
