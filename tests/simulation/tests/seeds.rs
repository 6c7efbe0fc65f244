//! Many seeds. `SCIPP_SEEDS=20000` runs so many, `SCIPP_SEED=7` replays one and shows what happened.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use scipp_simulation::{Census, Count, run, watch_panics};

/// Seeds of a run, unless `SCIPP_SEEDS` says otherwise: what a developer waits for.
const SEEDS: u64 = 2_000;

/// Failures that are shown before the rest is left out.
const SHOWN: usize = 10;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}: expected a number, came {text:?}")),
    )
}

#[test]
fn every_seed_keeps_every_promise() {
    watch_panics();
    if let Some(seed) = number("SCIPP_SEED") {
        return replay(seed);
    }
    let seeds = number("SCIPP_SEEDS").unwrap_or(SEEDS);
    let first = number("SCIPP_FIRST_SEED").unwrap_or(0);
    let start = Instant::now();
    let next = AtomicU64::new(first);
    let census = Mutex::new(Census::default());
    let failures = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = Census::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || failures.lock().unwrap().len() >= SHOWN {
                        break;
                    }
                    let report = run(seed, &mut own, false);
                    if !report.wrong.is_empty() {
                        failures.lock().unwrap().push((seed, report.wrong));
                    }
                }
                census.lock().unwrap().merge(&own);
            });
        }
    });
    let census = census.into_inner().unwrap();
    println!("{census}{:>10.1}  seconds", start.elapsed().as_secs_f64());
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    for (seed, wrong) in &failures {
        println!("SCIPP_SEED={seed} cargo test -p scipp-simulation -- --nocapture");
        for wrong in wrong.iter().take(SHOWN) {
            println!("    {wrong}");
        }
    }
    if let Some((seed, wrong)) = failures.first() {
        let wrong = wrong.first().map_or("", String::as_str);
        panic!("{} seeds failed, seed {seed} by {wrong}", failures.len());
    }
    // A few seeds cannot have everything.
    if census.of(Count::Seeds) >= SEEDS {
        let lacks = census.lacks();
        assert!(lacks.is_empty(), "not reached:\n{}", lacks.join("\n"));
    }
}

fn replay(seed: u64) {
    let mut census = Census::default();
    let report = run(seed, &mut census, true);
    println!("{}", report.log.join("\n"));
    assert!(
        report.wrong.is_empty(),
        "seed {seed}:\n{}",
        report.wrong.join("\n")
    );
}

#[test]
fn a_seed_is_the_same_each_time() {
    watch_panics();
    for seed in 0..40 {
        let [once, again] = [(); 2].map(|()| run(seed, &mut Census::default(), true).log);
        assert!(once == again, "seed {seed} differs");
    }
}
