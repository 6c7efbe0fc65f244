//! What processes have used, as the kernel counts it.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Time that the processor gave to the main thread of a process. There is no other thread.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/schedstat");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let ns = text.split(' ').next().unwrap_or_default().trim();
    Ok(Duration::from_nanos(ns.parse().with_context(|| path)?))
}

/// Bytes of a process that are in memory.
pub(crate) fn resident(pid: u32) -> Result<f64> {
    const PAGE_BYTES: f64 = 4_096.0;
    let path = format!("/proc/{pid}/statm");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    let pages = text.split(' ').nth(1).unwrap_or_default();
    Ok(pages.parse::<f64>().with_context(|| path)? * PAGE_BYTES)
}

/// Lets this process run on one processor only.
pub(crate) fn pin(cpu: usize) -> Result<()> {
    let mut set = nix::sched::CpuSet::new();
    set.set(cpu)?;
    nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &set)
        .with_context(|| format!("processor {cpu}"))
}
