//! The life of a child: started, told what it is, served, asked to stop, reaped.

use std::{fmt, io, os::unix::process::ExitStatusExt as _, process::ExitStatus, sync::Arc};

use scipp_protocol::End;
use tokio::{
    sync::{OwnedSemaphorePermit, oneshot, watch},
    time::timeout,
};

use super::{
    child::Child,
    error::{NurseryError, SpawnError},
    open::Shared,
    process::Running,
    spec::spec,
};
use crate::{
    client::Client,
    dialog::Dialog,
    identity::ActorId,
    portal::Portal,
    scope::Scope,
    session::{Link, Phase},
    transport::Tail,
};

/// A child that serves. Dropping this leaves it to its nursery.
#[derive(Clone, Debug)]
pub struct ChildActor {
    pub(super) uid: ActorId,
    pub(super) pid: Option<u32>,
    pub(super) portal: Portal,
    /// Asked when this child shall stop.
    pub(super) own: Scope,
    pub(super) over: watch::Receiver<Option<Exit>>,
    pub(super) stdout: Tail,
    pub(super) stderr: Tail,
}

impl ChildActor {
    /// Its name and uuid.
    pub fn id(&self) -> &ActorId {
        &self.uid
    }

    /// The id of its process.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Opens dialogs with it, on the session that it has opened.
    pub fn portal(&self) -> &Portal {
        &self.portal
    }

    /// The same, by a generated client: `child.client::<FeedClient>()`.
    pub fn client<C: Client>(&self) -> C {
        C::of(&self.portal)
    }

    /// Asks it to stop, and waits until it is reaped: it is terminated and killed if it does not listen.
    pub async fn cancel(&self) -> Exit {
        self.own.cancel();
        self.wait().await
    }

    /// Waits until it has ended and is reaped.
    pub async fn wait(&self) -> Exit {
        let mut over = self.over.clone();
        match over.wait_for(Option::is_some).await {
            Ok(exit) => exit.unwrap_or_else(Exit::unknown),
            Err(_) => Exit::unknown(),
        }
    }

    /// The last of its output, with [`Output::Keep`](super::Output::Keep).
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// The last of its error output, with [`Output::Keep`](super::Output::Keep).
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// What it took.
    pub how: How,
    /// Its status; `None` if nobody knows.
    pub status: Option<ExitStatus>,
}

/// What it took to end a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nothing: it ended by itself.
    Unasked,
    /// It was asked, in a message.
    Asked,
    /// It was terminated (`SIGTERM`).
    Terminated,
    /// It was killed (`SIGKILL`).
    Killed,
}

impl Exit {
    pub(super) fn new(how: How, status: io::Result<ExitStatus>) -> Self {
        let status = status
            .inspect_err(|error| tracing::error!(%error, "the status of a child is not known"))
            .ok();
        Self { how, status }
    }

    pub(super) fn unknown() -> Self {
        Self {
            how: How::Killed,
            status: None,
        }
    }

    /// Whether it ended with status 0.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// The signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.status.and_then(|status| status.signal())
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.how {
            How::Unasked => "it ended unasked",
            How::Asked => "it ended when it was asked",
            How::Terminated => "it was terminated",
            How::Killed => "it was killed",
        })?;
        match self.status {
            Some(status) => write!(out, ", {status}"),
            None => out.write_str(", and its status is not known"),
        }
    }
}

/// A child on its way.
pub(super) struct Life {
    pub(super) shared: Arc<Shared>,
    pub(super) child: Child,
    pub(super) uid: ActorId,
    /// Asked when this child shall stop.
    pub(super) own: Scope,
    pub(super) told: oneshot::Sender<Result<ChildActor, SpawnError>>,
    /// Its place among the children that may run; free before its end is told.
    pub(super) place: OwnedSemaphorePermit,
}

impl Life {
    /// From the start of the process until it is reaped.
    pub(super) async fn live(mut self) {
        let (over, hear_over) = watch::channel(None);
        let limits = self.shared.config.limits.clone();
        let (expected, came) = self.shared.door.expect(&self.uid);
        let started = self
            .child
            .command(&self.uid, &self.shared.door.address)
            .and_then(|mut command| {
                command.spawn().map_err(|source| SpawnError::Start {
                    program: self.child.shown(),
                    source,
                })
            });
        let mut running = match started {
            Ok(process) => Running::new(process, self.child.output, &limits, &self.shared.tasks),
            Err(error) => {
                drop(self.place);
                let _ = self.told.send(Err(error));
                return;
            }
        };
        let pid = running.pid();
        tracing::debug!(child = %self.uid, pid, "a process is started");
        let link = match self.boot(&mut running, came).await {
            Ok(link) => link,
            Err(fault) => {
                running.kill(&limits).await;
                running.hear_out(&limits).await;
                drop(self.place);
                let _ = self
                    .told
                    .send(Err(fault.of(&self.child, running.stderr.text())));
                return;
            }
        };
        let actor = ChildActor {
            uid: self.uid.clone(),
            pid,
            portal: Portal::new(&link),
            own: self.own.clone(),
            over: hear_over,
            stdout: running.stdout.clone(),
            stderr: running.stderr.clone(),
        };
        // Nobody waits for it any more: it stops at once.
        if self.told.send(Ok(actor)).is_err() {
            self.own.cancel();
        }
        let exit = serve_out(&mut running, &link, &self.own, &self.shared).await;
        // What is left of its sessions ends with it.
        link.settings().stop.cancel();
        drop(expected);
        running.hear_out(&limits).await;
        tracing::debug!(child = %self.uid, %exit, "a child is over");
        if exit.how == How::Unasked && !exit.success() {
            self.shared.fail(NurseryError::ChildFailed {
                name: self.child.name.clone(),
                exit,
                stderr: running.stderr.text(),
            });
        }
        drop(self.place);
        over.send_replace(Some(exit));
    }

    /// Until the child serves.
    async fn boot(
        &mut self,
        running: &mut Running,
        came: oneshot::Receiver<Arc<Link>>,
    ) -> Result<Arc<Link>, Fault> {
        let max = self
            .child
            .boot_max
            .unwrap_or(self.shared.config.limits.child_boot_max);
        let mut connected = None;
        let booting = async {
            let Ok(link) = came.await else {
                return Err(Fault::Left);
            };
            connected = Some(Arc::clone(&link));
            let spec = spec(&self.child, &self.shared.config, &self.shared.door.address)?;
            link.command(|session| session.spawn(spec))?;
            let ready = Dialog::ready(&link).map_err(|_| Fault::Left)?;
            tokio::select! {
                biased;
                // It says so before it leaves.
                _ = link.reached(|_| link.failure().is_some()) => {
                    Err(link.failure().map_or(Fault::Left, |error| Fault::Boot(Box::new(error.clone()))))
                }
                end = ready.ended() => match end {
                    End::Returned(_) => Ok(link),
                    _ => Err(Fault::Left),
                },
            }
        };
        let fault = tokio::select! {
            biased;
            why = self.own.cancelled() => Fault::Spawn(SpawnError::Cancelled(why)),
            () = self.told.closed() => Fault::Spawn(SpawnError::Cancelled(self.own.why())),
            booted = timeout(max, booting) => match booted {
                Ok(Ok(link)) => return Ok(link),
                Ok(Err(fault)) => fault,
                Err(_) => Fault::NotInTime { connected: connected.is_some(), max },
            },
            status = running.wait() => match status {
                Ok(status) => Fault::Ended(status),
                Err(source) => Fault::Spawn(SpawnError::Start { program: self.child.shown(), source }),
            },
        };
        let Some(link) = connected else {
            return Err(fault);
        };
        // Its last words may still be on their way when its end is seen.
        if let Fault::Ended(_) | Fault::Left = &fault {
            let lost =
                link.reached(|phase| matches!(phase, Phase::Lost(_)) || link.failure().is_some());
            let _ = timeout(self.shared.config.limits.close_max, lost).await;
            if let Some(error) = link.failure() {
                return Err(Fault::Boot(Box::new(error.clone())));
            }
        }
        // One that leaves is about to end; how, is worth a moment.
        if let Fault::Left = &fault
            && let Ok(Ok(status)) =
                timeout(self.shared.config.limits.close_max, running.wait()).await
        {
            return Err(Fault::Ended(status));
        }
        Err(fault)
    }
}

/// Until a child that has served is reaped.
async fn serve_out(running: &mut Running, link: &Arc<Link>, own: &Scope, shared: &Shared) -> Exit {
    let limits = &shared.config.limits;
    tokio::select! {
        biased;
        status = running.wait() => return Exit::new(How::Unasked, status),
        _ = own.cancelled() => {}
        _ = link.reached(|phase| matches!(phase, Phase::Lost(_))) => {
            // It leaves by itself, and ends; or it is of no use any more.
            if let Ok(status) = timeout(limits.child_stop_max, running.wait()).await {
                return Exit::new(How::Unasked, status);
            }
            return running.end(None, limits).await;
        }
    }
    let asked = Dialog::cancel_actor(link).ok();
    let exit = running
        .end(asked.as_ref().map(|_| limits.child_stop_max), limits)
        .await;
    drop(asked);
    exit
}

/// Why a child does not serve.
enum Fault {
    Spawn(SpawnError),
    Boot(Box<scipp_protocol::RemoteError>),
    Ended(ExitStatus),
    Left,
    NotInTime {
        connected: bool,
        max: std::time::Duration,
    },
}

impl<E: Into<SpawnError>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Spawn(error.into())
    }
}

impl Fault {
    fn of(self, child: &Child, stderr: String) -> SpawnError {
        let name = child.name.clone();
        match self {
            Self::Spawn(error) => error,
            Self::Boot(error) => SpawnError::Boot {
                name,
                error,
                stderr,
            },
            Self::Ended(status) => SpawnError::Ended {
                name,
                status,
                stderr,
            },
            Self::Left => SpawnError::Left { name, stderr },
            Self::NotInTime { connected, max } => SpawnError::NotInTime {
                name,
                connected,
                max,
                stderr,
            },
        }
    }
}
