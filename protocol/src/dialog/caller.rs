//! The caller's side of a dialog.

use std::hash::Hasher;
use std::time::Instant;

use crate::Any;
use crate::actor::Uid;
use crate::cid::Cid;
use crate::dialog::stream::{PeerStop, Stream};
use crate::dialog::{Asked, Broken, Cancelled, End};
use crate::digest::Digest;
use crate::fault::Violation;
use crate::message::{Kind, Message, RemoteError};
use crate::session::RequestId;

/// Where the caller's side is. Drawn in [`dialog`](crate::dialog).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum CallerState {
    /// The transport doesn't have the `Start` yet.
    Queued,
    /// It has.
    Sent,
    /// The callee runs it.
    Acked,
    /// A context has said its first value.
    Open,
    /// The callee is over, or nothing more will be known.
    Ended,
}

/// A dialog that we opened.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) cid: Cid,
    /// `None` for a request that the peer ends as an actor.
    pub(crate) kind: Option<Kind>,
    pub(crate) state: CallerState,
    pub(crate) stream: Stream,
    /// The first value, until it is taken.
    pub(crate) started: Option<Any>,
    /// The end, until it is taken.
    pub(crate) end: Option<End>,
    /// Why we asked for a cancel, first.
    pub(crate) asked: Option<Asked>,
    /// The cancel request that is not answered yet.
    pub(crate) request: Option<RequestId>,
    /// It was answered by what says that the callee is over, or nearly.
    acknowledged: bool,
    /// What the end will be once the callee is over, whatever it says then.
    verdict: Option<End>,
    /// Ended, and no request of ours about it is unanswered.
    pub(crate) over: bool,
    /// Nobody waits any more.
    pub(crate) forgotten: bool,
    pub(crate) deadline: Option<Instant>,
    pub(crate) reap: Option<Instant>,
    /// Messages other than items that wait in the outgoing queue: a cancel must not pass these.
    pub(crate) queued: u32,
}

/// What a message means to a caller.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing to do; late messages among others.
    Nothing,
    /// The first value is there.
    Started,
    /// An item.
    Item(Any),
    /// The callee has left its stream.
    Stopped,
    /// The callee is over.
    End(End),
    /// The callee has to be cancelled first.
    Cancel(Asked),
}

impl Caller {
    pub(crate) fn new(cid: Cid, kind: Option<Kind>, stream: Stream) -> Self {
        Self {
            cid,
            kind,
            state: CallerState::Queued,
            stream,
            started: None,
            end: None,
            asked: None,
            request: None,
            acknowledged: false,
            verdict: None,
            over: false,
            forgotten: false,
            deadline: None,
            reap: None,
            queued: 0,
        }
    }

    /// Takes one message of the callee.
    ///
    /// Order is strict where tractor's own callees keep it; what they do send late or needlessly is ignored.
    pub(crate) fn receive(
        &mut self,
        message: Message,
        me: &Uid,
        peer: &Uid,
    ) -> Result<Step, Violation> {
        use CallerState::{Acked, Ended, Open, Queued, Sent};
        let name = message.name();
        match (self.state, message) {
            (Ended, _) => Ok(Step::Nothing),
            // It cannot know an id that never left.
            (Queued, _) => Err(self.out_of_order("nothing: its Start was not sent", name)),
            (Sent, Message::StartAck { kind, .. }) => {
                self.state = Acked;
                match self.kind {
                    Some(expected) if expected != kind => {
                        self.verdict = Some(End::Broken(Broken::Kind {
                            expected,
                            came: kind,
                        }));
                        self.kind = Some(kind);
                        Ok(Step::Cancel(Asked::Broken))
                    }
                    _ => Ok(Step::Nothing),
                }
            }
            (_, Message::Error { error, .. }) => Ok(self.failed(*error, me, peer)),
            (Sent, _) => Err(self.out_of_order("StartAck or Error", name)),
            (Acked | Open, message) => self.running(message, name, me, peer),
        }
    }

    /// Whether an item is what may come now.
    pub(crate) fn expects_items(&self) -> bool {
        matches!(self.state, CallerState::Acked | CallerState::Open)
            && matches!(self.kind, Some(Kind::Context | Kind::Asyncgen))
    }

    fn running(
        &mut self,
        message: Message,
        name: &'static str,
        me: &Uid,
        peer: &Uid,
    ) -> Result<Step, Violation> {
        use CallerState::Open;
        match (self.kind, message) {
            (Some(Kind::Context), Message::Started { payload, .. }) if self.state != Open => {
                self.state = Open;
                self.started = Some(payload);
                Ok(Step::Started)
            }
            (Some(Kind::Context | Kind::Asyncgen), Message::Yield { payload, .. }) => {
                Ok(if self.stream.takes_items() {
                    Step::Item(payload)
                } else {
                    Step::Nothing
                })
            }
            (Some(Kind::Asyncgen), Message::Stop { .. }) => {
                self.stream.peer_stop = PeerStop::Arrived;
                // A plain callee says the same whether it was through or cancelled; a scipp peer that was cancelled says so.
                let by_request = self.request.is_some() || self.acknowledged;
                let end = if self.asked.is_some() && by_request {
                    self.cancelled_by_us(me, peer, "the callee stopped after the cancel")
                } else {
                    End::Returned(Any::nil())
                };
                Ok(self.verdict_or(end))
            }
            (Some(_), Message::Stop { .. }) => {
                if self.stream.peer_stop != PeerStop::No {
                    return Ok(Step::Nothing);
                }
                self.stream.peer_stop = PeerStop::Arrived;
                Ok(Step::Stopped)
            }
            (Some(Kind::Context), Message::Return { payload, .. }) if self.state != Open => {
                Ok(self.verdict_or(End::Broken(Broken::NoStarted(payload))))
            }
            (Some(Kind::Context | Kind::Asyncfunc), Message::Return { payload, .. }) => {
                Ok(self.verdict_or(End::Returned(payload)))
            }
            // The two answers to the request that the peer ends as an actor.
            (None, Message::CancelAck { accepted, .. }) => {
                Ok(Step::End(End::Returned(Any::encode(&accepted))))
            }
            (None, Message::Return { payload, .. }) => Ok(Step::End(End::Returned(payload))),
            (Some(Kind::Context), _) if self.state != Open => {
                Err(self.out_of_order("Started, Yield, Stop, Return or Error", name))
            }
            (Some(Kind::Context), _) => {
                Err(self.out_of_order("Yield, Stop, Return or Error", name))
            }
            (Some(Kind::Asyncgen), _) => Err(self.out_of_order("Yield, Stop or Error", name)),
            (Some(Kind::Asyncfunc) | None, _) => Err(self.out_of_order("Return or Error", name)),
        }
    }

    fn failed(&mut self, error: RemoteError, me: &Uid, peer: &Uid) -> Step {
        // The callee's session lost items of ours while the callee still runs: it is over only after a cancel.
        let overrun = error.boxed_type == RemoteError::OVERRUN && error.sender.as_ref() == Some(me);
        if overrun && error.source == *peer && self.verdict.is_none() && self.asked.is_none() {
            self.verdict = Some(End::Failed(Box::new(error)));
            return Step::Cancel(Asked::Overrun);
        }
        if self.state == CallerState::Sent {
            return self.verdict_or(End::Refused(Box::new(error)));
        }
        let end = if error.boxed_type == RemoteError::CANCELLED {
            End::Cancelled(Cancelled {
                text: error.text().to_owned(),
                canceller: error.canceller,
                source: error.source,
                relay_path: error.relay_path,
                asked: self.asked,
                cause: error.cause,
            })
        } else {
            End::Failed(Box::new(error))
        };
        self.verdict_or(end)
    }

    /// The cancel was answered. `asyncfunc`s end by that; for the others the terminal is on its way, or nearly.
    pub(crate) fn acknowledged(&mut self, me: &Uid, peer: &Uid) -> Step {
        self.acknowledged = true;
        match (self.state, self.kind) {
            (CallerState::Ended, _) => Step::Nothing,
            (_, Some(Kind::Asyncfunc)) => {
                let end = self.cancelled_by_us(me, peer, "the callee acknowledged the cancel");
                self.verdict_or(end)
            }
            _ => Step::Nothing,
        }
    }

    /// What is known when the terminal should have come and has not.
    pub(crate) fn overdue(&mut self, me: &Uid, peer: &Uid) -> End {
        let end = if self.acknowledged {
            self.cancelled_by_us(
                me,
                peer,
                "the callee acknowledged the cancel and said nothing more",
            )
        } else {
            End::InDoubt(None)
        };
        self.verdict.take().unwrap_or(end)
    }

    fn cancelled_by_us(&self, me: &Uid, peer: &Uid, text: &str) -> End {
        End::Cancelled(Cancelled {
            canceller: Some(me.clone()),
            source: peer.clone(),
            relay_path: vec![peer.clone()],
            asked: self.asked,
            cause: None,
            text: text.to_owned(),
        })
    }

    fn verdict_or(&mut self, end: End) -> Step {
        Step::End(self.verdict.take().unwrap_or(end))
    }

    fn out_of_order(&self, expected: &'static str, came: &'static str) -> Violation {
        Violation::OutOfOrder {
            cid: self.cid.to_string(),
            expected,
            came,
        }
    }
}

impl Caller {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        let Self {
            cid,
            kind,
            state,
            stream,
            started,
            end,
            asked,
            request,
            acknowledged,
            verdict,
            over,
            forgotten,
            deadline,
            reap,
            queued,
        } = self;
        into.cid(cid);
        stream.digest(into);
        into.add((kind, state, started, end, asked, request));
        into.add((acknowledged, verdict, over, forgotten, queued));
        into.time_or_none(*deadline);
        into.time_or_none(*reap);
    }
}
