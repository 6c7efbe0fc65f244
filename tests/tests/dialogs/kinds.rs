//! Every kind of dialog, and what it gives when all goes well.

use scipp_runtime::{ContextError, connect};

use crate::{
    Failed,
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer, Overflow},
    lab::{Work, WorkArgs, serves},
    site::{Over, Site, config, over_each_transport},
};

async fn calculator(over: Over) -> Site {
    Site::open(over, CalculatorServer::new(Calc)).await
}

over_each_transport! {
    async fn a_call_returns(over) {
        let site = calculator(over).await;
        let sum = connect(&site.target, config("caller"), async |portal, scope| {
            assert_eq!(&*portal.peer().name, "server");
            Ok::<_, Failed>(CalculatorClient::new(portal).add(scope, 20, 22).call().await?)
        })
        .await;
        assert_eq!(sum.unwrap(), 42);
        site.close().await;
    }

    async fn a_call_fails_with_its_declared_error(over) {
        let site = calculator(over).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = CalculatorClient::new(portal).add(scope, i64::MAX, 1).call().await.unwrap_err();
            assert_eq!(failed, ContextError::Endpoint(Overflow { at: i64::MAX }));
            assert_eq!(failed.to_string(), format!("the sum does not fit behind {}", i64::MAX));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_one_way_stream_is_received_to_its_end(over) {
        let site = calculator(over).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            // More than can be on the way at once.
            let (mut ctx, ()) = calculator.count(scope, 500).open().await?;
            for n in 1..=500 {
                assert_eq!(ctx.recv().await?, Some(n));
            }
            assert_eq!(ctx.recv().await?, None);
            assert_eq!(ctx.recv().await?, None);
            ctx.join().await?;

            let mut received = Vec::new();
            calculator
                .count(scope, 10)
                .with(|args| args.step = 4)
                .scope(async |ctx, ()| {
                    while let Some(n) = ctx.recv().await? {
                        received.push(n);
                    }
                    Ok::<_, Failed>(())
                })
                .await?;
            assert_eq!(received, [1, 5, 9]);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_one_way_stream_may_be_left_early(over) {
        let site = calculator(over).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            let (mut ctx, ()) = calculator.count(scope, 1_000_000).open().await?;
            assert_eq!(ctx.recv().await?, Some(1));
            assert_eq!(ctx.cancel().await?, None);
            assert_eq!(calculator.add(scope, 1, 1).call().await?, 2);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_context_streams_both_ways(over) {
        let site = calculator(over).await;
        let total = connect(&site.target, config("caller"), async |portal, scope| {
            let mut sums = Vec::new();
            let given = [1, 2, 3];
            let (sent, total) = CalculatorClient::new(portal)
                .accumulate(scope, 10)
                .scope(async |ctx, started| {
                    assert_eq!(started, 10);
                    let (mut tx, mut rx) = ctx.split();
                    for x in &given {
                        tx.send(*x).await?;
                        sums.extend(rx.recv().await?);
                    }
                    tx.stop().await?;
                    assert_eq!(rx.recv().await?, None);
                    Ok::<_, Failed>((given.len(), *sums.last().unwrap()))
                })
                .await?;
            assert_eq!((sent, sums), (3, vec![11, 13, 16]));
            Ok::<_, Failed>(total)
        })
        .await;
        assert_eq!(total.unwrap(), 16);
        site.close().await;
    }

    async fn a_guard_joins_the_result(over) {
        let site = calculator(over).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, started) = CalculatorClient::new(portal).accumulate(scope, 1).open().await?;
            assert_eq!(started, 1);
            ctx.send(41).await?;
            assert_eq!(ctx.recv().await?, Some(42));
            ctx.stop().await?;
            assert_eq!(ctx.join().await?, 42);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_full_stream_in_both_directions_does_not_deadlock(over) {
        let site = calculator(over).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            CalculatorClient::new(portal)
                .accumulate(scope, 0)
                .scope(async |ctx, _| {
                    let (mut tx, mut rx) = ctx.split();
                    let sending = async {
                        for x in 0..1_000 {
                            tx.send(x).await?;
                        }
                        tx.stop().await
                    };
                    let receiving = async {
                        let mut last = 0;
                        while let Some(sum) = rx.recv().await? {
                            last = sum;
                        }
                        Ok(last)
                    };
                    let (sent, last) = futures::join!(sending, receiving);
                    sent?;
                    assert_eq!(last?, 499_500);
                    Ok::<_, ContextError<_>>(())
                })
                .await?;
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn many_dialogs_share_a_session(over) {
        let site = calculator(over).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            let calls = (0..500).map(|n| calculator.add(scope, n, 1).call());
            for (n, sum) in (0..500).zip(futures::future::join_all(calls).await) {
                assert_eq!(sum?, n + 1);
            }
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_start_value_of_nil_needs_no_word_of_the_handler(over) {
        let site = Site::open(over, serves(Work, |ctx, n| Box::pin(async move {
            // The caller waits for the start before it sends.
            Ok(n + ctx.recv().await?.unwrap_or(0))
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            ctx.send(2).await?;
            assert_eq!(ctx.join().await?, 3);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_callee_opens_dialogs_with_its_caller(over) {
        let site = Site::open(over, serves(Work, |ctx, n| Box::pin(async move {
            let portal = ctx.portal();
            Ok(CalculatorClient::new(&portal).add(ctx, n, 1).call().await?)
        })))
        .await;
        let offers = config("caller").offer(CalculatorServer::new(Calc));
        connect(&site.target, offers, async |portal, scope| {
            assert_eq!(portal.open_context(Work, scope, WorkArgs { n: 41 }).call().await?, 42);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}
