//! What a comparison finds.

use super::rule::Rule;
use crate::source::Span;
use std::fmt;

/// For whom a change is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Bytes between peers that use our codec.
    Wire,
    /// Bytes where one of the two is a stock Python peer: plain `tractor`, payloads by `msgspec`.
    Stock,
    /// Code that uses the generated Rust.
    Rust,
    /// Code that uses the generated Python.
    Python,
    /// Code that uses the generated TypeScript.
    TypeScript,
}

impl Target {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Target; 5] = [
        Target::Wire,
        Target::Stock,
        Target::Rust,
        Target::Python,
        Target::TypeScript,
    ];

    /// The name that users write.
    pub fn name(self) -> &'static str {
        match self {
            Target::Wire => "wire",
            Target::Stock => "stock",
            Target::Rust => "rust",
            Target::Python => "python",
            Target::TypeScript => "typescript",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How bad a change is for a target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nobody notices who does not use what is new.
    #[default]
    Compatible,
    /// Nothing is refused, but something means or behaves differently, or some code has to change.
    Caution,
    /// Somebody breaks.
    Breaking,
}

impl Verdict {
    /// `compatible`, `caution` or `breaking`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Compatible => "compatible",
            Verdict::Caution => "caution",
            Verdict::Breaking => "breaking",
        }
    }
}

/// What a change does to values that travel in one direction between the versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// Every value arrives.
    #[default]
    None,
    /// Every value that the reader's version has arrives; what only the writer's version has is refused.
    New,
    /// Values are refused, or mean something else, that both versions have.
    Breaks,
}

/// Who notices a change of the bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Breaks {
    /// Callers of the old version with a callee of the new one.
    pub old_callers: bool,
    /// Callers of the new version with a callee of the old one.
    pub new_callers: bool,
    /// Callers of the new version with a callee of the old one, if they use what is new. Not breaking: so it is with all
    /// that is new.
    pub new_callers_that_use_it: bool,
    /// Readers of the new version with values that the old one has stored.
    pub stored: bool,
    /// Readers of the old version with values of the new one, where no endpoint uses the type.
    pub old_readers: bool,
}

impl Breaks {
    /// Nobody.
    pub const NOBODY: Breaks = Breaks {
        old_callers: false,
        new_callers: false,
        new_callers_that_use_it: false,
        stored: false,
        old_readers: false,
    };

    /// Whether anybody breaks who does nothing new.
    pub fn any(self) -> bool {
        self.old_callers || self.new_callers || self.stored || self.old_readers
    }

    /// Those who break here or there.
    #[must_use]
    pub fn or(self, other: Breaks) -> Breaks {
        Breaks {
            old_callers: self.old_callers || other.old_callers,
            new_callers: self.new_callers || other.new_callers,
            new_callers_that_use_it: self.new_callers_that_use_it || other.new_callers_that_use_it,
            stored: self.stored || other.stored,
            old_readers: self.old_readers || other.old_readers,
        }
    }

    /// Those who break, in words.
    pub fn who(self) -> Vec<&'static str> {
        let all = [
            (self.old_callers, "old callers with a new callee"),
            (self.new_callers, "new callers with an old callee"),
            (self.stored, "new readers of stored values"),
            (self.old_readers, "old readers of new values"),
        ];
        all.into_iter()
            .filter_map(|(breaks, who)| breaks.then_some(who))
            .collect()
    }
}

/// A part of a dialog, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Caller to callee.
    Args,
    /// Callee to caller.
    Started,
    /// Caller to callee.
    Accepts,
    /// Callee to caller.
    Yields,
    /// Callee to caller.
    Returns,
    /// Callee to caller.
    Raises,
}

impl Phase {
    /// All of them, in the order of a dialog.
    pub const ALL: [Phase; 6] = [
        Phase::Args,
        Phase::Started,
        Phase::Accepts,
        Phase::Yields,
        Phase::Returns,
        Phase::Raises,
    ];

    /// Whether values travel from the caller to the callee.
    pub fn to_callee(self) -> bool {
        matches!(self, Phase::Args | Phase::Accepts)
    }

    /// The word of the language; `args` for the arguments.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Args => "args",
            Phase::Started => "started",
            Phase::Accepts => "accepts",
            Phase::Yields => "yields",
            Phase::Returns => "returns",
            Phase::Raises => "raises",
        }
    }
}

/// A part of an endpoint through which values of a changed type travel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Use {
    /// Qualified name of the endpoint, such as `market.feed.Feed.watch`, of the old version.
    pub endpoint: String,
    /// Which part.
    pub phase: Phase,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.endpoint, self.phase.name())
    }
}

/// One difference between two versions of a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which kind.
    pub rule: &'static Rule,
    /// What has changed: a qualified name of the old version, or of the new one where that is what was added. With the
    /// rule, it is how an accepted change is named.
    pub item: String,
    /// What has happened: one sentence without a full stop.
    pub message: String,
    /// The place in the old version, and what stands there.
    pub old: Option<(Span, String)>,
    /// The place in the new version, and what stands there.
    pub new: Option<(Span, String)>,
    /// Who breaks between our peers.
    pub wire: Breaks,
    /// Who breaks where one side is a stock Python peer.
    pub stock: Breaks,
    /// Whether values mean or do something else, though nobody breaks.
    pub caution: bool,
    /// Whether bytes can be different at all.
    pub touches_bytes: bool,
    /// Where values with the change travel; at most [`USES_MAX`](crate::limits::USES_MAX).
    pub uses: Vec<Use>,
    /// How many such places there are.
    pub uses_total: usize,
    /// Values with the change travel from callers to callees.
    pub to_callee: bool,
    /// Values with the change travel from callees to callers.
    pub to_caller: bool,
}

impl Change {
    /// How bad it is for a target.
    pub fn verdict(&self, target: Target) -> Verdict {
        let bytes = |breaks: Breaks| match (breaks.any(), self.caution) {
            (true, _) => Verdict::Breaking,
            (false, true) => Verdict::Caution,
            (false, false) => Verdict::Compatible,
        };
        match target {
            Target::Wire => bytes(self.wire),
            Target::Stock => bytes(self.stock),
            Target::Rust => self.rule.rust,
            Target::Python => self.rule.python,
            Target::TypeScript => self.rule.typescript,
        }
    }

    /// The worst verdict of some targets.
    pub fn worst(&self, targets: &[Target]) -> Verdict {
        let verdicts = targets.iter().map(|target| self.verdict(*target));
        verdicts.max().unwrap_or_default()
    }
}
