//! `scipp actors`

mod ask;

use crate::report::{self, Format};
use crate::status::Status;
use ask::{Answer, Fault, ask};
use clap::Args;
use scipp_codec::{Any, to_bytes};
use scipp_protocol::Address;
use scipp_protocol::registry::{self, GetRegistry, Listing, Named, WireAddress};
use serde_json::{Value, json};
use std::time::Duration;

/// Lists the actors that a registrar knows, of scipp or of tractor, or finds one by its name
///
/// A registrar believes what it is told: an address is where an actor says that it listens, or has listened.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Actors {
    /// The registrar's address, `tcp://HOST:PORT` or `unix:PATH`; where tractor's is unless told otherwise
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_REGISTRAR)]
    registrar: Address,

    /// Only where the first actor listens that has this name or uuid
    #[arg(long, value_name = "NAME", conflicts_with = "wait")]
    find: Option<String>,

    /// Only where the actors of this name listen, as soon as there is one
    #[arg(long, value_name = "NAME")]
    wait: Option<String>,

    /// How many seconds to wait, for the answer or for the actor
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT_S, value_parser = clap::value_parser!(u64).range(1..=TIMEOUT_MAX_S))]
    timeout: u64,

    /// How to print: JSON is a list of actors, each with `name`, `uuid` and `addresses`; with --find and --wait a list of addresses
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where a registrar of tractor is unless told otherwise.
const DEFAULT_REGISTRAR: &str = "tcp://127.0.0.1:1616";

/// Seconds that are waited: 5. A registrar answers at once.
const TIMEOUT_S: u64 = 5;

/// The longest wait: a day.
const TIMEOUT_MAX_S: u64 = 86_400;

const EXAMPLES: &str = "\
Examples:
  scipp actors                                             all that tractor's usual registrar knows
  scipp actors --registrar unix:/run/user/1000/tractor/registry@1616.sock
  scipp actors --find feed                                 where the actor called feed listens
  scipp actors --wait feed --timeout 60 && ./client        start when there is one
  scipp actors --format json | jq -r '.[].name'

Exit status: 0 all is well, 1 nobody of that name is registered, 2 wrong use, or no registrar answers there.";

impl Actors {
    pub(crate) fn run(self) -> Status {
        match self.answer() {
            Ok(Some(printed)) => report::print(&printed),
            Ok(None) => {
                let name = self.find.as_ref().or(self.wait.as_ref());
                let name = name.map(|name| name.escape_debug().to_string());
                report::line(&format!(
                    "no actor called `{}` is registered at {}",
                    name.unwrap_or_default(),
                    self.registrar
                ));
                Status::Found
            }
            Err(fault) => {
                report::line(&format!("error: {}: {fault}", self.registrar));
                Status::Undone
            }
        }
    }

    /// What to print; nothing if nobody has the name.
    fn answer(&self) -> Result<Option<String>, Fault> {
        let named = |name: &String| to_bytes(&Named { name: name.clone() });
        let max = Duration::from_secs(self.timeout);
        if let Some(name) = &self.find {
            return match ask(&self.registrar, registry::FIND, named(name), max)? {
                Answer::Value(value) => {
                    let found: Option<Vec<WireAddress>> = read(&value)?;
                    Ok(found.map(|found| self.addresses(&found)))
                }
                Answer::NotInTime => Err(Fault::Mute(max)),
            };
        }
        if let Some(name) = &self.wait {
            return match ask(&self.registrar, registry::WAIT_FOR, named(name), max)? {
                Answer::Value(value) => {
                    let found: Vec<WireAddress> = read(&value)?;
                    Ok(Some(self.addresses(&found)))
                }
                Answer::NotInTime => Ok(None),
            };
        }
        match ask(
            &self.registrar,
            registry::GET_REGISTRY,
            to_bytes(&GetRegistry {}),
            max,
        )? {
            Answer::Value(value) => Ok(Some(self.listing(&read(&value)?))),
            Answer::NotInTime => Err(Fault::Mute(max)),
        }
    }

    fn addresses(&self, found: &[WireAddress]) -> String {
        let texts: Vec<String> = found.iter().map(shown).collect();
        match self.format {
            Format::Text => texts.iter().map(|text| format!("{text}\n")).collect(),
            Format::Json => format!("{:#}\n", json!(texts)),
        }
    }

    fn listing(&self, listing: &Listing) -> String {
        let actors = listing.iter().map(|(key, addresses)| {
            let (name, uuid) = registry::split_key(key);
            let addresses: Vec<String> = addresses.iter().map(shown).collect();
            (name, uuid, addresses)
        });
        match self.format {
            Format::Text => actors
                .map(|(name, uuid, addresses)| {
                    let (name, uuid) = (name.escape_debug(), uuid.escape_debug());
                    format!("{name}  {uuid}  {}\n", addresses.join("  "))
                })
                .collect(),
            Format::Json => {
                let actors: Vec<Value> = actors
                    .map(|(name, uuid, addresses)| {
                        json!({ "name": name, "uuid": uuid, "addresses": addresses })
                    })
                    .collect();
                format!("{:#}\n", json!(actors))
            }
        }
    }
}

/// As it is written elsewhere; one that leads nowhere is shown as it came, escaped.
fn shown(wire: &WireAddress) -> String {
    Address::from_wire(wire).map_or_else(|_| format!("{wire:?}"), |address| address.to_string())
}

fn read<T: scipp_codec::Payload>(value: &Any) -> Result<T, Fault> {
    value.decode().map_err(Fault::Answer)
}
