//! The first process of a tree: it looks for a registrar, and becomes it if nobody is there.

use scipp_protocol::{Address, AddressError, IntoAddress};

use super::{ask::Registrar, error::RegistrarError, probe::Standing, table::Registry};
use crate::{
    actor::{Config, ConnectError},
    limits,
    scope::InScope,
    server::Router,
    session::{Drained, ServeError, serve},
    transport::{BindError, Listener, own_address},
};

/// An actor that has found its registrar at an address, or has become it there.
#[derive(Debug)]
pub struct Root {
    listener: Listener,
    config: Config,
    registry: Option<Registry>,
}

impl Root {
    /// Looks for a registrar at `at`. If one is there, this actor listens at an address of its own and registers it when it
    /// serves; if nobody is, it becomes the registrar and listens at `at`.
    ///
    /// An address of its own is of the same kind: loopback and a port that is free, or a socket in the same folder.
    ///
    /// # Errors
    /// Somebody else has the address, or it cannot be listened there.
    pub async fn open(at: impl IntoAddress, config: Config) -> Result<Self, RootError> {
        let at = at.into_address()?;
        let registrar = Registrar::at(&at, &config)?;
        for _ in 0..limits::ROOT_ATTEMPTS {
            match registrar.probe().await? {
                Standing::Registrar => {
                    let own = own_address(&at, config.uid())?;
                    return Ok(Self {
                        listener: Listener::bind(own).await?,
                        config: config.registrar(&at)?,
                        registry: None,
                    });
                }
                Standing::Vacant => match Listener::bind(&at).await {
                    Ok(listener) => {
                        let registry = Registry::new();
                        return Ok(Self {
                            listener,
                            config: config.as_registrar(&registry),
                            registry: Some(registry),
                        });
                    }
                    // Somebody else came first: who is it?
                    Err(BindError::Refused { source, .. })
                        if source.kind() == std::io::ErrorKind::AddrInUse => {}
                    Err(error) => return Err(error.into()),
                },
                Standing::Occupied => return Err(RootError::Occupied { at }),
            }
        }
        Err(RootError::Occupied { at })
    }

    /// Whether this actor is the registrar.
    pub fn is_registrar(&self) -> bool {
        self.registry.is_some()
    }

    /// The table of this registrar; `None` if another one is.
    pub fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    /// Where it listens.
    pub fn address(&self) -> Option<Address> {
        self.listener.address()
    }

    /// Its configuration, for sessions that it opens.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Serves `services` until `shutdown`: see [`serve`].
    ///
    /// # Errors
    /// Nothing was served.
    pub async fn serve(
        self,
        services: impl Into<Router>,
        shutdown: &impl InScope,
    ) -> Result<Drained, ServeError> {
        serve(self.listener, self.config, services, shutdown).await
    }
}

/// Why there is no root.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The configuration does not allow to connect there.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Somebody has the address who is no registrar.
    #[error(
        "no registrar at {at}, and no place for one: somebody has the address who does not say that it is a registrar"
    )]
    Occupied {
        /// The address.
        at: Address,
    },
    /// The address cannot be listened at.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The registrar was of no help.
    #[error(transparent)]
    Registrar(#[from] RegistrarError),
}
