//! `scipp fingerprint`

use crate::input::Inputs;
use crate::report::{self, Format};
use crate::status::Status;
use clap::Args;
use scipp_codegen::rust::packages_of;
use scipp_idl::Schema;
use scipp_idl::fingerprint::{Canonical, Form};
use scipp_idl::schema::ItemKind;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Prints what each interface and endpoint is on the wire, as 16 digits
///
/// Endpoints with equal fingerprints read each other's bytes alike, whatever comments, formatting, packages and names of
/// types say. The interfaces of the given files are listed, and below each its own endpoints.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Fingerprint {
    #[command(flatten)]
    inputs: Inputs,

    /// Only this interface and its endpoints, or this endpoint: `market.feed.Feed`, `Feed`, `Feed.last`; can be given
    /// several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Prints the canonical forms, too: what is hashed. Below each stands what is hashed inside of it
    #[arg(long)]
    canonical: bool,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  scipp fingerprint schemas/market/feed.scipp
  scipp fingerprint --only Feed.last schemas/market/feed.scipp
  scipp fingerprint --format json schemas

What has changed on the wire:
  scipp fingerprint --canonical old/feed.scipp > old.txt
  scipp fingerprint --canonical new/feed.scipp | diff old.txt -

Exit status: 0 printed, 1 the schema has errors, 2 wrong use of the command, or a file that cannot be read.";

/// A line of the list.
struct Row<'a> {
    form: &'a Form,
    /// `market.feed.Feed`, `market.feed.Feed.last`.
    name: String,
    namespace: &'a str,
    /// Name of the endpoint on the wire.
    func: Option<&'a str>,
}

impl Fingerprint {
    pub(crate) fn run(self) -> Status {
        let (mut checked, inputs) = self.inputs.check();
        checked.diagnostics.sort();
        report::text(&checked.diagnostics, &checked.sources);
        if checked.diagnostics.has_errors() {
            report::line(&format!(
                "error: {}",
                report::counts(&[(&checked.diagnostics, &checked.sources)])
            ));
            return Status::of(&checked.diagnostics);
        }
        let canonical = Canonical::of(&checked.schema);
        let mut rows = rows(&checked.schema, &canonical);
        let given = packages_of(&checked, &inputs);
        rows.retain(|row| given.contains(&row.form.interface.package));
        if let Some(unknown) = self
            .only
            .iter()
            .find(|only| !rows.iter().any(|row| row.is(only)))
        {
            let what = if rows.is_empty() {
                "the schemas have no interface".to_owned()
            } else {
                let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).take(8).collect();
                format!("there is {}", names.join(", "))
            };
            report::line(&format!(
                "error: no interface or endpoint is called `{unknown}`; {what}"
            ));
            return Status::Undone;
        }
        rows.retain(|row| self.only.is_empty() || self.only.iter().any(|only| row.is(only)));
        let printed = match self.format {
            Format::Json => format!("{:#}\n", self.json(&rows, &canonical)),
            Format::Text if self.canonical => forms(&rows, &canonical),
            Format::Text => table(&rows),
        };
        report::print(&printed)
    }

    fn json(&self, rows: &[Row<'_>], canonical: &Canonical) -> Value {
        let mut hashed = Map::new();
        let mut seen = BTreeSet::new();
        let list: Vec<Value> = rows
            .iter()
            .map(|row| {
                let mut entry = json!({
                    "package": row.form.interface.package,
                    "interface": row.form.interface.name,
                    "endpoint": row.form.endpoint,
                    "namespace": row.namespace,
                    "name": row.func,
                    "fingerprint": row.form.fingerprint,
                });
                if let (true, Value::Object(entry)) = (self.canonical, &mut entry) {
                    entry.insert("form".to_owned(), row.form.text.clone().into());
                    let parts = canonical.parts(&row.form.text, &mut seen);
                    hashed.extend(
                        parts
                            .into_iter()
                            .map(|(hash, text)| (hash.to_owned(), text.into())),
                    );
                }
                entry
            })
            .collect();
        let mut document = json!({ "fingerprints": list });
        if let (true, Value::Object(document)) = (self.canonical, &mut document) {
            document.insert("hashed".to_owned(), hashed.into());
        }
        document
    }
}

impl Row<'_> {
    /// Whether `only` names it or the interface that it is of, with or without the package.
    fn is(&self, only: &str) -> bool {
        let names = |name: &str| {
            name.strip_suffix(only)
                .is_some_and(|front| front.is_empty() || front.ends_with('.'))
        };
        let interface = &self.form.interface;
        names(&self.name) || names(&format!("{}.{}", interface.package, interface.name))
    }
}

fn rows<'a>(schema: &'a Schema, canonical: &'a Canonical) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut forms = canonical.forms.iter();
    for item in schema.packages.values().flat_map(|package| &package.items) {
        let ItemKind::Interface(interface) = &item.kind else {
            continue;
        };
        let funcs = interface
            .endpoints
            .iter()
            .map(|endpoint| Some(endpoint.wire.as_str()));
        for (func, form) in std::iter::once(None).chain(funcs).zip(&mut forms) {
            let endpoint = form.endpoint.as_ref().map(|it| format!(".{it}"));
            let (package, name) = (&form.interface.package, &form.interface.name);
            rows.push(Row {
                form,
                name: format!("{package}.{name}{}", endpoint.unwrap_or_default()),
                namespace: &interface.namespace,
                func,
            });
        }
    }
    rows
}

/// A line for each: fingerprint, name, and what is on the wire.
fn table(rows: &[Row<'_>]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let lines = rows.iter().map(|row| {
        let func = row.func.map(|it| format!(" {it}")).unwrap_or_default();
        format!(
            "{}  {:width$}  {}{func}\n",
            row.form.fingerprint, row.name, row.namespace
        )
    });
    lines.collect()
}

/// Each form below its name and fingerprint, and what is hashed in it below that.
fn forms(rows: &[Row<'_>], canonical: &Canonical) -> String {
    let mut seen = BTreeSet::new();
    let mut blocks = Vec::new();
    for row in rows {
        blocks.push(format!(
            "{} {}\n{}\n",
            row.name, row.form.fingerprint, row.form.text
        ));
        let parts = canonical.parts(&row.form.text, &mut seen);
        blocks.extend(
            parts
                .iter()
                .map(|(hash, text)| format!("#{hash}\n{text}\n")),
        );
    }
    blocks.join("\n")
}
