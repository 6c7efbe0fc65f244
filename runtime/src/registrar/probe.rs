//! Whether a registrar is at an address: the question that the first process of a tree asks.

use tokio::time::{sleep, timeout};

use super::{ask::Registrar, found::is_gone};
use crate::{
    actor::{Config, ConnectError, meet},
    limits,
    transport::Target,
};

/// Who is at an address where a registrar may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A registrar.
    Registrar,
    /// Nobody.
    Vacant,
    /// Somebody who is no registrar, or does not speak as an actor in time.
    Occupied,
}

impl Registrar {
    /// Whether a registrar is there: three attempts of a second each, as tractor's actors ask.
    ///
    /// # Errors
    /// The configuration does not allow to connect there.
    pub async fn probe(&self) -> Result<Standing, ConnectError> {
        let target = self.target();
        self.config().policy.plain_tcp.check_target(target)?;
        let standing = timeout(limits::PROBE_MAX, probe(target, self.config())).await;
        Ok(standing.unwrap_or(Standing::Occupied))
    }
}

async fn probe(target: &Target, config: &Config) -> Standing {
    let mut pause = limits::PROBE_PAUSE;
    for attempt in 1..=limits::PROBE_ATTEMPTS {
        match timeout(limits::PROBE_ATTEMPT_MAX, meet(target, config.prober())).await {
            // Who does not say no is taken for one, as tractor takes it.
            Ok(Ok(aid)) if aid.is_registrar != Some(false) => return Standing::Registrar,
            Ok(Ok(_)) => return Standing::Occupied,
            Ok(Err(error)) if is_gone(&error) => return Standing::Vacant,
            // It may be busy, or about to leave.
            Ok(Err(_)) | Err(_) if attempt < limits::PROBE_ATTEMPTS => sleep(pause).await,
            Ok(Err(_)) | Err(_) => {}
        }
        pause *= 2;
    }
    Standing::Occupied
}
