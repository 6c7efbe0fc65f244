//! The trace that a dialog belongs to, as [W3C Trace Context](https://www.w3.org/TR/trace-context/) writes it.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};
use std::str::FromStr;

use crate::limits::TRACE_STATE_BYTES_MAX;

/// Says which trace a dialog belongs to, and which span of it opened the dialog.
///
/// It travels in `Start` with [`Feature::Trace`](crate::Feature::Trace). `docs/protocol.md`, section 12.
///
/// ```
/// use scipp_protocol::TraceContext;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace: TraceContext = text.parse()?;
/// assert!(trace.is_sampled());
/// assert_eq!(trace.to_string(), text);
/// # Ok::<_, scipp_protocol::NoTrace>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: NonZeroU128,
    parent_id: NonZeroU64,
    flags: u8,
    state: Option<Box<str>>,
}

impl TraceContext {
    /// Of its three numbers: `traceparent` without the version.
    pub const fn new(trace_id: NonZeroU128, parent_id: NonZeroU64, flags: u8) -> Self {
        Self {
            trace_id,
            parent_id,
            flags,
            state: None,
        }
    }

    /// With what other tracing systems want to be passed on: `tracestate`. One that is longer than 512 bytes, or that has other
    /// characters than a header may have, is left out.
    #[must_use]
    pub fn with_state(self, state: &str) -> Self {
        let fits = !state.is_empty()
            && state.len() <= TRACE_STATE_BYTES_MAX
            && state.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        Self {
            state: fits.then(|| state.into()),
            ..self
        }
    }

    /// The same trace, as the span `parent_id` of it passes it on.
    #[must_use]
    pub fn with_parent(self, parent_id: NonZeroU64) -> Self {
        Self { parent_id, ..self }
    }

    /// Names the trace.
    pub const fn trace_id(&self) -> NonZeroU128 {
        self.trace_id
    }

    /// Names the span that opened the dialog.
    pub const fn parent_id(&self) -> NonZeroU64 {
        self.parent_id
    }

    /// Its flags; those that no version defines are kept.
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the caller may have recorded it.
    pub const fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }

    /// What other tracing systems want to be passed on.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What a peer says. A context that is none is ignored: a trace is a service to the reader of logs, and no reason to refuse a
    /// call.
    pub(crate) fn read(parent: &str, state: Option<&str>) -> Option<Self> {
        let trace: Self = parent.parse().ok()?;
        Some(match state {
            Some(state) => trace.with_state(state),
            None => trace,
        })
    }
}

/// `traceparent`, in version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            parent_id,
            flags,
            ..
        } = self;
        write!(out, "00-{trace_id:032x}-{parent_id:016x}-{flags:02x}")
    }
}

/// From `traceparent`; of a version above 00 the parts that all versions have.
impl FromStr for TraceContext {
    type Err = NoTrace;

    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let none = || NoTrace {
            came: text.chars().take(SHOWN_CHARS).collect(),
        };
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            parts
                .next()
                .filter(|part| part.len() == digits && part.bytes().all(is_digit))
                .and_then(|part| u128::from_str_radix(part, 16).ok())
                .ok_or_else(none)
        };
        let (version, trace_id, parent_id, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        if version == 0xff || version == 0 && parts.next().is_some() {
            return Err(none());
        }
        let parent_id = u64::try_from(parent_id).ok().and_then(NonZeroU64::new);
        let flags = u8::try_from(flags).map_err(|_| none())?;
        match (NonZeroU128::new(trace_id), parent_id) {
            (Some(trace_id), Some(parent_id)) => Ok(Self::new(trace_id, parent_id, flags)),
            _ => Err(none()),
        }
    }
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Enough of a wrong text to recognise it.
const SHOWN_CHARS: usize = 64;

/// A text that is no trace context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no trace context: expected `00-<32 hex digits>-<16 hex digits>-<2 hex digits>` in lower case, the first two numbers not \
     zero, came {came:?}"
)]
pub struct NoTrace {
    came: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn reads_what_every_version_has() {
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more";
        assert_eq!(later.parse::<TraceContext>().unwrap().to_string(), PARENT);
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert!(text.parse::<TraceContext>().is_err(), "{text}");
            assert_eq!(TraceContext::read(text, Some("a=b")), None);
        }
    }

    #[test]
    fn a_state_that_cannot_be_passed_on_is_left_out() {
        let state = |text: &str| {
            let trace = TraceContext::read(PARENT, Some(text)).unwrap();
            trace.state().map(str::to_owned)
        };
        assert_eq!(state("rojo=1,congo=2").as_deref(), Some("rojo=1,congo=2"));
        assert_eq!(state(""), None);
        assert_eq!(state("a=\n"), None);
        assert_eq!(
            state(&"x".repeat(TRACE_STATE_BYTES_MAX)).map(|s| s.len()),
            Some(512)
        );
        assert_eq!(state(&"x".repeat(TRACE_STATE_BYTES_MAX + 1)), None);
    }
}
