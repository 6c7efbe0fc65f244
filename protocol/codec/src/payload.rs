//! What a type must know to travel as a payload.

use std::fmt;

use crate::check::Measure;
use crate::show::Shown;
use crate::{Any, DecodeError, Decoder, Encoder, Head, Kind, Tag};

/// A type of the schema: how it is written and read.
///
/// Derived for declared types (`#[derive(Payload)]`), implemented here for the built-in ones. Writing a value and
/// reading it back gives the same value; the same value always has the same bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type that a payload can have",
    label = "not a payload",
    note = "a type of your own derives it: `#[derive(Payload)]`",
    note = "the built-in ones are bool, u8 to u64, i8 to i64, f32, f64, String, Bytes, (), Vec, Option, Box, Map, tuples, \
            Timestamp, Date, Time, SignedDuration, Uuid, Decimal, Ref and Any"
)]
pub trait Payload: Sized + Send + Sync + 'static {
    /// The tag, if the type is a message.
    const TAG: Option<Tag> = None;

    /// Whether a value can break a restriction of the schema: of its type, or of a type inside. Where none can, nothing is
    /// looked at.
    const RESTRICTED: bool = false;

    /// Writes the value, canonically. What restricts it is not looked at: see [`check`](Self::check).
    fn encode(&self, out: &mut Encoder<'_>);

    /// Reads a value.
    ///
    /// # Errors
    /// If what comes next isn't one; the error says where, what was expected and what came.
    fn decode(input: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// Whether the value that starts so can be one of this type. Unions ask their members. Unless a type says otherwise, it is
    /// a map, or whatever has its tag.
    fn accepts(head: &Head<'_>) -> bool {
        Self::TAG.map_or_else(|| head.is(Kind::Map), |tag| head.has(&tag))
    }

    /// The value of a field that isn't there, if the type has one: `None`, [`Presence::Absent`](crate::Presence).
    fn absent() -> Option<Self> {
        None
    }

    /// Whether the value stands for a field that isn't there, and is not written.
    fn is_absent(&self) -> bool {
        false
    }

    /// Holds the value against all that restricts it, as its reader will.
    ///
    /// # Errors
    /// What the reader would say.
    fn check(&self) -> Result<(), DecodeError> {
        Ok(())
    }

    /// Holds the value against what restricts its own type; what is inside has been read, and so checked.
    ///
    /// # Errors
    /// If it doesn't fit.
    fn restrict(&self) -> Result<(), DecodeError> {
        Ok(())
    }

    /// What `range` and `len` restrict.
    fn measure(&self) -> Measure {
        Measure::Nothing
    }

    /// What `pattern` restricts: the text, if the value is one.
    fn text(&self) -> Option<&str> {
        None
    }

    /// In a list: the index of the first element that equals an earlier one. What `unique` restricts.
    fn repeated(&self) -> Option<usize> {
        None
    }

    /// The value as part of a text, for error messages; without a form of its own, what is written: a str as it
    /// is, anything else like JSON.
    ///
    /// # Errors
    /// Those of the formatter.
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = crate::to_bytes(self);
        match Decoder::new(&bytes).str() {
            Ok(text) => f.write_str(text),
            Err(_) => fmt::Display::fmt(&Shown(&bytes), f),
        }
    }
}

/// A type that stands after `raises`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no declared error",
    label = "not a declared error",
    note = "a struct becomes one with `#[derive(Debug, Payload, DeclaredError)]`"
)]
pub trait DeclaredError: Payload + std::error::Error {
    /// Its name on the wire.
    const NAME: &'static str;
}

/// All the errors that an endpoint declares: one [`DeclaredError`], an enum of several, or [`Never`](crate::Never).
///
/// `Display` gives the text that travels beside the value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of errors that an endpoint can raise",
    label = "neither a declared error nor an enum of them",
    note = "it is a struct that derives `DeclaredError`, an enum of such that derives `Raises`, or `Never`"
)]
pub trait Raises: Sized + Send + Sync + 'static + fmt::Debug + fmt::Display {
    /// Name of the error on the wire.
    fn name(&self) -> &'static str;

    /// Writes the error's value.
    fn encode(&self, out: &mut Encoder<'_>);

    /// Holds the error's value against all that restricts it.
    ///
    /// # Errors
    /// What the reader would say.
    fn check(&self) -> Result<(), DecodeError>;

    /// Reads the error called `name`; `None` if that isn't one of these.
    fn decode(name: &str, payload: &Any) -> Option<Result<Self, DecodeError>>;
}
