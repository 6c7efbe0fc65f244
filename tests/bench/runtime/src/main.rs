//! `scipp-runtime-bench`: what a dialog costs, beside bare framing, tarpc, tonic and remoc in the same run.
//!
//! ```console
//! $ cd tests/bench/runtime
//! $ cargo run --release -- run
//! $ cargo run --release -- run --job quotes --peer raw --peer scipp --place same --rounds 9
//! ```

mod cost;
mod job;
mod load;
mod peer;
mod quote;
mod run;
mod table;
mod together;

use clap::{Parser, Subcommand};

scipp_runtime::include_schemas!();

/// Measures what dialogs cost at run time.
#[derive(Debug, Parser)]
#[command(name = "scipp-runtime-bench", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Serve(peer::Serve),
    Drive(load::Drive),
    Together(together::Together),
}

fn main() -> anyhow::Result<()> {
    let command = Cli::parse().command;
    if let Command::Run(run) = command {
        return run.run();
    }
    // One thread for each end: what is compared is the work, and with two processors more threads only wait for each other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match command {
        Command::Run(_) => Ok(()),
        Command::Serve(serve) => {
            runtime.block_on(tokio::task::LocalSet::new().run_until(serve.run()))
        }
        Command::Drive(drive) => {
            runtime.block_on(tokio::task::LocalSet::new().run_until(drive.run()))
        }
        Command::Together(together) => {
            runtime.block_on(tokio::task::LocalSet::new().run_until(together.run()))
        }
    }
}
