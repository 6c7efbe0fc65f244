//! The floor: tokio, four bytes of length and a payload. No dialogs, no types, no errors.
//!
//! Batched, both ends read what there is and write what they have; naive, each message costs a write and two reads.

use std::time::Instant;

use anyhow::{Result, bail};
use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::job::{Job, Sample};
use crate::load::{Load, latency};
use crate::quote::BLOCK_BYTES;

/// A quote as MessagePack.
const QUOTE_BYTES: usize = 61;
/// The frame of a quote in a stream, without its length, is as large as scipp's.
const ITEM_BYTES: usize = 123;
const PREFIX_BYTES: usize = 4;
/// What is written at once.
const BATCH_BYTES: usize = 64 * 1024;
/// A frame of this size asks for a stream: the count of its messages, and their size.
const REQUEST_BYTES: usize = 16;

pub(crate) async fn serve(batched: bool) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(async move {
            // A caller that hangs up is none the worse.
            let _ = if batched {
                answer(stream).await
            } else {
                answer_each(stream).await
            };
        });
    }
}

async fn answer(mut stream: TcpStream) -> Result<()> {
    let (mut came, mut out) = (
        BytesMut::with_capacity(BATCH_BYTES),
        BytesMut::with_capacity(BATCH_BYTES),
    );
    loop {
        came.reserve(BATCH_BYTES);
        if stream.read_buf(&mut came).await? == 0 {
            return Ok(());
        }
        while let Some(length) = whole(&came) {
            let frame = came.split_to(PREFIX_BYTES + length);
            if length == REQUEST_BYTES {
                send(&mut stream, &frame, true).await?;
            } else {
                out.extend_from_slice(&frame);
            }
        }
        stream.write_all_buf(&mut out).await?;
    }
}

async fn answer_each(mut stream: TcpStream) -> Result<()> {
    let mut frame = Vec::new();
    loop {
        read_frame(&mut stream, &mut frame).await?;
        if frame.len() == PREFIX_BYTES + REQUEST_BYTES {
            send(&mut stream, &frame, false).await?;
        } else {
            stream.write_all(&frame).await?;
        }
    }
}

/// A stream of messages, as it was asked for.
async fn send(stream: &mut TcpStream, request: &[u8], batched: bool) -> Result<()> {
    let mut request = request.get(PREFIX_BYTES..).unwrap_or_default();
    let (count, bytes) = (request.get_u64_le(), request.get_u64_le() as usize);
    let message = frame(bytes);
    let mut out = BytesMut::with_capacity(BATCH_BYTES);
    for _ in 0..count {
        out.extend_from_slice(&message);
        if !batched || out.len() + message.len() > BATCH_BYTES {
            stream.write_all(&out).await?;
            out.clear();
        }
    }
    stream.write_all(&out).await?;
    Ok(())
}

pub(crate) async fn drive(load: &Load, batched: bool) -> Result<Sample> {
    if load.job == Job::SetUp {
        let (mut took, until) = (Vec::new(), load.until());
        while Instant::now() < until {
            let began = Instant::now();
            let mut stream = connect(&load.address).await?;
            echo(&mut stream, batched).await?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        return Ok(latency(took, Sample::default()));
    }
    let mut stream = connect(&load.address).await?;
    match load.job {
        Job::Unary1 | Job::Cancel => {
            for _ in 0..200 {
                echo(&mut stream, batched).await?;
            }
            let (meter, until) = (load.meter()?, load.until());
            let (mut took, mut before) = (Vec::new(), Instant::now());
            while before < until {
                echo(&mut stream, batched).await?;
                let now = Instant::now();
                took.push((now - before).as_secs_f64() * 1e6);
                before = now;
            }
            let sample = meter.rate(took.len() as u64)?;
            Ok(latency(took, sample))
        }
        Job::Unary64 => in_flight(stream, load, 64, batched).await,
        Job::Unary1024 => in_flight(stream, load, 1_024, batched).await,
        Job::Quotes => receive(stream, load, ITEM_BYTES, 400_000, batched).await,
        Job::Blocks => receive(stream, load, BLOCK_BYTES, 2_000, batched).await,
        other => bail!("bare framing has no {other:?}"),
    }
}

async fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn echo(stream: &mut TcpStream, batched: bool) -> Result<()> {
    stream.write_all(&frame(QUOTE_BYTES)).await?;
    let mut came = Vec::with_capacity(4_096);
    if !batched {
        return read_frame(stream, &mut came).await;
    }
    while came.len() < PREFIX_BYTES + QUOTE_BYTES {
        if stream.read_buf(&mut came).await? == 0 {
            bail!("the server hung up");
        }
    }
    Ok(())
}

async fn in_flight(
    mut stream: TcpStream,
    load: &Load,
    count: usize,
    batched: bool,
) -> Result<Sample> {
    let message = frame(QUOTE_BYTES);
    let (meter, until) = (load.meter()?, load.until());
    let mut done = 0;
    for _ in 0..count {
        stream.write_all(&message).await?;
    }
    if !batched {
        let mut came = Vec::new();
        while Instant::now() < until {
            read_frame(&mut stream, &mut came).await?;
            done += 1;
            stream.write_all(&message).await?;
        }
        return meter.rate(done);
    }
    let (mut came, mut out) = (
        BytesMut::with_capacity(BATCH_BYTES),
        BytesMut::with_capacity(BATCH_BYTES),
    );
    while Instant::now() < until {
        came.reserve(BATCH_BYTES);
        if stream.read_buf(&mut came).await? == 0 {
            bail!("the server hung up");
        }
        while let Some(length) = whole(&came) {
            came.advance(PREFIX_BYTES + length);
            out.extend_from_slice(&message);
            done += 1;
        }
        stream.write_all_buf(&mut out).await?;
    }
    meter.rate(done)
}

async fn receive(
    mut stream: TcpStream,
    load: &Load,
    bytes: usize,
    count: u64,
    batched: bool,
) -> Result<Sample> {
    let mut request = Vec::from((REQUEST_BYTES as u32).to_le_bytes());
    request.extend(count.to_le_bytes());
    request.extend((bytes as u64).to_le_bytes());
    let (meter, until) = (load.meter()?, load.until());
    let mut done = 0;
    let mut came = BytesMut::with_capacity(2 * BATCH_BYTES);
    let mut each = Vec::new();
    while Instant::now() < until {
        stream.write_all(&request).await?;
        let mut left = count;
        while left > 0 {
            if !batched {
                read_frame(&mut stream, &mut each).await?;
                left -= 1;
                continue;
            }
            came.reserve(BATCH_BYTES);
            if stream.read_buf(&mut came).await? == 0 {
                bail!("the server hung up");
            }
            while let Some(length) = whole(&came) {
                came.advance(PREFIX_BYTES + length);
                left -= 1;
            }
        }
        done += count;
    }
    meter.rate(done)
}

fn frame(bytes: usize) -> Vec<u8> {
    let mut frame = Vec::from((bytes as u32).to_le_bytes());
    frame.resize(PREFIX_BYTES + bytes, 7);
    frame
}

/// The length of the first frame, if all of it is there.
fn whole(came: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(*came.first_chunk()?) as usize;
    (came.len() >= PREFIX_BYTES + length).then_some(length)
}

async fn read_frame(stream: &mut TcpStream, frame: &mut Vec<u8>) -> Result<()> {
    frame.resize(PREFIX_BYTES, 0);
    stream.read_exact(frame).await?;
    let length = frame
        .first_chunk()
        .map_or(0, |prefix| u32::from_le_bytes(*prefix) as usize);
    frame.resize(PREFIX_BYTES + length, 0);
    stream.read_exact(&mut frame[PREFIX_BYTES..]).await?;
    Ok(())
}
