//! Those that are compared. Each offers the same calls and streams, with what it has for them.

pub(crate) mod raw;
#[cfg(feature = "others")]
mod remoc;
mod scipp;
#[cfg(feature = "others")]
mod tarpc;
#[cfg(feature = "others")]
pub(crate) mod tonic;

pub(crate) use scipp::{Caller as ScippCaller, Mode, Native, Plain, bind, serve_at};
use std::cell::Cell;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::cost;
use crate::job::{Job, Sample};
use crate::load::{self, Load};

/// One who is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Four bytes of length and a payload, coalesced: the floor that everything is measured against.
    Raw,
    /// The same with a system call for each message.
    RawNaive,
    /// This project.
    Scipp,
    /// This project as it speaks to tractor.
    ScippPlain,
    /// tarpc over bincode.
    #[cfg(feature = "others")]
    Tarpc,
    /// gRPC.
    #[cfg(feature = "others")]
    Tonic,
    /// remoc.
    #[cfg(feature = "others")]
    Remoc,
}

impl Name {
    pub(crate) fn all() -> Vec<Self> {
        Self::value_variants().to_vec()
    }

    pub(crate) fn text(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it can do the job at all.
    pub(crate) fn does(self, job: Job) -> bool {
        match (self, job) {
            // It has nothing to keep, and a first byte is its set-up.
            (Self::Raw | Self::RawNaive, Job::IdleCall | Job::IdleStream | Job::Beside) => false,
            (Self::RawNaive, Job::SetUp | Job::Cancel) => false,
            // It has calls only.
            #[cfg(feature = "others")]
            (Self::Tarpc, Job::Quotes | Job::Blocks | Job::Beside | Job::IdleStream) => false,
            // Nobody else says when a cancelled stream is over.
            #[cfg(feature = "others")]
            (Self::Tarpc | Self::Tonic | Self::Remoc, Job::Cancel) => false,
            _ => true,
        }
    }

    pub(crate) async fn drive(self, load: &Load) -> Result<Sample> {
        match self {
            Self::Raw => raw::drive(load, true).await,
            Self::RawNaive => raw::drive(load, false).await,
            Self::Scipp => load::drive::<scipp::Caller<scipp::Native>>(load).await,
            Self::ScippPlain => load::drive::<scipp::Caller<scipp::Plain>>(load).await,
            #[cfg(feature = "others")]
            Self::Tarpc => load::drive::<tarpc::Tarpc>(load).await,
            #[cfg(feature = "others")]
            Self::Tonic => load::drive::<tonic::Tonic>(load).await,
            #[cfg(feature = "others")]
            Self::Remoc => load::drive::<remoc::Remoc>(load).await,
        }
    }
}

/// Serves one of the peers on a free port of the loopback interface, and prints the port. Started by `run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[arg(long, value_enum)]
    peer: Name,
    /// The processor to run on.
    #[arg(long)]
    cpu: usize,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<()> {
        cost::pin(self.cpu)?;
        match self.peer {
            Name::Raw => raw::serve(true).await,
            Name::RawNaive => raw::serve(false).await,
            Name::Scipp | Name::ScippPlain => scipp::serve().await,
            #[cfg(feature = "others")]
            Name::Tarpc => tarpc::serve().await,
            #[cfg(feature = "others")]
            Name::Tonic => tonic::serve().await,
            #[cfg(feature = "others")]
            Name::Remoc => remoc::serve().await,
        }
    }
}

/// A caller of one of the peers.
pub(crate) trait Peer: Sized {
    /// Messages of a stream that is measured: enough for its beginning not to matter.
    const QUOTES: u64;
    /// The same for blocks.
    const BLOCKS: u64 = 2_000;

    /// Connects, and runs `body` with the connection.
    async fn with<T>(address: &str, body: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T>;

    /// A call that brings the quote back.
    async fn echo(&self) -> Result<()>;

    /// A call that never returns.
    async fn hold(&self) -> Result<()>;

    /// Reads a stream of so many quotes, and counts them.
    async fn quotes(&self, _count: u64, _seen: &Cell<u64>) -> Result<()> {
        bail!("this peer has no streams")
    }

    /// Reads a stream of so many blocks.
    async fn blocks(&self, _count: u64) -> Result<()> {
        bail!("this peer has no streams")
    }

    /// Opens a stream on which nothing comes, and reads it.
    async fn idle(&self) -> Result<()> {
        bail!("this peer has no streams")
    }

    /// Opens such a stream, then cancels it; the microseconds from asking to its end.
    async fn cancel(&self) -> Result<f64> {
        bail!("this peer does not say when a cancelled stream is over")
    }
}
