//! Where a peer listens: `tcp://host:port` or `unix:/path`.

mod wire;

use core::net::{IpAddr, SocketAddr};
use std::{fmt, path::PathBuf, str::FromStr};

pub use wire::NoWireForm;

/// The longest path of a Unix socket in bytes that the system takes (108 with its closing zero on Linux).
const UNIX_PATH_BYTES_MAX: usize = 107;

/// Where a peer listens.
///
/// Written `tcp://127.0.0.1:1616`, `tcp://[::1]:1616` or `unix:/run/user/1000/feed.sock`. A TCP host is a literal
/// address, never a name: which machine a name means is a question for the caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A TCP socket.
    Tcp(SocketAddr),
    /// The file of a Unix domain socket.
    Unix(PathBuf),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let fail = |why: &'static str| AddressError {
            text: text.to_owned(),
            why,
        };
        if let Some(socket) = text.strip_prefix("tcp://") {
            let socket = socket.parse().map_err(|_| {
                fail("after `tcp://` stands a literal address and a port, as in `tcp://127.0.0.1:1616` or `tcp://[::1]:1616`")
            })?;
            return Ok(Self::Tcp(socket));
        }
        if let Some(path) = text.strip_prefix("unix:") {
            if path.is_empty() || path.contains('\0') {
                return Err(fail(
                    "after `unix:` stands the path of the socket file, as in `unix:/run/feed.sock`",
                ));
            }
            if path.len() > UNIX_PATH_BYTES_MAX {
                return Err(fail(
                    "the path of a Unix socket holds at most 107 bytes; choose a shorter folder",
                ));
            }
            return Ok(Self::Unix(path.into()));
        }
        Err(fail("an address starts with `tcp://` or `unix:`"))
    }
}

impl Address {
    /// Whether other actors may be told to come here: a registrar lists addresses of this machine and of private
    /// networks, where somebody can listen. tractor's registrars break at any other.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_listed(&self) -> Result<(), NotListed> {
        let why = match self {
            Self::Tcp(socket) if socket.port() == 0 => {
                "port 0 means any port, and nobody can connect to it"
            }
            Self::Tcp(socket) if socket.ip().is_unspecified() => {
                "it means all addresses of a machine, and leads to none"
            }
            Self::Tcp(socket) if !is_near(socket.ip()) => {
                "a registrar lists addresses of this machine and of private networks only"
            }
            Self::Unix(path) if !path.is_absolute() => {
                "the path of its socket depends on the folder that a process runs in"
            }
            Self::Tcp(_) | Self::Unix(_) => return Ok(()),
        };
        Err(NotListed {
            address: self.clone(),
            why,
        })
    }
}

/// Whether the address is one of this machine, or of a private network.
fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// An address that no registrar lists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is no address to register: {why}")]
pub struct NotListed {
    address: Address,
    why: &'static str,
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(socket) => write!(out, "tcp://{socket}"),
            Self::Unix(path) => write!(out, "unix:{}", path.display()),
        }
    }
}

/// What says where to listen: an [`Address`] or its text.
pub trait IntoAddress {
    /// Where to listen.
    ///
    /// # Errors
    /// The text is no address.
    fn into_address(self) -> Result<Address, AddressError>;
}

impl IntoAddress for &str {
    fn into_address(self) -> Result<Address, AddressError> {
        self.parse()
    }
}

impl IntoAddress for &String {
    fn into_address(self) -> Result<Address, AddressError> {
        self.parse()
    }
}

impl IntoAddress for String {
    fn into_address(self) -> Result<Address, AddressError> {
        self.parse()
    }
}

impl IntoAddress for Address {
    fn into_address(self) -> Result<Address, AddressError> {
        Ok(self)
    }
}

impl IntoAddress for &Address {
    fn into_address(self) -> Result<Address, AddressError> {
        Ok(self.clone())
    }
}

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address: {why}")]
pub struct AddressError {
    text: String,
    why: &'static str,
}

impl AddressError {
    fn new(text: String, why: &'static str) -> Self {
        Self { text, why }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_alike() {
        for text in [
            "tcp://127.0.0.1:1616",
            "tcp://[::1]:0",
            "unix:/run/feed.sock",
            "unix:relative.sock",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_registrar_lists_what_leads_somewhere() {
        for text in [
            "tcp://127.0.0.1:1616",
            "tcp://192.168.1.2:1",
            "tcp://[::1]:1",
            "tcp://[::ffff:127.0.0.1]:1",
            "tcp://[fd00::1]:1",
            "unix:/run/feed.sock",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().check_listed(), Ok(()));
        }
        for (text, why) in [
            ("tcp://127.0.0.1:0", "port 0"),
            ("tcp://0.0.0.0:1", "all addresses"),
            ("tcp://[::]:1", "all addresses"),
            ("tcp://93.184.215.14:1", "private networks only"),
            ("tcp://[2606:2800::1]:1", "private networks only"),
            ("tcp://[::ffff:93.184.215.14]:1", "private networks only"),
            ("tcp://169.254.1.1:1", "private networks only"),
            ("tcp://224.0.0.1:1", "private networks only"),
            ("tcp://255.255.255.255:1", "private networks only"),
            ("unix:feed.sock", "the folder that a process runs in"),
        ] {
            let error = text.parse::<Address>().unwrap().check_listed().unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn what_is_no_address_says_what_would_be() {
        for (text, help) in [
            ("", "starts with `tcp://` or `unix:`"),
            ("127.0.0.1:1616", "starts with"),
            ("tcp://localhost:1616", "literal address and a port"),
            ("tcp://127.0.0.1", "literal address and a port"),
            ("unix:", "path of the socket file"),
            ("unix:/a\0b", "path of the socket file"),
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(help), "{error}");
        }
        assert!(
            format!("unix:/{}", "x".repeat(106))
                .parse::<Address>()
                .is_ok()
        );
        assert!(
            format!("unix:/{}", "x".repeat(107))
                .parse::<Address>()
                .is_err()
        );
    }
}
