//! Examples of endpoints, as generated code has them: whole dialogs in typed values, each with the bytes that the
//! compiler expects for it. They test the types, and a callee can play them.

use std::fmt;

use bytes::Bytes;
use scipp_codec::{Any, DecodeError, Payload, Raises, check::checked};

use crate::{
    endpoint::{Endpoint, EndpointKind},
    error::{EndpointError, Phase, encoded},
    server_context::ServerContext,
};

/// An endpoint with the examples of its schema.
pub trait Examples: Endpoint + Sized {
    /// The examples, in the order of the schema.
    fn examples() -> Vec<Example<Self>>;

    /// Writes every value of every example and reads it back.
    ///
    /// # Errors
    /// The first value that is written as other bytes than the compiler expects, cannot be read back, or breaks a
    /// restriction of its type.
    fn check() -> Result<(), ExampleError> {
        Self::examples().iter().try_for_each(Example::check)
    }
}

/// One whole dialog of an endpoint.
pub struct Example<E: Endpoint> {
    /// Its title in the schema.
    pub title: &'static str,
    /// What the endpoint is called with.
    pub args: E::Args,
    /// What follows. The end comes last: [`Step::Returns`], with nil for a stream, or [`Step::Raises`].
    pub steps: Vec<Step<E>>,
    /// What is expected on the wire, of the arguments and of each step.
    wire: Vec<&'static [u8]>,
}

/// What happens after the call.
pub enum Step<E: Endpoint> {
    /// The callee starts with this.
    Started(E::Started),
    /// The caller sends an item.
    Accepts(E::Accepts),
    /// The callee sends an item.
    Yields(E::Yields),
    /// The result.
    Returns(E::Returns),
    /// A declared error.
    Raises(E::Error),
}

impl<E: Endpoint> fmt::Debug for Example<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Example")
            .field("endpoint", &format_args!("{}", E::INFO))
            .field("title", &self.title)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

impl<E: Endpoint> fmt::Debug for Step<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (phase, value) = match self {
            Self::Started(value) => (Phase::Started, Any::encode(value)),
            Self::Accepts(value) => (Phase::Accepts, Any::encode(value)),
            Self::Yields(value) => (Phase::Yields, Any::encode(value)),
            Self::Returns(value) => (Phase::Returns, Any::encode(value)),
            Self::Raises(error) => return write!(out, "{} {error:?}", Phase::Raises),
        };
        write!(out, "{phase} {value}")
    }
}

impl<E: Endpoint> Example<E> {
    /// A dialog that begins with these arguments; `wire` are the bytes that are expected for them.
    pub fn new(title: &'static str, args: E::Args, wire: &'static [u8]) -> Self {
        Self {
            title,
            args,
            steps: Vec::new(),
            wire: vec![wire],
        }
    }

    /// Then this happens, with these bytes.
    #[must_use]
    pub fn then(mut self, step: Step<E>, wire: &'static [u8]) -> Self {
        self.steps.push(step);
        self.wire.push(wire);
        self
    }

    /// Writes every value and reads it back.
    ///
    /// # Errors
    /// The first value that is written as other bytes than the compiler expects, cannot be read back, or breaks a
    /// restriction of its type.
    pub fn check(&self) -> Result<(), ExampleError> {
        let mut wire = self.wire.iter().copied();
        let mut next = || wire.next().unwrap_or_default();
        self.hold(Phase::Args, &self.args, next())?;
        for step in &self.steps {
            let wire = next();
            match step {
                Step::Started(value) => self.hold(Phase::Started, value, wire)?,
                Step::Accepts(value) => self.hold(Phase::Accepts, value, wire)?,
                Step::Yields(value) => self.hold(Phase::Yields, value, wire)?,
                // A stream ends without a value.
                Step::Returns(_) if E::INFO.kind == EndpointKind::Gen => {}
                Step::Returns(value) => self.hold(Phase::Returns, value, wire)?,
                Step::Raises(error) => self.hold_error(error, wire)?,
            }
        }
        Ok(())
    }

    fn hold<T: Payload>(&self, phase: Phase, value: &T, wire: &[u8]) -> Result<(), ExampleError> {
        let name = || phase.to_string();
        self.same(&name, &scipp_codec::to_bytes(value), wire)?;
        checked(value).map_err(|error| self.wrong(&name, &error))?;
        let back: T = scipp_codec::from_bytes(&Bytes::copy_from_slice(wire))
            .map_err(|error| self.fault(&name, &format!("cannot be read: {error}")))?;
        self.same(&name, &scipp_codec::to_bytes(&back), wire)
    }

    fn hold_error(&self, error: &E::Error, wire: &[u8]) -> Result<(), ExampleError> {
        let name = || format!("raises {}", error.name());
        let written = encoded(error);
        self.same(&name, &written, wire)?;
        error.check().map_err(|error| self.wrong(&name, &error))?;
        let payload = Any::new(written)
            .map_err(|error| self.fault(&name, &format!("cannot be read: {error}")))?;
        match E::Error::decode(error.name(), &payload) {
            Some(Ok(back)) => self.same(&name, &encoded(&back), wire),
            Some(Err(error)) => Err(self.wrong(&name, &error)),
            None => Err(self.fault(&name, "is none of the declared errors")),
        }
    }

    fn same(
        &self,
        name: &dyn Fn() -> String,
        written: &[u8],
        wire: &[u8],
    ) -> Result<(), ExampleError> {
        if written == wire {
            return Ok(());
        }
        let text = format!(
            "expected the bytes {}, came {}",
            wire.escape_ascii(),
            written.escape_ascii()
        );
        Err(self.fault(name, &text))
    }

    fn wrong(&self, name: &dyn Fn() -> String, error: &DecodeError) -> ExampleError {
        self.fault(name, &error.to_string())
    }

    fn fault(&self, name: &dyn Fn() -> String, what: &str) -> ExampleError {
        ExampleError(format!(
            "`{}` of the example \"{}\" of {}: {what}",
            name(),
            self.title,
            E::INFO
        ))
    }
}

/// The generated code, or the codec, disagrees with the compiler about an example: one of them has a bug.
///
/// `Debug` is the text as well: a test that returns it is read by people.
#[derive(Clone, PartialEq, Eq)]
pub struct ExampleError(String);

impl fmt::Display for ExampleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for ExampleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for ExampleError {}

/// How an endpoint ends that plays its examples.
pub type Played<E> = Result<<E as Endpoint>::Returns, EndpointError<<E as Endpoint>::Error>>;

/// Plays the callee of the first example that is called with these arguments: sends what it yields, and waits for what it
/// accepts.
///
/// # Errors
/// What the example raises. `Failed` if no example has these arguments, or the caller sends something else than it says.
pub async fn play<E: Examples>(ctx: &mut ServerContext<E>, args: &E::Args) -> Played<E> {
    let called = scipp_codec::to_bytes(args);
    let mut examples = E::examples().into_iter();
    let Some(example) = examples.find(|it| scipp_codec::to_bytes(&it.args) == called) else {
        let text = format!("no example of {} is called with these arguments", E::INFO);
        return Err(EndpointError::failed(text));
    };
    let title = example.title;
    let other = |what: &str| {
        let text = format!("the example \"{title}\" of {} {what}", E::INFO);
        EndpointError::failed(text)
    };
    for step in example.steps {
        match step {
            Step::Started(value) => ctx.started(value).await?,
            Step::Yields(item) => ctx.send(item).await?,
            Step::Accepts(expected) => {
                let Some(item) = ctx.recv().await? else {
                    return Err(other("goes on, and the caller has left the stream"));
                };
                if scipp_codec::to_bytes(&item) != scipp_codec::to_bytes(&expected) {
                    return Err(other("waits for another item"));
                }
            }
            Step::Returns(value) => return Ok(value),
            Step::Raises(error) => return Err(EndpointError::Endpoint(error)),
        }
    }
    Err(other("has no end"))
}
