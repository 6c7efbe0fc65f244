//! A bound socket that peers connect to.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use tokio::{
    net::{TcpListener, UnixListener, UnixStream},
    sync::{Mutex, mpsc},
};

use super::{Address, AddressError, IntoAddress, MemoryDialer, Stream};

/// Who may connect to a socket file: its owner only. A Unix socket has no other lock.
const SOCKET_MODE: u32 = 0o600;

/// A bound socket. Dropping it closes it, and removes the file of a Unix socket.
#[derive(Debug)]
pub struct Listener(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
    Memory(Mutex<mpsc::Receiver<Stream>>),
}

impl Listener {
    /// Binds an address, such as `"unix:/run/feed.sock"`. TCP port 0 lets the system choose: [`Listener::address`] says what
    /// it chose.
    ///
    /// The file of a Unix socket is made for its owner only (mode 0600); its folder should be, too. A file that a killed
    /// process left behind is replaced; one that somebody answers at is not.
    ///
    /// # Errors
    /// The text is no address, the address is taken, or the system says no.
    pub async fn bind(address: impl IntoAddress) -> Result<Self, BindError> {
        let address = address.into_address()?;
        let bound = match &address {
            Address::Tcp(socket) => TcpListener::bind(socket)
                .await
                .map(|listener| Self(Kind::Tcp(listener))),
            Address::Unix(path) => bind_unix(path).await,
        };
        bound.map_err(|source| BindError::Refused { address, source })
    }

    /// A listener within this process, and what connects to it.
    pub fn memory() -> (Self, MemoryDialer) {
        let (dialer, accepts) = MemoryDialer::new();
        (Self(Kind::Memory(Mutex::new(accepts))), dialer)
    }

    /// Where peers reach this; `None` for a listener within the process.
    pub fn address(&self) -> Option<Address> {
        match &self.0 {
            Kind::Tcp(listener) => listener.local_addr().ok().map(Address::Tcp),
            Kind::Unix(_, file) => Some(Address::Unix(file.0.clone())),
            Kind::Memory(_) => None,
        }
    }

    /// The next transport. Cancel safe.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        match &self.0 {
            Kind::Tcp(listener) => listener
                .accept()
                .await
                .and_then(|(stream, _)| Stream::tcp(stream)),
            Kind::Unix(listener, _) => listener
                .accept()
                .await
                .map(|(stream, _)| Stream::Unix(stream)),
            Kind::Memory(accepts) => match accepts.lock().await.recv().await {
                Some(stream) => Ok(stream),
                // Every dialer is gone: nobody can connect any more, which is no error.
                None => std::future::pending().await,
            },
        }
    }
}

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The system does not let us listen there.
    #[error("cannot listen at {address}: {source}")]
    Refused {
        /// Where.
        address: Address,
        /// Why.
        source: io::Error,
    },
}

async fn bind_unix(path: &Path) -> io::Result<Listener> {
    let listener = match UnixListener::bind(path) {
        Err(taken) if taken.kind() == io::ErrorKind::AddrInUse && is_stale(path).await => {
            fs::remove_file(path)?;
            UnixListener::bind(path)?
        }
        bound => bound?,
    };
    let file = SocketFile(path.to_owned());
    fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
    Ok(Listener(Kind::Unix(listener, file)))
}

/// A socket file that nobody answers at.
async fn is_stale(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
        && UnixStream::connect(path)
            .await
            .is_err_and(|refused| refused.kind() == io::ErrorKind::ConnectionRefused)
}

/// The file of a bound socket; removed with its listener.
#[derive(Debug)]
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::debug!(path = %self.0.display(), %error, "the file of a closed socket stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_file_is_private_and_goes_with_its_listener() {
        let folder = std::env::temp_dir().join(format!("scipp-listener-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("private.sock");
        let address = Address::Unix(path.clone());
        let listener = Listener::bind(&address).await.unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(listener.address(), Some(address.clone()));

        let taken = Listener::bind(&address).await.unwrap_err().to_string();
        assert!(taken.contains("private.sock"), "{taken}");
        let none = Listener::bind("private.sock").await.unwrap_err();
        assert!(none.to_string().contains("is not an address"), "{none}");
        drop(listener);
        assert!(!path.exists());

        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "left behind, as by a killed process");
        drop(Listener::bind(&address).await.unwrap());

        fs::write(&path, "a file of somebody else").unwrap();
        assert!(Listener::bind(&address).await.is_err());
        assert!(path.exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
