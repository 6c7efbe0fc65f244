//! What only scipp peers say to each other. Each is on by a feature that both ends offer; `docs/protocol.md`, section 12.

use std::time::Instant;

use crate::cid::Cid;
use crate::dialog::caller::CallerState;
use crate::dialog::stream::Windows;
use crate::dialog::{Cause, Dialog};
use crate::fault::Violation;
use crate::features::Feature;
use crate::limits::CREDIT_MAX;
use crate::message::Message;
use crate::session::outgoing::Class;
use crate::session::table::Found;
use crate::session::{DialogId, Event, Session};

/// Cancel.
impl Session {
    /// The caller asks its callee to end. There is no answer but the terminal.
    pub(crate) fn cancel_asked(&mut self, dialog: &Cid) -> Result<(), Violation> {
        let peer = self.peer_uid();
        let found = match self.table.find(dialog) {
            Found::Dialog(id) => Some(id),
            _ => None,
        };
        // Only who opened a dialog may cancel it: ours is nobody to the peer.
        let Some((id, callee)) = found.and_then(|id| Some((id, self.table.callee(id)?))) else {
            return self.charge_cancel();
        };
        let again = std::mem::replace(&mut callee.cancel_asked, true);
        self.ask_callee(id, Cause::Requested(peer));
        if again { self.charge_cancel() } else { Ok(()) }
    }
}

/// Credit.
impl Session {
    /// From here on it is known how the peer wants to be paced.
    pub(crate) fn pace_as_agreed(&mut self) {
        let pace = self.pace();
        for id in self.table.ids() {
            let Some(dialog) = self.table.get_mut(id) else {
                continue;
            };
            dialog.stream().pace = pace;
            if std::mem::take(&mut dialog.stream().wants_room) {
                self.event(Event::Room(id));
            }
        }
    }

    /// The receiver of our items takes so many more.
    pub(crate) fn granted(&mut self, dialog: &Cid, items: u32) -> Result<(), Violation> {
        let out_of_range = |came| Violation::Credit {
            cid: dialog.to_string(),
            max: CREDIT_MAX,
            came,
        };
        if items == 0 {
            return Err(out_of_range(0));
        }
        // For a dialog that is over it was on the way; it says nothing any more.
        let Found::Dialog(id) = self.table.find(dialog) else {
            return Ok(());
        };
        let Some(dialog) = self.table.get_mut(id) else {
            return Ok(());
        };
        let open = dialog.stream().grant_from_peer(items);
        if open > u64::from(CREDIT_MAX) {
            return Err(out_of_range(open));
        }
        if std::mem::take(&mut dialog.stream().wants_room) {
            self.event(Event::Room(id));
        }
        Ok(())
    }

    /// An item has come: it must have been granted.
    pub(crate) fn spend_credit(&mut self, id: DialogId) -> Result<(), Violation> {
        if !self.has(Feature::Credit) {
            return Ok(());
        }
        let Some(dialog) = self.table.get_mut(id) else {
            return Ok(());
        };
        if dialog.stream().spend() {
            Ok(())
        } else {
            Err(Violation::NoCredit {
                cid: dialog.cid().to_string(),
            })
        }
    }

    /// Grants as many items as the application has taken, once that is worth a message.
    pub(crate) fn grant(&mut self, id: DialogId) {
        if !self.has(Feature::Credit) || self.lost.is_some() {
            return;
        }
        let may_grant = |dialog: &Dialog| dialog.stream_ref().may_grant();
        if !self.table.get(id).is_some_and(may_grant) {
            return;
        }
        let windows = self.windows();
        let Some(dialog) = self.table.get_mut(id) else {
            return;
        };
        // Its sender is over: it needs nothing any more.
        if matches!(dialog, Dialog::Caller(caller) if caller.state == CallerState::Ended) {
            return;
        }
        let windows = dialog.stream().flow.narrowed(windows);
        let Some(items) = dialog.stream().grant_to_peer(windows) else {
            return;
        };
        let cid = dialog.cid().clone();
        if let Dialog::Caller(caller) = dialog {
            caller.queued += 1;
        }
        self.queue(Message::Credit { cid, items }, Some(id), Class::Own);
    }
}

impl Session {
    fn windows(&self) -> Windows {
        let limits = &self.config.limits;
        let items = limits.inbox_items_max as u64;
        // Where much is unread already, nobody gets more of it.
        let is_busy = self.inbox_bytes > limits.inbox_bytes_max / 4;
        Windows {
            items,
            items_max: if is_busy {
                items
            } else {
                limits.window_items_max as u64
            },
            bytes_max: limits.window_bytes as u64,
        }
    }
}

/// Goodbye.
impl Session {
    /// The peer takes no more dialogs.
    pub(crate) fn goodbye(&mut self) -> Result<(), Violation> {
        if std::mem::replace(&mut self.peer_leaves, true) {
            return Err(Violation::Unexpected { came: "Goodbye" });
        }
        self.event(Event::PeerLeaves);
        Ok(())
    }

    /// Says so when this end takes no more, if the peer is known and understands it.
    pub(crate) fn say_goodbye(&mut self) {
        if self.draining && self.has(Feature::Goodbye) {
            self.queue(Message::Goodbye, None, Class::Own);
        }
    }
}

/// Compact.
impl Session {
    /// The peer gives a number to what it opens: one of its own, above all before, so that no late message is for another dialog.
    pub(crate) fn admit(&mut self, came: u64) -> Result<(), Violation> {
        self.table
            .admit(came)
            .map_err(|least| Violation::DialogNumber { least, came })
    }
}

/// Ping.
impl Session {
    /// Something came.
    pub(crate) fn hear(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = false;
    }

    /// When the peer's silence is to be looked at.
    pub(crate) fn silence_due(&self) -> Option<Instant> {
        let limits = &self.config.limits;
        let after = if self.pinged {
            limits.silence_max
        } else {
            limits.ping_after
        };
        self.has(Feature::Ping).then(|| self.heard + after)
    }

    /// Asks a silent peer whether it is there, and gives up one that doesn't answer.
    pub(crate) fn check_silence(&mut self, now: Instant) -> Result<(), Violation> {
        if self.silence_due().is_none_or(|due| due > now) {
            return Ok(());
        }
        // It may have spoken, and we don't listen.
        if !self.wants_receive() {
            self.hear(now);
            return Ok(());
        }
        if self.pinged {
            return Err(Violation::Silent {
                max_ms: self.config.limits.silence_max.as_millis(),
            });
        }
        self.pinged = true;
        self.queue(Message::Ping, None, Class::Own);
        Ok(())
    }
}
