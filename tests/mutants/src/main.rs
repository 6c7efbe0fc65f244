//! `cargo run -p scipp-mutants`: plants each bug in a copy of the tree and shows which proof finds it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program that prints"
)]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use scipp_mutants::{Mutant, Run, Tree, Verdict, all, root};

/// Plants each bug of tests/mutants in a copy of the tree, runs the proof that must find it, and prints a table.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  cargo run -p scipp-mutants                          all of them
  cargo run -p scipp-mutants -- --list                what there is
  cargo run -p scipp-mutants -- --proof scipp-model   those that the model must find
  cargo run -p scipp-mutants -- cancel_passes_start   this one

Exit status: 0 every bug was found; 1 one was not, or a proof fails without a bug; 2 it could not be tried.")]
struct Arguments {
    /// Only these; all if none is named.
    names: Vec<String>,
    /// Only those whose proof contains this text.
    #[arg(long, value_name = "TEXT")]
    proof: Option<String>,
    /// Prints what there is and plants nothing.
    #[arg(long)]
    list: bool,
    /// Where the copy is kept, and what is built of it.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Seconds that a proof may take; one that takes longer is said to hang, which counts as found.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    time_max: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("mutants: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every bug was found.
fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let root = root();
    let mutants = chosen(all(&root)?, arguments)?;
    if arguments.list {
        for mutant in &mutants {
            println!(
                "{}\n    {}\n    {}",
                mutant.name,
                mutant.breaks,
                mutant.command()
            );
        }
        println!("{} mutants", mutants.len());
        return Ok(true);
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let folder = arguments.folder.clone().unwrap_or(target.join("mutants"));
    let built = folder.join("built");
    std::fs::create_dir_all(&built)?;
    let tree = Tree::copy(&root, &folder.join("tree"))?;
    let time_max = Duration::from_secs(arguments.time_max);

    // A proof that fails anyway shows nothing.
    let mut good = true;
    let mut proofs: Vec<_> = mutants.iter().map(|mutant| &mutant.proof).collect();
    proofs.sort();
    proofs.dedup();
    println!("{:<44} {:>6}  by", "mutant", "s");
    for proof in proofs {
        let run = Run::of(tree.path(), &built, proof, time_max)?;
        let (passes, text) = match run.verdict {
            Verdict::Survived => (true, "passes, as it must".to_owned()),
            other => (false, describe(&other)),
        };
        good &= passes;
        let seconds = run.time.as_secs_f64();
        println!(
            "{:<44} {seconds:>6.1}  {text}: cargo {}",
            "(none)",
            proof.join(" ")
        );
    }
    if !good {
        return Ok(false);
    }
    let mut found = 0;
    for mutant in &mutants {
        tree.plant(mutant)?;
        let run = Run::of(tree.path(), &built, &mutant.proof, time_max);
        tree.restore()?;
        let run = run?;
        found += usize::from(matches!(run.verdict, Verdict::Killed(_) | Verdict::Hangs));
        let seconds = run.time.as_secs_f64();
        println!(
            "{:<44} {seconds:>6.1}  {}",
            mutant.name,
            describe(&run.verdict)
        );
    }
    println!("{found} of {} mutants killed", mutants.len());
    Ok(found == mutants.len())
}

fn chosen(all: Vec<Mutant>, arguments: &Arguments) -> Result<Vec<Mutant>, Box<dyn Error>> {
    let names = &arguments.names;
    if let Some(name) = names
        .iter()
        .find(|name| all.iter().all(|it| it.name != **name))
    {
        return Err(
            format!("expected the name of a file tests/mutants/NAME.patch, came {name}").into(),
        );
    }
    let by_proof = |it: &Mutant| {
        let text = arguments.proof.as_ref();
        text.is_none_or(|text| it.command().contains(text))
    };
    let by_name = |it: &Mutant| names.is_empty() || names.contains(&it.name);
    Ok(all
        .into_iter()
        .filter(|it| by_name(it) && by_proof(it))
        .collect())
}

fn describe(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Killed(by) => format!("killed by {by}"),
        Verdict::Hangs => "killed: no end in time".to_owned(),
        Verdict::Survived => "SURVIVED".to_owned(),
        Verdict::NoBuild(text) => format!("DOES NOT BUILD\n{text}"),
    }
}
