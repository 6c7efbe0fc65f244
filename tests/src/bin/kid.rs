//! A program that tests start as a child of an actor, and that can be a parent itself. `SCIPP_KID` says how it behaves.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a part of tests: it speaks by failing"
)]

#[path = "../../tests/dialogs/calculator.rs"]
#[allow(dead_code, reason = "others use the rest of it")]
mod calculator;

use std::{process::ExitCode, time::Duration};

use calculator::{
    Calculator, CalculatorClient, CalculatorServer, Overflow,
    calculator::{Accumulate, AccumulateArgs, AccumulateError, Add, AddArgs, Count, CountArgs},
};
use scipp_runtime::{
    Config, EndpointError, ServerContext, child,
    generated::Never,
    nursery::{self, Child},
};
use tokio::time::sleep;

struct Kid;

impl Calculator for Kid {
    /// Asks its parent if `a` is 1,000.
    async fn add(
        &self,
        ctx: &mut ServerContext<Add>,
        args: AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        if args.a == 1_000 {
            let parent = CalculatorClient::new(&ctx.portal());
            return Ok(parent.add(&*ctx, args.b, 1).call().await?);
        }
        Ok(args.a.checked_add(args.b).ok_or(Overflow { at: args.a })?)
    }

    async fn count(
        &self,
        ctx: &mut ServerContext<Count>,
        args: CountArgs,
    ) -> Result<(), EndpointError<Never>> {
        for n in 0..args.to {
            ctx.send(n).await?;
        }
        Ok(())
    }

    /// Never ends by itself.
    async fn accumulate(
        &self,
        ctx: &mut ServerContext<Accumulate>,
        args: AccumulateArgs,
    ) -> Result<i64, EndpointError<AccumulateError>> {
        ctx.started(args.from).await?;
        ctx.run(std::future::pending::<()>()).await?;
        Ok(args.from)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let configure = |config: Config| config.insecure_loopback();
    let serve = || child::run(configure, CalculatorServer::new(Kid));
    match std::env::var("SCIPP_KID").as_deref() {
        // Does not get as far as to connect.
        Ok("ends") => {
            eprintln!("no licence for this machine");
            ExitCode::from(3)
        }
        Ok("mute") => {
            sleep(Duration::from_secs(600)).await;
            ExitCode::SUCCESS
        }
        // Serves, and fails soon.
        Ok("fails") => {
            tokio::spawn(async {
                sleep(Duration::from_millis(300)).await;
                eprintln!("out of luck");
                std::process::exit(7);
            });
            serve().await
        }
        // Does not end when it is asked, nor when it is terminated: its handler of that signal has it.
        Ok("deaf") => {
            let _ = serve().await;
            loop {
                std::thread::sleep(Duration::from_secs(600));
            }
        }
        Ok(mode @ ("parent" | "panics" | "leaves")) => parent(mode).await,
        _ => serve().await,
    }
}

/// Starts a child, says its process id, and goes in one way or the other.
async fn parent(mode: &str) -> ExitCode {
    let config = Config::new("parent");
    let kid = Child::program("kid", std::env::current_exe().unwrap()).env("SCIPP_KID", "");
    let mode = mode.to_owned();
    let opened = nursery::open(config, async |nursery, _| {
        let kid = nursery.spawn(kid).await?;
        println!("{}", kid.pid().unwrap());
        match mode.as_str() {
            "panics" => panic!("the parent panics"),
            "leaves" => std::process::exit(0),
            _ => sleep(Duration::from_secs(600)).await,
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    })
    .await;
    assert!(opened.is_ok());
    ExitCode::SUCCESS
}
