//! Cancelling: asked, heard or dropped, cleaned up, told. The caller waits for all of it.

use std::time::Duration;

use scipp_runtime::{Cause, ContextError, Outcome, ServerError, connect};
use tokio::time::{Instant, sleep};

use crate::{
    Failed,
    calculator::Overflow,
    lab::{Brief, Call, Commit, Log, Now, Patient, Work, WorkArgs, serves},
    site::{Site, config, over_each_transport},
};

/// Longer than any bound that the tests rely on.
const LONG: Duration = Duration::from_secs(600);

over_each_transport! {
    async fn a_cancel_returns_after_the_cleanup(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move {
                    sleep(Duration::from_millis(50)).await;
                    exit.say("cleanup");
                });
                let child = (log.clone(), ctx.scope().clone());
                ctx.scope().spawn(async move {
                    child.1.cancelled().await;
                    sleep(Duration::from_millis(50)).await;
                    child.0.say("child");
                });
                let heard = ctx.recv().await.unwrap_err();
                let ServerError::Cancelled(why) = &heard else { panic!("cancelled, not {heard}") };
                assert_eq!(why.cause, Cause::Requested);
                assert_eq!(why.canceller.as_ref().map(|actor| &*actor.name), Some("caller"));
                log.say("handler");
                Err(heard.into())
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            assert_eq!(ctx.cancel().await?, None);
            assert_eq!(log.lines(), ["handler", "child", "cleanup"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_body_that_fails_cancels_and_waits(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                ctx.on_exit(async move { log.say("cleanup") });
                ctx.run(sleep(LONG)).await?;
                Ok(0)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = portal
                .open_context(Work, scope, WorkArgs { n: 1 })
                .scope(async |_, ()| Err::<(), Failed>("my own".into()))
                .await;
            assert_eq!(failed.unwrap_err().to_string(), "my own");
            assert_eq!(log.lines(), ["cleanup"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_body_that_ends_well_waits_for_the_remote_end(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move {
                    sleep(Duration::from_millis(50)).await;
                    exit.say("cleanup");
                });
                while ctx.recv().await?.is_some() {}
                if n == 13 { Err(Overflow { at: n })? } else { Ok(n) }
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            for n in [12, 13] {
                let ended = portal
                    .open_context(Work, scope, WorkArgs { n })
                    .scope(async |ctx, ()| {
                        ctx.stop().await?;
                        Ok::<_, ContextError<_>>("mine")
                    })
                    .await;
                // A remote failure is not lost.
                assert_eq!(ended, if n == 13 { Err(ContextError::Endpoint(Overflow { at: n })) } else { Ok("mine") });
            }
            assert_eq!(log.lines(), ["cleanup", "cleanup"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_cancelled_parent_drops_the_body_and_waits(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                log.say("runs");
                let _cleanup = log.on_drop("handler is over");
                ctx.recv().await?;
                Ok(0)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let parent = scope.child(None);
            let cancel = async {
                log.until("runs").await;
                parent.cancel();
            };
            let dialog = portal.open_context(Work, &parent, WorkArgs { n: 1 }).scope(async |_, ()| {
                std::future::pending::<()>().await;
                Ok::<_, ContextError<_>>(())
            });
            let ((), ended) = futures::join!(cancel, dialog);
            let ended = ended.unwrap_err();
            assert!(matches!(&ended, ContextError::Cancelled(why) if why.cause == Cause::Requested), "{ended}");
            assert_eq!(ended.outcome(), Outcome::Cancelled);
            assert_eq!(log.lines(), ["runs", "handler is over"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_cancelled_parent_reaches_a_guard_that_nobody_polls(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let _cleanup = log.on_drop("handler is over");
                ctx.recv().await?;
                Ok(0)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let parent = scope.child(None);
            let (mut ctx, ()) = portal.open_context(Work, &parent, WorkArgs { n: 1 }).open().await?;
            parent.cancel();
            log.until("handler is over").await;
            assert!(matches!(ctx.send(1).await, Err(ContextError::Cancelled(_))));
            assert!(matches!(ctx.recv().await, Err(ContextError::Cancelled(_))));
            assert!(matches!(ctx.join().await, Err(ContextError::Cancelled(_))));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_dropped_guard_cancels_and_the_session_reaps(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move { exit.say("cleanup") });
                let why = ctx.run(sleep(LONG)).await.unwrap_err();
                log.say(&format!("{:?}", why.cause));
                Err(why.into())
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            drop(ctx);
            // Long before the session ends, which would clean up as well.
            log.until("cleanup").await;
            assert!(portal.is_open());
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 2 }).open().await?;
            drop(ctx);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        // The session did not end before the remote task was over.
        assert_eq!(log.lines(), ["Requested", "cleanup", "Requested", "cleanup"]);
        site.close().await;
    }

    async fn a_dropped_call_cancels(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Call, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let _over = log.on_drop("over");
                log.say("runs");
                ctx.run(sleep(LONG)).await?;
                Ok(0)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let call = portal.open_context(Call, scope, WorkArgs { n: 1 }).call();
            tokio::select! {
                ended = call => panic!("ended: {ended:?}"),
                () = log.until("runs") => {}
            }
            // Promptly, not at the call's deadline.
            tokio::time::timeout(Duration::from_millis(500), log.until("over")).await?;
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_deadline_ends_both_sides(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let _over = log.on_drop("over");
                ctx.recv().await?;
                Ok(0)
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let call = portal.open_context(Work, scope, WorkArgs { n: 1 }).timeout(Duration::from_millis(100));
            let ended = call.scope(async |ctx, ()| Ok::<_, ContextError<_>>(ctx.recv().await?)).await.unwrap_err();
            assert!(matches!(&ended, ContextError::Cancelled(why) if why.cause == Cause::Deadline), "{ended}");
            assert_eq!(log.lines(), ["over"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_deadline_of_the_schema_holds_on_both_sides(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Brief, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let heard = ctx.recv().await.unwrap_err();
                log.say(&heard.to_string());
                Err(heard.into())
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let call = portal.open_context(Brief, scope, WorkArgs { n: 1 }).timeout(LONG);
            let ended = call.call().await.unwrap_err();
            assert!(matches!(&ended, ContextError::Cancelled(why) if why.cause == Cause::Deadline), "{ended}");
            assert_eq!(log.lines().len(), 1);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_handler_that_does_not_listen_is_dropped_after_the_grace(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Work, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                let _over = log.on_drop("dropped");
                let exit = log.clone();
                ctx.on_exit(async move { exit.say("cleanup") });
                std::future::pending().await
            })
        }))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            let before = Instant::now();
            assert_eq!(ctx.cancel().await?, None);
            assert!(before.elapsed() >= Duration::from_millis(490), "{:?}", before.elapsed());
            assert_eq!(log.lines(), ["dropped", "cleanup"]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn now_is_dropped_at_once(over) {
        let site = Site::open(over, serves(Now, |_, _| Box::pin(async move {
            std::future::pending().await
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Now, scope, WorkArgs { n: 1 }).open().await?;
            let before = Instant::now();
            assert_eq!(ctx.cancel().await?, None);
            assert!(before.elapsed() < Duration::from_millis(490), "{:?}", before.elapsed());
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_longer_grace_is_given(over) {
        let site = Site::open(over, serves(Patient, |_, n| Box::pin(async move {
            // Longer than the grace of others.
            sleep(Duration::from_millis(1_000)).await;
            Ok(n)
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Patient, scope, WorkArgs { n: 9 }).open().await?;
            // It was asked, and lost the race against its own end.
            assert_eq!(ctx.cancel().await?, Some(9));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_commit_is_not_asked(over) {
        let site = Site::open(over, serves(Commit, |ctx, n| Box::pin(async move {
            let mut sum = n;
            for _ in 0..4 {
                sleep(Duration::from_millis(200)).await;
                ctx.send(sum).await?;
                sum += 1;
            }
            ctx.run(sleep(Duration::from_millis(200))).await?;
            Ok(sum)
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Commit, scope, WorkArgs { n: 1 }).open().await?;
            assert_eq!(ctx.cancel().await?, Some(5));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_commit_is_bounded_all_the_same(over) {
        let site = Site::open(over, serves(Commit, |_, _| Box::pin(async move {
            std::future::pending().await
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Commit, scope, WorkArgs { n: 1 }).open().await?;
            let before = Instant::now();
            assert_eq!(ctx.cancel().await?, None);
            assert!(before.elapsed() >= Duration::from_millis(1_490), "{:?}", before.elapsed());
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}
