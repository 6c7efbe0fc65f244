//! A process: its end, asked for more and more firmly, and its output.

use std::{io, process::ExitStatus, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{process::Child as Process, time::timeout};

use super::{
    child::Output,
    life::{Exit, How},
};
use crate::{
    limits::RuntimeLimits,
    scope::{self, Scope},
    transport::{Tail, keep},
};

/// A process that runs, or is a zombie that nobody else can reap: its id is its own until [`wait`](Self::wait) has resolved.
#[derive(Debug)]
pub(super) struct Running {
    process: Process,
    pub(super) stdout: Tail,
    pub(super) stderr: Tail,
    readers: Vec<scope::Child<()>>,
}

impl Running {
    pub(super) fn new(
        mut process: Process,
        output: Output,
        limits: &RuntimeLimits,
        tasks: &Scope,
    ) -> Self {
        let (stdout, stderr) = (
            Tail::new(limits.child_output_bytes),
            Tail::new(limits.child_output_bytes),
        );
        let mut readers = Vec::new();
        if output == Output::Keep {
            if let Some(pipe) = process.stdout.take() {
                readers.push(tasks.spawn(keep(pipe, stdout.clone())));
            }
            if let Some(pipe) = process.stderr.take() {
                readers.push(tasks.spawn(keep(pipe, stderr.clone())));
            }
        }
        Self {
            process,
            stdout,
            stderr,
            readers,
        }
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// Resolves when it has ended and is reaped. Cancel safe.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Its end: waits for it after it was `asked` to, terminates it, kills it. When this resolves it is reaped, unless even the kernel
    /// cannot end it.
    pub(super) async fn end(&mut self, asked: Option<Duration>, limits: &RuntimeLimits) -> Exit {
        if let Some(max) = asked
            && let Ok(status) = timeout(max, self.wait()).await
        {
            return Exit::new(How::Asked, status);
        }
        self.terminate();
        if let Ok(status) = timeout(limits.child_term_max, self.wait()).await {
            return Exit::new(How::Terminated, status);
        }
        self.kill(limits).await
    }

    /// Kills it, and reaps it.
    pub(super) async fn kill(&mut self, limits: &RuntimeLimits) -> Exit {
        let _ = self.process.start_kill();
        match timeout(limits.reap_max, self.wait()).await {
            Ok(status) => Exit::new(How::Killed, status),
            Err(_) => {
                tracing::error!(pid = self.pid(), "a killed process does not end");
                Exit::unknown()
            }
        }
    }

    /// Waits, bounded, for the last of its output: a process of its own may still hold the pipes.
    pub(super) async fn hear_out(&mut self, limits: &RuntimeLimits) {
        let all = futures::future::join_all(self.readers.drain(..));
        let _ = timeout(limits.close_max, all).await;
    }

    fn terminate(&self) {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}
