//! This project, over generated code.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::Instant;

use anyhow::{Context as _, Result};
use scipp_runtime::generated::{Bytes, EndpointError, Never};
use scipp_runtime::{
    Config, ConnectError, Listener, Portal, Scope, ServerContext, connect, serve as serve_actor,
};

use super::Peer;
use crate::bench::bench::{
    Blocks, BlocksArgs, Echo, EchoArgs, Hold, HoldArgs, Idle, IdleArgs, Quotes, QuotesArgs,
};
use crate::bench::{Bench, BenchClient, BenchServer, Quote};
use crate::quote::{ASK, BID, BLOCK_BYTES, SIZE, SYMBOL, TS};

/// As many dialogs as any job has.
const DIALOGS_MAX: usize = 8_192;

fn config(name: &str) -> Config {
    Config::new(name)
        .insecure_loopback()
        .protocol_limits(|limits| limits.dialogs_max = DIALOGS_MAX)
}

pub(crate) async fn serve() -> Result<()> {
    let listener = bind().await?;
    let address = listener
        .address()
        .context("the listener has no address")?
        .to_string();
    println!("{}", address.trim_start_matches("tcp://"));
    serve_at(listener).await
}

/// A free port of the loopback interface.
pub(crate) async fn bind() -> Result<Listener> {
    Ok(Listener::bind("tcp://127.0.0.1:0").await?)
}

pub(crate) async fn serve_at(listener: Listener) -> Result<()> {
    serve_actor(
        listener,
        config("server"),
        BenchServer::new(Server),
        &Scope::root(),
    )
    .await?;
    Ok(())
}

fn quote() -> Quote {
    Quote {
        symbol: SYMBOL.to_owned(),
        bid: BID,
        ask: ASK,
        size: SIZE,
        ts: TS,
    }
}

struct Server;

impl Bench for Server {
    async fn echo(
        &self,
        _: &mut ServerContext<Echo>,
        args: EchoArgs,
    ) -> Result<Quote, EndpointError<Never>> {
        Ok(args.quote)
    }

    async fn quotes(
        &self,
        ctx: &mut ServerContext<Quotes>,
        args: QuotesArgs,
    ) -> Result<(), EndpointError<Never>> {
        for _ in 0..args.count {
            ctx.send(quote()).await?;
        }
        Ok(())
    }

    async fn blocks(
        &self,
        ctx: &mut ServerContext<Blocks>,
        args: BlocksArgs,
    ) -> Result<(), EndpointError<Never>> {
        let block = Bytes::from(vec![7; BLOCK_BYTES]);
        for _ in 0..args.count {
            ctx.send(block.clone()).await?;
        }
        Ok(())
    }

    async fn hold(
        &self,
        ctx: &mut ServerContext<Hold>,
        _: HoldArgs,
    ) -> Result<(), EndpointError<Never>> {
        Ok(ctx.run(std::future::pending()).await?)
    }

    async fn idle(
        &self,
        ctx: &mut ServerContext<Idle>,
        _: IdleArgs,
    ) -> Result<(), EndpointError<Never>> {
        Ok(ctx.run(std::future::pending()).await?)
    }
}

/// What both ends offer is on.
pub(crate) struct Native;

/// Only what tractor knows.
pub(crate) struct Plain;

pub(crate) trait Mode {
    fn config() -> Config;
}

impl Mode for Native {
    fn config() -> Config {
        config("caller")
    }
}

impl Mode for Plain {
    fn config() -> Config {
        config("caller").plain()
    }
}

pub(crate) struct Caller<M> {
    client: BenchClient,
    scope: Scope,
    mode: PhantomData<M>,
}

/// Why the benchmark's session ended.
struct Ended(anyhow::Error);

impl From<ConnectError> for Ended {
    fn from(error: ConnectError) -> Self {
        Self(error.into())
    }
}

impl<M: Mode> Caller<M> {
    async fn connected<T>(address: &str, body: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        let address = format!("tcp://{address}");
        let done = connect(
            address.as_str(),
            M::config(),
            async |portal: &Portal, scope: &Scope| {
                let caller = Self {
                    client: BenchClient::new(portal),
                    scope: scope.clone(),
                    mode: PhantomData,
                };
                body(&caller).await.map_err(Ended)
            },
        );
        done.await.map_err(|Ended(error)| error)
    }
}

impl<M: Mode> Peer for Caller<M> {
    const QUOTES: u64 = 200_000;

    async fn with<T>(address: &str, body: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        Self::connected(address, body).await
    }

    async fn echo(&self) -> Result<()> {
        self.client.echo(&self.scope, quote()).call().await?;
        Ok(())
    }

    async fn hold(&self) -> Result<()> {
        Ok(self.client.hold(&self.scope).call().await?)
    }

    async fn quotes(&self, count: u64, seen: &Cell<u64>) -> Result<()> {
        self.client
            .quotes(&self.scope, count)
            .scope(async |stream, ()| -> Result<()> {
                while let Some(quote) = stream.recv().await? {
                    std::hint::black_box(&quote);
                    seen.set(seen.get() + 1);
                }
                Ok(())
            })
            .await
    }

    async fn blocks(&self, count: u64) -> Result<()> {
        self.client
            .blocks(&self.scope, count)
            .scope(async |stream, ()| -> Result<()> {
                while let Some(block) = stream.recv().await? {
                    std::hint::black_box(&block);
                }
                Ok(())
            })
            .await
    }

    async fn idle(&self) -> Result<()> {
        let (mut stream, ()) = self.client.idle(&self.scope).open().await?;
        while stream.recv().await?.is_some() {}
        Ok(())
    }

    async fn cancel(&self) -> Result<f64> {
        let (stream, ()) = self.client.idle(&self.scope).open().await?;
        // It has begun when something else has come back.
        self.echo().await?;
        let asked = Instant::now();
        stream.cancel().await?;
        Ok(asked.elapsed().as_secs_f64() * 1e6)
    }
}
