//! Declared errors and the sets of them.

use scipp_codec::{DeclaredError, Payload, Raises};

#[derive(Debug, DeclaredError)]
enum NotAStruct {
    A,
}

#[derive(Debug, Payload, DeclaredError)]
#[error(text = "no such symbol: {symbl}")]
struct NoSuchField {
    symbol: String,
}

#[derive(Debug, Payload, DeclaredError)]
#[error(text = "half {symbol")]
struct HalfABrace {
    symbol: String,
}

#[derive(Debug, Raises)]
struct NotAnEnum {
    a: u8,
}

#[derive(Debug, Raises)]
enum HoldsNothing {
    A,
}

#[derive(Debug, Raises)]
enum Nobody {}

#[derive(Debug, DeclaredError)]
struct NoPayload {
    a: u8,
}

struct Plain;

#[derive(Debug, Raises)]
enum NotDeclared {
    Plain(Plain),
}

fn main() {}
