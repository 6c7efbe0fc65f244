//! The verdicts for stock Python peers against msgspec itself: values of each version are read by the types of the other.
//!
//! `conformance/msgspec/changes.verdicts` has what msgspec said to each part of each endpoint of each case, and its version.
//!
//! - `SCIPP_MSGSPEC_PYTHON=python3 cargo test -p scipp-tests --test breaking` asks the msgspec of that interpreter as well;
//! - with `SCIPP_BLESS=1`, what it says is written to the file.

use crate::{cases, compare, load};
use scipp_idl::Schema;
use scipp_idl::compat::{Change, Phase};
use scipp_idl::schema::ItemKind;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const VERDICTS: &str = "conformance/msgspec/changes.verdicts";

/// Cases whose two versions share no part that carries values.
const NOTHING_SHARED: [&str; 4] = [
    "constants",
    "endpoint_kind_changed",
    "endpoint_name_changed",
    "namespace_changed",
];

/// Where msgspec takes what we call breaking, and why it is called so.
const STRICTER: &[(&str, &str)] = &[
    (
        "absence_refused",
        "a value may be from before the field; our peers refuse it",
    ),
    (
        "array_order_changed",
        "one field is taken for another of the same type",
    ),
    ("default_removed", "a value may be from before the field"),
    (
        "enum_closed",
        "values that the old version keeps and does not name",
    ),
    (
        "enum_members_swapped",
        "the same value means another member",
    ),
    (
        "enum_opened",
        "values that the new version keeps and does not name",
    ),
    (
        "enum_representation_widened",
        "values that the new version keeps and does not name",
    ),
    (
        "ext_body_becomes_a_record",
        "msgspec leaves the bytes inside to its user",
    ),
    (
        "ext_body_changed",
        "msgspec leaves the bytes inside to its user",
    ),
    ("ext_code_changed", "msgspec leaves the code to its user"),
    (
        "ext_type_widened",
        "msgspec leaves the bytes inside to its user",
    ),
    ("field_key_changed_optional", "the value is lost"),
    ("options", "a handler runs twice; no values are refused"),
    ("raises_added", "an error without a type"),
    ("raises_removed", "an error without a type"),
    (
        "tag_key_changed",
        "msgspec takes a record alone without its tag; our peers refuse it",
    ),
    (
        "union_closed",
        "messages that the old version keeps and does not name",
    ),
    (
        "union_opened",
        "messages that the new version keeps and does not name",
    ),
    (
        "unique_added",
        "msgspec knows no `@unique`; our peers refuse repeats",
    ),
    (
        "unique_may_repeat",
        "msgspec knows no `@unique`; our peers refuse repeats",
    ),
    (
        "unique_removed",
        "msgspec knows no `@unique`; our peers refuse repeats",
    ),
];

#[test]
fn what_a_stock_peer_refuses_is_called_breaking() {
    let recorded = fs::read_to_string(VERDICTS).unwrap_or_default();
    let live = env::var_os("SCIPP_MSGSPEC_PYTHON").map(|python| {
        let pairs = cases().into_iter().map(|case| {
            let (old, new) = (load(&case, "old"), load(&case, "new"));
            serde_json::json!({ "case": name_of(&case), "old": old, "new": new }).to_string()
        });
        ask(&python.to_string_lossy(), "changes.py", pairs.collect())
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
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    let mut olds: BTreeMap<String, Schema> = BTreeMap::new();
    for case in cases() {
        changes.insert(name_of(&case), compare(&case));
        olds.insert(name_of(&case), load(&case, "old"));
    }
    let mut wrong = Vec::new();
    // By case and who: whether anything was refused or is another value, and whether we said so.
    let mut strict: BTreeMap<(&str, &str), (bool, bool)> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let words: Vec<&str> = line.split('\t').collect();
        let [case, part, direction, verdict] = words[..] else {
            panic!("{VERDICTS}: {line}");
        };
        *counts.entry(verdict).or_default() += 1;
        let Some(changes) = changes.get(case) else {
            panic!("{VERDICTS}: no case `{case}`; write it anew");
        };
        let way = Way::of(part, direction);
        if way.is_for_scipp_alone(&olds[case]) {
            continue;
        }
        let said = said(changes, &way);
        let right = match verdict {
            "arrives" => true,
            "differs" => said.breaks || said.caution,
            "refused" => said.breaks || said.is_new,
            _ => panic!("{line}"),
        };
        if !right {
            wrong.push(format!("{line}: we say {said:?}"));
        }
        let (came, expected) = strict.entry((case, way.who)).or_default();
        *came |= verdict != "arrives";
        *expected |= said.breaks;
    }
    println!("{counts:?}");
    let asked: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    let silent = |case: &str| !asked.contains(case) && !NOTHING_SHARED.contains(&case);
    for case in changes.keys().filter(|case| silent(case)) {
        wrong.push(format!(
            "{case}: msgspec was not asked; write {VERDICTS} anew"
        ));
    }
    for ((case, who), (came, expected)) in strict {
        let is_known = STRICTER.iter().any(|(known, _)| *known == case);
        if expected && !came && !is_known {
            wrong.push(format!(
                "{case}: msgspec takes all, we say that it breaks {who}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A part of an endpoint, or a type, and a direction in which values travel.
struct Way<'t> {
    /// Interface and endpoint; `None` for what no endpoint uses.
    endpoint: Option<(&'t str, Phase)>,
    forward: bool,
    who: &'static str,
}

impl<'t> Way<'t> {
    /// Whether no stock peer takes part: the old version says `@peers(scipp)`.
    fn is_for_scipp_alone(&self, old: &Schema) -> bool {
        let items = old.packages.values().flat_map(|package| &package.items);
        let mut interfaces = items.filter_map(|item| match &item.kind {
            ItemKind::Interface(it) => Some((&item.name, it)),
            _ => None,
        });
        self.endpoint.is_some_and(|(asked, _)| {
            interfaces.any(|(name, interface)| {
                interface
                    .endpoints
                    .iter()
                    .any(|it| it.options.peers_scipp_only && asked == format!("{name}.{}", it.name))
            })
        })
    }

    fn of(part: &'t str, direction: &str) -> Self {
        let forward = direction == "old-to-new";
        let endpoint = part
            .rsplit_once('.')
            .filter(|(front, _)| *front != "stored");
        let endpoint = endpoint.map(|(endpoint, phase)| {
            let word = phase.split(' ').next().unwrap_or_default();
            let phase = Phase::ALL.into_iter().find(|it| it.name() == word);
            (endpoint, phase.expect("a phase"))
        });
        let who = match endpoint {
            Some((_, phase)) if forward == phase.to_callee() => "old callers",
            Some(_) => "new callers",
            None if forward => "stored values",
            None => "old readers",
        };
        Self {
            endpoint,
            forward,
            who,
        }
    }
}

/// What the changes of a case say about one way of values.
#[derive(Debug, Default)]
struct Said {
    breaks: bool,
    /// What is new may be refused.
    is_new: bool,
    caution: bool,
}

fn said(changes: &[Change], way: &Way<'_>) -> Said {
    let mut said = Said::default();
    for change in changes {
        if let Some((endpoint, phase)) = way.endpoint {
            let is_used = change
                .uses
                .iter()
                .any(|it| it.phase == phase && it.endpoint.ends_with(&format!(".{endpoint}")));
            // What is not about values is about an endpoint or an interface.
            let item = change.item.split_once('.').map_or("", |(_, item)| item);
            let is_about = change.uses.is_empty() && endpoint.starts_with(item);
            if !is_used && !is_about {
                continue;
            }
            said.is_new |=
                !way.forward && phase.to_callee() && change.stock.new_callers_that_use_it;
        }
        said.caution |= change.caution;
        said.breaks |= match way.who {
            "old callers" => change.stock.old_callers,
            "new callers" => change.stock.new_callers,
            "stored values" => change.stock.stored,
            _ => change.stock.old_readers,
        };
    }
    said
}

fn name_of(case: &Path) -> String {
    case.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What a script of `conformance/msgspec` says to lines, with the msgspec of an interpreter.
pub fn ask(python: &str, script: &str, lines: Vec<String>) -> String {
    let script = Path::new("conformance/msgspec").join(script);
    let mut child = Command::new(python)
        .arg(&script)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("SCIPP_MSGSPEC_PYTHON={python}: {error}"));
    let mut input = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || {
        for line in lines {
            // The script has said why if it has ended.
            if writeln!(input, "{line}").is_err() {
                return;
            }
        }
    });
    let output = child.wait_with_output().expect("the script ends");
    writer.join().expect("the writer ends");
    let (script, status) = (script.display(), output.status);
    assert!(status.success(), "{script}: {status}");
    format!(
        "msgspec {}",
        String::from_utf8(output.stdout).expect("text")
    )
}
