//! How the items of a dialog flow, by its schema: `@window` and `@overrun`.

use crate::dialog::stream::Windows;
use crate::limits::{CANCEL_COST, Limits};

/// How the items of a dialog flow. See [`Session::flow`](crate::Session::flow).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flow {
    /// Items on the way or unread in each direction; none: as many as the limits allow. It can only be less than these.
    pub window: Option<u32>,
    /// What happens to an item for which there is no room.
    pub overrun: Overrun,
}

/// What happens to an item that comes when its reader has not taken those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Overrun {
    /// It isn't sent before there is room: the sender waits.
    #[default]
    Wait,
    /// The dialog ends: its reader is too slow. The sender never waits for it.
    Error,
    /// The oldest unread item gives way: the newest ones count. The sender never waits.
    DropOldest,
}

impl Flow {
    /// Whether the sender waits for the reader.
    pub(crate) fn waits(self) -> bool {
        self.overrun == Overrun::Wait
    }

    /// Items that are kept unread.
    pub(crate) fn inbox_max(self, limits: &Limits) -> usize {
        match self.window {
            Some(window) if !self.waits() => at_most(window, limits.window_items_max),
            // A plain sender is not held by what it was granted, and may have more on the way.
            _ => limits.inbox_items_max,
        }
    }

    /// What may be granted, where the schema says so.
    pub(crate) fn narrowed(self, windows: Windows) -> Windows {
        let items = match self.window {
            _ if !self.waits() => windows.items,
            None => return windows,
            Some(window) => u64::from(window).clamp(1, windows.items_max.max(1)),
        };
        Windows {
            items,
            items_max: items,
            ..windows
        }
    }

    /// Items on the way to a plain peer: at least as many as pay for the question how far it has come.
    pub(crate) fn unread_max(self, limits: &Limits) -> usize {
        let least = limits.unread_items_max.min(CANCEL_COST as usize);
        self.window
            .map_or(limits.unread_items_max, |window| {
                at_most(window, limits.unread_items_max)
            })
            .max(least)
    }

    /// Items after which a plain peer is asked how far it has come.
    pub(crate) fn checkpoint_items(self, limits: &Limits) -> usize {
        limits.checkpoint_items.min(self.unread_max(limits))
    }
}

fn at_most(window: u32, max: usize) -> usize {
    usize::try_from(window).map_or(max, |window| window.clamp(1, max.max(1)))
}
