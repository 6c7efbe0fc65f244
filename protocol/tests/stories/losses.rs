//! Sessions that are lost, and deadlines that pass.

use std::time::Duration;

use scipp_protocol::{
    Asked, CancelCause, Cause, End, Event, Features, Kind, Loss, Streams, Taken, Terminal,
    Violation,
};

use crate::lone::Lone;
use crate::pair::{Pair, open, payload};

#[test]
fn a_lost_session_leaves_callers_in_doubt_and_asks_callees_to_end() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.cut();
    assert!(matches!(
        pair.caller.end(caller),
        End::InDoubt(Some(Loss::Transport(_)))
    ));
    assert!(matches!(
        pair.callee.cause(callee),
        Some(Cause::SessionLost(_))
    ));
    // Nobody sees the terminal; the handler ends its dialog all the same.
    let terminal = Terminal::Return(payload("late"));
    pair.callee.session.finish(callee, terminal).unwrap();
    pair.caller.session.forget(pair.now, caller);
    assert_eq!(pair.caller.session.dialogs(), 0);
    assert_eq!(pair.callee.session.dialogs(), 0);
}

#[test]
fn a_lost_session_is_no_end_of_a_stream() {
    for stops in [false, true] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.context();
        pair.caller.session.send(caller, payload("one")).unwrap();
        if stops {
            pair.caller.session.stop(caller);
        }
        pair.drive();
        pair.cut();
        // What has come can be taken; behind it is what the caller has said, or that nobody knows.
        let session = &mut pair.callee.session;
        assert!(matches!(session.take_item(callee), Some(Taken::Item(_))));
        let behind = if stops { Taken::Done } else { Taken::Lost };
        assert_eq!(session.take_item(callee), Some(behind.clone()));
        assert_eq!(session.take_item(callee), Some(behind));
    }
}

#[test]
fn a_start_that_never_left_is_known_not_to_have_run() {
    let mut pair = Pair::new();
    let session = &mut pair.caller.session;
    let id = session
        .open(pair.now, open(Kind::Context, Streams::BOTH))
        .unwrap();
    pair.cut();
    assert!(matches!(
        pair.caller.end(id),
        End::NotSent(Some(Loss::Transport(_)))
    ));
}

#[test]
fn a_deadline_asks_for_a_cancel_and_waits_for_the_end() {
    let mut pair = Pair::new();
    let mut limited = open(Kind::Context, Streams::NONE);
    limited.deadline = Some(pair.now + Duration::from_millis(300));
    let caller = pair.caller.session.open(pair.now, limited).unwrap();
    pair.drive();
    let callee = pair.callee.incoming();
    pair.callee
        .session
        .accept(callee, Kind::Context, Streams::NONE)
        .unwrap();
    pair.skip();
    pair.wait(Duration::from_millis(299));
    assert_eq!(pair.lines(), [""; 0]);
    pair.wait(Duration::from_millis(1));
    pair.tells("> Start B self._cancel_task {\"cid\": \"A\"}\n < StartAck B Asyncfunc");
    assert!(matches!(
        pair.callee.cause(callee),
        Some(Cause::Requested(_))
    ));
    assert!(pair.caller.session.take_end(caller).is_none());
    let canceled = Terminal::Cancelled {
        canceller: None,
        cause: CancelCause::Requested,
        text: "asked to".to_owned(),
    };
    pair.callee.session.finish(callee, canceled).unwrap();
    pair.tells("< Error A ContextCancelled from srv canceller cli\n < CancelAck B true");
    let End::Cancelled(cancelled) = pair.caller.end(caller) else {
        panic!("not cancelled")
    };
    assert_eq!(cancelled.asked, Some(Asked::Deadline));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn whatever_a_caller_was_waiting_for_ends_as_what_is_known() {
    // How far it came, and whether it may have run.
    for point in ["queued", "sent", "acked", "open", "cancelled", "ended"] {
        let mut pair = Pair::new();
        let session = &mut pair.caller.session;
        let id = session
            .open(pair.now, open(Kind::Context, Streams::BOTH))
            .unwrap();
        if point != "queued" {
            pair.drive();
        }
        let callee = (point != "queued").then(|| pair.callee.incoming());
        if let Some(callee) = callee.filter(|_| point != "sent") {
            let session = &mut pair.callee.session;
            session
                .accept(callee, Kind::Context, Streams::BOTH)
                .unwrap();
            if point != "acked" {
                session.started(callee, payload("up")).unwrap();
                session.send(callee, payload("kept")).unwrap();
            }
            if point == "ended" {
                session
                    .finish(callee, Terminal::Return(payload("done")))
                    .unwrap();
            }
            pair.drive();
        }
        if point == "cancelled" {
            pair.caller.session.cancel(pair.now, id);
            pair.drive();
        }
        pair.cut();
        let end = pair.caller.end(id);
        match point {
            "queued" => assert!(matches!(end, End::NotSent(Some(_))), "{point}: {end:?}"),
            "ended" => assert!(matches!(end, End::Returned(_)), "{point}: {end:?}"),
            _ => assert!(matches!(end, End::InDoubt(Some(_))), "{point}: {end:?}"),
        }
        // What had come can still be read, then there is nothing to wait for.
        let items = pair.caller.items(id);
        let kept = matches!(point, "open" | "cancelled" | "ended");
        assert_eq!(items.len(), 1 + usize::from(kept), "{point}: {items:?}");
        if let Some(callee) = callee.filter(|_| point != "ended") {
            assert!(pair.callee.cause(callee).is_some(), "{point}");
            assert_eq!(pair.callee.items(callee), ["Lost"]);
            assert_eq!(
                pair.callee.session.send(callee, payload("late")),
                Err(scipp_protocol::SendError::Ended)
            );
            let last = Terminal::Return(payload("late"));
            pair.callee.session.finish(callee, last).unwrap();
        }
        pair.caller.session.forget(pair.now, id);
        pair.leaves_nothing();
    }
}

#[test]
fn a_callee_is_asked_once_by_the_first_cause() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.caller.session.cancel(pair.now, caller);
    pair.drive();
    pair.cut();
    assert!(matches!(
        pair.callee.cause(callee),
        Some(Cause::Requested(_))
    ));
    let asked = |event: &&Event| matches!(event, Event::CancelRequested(..));
    assert_eq!(pair.callee.events.iter().filter(asked).count(), 1);
}

#[test]
fn a_fault_ends_all_dialogs_and_says_whose_it_is() {
    let mut lone = Lone::new();
    let ours = lone.calls(Kind::Context, Streams::NONE);
    lone.hears("Start x1");
    let theirs = lone.peer.incoming();
    lone.hears("Aid py");
    assert_eq!(
        lone.fault().to_string(),
        "the peer py[py-uuid] broke the protocol: session: expected a message of a dialog, came Aid"
    );
    assert!(matches!(
        lone.peer.end(ours),
        End::InDoubt(Some(Loss::Fault(_)))
    ));
    assert!(matches!(
        lone.peer.cause(theirs),
        Some(Cause::SessionLost(Loss::Fault(_)))
    ));
    // Nothing is said any more, nothing heard.
    lone.hears("Start x2");
    lone.says("");
    let refused = lone
        .peer
        .session
        .open(lone.now, open(Kind::Context, Streams::NONE));
    assert!(matches!(refused, Err(scipp_protocol::OpenError::Lost(_))));
}

#[test]
fn a_lost_session_answers_nobody() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    let items: String = (0..40).map(|n| format!("Yield x1 {n}\n")).collect();
    lone.hears(&(items + "Read k1 x1\n Cancel k2 x1"));
    lone.said();
    lone.peer.session.lost(Loss::Closed);
    lone.peer.items(id);
    let last = Terminal::Return(payload("late"));
    lone.peer.session.finish(id, last).unwrap();
    assert!(!lone.peer.session.wants_transmit());
    lone.says("");
}

#[test]
fn a_deadline_that_is_past_sends_nothing() {
    let mut pair = Pair::new();
    let mut late = open(Kind::Context, Streams::NONE);
    late.deadline = Some(pair.now);
    let id = pair.caller.session.open(pair.now, late).unwrap();
    assert_eq!(pair.caller.end(id), End::NotSent(None));
    pair.caller.session.forget(pair.now, id);
    pair.tells("");
    pair.leaves_nothing();
}

#[test]
fn a_plain_peer_is_told_about_its_dialogs_before_its_connection_is_closed() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    lone.serves(Kind::Context, Streams::BOTH);
    lone.hears("Start x2");
    let over = lone.serves(Kind::Asyncfunc, Streams::NONE);
    lone.calls(Kind::Context, Streams::NONE);
    let value = Terminal::Return(payload("value"));
    lone.peer.session.finish(over, value).unwrap();
    let never_left = open(Kind::Asyncfunc, Streams::NONE);
    let never_left = lone.peer.session.open(lone.now, never_left).unwrap();
    lone.hears("Start x3");

    lone.hears_bytes(&[0, 0, 0, 0]);
    assert_eq!(lone.fault().violation, Violation::EmptyFrame);
    let words = lone.peer.session.take_last_words();
    let mut words = lone.scribe.lines(&words);
    // They are of four dialogs, which have their turns.
    words.sort();
    assert_eq!(
        words,
        [
            // An end for each caller at the peer, what waited to be sent, and a cancel for each callee there.
            "Error x1 SessionLost from srv",
            "Error x3 SessionLost from srv",
            "Return x2 \"value\"",
            "Start B self._cancel_task {\"cid\": \"A\"}",
        ]
    );
    assert!(lone.peer.session.take_last_words().is_empty(), "once");
    assert!(matches!(lone.peer.end(never_left), End::NotSent(Some(_))));
    lone.says("");
}

#[test]
fn a_session_without_dialogs_needs_no_last_words() {
    let mut lone = Lone::new();
    lone.said();
    lone.peer.session.part(Loss::Closed);
    assert!(lone.peer.session.take_last_words().is_empty());
    assert_eq!(lone.peer.session.loss(), Some(&Loss::Closed));
}

#[test]
fn a_peer_that_knows_more_needs_no_last_words() {
    let mut pair = Pair::offering(Features::all(), Features::all());
    pair.context();
    pair.callee.session.part(Loss::Closed);
    assert!(pair.callee.session.take_last_words().is_empty());
}
