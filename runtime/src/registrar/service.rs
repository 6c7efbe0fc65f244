//! The registry's calls, answered from the table.

use std::sync::Arc;

use scipp_protocol::{
    Address,
    registry::{
        self, DeleteAddr, GetRegistry, Listing, Named, Register, Unregister, WireAddress, WireUid,
    },
};

use super::{
    calls::{
        DeleteAddress, FindActor, INTERFACE, ListActors, RegisterActor, UnregisterActor,
        WaitForActor,
    },
    table::{Registry, RegistryFault, wire},
};
use crate::{
    endpoint::{Endpoint, InterfaceInfo},
    error::EndpointError,
    identity::ActorId,
    limits::RuntimeLimits,
    server::{Incoming, Service},
    server_context::ServerContext,
};

/// What a registrar offers to every peer.
#[derive(Debug)]
pub(crate) struct RegistryService(Arc<Desk>);

#[derive(Debug)]
struct Desk {
    registry: Registry,
    limits: RuntimeLimits,
}

type Answer<E> = Result<<E as Endpoint>::Returns, EndpointError<RegistryFault>>;

impl RegistryService {
    pub(crate) fn new(registry: Registry, limits: RuntimeLimits) -> Self {
        Self(Arc::new(Desk { registry, limits }))
    }
}

impl Service for RegistryService {
    fn interface(&self) -> &'static InterfaceInfo {
        &INTERFACE
    }

    fn dispatch(&self, incoming: Incoming) -> Result<(), Incoming> {
        match incoming.func() {
            registry::REGISTER => incoming.call(RegisterActor, &self.0, Desk::register),
            registry::UNREGISTER => incoming.call(UnregisterActor, &self.0, Desk::unregister),
            registry::FIND => incoming.call(FindActor, &self.0, Desk::find),
            registry::WAIT_FOR => incoming.call(WaitForActor, &self.0, Desk::wait_for),
            registry::GET_REGISTRY => incoming.call(ListActors, &self.0, Desk::list),
            registry::DELETE_ADDR => incoming.call(DeleteAddress, &self.0, Desk::delete),
            _ => return Err(incoming),
        }
        Ok(())
    }
}

impl Desk {
    async fn register(
        &self,
        ctx: &mut ServerContext<RegisterActor>,
        args: Register,
    ) -> Answer<RegisterActor> {
        let uid = own(ctx.caller(), &args.uid)?;
        let address = read(&args.addr)?;
        tracing::debug!(%uid, %address, "an actor registers");
        Ok(self.registry.register(uid, address, &self.limits)?)
    }

    async fn unregister(
        &self,
        ctx: &mut ServerContext<UnregisterActor>,
        args: Unregister,
    ) -> Answer<UnregisterActor> {
        let uid = own(ctx.caller(), &args.uid)?;
        let known = self.registry.unregister(uid);
        tracing::debug!(%uid, known, "an actor unregisters");
        Ok(())
    }

    async fn find(&self, _: &mut ServerContext<FindActor>, args: Named) -> Answer<FindActor> {
        Ok(self.registry.find(&args.name).map(|found| wire(&found)))
    }

    async fn wait_for(
        &self,
        ctx: &mut ServerContext<WaitForActor>,
        args: Named,
    ) -> Answer<WaitForActor> {
        let found: Vec<Address> = ctx.run(self.registry.wait_for(&args.name)).await??;
        Ok(wire(&found))
    }

    async fn list(
        &self,
        _: &mut ServerContext<ListActors>,
        _: GetRegistry,
    ) -> Result<Listing, EndpointError<RegistryFault>> {
        Ok(self.registry.listing())
    }

    async fn delete(
        &self,
        ctx: &mut ServerContext<DeleteAddress>,
        args: DeleteAddr,
    ) -> Result<Option<WireUid>, EndpointError<RegistryFault>> {
        let address = read(&args.addr)?;
        let owner = self.registry.delete(&address);
        if let Some(owner) = &owner {
            tracing::info!(%owner, %address, by = %ctx.caller(), "an address is forgotten");
        }
        Ok(owner.map(|uid| (uid.name.to_string(), uid.uuid.to_string())))
    }
}

/// An actor speaks for itself only.
fn own<'c>(caller: &'c ActorId, (name, uuid): &WireUid) -> Result<&'c ActorId, RegistryFault> {
    if *caller.name == **name && *caller.uuid == **uuid {
        return Ok(caller);
    }
    Err(RegistryFault::new(format!(
        "the caller registers and unregisters itself only: expected {caller}, came {}",
        ActorId::new(name.as_str(), uuid.as_str())
    )))
}

fn read(wire: &WireAddress) -> Result<Address, RegistryFault> {
    Address::from_wire(wire)
        .map_err(|wrong| RegistryFault::new(format!("the caller's address: {wrong}")))
}
