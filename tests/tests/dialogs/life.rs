//! Odd ends: callbacks that fail, tasks that do not listen, contexts that are forgotten, times that make no sense.

use std::time::Duration;

use scipp_runtime::{Cause, ContextError, Drained, connect};
use tokio::time::{Instant, sleep};

use crate::{
    Failed,
    lab::{Call, Log, Work, WorkArgs, serves},
    site::{Over, Site, config, over_each_transport},
};

over_each_transport! {
    async fn an_exit_callback_that_fails_stops_nobody(over) {
        let log = Log::new();
        let says = log.clone();
        let brief = config("server").limits(|limits| limits.exit_max = Duration::from_millis(100));
        let site = Site::open_with(over, brief, serves(Call, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                ctx.on_exit(async move { log.say("the first one registered runs last") });
                ctx.on_exit(std::future::pending());
                ctx.on_exit(async { panic!("on purpose") });
                Ok(n)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            assert_eq!(portal.open_context(Call, scope, WorkArgs { n: 3 }).call().await?, 3);
            assert_eq!(log.lines(), ["the first one registered runs last"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_child_that_never_ends_is_dropped_before_the_end(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                let dropped = log.on_drop("child dropped");
                ctx.scope().spawn(async move {
                    std::future::pending::<()>().await;
                    drop(dropped);
                });
                if n == 0 {
                    return Err(scipp_runtime::EndpointError::failed("fails"));
                }
                log.say("handler is over");
                Ok(n)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            // The handler failed: its child is asked, and dropped after the grace.
            let before = Instant::now();
            let failed = portal.open_context(Work, scope, WorkArgs { n: 0 }).call().await;
            assert!(matches!(failed, Err(ContextError::Remote(_))), "{failed:?}");
            assert!(before.elapsed() >= Duration::from_millis(490), "{:?}", before.elapsed());
            assert_eq!(log.lines(), ["child dropped"]);
            // The handler ended well: its child may go on until somebody asks.
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            log.until("handler is over").await;
            assert_eq!(ctx.cancel().await?, Some(1));
            assert_eq!(log.lines(), ["child dropped", "handler is over", "child dropped"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_forgotten_context_ends_with_its_session(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move { exit.say("cleanup") });
                ctx.recv().await?;
                Ok(0)
            })
        }))
        .await;
        let before = Instant::now();
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            std::mem::forget(ctx);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        // The scope's end reached it all the same.
        log.until("cleanup").await;
        assert!(before.elapsed() < Duration::from_secs(6), "{:?}", before.elapsed());
        site.close().await;
    }

    async fn timeouts_that_make_no_sense(over) {
        let site = Site::open(over, serves(Call, |_, n| Box::pin(async move { Ok(n) }))).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let call = |timeout| portal.open_context(Call, scope, WorkArgs { n: 3 }).timeout(timeout).call();
            assert!(matches!(call(Duration::ZERO).await, Err(ContextError::Cancelled(why)) if why.cause == Cause::Deadline));
            assert_eq!(call(Duration::MAX).await?, 3);
            assert_eq!(call(Duration::from_millis(u64::MAX)).await?, 3);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_shutdown_is_bounded_whatever_runs(over) {
        let log = Log::new();
        let says = log.clone();
        let brief = config("server").limits(|limits| limits.drain_max = Duration::from_millis(200));
        let site = Site::open_with(over, brief, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                ctx.on_exit(std::future::pending());
                log.say("runs");
                std::future::pending().await
            })
        }))
        .await;
        let (target, shutdown) = (site.target.clone(), site.shutdown.clone());
        let caller = connect(&target, config("caller"), async |portal, scope| {
            let dialogs = (0..256).map(|n| async move {
                let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n }).open().await?;
                ctx.join().await
            });
            let end = async {
                log.lines_at_least(256).await;
                shutdown.cancel();
            };
            let (ended, ()) = futures::join!(futures::future::join_all(dialogs), end);
            for ended in ended {
                assert!(matches!(ended, Err(ContextError::Cancelled(_))), "{ended:?}");
            }
            Ok::<_, Failed>(Instant::now())
        });
        let (called, drained) = futures::join!(caller, site.close_when_asked());
        called.unwrap();
        assert_eq!(drained, Drained { forced: 256, ..Drained::default() });
    }

    async fn an_endpoint_that_blocks_its_thread_delays_nobody_for_ever(over) {
        let site = Site::open(over, serves(Call, |_, n| Box::pin(async move {
            std::thread::sleep(Duration::from_millis(200));
            Ok(n)
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let call = portal.open_context(Call, scope, WorkArgs { n: 3 }).timeout(Duration::from_millis(50));
            let ended = call.call().await;
            assert!(matches!(ended, Err(ContextError::Cancelled(_)) | Ok(3)), "{ended:?}");
            sleep(Duration::from_millis(1)).await;
            assert_eq!(portal.open_context(Call, scope, WorkArgs { n: 4 }).call().await?, 4);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}

#[test]
fn a_context_survives_its_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (portal, ctx) = runtime.block_on(async {
        let site = Site::open(
            Over::Memory,
            serves(Work, |ctx, n| {
                Box::pin(async move {
                    ctx.recv().await?;
                    Ok(n)
                })
            }),
        )
        .await;
        let (give, given) = tokio::sync::oneshot::channel();
        let target = site.target.clone();
        tokio::spawn(async move {
            connect(&target, config("caller"), async |portal, scope| {
                let (ctx, ()) = portal
                    .open_context(Work, scope, WorkArgs { n: 1 })
                    .open()
                    .await?;
                let _ = give.send((portal.clone(), ctx));
                std::future::pending::<()>().await;
                Ok::<_, Failed>(())
            })
            .await
            .unwrap();
        });
        given.await.unwrap()
    });
    drop(runtime);
    // Nothing runs any more; dropping what is left must not panic.
    drop(ctx);
    assert!(!portal.peer().name.is_empty());
    drop(portal);
}
