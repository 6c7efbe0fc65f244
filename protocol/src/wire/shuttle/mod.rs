//! The shuttle wire: tractor's ten messages, in MessagePack.

#[rustfmt::skip]
pub mod messages;
