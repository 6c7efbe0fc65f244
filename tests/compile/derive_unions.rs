//! Members of unions hold one type each.

use scipp_codec::{Any, Payload};

#[derive(Payload)]
#[payload(union)]
enum Unit {
    Nil,
}

#[derive(Payload)]
#[payload(union)]
enum Two {
    A(u8, u8),
}

#[derive(Payload)]
#[payload(union)]
enum Named {
    #[payload(text = "a")]
    A(u8),
}

#[derive(Payload)]
#[payload(union)]
enum TwoUnknown {
    A(u8),
    #[payload(unknown)]
    Other(Any),
    #[payload(unknown)]
    More(Any),
}

#[derive(Payload)]
#[payload(union)]
enum Nobody {}

fn main() {}
