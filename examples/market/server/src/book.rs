//! The made-up book: prices that are the same in every run.

use scipp_runtime::generated::{Decimal, Timestamp};

use crate::market::{
    common::Symbol,
    feed::{Level, Quote, UnknownSymbol, Venue},
};

/// Name, first price in ticks, decimal places of a tick.
const SYMBOLS: [(&str, i64, u32); 3] = [
    ("ACME", 10_120, 2),
    ("EURUSD", 10_841, 4),
    ("WHEAT", 61_250, 2),
];

/// Prices come back after so many steps.
const WAVE: u32 = 40;

/// 2026-01-02T09:00:00Z, in seconds: when the exchange opened.
const OPENING: i64 = 1_767_344_400;

/// The quote of a symbol `step` seconds after the opening.
pub(crate) fn quote(symbol: &Symbol, step: u32) -> Result<Quote, UnknownSymbol> {
    let Some((_, first, scale)) = SYMBOLS.iter().find(|(name, ..)| *name == symbol.0) else {
        return Err(UnknownSymbol {
            symbol: symbol.clone(),
        });
    };
    let bid = first + i64::from(step % WAVE);
    let level = |ticks, qty| Level {
        px: Decimal::new(ticks, *scale),
        qty,
    };
    Ok(Quote {
        symbol: symbol.clone(),
        bid: level(bid, 100.0),
        ask: level(bid + 2, 80.0),
        venue: Venue::Lit,
        at: moment(step),
        fee: None,
        note: None,
    })
}

/// The step at or after a moment.
pub(crate) fn step_since(since: Timestamp) -> u32 {
    u32::try_from(since.as_second() - OPENING).unwrap_or(0)
}

fn moment(step: u32) -> Timestamp {
    Timestamp::from_second(OPENING + i64::from(step)).unwrap_or_default()
}
