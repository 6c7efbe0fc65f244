//! Endpoints that the peer does not have, or not like this.

use scipp_runtime::{Endpoint, EndpointInfo, generated as scipp};

/// Arguments that no endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
pub struct StrangeArgs {
    pub strange: i64,
}

/// The arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, scipp::Payload)]
pub struct PlanArgs {
    pub plan: String,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $marker:ident = $namespace:literal, $name:literal, $args:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $marker;

            impl Endpoint for $marker {
                const INFO: &'static EndpointInfo = &EndpointInfo::func($namespace, $name, "00000000000000ff");
                type Args = $args;
                type Started = ();
                type Accepts = scipp::Never;
                type Yields = scipp::Never;
                type Returns = i64;
                type Error = scipp::Never;
            }
        )*
    };
}

endpoints! {
    /// In a module that the peer does not offer.
    Hidden = "lab.hidden", "call", PlanArgs;
    /// Not in its module.
    Missing = "lab.typed", "missing", PlanArgs;
    /// No coroutine.
    Sync = "lab.typed", "fail", PlanArgs;
    /// With other arguments.
    Other = "lab.typed", "call", StrangeArgs;
}
