//! Whether a stock Python peer can hold a dialog: the compiler says what msgspec says.
//!
//! A large family of interfaces is made from the kinds of types in `conformance/msgspec/stock.scipp`: all pairs of members in
//! changing phases, many of three and four, unions in all kinds of places, and each payload alone. `stock.verdicts`
//! beside it has what msgspec said to each, and its version. The cases are made anew by each run, and must be exactly
//! those of the file.
//!
//! - `SCIPP_MSGSPEC_PYTHON=python3 cargo test -p scipp-tests --test stock` asks the msgspec of that interpreter as well;
//! - with `SCIPP_BLESS=1`, what it says is written to the file.

mod cases;
mod live;

use cases::{cases, compile};
use live::ask;
use scipp_idl::{Checked, Severity, code};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;

const VERDICTS: &str = "conformance/msgspec/stock.verdicts";

/// Fewer would not be the family that this is meant to be.
const CASES_MIN: usize = 2_000;

#[test]
fn the_compiler_says_what_msgspec_says() {
    let recorded = fs::read_to_string(VERDICTS).unwrap_or_default();
    let cases = cases();
    assert!(cases.len() >= CASES_MIN, "{} cases", cases.len());
    let live = env::var_os("SCIPP_MSGSPEC_PYTHON").map(|python| {
        let python = python.to_string_lossy().into_owned();
        ask(&python, cases)
    });
    if env::var_os("SCIPP_BLESS").is_some_and(|it| it == "1")
        && let Some((version, verdicts)) = &live
    {
        let mut text = format!("msgspec {version}\n");
        for (case, verdict) in cases.iter().zip(verdicts) {
            let _ = writeln!(text, "{verdict}\t{case}");
        }
        fs::write(VERDICTS, text).expect("the file of verdicts can be written");
        return;
    }

    // What is recorded is what this test makes, case by case.
    let mut lines = recorded.lines();
    let version = lines.next().unwrap_or_default();
    assert!(version.starts_with("msgspec "), "{VERDICTS}: no version");
    let lines: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('\t')).collect();
    let same = lines
        .iter()
        .map(|(_, case)| *case)
        .eq(cases.iter().map(String::as_str));
    assert!(
        same,
        "{VERDICTS} has other cases: run with SCIPP_MSGSPEC_PYTHON and SCIPP_BLESS=1"
    );

    if let Some((came, verdicts)) = live {
        let differ: Vec<String> = lines
            .iter()
            .zip(&verdicts)
            .filter(|((recorded, _), came)| recorded != came)
            .map(|((recorded, case), came)| format!("{case}: recorded {recorded}, came {came}"))
            .collect();
        assert!(
            differ.is_empty(),
            "msgspec {came} differs from {version}:\n{}",
            differ.join("\n")
        );
        println!("asked msgspec {came}: {} cases", verdicts.len());
    }

    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (verdict, _) in &lines {
        *counts.entry(verdict).or_default() += 1;
    }
    let wrong: Vec<String> = in_parallel(&lines, |(verdict, case)| {
        let checked = compile(case, "");
        let ours = ours(&checked);
        let agree = match *verdict {
            "holds" => ours == "holds",
            "refused" | "mixed" => ours == "refused",
            "untyped" => ours == "untyped",
            _ => false,
        };
        let text = || checked.diagnostics.render(&checked.sources, false);
        (!agree).then(|| format!("{case}: msgspec says {verdict}, we say {ours}\n{}", text()))
    })
    .into_iter()
    .flatten()
    .collect();
    println!("{version}, {} cases: {counts:?}", lines.len());
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {} cases differ:\n{shown}",
        wrong.len(),
        lines.len()
    );
    for verdict in ["holds", "refused", "mixed", "untyped"] {
        assert!(
            counts.get(verdict).is_some_and(|count| *count >= 50),
            "few cases are {verdict}: {counts:?}"
        );
    }
}

/// The two members that a message names clash on their own as well.
#[test]
fn the_members_that_are_named_clash_alone() {
    let several: Vec<&String> = cases()
        .iter()
        .filter(|case| case.matches(';').count() >= 2)
        .collect();
    let named: usize = in_parallel(&several, |case| {
        let checked = compile(case, "");
        let clashes = checked
            .diagnostics
            .iter()
            .filter(|it| it.code == code::STOCK_UNION);
        let mut named = 0;
        for diagnostic in clashes {
            let spans = diagnostic
                .primary
                .iter()
                .chain(&diagnostic.secondary)
                .take(2);
            let texts: Vec<&str> = spans
                .map(|label| {
                    let (start, end) = (label.span.start as usize, label.span.end as usize);
                    let (_, source) = checked.sources.iter().next().expect("a source");
                    &source.text()[start..end]
                })
                .collect();
            let pair = compile(&format!("started {}; returns {}", texts[1], texts[0]), "");
            assert_eq!(ours(&pair), "refused", "{case}: {texts:?}");
            named += 1;
        }
        named
    })
    .into_iter()
    .sum();
    assert!(named > 200, "{named} messages");
}

/// What the compiler makes of a case.
fn ours(checked: &Checked) -> &'static str {
    let stock = [
        code::STOCK_UNION,
        code::STOCK_RECURSION,
        code::STOCK_KEY,
        code::STOCK_MEMBER,
        code::STOCK_PATTERNS,
    ];
    let errors: BTreeSet<_> = checked
        .diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .map(|it| it.code)
        .collect();
    if errors.is_empty() {
        let any = checked
            .diagnostics
            .iter()
            .any(|it| it.code == code::STOCK_ANY);
        return if any { "untyped" } else { "holds" };
    }
    if errors.iter().all(|code| stock.contains(code)) {
        "refused"
    } else {
        "other errors"
    }
}

/// The answers to all of a list, in its order.
pub fn in_parallel<T: Sync, A: Send>(list: &[T], ask: impl Fn(&T) -> A + Sync) -> Vec<A> {
    let threads = std::thread::available_parallelism().map_or(1, |it| it.get());
    let size = list.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts = list.chunks(size);
        let asked: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().map(&ask).collect::<Vec<A>>()))
            .collect();
        asked
            .into_iter()
            .flat_map(|it| it.join().expect("no panic"))
            .collect()
    })
}
