//! The whole state of a session as a hash, and what is left in one that should be empty. For checkers of models
//! ([decision 0051](../../docs/decisions/0051-models-run-the-real-session.md)); nothing else has use for it.
//!
//! Two sessions with the same hash do the same with the same input, but for what nobody can tell apart: points in time
//! count from `now`, ids are numbered in the order in which they are met, and an id of a slot says only whether it is
//! alive. What is configured, and what is only counted for the user ([`Stats`](crate::Stats)), is left out.
//!
//! Every state is taken apart by all of its fields' names: a new field does not compile before it has a place here.

use std::hash::{Hash, Hasher};
use std::time::Instant;

use crate::cid::Cid;

/// A hasher that gives ids and times the same numbers wherever they are met.
pub struct Digest<'a, H> {
    hasher: &'a mut H,
    now: Instant,
    ids: Vec<Cid>,
}

impl<'a, H: Hasher> Digest<'a, H> {
    /// Begins at `now`. One digest is for all that belongs together: two sessions, and what is on its way.
    pub fn new(hasher: &'a mut H, now: Instant) -> Self {
        Self {
            hasher,
            now,
            ids: Vec::new(),
        }
    }

    /// An id, in its text as on the wire; a number as it is shown.
    pub fn id(&mut self, text: &str) {
        self.cid(&Cid::shown(text));
    }

    /// Anything without ids and times in it.
    pub fn add(&mut self, value: impl Hash) {
        value.hash(self.hasher);
    }

    pub(crate) fn cid(&mut self, cid: &Cid) {
        let known = self.ids.iter().position(|it| it == cid);
        let number = known.unwrap_or_else(|| {
            self.ids.push(cid.clone());
            self.ids.len() - 1
        });
        self.hasher.write_usize(number);
    }

    pub(crate) fn cids<'b>(&mut self, cids: impl ExactSizeIterator<Item = &'b Cid>) {
        self.add(cids.len());
        cids.for_each(|cid| self.cid(cid));
    }

    pub(crate) fn time(&mut self, at: Instant) {
        self.add((
            at.saturating_duration_since(self.now),
            self.now.saturating_duration_since(at),
        ));
    }

    pub(crate) fn time_or_none(&mut self, at: Option<Instant>) {
        self.add(at.is_some());
        if let Some(at) = at {
            self.time(at);
        }
    }
}
