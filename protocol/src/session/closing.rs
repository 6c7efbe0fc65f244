//! Ends of the session: drained, lost, broken.

use std::sync::Arc;

use crate::dialog::caller::CallerState;
use crate::dialog::{Cause, Dialog, End};
use crate::fault::{Fault, Loss, Violation};
use crate::session::{Event, Session};

impl Session {
    /// Takes no new dialogs from either side; [`Event::Drained`] comes when the last one is over and its terminal
    /// transmitted. It waits for dialogs as long as they last: cancelling them is the application's choice.
    pub fn drain(&mut self) {
        if !std::mem::replace(&mut self.draining, true) {
            self.say_goodbye();
        }
        self.check_drained();
    }

    /// The transport is gone, or we close it: callers' dialogs end as not sent or in doubt, callees are asked to end.
    /// Only the first call counts.
    pub fn lost(&mut self, why: Loss) {
        if self.lost.is_some() {
            return;
        }
        self.lost = Some(why.clone());
        self.outgoing.clear();
        self.requests.clear();
        self.timers.clear();
        self.waiting.clear();
        self.actor_cancels.clear();
        self.stalled = None;
        self.frame = None;
        self.rest_until = None;
        self.handshake_until = None;
        for id in self.table.ids() {
            match self.table.get_mut(id) {
                Some(Dialog::Caller(caller)) => {
                    let was = std::mem::replace(&mut caller.state, CallerState::Ended);
                    caller.request = None;
                    let (forgotten, empty) = (caller.forgotten, caller.stream.inbox_items() == 0);
                    if was != CallerState::Ended {
                        let never_left = was == CallerState::Queued;
                        let why = Some(why.clone());
                        caller.end = Some(if never_left {
                            End::NotSent(why)
                        } else {
                            End::InDoubt(why)
                        });
                        if !forgotten && empty {
                            self.event(Event::Item(id));
                        }
                        self.tell_caller(id, Event::Ended(id));
                    }
                    if forgotten {
                        self.table.remove(id);
                    }
                }
                Some(Dialog::Callee(_)) => {
                    self.ask_callee(id, Cause::SessionLost(why.clone()));
                    // Whoever waits to send or to read finds out that there is nothing to wait for.
                    self.event(Event::Room(id));
                    self.wake_reader(id);
                }
                None => {}
            }
        }
        self.live_callers = 0;
    }

    /// Why the session is over, if it is.
    pub fn loss(&self) -> Option<&Loss> {
        self.lost.as_ref()
    }

    /// The peer broke the protocol: everything ends.
    pub(crate) fn fault(&mut self, violation: Violation) -> Fault {
        let fault = Fault {
            peer: self.peer.as_ref().map(|aid| aid.uid.clone()),
            violation,
        };
        self.part(Loss::Fault(Arc::new(fault.clone())));
        fault
    }

    pub(crate) fn check_drained(&mut self) {
        let over = self.dialogs() == 0 && self.outgoing.is_empty() && self.actor_cancels.is_empty();
        if self.draining && !self.drained && over && self.lost.is_none() {
            self.drained = true;
            self.event(Event::Drained);
        }
    }
}
