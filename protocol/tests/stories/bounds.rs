//! What a peer may make us hold and do: dialogs, replies, requests for nobody, time.

use std::time::Duration;

use scipp_protocol::{End, Event, Kind, OpenError, Refusal, Streams, Terminal, Violation};

use crate::lone::Lone;
use crate::pair::{DOWN, Pair, config, number, open};

fn small() -> scipp_protocol::Config {
    let mut config = config("srv", 2);
    config.limits.dialogs_max = 2;
    config
}

#[test]
fn a_dialogs_place_is_held_until_its_terminal_not_until_its_cancel() {
    let mut lone = Lone::with(small());
    lone.hears("Start x1");
    let first = lone.serves(Kind::Context, Streams::NONE);
    lone.hears("Start x2\n Start x3");
    lone.says("Error x3 TooManyDialogs from srv");
    // A cancel alone makes no room.
    lone.hears("Cancel k1 x1\n Start x4");
    lone.says("StartAck k1 Asyncfunc\n Error x4 TooManyDialogs from srv");
    lone.peer
        .session
        .finish(first, Terminal::Return(number(1)))
        .unwrap();
    // Nor does a terminal that the transport has not taken.
    lone.hears("Start x5");
    lone.says("Return x1 1\n CancelAck k1 true\n Error x5 TooManyDialogs from srv");
    lone.hears("Start x6");
    lone.says("");
    assert_eq!(lone.peer.session.dialogs(), 2);
    assert_eq!(lone.peer.session.stats().refused, 3);
}

#[test]
fn the_same_number_bounds_what_we_open() {
    let mut lone = Lone::with(small());
    let first = lone.calls(Kind::Context, Streams::NONE);
    lone.calls(Kind::Context, Streams::NONE);
    let refused = lone
        .peer
        .session
        .open(lone.now, open(Kind::Context, Streams::NONE));
    assert_eq!(refused, Err(OpenError::TooMany { max: 2 }));
    lone.hears("Error A ValueError");
    lone.peer.session.forget(lone.now, first);
    lone.calls(Kind::Context, Streams::NONE);
}

#[test]
fn answers_that_nobody_reads_do_not_pile_up() {
    let mut lone = Lone::with(small());
    let mut served = 0;
    for n in 0..10_000 {
        lone.hears(&format!("Start x{}", n % 100));
        while let Some(at) = lone
            .peer
            .events
            .iter()
            .position(|e| matches!(e, Event::Incoming(_)))
        {
            let Event::Incoming(id) = lone.peer.events.remove(at) else {
                unreachable!()
            };
            served += 1;
            lone.peer
                .session
                .accept(id, Kind::Asyncfunc, Streams::NONE)
                .unwrap();
            lone.peer
                .session
                .finish(id, Terminal::Return(number(1)))
                .unwrap();
        }
        if !lone.peer.session.wants_receive() {
            break;
        }
    }
    assert_eq!(served, 2);
    lone.wait(Duration::from_secs(10));
    assert!(matches!(
        lone.fault().violation,
        Violation::RepliesUnread { .. }
    ));
}

#[test]
fn a_rapid_reset_gains_nothing() {
    // Handlers that ignore their cancel: no more than the limit run, and the cancels of the refused ones are counted.
    let mut lone = Lone::with(small());
    for n in 0..1_000 {
        if lone.peer.fault.is_some() {
            break;
        }
        lone.hears(&format!("Start x{n}\n Cancel k{n} x{n}"));
        lone.said();
        assert!(lone.peer.session.dialogs() <= 2);
    }
    assert_eq!(lone.fault().violation, Violation::CancelFlood { max: 100 });
    assert_eq!(lone.peer.session.stats().served, 2);
}

#[test]
fn requests_for_nobody_are_counted_and_useful_work_pays_for_them() {
    let mut lone = Lone::new();
    for n in 0..100 {
        lone.hears(&format!("Cancel k{n} no{n}"));
        lone.said();
    }
    assert_eq!(lone.peer.fault, None);
    // One dialog that ends pays for one, and so do sixteen items.
    lone.hears("Start x1");
    let id = lone.serves(Kind::Context, Streams::BOTH);
    let items: String = (0..16).map(|n| format!("Yield x1 {n}\n")).collect();
    lone.hears(&items);
    lone.peer
        .session
        .finish(id, Terminal::Return(number(1)))
        .unwrap();
    lone.said();
    lone.hears("Cancel k1 x1\n Cancel k2 x1");
    assert_eq!(lone.peer.fault, None);
    lone.hears("Cancel k3 x1");
    assert_eq!(lone.fault().violation, Violation::CancelFlood { max: 100 });
    lone.says("");
}

#[test]
fn questions_how_far_we_are_cost_as_much() {
    let mut lone = Lone::new();
    for n in 0..200 {
        lone.hears(&format!("Read k{n} no"));
        lone.said();
    }
    assert_eq!(lone.fault().violation, Violation::CancelFlood { max: 100 });
    // And of one dialog no more are owed than an honest sender has.
    let mut lone = Lone::new();
    lone.hears("Start x1");
    let items: String = (0..40).map(|n| format!("Yield x1 {n}\n")).collect();
    lone.hears(&items);
    for n in 0..20 {
        lone.hears(&format!("Read k{n} x1"));
    }
    assert_eq!(lone.fault().violation, Violation::CancelFlood { max: 100 });
}

#[test]
fn many_dialogs_may_end_before_their_cancels_come() {
    // As two correct peers do it: the callees end all together, the callers then close their generators, each by a
    // request for somebody who is gone.
    let mut pair = Pair::new();
    let mut callees = Vec::new();
    for _ in 0..1_000 {
        callees.push(pair.run(Kind::Asyncgen, DOWN));
    }
    for (_, callee) in &callees {
        pair.callee
            .session
            .finish(*callee, Terminal::Return(number(0)))
            .unwrap();
    }
    pair.drive();
    for (caller, _) in &callees {
        assert!(matches!(pair.caller.end(*caller), End::Returned(_)));
        pair.caller.session.forget(pair.now, *caller);
    }
    pair.leaves_nothing();
}

#[test]
fn a_whole_scope_may_be_cancelled_while_its_dialogs_return() {
    let mut pair = Pair::new();
    let dialogs: Vec<_> = (0..1_000)
        .map(|_| pair.run(Kind::Asyncfunc, Streams::NONE))
        .collect();
    for (caller, callee) in &dialogs {
        pair.caller.session.cancel(pair.now, *caller);
        pair.callee
            .session
            .finish(*callee, Terminal::Return(number(0)))
            .unwrap();
    }
    pair.drive();
    for (caller, _) in &dialogs {
        pair.caller.session.forget(pair.now, *caller);
    }
    pair.leaves_nothing();
}

#[test]
fn a_thousand_streams_may_ask_at_once() {
    let mut pair = Pair::new();
    let dialogs: Vec<_> = (0..1_000).map(|_| pair.run(Kind::Asyncgen, DOWN)).collect();
    // The last item of each brings its question along: a thousand of them in one go.
    for _ in 0..24 {
        for (_, callee) in &dialogs {
            pair.callee.session.send(*callee, number(0)).unwrap();
        }
        pair.drive();
    }
    assert_eq!((&pair.caller.fault, &pair.callee.fault), (&None, &None));
}

#[test]
fn what_was_read_is_taken_before_more_is_read() {
    let mut lone = Lone::with(small());
    // All but two are refused, and the answers are more than may wait.
    let starts: Vec<String> = (0..10_000).map(|n| format!("Start x{n}")).collect();
    lone.hears(&starts.join("\n"));
    let mut rests = 0;
    while !lone.peer.inbound.is_empty() {
        assert!(!lone.peer.session.wants_receive() && !lone.peer.session.holds_frames());
        lone.said();
        // Room again: for these, and not for others.
        assert!(lone.peer.session.holds_frames());
        lone.peer.receive(lone.now);
        rests += 1;
    }
    assert!(rests > 2, "{rests}");
    assert!(!lone.peer.session.holds_frames());
}

#[test]
fn replies_that_are_not_read_stop_us_reading_then_end_the_session() {
    let mut lone = Lone::new();
    let mut n = 0;
    while lone.peer.session.wants_receive() {
        lone.hears(&format!("Start x{n}"));
        // The application refuses whatever comes: the replies grow by a command, without a clock.
        let id = lone.peer.incoming();
        lone.peer.session.refuse(id, Refusal::NoEndpoint);
        n += 1;
        assert!(n < 1_000, "no end");
    }
    // The clock of the rest starts at the next tick, which is due at once.
    assert!(
        lone.peer
            .session
            .deadline()
            .is_some_and(|due| due <= lone.now)
    );
    lone.tick();
    lone.wait(Duration::from_millis(9_999));
    assert_eq!(lone.peer.fault, None);
    // Who reads after all goes on.
    lone.said();
    assert!(lone.peer.session.wants_receive());
    assert_eq!(lone.peer.session.deadline(), None);
    while lone.peer.session.wants_receive() {
        lone.hears(&format!("Start x{n}"));
        let id = lone.peer.incoming();
        lone.peer.session.refuse(id, Refusal::NoEndpoint);
        n += 1;
    }
    lone.wait(Duration::from_secs(10));
    assert!(matches!(
        lone.fault().violation,
        Violation::RepliesUnread { max_ms: 10_000, .. }
    ));
    assert!(matches!(
        lone.peer.session.loss(),
        Some(scipp_protocol::Loss::Fault(_))
    ));
}

#[test]
fn who_says_nothing_is_not_waited_for() {
    let mut lone = Lone::silent(config("srv", 2));
    lone.wait(Duration::from_millis(4_999));
    assert_eq!(lone.peer.fault, None);
    lone.wait(Duration::from_millis(1));
    assert_eq!(
        lone.fault().violation,
        Violation::HandshakeTimeout { max_ms: 5_000 }
    );
    assert_eq!(lone.peer.session.deadline(), None);
}

#[test]
fn a_frame_that_drips_is_not_waited_for() {
    for (begin, length) in [(&[9, 0][..], 0), (&[9, 0, 0, 0, 0x81], 9)] {
        let mut lone = Lone::new();
        lone.hears_bytes(begin);
        lone.wait(Duration::from_millis(29_000));
        if length > 0 {
            lone.hears_bytes(&[0xa1]);
        }
        lone.wait(Duration::from_millis(999));
        assert_eq!(lone.peer.fault, None);
        lone.wait(Duration::from_millis(1));
        assert!(matches!(
            lone.fault().violation,
            Violation::TooSlow { max_ms: 30_000, length: told, .. } if told == length
        ));
    }
}

#[test]
fn draining_takes_nothing_new_and_waits_for_the_last_byte() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.run(Kind::Asyncfunc, Streams::NONE);
    pair.skip();
    pair.callee.session.drain();
    let refused = pair
        .callee
        .session
        .open(pair.now, open(Kind::Asyncfunc, Streams::NONE));
    assert_eq!(refused, Err(OpenError::Draining));
    let late = pair
        .caller
        .session
        .open(pair.now, open(Kind::Asyncfunc, Streams::NONE))
        .unwrap();
    pair.tells("> Start B demo.ep {\"n\": 3}\n < Error B ShuttingDown from srv");
    assert!(matches!(pair.caller.end(late), End::Refused(_)));
    assert!(!pair.callee.events.contains(&Event::Drained));
    pair.callee
        .session
        .finish(callee, Terminal::Return(number(1)))
        .unwrap();
    pair.callee.collect();
    assert!(!pair.callee.events.contains(&Event::Drained));
    pair.tells("< Return A 1");
    assert_eq!(pair.callee.events.last(), Some(&Event::Drained));
    for id in [caller, late] {
        pair.caller.session.forget(pair.now, id);
    }
    pair.leaves_nothing();
}

#[test]
fn a_session_without_dialogs_drains_at_once() {
    let mut pair = Pair::new();
    pair.caller.session.drain();
    pair.drive();
    assert_eq!(pair.caller.events.last(), Some(&Event::Drained));
}
