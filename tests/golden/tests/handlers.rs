//! What users write against generated code: plain `async fn`s, `?` on declared errors, typed clients. That it compiles
//! is the test.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

use scipp_golden::errors::{
    self, Locked, NotFound, QuotaExceeded, Store, StoreClient, StoreServer, store,
};
use scipp_golden::extends::{Gone, Pet, PetServer, pet};
use scipp_golden::market::common::Symbol;
use scipp_golden::market::feed::{
    Drop, Feed, FeedClient, FeedServer, Follow, Quote, Snapshot, Summary, Throttled, UnknownSymbol,
    feed,
};
use scipp_runtime::generated::{Bytes, Never, Service, SignedDuration, Timestamp};
use scipp_runtime::{ContextError, EndpointError, Portal, Scope, ServerContext};

/// Keeps nothing.
#[derive(Debug)]
struct Empty;

impl Store for Empty {
    async fn count(
        &self,
        _: &mut ServerContext<store::Count>,
        _: store::CountArgs,
    ) -> Result<u64, EndpointError<Never>> {
        Ok(0)
    }

    async fn get(
        &self,
        _: &mut ServerContext<store::Get>,
        args: store::GetArgs,
    ) -> Result<Bytes, EndpointError<NotFound>> {
        // The one error that the endpoint raises.
        Err(NotFound { name: args.name })?
    }

    async fn put(
        &self,
        _: &mut ServerContext<store::Put>,
        args: store::PutArgs,
    ) -> Result<(), EndpointError<store::PutError>> {
        // One of several, by its own type or in their enum.
        if args.name.is_empty() {
            Err(NotFound { name: args.name })?;
        }
        let full: Result<(), store::PutError> = Err(QuotaExceeded { used: 1, limit: 1 }.into());
        Ok(full?)
    }

    async fn list_names(
        &self,
        ctx: &mut ServerContext<store::ListNames>,
        args: store::ListNamesArgs,
    ) -> Result<(), EndpointError<Locked>> {
        ctx.send(args.prefix).await?;
        Err(errors::Locked {})?
    }

    async fn lock(
        &self,
        ctx: &mut ServerContext<store::Lock>,
        _: store::LockArgs,
    ) -> Result<bool, EndpointError<store::LockError>> {
        ctx.started(()).await?;
        Ok(true)
    }
}

impl Pet for Empty {
    async fn name(
        &self,
        _: &mut ServerContext<pet::Name>,
        _: pet::NameArgs,
    ) -> Result<String, EndpointError<Gone>> {
        Ok("Rex".to_owned())
    }

    async fn beats(
        &self,
        ctx: &mut ServerContext<pet::Beats>,
        _: pet::BeatsArgs,
    ) -> Result<(), EndpointError<Never>> {
        Ok(ctx.send(1).await?)
    }

    async fn play(
        &self,
        ctx: &mut ServerContext<pet::Play>,
        _: pet::PlayArgs,
    ) -> Result<u8, EndpointError<Never>> {
        match ctx.recv().await? {
            Some(pet::PlayAccepts::Bool(again)) => ctx.send(again).await?,
            Some(pet::PlayAccepts::Str(_)) | None => ctx.stop().await?,
        }
        Ok(7)
    }
}

impl Feed for Empty {
    async fn last(
        &self,
        _: &mut ServerContext<feed::Last>,
        args: feed::LastArgs,
    ) -> Result<Quote, EndpointError<UnknownSymbol>> {
        Err(UnknownSymbol {
            symbol: args.symbol,
        })?
    }

    async fn replay(
        &self,
        _: &mut ServerContext<feed::Replay>,
        args: feed::ReplayArgs,
    ) -> Result<(), EndpointError<UnknownSymbol>> {
        assert_eq!(args.limit, 1000);
        Ok(())
    }

    async fn watch(
        &self,
        ctx: &mut ServerContext<feed::Watch>,
        _: feed::WatchArgs,
    ) -> Result<Summary, EndpointError<feed::WatchError>> {
        ctx.started(Snapshot {
            quotes: Default::default(),
        })
        .await?;
        while let Some(steer) = ctx.recv().await? {
            match steer {
                feed::WatchAccepts::Follow(Follow { symbols })
                | feed::WatchAccepts::Drop(Drop { symbols })
                    if symbols.is_empty() =>
                {
                    Err(Throttled {
                        retry_in: SignedDuration::from_secs(1),
                    })?;
                }
                feed::WatchAccepts::Follow(_) | feed::WatchAccepts::Drop(_) => {}
            }
        }
        Ok(Summary {
            ticks: 0,
            took: SignedDuration::ZERO,
        })
    }
}

/// Every shape of call.
#[expect(dead_code, reason = "compiled, not run: there is no peer")]
async fn call(portal: &Portal, scope: &Scope) -> Result<(), Box<dyn std::error::Error>> {
    let stores = StoreClient::new(portal);
    let names = stores
        .list_names(scope)
        .with(|args| args.prefix = "a".to_owned());
    names.call().await?;
    match stores.put(scope, "a".to_owned(), Bytes::new()).call().await {
        Err(ContextError::Endpoint(store::PutError::QuotaExceeded(QuotaExceeded {
            limit,
            ..
        }))) => assert!(limit > 0),
        other => other?,
    }
    let feeds = FeedClient::new(portal);
    feeds
        .replay(
            scope,
            Symbol::from("ACME".to_owned()),
            Timestamp::UNIX_EPOCH,
        )
        .with(|args| args.limit = 3)
        .call()
        .await?;
    let ticks: usize = feeds
        .watch(scope, vec![])
        .scope(async |ctx, snapshot| {
            ctx.send(Follow { symbols: vec![] }.into()).await?;
            ctx.recv().await?;
            Ok::<_, ContextError<feed::WatchError>>(snapshot.quotes.len())
        })
        .await?;
    assert_eq!(ticks, 0);
    Ok(())
}

#[test]
fn descriptions_are_those_of_the_schema() {
    let services: [Box<dyn Service>; 3] = [
        Box::new(StoreServer::new(Empty)),
        Box::new(PetServer::new(Empty)),
        Box::new(FeedServer::new(Empty)),
    ];
    let shown: Vec<String> = services
        .iter()
        .flat_map(|service| service.interface().endpoints)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shown,
        [
            "errors.store.count",
            "errors.store.get",
            "errors.store.put",
            "errors.store.list_names",
            "errors.store.lock",
            // Under its own namespace, those of the interfaces that it extends first.
            "extends.pet.name",
            "extends.pet.beats",
            "extends.pet.play",
            "market.feed.feed.last",
            "market.feed.feed.replay",
            "market.feed.feed.watch",
        ]
    );
    let watch = services[2].interface().endpoints[2];
    assert_eq!(
        (watch.deadline_ms, watch.accepts, watch.yields),
        (Some(8 * 3_600_000), true, true)
    );
    assert_eq!(watch.fingerprint.len(), 16);
}

#[test]
fn errors_say_what_the_schema_says() {
    let error = store::PutError::from(QuotaExceeded { used: 3, limit: 2 });
    assert_eq!(error.to_string(), "3 of 2 used; try again later");
    assert_eq!(
        NotFound {
            name: "x".to_owned()
        }
        .to_string(),
        "no such thing: x"
    );
    assert_eq!(errors::Locked {}.to_string(), "Locked");
}
