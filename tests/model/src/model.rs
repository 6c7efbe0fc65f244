//! Runs the worlds of a configuration under stateright.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use stateright::{Checker, CheckerBuilder, HasDiscoveries, Model, Path, Property};

use crate::claim::{Always, Fact, Facts, always};
use crate::plan::Plan;
use crate::world::{Action, World};

/// Worlds that are explored together.
#[derive(Debug)]
pub struct Worlds {
    name: &'static str,
    starts: Vec<World>,
    /// What must be seen, or the run means nothing.
    expected: &'static [Fact],
    facts: Facts,
}

/// What a run has shown.
#[derive(Debug)]
pub struct Report {
    /// Of the configuration.
    pub name: &'static str,
    /// States that differ.
    pub unique: usize,
    /// Transitions that led to them.
    pub transitions: usize,
    /// The longest way.
    pub depth: usize,
    /// How long it took.
    pub time: Duration,
    /// Facts that were seen, and how often.
    pub seen: Vec<(Fact, u64)>,
    /// What does not hold, and how it comes to that; or what should have happened and did not.
    pub failures: Vec<String>,
}

impl Worlds {
    /// The worlds of these plans.
    pub fn new(name: &'static str, plans: Vec<Plan>, expected: &'static [Fact]) -> Self {
        // One point in time: it is only counted from.
        let now = Instant::now();
        let starts = plans.into_iter().enumerate();
        let starts = starts.map(|(number, plan)| World::begin(number, &Arc::new(plan), now));
        Self {
            name,
            starts: starts.collect(),
            expected,
            facts: Facts::default(),
        }
    }

    /// What must be seen in them.
    pub fn expected(&self) -> &'static [Fact] {
        self.expected
    }

    /// Goes through all states.
    pub fn explore(self) -> Report {
        let (name, expected) = (self.name, self.expected);
        let again = Self {
            name,
            starts: self.starts.clone(),
            expected,
            facts: Facts::default(),
        };
        let begun = Instant::now();
        let checker = checker(self).spawn_dfs().join();
        let facts = &checker.model().facts;
        let mut report = Report {
            name,
            unique: checker.unique_state_count(),
            transitions: checker.state_count(),
            depth: checker.max_depth(),
            time: begun.elapsed(),
            seen: Vec::new(),
            failures: Vec::new(),
        };
        let broken = Always::ALL
            .iter()
            .any(|claim| checker.discovery(claim.text()).is_some());
        if broken {
            // The shortest way there tells most.
            let shortest = checker_of_failures(again).spawn_bfs().join();
            let found = Always::ALL.iter().filter_map(|claim| {
                let path = shortest.discovery(claim.text())?;
                Some((path.clone().into_actions().len(), told(*claim, &path)))
            });
            report.failures.extend(found.min().map(|(_, told)| told));
        } else {
            for fact in expected.iter().filter(|fact| facts.count(**fact) == 0) {
                report
                    .failures
                    .push(format!("never happened: {}", fact.text()));
            }
        }
        let seen = Fact::ALL.iter().map(|fact| (*fact, facts.count(*fact)));
        report.seen = seen.filter(|(_, count)| *count > 0).collect();
        report
    }
}

fn checker(worlds: Worlds) -> CheckerBuilder<Worlds> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    worlds
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
}

fn checker_of_failures(worlds: Worlds) -> CheckerBuilder<Worlds> {
    // One thread: states come in the order of their depth.
    checker(worlds).threads(1)
}

/// What is broken, and every step that led there.
fn told(claim: Always, path: &Path<World, Action>) -> String {
    let mut text = format!("does not hold: {}\n", claim.text());
    let steps: Vec<_> = path.clone().into_vec();
    for (world, action) in &steps {
        if let Some(action) = action {
            let _ = writeln!(text, "    {action:?}");
        } else {
            let _ = writeln!(text, "  {world:?}");
        }
    }
    if let Some((first, _)) = steps.first() {
        let Plan {
            features,
            limits: _,
            calls,
            may,
            opened: _,
            warm,
        } = first.plan.as_ref();
        let _ = writeln!(text, "  with {features:?} {may:?} warm {warm} {calls:?}");
    }
    text
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs_f64();
        writeln!(
            f,
            "{}: {} states, {} transitions, depth {}, {seconds:.1} s; {} claims held in each",
            self.name,
            self.unique,
            self.transitions,
            self.depth,
            Always::ALL.len()
        )?;
        for (fact, count) in &self.seen {
            writeln!(f, "  {count:>9} x {}", fact.text())?;
        }
        Ok(())
    }
}

impl Model for Worlds {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        self.starts.clone()
    }

    fn actions(&self, state: &World, actions: &mut Vec<Action>) {
        actions.extend(state.actions());
    }

    fn next_state(&self, state: &World, action: Action) -> Option<World> {
        Some(state.after(action, &self.facts))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}

/// A property of stateright for each claim. Facts are counted instead: they happen between states.
macro_rules! properties {
    ($(#[$doc:meta])* $name:ident: $($claim:ident = $text:literal,)*) => {
        fn properties() -> Vec<Property<Worlds>> {
            vec![$(Property::always($text, |_, world: &World| world.holds($name::$claim)),)*]
        }
    };
}

always!(properties);
