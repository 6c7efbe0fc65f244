//! The six calls of a registrar as endpoints: their types are those of [`scipp_protocol::registry`].

use scipp_codec::Never;
use scipp_protocol::registry::{
    self, DeleteAddr, GetRegistry, Listing, NAMESPACE, Named, Register, Unregister, WireAddress,
    WireUid,
};

use super::table::RegistryFault;
use crate::endpoint::{Endpoint, EndpointInfo, InterfaceInfo};

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident = $wire:ident ($args:ty) -> $returns:ty, $error:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub(super) struct $name;

            impl Endpoint for $name {
                // No schema, no fingerprint: it is tractor's.
                const INFO: &'static EndpointInfo = &EndpointInfo::func(NAMESPACE, registry::$wire, "");
                type Args = $args;
                type Started = ();
                type Accepts = Never;
                type Yields = Never;
                type Returns = $returns;
                type Error = $error;
            }
        )*

        pub(super) static INTERFACE: InterfaceInfo = InterfaceInfo {
            namespace: NAMESPACE,
            name: "Registrar",
            endpoints: &[$($name::INFO),*],
        };
    };
}

calls! {
    /// Adds an address to the caller.
    RegisterActor = REGISTER (Register) -> (), RegistryFault;
    /// Forgets the caller.
    UnregisterActor = UNREGISTER (Unregister) -> (), RegistryFault;
    /// Where the first actor of a name, or of a uuid, listens.
    FindActor = FIND (Named) -> Option<Vec<WireAddress>>, RegistryFault;
    /// Where the actors of a name listen, as soon as there is one.
    WaitForActor = WAIT_FOR (Named) -> Vec<WireAddress>, RegistryFault;
    /// All actors.
    ListActors = GET_REGISTRY (GetRegistry) -> Listing, RegistryFault;
    /// Forgets an address.
    DeleteAddress = DELETE_ADDR (DeleteAddr) -> Option<WireUid>, RegistryFault;
}
