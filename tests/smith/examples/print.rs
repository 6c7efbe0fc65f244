//! Prints the schema of a seed: `cargo run -p scipp-smith --example print -- 7`.
#![allow(clippy::print_stdout, reason = "it is a program that prints")]

use scipp_smith::{Choices, Size, schema};

fn main() {
    let seed = std::env::args().nth(1).and_then(|it| it.parse().ok());
    let made = schema(&mut Choices::seed(seed.unwrap_or(0)), &Size::default());
    print!("{}", made.to_text());
}
