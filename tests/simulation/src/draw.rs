//! A plan is drawn: what is likely, and what is rare.

use std::time::Duration;

use crate::{
    dice::Dice,
    endpoints::Which,
    plan::{
        Callee, Caller, Child, End, Exit, Fault, Form, Incident, Job, LanePlan, Leave, Plan,
        SessionPlan,
    },
};

impl Plan {
    /// What this seed says.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let dice = &mut dice;
        let mut plan = Self {
            seed,
            server_plain: dice.percent(35),
            dialogs_max: if dice.percent(8) { 2 } else { 1_024 },
            sessions: Vec::new(),
            jobs: Vec::new(),
            incident: Incident::None,
        };
        let when = Duration::from_millis(dice.between(0, 60) * dice.between(0, 20));
        plan.incident = dice.weighted(&[
            (70, Incident::None),
            (10, Incident::Shutdown(when)),
            (10, Incident::CrashServer(when)),
            (10, Incident::CrashClient(when)),
        ]);
        let sessions: usize = dice.weighted(&[(50, 1), (40, 2), (10, 3)]);
        for session in 0..sessions {
            let lanes = lanes(dice);
            let client_plain = dice.percent(if plan.server_plain { 60 } else { 15 });
            let buffer = dice.weighted(&[(80, 64 * 1024), (15, 512), (5, 40)]);
            let count = dice.weighted(&[(25, 1), (25, 2), (25, 3), (20, 5), (5, 8)]);
            let jobs = (0..count).map(|_| plan.draw_job(dice, session)).collect();
            let comes_again = matches!(plan.incident, Incident::CrashServer(_))
                || matches!(plan.incident, Incident::CrashClient(_)) && session == 0;
            let again = (0..if comes_again { 2 } else { 0 })
                .map(|_| plan.draw_job(dice, sessions + session))
                .collect();
            plan.sessions.push(SessionPlan {
                client_plain,
                lanes,
                jobs,
                again,
                buffer,
            });
        }
        plan
    }

    /// Draws a job and those that it nests; returns its number.
    fn draw_job(&mut self, dice: &mut Dice, line: usize) -> usize {
        let nested = dice.percent(12).then(|| {
            let mut inner = job(dice, line);
            inner.nested = true;
            if inner.caller.form == Form::Scope {
                inner.caller.form = Form::Guard;
            }
            if matches!(inner.caller.leave, Leave::Fail(_)) {
                inner.caller.leave = Leave::Join;
            }
            // A nested dialog that nobody ends would keep the one above it from ending.
            if matches!(inner.callee.end, End::Waits | End::Deaf)
                && inner.caller.leave == Leave::Join
            {
                inner.callee.end = End::Return;
            }
            self.jobs.push(inner);
            (self.jobs.len() - 1, dice.percent(60))
        });
        let mut outer = job(dice, line);
        outer.callee.nested = nested;
        self.jobs.push(outer);
        self.jobs.len() - 1
    }
}

fn lanes(dice: &mut Dice) -> [LanePlan; 2] {
    let mut lanes = [(); 2].map(|()| {
        let piece_max = dice.weighted(&[(60, 1 << 20), (25, 300), (12, 30), (3, 1)]);
        let mut faults = Vec::new();
        for _ in 0..dice.weighted(&[(60, 0), (25, 1), (15, 3)]) {
            let late = Duration::from_millis(dice.between(1, 40));
            faults.push((offset(dice), Fault::Delay(late)));
        }
        if dice.percent(8) {
            let late = Duration::from_millis(dice.between(100, 2_000));
            faults.push((offset(dice), Fault::Stall(late)));
        }
        LanePlan { piece_max, faults }
    });
    if dice.percent(55) {
        let fault = match dice.between(0, 9) {
            0 | 1 => Fault::Cut,
            2 | 3 => Fault::Reset,
            4 | 5 => Fault::HalfClose,
            6 | 7 => Fault::Corrupt(1 << dice.between(0, 7)),
            _ => Fault::Silence,
        };
        let lane = usize::from(dice.percent(50));
        lanes[lane].faults.push((offset(dice), fault));
    }
    for lane in &mut lanes {
        lane.faults.sort_by_key(|(at, _)| *at);
    }
    lanes
}

/// A byte of a session: its beginning as often as its middle.
fn offset(dice: &mut Dice) -> u64 {
    let most = dice.weighted(&[(25, 250), (50, 1_500), (25, 8_000)]);
    dice.between(0, most)
}

fn job(dice: &mut Dice, line: usize) -> Job {
    let which = dice.weighted(&[
        (22, Which::Ask),
        (8, Which::Quick),
        (14, Which::Feed),
        (18, Which::Talk),
        (18, Which::Chat),
        (5, Which::Now),
        (6, Which::Patient),
        (6, Which::Commit),
        (3, Which::Absent),
    ]);
    let is_call = matches!(which, Which::Ask | Which::Quick | Which::Absent);
    let form = if is_call && dice.percent(80) {
        Form::Call
    } else {
        dice.weighted(&[(45, Form::Scope), (55, Form::Guard)])
    };
    let after = Duration::from_millis(dice.between(0, 40) * dice.between(0, 20));
    let leave = match form {
        _ if dice.percent(50) => Leave::Join,
        Form::Call => dice.weighted(&[(50, Leave::Timeout(after)), (50, Leave::Parent(after))]),
        Form::Scope => dice.weighted(&[
            (33, Leave::Timeout(after)),
            (33, Leave::Parent(after)),
            (34, Leave::Fail(after)),
        ]),
        Form::Guard => dice.weighted(&[
            (20, Leave::Timeout(after)),
            (20, Leave::Parent(after)),
            (30, Leave::Cancel(after)),
            (30, Leave::Drop(after)),
        ]),
    };
    let count = |dice: &mut Dice| match dice.between(0, 9) {
        0..=2 => 0,
        3..=7 => dice.between(1, 8) as u32,
        _ => dice.between(9, 150) as u32,
    };
    let short = |dice: &mut Dice| {
        let most = dice.weighted(&[(60, 0), (30, 5), (10, 30)]);
        Duration::from_millis(dice.between(0, most))
    };
    let fill = |dice: &mut Dice| dice.weighted(&[(80, 0), (17, 200), (3, 9_000)]);
    let some = |dice: &mut Dice| dice.percent(25).then(|| dice.between(0, 5) as u32);
    let caller = Caller {
        form,
        leave,
        before: if dice.percent(15) {
            Duration::from_millis(dice.between(0, 900))
        } else {
            short(dice)
        },
        sends: count(dice),
        pause: short(dice) / 10,
        fill: fill(dice),
        stops: dice.percent(80),
        reads: some(dice),
        thinks: short(dice) / 5,
    };
    let ends = leave != Leave::Join;
    let end = dice.weighted(&[
        (45, End::Return),
        (12, End::Raise),
        (8, End::Fail),
        (7, End::Panic),
        (if ends { 40 } else { 1 }, End::Waits),
        (if ends { 12 } else { 0 }, End::Deaf),
    ]);
    let exits = (0..dice.weighted(&[(50, 0), (28, 1), (15, 2), (7, 3)]))
        .map(|_| {
            let long = Duration::from_millis(dice.between(0, 300));
            dice.weighted(&[
                (76, Exit::Takes(long)),
                (14, Exit::Never),
                (10, Exit::Panics),
            ])
        })
        .collect();
    let children = (0..dice.weighted(&[(70, 0), (20, 1), (10, 3)]))
        .map(|_| {
            let long = Duration::from_millis(dice.between(0, 400));
            // A handler that ends well waits for its children: one that nobody ends needs somebody who asks.
            let asked = if ends { 20 } else { 0 };
            dice.weighted(&[
                (60, Child::Takes(long)),
                (asked, Child::Listens),
                (asked, Child::Deaf),
                (10, Child::Panics),
            ])
        })
        .collect();
    let callee = Callee {
        before: short(dice),
        deaf: dice.percent(10),
        sends: count(dice),
        pause: short(dice) / 10,
        fill: fill(dice),
        // One that reads on ends only when its caller has left the stream.
        reads: if caller.stops || ends {
            some(dice)
        } else {
            Some(0)
        },
        thinks: short(dice) / 5,
        exits,
        children,
        nested: None,
        end,
    };
    Job {
        line,
        which,
        nested: false,
        caller,
        callee,
    }
}
