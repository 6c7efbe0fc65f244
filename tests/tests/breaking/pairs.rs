//! The verdicts for stock Python peers over a large family: each of many types becomes each other one.
//!
//! `conformance/msgspec/pairs.scipp` has the types, `pairs.verdicts` what msgspec says to values of each read as each. What
//! msgspec refuses must be called breaking, in the direction in which it is refused; the reverse need not hold,
//! since one of the two peers is ours, and since not every value is tried.
//!
//! `SCIPP_MSGSPEC_PYTHON` and `SCIPP_BLESS=1` as in `stock`.

use crate::stock::ask;
use scipp_idl::compat;
use scipp_idl::{Input, Options, Schema, check};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::{env, fs, thread};

const DECLARATIONS: [&str; 2] = [
    include_str!("../../conformance/msgspec/stock.scipp"),
    include_str!("../../conformance/msgspec/pairs.scipp"),
];
const VERDICTS: &str = "conformance/msgspec/pairs.verdicts";

/// Fewer pairs would not be the family that this is meant to be.
const PAIRS_MIN: usize = 20_000;

#[test]
fn what_msgspec_refuses_of_any_pair_is_called_breaking() {
    let recorded = fs::read_to_string(VERDICTS).unwrap_or_default();
    let types = types();
    let all = schema(|at| &types[at]);
    let live = env::var_os("SCIPP_MSGSPEC_PYTHON").map(|python| {
        let model = serde_json::to_string(&all).expect("a model is JSON");
        ask(&python.to_string_lossy(), "pairs.py", vec![model])
    });
    if env::var_os("SCIPP_BLESS").is_some_and(|it| it == "1")
        && let Some(live) = &live
    {
        fs::write(VERDICTS, live).expect("the file of verdicts can be written");
    } else if let Some(live) = &live {
        assert!(
            *live == recorded,
            "msgspec says something else than {VERDICTS}"
        );
    }
    let text = live.unwrap_or(recorded);
    let letters: Vec<&[u8]> = text.lines().skip(1).map(str::as_bytes).collect();
    let square = letters.len() == types.len() && letters.iter().all(|it| it.len() == types.len());
    assert!(
        square,
        "{VERDICTS} has other types: run with SCIPP_MSGSPEC_PYTHON and SCIPP_BLESS=1"
    );
    assert!(types.len() * (types.len() - 1) / 2 >= PAIRS_MIN);

    let threads = thread::available_parallelism().map_or(1, |it| it.get());
    let mut wrong: Vec<String> = thread::scope(|scope| {
        let parts = (0..threads).map(|part| {
            let (types, all, letters) = (&types, &all, &letters);
            scope.spawn(move || {
                let own = (part..types.len()).step_by(threads);
                own.flat_map(|at| judge(types, all, letters, at))
                    .collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        parts
            .into_iter()
            .flat_map(|it| it.join().expect("no panic"))
            .collect()
    });
    let count = wrong.len();
    wrong.truncate(40);
    assert!(
        count == 0,
        "{count} of the pairs differ:\n{}",
        wrong.join("\n")
    );
}

/// What is wrong where the type at a place becomes each of those behind it.
fn judge(types: &[String], all: &Schema, letters: &[&[u8]], at: usize) -> Vec<String> {
    let old = schema(|_| &types[at]);
    let changes = compat::compare(&old, all).expect("small");
    // Values of the new version that old callers break on, and the reverse; and what is only a caution.
    let mut said: BTreeMap<usize, [bool; 3]> = BTreeMap::new();
    for change in &changes {
        assert_eq!(change.uses.len(), change.uses_total, "{}", change.item);
        for place in &change.uses {
            let (_, number) = place.endpoint.rsplit_once(".t").expect("an endpoint");
            let said = said.entry(number.parse().expect("a number")).or_default();
            let breaks = change.stock;
            for (said, is) in
                said.iter_mut()
                    .zip([breaks.old_callers, breaks.new_callers, change.caution])
            {
                *said |= is;
            }
        }
    }
    let mut wrong = Vec::new();
    for to in at + 1..types.len() {
        let [backward, forward, caution] = said.get(&to).copied().unwrap_or_default();
        let (one, other) = (&types[at], &types[to]);
        for (letter, breaks, way) in [
            (letters[at][to], forward, "values of the old version"),
            (letters[to][at], backward, "values of the new version"),
        ] {
            let right = match letter {
                b'a' => true,
                b'd' => breaks || caution,
                _ => breaks,
            };
            if !right {
                let letter = char::from(letter);
                wrong.push(format!(
                    "{at} `{one}` becomes {to} `{other}`: {way} are {letter}, we say compatible"
                ));
            }
        }
    }
    wrong
}

/// What the endpoints of the list return.
fn types() -> Vec<String> {
    let lines = DECLARATIONS[1].lines();
    let endpoints = lines.filter_map(|line| line.strip_prefix("    fn t")?.split_once(" -> "));
    endpoints
        .map(|(_, ty)| ty.trim_end_matches(';').to_owned())
        .collect()
}

/// The declarations that the types need, and endpoints that return these.
fn schema<'t>(ty: impl Fn(usize) -> &'t str) -> Schema {
    let mut text = format!("package stock;\n{}interface Types {{\n", *NEEDED);
    for at in 0..types().len() {
        text.push_str(&format!("    fn t{at}() -> {};\n", ty(at)));
    }
    text.push_str("}\n");
    let input = Input::Text {
        name: "pairs.scipp".into(),
        text,
    };
    let checked = check(&[input], &Options::default());
    let said = checked.diagnostics.render(&checked.sources, false);
    assert!(!checked.diagnostics.has_errors(), "{said}");
    checked.schema
}

/// The declarations that the types name, however deep inside. Each is a line; what a stock peer refuses is not among them.
static NEEDED: LazyLock<String> = LazyLock::new(|| {
    let declared: BTreeMap<&str, &str> = DECLARATIONS
        .iter()
        .flat_map(|it| it.lines())
        .filter(|line| line.ends_with([';', '}']) && !line.starts_with([' ', '}']))
        .filter_map(|line| {
            let mut words = words(line).into_iter();
            words.find(|word| KEYWORDS.contains(word))?;
            Some((words.next()?, line))
        })
        .collect();
    let types = types();
    let mut work: Vec<&str> = types.iter().flat_map(|ty| words(ty)).collect();
    let mut needed = BTreeSet::new();
    while let Some(word) = work.pop() {
        if let Some(line) = declared.get(word)
            && needed.insert(*line)
        {
            work.extend(words(line));
        }
    }
    needed.iter().map(|line| format!("{line}\n")).collect()
});

const KEYWORDS: [&str; 8] = [
    "struct", "message", "error", "enum", "union", "alias", "newtype", "ext",
];

fn words(text: &str) -> Vec<&str> {
    text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
        .filter(|it| !it.is_empty())
        .collect()
}
