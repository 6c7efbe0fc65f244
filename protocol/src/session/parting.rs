//! The last words of a session to a plain peer.
//!
//! tractor's callers wait for the end of a dialog without a limit and without looking at the connection: whose peer has gone
//! waits for ever. Its callees go on, and one that speaks into a closed connection takes its actor down. So a connection to such
//! a peer is never closed with a dialog open, not even one that broke the protocol: its callers get an error, its callees are
//! asked to stop. Peers that share a feature with us see a connection end, and need no words.

use bytes::BytesMut;

use crate::cid::Cid;
use crate::dialog::Dialog;
use crate::dialog::caller::CallerState;
use crate::fault::Loss;
use crate::message::{Message, RemoteError};
use crate::session::outgoing::Class;
use crate::session::{DialogId, Session};

impl Session {
    /// Ends the session from this side while its transport can still carry something: [`lost`](Self::lost), and what a plain peer
    /// has to be told about the dialogs that are open. Nothing if the session is lost already.
    pub fn part(&mut self, why: Loss) {
        self.compose_last_words(&why);
        self.lost(why);
    }

    /// What is to be written after everything that [`transmit`](Self::transmit) gave, before the connection is closed: whole
    /// frames, once. Empty after a [`Loss::Transport`], for a peer that needs no words, and when no dialog was open.
    ///
    /// Then close the writing half, and read until the peer does, bounded: bytes that nobody reads would reset the
    /// connection, and the words with it.
    pub fn take_last_words(&mut self) -> BytesMut {
        std::mem::take(&mut self.last_words)
    }

    pub(crate) fn compose_last_words(&mut self, why: &Loss) {
        let is_plain = self.peer.is_some() && self.features.is_empty();
        if self.lost.is_some() || !is_plain {
            return;
        }
        let open: Vec<DialogId> = self.table.ids();
        if open.is_empty() && self.outgoing.is_empty() {
            return;
        }
        let text =
            format!("the session ends with this dialog open, so that its end is not known: {why}");
        for id in open {
            match self.table.get_mut(id) {
                Some(Dialog::Caller(caller)) => match caller.state {
                    // It stays here, and is safe to repeat.
                    CallerState::Queued => self.outgoing.withdraw(id),
                    CallerState::Ended => {}
                    _ if caller.asked.is_none() && caller.kind.is_some() => self.queue_cancel(id),
                    _ => {}
                },
                Some(Dialog::Callee(callee)) => {
                    let cid: Cid = callee.cid.clone();
                    let error = Box::new(self.own_error(RemoteError::SESSION_LOST, &text));
                    let message = Message::Error {
                        cid: Some(cid),
                        error,
                    };
                    // Behind its items, as a terminal.
                    self.queue(message, Some(id), Class::Own);
                }
                None => {}
            }
        }
        let mut words = BytesMut::new();
        while self.transmit(&mut words, usize::MAX) > 0 {}
        self.last_words = words;
    }
}
