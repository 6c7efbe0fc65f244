//! A call through a middle actor: cancel, deadline and cleanup go all the way.

use std::time::Duration;

use scipp_runtime::{Cause, ContextError, FailureCode, Scope, connect, transport::Target};
use tokio::time::Instant;

use crate::{
    Failed,
    calculator::Overflow,
    lab::{Call, Log, Patient, Work, WorkArgs, serves},
    site::{Over, Site, config, over_each_transport},
};

/// A leaf, and an actor in the middle that hands its calls to the leaf.
async fn chain(over: Over, log: &Log) -> (Site, Site) {
    let says = log.clone();
    let leaf = Site::open_with(
        over,
        config("leaf"),
        serves(Call, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move { exit.say("cleanup of the leaf") });
                match n {
                    1 => Err(Overflow { at: 1 })?,
                    2 => panic!("on purpose"),
                    3 => Err(ctx
                        .run(std::future::pending::<()>())
                        .await
                        .unwrap_err()
                        .into()),
                    n => Ok(n * 2),
                }
            })
        }),
    )
    .await;
    let to: Target = leaf.target.clone();
    let says = log.clone();
    let middle = Site::open_with(
        over,
        config("middle"),
        serves(Work, move |ctx, n| {
            let (log, to) = (says.clone(), to.clone());
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move { exit.say("cleanup of the middle") });
                let below: &Scope = ctx.scope();
                let sessions = config("middle").under(below);
                connect(to, sessions, async |portal, scope| {
                    Ok::<_, Relay>(
                        portal
                            .open_context(Call, scope, WorkArgs { n })
                            .call()
                            .await?,
                    )
                })
                .await
                .map_err(|Relay(error)| *error)
            })
        }),
    )
    .await;
    (leaf, middle)
}

/// What the middle's own session can fail with.
struct Relay(Box<scipp_runtime::EndpointError<Overflow>>);

impl From<ContextError<Overflow>> for Relay {
    fn from(error: ContextError<Overflow>) -> Self {
        Self(Box::new(error.into()))
    }
}

impl From<scipp_runtime::ConnectError> for Relay {
    fn from(error: scipp_runtime::ConnectError) -> Self {
        Self(Box::new(scipp_runtime::EndpointError::failed(error)))
    }
}

over_each_transport! {
    async fn a_nested_call_returns(over) {
        let log = Log::new();
        let (leaf, middle) = chain(over, &log).await;
        connect(&middle.target, config("caller"), async |portal, scope| {
            assert_eq!(portal.open_context(Work, scope, WorkArgs { n: 21 }).call().await?, 42);
            assert_eq!(log.lines(), ["cleanup of the leaf", "cleanup of the middle"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        middle.close().await;
        leaf.close().await;
    }

    async fn a_nested_failure_says_where_it_began(over) {
        let log = Log::new();
        let (leaf, middle) = chain(over, &log).await;
        connect(&middle.target, config("caller"), async |portal, scope| {
            // The middle declares the same error; its value goes through.
            let failed = portal.open_context(Work, scope, WorkArgs { n: 1 }).call().await.unwrap_err();
            assert_eq!(failed, ContextError::Endpoint(Overflow { at: 1 }));
            let failed = portal.open_context(Work, scope, WorkArgs { n: 2 }).call().await.unwrap_err();
            let ContextError::Remote(failure) = &failed else { panic!("a remote failure, not {failed}") };
            assert_eq!(failure.code(), FailureCode::Panicked);
            assert_eq!(&*failure.actor().name, "leaf");
            assert_eq!(failure.path().iter().map(|actor| &*actor.name).collect::<Vec<_>>(), ["leaf", "middle"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        middle.close().await;
        leaf.close().await;
    }

    async fn a_deadline_ends_all_three(over) {
        let log = Log::new();
        let (leaf, middle) = chain(over, &log).await;
        connect(&middle.target, config("caller"), async |portal, scope| {
            let before = Instant::now();
            let call = portal.open_context(Work, scope, WorkArgs { n: 3 }).timeout(Duration::from_millis(300));
            let ended = call.call().await.unwrap_err();
            assert!(matches!(&ended, ContextError::Cancelled(why) if why.cause == Cause::Deadline), "{ended}");
            assert!(before.elapsed() < Duration::from_millis(2_300), "{:?}", before.elapsed());
            // Both tasks and both cleanups are over when the call returns, the inner ones first.
            assert_eq!(log.lines(), ["cleanup of the leaf", "cleanup of the middle"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        middle.close().await;
        leaf.close().await;
    }

    async fn a_dropped_nested_dialog_is_over_before_its_parent(over) {
        let log = Log::new();
        // The callee opens a dialog with its caller, drops it and returns at once.
        let site = Site::open(over, serves(Work, |ctx, n| Box::pin(async move {
            let below = ctx.portal().open_context(Patient, &*ctx, WorkArgs { n }).open().await?;
            drop(below);
            Ok(n)
        })))
        .await;
        let says = log.clone();
        let offers = config("caller").offer(serves(Patient, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                ctx.on_exit(async move {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    log.say("cleanup below");
                });
                ctx.recv().await?;
                Ok(n)
            })
        }));
        connect(&site.target, offers, async |portal, scope| {
            assert_eq!(portal.open_context(Work, scope, WorkArgs { n: 7 }).call().await?, 7);
            assert_eq!(log.lines(), ["cleanup below"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}
