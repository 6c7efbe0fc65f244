//! The life of a process that was started as a child.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use scipp_protocol::{AddressError, Loss, Side};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::timeout,
};

use super::{
    boot::{Booted, boot},
    invocation::{BadInvocation, Invocation},
};
use crate::{
    actor::{Config, StopOnDrop},
    error::{Cancelled, Cause},
    policy::InsecureTransport,
    registrar::RegistrarError,
    scope::Scope,
    server::Router,
    session::{self, Link, Phase, ServeError, serve},
    transport::{self, BindError, Target},
};

/// Status of a process that has served and was asked to stop.
const DONE: u8 = 0;
/// It could not serve, or its parent was lost.
const FAILED: u8 = 1;
/// It was not started as a child.
const USAGE: u8 = 2;

/// Runs this process as a child, with these services, until its parent asks it to stop or is gone, or it is terminated.
///
/// `configure` changes the configuration of the actor, whose name and uuid the parent has chosen: a child of a parent that uses TCP needs
/// [`Config::insecure_loopback`]. Whatever goes wrong is said on the standard error output, and to the parent if that is possible.
///
/// The exit status is 0 if it was asked to stop, 1 if something failed or the parent was lost, and 2 if it was not started as a child.
pub async fn run(
    configure: impl FnOnce(Config) -> Config,
    services: impl Into<Router>,
) -> ExitCode {
    let (status, why) = match Invocation::from_env() {
        Err(bad) => (USAGE, Some(bad.to_string())),
        Ok(invocation) => match invocation.serve(configure, services).await {
            Ok(()) => (DONE, None),
            Err(error) => (FAILED, Some(error.to_string())),
        },
    };
    if let Some(why) = why {
        let _ = writeln!(io::stderr(), "{why}");
    }
    status.into()
}

impl Invocation {
    /// Runs this process as a child: see [`run`], which does it from the arguments of the process.
    ///
    /// # Errors
    /// It did not become what its parent has said, or its parent was lost.
    pub async fn serve(
        self,
        configure: impl FnOnce(Config) -> Config,
        services: impl Into<Router>,
    ) -> Result<(), ChildError> {
        let config = configure(Config::of(self.uid)).detached();
        let router = services.into();
        if let Some(namespace) = router.repeated() {
            return Err(ServeError::Repeated { namespace }.into());
        }
        config.policy.plain_tcp.check(&self.parent)?;
        let target = Target::Address(self.parent);
        let dialing = timeout(config.limits.connect_max, transport::dial(&target));
        let parent = match dialing.await {
            Ok(dialed) => dialed,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let parent = parent.map_err(|source| ChildError::Parent {
            target: Box::new(target),
            source,
        })?;
        let stop = StopOnDrop(Scope::root());
        let link = Link::new(
            config.settings_of_child(router.clone(), stop.0.clone()),
            Side::Connector,
        );
        let io = Scope::root();
        let session = io.spawn(session::run(Arc::clone(&link), parent));
        let outcome = live(&link, &config, &router, &stop.0).await;
        stop.0.cancel();
        let ended = session.await;
        tracing::debug!(?ended, "the session with the parent is over");
        outcome
    }
}

/// Whoever is asked first that this process stops decides why.
async fn live(
    link: &Arc<Link>,
    config: &Config,
    router: &Router,
    stop: &Scope,
) -> Result<(), ChildError> {
    let told = link.reached(|_| link.spec().is_some());
    let told = timeout(config.limits.child_boot_max, told).await;
    let Some(spec) = link.spec() else {
        return Err(match told {
            Ok(Phase::Lost(loss)) => ChildError::Lost(loss),
            _ => ChildError::NotTold,
        });
    };
    let booted = match boot(config, spec).await {
        Ok(booted) => booted,
        Err(error) => {
            link.command(|session| session.boot_failed(error.name(), &error.to_string()));
            return Err(error);
        }
    };
    link.command(scipp_protocol::Session::booted);
    let Booted { listeners, members } = booted;
    let serving = listeners.into_iter().map(|listener| {
        // It is registered already; a second time would be by another address.
        serve(listener, config.clone(), router.clone(), stop)
    });
    let serving = futures::future::join_all(serving);
    let asked = stop_when_over(link, stop);
    let (served, asked) = tokio::join!(serving, asked);
    Booted {
        listeners: Vec::new(),
        members,
    }
    .leave()
    .await;
    for served in served {
        served?;
    }
    asked
}

/// Asks all to stop when the parent is lost, or the process is terminated. Fails if the parent was lost.
async fn stop_when_over(link: &Link, stop: &Scope) -> Result<(), ChildError> {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                terminated.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "a termination will not be in order");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        biased;
        _ = stop.cancelled() => Ok(()),
        phase = link.reached(|phase| matches!(phase, Phase::Lost(_))) => {
            stop.cancel_because(Cancelled::here(Cause::SessionLost));
            Err(match phase {
                Phase::Lost(loss) => ChildError::Lost(loss),
                _ => ChildError::Lost(Loss::Closed),
            })
        }
        () = terminated => {
            stop.cancel_because(Cancelled::here(Cause::SessionLost));
            Ok(())
        }
    }
}

/// Why a process that was started as a child is none, or is none any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// It was not started as one.
    #[error(transparent)]
    Invocation(#[from] BadInvocation),
    /// Its parent could not be reached.
    #[error("cannot connect to the parent at {target}: {source}")]
    Parent {
        /// Where the parent should be.
        target: Box<Target>,
        /// Why.
        source: io::Error,
    },
    /// Its parent has not said what it is to be.
    #[error("the parent has not said in time what this process is to be: no SpawnSpec came")]
    NotTold,
    /// Its parent is gone.
    #[error("the parent is gone: {0}")]
    Lost(Loss),
    /// The configuration does not allow it.
    #[error(transparent)]
    Insecure(#[from] InsecureTransport),
    /// An address in what the parent says is none.
    #[error("what the parent says: {0}")]
    Address(#[from] AddressError),
    /// It cannot listen.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// There is no folder for its socket.
    #[error("there is no folder for a socket: {0}")]
    Folder(#[from] io::Error),
    /// A registrar was of no help.
    #[error(transparent)]
    Registrar(#[from] RegistrarError),
    /// Its services cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl ChildError {
    /// Name of the error on the wire: one that Python knows.
    fn name(&self) -> &'static str {
        match self {
            Self::Insecure(_) => "PermissionError",
            Self::Address(_) => "ValueError",
            Self::Parent { .. } | Self::Bind(_) | Self::Folder(_) => "OSError",
            Self::Registrar(_) => "ConnectionError",
            _ => "RuntimeError",
        }
    }
}
