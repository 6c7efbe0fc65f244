//! Two correct peers in any order of events: larger worlds than those that the model goes through whole.

use std::sync::LazyLock;
use std::time::Duration;

use scipp_model::claim::Facts;
use scipp_model::plan::{CallPlan, May, Plan};
use scipp_model::wander::wander;
use scipp_protocol::{Feature, Features, Kind, Limits};
use scipp_smith::Choices;

/// Most steps of one run: three dialogs with a dozen items each way are over by then.
const STEPS_MAX: usize = 300;

/// Bytes are choices: first of a plan, then of what happens. Every claim of the model holds.
///
/// # Panics
///
/// If the core has a bug.
pub fn dialogs(bytes: &[u8]) {
    static FACTS: LazyLock<Facts> = LazyLock::new(Facts::default);
    let choices = &mut Choices::bytes(bytes);
    let plan = plan(choices);
    let walk = wander(
        plan.clone(),
        |count| choices.below(count),
        STEPS_MAX,
        &FACTS,
    );
    assert!(
        walk.broken.is_empty(),
        "{:?}\nwith {plan:?}\nafter {:?}",
        walk.broken.iter().map(|it| it.text()).collect::<Vec<_>>(),
        walk.steps
    );
}

fn plan(choices: &mut Choices<'_>) -> Plan {
    let may = May {
        cancel: choices.one_in(2),
        leave: choices.one_in(3),
        refuse: choices.one_in(3),
        fail: choices.one_in(3),
        stubborn: choices.one_in(4),
        stop: choices.one_in(3),
        lose: choices.one_in(3),
        drain: [choices.one_in(4), choices.one_in(4)],
        ticks: if choices.one_in(3) {
            choices.below(4) as u8
        } else {
            0
        },
        eager: choices.one_in(2),
    };
    // Whoever ends only when asked to must be asked.
    let may = May {
        cancel: may.cancel || may.stubborn,
        ..may
    };
    let one = features(choices, may);
    let other = if choices.one_in(2) {
        features(choices, may)
    } else {
        one
    };
    let limits = limits(choices);
    let calls = choices.between(1, 3);
    Plan {
        features: [one, other],
        limits: [limits.clone(), limits],
        calls: (0..calls).map(|_| call(choices, may)).collect(),
        may,
        // Until then the handshake is what time runs out for.
        opened: may.ticks > 0 || choices.one_in(2),
        warm: 0,
    }
}

fn features(choices: &mut Choices<'_>, may: May) -> Features {
    let some = choices.below(4);
    let all = Feature::ALL.into_iter().filter(|_| match some {
        0 => true,
        1 => false,
        _ => choices.one_in(2),
    });
    // With it silence is an event too, which a walk with few steps of time does not answer.
    all.filter(|feature| may.ticks == 0 || *feature != Feature::Ping)
        .collect()
}

fn limits(choices: &mut Choices<'_>) -> Limits {
    let mut limits = Limits::default();
    if choices.one_in(2) {
        let window = choices.between(1, 6);
        limits.unread_items_max = window;
        limits.checkpoint_items = window.div_ceil(2);
        limits.inbox_items_max = window + choices.below(2);
        limits.dialogs_max = choices.between(1, 3);
    }
    limits.window_items_max = limits.inbox_items_max;
    limits
}

fn call(choices: &mut Choices<'_>, may: May) -> CallPlan {
    let kinds = [Kind::Asyncfunc, Kind::Asyncgen, Kind::Context];
    let kind = choices.of(&kinds).copied().unwrap_or(Kind::Context);
    let items = if choices.one_in(4) { 30 } else { 4 };
    let (up, down) = (choices.below(items) as u8, choices.below(items) as u8);
    let mut call = CallPlan::new(kind, up, down);
    if choices.one_in(8) {
        call.runs = choices.of(&kinds).copied().unwrap_or(kind);
    }
    if may.ticks > 0 && choices.one_in(2) {
        call.deadline = Some(Duration::from_secs(1));
    }
    if choices.one_in(3) { call.back() } else { call }
}
