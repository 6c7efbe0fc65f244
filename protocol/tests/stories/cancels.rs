//! Cancels: a request, never an end; from either side, at every point.
//!
//! It is one file because a cancel at one point is only judged right beside the cancels at all the others.

use std::time::Duration;

use scipp_protocol::{
    Any, Asked, CancelCause, Cancelled, Cause, End, Event, Failure, Kind, Streams, Terminal,
};

use crate::lone::Lone;
use crate::pair::{DOWN, Pair, any, cancelled, number, open, payload};

const REQUEST: &str = "> Start B self._cancel_task {\"cid\": \"A\"}\n < StartAck B Asyncfunc";
const CONFIRMED: &str = "< Error A ContextCancelled from srv canceller cli\n < CancelAck B true";

#[track_caller]
fn confirmed(end: End) -> Cancelled {
    match end {
        End::Cancelled(cancelled) => cancelled,
        other => panic!("not cancelled: {other:?}"),
    }
}

fn name(uid: Option<&scipp_protocol::Uid>) -> Option<&str> {
    uid.map(|uid| &*uid.name)
}

#[test]
fn before_the_transport_has_the_start_nothing_is_sent_at_all() {
    let mut pair = Pair::new();
    let session = &mut pair.caller.session;
    let id = session
        .open(pair.now, open(Kind::Context, Streams::BOTH))
        .unwrap();
    session.send(id, number(1)).unwrap();
    session.cancel(pair.now, id);
    assert_eq!(session.take_end(id), Some(End::NotSent(None)));
    session.forget(pair.now, id);
    pair.tells("");
    pair.leaves_nothing();
}

#[test]
fn a_dialog_that_the_callee_has_not_looked_at_is_refused_or_run_but_ends() {
    for refused in [true, false] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.open(Kind::Context, Streams::BOTH);
        pair.skip();
        pair.caller.session.cancel(pair.now, caller);
        pair.tells(REQUEST);
        assert!(matches!(
            pair.callee.cause(callee),
            Some(Cause::Requested(_))
        ));
        if refused {
            let why = scipp_protocol::Refusal::NoEndpoint;
            pair.callee.session.refuse(callee, why);
            pair.tells("< Error A AttributeError from srv\n < CancelAck B true");
            assert!(matches!(pair.caller.end(caller), End::Refused(_)));
        } else {
            pair.callee
                .session
                .accept(callee, Kind::Context, Streams::BOTH)
                .unwrap();
            pair.give_in(callee);
            pair.tells(&format!("< StartAck A Context\n {CONFIRMED}"));
            confirmed(pair.caller.end(caller));
        }
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }
}

#[test]
fn an_acked_context_and_a_running_one_confirm_by_their_error() {
    for started in [false, true] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
        if started {
            pair.callee.session.started(callee, number(1)).unwrap();
        }
        pair.skip();
        pair.caller.session.cancel(pair.now, caller);
        pair.caller.session.cancel(pair.now, caller);
        pair.tells(REQUEST);
        // Asking is not the end: the callee works on, and answers when it is over.
        pair.wait(Duration::from_secs(60));
        assert_eq!(pair.caller.session.take_end(caller), None);
        assert_eq!(pair.callee.session.dialogs(), 1);
        pair.give_in(callee);
        pair.tells(CONFIRMED);
        let end = confirmed(pair.caller.end(caller));
        assert_eq!(
            (name(end.canceller.as_ref()), &*end.source.name, end.asked),
            (Some("cli"), "srv", Some(Asked::Requested))
        );
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }
}

#[test]
fn an_open_stream_is_stopped_before_the_confirmation() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.callee.session.send(callee, number(0)).unwrap();
    pair.skip();
    pair.caller.session.cancel(pair.now, caller);
    pair.drive();
    // Items go on until the callee is over.
    pair.callee.session.send(callee, number(1)).unwrap();
    pair.give_in(callee);
    pair.tells(&format!("{REQUEST}\n < Yield A 1\n < Stop A\n {CONFIRMED}"));
    assert_eq!(pair.caller.items(caller), ["0", "1", "Done"]);
    confirmed(pair.caller.end(caller));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn after_the_end_nothing_is_asked() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(1)))
        .unwrap();
    pair.skip();
    pair.caller.session.cancel(pair.now, caller);
    pair.caller.session.forget(pair.now, caller);
    pair.tells("");
    pair.leaves_nothing();
}

#[test]
fn a_cancel_may_lose_against_a_return() {
    for kind in [Kind::Context, Kind::Asyncfunc] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.run(kind, Streams::NONE);
        if kind == Kind::Context {
            pair.callee.session.started(callee, number(1)).unwrap();
        }
        pair.skip();
        // Both are on the way at once.
        pair.caller.session.cancel(pair.now, caller);
        pair.callee
            .session
            .finish(callee, Terminal::Return(number(7)))
            .unwrap();
        pair.tells(
            "> Start B self._cancel_task {\"cid\": \"A\"}
             < Return A 7
             < StartAck B Asyncfunc
             < CancelAck B true",
        );
        assert_eq!(pair.caller.end(caller), End::Returned(any(7)));
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }
}

#[test]
fn a_handler_may_finish_its_work_although_it_was_asked_to_end() {
    for kind in [Kind::Context, Kind::Asyncfunc] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.run(kind, Streams::NONE);
        if kind == Kind::Context {
            pair.callee.session.started(callee, number(1)).unwrap();
        }
        pair.skip();
        pair.caller.session.cancel(pair.now, caller);
        pair.drive();
        pair.callee
            .session
            .finish(callee, Terminal::Return(number(7)))
            .unwrap();
        pair.tells(&format!("{REQUEST}\n < Return A 7\n < CancelAck B true"));
        assert_eq!(pair.caller.end(caller), End::Returned(any(7)));
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }
}

#[test]
fn a_callee_may_cancel_itself() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
    pair.callee.session.started(callee, number(1)).unwrap();
    pair.skip();
    pair.give_in(callee);
    pair.tells("< Error A ContextCancelled from srv canceller srv");
    let end = confirmed(pair.caller.end(caller));
    assert_eq!(
        (name(end.canceller.as_ref()), end.asked),
        (Some("srv"), None)
    );
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn when_both_cancel_at_once_the_callee_says_that_it_was_itself() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
    pair.callee.session.started(callee, number(1)).unwrap();
    pair.skip();
    pair.caller.session.cancel(pair.now, caller);
    pair.callee.session.finish(callee, cancelled()).unwrap();
    pair.tells(
        "> Start B self._cancel_task {\"cid\": \"A\"}
         < Error A ContextCancelled from srv canceller srv
         < StartAck B Asyncfunc
         < CancelAck B true",
    );
    let end = confirmed(pair.caller.end(caller));
    assert_eq!(
        (name(end.canceller.as_ref()), end.asked),
        (Some("srv"), Some(Asked::Requested))
    );
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn an_asyncfunc_that_is_cancelled_says_nothing_but_the_ack() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
    pair.skip();
    pair.caller.session.cancel(pair.now, caller);
    pair.tells(REQUEST);
    assert_eq!(pair.caller.session.take_end(caller), None);
    pair.give_in(callee);
    pair.tells("< CancelAck B true");
    let end = confirmed(pair.caller.end(caller));
    assert_eq!(name(end.canceller.as_ref()), Some("cli"));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn an_asyncfunc_that_cancels_itself_says_so() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
    pair.skip();
    pair.give_in(callee);
    pair.tells("< Error A ContextCancelled from srv canceller srv");
    confirmed(pair.caller.end(caller));
}

#[test]
fn an_asyncgen_is_left_by_stop_and_request_and_stops_before_the_ack() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Asyncgen, DOWN);
    pair.callee.session.send(callee, number(0)).unwrap();
    pair.skip();
    pair.caller.session.cancel(pair.now, caller);
    pair.drive();
    pair.callee.session.send(callee, number(1)).unwrap();
    pair.give_in(callee);
    pair.tells(
        "> Stop A
         > Start B self._cancel_task {\"cid\": \"A\"}
         < StartAck B Asyncfunc
         < Yield A 1
         < Stop A
         < CancelAck B true",
    );
    confirmed(pair.caller.end(caller));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_failure_during_a_cancel_is_told_as_it_is() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
    pair.skip();
    pair.caller.session.cancel(pair.now, caller);
    pair.drive();
    let failure = Failure {
        name: "RuntimeError".to_owned(),
        text: "cleanup failed".to_owned(),
        payload: None,
    };
    pair.callee
        .session
        .finish(callee, Terminal::Error(failure))
        .unwrap();
    pair.tells(&format!(
        "{REQUEST}\n < Error A RuntimeError from srv\n < CancelAck B true"
    ));
    assert!(matches!(pair.caller.end(caller), End::Failed(_)));
}

#[test]
fn a_cancel_request_waits_for_the_start_and_passes_items_only() {
    let mut pair = Pair::new();
    let (caller, _callee) = pair.context();
    pair.skip();
    for n in 0..3 {
        pair.caller.session.send(caller, number(n)).unwrap();
    }
    pair.caller.session.cancel(pair.now, caller);
    pair.tells(
        "> Start B self._cancel_task {\"cid\": \"A\"}
         > Yield A 0
         > Yield A 1
         > Yield A 2
         < StartAck B Asyncfunc",
    );
    // Behind a Stop that waits it keeps its place, and so do the items before.
    let mut pair = Pair::new();
    let (caller, _callee) = pair.context();
    pair.skip();
    pair.caller.session.send(caller, number(0)).unwrap();
    pair.caller.session.stop(caller);
    pair.caller.session.cancel(pair.now, caller);
    pair.tells(
        "> Yield A 0
         > Stop A
         > Start B self._cancel_task {\"cid\": \"A\"}
         < StartAck B Asyncfunc",
    );
}

#[test]
fn a_callee_passes_nothing_and_nothing_passes_its_terminal() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Context, Streams::BOTH);
    pair.skip();
    let session = &mut pair.callee.session;
    session
        .accept(callee, Kind::Context, Streams::BOTH)
        .unwrap();
    session.started(callee, number(0)).unwrap();
    session.send(callee, number(1)).unwrap();
    session.stop(callee);
    session.finish(callee, Terminal::Return(number(2))).unwrap();
    pair.caller.session.cancel(pair.now, caller);
    pair.tells(
        "> Start B self._cancel_task {\"cid\": \"A\"}
         < StartAck A Context
         < Started A 0
         < Yield A 1
         < Stop A
         < Return A 2
         < StartAck B Asyncfunc
         < CancelAck B true",
    );
}

#[test]
fn a_forgotten_dialog_is_cancelled_and_its_end_awaited_by_the_session() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    pair.caller.session.forget(pair.now, caller);
    pair.tells(REQUEST);
    assert_eq!(pair.caller.session.dialogs(), 1);
    let before = pair.caller.events.len();
    pair.give_in(callee);
    pair.tells(&format!("< Stop A\n {CONFIRMED}"));
    assert_eq!(pair.caller.events.len(), before);
    assert_eq!(pair.caller.session.stats().unreaped, 0);
    pair.leaves_nothing();
}

#[test]
fn a_forgotten_dialog_that_never_ends_is_given_up_and_counted() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.caller.session.forget(pair.now, caller);
    pair.wait(Duration::from_millis(1_999));
    assert_eq!(pair.caller.session.dialogs(), 1);
    pair.wait(Duration::from_millis(1));
    assert_eq!(pair.caller.session.dialogs(), 0);
    assert_eq!(pair.caller.session.stats().unreaped, 1);
    pair.skip();
    // It may end whenever it likes: nobody is disturbed.
    pair.give_in(callee);
    pair.tells(&format!("< Stop A\n {CONFIRMED}"));
    pair.leaves_nothing();
}

#[test]
fn a_cancel_that_is_acknowledged_needs_no_more_than_that() {
    let mut lone = Lone::new();
    let id = lone.calls(Kind::Context, Streams::NONE);
    lone.hears("StartAck A context\n Started A 1");
    lone.peer.session.cancel(lone.now, id);
    lone.says("Start B self._cancel_task {\"cid\": \"A\"}");
    lone.hears("StartAck B asyncfunc\n CancelAck B true");
    assert_eq!(lone.peer.session.take_end(id), None);
    lone.wait(Duration::from_secs(2));
    let end = confirmed(lone.peer.end(id));
    assert!(end.text.contains("said nothing more"), "{}", end.text);
    // What comes late is for nobody.
    lone.hears("Error A ContextCancelled canceller srv");
    assert_eq!(lone.peer.fault, None);
}

#[test]
fn a_cancel_that_is_refused_leaves_the_end_in_doubt() {
    for answer in [
        "Error B RuntimeError",
        "StartAck B asyncfunc\n CancelAck B false",
    ] {
        let mut lone = Lone::new();
        let id = lone.calls(Kind::Asyncfunc, Streams::NONE);
        lone.hears("StartAck A asyncfunc");
        lone.peer.session.cancel(lone.now, id);
        lone.says("Start B self._cancel_task {\"cid\": \"A\"}");
        lone.hears(answer);
        assert_eq!(lone.peer.session.take_end(id), None);
        lone.wait(Duration::from_secs(2));
        assert_eq!(lone.peer.end(id), End::InDoubt(None));
        assert_eq!(lone.peer.session.stats().unreaped, 1);
    }
}

#[test]
fn confirmation_and_acknowledgement_may_come_in_either_order() {
    for answer in [
        "StartAck B asyncfunc\n CancelAck B true\n Error A ContextCancelled canceller srv",
        "StartAck B asyncfunc\n Error A ContextCancelled canceller srv\n Return B 1",
    ] {
        let mut lone = Lone::new();
        let id = lone.calls(Kind::Context, Streams::NONE);
        lone.hears("StartAck A context\n Started A 1");
        lone.peer.session.cancel(lone.now, id);
        lone.says("Start B self._cancel_task {\"cid\": \"A\"}");
        lone.hears(answer);
        confirmed(lone.peer.end(id));
        lone.peer.session.forget(lone.now, id);
        assert_eq!(lone.peer.session.dialogs(), 0);
        assert_eq!(lone.peer.session.deadline(), None);
    }
}

#[test]
fn a_callers_error_asks_its_callee_to_end() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    lone.hears("Error x1 ValueError");
    assert!(
        matches!(lone.peer.cause(id), Some(Cause::CallerError(error)) if error.boxed_type == "ValueError")
    );
    lone.peer.session.finish(id, cancelled()).unwrap();
    lone.says("Stop x1\n Error x1 ContextCancelled from srv canceller srv");
}

#[test]
fn who_cancelled_first_can_be_somebody_else() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
    pair.callee.session.started(callee, number(1)).unwrap();
    pair.skip();
    let terminal = Terminal::Cancelled {
        canceller: Some(scipp_protocol::Uid::new("boss", "b")),
        cause: CancelCause::Requested,
        text: "the actor ends".to_owned(),
    };
    pair.callee.session.finish(callee, terminal).unwrap();
    pair.tells("< Error A ContextCancelled from srv canceller boss");
    let end = confirmed(pair.caller.end(caller));
    assert_eq!(
        (name(end.canceller.as_ref()), end.text.as_str()),
        (Some("boss"), "the actor ends")
    );
}

#[test]
fn a_cancel_request_for_a_finished_dialog_is_answered_with_true() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::NONE);
    lone.peer
        .session
        .finish(id, Terminal::Return(payload("done")))
        .unwrap();
    lone.hears("Cancel k1 x1\n Cancel k2 never");
    lone.says(
        "Return x1 \"done\"
         StartAck k1 Asyncfunc
         CancelAck k1 true
         StartAck k2 Asyncfunc
         CancelAck k2 true",
    );
}

#[test]
fn every_cancel_request_is_answered_and_the_application_asked_once() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::NONE);
    lone.hears("Cancel k1 x1\n Cancel k2 x1");
    lone.says("StartAck k1 Asyncfunc\n StartAck k2 Asyncfunc");
    let asked = |event: &&Event| matches!(event, Event::CancelRequested(..));
    assert_eq!(lone.peer.events.iter().filter(asked).count(), 1);
    lone.peer.session.finish(id, cancelled()).unwrap();
    lone.says(
        "Error x1 ContextCancelled from srv canceller py
         CancelAck k1 true
         CancelAck k2 true",
    );
}

#[test]
fn a_cancel_before_its_start_is_for_nobody_and_the_start_runs() {
    let mut lone = Lone::new();
    lone.hears("Cancel k1 x1\n Start x1");
    lone.says("StartAck k1 Asyncfunc\n CancelAck k1 true");
    let id = lone.serves(Kind::Context, Streams::NONE);
    assert_eq!(lone.peer.cause(id), None);
}

#[test]
fn only_who_opened_a_dialog_may_cancel_it() {
    let mut lone = Lone::new();
    let id = lone.calls(Kind::Context, Streams::NONE);
    lone.hears("StartAck A context\n Cancel k1 A");
    lone.says("StartAck k1 Asyncfunc\n CancelAck k1 true");
    assert_eq!(lone.peer.session.take_end(id), None);
}

#[test]
fn an_actor_is_not_cancelled_by_its_peers() {
    let mut pair = Pair::new();
    let id = pair.caller.session.cancel_actor(pair.now).unwrap();
    pair.tells("> Start A self.cancel {}\n < Error A ModuleNotExposed from srv");
    assert!(matches!(pair.caller.end(id), End::Refused(_)));
    pair.caller.session.forget(pair.now, id);
    pair.leaves_nothing();
}

#[test]
fn an_actor_that_allows_it_is_cancelled_and_answers() {
    let mut allowing = crate::pair::config("srv", 2);
    allowing.actor_cancel = true;
    let mut pair = Pair::with(crate::pair::config("cli", 1), allowing);
    pair.skip();
    let id = pair.caller.session.cancel_actor(pair.now).unwrap();
    pair.tells("> Start A self.cancel {}\n < StartAck A Asyncfunc");
    assert!(
        matches!(pair.callee.events.last(), Some(Event::ActorCancelRequested { canceller }) if &*canceller.name == "cli")
    );
    pair.callee.session.drain();
    pair.drive();
    assert_ne!(pair.callee.events.last(), Some(&Event::Drained));
    pair.callee.session.actor_cancelled();
    pair.tells("< CancelAck A true");
    assert_eq!(pair.callee.events.last(), Some(&Event::Drained));
    assert_eq!(pair.caller.end(id), End::Returned(Any::encode(&true)));
    pair.caller.session.forget(pair.now, id);
    pair.leaves_nothing();
}
