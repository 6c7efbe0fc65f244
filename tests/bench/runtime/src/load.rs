//! What the caller's process does: one job with one peer.

use std::cell::Cell;
use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::cost;
use crate::job::{Job, Sample};
use crate::peer::{Name, Peer};

/// Does one job and prints what came of it. Started by `run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Drive {
    #[arg(long, value_enum)]
    peer: Name,
    #[command(flatten)]
    load: Load,
    /// The processor to run on.
    #[arg(long)]
    cpu: usize,
}

/// The job, and with whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Load {
    #[arg(long, value_enum)]
    pub(crate) job: Job,
    /// Where the server listens.
    #[arg(long)]
    pub(crate) address: String,
    /// The server's process.
    #[arg(long)]
    server: u32,
    /// How long to measure.
    #[arg(long)]
    pub(crate) milliseconds: u64,
}

/// Dialogs that are held when their memory is measured.
const HELD: usize = 4_000;

impl Drive {
    pub(crate) async fn run(self) -> Result<()> {
        cost::pin(self.cpu)?;
        let sample = self.peer.drive(&self.load).await?;
        println!("{}", serde_json::to_string(&sample)?);
        // What is left open is of no interest; some peers would wait for it.
        std::process::exit(0);
    }
}

impl Load {
    /// When to stop.
    pub(crate) fn until(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.milliseconds)
    }

    /// Starts to measure a rate.
    pub(crate) fn meter(&self) -> Result<Meter> {
        Ok(Meter {
            server: self.server,
            began: Instant::now(),
            cpu: self.cpu()?,
        })
    }

    fn cpu(&self) -> Result<Duration> {
        Ok(cost::cpu(std::process::id())? + cost::cpu(self.server)?)
    }
}

/// Time, and time of the processors, since it was made.
pub(crate) struct Meter {
    server: u32,
    began: Instant,
    cpu: Duration,
}

impl Meter {
    /// What so many calls or messages have cost.
    pub(crate) fn rate(&self, count: u64) -> Result<Sample> {
        let seconds = self.began.elapsed().as_secs_f64();
        let cpu = cost::cpu(std::process::id())? + cost::cpu(self.server)? - self.cpu;
        let count = count as f64;
        Ok(Sample {
            rate: count / seconds,
            cpu: cpu.as_nanos() as f64 / count,
            ..Sample::default()
        })
    }
}

/// Does the job with a peer that has calls.
pub(crate) async fn drive<P: Peer>(load: &Load) -> Result<Sample> {
    if load.job == Job::SetUp {
        let mut took = Vec::new();
        let until = load.until();
        while took.len() < 3 || Instant::now() < until {
            let began = Instant::now();
            let at = P::with(&load.address, async |peer| {
                peer.echo().await?;
                Ok(began.elapsed())
            });
            took.push(at.await?.as_secs_f64() * 1e6);
        }
        return Ok(latency(took, Sample::default()));
    }
    P::with(&load.address, async |peer| {
        for _ in 0..200 {
            peer.echo().await?;
        }
        match load.job {
            Job::Unary1 => {
                let meter = load.meter()?;
                let took = calls(peer, load.until()).await?;
                let sample = meter.rate(took.len() as u64)?;
                Ok(latency(took, sample))
            }
            Job::Unary64 => in_flight(peer, load, 64).await,
            Job::Unary1024 => in_flight(peer, load, 1_024).await,
            Job::Quotes => {
                let seen = Cell::new(0);
                peer.quotes(P::QUOTES / 4, &seen).await?;
                seen.set(0);
                let (meter, until) = (load.meter()?, load.until());
                while Instant::now() < until {
                    peer.quotes(P::QUOTES, &seen).await?;
                }
                meter.rate(seen.get())
            }
            Job::Blocks => {
                peer.blocks(P::BLOCKS / 4).await?;
                let (meter, until) = (load.meter()?, load.until());
                let mut count = 0;
                while Instant::now() < until {
                    peer.blocks(P::BLOCKS).await?;
                    count += P::BLOCKS;
                }
                meter.rate(count)
            }
            Job::Beside => beside(peer, load).await,
            Job::Cancel => {
                let (mut took, until) = (Vec::new(), load.until());
                while Instant::now() < until {
                    took.push(peer.cancel().await?);
                }
                Ok(latency(took, Sample::default()))
            }
            Job::IdleCall => held(load, || peer.hold()).await,
            Job::IdleStream => held(load, || peer.idle()).await,
            Job::SetUp => bail!("it needs a connection of its own for each call"),
        }
    })
    .await
}

/// Microseconds of each call.
async fn calls(peer: &impl Peer, until: Instant) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    let mut before = Instant::now();
    while before < until {
        peer.echo().await?;
        let now = Instant::now();
        took.push((now - before).as_secs_f64() * 1e6);
        before = now;
    }
    Ok(took)
}

async fn in_flight(peer: &impl Peer, load: &Load, count: usize) -> Result<Sample> {
    let (meter, until, done) = (load.meter()?, load.until(), Cell::new(0));
    let done = &done;
    let mut callers: FuturesUnordered<_> = (0..count)
        .map(|_| async move {
            while Instant::now() < until {
                peer.echo().await?;
                done.set(done.get() + 1);
            }
            Ok::<_, anyhow::Error>(())
        })
        .collect();
    while let Some(ended) = callers.next().await {
        ended?;
    }
    meter.rate(done.get())
}

async fn beside<P: Peer>(peer: &P, load: &Load) -> Result<Sample> {
    let seen = Cell::new(0);
    let stream = async {
        loop {
            peer.quotes(P::QUOTES, &seen).await?;
        }
    };
    let measured = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (meter, before) = (load.meter()?, seen.get());
        let took = calls(peer, load.until()).await?;
        let beside = meter.rate(seen.get() - before)?.rate;
        Ok(latency(
            took,
            Sample {
                beside,
                ..Sample::default()
            },
        ))
    };
    tokio::select! {
        ended = stream => ended,
        sample = measured => sample,
    }
}

/// Memory of both processes for each of many dialogs.
async fn held<F: Future<Output = Result<()>>>(load: &Load, open: impl Fn() -> F) -> Result<Sample> {
    let mut dialogs: FuturesUnordered<F> = (0..64).map(|_| open()).collect();
    quiet(&mut dialogs).await?;
    let resident = || {
        Ok::<_, anyhow::Error>((
            cost::resident(std::process::id())?,
            cost::resident(load.server)?,
        ))
    };
    let before = resident()?;
    dialogs.extend((0..HELD).map(|_| open()));
    quiet(&mut dialogs).await?;
    let after = resident()?;
    Ok(Sample {
        caller_bytes: (after.0 - before.0) / HELD as f64,
        callee_bytes: (after.1 - before.1) / HELD as f64,
        ..Sample::default()
    })
}

/// Lets dialogs begin until nothing moves any more. None of them ends.
async fn quiet<F: Future<Output = Result<()>>>(dialogs: &mut FuturesUnordered<F>) -> Result<()> {
    tokio::select! {
        Some(Err(error)) = dialogs.next() => Err(error),
        () = tokio::time::sleep(Duration::from_millis(700)) => Ok(()),
    }
}

/// Adds what half of the calls, and all but one in a hundred, took at most.
pub(crate) fn latency(mut took: Vec<f64>, sample: Sample) -> Sample {
    took.sort_by(f64::total_cmp);
    let at = |part: f64| {
        took.get((took.len() as f64 * part) as usize)
            .copied()
            .unwrap_or_default()
    };
    Sample {
        p50: at(0.5),
        p99: at(0.99),
        ..sample
    }
}
