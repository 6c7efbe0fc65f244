//! Bad input: the rows of `tests/hostile/frames.json`, every message in every state, every split of a conversation.

use scipp_protocol::wire::shuttle::messages::Message;
use scipp_protocol::{Event, Kind, Streams, Violation};
use serde_json::Value;

use crate::lone::{Lone, frame, framed};
use crate::pair::{DOWN, cancelled, config, number, payload};

/// Rows of the file: one that gets lost must not go unnoticed.
const ROWS: usize = 175;

/// Each row: what is said, and what comes of it. `hex` are whole frames or raw bytes, as the wire carries them;
/// `after_aid` tells whether the peer has named itself before, and `native` whether it speaks in lists; `outcome` is the violation's name, or
///
/// * `waits`: the frame is not whole, and nothing has been allocated for it that was not announced within limits,
/// * `opens`: the session is open, `incoming`: the application is asked, `ignored`: nothing happens,
/// * `refused`: the session answers by itself, in the lines of `says`.
#[test]
fn every_row_has_the_outcome_that_it_says() {
    let text = include_str!("../hostile/frames.json");
    let rows: Vec<Value> = serde_json::from_str(text).expect("JSON");
    assert_eq!(rows.len(), ROWS);
    let mut failures = Vec::new();
    for row in &rows {
        let bytes = unhex(row["hex"].as_str().expect("hex"));
        // At once, and byte by byte.
        for chunk in [bytes.len(), 1] {
            let came = outcome(row, &bytes, chunk);
            let expected = (
                row["outcome"].as_str().expect("an outcome").to_owned(),
                row["says"].as_str().expect("lines").to_owned(),
            );
            if came != expected {
                failures.push(format!(
                    "{}: expected {expected:?}, came {came:?}",
                    row["why"]
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn outcome(row: &Value, bytes: &[u8], chunk: usize) -> (String, String) {
    let mut lone = Lone::silent(config("srv", 2));
    if row["native"] == Value::Bool(true) {
        lone = Lone::compact();
        lone.peer.events.clear();
    } else if row["after_aid"] == Value::Bool(true) {
        lone.hears("Aid py");
        lone.peer.events.clear();
    }
    // Our own name.
    lone.said();
    for part in bytes.chunks(chunk.max(1)) {
        lone.hears_bytes(part);
        assert!(
            lone.peer.inbound.capacity() < 3 * 1024 * 1024,
            "{}",
            row["why"]
        );
    }
    let said = lone.said().join("\n");
    if let Some(fault) = &lone.peer.fault {
        assert_eq!(said, "", "{}: nothing is said after a fault", row["why"]);
        assert!(!fault.to_string().is_empty());
        return (name(&fault.violation), said);
    }
    let outcome = match lone.peer.events.first() {
        Some(Event::Incoming(_)) => "incoming",
        Some(Event::Opened { .. }) => "opens",
        Some(Event::PeerFailed(_)) => "told",
        Some(other) => panic!("{}: {other:?}", row["why"]),
        None if !said.is_empty() => "refused",
        None if !lone.peer.inbound.is_empty() => "waits",
        None => "ignored",
    };
    // Whatever it was, the session serves the next one.
    if matches!(outcome, "incoming" | "ignored" | "told" | "refused") {
        lone.hears("Start next");
        assert!(
            matches!(lone.peer.events.last(), Some(Event::Incoming(_))),
            "{}",
            row["why"]
        );
    }
    (outcome.to_owned(), said)
}

fn name(violation: &Violation) -> String {
    let text = format!("{violation:?}");
    let end = text.find([' ', '(', '{']).unwrap_or(text.len());
    text[..end].to_owned()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let text = std::str::from_utf8(pair).expect("ASCII");
            u8::from_str_radix(text, 16).expect("hex")
        })
        .collect()
}

#[test]
fn the_largest_frame_is_taken_and_one_byte_more_is_not() {
    for (bytes, taken) in [(1024 * 1024, true), (1024 * 1024 + 1, false)] {
        let mut lone = Lone::new();
        // A Yield for nobody, filled up to the size.
        let empty = scipp_codec::to_bytes(&lone.message("Yield no 1")).len() - 1;
        let text = "x".repeat(bytes - empty - 5);
        let mut item = scipp_codec::to_bytes(&lone.message("Yield no 1")).to_vec();
        item.truncate(empty);
        item.extend_from_slice(&payload(&text));
        assert_eq!(item.len(), bytes);
        lone.hears_bytes(&framed(&item));
        assert_eq!(lone.peer.fault.is_none(), taken);
    }
}

#[test]
fn a_payload_may_have_so_many_values_and_no_more() {
    for (values, taken) in [(65_000_u32, true), (66_000, false)] {
        let mut lone = Lone::new();
        let mut item = scipp_codec::to_bytes(&lone.message("Yield no 1")).to_vec();
        item.pop();
        item.push(0xdd);
        item.extend_from_slice(&values.to_be_bytes());
        item.resize(item.len() + values as usize, 0xc0);
        lone.hears_bytes(&framed(&item));
        assert_eq!(lone.peer.fault.is_none(), taken);
    }
}

#[test]
fn ten_thousand_frames_in_one_write_are_taken() {
    let mut lone = Lone::new();
    lone.hears(&"Stop no\n".repeat(10_000));
    assert_eq!((&lone.peer.fault, lone.peer.inbound.len()), (&None, 0));
}

/// What a caller's dialog answers to each message, by its kind and state: `-` ignored or kept, `end` it is over,
/// `C` the session is closed as out of order.
#[test]
fn a_caller_has_an_outcome_for_every_message_in_every_state() {
    const MESSAGES: [&str; 9] = [
        "StartAck A context",
        "StartAck A asyncfunc",
        "StartAck A asyncgen",
        "Started A 1",
        "Yield A 1",
        "Stop A",
        "Return A 1",
        "CancelAck A true",
        "Error A ValueError",
    ];
    let ack = |kind: &str| format!("StartAck A {kind}");
    let rows = [
        // Kind, how it got there, and for each message what comes of it.
        ("context", String::new(), "- - - C C C C C end"),
        ("context", ack("context"), "C C C - - - end C end"),
        (
            "context",
            ack("context") + "\nStarted A 1",
            "C C C C - - end C end",
        ),
        (
            "context",
            ack("context") + "\nStarted A 1\nStop A",
            "C C C C - - end C end",
        ),
        (
            "context",
            ack("context") + "\nStarted A 1\nReturn A 1",
            "- - - - - - - - -",
        ),
        (
            "context",
            "Error A ValueError".to_owned(),
            "- - - - - - - - -",
        ),
        ("asyncfunc", String::new(), "- - - C C C C C end"),
        ("asyncfunc", ack("asyncfunc"), "C C C C C - end C end"),
        (
            "asyncfunc",
            ack("asyncfunc") + "\nReturn A 1",
            "- - - - - - - - -",
        ),
        ("asyncgen", String::new(), "- - - C C C C C end"),
        ("asyncgen", ack("asyncgen"), "C C C C - end C C end"),
        (
            "asyncgen",
            ack("asyncgen") + "\nStop A",
            "- - - - - - - - -",
        ),
    ];
    let forms: [fn() -> Lone; 2] = [Lone::new, Lone::compact];
    for ((kind, before, expected), new) in rows.iter().flat_map(|row| forms.map(|new| (row, new))) {
        let outcomes: Vec<&str> = MESSAGES
            .iter()
            .map(|message| {
                let mut lone = new();
                let id = match *kind {
                    "context" => lone.calls(Kind::Context, Streams::BOTH),
                    "asyncfunc" => lone.calls(Kind::Asyncfunc, Streams::NONE),
                    _ => lone.calls(Kind::Asyncgen, DOWN),
                };
                lone.hears(before);
                assert_eq!(lone.peer.fault, None);
                lone.peer.session.take_end(id);
                lone.hears(message);
                match &lone.peer.fault {
                    Some(fault) => {
                        let out_of_order = matches!(fault.violation, Violation::OutOfOrder { .. });
                        assert!(out_of_order, "{fault}");
                        "C"
                    }
                    None if lone.peer.session.take_end(id).is_some() => "end",
                    None => "-",
                }
            })
            .collect();
        assert_eq!(outcomes.join(" "), *expected, "{kind} after {before:?}");
    }
}

/// The same for a callee's: `ask` its application is asked to end it.
#[test]
fn a_callee_has_an_outcome_for_every_message_in_every_state() {
    const MESSAGES: [&str; 10] = [
        "Start x1",
        "StartAck x1 context",
        "Started x1 1",
        "Yield x1 1",
        "Stop x1",
        "Return x1 1",
        "CancelAck x1 true",
        "Error x1 ValueError",
        "Cancel k1 x1",
        "Read k1 x1",
    ];
    let rows = [
        ("offered", "C C C - - C C ask ask -"),
        ("asyncfunc", "C C C - - C C ask ask -"),
        ("asyncgen", "C C C - - C C ask ask -"),
        ("acked", "C C C - - C C ask ask -"),
        ("running", "C C C - - C C ask ask -"),
        ("stopped", "C C C - - C C ask ask -"),
        ("asked", "C C C - - C C - - -"),
        ("over", "new - - - - - - - - -"),
    ];
    // With a text and with a number, which is never given again.
    type New = fn() -> Lone;
    let forms: [(New, &str, &str); 3] = [
        (Lone::new, "x1", "new"),
        (Lone::compact, "x1", "new"),
        (Lone::compact, "connector#0", "C"),
    ];
    for ((state, expected), (new, cid, again)) in
        rows.iter().flat_map(|row| forms.map(|form| (row, form)))
    {
        let outcomes: Vec<&str> = MESSAGES
            .iter()
            .map(|message| {
                let mut lone = new();
                lone.hears(&format!("Start {cid}"));
                let id = lone.peer.incoming();
                let session = &mut lone.peer.session;
                match *state {
                    "offered" => {}
                    "asyncfunc" => session
                        .accept(id, Kind::Asyncfunc, Streams::NONE)
                        .expect("ok"),
                    "asyncgen" => session
                        .accept(id, Kind::Asyncgen, Streams::NONE)
                        .expect("ok"),
                    _ => session
                        .accept(id, Kind::Context, Streams::BOTH)
                        .expect("ok"),
                }
                if matches!(*state, "running" | "stopped" | "asked" | "over") {
                    session.started(id, number(1)).expect("ok");
                }
                match *state {
                    "stopped" => session.stop(id),
                    "asked" => lone.hears(&format!("Cancel k0 {cid}")),
                    "over" => session.finish(id, cancelled()).expect("ok"),
                    _ => {}
                }
                lone.peer.collect();
                lone.peer.events.clear();
                lone.hears(&message.replace("x1", cid));
                match (&lone.peer.fault, lone.peer.events.first()) {
                    (Some(_), _) => "C",
                    (None, Some(Event::CancelRequested(..))) => "ask",
                    (None, Some(Event::Incoming(_))) => "new",
                    (None, None | Some(Event::Item(_))) => "-",
                    (None, Some(other)) => panic!("{other:?}"),
                }
            })
            .collect();
        let expected = expected.replace("new", again);
        assert_eq!(outcomes.join(" "), expected, "{state} as {cid}");
    }
}

#[test]
fn a_request_of_ours_is_answered_by_answers_only() {
    for (message, closes) in [
        ("StartAck B asyncfunc", false),
        ("CancelAck B true", false),
        ("Return B 1", false),
        ("Error B ValueError", false),
        ("Started B 1", true),
        ("Yield B 1", true),
        ("Stop B", true),
    ] {
        let mut lone = Lone::new();
        let id = lone.calls(Kind::Context, Streams::NONE);
        lone.hears("StartAck A context");
        lone.peer.session.cancel(lone.now, id);
        lone.said();
        lone.hears(message);
        assert_eq!(lone.peer.fault.is_some(), closes, "{message}");
    }
}

#[test]
fn a_peer_cannot_use_our_ids() {
    let mut lone = Lone::new();
    lone.calls(Kind::Context, Streams::NONE);
    lone.hears("Start A");
    assert!(matches!(
        lone.fault().violation,
        Violation::DuplicateCid { .. }
    ));
}

/// A valid conversation in which the session serves and calls.
const CONVERSATION: &str = "Aid py
    Start x1
    Yield x1 1
    Yield x1 2
    Stop x1
    Start x2
    Cancel k1 x2
    Cancel k2 nobody
    Error nil ValueError
    Start x3
    Error x3 ValueError";

fn told(bytes: &[u8], cuts: &[usize]) -> (Vec<String>, String) {
    let mut lone = Lone::silent(config("srv", 2));
    let mut at = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        lone.hears_bytes(&bytes[at..cut]);
        at = cut;
    }
    let events: Vec<String> = lone.peer.events.iter().map(|e| format!("{e:?}")).collect();
    let first = Event::Incoming;
    let ids: Vec<_> = lone
        .peer
        .events
        .iter()
        .filter_map(|event| {
            if let Event::Incoming(id) = event {
                Some(*id)
            } else {
                None
            }
        })
        .collect();
    assert!(ids.iter().all(|id| lone.peer.events.contains(&first(*id))));
    for id in ids {
        lone.peer
            .session
            .accept(id, Kind::Context, Streams::BOTH)
            .expect("ok");
        lone.peer.session.started(id, number(1)).expect("ok");
        let items = lone.peer.items(id);
        let last = scipp_protocol::Terminal::Return(payload(&items.join(",")));
        lone.peer.session.finish(id, last).expect("ok");
    }
    assert_eq!(lone.peer.fault, None);
    (events, lone.said().join("\n"))
}

#[test]
fn every_split_of_a_conversation_gives_the_same_result() {
    let lone = Lone::silent(config("srv", 2));
    let bytes: Vec<u8> = CONVERSATION
        .lines()
        .flat_map(|line| {
            let message: Message = lone.message(line.trim());
            frame(&message).to_vec()
        })
        .collect();
    let whole = told(&bytes, &[]);
    assert!(whole.1.contains("Return x1 \"1,2,Done\""), "{}", whole.1);
    for cut in 0..bytes.len() {
        assert_eq!(told(&bytes, &[cut]), whole, "cut at {cut}");
    }
    let each: Vec<usize> = (1..bytes.len()).collect();
    assert_eq!(told(&bytes, &each), whole);
}
