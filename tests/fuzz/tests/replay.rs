//! The fuzz targets without a fuzzer: the committed corpus, and random changes to every schema of this repository.
//!
//! `SCIPP_FUZZ_RUNS=1000000 SCIPP_FUZZ_SEED=7 cargo test -p scipp-fuzz --release` runs longer, and from another seed. What fails
//! is printed with its seed, and becomes a file of `corpus/`.

use scipp_fuzz::{mutate, source, valid};
use scipp_smith::Choices;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Changed sources of one run, and schemas made of random bytes: a few seconds' worth.
const RUNS: u64 = 4_000;

/// Longest source that is changed and result of a change, in bytes. Longer ones are slower and find no more.
const BYTES_MAX: usize = 8 * 1024;

#[test]
fn the_corpus_is_taken_as_it_should_be() {
    let mut count = 0;
    for (path, bytes) in files(Path::new("corpus/source")) {
        run(&path.display().to_string(), &bytes, source);
        count += 1;
    }
    for (path, bytes) in files(Path::new("corpus/valid")) {
        run(&path.display().to_string(), &bytes, valid);
        count += 1;
    }
    assert!(count > 5, "{count}");
}

#[test]
fn changed_sources_are_taken_as_they_should_be() {
    let corpus: Vec<Vec<u8>> = ["../ui", "../fmt", "../../schemas", "corpus/source"]
        .iter()
        .flat_map(|folder| files(Path::new(folder)))
        .map(|(_, bytes)| bytes)
        .filter(|bytes| bytes.len() <= BYTES_MAX)
        .collect();
    assert!(corpus.len() > 100, "{}", corpus.len());
    for seed in seeds() {
        let mut choices = Choices::seed(seed);
        let pick = |choices: &mut Choices<'_>| choices.of(&corpus).cloned().unwrap_or_default();
        let (text, other) = (pick(&mut choices), pick(&mut choices));
        let changed = mutate(&text, &other, &mut choices, BYTES_MAX);
        run(&format!("seed {seed}"), &changed, source);
    }
}

#[test]
fn schemas_of_random_bytes_are_valid() {
    for seed in seeds().step_by(20) {
        let mut choices = Choices::seed(seed);
        let count = choices.between(0, 3_000);
        let bytes: Vec<u8> = (0..count).map(|_| choices.below(256) as u8).collect();
        run(&format!("seed {seed}"), &bytes, valid);
    }
}

/// Shows what was asked if the answer is a panic.
fn run(name: &str, bytes: &[u8], target: fn(&[u8])) {
    let result = catch_unwind(AssertUnwindSafe(|| target(bytes)));
    assert!(
        result.is_ok(),
        "{name}:\n{}",
        String::from_utf8_lossy(bytes)
    );
}

fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|it| it.parse::<u64>().ok())
    };
    let first = number("SCIPP_FUZZ_SEED").unwrap_or(0);
    first..first.saturating_add(number("SCIPP_FUZZ_RUNS").unwrap_or(RUNS))
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
