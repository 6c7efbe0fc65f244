//! Which alternatives of the grammar the schemas of this repository reach: all, or a test fails and names the others.
//!
//! pest does not say which way it took. So the grammar is read as data, every rule, branch of a choice, `?` and `*` gets a number,
//! and a small interpreter parses the same chunks by it and notes the numbers. That it agrees with the generated parser on
//! every chunk, and on how far it came, is checked beside.
//!
//! An alternative counts if it is part of what was parsed in the end, not if it was tried and given up. In `!(...)`, where
//! to fit is to fail, it counts when it fits. A `want_...` never fits; it counts when a chunk could not be parsed and it is
//! among what would have been right at the place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use super::{Grammar, Rule, rule_of};
use crate::diagnostic::Diagnostics;
use crate::scan::{self, ChunkState};
use crate::source::SourceId;
use pest::Parser as _;
use pest_meta::ast::{Expr, Rule as Definition, RuleType};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// Random schemas beside the files.
const SEEDS: u64 = 150;

/// The interpreter is recursive, and not optimised.
const STACK_BYTES: usize = 64 * 1024 * 1024;

#[test]
fn every_alternative_of_the_grammar_is_reached_by_a_schema() {
    let run = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(|| {
            let mut machine = Machine::new(include_str!("../grammar.pest"));
            let mut chunks = 0;
            for text in texts() {
                chunks += cover(&mut machine, &text);
            }
            assert!(chunks > 4_000, "{chunks}");
            machine.missing()
        });
    let missing = run.unwrap().join().unwrap();
    assert!(
        missing.is_empty(),
        "no schema in tests/ui, tests/fmt or schemas reaches:\n{}",
        missing.join("\n")
    );
}

/// What is not there is not found: the test above can fail.
#[test]
fn an_alternative_that_nothing_reaches_is_named() {
    let mut machine = Machine::new(
        "a = { \"x\" ~ (\"y\" | \"z\")? ~ b* }\nb = { \"b\" | !(\"p\" | \"q\") ~ \"c\" }",
    );
    assert_eq!(machine.run("a", "xyb"), Some(3));
    assert_eq!(machine.run("a", "x"), Some(1));
    assert_eq!(machine.run("a", "xq"), Some(1));
    let missing = ["a: \"z\"", "b: !(\"p\" | \"q\") ~ \"c\"", "b: \"p\""];
    assert_eq!(machine.missing(), missing);
    assert_eq!(machine.run("a", "xzc"), Some(3));
    assert_eq!(machine.missing(), ["b: \"p\""]);
}

/// Every schema whose chunks are parsed, good or bad.
pub(super) fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = ["schemas", "tests/ui", "tests/fmt"]
        .map(|it| root.join(it))
        .to_vec();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "scipp") {
                texts.extend(String::from_utf8(std::fs::read(&path).unwrap()));
            }
        }
    }
    assert!(texts.len() > 100, "{}", texts.len());
    for seed in 0..SEEDS {
        let made = scipp_smith::schema(
            &mut scipp_smith::Choices::seed(seed),
            &scipp_smith::Size::default(),
        );
        let files = made.untidy_files(&mut scipp_smith::Choices::seed(!seed));
        texts.extend(files.into_iter().map(|(_, text)| text));
    }
    texts
}

/// Parses a text as `parse.rs` does, chunk by chunk, and as a whole. Returns how many chunks there were.
fn cover(machine: &mut Machine, text: &str) -> usize {
    let scan = scan::scan(SourceId::default(), text, &mut Diagnostics::default());
    let whole = text.strip_prefix('\u{feff}').unwrap_or(text);
    if scan.chunks.iter().all(|it| it.state == ChunkState::Whole) {
        machine.run("file", whole);
    }
    let mut count = 0;
    for chunk in &scan.chunks {
        let slice = |start: u32, end: u32| text.get(start as usize..end as usize).unwrap();
        let keyword = chunk
            .keyword
            .and_then(|it| rule_of(slice(it.start, it.end)));
        let Some(rule) = keyword.filter(|_| chunk.state != ChunkState::TooDeep) else {
            continue;
        };
        let chunk = slice(chunk.span.start, chunk.span.end);
        both(machine, rule, chunk);
        count += 1;
        // What no rule could take is parsed again, to say what is wrong with it.
        for pair in Grammar::parse(rule, chunk).into_iter().flatten() {
            for part in pair.into_inner().flatten() {
                let rest = &chunk[part.as_span().start()..];
                match part.as_rule() {
                    Rule::bad_entry if rule == Rule::enum_item => both(machine, Rule::member, rest),
                    Rule::bad_entry => both(machine, Rule::field, rest),
                    Rule::bad_clause => {
                        both(machine, Rule::clause, rest);
                        both(machine, Rule::example, rest);
                    }
                    Rule::bad_endpoint => {
                        both(machine, Rule::function, rest);
                        both(machine, Rule::generator, rest);
                        both(machine, Rule::context, rest);
                        both(machine, Rule::want_endpoint_here, rest);
                    }
                    _ => {}
                }
            }
        }
    }
    count
}

/// Parses by the interpreter and by the generated parser, which must agree.
fn both(machine: &mut Machine, rule: Rule, text: &str) {
    let generated = Grammar::parse(rule, text).ok().map(|it| it.as_str().len());
    let interpreted = machine.run(&format!("{rule:?}"), text);
    assert_eq!(generated, interpreted, "{rule:?}: {text}");
}

/// What an expression of the grammar is, with the numbers of its alternatives.
enum Node {
    Text(String),
    Rule(usize),
    Any,
    Start,
    End,
    One(fn(&char) -> bool),
    Then(Vec<Node>),
    Choice(Vec<(usize, Node)>),
    Maybe(usize, Box<Node>),
    /// With the least count.
    Repeat(usize, Box<Node>, usize),
    Ahead(Box<Node>),
    Not(Box<Node>),
}

struct Machine {
    names: HashMap<String, usize>,
    rules: Vec<(RuleType, Node)>,
    /// Of each alternative; those of the rules come first.
    labels: Vec<String>,
    reached: BTreeSet<usize>,
    /// What is part of the parse so far.
    taken: Vec<usize>,
    /// The farthest place, and the `want_...` that were tried there.
    farthest: (usize, Vec<usize>),
    /// Inside of this many `!(...)`, and tokens without blanks.
    refusals: usize,
    atomic: bool,
    skipping: bool,
}

impl Machine {
    fn new(grammar: &str) -> Self {
        let pairs =
            pest_meta::parser::parse(pest_meta::parser::Rule::grammar_rules, grammar).unwrap();
        let definitions: Vec<Definition> = pest_meta::parser::consume_rules(pairs).unwrap();
        let names = definitions
            .iter()
            .enumerate()
            .map(|(at, it)| (it.name.clone(), at));
        let mut machine = Self {
            names: names.collect(),
            rules: Vec::new(),
            labels: definitions.iter().map(|it| it.name.clone()).collect(),
            reached: BTreeSet::new(),
            taken: Vec::new(),
            farthest: (0, Vec::new()),
            refusals: 0,
            atomic: false,
            skipping: false,
        };
        for definition in &definitions {
            let node = machine.node(&definition.name, &definition.expr);
            machine.rules.push((definition.ty, node));
        }
        machine
    }

    fn label(&mut self, rule: &str, text: String) -> usize {
        self.labels.push(format!("{rule}: {text}"));
        self.labels.len() - 1
    }

    fn node(&mut self, rule: &str, expr: &Expr) -> Node {
        match expr {
            Expr::Str(text) => Node::Text(text.clone()),
            Expr::Ident(name) => match (self.names.get(name), name.as_str()) {
                (Some(at), _) => Node::Rule(*at),
                (None, "ANY") => Node::Any,
                (None, "SOI") => Node::Start,
                (None, "EOI") => Node::End,
                (None, "ASCII_DIGIT") => Node::One(char::is_ascii_digit),
                (None, "ASCII_ALPHA") => Node::One(char::is_ascii_alphabetic),
                (None, "ASCII_ALPHANUMERIC") => Node::One(char::is_ascii_alphanumeric),
                (None, other) => panic!("teach this test the rule {other}"),
            },
            Expr::PosPred(inner) => Node::Ahead(Box::new(self.node(rule, inner))),
            Expr::NegPred(inner) => Node::Not(Box::new(self.node(rule, inner))),
            Expr::Seq(..) => {
                let mut parts = Vec::new();
                flatten(expr, false, &mut parts);
                Node::Then(parts.into_iter().map(|it| self.node(rule, it)).collect())
            }
            Expr::Choice(..) => {
                let mut branches = Vec::new();
                flatten(expr, true, &mut branches);
                let branches = branches.into_iter().map(|it| {
                    let label = self.label(rule, show(it));
                    (label, self.node(rule, it))
                });
                Node::Choice(branches.collect())
            }
            Expr::Opt(inner) => {
                let label = self.label(rule, show(expr));
                Node::Maybe(label, Box::new(self.node(rule, inner)))
            }
            Expr::Rep(inner) | Expr::RepOnce(inner) => {
                let label = self.label(rule, show(expr));
                let least = usize::from(matches!(expr, Expr::RepOnce(_)));
                Node::Repeat(label, Box::new(self.node(rule, inner)), least)
            }
            other => panic!("teach this test {other:?}"),
        }
    }

    fn missing(&self) -> Vec<String> {
        let all = self.labels.iter().enumerate();
        let missing = all.filter(|(at, _)| !self.reached.contains(at));
        missing.map(|(_, label)| label.clone()).collect()
    }

    /// How far a rule fits at the start of a text.
    fn run(&mut self, rule: &str, text: &str) -> Option<usize> {
        self.taken.clear();
        self.farthest = (0, Vec::new());
        self.atomic = false;
        let rules = std::mem::take(&mut self.rules);
        let end = self.rule(&rules, self.names[rule], text, 0);
        self.rules = rules;
        let taken = match end {
            Some(_) => std::mem::take(&mut self.taken),
            None => std::mem::take(&mut self.farthest.1),
        };
        self.reached.extend(taken);
        end
    }

    fn rule(
        &mut self,
        rules: &[(RuleType, Node)],
        at: usize,
        text: &str,
        from: usize,
    ) -> Option<usize> {
        let (kind, node) = &rules[at];
        let outer = self.atomic;
        self.atomic |= *kind == RuleType::Atomic;
        let mark = self.taken.len();
        self.taken.push(at);
        let end = self.fit(rules, node, text, from);
        self.atomic = outer;
        if end.is_none() {
            self.taken.truncate(mark);
            if self.is_wanted(at) {
                self.wanted(&[at, self.names["never"]], from);
            }
        } else if self.refusals > 0 {
            self.reached.insert(at);
        }
        end
    }

    /// Whether an alternative is one that never fits, or is in such a rule.
    fn is_wanted(&self, label: usize) -> bool {
        self.labels[label].starts_with("want_")
    }

    fn wanted(&mut self, what: &[usize], from: usize) {
        if from > self.farthest.0 {
            self.farthest = (from, Vec::new());
        }
        if from == self.farthest.0 {
            self.farthest.1.extend(what);
        }
    }

    fn fit(
        &mut self,
        rules: &[(RuleType, Node)],
        node: &Node,
        text: &str,
        from: usize,
    ) -> Option<usize> {
        let mark = self.taken.len();
        let end = self.try_fit(rules, node, text, from);
        if end.is_none() {
            self.taken.truncate(mark);
        }
        end
    }

    fn try_fit(
        &mut self,
        rules: &[(RuleType, Node)],
        node: &Node,
        text: &str,
        from: usize,
    ) -> Option<usize> {
        let rest = &text[from..];
        match node {
            Node::Text(wanted) => rest
                .starts_with(wanted.as_str())
                .then_some(from + wanted.len()),
            Node::Any => rest.chars().next().map(|c| from + c.len_utf8()),
            Node::One(is) => rest.chars().next().filter(is).map(|c| from + c.len_utf8()),
            Node::Start => (from == 0).then_some(from),
            Node::End => rest.is_empty().then_some(from),
            Node::Rule(at) => self.rule(rules, *at, text, from),
            Node::Then(parts) => {
                let mut at = from;
                for (count, part) in parts.iter().enumerate() {
                    if count > 0 {
                        at = self.skip(rules, text, at);
                    }
                    at = self.fit(rules, part, text, at)?;
                }
                Some(at)
            }
            Node::Choice(branches) => branches.iter().find_map(|(label, branch)| {
                let end = self.fit(rules, branch, text, from);
                if end.is_some() {
                    self.take(*label);
                } else if self.is_wanted(*label)
                    || matches!(branch, Node::Rule(at) if self.is_wanted(*at))
                {
                    self.wanted(&[*label], from);
                }
                end
            }),
            Node::Maybe(label, inner) => {
                let end = self.fit(rules, inner, text, from);
                if end.is_some() {
                    self.take(*label);
                }
                Some(end.unwrap_or(from))
            }
            Node::Repeat(label, inner, least) => {
                let mut at = from;
                let mut count = 0;
                loop {
                    let mark = self.taken.len();
                    let start = if count == 0 {
                        at
                    } else {
                        self.skip(rules, text, at)
                    };
                    let Some(end) = self.fit(rules, inner, text, start) else {
                        self.taken.truncate(mark);
                        break;
                    };
                    count += 1;
                    if end == at {
                        break;
                    }
                    at = end;
                }
                if count > 0 {
                    self.take(*label);
                }
                (count >= *least).then_some(at)
            }
            Node::Ahead(inner) => self.fit(rules, inner, text, from).map(|_| from),
            Node::Not(inner) => {
                let mark = self.taken.len();
                self.refusals += 1;
                let end = self.fit(rules, inner, text, from);
                self.refusals -= 1;
                self.taken.truncate(mark);
                end.is_none().then_some(from)
            }
        }
    }

    fn take(&mut self, label: usize) {
        self.taken.push(label);
        if self.refusals > 0 {
            self.reached.insert(label);
        }
    }

    /// Blanks and comments between two parts.
    fn skip(&mut self, rules: &[(RuleType, Node)], text: &str, from: usize) -> usize {
        let blank = self.names.get("WHITESPACE").copied();
        let comment = self.names.get("COMMENT").copied();
        if self.atomic || self.skipping {
            return from;
        }
        self.skipping = true;
        let mut at = from;
        while let Some(end) = [blank, comment]
            .into_iter()
            .flatten()
            .find_map(|it| self.rule(rules, it, text, at))
        {
            at = end;
        }
        self.skipping = false;
        at
    }
}

/// The parts of a sequence, or the branches of a choice.
fn flatten<'e>(expr: &'e Expr, choice: bool, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Seq(first, second) if !choice => {
            flatten(first, choice, parts);
            flatten(second, choice, parts);
        }
        Expr::Choice(first, second) if choice => {
            flatten(first, choice, parts);
            flatten(second, choice, parts);
        }
        other => parts.push(other),
    }
}

/// An expression as it stands in the grammar.
fn show(expr: &Expr) -> String {
    let grouped = |it: &Expr| match it {
        Expr::Seq(..) | Expr::Choice(..) => format!("({})", show(it)),
        _ => show(it),
    };
    match expr {
        Expr::Str(text) => format!("{text:?}"),
        Expr::Ident(name) => name.clone(),
        Expr::PosPred(inner) => format!("&{}", grouped(inner)),
        Expr::NegPred(inner) => format!("!{}", grouped(inner)),
        Expr::Seq(first, second) => format!("{} ~ {}", show(first), show(second)),
        Expr::Choice(first, second) => format!("{} | {}", show(first), show(second)),
        Expr::Opt(inner) => format!("{}?", grouped(inner)),
        Expr::Rep(inner) => format!("{}*", grouped(inner)),
        Expr::RepOnce(inner) => format!("{}+", grouped(inner)),
        other => format!("{other:?}"),
    }
}
