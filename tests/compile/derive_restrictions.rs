//! Ranges that say nothing, or nothing possible, and in places without a measure.

use scipp_codec::Payload;

#[derive(Payload)]
struct NoRange {
    #[payload(range = "0-5")]
    a: u8,
}

#[derive(Payload)]
struct Backwards {
    #[payload(range = "5..1")]
    a: u8,
}

#[derive(Payload)]
struct Nothing {
    #[payload(range = "5..5")]
    a: u8,
}

#[derive(Payload)]
struct NoEnd {
    #[payload(range = "0..=")]
    a: u8,
}

#[derive(Payload)]
struct HalfALength {
    #[payload(len = "0.5..")]
    a: String,
}

#[derive(Payload)]
struct NegativeLength {
    #[payload(len = "-1..")]
    a: String,
}

#[derive(Payload)]
struct NoPattern {
    #[payload(pattern = "[a-z")]
    a: String,
}

#[derive(Payload)]
#[payload(range = "0..")]
struct OnTheWhole {
    a: u8,
}

#[derive(Payload)]
#[payload(unique)]
struct UniqueOnTheWhole {
    a: Vec<u8>,
}

#[derive(Payload)]
#[payload(transparent)]
struct OnTheInside(#[payload(range = "0..5")] u8);

fn main() {}
