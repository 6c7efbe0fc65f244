//! What the large schema says, in no language: messages of ten fields, interfaces of ten endpoints.
//!
//! It is the same in each language, so that the compilers do the same work, and it has no chance in it, so that two
//! runs do.

/// Messages that hold each other.
const NESTING: usize = 8;

/// How large it is.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Shape {
    /// Messages, each of ten fields.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) messages: usize,
    /// Interfaces, each of ten endpoints.
    #[arg(long, default_value_t = 100)]
    pub(crate) interfaces: usize,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    U32,
    I64,
    F64,
    Text,
    Bytes,
    /// May be left out.
    OptionalText,
    ListOfU32,
    /// From text to a 64-bit integer.
    Map,
    /// A list of an earlier message.
    Messages(usize),
}

/// What an endpoint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// One answer.
    Unary,
    /// Many answers.
    Stream,
    /// Items both ways.
    Both,
}

/// One endpoint: what goes in and what comes out are messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) call: Call,
    pub(crate) takes: usize,
    pub(crate) gives: usize,
}

impl Shape {
    /// The names and types of the fields of one message.
    pub(crate) fn fields(&self, message: usize) -> [(&'static str, Kind); 10] {
        // Families of messages that hold each other, as deep as people nest them.
        let last = match message % NESTING {
            0 => Kind::I64,
            _ => Kind::Messages(message - 1),
        };
        [
            ("active", Kind::Bool),
            ("sequence", Kind::U32),
            ("offset", Kind::I64),
            ("price", Kind::F64),
            ("name", Kind::Text),
            ("blob", Kind::Bytes),
            ("note", Kind::OptionalText),
            ("sizes", Kind::ListOfU32),
            ("totals", Kind::Map),
            ("parts", last),
        ]
    }

    /// The ten endpoints of one interface: seven with one answer, two with many, one with items both ways.
    pub(crate) fn endpoints(&self, interface: usize) -> [Endpoint; 10] {
        std::array::from_fn(|index| Endpoint {
            call: match index {
                0..7 => Call::Unary,
                7..9 => Call::Stream,
                _ => Call::Both,
            },
            takes: (interface * 10 + index) % self.messages.max(1),
            gives: (interface * 10 + index + 1) % self.messages.max(1),
        })
    }
}
