//! What a peer may do, and where an actor may talk. Deny by default.

use crate::transport::{Address, Target};

/// What a peer may do besides calling the endpoints that are offered to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy {
    /// Whether a peer may stop the whole actor, as any tractor peer can.
    pub(crate) actor_cancel: bool,
    /// Whether callers must have the same version of an endpoint.
    pub(crate) same_schema: bool,
    pub(crate) plain_tcp: PlainTcp,
}

/// Where plain TCP, which anybody on the way can read and change, is acceptable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PlainTcp {
    #[default]
    Nowhere,
    /// Between processes of one machine, all of whose users are trusted.
    Loopback,
    Anywhere,
}

impl PlainTcp {
    /// Whether the address may be used.
    pub(crate) fn check(self, address: &Address) -> Result<(), InsecureTransport> {
        let Address::Tcp(socket) = address else {
            return Ok(());
        };
        let needed = if socket.ip().is_loopback() {
            Self::Loopback
        } else {
            Self::Anywhere
        };
        if self < needed {
            return Err(InsecureTransport {
                address: address.clone(),
                loopback: needed == Self::Loopback,
            });
        }
        if needed == Self::Anywhere {
            tracing::warn!(%address, "plain TCP beyond this machine: anybody on the way can read and change what is said");
        }
        Ok(())
    }

    pub(crate) fn check_target(self, target: &Target) -> Result<(), InsecureTransport> {
        match target {
            Target::Address(address) => self.check(address),
            Target::Memory(_) => Ok(()),
        }
    }
}

/// A plain TCP address without the explicit choice to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsecureTransport {
    address: Address,
    loopback: bool,
}

impl std::fmt::Display for InsecureTransport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, .. } = self;
        if self.loopback {
            write!(
                out,
                "{address} is plain TCP: every user of this machine can connect and claim to be anybody. Use a Unix socket \
                 (`unix:/path`), or choose this explicitly by `Config::insecure_loopback()`"
            )
        } else {
            write!(
                out,
                "{address} is plain TCP beyond this machine: anybody on the way can read and change what is said. Use a Unix \
                 socket or a loopback address behind a tunnel, or choose this explicitly by `Config::insecure_network()`"
            )
        }
    }
}

impl std::error::Error for InsecureTransport {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_tcp_is_an_explicit_choice() {
        let check = |policy: PlainTcp, text: &str| {
            policy
                .check(&text.parse().unwrap())
                .map_err(|error| error.to_string())
        };
        for here in ["tcp://127.0.0.1:1", "tcp://127.8.8.8:1", "tcp://[::1]:1"] {
            assert!(
                check(PlainTcp::Nowhere, here)
                    .unwrap_err()
                    .contains("Config::insecure_loopback()")
            );
            assert_eq!(check(PlainTcp::Loopback, here), Ok(()));
        }
        for there in ["tcp://192.0.2.1:1", "tcp://0.0.0.0:1", "tcp://[::]:1"] {
            assert!(
                check(PlainTcp::Nowhere, there)
                    .unwrap_err()
                    .contains("Config::insecure_network()")
            );
            assert!(
                check(PlainTcp::Loopback, there)
                    .unwrap_err()
                    .contains("Config::insecure_network()")
            );
            assert_eq!(check(PlainTcp::Anywhere, there), Ok(()));
        }
        assert_eq!(check(PlainTcp::Nowhere, "unix:/run/feed.sock"), Ok(()));
    }
}
