//! The callee's side of a dialog.

use std::hash::Hasher;

use crate::Any;
use crate::cid::Cid;
use crate::dialog::stream::{Pace, PeerStop, Stream};
use crate::digest::Digest;
use crate::fault::Violation;
use crate::message::{Kind, Message, RemoteError};
use crate::session::{Incoming, Streams};

/// A dialog that the peer opened.
#[derive(Debug, Clone)]
pub(crate) struct Callee {
    pub(crate) cid: Cid,
    /// What the peer wants, until the application looks.
    pub(crate) incoming: Option<Incoming>,
    /// Set when the application accepts. From then on the dialog is *acked*.
    pub(crate) kind: Option<Kind>,
    pub(crate) stream: Stream,
    /// A context has said its first value: the dialog is *running*.
    pub(crate) started: bool,
    /// The application has been asked to end it.
    pub(crate) asked: bool,
    /// Cancel requests to answer when it is over.
    pub(crate) requests: Vec<Cid>,
    /// Its caller asked by a message that needs no answer.
    pub(crate) cancel_asked: bool,
}

/// What a message means to a callee.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing to do.
    Nothing,
    /// An item.
    Item(Any),
    /// The caller has left its stream.
    Stopped,
    /// The caller failed, or lost items of ours.
    CallerError(Box<RemoteError>),
}

impl Callee {
    pub(crate) fn new(cid: Cid, incoming: Incoming, pace: Pace) -> Self {
        Self {
            cid,
            incoming: Some(incoming),
            kind: None,
            // Until the application says what the endpoint takes, nothing that comes is thrown away.
            stream: Stream::new(
                Streams {
                    sends: false,
                    receives: true,
                },
                pace,
            ),
            started: false,
            asked: false,
            requests: Vec::new(),
            cancel_asked: false,
        }
    }

    /// Takes one message of the caller. It may send items before it has heard anything.
    pub(crate) fn receive(&mut self, message: Message) -> Result<Step, Violation> {
        let name = message.name();
        match message {
            // What comes after our own Stop is late; tractor drops it too.
            Message::Yield { payload, .. }
                if self.stream.takes_items() && !self.stream.stop_sent =>
            {
                Ok(Step::Item(payload))
            }
            Message::Yield { .. } => Ok(Step::Nothing),
            Message::Stop { .. } if self.stream.peer_stop == PeerStop::No => {
                self.stream.peer_stop = PeerStop::Arrived;
                Ok(Step::Stopped)
            }
            Message::Stop { .. } => Ok(Step::Nothing),
            Message::Error { error, .. } => Ok(Step::CallerError(error)),
            _ => Err(Violation::OutOfOrder {
                cid: self.cid.to_string(),
                expected: "Yield, Stop or Error from the caller",
                came: name,
            }),
        }
    }

    /// Whether the caller asked for the end in its own request.
    pub(crate) fn is_cancel_requested(&self) -> bool {
        self.cancel_asked || !self.requests.is_empty()
    }
}

impl Callee {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            cid,
            incoming,
            kind,
            stream,
            started,
            asked,
            requests,
            cancel_asked,
        } = self;
        into.cid(cid);
        into.add(incoming.is_some());
        if let Some(incoming) = incoming {
            incoming.digest(into);
        }
        stream.digest(into);
        into.add((kind, started, asked, cancel_asked));
        into.cids(requests.iter());
    }
}
