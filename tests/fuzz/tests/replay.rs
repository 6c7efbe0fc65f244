//! The fuzz targets without a fuzzer: the committed corpus, and random inputs.
//!
//! `SCIPP_FUZZ_RUNS=20000000 SCIPP_FUZZ_SEED=7 cargo test -p scipp-fuzz -- --nocapture` runs longer, and from another seed. What
//! fails is printed with its seed, and becomes a file of `corpus/`.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    reason = "that is how a test speaks"
)]

use scipp_fuzz::{TARGETS, Target, mutate};
use scipp_smith::Choices;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Executions of all targets together with a plain `cargo test`: a few seconds' worth.
const RUNS: u64 = 1_000_000;

/// Longest input, in bytes. Longer ones are slower and find no more.
const BYTES_MAX: usize = 8 * 1024;

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                random(target(stringify!($name)));
            }
        )*

        const ASKED: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! { source valid walk typed envelope frame session dialogs }

#[test]
fn every_target_is_asked_and_has_a_corpus() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, ASKED);
    let all: u64 = TARGETS.iter().map(|target| target.share).sum();
    assert_eq!(all, 1_000_000, "shares of a million");
    for target in TARGETS {
        let corpus = files(&Path::new("corpus").join(target.name));
        assert!(!corpus.is_empty(), "{}", target.name);
        for (path, bytes) in corpus {
            run(&path.display().to_string(), &bytes, target.ask);
        }
    }
}

#[test]
fn changed_schemas_of_the_repository_are_taken_as_they_should_be() {
    let corpus: Vec<Vec<u8>> = ["../ui", "../fmt", "../../schemas", "corpus/source"]
        .iter()
        .flat_map(|folder| files(Path::new(folder)))
        .map(|(_, bytes)| bytes)
        .filter(|bytes| bytes.len() <= BYTES_MAX)
        .collect();
    assert!(corpus.len() > 100, "{}", corpus.len());
    for seed in seeds(target("source").share * 10) {
        let mut choices = Choices::seed(seed);
        let pick = |choices: &mut Choices<'_>| choices.of(&corpus).cloned().unwrap_or_default();
        let (text, other) = (pick(&mut choices), pick(&mut choices));
        let changed = mutate(&text, &other, &mut choices, BYTES_MAX);
        run(&format!("seed {seed}"), &changed, target("source").ask);
    }
}

/// What it takes, mostly changed, from one seed after the other.
fn random(target: &Target) {
    let begun = Instant::now();
    let seeds = seeds(target.share);
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let mut choices = Choices::seed(seed);
        let mut bytes = (target.sample)(&mut choices);
        if !choices.one_in(4) {
            let other = (target.sample)(&mut choices);
            bytes = (target.change)(&bytes, &other, &mut choices, BYTES_MAX);
        }
        run(&format!("{}, seed {seed}", target.name), &bytes, target.ask);
    }
    println!(
        "{}: {count} executions in {:.1} s",
        target.name,
        begun.elapsed().as_secs_f64()
    );
}

fn target(name: &str) -> &'static Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target {name}"))
}

/// Shows what was asked if the answer is a panic.
fn run(name: &str, bytes: &[u8], target: fn(&[u8])) {
    let result = catch_unwind(AssertUnwindSafe(|| target(bytes)));
    assert!(
        result.is_ok(),
        "{name}: {}\n{}",
        str::from_utf8(bytes).unwrap_or_default(),
        bytes
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect::<String>()
    );
}

/// As many as this share of all runs has.
fn seeds(share: u64) -> std::ops::Range<u64> {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|it| it.parse::<u64>().ok())
    };
    let first = number("SCIPP_FUZZ_SEED").unwrap_or(0);
    let runs = number("SCIPP_FUZZ_RUNS").unwrap_or(RUNS);
    let count = (u128::from(runs) * u128::from(share)).div_ceil(1_000_000);
    first..first.saturating_add(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Every file in a folder and below, except what is expected of others.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path
                .extension()
                .is_some_and(|it| it == "stderr" || it == "formatted")
                && let Ok(bytes) = std::fs::read(&path)
            {
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    files
}
