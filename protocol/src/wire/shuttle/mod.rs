//! The shuttle wire: tractor's ten messages, in MessagePack.

#[allow(
    missing_docs,
    reason = "the fields are documented in the schema where their names don't say enough"
)]
pub mod messages;
