//! The cost of a whole process: CPU time, user and system, of it and of the children that it waited for.

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The CPU time of one run of the command.
///
/// Nothing else may start a process at the same time: what is counted is the difference of all ended children.
pub(crate) fn of(command: &mut Command) -> anyhow::Result<Duration> {
    let before = children()?;
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(children()?.saturating_sub(before))
}

/// The median of several runs; `prepare` runs before each and is not counted.
pub(crate) fn median(
    runs: usize,
    mut prepare: impl FnMut() -> anyhow::Result<()>,
    mut command: impl FnMut() -> Command,
) -> anyhow::Result<Duration> {
    let mut costs = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        prepare()?;
        costs.push(of(&mut command())?);
    }
    costs.sort_unstable();
    Ok(costs.get(costs.len() / 2).copied().unwrap_or_default())
}

fn children() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}
