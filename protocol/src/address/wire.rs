//! The wire form of addresses, of which tractor has two: `[host, port]` and `[folder, file]`.

use core::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::{Address, AddressError, UNIX_PATH_BYTES_MAX};
use crate::actor::hides;
use crate::wire::shuttle::messages::{self, Port};

impl Address {
    /// As registrars and parents write it.
    ///
    /// # Errors
    /// The path of a socket has no such form.
    pub fn to_wire(&self) -> Result<messages::Address, NoWireForm> {
        match self {
            Self::Tcp(socket) => Ok((socket.ip().to_string(), Port::U16(socket.port()))),
            Self::Unix(path) => {
                let text = |path: &Path| path.to_str().map(str::to_owned);
                let folder = path.parent().and_then(text);
                let file = path.file_name().map(Path::new).and_then(text);
                match (folder, file) {
                    (Some(folder), Some(file)) => Ok((folder, Port::Str(file))),
                    _ => Err(NoWireForm {
                        address: self.clone(),
                    }),
                }
            }
        }
    }

    /// From what a registrar or a parent wrote.
    ///
    /// # Errors
    /// It leads nowhere, or hides where.
    pub fn from_wire(wire: &messages::Address) -> Result<Self, AddressError> {
        let (place, port) = wire;
        match port {
            Port::U16(port) => {
                let fail = |why| AddressError::new(format!("[{place:?}, {port}]"), why);
                let ip: IpAddr = place.parse().map_err(|_| {
                    fail("the host before a port is a literal address, as in [\"127.0.0.1\", 1616]")
                })?;
                Ok(Self::Tcp(SocketAddr::new(ip, *port)))
            }
            Port::Str(file) => {
                let fail = |why| AddressError::new(format!("[{place:?}, {file:?}]"), why);
                if file.is_empty() || file.contains('/') || file == "." || file == ".." {
                    return Err(fail(
                        "after a folder stands the name of a socket in it, as in [\"/run/user/1000/tractor\", \"feed@42.sock\"]",
                    ));
                }
                if place.chars().chain(file.chars()).any(hides) {
                    return Err(fail("it has characters that hide what it is"));
                }
                if place.len() + 1 + file.len() > UNIX_PATH_BYTES_MAX {
                    return Err(fail("the path of a Unix socket holds at most 107 bytes"));
                }
                Ok(Self::Unix(Path::new(place).join(file)))
            }
        }
    }
}

/// A socket whose path cannot be told to others: it is no text, or ends in no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} cannot be told to others: expected the path of a socket file, as text")]
pub struct NoWireForm {
    address: Address,
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed expectation is how a test speaks"
)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_go_there_and_back() {
        let pairs = [
            (
                "tcp://127.0.0.1:1616",
                ("127.0.0.1".to_owned(), Port::U16(1616)),
            ),
            ("tcp://[::1]:1", ("::1".to_owned(), Port::U16(1))),
            (
                "unix:/run/user/1000/tractor/kid@4711.sock",
                (
                    "/run/user/1000/tractor".to_owned(),
                    Port::Str("kid@4711.sock".to_owned()),
                ),
            ),
        ];
        for (text, wire) in pairs {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_wire().unwrap(), wire);
            assert_eq!(Address::from_wire(&wire).unwrap(), address);
        }
        assert!(Address::Unix("/".into()).to_wire().is_err());
    }

    #[test]
    fn what_leads_nowhere_is_none() {
        let long = "x".repeat(101);
        let file = |folder: &str, file: &str| (folder.to_owned(), Port::Str(file.to_owned()));
        for (wire, why) in [
            (("localhost".to_owned(), Port::U16(1)), "a literal address"),
            ((String::new(), Port::U16(1)), "a literal address"),
            (file("/run", ""), "the name of a socket"),
            (file("/run", ".."), "the name of a socket"),
            (file("/run", "../etc/passwd"), "the name of a socket"),
            (file("/run", "a\u{1b}[2J"), "hide what it is"),
            (file("/run\0", "a"), "hide what it is"),
            (file("/run/x", &long), "at most 107 bytes"),
        ] {
            let error = Address::from_wire(&wire).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(Address::from_wire(&file("/run/", &long)).is_ok());
    }
}
