//! Discovery: who listens where, by name.
//!
//! A *registrar* is an actor that keeps a table of names and addresses, for actors of ours and of tractor alike.
//!
//! * [`Registrar`] is one that we ask: [`find`](Registrar::find), [`wait_for`](Registrar::wait_for), and the plain calls.
//! * [`Config::registrar`](crate::Config::registrar) makes `serve` register the listener's address, and unregister it at the end.
//! * [`Registry`] is the table of a registrar of ours: [`Config::as_registrar`](crate::Config::as_registrar) answers from it.
//! * [`Root`] looks for a registrar at an address and becomes it if nobody is there, as the first process of a tree does.
//!
//! Whatever a registrar says is the word of those who have registered: an address is only dialled if the configuration allows it, and
//! who answers there is asked for its name.

mod ask;
mod calls;
mod config;
mod error;
mod found;
mod membership;
mod probe;
mod root;
mod service;
mod table;

pub use ask::{Listed, Registrar};
pub use error::{RegistrarError, Unreached};
pub use found::Found;
pub use probe::Standing;
pub use root::{Root, RootError};
pub use table::{Registry, RegistryFault};

pub(crate) use membership::Membership;
pub(crate) use service::RegistryService;
