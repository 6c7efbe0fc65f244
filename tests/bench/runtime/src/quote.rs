//! The value that is sent: the same for each peer, in its own type.

use serde::{Deserialize, Serialize};

/// For the peers that speak serde.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Quote {
    pub(crate) symbol: String,
    pub(crate) bid: f64,
    pub(crate) ask: f64,
    pub(crate) size: u32,
    pub(crate) ts: u64,
}

pub(crate) const SYMBOL: &str = "ESZ6";
pub(crate) const BID: f64 = 4_512.25;
pub(crate) const ASK: f64 = 4_512.5;
pub(crate) const SIZE: u32 = 70_000;
pub(crate) const TS: u64 = 1_795_000_000_000_000_000;

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;

impl Quote {
    pub(crate) fn new() -> Self {
        Self {
            symbol: SYMBOL.to_owned(),
            bid: BID,
            ask: ASK,
            size: SIZE,
            ts: TS,
        }
    }
}
