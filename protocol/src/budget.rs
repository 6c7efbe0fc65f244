//! An allowance for what a peer may do now and then, but not without end.

use std::hash::Hasher;

use crate::digest::Digest;

/// Consumed by suspicious acts, given back by useful ones, up to a limit.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    left: u32,
    most: u32,
}

impl Budget {
    /// Begins with `left`, and can grow to `most`.
    pub(crate) fn new(left: u32, most: u32) -> Self {
        Self { left, most }
    }

    /// Takes `n`; false if there isn't as much, and then nothing is left.
    #[must_use]
    pub(crate) fn consume(&mut self, n: u32) -> bool {
        let enough = self.left >= n;
        self.left = self.left.saturating_sub(n);
        enough
    }

    /// Gives `n` back.
    pub(crate) fn replenish(&mut self, n: u32) {
        self.left = self.left.saturating_add(n).min(self.most);
    }
}

impl Budget {
    pub(crate) fn digest<H: Hasher>(&self, into: &mut Digest<'_, H>) {
        // The other is a limit.
        let Self { left, most: _ } = self;
        into.add(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lasts_exactly_and_comes_back() {
        let mut budget = Budget::new(32, 48);
        assert!(budget.consume(16) && budget.consume(16) && !budget.consume(1));
        budget.replenish(1_000);
        assert!(budget.consume(48) && !budget.consume(1));
    }
}
