//! A caller's dialog without its types: what [`Context`](crate::Context) is made of.

mod failure;

use std::{
    future::poll_fn,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as TaskContext, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use scipp_codec::{Never, Payload, Raises, check::checked};
use scipp_protocol::{
    Any, DialogId, End, Kind, Open, OpenError, SendError, Session, Streams, Taken,
};

use self::failure::{lost, outcome};
use crate::{
    endpoint::{CancelPolicy, Endpoint, EndpointInfo, EndpointKind},
    error::{Cancelled, ContextError, Misuse, PayloadFault, Phase, Refusal, RefusedBecause},
    interceptor::Interceptors,
    scope::{Held, Scope},
    session::{Link, Wants},
    trail::Trail,
};

/// A caller's dialog without its types.
#[derive(Debug)]
pub(crate) struct Dialog {
    link: Arc<Link>,
    id: DialogId,
    info: &'static EndpointInfo,
    scope: Scope,
    /// How it ended, once that is known. The core tells it once.
    end: OnceLock<End>,
    stopped: AtomicBool,
    /// How long its end is waited for once it was asked to stop.
    reap_max: Duration,
    trail: Trail,
}

impl Dialog {
    /// Opens a dialog. The operations of a `timed` one say so when its deadline passes; for others their scope has to be watched.
    pub(crate) fn open<E: Endpoint>(
        link: &Arc<Link>,
        scope: Scope,
        args: &E::Args,
        streams: Streams,
        timed: bool,
    ) -> Result<Self, ContextError<E::Error>> {
        let info = E::INFO;
        let refused = |why, message: &str| {
            ContextError::Refused(Refusal {
                endpoint: info,
                why,
                message: message.to_owned(),
                difference: None,
            })
        };
        if let Err(error) = checked(args) {
            let error = error.within(&format!("{}.{}", info.name, Phase::Args));
            return Err(refused(
                RefusedBecause::BadArguments,
                &format!("here: {error}"),
            ));
        }
        let stubborn = match info.cancel {
            CancelPolicy::Grace { ms } => ms,
            CancelPolicy::Never { max_ms } => max_ms,
            CancelPolicy::Default | CancelPolicy::Now => 0,
        };
        let reap_max = link
            .limits()
            .reap_max
            .saturating_add(Duration::from_millis(stubborn));
        let trail = Trail::opens(
            info,
            link.peer(),
            scope.trace(),
            scope.deadline(),
            &link.settings().interceptors,
        );
        let open = Open {
            namespace: info.namespace.to_owned(),
            func: info.name.to_owned(),
            args: scipp_codec::to_bytes(args),
            kind: info.kind.wire(),
            streams,
            deadline: scope.deadline().map(tokio::time::Instant::into_std),
            // The calls of a runtime have no schema.
            fingerprint: Some(info.fingerprint).filter(|print| !print.is_empty()),
            trace: trail.trace().cloned(),
        };
        let id = link
            .open(open, info.flow(), scope.hold(reap_max), timed)
            .map_err(|error| match error {
                OpenError::Lost(loss) => ContextError::NotSent(lost(&loss)),
                OpenError::Draining => refused(RefusedBecause::Draining, "here"),
                OpenError::PeerLeaves => refused(RefusedBecause::Draining, "at the peer"),
                OpenError::TooMany { max } => refused(
                    RefusedBecause::TooManyDialogs,
                    &format!("here: {max} at most"),
                ),
                OpenError::Misuse(misuse) => refused(RefusedBecause::TooLarge, &misuse.to_string()),
            })?;
        Ok(Self {
            link: Arc::clone(link),
            id,
            info,
            scope,
            end: OnceLock::new(),
            stopped: AtomicBool::new(false),
            reap_max,
            trail,
        })
    }

    /// Asks the peer to stop as a whole actor.
    pub(crate) fn cancel_actor(link: &Arc<Link>) -> Result<Self, ContextError<Never>> {
        Self::request(link, &CANCEL_ACTOR, Link::cancel_actor)
    }

    /// Asks the peer whether it serves yet: it ends as soon as the peer answers.
    pub(crate) fn ready(link: &Arc<Link>) -> Result<Self, ContextError<Never>> {
        Self::request(link, &READY, Link::ask_ready)
    }

    /// A request to the peer's runtime.
    fn request(
        link: &Arc<Link>,
        info: &'static EndpointInfo,
        ask: impl FnOnce(&Link, Held) -> Result<DialogId, OpenError>,
    ) -> Result<Self, ContextError<Never>> {
        let scope = Scope::root();
        let reap_max = link.limits().reap_max;
        let id = ask(link, scope.hold(reap_max)).map_err(|error| match error {
            OpenError::Lost(loss) => ContextError::NotSent(lost(&loss)),
            _ => ContextError::Misuse(Misuse::Over),
        })?;
        let none = Interceptors::default();
        Ok(Self {
            link: Arc::clone(link),
            id,
            info,
            scope,
            end: OnceLock::new(),
            stopped: AtomicBool::new(false),
            reap_max,
            trail: Trail::opens(info, link.peer(), None, None, &none),
        })
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn span(&self) -> &tracing::Span {
        self.trail.span()
    }

    /// Asks the remote task to stop as soon as the scope above ends, whatever the holder of this is doing then.
    pub(crate) fn watch(&self) {
        let (link, id, scope) = (Arc::downgrade(&self.link), self.id, self.scope.clone());
        self.link.watchers().spawn(async move {
            // Resolves at the latest when the context goes.
            let why = scope.cancelled().await;
            if let Some(link) = link.upgrade() {
                link.cancel(id, Some(why));
            }
        });
    }

    /// Asks the remote task to stop and waits for its end, bounded; then says why the dialog was left.
    pub(crate) async fn leave<E: Raises>(&self, why: Cancelled) -> ContextError<E> {
        match self.cancel().await {
            Err(late) => late,
            Ok(End::InDoubt(loss)) => ContextError::InDoubt(self.in_doubt(loss.as_ref())),
            Ok(End::NotSent(Some(loss))) => ContextError::NotSent(lost(loss)),
            Ok(end) => {
                tracing::trace!(endpoint = %self.info, ?end, "a dialog that was left has ended");
                ContextError::Cancelled(why)
            }
        }
    }

    /// Asks the remote task to stop and waits for its end, bounded.
    pub(crate) async fn cancel<E: Raises>(&self) -> Result<&End, ContextError<E>> {
        self.link.cancel(self.id, None);
        tokio::time::timeout(self.reap_max, self.ended())
            .await
            .map_err(|_| self.late())
    }

    fn late<E>(&self) -> ContextError<E> {
        let why = format!(
            "{} was asked to stop and did not end within {} ms, so its end was not seen",
            self.info,
            self.reap_max.as_millis()
        );
        ContextError::InDoubt(self.unknown(why))
    }

    pub(crate) async fn send<T: Payload, E: Raises>(
        &self,
        item: &T,
    ) -> Result<(), ContextError<E>> {
        let mut unsent = self.send_now(item)?;
        if unsent.is_none() {
            return Ok(());
        }
        poll_fn(|task| self.poll_send(task, &mut unsent)).await
    }

    /// Sends an item if there is room for it, and gives it back encoded if there is not.
    pub(crate) fn send_now<T: Payload, E: Raises>(
        &self,
        item: &T,
    ) -> Result<Option<Bytes>, ContextError<E>> {
        let sent = self
            .link
            .send_now(self.id, item, |core, error| self.untaken(core, error));
        self.tell();
        sent.map_err(|unsent| self.unsent(unsent))
    }

    /// Sends the encoded item, and takes it out when that is done. Nothing to do if there is none.
    pub(crate) fn poll_send<E: Raises>(
        &self,
        task: &mut TaskContext<'_>,
        item: &mut Option<Bytes>,
    ) -> Poll<Result<(), ContextError<E>>> {
        let sent = self
            .link
            .poll_send(task, self.id, item, |core, error| self.untaken(core, error));
        self.tell();
        sent.map_err(|unsent| self.unsent(unsent))
    }

    /// The core did not take an item: most often the dialog is over.
    fn untaken(&self, core: &mut Session, error: SendError) -> Unsent {
        self.keep(core.take_end(self.id));
        Unsent::Core(error)
    }

    /// What it means to the caller that an item was not sent.
    fn unsent<E: Raises>(&self, unsent: Unsent) -> ContextError<E> {
        match (unsent, self.end.get()) {
            (Unsent::Cancelled(why), _) => ContextError::Cancelled(why),
            (Unsent::Core(SendError::Misuse(misuse)), _) => ContextError::Misuse(misuse.into()),
            // The item raced with the end: the end is the answer.
            (Unsent::Core(_), Some(end)) if !matches!(end, End::Returned(_)) => self.failure(end),
            (Unsent::Core(_), Some(_)) => ContextError::Closed,
            (Unsent::Core(_), None) if self.stopped.load(Ordering::Relaxed) => {
                ContextError::Misuse(Misuse::SentAfterStop)
            }
            (Unsent::Core(_), None) => ContextError::Closed,
        }
    }

    pub(crate) async fn recv<T: Payload, E: Raises>(&self) -> Result<Option<T>, ContextError<E>> {
        poll_fn(|task| self.poll_recv(task)).await
    }

    pub(crate) fn poll_recv<T: Payload, E: Raises>(
        &self,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<Option<T>, ContextError<E>>> {
        let taken = ready!(self.link.poll(task, self.id, Wants::Recv, |core, asked| {
            if let Some(why) = asked {
                return Poll::Ready(Err(why.clone()));
            }
            match core.take_item(self.id) {
                None => Poll::Pending,
                Some(taken) => {
                    if taken == Taken::Done {
                        self.keep(core.take_end(self.id));
                    }
                    Poll::Ready(Ok(taken))
                }
            }
        }));
        self.tell();
        Poll::Ready(match taken.map_err(ContextError::Cancelled)? {
            Taken::Item(payload) => self.decode(Phase::Yields, payload).map(Some),
            Taken::Overrun => Err(ContextError::Overrun),
            Taken::Done | Taken::Lost => match self.end.get() {
                None | Some(End::Returned(_)) => Ok(None),
                Some(failed) => Err(self.failure(failed)),
            },
        })
    }

    /// Items that gave way to newer ones.
    pub(crate) fn dropped(&self) -> u64 {
        self.link.command(|core| core.dropped(self.id))
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.link.command(|core| core.stop(self.id));
    }

    pub(crate) async fn started<E: Raises>(&self) -> Result<Any, ContextError<E>> {
        let started = poll_fn(|task| {
            self.link.poll(task, self.id, Wants::Recv, |core, asked| {
                if let Some(payload) = core.take_started(self.id) {
                    return Poll::Ready(Ok(Some(payload)));
                }
                if let Some(end) = core.take_end(self.id) {
                    self.keep(Some(end));
                    return Poll::Ready(Ok(None));
                }
                asked.map_or(Poll::Pending, |why| Poll::Ready(Err(why.clone())))
            })
        })
        .await;
        self.tell();
        match (started.map_err(ContextError::Cancelled)?, self.end.get()) {
            (Some(payload), _) => Ok(payload),
            (None, Some(end)) => Err(self.failure(end)),
            (None, None) => Err(ContextError::Misuse(Misuse::Over)),
        }
    }

    /// Waits for the end; items that come meanwhile are dropped.
    pub(crate) async fn ended(&self) -> &End {
        poll_fn(|task| {
            self.link.poll(task, self.id, Wants::Recv, |core, _| {
                if self.has_ended(core) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
        })
        .await;
        self.tell();
        // Set above in every case.
        self.end.get().unwrap_or(&UNKNOWN)
    }

    /// The same; but when the dialog is asked to stop before, this says why.
    pub(crate) async fn ended_unless_asked(&self) -> Result<&End, Cancelled> {
        let ended = poll_fn(|task| {
            self.link.poll(task, self.id, Wants::Recv, |core, asked| {
                if self.has_ended(core) {
                    return Poll::Ready(Ok(()));
                }
                asked.map_or(Poll::Pending, |why| Poll::Ready(Err(why.clone())))
            })
        })
        .await;
        self.tell();
        ended.map(|()| self.end.get().unwrap_or(&UNKNOWN))
    }

    fn has_ended(&self, core: &mut Session) -> bool {
        if self.end.get().is_none() {
            while matches!(core.take_item(self.id), Some(Taken::Item(_))) {}
            self.keep(core.take_end(self.id));
        }
        self.end.get().is_some()
    }

    /// Tells those who watch that the dialog is over, once it is. Not under the lock of the link: they are foreign code.
    fn tell(&self) {
        if let Some(end) = self.end.get() {
            self.trail.over(Some(outcome(end)));
        }
    }

    fn keep(&self, end: Option<End>) {
        if let Some(end) = end {
            let _ = self.end.set(end);
        }
    }

    /// Reads a value of the peer. A wrong one asks its task to stop, as a caller that fails does.
    pub(crate) fn decode<T: Payload, E>(
        &self,
        phase: Phase,
        payload: Any,
    ) -> Result<T, ContextError<E>> {
        payload.decode().map_err(|error| {
            self.link.cancel(self.id, None);
            ContextError::Payload(PayloadFault::new(self.info, phase, error, payload))
        })
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        self.trail.over(self.end.get().map(outcome));
        if self.end.get().is_some() {
            self.link.forget(self.id);
        } else {
            self.link.adopt(self.id, self.reap_max);
        }
        // What was started below ends with it, and so does the watcher.
        self.scope.cancel_last();
    }
}

/// Why an item was not sent.
enum Unsent {
    Cancelled(Cancelled),
    Core(SendError),
}

impl From<Cancelled> for Unsent {
    fn from(why: Cancelled) -> Self {
        Self::Cancelled(why)
    }
}

impl EndpointKind {
    pub(crate) fn wire(self) -> Kind {
        match self {
            Self::Func => Kind::Asyncfunc,
            Self::Gen => Kind::Asyncgen,
            Self::Context => Kind::Context,
        }
    }
}

/// What a peer is asked by when it shall stop as a whole.
static CANCEL_ACTOR: EndpointInfo = EndpointInfo::func("self", "cancel", "");

/// What a peer is asked by whether it serves yet.
static READY: EndpointInfo = EndpointInfo::func("self", "_cancel_task", "");

static UNKNOWN: End = End::InDoubt(None);
