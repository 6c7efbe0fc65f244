//! Peers that go away, at each stage of a dialog and on both sides.

use std::time::Duration;

use scipp_runtime::{
    Cause, ConnectError, ContextError, EndpointError, Outcome, Router, Scope, ServerContext,
    ServerError, connect, serve_session, with_session,
};
use tokio::time::Instant;

use crate::{
    Failed,
    calculator::{Calculator, CalculatorClient, CalculatorServer, Overflow, calculator},
    lab::{Call, Commit, Log, Work, WorkArgs, serves},
    site::{Line, Over, Site, config, over_each_transport},
};

/// Serves a dialog that runs until its caller leaves the stream, and says how it ended.
async fn site(over: Over, log: &Log) -> Site {
    let says = log.clone();
    let work = serves(Work, move |ctx, n| {
        let log = says.clone();
        Box::pin(async move {
            let exit = log.clone();
            ctx.on_exit(async move { exit.say("cleanup") });
            log.say("runs");
            loop {
                match ctx.recv().await {
                    Ok(Some(item)) => ctx.send(item).await?,
                    Ok(None) => return Ok(n),
                    Err(ServerError::Cancelled(why)) => {
                        log.say(&format!("{:?}", why.cause));
                        return Err(why.into());
                    }
                    Err(other) => return Err(other.into()),
                }
            }
        })
    });
    Site::open(
        over,
        Router::new()
            .with(work)
            .with(CalculatorServer::new(NeverStarts(log.clone()))),
    )
    .await
}

/// Never says its start value.
struct NeverStarts(Log);

impl Calculator for NeverStarts {
    async fn add(
        &self,
        _: &mut ServerContext<calculator::Add>,
        _: calculator::AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        Err(EndpointError::failed("not asked here"))
    }

    async fn count(
        &self,
        _: &mut ServerContext<calculator::Count>,
        _: calculator::CountArgs,
    ) -> Result<(), EndpointError<scipp_codec::Never>> {
        Ok(())
    }

    async fn accumulate(
        &self,
        ctx: &mut ServerContext<calculator::Accumulate>,
        _: calculator::AccumulateArgs,
    ) -> Result<i64, EndpointError<calculator::AccumulateError>> {
        self.0.say("runs");
        ctx.run(std::future::pending::<()>()).await?;
        Ok(0)
    }
}

over_each_transport! {
    async fn a_callee_whose_caller_goes_away_is_cancelled_at_once(over) {
        let log = Log::new();
        let site = site(over, &log).await;
        let (near, line) = site.line().await;
        let ended = with_session(near, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            ctx.send(7).await?;
            assert_eq!(ctx.recv().await?, Some(7));
            line.cut().await;
            log.until("cleanup").await;
            Err::<(), _>(Failed::from(ctx.recv().await.unwrap_err()))
        })
        .await;
        assert!(ended.unwrap_err().to_string().starts_with("in doubt"));
        assert_eq!(log.lines(), ["runs", "SessionLost", "cleanup"]);
        site.close().await;
    }

    async fn a_caller_whose_callee_goes_away_is_in_doubt(over) {
        let log = Log::new();
        let site = site(over, &log).await;
        let (near, line) = site.line().await;
        with_session(near, config("caller"), async |portal, scope| {
            // One dialog that waits for its start, one that waits for an item, one that waits for its result.
            let starting = CalculatorClient::new(portal).accumulate(scope, 0).open();
            let (mut streaming, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            let (joining, ()) = portal.open_context(Work, scope, WorkArgs { n: 2 }).open().await?;
            let cut = async {
                log.lines_at_least(3).await;
                line.cut().await;
            };
            let (starting, streaming, joining, ()) = futures::join!(starting, streaming.recv(), joining.join(), cut);
            let starting = starting.unwrap_err();
            assert!(matches!(starting, ContextError::InDoubt(_)), "{starting}");
            for failed in [streaming.unwrap_err(), joining.unwrap_err()] {
                assert!(matches!(failed, ContextError::InDoubt(_)), "{failed}");
                assert_eq!((failed.outcome(), failed.is_retryable()), (Outcome::InDoubt, false));
            }
            // The session is over: a new call does not leave the process.
            let failed = portal.open_context(Work, scope, WorkArgs { n: 1 }).call().await.unwrap_err();
            assert!(matches!(failed, ContextError::NotSent(_)) && failed.is_retryable(), "{failed}");
            assert!(!portal.is_open());
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_guard_of_a_lost_session_drops_in_peace(over) {
        let log = Log::new();
        let site = site(over, &log).await;
        let (near, line) = site.line().await;
        with_session(near, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            line.cut().await;
            log.until("cleanup").await;
            drop(ctx);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_peer_that_goes_away_in_the_handshake_is_nobody(over) {
        let log = Log::new();
        let site = site(over, &log).await;
        // Before the handshake, in its middle.
        drop(site.dial().await);
        let (_, line) = site.line().await;
        line.cut().await;
        site.shout_and_leave(&[40, 0, 0, 0, 0x82]).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            ctx.cancel().await?;
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_call_that_is_in_doubt_did_run(over) {
        let log = Log::new();
        let says = log.clone();
        let site = Site::open(over, serves(Call, move |ctx, _| {
            let log = says.clone();
            Box::pin(async move {
                log.say("runs");
                let why = ctx.run(std::future::pending::<()>()).await.unwrap_err();
                assert_eq!(why.cause, Cause::SessionLost);
                log.say("over");
                Err(why.into())
            })
        }))
        .await;
        let (near, line) = site.line().await;
        with_session(near, config("caller"), async |portal, scope| {
            let call = portal.open_context(Call, scope, WorkArgs { n: 1 }).call();
            let cut = async {
                log.until("runs").await;
                line.cut().await;
                log.until("over").await;
            };
            let (ended, ()) = futures::join!(call, cut);
            assert!(matches!(ended, Err(ContextError::InDoubt(_))), "{ended:?}");
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_step_never_takes_half_of_a_stream_for_all_of_it() {
    let log = Log::new();
    let says = log.clone();
    // Not asked to stop, so it is told by its stream.
    let commit = serves(Commit, move |ctx, n| {
        let log = says.clone();
        Box::pin(async move {
            let mut items = 0;
            loop {
                match ctx.recv().await {
                    Ok(Some(_)) => items += 1,
                    Ok(None) => log.say(&format!("all {items}")),
                    Err(ServerError::Cancelled(why)) => {
                        log.say(&format!("{:?} after {items}", why.cause));
                    }
                    Err(other) => log.say(&other.to_string()),
                }
                if ctx.send(items).await.is_err() {
                    log.say("over");
                    return Ok(n);
                }
            }
        })
    });
    let site = Site::open(Over::Memory, commit).await;
    let (near, line) = site.line().await;
    let ended = with_session(near, config("caller"), async |portal, scope| {
        let (mut ctx, ()) = portal
            .open_context(Commit, scope, WorkArgs { n: 1 })
            .open()
            .await?;
        ctx.send(1).await?;
        assert_eq!(ctx.recv().await?, Some(1));
        line.cut().await;
        ctx.join().await?;
        Ok::<_, Failed>(())
    })
    .await;
    assert!(ended.unwrap_err().to_string().starts_with("in doubt"));
    log.until("over").await;
    assert_eq!(log.lines(), ["SessionLost after 1", "over"]);
    site.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_session_is_over_after_its_handlers() {
    let log = Log::new();
    let says = log.clone();
    let work = serves(Work, move |ctx, _| {
        let log = says.clone();
        Box::pin(async move {
            let exit = log.clone();
            ctx.on_exit(async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                exit.say("cleanup");
            });
            log.say("runs");
            ctx.recv().await?;
            Ok(0)
        })
    });
    let (near, far, line) = Line::new();
    let shutdown = Scope::root();
    let server = async {
        serve_session(far, config("server"), work, &shutdown).await;
        log.say("session over");
    };
    let client = async {
        let ended = with_session(near, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal
                .open_context(Work, scope, WorkArgs { n: 1 })
                .open()
                .await?;
            log.until("runs").await;
            line.cut().await;
            Ok::<_, Failed>(ctx.join().await?)
        });
        assert!(ended.await.is_err());
    };
    futures::join!(server, client);
    assert_eq!(log.lines(), ["runs", "cleanup", "session over"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_answers() {
    let folder = std::env::temp_dir().join(format!("scipp-nobody-{}.sock", std::process::id()));
    let address = format!("unix:{}", folder.display());
    let failed = connect(&address, config("caller"), async |_, _| {
        Ok::<_, ConnectError>(())
    })
    .await
    .unwrap_err();
    assert!(
        failed
            .to_string()
            .starts_with(&format!("cannot connect to {address}")),
        "{failed}"
    );

    // A listener that accepts and never says who it is.
    let (near, _far) = scipp_runtime::transport::Stream::pair(1024);
    let before = Instant::now();
    let failed = with_session(near, config("caller"), async |_, _| {
        Ok::<_, ConnectError>(())
    })
    .await
    .unwrap_err();
    assert!(matches!(failed, ConnectError::Handshake { .. }), "{failed}");
    assert_eq!(before.elapsed().as_secs(), 5);
    assert!(before.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn plain_tcp_is_an_explicit_choice() {
    let config = scipp_runtime::Config::new("caller");
    let failed = connect("tcp://127.0.0.1:1", config.clone(), async |_, _| {
        Ok::<_, ConnectError>(())
    })
    .await
    .unwrap_err();
    assert!(
        failed.to_string().contains("Config::insecure_loopback()"),
        "{failed}"
    );
    let config = config.insecure_loopback();
    let failed = connect("tcp://192.0.2.1:1", config, async |_, _| {
        Ok::<_, ConnectError>(())
    })
    .await
    .unwrap_err();
    assert!(
        failed.to_string().contains("Config::insecure_network()"),
        "{failed}"
    );
}
