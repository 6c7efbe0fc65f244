//! The life of a handler, in order: it ends or is dropped, its child tasks are over, its cleanup has run, the caller is told.
//!
//! ```text
//!  asked ──grace──► dropped ──► children asked ──grace──► dropped ──► exit callbacks ──► terminal
//!    │                 ▲             ▲         (reap_max)             (exit_max each)
//!    └─ handler ends ──┴─────────────┘
//! ```

use std::{
    future::{Future, poll_fn},
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use futures::FutureExt as _;
use scipp_codec::Raises;
use scipp_protocol::{BadKind, DialogId, Failure, Terminal};
use tokio::{
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use crate::{
    endpoint::{CancelPolicy, Endpoint, EndpointInfo},
    error::{
        Cancelled, Cause, EndpointError, FailureCode, Outcome, PayloadFault, Phase, Relay, Relayed,
        encoded,
    },
    scope::Scope,
    server::Handler,
    server_context::{Exits, ServerContext, allowed},
    session::Link,
    trail::Trail,
};

/// A dialog that was accepted and owes its caller a terminal. Dropping it sends one.
pub(crate) struct Callee {
    link: Arc<Link>,
    id: DialogId,
    info: &'static EndpointInfo,
    /// Asked when the caller cancels, the deadline passes, the session is lost or the actor shuts down.
    outer: Scope,
    /// The handler's own: the same, or shielded from being asked.
    inner: Scope,
    /// Between asking and dropping.
    grace: Duration,
    /// It was asked to stop before it ended.
    asked: bool,
    /// It was dropped, not heard.
    forced: bool,
    told: bool,
    trail: Trail,
}

impl Callee {
    /// Accepts a call. `None` if the call is gone.
    pub(crate) fn accept(
        link: &Arc<Link>,
        id: DialogId,
        info: &'static EndpointInfo,
        deadline: Option<Instant>,
        trail: Trail,
    ) -> Option<Self> {
        let shielded = matches!(info.cancel, CancelPolicy::Never { .. });
        let outer = link.callees().until(deadline, trail.trace().cloned());
        let inner = if shielded {
            outer.shielded()
        } else {
            outer.clone()
        };
        let grace = match info.cancel {
            CancelPolicy::Default => link.limits().cancel_grace,
            CancelPolicy::Grace { ms } => Duration::from_millis(ms),
            CancelPolicy::Now => Duration::ZERO,
            CancelPolicy::Never { max_ms } => Duration::from_millis(max_ms),
        };
        link.lasts(grace);
        if !link.accept(id, info, &outer, shielded) {
            return None;
        }
        Some(Self {
            link: Arc::clone(link),
            id,
            info,
            outer,
            inner,
            grace,
            asked: false,
            forced: false,
            told: false,
            trail,
        })
    }

    pub(crate) fn span(&self) -> &tracing::Span {
        self.trail.span()
    }

    /// Resolves when the handler was asked and its grace is over.
    fn overtime(&self) -> impl Future<Output = ()> + Send + 'static {
        let (link, id, outer, grace) = (
            Arc::clone(&self.link),
            self.id,
            self.outer.clone(),
            self.grace,
        );
        async move {
            let why = outer.cancelled().await;
            link.ask(id, why);
            sleep(grace).await;
        }
    }

    /// Ends the child tasks: waits for those of a handler that ended well, asks those of one that did not.
    async fn children(&mut self, ended_well: bool) {
        let limits = self.link.limits();
        let mut overtime = false;
        if ended_well {
            tokio::select! {
                biased;
                () = self.inner.join() => {}
                () = self.overtime() => {
                    self.asked = true;
                    overtime = true;
                }
            }
        }
        let grace = if overtime || self.forced {
            Duration::ZERO
        } else {
            limits.cancel_grace
        };
        if !self
            .inner
            .end(Cancelled::here(Cause::Requested), grace, limits.reap_max)
            .await
        {
            tracing::error!(endpoint = %self.info, "a child task blocks its thread, or a dialog below has no end; the caller is told all the same");
            self.link.count(|ends| ends.unreaped += 1);
        }
    }

    /// Runs the cleanup, the last one first, each within its bound.
    async fn cleanup(&self, mut exits: Exits) {
        while let Some(exit) = exits.pop() {
            match timeout(
                self.link.limits().exit_max,
                AssertUnwindSafe(exit).catch_unwind(),
            )
            .await
            {
                Ok(Ok(())) => {}
                Ok(Err(_)) => tracing::error!(endpoint = %self.info, "an exit callback panicked"),
                Err(_) => {
                    tracing::error!(endpoint = %self.info, "an exit callback did not end in time and was dropped")
                }
            }
        }
    }

    fn tell(&mut self, terminal: Terminal) {
        self.told = true;
        self.trail.over(Some(match &terminal {
            Terminal::Return(_) => Outcome::Returned,
            Terminal::Cancelled { .. } => Outcome::Cancelled,
            Terminal::Error(_) | Terminal::BadPayload { .. } | Terminal::Relay(_) => {
                Outcome::Failed
            }
        }));
        let (asked, forced) = (self.asked, self.forced);
        self.link.finish(self.id, terminal, |ends| {
            let count = if forced {
                &mut ends.forced
            } else if asked {
                &mut ends.cancelled
            } else {
                &mut ends.finished
            };
            *count += 1;
        });
    }

    /// What the caller is told about an error of the handler. What was not declared is logged here and redacted there.
    fn terminal<E: Raises>(&self, error: EndpointError<E>) -> Terminal {
        match error {
            EndpointError::Endpoint(declared) => {
                match allowed(self.info, Phase::Raises, declared.check()) {
                    Ok(()) => Terminal::Error(Failure {
                        name: declared.name().to_owned(),
                        text: declared.to_string(),
                        payload: Some(encoded(&declared)),
                    }),
                    Err(wrong) => self.terminal::<E>(wrong.into()),
                }
            }
            EndpointError::Cancelled(cancelled) => self.cancelled(&cancelled),
            EndpointError::Payload(PayloadFault {
                error,
                payload,
                endpoint,
                phase,
            }) => Terminal::BadPayload {
                kind: BadKind::Yield,
                text: PayloadFault {
                    error,
                    payload: payload.clone(),
                    endpoint,
                    phase,
                }
                .to_string(),
                payload,
            },
            EndpointError::Overrun => failure(
                &FailureCode::Overrun,
                "the handler did not take the caller's items in time",
            ),
            EndpointError::Closed => failure(
                &FailureCode::Failed,
                "the handler went on sending after the caller left the stream",
            ),
            EndpointError::Relayed(Relayed(Relay::Declared(failure))) => Terminal::Error(failure),
            EndpointError::Relayed(Relayed(Relay::Failed(failure))) => {
                Terminal::Relay(Box::new(failure.error().clone()))
            }
            EndpointError::Misuse(misuse) => {
                tracing::error!(endpoint = %self.info, %misuse, "a handler used its dialog wrongly");
                failure(&FailureCode::Failed, REDACTED)
            }
            EndpointError::Failed(error) => {
                tracing::error!(endpoint = %self.info, caller = %self.trail.peer(), %error, "a handler failed");
                failure(&FailureCode::Failed, REDACTED)
            }
        }
    }

    fn cancelled(&self, cancelled: &Cancelled) -> Terminal {
        // If this dialog was asked, the core knows by whom; otherwise the cancel came from a dialog below.
        let canceller = if self.asked {
            None
        } else {
            cancelled.canceller.clone()
        };
        Terminal::Cancelled {
            canceller,
            cause: cancelled.cause.wire(),
            text: format!("{}: {cancelled}", self.info),
        }
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        if !self.told {
            // The session gave up on the handler, or its runtime is going down.
            self.forced = true;
            self.asked = true;
            let why = self.outer.why();
            let terminal = self.cancelled(&why);
            self.tell(terminal);
        }
    }
}

/// Runs a handler from its first step to its terminal. Pending only after that step, and then to be polled again at once.
pub(crate) async fn live<E, H>(mut callee: Callee, handler: H, args: E::Args)
where
    E: Endpoint,
    H: for<'a> Handler<'a, E>,
{
    let mut ctx = ServerContext::<E>::new(
        Arc::clone(&callee.link),
        callee.id,
        callee.inner.clone(),
        callee.trail.peer().clone(),
    );
    let ran = {
        let mut task =
            pin!(AssertUnwindSafe(async { handler(&mut ctx, args).await }).catch_unwind());
        // Most handlers end at their first step, and need nobody who watches the time.
        let first = poll_fn(|cx| Poll::Ready(task.as_mut().poll(cx))).await;
        match first {
            Poll::Ready(ran) => Some(ran),
            Poll::Pending => {
                yield_now().await;
                let overtime = Box::pin(callee.overtime());
                tokio::select! {
                    biased;
                    ran = &mut task => Some(ran),
                    () = overtime => None,
                }
            }
        }
    };
    callee.forced = ran.is_none();
    callee.asked = callee.outer.is_cancelled();
    // What few handlers need is kept out of what all of them hold while they wait.
    if callee.inner.has_below() {
        Box::pin(callee.children(matches!(ran, Some(Ok(Ok(_)))))).await;
    } else {
        callee
            .inner
            .cancel_because(Cancelled::here(Cause::Requested));
    }
    let exits = ctx.take_exits();
    if !exits.is_empty() {
        Box::pin(callee.cleanup(exits)).await;
    }
    let panicked = matches!(ran, Some(Err(_))) || callee.inner.panics() > 0;
    let terminal = match ran {
        None => callee.cancelled(&callee.outer.why()),
        Some(_) if panicked => {
            tracing::error!(endpoint = %E::INFO, caller = %callee.trail.peer(), "a handler or a child task of it panicked");
            failure(&FailureCode::Panicked, REDACTED)
        }
        Some(Ok(Ok(value))) => match ctx.may_return(&value) {
            Ok(()) => Terminal::Return(scipp_codec::to_bytes(&value)),
            Err(error) => callee.terminal::<E::Error>(error.into()),
        },
        Some(Ok(Err(error))) => callee.terminal(error),
        Some(Err(_)) => failure(&FailureCode::Panicked, REDACTED),
    };
    callee.tell(terminal);
}

fn failure(code: &FailureCode, text: &str) -> Terminal {
    Terminal::Error(Failure {
        name: code.name().to_owned(),
        text: text.to_owned(),
        payload: None,
    })
}

/// What a caller learns of a failure that no schema declares: no path, no payload, no backtrace.
const REDACTED: &str = "the log of its actor says why";
