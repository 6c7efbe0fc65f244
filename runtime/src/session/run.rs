//! A session from its first byte to its last. Nothing of it runs afterwards.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use scipp_protocol::Loss;
use tokio::time::{sleep, timeout};

use super::{
    core::{Ends, Phase},
    driver::drive,
    link::Link,
};
use crate::{
    error::{Cancelled, Cause},
    transport::Transport,
};

/// How a session ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) why: Loss,
    /// How the handlers ended that ran when the session was asked to stop or was lost.
    pub(crate) ends: Ends,
    /// Whether the session was drained before it ended, and not lost.
    pub(crate) drained: bool,
}

/// Runs a session until its peer leaves, breaks the protocol, or [`Settings::stop`](super::Settings::stop) is asked; then waits,
/// bounded, for everything that the session has started.
pub(crate) async fn run<T: Transport>(link: Arc<Link>, transport: T) -> Ended {
    let before = OnceLock::new();
    let drained = AtomicBool::new(false);
    let why = {
        let stop = async {
            link.settings().stop.cancelled().await;
            let _ = before.set(link.ends());
            drain(&link).await;
            drained.store(true, Ordering::Relaxed);
            link.close();
            sleep(link.limits().close_max).await;
        };
        tokio::select! {
            biased;
            why = drive(&link, transport) => why,
            () = stop => Loss::Closed,
        }
    };
    link.lost(why.clone());
    let before = before.get().copied().unwrap_or_else(|| link.ends());
    stop_callees(&link, Cancelled::here(Cause::SessionLost)).await;
    link.watchers().drop_tasks();
    link.watchers().join().await;
    let after = link.ends();
    let ends = Ends {
        finished: after.finished.saturating_sub(before.finished),
        cancelled: after.cancelled.saturating_sub(before.cancelled),
        forced: after.forced.saturating_sub(before.forced),
        unreaped: after.unreaped.saturating_sub(before.unreaped),
    };
    tracing::debug!(peer = %link.peer(), %why, ?ends, "a session is over");
    Ended {
        why,
        ends,
        drained: drained.load(Ordering::Relaxed),
    }
}

/// Lets what runs end by itself, then asks it to, then drops it; each within its bound.
async fn drain(link: &Arc<Link>) {
    link.drain();
    let why = link.settings().stop.why();
    if why.canceller.is_some() || why.cause == Cause::SessionLost {
        // Whoever stops the whole actor waits for it, and not for long; or the parent of this process is gone.
        stop_callees(link, why).await;
    } else if timeout(link.limits().drain_max, link.callees().join())
        .await
        .is_err()
    {
        stop_callees(link, Cancelled::here(Cause::Shutdown)).await;
    }
    link.answer_actor_cancel();
    // Dialogs whose context was dropped: their callees were asked, and their ends are on the way.
    let drained = link.reached(|phase| *phase == Phase::Drained);
    if timeout(link.limits().reap_max, drained).await.is_err() {
        let left = link.dialogs();
        link.count(|ends| ends.unreaped = ends.unreaped.saturating_add(left as u64));
    }
}

async fn stop_callees(link: &Arc<Link>, why: Cancelled) {
    link.callees().cancel_because(why);
    if timeout(link.stop_max(), link.callees().join())
        .await
        .is_err()
    {
        link.callees().drop_tasks();
        if timeout(link.limits().reap_max, link.callees().join())
            .await
            .is_err()
        {
            let left = link.callees().tasks();
            tracing::error!(left, "handlers block their threads and did not end");
            link.count(|ends| ends.unreaped = ends.unreaped.saturating_add(left as u64));
        }
    }
}
