//! Why a payload could not be read: where in the value, what was expected there, what came.

use std::borrow::Cow;
use std::fmt;

use crate::walk::Reject;

/// A payload that isn't a value of the type asked for.
///
/// Reads as `Quote.bid.px: expected decimal, came bool true`. One pointer in size, so that it costs nothing while
/// things go well.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    /// Name of the outermost declared type on the way, or empty.
    root: Cow<'static, str>,
    /// From the inside out.
    path: Vec<Step>,
    expected: Cow<'static, str>,
    came: String,
}

#[derive(Clone, PartialEq, Eq)]
enum Step {
    Field(Cow<'static, str>),
    Index(usize),
    /// The value under this key of a map; the text is short and escaped.
    Key(String),
}

impl DecodeError {
    /// An error at the place where the decoder stands; the types around it add the path.
    #[cold]
    pub fn new(expected: impl Into<Cow<'static, str>>, came: impl Into<String>) -> Self {
        let inner = Inner {
            root: Cow::Borrowed(""),
            path: Vec::new(),
            expected: expected.into(),
            came: came.into(),
        };
        Self(Box::new(inner))
    }

    /// Where the value is: `Quote.bid.px`, `Follow.symbols[3]`; empty if it is the whole payload of an undeclared type.
    pub fn path(&self) -> String {
        Path(&self.0).to_string()
    }

    /// What is acceptable there.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// What was there: kind and value, escaped and cut.
    pub fn came(&self) -> &str {
        &self.0.came
    }

    /// The same error below another name: `within("watch.yields")` makes `watch.yields.Quote.bid.px`.
    #[cold]
    #[must_use]
    pub fn within(mut self, name: &str) -> Self {
        let root = &self.0.root;
        self.0.root = if root.is_empty() {
            name.to_owned().into()
        } else {
            format!("{name}.{root}").into()
        };
        self
    }

    /// Names the declared type that was being read.
    #[cold]
    #[must_use]
    pub fn of_type(mut self, name: &'static str) -> Self {
        self.0.root = Cow::Borrowed(name);
        self
    }

    /// The value was the field `key` of the declared type `name`.
    #[cold]
    #[must_use]
    pub fn in_field(mut self, name: &'static str, key: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(Step::Field(key.into()));
        self.of_type(name)
    }

    /// The value was element `index` of a list.
    #[cold]
    #[must_use]
    pub fn at_index(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self.of_type("")
    }

    /// The value was under a key of a map; `key` is shown as it is.
    #[cold]
    #[must_use]
    pub fn at_key(mut self, key: String) -> Self {
        self.0.path.push(Step::Key(key));
        self.of_type("")
    }
}

struct Path<'a>(&'a Inner);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.root)?;
        let mut first = self.0.root.is_empty();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Field(key) if first => f.write_str(key)?,
                Step::Field(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => write!(f, "[{key}]")?,
            }
            first = false;
        }
        Ok(())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.root.is_empty() || !self.0.path.is_empty() {
            write!(f, "{}: ", Path(&self.0))?;
        }
        write!(f, "expected {}, came {}", self.0.expected, self.0.came)
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}

/// Why bytes from outside are not a value of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// The bytes are not one MessagePack value within the limits; nothing was decoded.
    Rejected(Reject),
    /// A MessagePack value, but not of that type.
    Mismatch(DecodeError),
    /// A serde type that could not be written as MessagePack, or not be read from it.
    Serde(String),
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(reject) => reject.fmt(f),
            Self::Mismatch(error) => error.fmt(f),
            Self::Serde(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for PayloadError {}

impl From<Reject> for PayloadError {
    fn from(reject: Reject) -> Self {
        Self::Rejected(reject)
    }
}

impl From<DecodeError> for PayloadError {
    fn from(error: DecodeError) -> Self {
        Self::Mismatch(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_from_the_outside_in() {
        let error = DecodeError::new("decimal", "nil")
            .in_field("Level", "px")
            .in_field("Quote", "bid");
        assert_eq!(
            error.to_string(),
            "Quote.bid.px: expected decimal, came nil"
        );
        let error = error.at_index(3).in_field("Follow", "quotes");
        assert_eq!(error.path(), "Follow.quotes[3].bid.px");
        assert_eq!(
            error.within("watch.accepts").path(),
            "watch.accepts.Follow.quotes[3].bid.px"
        );
        let bare = DecodeError::new("u8", "nil")
            .at_key("\"a\"".into())
            .at_index(0);
        assert_eq!(bare.to_string(), "[0][\"a\"]: expected u8, came nil");
        assert_eq!(
            DecodeError::new("u8", "nil").to_string(),
            "expected u8, came nil"
        );
    }

    #[test]
    fn a_result_is_no_larger_for_its_error() {
        assert_eq!(size_of::<DecodeError>(), size_of::<usize>());
    }
}
