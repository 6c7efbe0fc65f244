//! How often what happened: a run in which something never happened proves nothing about it.

use std::fmt;

/// What is counted, in the order in which it is shown.
macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $least:literal;)*) => {
        /// Something that is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Count {
            $($(#[$doc])* #[doc = $text] $name,)*
        }

        /// All of it: a text, and how often in 20,000 seeds it must have happened at least.
        const ROWS: &[(Count, &str, u64)] = &[$((Count::$name, $text, $least),)*];
    };
}

counts! {
    Seeds = "seeds", 0;
    Sessions = "sessions", 0;
    Native = "  between scipp peers", 8_000;
    Plain = "  with a plain end", 8_000;
    Maps = "messages as maps", 100_000;
    Lists = "messages as lists", 100_000;
    Dialogs = "dialogs", 90_000;
    Nested = "  opened by a handler", 4_000;
    Ran = "  whose handler ran", 60_000;
    Split = "faults: a direction in small pieces", 1_000;
    Delay = "faults: a delay", 1_000;
    Stall = "faults: a stall", 1_000;
    Cut = "faults: a cut", 1_000;
    Reset = "faults: a reset", 1_000;
    HalfClose = "faults: one half closed", 1_000;
    Corrupt = "faults: a byte changed", 1_000;
    Silence = "faults: silence", 1_000;
    CrashServer = "faults: a server crashed", 1_000;
    CrashClient = "faults: a client crashed", 1_000;
    Restart = "faults: a session after a crash", 1_000;
    Shutdown = "a server shut down", 1_000;
    NoSession = "a session that never opened", 100;
    ToldReturned = "told: returned", 10_000;
    ToldRaised = "told: the declared error", 2_000;
    ToldFailed = "told: another error", 1_000;
    ToldPanicked = "told: a panic", 1_000;
    ToldRelayed = "told: the error of a dialog below", 50;
    ToldRequested = "told: cancelled on request", 2_000;
    ToldDeadline = "told: cancelled by a deadline", 2_000;
    ToldOtherCause = "told: cancelled for another cause", 50;
    ToldRefused = "told: refused, not offered", 500;
    ToldTooMany = "told: refused, too many", 100;
    ToldDraining = "told: refused, shutting down", 100;
    ToldInDoubt = "told: in doubt, the session was lost", 5_000;
    ToldLate = "told: in doubt, no end in time", 100;
    ToldNotSent = "told: not sent", 1_000;
    ToldOwn = "left: by an error of the caller", 500;
    ToldLeft = "left: dropped", 2_000;
    ToldCrashed = "left: crashed", 1_000;
    DidReturn = "did: returned", 10_000;
    DidRaise = "did: failed as declared", 2_000;
    DidFail = "did: failed otherwise", 1_000;
    DidPanic = "did: panicked", 1_000;
    DidCancelled = "did: heard that it was asked to stop", 5_000;
    DidDropped = "did: was dropped", 1_000;
    CauseRequested = "cause: requested", 2_000;
    CauseDeadline = "cause: a deadline of the callee's own", 50;
    CauseLost = "cause: the session was lost", 1_000;
    CauseShutdown = "cause: shutdown", 50;
    Items = "items sent", 100_000;
    ItemsTaken = "items taken", 100_000;
    LateItems = "streams read to their end, all items there", 1_000;
}

/// How often what happened.
#[derive(Clone, Debug)]
pub struct Census([u64; ROWS.len()]);

impl Default for Census {
    fn default() -> Self {
        Self([0; ROWS.len()])
    }
}

impl Census {
    /// Once more.
    pub fn count(&mut self, what: Count) {
        self.add(what, 1);
    }

    /// So often more.
    pub fn add(&mut self, what: Count, often: u64) {
        self.0[what as usize] += often;
    }

    /// How often.
    pub fn of(&self, what: Count) -> u64 {
        self.0[what as usize]
    }

    /// What another run counted.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.0.iter_mut().zip(other.0) {
            *own += more;
        }
    }

    /// What happened less often than it must in so many seeds.
    pub fn lacks(&self) -> Vec<String> {
        let seeds = self.of(Count::Seeds);
        let row = |(what, text, least): &(Count, &str, u64)| {
            let (came, least) = (self.of(*what), least * seeds / 20_000);
            (came < least)
                .then(|| format!("{}: expected {least} at least, came {came}", text.trim()))
        };
        ROWS.iter().filter_map(row).collect()
    }
}

impl fmt::Display for Census {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, text, _) in ROWS {
            writeln!(out, "{:>10}  {text}", self.of(*what))?;
        }
        Ok(())
    }
}
