//! A tag needs a map or an array to stand in, and a key of its own.

use scipp_codec::Payload;

#[derive(Payload)]
#[payload(transparent, tag = "type")]
struct Newtype(u8);

#[derive(Payload)]
#[payload(union, tag = "type")]
enum Union {
    A(u8),
}

#[derive(Payload)]
#[payload(name = "Quote")]
struct NameWithoutTag {
    a: u8,
}

#[derive(Payload)]
#[payload(tag = "kind")]
struct Collides {
    kind: u8,
}

#[derive(Payload)]
#[payload(tag = "type", tag = "kind")]
struct Twice {
    a: u8,
}

fn main() {}
