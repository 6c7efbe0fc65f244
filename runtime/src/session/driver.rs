//! The only loop: moves bytes between a transport and the core.
//!
//! One task owns both halves of the transport. Reading never waits for writing: two peers that both write until somebody reads
//! would wait for ever. What waits to be written is coalesced, so that one system call carries many frames.

use std::{io, panic::AssertUnwindSafe, sync::Arc};

use bytes::{Buf as _, BytesMut};
use scipp_protocol::Loss;
use tokio::{
    io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::sleep_until,
};

use super::link::Link;
use crate::{limits, server::Incoming, transport::Transport};

/// Moves bytes until the session is over, and tells the core so. The transport is closed, both halves, when this returns.
pub(super) async fn drive<T: Transport>(link: &Arc<Link>, transport: T) -> Loss {
    let why = exchange(link, transport).await;
    link.lost(why.clone());
    why
}

async fn exchange<T: Transport>(link: &Arc<Link>, transport: T) -> Loss {
    let (mut read, mut write) = tokio::io::split(transport);
    let mut came = BytesMut::new();
    let mut out = BytesMut::new();
    let mut chunk = limits::READ_BYTES_MIN;
    let mut write_half = WriteHalf::Clean;
    loop {
        let turn = match link.turn(&mut came, &mut out) {
            Ok(turn) => turn,
            // Both halves close when they are dropped here: nothing more is said to a peer that breaks the protocol.
            Err(fault) => {
                tracing::warn!(%fault, "a session is closed");
                return Loss::Fault(Arc::new(fault));
            }
        };
        if turn.arrived {
            dispatch(link);
            continue;
        }
        match &write_half {
            WriteHalf::Broken(..) => out.clear(),
            _ if !out.is_empty() => write_half = WriteHalf::Dirty,
            _ => {}
        }
        if turn.close && matches!(write_half, WriteHalf::Clean) {
            let _ = write.shutdown().await;
            return Loss::Closed;
        }
        if turn.read && came.capacity() - came.len() < chunk {
            came.reserve(chunk);
        }
        tokio::select! {
            read = read.read_buf(&mut came), if turn.read => match read {
                Ok(0) => return Loss::Transport("the peer closed the connection".into()),
                Ok(bytes) => chunk = next_chunk(chunk, bytes),
                Err(error) => return Loss::Transport(error.to_string().into()),
            },
            written = push(&mut write, &mut out), if matches!(write_half, WriteHalf::Dirty) => match written {
                Ok(true) => write_half = WriteHalf::Clean,
                Ok(false) => {}
                // The peer may have said its last words before it closed: they are read before the session is given up.
                Err(error) => write_half = WriteHalf::broken(link, &error),
            },
            () = until(turn.deadline) => {}
            () = link.woken() => {}
            loss = write_half.gone() => return loss,
        }
    }
}

/// What is known about the writing half.
enum WriteHalf {
    /// Everything is with the transport.
    Clean,
    /// Bytes wait.
    Dirty,
    /// It takes no more bytes; what the peer has said is still read, until then.
    Broken(tokio::time::Instant, Loss),
}

impl WriteHalf {
    fn broken(link: &Link, error: &io::Error) -> Self {
        let until = tokio::time::Instant::now() + link.limits().close_max;
        Self::Broken(until, Loss::Transport(error.to_string().into()))
    }

    /// Resolves when nothing more is expected of a transport that takes no bytes.
    async fn gone(&self) -> Loss {
        match self {
            Self::Broken(at, loss) => {
                sleep_until(*at).await;
                loss.clone()
            }
            _ => std::future::pending().await,
        }
    }
}

/// Writes what it can. True when everything is with the transport.
async fn push(write: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> io::Result<bool> {
    while out.has_remaining() {
        if write.write_buf(out).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        // The core may have more for the same call.
        if out.has_remaining() {
            return Ok(false);
        }
    }
    write.flush().await?;
    Ok(true)
}

/// Hands arrived calls to their services. A service that panics has refused its call.
fn dispatch(link: &Arc<Link>) {
    while let Some((id, call)) = link.next_incoming() {
        let incoming = Incoming::new(link, id, call);
        let dispatched = std::panic::catch_unwind(AssertUnwindSafe(|| {
            link.settings().router.dispatch(incoming)
        }));
        if dispatched.is_err() {
            tracing::error!("a service panicked in its dispatch; the call was refused");
        }
    }
}

/// Reads more at once from a peer that sends much, and gives the memory back when it does not.
fn next_chunk(chunk: usize, came: usize) -> usize {
    if came >= chunk {
        (chunk * 2).min(limits::READ_BYTES_MAX)
    } else if came < chunk / 4 {
        (chunk / 2).max(limits::READ_BYTES_MIN)
    } else {
        chunk
    }
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
