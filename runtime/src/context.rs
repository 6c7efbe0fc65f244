//! The caller's handle to a live dialog. Payload bytes become types here, on the caller's side.

use std::marker::PhantomData;

use scipp_protocol::{Any, End};
use tracing::Instrument as _;

use crate::{
    dialog::Dialog,
    endpoint::{Endpoint, EndpointInfo, EndpointKind},
    error::{ContextError, Phase},
    scope::{InScope, Scope},
    stream::{Receiver, Sender},
};

/// A live dialog with an endpoint of a peer.
///
/// Dropping it asks the remote task to stop; the session then waits for its end, bounded, and so does the scope above.
#[derive(Debug)]
#[must_use = "dropping a context cancels the remote task"]
pub struct Context<E: Endpoint> {
    pub(crate) dialog: Dialog,
    endpoint: PhantomData<fn() -> E>,
}

impl<E: Endpoint> Context<E> {
    pub(crate) fn new(dialog: Dialog) -> Self {
        Self {
            dialog,
            endpoint: PhantomData,
        }
    }

    /// Sends an item; waits while as many are on the way as may be.
    ///
    /// # Errors
    /// The dialog is over, and this is how it ended; or [`ContextError::Closed`] if the callee takes no more items.
    pub async fn send(&mut self, item: E::Accepts) -> Result<(), ContextError<E::Error>> {
        self.dialog.send(&item).await
    }

    /// The next item; `None` after the callee has left the stream or returned.
    ///
    /// # Errors
    /// The dialog is over, and this is how it ended; or the item is not what the schema says.
    pub async fn recv(&mut self) -> Result<Option<E::Yields>, ContextError<E::Error>> {
        self.dialog.recv().await
    }

    /// How many items of the callee gave way to newer ones so far, before they were taken here: `@overrun(drop_oldest)`.
    pub fn dropped(&self) -> u64 {
        self.dialog.dropped()
    }

    /// Leaves the stream: no more items are sent. Those that still come can be received.
    ///
    /// # Errors
    /// None today; the dialog's end shows at the next operation.
    pub async fn stop(&mut self) -> Result<(), ContextError<E::Error>> {
        self.dialog.stop();
        Ok(())
    }

    /// The two directions, to be used at the same time: a [`Sink`](futures::Sink) and a [`Stream`](futures::Stream).
    pub fn split(&mut self) -> (Sender<'_, E>, Receiver<'_, E>) {
        let dialog = &self.dialog;
        (Sender::new(dialog), Receiver::new(dialog))
    }

    /// Waits for the result. Items that still come are dropped.
    ///
    /// # Errors
    /// See [`ContextError`]. When this resolves, the remote task is over, unless the error is in doubt.
    pub async fn join(mut self) -> Result<E::Returns, ContextError<E::Error>> {
        let span = self.dialog.span().clone();
        self.result().instrument(span).await
    }

    /// Asks the remote task to stop, and waits for its end, bounded. `None` if it stopped, its result if it had one before.
    ///
    /// # Errors
    /// It ended with an error, or its end was not seen in time ([`ContextError::InDoubt`]).
    pub async fn cancel(mut self) -> Result<Option<E::Returns>, ContextError<E::Error>> {
        match self.dialog.cancel().await? {
            End::Cancelled(_) | End::NotSent(None) => Ok(None),
            _ => self.returned().await.map(Some),
        }
    }

    /// The peer's and this dialog's names.
    pub fn info(&self) -> &'static EndpointInfo {
        E::INFO
    }

    /// The first value of the dialog.
    pub(crate) async fn started(&mut self) -> Result<E::Started, ContextError<E::Error>> {
        let payload = match E::INFO.kind {
            EndpointKind::Context => self.dialog.started().await?,
            // Such an endpoint has no start value: nil.
            EndpointKind::Func | EndpointKind::Gen => Any::nil(),
        };
        self.dialog.decode(Phase::Started, payload)
    }

    /// Waits for the result, or until the scope asks to leave the dialog.
    pub(crate) async fn result(&mut self) -> Result<E::Returns, ContextError<E::Error>> {
        let scope = self.dialog.scope().clone();
        tokio::select! {
            biased;
            returned = self.returned() => returned,
            why = scope.cancelled() => Err(self.dialog.leave(why).await),
        }
    }

    /// Waits for the result of a call, whose scope nobody knows and whose deadline the session watches.
    pub(crate) async fn called(&mut self) -> Result<E::Returns, ContextError<E::Error>> {
        let why = tokio::select! {
            biased;
            ended = self.dialog.ended_unless_asked() => match ended {
                Ok(end) => return self.value(end),
                Err(why) => why,
            },
            why = self.dialog.scope().asked_above() => why,
        };
        Err(self.dialog.leave(why).await)
    }

    /// Waits for the end, and takes the value.
    pub(crate) async fn returned(&mut self) -> Result<E::Returns, ContextError<E::Error>> {
        let end = self.dialog.ended().await;
        self.value(end)
    }

    fn value(&self, end: &End) -> Result<E::Returns, ContextError<E::Error>> {
        match end {
            End::Returned(value) => self.dialog.decode(Phase::Returns, value.clone()),
            failed => Err(self.dialog.failure(failed)),
        }
    }

    /// Waits for the end; the value is not looked at.
    pub(crate) async fn over(&mut self) -> Result<(), ContextError<E::Error>> {
        match self.dialog.ended().await {
            End::Returned(_) => Ok(()),
            failed => Err(self.dialog.failure(failed)),
        }
    }
}

impl<E: Endpoint> InScope for Context<E> {
    fn scope(&self) -> &Scope {
        self.dialog.scope()
    }
}
