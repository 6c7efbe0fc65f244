//! A caller's handle to a peer, on which dialogs are opened.

use std::{sync::Arc, time::Duration};

use scipp_codec::Never;
use scipp_protocol::{End, Streams};
use tracing::Instrument as _;

use crate::{
    context::Context,
    dialog::Dialog,
    endpoint::Endpoint,
    error::{Cancelled, Cause, ContextError},
    identity::ActorId,
    scope::{InScope, Scope},
    session::Link,
};

/// A peer that dialogs can be opened with. Clones are handles to the same session.
#[derive(Clone, Debug)]
pub struct Portal {
    link: Arc<Link>,
}

impl Portal {
    pub(crate) fn new(link: &Arc<Link>) -> Self {
        Self {
            link: Arc::clone(link),
        }
    }

    /// Who the peer says it is.
    pub fn peer(&self) -> ActorId {
        self.link.peer()
    }

    /// Whether the peer says that it is a registrar; `None` if it does not say, or is not known yet.
    pub fn is_registrar(&self) -> Option<bool> {
        self.link.aid().and_then(|aid| aid.is_registrar)
    }

    /// Whether the session is up. It can be lost at any time after the answer.
    pub fn is_open(&self) -> bool {
        self.link.is_open()
    }

    /// Asks the peer to stop as a whole actor, and waits until it is about to. An actor of ours refuses unless it was told
    /// otherwise ([`Config::allow_actor_cancel`](crate::Config::allow_actor_cancel)).
    ///
    /// # Errors
    /// It was refused, or its answer did not come within 30 s.
    pub async fn cancel_actor(&self) -> Result<(), ContextError<Never>> {
        let dialog = Dialog::cancel_actor(&self.link)?;
        match tokio::time::timeout(self.link.limits().call_max, dialog.ended()).await {
            Err(_) => Err(dialog.leave(Cancelled::here(Cause::Deadline)).await),
            Ok(End::Returned(_)) => Ok(()),
            Ok(failed) => Err(dialog.failure(failed)),
        }
    }

    /// Prepares a dialog with an endpoint of the peer, below `parent`. Nothing is sent before it is opened.
    ///
    /// Generated clients have a method for each endpoint that does this.
    #[must_use = "nothing is sent before `call`, `scope` or `open`"]
    pub fn open_context<E: Endpoint>(
        &self,
        _endpoint: E,
        parent: &impl InScope,
        args: E::Args,
    ) -> OpenContext<E> {
        OpenContext {
            portal: self.clone(),
            parent: parent.scope().clone(),
            args,
            timeout: None,
        }
    }
}

/// A dialog that is about to be opened.
#[derive(Debug)]
#[must_use = "nothing is sent before `call`, `scope` or `open`"]
pub struct OpenContext<E: Endpoint> {
    portal: Portal,
    parent: Scope,
    args: E::Args,
    timeout: Option<Duration>,
}

impl<E: Endpoint> OpenContext<E> {
    /// Changes the arguments: `.with(|args| args.limit = 10)`.
    pub fn with(mut self, change: impl FnOnce(&mut E::Args)) -> Self {
        change(&mut self.args);
        self
    }

    /// The longest that the dialog may take. It can only shorten what the parent and the schema allow.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Calls, and waits for the result. For endpoints without streams; items of others are read and dropped.
    ///
    /// Bounded in any case: by the timeout, the schema's deadline, the parent's deadline, or 30 s if there is none of these.
    ///
    /// # Errors
    /// Whatever else can happen; see [`ContextError`]. When this resolves, the remote task is over, unless the error is in doubt.
    pub async fn call(self) -> Result<E::Returns, ContextError<E::Error>> {
        let unbounded = self.timeout.is_none()
            && E::INFO.deadline_ms.is_none()
            && self.parent.deadline().is_none();
        let call_max = self.portal.link.limits().call_max;
        let bounded = if unbounded {
            self.timeout(call_max)
        } else {
            self
        };
        let mut context = bounded.start(Streams::NONE, true)?;
        let span = context.dialog.span().clone();
        context.called().instrument(span).await
    }

    /// Opens the dialog, runs `body` in it, and waits until the remote task is over.
    ///
    /// * The body returns `Ok`: this waits for the remote end; a remote failure becomes the error.
    /// * The body returns `Err`: the remote task is asked to stop and waited for, bounded; then the body's error is returned.
    /// * The parent is cancelled or the deadline passes: the body is dropped at its await, the remote task is asked to stop and
    ///   waited for, bounded; then [`ContextError::Cancelled`] is returned.
    ///
    /// When this resolves, the remote task, its children and its cleanup are over, unless the error is
    /// [`ContextError::InDoubt`].
    ///
    /// # Errors
    /// The body's own; or [`ContextError`], for which the body's error type has a `From`.
    pub async fn scope<F, T, X>(self, body: F) -> Result<T, X>
    where
        F: AsyncFnOnce(&mut Context<E>, E::Started) -> Result<T, X>,
        X: From<ContextError<E::Error>>,
    {
        let streams = Streams {
            sends: E::INFO.accepts,
            receives: E::INFO.yields,
        };
        let mut context = self.start(streams, false)?;
        let scope = context.dialog.scope().clone();
        let span = context.dialog.span().clone();
        let ended = tokio::select! {
            biased;
            ended = async {
                let started = context.started().await?;
                body(&mut context, started).await
            }
            .instrument(span) => ended,
            why = scope.cancelled() => return Err(context.dialog.leave(why).await.into()),
        };
        match ended {
            Ok(value) => {
                tokio::select! {
                    biased;
                    end = context.over() => end?,
                    why = scope.cancelled() => return Err(context.dialog.leave(why).await.into()),
                }
                Ok(value)
            }
            Err(own) => {
                let reaped = context
                    .dialog
                    .leave::<E::Error>(Cancelled::here(Cause::Requested))
                    .await;
                tracing::debug!(endpoint = %E::INFO, remote = %reaped, "a scope ended with an error of its own");
                Err(own)
            }
        }
    }

    /// Opens the dialog and gives it out: for structs that hold a dialog. Prefer [`scope`](Self::scope), which waits for its end.
    ///
    /// # Errors
    /// What can happen before the peer has started.
    pub async fn open(self) -> Result<(Context<E>, E::Started), ContextError<E::Error>> {
        let streams = Streams {
            sends: E::INFO.accepts,
            receives: E::INFO.yields,
        };
        let mut context = self.start(streams, false)?;
        let scope = context.dialog.scope().clone();
        let started = tokio::select! {
            biased;
            started = context.started() => started?,
            why = scope.cancelled() => return Err(context.dialog.leave(why).await),
        };
        context.dialog.watch();
        Ok((context, started))
    }

    /// Sends the call.
    fn start(self, streams: Streams, timed: bool) -> Result<Context<E>, ContextError<E::Error>> {
        let schema = E::INFO.deadline_ms.map(Duration::from_millis);
        let timeout = match (self.timeout, schema) {
            (Some(own), Some(schema)) => Some(own.min(schema)),
            (own, schema) => own.or(schema),
        };
        let scope = self.parent.child(timeout);
        if scope.is_cancelled() {
            return Err(ContextError::Cancelled(scope.why()));
        }
        Ok(Context::new(Dialog::open::<E>(
            &self.portal.link,
            scope,
            &self.args,
            streams,
            timed,
        )?))
    }
}
