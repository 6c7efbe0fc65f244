//! The feature `compact`: dialogs with numbers, and messages as lists.

use std::time::Duration;

use scipp_protocol::{
    Any, BadKind, CancelCause, End, Failure, Feature, Features, Kind, Limits, Open, Refusal,
    RemoteError, Session, Streams, Taken, Terminal, TraceContext, Uid, Violation,
};

use crate::lone::{Lone, compact_aid, frame, framed};
use crate::pair::{Pair, cancelled, config, number, open, payload, with_features};

const COMPACT: Features = Features::NONE.with(Feature::Compact);

fn pair() -> Pair {
    Pair::offering(COMPACT, COMPACT)
}

/// What the caller's end has to say, as one piece of bytes.
fn said(pair: &mut Pair) -> Vec<u8> {
    pair.caller.transmit().to_vec()
}

#[test]
fn a_small_item_has_seven_bytes_around_it() {
    let mut pair = pair();
    let (caller, callee) = pair.context();
    pair.caller.session.send(caller, number(5)).unwrap();
    assert_eq!(said(&mut pair), b"\x04\0\0\0\x93\x00\x00\x05");
    pair.callee.session.send(callee, number(5)).unwrap();
    assert_eq!(
        pair.callee.transmit().to_vec(),
        b"\x04\0\0\0\x93\x00\x00\x05"
    );
}

#[test]
fn each_end_numbers_its_dialogs_and_no_number_comes_again() {
    let mut pair = pair();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let start = |session: &mut Session, now| {
            let opened = session.open(now, open(Kind::Asyncfunc, Streams::NONE));
            opened.expect("opens")
        };
        let ours = start(&mut pair.caller.session, pair.now);
        let theirs = start(&mut pair.callee.session, pair.now);
        let (there, back) = (pair.caller.transmit(), pair.callee.transmit());
        seen.push((there[6], back[6]));
        pair.callee.inbound.extend_from_slice(&there);
        pair.caller.inbound.extend_from_slice(&back);
        pair.callee.receive(pair.now);
        pair.caller.receive(pair.now);
        for (peer, id) in [(&mut pair.callee, ours), (&mut pair.caller, theirs)] {
            let callee = peer.incoming();
            peer.session.refuse(callee, Refusal::NoEndpoint);
            // They are places, and the ends use the same ones.
            assert_eq!(callee.place(), 1 - id.place());
        }
        pair.drive();
        for (peer, id) in [(&mut pair.caller, ours), (&mut pair.callee, theirs)] {
            assert!(matches!(peer.end(id), End::Refused(_)));
            peer.session.forget(pair.now, id);
        }
    }
    assert_eq!(seen, [(0, 1), (2, 3), (4, 5)]);
    pair.leaves_nothing();
}

#[test]
fn only_what_both_ends_offer_is_said_in_lists() {
    for (caller, callee) in [
        (COMPACT, Features::NONE),
        (Features::NONE, COMPACT),
        (Features::all(), Features::all().without(Feature::Compact)),
        (COMPACT, COMPACT),
    ] {
        let mut pair = Pair::offering(caller, callee);
        let before = pair.maps;
        assert_eq!((before, pair.lists), (2, 0));
        let (ours, theirs) = pair.context();
        pair.caller.session.send(ours, number(1)).unwrap();
        pair.callee.session.send(theirs, number(2)).unwrap();
        let end = Terminal::Return(number(7));
        pair.callee.session.finish(theirs, end).unwrap();
        pair.drive();
        let on = caller.and(callee).has(Feature::Compact);
        let lists = if on { pair.lists } else { pair.maps - before };
        assert_eq!(
            (lists, pair.maps + pair.lists),
            (7, 9),
            "{caller:?} {callee:?}"
        );
        assert!(matches!(pair.caller.end(ours), End::Returned(_)));
    }
}

#[test]
fn a_dialog_from_before_the_peer_was_known_goes_on_under_its_text() {
    let offers = |name, seed| with_features(config(name, seed), COMPACT);
    let mut pair = Pair::with(offers("cli", 1), offers("srv", 2));
    let opened = open(Kind::Context, Streams::BOTH);
    let early = pair.caller.session.open(pair.now, opened).unwrap();
    pair.tells("> Aid cli\n < Aid srv\n > Start A demo.ep {\"n\": 3}");
    assert!(pair.id("A").len() == 36, "{}", pair.id("A"));
    assert_eq!((pair.maps, pair.lists), (2, 1));
    let callee = pair.callee.incoming();
    let session = &mut pair.callee.session;
    session
        .accept(callee, Kind::Context, Streams::BOTH)
        .unwrap();
    session.started(callee, number(1)).unwrap();
    session.send(callee, number(2)).unwrap();
    pair.tells("< StartAck A Context\n < Started A 1\n < Yield A 2");
    pair.caller.session.send(early, number(3)).unwrap();
    pair.tells("> Yield A 3");
    let (later, _) = pair.open(Kind::Asyncfunc, Streams::NONE);
    pair.tells("> Start B demo.ep {\"n\": 3}");
    assert_eq!(pair.id("B"), "connector#0");
    pair.caller.session.cancel(pair.now, early);
    pair.caller.session.cancel(pair.now, later);
    pair.tells(
        "> Start C self._cancel_task {\"cid\": \"A\"}
         > Start D self._cancel_task {\"cid\": \"B\"}
         < StartAck C Asyncfunc
         < StartAck D Asyncfunc",
    );
    pair.give_in(callee);
    let end = pair.caller.end(early);
    assert!(matches!(end, End::Cancelled(_)), "{end:?}");
    assert_eq!(pair.maps, 2);
}

#[test]
fn a_peer_may_begin_in_a_map_and_go_on_in_lists() {
    let mut lone = Lone::compact();
    // It did not know us when it said this.
    let start = lone.message("Start x1");
    lone.hears_bytes(&frame(&start));
    lone.serves(Kind::Context, Streams::BOTH);
    lone.hears("Yield x1 7");
    let item = lone.message("Yield x1 8");
    lone.hears_bytes(&frame(&item));
    let id = lone.peer.incoming();
    assert_eq!(lone.peer.items(id), ["7", "8"]);
    // And it may say all the rest so, too.
    lone.hears("Start connector#0");
    assert_ne!(lone.peer.incoming(), id);
    assert_eq!(lone.peer.fault, None);
}

/// A dialog's text may look like a number, and is none.
#[test]
fn a_number_and_its_text_are_two_dialogs() {
    let mut lone = Lone::compact();
    for text in ["connector#0", "0", "\0"] {
        let start = crate::lone::start(text, "demo", "ep", Any::encode(&empty()));
        lone.hears_bytes(&frame(
            &scipp_protocol::wire::shuttle::messages::Message::from(start),
        ));
    }
    lone.hears("Start connector#0");
    assert_eq!((lone.peer.session.dialogs(), &lone.peer.fault), (4, &None));
}

fn empty() -> scipp_codec::Map<String, u8> {
    scipp_codec::Map::new()
}

#[test]
fn a_new_dialog_has_a_number_of_its_openers_above_all_before() {
    // The peer is the connector.
    let too_large = &(u64::MAX - 1).to_string();
    for (before, came, least) in [
        ("", "acceptor#1", 0),
        ("", "acceptor#3", 0),
        ("Start connector#0", "connector#0", 2),
        ("Start connector#0", "acceptor#3", 2),
        ("Start connector#4", "connector#2", 6),
        ("Start connector#4\nError connector#4 E", "connector#4", 6),
        ("CancelActor connector#4", "connector#4", 6),
        ("Cancel connector#4 x", "connector#2", 6),
        ("", &format!("connector#{too_large}"), 0),
    ] {
        for opening in ["Start", "Cancel", "Read", "CancelActor"] {
            let mut lone = Lone::compact();
            lone.hears(before);
            assert_eq!(lone.peer.fault, None);
            lone.hears(&format!("{opening} {came} x"));
            let came = came.split_once('#').unwrap().1.parse().unwrap();
            let expected = Violation::DialogNumber { least, came };
            assert_eq!(lone.fault().violation, expected, "{opening} after {before}");
        }
    }
    let mut lone = Lone::compact();
    lone.hears("Start connector#0\nStart connector#4294967296\nStart connector#4294967298");
    assert_eq!((lone.peer.session.dialogs(), &lone.peer.fault), (3, &None));
    // The last one that can be given; after it there is none.
    lone.hears("Start connector#18446744073709551612\nYield connector#4294967296 1");
    assert_eq!(lone.peer.fault, None);
}

#[test]
fn a_number_of_ours_is_not_the_peers_to_give() {
    let mut lone = Lone::compact();
    lone.calls(Kind::Context, Streams::BOTH);
    assert_eq!(lone.scribe.id("A"), "acceptor#1");
    lone.hears("Start A");
    let expected = Violation::DialogNumber { least: 0, came: 1 };
    assert_eq!(lone.fault().violation, expected);
}

#[test]
fn what_is_said_of_a_number_that_nobody_has_is_for_nobody() {
    let mut lone = Lone::compact();
    let id = lone.calls(Kind::Context, Streams::BOTH);
    lone.hears("StartAck A context\nStarted A 1");
    for cid in ["connector#0", "acceptor#3", "acceptor#18446744073709551615"] {
        for message in [
            "StartAck x context",
            "Started x 1",
            "Yield x 1",
            "Stop x",
            "Return x 1",
            "CancelAck x true",
            "Error x E",
        ] {
            lone.hears(&message.replace('x', cid));
        }
    }
    lone.says("");
    assert_eq!(lone.peer.fault, None);
    // The dialogs that there are don't notice.
    lone.hears("Yield A 7");
    assert_eq!(lone.peer.items(id), ["7"]);
    // Who opened a dialog may cancel it, and nobody else.
    lone.hears("Cancel k A");
    lone.says("StartAck k Asyncfunc\n CancelAck k true");
    let flood = "Cancel k connector#8\n".repeat(Limits::default().cancels_unknown_max as usize);
    lone.hears(&flood);
    assert!(matches!(
        lone.fault().violation,
        Violation::CancelFlood { .. }
    ));
}

#[test]
fn nobody_speaks_in_lists_before_both_are_known() {
    let list = framed(b"\x92\x04\x06");
    let mut lone = Lone::silent(with_features(config("srv", 2), COMPACT));
    lone.hears_bytes(&list);
    let not_aid = Violation::NotAid { came: "a list" };
    assert_eq!(lone.fault().violation, not_aid);
    // The Aid itself is a map.
    let mut lone = Lone::silent(with_features(config("srv", 2), COMPACT));
    lone.hears_bytes(&framed(b"\x94\xa3Aid\xa1n\xa1u\xc0"));
    assert_eq!(lone.fault().violation, not_aid);

    for (ours, theirs) in [
        (Features::NONE, true),
        (Features::all().without(Feature::Compact), true),
        (COMPACT, false),
    ] {
        let mut lone = Lone::silent(with_features(config("srv", 2), ours));
        if theirs {
            lone.hears_bytes(&compact_aid());
        } else {
            lone.hears("Aid py");
        }
        lone.hears_bytes(&list);
        let violation = &lone.fault().violation;
        assert!(matches!(violation, Violation::Malformed(_)), "{violation}");
    }
}

#[test]
fn all_that_a_start_says_arrives() {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace: TraceContext = text.parse().unwrap();
    for with_state in [true, false] {
        let mut pair = Pair::offering(Features::all(), Features::all());
        let trace = if with_state {
            trace.clone().with_state("a=1")
        } else {
            trace.clone()
        };
        let deadline = Some(pair.now + Duration::from_millis(1_500));
        let open = Open {
            deadline,
            fingerprint: Some("0123456789abcdef"),
            trace: Some(trace.clone()),
            ..open(Kind::Asyncfunc, Streams::NONE)
        };
        pair.caller.session.open(pair.now, open.clone()).unwrap();
        pair.drive();
        let callee = pair.callee.incoming();
        let came = pair.callee.session.incoming(callee).unwrap();
        assert_eq!((came.namespace, came.func), (open.namespace, open.func));
        assert_eq!(came.args.as_bytes(), &open.args);
        assert_eq!(
            came.caller,
            Uid::new("cli", "00000000-0000-4000-8000-000000000001")
        );
        assert_eq!(came.fingerprint.as_deref(), open.fingerprint);
        assert_eq!((came.deadline, came.trace), (deadline, Some(trace)));
    }
}

/// The same terminal in both forms, as the caller is told it.
#[test]
fn every_end_is_told_as_in_a_map() {
    let failure = |payload| {
        Terminal::Error(Failure {
            name: "ValueError".to_owned(),
            text: "text".to_owned(),
            payload,
        })
    };
    let mut relayed = RemoteError::new(&Uid::new("leaf", "l"), "KeyError", "text");
    relayed.sender = Some(Uid::new("sender", "s"));
    relayed.relay_path.push(Uid::new("between", "b"));
    let bad = |kind| Terminal::BadPayload {
        kind,
        text: "text".to_owned(),
        payload: Any::encode(&7_u8),
    };
    let caused = |cause| Terminal::Cancelled {
        canceller: Some(Uid::new("who", "w")),
        cause,
        text: "text".to_owned(),
    };
    let terminals = [
        Terminal::Return(number(7)),
        failure(None),
        failure(Some(number(7))),
        failure(Some(Any::nil().into_bytes())),
        cancelled(),
        caused(CancelCause::Deadline),
        caused(CancelCause::SessionLost),
        Terminal::Relay(Box::new(relayed)),
        bad(BadKind::Yield),
        bad(BadKind::Started),
        bad(BadKind::Return),
    ];
    for terminal in terminals {
        let ends = [Features::all(), Features::all().without(Feature::Compact)].map(|features| {
            let mut pair = Pair::offering(features, features);
            let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
            let session = &mut pair.callee.session;
            session.finish(callee, terminal.clone()).unwrap();
            pair.drive();
            pair.caller.end(caller)
        });
        let [list, map] = ends;
        assert_eq!(list, map, "{terminal:?}");
    }
}

#[test]
fn long_and_many_dialogs_find_their_messages() {
    let mut pair = Pair::offering(Features::all(), Features::all());
    let (old, there) = pair.context();
    for n in 0..300 {
        let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
        pair.caller.session.send(old, number(n)).unwrap();
        let end = Terminal::Return(number(n));
        pair.callee.session.finish(callee, end).unwrap();
        pair.drive();
        assert_eq!(pair.caller.end(caller), End::Returned(Any::encode(&n)));
        pair.caller.session.forget(pair.now, caller);
        let item = pair.callee.session.take_item(there);
        assert_eq!(item, Some(Taken::Item(Any::encode(&n))));
    }
    let end = Terminal::Return(payload("sum"));
    pair.callee.session.finish(there, end).unwrap();
    pair.drive();
    assert!(matches!(pair.caller.end(old), End::Returned(_)));
    pair.caller.session.forget(pair.now, old);
    pair.drive();
    for peer in [&pair.caller, &pair.callee] {
        assert_eq!((peer.session.leftovers(), &peer.fault), (vec![], &None));
    }
}

/// What comes for a dialog of before never reaches a later one in the same place.
#[test]
fn a_late_message_is_for_nobody() {
    let mut pair = Pair::offering(Features::all(), Features::all());
    let (first, callee) = pair.context();
    // On its way while the callee ends.
    pair.caller.session.send(first, number(1)).unwrap();
    let late = pair.caller.transmit();
    let end = Terminal::Return(payload("sum"));
    pair.callee.session.finish(callee, end).unwrap();
    pair.drive();
    pair.caller.session.forget(pair.now, first);
    let (second, callee) = pair.context();
    assert_eq!(first.place(), second.place());
    pair.callee.inbound.extend_from_slice(&late);
    pair.callee.receive(pair.now);
    assert_eq!(pair.callee.items(callee), [""; 0]);
    assert_eq!(pair.callee.fault, None);
}
