//! Reaching a peer.

use std::io;

use tokio::net::{TcpStream, UnixStream};

use super::{Address, AddressError, MemoryDialer, Stream};

/// Where to connect to.
#[derive(Clone, Debug)]
pub enum Target {
    /// A socket.
    Address(Address),
    /// A listener in this process.
    Memory(MemoryDialer),
}

/// What can be connected to: an [`Address`], its text, or a [`MemoryDialer`].
pub trait IntoTarget {
    /// Where to connect to.
    ///
    /// # Errors
    /// The text is no address.
    fn into_target(self) -> Result<Target, AddressError>;
}

impl IntoTarget for &str {
    fn into_target(self) -> Result<Target, AddressError> {
        self.parse().map(Target::Address)
    }
}

impl IntoTarget for &String {
    fn into_target(self) -> Result<Target, AddressError> {
        self.as_str().into_target()
    }
}

impl IntoTarget for String {
    fn into_target(self) -> Result<Target, AddressError> {
        self.as_str().into_target()
    }
}

impl IntoTarget for Address {
    fn into_target(self) -> Result<Target, AddressError> {
        Ok(Target::Address(self))
    }
}

impl IntoTarget for &Address {
    fn into_target(self) -> Result<Target, AddressError> {
        Ok(Target::Address(self.clone()))
    }
}

impl IntoTarget for MemoryDialer {
    fn into_target(self) -> Result<Target, AddressError> {
        Ok(Target::Memory(self))
    }
}

impl IntoTarget for &MemoryDialer {
    fn into_target(self) -> Result<Target, AddressError> {
        Ok(Target::Memory(self.clone()))
    }
}

impl IntoTarget for Target {
    fn into_target(self) -> Result<Target, AddressError> {
        Ok(self)
    }
}

impl IntoTarget for &Target {
    fn into_target(self) -> Result<Target, AddressError> {
        Ok(self.clone())
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => address.fmt(out),
            Self::Memory(_) => out.write_str("a listener in this process"),
        }
    }
}

/// A transport to `target`. The caller bounds the wait.
pub(crate) async fn dial(target: &Target) -> io::Result<Stream> {
    match target {
        Target::Address(Address::Tcp(socket)) => Stream::tcp(TcpStream::connect(socket).await?),
        Target::Address(Address::Unix(path)) => Ok(Stream::Unix(UnixStream::connect(path).await?)),
        Target::Memory(dialer) => dialer.dial().await,
    }
}
