//! Any bytes as MessagePack: the walk agrees with another reader, and with itself.

use scipp_codec::walk::{self, WalkLimits, Why};
use scipp_codec::{Any, from_slice, to_bytes};
use scipp_smith::Choices;

use crate::lone::encoded;
use crate::speech::message;

/// A message.
pub fn sample(choices: &mut Choices<'_>) -> Vec<u8> {
    encoded(&message(choices, &[]))
}

/// What the walk takes is one value, for rmpv too, and its bytes are kept; what it cuts off at any point is truncated.
///
/// # Panics
///
/// If the codec has a bug.
pub fn walk(bytes: &[u8]) {
    let checked = walk::check(bytes, &WalkLimits::default());
    let mut rest = bytes;
    let theirs = rmpv::decode::read_value_ref(&mut rest);
    match checked.map_err(|reject| (reject.why, reject.at)) {
        Ok(()) => {
            assert!(theirs.is_ok() && rest.is_empty(), "{theirs:?}");
            assert_eq!(walk::skip(bytes), Ok(bytes.len()));
            let any: Result<Any, _> = from_slice(bytes);
            assert_eq!(any.map(|any| to_bytes(&any)).as_deref(), Ok(bytes));
            // Half of a value is none, wherever it is cut.
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            let cut = walk::check(half, &WalkLimits::default()).map_err(|reject| reject.why);
            assert_eq!(cut, Err(Why::Truncated));
        }
        Err((why, at)) => {
            assert!(at <= bytes.len());
            match why {
                Why::Trailing => assert!(theirs.is_ok() && !rest.is_empty()),
                Why::Truncated => assert!(theirs.is_err(), "{theirs:?}"),
                // It has no such rules, or others.
                Why::Reserved | Why::BadUtf8 | Why::TooDeep | Why::TooMany => {}
            }
        }
    }
}
