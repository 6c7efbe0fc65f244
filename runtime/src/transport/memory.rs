//! A listener within the process: for tests, and for actors that share a process.

use std::io;

use tokio::sync::mpsc;

use super::Stream;

/// Bytes that one direction of a memory transport holds; as much as a socket buffer that small messages never fill.
const MEMORY_BYTES: usize = 64 * 1024;

/// Connections that wait to be accepted, as the backlog of a socket.
const BACKLOG: usize = 64;

/// Opens transports to a memory listener. Clones reach the same listener.
#[derive(Clone, Debug)]
pub struct MemoryDialer(mpsc::Sender<Stream>);

impl MemoryDialer {
    pub(super) fn new() -> (Self, mpsc::Receiver<Stream>) {
        let (dialer, accepts) = mpsc::channel(BACKLOG);
        (Self(dialer), accepts)
    }

    /// A transport to the listener.
    ///
    /// # Errors
    /// `ConnectionRefused`, when nobody listens any more.
    pub async fn dial(&self) -> io::Result<Stream> {
        let (near, far) = Stream::pair(MEMORY_BYTES);
        let refused = |_| {
            io::Error::new(
                io::ErrorKind::ConnectionRefused,
                "nobody listens at this memory listener any more",
            )
        };
        self.0.send(far).await.map_err(refused)?;
        Ok(near)
    }
}
