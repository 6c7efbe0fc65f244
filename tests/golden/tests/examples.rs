//! Examples of a schema as a user meets them: as values, as tests, and played by a service.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_golden::examples::feed::{self, Mock};
use scipp_golden::examples::types::{Symbol, Unknown};
use scipp_golden::examples::{FeedClient, FeedServer, Halt, Side, Tick, Venue};
use scipp_runtime::example::{Example, Examples, Step};
use scipp_runtime::{Config, ContextError, Listener, Scope, connect, serve, transport::Target};

fn symbol(text: &str) -> Symbol {
    Symbol(text.to_owned())
}

#[test]
fn examples_are_values() {
    let examples = feed::Watch::examples();
    let titles: Vec<&str> = examples.iter().map(|example| example.title).collect();
    assert_eq!(titles, ["both ways", "closed"]);
    assert_eq!(examples[0].args.symbols, [symbol("ACME"), symbol("INIT")]);
    assert!(feed::NoExample::examples().is_empty());
}

#[test]
fn other_bytes_than_expected_are_found() {
    let wrong: Example<feed::Quiet> = Example::new("wrong", feed::QuietArgs {}, b"\x80")
        .then(Step::Started(()), b"\xc0")
        .then(Step::Yields(Side::Sell), b"\xa4sell");
    let error = wrong.check().expect_err("other bytes");
    assert_eq!(
        error.to_string(),
        "`yields` of the example \"wrong\" of examples.feed.quiet: expected the bytes \\xa4sell, came \\xa4SELL"
    );
}

#[tokio::test(start_paused = true)]
async fn a_mock_plays_them() {
    let (listener, dialer) = Listener::memory();
    let config = |name| Config::new(name).insecure_loopback();
    let until = Scope::root();
    let server = serve(listener, config("server"), FeedServer::new(Mock), &until);
    let caller = async {
        connect(
            &Target::Memory(dialer),
            config("caller"),
            async |portal, scope| {
                let feed = FeedClient::new(portal);

                let quote = feed
                    .last(scope, symbol("ACME"))
                    .call()
                    .await
                    .expect("a quote");
                assert_eq!((quote.levels.len(), quote.levels[0].qty), (2, 1.0));
                let unknown = feed.last(scope, symbol("?")).with(|args| {
                    args.venues.insert(Venue::Dark, vec![Side::Buy, Side::Sell]);
                });
                let unknown = unknown.call().await.expect_err("raised");
                assert_eq!(
                    unknown,
                    ContextError::Endpoint(Unknown {
                        symbol: symbol("?")
                    })
                );
                let other = feed.last(scope, symbol("NONE")).call().await;
                assert!(matches!(other, Err(ContextError::Remote(_))), "{other:?}");

                let (mut watch, started) = feed
                    .watch(scope, vec![symbol("ACME"), symbol("INIT")])
                    .open()
                    .await
                    .expect("opens");
                assert_eq!(started.expect("there").0, 2);
                let first = watch.recv().await.expect("received");
                assert!(matches!(first, Some(Tick::Quote(_))), "{first:?}");
                let symbols = vec![symbol("ACME")];
                watch
                    .send(feed::WatchAccepts::List(symbols))
                    .await
                    .expect("sent");
                let halt = Halt::new(symbol("INIT"));
                watch.send(halt.into()).await.expect("sent");
                let second = watch.recv().await.expect("received");
                assert!(matches!(second, Some(Tick::Halt(_))), "{second:?}");
                let page = watch.join().await.expect("returned");
                assert_eq!(page.items.len(), 2);

                // Another item than that of the example.
                let again = vec![symbol("ACME"), symbol("INIT")];
                let (mut watch, _) = feed.watch(scope, again).open().await.expect("opens");
                let halt = Halt::new(symbol("ACME"));
                watch.send(halt.into()).await.expect("sent");
                let failed = watch.join().await;
                assert!(matches!(failed, Err(ContextError::Remote(_))), "{failed:?}");
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
