//! This process as an actor: its configuration, and sessions that it opens.

use std::{
    io,
    sync::{Arc, atomic::AtomicUsize},
};

use scipp_protocol::{Address, Aid, Loss, Side};
use tokio::time::timeout;

use crate::{
    error::{Cancelled, Cause},
    identity::{self, ActorId, Ids},
    interceptor::{Interceptor, Interceptors},
    limits::RuntimeLimits,
    policy::{InsecureTransport, PlainTcp, Policy},
    portal::Portal,
    registrar::{Registry, RegistryService},
    scope::{InScope, Scope},
    server::{Router, Service},
    session::{self, Link, Phase, Settings},
    transport::{self, AddressError, IntoTarget, Target, Transport},
};

/// What an actor is, allows and offers. The defaults deny.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) aid: scipp_protocol::Aid,
    pub(crate) ids: Ids,
    core_limits: scipp_protocol::Limits,
    pub(crate) limits: RuntimeLimits,
    pub(crate) policy: Policy,
    pub(crate) offered: Router,
    parent: Option<Scope>,
    interceptors: Interceptors,
    pub(crate) registrars: Vec<Target>,
    pub(crate) registry: Option<Registry>,
    pub(crate) announced: Vec<Address>,
    /// Listeners of this actor that are registered.
    pub(crate) listening: Arc<AtomicUsize>,
}

impl Config {
    /// An actor of this name, which need not be unique. It gets a fresh uuid.
    pub fn new(name: &str) -> Self {
        Self {
            aid: identity::own(name),
            ids: Ids::default(),
            core_limits: scipp_protocol::Limits::default(),
            limits: RuntimeLimits::default(),
            policy: Policy::default(),
            offered: Router::new(),
            parent: None,
            interceptors: Interceptors::default(),
            registrars: Vec::new(),
            registry: None,
            announced: Vec::new(),
            listening: Arc::default(),
        }
    }

    /// Speaks tractor's messages and nothing else, to peers of its own kind too. Without it two scipp peers use what both
    /// know beyond them (`docs/protocol.md`, section 12); a tractor peer is never sent any of that.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.aid.features = scipp_protocol::Features::NONE;
        self
    }

    /// Takes every id from `seed` instead of from chance, so that a simulation is the same each time. For tests only: ids that
    /// can be guessed, or that two actors share, tell nobody apart.
    #[must_use]
    pub fn replayable(mut self, seed: u64) -> Self {
        self.ids = Ids::counted(seed);
        let uuid = uuid::Uuid::from_u128(self.ids.next());
        self.aid.uid = identity::ActorId::new(Arc::clone(&self.aid.uid.name), uuid.to_string());
        self.aid.pid = Some(1);
        self
    }

    /// Changes bounds of the runtime: `.limits(|limits| limits.sessions_max = 8)`.
    #[must_use]
    pub fn limits(mut self, change: impl FnOnce(&mut RuntimeLimits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// Changes bounds of the protocol: `.protocol_limits(|limits| limits.dialogs_max = 8)`.
    #[must_use]
    pub fn protocol_limits(mut self, change: impl FnOnce(&mut scipp_protocol::Limits)) -> Self {
        change(&mut self.core_limits);
        self
    }

    /// Allows plain TCP on loopback addresses. Every user of the machine can connect and claim to be anybody.
    #[must_use]
    pub fn insecure_loopback(mut self) -> Self {
        self.policy.plain_tcp = self.policy.plain_tcp.max(PlainTcp::Loopback);
        self
    }

    /// Allows plain TCP on all addresses. Anybody on the way can read and change what is said.
    #[must_use]
    pub fn insecure_network(mut self) -> Self {
        self.policy.plain_tcp = PlainTcp::Anywhere;
        self
    }

    /// Lets every peer stop this whole actor, as any tractor actor lets its peers. Without it such a request is refused.
    #[must_use]
    pub fn allow_actor_cancel(mut self) -> Self {
        self.policy.actor_cancel = true;
        self
    }

    /// Refuses callers whose schema has another version of the endpoint, in whatever it differs. Without it they are served as far
    /// as their values can be read: the rules of evolution make most changes harmless (`docs/breaking.md`). Plain peers, who say
    /// nothing about their types, are served in any case.
    #[must_use]
    pub fn same_schema(mut self) -> Self {
        self.policy.same_schema = true;
        self
    }

    /// Offers a service on sessions that this actor opens: a session carries dialogs in both directions.
    #[must_use]
    pub fn offer(mut self, service: impl Service) -> Self {
        self.offered = self.offered.with(service);
        self
    }

    /// Lets `interceptor` see every dialog of this actor, on both ends.
    #[must_use]
    pub fn intercept(mut self, interceptor: impl Interceptor) -> Self {
        self.interceptors = self.interceptors.with(interceptor);
        self
    }

    /// Opens sessions below a scope: they end with it.
    #[must_use]
    pub fn under(mut self, parent: &impl InScope) -> Self {
        self.parent = Some(parent.scope().clone());
        self
    }

    /// Who this actor is.
    pub(crate) fn uid(&self) -> &ActorId {
        &self.aid.uid
    }

    /// Below no scope.
    pub(crate) fn detached(mut self) -> Self {
        self.parent = None;
        self
    }

    pub(crate) fn settings(&self, mut router: Router, stop: Scope) -> Arc<Settings> {
        if let Some(registry) = &self.registry {
            router = router.with(RegistryService::new(registry.clone(), self.limits.clone()));
        }
        Arc::new(Settings {
            aid: self.aid.clone(),
            ids: self.ids.clone(),
            core_limits: self.core_limits.clone(),
            limits: self.limits.clone(),
            policy: self.policy,
            router,
            interceptors: self.interceptors.clone(),
            is_child: false,
            stop,
        })
    }

    /// Of the session with the parent of this process, who may stop it.
    pub(crate) fn settings_of_child(&self, router: Router, stop: Scope) -> Arc<Settings> {
        let settings = self.settings(router, stop);
        let policy = Policy {
            actor_cancel: true,
            ..settings.policy
        };
        Arc::new(Settings {
            is_child: true,
            policy,
            ..Arc::unwrap_or_clone(settings)
        })
    }

    /// This actor, by a name and a uuid that its parent has chosen.
    pub(crate) fn of(uid: ActorId) -> Self {
        let mut config = Self::new(&uid.name);
        config.aid.uid = uid;
        config
    }

    /// What peers may call on sessions that this actor opens.
    pub(crate) fn offered(&self) -> &Router {
        &self.offered
    }

    pub(crate) fn parent(&self) -> Option<&Scope> {
        self.parent.as_ref()
    }
}

/// Opens a session with the actor at `to`, runs `body` with it, and ends the session.
///
/// `to` is an address (`"unix:/run/feed.sock"`, `"tcp://127.0.0.1:1616"`) or a
/// [`MemoryDialer`](crate::transport::MemoryDialer). When this resolves, nothing of the session runs any more: dialogs that the
/// body has dropped are waited for, bounded, and so are child tasks of its scope.
///
/// The scope's end asks the body to stop: all its dialogs say so. A body that goes on is dropped after the grace.
///
/// # Errors
/// The body's own; or [`ConnectError`], for which the body's error type has a `From`.
pub async fn connect<T, X>(
    to: impl IntoTarget,
    config: Config,
    body: impl AsyncFnOnce(&Portal, &Scope) -> Result<T, X>,
) -> Result<T, X>
where
    X: From<ConnectError>,
{
    let target = to.into_target().map_err(ConnectError::from)?;
    config
        .policy
        .plain_tcp
        .check_target(&target)
        .map_err(ConnectError::from)?;
    let max = config.limits.connect_max;
    let stream = match timeout(max, transport::dial(&target)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(source)) => {
            return Err(ConnectError::Dial {
                target: Box::new(target),
                source,
            }
            .into());
        }
        Err(_) => {
            return Err(ConnectError::Timeout {
                target: Box::new(target),
                max_ms: max.as_millis(),
            }
            .into());
        }
    };
    session_with(stream, Some(target), config, body).await
}

/// As [`connect`], over a transport that is open already.
///
/// # Errors
/// The same.
pub async fn with_session<T, X>(
    transport: impl Transport,
    config: Config,
    body: impl AsyncFnOnce(&Portal, &Scope) -> Result<T, X>,
) -> Result<T, X>
where
    X: From<ConnectError>,
{
    session_with(transport, None, config, body).await
}

/// As [`with_session`]; `target` is what the transport leads to, for the reader of an error.
async fn session_with<T, X>(
    transport: impl Transport,
    target: Option<Target>,
    config: Config,
    body: impl AsyncFnOnce(&Portal, &Scope) -> Result<T, X>,
) -> Result<T, X>
where
    X: From<ConnectError>,
{
    let scope = config
        .parent
        .as_ref()
        .map_or_else(Scope::root, |parent| parent.child(None));
    let stop = StopOnDrop(Scope::root());
    let link = Link::new(
        config.settings(config.offered.clone(), stop.0.clone()),
        Side::Connector,
    );
    let io = Scope::root();
    let session = io.spawn(session::run(Arc::clone(&link), transport));

    let ended = match link.reached(|phase| *phase == Phase::Open).await {
        Phase::Lost(loss) => Err(ConnectError::Handshake {
            target: target.map(Box::new),
            loss,
        }
        .into()),
        _ => in_body(&link, &scope, body).await,
    };
    // Children of a body that ended well end by themselves; others are asked to.
    if ended.is_ok() {
        tokio::select! {
            biased;
            () = scope.join() => {}
            _ = scope.cancelled() => {}
        }
    }
    let limits = link.limits();
    if !scope
        .end(
            Cancelled::here(Cause::Requested),
            limits.cancel_grace,
            limits.reap_max,
        )
        .await
    {
        tracing::error!(
            left = scope.tasks(),
            "tasks below a session did not end in time"
        );
    }
    stop.0.cancel();
    if let Ok(session::Ended { why, ends, drained }) = session.await
        && (ends.unreaped > 0 || !drained)
    {
        tracing::debug!(%why, ?ends, "a session ended otherwise than by its body");
    }
    if scope.panics() > 0 && ended.is_ok() {
        return Err(ConnectError::ChildPanicked.into());
    }
    ended
}

/// Asks who is at `target`, and nothing else. The caller has checked that it may connect there, and bounds the wait.
pub(crate) async fn meet(target: &Target, config: Config) -> Result<Aid, ConnectError> {
    let stream = transport::dial(target)
        .await
        .map_err(|source| ConnectError::Dial {
            target: Box::new(target.clone()),
            source,
        })?;
    let stop = StopOnDrop(Scope::root());
    let settings = config.settings(config.offered.clone(), stop.0.clone());
    let link = Link::new(settings, Side::Connector);
    let io = Scope::root();
    let session = io.spawn(session::run(Arc::clone(&link), stream));
    let phase = link.reached(|phase| *phase == Phase::Open).await;
    stop.0.cancel();
    let _ = session.await;
    // It leaves at once, most often before we have looked.
    match (link.aid(), phase) {
        (Some(aid), _) => Ok(aid.clone()),
        (None, Phase::Lost(loss)) => Err(ConnectError::Handshake {
            target: Some(Box::new(target.clone())),
            loss,
        }),
        (None, _) => Err(ConnectError::Handshake {
            target: Some(Box::new(target.clone())),
            loss: Loss::Closed,
        }),
    }
}

/// Serves one session over a transport that is open already, until the peer leaves or `shutdown` is asked.
pub async fn serve_session(
    transport: impl Transport,
    config: Config,
    services: impl Into<Router>,
    shutdown: &impl InScope,
) {
    let stop = StopOnDrop(Scope::root());
    let link = Link::new(
        config.settings(services.into(), stop.0.clone()),
        Side::Acceptor,
    );
    let io = Scope::root();
    let mut session = io.spawn(session::run(link, transport));
    tokio::select! {
        biased;
        _ = &mut session => return,
        _ = shutdown.scope().cancelled() => stop.0.cancel(),
    }
    let _ = session.await;
}

async fn in_body<T, X>(
    link: &Arc<Link>,
    scope: &Scope,
    body: impl AsyncFnOnce(&Portal, &Scope) -> Result<T, X>,
) -> Result<T, X>
where
    X: From<ConnectError>,
{
    let portal = Portal::new(link);
    let overtime = async {
        let why = scope.cancelled().await;
        tokio::time::sleep(link.limits().cancel_grace).await;
        why
    };
    let stopped = async {
        link.settings().stop.cancelled().await;
        scope.cancel_because(Cancelled::here(Cause::Shutdown));
        std::future::pending::<()>().await;
    };
    tokio::select! {
        biased;
        ended = body(&portal, scope) => ended,
        why = overtime => Err(ConnectError::Cancelled(why).into()),
        () = stopped => Err(ConnectError::Cancelled(scope.why()).into()),
    }
}

/// Asks a session to stop when its owner goes, also by being dropped at an await.
pub(crate) struct StopOnDrop(pub(crate) Scope);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Why there was no session, or why it ended before its body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Its transport is not secure.
    #[error(transparent)]
    Insecure(#[from] InsecureTransport),
    /// Nobody could be reached there.
    #[error("cannot connect to {target}: {source}. Does an actor listen there?")]
    Dial {
        /// Where.
        target: Box<Target>,
        /// Why.
        source: io::Error,
    },
    /// Nobody answered there.
    #[error(
        "cannot connect to {target}: no answer within {max_ms} ms. Does an actor listen there?"
    )]
    Timeout {
        /// Where.
        target: Box<Target>,
        /// [`RuntimeLimits::connect_max`].
        max_ms: u128,
    },
    /// Who answered does not speak as an actor.
    #[error("no session{}: {loss}. Is it an actor, and has it room for another session?", with(.target.as_deref()))]
    Handshake {
        /// Where; `None` for a transport that was open already.
        target: Option<Box<Target>>,
        /// What ended it.
        loss: Loss,
    },
    /// The scope of the session was cancelled, and the body did not stop by itself.
    #[error("the session's body was dropped: {0}")]
    Cancelled(Cancelled),
    /// The body ended well, but a child task of its scope panicked.
    #[error("a child task of the session's scope panicked")]
    ChildPanicked,
}

/// " with unix:/run/feed.sock", if it is known.
fn with(target: Option<&Target>) -> String {
    target.map_or_else(String::new, |target| format!(" with {target}"))
}
