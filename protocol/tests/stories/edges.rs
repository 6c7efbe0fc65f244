//! The last that may be, and the first that may not; and the words for it.

use scipp_protocol::{Kind, Misuse, OpenError, Streams};

use crate::lone::Lone;
use crate::pair::{Pair, config, open};

#[test]
fn a_name_may_have_128_bytes_and_no_more() {
    let mut pair = Pair::new();
    let mut long = open(Kind::Asyncfunc, Streams::NONE);
    long.namespace = "n".repeat(128);
    assert!(pair.caller.session.open(pair.now, long.clone()).is_ok());
    long.func = "f".repeat(129);
    let expected = Misuse::NameTooLong {
        max: 128,
        came: 129,
    };
    let refused = pair.caller.session.open(pair.now, long);
    assert_eq!(refused, Err(OpenError::Misuse(expected)));
}

#[test]
fn work_and_news_together_wake_the_driver_too() {
    let mut lone = Lone::silent(config("srv", 2));
    lone.peer.session.take_wake();
    let (now, session) = (lone.now, &mut lone.peer.session);
    let id = session.open(now, open(Kind::Asyncfunc, Streams::NONE));
    // It has not left: its end is news, and what was queued before is work.
    session.cancel(now, id.unwrap());
    assert!(session.take_wake());
}

#[test]
fn what_was_expected_depends_on_what_has_come() {
    for (heard, expected) in [
        (
            "StartAck A context",
            "Started, Yield, Stop, Return or Error",
        ),
        (
            "StartAck A context\nStarted A 1",
            "Yield, Stop, Return or Error",
        ),
    ] {
        let mut lone = Lone::new();
        lone.calls(Kind::Context, Streams::BOTH);
        lone.hears(heard);
        assert_eq!(lone.peer.fault, None);
        lone.hears("StartAck A context");
        let fault = lone.fault().to_string();
        let words = format!("expected {expected}, came StartAck");
        assert!(fault.ends_with(&words), "{fault}");
        assert!(!fault.contains(&format!("Started, {expected}")), "{fault}");
    }
}
