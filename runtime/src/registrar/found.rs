//! An actor that a registrar knows.

use std::{io, marker::PhantomData};

use scipp_protocol::Address;

use super::{
    ask::Registrar,
    error::{RegistrarError, Unreached},
};
use crate::{
    actor::{ConnectError, connect},
    client::Client,
    identity::ActorId,
    limits,
    scope::Scope,
};

/// An actor that a registrar knows, and is not connected to yet.
#[derive(Clone, Debug)]
pub struct Found<C> {
    registrar: Registrar,
    name: String,
    addresses: Vec<Address>,
    client: PhantomData<fn() -> C>,
}

/// What became of one address.
enum Tried<X> {
    /// The body has run, and failed.
    Body(X),
    Connect(ConnectError),
    /// Somebody else answered.
    Other(ActorId),
}

impl<X> From<ConnectError> for Tried<X> {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl<C: Client> Found<C> {
    pub(super) fn new(registrar: &Registrar, name: &str, mut addresses: Vec<Address>) -> Self {
        // Those that came last are the most likely to be true.
        addresses.reverse();
        addresses.sort_by_key(distance);
        Self {
            registrar: registrar.clone(),
            name: name.to_owned(),
            addresses,
            client: PhantomData,
        }
    }

    /// Where it listens: sockets of this machine first, then loopback, then others; those that were registered last first.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Opens a session with it, runs `body` with a client of it, and ends the session: see [`connect`].
    ///
    /// An address at which nobody is is deleted at the registrar, as tractor's actors do; the next one is tried, and then
    /// the next actor of that name. Who answers must have the name or the uuid that was asked for.
    ///
    /// # Errors
    /// The body's own; or [`RegistrarError`], for which the body's error type has a `From`. The body has not run then, unless
    /// it is [`RegistrarError::Connect`].
    pub async fn connect<T, X>(
        self,
        body: impl AsyncFnOnce(&C, &Scope) -> Result<T, X>,
    ) -> Result<T, X>
    where
        X: From<RegistrarError>,
    {
        let mut body = Some(body);
        let mut tried = Vec::new();
        let mut addresses = self.addresses;
        for _ in 0..limits::FIND_ROUNDS_MAX {
            for address in addresses {
                let config = self.registrar.config();
                if let Err(insecure) = config.policy.plain_tcp.check(&address) {
                    tried.push((address, insecure.into()));
                    continue;
                }
                let outcome = connect(&address, config.clone(), async |portal, scope| {
                    let peer = portal.peer();
                    if *peer.name != *self.name && *peer.uuid != *self.name {
                        return Err(Tried::Other(peer));
                    }
                    // Taken once: whoever has taken it does not come here again.
                    let Some(body) = body.take() else {
                        return Err(Tried::Other(peer));
                    };
                    body(&C::of(portal), scope).await.map_err(Tried::Body)
                })
                .await;
                match outcome {
                    Ok(value) => return Ok(value),
                    Err(Tried::Body(own)) => return Err(own),
                    Err(Tried::Connect(error)) if body.is_none() => {
                        return Err(RegistrarError::from(error).into());
                    }
                    Err(Tried::Connect(error)) => {
                        if is_gone(&error) {
                            self.registrar.forget(&address).await;
                        }
                        tried.push((address, error.into()));
                    }
                    Err(Tried::Other(peer)) => tried.push((address, Unreached::Other(peer))),
                }
            }
            // Another actor of that name may be behind the one that is gone.
            let again = self.registrar.addresses(&self.name).await?;
            let mut again = again.unwrap_or_default();
            again.retain(|address| tried.iter().all(|(before, _)| before != address));
            if again.is_empty() {
                break;
            }
            addresses = Self::new(&self.registrar, &self.name, again).addresses;
        }
        let name = self.name;
        Err(RegistrarError::Unreachable { name, tried }.into())
    }
}

impl Registrar {
    /// Deletes an address that leads to nobody; that this fails hinders nobody.
    async fn forget(&self, address: &Address) {
        match self.delete(address).await {
            Ok(owner) => tracing::info!(?owner, %address, "nobody is there any more"),
            Err(error) => tracing::debug!(%address, %error, "a stale address stays registered"),
        }
    }
}

/// How far away it is.
fn distance(address: &Address) -> u8 {
    match address {
        Address::Unix(_) => 0,
        Address::Tcp(socket) if socket.ip().is_loopback() => 1,
        Address::Tcp(_) => 2,
    }
}

/// Whether certainly nobody is there.
pub(super) fn is_gone(error: &ConnectError) -> bool {
    use io::ErrorKind::{ConnectionRefused, NotFound};
    matches!(error, ConnectError::Dial { source, .. } if matches!(source.kind(), ConnectionRefused | NotFound))
}
