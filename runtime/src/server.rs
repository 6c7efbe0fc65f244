//! What an actor offers: services, and how a call reaches its handler.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    sync::Arc,
    task::{Context as TaskContext, Waker},
    time::Duration,
};

use scipp_protocol::{DialogId, Incoming as CoreIncoming, Refusal, TraceContext};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{
    callee::{self, Callee},
    endpoint::{Endpoint, EndpointInfo, InterfaceInfo},
    error::{EndpointError, PayloadFault, Phase},
    identity::ActorId,
    portal::Portal,
    server_context::ServerContext,
    session::Link,
    trail::Trail,
};

/// The endpoints of one interface and their handlers. Generated code implements it for each interface.
pub trait Service: Send + Sync + 'static {
    /// Which interface it is.
    fn interface(&self) -> &'static InterfaceInfo;

    /// Starts the handler of the called endpoint and returns at once.
    ///
    /// # Errors
    /// The call itself, if the interface has no such endpoint.
    fn dispatch(&self, incoming: Incoming) -> Result<(), Incoming>;
}

/// A handler: `async move |ctx: &mut ServerContext<E>, args: E::Args| -> Result<E::Returns, EndpointError<E::Error>>`.
///
/// Implemented for every such closure whose future is `Send`.
pub trait Handler<'a, E: Endpoint>:
    FnOnce(&'a mut ServerContext<E>, E::Args) -> Self::Task + Send + 'static
{
    /// What it returns.
    type Task: Future<Output = Result<E::Returns, EndpointError<E::Error>>> + Send + 'a;
}

impl<'a, E, F, Task> Handler<'a, E> for F
where
    E: Endpoint,
    F: FnOnce(&'a mut ServerContext<E>, E::Args) -> Task + Send + 'static,
    Task: Future<Output = Result<E::Returns, EndpointError<E::Error>>> + Send + 'a,
{
    type Task = Task;
}

/// A method of a service that answers an endpoint, such as `T::watch` of a generated trait.
pub trait Method<'a, T: 'a, E: Endpoint>:
    FnOnce(&'a T, &'a mut ServerContext<E>, E::Args) -> Self::Task + Send + 'static
{
    /// What it returns.
    type Task: Future<Output = Result<E::Returns, EndpointError<E::Error>>> + Send + 'a;
}

impl<'a, T, E, F, Task> Method<'a, T, E> for F
where
    T: 'a,
    E: Endpoint,
    F: FnOnce(&'a T, &'a mut ServerContext<E>, E::Args) -> Task + Send + 'static,
    Task: Future<Output = Result<E::Returns, EndpointError<E::Error>>> + Send + 'a,
{
    type Task = Task;
}

/// A call that has arrived and has no handler yet. Dropping it refuses it.
pub struct Incoming {
    link: Arc<Link>,
    id: DialogId,
    /// Boxed: a call that nobody wants is handed back, and an error should be small.
    call: Box<CoreIncoming>,
    answered: bool,
    /// Its handler has its first step at once, and a task only if that is not all.
    inline: bool,
}

impl Incoming {
    pub(crate) fn new(link: &Arc<Link>, id: DialogId, call: CoreIncoming, inline: bool) -> Self {
        Self {
            link: Arc::clone(link),
            id,
            call: Box::new(call),
            answered: false,
            inline,
        }
    }

    /// The interface that is called.
    pub fn namespace(&self) -> &str {
        &self.call.namespace
    }

    /// The endpoint that is called.
    pub fn func(&self) -> &str {
        &self.call.func
    }

    /// Who calls, as the peer says.
    pub fn caller(&self) -> &ActorId {
        &self.call.caller
    }

    /// The trace that it belongs to, if the caller says so.
    pub fn trace(&self) -> Option<&TraceContext> {
        self.call.trace.as_ref()
    }

    /// Runs the handler, on a task of the session unless it ends at its first step, if the arguments are what the endpoint takes; otherwise the call is refused.
    pub fn run<E, H>(mut self, _endpoint: E, handler: H)
    where
        E: Endpoint,
        // The first bound lets the types of an unannotated closure be inferred; the second names its future.
        H: AsyncFnOnce(
            &mut ServerContext<E>,
            E::Args,
        ) -> Result<E::Returns, EndpointError<E::Error>>,
        H: for<'a> Handler<'a, E>,
    {
        let difference = self.difference(E::INFO);
        if let Some(difference) = &difference
            && self.link.settings().policy.same_schema
        {
            let signature = E::INFO.signature.encoded();
            return self.refuse(Refusal::OtherSchema(difference.clone(), signature));
        }
        let args = match self.call.args.decode() {
            Ok(args) => args,
            Err(error) => {
                let fault = PayloadFault::new(E::INFO, Phase::Args, error, self.call.args.clone());
                let (text, signature) = match difference {
                    Some(difference) => (
                        format!("{fault}; {difference}"),
                        E::INFO.signature.encoded(),
                    ),
                    None => (fault.to_string(), None),
                };
                return self.refuse(Refusal::BadArguments(text, signature));
            }
        };
        let theirs = self.call.deadline.map(Instant::from_std);
        let ours = E::INFO
            .deadline_ms
            .and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms)));
        let deadline = theirs.into_iter().chain(ours).min();
        let trail = match Trail::arrives(
            E::INFO,
            self.call.caller.clone(),
            self.call.trace.take(),
            deadline,
            &self.link.settings().interceptors,
        ) {
            Ok(trail) => trail,
            Err(denied) => return self.refuse(Refusal::Forbidden(denied.why().to_owned())),
        };
        self.answered = true;
        let Some(callee) = Callee::accept(&self.link, self.id, E::INFO, deadline, trail) else {
            return;
        };
        let span = callee.span().clone();
        let life = callee::live::<E, H>(callee, handler, args);
        // What handlers have in them can be large, and a task moves what it runs several times.
        let mut life = Box::pin(life.instrument(span));
        // Nobody is woken: what goes on is polled again by its task.
        let mut nobody = TaskContext::from_waker(Waker::noop());
        if !self.inline || life.as_mut().poll(&mut nobody).is_pending() {
            self.link.launch(life);
        }
    }

    /// The same, for a method of a service: what generated servers say.
    pub fn call<E, T, M>(self, endpoint: E, service: &Arc<T>, method: M)
    where
        E: Endpoint,
        T: Send + Sync + 'static,
        M: for<'a> Method<'a, T, E>,
    {
        let service = Arc::clone(service);
        self.run(endpoint, async move |ctx, args| {
            method(&service, ctx, args).await
        });
    }

    /// What to say about a caller whose schema has another version of the endpoint.
    fn difference(&self, ours: &EndpointInfo) -> Option<String> {
        let theirs = self.call.fingerprint.as_deref()?;
        (theirs != ours.fingerprint).then(|| {
            format!(
                "the caller's schema has another version of {ours}, with the fingerprint {}; the one here is {}. `scipp breaking` \
                 tells what has changed between two schemas",
                theirs.escape_debug(),
                ours.fingerprint
            )
        })
    }

    pub(crate) fn refuse(mut self, why: Refusal) {
        self.answered = true;
        self.link.refuse(self.id, why);
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.answered {
            self.link.refuse(self.id, Refusal::NoEndpoint);
        }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Incoming")
            .field("namespace", &self.namespace())
            .field("func", &self.func())
            .finish_non_exhaustive()
    }
}

/// Services by the namespace of their interface: all that a peer can call.
#[derive(Clone, Default)]
pub struct Router {
    services: HashMap<&'static str, Arc<dyn Service>>,
    repeated: Option<&'static str>,
}

impl Router {
    /// Nothing can be called.
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers one more service.
    #[must_use]
    pub fn with(mut self, service: impl Service) -> Self {
        let namespace = service.interface().namespace;
        if self.services.insert(namespace, Arc::new(service)).is_some() {
            self.repeated = Some(namespace);
        }
        self
    }

    /// A namespace that two services have.
    pub(crate) fn repeated(&self) -> Option<&'static str> {
        self.repeated
    }

    /// Hands a call to its service.
    pub(crate) fn dispatch(&self, incoming: Incoming) {
        match self.services.get(incoming.namespace()) {
            None => incoming.refuse(Refusal::NoNamespace),
            Some(service) => {
                if let Err(unknown) = service.dispatch(incoming) {
                    unknown.refuse(Refusal::NoEndpoint);
                }
            }
        }
    }
}

impl<S: Service> From<S> for Router {
    fn from(service: S) -> Self {
        Self::new().with(service)
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.services.keys()).finish()
    }
}

impl<E: Endpoint> ServerContext<E> {
    /// A portal to the caller, to open dialogs in the other direction on the same session.
    pub fn portal(&self) -> Portal {
        Portal::new(self.link())
    }
}
