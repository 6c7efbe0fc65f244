//! Endpoints whose handler each test writes for itself, and what happened in them.

use std::{
    marker::PhantomData,
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use scipp_runtime::{
    CancelPolicy, Endpoint, EndpointError, EndpointInfo, EndpointKind, Incoming, InterfaceInfo,
    ServerContext, Service, generated as scipp,
};
use tokio::sync::watch;

use crate::calculator::Overflow;

#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
pub struct WorkArgs {
    pub n: i64,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $marker:ident = $name:literal, $kind:ident, $deadline:expr, $cancel:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $marker;

            impl Endpoint for $marker {
                const INFO: &'static EndpointInfo = &EndpointInfo {
                    kind: EndpointKind::$kind,
                    accepts: matches!(EndpointKind::$kind, EndpointKind::Context),
                    yields: !matches!(EndpointKind::$kind, EndpointKind::Func),
                    deadline_ms: $deadline,
                    cancel: $cancel,
                    ..EndpointInfo::func(concat!("example.lab.", $name), $name, "00000000000000ff")
                        .signature(&["n: i64", "returns i64", "raises Overflow"], &[])
                };
                type Args = WorkArgs;
                type Started = ();
                type Accepts = i64;
                type Yields = i64;
                type Returns = i64;
                type Error = Overflow;
            }

            impl Lab for $marker {
                const INTERFACE: &'static InterfaceInfo = &InterfaceInfo {
                    namespace: concat!("example.lab.", $name),
                    name: stringify!($marker),
                    endpoints: &[<$marker as Endpoint>::INFO],
                };
                fn marker() -> Self { $marker }
            }
        )*
    };
}

/// An endpoint of this file.
pub trait Lab:
    Endpoint<
        Args = WorkArgs,
        Started = (),
        Accepts = i64,
        Yields = i64,
        Returns = i64,
        Error = Overflow,
    >
{
    const INTERFACE: &'static InterfaceInfo;
    fn marker() -> Self;
}

endpoints! {
    /// A dialog with both streams.
    Work = "work", Context, None, CancelPolicy::Default;
    /// A call.
    Call = "call", Func, None, CancelPolicy::Default;
    /// Dropped as soon as it is asked to stop.
    Now = "now", Context, None, CancelPolicy::Now;
    /// Never asked to stop; dropped after one and a half seconds.
    Commit = "commit", Context, None, CancelPolicy::Never { max_ms: 1_500 };
    /// Given two seconds to stop.
    Patient = "patient", Context, None, CancelPolicy::Grace { ms: 2_000 };
    /// May take a quarter of a second.
    Brief = "brief", Context, Some(250), CancelPolicy::Default;
}

pub type Worked<'a> = BoxFuture<'a, Result<i64, EndpointError<Overflow>>>;

/// Serves one endpoint of this file by a closure.
pub struct Serves<E, F>(Arc<F>, PhantomData<fn() -> E>);

/// Serves the endpoint `E` by `handler`.
pub fn serves<E, F>(_: E, handler: F) -> Serves<E, F>
where
    E: Lab,
    F: for<'a> Fn(&'a mut ServerContext<E>, i64) -> Worked<'a> + Send + Sync + 'static,
{
    Serves(Arc::new(handler), PhantomData)
}

impl<E, F> Service for Serves<E, F>
where
    E: Lab,
    F: for<'a> Fn(&'a mut ServerContext<E>, i64) -> Worked<'a> + Send + Sync + 'static,
{
    fn interface(&self) -> &'static InterfaceInfo {
        E::INTERFACE
    }

    fn dispatch(&self, incoming: Incoming) -> Result<(), Incoming> {
        if incoming.func() != E::INFO.name {
            return Err(incoming);
        }
        let handler = Arc::clone(&self.0);
        incoming.run(E::marker(), async move |ctx, args| {
            handler(ctx, args.n).await
        });
        Ok(())
    }
}

/// What happened, in order. Clones write to the same log.
#[derive(Clone, Debug)]
pub struct Log(Arc<(Mutex<Vec<String>>, watch::Sender<usize>)>);

impl Log {
    pub fn new() -> Self {
        Self(Arc::new((Mutex::new(Vec::new()), watch::Sender::new(0))))
    }

    pub fn say(&self, what: &str) {
        let mut lines = self.0.0.lock().unwrap();
        lines.push(what.to_owned());
        self.0.1.send_replace(lines.len());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.0.lock().unwrap().clone()
    }

    /// Resolves when `what` has happened.
    pub async fn until(&self, what: &str) {
        let mut lines = self.0.1.subscribe();
        while !self.lines().iter().any(|line| line == what) {
            lines.changed().await.unwrap();
        }
    }

    /// Resolves when so much has happened.
    pub async fn lines_at_least(&self, count: usize) {
        let mut lines = self.0.1.subscribe();
        lines.wait_for(|lines| *lines >= count).await.unwrap();
    }

    /// Says something when it is dropped.
    pub fn on_drop(&self, what: &str) -> impl Send + Sync + 'static + use<> {
        struct OnDrop(Log, String);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                self.0.say(&self.1);
            }
        }
        OnDrop(self.clone(), what.to_owned())
    }
}
