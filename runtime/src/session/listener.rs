//! Accepts sessions, serves them, and ends them in order.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use scipp_protocol::Side;
use tokio::{
    sync::{Semaphore, oneshot},
    time::sleep,
};

use super::{
    core::Phase,
    link::Link,
    run::{Ended, run},
};
use crate::{
    actor::{Config, StopOnDrop},
    limits,
    policy::InsecureTransport,
    registrar::{Membership, RegistrarError},
    scope::{InScope, Scope},
    server::Router,
    transport::{Listener, Stream},
};

/// Serves `services` to every peer that connects to `listener`, until `shutdown` is cancelled or has its deadline.
///
/// Then: no new session, no new call; what runs may end by itself (10 s unless configured); then it is asked to stop, after its
/// grace it is dropped; sessions are closed. Every step is bounded, and when this resolves nothing of it runs any more.
///
/// A peer that breaks the protocol loses its own session and disturbs nobody else's; so does a failure to accept.
///
/// If this future is dropped, the sessions are drained in the background, within the same bounds.
///
/// # Errors
/// Nothing was served: the listener or the services are not acceptable.
pub async fn serve(
    listener: Listener,
    config: Config,
    services: impl Into<Router>,
    shutdown: &impl InScope,
) -> Result<Drained, ServeError> {
    let router = services.into();
    if let Some(address) = listener.address() {
        config.policy.plain_tcp.check(&address)?;
    }
    if let Some(namespace) = router.repeated() {
        return Err(ServeError::Repeated { namespace });
    }
    let membership =
        Membership::new(&config, listener.address()).map_err(ServeError::NotRegistered)?;
    let stop = StopOnDrop(Scope::root());
    let floor = Arc::new(Floor {
        config,
        router,
        stop: stop.0.clone(),
        sessions: Scope::root(),
        places: Arc::new(Semaphore::new(0)),
        handshakes: Arc::new(Semaphore::new(0)),
        drained: Mutex::new(Drained::default()),
    });
    floor
        .places
        .add_permits(floor.config.limits.sessions_max.min(Semaphore::MAX_PERMITS));
    floor.handshakes.add_permits(
        floor
            .config
            .limits
            .handshakes_max
            .min(Semaphore::MAX_PERMITS),
    );
    let shutdown = shutdown.scope();
    let registered = match membership {
        Some(membership) => floor.register(membership, shutdown).await,
        None => Ok(()),
    };
    while registered.is_ok() {
        tokio::select! {
            biased;
            _ = shutdown.cancelled() => break,
            // A peer that may stop this actor has asked to.
            _ = floor.stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(stream) => floor.admit(stream),
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted; going on");
                    tokio::select! {
                        biased;
                        _ = shutdown.cancelled() => break,
                        () = sleep(limits::ACCEPT_PAUSE) => {}
                    }
                }
            },
        }
    }
    drop(listener);
    if shutdown.is_cancelled() {
        floor.stop.cancel_because(shutdown.why());
    }
    floor.stop.cancel();
    floor.sessions.join().await;
    registered.map_err(ServeError::NotRegistered)?;
    let drained = *floor.drained.lock().unwrap_or_else(PoisonError::into_inner);
    tracing::info!(?drained, "an actor has stopped");
    Ok(drained)
}

/// What became of the handlers that ran when an actor was shut down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Ended by themselves.
    pub finished: u64,
    /// Ended after they were asked to.
    pub cancelled: u64,
    /// Were dropped: they did not listen.
    pub forced: u64,
    /// Blocked their threads, or belong to peers that did not say their end; nobody knows.
    pub unreaped: u64,
}

impl fmt::Display for Drained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            finished,
            cancelled,
            forced,
            unreaped,
        } = self;
        if *self == Self::default() {
            return out.write_str("no dialog was running");
        }
        write!(
            out,
            "of the dialogs that ran, {finished} finished, {cancelled} were cancelled, {forced} were dropped"
        )?;
        match unreaped {
            0 => Ok(()),
            unknown => write!(out, ", and the end of {unknown} is not known"),
        }
    }
}

/// Why nothing was served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The listener's transport is not secure.
    #[error(transparent)]
    Insecure(#[from] InsecureTransport),
    /// It could not be registered where the configuration says.
    #[error("not registered: {0}")]
    NotRegistered(#[source] RegistrarError),
    /// Two services would answer to the same calls.
    #[error("two services have the namespace `{namespace}`; a call could reach only one of them")]
    Repeated {
        /// The namespace of their interfaces.
        namespace: &'static str,
    },
}

/// What the sessions of a listener share.
struct Floor {
    config: Config,
    router: Router,
    stop: Scope,
    sessions: Scope,
    places: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    drained: Mutex<Drained>,
}

impl Floor {
    /// Registers the listener. It is unregistered when the listener stops, whatever becomes of whoever waits for this.
    async fn register(
        self: &Arc<Self>,
        membership: Membership,
        shutdown: &Scope,
    ) -> Result<(), RegistrarError> {
        let (told, hear) = oneshot::channel();
        let stop = self.stop.clone();
        self.sessions.spawn(async move {
            let entered = membership.enter().await;
            let _ = told.send(entered);
            stop.cancelled().await;
            membership.leave().await;
        });
        tokio::select! {
            biased;
            entered = hear => entered.unwrap_or(Ok(())),
            // The listener stops, and it is unregistered, as soon as it is registered.
            _ = shutdown.cancelled() => Ok(()),
        }
    }

    /// Starts a session, if there is a place; otherwise the connection closes at once.
    fn admit(self: &Arc<Self>, stream: Stream) {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let handshake = Arc::clone(&self.handshakes).try_acquire_owned();
        let (Ok(place), Ok(handshake)) = (place, handshake) else {
            tracing::warn!("a connection was closed at once: as many sessions are open as may be");
            return;
        };
        let settings = self.config.settings(self.router.clone(), self.stop.clone());
        let link = Link::new(settings, Side::Acceptor);
        let floor = Arc::clone(self);
        self.sessions.spawn(async move {
            let known = Arc::clone(&link);
            link.watchers().spawn(async move {
                known.reached(|phase| *phase == Phase::Open).await;
                drop(handshake);
            });
            let Ended { ends, .. } = run(link, stream).await;
            let mut drained = floor.drained.lock().unwrap_or_else(PoisonError::into_inner);
            if floor.stop.is_cancelled() {
                drained.finished += ends.finished;
                drained.cancelled += ends.cancelled;
                drained.forced += ends.forced;
                drained.unreaped += ends.unreaped;
            }
            drop(place);
        });
    }
}
