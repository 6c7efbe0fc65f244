//! Every kind of dialog, to its natural end.

use scipp_protocol::{End, Event, Failure, Kind, Misuse, Refusal, SendError, Streams, Terminal};

use crate::pair::{Pair, any, config, number, open, payload};

#[test]
fn both_say_who_they_are_at_once() {
    let mut pair = Pair::with(config("cli", 1), config("srv", 2));
    // A dialog opened early waits for the peer's name.
    let id = pair
        .caller
        .session
        .open(pair.now, open(Kind::Asyncfunc, Streams::NONE))
        .unwrap();
    pair.tells("> Aid cli\n < Aid srv\n > Start A demo.ep {\"n\": 3}");
    let peer = pair.callee.session.peer().unwrap();
    assert_eq!(
        (&*peer.uid.name, peer.is_registrar, peer.is_probe),
        ("cli", Some(false), false)
    );
    assert!(
        matches!(&pair.caller.events[..], [Event::Opened { peer }] if &*peer.uid.name == "srv")
    );
    pair.caller.session.forget(pair.now, id);
}

#[test]
fn a_probe_gets_a_name_and_nothing_else() {
    let mut probe = config("registry-probe", 1);
    probe.aid.is_probe = true;
    let mut pair = Pair::with(probe, config("srv", 2));
    pair.tells("> Aid registry-probe\n < Aid srv");
    assert!(matches!(&pair.callee.events[..], [Event::Probed { .. }]));
}

#[test]
fn an_asyncfunc_returns() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Asyncfunc, Streams::NONE);
    let incoming = pair.callee.session.incoming(callee).unwrap();
    assert_eq!(
        (incoming.namespace.as_str(), incoming.func.as_str()),
        ("demo", "ep")
    );
    assert_eq!(
        (incoming.args.to_string(), &*incoming.caller.name),
        ("{\"n\": 3}".to_owned(), "cli")
    );
    pair.callee
        .session
        .accept(callee, Kind::Asyncfunc, Streams::NONE)
        .unwrap();
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(7)))
        .unwrap();
    pair.tells("> Start A demo.ep {\"n\": 3}\n < StartAck A Asyncfunc\n < Return A 7");
    assert_eq!(pair.caller.events.last(), Some(&Event::Ended(caller)));
    assert_eq!(pair.caller.end(caller), End::Returned(any(7)));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_declared_error_carries_its_value() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Asyncfunc, Streams::NONE);
    pair.callee
        .session
        .accept(callee, Kind::Asyncfunc, Streams::NONE)
        .unwrap();
    pair.skip();
    let failure = Failure {
        name: "UnknownSymbol".to_owned(),
        text: "no such symbol: XY".to_owned(),
        payload: Some(payload("XY")),
    };
    pair.callee
        .session
        .finish(callee, Terminal::Error(failure))
        .unwrap();
    pair.tells("< Error A UnknownSymbol from srv pld \"XY\"");
    let End::Failed(error) = pair.caller.end(caller) else {
        panic!("not failed")
    };
    assert_eq!(
        (error.text(), error.source_type.as_str()),
        ("no such symbol: XY", "UnknownSymbol")
    );
    assert_eq!(error.traceback, "UnknownSymbol: no such symbol: XY");
    assert_eq!(error.payload.unwrap().to_string(), "\"XY\"");
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn what_does_not_exist_is_refused_without_an_ack() {
    let cases = [
        (Refusal::NoNamespace, "ModuleNotExposed"),
        (Refusal::NoEndpoint, "AttributeError"),
        (
            Refusal::BadArguments("args.n: expected str, came int 3".to_owned(), None),
            "TypeError",
        ),
        (
            Refusal::Forbidden("only for admins".to_owned()),
            "PermissionError",
        ),
    ];
    for (why, name) in cases {
        let mut pair = Pair::new();
        let (caller, callee) = pair.open(Kind::Context, Streams::BOTH);
        pair.skip();
        pair.callee.session.refuse(callee, why);
        pair.tells(&format!("< Error A {name} from srv"));
        assert!(matches!(pair.caller.end(caller), End::Refused(error) if error.boxed_type == name));
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }
}

#[test]
fn an_asyncgen_ends_by_stop_and_is_closed_by_a_cancel_request() {
    let mut pair = Pair::new();
    let streams = Streams {
        sends: false,
        receives: true,
    };
    let (caller, callee) = pair.open(Kind::Asyncgen, streams);
    pair.callee
        .session
        .accept(
            callee,
            Kind::Asyncgen,
            Streams {
                sends: true,
                receives: false,
            },
        )
        .unwrap();
    for n in 0..2 {
        pair.callee.session.send(callee, number(n)).unwrap();
    }
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(0)))
        .unwrap();
    pair.tells(
        "> Start A demo.ep {\"n\": 3}
         < StartAck A Asyncgen
         < Yield A 0
         < Yield A 1
         < Stop A
         > Start B self._cancel_task {\"cid\": \"A\"}
         < StartAck B Asyncfunc
         < CancelAck B true",
    );
    assert_eq!(pair.caller.items(caller), ["0", "1", "Done"]);
    assert_eq!(
        pair.caller.end(caller),
        End::Returned(scipp_protocol::Any::nil())
    );
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn an_asyncgen_that_fails_is_stopped_and_closed_as_well() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(
        Kind::Asyncgen,
        Streams {
            sends: false,
            receives: true,
        },
    );
    pair.callee
        .session
        .accept(
            callee,
            Kind::Asyncgen,
            Streams {
                sends: true,
                receives: false,
            },
        )
        .unwrap();
    pair.skip();
    let failure = Failure {
        name: "RuntimeError".to_owned(),
        text: "boom".to_owned(),
        payload: None,
    };
    pair.callee
        .session
        .finish(callee, Terminal::Error(failure))
        .unwrap();
    pair.tells(
        "< Error A RuntimeError from srv
         > Stop A
         > Start B self._cancel_task {\"cid\": \"A\"}
         < StartAck B Asyncfunc
         < CancelAck B true",
    );
    assert!(matches!(pair.caller.end(caller), End::Failed(_)));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_context_without_a_stream_says_no_stop() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Context, Streams::NONE);
    pair.callee
        .session
        .accept(callee, Kind::Context, Streams::NONE)
        .unwrap();
    pair.callee.session.started(callee, number(11)).unwrap();
    pair.callee.session.stop(callee);
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(12)))
        .unwrap();
    pair.caller.session.stop(caller);
    pair.tells(
        "> Start A demo.ep {\"n\": 3}\n < StartAck A Context\n < Started A 11\n < Return A 12",
    );
    assert_eq!(pair.caller.session.take_started(caller), Some(any(11)));
    assert_eq!(pair.caller.session.take_started(caller), None);
    assert_eq!(pair.caller.items(caller), ["Done"]);
    assert_eq!(pair.caller.end(caller), End::Returned(any(12)));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_stop_that_was_heard_is_not_answered() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    pair.caller.session.send(caller, number(1)).unwrap();
    pair.caller.session.stop(caller);
    assert_eq!(
        pair.caller.session.send(caller, number(2)),
        Err(SendError::Stopped)
    );
    pair.drive();
    // Until the callee has come to the Stop it may still send.
    pair.callee.session.send(callee, number(10)).unwrap();
    assert_eq!(pair.callee.items(callee), ["1", "Done"]);
    assert_eq!(
        pair.callee.session.send(callee, number(11)),
        Err(SendError::Stopped)
    );
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(2)))
        .unwrap();
    pair.tells("> Yield A 1\n > Stop A\n < Yield A 10\n < Return A 2");
    // What was on the way when the caller stopped is not lost.
    assert_eq!(pair.caller.items(caller), ["10", "Done"]);
    assert_eq!(pair.caller.end(caller), End::Returned(any(2)));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn the_callee_stops_first_or_is_stopped_by_its_end() {
    for explicit in [true, false] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.context();
        pair.skip();
        pair.callee.session.send(callee, number(0)).unwrap();
        if explicit {
            pair.callee.session.stop(callee);
            pair.callee.session.stop(callee);
        }
        pair.callee
            .session
            .finish(callee, Terminal::Return(number(9)))
            .unwrap();
        pair.tells("< Yield A 0\n < Stop A\n < Return A 9");
        assert_eq!(pair.caller.items(caller), ["0", "Done"]);
        assert_eq!(
            pair.caller.session.send(caller, number(1)),
            Err(SendError::Ended)
        );
        pair.caller.session.stop(caller);
        pair.caller.session.forget(pair.now, caller);
        pair.tells("");
        pair.leaves_nothing();
    }
}

#[test]
fn two_stops_may_cross() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    pair.caller.session.stop(caller);
    pair.callee.session.stop(callee);
    pair.tells("> Stop A\n < Stop A");
    // What comes after one's own Stop is late for a callee.
    assert_eq!(pair.callee.items(callee), ["Done"]);
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(1)))
        .unwrap();
    pair.tells("< Return A 1");
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_caller_may_send_before_it_has_heard_anything() {
    let mut pair = Pair::new();
    let caller = pair
        .caller
        .session
        .open(pair.now, open(Kind::Context, Streams::BOTH))
        .unwrap();
    pair.caller.session.send(caller, number(1)).unwrap();
    pair.drive();
    let callee = pair.callee.incoming();
    pair.callee
        .session
        .accept(callee, Kind::Context, Streams::BOTH)
        .unwrap();
    assert_eq!(pair.callee.items(callee), ["1"]);
    // The callee may not: a plain caller would take it for the first value.
    assert_eq!(
        pair.callee.session.send(callee, number(2)),
        Err(SendError::Misuse(Misuse::NotStarted))
    );
}

#[test]
fn a_caller_that_waits_only_for_the_result_drops_the_items() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    for n in 0..40 {
        pair.callee.session.send(callee, number(n)).unwrap();
    }
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(1)))
        .unwrap();
    pair.drive();
    assert_eq!(pair.caller.end(caller), End::Returned(any(1)));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_bad_item_ends_the_callee_with_the_item_shown() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    pair.caller
        .session
        .send(caller, payload("not a point"))
        .unwrap();
    pair.drive();
    let Some(scipp_protocol::Taken::Item(item)) = pair.callee.session.take_item(callee) else {
        panic!("no item")
    };
    let terminal = Terminal::BadPayload {
        kind: scipp_protocol::BadKind::Yield,
        text: "ep.accepts: expected Point, came str".to_owned(),
        payload: item,
    };
    pair.callee.session.finish(callee, terminal).unwrap();
    pair.tells(
        "> Yield A \"not a point\"
         < Stop A
         < Error A MsgTypeError from srv bad Yield \"not a point\"",
    );
    assert!(matches!(pair.caller.end(caller), End::Failed(error) if error.bad.is_some()));
}

#[test]
fn an_error_of_somebody_else_is_passed_on_with_its_path() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    let leaf = scipp_protocol::Uid::new("leaf", "l");
    let mut error = scipp_protocol::RemoteError::new(&leaf, "ValueError", "leaf text");
    error.traceback = "Traceback\n  /secret/path\nValueError: leaf text".to_owned();
    error.payload = Some(any(1));
    pair.callee
        .session
        .finish(callee, Terminal::Relay(Box::new(error)))
        .unwrap();
    pair.tells("< Stop A\n < Error A ValueError from leaf/srv");
    let End::Failed(error) = pair.caller.end(caller) else {
        panic!("not failed")
    };
    assert_eq!(
        (error.source, error.traceback.as_str()),
        (leaf, "ValueError: leaf text")
    );
}

#[test]
fn a_callee_of_another_kind_is_cancelled_and_reported() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Asyncfunc, Streams::NONE);
    pair.callee
        .session
        .accept(callee, Kind::Context, Streams::NONE)
        .unwrap();
    pair.drive();
    assert!(pair.callee.cause(callee).is_some());
    pair.give_in(callee);
    assert!(matches!(pair.caller.end(caller), End::Broken(_)));
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn our_own_mistakes_are_refused_and_nothing_is_sent() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Context, Streams::NONE);
    pair.skip();
    let (a, b) = (&mut pair.caller.session, &mut pair.callee.session);
    assert_eq!(b.started(callee, number(1)), Err(Misuse::Started));
    assert_eq!(
        b.send(callee, number(1)),
        Err(SendError::Misuse(Misuse::Accept))
    );
    assert_eq!(
        a.send(caller, number(1)),
        Err(SendError::Misuse(Misuse::NoStream))
    );
    assert_eq!(
        a.accept(caller, Kind::Context, Streams::NONE),
        Err(Misuse::NoDialog)
    );
    b.accept(callee, Kind::Context, Streams::BOTH).unwrap();
    assert_eq!(
        b.accept(callee, Kind::Context, Streams::BOTH),
        Err(Misuse::Accept)
    );
    pair.tells("< StartAck A Context");
    let b = &mut pair.callee.session;
    for bytes in [&b"\xc0\xc0"[..], b"", b"\x91"] {
        assert_eq!(
            b.started(callee, bytes.to_vec().into()),
            Err(Misuse::NotOneValue)
        );
    }
    b.started(callee, number(1)).unwrap();
    assert_eq!(b.started(callee, number(1)), Err(Misuse::Started));
    pair.tells("< Started A 1");
    // A terminal that cannot be sent ends the dialog all the same.
    let b = &mut pair.callee.session;
    let large = payload(&"x".repeat(1024 * 1024));
    assert!(matches!(
        b.send(callee, large.clone()),
        Err(SendError::Misuse(Misuse::TooLarge { .. }))
    ));
    assert!(matches!(
        b.finish(callee, Terminal::Return(large)),
        Err(Misuse::TooLarge { .. })
    ));
    pair.tells("< Stop A\n < Error A RuntimeError from srv");
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn a_context_of_ours_never_returns_without_started() {
    let mut pair = Pair::new();
    let (_, callee) = pair.open(Kind::Context, Streams::BOTH);
    pair.callee
        .session
        .accept(callee, Kind::Context, Streams::BOTH)
        .unwrap();
    pair.skip();
    assert_eq!(
        pair.callee
            .session
            .finish(callee, Terminal::Return(number(1))),
        Err(Misuse::NotStarted)
    );
    pair.tells("< Error A RuntimeError from srv");
}
