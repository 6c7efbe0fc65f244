//! What there is to ask.

use scipp_smith::Choices;

use crate::{compiler, dialogs, envelope, frame, mutate, session, spoil, typed, walk};

/// One thing that bytes are asked.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: of the folder in `corpus/`, and of the fuzzer's program.
    pub name: &'static str,
    /// Panics if something is wrong.
    pub ask: fn(&[u8]),
    /// Bytes that mean something to it.
    pub sample: fn(&mut Choices<'_>) -> Vec<u8>,
    /// Changes bytes at random, with pieces of others, to so many at most.
    pub change: fn(&[u8], &[u8], &mut Choices<'_>, usize) -> Vec<u8>,
    /// Of a million executions of all targets, how many are its own: the cheaper, the more.
    pub share: u64,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "source",
        ask: compiler::source,
        sample: compiler::sample,
        change: mutate,
        share: 200,
    },
    Target {
        name: "valid",
        ask: compiler::valid,
        sample: choices,
        change: spoil,
        share: 10,
    },
    Target {
        name: "walk",
        ask: walk::walk,
        sample: walk::sample,
        change: spoil,
        share: 535_000,
    },
    Target {
        name: "typed",
        ask: typed::typed,
        sample: typed::sample,
        change: spoil,
        share: 240_000,
    },
    Target {
        name: "envelope",
        ask: envelope::envelope,
        sample: envelope::sample,
        change: spoil,
        share: 120_000,
    },
    Target {
        name: "frame",
        ask: frame::frame,
        sample: frame::sample,
        change: spoil,
        share: 40_000,
    },
    Target {
        name: "session",
        ask: session::session,
        sample: choices,
        change: spoil,
        share: 40_000,
    },
    Target {
        name: "dialogs",
        ask: dialogs::dialogs,
        sample: choices,
        change: spoil,
        share: 24_790,
    },
];

/// Bytes that are choices: any are as good as any.
fn choices(choices: &mut Choices<'_>) -> Vec<u8> {
    let count = choices.between(0, CHOICES_MAX);
    (0..count).map(|_| choices.below(256) as u8).collect()
}

/// Most bytes of choices: a walk of three hundred steps takes as many.
const CHOICES_MAX: usize = 600;
