//! The protocol core behind its lock, and who waits for what in it.
//!
//! **No wake-up is lost**, because of three rules that all hold here and nowhere else:
//!
//! 1. The core is touched by [`Link::touch`] only. Under the same lock it drains the core's events, so a waker that is
//!    registered while the core says "not yet" is there when the core says "now".
//! 2. After every touch that leaves work for the driver (bytes to send, frames to take, an earlier deadline, a dialog to dispatch),
//!    [`Link::driver`] gets a permit. It holds one, so a permit given while the driver is busy is found when it next waits.
//! 3. The driver takes a full turn ([`Link::turn`]) after every permit and before every wait.
//!
//! It is one file because these rules can only be seen to hold where all that touches the core is in sight.
//!
//! Wakers are woken, scopes cancelled and old wakers dropped after the lock is released: any of them may run foreign code,
//! which may come back here.

use std::{
    mem,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use bytes::BytesMut;
use scipp_protocol::{
    Aid, Config as CoreConfig, DialogId, Fault, Flow, Incoming as CoreIncoming, Loss, Open,
    OpenError, Refusal, RemoteError, Session, Side, SpawnSpec, Streams,
};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    core::{After, Core, Ends, Phase, Turn, Wants},
    seats::Seat,
};
use crate::{
    endpoint::EndpointInfo,
    error::Cancelled,
    identity::{ActorId, Ids},
    interceptor::Interceptors,
    limits::RuntimeLimits,
    policy::Policy,
    scope::{Held, Scope},
    server::Router,
};

/// What all sessions of an actor share.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) aid: Aid,
    pub(crate) ids: Ids,
    pub(crate) core_limits: scipp_protocol::Limits,
    pub(crate) limits: RuntimeLimits,
    pub(crate) policy: Policy,
    /// What the peer may call.
    pub(crate) router: Router,
    pub(crate) interceptors: Interceptors,
    /// The peer has started this process.
    pub(crate) is_child: bool,
    /// Asked when the actor shall stop.
    pub(crate) stop: Scope,
}

/// One session, shared by its driver, its contexts and its handlers.
#[derive(Debug)]
pub(crate) struct Link {
    core: Mutex<Core>,
    driver: Notify,
    phase: watch::Sender<Phase>,
    peer: OnceLock<Aid>,
    /// What the peer has said that this process is to be.
    spec: OnceLock<Box<SpawnSpec>>,
    /// Why the peer has failed as a whole, by its own word.
    failure: OnceLock<Box<RemoteError>>,
    settings: Arc<Settings>,
    /// Everything that the peer has started here.
    callees: Scope,
    /// Tasks that watch the scopes of open contexts.
    watchers: Scope,
    /// The longest grace of any handler so far, in milliseconds.
    grace_ms: AtomicU64,
    /// A handler did not end at once and runs as a task.
    launched: AtomicBool,
}

impl Link {
    pub(crate) fn new(settings: Arc<Settings>, side: Side) -> Arc<Self> {
        let config = CoreConfig {
            actor_cancel: settings.policy.actor_cancel,
            is_child: settings.is_child,
            limits: settings.core_limits.clone(),
            ..CoreConfig::new(settings.aid.clone(), settings.ids.next())
        };
        let core = Core::new(Session::new(side, config, Instant::now().into_std()));
        Arc::new(Self {
            core: Mutex::new(core),
            driver: Notify::new(),
            phase: watch::Sender::new(Phase::Handshake),
            peer: OnceLock::new(),
            spec: OnceLock::new(),
            failure: OnceLock::new(),
            settings,
            callees: Scope::root(),
            watchers: Scope::root(),
            grace_ms: AtomicU64::new(0),
            launched: AtomicBool::new(false),
        })
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(crate) fn limits(&self) -> &RuntimeLimits {
        &self.settings.limits
    }

    /// This actor.
    pub(crate) fn me(&self) -> &ActorId {
        &self.settings.aid.uid
    }

    /// Who the peer says it is; nobody before it has said so.
    pub(crate) fn peer(&self) -> ActorId {
        self.peer
            .get()
            .map_or_else(|| ActorId::new("", ""), |aid| aid.uid.clone())
    }

    /// What the peer has said of itself.
    pub(crate) fn aid(&self) -> Option<&Aid> {
        self.peer.get()
    }

    /// What the peer has said that this process is to be. It comes with a new [`Phase`].
    pub(crate) fn spec(&self) -> Option<&SpawnSpec> {
        self.spec.get().map(|spec| &**spec)
    }

    /// Why the peer has failed as a whole, by its own word. It comes with a new [`Phase`].
    pub(crate) fn failure(&self) -> Option<&RemoteError> {
        self.failure.get().map(|failure| &**failure)
    }

    pub(crate) fn callees(&self) -> &Scope {
        &self.callees
    }

    pub(crate) fn watchers(&self) -> &Scope {
        &self.watchers
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.phase.borrow() == Phase::Open
    }

    /// Resolves when the session is in a phase that `wanted` accepts; sessions that are lost are in no other phase any more.
    pub(crate) async fn reached(&self, wanted: impl Fn(&Phase) -> bool) -> Phase {
        let mut phases = self.phase.subscribe();
        match phases
            .wait_for(|phase| wanted(phase) || matches!(phase, Phase::Lost(_)))
            .await
        {
            Ok(phase) => phase.clone(),
            // The sender lives in this link, which is borrowed.
            Err(_) => Phase::Lost(Loss::Closed),
        }
    }

    /// Whether anything is left of the session's dialogs.
    pub(crate) fn dialogs(&self) -> usize {
        self.touch(|core| core.session.dialogs())
    }

    /// A handler has this grace.
    pub(crate) fn lasts(&self, grace: Duration) {
        self.grace_ms.fetch_max(
            u64::try_from(grace.as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    /// A handler runs as a task from here on.
    pub(crate) fn launch(&self, life: impl Future<Output = ()> + Send + 'static) {
        self.launched.store(true, Ordering::Relaxed);
        self.callees.spawn(life);
    }

    /// Whether a task was launched since the last time.
    pub(super) fn take_launched(&self) -> bool {
        self.launched.swap(false, Ordering::Relaxed)
    }

    /// How long handlers may take once they are asked to stop: grace, children, cleanup.
    pub(crate) fn stop_max(&self) -> Duration {
        let limits = self.limits();
        let grace = limits
            .cancel_grace
            .max(Duration::from_millis(self.grace_ms.load(Ordering::Relaxed)));
        grace
            .saturating_add(limits.reap_max)
            .saturating_add(limits.exit_max)
    }

    pub(crate) fn count(&self, count: impl FnOnce(&mut Ends)) {
        self.touch(|core| count(&mut core.ends));
    }

    pub(crate) fn ends(&self) -> Ends {
        self.touch(|core| {
            let unreaped = core.ends.unreaped.saturating_add(core.reaper.unreaped());
            Ends {
                unreaped,
                ..core.ends
            }
        })
    }
}

/// For callers.
impl Link {
    /// Asks the peer whether it serves yet.
    pub(crate) fn ask_ready(&self, held: Held) -> Result<DialogId, OpenError> {
        self.touch(|core| {
            let id = core.session.ask_ready(Instant::now().into_std())?;
            core.seats.insert(
                id,
                Seat {
                    held: Some(held),
                    ..Seat::default()
                },
            );
            Ok(id)
        })
    }

    /// Sends a call. `held` is what makes scopes wait for the dialog's end; a `timed` one is told when its deadline passes.
    pub(crate) fn open(
        &self,
        open: Open,
        flow: Flow,
        held: Held,
        timed: bool,
    ) -> Result<DialogId, OpenError> {
        self.touch(|core| {
            let id = core.session.open(Instant::now().into_std(), open)?;
            core.session.flow(id, flow);
            core.seats.insert(
                id,
                Seat {
                    held: Some(held),
                    timed,
                    ..Seat::default()
                },
            );
            Ok(id)
        })
    }

    /// Asks the peer to stop as a whole actor.
    pub(crate) fn cancel_actor(&self, held: Held) -> Result<DialogId, OpenError> {
        self.touch(|core| {
            let id = core.session.cancel_actor(Instant::now().into_std())?;
            core.seats.insert(
                id,
                Seat {
                    held: Some(held),
                    ..Seat::default()
                },
            );
            Ok(id)
        })
    }

    /// Asks the callee to stop. If `why` is given, the local side's operations say so from now on.
    pub(crate) fn cancel(&self, id: DialogId, why: Option<Cancelled>) {
        self.touch(|core| {
            core.session.cancel(Instant::now().into_std(), id);
            if let Some(why) = why {
                core.ask(id, why);
            }
        });
    }

    /// The context is gone before the end came: asks the callee to stop and waits for it, at most `reap_max`.
    pub(crate) fn adopt(&self, id: DialogId, reap_max: Duration) {
        self.touch(|core| {
            // The end may have come, and nobody has asked for it.
            if core.session.take_end(id).is_some() {
                return core.release(id);
            }
            let now = Instant::now();
            let Some(seat) = core.seats.get_mut(id) else {
                return;
            };
            // The driver waits for this bound from now on.
            core.wake = true;
            let bound = now + reap_max;
            seat.adopted = Some(bound);
            core.reaper.adopt(id, bound);
            core.session.cancel(now.into_std(), id);
        });
    }

    /// The context is gone after the end came.
    pub(crate) fn forget(&self, id: DialogId) {
        self.touch(|core| core.release(id));
    }
}

/// For callees.
impl Link {
    /// The next dialog that the peer has opened.
    pub(crate) fn next_incoming(&self) -> Option<(DialogId, CoreIncoming)> {
        self.touch(|core| {
            while let Some(id) = core.arrived.pop_front() {
                if let Some(incoming) = core.session.incoming(id) {
                    return Some((id, incoming));
                }
                core.leave(id);
            }
            None
        })
    }

    pub(crate) fn refuse(&self, id: DialogId, why: Refusal) {
        self.touch(|core| {
            core.session.refuse(id, why);
            core.leave(id);
        });
    }

    /// Accepts the dialog and gives it a scope that is asked when its caller cancels, or has cancelled already.
    pub(crate) fn accept(
        &self,
        id: DialogId,
        info: &EndpointInfo,
        scope: &Scope,
        shielded: bool,
    ) -> bool {
        self.touch(|core| {
            let Some(seat) = core.seats.get_mut(id) else {
                return false;
            };
            seat.scope = Some(scope.clone());
            seat.shielded = shielded;
            let asked = if shielded {
                seat.asked.take()
            } else {
                seat.asked.clone()
            };
            if let Some(why) = asked {
                core.after.cancel.push((scope.clone(), why));
            }
            core.session.flow(id, info.flow());
            let streams = Streams {
                sends: info.yields,
                receives: info.accepts,
            };
            core.session.accept(id, info.kind.wire(), streams).is_ok()
        })
    }

    /// The local side's operations say so from now on.
    pub(crate) fn ask(&self, id: DialogId, why: Cancelled) {
        self.touch(|core| core.ask(id, why));
    }

    /// Ends the dialog. Nothing else is done with its id afterwards.
    pub(crate) fn finish(
        &self,
        id: DialogId,
        terminal: scipp_protocol::Terminal,
        count: impl FnOnce(&mut Ends),
    ) {
        self.touch(|core| {
            if let Err(misuse) = core.session.finish(id, terminal) {
                tracing::warn!(%misuse, "a result could not be sent; its caller was told so");
            }
            count(&mut core.ends);
            core.leave(id);
        });
    }
}

/// For operations on a dialog.
impl Link {
    /// Tries an operation; if it cannot go on, the task is woken when it may. `attempt` is told why the dialog was asked to
    /// stop, if it was.
    pub(crate) fn poll<T>(
        &self,
        task: &mut TaskContext<'_>,
        id: DialogId,
        wants: Wants,
        attempt: impl FnOnce(&mut Session, Option<&Cancelled>) -> Poll<T>,
    ) -> Poll<T> {
        self.touch(|core| {
            let asked = core.seats.get(id).and_then(|seat| seat.asked.as_ref());
            let polled = attempt(&mut core.session, asked);
            if polled.is_pending() {
                core.wait(id, wants, task.waker());
            }
            polled
        })
    }

    /// Tries an operation that does not wait. `attempt` is told why the dialog was asked to stop, if it was.
    pub(super) fn attempt<T>(
        &self,
        id: DialogId,
        attempt: impl FnOnce(&mut Session, Option<&Cancelled>) -> T,
    ) -> T {
        self.touch(|core| {
            let asked = core.seats.get(id).and_then(|seat| seat.asked.as_ref());
            attempt(&mut core.session, asked)
        })
    }

    /// A command that does not wait.
    pub(crate) fn command<T>(&self, command: impl FnOnce(&mut Session) -> T) -> T {
        self.touch(|core| command(&mut core.session))
    }
}

/// For the owner of the session.
impl Link {
    /// Takes no new dialogs; [`Phase::Drained`] follows when the last one is over.
    pub(crate) fn drain(&self) {
        self.touch(|core| core.session.drain());
    }

    /// Tells a peer that has asked this actor to stop that it is about to.
    pub(crate) fn answer_actor_cancel(&self) {
        self.touch(|core| {
            if mem::take(&mut core.actor_cancel) {
                core.session.actor_cancelled();
            }
        });
    }

    /// Closes the transport as soon as all bytes have left.
    pub(crate) fn close(&self) {
        self.touch(|core| core.closing = true);
        self.driver.notify_one();
    }

    /// Ends the session from this side, and says what a plain peer has to be told before its transport is closed.
    pub(super) fn part(&self, why: Loss) -> BytesMut {
        self.touch(|core| {
            core.session.part(why);
            core.session.take_last_words()
        })
    }

    /// The transport is gone.
    pub(crate) fn lost(&self, why: Loss) {
        self.touch(|core| {
            core.session.lost(why.clone());
            let why = core.session.loss().cloned().unwrap_or(why);
            core.enter(Phase::Lost(why));
        });
    }
}

/// For the driver.
impl Link {
    /// Resolves when there is something to do that did not come from the transport.
    pub(super) async fn woken(&self) {
        self.driver.notified().await;
    }

    /// Takes frames, does what is due, and fills `out`.
    pub(super) fn turn(&self, came: &mut BytesMut, out: &mut BytesMut) -> Result<Turn, Fault> {
        self.touch(|core| core.turn(came, out))
    }
}

impl Link {
    fn touch<T>(&self, work: impl FnOnce(&mut Core) -> T) -> T {
        // A panic under the lock would be a bug of the core; what it left behind still closes in order.
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut core);
        core.settle();
        let wanted = core.session.take_wake() | mem::take(&mut core.wake);
        let wake_driver = wanted && !mem::replace(&mut core.called, true);
        let after = core.after.take();
        let phase = after
            .as_ref()
            .is_some_and(|after| after.phase)
            .then(|| core.phase.clone());
        drop(core);

        if wake_driver {
            self.driver.notify_one();
        }
        if let Some(after) = after {
            self.after(after, phase);
        }
        result
    }

    /// What a touch has left to do without the lock.
    fn after(&self, after: After, phase: Option<Phase>) {
        if let Some(peer) = after.peer {
            let _ = self.peer.set(peer);
        }
        if let Some(spec) = after.spec {
            let _ = self.spec.set(spec);
        }
        if let Some(failure) = after.failure {
            let _ = self.failure.set(failure);
        }
        if let Some(phase) = phase {
            self.phase.send_replace(phase);
        }
        if let Some(canceller) = after.stop {
            self.settings.stop.cancel_because(Cancelled::by(canceller));
        }
        for (scope, why) in after.cancel {
            scope.cancel_because(why);
        }
        for waker in after.wake {
            waker.wake();
        }
        drop((after.retired, after.released, after.left));
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use scipp_protocol::Kind;

    use super::*;

    fn link() -> Arc<Link> {
        let config = crate::Config::new("a");
        Link::new(
            config.settings(Router::new(), Scope::root()),
            Side::Connector,
        )
    }

    /// A link whose peer has said who it is, and nothing else since.
    fn met() -> Arc<Link> {
        let (link, peer) = (link(), link());
        let (mut out, mut aid) = (BytesMut::new(), BytesMut::new());
        peer.turn(&mut BytesMut::new(), &mut aid).unwrap();
        link.turn(&mut aid, &mut out).unwrap();
        assert!(link.is_open());
        link
    }

    fn open(link: &Link, above: &Scope) -> DialogId {
        let open = Open {
            namespace: "a".to_owned(),
            func: "b".to_owned(),
            args: Bytes::from_static(&[0x80]),
            kind: Kind::Asyncfunc,
            streams: Streams::NONE,
            deadline: None,
            fingerprint: None,
            trace: None,
        };
        link.open(
            open,
            Flow::default(),
            above.hold(Duration::from_secs(1)),
            false,
        )
        .unwrap()
    }

    fn seats(link: &Link) -> usize {
        link.touch(|core| core.seats.len())
    }

    #[tokio::test(start_paused = true)]
    async fn a_dialog_that_has_ended_is_not_adopted() {
        let (link, above) = (link(), Scope::root());
        let id = open(&link, &above);
        link.lost(Loss::Closed);
        // Nobody above waits for a dialog that is over, even while its context is still there.
        assert!(
            above
                .end(
                    Cancelled::here(crate::Cause::Requested),
                    Duration::ZERO,
                    Duration::ZERO
                )
                .await
        );
        link.adopt(id, Duration::ZERO);
        assert_eq!((seats(&link), link.ends().unreaped), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_dialog_that_does_not_end_is_given_up() {
        let (link, above) = (met(), Scope::root());
        let id = open(&link, &above);
        // Its call is with the transport, and nobody answers.
        let (mut came, mut out) = (BytesMut::new(), BytesMut::new());
        link.woken().await;
        link.turn(&mut came, &mut out).unwrap();
        link.adopt(id, Duration::from_secs(1));
        link.woken().await;
        let turn = link.turn(&mut came, &mut out).unwrap();
        assert!(
            turn.deadline
                .is_some_and(|at| at <= Instant::now() + Duration::from_secs(1))
        );
        tokio::time::advance(Duration::from_secs(1)).await;
        link.turn(&mut came, &mut out).unwrap();
        assert_eq!(seats(&link), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_of_ours_is_no_word_of_the_peer() {
        let link = met();
        let (mut came, mut out) = (BytesMut::new(), BytesMut::new());
        let met = Instant::now();
        let fault = loop {
            match link.turn(&mut came, &mut out) {
                Err(fault) => break fault,
                // The driver's own timers wake it.
                Ok(turn) => tokio::time::sleep_until(turn.deadline.unwrap()).await,
            }
        };
        assert!(
            matches!(fault.violation, scipp_protocol::Violation::Silent { .. }),
            "{fault}"
        );
        assert_eq!(met.elapsed(), Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_leaves_a_permit_for_a_busy_driver() {
        let link = met();
        let woken = || tokio::time::timeout(Duration::from_millis(1), link.woken());
        assert!(woken().await.is_err(), "nothing to do yet");
        // The driver is not waiting at this moment.
        open(&link, &Scope::root());
        assert!(woken().await.is_ok());
    }
}
