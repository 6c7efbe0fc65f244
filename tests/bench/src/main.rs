//! `scipp-bench`: what the compiler costs, beside `protoc` and `capnp` in the same run.
//!
//! ```console
//! $ cargo build --release -p scipp-cli
//! $ cargo run --release -p scipp-bench -- compiler
//! $ cargo run --release -p scipp-bench -- schema --language proto > large.proto
//! ```

mod capnp;
mod compiler;
mod cost;
mod crate_check;
mod proto;
mod scipp;
mod shape;

use clap::{Parser, Subcommand, ValueEnum};
use shape::Shape;

/// Measures what scipp costs.
#[derive(Debug, Parser)]
#[command(name = "scipp-bench", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Schema(Schema),
    Compiler(compiler::Compiler),
}

/// Prints the large schema that the compilers are measured with.
#[derive(Debug, clap::Args)]
struct Schema {
    /// Whose schema language.
    #[arg(long, value_enum)]
    language: Language,
    #[command(flatten)]
    shape: Shape,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    Scipp,
    Proto,
    Capnp,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Schema(schema) => {
            let text = match schema.language {
                Language::Scipp => scipp::text(&schema.shape),
                Language::Proto => proto::text(&schema.shape),
                Language::Capnp => capnp::text(&schema.shape),
            };
            print!("{text}");
            Ok(())
        }
        Command::Compiler(compiler) => compiler.run(),
    }
}
