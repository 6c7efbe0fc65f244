//! Why a registrar was of no help.

use std::time::Duration;

use scipp_protocol::{Address, AddressError, NoWireForm, NotListed};

use super::table::RegistryFault;
use crate::{
    actor::ConnectError, error::ContextError, identity::ActorId, policy::InsecureTransport,
};

/// Why a registrar was of no help, or why nobody could be reached at what it said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrarError {
    /// It could not be reached, or its session ended before the answer.
    #[error("no registrar: {0}")]
    Connect(#[from] ConnectError),
    /// Who answers there is no registrar.
    #[error("{peer} is no registrar: it says so itself. Is the address right?")]
    NotRegistrar {
        /// Who it is.
        peer: ActorId,
    },
    /// It was asked and failed, or refused.
    #[error("the registrar did not do it: {0}")]
    Failed(#[source] ContextError<RegistryFault>),
    /// Its answer did not come in time.
    #[error("the registrar did not answer within {} ms", .max.as_millis())]
    NotInTime {
        /// How long was waited.
        max: Duration,
    },
    /// Nobody of this name has registered in time.
    #[error("no actor called `{}` has registered within {} ms", name.escape_debug(), .max.as_millis())]
    Nobody {
        /// The name.
        name: String,
        /// How long was waited.
        max: Duration,
    },
    /// Nobody of this name could be reached where it is registered.
    #[error("no actor called `{}` can be reached where it is registered: {}", name.escape_debug(), each(.tried))]
    Unreachable {
        /// The name.
        name: String,
        /// Where, and why not there.
        tried: Vec<(Address, Unreached)>,
    },
    /// The registrar's answer has no address that leads anywhere.
    #[error("the registrar's answer: {0}")]
    Answer(AddressError),
    /// The address is none that can be registered.
    #[error(transparent)]
    NotListed(#[from] NotListed),
    /// The address cannot be told to others.
    #[error(transparent)]
    NoWireForm(#[from] NoWireForm),
    /// A listener without an address was to be registered.
    #[error(
        "a listener within the process has no address to register. Say where it is reached by `Config::announce`"
    )]
    NoAddress,
}

/// Why an actor was not reached at an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreached {
    /// The configuration does not allow it.
    #[error(transparent)]
    Insecure(#[from] InsecureTransport),
    /// Nobody is there, or does not speak as an actor.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Somebody else has the address by now.
    #[error("{0} answers there")]
    Other(ActorId),
}

fn each(tried: &[(Address, Unreached)]) -> String {
    let texts = tried.iter().map(|(address, why)| match why {
        // Says where by itself.
        Unreached::Insecure(why) => why.to_string(),
        Unreached::Connect(why) => why.to_string(),
        Unreached::Other(_) => format!("{address}: {why}"),
    });
    texts.collect::<Vec<_>>().join("; ")
}
