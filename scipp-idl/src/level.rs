//! How a run takes warnings: as they are, as errors, or not at all.

use crate::code::{self, Code};
use crate::suggest;
use std::collections::BTreeSet;
use std::fmt;

/// What a run denies and allows. A code that is named alone counts more than all warnings together, and to deny
/// counts more than to allow.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    deny: BTreeSet<Code>,
    allow: BTreeSet<Code>,
    deny_all: bool,
    allow_all: bool,
}

/// The name of all warnings together.
const ALL_WARNINGS: &str = "warnings";

/// How a warning is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Warn,
    /// It counts as an error; the word is what denied it.
    Deny(&'static str),
    Allow,
}

impl Levels {
    /// Takes a warning as an error: `W0003`, or `warnings` for all.
    pub fn deny(&mut self, name: &str) -> Result<(), LevelError> {
        if name == ALL_WARNINGS {
            self.deny_all = true;
        } else {
            self.deny.insert(named(name)?);
        }
        Ok(())
    }

    /// Says nothing about a warning: `W0003`, or `warnings` for all.
    pub fn allow(&mut self, name: &str) -> Result<(), LevelError> {
        if name == ALL_WARNINGS {
            self.allow_all = true;
        } else {
            self.allow.insert(named(name)?);
        }
        Ok(())
    }

    pub(crate) fn of(&self, code: Code) -> Taken {
        if self.deny.contains(&code) {
            Taken::Deny(code.id)
        } else if self.allow.contains(&code) {
            Taken::Allow
        } else if self.deny_all {
            Taken::Deny(ALL_WARNINGS)
        } else if self.allow_all {
            Taken::Allow
        } else {
            Taken::Warn
        }
    }
}

fn named(name: &str) -> Result<Code, LevelError> {
    if let Some(code) = code::warning(name) {
        return Ok(code);
    }
    if code::ALL.iter().any(|code| code.id == name) {
        return Err(LevelError::Error(name.to_owned()));
    }
    let known = code::ALL.iter().filter(|code| !code.is_error());
    let near = suggest::nearest(name, known.map(|code| code.id).chain([ALL_WARNINGS]));
    Err(LevelError::Unknown(name.to_owned(), near))
}

/// A name that cannot be denied or allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelError {
    /// An error is one already, and cannot be allowed.
    Error(String),
    /// There is no such warning; the nearest that there is.
    Unknown(String, Option<&'static str>),
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LevelError::Error(name) => {
                write!(
                    f,
                    "`{name}` is an error: it can be neither denied nor allowed"
                )
            }
            LevelError::Unknown(name, Some(near)) => {
                write!(f, "no warning `{name}`; did you mean `{near}`?")
            }
            LevelError::Unknown(name, None) => write!(
                f,
                "no warning `{name}`; write a code such as `W0003`, or `{ALL_WARNINGS}`"
            ),
        }
    }
}

impl std::error::Error for LevelError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_more_than_all_and_to_deny_more_than_to_allow() {
        let mut levels = Levels::default();
        assert_eq!(levels.of(code::UNUSED_IMPORT), Taken::Warn);
        levels.deny("warnings").unwrap();
        levels.allow("W0001").unwrap();
        assert_eq!(levels.of(code::UNUSED_IMPORT), Taken::Allow);
        assert_eq!(levels.of(code::SNAKE_NAME_STYLE), Taken::Deny("warnings"));
        levels.deny("W0001").unwrap();
        assert_eq!(levels.of(code::UNUSED_IMPORT), Taken::Deny("W0001"));
    }

    #[test]
    fn what_cannot_be_denied_says_why() {
        let mut levels = Levels::default();
        let message = |it: Result<(), LevelError>| it.unwrap_err().to_string();
        assert_eq!(
            message(levels.deny("W9001")),
            "no warning `W9001`; did you mean `W0001`?"
        );
        assert!(message(levels.allow("E0103")).contains("is an error"));
        assert!(message(levels.deny("everything")).contains("`warnings`"));
    }
}
