//! `scipp explain`

use crate::report::{self, Format};
use crate::status::Status;
use clap::Args;
use scipp_codegen::problem;
use scipp_idl::compat::rule;
use scipp_idl::{code, suggest};
use serde_json::{Value, json};

/// Explains a code of a diagnostic, with a wrong and a right example, or a rule of `scipp breaking`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The code, such as `E0401`, or the rule, such as `field-removed`; without one, all are listed
    code: Option<String>,

    /// How to print: JSON has `id`, `title` and `page`, in Markdown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  scipp explain E0401    what it means and what to do
  scipp explain field-removed
  scipp explain          every code and rule with its title

Exit status: 0 all is well, 2 there is no such code or rule.";

/// How many codes and rules are proposed for one that is none: 5. More would not be read.
const NEAR_MAX: usize = 5;

/// The fewest letters of a word that is looked for in titles: 3.
const WORD_LETTERS_MIN: usize = 3;

/// A code or a rule.
struct Entry {
    id: &'static str,
    title: &'static str,
}

impl Explain {
    pub(crate) fn run(self) -> Status {
        let Some(asked) = &self.code else {
            return self.list(&all());
        };
        let asked = asked.trim();
        let found = all()
            .into_iter()
            .find(|entry| entry.id.eq_ignore_ascii_case(asked));
        match found {
            Some(entry) => match self.format {
                Format::Text => report::print(&entry.page()),
                Format::Json => report::print(&format!("{:#}\n", entry.json())),
            },
            None => {
                unknown(asked);
                Status::Undone
            }
        }
    }

    fn list(&self, entries: &[Entry]) -> Status {
        match self.format {
            Format::Text => report::print(&lines(entries)),
            Format::Json => {
                let list: Vec<Value> = entries.iter().map(Entry::json).collect();
                report::print(&format!("{:#}\n", Value::from(list)))
            }
        }
    }
}

impl Entry {
    fn page(&self) -> String {
        let page = code::page(self.id).or_else(|| problem::page(self.id));
        match (page, rule::Rule::find(self.id)) {
            (Some(page), _) => page.to_owned(),
            (None, Some(rule)) => rule.page(),
            (None, None) => String::new(),
        }
    }

    fn json(&self) -> Value {
        json!({ "id": self.id, "title": self.title, "page": self.page() })
    }
}

fn all() -> Vec<Entry> {
    let codes = code::ALL.iter().chain(problem::ALL);
    let codes = codes.map(|it| Entry {
        id: it.id,
        title: it.title,
    });
    let rules = rule::ALL.iter().map(|it| Entry {
        id: it.id,
        title: it.title,
    });
    codes.chain(rules).collect()
}

fn lines(entries: &[Entry]) -> String {
    let line = |it: &Entry| format!("{}  {}\n", it.id, it.title);
    entries.iter().map(line).collect()
}

/// Says that there is no such code or rule, and which were perhaps meant.
fn unknown(asked: &str) {
    report::line(&format!("error: no code or rule `{asked}`"));
    let near = near(asked);
    if near.is_empty() {
        report::line("help: `scipp explain` lists all of them");
        return;
    }
    let mut text = format!("help: did you mean {}\n", one_of(near.len()));
    for line in lines(&near).lines() {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str("help: `scipp explain` lists all of them");
    report::line(&text);
}

fn one_of(count: usize) -> &'static str {
    if count == 1 {
        "this one?"
    } else {
        "one of these?"
    }
}

/// The codes that begin like what looks like one, the nearest rule, and whatever has the word in its name or title.
fn near(asked: &str) -> Vec<Entry> {
    let word = asked.to_ascii_lowercase();
    let entries = all();
    if let Some(code) = code_like(asked) {
        let mut codes: Vec<Entry> = entries
            .into_iter()
            .filter(|entry| entry.id.starts_with(['E', 'W']))
            .collect();
        // Whoever types a code wrongly has begun rightly.
        codes.sort_by_key(|entry| std::cmp::Reverse(common(entry.id, &code)));
        codes.truncate(NEAR_MAX);
        return codes;
    }
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id).collect();
    let nearest = suggest::nearest(&word, ids);
    let has_word = |entry: &Entry| {
        let is_word = word.len() >= WORD_LETTERS_MIN;
        is_word && (entry.id.contains(&word) || entry.title.to_ascii_lowercase().contains(&word))
    };
    let mut found: Vec<Entry> = entries
        .into_iter()
        .filter(|entry| Some(entry.id) == nearest || has_word(entry))
        .collect();
    found.sort_by_key(|entry| Some(entry.id) != nearest);
    found.truncate(NEAR_MAX);
    found
}

/// What looks like a code, as codes are written: `E0009` for `e9`.
fn code_like(text: &str) -> Option<String> {
    let letter = text.chars().next()?.to_ascii_uppercase();
    let digits = text.get(1..)?;
    let is_code = matches!(letter, 'E' | 'W') && digits.bytes().all(|it| it.is_ascii_digit());
    is_code.then(|| format!("{letter}{digits:0>4}"))
}

/// How many characters two texts begin alike with.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.take_while(|(a, b)| a == b).count()
}
