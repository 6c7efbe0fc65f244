//! Snapshot tests for users: what their values are on the wire, and what is generated from their schemas.
//!
//! ```
//! # use scipp_codec::Payload;
//! #[derive(Debug, PartialEq, Payload)]
//! #[payload(crate = ::scipp_codec::generated, tag = "type")]
//! struct Halt { symbol: String }
//!
//! # fn _as_in_a_test() {
//! // In a test: the bytes of a value, beside what they mean, as a snapshot.
//! scipp_testing::assert_wire!(Halt { symbol: "ACME".to_owned() });
//! // And the Rust that a schema gives; the path is relative to the crate's `Cargo.toml`.
//! scipp_testing::assert_generated!("schemas/market/feed.scipp");
//! # }
//! # let halt = Halt { symbol: "ACME".to_owned() };
//! # assert!(scipp_testing::dump(&scipp_codec::to_bytes(&halt)).contains("\"ACME\""));
//! ```
//!
//! The snapshots are those of [insta](https://insta.rs): files in `snapshots` beside the test, called like it. The first run
//! writes what is new as `.snap.new`; `cargo insta review` or `INSTA_UPDATE=always cargo test` accepts it. In CI, a missing
//! snapshot fails.

mod dump;
#[cfg(feature = "generated")]
mod generated;
mod wire;

pub use dump::dump;
#[cfg(feature = "generated")]
pub use generated::generated;
pub use wire::wire;

/// The snapshot library that the macros use, for `Settings` around them: its versions must not be mixed.
pub use insta;

/// Pins the bytes of a value: a snapshot of its MessagePack, byte by byte, and what the bytes mean.
///
/// The value is also read back from its bytes, and must be equal to what was written; so its type is
/// [`Payload`](scipp_codec::Payload), `PartialEq` and `Debug`. Generated types are. The snapshot is called like the test; a test with several has
/// `assert_wire!("name", value)`.
///
/// # Panics
/// If the bytes are not those of the snapshot, or the value does not come back from them.
#[macro_export]
macro_rules! assert_wire {
    ($value:expr $(,)?) => {
        $crate::assert_wire!($crate::insta::internals::AutoName, $value)
    };
    ($name:expr, $value:expr $(,)?) => {
        $crate::insta::assert_snapshot!($name, $crate::wire(&$value), ::std::stringify!($value))
    };
}

/// Pins the Rust that schemas give: a snapshot of what `scipp_codegen::build_script` would write for them.
///
/// Paths of schemas, files or folders, are relative to the folder of the crate's `Cargo.toml`. The snapshot is called like the test.
///
/// # Panics
/// If the code is not that of the snapshot, or the schemas have errors, which are shown.
#[cfg(feature = "generated")]
#[macro_export]
macro_rules! assert_generated {
    ($($schema:expr),+ $(,)?) => {
        $crate::insta::assert_snapshot!(
            $crate::insta::internals::AutoName,
            $crate::generated(::std::env!("CARGO_MANIFEST_DIR"), &[$($schema),+]),
            ::std::stringify!($($schema),+)
        )
    };
}
