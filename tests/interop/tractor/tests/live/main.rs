//! Dialogs between Rust and real tractor actors, in both roles, over TCP and Unix sockets.
//!
//! `SCIPP_TRACTOR_PYTHON` names a Python that can import tractor (`PYTHONPATH` is passed on); without it nothing is played, which
//! is said. The name of a case, or a part of it, as argument plays only those.
//!
//! Each case has a deadline. A Python that hangs is killed, and what it said is shown; each must end with status 0 and without a
//! traceback of its own.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test says what it does, and states what it expects"
)]

mod calls;
mod connections;
mod contexts;
mod gens;
mod lab;
mod losses;
mod python;
mod served;
mod strange;
mod streams;
mod table;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use lab::{Case, Lab};
use python::{Interpreter, Process};
use served::{Manner, Server};
use table::Table;

/// Lines of the whole table. Cases that get lost must not go unnoticed.
const LINES_MIN: usize = 298;

fn main() -> ExitCode {
    // The table has what a case panicked with.
    std::panic::set_hook(Box::new(|_| {}));
    let Some(interpreter) = Interpreter::named() else {
        println!(
            "the live suite was not run: SCIPP_TRACTOR_PYTHON names no Python that has tractor"
        );
        return ExitCode::SUCCESS;
    };
    let filter = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let all = filter.is_none();
    let table = runtime.block_on(play(interpreter, filter.unwrap_or_default()));
    let wrong = table.wrong();
    println!("\n{} played, {wrong} wrong", table.len());
    let few = all && table.len() < LINES_MIN;
    if few {
        println!("expected at least {LINES_MIN}: cases got lost");
    }
    if wrong == 0 && !few {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What we call.
fn callers() -> Vec<Case> {
    [
        calls::cases(),
        gens::cases(),
        contexts::cases(),
        streams::cases(),
        connections::cases(),
        losses::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

async fn play(interpreter: Interpreter, filter: String) -> Table {
    let mut table = Table::default();
    for transport in ["tcp", "uds"] {
        let lab = Lab {
            transport,
            python: interpreter.address(transport),
            rust: interpreter.address(transport),
            interpreter: interpreter.clone(),
        };
        let server = Server::start(&lab.rust, Manner::Serving).await;
        we_call(&lab, &filter, &mut table).await;
        python_calls(&lab, &filter, &mut table).await;
        server.stop().await;
    }
    table
}

/// Rust calls Python: one Python serves all cases, and survives them.
async fn we_call(lab: &Lab, filter: &str, table: &mut Table) {
    const ROLES: &str = "Rust -> Python";
    let cases = callers();
    let mut cases = cases
        .iter()
        .filter(|case| case.name.contains(filter))
        .peekable();
    if cases.peek().is_none() {
        return;
    }
    let began = Instant::now();
    let mut server = lab.interpreter.start("serve.py", &lab.python);
    if let Err(why) = server.ready().await {
        return table.add(
            "the server starts",
            ROLES,
            lab.transport,
            Err(why),
            began.elapsed(),
        );
    }
    for case in cases {
        let began = Instant::now();
        let done = case.play(lab).await;
        table.add(case.name, ROLES, lab.transport, done, began.elapsed());
    }
    let began = Instant::now();
    let survived = server.end().await;
    table.add(
        "the server has survived",
        ROLES,
        lab.transport,
        survived,
        began.elapsed(),
    );
}

/// Python calls Rust: one Python plays all cases. One that hangs is killed, and another plays the rest.
async fn python_calls(lab: &Lab, filter: &str, table: &mut Table) {
    const ROLES: &str = "Python -> Rust";
    let (mut caller, cases) = match python_caller(lab).await {
        Ok(started) => started,
        Err(why) => {
            return table.add("the caller starts", ROLES, lab.transport, Err(why), PROMPT);
        }
    };
    let cases: Vec<_> = cases
        .into_iter()
        .filter(|case| case.contains(filter))
        .collect();
    if cases.is_empty() {
        return caller.kill().await;
    }
    // A Python actor further away, which Rust calls for Python.
    let mut further = lab.interpreter.start("serve.py", &lab.python);
    if let Err(why) = further.ready().await {
        return table.add(
            "the further actor starts",
            ROLES,
            lab.transport,
            Err(why),
            PROMPT,
        );
    }
    for case in &cases {
        let began = Instant::now();
        let own = case.starts_with("actor.");
        let (at, server) = if own {
            let at = lab.interpreter.address(lab.transport);
            let server = Server::start(&at, Manner::of(case)).await;
            (at, Some(server))
        } else {
            (lab.rust.clone(), None)
        };
        let asked = serde_json::json!({"case": case, "at": at, "further": lab.python});
        let done = match caller.say(&asked.to_string()).await {
            Ok(()) => caller.line(HANGS).await,
            Err(why) => Err(why),
        };
        let done = match done {
            Ok(said) => match serde_json::from_str::<String>(&said) {
                Ok(said) if said == "ok" => Ok(()),
                Ok(said) => Err(said),
                Err(_) => Err(caller.report("said no JSON")),
            },
            Err(why) => {
                let report = caller.report(&why);
                caller.kill().await;
                caller = match python_caller(lab).await {
                    Ok((caller, _)) => caller,
                    Err(why) => {
                        return table.add(
                            "the caller starts again",
                            ROLES,
                            lab.transport,
                            Err(why),
                            PROMPT,
                        );
                    }
                };
                Err(report)
            }
        };
        table.add(case, ROLES, lab.transport, done, began.elapsed());
        if let Some(server) = server {
            server.stop().await;
        }
    }
    for (who, process) in [("caller", caller), ("further actor", further)] {
        let began = Instant::now();
        let survived = process.end().await;
        table.add(
            format!("the {who} has survived"),
            ROLES,
            lab.transport,
            survived,
            began.elapsed(),
        );
    }
}

/// How long nothing took.
const PROMPT: Duration = Duration::ZERO;

/// A case of Python has a deadline of 8 s; a process that is silent for longer hangs where it cannot be cancelled.
const HANGS: Duration = Duration::from_secs(15);

/// A Python that plays cases, and their names.
async fn python_caller(lab: &Lab) -> Result<(Process, Vec<String>), String> {
    let address = lab.interpreter.address(lab.transport);
    let mut caller = lab.interpreter.start("call.py", &address);
    let names = match caller.line(HANGS).await {
        Ok(names) => serde_json::from_str(&names).map_err(|error| error.to_string()),
        Err(why) => Err(why),
    };
    match names {
        Ok(names) => Ok((caller, names)),
        Err(why) => Err(caller.report(&why)),
    }
}
