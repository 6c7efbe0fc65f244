//! One way through a world, as somebody else chooses it: for fuzzers, and for worlds too large to go through whole.

use std::sync::Arc;
use std::time::Instant;

use crate::claim::{Always, Facts};
use crate::plan::Plan;
use crate::world::{Action, World};

/// What came of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Every step of it.
    pub steps: Vec<Action>,
    /// Claims that do not hold at its end.
    pub broken: Vec<Always>,
}

/// Goes at most `steps_max` steps. `choose` gets the number of things that may happen, and says which does: a number
/// below it. A walk ends early where nothing more can happen, or something does not hold.
///
/// # Panics
///
/// If the core does.
pub fn wander(
    plan: Plan,
    mut choose: impl FnMut(usize) -> usize,
    steps_max: usize,
    facts: &Facts,
) -> Walk {
    let mut world = World::begin(0, &Arc::new(plan), Instant::now());
    let mut steps = Vec::new();
    while steps.len() < steps_max && !world.is_broken() {
        let actions = world.actions();
        let Some(action) = actions.get(choose(actions.len())) else {
            break;
        };
        steps.push(*action);
        world.act(*action, facts);
    }
    let broken = Always::ALL.iter().filter(|claim| !world.holds(**claim));
    Walk {
        steps,
        broken: broken.copied().collect(),
    }
}
