//! Prints a dialog as two people would read it: who says what, in order.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::fmt::Display;

use crate::market::feed::{Quote, Snapshot, Tick};

/// Opens a chapter.
pub(crate) fn title(text: &str) {
    println!("\n{text}");
}

/// The caller speaks.
pub(crate) fn caller(text: impl Display) {
    println!("    > {text}");
}

/// The callee speaks.
pub(crate) fn callee(text: impl Display) {
    println!("    < {text}");
}

/// One line for a quote.
pub(crate) fn quote(quote: &Quote) -> String {
    format!(
        "{} {} / {} at {}",
        quote.symbol.0, quote.bid.px, quote.ask.px, quote.at
    )
}

/// One line for a tick.
pub(crate) fn tick(tick: &Tick) -> String {
    match tick {
        Tick::Quote(of) => format!("Yield    {}", quote(of)),
        Tick::Halt(halt) => format!("Yield    {} halted: {:?}", halt.symbol.0, halt.reason),
    }
}

/// One line for a snapshot.
pub(crate) fn snapshot(snapshot: &Snapshot) -> String {
    let quotes: Vec<String> = snapshot.quotes.values().map(quote).collect();
    format!("Started  {}", quotes.join(", "))
}
