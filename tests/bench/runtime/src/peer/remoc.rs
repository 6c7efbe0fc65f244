//! remoc: remote trait calls, and channels for the streams.

use std::cell::Cell;
use std::future;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use remoc::rtc::{self, CallError, ServerShared as _};
use remoc::{Cfg, Connect, rch};
use tokio::net::{TcpListener, TcpStream};

use super::Peer;
use crate::quote::{BLOCK_BYTES, Quote};

#[rtc::remote]
trait Bench {
    async fn echo(&self, quote: Quote) -> Result<Quote, CallError>;
    async fn hold(&self) -> Result<(), CallError>;
    async fn quotes(&self, count: u64) -> Result<rch::mpsc::Receiver<Quote>, CallError>;
    async fn blocks(&self, count: u64) -> Result<rch::mpsc::Receiver<Vec<u8>>, CallError>;
    async fn idle(&self) -> Result<rch::mpsc::Receiver<Quote>, CallError>;
}

struct Server;

impl Bench for Server {
    async fn echo(&self, quote: Quote) -> Result<Quote, CallError> {
        Ok(quote)
    }

    async fn hold(&self) -> Result<(), CallError> {
        future::pending().await
    }

    async fn quotes(&self, count: u64) -> Result<rch::mpsc::Receiver<Quote>, CallError> {
        let (send, receive) = rch::mpsc::channel();
        tokio::spawn(async move {
            for _ in 0..count {
                if send.send(Quote::new()).await.is_err() {
                    return;
                }
            }
        });
        Ok(receive)
    }

    async fn blocks(&self, count: u64) -> Result<rch::mpsc::Receiver<Vec<u8>>, CallError> {
        let (send, receive) = rch::mpsc::channel();
        tokio::spawn(async move {
            for _ in 0..count {
                if send.send(vec![7; BLOCK_BYTES]).await.is_err() {
                    return;
                }
            }
        });
        Ok(receive)
    }

    async fn idle(&self) -> Result<rch::mpsc::Receiver<Quote>, CallError> {
        let (send, receive) = rch::mpsc::channel();
        tokio::spawn(async move { send.closed().await });
        Ok(receive)
    }
}

pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let (read, write) = stream.into_split();
            let connected = Connect::io::<_, _, BenchClient, (), remoc::codec::Default>(
                Cfg::default(),
                read,
                write,
            );
            let (connection, mut send, _) = connected.await?;
            let (server, client) = BenchServerShared::new(Arc::new(Server));
            tokio::spawn(async move {
                // It ends with the connection.
                let _ = server.serve().await;
            });
            send.send(client).await.ok().context("the caller hung up")?;
            connection.await?;
            Ok::<_, anyhow::Error>(())
        });
    }
}

pub(crate) struct Remoc(BenchClient);

impl Peer for Remoc {
    const QUOTES: u64 = 10_000;
    const BLOCKS: u64 = 500;

    async fn with<T>(address: &str, body: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        let connected = Connect::io::<_, _, (), BenchClient, remoc::codec::Default>(
            Cfg::default(),
            read,
            write,
        );
        let (connection, _send, mut receive) = connected.await?;
        tokio::spawn(connection);
        let client = receive.recv().await?.context("the server hung up")?;
        body(&Self(client)).await
    }

    async fn echo(&self) -> Result<()> {
        std::hint::black_box(self.0.echo(Quote::new()).await?);
        Ok(())
    }

    async fn hold(&self) -> Result<()> {
        Ok(self.0.hold().await?)
    }

    async fn quotes(&self, count: u64, seen: &Cell<u64>) -> Result<()> {
        let mut quotes = self.0.quotes(count).await?;
        while let Some(quote) = quotes.recv().await? {
            std::hint::black_box(&quote);
            seen.set(seen.get() + 1);
        }
        Ok(())
    }

    async fn blocks(&self, count: u64) -> Result<()> {
        let mut blocks = self.0.blocks(count).await?;
        while let Some(block) = blocks.recv().await? {
            std::hint::black_box(&block);
        }
        Ok(())
    }

    async fn idle(&self) -> Result<()> {
        let mut quotes = self.0.idle().await?;
        while quotes.recv().await?.is_some() {}
        Ok(())
    }
}
