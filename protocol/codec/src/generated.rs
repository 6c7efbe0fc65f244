//! All that generated types may name. Not for other code: it may change with the generator.

pub use bytes::Bytes;
pub use jiff::civil::{Date, Time};
pub use jiff::{SignedDuration, Timestamp};
pub use rust_decimal::Decimal;
pub use uuid::Uuid;

pub use crate::check::{Bound, Check, Measure, unique};
pub use crate::fields::{Fields, Items, Shape};
pub use crate::head::{Head, Kind, Tag};
pub use crate::union::{
    Member, accepted, member, open_member, open_text_member, text_member, unknown_int,
};
pub use crate::{
    Any, DeclaredError, DecodeError, Decoder, Encoder, Map, Never, Payload, Presence, Raises, Ref,
    Text,
};
