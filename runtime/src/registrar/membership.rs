//! A listener that is registered for as long as it is served.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use scipp_protocol::Address;
use tokio::time::timeout;

use super::{ask::Registrar, error::RegistrarError, table::Registry};
use crate::{actor::Config, limits::RuntimeLimits};

/// Where a listener is registered: at registrars that the configuration names, and in the table of this actor's own.
#[derive(Debug)]
pub(crate) struct Membership {
    registrars: Vec<Registrar>,
    registry: Option<Registry>,
    addresses: Vec<Address>,
    config: Config,
    /// Listeners of this actor that are registered.
    listening: Arc<AtomicUsize>,
}

impl Membership {
    /// Nothing is registered yet. `None` if nothing is to be.
    pub(crate) fn new(
        config: &Config,
        listener: Option<Address>,
    ) -> Result<Option<Self>, RegistrarError> {
        let registry = config.registry().cloned();
        if config.registrars().is_empty() && registry.is_none() {
            return Ok(None);
        }
        let addresses = match config.announced() {
            [] => listener.into_iter().collect(),
            announced => announced.to_vec(),
        };
        if addresses.is_empty() && !config.registrars().is_empty() {
            return Err(RegistrarError::NoAddress);
        }
        for address in &addresses {
            address.check_listed()?;
        }
        // Asked at the end of its life, too.
        let config = config.clone().detached();
        let registrars = config.registrars().iter();
        Ok(Some(Self {
            registrars: registrars
                .map(|target| Registrar::of(target, &config))
                .collect(),
            registry,
            addresses,
            listening: Arc::clone(config.listening()),
            config,
        }))
    }

    /// Registers everywhere. What was done before a failure is left to [`leave`](Self::leave).
    pub(crate) async fn enter(&self) -> Result<(), RegistrarError> {
        self.listening.fetch_add(1, Ordering::Relaxed);
        let uid = self.config.uid();
        if let Some(registry) = &self.registry {
            for address in &self.addresses {
                if let Err(full) = registry.register(uid, address.clone(), self.limits()) {
                    tracing::warn!(%full, "a registrar does not know itself");
                }
            }
        }
        for registrar in &self.registrars {
            for address in &self.addresses {
                registrar.register(address).await?;
            }
        }
        Ok(())
    }

    /// Unregisters everywhere, bounded; whatever fails stays behind as stale entries do.
    pub(crate) async fn leave(&self) {
        let is_last = self.listening.fetch_sub(1, Ordering::Relaxed) == 1;
        if let Some(registry) = &self.registry {
            for address in &self.addresses {
                registry.delete(address);
            }
        }
        for registrar in &self.registrars {
            let left = timeout(self.limits().unregister_max, async {
                if is_last {
                    return registrar.unregister().await;
                }
                // Another listener of this actor is still there.
                for address in &self.addresses {
                    registrar.delete(address).await?;
                }
                Ok(())
            });
            match left.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "an actor stays registered"),
                Err(_) => {
                    tracing::warn!("an actor stays registered: its registrar does not answer")
                }
            }
        }
    }

    fn limits(&self) -> &RuntimeLimits {
        &self.config.limits
    }
}
