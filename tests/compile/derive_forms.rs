//! A type travels in one form, and in one that its kind of type has.

use scipp_codec::Payload;

#[derive(Payload)]
#[payload(union)]
struct Union {
    a: u8,
}

#[derive(Payload)]
#[payload(text)]
struct Text {
    a: u8,
}

#[derive(Payload)]
#[payload(array)]
enum Array {
    A,
}

#[derive(Payload)]
enum Undecided {
    A,
}

#[derive(Payload)]
#[payload(array, transparent)]
struct Both(u8);

#[derive(Payload)]
#[payload(ext = 200)]
struct CodeTooLarge {
    a: u8,
}

#[derive(Payload)]
#[payload(ext = 20, tag = "type")]
struct TwoNames {
    a: u8,
}

#[derive(Payload)]
#[payload(ext = 20, text)]
enum ExtEnum {
    A,
}

#[derive(Payload)]
#[payload(bytes)]
struct BytesAlone(Vec<u8>);

#[derive(Payload)]
union Rust {
    a: u8,
}

fn main() {}
