//! Constraints are held against a value before it opens or ends a dialog, and the one who made the mistake is told.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_golden::checked::{
    Change, Club, ClubClient, ClubServer, Free, Full, Group, Joined, Name, Page, Person, club,
};
use scipp_runtime::generated::{Any, Map, Never, Payload, Presence, Raises};
use scipp_runtime::{
    Config, ContextError, EndpointError, FailureCode, Listener, Misuse, RefusedBecause, Scope,
    ServerContext, ServerError, connect, serve, transport::Target,
};

fn name(text: &str) -> Name {
    Name(text.to_owned())
}

fn group() -> Group {
    Group::new(
        vec![Person::new(name("Ada"))],
        Map::from([(name("Ada"), 36)]),
        (1, name("Ada")),
        Page::new(vec![Person::new(name("Ada"))]),
        Page::new(vec!["anything".to_owned()]),
    )
}

/// What is said before a value is sent is what its reader says.
fn refused<T: Payload + std::fmt::Debug>(value: &T, text: &str) {
    assert!(T::RESTRICTED);
    let sent = value.check().expect_err("too long");
    let read = Any::encode(value).decode::<T>().expect_err("too long");
    assert_eq!(sent, read);
    assert_eq!(sent.to_string(), text);
}

#[test]
fn a_value_is_checked_as_deep_as_it_goes() {
    let long = || name("Augusta");
    let wrong = |change: fn(&mut Group, Name)| {
        let mut group = group();
        change(&mut group, long());
        group
    };
    assert_eq!(group().check(), Ok(()));
    let tail = "expected a length in 1..=4, came length 7";
    for (value, path) in [
        (
            wrong(|group, name| group.people.push(Person::new(name))),
            "Group.people[1].name",
        ),
        (
            wrong(|group, name| group.ages = Map::from([(name, 1)])),
            "Group.ages[key]",
        ),
        (
            wrong(|group, name| group.first = Some(Person::new(name))),
            "Group.first.name",
        ),
        (wrong(|group, name| group.pair.1 = name), "Group.pair[1]"),
        (
            wrong(|group, name| group.best = Presence::Present(name)),
            "Group.best",
        ),
        (
            wrong(|group, name| group.pages.items.push(Person::new(name))),
            "Group.pages.items[1].name",
        ),
    ] {
        refused(&value, &format!("{path}: {tail}"));
    }
    let joined = Change::from(Joined {
        who: Person {
            age: 200,
            ..Person::new(name("Ada"))
        },
    });
    refused(
        &joined,
        "Joined.who.age: expected a value in ..=150, came 200",
    );
    let full = Full { name: long() };
    assert!(Raises::check(&full).is_err() && Raises::check(&club::VisitError::from(full)).is_err());
}

#[test]
fn nothing_is_looked_at_where_nothing_is_restricted() {
    let restricted = [
        Free::RESTRICTED,
        Page::<String>::RESTRICTED,
        Vec::<Option<Free>>::RESTRICTED,
        club::FreeArgs::RESTRICTED,
    ];
    assert_eq!(restricted, [false; 4]);
    let restricted = [
        Page::<Name>::RESTRICTED,
        Vec::<(u8, Name)>::RESTRICTED,
        Change::RESTRICTED,
    ];
    assert_eq!(restricted, [true; 3]);
}

/// Answers with whatever it was called with, or less.
struct Careless;

impl Club for Careless {
    async fn join(
        &self,
        _: &mut ServerContext<club::Join>,
        args: club::JoinArgs,
    ) -> Result<Person, EndpointError<Full>> {
        if args.times == 2 {
            Err(Full {
                name: name("Augusta"),
            })?;
        }
        Ok(Person {
            age: 151,
            ..args.person
        })
    }

    async fn free(
        &self,
        _: &mut ServerContext<club::Free>,
        args: club::FreeArgs,
    ) -> Result<Free, EndpointError<Never>> {
        Ok(Free {
            text: args.text,
            sizes: vec![],
        })
    }

    async fn visit(
        &self,
        ctx: &mut ServerContext<club::Visit>,
        args: club::VisitArgs,
    ) -> Result<Change, EndpointError<club::VisitError>> {
        let wrong = ctx.started(Person::new(name("Augusta"))).await;
        let Err(ServerError::Misuse(Misuse::Value(text))) = wrong else {
            panic!("a wrong value, not {wrong:?}")
        };
        assert_eq!(
            text,
            "visit.started.Person.name: expected a length in 1..=4, came length 7"
        );
        // Nothing was sent, so that a right value can follow.
        ctx.started(Person::new(args.name)).await?;
        // Items are not checked here: their reader does.
        ctx.send(Change::Joined(Joined {
            who: Person::new(name("Augusta")),
        }))
        .await?;
        Ok(Change::Nil(()))
    }
}

#[tokio::test(start_paused = true)]
async fn each_side_is_told_its_own_mistake() {
    let (listener, dialer) = Listener::memory();
    let config = |name| Config::new(name).insecure_loopback();
    let until = Scope::root();
    let server = serve(
        listener,
        config("server"),
        ClubServer::new(Careless),
        &until,
    );
    let caller = async {
        connect(
            &Target::Memory(dialer),
            config("caller"),
            async |portal, scope| {
                let club = ClubClient::new(portal);
                let ada = || Person::new(name("Ada"));

                let failed = club.join(scope, ada(), 0).call().await.expect_err("zero");
                let ContextError::Refused(refusal) = &failed else {
                    panic!("refused, not {failed}")
                };
                assert_eq!(refusal.why, RefusedBecause::BadArguments);
                assert_eq!(
                    failed.to_string(),
                    "checked.club.join was refused and did not run: its arguments are wrong \
                 (here: join.args.JoinArgs.times: expected a value in 1.., came 0)"
                );

                // A wrong result, and a wrong error: the mistake of the callee, which its log explains.
                for times in [1, 2] {
                    let failed = club
                        .join(scope, ada(), times)
                        .call()
                        .await
                        .expect_err("wrong");
                    let ContextError::Remote(failure) = &failed else {
                        panic!("a failure, not {failed}")
                    };
                    assert_eq!(failure.code(), FailureCode::Failed);
                    assert!(!failed.to_string().contains("Augusta"), "{failed}");
                }

                let free = club.free(scope, "anything".to_owned()).call().await;
                assert_eq!(free.map(|free| free.text), Ok("anything".to_owned()));

                let (mut visit, started) =
                    club.visit(scope, name("Bob")).open().await.expect("opens");
                assert_eq!(started.name.0, "Bob");
                let failed = visit.recv().await.expect_err("too long a name");
                assert!(matches!(&failed, ContextError::Payload(_)), "{failed}");
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
            },
        )
        .await
        .expect("the caller's side went well");
        until.cancel();
    };
    let (served, ()) = tokio::join!(server, caller);
    served.expect("the server's side went well");
}
