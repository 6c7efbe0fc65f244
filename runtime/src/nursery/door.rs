//! Where children connect.

use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use scipp_protocol::{Address, Side};
use tokio::{
    sync::{Semaphore, oneshot},
    time::sleep,
};

use super::error::NurseryError;
use crate::{
    actor::Config,
    identity::ActorId,
    limits,
    scope::Scope,
    session::{self, Link, Phase},
    transport::{Listener, Stream},
};

/// A listener that lets in those who are expected.
#[derive(Debug)]
pub(super) struct Door {
    listener: Listener,
    pub(super) address: Address,
    config: Config,
    guests: Mutex<HashMap<ActorId, Guest>>,
    handshakes: Arc<Semaphore>,
    _folder: Folder,
}

/// Who may come in.
#[derive(Debug)]
enum Guest {
    /// It was started, and has not come.
    Expected(oneshot::Sender<Arc<Link>>),
    /// It has come. It may open more sessions, as any actor may.
    Known,
}

impl Door {
    pub(super) async fn open(config: Config) -> Result<Self, NurseryError> {
        let folder = Folder::new()?;
        let address = Address::Unix(folder.0.join("door.sock"));
        let handshakes_max = config.limits.handshakes_max.min(Semaphore::MAX_PERMITS);
        Ok(Self {
            listener: Listener::bind(&address).await?,
            address,
            config,
            guests: Mutex::default(),
            handshakes: Arc::new(Semaphore::new(handshakes_max)),
            _folder: folder,
        })
    }

    /// Expects a child; it is forgotten when what this returns is dropped.
    pub(super) fn expect(
        self: &Arc<Self>,
        uid: &ActorId,
    ) -> (Expected, oneshot::Receiver<Arc<Link>>) {
        let (told, hear) = oneshot::channel();
        self.guests().insert(uid.clone(), Guest::Expected(told));
        let expected = Expected {
            door: Arc::clone(self),
            uid: uid.clone(),
        };
        (expected, hear)
    }

    /// Lets children in until it is dropped. Their sessions are tasks below `sessions`.
    pub(super) async fn attend(self: Arc<Self>, sessions: Scope) {
        loop {
            match self.listener.accept().await {
                Ok(stream) => self.admit(stream, &sessions),
                Err(error) => {
                    tracing::warn!(%error, "a child was not let in; going on");
                    sleep(limits::ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(self: &Arc<Self>, stream: Stream, sessions: &Scope) {
        let Ok(place) = Arc::clone(&self.handshakes).try_acquire_owned() else {
            return;
        };
        let stop = Scope::root();
        let settings = self
            .config
            .settings(self.config.offered().clone(), stop.clone());
        let link = Link::new(settings, Side::Acceptor);
        let door = Arc::clone(self);
        let came = Arc::clone(&link);
        sessions.spawn(async move {
            if came.reached(|phase| *phase == Phase::Open).await == Phase::Open {
                door.greet(&came, &stop);
            }
            drop(place);
        });
        sessions.spawn(async move {
            session::run(link, stream).await;
        });
    }

    fn greet(&self, link: &Arc<Link>, stop: &Scope) {
        let uid = link.peer();
        let mut guests = self.guests();
        match guests.get_mut(&uid) {
            Some(guest @ Guest::Expected(_)) => {
                if let Guest::Expected(told) = std::mem::replace(guest, Guest::Known) {
                    // Whoever expected it may have gone.
                    if let Err(link) = told.send(Arc::clone(link)) {
                        link.settings().stop.cancel();
                    }
                }
            }
            Some(Guest::Known) => {}
            None => {
                tracing::warn!(peer = %uid, "somebody who is no child of ours is not let in");
                stop.cancel();
            }
        }
    }

    fn guests(&self) -> MutexGuard<'_, HashMap<ActorId, Guest>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child may come in as long as this lives.
#[derive(Debug)]
pub(super) struct Expected {
    door: Arc<Door>,
    uid: ActorId,
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.door.guests().remove(&self.uid);
    }
}

/// A folder that no other user can enter; removed with the door.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let path = std::env::temp_dir().join(format!("scipp-{unique}"));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(path = %self.0.display(), %error, "the folder of a nursery stays");
        }
    }
}
