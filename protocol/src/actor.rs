//! Who speaks: the identity that each end of a session gives.

use std::fmt;
use std::sync::Arc;

use crate::features::Features;

/// Name and uuid of an actor, as the wire carries them: `[name, uuid]`.
///
/// Cheap to clone. Two actors may share a name; the uuid tells them apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid {
    /// Service name, at most [`Limits::name_bytes_max`](crate::Limits) bytes.
    pub name: Arc<str>,
    /// A uuid in canonical text; other peers may use any text, even none.
    pub uuid: Arc<str>,
}

impl Uid {
    /// From its two texts.
    pub fn new(name: impl Into<Arc<str>>, uuid: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            uuid: uuid.into(),
        }
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}]",
            self.name.escape_debug(),
            self.uuid.escape_debug()
        )
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first message of each end: who it is.
///
/// It is a claim, not a proof: authority comes from the transport.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Aid {
    /// Name and uuid.
    pub uid: Uid,
    /// Process id.
    pub pid: Option<i64>,
    /// Whether the actor answers the registry's calls. One that doesn't says no, explicitly: a plain peer takes silence for
    /// yes. A session of an actor that says yes gives them to the application, under the namespace
    /// [`registry::NAMESPACE`](crate::registry::NAMESPACE).
    pub is_registrar: Option<bool>,
    /// The peer only asks whether somebody is here; it opens no dialog and leaves after the answer.
    pub is_probe: bool,
    /// What the actor offers beyond tractor's messages; none for a plain peer.
    pub features: Features,
}

impl Aid {
    /// An actor that is no registrar and no probe, and speaks as a plain tractor peer does.
    pub fn new(uid: Uid, pid: Option<u32>) -> Self {
        Self {
            uid,
            pid: pid.map(i64::from),
            is_registrar: Some(false),
            is_probe: false,
            features: Features::NONE,
        }
    }
}

/// Whether a character moves the cursor or turns the writing round: names and paths of peers are shown to people.
pub(crate) fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
