//! What generated clients have in common.

use crate::portal::Portal;

/// A client of an interface: calls of its endpoints, typed. Generated code implements it for each `FeedClient`; a [`Portal`] is
/// one of no interface.
pub trait Client: Send + Sync + Sized + 'static {
    /// Calls the peer behind `portal`.
    fn of(portal: &Portal) -> Self;
}

impl Client for Portal {
    fn of(portal: &Portal) -> Self {
        portal.clone()
    }
}
