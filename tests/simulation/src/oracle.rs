//! What must hold. `docs/proof.md` says it in words.

use std::time::Duration;

use scipp_runtime::{Cause, FailureCode, RefusedBecause};
use tokio::time::Instant;

use crate::{
    census::Count,
    endpoints::Which,
    link::{Loss, State},
    plan::{End, Form, Incident, Job, Leave},
    world::{Did, Record, Told, World},
};

/// Between two things that happen at once; a turn of the runtime takes no time, and its clock counts milliseconds.
pub const AT_ONCE: Duration = Duration::from_millis(20);
/// What a caller may do between two operations.
const BUSY_MAX: Duration = Duration::from_millis(1_500);
/// `Limits::silence_max`.
const SILENCE: Duration = Duration::from_secs(60);

/// What is known about the surroundings of a job.
struct Around<'a> {
    job: &'a Job,
    line: State,
    /// Both ends use what only scipp peers know.
    native: bool,
    /// When an actor of it crashed or began to shut down.
    incident: Option<Instant>,
}

impl<'a> Around<'a> {
    fn of(world: &'a World, job: usize) -> Self {
        let sessions = world.plan.sessions.len();
        let job = &world.plan.jobs[job];
        let first = job.line < sessions;
        let hits = match world.plan.incident {
            Incident::None => false,
            Incident::Shutdown(_) | Incident::CrashServer(_) => first,
            Incident::CrashClient(_) => job.line == 0,
        };
        let session = &world.plan.sessions[job.line % sessions];
        Self {
            job,
            line: world.lines[job.line].state(),
            native: !world.plan.server_plain && !session.client_plain,
            incident: world.incident.lock().unwrap().filter(|_| hits),
        }
    }

    /// Nothing has happened that two correct peers could notice but by their clocks.
    fn is_clean(&self) -> bool {
        self.line.lost.is_none() && self.incident.is_none()
    }

    /// When both ends must have seen the loss of the session.
    fn seen(&self) -> Option<Instant> {
        let late = self.line.late;
        match self.line.lost? {
            (at, Loss::Ended) => Some(at + late),
            (at, Loss::Silent) if self.native => Some(at + SILENCE + late),
            (_, Loss::Silent | Loss::Corrupt) => None,
        }
    }
}

/// What must hold at the moment at which a caller is told.
pub fn at_once(world: &World, number: usize) {
    let around = Around::of(world, number);
    let record = world.record(number);
    let Some((told, at)) = &record.told else {
        return;
    };
    let mut wrong = Vec::new();
    if !around.line.corrupt {
        promise(&around, world, &record, told, &mut wrong);
        agreement(&around, world, number, &record, told, &mut wrong);
    }
    caller_promptness(&around, &record, told, *at, &mut wrong);
    tally(world, told);
    drop(record);
    for wrong in wrong {
        world.wrong(format!("job {number}: {wrong}"));
    }
}

/// A caller that knows the end knows that nothing of the callee is left.
fn promise(
    around: &Around<'_>,
    world: &World,
    record: &Record,
    told: &Told,
    wrong: &mut Vec<String>,
) {
    let sure = match told {
        // A body's own error says nothing about the end. It is known unless the session was lost, or it took too long.
        Told::Own => {
            let stop = around.job.stop_max(&world.plan.jobs) + around.line.late * 2;
            around.is_clean() && stop + AT_ONCE < around.job.reap()
        }
        _ => told.is_sure(),
    };
    if sure && record.alive != [0; 3] {
        let [handlers, children, exits] = record.alive;
        wrong.push(format!(
            "promise: told {told:?} while {handlers} handlers, {children} child tasks and {exits} exit callbacks were there"
        ));
    }
    if told.is_sure() && *told != Told::Own && record.runs > 0 && record.exits[0] != record.exits[1]
    {
        let [registered, ran] = record.exits;
        // A handler that went with its session had no time; its caller is not told an end.
        wrong.push(format!(
            "promise: told {told:?} after {ran} of {registered} exit callbacks"
        ));
    }
}

/// What the caller was told is what the callee did.
fn agreement(
    around: &Around<'_>,
    world: &World,
    number: usize,
    record: &Record,
    told: &Told,
    wrong: &mut Vec<String>,
) {
    let did = record.did.as_ref();
    let me = u32::try_from(number).unwrap_or(u32::MAX);
    let relayed = did == Some(&Did::Relayed);
    let agrees = match told {
        Told::Returned(whose) => {
            did == Some(&Did::Returned)
                && !record.child_panicked
                && whose.is_none_or(|job| job == me)
        }
        Told::Raised(job) => did == Some(&Did::Raised) && *job == me || relayed,
        Told::Remote(FailureCode::Panicked) => {
            did == Some(&Did::Panicked) || record.child_panicked || relayed
        }
        Told::Remote(FailureCode::Failed) => did == Some(&Did::Failed) || relayed,
        Told::Remote(_) | Told::Odd(_) => relayed,
        Told::Cancelled(_) => true,
        Told::Refused(_) | Told::NotSent => record.runs == 0,
        Told::InDoubt | Told::Own | Told::Left | Told::Crashed => true,
    };
    if !agrees {
        wrong.push(format!("agreement: told {told:?}, but the handler {did:?}"));
    }
    // Whoever was not asked to end ends as it wants.
    let asked = |record: &Record| record.asked.is_some_and(|asked| asked <= Instant::now());
    let above = world.plan.above(number);
    let asked = asked(record) || above.is_some_and(|above| asked(&world.record(above)));
    let clean = around.is_clean();
    let expected = match told {
        Told::Cancelled(_) => {
            let below = matches!(did, Some(Did::Cancelled(_)) | Some(Did::Relayed))
                && around.job.callee.nested.is_some();
            // A nested dialog ends with the one above it.
            let above = around.job.nested && !clean;
            asked || around.incident.is_some() || below || above
        }
        Told::NotSent => !clean,
        Told::InDoubt => {
            let stop = around.job.stop_max(&world.plan.jobs) + around.line.late * 2;
            !clean || asked && stop + AT_ONCE >= around.job.reap()
        }
        Told::Refused(RefusedBecause::NotExposed) => around.job.which == Which::Absent,
        Told::Refused(RefusedBecause::TooManyDialogs) => world.plan.dialogs_max < 1_024,
        Told::Refused(RefusedBecause::Draining) => around.incident.is_some() || around.job.nested,
        Told::Refused(_) => false,
        Told::Returned(_) | Told::Raised(_) | Told::Remote(_) => around.job.which != Which::Absent,
        Told::Odd(_) | Told::Own | Told::Left | Told::Crashed => true,
    };
    if !expected {
        wrong.push(format!(
            "innocence: told {told:?}, and nobody asked for it (link {:?}, asked {asked})",
            around.line
        ));
    }
    // Whoever wants the result of a handler that ends by itself gets it before it loses its patience.
    let (caller, callee) = (&around.job.caller, &around.job.callee);
    // Two that send and do not read wait for each other.
    let deadlock = caller.reads.is_some() && callee.reads.is_some();
    let through =
        !matches!(callee.end, End::Waits | End::Deaf) && callee.nested.is_none() && !deadlock;
    if clean
        && through
        && around.job.caller.leave == Leave::Join
        && around.job.which != Which::Quick
        && !around.job.nested
        && matches!(told, Told::Cancelled(_))
    {
        wrong.push(format!(
            "promptness: told {told:?}, and it would have ended by itself: it is stuck"
        ));
    }
    // An actor that shuts down takes nothing new.
    if let (Incident::Shutdown(_), Some(at), Some(ran)) =
        (world.plan.incident, around.incident, record.ran)
        && ran > at + AT_ONCE
        && !around.job.nested
    {
        wrong.push("accounting: it ran on an actor that was shutting down".to_owned());
    }
    // A cancel that came too late gives the value.
    let lost_race = did == Some(&Did::Returned) && !record.child_panicked;
    // A plain generator says the same in both cases.
    let tells = around.native || around.job.which != Which::Feed;
    if matches!(around.job.caller.leave, Leave::Cancel(_))
        && around.job.caller.form == Form::Guard
        && *told == Told::Cancelled(Cause::Requested)
        && lost_race
        && tells
        && clean
        && !around.job.nested
    {
        wrong.push(
            "agreement: the guard's cancel says that it was cancelled, and it returned".to_owned(),
        );
    }
    // A session that is lost says so.
    if matches!(told, Told::Cancelled(Cause::SessionLost)) && clean && !around.job.nested {
        wrong.push("innocence: the session of its caller was lost, says its caller".to_owned());
    }
}

/// A caller waits no longer than its bounds.
fn caller_promptness(
    around: &Around<'_>,
    record: &Record,
    told: &Told,
    at: Instant,
    wrong: &mut Vec<String>,
) {
    if *told == Told::Crashed {
        return;
    }
    let mut by = |bound: Option<Instant>, what: &str| {
        let bound = bound.map(|bound| bound.max(record.opened.unwrap_or(bound)));
        if bound.is_some_and(|bound| bound < at) {
            wrong.push(format!("promptness: told {told:?} too late after {what}"));
        }
    };
    let reap = around.job.reap() + AT_ONCE;
    by(record.asked.map(|asked| asked + reap), "it asked");
    by(
        around.seen().map(|seen| seen + BUSY_MAX),
        "the session was lost",
    );
}

/// What must hold at the end, when every session is over.
pub fn at_last(world: &World) {
    for number in 0..world.plan.jobs.len() {
        let around = Around::of(world, number);
        let record = world.record(number);
        let mut wrong = Vec::new();
        accounting(&around, &record, &mut wrong);
        patience(&around, &record, &mut wrong);
        callee_promptness(&around, world, &record, &mut wrong);
        count(world, &around, &record);
        drop(record);
        for wrong in wrong {
            world.wrong(format!("job {number}: {wrong}"));
        }
    }
}

/// A handler that listens is heard, and not dropped.
fn patience(around: &Around<'_>, record: &Record, wrong: &mut Vec<String>) {
    let job = &around.job;
    let listens = job.callee.end != End::Deaf
        && job.callee.nested.is_none()
        && !matches!(job.which, Which::Now | Which::Commit);
    if listens && record.did == Some(Did::Dropped) {
        wrong.push("patience: a handler that listens was dropped".to_owned());
    }
}

fn accounting(around: &Around<'_>, record: &Record, wrong: &mut Vec<String>) {
    if record.opened.is_some() != record.told.is_some() {
        wrong.push(format!(
            "accounting: opened at {:?}, told {:?}",
            record.opened, record.told
        ));
    }
    if record.alive != [0; 3] {
        wrong.push(format!(
            "accounting: left over at the end: {:?}",
            record.alive
        ));
    }
    if record.runs > 0 && record.opened.is_none() && !around.line.corrupt {
        wrong.push("accounting: ran, and nobody opened it".to_owned());
    }
    if around.line.corrupt {
        return;
    }
    for (stream, way) in record.streams.iter().zip(["up", "down"]) {
        if stream.disorder || stream.taken > stream.begun {
            wrong.push(format!("accounting: items {way} out of order: {stream:?}"));
        }
        if stream.ended && stream.taken < stream.sent {
            wrong.push(format!(
                "accounting: a gap {way} that nobody was told of: {stream:?}"
            ));
        }
    }
}

/// A callee is over soon after its caller asked, or its session was lost, and not only when its actor shuts down.
fn callee_promptness(around: &Around<'_>, world: &World, record: &Record, wrong: &mut Vec<String>) {
    let (Some(ran), Some(over)) = (record.ran, record.over) else {
        return;
    };
    let late = around.line.late;
    let stop = around.job.stop_max(&world.plan.jobs) + late + AT_ONCE;
    let mut by = |bound: Option<Instant>, what: &str| {
        if let Some(bound) = bound.map(|bound| bound.max(ran) + stop)
            && bound < over
        {
            wrong.push(format!(
                "promptness: the callee was over {:?} too late after {what}",
                over - bound
            ));
        }
    };
    by(around.seen(), "the session was lost");
    let left = matches!(
        record.told,
        Some((Told::Left | Told::InDoubt | Told::Own, _))
    );
    if left && around.line.lost.is_none() {
        by(record.asked, "its caller asked");
    }
    // Both ends know a deadline, so it needs no link.
    if around.native
        && !around.line.corrupt
        && let Some(opened) = record.opened
        && let Leave::Timeout(after) = around.job.caller.leave
    {
        by(Some(opened + after), "its deadline");
    }
}

fn tally(world: &World, told: &Told) {
    world.count(match told {
        Told::Returned(_) => Count::ToldReturned,
        Told::Raised(_) => Count::ToldRaised,
        Told::Remote(FailureCode::Panicked) => Count::ToldPanicked,
        Told::Remote(_) | Told::Odd(_) => Count::ToldFailed,
        Told::Cancelled(Cause::Requested) => Count::ToldRequested,
        Told::Cancelled(Cause::Deadline) => Count::ToldDeadline,
        Told::Cancelled(_) => Count::ToldOtherCause,
        Told::Refused(RefusedBecause::TooManyDialogs) => Count::ToldTooMany,
        Told::Refused(RefusedBecause::Draining) => Count::ToldDraining,
        Told::Refused(_) => Count::ToldRefused,
        Told::InDoubt => Count::ToldInDoubt,
        Told::NotSent => Count::ToldNotSent,
        Told::Own => Count::ToldOwn,
        Told::Left => Count::ToldLeft,
        Told::Crashed => Count::ToldCrashed,
    });
}

fn count(world: &World, around: &Around<'_>, record: &Record) {
    let count = |what| world.count(what);
    if record.opened.is_some() {
        count(Count::Dialogs);
        if around.job.nested {
            count(Count::Nested);
        }
    }
    if record.runs > 0 {
        count(Count::Ran);
    }
    if let Some(did) = &record.did {
        count(match did {
            Did::Returned => Count::DidReturn,
            Did::Raised => Count::DidRaise,
            Did::Panicked => Count::DidPanic,
            Did::Cancelled(_) => Count::DidCancelled,
            Did::Dropped => Count::DidDropped,
            Did::Failed | Did::Relayed | Did::Broken => Count::DidFail,
        });
    }
    match record.cause {
        Some(Cause::Requested) => count(Count::CauseRequested),
        Some(Cause::Deadline) => count(Count::CauseDeadline),
        Some(Cause::SessionLost) => count(Count::CauseLost),
        Some(Cause::Shutdown) => count(Count::CauseShutdown),
        None => {}
    }
    if matches!(record.told, Some((Told::InDoubt, _))) && around.is_clean() {
        count(Count::ToldLate);
    }
    let relays = around
        .job
        .callee
        .nested
        .is_some_and(|(_, passes_on)| passes_on);
    if relays && record.did == Some(Did::Relayed) {
        count(Count::ToldRelayed);
    }
    for stream in &record.streams {
        world.add(Count::Items, u64::from(stream.sent));
        world.add(Count::ItemsTaken, u64::from(stream.taken));
        if stream.ended && stream.taken > 0 {
            count(Count::LateItems);
        }
    }
}
