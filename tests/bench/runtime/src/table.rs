//! The tables.

use crate::job::{Job, Sample};
use crate::peer::Name;
use crate::run::{Place, Rounds};

/// Prints one job: what each peer did, and scipp's ratio to it. Above 1 scipp is the better one, whatever is measured.
pub(crate) fn print(job: Job, place: Place, rounds: &Rounds) {
    let place = match place {
        _ if job.is_memory() => "",
        Place::Split => ", two processors",
        Place::Same => ", one processor",
    };
    println!("\n### {}{place}\n", job.title());
    let scipp = rounds
        .iter()
        .find(|(name, _)| *name == Name::Scipp)
        .map(|(_, samples)| samples.as_slice());
    if job.is_memory() {
        println!(
            "| peer | caller, bytes | callee, bytes | scipp is better by |\n| --- | ---: | ---: | ---: |"
        );
    } else if job.is_latency() {
        println!(
            "| peer | p50, us | p99, us | scipp is better by, p50 | p99 | stream beside, 1/s |\n| --- | ---: | ---: | ---: | ---: | ---: |"
        );
    } else {
        println!(
            "| peer | 1/s | processors, ns each | scipp is better by | in processor time |\n| --- | ---: | ---: | ---: | ---: |"
        );
    }
    for (name, samples) in rounds {
        let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure).collect());
        // The other's figure over scipp's, round by round.
        let less = |figure: fn(&Sample) -> f64| {
            let ratios = scipp
                .unwrap_or_default()
                .iter()
                .zip(samples)
                .map(|(own, other)| figure(other) / figure(own));
            ratio(median(ratios.collect()))
        };
        let name = name.text();
        if job.is_memory() {
            let both = less(|sample| sample.caller_bytes + sample.callee_bytes);
            println!(
                "| {name} | {:.0} | {:.0} | {both} |",
                of(|s| s.caller_bytes),
                of(|s| s.callee_bytes)
            );
        } else if job.is_latency() {
            let beside = of(|s| s.beside);
            let beside = if beside > 0.0 {
                rate(beside)
            } else {
                String::new()
            };
            let (p50, p99) = (less(|s| s.p50), less(|s| s.p99));
            println!(
                "| {name} | {:.1} | {:.1} | {p50} | {p99} | {beside} |",
                of(|s| s.p50),
                of(|s| s.p99)
            );
        } else {
            let (more, cpu) = (less(|s| 1.0 / s.rate), less(|s| s.cpu));
            println!(
                "| {name} | {} | {:.0} | {more} | {cpu} |",
                rate(of(|s| s.rate)),
                of(|s| s.cpu)
            );
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn ratio(value: f64) -> String {
    match value {
        value if value.is_nan() => String::new(),
        value if value < 10.0 => format!("{value:.2}"),
        value => format!("{value:.0}"),
    }
}

fn rate(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.2} M", value / 1e6),
        value if value >= 1e3 => format!("{:.1} k", value / 1e3),
        value => format!("{value:.0}"),
    }
}
