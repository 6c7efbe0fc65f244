//! The `scipp` command.

fn main() {}
