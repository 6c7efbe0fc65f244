//! What the application side keeps about each dialog.

use std::task::Waker;

use scipp_protocol::DialogId;
use tokio::time::Instant;

use super::core::Wants;
use crate::{
    error::Cancelled,
    scope::{Held, Scope},
};

/// The seats of a session, in the places that the protocol core gives its dialogs.
#[derive(Debug, Default)]
pub(super) struct Seats(Vec<Option<(DialogId, Seat)>>);

/// What the application side keeps about one dialog.
#[derive(Debug, Default)]
pub(super) struct Seat {
    pub(super) recv: Option<Waker>,
    pub(super) room: Option<Waker>,
    /// Why the local side shall stop; its operations say so from then on.
    pub(super) asked: Option<Cancelled>,
    /// A callee's: asked when the caller cancels.
    pub(super) scope: Option<Scope>,
    /// A callee's operations go on when it is asked.
    pub(super) shielded: bool,
    /// A caller's: the scopes above, which wait for the end of the dialog.
    pub(super) held: Option<Held>,
    /// A caller's: its operations say so when its deadline passes. Others have their scope for that.
    pub(super) timed: bool,
    /// A caller's whose context is gone: until when the session waits.
    pub(super) adopted: Option<Instant>,
}

impl Seats {
    /// Gives a dialog its seat; there is none at its place any more.
    pub(super) fn insert(&mut self, id: DialogId, seat: Seat) {
        // Bounded by the dialogs that may be open at a time.
        if self.0.len() <= id.place() {
            self.0.resize_with(id.place() + 1, || None);
        }
        if let Some(place) = self.0.get_mut(id.place()) {
            *place = Some((id, seat));
        }
    }

    pub(super) fn get(&self, id: DialogId) -> Option<&Seat> {
        match self.0.get(id.place()) {
            Some(Some((own, seat))) if *own == id => Some(seat),
            _ => None,
        }
    }

    pub(super) fn get_mut(&mut self, id: DialogId) -> Option<&mut Seat> {
        match self.0.get_mut(id.place()) {
            Some(Some((own, seat))) if *own == id => Some(seat),
            _ => None,
        }
    }

    pub(super) fn remove(&mut self, id: DialogId) -> Option<Seat> {
        self.get(id)?;
        self.0
            .get_mut(id.place())
            .and_then(Option::take)
            .map(|(_, seat)| seat)
    }

    /// How many dialogs have one.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }
}

impl Seat {
    pub(super) fn slot(&mut self, wants: Wants) -> &mut Option<Waker> {
        match wants {
            Wants::Recv => &mut self.recv,
            Wants::Room => &mut self.room,
        }
    }
}
