//! `scipp model`

use crate::input::Inputs;
use crate::report;
use crate::status::Status;
use clap::{Args, ValueEnum};
use scipp_codegen::rust::packages_of;
use scipp_idl::model;

/// Prints the checked schemas as one JSON document, for generators that others write
///
/// The document has the packages of the files and of what they import. Everything in it is resolved: names, options, the
/// members of unions, the endpoints that an interface takes over. Its keys are described by a JSON Schema, which `--schema`
/// prints; `format` in it changes when a key changes its meaning or goes away.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Model {
    #[command(flatten)]
    inputs: Inputs,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,

    /// Prints the JSON Schema of the document instead
    #[arg(long, exclusive = true)]
    schema: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
}

const EXAMPLES: &str = "\
Examples:
  scipp model schemas/market/feed.scipp
  scipp model schemas | jq -r '.packages[] | select(.given) | .items[].name'
  scipp model --schema > model.schema.json

Templates read the same document: see `scipp gen --help`.

Exit status: 0 printed, 1 the schema has errors, 2 wrong use of the command, or a file that cannot be read.";

impl Model {
    pub(crate) fn run(self) -> Status {
        if self.schema {
            return report::print(model::JSON_SCHEMA);
        }
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
        let given = packages_of(&checked, &inputs);
        let document = model::Model::of(&checked.schema, &checked.sources, &given);
        match self.format {
            Format::Json => match serde_json::to_string_pretty(&document) {
                Ok(text) => report::print(&format!("{text}\n")),
                Err(error) => {
                    report::line(&format!("error: the model is no JSON: {error}"));
                    Status::Undone
                }
            },
        }
    }
}
