//! A block with children.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::{
    child::Child,
    door::Door,
    error::{NurseryError, SpawnError},
    life::{ChildActor, Life},
};
use crate::{
    actor::{Config, StopOnDrop},
    error::{Cancelled, Cause},
    identity::ActorId,
    scope::Scope,
};

/// Starts children, all of which end with its block.
#[derive(Debug)]
pub struct Nursery {
    shared: Arc<Shared>,
}

/// What the children of a nursery share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) door: Arc<Door>,
    /// The lives of the children, and their sessions.
    pub(super) tasks: Scope,
    /// Asked when all children shall stop.
    stop: Scope,
    /// Asked when a child has failed; the first failure is the reason.
    failed: Scope,
    failure: Mutex<Option<NurseryError>>,
    places: Arc<Semaphore>,
}

impl Shared {
    /// A child has failed: the others are asked to stop.
    pub(super) fn fail(&self, why: NurseryError) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(why);
        drop(failure);
        self.failed.cancel();
        self.stop.cancel();
    }
}

impl Nursery {
    /// Starts a child, and waits until it serves. Dropping this future kills it.
    ///
    /// # Errors
    /// It does not serve; it is reaped then.
    pub async fn spawn(&self, child: Child) -> Result<ChildActor, SpawnError> {
        let shared = &self.shared;
        let own = shared.stop.child(None);
        if own.is_cancelled() {
            return Err(SpawnError::Cancelled(own.why()));
        }
        let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else {
            let max = shared.config.limits.children_max;
            return Err(SpawnError::TooMany { max });
        };
        let (told, hear) = oneshot::channel();
        let life = Life {
            shared: Arc::clone(shared),
            uid: ActorId::new(child.name.as_str(), Uuid::new_v4().to_string()),
            child,
            own: own.clone(),
            told,
            place,
        };
        shared.tasks.spawn(life.live());
        match hear.await {
            Ok(told) => told,
            Err(_) => Err(SpawnError::Cancelled(own.why())),
        }
    }
}

/// Runs `body` with a nursery. When this resolves, no child is left: each was asked to stop, then terminated, then killed, and is reaped.
///
/// * The body returns: its children are asked to stop. A body that wants one to end by itself waits for it ([`ChildActor::wait`]).
/// * A child ends unasked and not well: the scope of the block is cancelled, the other children are asked to stop, and
///   [`NurseryError::ChildFailed`] is returned, whatever the body makes of it.
/// * The scope of the configuration ([`Config::under`]) is cancelled: the body is asked to stop, then dropped, and its children are asked.
///
/// If this future is dropped, the children are ended in the background, within the same bounds; if the runtime ends with it, they are killed.
///
/// # Errors
/// The body's own; or [`NurseryError`], for which the body's error type has a `From`.
pub async fn open<T, X>(
    config: Config,
    body: impl AsyncFnOnce(&Nursery, &Scope) -> Result<T, X>,
) -> Result<T, X>
where
    X: From<NurseryError>,
{
    let scope = config
        .parent()
        .map_or_else(Scope::root, |parent| parent.child(None));
    let config = config.detached();
    let door = Arc::new(Door::open(config.clone()).await?);
    let stop = StopOnDrop(Scope::root());
    let children_max = config.limits.children_max.min(Semaphore::MAX_PERMITS);
    let nursery = Nursery {
        shared: Arc::new(Shared {
            config,
            door: Arc::clone(&door),
            tasks: Scope::root(),
            stop: stop.0.clone(),
            failed: Scope::root(),
            failure: Mutex::default(),
            places: Arc::new(Semaphore::new(children_max)),
        }),
    };
    let shared = &nursery.shared;
    let sessions = Scope::root();
    let attending = sessions.spawn(Arc::clone(&door).attend(sessions.clone()));
    // The door closes when the last child is over, also when nobody waits for that.
    let closing = Scope::root();
    let (until, tasks, all) = (stop.0.clone(), shared.tasks.clone(), sessions.clone());
    let closed = closing.spawn(async move {
        until.cancelled().await;
        tasks.join().await;
        all.drop_tasks();
        all.join().await;
    });

    let ended = in_body(&nursery, &scope, body).await;
    let limits = &shared.config.limits;
    if ended.is_ok() {
        tokio::select! {
            biased;
            () = scope.join() => {}
            _ = scope.cancelled() => {}
        }
    }
    let why = Cancelled::here(Cause::Requested);
    if !scope.end(why, limits.cancel_grace, limits.reap_max).await {
        tracing::error!(
            left = scope.tasks(),
            "tasks below a nursery did not end in time"
        );
    }
    stop.0.cancel();
    let _ = closed.await;
    drop(attending);
    let mut failure = shared
        .failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = failure.take() {
        return Err(failure.into());
    }
    if scope.panics() > 0 && ended.is_ok() {
        return Err(NurseryError::ChildPanicked.into());
    }
    ended
}

async fn in_body<T, X>(
    nursery: &Nursery,
    scope: &Scope,
    body: impl AsyncFnOnce(&Nursery, &Scope) -> Result<T, X>,
) -> Result<T, X>
where
    X: From<NurseryError>,
{
    let shared = &nursery.shared;
    let overtime = async {
        let why = scope.cancelled().await;
        // Children first: dialogs with them end then, and the body with these.
        shared.stop.cancel_because(why.clone());
        tokio::time::sleep(shared.config.limits.cancel_grace).await;
        why
    };
    let failed = async {
        shared.failed.cancelled().await;
        scope.cancel_because(Cancelled::here(Cause::Shutdown));
        std::future::pending::<()>().await;
    };
    tokio::select! {
        biased;
        ended = body(nursery, scope) => ended,
        why = overtime => Err(NurseryError::Cancelled(why).into()),
        () = failed => Err(NurseryError::Cancelled(scope.why()).into()),
    }
}
