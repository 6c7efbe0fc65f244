//! What an actor sees of its dialogs: for traces, metrics and access rules.

use std::{fmt, sync::Arc, time::Duration};

use scipp_protocol::TraceContext;
use tokio::time::Instant;

use crate::{endpoint::EndpointInfo, error::Outcome, identity::ActorId};

/// Sees every dialog of an actor when it begins and when it is over, on both ends.
///
/// Register it by [`Config::intercept`](crate::Config::intercept); several are asked in that order. Its methods run on the path of
/// every call: they count, look and decide, and must not block.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use scipp_runtime::{Call, Config, Denied, Interceptor, Over, Role};
///
/// #[derive(Debug, Default)]
/// struct Meter {
///     served: AtomicU64,
/// }
///
/// impl Interceptor for Meter {
///     fn arrives(&self, call: &Call<'_>) -> Result<(), Denied> {
///         if call.endpoint.name == "reset" && &*call.peer.name != "admin" {
///             return Err(Denied::new("only the admin may"));
///         }
///         Ok(())
///     }
///
///     fn over(&self, call: &Call<'_>, _over: Over) {
///         if call.role == Role::Callee {
///             self.served.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let config = Config::new("feed").intercept(Meter::default());
/// ```
pub trait Interceptor: fmt::Debug + Send + Sync + 'static {
    /// This actor opens a dialog. The trace that this returns is told to the peer in place of the one that the dialog would
    /// inherit from its parent; the last interceptor that has one decides.
    fn opens(&self, call: &Call<'_>) -> Option<TraceContext> {
        let _ = call;
        None
    }

    /// A peer has opened a dialog with an endpoint that is offered here, with arguments of the right type.
    ///
    /// # Errors
    /// The peer may not: the call is refused, and its handler does not run.
    fn arrives(&self, call: &Call<'_>) -> Result<(), Denied> {
        let _ = call;
        Ok(())
    }

    /// A dialog is over. Each one that was opened here, or accepted, is once.
    fn over(&self, call: &Call<'_>, over: Over) {
        let _ = (call, over);
    }
}

/// One dialog, as an [`Interceptor`] sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// Which end of it this actor is.
    pub role: Role,
    /// What is called.
    pub endpoint: &'static EndpointInfo,
    /// The other end, as it says; nobody if this actor opens a dialog before the peer has said who it is.
    pub peer: &'a ActorId,
    /// The trace that it belongs to.
    pub trace: Option<&'a TraceContext>,
    /// When it is asked to stop by itself.
    pub deadline: Option<Instant>,
}

/// Which end of a dialog an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It has opened the dialog.
    Caller,
    /// Its handler answers.
    Callee,
}

/// The end of a dialog, as an [`Interceptor`] sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Over {
    /// How it ended. `None` if a caller has dropped its handle before: the session waits for the end, and nobody asks how it was.
    pub outcome: Option<Outcome>,
    /// From its opening, or from its acceptance.
    pub took: Duration,
}

impl Over {
    pub(crate) const fn new(outcome: Option<Outcome>, took: Duration) -> Self {
        Self { outcome, took }
    }
}

/// A peer may not call an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    why: String,
}

impl Denied {
    /// For this reason, which the peer is told.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }

    pub(crate) fn why(&self) -> &str {
        &self.why
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the peer may not call it: {}", self.why)
    }
}

impl std::error::Error for Denied {}

/// All that were registered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interceptors(Arc<Vec<Arc<dyn Interceptor>>>);

impl Interceptors {
    pub(crate) fn with(self, interceptor: impl Interceptor) -> Self {
        let mut all = Vec::clone(&self.0);
        all.push(Arc::new(interceptor));
        Self(Arc::new(all))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn opens(&self, call: &Call<'_>) -> Option<TraceContext> {
        let answers = self.0.iter().map(|interceptor| interceptor.opens(call));
        answers.fold(None, |last, answer| answer.or(last))
    }

    pub(crate) fn arrives(&self, call: &Call<'_>) -> Result<(), Denied> {
        self.0
            .iter()
            .try_for_each(|interceptor| interceptor.arrives(call))
    }

    pub(crate) fn over(&self, call: &Call<'_>, over: Over) {
        for interceptor in self.0.iter() {
            interceptor.over(call, over);
        }
    }
}
