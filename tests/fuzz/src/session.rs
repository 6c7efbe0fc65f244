//! A peer without rules, and an application that does what it may: nothing panics, and nothing is left.

use std::time::Duration;

use bytes::Bytes;
use scipp_protocol::{DialogId, Event, Failure, Kind, Loss, Refusal, Streams, Terminal};
use scipp_smith::Choices;

use crate::lone::{Lone, encoded, framed, ready};
use crate::speaker::Speaker;
use crate::speech::formed;
use crate::spoil::spoil;

/// Most steps of one run.
const STEPS_MAX: usize = 80;

/// Most bytes that a session answers to one message: a refusal has a text of at most 4 KiB and says it twice.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Bytes are choices: what the peer says, what the application does, and how time passes.
///
/// # Panics
///
/// If the core has a bug.
pub fn session(bytes: &[u8]) {
    let choices = &mut Choices::bytes(bytes);
    let native = choices.one_in(2);
    let lone = ready(native).clone();
    let mut world = World {
        native,
        speaker: Speaker::new(native, lone.ids()),
        lone,
        theirs: Vec::new(),
        heard: 0,
    };
    for _ in 0..choices.between(0, STEPS_MAX) {
        world.step(choices);
        if world.lone.fault.is_some() {
            break;
        }
    }
    world.end(choices);
}

struct World {
    native: bool,
    lone: Lone,
    speaker: Speaker,
    /// Dialogs that the peer opened, and the application has not ended.
    theirs: Vec<DialogId>,
    /// Messages that came.
    heard: usize,
}

impl World {
    fn step(&mut self, choices: &mut Choices<'_>) {
        match choices.below(12) {
            0..=6 => self.peer_says(choices),
            7 | 8 => self.callee_does(choices),
            9 => self.caller_does(choices),
            10 => {
                let before = self.lone.said.len();
                self.lone.speak();
                let answered = self.lone.said.len() - before;
                let most = (self.heard + STEPS_MAX) * ANSWER_BYTES_MAX;
                assert!(answered <= most, "{answered} bytes");
            }
            _ => {
                let ms = choices.below(2_000) as u64;
                self.lone.wait(Duration::from_millis(ms));
                self.lone.hear(&[]);
            }
        }
        self.look();
    }

    fn peer_says(&mut self, choices: &mut Choices<'_>) {
        self.heard += 1;
        let message = self.speaker.says(choices);
        let mut payload = encoded(&formed(message, self.native, choices));
        if choices.one_in(40) {
            payload = spoil(&payload, &[], choices, 10_000);
        }
        let frame = framed(&payload);
        let (first, rest) = frame.split_at(frame.len().min(choices.below(80)));
        self.lone.hear(first);
        self.lone.hear(rest);
    }

    fn callee_does(&mut self, choices: &mut Choices<'_>) {
        let Some(id) = choices.of(&self.theirs).copied() else {
            return;
        };
        let session = &mut self.lone.session;
        // What it may not do is refused, and that is what is asked.
        match choices.below(8) {
            0 | 1 => {
                session.incoming(id);
                session.accept(id, kind(choices), Streams::BOTH).ok();
            }
            // One that was accepted stays.
            2 => session.refuse(id, Refusal::NoEndpoint),
            3 => drop(session.started(id, NIL)),
            4 => drop(session.send(id, NIL)),
            5 => session.stop(id),
            6 => drop(session.take_item(id)),
            _ => {
                if session.finish(id, terminal(choices)).is_ok() {
                    self.theirs.retain(|it| *it != id);
                }
            }
        }
        self.lone.collect();
    }

    fn caller_does(&mut self, choices: &mut Choices<'_>) {
        let Some((id, _)) = choices.of(&self.lone.own).cloned() else {
            return;
        };
        let (now, session) = (self.lone.now, &mut self.lone.session);
        match choices.below(6) {
            0 => session.cancel(now, id),
            1 => drop(session.send(id, NIL)),
            2 => session.stop(id),
            3 => drop(session.take_item(id)),
            4 => {
                session.take_started(id);
                session.take_end(id);
            }
            _ => {
                session.forget(now, id);
                self.lone.own.retain(|(it, _)| *it != id);
            }
        }
        self.lone.collect();
    }

    fn look(&mut self) {
        for event in std::mem::take(&mut self.lone.events) {
            if let Event::Incoming(id) = event {
                self.theirs.push(id);
            }
        }
        let most = self.lone.session.stats().served as usize + 3;
        assert!(self.lone.session.dialogs() <= most, "dialogs from nowhere");
    }

    /// The connection goes, or the peer was to blame and it has gone: everybody hears of it, and nothing is left.
    fn end(mut self, choices: &mut Choices<'_>) {
        if self.lone.fault.is_none() {
            if choices.one_in(2) {
                self.lone.session.drain();
                self.lone.speak();
            }
            self.lone.session.lost(Loss::Closed);
        }
        self.lone.collect();
        let session = &mut self.lone.session;
        assert!(!session.wants_transmit() && session.deadline().is_none());
        for (id, _) in &self.lone.own {
            while let Some(taken) = session.take_item(*id) {
                if !matches!(taken, scipp_protocol::Taken::Item(_)) {
                    break;
                }
            }
            session.take_end(*id);
            session.forget(self.lone.now, *id);
        }
        let incoming = self.lone.events.iter().filter_map(|event| match event {
            Event::Incoming(id) => Some(*id),
            _ => None,
        });
        for id in self.theirs.iter().copied().chain(incoming) {
            let last = Terminal::Return(NIL);
            if session.finish(id, last).is_err() {
                session.refuse(id, Refusal::NoEndpoint);
            }
        }
        assert_eq!(session.leftovers(), Vec::<&str>::new());
    }
}

/// A payload that everybody can read.
const NIL: Bytes = Bytes::from_static(&[0xc0]);

fn kind(choices: &mut Choices<'_>) -> Kind {
    let kinds = [Kind::Context, Kind::Asyncgen, Kind::Asyncfunc];
    choices.of(&kinds).copied().unwrap_or(Kind::Context)
}

fn terminal(choices: &mut Choices<'_>) -> Terminal {
    if choices.one_in(2) {
        return Terminal::Return(NIL);
    }
    Terminal::Error(Failure {
        name: "ValueError".to_owned(),
        text: "text".repeat(choices.below(2_000)),
        payload: choices.one_in(2).then_some(NIL),
    })
}
