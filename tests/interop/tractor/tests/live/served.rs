//! The Rust actors that Python calls.

use std::{thread, time::Duration};

use scipp_interop_tractor::{
    Lab as Served,
    lab::{LooseServer, TypedServer},
};
use scipp_runtime::{Config, Listener, Registry, Router, Scope, serve};
use tokio::{task::JoinHandle, time::sleep};

use crate::lab::url;

/// When an actor of a case does what it is for: by then the dialogs of the case have come to their stages.
const MOMENT: Duration = Duration::from_millis(700);

/// What an actor of its own does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Serves until it is shut down.
    Serving,
    /// Lets its peers stop it.
    Stoppable,
    /// Shuts down, in order.
    Leaving,
    /// Drops the future that serves.
    Dropping,
    /// Ends the runtime that everything runs on.
    Aborting,
    /// Is a registrar.
    Registrar,
    /// Registers itself, as `registered`, with the registrar at this address.
    Registered(String),
}

impl Manner {
    /// By the end of a case's name: `drops_its_server__dropping`.
    pub fn of(case: &str) -> Self {
        match case.rsplit_once("__").map(|(_, manner)| manner) {
            Some("stoppable") => Self::Stoppable,
            Some("leaving") => Self::Leaving,
            Some("dropping") => Self::Dropping,
            Some("aborting") => Self::Aborting,
            _ => Self::Serving,
        }
    }
}

/// A Rust actor that serves `lab`.
pub struct Server {
    shutdown: Scope,
    served: JoinHandle<()>,
}

impl Server {
    pub async fn start(words: &[String], manner: Manner) -> Self {
        let config = Config::new("rustserver")
            .insecure_loopback()
            .limits(|limits| limits.drain_max = Duration::from_millis(200));
        let config = match &manner {
            Manner::Stoppable => config.allow_actor_cancel(),
            Manner::Registrar => config.as_registrar(&Registry::new()),
            Manner::Registered(at) => Config::new("registered")
                .insecure_loopback()
                .registrar(at.as_str())
                .expect("an address"),
            _ => config,
        };
        let address = url(words);
        let shutdown = Scope::root();
        if manner == Manner::Aborting {
            let (bound, ready) = tokio::sync::oneshot::channel();
            let until = shutdown.clone();
            thread::spawn(move || {
                let own = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("a runtime");
                own.block_on(async {
                    let listener = Listener::bind(address).await.expect("binds");
                    tokio::spawn(async move {
                        let _ = serve(listener, config, router(), &until).await;
                    });
                    let _ = bound.send(());
                    sleep(MOMENT).await;
                });
                own.shutdown_timeout(Duration::from_secs(1));
            });
            ready.await.expect("binds");
            return Self {
                shutdown,
                served: tokio::spawn(async {}),
            };
        }
        let listener = Listener::bind(address).await.expect("binds");
        let until = shutdown.clone();
        let leaves = shutdown.clone();
        let served = tokio::spawn(async move {
            let serving = serve(listener, config, router(), &until);
            match manner {
                Manner::Dropping => {
                    let _ = tokio::time::timeout(MOMENT, serving).await;
                }
                Manner::Leaving => {
                    let leave = async {
                        sleep(MOMENT).await;
                        leaves.cancel();
                    };
                    let _ = futures::join!(serving, leave);
                }
                _ => {
                    let _ = serving.await;
                }
            }
        });
        Self { shutdown, served }
    }

    /// Shuts it down, and waits until it has.
    pub async fn stop(self) {
        self.shutdown.cancel();
        let _ = self.served.await;
    }
}

fn router() -> Router {
    let lab = Served::default();
    Router::new()
        .with(TypedServer::new(lab.clone()))
        .with(LooseServer::new(lab))
}
