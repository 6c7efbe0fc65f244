//! `market-client [ADDRESS]`: holds four dialogs with a feed actor and prints them.
//!
//! Without an address it starts the feed actor itself, on a free port of the loopback interface.

#![allow(clippy::print_stderr, reason = "says why it has failed")]

mod dialog;

use std::{error::Error, process::ExitCode};

use market_server::{FeedActor, market::feed::FeedServer};
use scipp_runtime::generated::Timestamp;
use scipp_runtime::{Config, ContextError, FailureCode, Listener, Portal, Scope, connect, serve};

use crate::market::{
    common::Symbol,
    feed::{FeedClient, Follow, feed::WatchAccepts},
};

scipp_runtime::include_schemas!();

type AnyError = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match std::env::args().nth(1) {
        Some(address) => talk(&address).await,
        None => serve_and_talk().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve_and_talk() -> Result<(), AnyError> {
    let listener = Listener::bind("tcp://127.0.0.1:0").await?;
    let address = listener
        .address()
        .map(|address| address.to_string())
        .unwrap_or_default();
    let shutdown = Scope::root();
    let server = serve(
        listener,
        Config::new("feed").insecure_loopback(),
        FeedServer::new(FeedActor),
        &shutdown,
    );
    let client = async {
        let talked = talk(&address).await;
        shutdown.cancel();
        talked
    };
    let (drained, talked) = tokio::join!(server, client);
    drained?;
    talked
}

async fn talk(address: &str) -> Result<(), AnyError> {
    dialog::title(&format!("Connecting to the feed actor at {address}"));
    connect(
        address,
        Config::new("watcher").insecure_loopback(),
        async |portal, scope| {
            dialog::callee(format!("Aid      {}", portal.peer().name));
            unary(portal, scope).await?;
            declared_error(portal, scope).await?;
            replay(portal, scope).await?;
            steered(portal, scope).await?;
            cancelled(portal, scope).await
        },
    )
    .await
}

/// A call and its result.
async fn unary(portal: &Portal, scope: &Scope) -> Result<(), AnyError> {
    dialog::title("fn last: a call and its result");
    dialog::caller("Start    last(symbol: ACME)");
    let quote = FeedClient::new(portal)
        .last(scope, symbol("ACME"))
        .call()
        .await?;
    dialog::callee(format!("Return   {}", dialog::quote(&quote)));
    Ok(())
}

/// An error that the schema declares arrives as a value of its type.
async fn declared_error(portal: &Portal, scope: &Scope) -> Result<(), AnyError> {
    dialog::title("fn last: a declared error");
    dialog::caller("Start    last(symbol: TULIP)");
    match FeedClient::new(portal)
        .last(scope, symbol("TULIP"))
        .call()
        .await
    {
        Err(ContextError::Endpoint(error)) => {
            dialog::callee(format!(
                "Error    UnknownSymbol {{ symbol: {} }}: {error}",
                error.symbol.0
            ));
            Ok(())
        }
        // A plain tractor actor sends the name of an error and its traceback, and no value.
        Err(ContextError::Remote(failure))
            if failure.code() == FailureCode::Other("UnknownSymbol".to_owned()) =>
        {
            dialog::callee(format!(
                "Error    UnknownSymbol, without its value: {} does not send it",
                failure.actor().name
            ));
            Ok(())
        }
        other => Err(format!("expected UnknownSymbol, got {other:?}").into()),
    }
}

/// A one-way stream.
async fn replay(portal: &Portal, scope: &Scope) -> Result<(), AnyError> {
    dialog::title("gen replay: a stream from the callee");
    dialog::caller("Start    replay(symbol: EURUSD, since: 2026-01-02T09:00:00Z, limit: 3)");
    let since: Timestamp = "2026-01-02T09:00:00Z".parse()?;
    FeedClient::new(portal)
        .replay(scope, symbol("EURUSD"), since)
        .with(|args| args.limit = 3)
        .scope(async |ctx, ()| {
            while let Some(quote) = ctx.recv().await? {
                dialog::callee(format!("Yield    {}", dialog::quote(&quote)));
            }
            dialog::callee("Stop");
            Ok::<_, AnyError>(())
        })
        .await
}

/// A subscription that the caller steers while the ticks flow.
async fn steered(portal: &Portal, scope: &Scope) -> Result<(), AnyError> {
    dialog::title("context watch: streams both ways");
    dialog::caller("Start    watch(symbols: [ACME])");
    let (mut ctx, started) = FeedClient::new(portal)
        .watch(scope, vec![symbol("ACME")])
        .open()
        .await?;
    dialog::callee(dialog::snapshot(&started));
    for _ in 0..2 {
        if let Some(tick) = ctx.recv().await? {
            dialog::callee(dialog::tick(&tick));
        }
    }
    dialog::caller("Yield    Follow [WHEAT]");
    ctx.send(WatchAccepts::Follow(Follow {
        symbols: vec![symbol("WHEAT")],
    }))
    .await?;
    while let Some(tick) = ctx.recv().await? {
        let line = dialog::tick(&tick);
        dialog::callee(&line);
        if line.contains("WHEAT") {
            break;
        }
    }
    dialog::caller("Yield    Drop [ACME]");
    ctx.send(WatchAccepts::Drop(market::feed::Drop {
        symbols: vec![symbol("ACME")],
    }))
    .await?;
    while let Some(tick) = ctx.recv().await? {
        let line = dialog::tick(&tick);
        dialog::callee(&line);
        if line.contains("halted") {
            break;
        }
    }
    dialog::caller("Stop");
    ctx.stop().await?;
    let summary = ctx.join().await?;
    dialog::callee(format!(
        "Return   Summary {{ ticks: {}, took: {} }}",
        summary.ticks, summary.took
    ));
    Ok(())
}

/// A cancel: the future resolves only when the callee has cleaned up and said so.
async fn cancelled(portal: &Portal, scope: &Scope) -> Result<(), AnyError> {
    dialog::title("context watch: cancelled by the caller, confirmed by the callee");
    dialog::caller("Start    watch(symbols: [WHEAT])");
    let (mut ctx, started) = FeedClient::new(portal)
        .watch(scope, vec![symbol("WHEAT")])
        .open()
        .await?;
    dialog::callee(dialog::snapshot(&started));
    if let Some(tick) = ctx.recv().await? {
        dialog::callee(dialog::tick(&tick));
    }
    dialog::caller("cancel");
    match ctx.cancel().await? {
        None => {
            dialog::callee("Error    ContextCancelled: the remote task and its cleanup are over")
        }
        Some(summary) => dialog::callee(format!("Return   {} ticks: it was faster", summary.ticks)),
    }
    Ok(())
}

fn symbol(name: &str) -> Symbol {
    Symbol(name.to_owned())
}
