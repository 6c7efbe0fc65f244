//! Keys, names and what is there when nothing is.

use scipp_codec::{Payload, Presence};

#[derive(Payload)]
struct SameKey {
    a: u8,
    #[payload(key = "a")]
    b: u8,
}

#[derive(Payload)]
struct NoNames(u8, u8);

#[derive(Payload)]
#[payload(transparent)]
struct TwoInside(u8, u8);

#[derive(Payload)]
#[payload(transparent)]
struct NameInside {
    a: u8,
}

#[derive(Payload)]
#[payload(transparent)]
struct DefaultInside(#[payload(default = 7)] u8);

#[derive(Payload)]
struct OmittableWithDefault {
    #[payload(omittable, default)]
    a: Presence<u8>,
}

#[derive(Payload)]
#[payload(array)]
struct OmittableInArray {
    #[payload(omittable)]
    a: Presence<u8>,
}

fn main() {}
