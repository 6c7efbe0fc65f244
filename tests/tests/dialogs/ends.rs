//! How actors end: drained, bounded, and with nothing left running.

use std::time::Duration;

use scipp_runtime::{Cause, ConnectError, ContextError, Drained, connect};
use tokio::time::{Instant, sleep};

use crate::{
    Failed,
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer},
    lab::{Call, Log, Work, WorkArgs, serves},
    site::{Site, config, over_each_transport},
};

const LONG: Duration = Duration::from_secs(600);

over_each_transport! {
    async fn a_shutdown_lets_calls_end(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Call, move |_, n| {
            let log = says.clone();
            Box::pin(async move {
                log.say("runs");
                log.until("go on").await;
                Ok(n)
            })
        }))
        .await;
        let shutdown = site.shutdown.clone();
        let target = site.target.clone();
        let caller = async {
            connect(&target, config("caller"), async |portal, scope| {
                let call = portal.open_context(Call, scope, WorkArgs { n: 5 }).call();
                let end = async {
                    log.until("runs").await;
                    shutdown.cancel();
                    sleep(Duration::from_millis(50)).await;
                    log.say("go on");
                };
                let (ended, ()) = futures::join!(call, end);
                assert_eq!(ended?, 5);
                Ok::<_, Failed>(())
            })
            .await
        };
        let (called, drained) = futures::join!(caller, site.close_when_asked());
        called.unwrap();
        assert_eq!(drained, Drained { finished: 1, ..Drained::default() });
    }

    async fn a_shutdown_asks_and_then_drops(over) {
        let log = Log::new();
        let says = log.clone();
        let brief = config("server").limits(|limits| limits.drain_max = Duration::from_millis(100));
        let site = Site::open_with(over, brief, serves(Work, move |ctx, n| {
            let log = says.clone();
            Box::pin(async move {
                let exit = log.clone();
                ctx.on_exit(async move { exit.say("cleanup") });
                if n == 0 {
                    std::future::pending::<()>().await;
                }
                let why = ctx.run(sleep(LONG)).await.unwrap_err();
                assert_eq!(why.cause, Cause::Shutdown);
                Err(why.into())
            })
        }))
        .await;
        let target = site.target.clone();
        let shutdown = site.shutdown.clone();
        let caller = async {
            connect(&target, config("caller"), async |portal, scope| {
                let (stubborn, ()) = portal.open_context(Work, scope, WorkArgs { n: 0 }).open().await?;
                let (listens, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
                shutdown.cancel();
                let (stubborn, listens) = futures::join!(stubborn.join(), listens.join());
                for ended in [stubborn.unwrap_err(), listens.unwrap_err()] {
                    let ContextError::Cancelled(why) = &ended else { panic!("cancelled, not {ended}") };
                    assert_eq!(why.canceller.as_ref().map(|actor| &*actor.name), Some("server"));
                }
                Ok::<_, Failed>(())
            })
            .await
        };
        let (called, drained) = futures::join!(caller, site.close_when_asked());
        called.unwrap();
        assert_eq!(drained, Drained { cancelled: 1, forced: 1, ..Drained::default() });
        assert_eq!(log.lines(), ["cleanup", "cleanup"]);
    }

    async fn a_body_leaves_nothing_running(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        let log = Log::new();
        connect(&site.target, config("caller"), async |portal, scope| {
            let (portal, below, child) = (portal.clone(), scope.clone(), log.clone());
            scope.spawn(async move {
                let sum = CalculatorClient::new(&portal).add(&below, 1, 1).call().await;
                child.say(&format!("{sum:?}"));
            });
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        assert_eq!(log.lines(), ["Ok(2)"]);
        site.close().await;
    }

    async fn a_body_whose_scope_ends_is_dropped_after_the_grace(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        let parent = scipp_runtime::Scope::root().child(Some(Duration::from_millis(100)));
        let before = Instant::now();
        let ended = connect(&site.target, config("caller").under(&parent), async |_, _| {
            std::future::pending::<()>().await;
            Ok::<_, ConnectError>(())
        })
        .await;
        assert!(matches!(ended, Err(ConnectError::Cancelled(why)) if why.cause == Cause::Deadline));
        assert!(before.elapsed() >= Duration::from_millis(590), "{:?}", before.elapsed());
        site.close().await;
    }

    async fn a_peer_may_not_stop_the_actor(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            assert!(portal.cancel_actor().await.is_err());
            assert_eq!(CalculatorClient::new(portal).add(scope, 1, 1).call().await?, 2);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_peer_stops_an_actor_that_allows_it(over) {
        let site = Site::open_with(over, config("server").allow_actor_cancel(), CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, _| {
            portal.cancel_actor().await?;
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        // Nobody else shuts it down.
        site.close_when_asked().await;
    }
}
