//! What only scipp peers say to each other: each feature alone, and everything that can be agreed on.

use std::time::Duration;

use scipp_protocol::{
    CancelCause, Cause, End, Event, Feature, Features, Kind, Limits, Open, OpenError, Streams,
    Terminal, TraceContext, Violation,
};

use crate::pair::{DOWN, Pair, config, number, open, payload, with_features};

fn only(feature: Feature) -> Pair {
    let features = Features::from_iter([feature]);
    Pair::offering(features, features)
}

/// Every set of features.
fn sets() -> impl Iterator<Item = Features> {
    (0_u32..1 << Feature::ALL.len()).map(|bits| {
        let all = Feature::ALL.into_iter().enumerate();
        all.filter(|(at, _)| bits & (1 << at) != 0)
            .map(|(_, feature)| feature)
            .collect()
    })
}

#[test]
fn what_one_end_alone_offers_is_off() {
    for offered in sets() {
        for (caller, callee) in [(offered, Features::NONE), (Features::NONE, offered)] {
            let pair = Pair::offering(caller, callee);
            assert_eq!(pair.caller.session.features(), Features::NONE);
            assert_eq!(pair.callee.session.features(), Features::NONE);
        }
        let pair = Pair::offering(offered, Features::all());
        assert_eq!(pair.caller.session.features(), offered);
        assert_eq!(pair.callee.session.features(), offered);
    }
}

#[test]
fn without_its_feature_a_message_has_no_place() {
    for (feature, name, bytes) in [
        (
            Feature::Cancel,
            "Cancel",
            b"\x82\xa8msg_type\xa6Cancel\xa3cid\xa1x".as_slice(),
        ),
        (
            Feature::Credit,
            "Credit",
            b"\x83\xa8msg_type\xa6Credit\xa3cid\xa1x\xa1n\x01",
        ),
        (Feature::Goodbye, "Goodbye", b"\x81\xa8msg_type\xa7Goodbye"),
        (Feature::Ping, "Ping", b"\x81\xa8msg_type\xa4Ping"),
        (Feature::Ping, "Pong", b"\x81\xa8msg_type\xa4Pong"),
    ] {
        let mut frame = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        frame.extend_from_slice(bytes);
        for features in sets() {
            let mut pair = Pair::offering(features, features);
            pair.callee.inbound.extend_from_slice(&frame);
            pair.callee.receive(pair.now);
            let fault = pair.callee.fault.map(|fault| fault.violation);
            let expected = (!features.has(feature)).then_some(Violation::Unexpected { came: name });
            assert_eq!(fault, expected, "{name} with {features:?}");
        }
    }
}

#[test]
fn a_cancel_is_one_message_and_its_answer_is_the_terminal() {
    for (kind, streams) in [
        (Kind::Asyncfunc, Streams::NONE),
        (Kind::Asyncgen, DOWN),
        (Kind::Context, Streams::NONE),
    ] {
        let mut pair = only(Feature::Cancel);
        let (caller, callee) = pair.run(kind, streams);
        pair.skip();
        pair.caller.session.cancel(pair.now, caller);
        pair.caller.session.cancel(pair.now, caller);
        pair.tells("> Cancel A");
        assert!(matches!(
            pair.callee.cause(callee),
            Some(Cause::Requested(_))
        ));
        pair.give_in(callee);
        pair.tells("< Error A ContextCancelled from srv canceller cli");
        assert!(matches!(pair.caller.end(caller), End::Cancelled(_)));
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }
}

#[test]
fn a_cancel_passes_items_and_nothing_else() {
    let mut pair = only(Feature::Cancel);
    let (caller, callee) = pair.context();
    pair.skip();
    let session = &mut pair.caller.session;
    session.send(caller, number(1)).unwrap();
    session.send(caller, number(2)).unwrap();
    session.cancel(pair.now, caller);
    pair.tells("> Cancel A\n > Yield A 1\n > Yield A 2");
    pair.give_in(callee);

    let (caller, callee) = pair.context();
    pair.skip();
    let session = &mut pair.caller.session;
    session.send(caller, number(1)).unwrap();
    session.stop(caller);
    session.cancel(pair.now, caller);
    pair.tells("> Yield B 1\n > Stop B\n > Cancel B");
    pair.give_in(callee);
}

#[test]
fn a_cancel_may_come_late_and_is_paid_for() {
    for kind in [Kind::Asyncfunc, Kind::Asyncgen] {
        let mut pair = only(Feature::Cancel);
        let (caller, callee) = pair.run(kind, Streams::NONE);
        // Both at once: the result is on its way while the cancel is.
        pair.caller.session.cancel(pair.now, caller);
        let end = Terminal::Return(number(7));
        pair.callee.session.finish(callee, end).unwrap();
        pair.drive();
        // A generator that was cancelled would have said so.
        assert!(matches!(pair.caller.end(caller), End::Returned(_)));
        pair.caller.session.forget(pair.now, caller);
        pair.leaves_nothing();
    }

    let mut pair = only(Feature::Cancel);

    let flood = b"\x82\xa8msg_type\xa6Cancel\xa3cid\xa1x";
    let mut frame = u32::try_from(flood.len()).unwrap().to_le_bytes().to_vec();
    frame.extend_from_slice(flood);
    let max = Limits::default().cancels_unknown_max;
    pair.callee.inbound.extend(frame.repeat(max as usize + 2));
    pair.callee.receive(pair.now);
    let fault = pair.callee.fault.map(|fault| fault.violation);
    assert_eq!(fault, Some(Violation::CancelFlood { max }));
}

#[test]
fn items_go_as_far_as_they_are_granted() {
    let mut pair = only(Feature::Credit);
    let (caller, callee) = pair.context();
    pair.skip();
    let mut sent = 0;
    while pair.callee.session.send(callee, number(sent)).is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 16);
    pair.drive();
    assert!(pair.lines().iter().all(|line| line.starts_with("< Yield")));
    pair.skip();
    // Whoever takes nothing grants nothing.
    assert!(pair.callee.session.is_full(callee));
    pair.callee.events.clear();
    pair.caller.session.take_item(caller);
    pair.tells("> Credit A 49");
    assert!(pair.callee.events.contains(&Event::Room(callee)));
    while pair.callee.session.send(callee, number(sent)).is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 16 + 49);
    pair.drive();
    assert_eq!(pair.caller.items(caller).len(), 64);
}

#[test]
fn a_long_stream_flows_in_both_directions_without_a_question() {
    let mut pair = only(Feature::Credit);
    let (caller, callee) = pair.context();
    pair.skip();
    let (mut up, mut down) = (0_u64, 0_u64);
    while up < 1_000 || down < 1_000 {
        while up < 1_000 && pair.caller.session.send(caller, number(1)).is_ok() {
            up += 1;
        }
        while down < 1_000 && pair.callee.session.send(callee, number(2)).is_ok() {
            down += 1;
        }
        pair.drive();
        pair.caller.items(caller);
        pair.callee.items(callee);
    }
    pair.drive();
    let other = pair
        .lines()
        .iter()
        .filter(|line| !line.contains("Yield"))
        .collect::<Vec<_>>();
    assert!(
        other.iter().all(|line| line.contains("Credit A")),
        "{other:?}"
    );
    // One for each half of the window of 64.
    assert!(other.len() <= 2 * (1_000 / 32 + 1), "{}", other.len());
}

#[test]
fn an_item_that_was_not_granted_ends_the_session() {
    let mut pair = only(Feature::Credit);
    let (caller, _callee) = pair.context();
    for _ in 0..16 {
        pair.caller.session.send(caller, number(1)).unwrap();
    }
    let bytes = pair.caller.transmit();
    // The last item once more.
    let frame = bytes.len() / 16;
    pair.callee.inbound.extend_from_slice(&bytes);
    pair.callee
        .inbound
        .extend_from_slice(bytes.get(bytes.len() - frame..).unwrap());
    pair.callee.receive(pair.now);
    let fault = pair.callee.fault.map(|fault| fault.violation);
    assert!(
        matches!(fault, Some(Violation::NoCredit { .. })),
        "{fault:?}"
    );
}

#[test]
fn items_that_nobody_wants_cost_their_sender_nothing() {
    let mut pair = only(Feature::Credit);
    let (caller, callee) = pair.context();
    // The caller has left: what comes is dropped until the callee is over.
    pair.caller.session.forget(pair.now, caller);
    pair.drive();
    for _ in 0..1_000 {
        pair.callee.session.send(callee, number(1)).unwrap();
        pair.drive();
    }
    pair.give_in(callee);
    pair.leaves_nothing();
}

#[test]
fn credit_is_for_some_items_and_not_for_too_many() {
    // One of the sixteen at first is spent.
    let too_many = |items: u32| 15 + u64::from(items);
    for (items, came) in [
        (0_u32, Some(0_u64)),
        (65_520, None),
        (65_521, Some(too_many(65_521))),
        (u32::MAX, Some(too_many(u32::MAX))),
    ] {
        let mut pair = only(Feature::Credit);
        let (_caller, callee) = pair.context();
        pair.callee.session.send(callee, number(1)).unwrap();
        pair.skip();
        let cid = pair.id("A");
        let mut bytes = b"\x83\xa8msg_type\xa6Credit\xa3cid\xd9\x24".to_vec();
        bytes.extend_from_slice(cid.as_bytes());
        bytes.extend_from_slice(b"\xa1n\xce");
        bytes.extend_from_slice(&items.to_be_bytes());
        let mut frame = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        frame.extend_from_slice(&bytes);
        pair.callee.inbound.extend_from_slice(&frame);
        pair.callee.receive(pair.now);
        let fault = pair.callee.fault.map(|fault| fault.violation);
        let max = 65_535;
        let expected = came.map(|came| Violation::Credit { cid, max, came });
        assert_eq!(fault, expected);
    }
}

#[test]
fn a_start_says_how_much_time_is_left() {
    let mut pair = only(Feature::Deadline);
    let deadline = pair.now + Duration::from_millis(1_500);
    let mut opened = open(Kind::Asyncfunc, Streams::NONE);
    opened.deadline = Some(deadline);
    let id = pair.caller.session.open(pair.now, opened).unwrap();
    pair.drive();
    let callee = pair.callee.incoming();
    let incoming = pair.callee.session.incoming(callee).unwrap();
    assert_eq!(incoming.deadline, Some(deadline));
    pair.caller.session.cancel(pair.now, id);

    let mut plain = Pair::new();
    let mut opened = open(Kind::Asyncfunc, Streams::NONE);
    opened.deadline = Some(deadline);
    plain.caller.session.open(plain.now, opened).unwrap();
    plain.drive();
    let callee = plain.callee.incoming();
    let incoming = plain.callee.session.incoming(callee).unwrap();
    assert_eq!(incoming.deadline, None);
}

#[test]
fn a_deadline_does_not_grow_where_nothing_was_heard_for_long() {
    let mut pair = only(Feature::Deadline);
    pair.now += Duration::from_secs(60);
    let deadline = pair.now + Duration::from_secs(1);
    let mut opened = open(Kind::Asyncfunc, Streams::NONE);
    opened.deadline = Some(deadline);
    pair.caller.session.open(pair.now, opened).unwrap();
    pair.drive();
    let callee = pair.callee.incoming();
    let incoming = pair.callee.session.incoming(callee).unwrap();
    assert_eq!(incoming.deadline, Some(deadline));
}

#[test]
fn who_leaves_says_so_and_nobody_opens_a_dialog_there() {
    let mut pair = only(Feature::Goodbye);
    let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
    pair.skip();
    pair.callee.session.drain();
    pair.callee.session.drain();
    pair.tells("< Goodbye");
    assert!(pair.caller.events.contains(&Event::PeerLeaves));
    let refused = pair
        .caller
        .session
        .open(pair.now, open(Kind::Asyncfunc, Streams::NONE));
    assert_eq!(refused, Err(OpenError::PeerLeaves));
    // What runs goes on.
    let end = Terminal::Return(payload("done"));
    pair.callee.session.finish(callee, end).unwrap();
    pair.tells("< Return A \"done\"");
    pair.callee.collect();
    assert!(pair.callee.events.contains(&Event::Drained));
    assert!(matches!(pair.caller.end(caller), End::Returned(_)));
}

#[test]
fn who_leaves_before_the_other_is_known_says_so_afterwards() {
    let features = Features::from_iter([Feature::Goodbye]);
    let mut pair = Pair::with(
        with_features(config("cli", 1), features),
        with_features(config("srv", 2), features),
    );
    pair.callee.session.drain();
    pair.tells("> Aid cli\n < Aid srv\n < Goodbye");
}

#[test]
fn a_silent_peer_is_asked_and_one_that_does_not_answer_is_given_up() {
    let mut pair = only(Feature::Ping);
    pair.skip();
    pair.wait(Duration::from_secs(50));
    assert_eq!(pair.caller.fault, None);
    let lines = pair.lines().to_vec();
    assert!(
        lines.iter().any(|line| line == "> Ping") && lines.iter().any(|line| line == "< Pong"),
        "{lines:?}"
    );

    let features = Features::from_iter([Feature::Ping]);
    let mut pair = Pair::offering(features, features);
    let (id, _) = pair.run(Kind::Asyncfunc, Streams::NONE);
    let start = pair.now;
    while pair.caller.fault.is_none() {
        let due = pair.caller.session.deadline().expect("a point in time");
        if let Err(fault) = pair.caller.session.tick(due) {
            pair.caller.fault = Some(fault);
            assert_eq!(due - start, Limits::default().silence_max);
        }
        // The link is cut: what it says goes nowhere.
        pair.caller.transmit();
    }
    let fault = pair.caller.fault.clone().map(|fault| fault.violation);
    assert!(matches!(fault, Some(Violation::Silent { .. })), "{fault:?}");
    assert!(matches!(pair.caller.end(id), End::InDoubt(Some(_))));
}

#[test]
fn the_end_of_a_cancelled_task_says_why_it_was_asked() {
    for features in sets() {
        let mut pair = Pair::offering(features, Features::all());
        let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
        let end = Terminal::Cancelled {
            canceller: None,
            cause: CancelCause::Shutdown,
            text: "leaving".to_owned(),
        };
        pair.callee.session.finish(callee, end).unwrap();
        pair.drive();
        let End::Cancelled(cancelled) = pair.caller.end(caller) else {
            panic!("it was cancelled");
        };
        let on = features.has(Feature::Errors);
        assert_eq!(cancelled.cause, on.then_some(CancelCause::Shutdown));
    }
}

#[test]
fn a_start_says_which_trace_it_belongs_to() {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace: TraceContext = text.parse().unwrap();
    let trace = trace.with_state("a=1");
    for features in sets() {
        let mut pair = Pair::offering(features, Features::all());
        let open = Open {
            trace: Some(trace.clone()),
            ..open(Kind::Asyncfunc, Streams::NONE)
        };
        pair.caller.session.open(pair.now, open).unwrap();
        pair.drive();
        let incoming = pair.callee.events.iter().find_map(|event| match event {
            Event::Incoming(id) => Some(*id),
            _ => None,
        });
        let call = pair.callee.session.incoming(incoming.unwrap()).unwrap();
        let on = features.has(Feature::Trace);
        assert_eq!(call.trace, on.then(|| trace.clone()));
    }
}

#[test]
fn every_kind_of_dialog_works_with_everything_that_can_be_agreed_on() {
    for features in sets() {
        let mut pair = Pair::offering(features, Features::all());

        let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
        let end = Terminal::Return(number(7));
        pair.callee.session.finish(callee, end).unwrap();
        pair.drive();
        assert!(matches!(pair.caller.end(caller), End::Returned(_)));
        pair.caller.session.forget(pair.now, caller);

        let (caller, callee) = pair.run(Kind::Asyncgen, DOWN);
        for n in 0..3 {
            pair.callee.session.send(callee, number(n)).unwrap();
        }
        let end = Terminal::Return(payload("ignored"));
        pair.callee.session.finish(callee, end).unwrap();
        pair.drive();
        assert_eq!(pair.caller.items(caller), ["0", "1", "2", "Done"]);
        assert!(matches!(pair.caller.end(caller), End::Returned(_)));
        pair.caller.session.forget(pair.now, caller);

        let (caller, callee) = pair.context();
        for n in 0..200 {
            for (session, id) in [
                (&mut pair.caller.session, caller),
                (&mut pair.callee.session, callee),
            ] {
                session.send(id, number(n)).unwrap();
            }
            pair.drive();
            assert_eq!(pair.caller.items(caller), [n.to_string()], "{features:?}");
            assert_eq!(pair.callee.items(callee), [n.to_string()], "{features:?}");
        }
        pair.caller.session.stop(caller);
        let end = Terminal::Return(payload("sum"));
        pair.callee.session.finish(callee, end).unwrap();
        pair.drive();
        assert!(matches!(pair.caller.end(caller), End::Returned(_)));
        pair.caller.session.forget(pair.now, caller);

        for (kind, streams) in [
            (Kind::Asyncfunc, Streams::NONE),
            (Kind::Asyncgen, DOWN),
            (Kind::Context, Streams::BOTH),
        ] {
            let (caller, callee) = pair.run(kind, streams);
            pair.caller.session.cancel(pair.now, caller);
            pair.drive();
            pair.give_in(callee);
            assert!(
                matches!(pair.caller.end(caller), End::Cancelled(_)),
                "{kind:?} with {features:?}"
            );
            pair.caller.session.forget(pair.now, caller);
        }
        pair.drive();
        for peer in [&pair.caller, &pair.callee] {
            assert_eq!(peer.fault, None, "{features:?}");
            assert_eq!(peer.session.dialogs(), 0, "{features:?}");
        }
    }
}
