//! From what a parent says to a process that serves.

use std::{fs, io, os::unix::fs::DirBuilderExt as _, path::PathBuf};

use scipp_protocol::{Address, SpawnSpec, registry::WireAddress};

use super::run::ChildError;
use crate::{
    actor::Config,
    nursery::wants_tcp,
    registrar::Membership,
    transport::{Listener, socket_in},
};

/// A process that has become what its parent has said.
pub(super) struct Booted {
    pub(super) listeners: Vec<Listener>,
    /// Where they are registered.
    pub(super) members: Vec<Membership>,
}

/// Listens, and registers. What was registered before a failure is forgotten again.
pub(super) async fn boot(config: &Config, spec: &SpawnSpec) -> Result<Booted, ChildError> {
    let mut listeners = Vec::new();
    for address in addresses(config, spec)? {
        config.policy.plain_tcp.check(&address)?;
        listeners.push(Listener::bind(address).await?);
    }
    // Those of the configuration are the affair of whoever serves the listener.
    let mut config = config.clone().unregistered();
    for address in read(&spec.reg_addrs)? {
        config = config.registrar(address)?;
    }
    let mut booted = Booted {
        listeners,
        members: Vec::new(),
    };
    for listener in &booted.listeners {
        let Some(member) = Membership::new(&config, listener.address())? else {
            continue;
        };
        let entered = member.enter().await;
        booted.members.push(member);
        if let Err(error) = entered {
            booted.leave().await;
            return Err(error.into());
        }
    }
    Ok(booted)
}

impl Booted {
    pub(super) async fn leave(&self) {
        for member in &self.members {
            member.leave().await;
        }
    }
}

/// Where to listen: where the parent says, or at an address of our own of the kind that it wants.
fn addresses(config: &Config, spec: &SpawnSpec) -> Result<Vec<Address>, ChildError> {
    if let Some(given) = &spec.bind_addrs {
        return read(given);
    }
    if wants_tcp(spec) {
        return Ok(vec![Address::Tcp(
            (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        )]);
    }
    Ok(vec![socket_in(&folder()?, config.uid())?])
}

fn read(wire: &[WireAddress]) -> Result<Vec<Address>, ChildError> {
    let read = wire.iter().map(Address::from_wire);
    Ok(read.collect::<Result<_, _>>()?)
}

/// The folder in which tractor's actors of this user have their sockets; made if it is missing, for its owner only.
fn folder() -> io::Result<PathBuf> {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = own.filter(|path| path.is_absolute()).unwrap_or_else(|| {
        let uid = rustix::process::getuid().as_raw();
        let usual = PathBuf::from(format!("/run/user/{uid}"));
        if usual.is_dir() {
            usual
        } else {
            std::env::temp_dir().join(format!("runtime-{uid}"))
        }
    });
    let folder = base.join("tractor");
    let made = fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(&folder);
    made.map(|()| folder)
}
