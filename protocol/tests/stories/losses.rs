//! Sessions that are lost, and deadlines that pass.

use std::time::Duration;

use scipp_protocol::{Asked, Cause, End, Kind, Loss, Streams, Terminal};

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
