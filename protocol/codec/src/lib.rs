//! Typed values to payload bytes and back.
//!
//! A payload is one MessagePack value, written canonically (the same value has the same bytes from every language) and
//! read strictly, except where a schema has to be able to grow. [`Payload`] says how a type is written and read;
//! `#[derive(Payload)]` implements it for declared types. Bytes from outside pass the [`walk`] first; [`from_bytes`]
//! does both.
//!
//! ```
//! use scipp_codec::{Payload, from_bytes, to_bytes};
//!
//! #[derive(Debug, PartialEq, Payload)]
//! #[payload(crate = ::scipp_codec::generated, tag = "type")]
//! struct Quote {
//!     symbol: String,
//!     bid: f64,
//!     note: Option<String>,
//! }
//!
//! let quote = Quote { symbol: "SCI".to_owned(), bid: 1.5, note: None };
//! let bytes = to_bytes(&quote);
//! assert_eq!(from_bytes::<Quote>(&bytes)?, quote);
//!
//! let wrong = to_bytes(&(1_u8, true));
//! let error = from_bytes::<Quote>(&wrong).unwrap_err();
//! assert_eq!(error.to_string(), "Quote: expected map, came array of 2");
//! # Ok::<(), scipp_codec::PayloadError>(())
//! ```

mod any;
pub mod check;
mod decoder;
mod encoder;
mod error;
mod ext;
mod fields;
pub mod generated;
mod head;
pub mod limits;
mod never;
mod payload;
mod presence;
mod reference;
mod scalar;
mod sequence;
mod show;
mod union;
pub mod walk;

use bytes::{Bytes, BytesMut};

pub use crate::any::Any;
pub use crate::decoder::{Decoder, Int};
pub use crate::encoder::Encoder;
pub use crate::error::{DecodeError, PayloadError};
pub use crate::head::{Head, Kind, Tag};
pub use crate::never::Never;
pub use crate::payload::{DeclaredError, Payload, Raises};
pub use crate::presence::Presence;
pub use crate::reference::{Ref, RefError};
pub use crate::show::Text;
pub use scipp_derive::{DeclaredError, Payload, Raises};

/// The schema's `map<K, V>`: keeps the order of the wire. `K` is str-, int- or bool-like.
pub type Map<K, V> = indexmap::IndexMap<K, V>;

/// Writes a value.
pub fn to_bytes<T: Payload>(value: &T) -> Bytes {
    any::encoded(value)
}

/// Writes a value into a buffer that the thread has for it, and gives that to `then`: for bytes that go elsewhere at once.
/// Large ones may be taken out of it.
pub fn with_bytes<T: Payload, R>(value: &T, then: impl FnOnce(&mut BytesMut) -> R) -> R {
    any::with_bytes(value, then)
}

/// Reads bytes from outside: the walk within the default limits, then the value. `bytes` and `any` inside it share
/// the buffer.
///
/// # Errors
/// If the bytes are not one acceptable MessagePack value, or not a `T`.
pub fn from_bytes<T: Payload>(bytes: &Bytes) -> Result<T, PayloadError> {
    walk::check(bytes, &walk::WalkLimits::default())?;
    Ok(T::decode(&mut Decoder::shared(bytes))?)
}

/// Reads bytes from outside as [`from_bytes`] does, copying `bytes` and `any` out of the slice.
///
/// # Errors
/// If the bytes are not one acceptable MessagePack value, or not a `T`.
pub fn from_slice<T: Payload>(bytes: &[u8]) -> Result<T, PayloadError> {
    walk::check(bytes, &walk::WalkLimits::default())?;
    Ok(T::decode(&mut Decoder::new(bytes))?)
}
