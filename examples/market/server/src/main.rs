//! `market-server [ADDRESS]`: runs the feed actor until it is interrupted.
#![allow(clippy::print_stdout, reason = "says where it listens")]

use std::error::Error;

use market_server::{FeedActor, market::feed::FeedServer};
use scipp_runtime::{Config, Listener, Scope, serve};

const ADDRESS: &str = "tcp://127.0.0.1:7171";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| ADDRESS.to_owned());
    let listener = Listener::bind(&address.parse()?).await?;
    println!("the feed actor listens on {address}");

    let shutdown = Scope::root();
    let interrupted = shutdown.clone();
    shutdown.spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        interrupted.cancel();
    });
    let config = Config::new("feed").insecure_loopback();
    let drained = serve(listener, config, FeedServer::new(FeedActor), &shutdown).await?;
    println!("stopped: {drained:?}");
    Ok(())
}
