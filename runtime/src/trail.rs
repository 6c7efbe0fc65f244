//! What is told about one dialog while it lives: a span, and to the interceptors its end.

use std::sync::atomic::{AtomicBool, Ordering};

use scipp_protocol::TraceContext;
use tokio::time::Instant;
use tracing::{Span, field};

use crate::{
    endpoint::EndpointInfo,
    error::Outcome,
    identity::ActorId,
    interceptor::{Call, Denied, Interceptors, Over, Role},
};

/// What is told about one dialog. Its fields are named as OpenTelemetry names those of a call.
#[derive(Debug)]
pub(crate) struct Trail {
    role: Role,
    endpoint: &'static EndpointInfo,
    peer: ActorId,
    trace: Option<TraceContext>,
    deadline: Option<Instant>,
    span: Span,
    interceptors: Interceptors,
    began: Option<Instant>,
    told: AtomicBool,
}

impl Trail {
    /// Of a dialog that is opened here. It belongs to `trace` unless an interceptor says otherwise.
    pub(crate) fn opens(
        endpoint: &'static EndpointInfo,
        peer: ActorId,
        trace: Option<&TraceContext>,
        deadline: Option<Instant>,
        interceptors: &Interceptors,
    ) -> Self {
        let mut trail = Self::new(Role::Caller, endpoint, peer, deadline, interceptors);
        trail.trace = interceptors
            .opens(&trail.call(trace))
            .or_else(|| trace.cloned());
        trail.span = trail.begin();
        trail
    }

    /// Of a dialog that a peer has opened.
    ///
    /// # Errors
    /// An interceptor denies it.
    pub(crate) fn arrives(
        endpoint: &'static EndpointInfo,
        peer: ActorId,
        trace: Option<TraceContext>,
        deadline: Option<Instant>,
        interceptors: &Interceptors,
    ) -> Result<Self, Denied> {
        let mut trail = Self::new(Role::Callee, endpoint, peer, deadline, interceptors);
        trail.trace = trace;
        interceptors.arrives(&trail.call(trail.trace.as_ref()))?;
        trail.span = trail.begin();
        Ok(trail)
    }

    pub(crate) fn peer(&self) -> &ActorId {
        &self.peer
    }

    pub(crate) fn trace(&self) -> Option<&TraceContext> {
        self.trace.as_ref()
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The dialog is over; the first time counts.
    pub(crate) fn over(&self, outcome: Option<Outcome>) {
        if self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        self.span
            .record("outcome", outcome.map_or("left", Outcome::name));
        if let Some(began) = self.began {
            let over = Over::new(outcome, began.elapsed());
            self.interceptors
                .over(&self.call(self.trace.as_ref()), over);
        }
    }

    fn new(
        role: Role,
        endpoint: &'static EndpointInfo,
        peer: ActorId,
        deadline: Option<Instant>,
        interceptors: &Interceptors,
    ) -> Self {
        Self {
            role,
            endpoint,
            peer,
            trace: None,
            deadline,
            span: Span::none(),
            interceptors: interceptors.clone(),
            // Nobody asks how long it took if nobody is told.
            began: (!interceptors.is_empty()).then(Instant::now),
            told: AtomicBool::new(false),
        }
    }

    fn call<'a>(&'a self, trace: Option<&'a TraceContext>) -> Call<'a> {
        Call {
            role: self.role,
            endpoint: self.endpoint,
            peer: &self.peer,
            trace,
            deadline: self.deadline,
        }
    }

    /// A callee's span is below nothing: what its session was opened in has no part in what a peer asks for.
    fn parent(&self) -> Option<tracing::Id> {
        match self.role {
            Role::Caller => Span::current().id(),
            Role::Callee => None,
        }
    }

    /// Opens the span. Nothing here is worked out if nobody listens.
    fn begin(&self) -> Span {
        let kind = match self.role {
            Role::Caller => "client",
            Role::Callee => "server",
        };
        let span = tracing::info_span!(
            parent: self.parent(),
            "dialog",
            otel.name = %self.endpoint,
            otel.kind = kind,
            rpc.system = "scipp",
            rpc.service = self.endpoint.namespace,
            rpc.method = self.endpoint.name,
            peer = %self.peer,
            trace = field::Empty,
            outcome = field::Empty,
        );
        if let Some(trace) = &self.trace {
            span.record("trace", field::display(trace));
        }
        span
    }
}
