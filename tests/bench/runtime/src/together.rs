//! Both ends in one process: so that a tool which counts instructions or allocations sees all of a call.

use std::cell::Cell;

use anyhow::{Context as _, Result, bail};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::job::Job;
use crate::peer::{Mode, Native, Peer as _, Plain, ScippCaller, bind, serve_at};

/// Does so many calls, or sends so many items, with both ends of scipp in one process and one thread.
///
/// What one of them costs is the difference between two runs, which leaves out how a process begins and ends.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  valgrind --tool=callgrind scipp-runtime-bench together --job unary64 --count 4000\n  together --job quotes --count 100000 --plain"
)]
pub(crate) struct Together {
    #[arg(long, value_enum)]
    job: Job,
    /// Calls, or items of one stream.
    #[arg(long)]
    count: u64,
    /// As it speaks to tractor.
    #[arg(long)]
    plain: bool,
}

impl Together {
    pub(crate) async fn run(self) -> Result<()> {
        if self.plain {
            self.with::<Plain>().await
        } else {
            self.with::<Native>().await
        }
    }

    async fn with<M: Mode>(&self) -> Result<()> {
        let listener = bind().await?;
        let address = listener.address().context("a listener has an address")?;
        let address = address.to_string();
        let served = tokio::task::spawn_local(serve_at(listener));
        ScippCaller::<M>::with(
            address.trim_start_matches("tcp://"),
            async |peer| match self.job {
                Job::Unary1 => calls(peer, 1, self.count).await,
                Job::Unary64 => calls(peer, 64, self.count).await,
                Job::Unary1024 => calls(peer, 1_024, self.count).await,
                Job::Quotes => peer.quotes(self.count, &Cell::new(0)).await,
                Job::Blocks => peer.blocks(self.count).await,
                _ => bail!("only calls and streams can be counted"),
            },
        )
        .await?;
        served.abort();
        Ok(())
    }
}

/// So many calls, and so many of them at a time.
async fn calls<M: Mode>(peer: &ScippCaller<M>, at_once: usize, count: u64) -> Result<()> {
    let left = &Cell::new(count);
    let mut callers: FuturesUnordered<_> = (0..at_once)
        .map(|_| async move {
            while let Some(less) = left.get().checked_sub(1) {
                left.set(less);
                peer.echo().await?;
            }
            Ok::<_, anyhow::Error>(())
        })
        .collect();
    while let Some(ended) = callers.next().await {
        ended?;
    }
    Ok(())
}
