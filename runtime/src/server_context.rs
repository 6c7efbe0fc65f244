//! The callee's handle to a live dialog. Payload bytes become types here, on the callee's side.

use std::{
    any::TypeId,
    future::{Future, poll_fn},
    marker::PhantomData,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as TaskContext, Poll, ready},
};

use bytes::Bytes;
use scipp_codec::{Any, DecodeError, Payload, check::checked};
use scipp_protocol::{DialogId, SendError, Session, Taken};

use crate::{
    endpoint::{Endpoint, EndpointInfo, EndpointKind},
    error::{Cancelled, Cause, Misuse, PayloadFault, Phase, ServerError},
    identity::ActorId,
    scope::{InScope, Scope},
    server_stream::{ServerReceiver, ServerSender},
    session::{Link, Wants},
};

/// A live dialog with a caller, as its handler sees it.
///
/// Once the handler is asked to stop, every operation here returns [`ServerError::Cancelled`], so `?` leads it out. A handler
/// that does not listen is dropped after the grace of its endpoint. What is opened or started below ends with it.
#[derive(Debug)]
pub struct ServerContext<E: Endpoint> {
    half: Half,
    scope: Scope,
    caller: ActorId,
    exits: Exits,
    endpoint: PhantomData<fn() -> E>,
}

/// Cleanup of a handler, the last one first.
///
/// Behind a lock that is never contended: a handler shares its context with `&`, for which all of it has to be `Sync`.
#[derive(Default)]
pub(crate) struct Exits(Mutex<Vec<Exit>>);

type Exit = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Exits {
    fn all(&mut self) -> &mut Vec<Exit> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_empty(&self) -> bool {
        let exits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        exits.is_empty()
    }

    pub(crate) fn pop(&mut self) -> Option<Exit> {
        self.all().pop()
    }
}

impl std::fmt::Debug for Exits {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Exits")
    }
}

impl<E: Endpoint> ServerContext<E> {
    /// Starts the dialog at once if it has no start value to wait for.
    pub(crate) fn new(link: Arc<Link>, id: DialogId, scope: Scope, caller: ActorId) -> Self {
        let (started, stopped) = (AtomicBool::new(false), AtomicBool::new(false));
        let half = Half {
            link,
            id,
            started,
            stopped,
        };
        if starts_with_nil::<E>() {
            // What could go wrong here, the first operation of the handler meets as well.
            let _ = half.start(Any::nil().as_bytes().clone());
        }
        Self {
            half,
            scope,
            caller,
            exits: Exits::default(),
            endpoint: PhantomData,
        }
    }

    /// Sends the start value, which the caller waits for before anything else.
    ///
    /// An endpoint without a start value has started before its handler runs; for it this does nothing.
    ///
    /// # Errors
    /// This is the second time, or the value breaks a restriction of its type, or it is larger than a frame may be.
    pub async fn started(&mut self, value: E::Started) -> Result<(), ServerError> {
        if E::INFO.kind != EndpointKind::Context || starts_with_nil::<E>() {
            return Ok(());
        }
        if self.half.started.load(Ordering::Relaxed) {
            return Err(Misuse::StartedTwice.into());
        }
        allowed(E::INFO, Phase::Started, checked(&value))?;
        self.half.start(scipp_codec::to_bytes(&value))
    }

    /// Sends an item; waits while as many are on the way as may be.
    ///
    /// # Errors
    /// The handler was asked to stop, or the caller takes no more items.
    pub async fn send(&mut self, item: E::Yields) -> Result<(), ServerError> {
        self.half.must_have_started::<E>()?;
        self.half.send(&item).await
    }

    /// The next item; `None` after the caller has left the stream.
    ///
    /// # Errors
    /// The handler was asked to stop, or the item is not what the schema says.
    pub async fn recv(&mut self) -> Result<Option<E::Accepts>, ServerError> {
        self.half.must_have_started::<E>()?;
        self.half.recv::<E>().await
    }

    /// How many items of the caller gave way to newer ones so far, before the handler took them: `@overrun(drop_oldest)`.
    pub fn dropped(&self) -> u64 {
        self.half.dropped()
    }

    /// Leaves the stream: no more items are sent. Those that still come can be received.
    ///
    /// # Errors
    /// The start value is missing.
    pub async fn stop(&mut self) -> Result<(), ServerError> {
        self.half.must_have_started::<E>()?;
        self.half.stop();
        Ok(())
    }

    /// The two directions, to be used at the same time: a [`Sink`](futures::Sink) and a [`Stream`](futures::Stream).
    ///
    /// # Errors
    /// The start value is missing.
    pub fn split(&mut self) -> Result<(ServerSender<'_, E>, ServerReceiver<'_, E>), ServerError> {
        self.half.must_have_started::<E>()?;
        let half = &self.half;
        Ok((ServerSender::new(half), ServerReceiver::new(half)))
    }

    /// Cleanup that runs after the handler and its child tasks are over, however they ended, and before the caller is told.
    /// The last one registered runs first; each has a bound (1 s unless configured).
    pub fn on_exit(&mut self, cleanup: impl Future<Output = ()> + Send + 'static) {
        self.exits.all().push(Box::pin(cleanup));
    }

    /// Runs any future until it ends or the handler is asked to stop: makes foreign code cancellable.
    ///
    /// # Errors
    /// The handler was asked to stop; the future was dropped at its await.
    pub async fn run<F: Future>(&self, future: F) -> Result<F::Output, Cancelled> {
        self.scope.run(future).await
    }

    /// The scope of the handler: child tasks and dialogs below it end before the caller is told the end.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Who calls, as the peer says.
    pub fn caller(&self) -> &ActorId {
        &self.caller
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.half.link
    }

    /// Takes the cleanup out: what runs it outlives the handler's borrow.
    pub(crate) fn take_exits(&mut self) -> Exits {
        std::mem::take(&mut self.exits)
    }

    /// Whether the dialog may end now, and with this value.
    pub(crate) fn may_return(&self, value: &E::Returns) -> Result<(), ServerError> {
        self.half.must_have_started::<E>()?;
        allowed(E::INFO, Phase::Returns, checked(value))
    }
}

/// What to say about a value that was checked before it is sent.
pub(crate) fn allowed(
    info: &EndpointInfo,
    phase: Phase,
    checked: Result<(), DecodeError>,
) -> Result<(), ServerError> {
    checked.map_err(|error| {
        let error = error.within(&format!("{}.{phase}", info.name));
        Misuse::Value(error.to_string()).into()
    })
}

impl<E: Endpoint> InScope for ServerContext<E> {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Whether the endpoint has no start value: nil, which nobody has to wait for.
fn starts_with_nil<E: Endpoint>() -> bool {
    E::INFO.kind == EndpointKind::Context && TypeId::of::<E::Started>() == TypeId::of::<()>()
}

/// A callee's dialog without its types.
#[derive(Debug)]
pub(crate) struct Half {
    link: Arc<Link>,
    id: DialogId,
    started: AtomicBool,
    stopped: AtomicBool,
}

impl Half {
    fn start(&self, value: Bytes) -> Result<(), ServerError> {
        self.started.store(true, Ordering::Relaxed);
        self.link
            .command(|core| core.started(self.id, value))
            .map_err(|misuse| Misuse::from(misuse).into())
    }

    /// Everything but the start comes after the start.
    fn must_have_started<E: Endpoint>(&self) -> Result<(), ServerError> {
        if E::INFO.kind == EndpointKind::Context && !self.started.load(Ordering::Relaxed) {
            return Err(Misuse::NotStarted.into());
        }
        Ok(())
    }

    pub(crate) async fn send<T: Payload>(&self, item: &T) -> Result<(), ServerError> {
        let mut unsent = self.send_now(item)?;
        if unsent.is_none() {
            return Ok(());
        }
        poll_fn(|task| self.poll_send(task, &mut unsent)).await
    }

    /// Sends an item if there is room for it, and gives it back encoded if there is not.
    pub(crate) fn send_now<T: Payload>(&self, item: &T) -> Result<Option<Bytes>, ServerError> {
        self.link
            .send_now(self.id, item, |core, error| self.unsent(core, &error))
    }

    /// Sends the encoded item, and takes it out when that is done. Nothing to do if there is none.
    pub(crate) fn poll_send(
        &self,
        task: &mut TaskContext<'_>,
        item: &mut Option<Bytes>,
    ) -> Poll<Result<(), ServerError>> {
        self.link
            .poll_send(task, self.id, item, |core, error| self.unsent(core, &error))
    }

    /// What it means to the handler that an item was not taken.
    fn unsent(&self, core: &Session, error: &SendError) -> ServerError {
        match error {
            _ if core.loss().is_some() => Cancelled::here(Cause::SessionLost).into(),
            SendError::Stopped if self.stopped.load(Ordering::Relaxed) => {
                Misuse::SentAfterStop.into()
            }
            // One that is full is not refused: it waits.
            SendError::Stopped | SendError::Ended | SendError::Full(_) => ServerError::Closed,
            SendError::Misuse(misuse) => Misuse::from(*misuse).into(),
        }
    }

    pub(crate) async fn recv<E: Endpoint>(&self) -> Result<Option<E::Accepts>, ServerError> {
        poll_fn(|task| self.poll_recv::<E>(task)).await
    }

    pub(crate) fn poll_recv<E: Endpoint>(
        &self,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<Option<E::Accepts>, ServerError>> {
        let taken = ready!(self.link.poll(task, self.id, Wants::Recv, |core, asked| {
            match (asked, core.take_item(self.id)) {
                (Some(why), _) => Poll::Ready(Err(ServerError::Cancelled(why.clone()))),
                (None, Some(taken)) => Poll::Ready(Ok(taken)),
                (None, None) => Poll::Pending,
            }
        }))?;
        Poll::Ready(match taken {
            Taken::Done => Ok(None),
            // One that is not asked to stop is not told an end of the stream that nobody has said.
            Taken::Lost => Err(Cancelled::here(Cause::SessionLost).into()),
            Taken::Overrun => Err(ServerError::Overrun),
            Taken::Item(payload) => match payload.decode() {
                Ok(item) => Ok(Some(item)),
                Err(error) => Err(ServerError::Payload(PayloadFault::new(
                    E::INFO,
                    Phase::Accepts,
                    error,
                    payload,
                ))),
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
}
