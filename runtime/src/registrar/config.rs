//! What a configuration says about discovery.

use std::sync::{Arc, atomic::AtomicUsize};

use scipp_protocol::{Address, AddressError};

use super::table::Registry;
use crate::{
    actor::Config,
    identity::ActorId,
    server::Router,
    transport::{IntoTarget, Target},
};

/// What those call themselves who look for a registrar.
const PROBER: &str = "registry-probe";

/// Discovery.
impl Config {
    /// Registers every listener that this actor serves at the registrar `at`, of ours or of tractor, and unregisters it at the end.
    /// For each call one more registrar.
    ///
    /// # Errors
    /// The text is no address.
    pub fn registrar(mut self, at: impl IntoTarget) -> Result<Self, AddressError> {
        self.registrars.push(at.into_target()?);
        Ok(self)
    }

    /// Registers this address in place of those of its listeners: where peers reach an actor that listens on all interfaces, behind
    /// a tunnel, or in another container. For each call one more.
    #[must_use]
    pub fn announce(mut self, address: Address) -> Self {
        self.announced.push(address);
        self
    }

    /// Makes this actor a registrar: whoever can connect can register itself, and find others.
    #[must_use]
    pub fn as_registrar(mut self, registry: &Registry) -> Self {
        self.aid.is_registrar = Some(true);
        self.registry = Some(registry.clone());
        self
    }

    pub(crate) fn registrars(&self) -> &[Target] {
        &self.registrars
    }

    pub(crate) fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    pub(crate) fn announced(&self) -> &[Address] {
        &self.announced
    }

    pub(crate) fn listening(&self) -> &Arc<AtomicUsize> {
        &self.listening
    }

    /// Not registered anywhere.
    pub(crate) fn unregistered(mut self) -> Self {
        self.registrars = Vec::new();
        self.registry = None;
        self
    }

    /// Somebody without a name who looks for a registrar. Nothing can be called at it.
    pub(crate) fn prober(&self) -> Self {
        let uuid = uuid::Uuid::from_u128(self.ids.next());
        let mut prober = self.clone().plain();
        prober.aid.uid = ActorId::new(PROBER, uuid.to_string());
        prober.aid.is_registrar = None;
        prober.aid.is_probe = true;
        prober.offered = Router::new();
        prober.registry = None;
        prober
    }
}
