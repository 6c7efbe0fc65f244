//! `market-server [ADDRESS]`: runs the feed actor until it is interrupted.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "says where it listens, and why it does not"
)]

use std::{error::Error, process::ExitCode};

use market_server::{FeedActor, market::feed::FeedServer};
use scipp_runtime::{Config, Listener, Scope, serve};

const ADDRESS: &str = "tcp://127.0.0.1:7171";

/// Exit status of a program that was interrupted, as shells count: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| ADDRESS.to_owned());
    match run(&address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &str) -> Result<(), Box<dyn Error>> {
    let listener = Listener::bind(address).await?;
    let shutdown = Scope::root();
    shutdown.spawn(stop_when_interrupted(address.to_owned(), shutdown.clone()));
    let config = Config::new("feed").insecure_loopback();
    let drained = serve(listener, config, FeedServer::new(FeedActor), &shutdown).await?;
    println!("stopped: {drained}");
    Ok(())
}

/// The first interrupt asks for an end in order, which takes at most the bounds of the configuration; the second is one at once.
async fn stop_when_interrupted(address: String, shutdown: Scope) {
    println!("the feed actor listens on {address}");
    let _ = tokio::signal::ctrl_c().await;
    println!("interrupted: the dialogs that run may end; interrupt again to stop at once");
    shutdown.cancel();
    let _ = tokio::signal::ctrl_c().await;
    std::process::exit(INTERRUPTED);
}
