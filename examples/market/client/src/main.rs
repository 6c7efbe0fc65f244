//! The client of the market example.

fn main() {}
