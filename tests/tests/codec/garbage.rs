//! Bytes from anywhere: no panic, no memory out of proportion, and the walk agrees with rmpv on what MessagePack is.

use proptest::collection::vec;
use proptest::prelude::*;
use scipp_codec::walk::{self, WalkLimits, Why};
use scipp_codec::{Any, Decoder, Map, Payload, from_slice, to_bytes};
use std::hint::black_box;

use super::types::{Command, Nested, Numbers, Order, Row, nested};

/// Memory that reading may take at once, per byte of input. A `Vec<Option<String>>` has 24 bytes for a nil of one, and
/// three times that while it grows.
const BYTES_PER_BYTE_MAX: u64 = 100;

/// What an error may take: a path, and texts that are cut.
const ERROR_BYTES_MAX: u64 = 2_048;

/// Reads the bytes as everything there is, with the walk and without.
fn read_all(bytes: &[u8]) {
    read::<Numbers>(bytes);
    read::<Order>(bytes);
    read::<Command>(bytes);
    read::<Row>(bytes);
    read::<Vec<Option<String>>>(bytes);
    read::<Map<String, Vec<f64>>>(bytes);
    read::<Map<u8, bool>>(bytes);
    read::<(jiff::Timestamp, jiff::SignedDuration, uuid::Uuid)>(bytes);
    read::<
        Vec<(
            jiff::civil::Date,
            jiff::civil::Time,
            rust_decimal::Decimal,
            scipp_codec::Ref,
        )>,
    >(bytes);
    // Recursive: without the walk there is no bound on its depth.
    measured(bytes, || drop(black_box(from_slice::<Nested>(bytes))));
}

fn read<T: Payload>(bytes: &[u8]) {
    measured(bytes, || drop(black_box(from_slice::<T>(bytes))));
    measured(bytes, || {
        drop(black_box(T::decode(&mut Decoder::new(bytes))))
    });
    // Twice without the walk: a decoder that failed stands where it stood.
    let mut decoder = Decoder::new(bytes);
    while T::decode(&mut decoder).is_ok() && !decoder.rest().is_empty() {
        if decoder.rest().len() == bytes.len() {
            break;
        }
    }
}

fn measured(bytes: &[u8], read: impl FnOnce()) {
    let used = allocation_counter::measure(read).bytes_max;
    let most = ERROR_BYTES_MAX + BYTES_PER_BYTE_MAX * bytes.len() as u64;
    assert!(
        used <= most,
        "{used} bytes of memory for {} bytes",
        bytes.len()
    );
}

/// What the walk says of bytes is what rmpv makes of them, within the limits that rmpv doesn't have.
fn agree(bytes: &[u8]) {
    let mut rest = bytes;
    let theirs = rmpv::decode::read_value(&mut rest);
    let ours = walk::check(bytes, &WalkLimits::default());
    match ours.map_err(|reject| reject.why) {
        Ok(()) => {
            let theirs = theirs.expect("rmpv reads what the walk accepts");
            assert!(rest.is_empty());
            assert!(only_utf8(&theirs));
            assert_eq!(walk::skip(bytes), Ok(bytes.len()));
            let any = Any::new(bytes.to_vec()).expect("the walk accepts it");
            black_box(any.to_string());
        }
        Err(Why::Trailing) => assert!(theirs.is_ok() && !rest.is_empty()),
        Err(Why::Truncated) => assert!(theirs.is_err(), "{theirs:?}"),
        // rmpv takes c1 for nil and keeps a str that is none; its own depth is another.
        Err(Why::Reserved | Why::BadUtf8 | Why::TooDeep | Why::TooMany) => {}
    }
}

fn only_utf8(value: &rmpv::Value) -> bool {
    match value {
        rmpv::Value::String(text) => text.is_str(),
        rmpv::Value::Array(items) => items.iter().all(only_utf8),
        rmpv::Value::Map(entries) => entries
            .iter()
            .all(|(key, value)| only_utf8(key) && only_utf8(value)),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..64)) {
        read_all(&bytes);
        agree(&bytes);
    }

    /// Mostly headers, so that values nest and declare lengths.
    #[test]
    fn headers(bytes in vec(prop_oneof![any::<u8>(), 0x80..=0xa4_u8, 0xc0..=0xdf_u8, Just(0), Just(1)], 0..64)) {
        read_all(&bytes);
        agree(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A value with a few bytes changed, cut or added.
    #[test]
    fn almost_values(value in nested(), changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut bytes = to_bytes(&value).to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_all(&bytes);
        agree(&bytes);
    }
}

#[test]
fn bombs_cost_nothing() {
    let headers = [
        [0xdd_u8, 0xff, 0xff, 0xff, 0xff],
        [0xdf, 0xff, 0xff, 0xff, 0xff],
    ];
    let mut bombs: Vec<Vec<u8>> = vec![
        vec![0x91; 1_000],
        vec![0x91; 100_000],
        vec![0x81; 100_000],
        [0xdc, 0xff, 0xff].repeat(24_000),
        [&[0xdd, 0, 0x0f, 0x42, 0x40][..], &vec![0xc0; 1_000_000]].concat(),
        [&[0xdd, 0, 0x0f, 0x42, 0x40][..], &vec![0x80; 1_000_000]].concat(),
        vec![0xc6, 0xff, 0xff, 0xff, 0xff],
        vec![0xdb, 0xff, 0xff, 0xff, 0xff],
        vec![0xc9, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for header in headers {
        bombs.extend([
            header.to_vec(),
            header.repeat(250),
            [&header[..], &[0xc0; 100]].concat(),
        ]);
    }
    for bomb in bombs {
        let used = allocation_counter::measure(|| {
            assert!(from_slice::<Vec<Option<String>>>(&bomb).is_err());
            assert!(from_slice::<Map<String, u64>>(&bomb).is_err());
            assert!(from_slice::<Vec<()>>(&bomb).is_err());
            assert!(from_slice::<Nested>(&bomb).is_err());
        });
        assert_eq!(used.bytes_total, 0, "{:02x?}", &bomb[..bomb.len().min(10)]);
    }
}

/// The most that fits into the limits: every value a nil.
#[test]
fn a_list_of_nils_stays_in_proportion() {
    let bytes = [&[0xdc, 0xff, 0xff][..], &vec![0xc0; 65_535]].concat();
    measured(&bytes, || {
        let list: Vec<Option<String>> = from_slice(&bytes).expect("within the limits");
        assert_eq!(list.len(), 65_535);
    });
}
