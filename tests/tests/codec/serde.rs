//! The same bytes as rmp-serde, for every type that both can write, and every value back.

use proptest::prelude::*;
use scipp_codec::{Any, Payload, from_bytes, from_slice, to_bytes};
use serde::Serialize;

use super::hex::hex;
use super::types::{Nested, Wide, command, nested, numbers, order, row};

fn same<T: Payload + Serialize + PartialEq + std::fmt::Debug>(value: &T) {
    let ours = to_bytes(value);
    let theirs = rmp_serde::to_vec_named(value).expect("rmp-serde writes it");
    assert_eq!(hex(&ours), hex(&theirs), "{value:?}");
    // NaN equals nothing, so the values are compared by what they print, which for floats is exact otherwise.
    let shown = format!("{value:?}");
    assert_eq!(
        format!("{:?}", from_bytes::<T>(&ours).expect("read, shared")),
        shown
    );
    assert_eq!(
        format!("{:?}", from_slice::<T>(&theirs).expect("read, copied")),
        shown
    );
    let any = Any::new(ours.clone()).expect("one value");
    assert_eq!(any, Any::from_serde(value).expect("one value"));
    assert_eq!(to_bytes(&any), ours, "kept as it is");
}

proptest! {
    #[test]
    fn numbers_are_written_alike(value in numbers()) {
        same(&value);
    }

    #[test]
    fn messages_are_written_alike(value in order()) {
        same(&value);
    }

    #[test]
    fn unions_are_written_alike(value in command()) {
        same(&value);
    }

    #[test]
    fn arrays_are_written_alike(value in row()) {
        same(&value);
        same(&vec![value; 17]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nested_values_are_written_alike(value in nested()) {
        same(&value);
    }

    /// Entries of maps in whatever order, with others between them, give the same value.
    #[test]
    fn order_and_unknown_keys_do_not_matter(value in nested(), seed in any::<u64>()) {
        let mut tree = rmpv::decode::read_value(&mut to_bytes(&value).as_ref()).expect("MessagePack");
        let mut seed = seed;
        shuffle(&mut tree, &mut seed, true);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &tree).expect("written");
        let read: Nested = from_slice(&bytes).expect("the same value");
        prop_assert_eq!(hex(&to_bytes(&read)), hex(&to_bytes(&value)));
    }
}

#[test]
fn a_wide_message_is_written_alike() {
    same(&Wide::default());
}

/// Reorders the entries of structs and adds unknown ones. The two maps of [`Nested`] are data: they are left as they are,
/// and so is all that is inside of them.
fn shuffle(value: &mut rmpv::Value, seed: &mut u64, is_struct: bool) {
    match value {
        rmpv::Value::Array(items) => items.iter_mut().for_each(|item| shuffle(item, seed, true)),
        rmpv::Value::Map(entries) if is_struct => {
            for (key, value) in entries.iter_mut() {
                let data = key.as_str().is_some_and(|key| key.starts_with("by_"));
                shuffle(value, seed, !data);
            }
            let odd = rmpv::Value::Map(vec![(
                "x".into(),
                rmpv::Value::Array(vec![1.into(), true.into()]),
            )]);
            entries.push(("an unknown key".into(), odd));
            for last in (1..entries.len()).rev() {
                *seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                entries.swap(last, (*seed >> 33) as usize % (last + 1));
            }
        }
        _ => {}
    }
}
