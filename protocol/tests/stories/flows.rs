//! How items flow as their schema says: `@window` and `@overrun`.

use scipp_protocol::{DialogId, End, Feature, Features, Flow, Limits, Overrun, RemoteError};

use crate::pair::{Pair, number};

/// A pair whose callee sends to a caller with this flow, each way in which items can be paced.
fn each_pace(flow: Flow, mut story: impl FnMut(Pair, DialogId, DialogId)) {
    for features in [Features::NONE, Features::from_iter([Feature::Credit])] {
        let mut pair = Pair::offering(features, features);
        let (caller, callee) = pair.context();
        pair.caller.session.flow(caller, flow);
        pair.callee.session.flow(callee, flow);
        story(pair, caller, callee);
    }
}

/// Sends numbers from `from` on until the callee would have to wait, `max` at most.
fn send(pair: &mut Pair, callee: DialogId, from: u32, max: u32) -> u32 {
    let mut sent = 0;
    while sent < max
        && pair
            .callee
            .session
            .send(callee, number(from + sent))
            .is_ok()
    {
        sent += 1;
    }
    sent
}

#[test]
fn a_window_holds_a_sender_that_waits() {
    let flow = Flow {
        window: Some(4),
        overrun: Overrun::Wait,
    };
    each_pace(flow, |mut pair, caller, callee| {
        let credit = pair.caller.session.features().has(Feature::Credit);
        // What may be sent before anything is granted is the same for all.
        let first = send(&mut pair, callee, 0, 100);
        assert_eq!(first, 16);
        pair.drive();
        let taken = pair.caller.items(caller).len();
        assert_eq!(taken, first as usize);
        pair.drive();
        for _ in 0..50 {
            // A question how far a plain peer has come is paid for by sixteen items.
            let window = if credit { 4 } else { 16 };
            assert_eq!(send(&mut pair, callee, 0, 100), window);
            pair.drive();
            assert_eq!(pair.callee.session.is_full(callee), credit);
            assert_eq!(pair.caller.items(caller).len(), window as usize);
            pair.drive();
        }
    });
}

#[test]
fn a_window_is_never_more_than_the_limits_allow() {
    let flow = Flow {
        window: Some(u32::MAX),
        overrun: Overrun::Wait,
    };
    each_pace(flow, |mut pair, caller, callee| {
        let mut sent = 0;
        for _ in 0..50 {
            sent += send(&mut pair, callee, 0, 1_000);
            pair.drive();
            // The reader takes one at a time.
            pair.caller.session.take_item(caller);
            pair.drive();
        }
        let unread = sent - 50;
        assert!(
            unread as usize <= Limits::default().window_items_max,
            "{unread}"
        );
        assert_eq!(pair.caller.session.stats().overruns, 0);
    });
}

#[test]
fn a_reader_that_must_keep_up_loses_its_dialog_when_it_does_not() {
    let flow = Flow {
        window: Some(4),
        overrun: Overrun::Error,
    };
    each_pace(flow, |mut pair, caller, callee| {
        // As long as it keeps up, nobody waits.
        for n in 0..100 {
            assert_eq!(send(&mut pair, callee, n, 1), 1);
            pair.drive();
            assert_eq!(pair.caller.items(caller), [n.to_string()]);
        }
        for n in 0..4 {
            assert_eq!(send(&mut pair, callee, n, 1), 1);
            pair.drive();
        }
        assert_eq!(pair.callee.cause(callee), None);
        assert_eq!(send(&mut pair, callee, 4, 1), 1);
        pair.drive();
        assert_eq!(pair.caller.items(caller), ["0", "1", "2", "3", "Overrun"]);
        assert!(pair.callee.cause(callee).is_some());
        pair.give_in(callee);
        assert!(matches!(pair.caller.end(caller), End::Cancelled(_)));
        assert_eq!(pair.caller.session.stats().overruns, 1);
    });
}

#[test]
fn the_oldest_items_give_way_to_the_newest() {
    let flow = Flow {
        window: Some(4),
        overrun: Overrun::DropOldest,
    };
    each_pace(flow, |mut pair, caller, callee| {
        for n in 0..1_000 {
            assert_eq!(send(&mut pair, callee, n, 1), 1, "nobody waits");
            pair.drive();
        }
        assert_eq!(pair.caller.session.dropped(caller), 996);
        assert_eq!(pair.caller.items(caller), ["996", "997", "998", "999"]);
        // One that is fast enough loses nothing.
        for n in 0..100 {
            assert_eq!(send(&mut pair, callee, n, 1), 1);
            pair.drive();
            assert_eq!(pair.caller.items(caller), [n.to_string()]);
        }
        assert_eq!(pair.caller.session.dropped(caller), 996);
        assert_eq!(pair.caller.session.stats().dropped, 996);
        pair.callee.session.stop(callee);
        pair.drive();
        assert_eq!(pair.caller.items(caller), ["Done"]);
    });
}

#[test]
fn a_burst_from_a_plain_sender_is_no_overrun_where_the_oldest_give_way() {
    let flow = Flow {
        window: Some(2),
        overrun: Overrun::DropOldest,
    };
    // The callee does not know the window: it has no schema.
    let mut pair = Pair::offering(Features::NONE, Features::NONE);
    let (caller, callee) = pair.context();
    pair.caller.session.flow(caller, flow);
    assert_eq!(send(&mut pair, callee, 0, 100), 48);
    pair.drive();
    assert_eq!(pair.caller.items(caller), ["46", "47"]);
    assert!(pair.caller.session.wants_receive());
    assert!(
        !pair
            .lines()
            .iter()
            .any(|line| line.contains(RemoteError::OVERRUN))
    );
}
