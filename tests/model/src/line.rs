//! What has been said of one dialog, in the order in which it went to the transports.

use std::hash::Hasher;
use std::sync::Arc;

use scipp_protocol::Kind;
use scipp_protocol::digest::Digest;

use crate::claim::{Always, Fact};
use crate::frame::What;
use crate::half::How;

/// One dialog on the wire. Lives with its caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    /// Its id, once its start has gone, and that of the request to cancel it.
    pub(crate) cid: Option<Arc<str>>,
    pub(crate) request: Option<Arc<str>>,
    said: Said,
}

#[derive(Debug, Clone, Default, Hash)]
struct Said {
    /// Items from the caller, and from the callee.
    up: u8,
    down: u8,
    stop_up: bool,
    stop_down: bool,
    ack: bool,
    started: bool,
    terminal: bool,
    cancel: bool,
    /// The caller, or its deadline, has asked for the cancel; and it had left its stream before.
    asked: bool,
    stop_first: bool,
}

/// What is known elsewhere of the same dialog.
pub(crate) struct Context {
    pub(crate) kind: Kind,
    /// Items that the caller gave, and the callee.
    pub(crate) sent_up: u8,
    pub(crate) sent_down: u8,
    /// How the handler ended, if it has; a dialog that was refused by the session has none.
    pub(crate) handler: Option<Option<How>>,
    /// A cancel is a message of its own, without an answer.
    pub(crate) native_cancel: bool,
}

impl Line {
    pub(crate) fn is_sent(&self) -> bool {
        self.cid.is_some()
    }

    pub(crate) fn is_through(&self) -> bool {
        self.said.terminal
    }

    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.cid.as_deref() == Some(id)
    }

    pub(crate) fn is_about(&self, id: &str) -> bool {
        [&self.cid, &self.request]
            .into_iter()
            .any(|own| own.as_deref() == Some(id))
    }

    /// The caller asks for a cancel, or leaves, or its deadline passes; `stopped`: it had left its stream by then. The first
    /// of these counts.
    pub(crate) fn asks(&mut self, stopped: bool) {
        if !std::mem::replace(&mut self.said.asked, true) {
            self.said.stop_first = stopped;
        }
    }

    /// A message has gone from the caller's end. What it breaks, and what is worth counting.
    pub(crate) fn caller_says(
        &mut self,
        what: &What,
        about: &Context,
        saw: &mut impl FnMut(Fact),
    ) -> Option<Always> {
        let said = &mut self.said;
        if let What::Start(cid, ..) = what {
            return if self.cid.replace(cid.as_str().into()).is_some() {
                Some(Always::StartFirst)
            } else {
                None
            };
        }
        if self.cid.is_none() {
            return Some(Always::StartFirst);
        }
        match what {
            What::Yield(_) => {
                said.up += 1;
                said.stop_up.then_some(Always::Complete)
            }
            What::Stop(_) => {
                let again = std::mem::replace(&mut said.stop_up, true);
                (again || said.up != about.sent_up).then_some(Always::Complete)
            }
            What::Cancel(request, dialog) => {
                if said.up < about.sent_up {
                    saw(Fact::CancelOvertook);
                }
                if said.terminal {
                    saw(Fact::CancelLate);
                }
                if request != dialog {
                    self.request = Some(request.as_str().into());
                }
                let again = std::mem::replace(&mut said.cancel, true);
                (again || said.stop_first && !said.stop_up).then_some(Always::CancelPasses)
            }
            What::Credit(_) | What::Overrun(_) | What::Checkpoint(..) => None,
            _ => Some(Always::OneTerminal),
        }
    }

    /// A message has gone from the callee's end.
    pub(crate) fn callee_says(&mut self, what: &What, about: &Context) -> Option<Always> {
        let said = &mut self.said;
        let over = about.handler.is_none_or(|how| how.is_some());
        // Its last word is said; what follows answers requests.
        if said.terminal && !matches!(what, What::CancelAck(_) | What::StartAck(_)) {
            return Some(Always::OneTerminal);
        }
        match what {
            What::StartAck(cid) if self.request.as_deref() == Some(cid) => None,
            What::StartAck(_) => {
                std::mem::replace(&mut said.ack, true).then_some(Always::OneTerminal)
            }
            What::Started(_) => {
                let again = std::mem::replace(&mut said.started, true);
                (again || !said.ack).then_some(Always::StartFirst)
            }
            What::Yield(_) => {
                said.down += 1;
                let early = !said.ack || about.kind == Kind::Context && !said.started;
                (said.stop_down || early).then_some(Always::Complete)
            }
            What::Stop(_) => {
                let again = std::mem::replace(&mut said.stop_down, true);
                said.terminal = about.kind == Kind::Asyncgen;
                if said.terminal && !over {
                    return Some(Always::AfterTheHandler);
                }
                (again || said.down != about.sent_down).then_some(Always::Complete)
            }
            What::Terminal(_) => {
                said.terminal = true;
                if !over {
                    return Some(Always::AfterTheHandler);
                }
                (said.down != about.sent_down).then_some(Always::Complete)
            }
            // The answer to a cancel says that the callee is over; it comes after the terminal, or is it.
            What::CancelAck(_) => {
                let silent = about.kind == Kind::Asyncfunc
                    && about.handler == Some(Some(How::Cancelled))
                    && !about.native_cancel;
                if !over {
                    Some(Always::AfterTheHandler)
                } else if !said.terminal && !silent {
                    Some(Always::OneTerminal)
                } else {
                    None
                }
            }
            What::Credit(_) | What::Overrun(_) | What::Checkpoint(..) => None,
            _ => Some(Always::OneTerminal),
        }
    }

    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        for id in [&self.cid, &self.request] {
            into.add(id.is_some());
            if let Some(id) = id {
                into.id(id);
            }
        }
        into.add(&self.said);
    }
}
