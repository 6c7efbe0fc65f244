//! The run: servers and callers as processes of their own, pinned, one after the other in every round.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::job::{Job, Sample};
use crate::peer::Name;
use crate::table;

/// Measures, and prints a table for each job: figures, and ratios to the floor and to the others.
///
/// Within a round every peer has its turn, and ratios are taken within a round: what disturbs the machine disturbs all.
/// Medians of the rounds are printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  run\n  run --job unary64 --peer raw --peer scipp --rounds 9")]
pub(crate) struct Run {
    /// What to measure; everything unless given.
    #[arg(long, value_enum)]
    job: Vec<Job>,
    /// Whom to measure; everybody unless given.
    #[arg(long, value_enum)]
    peer: Vec<Name>,
    /// Where both processes run; both ways unless given.
    #[arg(long, value_enum)]
    place: Vec<Place>,
    /// Rounds of each job.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long a job takes in one round.
    #[arg(long, default_value_t = 400)]
    milliseconds: u64,
}

/// Where the two processes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Place {
    /// Each on a processor of its own.
    Split,
    /// Both on one.
    Same,
}

impl Place {
    /// The processors of server and caller.
    fn cpus(self) -> (usize, usize) {
        match self {
            Self::Split => (0, 1),
            Self::Same => (0, 0),
        }
    }
}

/// What a peer's rounds of one job gave, in order.
pub(crate) type Rounds = Vec<(Name, Vec<Sample>)>;

impl Run {
    pub(crate) fn run(self) -> Result<()> {
        let or_all = |given: &[Job]| {
            if given.is_empty() {
                Job::value_variants().to_vec()
            } else {
                given.to_vec()
            }
        };
        let peers = if self.peer.is_empty() {
            Name::all()
        } else {
            self.peer.clone()
        };
        let places = if self.place.is_empty() {
            vec![Place::Split, Place::Same]
        } else {
            self.place.clone()
        };
        for job in or_all(&self.job) {
            for &place in &places {
                // Memory does not depend on where a process runs.
                if job.is_memory() && place != places[0] {
                    continue;
                }
                let rounds = self.rounds(job, place, &peers)?;
                table::print(job, place, &rounds);
            }
        }
        Ok(())
    }

    fn rounds(&self, job: Job, place: Place, peers: &[Name]) -> Result<Rounds> {
        let mut rounds: Rounds = peers
            .iter()
            .filter(|peer| peer.does(job))
            .map(|&peer| (peer, Vec::new()))
            .collect();
        let (server_cpu, caller_cpu) = place.cpus();
        let mut servers = Vec::new();
        for (peer, _) in &rounds {
            servers.push(Server::start(*peer, server_cpu)?);
        }
        for _ in 0..self.rounds {
            for ((peer, samples), server) in rounds.iter_mut().zip(&mut servers) {
                // One that has held thousands of dialogs has memory that the next one would get for nothing.
                if job.is_memory() {
                    *server = Server::start(*peer, server_cpu)?;
                }
                samples.push(self.drive(*peer, job, server, caller_cpu)?);
            }
        }
        Ok(rounds)
    }

    fn drive(&self, peer: Name, job: Job, server: &Server, cpu: usize) -> Result<Sample> {
        let job_name = job.to_possible_value().context("a job without a name")?;
        let output = Command::new(std::env::current_exe()?)
            .args([
                "drive",
                "--peer",
                &peer.text(),
                "--job",
                job_name.get_name(),
            ])
            .args([
                "--address",
                &server.address,
                "--server",
                &server.process.id().to_string(),
            ])
            .args([
                "--milliseconds",
                &self.milliseconds.to_string(),
                "--cpu",
                &cpu.to_string(),
            ])
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            bail!("{} failed at {}", peer.text(), job_name.get_name());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// A server's process; it is killed when this goes.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(peer: Name, cpu: usize) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", "--peer", &peer.text(), "--cpu", &cpu.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let stdout = process.stdout.take().context("the server has no output")?;
        BufReader::new(stdout).read_line(&mut address)?;
        Ok(Self {
            process,
            address: address.trim().to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
