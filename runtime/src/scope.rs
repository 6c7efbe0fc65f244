//! A node of the cancel tree: token, deadline, children.
//!
//! Everything that runs belongs to a [`Scope`]. Cancelling a scope *asks* all that is below it; what does not listen is
//! dropped later by the owner of the scope, after a grace. [`Scope::join`] waits for the tasks below. A task is started
//! here and nowhere else in this crate, so nothing can outlive its parent unseen.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use futures::FutureExt as _;
use scipp_protocol::TraceContext;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use tracing::Instrument as _;

use crate::error::{Cancelled, Cause};

/// Something that has a scope: what a dialog is opened under.
///
/// A dialog ends no later than its parent: cancelling the parent asks the remote task to stop, and the parent's
/// deadline is the dialog's as well.
#[diagnostic::on_unimplemented(
    message = "a dialog is opened below a scope, and `{Self}` has none",
    label = "not a parent of a dialog",
    note = "parents are the `Scope` that `connect` gives, a `Context`, a `ServerContext`, or a reference to one of them"
)]
pub trait InScope {
    /// The scope of this.
    fn scope(&self) -> &Scope;
}

/// A node of the cancel tree. Clones are the same node.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Node>);

#[derive(Debug, Default)]
struct Node {
    /// It was asked itself.
    asked: AtomicBool,
    /// Wakes those who wait until this node or one above is asked. Made when somebody does.
    token: OnceLock<CancellationToken>,
    /// It is not asked when its parent is.
    shielded: bool,
    deadline: Option<Instant>,
    /// The trace that dialogs below belong to, if it is another than the parent's.
    trace: Option<TraceContext>,
    /// Why this node was asked; set before `asked` fires.
    why: OnceLock<Cancelled>,
    /// Made when it is needed: below most scopes, which are those of single calls, nothing is ever started.
    below: OnceLock<Box<Below>>,
    panics: AtomicUsize,
    parent: Option<Scope>,
}

/// While it lives, the end of some scopes waits for a dialog. Most have one scope above.
#[derive(Debug, Default)]
pub(crate) struct Held {
    _parent: Option<TaskTrackerToken>,
    _above: Vec<TaskTrackerToken>,
}

/// What runs below a scope.
#[derive(Debug, Default)]
struct Below {
    /// Drops every task that still runs.
    dropped: CancellationToken,
    tasks: TaskTracker,
    /// Dialogs whose end was not seen.
    dialogs: TaskTracker,
    /// The longest that the end of one of them is waited for, in milliseconds.
    dialog_ms: AtomicU64,
}

impl Scope {
    /// The top of a tree: a program's own scope. Cancelling it is the program's shutdown.
    pub fn root() -> Self {
        Self(Arc::new(Node::default()))
    }

    /// A narrower scope, which ends no later than this one: `timeout` can only shorten the deadline.
    ///
    /// A timeout too far away for the clock is no timeout.
    pub fn child(&self, timeout: Option<Duration>) -> Self {
        let own = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.until(own, None)
    }

    /// A narrower scope whose dialogs belong to `trace`.
    pub fn traced(&self, trace: TraceContext) -> Self {
        self.until(None, Some(trace))
    }

    /// A narrower scope; `own` can only shorten the deadline, and without `trace` it belongs to the trace of this one.
    pub(crate) fn until(&self, own: Option<Instant>, trace: Option<TraceContext>) -> Self {
        let deadline = match (self.0.deadline, own) {
            (Some(parent), Some(own)) => Some(parent.min(own)),
            (parent, own) => parent.or(own),
        };
        Self(Arc::new(Node {
            deadline,
            trace,
            parent: Some(self.clone()),
            ..Node::default()
        }))
    }

    /// A scope below this one that is not asked when this one is, but whose tasks are dropped and waited for with it.
    pub(crate) fn shielded(&self) -> Self {
        Self(Arc::new(Node {
            shielded: true,
            parent: Some(self.clone()),
            ..Node::default()
        }))
    }

    /// When this scope ends by itself, if it does.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// The trace that dialogs below belong to.
    pub fn trace(&self) -> Option<&TraceContext> {
        self.and_above().find_map(|scope| scope.0.trace.as_ref())
    }

    /// Asks everything below to stop. Idempotent; the first cause stays.
    pub fn cancel(&self) {
        self.cancel_because(Cancelled::here(Cause::Requested));
    }

    /// Whether this scope was asked to stop or its deadline has passed.
    pub fn is_cancelled(&self) -> bool {
        self.is_asked()
            || self
                .0
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Resolves once this scope is asked to stop or its deadline passes, and says why.
    pub async fn cancelled(&self) -> Cancelled {
        match self.0.deadline {
            None => self.token().cancelled().await,
            Some(deadline) => tokio::select! {
                biased;
                () = self.token().cancelled() => {}
                () = sleep_until(deadline) => self.cancel_because(Cancelled::here(Cause::Deadline)),
            },
        }
        self.why()
    }

    /// Resolves once a scope above is asked to stop. For one that nobody else knows, and whose deadline somebody else watches.
    pub(crate) async fn asked_above(&self) -> Cancelled {
        match &self.0.parent {
            Some(parent) if !self.0.shielded => parent.token().cancelled().await,
            _ => std::future::pending().await,
        }
        self.why()
    }

    /// Runs any future until it ends or this scope does: makes foreign code cancellable.
    ///
    /// # Errors
    /// [`Cancelled`], once the scope was asked to stop; the future is dropped at its await then.
    pub async fn run<F: Future>(&self, future: F) -> Result<F::Output, Cancelled> {
        tokio::select! {
            biased;
            why = self.cancelled() => Err(why),
            output = future => Ok(output),
        }
    }

    /// Starts a task below this scope. It is dropped when the scope's owner drops what did not listen, and the owner waits for it.
    ///
    /// A panic of the task ends the task only; the owner of the scope learns of it.
    pub fn spawn<F>(&self, task: F) -> Child<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // A task below a child scope is a task of every scope above as well.
        let ancestors: Vec<_> = self
            .and_above()
            .skip(1)
            .map(|scope| scope.below().tasks.token())
            .collect();
        let scope = self.clone();
        let handle = self.below().tasks.spawn(
            async move {
                let output = tokio::select! {
                    biased;
                    output = AssertUnwindSafe(task).catch_unwind() => output.map_err(|_| {
                        scope.count_panic();
                        ChildLost::Panicked
                    }),
                    () = scope.below().dropped.cancelled() => Err(ChildLost::Dropped),
                };
                drop(ancestors);
                output
            }
            .in_current_span(),
        );
        Child(handle)
    }

    /// Waits until no task runs below this scope. Dialogs that a task has left behind are not waited for here.
    pub async fn join(&self) {
        if let Some(below) = self.0.below.get() {
            below.tasks.close();
            below.tasks.wait().await;
        }
    }

    /// Asks, waits for the grace, drops the tasks that still run, waits for them and for the dialogs below. True if nothing is
    /// left; each wait is bounded.
    ///
    /// Only a task that blocks its thread can be left, and a dialog whose peer does not say its end.
    pub(crate) async fn end(&self, why: Cancelled, grace: Duration, reap: Duration) -> bool {
        self.cancel_because(why);
        let Some(below) = self.0.below.get() else {
            return true;
        };
        if tokio::time::timeout(grace, self.join()).await.is_err() {
            self.drop_tasks();
        }
        let tasks = tokio::time::timeout(reap, self.join()).await.is_ok();
        let dialog_max = Duration::from_millis(below.dialog_ms.load(Ordering::Relaxed));
        below.dialogs.close();
        tasks
            && tokio::time::timeout(dialog_max, below.dialogs.wait())
                .await
                .is_ok()
    }

    /// While what this returns lives, the end of all scopes above waits for a dialog, which this is the scope of: `max` at most.
    pub(crate) fn hold(&self, max: Duration) -> Held {
        let max = u64::try_from(max.as_millis()).unwrap_or(u64::MAX);
        let mut above = self.and_above().skip(1).map(|scope| {
            let below = scope.below();
            below.dialog_ms.fetch_max(max, Ordering::Relaxed);
            below.dialogs.token()
        });
        Held {
            _parent: above.next(),
            _above: above.collect(),
        }
    }

    /// Asks everything below to stop, for this reason unless there already is one.
    pub(crate) fn cancel_because(&self, why: Cancelled) {
        // The reason of an ancestor that was asked before is the true one.
        let why = self.inherited().unwrap_or(why);
        let _ = self.0.why.set(why);
        self.0.asked.store(true, Ordering::SeqCst);
        if let Some(token) = self.0.token.get() {
            token.cancel();
        }
    }

    /// Asks everything below to stop, if there can be anything: nobody but the caller knows of the scope any more.
    pub(crate) fn cancel_last(&self) {
        if Arc::strong_count(&self.0) > 1 || self.0.token.get().is_some() {
            self.cancel();
        }
    }

    /// Drops every task below at its await.
    pub(crate) fn drop_tasks(&self) {
        self.below().dropped.cancel();
    }

    /// Why this scope was asked to stop; asked or not.
    pub(crate) fn why(&self) -> Cancelled {
        self.0
            .why
            .get()
            .cloned()
            .or_else(|| self.inherited())
            .unwrap_or_else(|| {
                let late = self
                    .0
                    .deadline
                    .is_some_and(|deadline| deadline <= Instant::now());
                Cancelled::here(if late {
                    Cause::Deadline
                } else {
                    Cause::Requested
                })
            })
    }

    /// How many tasks below have panicked.
    pub(crate) fn panics(&self) -> usize {
        self.0.panics.load(Ordering::Relaxed)
    }

    /// Whether a task or a dialog was ever started below.
    pub(crate) fn has_below(&self) -> bool {
        self.0.below.get().is_some()
    }

    /// How many tasks run below.
    pub(crate) fn tasks(&self) -> usize {
        self.0.below.get().map_or(0, |below| below.tasks.len())
    }

    fn below(&self) -> &Below {
        self.0.below.get_or_init(|| {
            let dropped = match &self.0.parent {
                Some(parent) => parent.below().dropped.child_token(),
                None => CancellationToken::new(),
            };
            Box::new(Below {
                dropped,
                ..Below::default()
            })
        })
    }

    /// Whether this node or one above was asked.
    fn is_asked(&self) -> bool {
        let mut scope = self;
        loop {
            if scope.0.asked.load(Ordering::SeqCst) {
                return true;
            }
            if let Some(token) = scope.0.token.get() {
                return token.is_cancelled();
            }
            match &scope.0.parent {
                Some(parent) if !scope.0.shielded => scope = parent,
                _ => return false,
            }
        }
    }

    fn token(&self) -> &CancellationToken {
        let token = self.0.token.get_or_init(|| match &self.0.parent {
            Some(parent) if !self.0.shielded => parent.token().child_token(),
            _ => CancellationToken::new(),
        });
        // Whoever asks says so before looking for a token: one of the two sees the other.
        if self.0.asked.load(Ordering::SeqCst) {
            token.cancel();
        }
        token
    }

    fn inherited(&self) -> Option<Cancelled> {
        let parent = self.0.parent.as_ref()?;
        parent.0.why.get().cloned().or_else(|| parent.inherited())
    }

    fn and_above(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| scope.0.parent.as_ref())
    }

    fn count_panic(&self) {
        self.0.panics.fetch_add(1, Ordering::Relaxed);
        if let Some(parent) = &self.0.parent {
            parent.count_panic();
        }
    }
}

impl InScope for Scope {
    fn scope(&self) -> &Scope {
        self
    }
}

impl<T: InScope + ?Sized> InScope for &T {
    fn scope(&self) -> &Scope {
        (**self).scope()
    }
}

impl<T: InScope + ?Sized> InScope for &mut T {
    fn scope(&self) -> &Scope {
        (**self).scope()
    }
}

/// A task that was started on a scope. Dropping this does not stop the task: the scope owns it.
#[derive(Debug)]
pub struct Child<T>(JoinHandle<Result<T, ChildLost>>);

impl<T> Child<T> {
    /// Whether the task is over.
    pub fn is_over(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Future for Child<T> {
    type Output = Result<T, ChildLost>;

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(task)
            .map(|joined| joined.unwrap_or(Err(ChildLost::Dropped)))
    }
}

/// Why a child task has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChildLost {
    /// It panicked.
    #[error("the child task panicked")]
    Panicked,
    /// Its scope ended and it did not stop when asked.
    #[error("the child task was dropped with its scope: it did not stop when it was asked to")]
    Dropped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_deadline_only_shrinks() {
        let parent = Scope::root().child(Some(Duration::from_secs(2)));
        let wider = parent.child(Some(Duration::from_secs(9)));
        let narrower = parent.child(Some(Duration::from_secs(1)));
        assert_eq!(wider.deadline(), parent.deadline());
        assert!(narrower.deadline() < parent.deadline());
        assert_eq!(narrower.cancelled().await.cause, Cause::Deadline);
        assert!(!parent.is_cancelled());
        assert_eq!(wider.cancelled().await.cause, Cause::Deadline);
        assert!(parent.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_beyond_the_clock_is_none() {
        assert_eq!(Scope::root().child(Some(Duration::MAX)).deadline(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_cause_reaches_all_below() {
        let parent = Scope::root();
        let child = parent.child(None).child(None);
        parent.cancel_because(Cancelled::here(Cause::Shutdown));
        parent.cancel();
        child.cancel();
        assert_eq!(child.cancelled().await.cause, Cause::Shutdown);
    }

    #[tokio::test(start_paused = true)]
    async fn run_drops_foreign_code_at_its_await() {
        let scope = Scope::root().child(Some(Duration::from_secs(1)));
        let cancelled = scope.run(std::future::pending::<()>()).await;
        assert_eq!(
            cancelled.map_err(|cancelled| cancelled.cause),
            Err(Cause::Deadline)
        );
        assert_eq!(Scope::root().run(async { 7 }).await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_of_a_child_scope_is_waited_for_above() {
        let parent = Scope::root();
        let child = parent.child(None);
        let asked = child.clone();
        let task = child.spawn(async move {
            asked.cancelled().await;
            7
        });
        assert_eq!(parent.tasks(), 1);
        parent.cancel();
        parent.join().await;
        assert_eq!(parent.tasks(), 0);
        assert_eq!(task.await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_listen_is_dropped_after_the_grace() {
        let scope = Scope::root();
        let task = scope.spawn(std::future::pending::<()>());
        let before = Instant::now();
        assert!(
            scope
                .end(
                    Cancelled::here(Cause::Requested),
                    Duration::from_millis(500),
                    Duration::from_secs(2)
                )
                .await
        );
        assert_eq!(before.elapsed().as_millis(), 500);
        assert_eq!(task.await, Err(ChildLost::Dropped));
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_ends_its_task_only() {
        let scope = Scope::root();
        let child = scope.child(None);
        let task = child.spawn(async { panic!("on purpose") });
        assert_eq!(task.await, Err::<(), _>(ChildLost::Panicked));
        assert_eq!(scope.panics(), 1);
        assert!(!scope.is_cancelled());
    }
}
