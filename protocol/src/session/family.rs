//! Processes that start processes: what a parent tells its child, and a child that is not ready yet.
//!
//! The child connects. After the `Aid`s the parent sends a `SpawnSpec`, and whatever it likes from then on: the child reads
//! that once it has booted. A child that fails to says so in an `Error` that belongs to no dialog.

use std::time::Instant;

use crate::dialog::caller::Caller;
use crate::dialog::stream::{Pace, Stream};
use crate::fault::Misuse;
use crate::features::Feature;
use crate::message::Message;
use crate::session::outgoing::Class;
use crate::session::stream::check_size;
use crate::session::{Config, DialogId, Event, OpenError, Session, Streams};
use crate::wire::shuttle::messages::SpawnSpec;

/// How far a process is that its peer has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Boot {
    /// The `SpawnSpec` has not come.
    Awaits,
    /// It does what the `SpawnSpec` says. What the peer wants is read afterwards.
    Runs,
    /// It serves; or it was not started by its peer.
    Done,
}

impl Boot {
    pub(crate) fn of(config: &Config) -> Self {
        if config.is_child {
            Self::Awaits
        } else {
            Self::Done
        }
    }
}

/// For parents.
impl Session {
    /// Tells a process that we have started what it is. Before anything else is said to it.
    ///
    /// # Errors
    /// It is larger than a frame may be.
    pub fn spawn(&mut self, spec: SpawnSpec) -> Result<(), Misuse> {
        let message = Message::SpawnSpec(Box::new(spec));
        check_size(&message, self.config.limits.frame_bytes_max)?;
        self.queue(message, None, Class::Own);
        Ok(())
    }

    /// Asks the peer whether it serves yet, in a way that every actor understands. It ends like an `asyncfunc`: by
    /// `Returned(true)`, as soon as the peer reads what it is asked.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn ask_ready(&mut self, _now: Instant) -> Result<DialogId, OpenError> {
        self.check_may_open()?;
        let mut request = None;
        let compact = self.has(Feature::Compact);
        let id = self.table.insert_caller(compact, |cid| {
            request = Some(cid.clone());
            Caller::new(cid, None, Stream::new(Streams::NONE, Pace::Checkpoints))
        });
        if let Some(request) = request {
            self.begin(id, Message::AskReady { request });
        }
        Ok(id)
    }
}

/// For children.
impl Session {
    /// This process does what its `SpawnSpec` said: reads what its parent has wanted since. Nothing if it was not waited for.
    pub fn booted(&mut self) {
        if self.boot == Boot::Runs {
            self.boot = Boot::Done;
            self.wake = true;
        }
    }

    /// Tells the parent that this process cannot do what its `SpawnSpec` said. Close the session when it is transmitted.
    pub fn boot_failed(&mut self, name: &str, text: &str) {
        let error = Box::new(self.own_error(name, text));
        self.queue(Message::Error { cid: None, error }, None, Class::Own);
    }

    pub(crate) fn spawned(&mut self, spec: Box<SpawnSpec>) {
        self.boot = Boot::Runs;
        self.event(Event::Spawned(spec));
    }
}
