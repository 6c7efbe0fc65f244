//! Items: pace, full inboxes, overruns, payloads of the wrong type, errors that are passed on.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use scipp_protocol::{
    Asked, BadKind, Cause, End, Event, Kind, RemoteError, SendError, Streams, Taken, Terminal, Uid,
};

use crate::lone::Lone;
use crate::pair::{DOWN, Pair, config, number, payload};

const UP: Streams = Streams {
    sends: true,
    receives: false,
};

/// Sends until the session says that it is enough.
fn flood(send: &mut dyn FnMut(Bytes) -> Result<(), SendError>) -> u32 {
    let mut sent = 0;
    while send(number(sent)).is_ok() {
        sent += 1;
        assert!(sent < 10_000, "no end");
    }
    sent
}

#[test]
fn a_plain_peer_that_says_nothing_gets_48_items_at_most() {
    let mut lone = Lone::new();
    let id = lone.calls(Kind::Context, Streams::BOTH);
    lone.hears("StartAck A context\n Started A 1");
    let session = &mut lone.peer.session;
    assert_eq!(flood(&mut |item| session.send(id, item)), 48);
    assert!(session.is_full(id));
    let said = lone.said();
    let items = |said: &[String]| said.iter().filter(|l| l.starts_with("Yield")).count();
    let asked = |said: &[String]| {
        let asks = |line: &&String| line.contains("self._cancel_task") && line.contains("#read");
        said.iter().filter(asks).count()
    };
    assert_eq!((items(&said), asked(&said)), (48, 2));
    assert_eq!(said[24], "Start B self._cancel_task {\"cid\": \"A#read\"}");
    // The first answer makes room for as many as were sent before the question.
    lone.hears("StartAck B asyncfunc");
    assert!(lone.peer.session.is_full(id));
    lone.hears("CancelAck B true");
    assert_eq!(lone.peer.events.last(), Some(&Event::Room(id)));
    let session = &mut lone.peer.session;
    assert_eq!(flood(&mut |item| session.send(id, item)), 24);
    assert_eq!(asked(&lone.said()), 1);
}

#[test]
fn a_callee_is_paced_alike() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Asyncgen, UP);
    let session = &mut lone.peer.session;
    assert_eq!(flood(&mut |item| session.send(id, item)), 48);
    let said = lone.said();
    assert_eq!(said[24], "Start A self._cancel_task {\"cid\": \"x1#read\"}");
    assert_eq!(said.len(), 50);
}

#[test]
fn short_streams_ask_nothing() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    for n in 0..23 {
        pair.callee.session.send(callee, number(n)).unwrap();
    }
    pair.drive();
    assert!(pair.lines().iter().all(|line| line.starts_with("< Yield")));
    assert_eq!(pair.caller.items(caller).len(), 23);
}

#[test]
fn between_two_of_ours_a_slow_reader_is_never_overrun_and_holds_nobody_up() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    let (other, other_callee) = pair.context();
    let mut sent = 0;
    let mut taken = 0;
    while taken < 1_000 {
        sent += flood(&mut |item| pair.callee.session.send(callee, item));
        pair.drive();
        assert!(sent - taken <= 64, "{sent} {taken}");
        assert!(pair.caller.session.wants_receive());
        for _ in 0..7 {
            taken += u32::from(pair.caller.session.take_item(caller).is_some());
        }
        pair.drive();
    }
    pair.callee
        .session
        .send(other_callee, payload("still"))
        .unwrap();
    pair.drive();
    assert_eq!(pair.caller.items(other), ["\"still\""]);
    assert_eq!(pair.caller.session.stats().overruns, 0);
    assert_eq!((&pair.caller.fault, &pair.callee.fault), (&None, &None));
}

#[test]
fn a_sender_goes_on_when_its_reader_wants_no_more() {
    // Each way of wanting no more: the callee left its stream; the caller left the dialog; the endpoint takes none.
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    flood(&mut |item| pair.caller.session.send(caller, item));
    pair.drive();
    assert!(pair.caller.session.is_full(caller));
    pair.callee.session.stop(callee);
    pair.drive();
    assert!(pair.caller.events.contains(&Event::Room(caller)));
    assert!(!pair.caller.session.is_full(caller));

    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    flood(&mut |item| pair.callee.session.send(callee, item));
    pair.drive();
    pair.caller.session.forget(pair.now, caller);
    pair.drive();
    assert!(!pair.callee.session.is_full(callee));

    let mut pair = Pair::new();
    let (caller, callee) = pair.open(Kind::Context, Streams::BOTH);
    flood(&mut |item| pair.caller.session.send(caller, item));
    pair.drive();
    pair.callee
        .session
        .accept(callee, Kind::Context, Streams::NONE)
        .unwrap();
    pair.drive();
    assert!(!pair.caller.session.is_full(caller));
}

#[test]
fn a_callee_that_streams_on_unread_is_no_attacker() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.caller.session.forget(pair.now, caller);
    // Its handler ignores the cancel, before the session gives up and after it.
    for round in 0..300 {
        flood(&mut |item| pair.callee.session.send(callee, item));
        pair.drive();
        if round == 150 {
            pair.wait(Duration::from_secs(3));
        }
    }
    assert_eq!((&pair.caller.fault, &pair.callee.fault), (&None, &None));
    assert_eq!(pair.caller.session.stats().unreaped, 1);
}

#[test]
fn an_unpaced_sender_is_held_back_and_nothing_is_lost() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    let flood: String = (0..100).map(|n| format!("Yield x1 {n}\n")).collect();
    lone.hears(&flood);
    // 64 wait in the inbox, one in the session; the rest is not taken from the connection.
    assert!(!lone.peer.session.wants_receive());
    assert!(!lone.peer.inbound.is_empty());
    lone.wait(Duration::from_millis(1_999));
    let mut items = lone.peer.items(id);
    assert!(lone.peer.session.wants_receive());
    lone.peer.receive(lone.now);
    items.extend(lone.peer.items(id));
    let expected: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    assert_eq!(items, expected);
    lone.says("");
}

#[test]
fn a_reader_that_makes_room_wakes_the_driver() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    let flood: String = (0..100).map(|n| format!("Yield x1 {n}\n")).collect();
    lone.hears(&flood);
    let session = &mut lone.peer.session;
    session.take_wake();
    assert!(session.take_item(id).is_some());
    // Whoever hands out the events first must not miss it.
    assert_eq!(session.poll_event(), None);
    assert!(session.take_wake(), "frames wait to be taken");
    assert!(!session.take_wake(), "it is said once");
}

#[test]
fn a_callee_whose_inbox_stays_full_loses_the_item_and_says_so() {
    let mut lone = Lone::new();
    lone.hears("Start x1\n Start x2");
    let slow = lone.peer.incoming();
    lone.peer
        .session
        .accept(slow, Kind::Context, Streams::BOTH)
        .unwrap();
    lone.said();
    let flood: String = (0..70).map(|n| format!("Yield x2 {n}\n")).collect();
    lone.hears(&(flood + "Cancel k1 x1"));
    lone.wait(Duration::from_secs(2));
    lone.says(
        "Error x2 StreamOverrun from srv sender py
         StartAck k1 Asyncfunc",
    );
    // What was kept before can be read, then it is told.
    let items = lone.peer.items(slow);
    assert_eq!(
        (items.len(), items.last().unwrap().as_str()),
        (65, "Overrun")
    );
    assert_eq!(lone.peer.session.stats().overruns, 1);
    assert_eq!(lone.peer.fault, None);
}

#[test]
fn a_caller_whose_inbox_stays_full_tells_its_callee() {
    let mut lone = Lone::new();
    let id = lone.calls(Kind::Context, Streams::BOTH);
    let flood: String = (0..70).map(|n| format!("Yield A {n}\n")).collect();
    lone.hears(&("StartAck A context\n Started A 1\n".to_owned() + &flood + "Return A 9"));
    lone.wait(Duration::from_secs(2));
    lone.says("Error A StreamOverrun from srv sender py");
    assert_eq!(lone.peer.items(id).len(), 65);
    assert!(matches!(lone.peer.end(id), End::Returned(_)));
}

#[test]
fn all_inboxes_together_are_bounded_and_the_fullest_gives_way() {
    let mut config = config("srv", 2);
    config.limits.inbox_bytes_max = 100;
    let mut lone = Lone::with(config);
    lone.hears("Start x1\n Start x2");
    let flood = |cid: &str, n: usize| format!("Yield {cid} 65536\n").repeat(n);
    lone.hears(&flood("x1", 5));
    lone.hears(&flood("x2", 16));
    assert!(!lone.peer.session.wants_receive());
    lone.wait(Duration::from_secs(2));
    lone.says("Error x2 StreamOverrun from srv sender py");
    assert!(lone.peer.session.wants_receive());
    // An item that is larger than all of them may be is nobody's but its own dialog's fault.
    config_smaller_than_one_item();
}

fn config_smaller_than_one_item() {
    let mut config = config("srv", 2);
    config.limits.inbox_bytes_max = 2;
    let mut lone = Lone::with(config);
    lone.hears("Start x1\n Start x2\n Yield x1 65536");
    lone.wait(Duration::from_secs(2));
    lone.says("Error x1 StreamOverrun from srv sender py");
    assert_eq!(lone.peer.session.deadline(), None);
}

#[test]
fn a_callee_that_lost_our_items_is_cancelled_before_the_end_is_told() {
    for acked in [true, false] {
        let mut lone = Lone::new();
        let id = lone.calls(Kind::Context, Streams::BOTH);
        if acked {
            lone.hears("StartAck A context\n Started A 1");
        }
        lone.hears("Error A StreamOverrun sender srv");
        lone.says("Start B self._cancel_task {\"cid\": \"A\"}");
        assert_eq!(lone.peer.session.take_end(id), None);
        if !acked {
            lone.hears("StartAck A context");
        }
        lone.hears(
            "StartAck B asyncfunc\n Error A ContextCancelled canceller srv\n CancelAck B true",
        );
        assert!(
            matches!(lone.peer.end(id), End::Failed(error) if error.boxed_type == RemoteError::OVERRUN)
        );
    }
}

#[test]
fn a_caller_that_lost_our_items_asks_our_callee_to_end() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    lone.hears("Error x1 StreamOverrun sender srv");
    assert!(
        matches!(lone.peer.cause(id), Some(Cause::CallerError(error)) if error.boxed_type == RemoteError::OVERRUN)
    );
}

#[test]
fn what_the_transport_does_not_take_makes_senders_wait() {
    let mut pair = Pair::new();
    let (_, callee) = pair.context();
    let large = payload(&"x".repeat(100_000));
    let sent = (0..48)
        .take_while(|_| pair.callee.session.send(callee, large.clone()).is_ok())
        .count();
    assert_eq!(sent, 11);
    let before = pair.callee.events.len();
    let mut out = bytes::BytesMut::new();
    pair.callee.session.transmit(&mut out, 700_000);
    pair.callee.collect();
    assert_eq!(pair.callee.events[before..], [Event::Room(callee)]);
}

#[test]
fn a_second_stream_and_needless_stops_are_ignored() {
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    lone.hears("Yield x1 1\n Stop x1\n Yield x1 2\n Stop x1\n Stop x1");
    assert_eq!(lone.peer.items(id), ["1", "Done"]);
    assert_eq!(lone.peer.fault, None);
}

#[test]
fn a_first_value_of_the_wrong_type_is_not_sent() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Context, Streams::BOTH);
    pair.skip();
    let bad = Terminal::BadPayload {
        kind: BadKind::Started,
        text: "ep.started: expected Point, came str".to_owned(),
        payload: scipp_protocol::Any::encode(&"no point".to_owned()),
    };
    pair.callee.session.finish(callee, bad).unwrap();
    pair.tells("< Error A MsgTypeError from srv bad Started \"no point\"");
    let End::Failed(error) = pair.caller.end(caller) else {
        panic!("not failed")
    };
    assert_eq!(error.boxed_type, RemoteError::BAD_PAYLOAD);
    pair.caller.session.forget(pair.now, caller);
    pair.leaves_nothing();
}

#[test]
fn what_is_too_large_or_too_deep_to_be_shown_is_left_out() {
    let large = payload(&"x".repeat(1024 * 1024 - 300));
    let deep = Bytes::from(crate::lone::nested(33));
    for bytes in [large, deep] {
        let mut pair = Pair::new();
        let (_, callee) = pair.run(Kind::Context, Streams::NONE);
        pair.skip();
        let bad = Terminal::BadPayload {
            kind: BadKind::Yield,
            text: "no".to_owned(),
            payload: scipp_codec::Decoder::new(&bytes).any().unwrap(),
        };
        pair.callee.session.finish(callee, bad).unwrap();
        pair.tells("< Error A MsgTypeError from srv");
        assert_eq!(pair.caller.fault, None);
    }
}

#[test]
fn a_relay_keeps_its_origin_and_its_canceller_and_adds_us() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
    pair.skip();
    let leaf = Uid::new("leaf", "l");
    let mut error = RemoteError::new(&leaf, RemoteError::CANCELLED, "over");
    error.canceller = Some(Uid::new("boss", "b"));
    error.relay_path.push(Uid::new("middle", "m"));
    pair.callee
        .session
        .finish(callee, Terminal::Relay(Box::new(error)))
        .unwrap();
    pair.tells("< Error A ContextCancelled from leaf/middle/srv canceller boss");
    let End::Cancelled(cancelled) = pair.caller.end(caller) else {
        panic!("not cancelled")
    };
    assert_eq!((cancelled.source, cancelled.asked), (leaf, None::<Asked>));
}

#[test]
fn a_relay_is_bounded_whatever_its_origin_said() {
    let leaf = Uid::new("leaf", "l");
    let mut long_path = RemoteError::new(&leaf, "ValueError", "text");
    long_path.relay_path = vec![leaf.clone(); 100];
    let mut long_names = RemoteError::new(&leaf, &"N".repeat(100_000), &"t".repeat(100_000));
    long_names.relay_path = vec![Uid::new("x".repeat(100_000), "y"); 20];
    for (error, hops) in [(long_path, 32), (long_names, 1)] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.run(Kind::Context, Streams::NONE);
        pair.callee
            .session
            .finish(callee, Terminal::Relay(Box::new(error)))
            .unwrap();
        pair.drive();
        let End::Failed(error) = pair.caller.end(caller) else {
            panic!("not failed")
        };
        assert_eq!(error.relay_path.len(), hops);
        assert!(error.source_type.len() <= 128 && error.text().len() <= 4_096);
    }
}

#[test]
fn a_payload_that_the_peer_would_fault_is_our_own_mistake() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.skip();
    let deep = Bytes::from(crate::lone::nested(33));
    assert!(matches!(
        pair.caller.session.send(caller, deep),
        Err(SendError::Misuse(scipp_protocol::Misuse::TooComplex))
    ));
    pair.caller
        .session
        .send(caller, Bytes::from(crate::lone::nested(32)))
        .unwrap();
    pair.drive();
    let Some(Taken::Item(item)) = pair.callee.session.take_item(callee) else {
        panic!("no item")
    };
    let bad = Terminal::BadPayload {
        kind: BadKind::Yield,
        text: "no".to_owned(),
        payload: item,
    };
    pair.callee.session.finish(callee, bad).unwrap();
    pair.drive();
    assert!(matches!(pair.caller.end(caller), End::Failed(error) if error.bad.is_some()));
}

#[test]
fn arguments_are_a_map() {
    let mut pair = Pair::new();
    let mut open = crate::pair::open(Kind::Asyncfunc, DOWN);
    open.args = number(1);
    let refused = pair.caller.session.open(pair.now, open);
    assert_eq!(refused, Err(scipp_protocol::Misuse::NotAMap.into()));
}

#[test]
fn an_item_in_a_buffer_is_sent_as_one_of_its_own_is() {
    // One that is copied, and one that gives its memory away.
    for bytes in [3, 10_000] {
        let mut pair = Pair::new();
        let (caller, callee) = pair.context();
        pair.skip();
        let text = "x".repeat(bytes);
        let mut buffer = BytesMut::from(&payload(&text)[..]);
        let sent = pair.caller.session.send_from(caller, &mut buffer);
        assert_eq!(sent, Ok(true));
        pair.drive();
        let Some(Taken::Item(item)) = pair.callee.session.take_item(callee) else {
            panic!("an item of {bytes} bytes came");
        };
        assert!(item.as_bytes()[..] == payload(&text)[..], "{item}");
    }
    let mut pair = Pair::new();
    let (caller, _callee) = pair.context();
    let mut sent = 0;
    loop {
        let mut buffer = BytesMut::from(&number(sent)[..]);
        match pair.caller.session.send_from(caller, &mut buffer) {
            Ok(true) => sent += 1,
            Ok(false) => break assert_eq!(buffer, number(sent), "it stays where it was"),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(sent, 48, "as many as a plain peer may be sent");
}
