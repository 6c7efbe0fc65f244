//! What two scipp peers may say to each other beyond tractor's messages. `docs/protocol.md`, section 12.

use std::fmt;

/// Version of what the names of the features mean.
pub const VERSION: u32 = 1;

/// One thing that both ends must offer before either uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// A message that asks a callee to end, answered by the terminal alone.
    Cancel,
    /// Items are sent only as far as their receiver has granted.
    Credit,
    /// `Start` says how much time is left.
    Deadline,
    /// An end that leaves says so before it does.
    Goodbye,
    /// A silent connection is asked whether it still is one.
    Ping,
    /// An error says more than tractor's does: why a task was asked to end.
    Errors,
    /// `Start` says which trace the dialog belongs to.
    Trace,
    /// Messages of dialogs are arrays, and dialogs have numbers.
    Compact,
}

impl Feature {
    /// All that are built.
    pub const ALL: [Self; 8] = [
        Self::Cancel,
        Self::Credit,
        Self::Deadline,
        Self::Goodbye,
        Self::Ping,
        Self::Errors,
        Self::Trace,
        Self::Compact,
    ];

    /// Its name in `Aid`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Credit => "credit",
            Self::Deadline => "deadline",
            Self::Goodbye => "goodbye",
            Self::Ping => "ping",
            Self::Errors => "errors",
            Self::Trace => "trace",
            Self::Compact => "compact",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of features.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Features(u8);

impl Features {
    /// None: what a plain tractor peer has.
    pub const NONE: Self = Self(0);

    /// All that are built.
    pub fn all() -> Self {
        Feature::ALL.into_iter().collect()
    }

    /// Whether the feature is in it.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// All of it and one more.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Self {
        Self(self.0 | feature.bit())
    }

    /// All of it but one.
    #[must_use]
    pub const fn without(self, feature: Feature) -> Self {
        Self(self.0 & !feature.bit())
    }

    /// Each that is in it, in the order of [`Feature::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL
            .into_iter()
            .filter(move |feature| self.has(*feature))
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        Self(
            features
                .into_iter()
                .fold(0, |set, feature| set | feature.bit()),
        )
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
