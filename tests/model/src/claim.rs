//! What must always hold, and what must happen.

use std::sync::atomic::{AtomicU64, Ordering};

/// An enumeration with a sentence for each of its names.
macro_rules! sentences {
    ($(#[$doc:meta])* $name:ident: $($item:ident = $text:literal,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $text] $item,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$item,)*];

            /// In words.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$item => $text,)*
                }
            }
        }
    };
}

/// Gives the claims that always hold to another macro.
macro_rules! always {
    ($then:ident) => {
        $then! {
            /// What holds in every state.
            Always:
            Innocent = "two correct peers never see a violation",
            NoPanic = "the core never panics",
            OneTerminal = "a dialog has one terminal, and it is the callee's last word",
            AfterTheHandler = "a terminal is sent after the handler is over",
            KnownEnd = "a caller that knows the end has no callee running",
            Agreement = "what the caller is told is what the callee did",
            OneEnd = "a caller is told one end, once",
            Ordered = "items arrive in order, without a gap",
            Complete = "a stop and a terminal pass no item",
            StartFirst = "nothing of a dialog passes its start",
            CancelPasses = "of what its dialog says a cancel passes items and nothing else",
            Windowed = "no more items are under way or unread than the window allows",
            RoomTold = "a sender that waits is told as soon as there is room",
            NotSent = "what is said not to have been sent never left",
            InDoubt = "what was sent and has no end is in doubt, and nothing else is",
            LossTells = "a loss ends every caller's dialog",
            LossAsks = "a loss asks every callee to end",
            AskedOnce = "a callee is asked once to end",
            Places = "no more dialogs run than may",
            Draining = "an end that drains takes no dialog",
            Drained = "drained means that no dialog runs and nothing waits",
            Plain = "a plain peer hears nothing that it cannot know",
            Form = "messages of dialogs are lists where both ends offer that, and no others are",
            Deadline = "a deadline never grows on its way",
            Woken = "a command that leaves work wakes the driver",
            Finished = "when nothing more can happen, everybody has what they waited for, and nothing is left",
        }
    };
}

pub(crate) use always;

always!(sentences);

sentences! {
    /// What happens in some run.
    Fact:
    Returned = "a dialog returned",
    Failed = "a dialog failed",
    Cancelled = "a cancel was confirmed",
    CancelLost = "a cancel lost against a return",
    CancelledByDeadline = "a deadline asked for the cancel",
    CancelLate = "a cancel came to a dialog that was over",
    CancelOvertook = "a cancel passed an item",
    Withdrawn = "a start was withdrawn before it was sent",
    Refused = "an application refused",
    RefusedPlaces = "a session refused: too many dialogs",
    RefusedLeaving = "a session refused: it is ending",
    OpenTooMany = "an open was refused here: too many dialogs",
    OpenDraining = "an open was refused here: draining",
    OpenPeerLeaves = "an open was refused here: the peer leaves",
    OtherKind = "a callee ran another kind than was opened",
    LeftEarly = "a caller left before the end",
    NotSentByLoss = "a loss found a start that had not left",
    InDoubtByLoss = "a loss left a caller in doubt",
    Unreaped = "nothing came in time of a dialog that was left",
    AskedByLoss = "a loss asked a callee to end",
    HalfAStream = "a loss left a callee with half of a stream",
    Full = "a sender had to wait",
    RoomAgain = "a sender that waited went on",
    Granted = "credit was granted",
    Asked = "a peer was asked how far it has come",
    CallerStopped = "a caller left its stream",
    CalleeStopped = "a callee left its stream",
    ItemsBothWays = "items were under way in both directions",
    ItemAfterEnd = "an item was taken after the end was known",
    LateItem = "an item came that nobody wanted",
    EarlyItem = "an item came before its callee had accepted",
    FailedStreaming = "a callee failed while items were under way in both directions",
    Drained = "a session was drained",
    DrainedThenClosed = "an end closed, and the other found nothing in doubt",
    PeerLeaves = "a peer said that it leaves",
    Crossed = "both ends drained at once",
    DeadlineTold = "a callee was told a deadline",
    Numbered = "a dialog had a number",
    Unnumbered = "a dialog from before the peer was known went on in lists, under its text",
}

/// How often each fact was seen, by all threads.
#[derive(Debug)]
pub struct Facts([AtomicU64; Fact::ALL.len()]);

impl Default for Facts {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; Fact::ALL.len()])
    }
}

impl Facts {
    pub(crate) fn saw(&self, fact: Fact) {
        if let Some(count) = self.0.get(fact as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often it was seen, in transitions.
    pub fn count(&self, fact: Fact) -> u64 {
        self.0
            .get(fact as usize)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}
