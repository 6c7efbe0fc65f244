//! A peer that mostly keeps to the rules, so that what it breaks is broken deep in a dialog.

use rmpv::Value;
use scipp_smith::Choices;

use crate::speech::{self, message};

/// What the peer knows of the dialogs of both.
pub(crate) struct Speaker {
    native: bool,
    talks: Vec<Talk>,
    requests: usize,
}

struct Talk {
    cid: Value,
    /// Opened by the session, and so run by the peer.
    runs: bool,
    /// asyncfunc, asyncgen, context; in this order.
    kind: usize,
    acked: bool,
    started: bool,
    stopped: bool,
    over: bool,
}

impl Speaker {
    /// `ids` are of the session's dialogs, one of each kind.
    pub(crate) fn new(native: bool, ids: Vec<Value>) -> Self {
        let talks = ids.into_iter().enumerate();
        Self {
            native,
            talks: talks
                .map(|(kind, cid)| Talk::new(cid, true, kind))
                .collect(),
            requests: 0,
        }
    }

    /// The next message: one in twelve is any.
    pub(crate) fn says(&mut self, choices: &mut Choices<'_>) -> Value {
        if choices.one_in(12) {
            let ids: Vec<Value> = self.talks.iter().map(|talk| talk.cid.clone()).collect();
            return message(choices, &ids);
        }
        if choices.one_in(6) {
            self.requests += 1;
            // The peer has opened the connection: its numbers are even.
            let cid = if self.native && choices.one_in(2) {
                Value::from(2 * self.requests as u64)
            } else {
                Value::from(format!("new{}", self.requests))
            };
            self.talks.push(Talk::new(cid.clone(), false, 2));
            return speech::map(speech::start(cid, "demo", "ep", Value::Map(Vec::new())));
        }
        let live: Vec<usize> = (0..self.talks.len())
            .filter(|at| self.talks.get(*at).is_some_and(|talk| !talk.over))
            .collect();
        let at = choices.of(&live).copied();
        match at.and_then(|at| self.talks.get_mut(at)) {
            Some(talk) if talk.runs => talk.answers(choices),
            Some(talk) => {
                self.requests += 1;
                talk.asks(choices, self.native, self.requests)
            }
            None => message(choices, &[]),
        }
    }
}

impl Talk {
    fn new(cid: Value, runs: bool, kind: usize) -> Self {
        Self {
            cid,
            runs,
            kind,
            acked: false,
            started: false,
            stopped: false,
            over: false,
        }
    }

    /// As its callee: what comes next, or an end.
    fn answers(&mut self, choices: &mut Choices<'_>) -> Value {
        let cid = self.cid.clone();
        if !std::mem::replace(&mut self.acked, true) {
            let kind = ["asyncfunc", "asyncgen", "context"].get(self.kind);
            return speech::map(vec![
                ("msg_type", "StartAck".into()),
                ("cid", cid),
                ("functype", kind.copied().unwrap_or_default().into()),
            ]);
        }
        if self.kind == 2 && !std::mem::replace(&mut self.started, true) {
            return speech::map(speech::payload("Started", cid, choices));
        }
        if self.kind > 0 && !self.stopped && !choices.one_in(6) {
            return speech::map(speech::payload("Yield", cid, choices));
        }
        if self.kind == 1 || self.kind == 2 && !self.stopped && choices.one_in(2) {
            self.stopped = true;
            self.over = self.kind == 1;
            return speech::map(vec![("msg_type", "Stop".into()), ("cid", cid)]);
        }
        self.over = true;
        if choices.one_in(2) {
            speech::map(speech::error(cid, choices))
        } else {
            speech::map(speech::payload("Return", cid, choices))
        }
    }

    /// As its caller: items, a stop, a request to end.
    fn asks(&mut self, choices: &mut Choices<'_>, native: bool, number: usize) -> Value {
        let cid = self.cid.clone();
        match choices.below(8) {
            0 if !self.stopped => {
                self.stopped = true;
                speech::map(vec![("msg_type", "Stop".into()), ("cid", cid)])
            }
            1 | 2 if native => {
                self.over = choices.one_in(2);
                if self.over {
                    speech::map(vec![("msg_type", "Cancel".into()), ("cid", cid)])
                } else {
                    let items = Value::from(choices.between(1, 40));
                    speech::map(vec![
                        ("msg_type", "Credit".into()),
                        ("cid", cid),
                        ("n", items),
                    ])
                }
            }
            1 => {
                self.over = true;
                speech::map(speech::cancel(number, &cid, ""))
            }
            2 => speech::map(speech::cancel(number, &cid, "#read")),
            _ if self.stopped => {
                self.over = true;
                speech::map(speech::error(cid, choices))
            }
            _ => speech::map(speech::payload("Yield", cid, choices)),
        }
    }
}
