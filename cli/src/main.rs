//! The `scipp` command: checks and formats schemas, generates code from them, and asks registrars for actors.
//!
//! Exit status: 0 if all is well, 1 if something was found: errors in a schema, stale output; 2 if it could not be done: a
//! wrong use of the command, a file that cannot be read or written (`status`).

mod actors;
mod breaking;
mod check;
mod explain;
mod fingerprint;
mod format;
mod generate;
mod input;
mod model;
mod report;
mod rewrite;
mod status;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Checks and formats scipp schemas, and generates code from them.
#[derive(Debug, Parser)]
#[command(name = "scipp", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Actors(actors::Actors),
    Breaking(breaking::Breaking),
    Check(check::Check),
    Explain(explain::Explain),
    Fmt(format::Format),
    Fingerprint(fingerprint::Fingerprint),
    Gen(generate::Generate),
    Model(model::Model),
}

const EXAMPLES: &str = "\
Examples:
  scipp check schemas/market/feed.scipp
  scipp check -I vendor/schemas schemas
  scipp fmt schemas
  scipp gen --lang rust --out src/generated schemas/market/feed.scipp
  scipp breaking git:main schemas
  scipp explain E0401
  scipp fingerprint schemas/market/feed.scipp
  scipp actors --find feed

Exit status: 0 all is well, 1 something was found (errors, stale output), 2 wrong use, or a file that cannot be read or
written. Colour only on a terminal, and not with NO_COLOR set.";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let status = match Cli::parse().command {
        Command::Actors(actors) => actors.run(),
        Command::Breaking(breaking) => breaking.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Fmt(format) => format.run(),
        Command::Fingerprint(fingerprint) => fingerprint.run(),
        Command::Gen(generate) => generate.run(),
        Command::Model(model) => model.run(),
    };
    status.into()
}
