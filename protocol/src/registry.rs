//! The calls of a registrar, which knows by name where actors listen: arguments and answers, as tractor writes them.
//!
//! All are dialogs of [`Kind::Asyncfunc`](crate::Kind) in the namespace of an actor's own runtime. A peer that is no
//! registrar must not be asked: a plain one breaks (`Aid::is_registrar` says what it is).

use scipp_codec::generated as scipp;

pub use crate::wire::shuttle::messages::{Address as WireAddress, Uid as WireUid};

/// The namespace of these calls.
pub const NAMESPACE: &str = crate::wire::shuttle::RUNTIME;

/// Adds an address to an actor: [`Register`], nil.
pub const REGISTER: &str = "register_actor";
/// Forgets an actor: [`Unregister`], nil.
pub const UNREGISTER: &str = "unregister_actor";
/// Where the first actor of a name, or of a uuid, listens: [`Named`], addresses or nil.
pub const FIND: &str = "find_actor";
/// Where the actors of a name listen, as soon as there is one: [`Named`], addresses.
pub const WAIT_FOR: &str = "wait_for_actor";
/// All actors: no arguments, [`Listing`].
pub const GET_REGISTRY: &str = "get_registry";
/// Forgets an address, of whomever: [`DeleteAddr`], the actor that had it or nil.
pub const DELETE_ADDR: &str = "delete_addr";

/// All of them.
pub const CALLS: [&str; 6] = [
    REGISTER,
    UNREGISTER,
    FIND,
    WAIT_FOR,
    GET_REGISTRY,
    DELETE_ADDR,
];

/// Arguments of [`REGISTER`].
#[derive(Clone, Debug, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
pub struct Register {
    /// Who listens there.
    pub uid: WireUid,
    /// Where.
    pub addr: WireAddress,
}

/// Arguments of [`UNREGISTER`].
#[derive(Clone, Debug, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
pub struct Unregister {
    /// Who is to be forgotten.
    pub uid: WireUid,
}

/// Arguments of [`FIND`] and [`WAIT_FOR`].
#[derive(Clone, Debug, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
pub struct Named {
    /// The name, or for [`FIND`] also the uuid.
    pub name: String,
}

/// Arguments of [`DELETE_ADDR`].
#[derive(Clone, Debug, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
pub struct DeleteAddr {
    /// The address.
    pub addr: WireAddress,
}

/// Arguments of [`GET_REGISTRY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, scipp::Payload)]
#[payload(crate = ::scipp_codec::generated)]
pub struct GetRegistry {}

/// What [`GET_REGISTRY`] answers: the addresses under name and uuid with a dot between them ([`key`]).
pub type Listing = scipp::Map<String, Vec<WireAddress>>;

/// The key of an actor in a [`Listing`].
pub fn key(name: &str, uuid: &str) -> String {
    format!("{name}.{uuid}")
}

/// Name and uuid in a key of a [`Listing`]: a name may have dots, a uuid has none.
pub fn split_key(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or((key, ""))
}
