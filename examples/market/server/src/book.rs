//! The made-up book: prices that are the same in every run.

use scipp_runtime::generated::{Decimal, Timestamp};

use crate::market::{
    common::Symbol,
    feed::{Level, Quote, UnknownSymbol, Venue},
};

const SYMBOLS: [(&str, i64); 3] = [("ACME", 101_20), ("EURUSD", 1_08), ("WHEAT", 612_50)];

/// 2026-01-02T09:00:00Z, in seconds: when the exchange opened.
const OPENING: i64 = 1_767_344_400;

/// The quote of a symbol `step` seconds after the opening.
pub(crate) fn quote(symbol: &Symbol, step: u32) -> Result<Quote, UnknownSymbol> {
    let Some((_, cents)) = SYMBOLS.iter().find(|(name, _)| *name == symbol.0) else {
        return Err(UnknownSymbol {
            symbol: symbol.clone(),
        });
    };
    let cents = cents + i64::from(step) * 5;
    Ok(Quote {
        symbol: symbol.clone(),
        bid: Level {
            px: Decimal::new(cents, 2),
            qty: 100.0,
        },
        ask: Level {
            px: Decimal::new(cents + 10, 2),
            qty: 80.0,
        },
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
