//! The table of a registrar: actors in the order in which they came, each with its addresses.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scipp_codec::{Any, DecodeError, Encoder, Raises};
use scipp_protocol::{
    Address,
    registry::{self, Listing, WireAddress},
};
use tokio::sync::{Notify, Semaphore};

use crate::{
    error::EndpointError,
    identity::ActorId,
    limits::{REGISTRY_WAITS_MAX, RuntimeLimits},
};

/// What a registrar of ours knows. Clones are the same table; it lives as long as one of them does, over all sessions.
#[derive(Clone, Debug, Default)]
pub struct Registry(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    actors: Mutex<Vec<Entry>>,
    /// Somebody has registered.
    came: Notify,
    /// Places for those who wait.
    waits: Semaphore,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            actors: Mutex::default(),
            came: Notify::new(),
            waits: Semaphore::new(REGISTRY_WAITS_MAX),
        }
    }
}

#[derive(Debug)]
struct Entry {
    uid: ActorId,
    addresses: Vec<Address>,
}

/// Why a registrar of ours does not do what it is asked: the caller's fault, or there is no room. Python callers see a `ValueError`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct RegistryFault {
    /// Who is to blame, what was expected, what came.
    pub why: String,
}

/// By hand: it is tractor's error with a text, and no type of a schema.
impl Raises for RegistryFault {
    fn name(&self) -> &'static str {
        FAULT
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        out.str(&self.why);
    }

    fn check(&self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn decode(name: &str, payload: &Any) -> Option<Result<Self, DecodeError>> {
        (name == FAULT).then(|| payload.decode().map(|why: String| Self { why }))
    }
}

/// Name of such an error on the wire: one that Python knows.
const FAULT: &str = "ValueError";

impl RegistryFault {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl From<RegistryFault> for EndpointError<RegistryFault> {
    fn from(fault: RegistryFault) -> Self {
        Self::Endpoint(fault)
    }
}

impl Registry {
    /// Nobody is registered.
    pub fn new() -> Self {
        Self::default()
    }

    /// All actors with their addresses, in the order in which they came.
    pub fn actors(&self) -> Vec<(ActorId, Vec<Address>)> {
        let actors = self.lock();
        let pairs = actors.iter();
        pairs
            .map(|entry| (entry.uid.clone(), entry.addresses.clone()))
            .collect()
    }

    /// The addresses of the first actor of this name or uuid.
    pub fn find(&self, name: &str) -> Option<Vec<Address>> {
        let actors = self.lock();
        let mut found = actors
            .iter()
            .filter(|entry| &*entry.uid.name == name || &*entry.uid.uuid == name);
        found.next().map(|entry| entry.addresses.clone())
    }

    /// Adds an address to an actor. Whoever had it before has it no more.
    ///
    /// # Errors
    /// The address is none to register, or there is no room.
    pub(crate) fn register(
        &self,
        uid: &ActorId,
        address: Address,
        limits: &RuntimeLimits,
    ) -> Result<(), RegistryFault> {
        address
            .check_listed()
            .map_err(|wrong| RegistryFault::new(wrong.to_string()))?;
        let mut actors = self.lock();
        let own = actors.iter().position(|entry| entry.uid == *uid);
        let addresses = own
            .and_then(|at| actors.get(at))
            .map_or(0, |entry| entry.addresses.len());
        let has_it = own
            .and_then(|at| actors.get(at))
            .is_some_and(|entry| entry.addresses.contains(&address));
        if has_it {
            return Ok(());
        }
        let (max, addresses_max) = (limits.registry_actors_max, limits.registry_addresses_max);
        if own.is_none() && actors.len() >= max {
            return Err(RegistryFault::new(format!(
                "{uid} is not registered: this registrar knows {max} actors already, and no more"
            )));
        }
        if addresses >= addresses_max {
            return Err(RegistryFault::new(format!(
                "{uid} has {addresses} addresses here already, and may have no more"
            )));
        }
        let added = bytes_of(&address) + own.map_or_else(|| name_bytes(uid), |_| 0);
        let bytes: usize = actors.iter().map(Entry::bytes).sum();
        let bytes_max = limits.registry_bytes_max;
        if bytes + added > bytes_max {
            return Err(RegistryFault::new(format!(
                "{uid} is not registered: all names and addresses of this registrar may have {bytes_max} bytes, which are used up"
            )));
        }
        remove(&mut actors, &address);
        match actors.iter_mut().find(|entry| entry.uid == *uid) {
            Some(entry) => entry.addresses.push(address),
            None => actors.push(Entry {
                uid: uid.clone(),
                addresses: vec![address],
            }),
        }
        drop(actors);
        self.0.came.notify_waiters();
        Ok(())
    }

    /// Forgets an actor. Whether it was known.
    pub(crate) fn unregister(&self, uid: &ActorId) -> bool {
        let mut actors = self.lock();
        let before = actors.len();
        actors.retain(|entry| entry.uid != *uid);
        actors.len() < before
    }

    /// Forgets an address, and says whose it was.
    pub(crate) fn delete(&self, address: &Address) -> Option<ActorId> {
        remove(&mut self.lock(), address)
    }

    /// The addresses of all actors of this name, as soon as there is one.
    pub(super) async fn wait_for(&self, name: &str) -> Result<Vec<Address>, RegistryFault> {
        let Ok(_place) = self.0.waits.try_acquire() else {
            return Err(RegistryFault::new(format!(
                "{REGISTRY_WAITS_MAX} requests wait at this registrar already, and no more may"
            )));
        };
        loop {
            // Before the look: who registers between the look and the wait is not missed.
            let came = self.0.came.notified();
            tokio::pin!(came);
            came.as_mut().enable();
            let all: Vec<_> = {
                let actors = self.lock();
                let named = actors.iter().filter(|entry| &*entry.uid.name == name);
                named.flat_map(|entry| entry.addresses.clone()).collect()
            };
            if !all.is_empty() {
                return Ok(all);
            }
            came.await;
        }
    }

    /// All of it, as it travels.
    pub(super) fn listing(&self) -> Listing {
        let actors = self.lock();
        let keyed = actors.iter().map(|entry| {
            let key = registry::key(&entry.uid.name, &entry.uid.uuid);
            (key, wire(&entry.addresses))
        });
        keyed.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.actors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        name_bytes(&self.uid) + self.addresses.iter().map(bytes_of).sum::<usize>()
    }
}

/// Takes an address from whomever has it; an actor without any is forgotten.
fn remove(actors: &mut Vec<Entry>, address: &Address) -> Option<ActorId> {
    let at = actors
        .iter()
        .position(|entry| entry.addresses.contains(address))?;
    let entry = actors.get_mut(at)?;
    entry.addresses.retain(|own| own != address);
    let uid = entry.uid.clone();
    if entry.addresses.is_empty() {
        actors.remove(at);
    }
    Some(uid)
}

/// What travels: those that came from elsewhere have a wire form.
pub(super) fn wire(addresses: &[Address]) -> Vec<WireAddress> {
    addresses
        .iter()
        .filter_map(|address| address.to_wire().ok())
        .collect()
}

/// Bytes of an address in a listing, with the heads of its parts.
fn bytes_of(address: &Address) -> usize {
    const HEADS: usize = 8;
    HEADS + address.to_string().len()
}

/// Bytes of a key in a listing, with its head and that of the addresses.
fn name_bytes(uid: &ActorId) -> usize {
    const HEADS: usize = 8;
    HEADS + uid.name.len() + uid.uuid.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> Address {
        format!("tcp://127.0.0.1:{port}").parse().unwrap()
    }

    fn actor(name: &str, uuid: &str) -> ActorId {
        ActorId::new(name, uuid)
    }

    #[test]
    fn actors_are_found_in_the_order_in_which_they_came() {
        let (registry, limits) = (Registry::new(), RuntimeLimits::default());
        let register = |uid: &ActorId, port| registry.register(uid, at(port), &limits).unwrap();
        let (first, second) = (actor("feed", "a"), actor("feed", "b"));
        register(&first, 1);
        register(&second, 2);
        register(&first, 3);
        register(&first, 3);
        assert_eq!(registry.find("feed"), Some(vec![at(1), at(3)]));
        assert_eq!(registry.find("b"), Some(vec![at(2)]));
        assert_eq!(registry.find("nobody"), None);

        // Who comes to an address takes it from whoever had it.
        register(&second, 1);
        assert_eq!(registry.find("feed"), Some(vec![at(3)]));
        register(&second, 3);
        assert_eq!(
            registry.actors(),
            [(second.clone(), vec![at(2), at(1), at(3)])]
        );
        assert_eq!(registry.delete(&at(1)), Some(second.clone()));
        assert_eq!(registry.delete(&at(1)), None);
        assert!(registry.unregister(&second));
        assert!(!registry.unregister(&second));
        assert_eq!(registry.actors(), []);
    }

    #[test]
    fn the_table_is_bounded() {
        let limits = RuntimeLimits {
            registry_actors_max: 2,
            registry_addresses_max: 2,
            registry_bytes_max: 200,
            ..RuntimeLimits::default()
        };
        let registry = Registry::new();
        let register = |name: &str, port| {
            let registered = registry.register(&actor(name, "u"), at(port), &limits);
            registered.map_err(|fault| fault.why)
        };
        register("a", 1).unwrap();
        register("b", 2).unwrap();
        assert!(register("c", 3).unwrap_err().contains("knows 2 actors"));
        register("a", 3).unwrap();
        assert!(register("a", 4).unwrap_err().contains("2 addresses"));
        register("a", 3).unwrap();
        assert!(register("b", 0).unwrap_err().contains("port 0"));
        // Nothing was taken from anybody on the way to a refusal.
        assert_eq!(registry.actors().len(), 2);

        assert!(registry.unregister(&actor("b", "u")));
        let long = "x".repeat(120);
        assert!(register(&long, 5).unwrap_err().contains("200 bytes"));
        assert_eq!(registry.find("a"), Some(vec![at(1), at(3)]));
    }

    #[test]
    fn a_full_table_fits_into_one_answer() {
        let limits = RuntimeLimits::default();
        let registry = Registry::new();
        // The shortest entries are the most values, the longest the most bytes.
        for size in [1, 100] {
            let mut refused = None;
            for n in 0..100_000_u32 {
                let uid = actor(&"n".repeat(size), &n.to_string());
                let port = u16::try_from(n % 60_000 + 1).unwrap();
                let ip = std::net::Ipv4Addr::new(10, u8::try_from(n / 60_000).unwrap(), 0, 1);
                let address = Address::Tcp((ip, port).into());
                if let Err(fault) = registry.register(&uid, address, &limits) {
                    refused = Some(fault);
                    break;
                }
            }
            assert!(refused.is_some());
            let core = scipp_protocol::Limits::default();
            let answer = scipp_codec::to_bytes(&registry.listing());
            assert!(answer.len() < core.frame_bytes_max, "{}", answer.len());
            let walk = scipp_codec::walk::WalkLimits {
                depth_max: core.payload_depth_max,
                items_max: core.payload_items_max,
            };
            assert_eq!(scipp_codec::walk::check(&answer, &walk), Ok(()));
            for (uid, _) in registry.actors() {
                registry.unregister(&uid);
            }
        }
        // Most values: as many addresses as may be, of as many actors.
        assert!(
            limits.registry_actors_max * (2 + 3 * limits.registry_addresses_max) < 65_536,
            "a listing has more values than a payload may have"
        );
    }

    #[tokio::test]
    async fn who_waits_is_told_as_soon_as_one_comes() {
        let (registry, limits) = (Registry::new(), RuntimeLimits::default());
        let late = registry.wait_for("late");
        let come = async {
            registry
                .register(&actor("other", "late"), at(1), &limits)
                .unwrap();
            tokio::task::yield_now().await;
            registry
                .register(&actor("late", "u"), at(2), &limits)
                .unwrap();
        };
        let (told, ()) = tokio::join!(late, come);
        assert_eq!(told, Ok(vec![at(2)]));
    }

    #[tokio::test]
    async fn only_so_many_may_wait() {
        let registry = Registry::new();
        let places = registry
            .0
            .waits
            .try_acquire_many(u32::try_from(REGISTRY_WAITS_MAX).unwrap());
        let refused = registry.wait_for("late").await.unwrap_err();
        assert!(refused.why.contains("1024 requests wait"), "{refused}");
        drop(places);
    }
}
