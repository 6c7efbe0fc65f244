//! Random schemas are changed at random, and the two versions talk: what `scipp_idl::compat` calls compatible on the wire must
//! arrive, and mean what it meant.
//!
//! `SCIPP_EVOLUTION_SEEDS=N` runs other numbers of schemas than the usual one, `SCIPP_EVOLUTION_FIRST=N` begins elsewhere.

mod dynamic;
mod edits;
mod meaning;
mod values;

use dynamic::{Codec, Dyn, written};
use edits::EDITS;
use meaning::same;
use scipp_idl::compat::{Phase, compare};
use scipp_idl::schema::{Endpoint, EndpointKind, ItemKind, Record, Scalar, Schema, Type};
use scipp_idl::{Input, Options, check};
use scipp_smith::{Choices, Size};
use std::collections::BTreeMap;

/// Schemas that each kind of edit has to find something to change in.
const EACH: usize = 5;

/// Schemas that are made and changed.
const SEEDS: u64 = 60;

/// Values of each version that travel through each part of each endpoint.
const VALUES: usize = 24;

/// The same where nothing has changed.
const VALUES_UNCHANGED: usize = 1;

/// One in so many endpoints that have not changed is looked at.
const SAMPLE: usize = 12;

/// How often an edit is tried that makes no valid schema.
const TRIES: usize = 5;

#[derive(Default, Debug)]
struct Counts {
    schemas: usize,
    invalid: usize,
    edits: BTreeMap<&'static str, usize>,
    /// Parts of endpoints, by verdict.
    unchanged: usize,
    compatible: usize,
    breaking: usize,
    breaking_without_a_value: BTreeMap<&'static str, usize>,
    values: usize,
}

#[test]
fn what_is_called_compatible_arrives() {
    let number = |name: &str, usual: u64| {
        std::env::var(name)
            .ok()
            .and_then(|it| it.parse().ok())
            .unwrap_or(usual)
    };
    let (first, seeds) = (
        number("SCIPP_EVOLUTION_FIRST", 0),
        number("SCIPP_EVOLUTION_SEEDS", SEEDS),
    );
    let mut counts = Counts::default();
    let size = Size {
        packages: 2,
        items: 9,
        fields: 4,
        endpoints: 3,
        depth: 2,
    };
    let mut wrong = Vec::new();
    for seed in first..first + seeds {
        let mut choices = Choices::seed(seed);
        let mut tree = scipp_smith::schema(&mut choices, &size);
        edits::use_all(&mut tree);
        let Some(old) = checked(&tree.files()) else {
            panic!("smith's schema {seed} is not valid");
        };
        counts.schemas += 1;
        for (name, edit) in EDITS {
            let mut tries = 0..TRIES;
            let found = tries.find_map(|_| {
                let mut changed = tree.clone();
                if !edit(&mut changed, &mut choices) || changed == tree {
                    return None;
                }
                let new = checked(&changed.files());
                counts.invalid += usize::from(new.is_none());
                new
            });
            let Some(new) = found else { continue };
            *counts.edits.entry(name).or_default() += 1;
            let mut pair = Pair {
                old: &old,
                new: &new,
                edit: name,
                counts: &mut counts,
            };
            for said in pair.talk(&mut choices) {
                wrong.push(format!("seed {seed}, {name}: {said}"));
            }
        }
    }
    eprintln!("{counts:#?}");
    assert!(
        wrong.is_empty(),
        "{} wrong verdicts:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(20)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    if seeds >= SEEDS {
        for (name, _) in EDITS {
            assert!(
                counts.edits.get(name).is_some_and(|count| *count >= EACH),
                "too few of `{name}`: {:?}",
                counts.edits.get(name)
            );
        }
        assert!(
            counts.compatible > 500 && counts.breaking > 500,
            "one verdict is too rare"
        );
        assert!(counts.values > 10_000, "too few values");
    }
}

fn checked(files: &[(String, String)]) -> Option<Schema> {
    let inputs: Vec<Input> = files
        .iter()
        .map(|(path, text)| Input::Text {
            name: path.clone(),
            text: text.clone(),
        })
        .collect();
    let checked = check(&inputs, &Options::default());
    (!checked.diagnostics.has_errors()).then_some(checked.schema)
}

struct Pair<'a> {
    old: &'a Schema,
    new: &'a Schema,
    edit: &'static str,
    counts: &'a mut Counts,
}

impl Pair<'_> {
    /// Sends values through each part of each endpoint that both versions have.
    fn talk(&mut self, choices: &mut Choices<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        for (at, (_, old)) in endpoints(self.old).into_iter().enumerate() {
            let Some((_, new)) = endpoints(self.new)
                .into_iter()
                .nth(at)
                .filter(|(_, new)| new.wire == old.wire)
            else {
                continue;
            };
            if old.kind != new.kind {
                continue;
            }
            // Most of a schema is as it was, which is looked at in samples. Fingerprints say nothing of constraints.
            let constraints = [
                "range",
                "length",
                "pattern",
                "unique",
                "constraints",
                "newtype",
            ];
            let sure = !constraints.iter().any(|word| self.edit.contains(word));
            if sure && old.fingerprint == new.fingerprint && !choices.one_in(SAMPLE) {
                continue;
            }
            for phase in Phase::ALL {
                if let Some(said) = self.phase(at, phase, &old, &new, choices) {
                    wrong.push(said);
                }
            }
        }
        wrong
    }

    fn phase(
        &mut self,
        at: usize,
        phase: Phase,
        old: &Endpoint,
        new: &Endpoint,
        choices: &mut Choices<'_>,
    ) -> Option<String> {
        // Only what this part says remains, so that the verdict is about it alone.
        let (old_schema, new_schema) = (alone(self.old, at, phase), alone(self.new, at, phase));
        let changes = compare(&old_schema, &new_schema).expect("small");
        let here: Vec<_> = changes
            .iter()
            .filter(|change| change.uses_total > 0 && change.touches_bytes)
            .collect();
        let old_callers = here.iter().any(|change| change.wire.old_callers);
        let new_callers = here.iter().any(|change| change.wire.new_callers);
        let uses_new = here
            .iter()
            .any(|change| change.wire.new_callers_that_use_it);
        let breaking = old_callers || new_callers;
        let (old_codec, new_codec) = (Codec::new(self.old), Codec::new(self.new));
        let (from, to) = (parts(old, phase), parts(new, phase));
        let mut failed = [None, None];
        let unchanged = here.is_empty() && old.fingerprint == new.fingerprint;
        *match (breaking, unchanged) {
            (true, _) => &mut self.counts.breaking,
            (false, true) => &mut self.counts.unchanged,
            (false, false) => &mut self.counts.compatible,
        } += 1;
        for round in 0..if unchanged { VALUES_UNCHANGED } else { VALUES } {
            let depth = 1 + round % 4;
            for (name, part) in &from {
                let Some(wrote) = part.value(&old_codec, choices, depth) else {
                    continue;
                };
                self.counts.values += 1;
                let read = to.iter().find(|(it, _)| it == name).map_or(
                    Err("not declared".to_owned()),
                    |(_, part)| {
                        let read = part.read(&new_codec, &written(&wrote))?;
                        same(&wrote, &read)?;
                        Ok(read)
                    },
                );
                // Old values to new readers; and, where new callers may not do what is new, back through the new version.
                match read {
                    Err(error) => {
                        failed[usize::from(!phase.to_callee())] =
                            Some(format!("{wrote:?}: {error}"))
                    }
                    // What the new version drops comes back as if it had been left out.
                    Ok(again) if phase.to_callee() => {
                        let was = from.iter().find(|(it, _)| it == name).map(|(_, part)| part);
                        if let Some(Err(error)) =
                            was.map(|part| part.read(&old_codec, &written(&again)))
                        {
                            failed[1] = Some(format!("{wrote:?} through the new version: {error}"));
                        }
                    }
                    Ok(_) => {}
                }
            }
            for (name, part) in &to {
                if phase.to_callee() && uses_new {
                    continue;
                }
                let Some(wrote) = part.value(&new_codec, choices, depth) else {
                    continue;
                };
                self.counts.values += 1;
                let read = from
                    .iter()
                    .find(|(it, _)| it == name)
                    .map_or(Err("not declared".to_owned()), |(_, part)| {
                        same(&wrote, &part.read(&old_codec, &written(&wrote))?)
                    });
                if let Err(error) = read {
                    failed[usize::from(phase.to_callee())] =
                        Some(format!("{wrote:?} of the new version: {error}"));
                }
            }
        }
        let rules: Vec<&str> = here.iter().map(|change| change.rule.id).collect();
        if breaking && failed == [None, None] {
            *self
                .counts
                .breaking_without_a_value
                .entry(self.edit)
                .or_default() += 1;
        }
        let [for_old_callers, for_new_callers] = failed;
        let missed = match (old_callers, for_old_callers, new_callers, for_new_callers) {
            (false, Some(error), ..) => format!("old callers break: {error}"),
            (.., false, Some(error)) => format!("new callers break: {error}"),
            _ => return None,
        };
        Some(format!(
            "{}.{}: {missed}; found: {rules:?}",
            old.name,
            phase.name()
        ))
    }
}

/// What travels in a part of an endpoint.
enum Part {
    Args(Record),
    Of(Type),
}

impl Part {
    fn value(&self, codec: &Codec<'_>, choices: &mut Choices<'_>, depth: usize) -> Option<Dyn> {
        match self {
            Part::Args(record) => codec.any_record(record, choices, depth),
            Part::Of(ty) => codec.any_value(ty, choices, depth),
        }
    }

    fn read(&self, codec: &Codec<'_>, bytes: &[u8]) -> Result<Dyn, String> {
        match self {
            Part::Args(record) => codec.read_record(record, bytes),
            Part::Of(ty) => codec.read(ty, bytes),
        }
    }
}

/// What can travel, by name where there are several.
fn parts(it: &Endpoint, phase: Phase) -> Vec<(String, Part)> {
    let one = |part: Part| vec![(String::new(), part)];
    match phase {
        Phase::Args => one(Part::Args(it.args.clone())),
        Phase::Started => one(Part::Of(it.started.clone())),
        Phase::Accepts => it.accepts.clone().map(Part::Of).map_or(Vec::new(), one),
        Phase::Yields => it.yields.clone().map(Part::Of).map_or(Vec::new(), one),
        Phase::Returns => one(Part::Of(it.returns.clone())),
        Phase::Raises => it
            .raises
            .iter()
            .map(|name| {
                (
                    name.name.clone(),
                    Part::Of(Type::Named {
                        name: name.clone(),
                        args: Vec::new(),
                    }),
                )
            })
            .collect(),
    }
}

/// All endpoints, with their interface.
fn endpoints(schema: &Schema) -> Vec<(String, Endpoint)> {
    let mut all = Vec::new();
    for package in schema.packages.values() {
        let mut items: Vec<_> = package.items.iter().collect();
        // The same order in both versions, whatever the order of the file.
        items.sort_by(|a, b| a.name.cmp(&b.name));
        for item in items {
            if let ItemKind::Interface(it) = &item.kind {
                all.extend(
                    it.endpoints
                        .iter()
                        .map(|endpoint| (item.name.clone(), endpoint.clone())),
                );
            }
        }
    }
    all
}

/// A schema in which one part of one endpoint says something, and all others nothing.
fn alone(schema: &Schema, wanted: usize, phase: Phase) -> Schema {
    let mut schema = schema.clone();
    let mut at = 0;
    for package in schema.packages.values_mut() {
        package.items.sort_by(|a, b| a.name.cmp(&b.name));
        for item in &mut package.items {
            let ItemKind::Interface(it) = &mut item.kind else {
                continue;
            };
            for endpoint in &mut it.endpoints {
                let keep = |other: Phase| at == wanted && phase == other;
                let nil = Type::Scalar(Scalar::Nil);
                if !keep(Phase::Args) {
                    endpoint.args = Record::default();
                }
                if !keep(Phase::Started) {
                    endpoint.started = nil.clone();
                }
                if !keep(Phase::Accepts) {
                    endpoint.accepts = None;
                }
                if !keep(Phase::Yields) && endpoint.kind != EndpointKind::Gen {
                    endpoint.yields = None;
                }
                if !keep(Phase::Yields) && endpoint.kind == EndpointKind::Gen {
                    endpoint.yields = Some(nil.clone());
                }
                if !keep(Phase::Returns) {
                    endpoint.returns = nil;
                }
                if !keep(Phase::Raises) {
                    endpoint.raises = Vec::new();
                }
                at += 1;
            }
        }
    }
    schema
}
