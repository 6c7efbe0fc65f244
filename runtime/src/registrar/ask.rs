//! A registrar that we ask.

use std::time::Duration;

use scipp_protocol::{
    Address, AddressError,
    registry::{self, DeleteAddr, GetRegistry, Named, Register, Unregister, WireAddress, WireUid},
};

use super::{
    calls::{DeleteAddress, FindActor, ListActors, RegisterActor, UnregisterActor, WaitForActor},
    error::RegistrarError,
    found::Found,
    table::RegistryFault,
};
use crate::{
    actor::{Config, connect},
    client::Client,
    endpoint::Endpoint,
    error::{Cause, ContextError},
    identity::ActorId,
    transport::{IntoTarget, Target},
};

/// A registrar: of ours or of tractor. Each call opens a session of its own with it, and ends it, as tractor's actors do.
#[derive(Clone, Debug)]
pub struct Registrar {
    target: Target,
    config: Config,
}

/// An actor, as a registrar lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name and uuid.
    pub uid: ActorId,
    /// Where it listens, in the order in which it registered. Those that lead nowhere are left out.
    pub addresses: Vec<Address>,
}

impl Registrar {
    /// The registrar at this address. `config` is the actor that asks: its name, and where it may connect to.
    ///
    /// # Errors
    /// The text is no address.
    pub fn at(target: impl IntoTarget, config: &Config) -> Result<Self, AddressError> {
        let target = target.into_target()?;
        let config = config.clone();
        Ok(Self { target, config })
    }

    /// The actor called `name`, or with this uuid, if one is registered. It is not connected to yet: [`Found::connect`].
    ///
    /// # Errors
    /// The registrar was of no help.
    pub async fn find<C: Client>(&self, name: &str) -> Result<Option<Found<C>>, RegistrarError> {
        let addresses = self.addresses(name).await?;
        Ok(addresses.map(|addresses| Found::new(self, name, addresses)))
    }

    /// The actor called `name`, as soon as one is registered: at most `max`, and no longer than the scope of the
    /// configuration.
    ///
    /// # Errors
    /// [`RegistrarError::Nobody`] if none came in time; or the registrar was of no help.
    pub async fn wait_for<C: Client>(
        &self,
        name: &str,
        max: Duration,
    ) -> Result<Found<C>, RegistrarError> {
        let args = Named {
            name: name.to_owned(),
        };
        let addresses = match self.ask(WaitForActor, args, max).await {
            Err(RegistrarError::NotInTime { max }) => {
                let name = name.to_owned();
                return Err(RegistrarError::Nobody { name, max });
            }
            answer => read(&answer?)?,
        };
        Ok(Found::new(self, name, addresses))
    }

    /// All actors that are registered.
    ///
    /// # Errors
    /// The registrar was of no help.
    pub async fn actors(&self) -> Result<Vec<Listed>, RegistrarError> {
        let listing = self.ask(ListActors, GetRegistry {}, self.max()).await?;
        let listed = listing.iter().map(|(key, addresses)| {
            let (name, uuid) = registry::split_key(key);
            Listed {
                uid: ActorId::new(name, uuid),
                addresses: addresses
                    .iter()
                    .filter_map(|wire| Address::from_wire(wire).ok())
                    .collect(),
            }
        });
        Ok(listed.collect())
    }

    /// Registers an address of this actor. [`serve`](crate::serve) does it by itself where the configuration says so
    /// ([`Config::registrar`]).
    ///
    /// # Errors
    /// The address is none to register, or the registrar was of no help.
    pub async fn register(&self, address: &Address) -> Result<(), RegistrarError> {
        address.check_listed()?;
        let args = Register {
            uid: self.own_uid(),
            addr: address.to_wire()?,
        };
        self.ask(RegisterActor, args, self.max()).await
    }

    /// Forgets this actor with all its addresses; nothing if it is not registered.
    ///
    /// # Errors
    /// The registrar was of no help.
    pub async fn unregister(&self) -> Result<(), RegistrarError> {
        let args = Unregister {
            uid: self.own_uid(),
        };
        self.ask(UnregisterActor, args, self.max()).await
    }

    /// Forgets an address at which nobody is any more, and says whose it was.
    ///
    /// # Errors
    /// The registrar was of no help.
    pub async fn delete(&self, address: &Address) -> Result<Option<ActorId>, RegistrarError> {
        let args = DeleteAddr {
            addr: address.to_wire()?,
        };
        let owner = self.ask(DeleteAddress, args, self.max()).await?;
        Ok(owner.map(|(name, uuid)| ActorId::new(name, uuid)))
    }

    /// Where the actor of this name or uuid listens, in the order in which it registered.
    pub(super) async fn addresses(
        &self,
        name: &str,
    ) -> Result<Option<Vec<Address>>, RegistrarError> {
        let args = Named {
            name: name.to_owned(),
        };
        let answer = self.ask(FindActor, args, self.max()).await?;
        answer.as_deref().map(read).transpose()
    }

    pub(super) fn of(target: &Target, config: &Config) -> Self {
        Self {
            target: target.clone(),
            config: config.clone(),
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    fn max(&self) -> Duration {
        self.config.limits.registrar_max
    }

    fn own_uid(&self) -> WireUid {
        let uid = self.config.uid();
        (uid.name.to_string(), uid.uuid.to_string())
    }

    async fn ask<E>(
        &self,
        endpoint: E,
        args: E::Args,
        max: Duration,
    ) -> Result<E::Returns, RegistrarError>
    where
        E: Endpoint<Error = RegistryFault>,
    {
        connect(&self.target, self.config.clone(), async |portal, scope| {
            // A plain peer that is none breaks when it is asked.
            if portal.is_registrar() != Some(true) {
                return Err(RegistrarError::NotRegistrar {
                    peer: portal.peer(),
                });
            }
            let asked = portal.open_context(endpoint, scope, args).timeout(max);
            asked.call().await.map_err(|error| match error {
                ContextError::Cancelled(why) if why.cause == Cause::Deadline => {
                    RegistrarError::NotInTime { max }
                }
                error => RegistrarError::Failed(error),
            })
        })
        .await
    }
}

/// Those addresses that lead somewhere; the error of the first if none does.
fn read(wire: &[WireAddress]) -> Result<Vec<Address>, RegistrarError> {
    let (mut good, mut wrong) = (Vec::new(), None);
    for wire in wire {
        match Address::from_wire(wire) {
            Ok(address) => good.push(address),
            Err(error) => {
                tracing::debug!(%error, "a registrar gave an address that is none");
                wrong.get_or_insert(error);
            }
        }
    }
    match wrong {
        Some(error) if good.is_empty() => Err(RegistrarError::Answer(error)),
        _ => Ok(good),
    }
}
