//! What a field's type must be is said at the field.

use scipp_codec::Payload;

#[derive(Payload)]
struct NotAPresence {
    #[payload(omittable)]
    a: u8,
}

struct Plain;

#[derive(Payload)]
struct NotAPayload {
    a: Plain,
}

#[derive(Payload)]
struct MachineWord {
    n: usize,
}

#[derive(Payload)]
struct OddDefault {
    #[payload(default = "seven")]
    n: u8,
}

#[derive(Payload)]
#[payload(transparent)]
struct Newtype(Plain);

#[derive(Payload)]
#[payload(union)]
enum Union {
    Plain(Plain),
}

fn main() {}
