//! What the one loop that moves bytes calls, besides `receive`.

use std::time::Instant;

use bytes::BytesMut;

use crate::dialog::caller::CallerState;
use crate::fault::{Fault, Violation};
use crate::session::outgoing::Class;
use crate::session::timers::Timer;
use crate::session::{Event, Session};
use crate::wire::shuttle;

impl Session {
    /// What happened, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Appends whole frames to `out` until nothing is queued or at least `bytes_max` bytes were appended; returns how
    /// many were. What is appended counts as handed to the transport.
    pub fn transmit(&mut self, out: &mut BytesMut, bytes_max: usize) -> usize {
        let before = out.len();
        while let Some(room) = bytes_max.checked_sub(out.len() - before)
            && room > 0
        {
            let session = shuttle::Session {
                me: &self.config.aid.uid,
                features: self.features,
                now: self.clock,
            };
            let Some(sent) = self.outgoing.transmit(session, out, room) else {
                break;
            };
            if let Some(caller) = sent.dialog.and_then(|id| self.table.caller(id)) {
                if sent.is_start && caller.state == CallerState::Queued {
                    caller.state = CallerState::Sent;
                }
                if sent.class == Class::Own {
                    caller.queued = caller.queued.saturating_sub(1);
                }
            }
        }
        if self.outgoing.item_bytes <= self.config.limits.outgoing_bytes_max / 2 {
            for id in std::mem::take(&mut self.waiting) {
                self.event(Event::Room(id));
            }
        }
        if !self.replies_rest() {
            self.rest_until = None;
        }
        self.check_drained();
        out.len() - before
    }

    /// Whether [`transmit`](Self::transmit) would append something.
    pub fn wants_transmit(&self) -> bool {
        self.outgoing.is_ready()
    }

    /// True once after commands that left something to do for the driver: bytes to transmit, events to poll, frames to
    /// take, a new deadline. Whoever commands from another task asks after each command, and wakes the driver.
    pub fn take_wake(&mut self) -> bool {
        // Events that have been polled since have left nothing; what else was left stays.
        std::mem::take(&mut self.wake) | !self.events.is_empty()
    }

    /// When [`tick`](Self::tick) has something to do; a time that is past means at once.
    pub fn deadline(&self) -> Option<Instant> {
        if self.lost.is_some() {
            return None;
        }
        let stalled = self.stalled.as_ref().map(|stalled| stalled.until);
        let frame = self.frame.map(|(until, ..)| until);
        // A rest that a command began knows no time yet: the next tick tells it, at once.
        let untimed = self.replies_rest().then_some(self.clock);
        let all = [
            self.handshake_until,
            frame,
            stalled,
            self.rest_until.or(untimed),
            self.silence_due(),
            self.timers.next(),
        ];
        all.into_iter().flatten().min()
    }

    /// Does what is due by `now`.
    ///
    /// # Errors
    /// As [`receive`](Self::receive): the peer was too slow where it must not be.
    pub fn tick(&mut self, now: Instant) -> Result<(), Fault> {
        if self.lost.is_some() {
            return Ok(());
        }
        self.clock = now;
        self.time_rest(now);
        let patience = self.check_patience(now);
        if let Err(violation) = patience.and_then(|()| self.check_silence(now)) {
            return Err(self.fault(violation));
        }
        self.give_up_stalled(now);
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::Deadline(id) => self.deadline_passed(now, id),
                Timer::Reap(id) => self.reap(now, id),
            }
        }
        Ok(())
    }

    fn check_patience(&self, now: Instant) -> Result<(), Violation> {
        let limits = &self.config.limits;
        if self.handshake_until.is_some_and(|until| until <= now) {
            return Err(Violation::HandshakeTimeout {
                max_ms: limits.handshake_max.as_millis(),
            });
        }
        if let Some((until, came, length)) = self.frame
            && until <= now
        {
            return Err(Violation::TooSlow {
                max_ms: limits.frame_max.as_millis(),
                came,
                length,
            });
        }
        if self.rest_until.is_some_and(|until| until <= now) {
            let max_ms = limits.reply_rest_max.as_millis();
            return Err(Violation::RepliesUnread {
                bytes: self.outgoing.reply_bytes,
                max_ms,
            });
        }
        Ok(())
    }
}
