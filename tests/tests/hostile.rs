//! The hostile list: `tests/hostile`, a file for each entry, says what a broken or hostile peer does and what must come of it.
//!
//! Each file is played against an actor that serves somebody else as well, in simulated time. Besides what it expects, always:
//! nothing panics that was not meant to, memory stays within a bound and is given back, the neighbour's calls are answered, and when
//! the peer has left, no task of it is there. An entry that is about programs rather than bytes names the test that plays it.

#![allow(unreachable_pub, reason = "a test is no library")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test speaks by failing"
)]

#[path = "dialogs/calculator.rs"]
#[allow(dead_code, reason = "the laboratory uses its error")]
mod calculator;
#[path = "dialogs/lab.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod lab;
#[path = "hostile/peer.rs"]
mod peer;
#[path = "hostile/play.rs"]
mod play;
#[path = "hostile/script.rs"]
mod script;

use std::{
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use script::Entry;

/// Entries of the list that are about peers; those about schemas are in `hostile_schemas.rs`.
const ENTRIES: usize = 63;

/// What an actor, its neighbour and the peer itself may take while an entry plays: what a session may hold back (8 MiB), and
/// what they are.
const MEMORY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Panics that no handler was told to make.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/hostile"))
}

fn entries() -> Vec<Entry> {
    let mut paths: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| Entry::parse(path, &fs::read_to_string(path).unwrap());
    paths.iter().map(read).collect()
}

#[test]
fn every_number_has_its_file() {
    let numbers: Vec<usize> = entries().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=ENTRIES).collect::<Vec<_>>());
}

#[test]
fn an_entry_about_programs_names_the_test_that_plays_it() {
    let root = folder().join("../..");
    for entry in entries() {
        assert!(
            !entry.proofs.is_empty() || !entry.steps.is_empty(),
            "{}: nothing is played",
            entry.name
        );
        for (file, test) in &entry.proofs {
            let source = fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(
                source.contains(&format!("fn {test}(")),
                "{}: {file} has no test {test}",
                entry.name
            );
        }
    }
}

#[test]
fn every_entry_comes_to_what_it_expects() {
    let shows = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or("a panic").to_owned();
        if text == "on purpose" {
            return;
        }
        let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
        panics.push(text);
        shows(panic);
    }));
    let wanted = std::env::var("SCIPP_HOSTILE").unwrap_or_default();
    let mut failures = Vec::new();
    let mut played = 0;
    // What a process keeps for ever it takes at the first time.
    let warm = Entry::parse(
        "00-warm.txt".as_ref(),
        "# It is there.\naid\nstart A work 0\nexpect open\n",
    );
    for entry in std::iter::once(warm).chain(entries()) {
        if entry.steps.is_empty() || !entry.name.contains(&wanted) && entry.number > 0 {
            continue;
        }
        let mut wrong = Vec::new();
        let memory = allocation_counter::measure(|| wrong = play::play(&entry));
        played += 1;
        wrong.append(&mut PANICS.lock().unwrap());
        if memory.bytes_max > MEMORY_BYTES_MAX {
            wrong.push(format!("{} bytes of memory at once", memory.bytes_max));
        }
        if wrong.is_empty() && memory.bytes_current != 0 && entry.number > 0 {
            wrong.push(format!(
                "{} bytes were not given back",
                memory.bytes_current
            ));
        }
        failures.extend(
            wrong
                .into_iter()
                .map(|wrong| format!("{}: {wrong}", entry.name)),
        );
    }
    println!("{played} entries played");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
