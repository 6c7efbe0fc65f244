//! What has happened so far in one seed, as both ends of each dialog saw it.

use std::sync::{Arc, Mutex, MutexGuard};

use scipp_runtime::{Cause, ContextError, FailureCode, RefusedBecause};
use tokio::{sync::Notify, time::Instant};

use crate::{
    census::{Census, Count},
    endpoints::Trouble,
    link::Line,
    oracle,
    plan::Plan,
};

/// What has happened so far.
#[derive(Debug)]
pub struct World {
    /// What shall happen.
    pub plan: Plan,
    /// Links, by number.
    pub lines: Vec<Arc<Line>>,
    /// When the incident came, if it has.
    pub incident: Mutex<Option<Instant>>,
    start: Instant,
    records: Vec<Mutex<Record>>,
    census: Mutex<Census>,
    wrong: Mutex<Vec<String>>,
    log: Option<Mutex<Vec<String>>>,
    /// Something of a callee has ended.
    over: Notify,
}

/// One dialog, as both ends saw it.
#[derive(Debug, Default)]
pub struct Record {
    /// When its caller opened it.
    pub opened: Option<Instant>,
    /// When its caller asked for its end, or will.
    pub asked: Option<Instant>,
    /// What its caller was told, and when.
    pub told: Option<(Told, Instant)>,
    /// How often its handler was started; never twice.
    pub runs: u32,
    /// When it was.
    pub ran: Option<Instant>,
    /// How its handler ended.
    pub did: Option<Did>,
    /// Why it was asked to end, as it heard.
    pub cause: Option<Cause>,
    /// Handlers, child tasks and exit callbacks that are there.
    pub alive: [u32; 3],
    /// Exit callbacks that were registered, and that ran.
    pub exits: [u32; 2],
    /// A child task panicked.
    pub child_panicked: bool,
    /// When the last of these went.
    pub over: Option<Instant>,
    /// Items from the caller, and to it.
    pub streams: [Stream; 2],
}

/// Items in one direction.
#[derive(Debug, Default)]
pub struct Stream {
    /// Items that the sender began to send.
    pub begun: u32,
    /// Items that it was told were sent.
    pub sent: u32,
    /// Items that the reader took.
    pub taken: u32,
    /// The reader was told that no more come.
    pub ended: bool,
    /// An item came twice, or too early.
    pub disorder: bool,
}

/// What is alive of a callee.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Handler,
    Child,
    Exit,
}

/// What a caller was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The result, of this job if it tells.
    Returned(Option<u32>),
    /// The declared error, of this job.
    Raised(u32),
    /// Another error.
    Remote(FailureCode),
    /// Asked to stop, and over.
    Cancelled(Cause),
    /// It never ran.
    Refused(RefusedBecause),
    /// The session was lost, or its end was not seen in time.
    InDoubt,
    /// It never left.
    NotSent,
    /// Something else that was not to be.
    Odd(String),
    /// The caller failed by itself.
    Own,
    /// The caller has left, and was told nothing.
    Left,
    /// The caller is no more.
    Crashed,
}

/// How a handler ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Did {
    Returned,
    Raised,
    Failed,
    Panicked,
    Cancelled(Cause),
    /// It passed on the failure of a dialog below.
    Relayed,
    /// What it met in its context; a link that changes bytes does that.
    Broken,
    Dropped,
}

impl Told {
    /// What an error tells.
    pub fn error(error: &ContextError<Trouble>) -> Self {
        match error {
            ContextError::Endpoint(trouble) => Self::Raised(trouble.job),
            ContextError::Cancelled(cancelled) => Self::Cancelled(cancelled.cause),
            ContextError::Remote(failure) => Self::Remote(failure.code()),
            ContextError::Refused(refusal) => Self::Refused(refusal.why),
            ContextError::InDoubt(_) => Self::InDoubt,
            ContextError::NotSent(_) => Self::NotSent,
            other => Self::Odd(other.to_string()),
        }
    }

    /// Whether the caller knows that the callee is over, if there ever was one.
    pub fn is_sure(&self) -> bool {
        !matches!(self, Self::InDoubt | Self::Left | Self::Crashed)
    }
}

impl World {
    /// Before anything has happened.
    pub fn new(plan: Plan, log: bool) -> Arc<Self> {
        let lines = (0..plan.sessions.len() * 2)
            .map(|_| Arc::default())
            .collect();
        let records = plan.jobs.iter().map(|_| Mutex::default()).collect();
        Arc::new(Self {
            plan,
            lines,
            incident: Mutex::default(),
            start: Instant::now(),
            records,
            census: Mutex::default(),
            wrong: Mutex::default(),
            log: log.then(Mutex::default),
            over: Notify::new(),
        })
    }

    /// Writes into the log, if there is one.
    pub fn say(&self, what: impl FnOnce() -> String) {
        if let Some(log) = &self.log {
            let at = self.start.elapsed();
            log.lock()
                .unwrap()
                .push(format!("{:>10.3} {}", at.as_secs_f64(), what()));
        }
    }

    /// Something that must not be.
    pub fn wrong(&self, what: String) {
        self.say(|| format!("WRONG: {what}"));
        self.wrong.lock().unwrap().push(what);
    }

    /// Counts.
    pub fn count(&self, what: Count) {
        self.census.lock().unwrap().count(what);
    }

    /// Counts so many.
    pub fn add(&self, what: Count, often: u64) {
        self.census.lock().unwrap().add(what, often);
    }

    /// One job's record.
    pub fn record(&self, job: usize) -> MutexGuard<'_, Record> {
        self.records[job].lock().unwrap()
    }

    /// A caller opens its dialog, which will be asked to end at `asked` if not before.
    pub fn opens(&self, job: usize, asked: Option<Instant>) {
        self.say(|| format!("job {job}: opened"));
        let mut record = self.record(job);
        record.opened = Some(Instant::now());
        record.asked = asked;
    }

    /// A caller asks for the end.
    pub fn asks(&self, job: usize) {
        self.say(|| format!("job {job}: its caller asks for the end"));
        let mut record = self.record(job);
        let now = Instant::now();
        record.asked = Some(record.asked.map_or(now, |asked| asked.min(now)));
    }

    /// A caller was told how its dialog ended.
    pub fn tells(&self, job: usize, told: Told) {
        self.say(|| format!("job {job}: told {told:?}"));
        let again = self
            .record(job)
            .told
            .replace((told.clone(), Instant::now()));
        if let Some((before, _)) = again {
            self.wrong(format!("job {job}: told twice, {before:?} and {told:?}"));
        }
        oracle::at_once(self, job);
    }

    /// A part of a callee begins.
    pub fn begins(self: &Arc<Self>, job: usize, part: Part) -> Alive {
        self.record(job).alive[part as usize] += 1;
        Alive {
            world: Arc::clone(self),
            job,
            part,
        }
    }

    /// Whether nothing is left of the callees on a link.
    pub fn is_over(&self, line: usize) -> bool {
        let jobs = self.plan.jobs.iter().zip(&self.records);
        jobs.filter(|(job, _)| job.line == line)
            .all(|(_, record)| record.lock().unwrap().alive == [0; 3])
    }

    /// When the last of the callees on a link was over.
    pub fn last_over(&self, line: usize) -> Option<Instant> {
        let jobs = self.plan.jobs.iter().zip(&self.records);
        jobs.filter(|(job, _)| job.line == line)
            .filter_map(|(_, record)| record.lock().unwrap().over)
            .max()
    }

    /// Resolves when nothing is left of the callees on a link.
    pub async fn until_over(&self, line: usize) {
        loop {
            let over = self.over.notified();
            if self.is_over(line) {
                return;
            }
            over.await;
        }
    }

    /// What was wrong, and what was said.
    pub fn close(&self, census: &mut Census) -> (Vec<String>, Vec<String>) {
        census.merge(&self.census.lock().unwrap());
        let wrong = std::mem::take(&mut *self.wrong.lock().unwrap());
        let log = self.log.as_ref();
        (
            wrong,
            log.map_or_else(Vec::new, |log| log.lock().unwrap().clone()),
        )
    }
}

/// A part of a callee that is there until this is dropped.
#[derive(Debug)]
pub struct Alive {
    world: Arc<World>,
    job: usize,
    part: Part,
}

impl Drop for Alive {
    fn drop(&mut self) {
        {
            let mut record = self.world.record(self.job);
            record.alive[self.part as usize] -= 1;
            record.over = Some(Instant::now());
            let panics = std::thread::panicking();
            match self.part {
                Part::Handler if record.did.is_none() => {
                    record.did = Some(if panics { Did::Panicked } else { Did::Dropped });
                }
                Part::Child => record.child_panicked |= panics,
                Part::Handler | Part::Exit => {}
            }
        }
        let Self { world, job, part } = self;
        world.say(|| {
            let did = world.record(*job).did.clone();
            format!("job {job}: {part:?} gone, its handler {did:?}")
        });
        world.over.notify_waiters();
    }
}
