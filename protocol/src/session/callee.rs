//! Requests of the peer, and commands of the dialogs that it opened.

use bytes::Bytes;

use crate::cid::Cid;
use crate::dialog::callee::Callee;
use crate::dialog::{Cause, Refusal, Terminal};
use crate::fault::{Misuse, Violation};
use crate::features::Feature;
use crate::limits::{CANCEL_COST, RELAY_HOPS_MAX};
use crate::message::{BadMessage, Kind, Message, RemoteError, Spec, Start};
use crate::session::outgoing::Class;
use crate::session::stream::{check_size, one_value};
use crate::session::table::Found;
use crate::session::{DialogId, Event, Incoming, Session, Streams};

/// For callees.
impl Session {
    /// What the peer wants, once after [`Event::Incoming`].
    pub fn incoming(&mut self, id: DialogId) -> Option<Incoming> {
        self.table.callee(id)?.incoming.take()
    }

    /// The endpoint exists and its arguments are right: sends the `StartAck`. Before anything else is said.
    ///
    /// # Errors
    /// Called twice, or for a dialog that isn't a callee's.
    pub fn accept(&mut self, id: DialogId, kind: Kind, streams: Streams) -> Result<(), Misuse> {
        let callee = self.table.callee(id).ok_or(Misuse::NoDialog)?;
        if callee.kind.is_some() {
            return Err(Misuse::Accept);
        }
        let streams = streams.of(kind, false);
        callee.kind = Some(kind);
        callee.stream.streams = streams;
        let cid = callee.cid.clone();
        if !streams.receives {
            self.inbox_bytes -= callee.stream.clear();
        }
        self.say(Message::StartAck { cid, kind }, id, Class::Own);
        self.answer_checkpoints(id);
        Ok(())
    }

    /// Ends a dialog that was not accepted: it never ran. The id means nothing afterwards.
    pub fn refuse(&mut self, id: DialogId, why: Refusal) {
        let Some(callee) = self.table.callee(id).filter(|callee| callee.kind.is_none()) else {
            return;
        };
        let cid = callee.cid.clone();
        let error = self.refusal(why);
        self.say(
            Message::Error {
                cid: Some(cid),
                error: Box::new(error),
            },
            id,
            Class::Reply,
        );
        self.close_callee(id);
    }

    /// Sends a context's first value, once, before the end.
    ///
    /// # Errors
    /// Not here, not now, or too large.
    pub fn started(&mut self, id: DialogId, payload: Bytes) -> Result<(), Misuse> {
        let max = self.config.limits.frame_bytes_max;
        let callee = self.table.callee(id).ok_or(Misuse::NoDialog)?;
        if callee.kind != Some(Kind::Context) || callee.started {
            return Err(Misuse::Started);
        }
        let message = Message::Started {
            cid: callee.cid.clone(),
            payload: one_value(payload, &self.config.limits)?,
        };
        check_size(&message, max)?;
        callee.started = true;
        self.say(message, id, Class::Own);
        Ok(())
    }

    /// Ends the dialog: the handler, its children and its cleanup are over. Our `Stop` goes first where the wire
    /// wants one, and cancel requests are answered. The id means nothing afterwards.
    ///
    /// # Errors
    /// The terminal was our mistake (too large, or a context's `Return` without `Started`). The dialog has ended all
    /// the same: the caller got an error that says so.
    pub fn finish(&mut self, id: DialogId, terminal: Terminal) -> Result<(), Misuse> {
        let callee = self.table.callee(id).ok_or(Misuse::NoDialog)?;
        if self.lost.is_some() {
            self.close_callee(id);
            return Ok(());
        }
        let owes_stop =
            callee.kind == Some(Kind::Context) && callee.started && callee.stream.owes_stop();
        let (last, misuse) = match self.terminal(id, terminal) {
            Ok(last) => (last, None),
            Err(misuse) => {
                let cid = self.table.callee(id).map(|callee| callee.cid.clone());
                let text = format!("the callee's runtime made a mistake: {misuse}");
                let error = RemoteError::new(self.me(), "RuntimeError", &text);
                (
                    Some(Message::Error {
                        cid,
                        error: Box::new(error),
                    }),
                    Some(misuse),
                )
            }
        };
        if owes_stop {
            self.queue_stop(id);
        }
        if let Some(last) = last {
            self.say(last, id, Class::Last);
        }
        self.close_callee(id);
        misuse.map_or(Ok(()), Err)
    }

    /// Answers [`Event::ActorCancelRequested`], however often it was asked. Close the session when it is drained.
    pub fn actor_cancelled(&mut self) {
        for cid in std::mem::take(&mut self.actor_cancels) {
            self.reply(Message::CancelAck {
                cid,
                accepted: true,
            });
        }
        self.check_drained();
    }

    /// The last message of a dialog by its kind; none for an `asyncfunc` that was cancelled by request.
    fn terminal(&mut self, id: DialogId, terminal: Terminal) -> Result<Option<Message>, Misuse> {
        let peer = self.peer_uid();
        let callee = self.table.callee(id).ok_or(Misuse::NoDialog)?;
        let kind = callee.kind.ok_or(Misuse::Accept)?;
        let cid = callee.cid.clone();
        let requested = callee.is_cancel_requested();
        let started = callee.started;
        let error = match terminal {
            Terminal::Return(_) if kind == Kind::Asyncgen => {
                return Ok(Some(Message::Stop { cid }));
            }
            Terminal::Return(_) if kind == Kind::Context && !started => {
                return Err(Misuse::NotStarted);
            }
            Terminal::Return(payload) => {
                let message = Message::Return {
                    cid,
                    payload: one_value(payload, &self.config.limits)?,
                };
                check_size(&message, self.config.limits.frame_bytes_max)?;
                return Ok(Some(message));
            }
            Terminal::Cancelled {
                canceller,
                cause,
                text,
            } => {
                let by_request = requested && canceller.as_ref().is_none_or(|who| *who == peer);
                // The answer to the request says it; a cancel without an answer has nothing but the terminal.
                match kind {
                    _ if self.features.has(Feature::Cancel) => {}
                    Kind::Asyncfunc if by_request => return Ok(None),
                    Kind::Asyncgen if by_request => return Ok(Some(Message::Stop { cid })),
                    _ => {}
                }
                let who =
                    canceller.unwrap_or_else(|| if requested { peer } else { self.me().clone() });
                let mut error = self.own_error(RemoteError::CANCELLED, &text);
                error.canceller = Some(who);
                error.cause = Some(cause);
                error
            }
            Terminal::Error(failure) => {
                let mut error = self.own_error(&failure.name, &failure.text);
                error.payload = failure
                    .payload
                    .map(|payload| one_value(payload, &self.config.limits))
                    .transpose()?;
                error
            }
            Terminal::BadPayload {
                kind,
                text,
                payload,
            } => {
                let mut error = self.own_error(RemoteError::BAD_PAYLOAD, &text);
                // What the peer sent goes back to it unless it is too large or too deep with what is around it here.
                let shown = one_value(payload.as_bytes().clone(), &self.config.limits);
                error.bad = shown.ok().map(|payload| BadMessage { kind, payload });
                return Ok(Some(self.fitting(cid, error)));
            }
            Terminal::Relay(error) => return Ok(Some(self.fitting(cid, self.relayed(*error)))),
        };
        let message = Message::Error {
            cid: Some(cid),
            error: Box::new(error),
        };
        check_size(&message, self.config.limits.frame_bytes_max)?;
        Ok(Some(message))
    }

    /// An error of this actor, its text cut to what a text may be.
    pub(crate) fn own_error(&self, name: &str, text: &str) -> RemoteError {
        RemoteError::new(
            self.me(),
            name,
            cut(text, self.config.limits.text_bytes_max),
        )
    }

    /// An error that came from somebody else and goes on through us: its origin stays, we join its path. What
    /// belongs to its own dialog is left behind: a traceback, a declared value, a bad message.
    fn relayed(&self, error: RemoteError) -> RemoteError {
        let name = cut(&error.source_type, self.config.limits.name_bytes_max);
        let mut relay = self.own_error(name, error.text());
        relay.source = error.source;
        relay.relay_path = error.relay_path;
        relay.relay_path.truncate(RELAY_HOPS_MAX - 1);
        relay.relay_path.push(self.me().clone());
        relay.canceller = error.canceller;
        relay.sender = error.sender;
        relay
    }

    /// An error that holds what somebody else sent. If that makes it too large, only its type and text are kept.
    fn fitting(&self, cid: Cid, error: RemoteError) -> Message {
        let message = |error| Message::Error {
            cid: Some(cid.clone()),
            error: Box::new(error),
        };
        let short = self.own_error(&error.source_type, error.text());
        let whole = message(error);
        match check_size(&whole, self.config.limits.frame_bytes_max) {
            Ok(()) => whole,
            Err(_) => message(short),
        }
    }

    /// Forgets a dialog whose last word is queued, and answers what is still asked about it.
    fn close_callee(&mut self, id: DialogId) {
        self.close_stream(id);
        let Some(callee) = self.table.callee(id) else {
            return;
        };
        let requests = std::mem::take(&mut callee.requests);
        self.inbox_bytes -= callee.stream.clear();
        for cid in requests {
            // Behind the terminal, which waits behind the items of its dialog.
            let accepted = true;
            self.queue(Message::CancelAck { cid, accepted }, Some(id), Class::Reply);
        }
        self.table.remove(id);
        self.cancels.replenish(CANCEL_COST);
        self.wake |= self.stalled.is_some();
        self.check_drained();
    }

    fn say(&mut self, message: Message, id: DialogId, class: Class) {
        if self.lost.is_none() {
            self.queue(message, Some(id), class);
        }
    }
}

/// What the peer asks for.
impl Session {
    pub(crate) fn start(&mut self, start: Start) -> Result<(), Violation> {
        let caller = self.peer_uid();
        if self.table.is_taken(&start.cid) {
            return Err(Violation::DuplicateCid {
                cid: start.cid.to_string(),
            });
        }
        let taken = self.table.callees() + self.outgoing.ends;
        let refusal = if self.draining {
            // Its caller could not know, and may still send the cancel that follows an error.
            self.cancels.replenish(CANCEL_COST);
            Some(Refusal::ShuttingDown)
        } else if taken >= self.config.limits.dialogs_max {
            Some(Refusal::TooManyDialogs)
        } else {
            None
        };
        if let Some(why) = refusal {
            self.stats.refused += 1;
            let error = Box::new(self.refusal(why));
            self.reply(Message::Error {
                cid: Some(start.cid),
                error,
            });
            return Ok(());
        }
        self.stats.served += 1;
        let incoming = Incoming {
            namespace: start.namespace,
            func: start.func,
            args: start.args,
            caller,
            fingerprint: match start.spec {
                Spec::Fingerprint(came) => Some(came.into_owned()),
                Spec::Any => None,
            },
            deadline: start.deadline.filter(|_| self.has(Feature::Deadline)),
            trace: start.trace.filter(|_| self.has(Feature::Trace)),
        };
        let pace = self.pace();
        let id = self
            .table
            .insert_callee(Callee::new(start.cid, incoming, pace));
        self.event(Event::Incoming(id));
        Ok(())
    }

    pub(crate) fn cancel_requested(&mut self, request: Cid, dialog: &Cid) -> Result<(), Violation> {
        self.reply(Message::StartAck {
            cid: request.clone(),
            kind: Kind::Asyncfunc,
        });
        let id = match self.table.find(dialog) {
            Found::Dialog(id) => Some(id),
            _ => None,
        };
        let peer = self.peer_uid();
        // Only who opened a dialog may cancel it: ours, under its own id, is nobody to the peer.
        let Some((id, callee)) = id.and_then(|id| Some((id, self.table.callee(id)?))) else {
            self.charge_cancel()?;
            let answer = Message::CancelAck {
                cid: request,
                accepted: true,
            };
            // Behind the terminal, if that still waits.
            let waits = self.outgoing.dialog_of(dialog);
            self.queue(answer, waits, Class::Reply);
            return Ok(());
        };
        let again = callee.is_cancel_requested();
        callee.requests.push(request);
        self.ask_callee(id, Cause::Requested(peer));
        if again { self.charge_cancel() } else { Ok(()) }
    }

    pub(crate) fn caller_failed(&mut self, id: DialogId, error: Box<RemoteError>) {
        self.ask_callee(id, Cause::CallerError(error));
    }

    pub(crate) fn actor_cancel_requested(&mut self, request: Cid) -> Result<(), Violation> {
        self.charge_cancel()?;
        if !self.config.actor_cancel {
            self.refuse_runtime_call(request, "cancel");
            return Ok(());
        }
        self.reply(Message::StartAck {
            cid: request.clone(),
            kind: Kind::Asyncfunc,
        });
        self.actor_cancels.push(request);
        let canceller = self.peer_uid();
        self.event(Event::ActorCancelRequested { canceller });
        Ok(())
    }

    pub(crate) fn refuse_runtime_call(&mut self, request: Cid, func: &str) {
        self.stats.refused += 1;
        let text = format!("the runtime's own function {func:?} is not offered to peers");
        let error = Box::new(self.own_error("ModuleNotExposed", &text));
        self.reply(Message::Error {
            cid: Some(request),
            error,
        });
    }

    /// Asks the application to end a dialog, the first time.
    pub(crate) fn ask_callee(&mut self, id: DialogId, cause: Cause) {
        let Some(callee) = self.table.callee(id).filter(|callee| !callee.asked) else {
            return;
        };
        callee.asked = true;
        self.event(Event::CancelRequested(id, Box::new(cause)));
    }

    pub(crate) fn charge_cancel(&mut self) -> Result<(), Violation> {
        let max = self.config.limits.cancels_unknown_max;
        if self.cancels.consume(CANCEL_COST) {
            Ok(())
        } else {
            Err(Violation::CancelFlood { max })
        }
    }

    fn refusal(&self, why: Refusal) -> RemoteError {
        let (name, text) = match &why {
            // The same words whether there is such a thing or not.
            Refusal::NoNamespace => ("ModuleNotExposed", "no such interface is offered here"),
            Refusal::NoEndpoint => ("AttributeError", "the interface has no such endpoint"),
            Refusal::BadArguments(text, _) => ("TypeError", text.as_str()),
            Refusal::Forbidden(text) => ("PermissionError", text.as_str()),
            Refusal::OtherSchema(text, _) => ("SchemaMismatch", text.as_str()),
            Refusal::TooManyDialogs => (
                "TooManyDialogs",
                "as many dialogs are running as this session may have",
            ),
            Refusal::ShuttingDown => (
                "ShuttingDown",
                "the session takes no new dialogs: it is ending",
            ),
        };
        let mut error = self.own_error(name, text);
        if let Refusal::BadArguments(_, Some(value)) | Refusal::OtherSchema(_, Some(value)) = why {
            error.payload = one_value(value, &self.config.limits).ok();
        }
        error
    }
}

/// At most `max` bytes of a text, whole characters.
fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}
