//! Our own mistakes.

/// A wrong use of a dialog by the program that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// A second start value.
    #[error("wrong use: `started` was called twice; a dialog starts once")]
    StartedTwice,
    /// An item or a result before the start value.
    #[error(
        "wrong use: `started` was not called; this endpoint starts with a value, which its caller waits for before anything else"
    )]
    NotStarted,
    /// An item after the end of the stream.
    #[error("wrong use: an item was sent after `stop`")]
    SentAfterStop,
    /// Something after the dialog's result was taken.
    #[error("wrong use: the dialog is over and its result was taken")]
    Over,
    /// A value that is larger than a frame may be.
    #[error(
        "wrong use: the value is larger than a frame may be; send it in parts, as items of a stream"
    )]
    TooLarge,
    /// A start value, a result or an error that the schema does not allow: where in it, what was expected, what came.
    #[error("wrong use: the schema does not allow the value, so it was not sent: {0}")]
    Value(String),
    /// Something that this kind of dialog does not have.
    #[error("wrong use: the endpoint has no stream in this direction")]
    NoStream,
}

impl From<scipp_protocol::Misuse> for Misuse {
    fn from(misuse: scipp_protocol::Misuse) -> Self {
        use scipp_protocol::Misuse as Core;
        match misuse {
            Core::NoStream => Self::NoStream,
            Core::Started => Self::StartedTwice,
            Core::TooLarge { .. } | Core::NameTooLong { .. } => Self::TooLarge,
            _ => Self::Over,
        }
    }
}
