//! The names of one Rust module, struct or enum: each is taken once.

use crate::problem::{Problems, collision};
use scipp_idl::source::Span;
use std::collections::BTreeMap;

/// The names of one Rust module.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    names: BTreeMap<String, Declared>,
}

#[derive(Debug)]
struct Declared {
    what: String,
    span: Span,
}

impl Scope {
    /// Takes a name for `what`, such as "the message `Quote`".
    pub(crate) fn declare(
        &mut self,
        name: &str,
        what: String,
        span: Span,
        problems: &mut Problems,
    ) {
        match self.names.get(name) {
            Some(first) => problems.push(collision(name, &what, span, &first.what, first.span)),
            None => drop(self.names.insert(name.to_owned(), Declared { what, span })),
        }
    }

    /// Whether it is taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }
}
