//! What a child is told after it has connected.

use scipp_codec::{Any, Map};
use scipp_protocol::{Address, NoWireForm, SpawnSpec, registry::WireAddress};

use super::child::Child;
use crate::{actor::Config, transport::Target};

/// What a child of Python needs to know, and one of ours reads as well.
pub(super) fn spec(
    child: &Child,
    config: &Config,
    door: &Address,
) -> Result<SpawnSpec, NoWireForm> {
    let wire = |addresses: &[Address]| -> Result<Vec<WireAddress>, NoWireForm> {
        addresses.iter().map(Address::to_wire).collect()
    };
    let registrars: Vec<Address> = config
        .registrars()
        .iter()
        .filter_map(|target| match target {
            Target::Address(address) => Some(address.clone()),
            Target::Memory(_) => None,
        })
        .collect();
    let registrars = wire(&registrars)?;
    let listens = child.listens.as_deref().map(wire).transpose()?;
    let transport = match child.listens.as_deref() {
        Some([Address::Tcp(_), ..]) => "tcp",
        _ => "uds",
    };
    let door = door.to_wire()?;
    let no = Any::encode(&false);
    // All that tractor's own parents say. It ends without the two that it always reads.
    let vars = [
        ("_is_root", no.clone()),
        ("_root_mailbox", Any::encode(&door)),
        ("_root_addrs", Any::encode(&vec![door])),
        ("_enable_tpts", Any::encode(&vec![transport.to_owned()])),
        ("_registry_addrs", Any::encode(&registrars)),
        ("_debug_mode", no.clone()),
        ("repl_fixture", no.clone()),
        ("use_greenback", no.clone()),
        ("use_stackscope", no),
        ("_is_infected_aio", Any::encode(&child.asyncio)),
    ];
    let vars = vars.map(|(name, value)| (name.to_owned(), value));
    let modules: Map<String, String> = child.modules.iter().cloned().collect();
    let mut spec = SpawnSpec::new(Map::new(), Map::from(vars), modules, registrars);
    spec.bind_addrs = listens;
    Ok(spec)
}

/// Of which kind a child shall listen that was not told where.
pub(crate) fn wants_tcp(spec: &SpawnSpec) -> bool {
    let kinds = spec._runtime_vars.get("_enable_tpts");
    let kinds: Vec<String> = kinds.and_then(|any| any.decode().ok()).unwrap_or_default();
    kinds.first().is_none_or(|kind| kind == "tcp")
}
