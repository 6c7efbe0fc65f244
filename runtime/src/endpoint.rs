//! What generated code says about an endpoint: its types and its options.

use std::fmt;

use scipp_codec::{Payload, Raises};
use scipp_protocol::{Flow, Overrun};

use crate::signature::{Signature, TypeLines};

/// One callable dialog: a marker type that generated code makes, with the types of its phases.
///
/// Each phase is typed and checked on its own. A phase that an endpoint does not have is nil (`()`), a stream that it does
/// not have is [`Never`](scipp_codec::Never).
pub trait Endpoint: Send + Sync + 'static {
    /// Names and options.
    const INFO: &'static EndpointInfo;
    /// What it is called with: a struct of the arguments by name.
    type Args: Payload;
    /// What it starts with.
    type Started: Payload;
    /// What the caller sends.
    type Accepts: Payload;
    /// What the callee sends.
    type Yields: Payload;
    /// What it ends with.
    type Returns: Payload;
    /// The errors that it declares; [`Never`](scipp_codec::Never) if none.
    type Error: Raises;
}

/// Names and options of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointInfo {
    /// The namespace of its interface on the wire: `Start.ns`.
    pub namespace: &'static str,
    /// Its own name on the wire: `Start.func`.
    pub name: &'static str,
    /// What kind of dialog it is.
    pub kind: EndpointKind,
    /// A hash of its canonical form, 16 hex digits.
    pub fingerprint: &'static str,
    /// Whether the caller may send items.
    pub accepts: bool,
    /// Whether the callee may send items.
    pub yields: bool,
    /// The longest it may take, in milliseconds; the caller's runtime enforces it, and the callee's as well.
    pub deadline_ms: Option<u64>,
    /// How its task is treated once it was asked to stop.
    pub cancel: CancelPolicy,
    /// Items on the way or unread in each direction; `None`: as many as the limits allow, which a window never exceeds.
    pub window: Option<u32>,
    /// What happens to an item for which there is no room.
    pub overrun: Overrun,
    /// Whether it may be called again when it is not known whether it ran.
    pub idempotent: bool,
    /// What it looks like, for a peer whose schema has another version of it.
    pub signature: Signature,
}

impl EndpointInfo {
    /// A call and its result, with the options that an endpoint has by default.
    ///
    /// `namespace` and `name` are those on the wire; `fingerprint` has 16 hex digits.
    pub const fn func(
        namespace: &'static str,
        name: &'static str,
        fingerprint: &'static str,
    ) -> Self {
        Self {
            namespace,
            name,
            kind: EndpointKind::Func,
            fingerprint,
            accepts: false,
            yields: false,
            deadline_ms: None,
            cancel: CancelPolicy::Default,
            window: None,
            overrun: Overrun::Wait,
            idempotent: false,
            signature: Signature::UNKNOWN,
        }
    }

    /// A one-way stream from the callee.
    pub const fn generator(
        namespace: &'static str,
        name: &'static str,
        fingerprint: &'static str,
    ) -> Self {
        Self {
            kind: EndpointKind::Gen,
            yields: true,
            ..Self::func(namespace, name, fingerprint)
        }
    }

    /// A dialog with a start value and a result, with no stream so far.
    pub const fn context(
        namespace: &'static str,
        name: &'static str,
        fingerprint: &'static str,
    ) -> Self {
        Self {
            kind: EndpointKind::Context,
            ..Self::func(namespace, name, fingerprint)
        }
    }

    /// With its parameters, phases and errors, a line each, and the types that its interface leads to.
    #[must_use]
    pub const fn signature(self, lines: &'static [&'static str], types: TypeLines) -> Self {
        let signature = Signature { lines, types };
        Self { signature, ..self }
    }

    /// With a stream from the caller.
    #[must_use]
    pub const fn accepting(self) -> Self {
        Self {
            accepts: true,
            ..self
        }
    }

    /// With a stream from the callee.
    #[must_use]
    pub const fn yielding(self) -> Self {
        Self {
            yields: true,
            ..self
        }
    }

    /// With a longest time that it may take, in milliseconds.
    #[must_use]
    pub const fn deadline_ms(self, ms: u64) -> Self {
        Self {
            deadline_ms: Some(ms),
            ..self
        }
    }

    /// With at most so many items on the way or unread in each direction.
    #[must_use]
    pub const fn window(self, items: u32) -> Self {
        Self {
            window: Some(items),
            ..self
        }
    }

    /// With another fate for items that find no room than to wait.
    #[must_use]
    pub const fn overrun(self, overrun: Overrun) -> Self {
        Self { overrun, ..self }
    }

    /// May be called again when it is not known whether it ran.
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self {
            idempotent: true,
            ..self
        }
    }

    pub(crate) fn flow(&self) -> Flow {
        Flow {
            window: self.window,
            overrun: self.overrun,
        }
    }

    /// With a policy for its task.
    #[must_use]
    pub const fn cancel(self, policy: CancelPolicy) -> Self {
        Self {
            cancel: policy,
            ..self
        }
    }
}

impl fmt::Display for EndpointInfo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.namespace, self.name)
    }
}

/// What kind of dialog an endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// A call and its result (`fn`; `asyncfunc` on the wire).
    Func,
    /// A one-way stream from the callee (`gen`; `asyncgen` on the wire).
    Gen,
    /// A dialog with a start value, a stream in each direction and a result (`context`).
    Context,
}

/// How the task of an endpoint is treated once it was asked to stop: by a cancel request, its deadline, or the loss of its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CancelPolicy {
    /// As [`CancelPolicy::Grace`], with the grace of the actor's configuration (500 ms unless set).
    #[default]
    Default,
    /// Asked; dropped at its await after this many milliseconds if it still runs.
    Grace {
        /// Milliseconds between asking and dropping.
        ms: u64,
    },
    /// Dropped at its await at once: for pure computations.
    Now,
    /// Not asked: runs to its end, which becomes the answer; dropped only after this many milliseconds. For commit steps.
    Never {
        /// Milliseconds after which it is dropped all the same.
        max_ms: u64,
    },
}

/// Names of an interface: the unit of exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// Its namespace on the wire: `Start.ns`.
    pub namespace: &'static str,
    /// Its name in the schema.
    pub name: &'static str,
    /// What can be called in it.
    pub endpoints: &'static [&'static EndpointInfo],
}
