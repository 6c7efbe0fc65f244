//! The worlds that are explored, by size.

use std::time::Duration;

use scipp_protocol::{Feature, Features, Kind, Limits};

use crate::claim::Fact;
use crate::model::Worlds;
use crate::plan::{CallPlan, May, Plan};

/// How much is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// With every `cargo test`: seconds.
    Small,
    /// In CI: minutes.
    Full,
    /// By hand: hours.
    Long,
}

const KINDS: [Kind; 3] = [Kind::Asyncfunc, Kind::Asyncgen, Kind::Context];

/// One dialog of each kind, ended in every way, with messages waiting in the session and on the connection.
pub fn one_dialog(size: Size) -> Worlds {
    let mut plans = Vec::new();
    for features in [Features::NONE, Features::all()] {
        for kind in KINDS {
            let call = CallPlan::new(kind, 1, 1);
            let plan = Plan::new([features; 2], vec![call]);
            let cancels = May {
                cancel: true,
                refuse: true,
                fail: true,
                ..May::default()
            };
            plans.push(plan.clone().may(cancels));
            let leaves = May {
                leave: true,
                stop: true,
                ..May::default()
            };
            // Nobody ends but who is asked to: whoever asks must be heard.
            plans.push(plan.clone().may(May {
                cancel: true,
                leave: true,
                stubborn: true,
                eager: true,
                ..May::default()
            }));
            plans.push(plan.clone().may(leaves));
            if size >= Size::Full {
                let eager = true;
                plans.push(plan.may(May {
                    cancel: true,
                    refuse: true,
                    fail: true,
                    eager,
                    ..leaves
                }));
            }
        }
    }
    Worlds::new(
        "one dialog",
        plans,
        &[
            Fact::Returned,
            Fact::Failed,
            Fact::Cancelled,
            Fact::CancelLost,
            Fact::CancelLate,
            Fact::CancelOvertook,
            Fact::Withdrawn,
            Fact::Refused,
            Fact::LeftEarly,
            Fact::CallerStopped,
            Fact::CalleeStopped,
            Fact::ItemsBothWays,
            Fact::ItemAfterEnd,
            Fact::LateItem,
            Fact::EarlyItem,
            Fact::FailedStreaming,
        ],
    )
}

/// One dialog, and a connection that is lost at every point, for either end first.
pub fn losses(_: Size) -> Worlds {
    let mut plans = Vec::new();
    let may = May {
        cancel: true,
        lose: true,
        ..May::default()
    };
    for features in [Features::NONE, Features::all()] {
        for kind in KINDS {
            let plan = Plan::new([features; 2], vec![CallPlan::new(kind, 1, 1)]);
            plans.push(plan.may(may));
        }
    }
    Worlds::new(
        "losses",
        plans,
        &[
            Fact::NotSentByLoss,
            Fact::InDoubtByLoss,
            Fact::AskedByLoss,
            Fact::HalfAStream,
            Fact::Withdrawn,
            Fact::Returned,
            Fact::Cancelled,
        ],
    )
}

/// Streams both ways through windows of one to three items, paced by credit and by questions.
pub fn windows(size: Size) -> Worlds {
    let mut plans = Vec::new();
    let may = May {
        cancel: true,
        fail: true,
        stop: true,
        eager: true,
        ..May::default()
    };
    let widest = if size >= Size::Full { 3 } else { 1 };
    for window in 1..=widest {
        // The widest with fewer ends, except by hand.
        let all = size != Size::Full || window == 1;
        let may = May {
            fail: all,
            stop: all,
            ..may
        };
        // Credit: the sixteen items that nobody grants are over.
        let items = window as u8 + 1;
        let mut call = CallPlan::new(Kind::Context, 0, WARM + items);
        call.up = WARM;
        call.streams.sends = true;
        let mut plan = Plan::new([Features::all(); 2], vec![call]);
        plan.warm = WARM;
        plans.push(plan.limits(window, window).may(may));
        // Questions: all that was asked about is taken, or all but one.
        for inbox in [window, window + 1] {
            let up = u8::from(size >= Size::Full && all);
            let call = CallPlan::new(Kind::Context, up, items);
            let plan = Plan::new([Features::NONE; 2], vec![call]);
            plans.push(plan.limits(window, inbox).may(may));
        }
        // A generator has one direction, and no first value.
        let call = CallPlan::new(Kind::Asyncgen, 0, items + 1);
        let plan = Plan::new([Features::NONE; 2], vec![call]);
        plans.push(plan.limits(window, window).may(may));
    }
    Worlds::new(
        "windows",
        plans,
        &[
            Fact::Full,
            Fact::RoomAgain,
            Fact::Granted,
            Fact::Asked,
            Fact::CancelLost,
            Fact::Cancelled,
        ],
    )
}

/// Two dialogs on a session: from one end, from both, and more than may run.
pub fn two_dialogs(size: Size) -> Worlds {
    let mut plans = Vec::new();
    let may = May {
        cancel: true,
        eager: true,
        ..May::default()
    };
    for features in [Features::NONE, Features::all()] {
        let function = CallPlan::new(Kind::Asyncfunc, 0, 0);
        // Questions and answers make many more states than credit.
        let items = u8::from(!features.is_empty() || size >= Size::Long);
        let context = CallPlan::new(Kind::Context, 0, items);
        let generator = CallPlan::new(Kind::Asyncgen, 0, 1);
        let mut pairs = vec![
            vec![function.clone(), function.clone()],
            vec![function.clone(), function.back()],
        ];
        if size >= Size::Full {
            pairs.push(vec![context.clone(), generator.clone().back()]);
            pairs.push(vec![context.clone(), generator]);
        }
        for calls in pairs {
            let plan = Plan::new([features; 2], calls);
            plans.push(plan.clone().may(may));
            let waits = May {
                eager: false,
                ..may
            };
            if size < Size::Long && plan.calls.iter().any(|call| call.kind == Kind::Asyncgen) {
                continue;
            }
            // The caller knows that there is no place, or finds out.
            plans.push(plan.clone().places(1, 1).may(waits));
            let leaves = May {
                leave: true,
                cancel: size >= Size::Long,
                ..waits
            };
            if plan.calls.iter().all(|call| call.by == 0) {
                plans.push(plan.places(2, 1).may(leaves));
            }
        }
    }
    Worlds::new(
        "two dialogs",
        plans,
        &[
            Fact::OpenTooMany,
            Fact::RefusedPlaces,
            Fact::Returned,
            Fact::Cancelled,
        ],
    )
}

/// From the first message on: dialogs that are opened, used and left before the peer has said who it is.
pub fn beginnings(size: Size) -> Worlds {
    let mut plans = Vec::new();
    let credit = Features::from_iter([Feature::Credit]);
    let compact = Features::from_iter([Feature::Compact]);
    let may = May {
        cancel: true,
        lose: true,
        ..May::default()
    };
    for features in [
        [Features::NONE, Features::NONE],
        [Features::all(), Features::all()],
        [Features::all(), Features::NONE],
        [Features::NONE, Features::all()],
        [credit, Features::all()],
        [compact, Features::all()],
    ] {
        let call = CallPlan::new(Kind::Context, 1, u8::from(size >= Size::Full));
        let mut plan = Plan::new(features, vec![call]).may(may);
        plan.opened = false;
        plans.push(plan);
    }
    Worlds::new(
        "beginnings",
        plans,
        &[
            Fact::NotSentByLoss,
            Fact::Withdrawn,
            Fact::Returned,
            Fact::EarlyItem,
            Fact::Unnumbered,
        ],
    )
}

/// Ends that take no more dialogs, and close when the last is over.
pub fn endings(size: Size) -> Worlds {
    let mut plans = Vec::new();
    let goodbye = Features::from_iter([Feature::Goodbye]);
    for features in [Features::NONE, goodbye, Features::all()] {
        for drain in [[true, false], [false, true], [true, true]] {
            for opened in [true, false] {
                let function = CallPlan::new(Kind::Asyncfunc, 0, 0);
                let may = May {
                    cancel: opened,
                    drain,
                    ..May::default()
                };
                let mut plan = Plan::new([features; 2], vec![function.clone()]).may(may);
                plan.opened = opened;
                plans.push(plan.clone());
                if size >= Size::Full {
                    // One from either end; whatever is queued goes at once, or else at any time.
                    plan.calls.push(function.back());
                    plan.may.eager = size < Size::Long;
                    plan.may.cancel &= size >= Size::Long;
                    plans.push(plan);
                }
            }
        }
    }
    Worlds::new(
        "endings",
        plans,
        &[
            Fact::Drained,
            Fact::DrainedThenClosed,
            Fact::PeerLeaves,
            Fact::OpenDraining,
            Fact::OpenPeerLeaves,
            Fact::RefusedLeaving,
            Fact::Crossed,
            Fact::Returned,
        ],
    )
}

/// Deadlines, and waits that have an end, with time that passes at any point.
pub fn time(_: Size) -> Worlds {
    let mut plans = Vec::new();
    let may = May {
        cancel: true,
        leave: true,
        ticks: 2,
        ..May::default()
    };
    for features in [Features::NONE, unpinged()] {
        for kind in KINDS {
            let mut call = CallPlan::new(kind, 0, u8::from(kind == Kind::Asyncgen));
            call.deadline = Some(Duration::from_secs(1));
            let plan = Plan::new([features; 2], vec![call]);
            plans.push(plan.clone().may(may));
            plans.push(plan.may(May {
                ticks: 1,
                stubborn: true,
                ..May::default()
            }));
        }
    }
    Worlds::new(
        "time",
        plans,
        &[
            Fact::CancelledByDeadline,
            Fact::DeadlineTold,
            Fact::Unreaped,
            Fact::Withdrawn,
            Fact::Returned,
        ],
    )
}

/// A dialog with every set of features (small: none, one, all but one, all), and between a plain peer and one that offers everything.
pub fn features(size: Size) -> Worlds {
    let mut plans = Vec::new();
    let may = May {
        cancel: true,
        fail: true,
        eager: true,
        ..May::default()
    };
    let all = Feature::ALL.into_iter().enumerate();
    for bits in 0_u32..1 << Feature::ALL.len() {
        let on = bits.count_ones() as usize;
        if size < Size::Full && on > 1 && on + 1 < Feature::ALL.len() {
            continue;
        }
        let set = all.clone().filter(|(at, _)| bits & 1 << at != 0);
        let set: Features = set.map(|(_, feature)| feature).collect();
        let call = CallPlan::new(Kind::Context, u8::from(size >= Size::Full), 1);
        plans.push(Plan::new([set; 2], vec![call]).may(may));
    }
    for features in [
        [Features::NONE, Features::all()],
        [Features::all(), Features::NONE],
    ] {
        for kind in KINDS {
            plans.push(Plan::new(features, vec![CallPlan::new(kind, 1, 1)]).may(may));
        }
    }
    Worlds::new(
        "features",
        plans,
        &[
            Fact::Returned,
            Fact::Cancelled,
            Fact::Failed,
            Fact::Numbered,
        ],
    )
}

/// A callee that runs another kind than was opened.
pub fn other_kinds(_: Size) -> Worlds {
    let mut plans = Vec::new();
    let may = May {
        cancel: true,
        leave: true,
        fail: true,
        eager: true,
        ..May::default()
    };
    for features in [Features::NONE, Features::all()] {
        for kind in KINDS {
            for runs in KINDS.into_iter().filter(|runs| *runs != kind) {
                let mut call = CallPlan::new(kind, 1, 1);
                call.runs = runs;
                plans.push(Plan::new([features; 2], vec![call]).may(may));
            }
        }
    }
    Worlds::new("other kinds", plans, &[Fact::OtherKind])
}

/// All features but the one by which silence is an event too.
fn unpinged() -> Features {
    Features::all().without(Feature::Ping)
}

/// Items that go each way before any are granted.
const WARM: u8 = 16;

impl Plan {
    fn new(features: [Features; 2], calls: Vec<CallPlan>) -> Self {
        let limits = Limits::default();
        Self {
            features,
            limits: [limits.clone(), limits],
            calls,
            may: May::default(),
            opened: true,
            warm: 0,
        }
    }

    fn may(self, may: May) -> Self {
        Self { may, ..self }
    }

    /// So many items under way to a plain peer, and so many in an inbox.
    fn limits(mut self, window: usize, inbox: usize) -> Self {
        for limits in &mut self.limits {
            limits.unread_items_max = window;
            limits.checkpoint_items = window.div_ceil(2);
            limits.inbox_items_max = inbox;
            limits.window_items_max = inbox;
        }
        self
    }

    /// So many dialogs may run from the first end, and at the second.
    fn places(mut self, here: usize, there: usize) -> Self {
        let [one, other] = &mut self.limits;
        (one.dialogs_max, other.dialogs_max) = (here, there);
        self
    }
}
