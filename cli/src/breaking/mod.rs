//! `scipp breaking`

mod accept;
mod git;
mod version;

use crate::report::{self, Format};
use crate::status::Status;
use accept::Accepted;
use clap::{Args, ValueEnum};
use scipp_idl::compat::{self, Change, Target, Verdict, Versions};
use scipp_idl::limits::DIAGNOSTICS_MAX;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Says who breaks when a schema changes
///
/// Compares two versions of a schema. Each difference is judged in the direction in which its values travel, for peers that
/// use our codec (`wire`), for stock Python peers (`stock`), and for code that uses the generated Rust, Python and
/// TypeScript. What breaks `wire` fails; name the targets that matter with `--target`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Breaking {
    /// The old version: a file, a folder, `-` for standard input, or `git:REV` or `git:REV:PATH`. PATH is from the top
    /// of the repository; without it, it is that of NEW
    old: String,

    /// The new version, likewise
    new: String,

    /// Also looks for imports below this folder; can be given several times. In a version from git, it is the folder as
    /// it was there
    #[arg(short = 'I', long = "root", value_name = "ROOT")]
    roots: Vec<PathBuf>,

    /// What is looked at, and fails if it breaks. Without it everything is looked at, and what breaks `wire` fails
    #[arg(long, value_enum, value_delimiter = ',', value_name = "TARGETS")]
    target: Vec<Name>,

    /// Changes that were accepted: a file of `[[accept]]` entries with `rule`, `item`, `reason` and `expires`
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,

    /// Shows compatible changes, too
    #[arg(long)]
    all: bool,

    /// How to report: text goes to standard error, JSON to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    Wire,
    Stock,
    Rust,
    Python,
    Typescript,
}

const EXAMPLES: &str = "\
Examples:
  scipp breaking old/market/feed.scipp new/market/feed.scipp
  scipp breaking git:HEAD schemas                        what is not committed yet
  scipp breaking git:v1.4:schemas schemas --target wire,stock,rust
  scipp breaking git:main schemas --accept scipp.breaking.toml
  scipp breaking git:main schemas --format json          all changes, for tools
  scipp explain field-removed                            what a rule means and how to mend it

An accepted change, in the file of --accept:
  [[accept]]
  rule = \"field-removed\"
  item = \"market.feed.Quote.note\"
  reason = \"nobody has read it since the spring\"
  expires = 2027-01-31

Exit status: 0 nothing breaks, 1 something breaks, 2 the versions could not be compared.";

/// A change and, if there is one, the entry that accepts it.
struct Judged {
    change: Change,
    accepted: Option<Accepted>,
}

impl Breaking {
    pub(crate) fn run(self) -> Status {
        match self.compare() {
            Ok(status) => status,
            Err(said) => {
                report::line(&format!("error: {said}"));
                Status::Undone
            }
        }
    }

    fn compare(&self) -> Result<Status, String> {
        let [old, new] = version::read(&self.old, &self.new, &self.roots)?;
        let mut usable = true;
        for (version, checked) in [("old", &old), ("new", &new)] {
            if checked.diagnostics.has_errors() {
                report::text(&checked.diagnostics, &checked.sources);
                report::line(&format!(
                    "error: the {version} version has {}",
                    report::counts(&[(&checked.diagnostics, &checked.sources)])
                ));
                usable = false;
            }
        }
        if !usable {
            return Ok(Status::Undone);
        }
        let changes =
            compat::compare(&old.schema, &new.schema).map_err(|error| error.to_string())?;
        let mut entries = match &self.accept {
            Some(path) => accept::read(path)?,
            None => accept::Entries::default(),
        };
        let today = accept::today();
        let judged: Vec<Judged> = changes
            .into_iter()
            .map(|change| Judged {
                accepted: entries.accepts(&change, today),
                change,
            })
            .collect();
        entries.close(today);
        let fails = judged.iter().any(|it| self.fails(it));
        let versions = Versions {
            old: &old.sources,
            new: &new.sources,
        };
        let printed = match self.format {
            Format::Text => {
                self.text(&judged, &entries, versions);
                Status::Well
            }
            Format::Json => self.json(&judged, &entries, versions),
        };
        Ok(printed.max(Status::found(fails)))
    }

    fn targets(&self) -> Vec<Target> {
        if self.target.is_empty() {
            return Target::ALL.to_vec();
        }
        let named = |target: &Target| {
            self.target.iter().any(|name| {
                *target
                    == match name {
                        Name::Wire => Target::Wire,
                        Name::Stock => Target::Stock,
                        Name::Rust => Target::Rust,
                        Name::Python => Target::Python,
                        Name::Typescript => Target::TypeScript,
                    }
            })
        };
        Target::ALL.into_iter().filter(named).collect()
    }

    /// The targets whose verdict decides about the exit status.
    fn failing(&self) -> Vec<Target> {
        if self.target.is_empty() {
            vec![Target::Wire]
        } else {
            self.targets()
        }
    }

    fn fails(&self, it: &Judged) -> bool {
        it.accepted.is_none() && it.change.worst(&self.failing()) == Verdict::Breaking
    }

    fn text(&self, judged: &[Judged], entries: &accept::Entries, versions: Versions<'_>) {
        let (targets, failing) = (self.targets(), self.failing());
        let names: Vec<&str> = failing.iter().map(|target| target.name()).collect();
        let (breaking, others): (Vec<&Judged>, Vec<&Judged>) =
            judged.iter().partition(|it| self.fails(it));
        let (accepted, others): (Vec<&Judged>, Vec<&Judged>) =
            others.into_iter().partition(|it| it.accepted.is_some());
        let (careful, compatible): (Vec<&Judged>, Vec<&Judged>) = others
            .into_iter()
            .partition(|it| it.change.worst(&targets) != Verdict::Compatible);
        let mut text = String::new();
        let mut group = |title: String, list: &[&Judged]| {
            if list.is_empty() {
                return;
            }
            text.push_str(&format!(
                "{title}: {}\n\n",
                report::plural(list.len(), "change")
            ));
            for it in list.iter().take(DIAGNOSTICS_MAX) {
                text.push_str(&compat::render(
                    &it.change, versions, &targets, &failing, true,
                ));
                text.push_str("\n\n");
            }
            if list.len() > DIAGNOSTICS_MAX {
                text.push_str(&format!(
                    "and {} more; `--format json` has them all\n\n",
                    list.len() - DIAGNOSTICS_MAX
                ));
            }
        };
        group(format!("BREAKING for {}", names.join(", ")), &breaking);
        group("TO LOOK AT".to_owned(), &careful);
        if self.all {
            group("COMPATIBLE".to_owned(), &compatible);
        }
        for problem in entries.problems() {
            text.push_str(problem);
            text.push_str("\n\n");
        }
        drop(anstream::stderr().lock().write_all(text.as_bytes()));
        let mut parts = vec![
            format!("{} breaking", breaking.len()),
            format!("{} to look at", careful.len()),
            format!("{} compatible", compatible.len()),
        ];
        if self.accept.is_some() {
            parts.push(format!("{} accepted", accepted.len()));
        }
        report::line(&format!(
            "compared {} with {}: {}",
            report::plural(versions.new.iter().count(), "file"),
            versions.old.iter().count(),
            parts.join(", ")
        ));
    }

    fn json(&self, judged: &[Judged], entries: &accept::Entries, versions: Versions<'_>) -> Status {
        let (targets, failing) = (self.targets(), self.failing());
        let names = |list: &[Target]| -> Vec<&str> { list.iter().map(|it| it.name()).collect() };
        let changes: Vec<Value> = judged
            .iter()
            .map(|it| {
                let mut value = compat::to_json(&it.change, versions, &targets);
                if let Some(fields) = value.as_object_mut() {
                    let accepted = it
                        .accepted
                        .as_ref()
                        .map(|by| json!({ "reason": by.reason, "expires": by.expires }));
                    fields.insert("accepted".to_owned(), json!(accepted));
                    fields.insert("fails".to_owned(), json!(self.fails(it)));
                }
                value
            })
            .collect();
        let document = json!({
            "targets": names(&targets),
            "failing_targets": names(&failing),
            "breaking": judged.iter().filter(|it| self.fails(it)).count(),
            "accepted": judged.iter().filter(|it| it.accepted.is_some()).count(),
            "changes": changes,
            "accept_problems": entries.notes(),
        });
        report::print(&format!("{document:#}\n"))
    }
}
