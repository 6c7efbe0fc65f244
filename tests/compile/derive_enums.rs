//! Members of enums, and the one that keeps what isn't known.

use scipp_codec::Payload;

#[derive(Payload)]
#[payload(text)]
enum TwoUnknown {
    A,
    #[payload(unknown)]
    Other(String),
    #[payload(unknown)]
    More(String),
}

#[derive(Payload)]
#[payload(text)]
enum SameText {
    A,
    #[payload(text = "A")]
    B,
}

#[derive(Payload)]
#[payload(text)]
enum Holds {
    A(u8),
}

#[derive(Payload)]
#[payload(text)]
enum UnknownHoldsNothing {
    A,
    #[payload(unknown)]
    Other,
}

#[derive(Payload)]
#[payload(text)]
enum NamedUnknown {
    A,
    #[payload(unknown, text = "other")]
    Other(String),
}

#[derive(Payload)]
#[payload(text)]
enum UnknownOfAnotherType {
    A,
    #[payload(unknown)]
    Other(u8),
}

#[derive(Payload)]
#[payload(int = "usize")]
enum NoSuchInt {
    #[payload(int = 1)]
    A,
}

#[derive(Payload)]
#[payload(int = "u8")]
enum NoInt {
    A,
}

#[derive(Payload)]
#[payload(int = "u8")]
enum TooLarge {
    #[payload(int = 256)]
    A,
}

#[derive(Payload)]
#[payload(int = "u8")]
enum Negative {
    #[payload(int = -1)]
    A,
}

#[derive(Payload)]
#[payload(int = "u8")]
enum SameInt {
    #[payload(int = 1)]
    A,
    #[payload(int = 0x01)]
    B,
}

#[derive(Payload)]
#[payload(int = "u8")]
enum TextInInt {
    #[payload(text = "a")]
    A,
}

#[derive(Payload)]
#[payload(int = "u8")]
enum UnknownOfAnotherWidth {
    #[payload(int = 1)]
    A,
    #[payload(unknown)]
    Other(u16),
}

#[derive(Payload)]
#[payload(text)]
enum Nobody {}

fn main() {}
