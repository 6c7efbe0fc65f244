//! gRPC.

use std::cell::Cell;
use std::future;
use std::pin::Pin;

use anyhow::Result;
use bytes::Bytes;
use futures::{Stream, stream};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};

use super::Peer;
use crate::quote::{ASK, BID, BLOCK_BYTES, SIZE, SYMBOL, TS};

mod generated {
    #![allow(missing_docs, unused_qualifications, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/bench.Bench.rs"));
}

use generated::bench_client::BenchClient;
use generated::bench_server::{Bench, BenchServer};

/// As many calls as any job has at a time.
const STREAMS_MAX: u32 = 8_192;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Quote {
    #[prost(string, tag = "1")]
    symbol: String,
    #[prost(double, tag = "2")]
    bid: f64,
    #[prost(double, tag = "3")]
    ask: f64,
    #[prost(uint32, tag = "4")]
    size: u32,
    #[prost(uint64, tag = "5")]
    ts: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Count {
    #[prost(uint64, tag = "1")]
    count: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Block {
    #[prost(bytes = "bytes", tag = "1")]
    bytes: Bytes,
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

struct Handlers;

type Items<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Bench for Handlers {
    type QuotesStream = Items<Quote>;
    type BlocksStream = Items<Block>;
    type IdleStream = Items<Quote>;

    async fn echo(&self, request: Request<Quote>) -> Result<Response<Quote>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn hold(&self, _: Request<Count>) -> Result<Response<Count>, Status> {
        future::pending().await
    }

    async fn quotes(&self, request: Request<Count>) -> Result<Response<Items<Quote>>, Status> {
        let quotes = (0..request.into_inner().count).map(|_| Ok(quote()));
        Ok(Response::new(Box::pin(stream::iter(quotes))))
    }

    async fn blocks(&self, request: Request<Count>) -> Result<Response<Items<Block>>, Status> {
        let bytes = Bytes::from(vec![7; BLOCK_BYTES]);
        let blocks = (0..request.into_inner().count).map(move |_| {
            Ok(Block {
                bytes: bytes.clone(),
            })
        });
        Ok(Response::new(Box::pin(stream::iter(blocks))))
    }

    async fn idle(&self, _: Request<Count>) -> Result<Response<Items<Quote>>, Status> {
        Ok(Response::new(Box::pin(stream::pending())))
    }
}

pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Server::builder()
        .tcp_nodelay(true)
        .max_concurrent_streams(STREAMS_MAX)
        .add_service(BenchServer::new(Handlers))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}

pub(crate) struct Tonic(BenchClient<Channel>);

impl Peer for Tonic {
    const QUOTES: u64 = 200_000;

    async fn with<T>(address: &str, body: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        let channel = Channel::from_shared(format!("http://{address}"))?
            .tcp_nodelay(true)
            .connect()
            .await?;
        body(&Self(BenchClient::new(channel))).await
    }

    async fn echo(&self) -> Result<()> {
        std::hint::black_box(self.0.clone().echo(quote()).await?);
        Ok(())
    }

    async fn hold(&self) -> Result<()> {
        self.0.clone().hold(Count::default()).await?;
        Ok(())
    }

    async fn quotes(&self, count: u64, seen: &Cell<u64>) -> Result<()> {
        let mut quotes = self.0.clone().quotes(Count { count }).await?.into_inner();
        while let Some(quote) = quotes.message().await? {
            std::hint::black_box(&quote);
            seen.set(seen.get() + 1);
        }
        Ok(())
    }

    async fn blocks(&self, count: u64) -> Result<()> {
        let mut blocks = self.0.clone().blocks(Count { count }).await?.into_inner();
        while let Some(block) = blocks.message().await? {
            std::hint::black_box(&block);
        }
        Ok(())
    }

    async fn idle(&self) -> Result<()> {
        let mut quotes = self.0.clone().idle(Count::default()).await?.into_inner();
        while quotes.message().await?.is_some() {}
        Ok(())
    }
}
