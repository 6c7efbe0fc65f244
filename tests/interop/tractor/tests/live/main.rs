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
mod children;
mod connections;
mod contexts;
mod discovery;
mod generated;
mod gens;
mod guide;
mod lab;
mod losses;
mod python;
mod served;
mod spawning;
mod strange;
mod streams;
mod table;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

// As in a crate that generates it.
use scipp_interop_tractor::depot;

use lab::{Case, Lab};
use python::{Interpreter, Process};
use served::{Manner, Server};
use table::Table;

/// Lines of the whole table. Cases that get lost must not go unnoticed.
const LINES_MIN: usize = 474;

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
        discovery::cases(),
        children::cases(),
        spawning::cases(),
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
        let run = Run {
            lab: &lab,
            filter: &filter,
        };
        run.we_call("plain", callers(), "Rust -> Python", &mut table)
            .await;
        run.we_call(
            "generated",
            generated::callers(),
            "Rust -> generated",
            &mut table,
        )
        .await;
        run.python_calls("plain", "Python -> Rust", &mut table)
            .await;
        run.python_calls("generated", "generated -> all", &mut table)
            .await;
        run.guide(&mut table).await;
        server.stop().await;
    }
    table
}

/// What is played over one transport.
struct Run<'a> {
    lab: &'a Lab,
    /// What the names of cases must contain.
    filter: &'a str,
}

impl Run<'_> {
    /// Rust calls Python: one Python, with the modules of `folder`, serves all cases, and survives them.
    async fn we_call(
        &self,
        folder: &str,
        cases: Vec<Case>,
        roles: &'static str,
        table: &mut Table,
    ) {
        let Self { lab, filter } = self;
        let cases: Vec<_> = cases
            .into_iter()
            .filter(|case| case.name.contains(filter))
            .collect();
        if cases.is_empty() {
            return;
        }
        let began = Instant::now();
        let mut server = lab.interpreter.start("serve.py", folder, &lab.python);
        if let Err(why) = server.ready().await {
            return table.add(
                "the server starts",
                roles,
                lab.transport,
                Err(why),
                began.elapsed(),
            );
        }
        for case in cases {
            let began = Instant::now();
            let done = case.play(lab).await;
            table.add(case.name, roles, lab.transport, done, began.elapsed());
        }
        self.survives("server", server, roles, table).await;
    }

    async fn survives(&self, who: &str, process: Process, roles: &'static str, table: &mut Table) {
        let began = Instant::now();
        let survived = process.end().await;
        let case = format!("the {who} has survived");
        table.add(case, roles, self.lab.transport, survived, began.elapsed());
    }

    /// Python calls Rust: one Python plays all cases. One that hangs is killed, and another plays the rest.
    async fn python_calls(&self, folder: &str, roles: &'static str, table: &mut Table) {
        let Self { lab, filter } = self;
        let fails = |table: &mut Table, what: &str, why| {
            table.add(what, roles, lab.transport, Err(why), PROMPT)
        };
        let (mut caller, cases) = match self.python_caller(folder).await {
            Ok(started) => started,
            Err(why) => return fails(table, "the caller starts", why),
        };
        let cases: Vec<_> = cases
            .into_iter()
            .filter(|case| case.contains(filter))
            .collect();
        if cases.is_empty() {
            return caller.kill().await;
        }
        // A Python actor further away, which Rust calls for Python.
        let mut further = lab.interpreter.start("serve.py", folder, &lab.python);
        if let Err(why) = further.ready().await {
            return fails(table, "the further actor starts", why);
        }
        for case in &cases {
            let began = Instant::now();
            let (at, server) = if case.starts_with("actor.") {
                let at = lab.interpreter.address(lab.transport);
                let server = Server::start(&at, Manner::of(case)).await;
                (at, Some(server))
            } else {
                (lab.rust.clone(), None)
            };
            let asked = serde_json::json!({"case": case, "at": at, "further": lab.python});
            let said = match caller.say(&asked.to_string()).await {
                Ok(()) => caller.line(HANGS).await,
                Err(why) => Err(why),
            };
            let done = match said {
                Ok(said) => match serde_json::from_str::<String>(&said) {
                    Ok(said) if said == "ok" => Ok(()),
                    Ok(said) => Err(said),
                    Err(_) => Err(caller.report("said no JSON")),
                },
                Err(why) => {
                    let report = caller.report(&why);
                    caller.kill().await;
                    caller = match self.python_caller(folder).await {
                        Ok((caller, _)) => caller,
                        Err(why) => return fails(table, "the caller starts again", why),
                    };
                    Err(report)
                }
            };
            table.add(case, roles, lab.transport, done, began.elapsed());
            if let Some(server) = server {
                server.stop().await;
            }
        }
        self.survives("caller", caller, roles, table).await;
        self.survives("further actor", further, roles, table).await;
    }

    /// A Python that plays cases, and their names.
    async fn python_caller(&self, folder: &str) -> Result<(Process, Vec<String>), String> {
        let address = self.lab.interpreter.address(self.lab.transport);
        let mut caller = self.lab.interpreter.start("call.py", folder, &address);
        let names = match caller.line(HANGS).await {
            Ok(names) => serde_json::from_str(&names).map_err(|error| error.to_string()),
            Err(why) => Err(why),
        };
        match names {
            Ok(names) => Ok((caller, names)),
            Err(why) => Err(caller.report(&why)),
        }
    }

    /// The steps of the guide.
    async fn guide(&self, table: &mut Table) {
        for step in guide::STEPS
            .iter()
            .filter(|step| step.name().contains(self.filter))
        {
            let began = Instant::now();
            let done = step.play(self.lab).await;
            table.add(
                step.name(),
                "the guide",
                self.lab.transport,
                done,
                began.elapsed(),
            );
        }
    }
}

/// How long nothing took.
const PROMPT: Duration = Duration::ZERO;

/// A case of Python has a deadline of 8 s; a process that is silent for longer hangs where it cannot be cancelled.
const HANGS: Duration = Duration::from_secs(15);
