//! Moving bytes: where a peer is, and how to reach it.
//!
//! This folder and `session/driver.rs` are the only places that know of sockets. A transport knows nothing of frames.

mod dial;
mod listener;
mod memory;
mod own;
mod pipe;

pub use dial::{IntoTarget, Target};
pub use listener::{BindError, Listener};
pub use memory::MemoryDialer;
pub use scipp_protocol::{Address, AddressError, IntoAddress};

pub(crate) use dial::dial;
pub(crate) use own::{own_address, socket_in};
pub(crate) use pipe::{Tail, keep};

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    net::{TcpStream, UnixStream},
};

/// An ordered, reliable stream of bytes in both directions.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for T {}

/// A connected transport of any of the built-in kinds.
#[derive(Debug)]
pub enum Stream {
    /// TCP, without delay of small writes.
    Tcp(TcpStream),
    /// A Unix domain socket.
    Unix(UnixStream),
    /// Within this process.
    Memory(DuplexStream),
}

impl Stream {
    /// Two ends of a transport within this process, which holds `bytes` in each direction.
    pub fn pair(bytes: usize) -> (Self, Self) {
        let (near, far) = tokio::io::duplex(bytes);
        (Self::Memory(near), Self::Memory(far))
    }

    pub(crate) fn tcp(stream: TcpStream) -> io::Result<Self> {
        // A dialog's messages are small and each one is waited for: the driver coalesces, the kernel must not delay.
        stream.set_nodelay(true)?;
        Ok(Self::Tcp(stream))
    }
}

macro_rules! each {
    ($self:ident, $inner:ident => $body:expr) => {
        match $self.get_mut() {
            Stream::Tcp($inner) => $body,
            Stream::Unix($inner) => $body,
            Stream::Memory($inner) => $body,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_read(task, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write(task, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(task))
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(task))
    }
}
