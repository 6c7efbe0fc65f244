//! tarpc over TCP, with bincode.

use std::future;

use anyhow::Result;
use futures::StreamExt as _;
use tarpc::client;
use tarpc::context;
use tarpc::serde_transport::tcp;
use tarpc::server::{BaseChannel, Channel as _, Config};
use tarpc::tokio_serde::formats::Bincode;

use super::Peer;
use crate::quote::Quote;

#[tarpc::service]
trait Bench {
    async fn echo(quote: Quote) -> Quote;
    async fn hold();
}

#[derive(Clone)]
struct Server;

impl Bench for Server {
    async fn echo(self, _: context::Context, quote: Quote) -> Quote {
        quote
    }

    async fn hold(self, _: context::Context) {
        future::pending().await
    }
}

/// As many calls as any job has in flight.
const IN_FLIGHT: usize = 8_192;

pub(crate) async fn serve() -> Result<()> {
    let mut listener = tcp::listen("127.0.0.1:0", Bincode::default).await?;
    println!("{}", listener.local_addr());
    while let Some(transport) = listener.next().await {
        let transport = transport?;
        transport.get_ref().set_nodelay(true)?;
        let channel = BaseChannel::new(
            Config {
                pending_response_buffer: IN_FLIGHT,
            },
            transport,
        );
        tokio::spawn(
            channel
                .execute(Server.serve())
                .for_each(|answer| async move {
                    tokio::spawn(answer);
                }),
        );
    }
    Ok(())
}

pub(crate) struct Tarpc(BenchClient);

impl Peer for Tarpc {
    const QUOTES: u64 = 0;

    async fn with<T>(address: &str, body: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        let transport = tcp::connect(address, Bincode::default).await?;
        transport.get_ref().set_nodelay(true)?;
        let mut config = client::Config::default();
        config.max_in_flight_requests = IN_FLIGHT;
        config.pending_request_buffer = IN_FLIGHT;
        let client = BenchClient::new(config, transport).spawn();
        body(&Self(client)).await
    }

    async fn echo(&self) -> Result<()> {
        std::hint::black_box(self.0.echo(context::current(), Quote::new()).await?);
        Ok(())
    }

    async fn hold(&self) -> Result<()> {
        Ok(self.0.hold(context::current()).await?)
    }
}
