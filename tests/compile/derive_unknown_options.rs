//! An option that isn't known is answered with those that are.

use scipp_codec::{DeclaredError, Payload};

#[derive(Payload)]
#[payload(tagged = "type")]
struct OnType {
    a: u8,
}

#[derive(Payload)]
struct OnField {
    #[payload(rename = "b")]
    a: u8,
}

#[derive(Payload)]
#[payload(text)]
enum OnVariant {
    #[payload(rename = "b")]
    A,
}

#[derive(Payload)]
#[payload]
struct Empty {
    a: u8,
}

#[derive(Debug, Payload, DeclaredError)]
#[error(message = "no")]
struct OnError {
    a: u8,
}

fn main() {}
