//! Processes that start processes, and registrars.

use scipp_codec::{Any, Map};
use scipp_protocol::{
    Config, End, Event, Feature, Features, Kind, Open, SpawnSpec, Streams, Terminal, registry,
};

use crate::lone::Lone;
use crate::pair::{Pair, payload, with_features};

fn spec() -> SpawnSpec {
    let modules = Map::from([("demo".to_owned(), "/srv/demo.py".to_owned())]);
    SpawnSpec::new(Map::new(), Map::new(), modules, Vec::new())
}

/// In maps, and in lists.
const FORMS: [Features; 2] = [Features::NONE, Features::NONE.with(Feature::Compact)];

fn config(name: &str, seed: u128, form: Features) -> Config {
    with_features(crate::pair::config(name, seed), form)
}

/// The *caller* connects: it is the child.
fn family(form: Features) -> Pair {
    let mut child = config("kid", 1, form);
    child.is_child = true;
    let mut pair = Pair::with(child, config("root", 2, form));
    pair.drive();
    pair.skip();
    pair
}

fn call(namespace: &str, func: &str) -> Open {
    Open {
        namespace: namespace.to_owned(),
        func: func.to_owned(),
        args: scipp_codec::to_bytes(&Map::<String, u8>::new()),
        kind: Kind::Asyncfunc,
        streams: Streams::NONE,
        deadline: None,
        fingerprint: None,
        trace: None,
    }
}

#[test]
fn a_child_is_told_what_it_is_and_serves_when_it_has_booted() {
    for form in FORMS {
        let mut pair = family(form);
        pair.callee.session.spawn(spec()).unwrap();
        let ready = pair.callee.session.ask_ready(pair.now).unwrap();
        pair.tells("< SpawnSpec\n < Start A self._cancel_task {\"cid\": \"is anybody there\"}");
        assert_eq!(
            pair.caller.events.last(),
            Some(&Event::Spawned(Box::new(spec())))
        );
        assert!(!pair.caller.session.wants_receive());
        assert_eq!(pair.callee.session.take_end(ready), None);

        pair.caller.session.booted();
        pair.tells("> StartAck A Asyncfunc\n > CancelAck A true");
        assert_eq!(pair.callee.end(ready), End::Returned(Any::encode(&true)));
        pair.callee.session.forget(pair.now, ready);
        pair.leaves_nothing();
    }
}

#[test]
fn a_child_that_cannot_boot_says_so() {
    for form in FORMS {
        let mut pair = family(form);
        pair.callee.session.spawn(spec()).unwrap();
        pair.drive();
        pair.caller.session.boot_failed("OSError", "no such folder");
        pair.tells("< SpawnSpec\n > Error  OSError from kid");
        let Some(Event::PeerFailed(error)) = pair.callee.events.last() else {
            panic!("{:?}", pair.callee.events);
        };
        assert_eq!(error.text(), "no such folder");
    }
}

#[test]
fn nobody_is_told_what_it_is_but_a_child_and_it_once() {
    let mut lone = Lone::new();
    lone.hears("SpawnSpec");
    assert!(lone.fault().to_string().contains("came SpawnSpec"));

    let mut child = config("kid", 2, Features::NONE);
    child.is_child = true;
    let mut lone = Lone::with(child);
    lone.hears("SpawnSpec\n SpawnSpec");
    assert!(lone.peer.fault.is_none(), "the second one is not read yet");
    lone.peer.session.booted();
    lone.hears("");
    assert!(lone.fault().to_string().contains("came SpawnSpec"));
}

#[test]
fn a_registrar_is_asked_what_others_are_not() {
    for form in FORMS {
        let mut registrar = config("srv", 2, form);
        registrar.aid.is_registrar = Some(true);
        let mut pair = Pair::with(config("cli", 1, form), registrar);
        pair.drive();
        pair.skip();
        for func in registry::CALLS {
            let open = call(registry::NAMESPACE, func);
            let id = pair.caller.session.open(pair.now, open).unwrap();
            pair.drive();
            let served = pair.callee.incoming();
            let incoming = pair.callee.session.incoming(served).unwrap();
            assert_eq!(
                (&*incoming.namespace, &*incoming.func),
                (registry::NAMESPACE, func)
            );
            let session = &mut pair.callee.session;
            session
                .accept(served, Kind::Asyncfunc, Streams::NONE)
                .unwrap();
            session
                .finish(served, Terminal::Return(payload("up")))
                .unwrap();
            pair.drive();
            assert_eq!(
                pair.caller.end(id),
                End::Returned(Any::encode(&"up".to_owned()))
            );
            pair.caller.session.forget(pair.now, id);
        }
        // What no registrar has is refused by the core as ever.
        for (registrar, func) in [(true, "wait"), (false, registry::FIND), (false, "wait")] {
            let mut other = config("srv", 2, form);
            other.aid.is_registrar = Some(registrar);
            let mut pair = Pair::with(config("cli", 1, form), other);
            let open = call(registry::NAMESPACE, func);
            let id = pair.caller.session.open(pair.now, open).unwrap();
            pair.drive();
            assert!(matches!(pair.caller.end(id), End::Refused(_)), "{func}");
            pair.caller.session.forget(pair.now, id);
            pair.leaves_nothing();
        }
    }
}
