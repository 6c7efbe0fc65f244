//! The directions of a dialog as streams and sinks.

use futures::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream, stream::FusedStream};
use scipp_runtime::{ContextError, connect};

use crate::{
    Failed,
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer, Overflow},
    lab::{Work, WorkArgs, serves},
    site::{Site, config, over_each_transport},
};

over_each_transport! {
    async fn a_stream_is_forwarded_into_a_dialog_and_collected_from_it(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let sums = CalculatorClient::new(portal)
                .accumulate(scope, 0)
                .scope(async |ctx, _| {
                    let (tx, rx) = ctx.split();
                    // More than may be on the way at once, both ways at the same time.
                    let (sent, sums) =
                        tokio::join!(stream::iter(1..=500).map(Ok).forward(tx), rx.try_collect::<Vec<i64>>());
                    sent?;
                    Ok::<_, Failed>(sums?)
                })
                .await?;
            assert_eq!(sums.len(), 500);
            assert_eq!(sums.last(), Some(&125_250));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_handler_forwards_and_collects(over) {
        let handler = serves(Work, |ctx, n| {
            Box::pin(async move {
                let (tx, rx) = ctx.split()?;
                // Each number back with its sign changed, and their sum at last.
                let mut sum = 0;
                rx.take(usize::try_from(n).unwrap_or_default())
                    .inspect_ok(|x| sum += *x)
                    .map_ok(|x| -x)
                    .forward(tx)
                    .await?;
                Ok(sum)
            })
        });
        let site = Site::open(over, handler).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 200 }).open().await?;
            let (mut tx, rx) = ctx.split();
            let mut numbers = stream::iter(1..=200).map(Ok);
            let (sent, back) = tokio::join!(tx.send_all(&mut numbers), rx.try_collect::<Vec<i64>>());
            sent?;
            assert_eq!(back?, (1..=200).map(|x| -x).collect::<Vec<i64>>());
            assert_eq!(ctx.join().await?, 20_100);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_stream_ends_after_one_error(over) {
        let handler = serves(Work, |ctx, n| {
            Box::pin(async move {
                ctx.send(n).await?;
                Err(Overflow { at: n }.into())
            })
        });
        let site = Site::open(over, handler).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 7 }).open().await?;
            let (_, mut rx) = ctx.split();
            assert_eq!(rx.next().await, Some(Ok(7)));
            assert!(!rx.is_terminated());
            assert_eq!(rx.next().await, Some(Err(ContextError::Endpoint(Overflow { at: 7 }))));
            assert!(rx.is_terminated());
            assert_eq!(rx.next().await, None);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn what_a_sink_holds_goes_before_what_is_sent_next(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, _) = CalculatorClient::new(portal).accumulate(scope, 0).open().await?;
            let (mut tx, mut rx) = ctx.split();
            tx.feed(1).await?;
            // Inherent: it knows of the item before.
            tx.send(10).await?;
            assert_eq!((rx.recv().await?, rx.recv().await?), (Some(1), Some(11)));
            tx.feed(100).await?;
            tx.stop().await?;
            assert_eq!((rx.recv().await?, rx.recv().await?), (Some(111), None));
            // The sink keeps it, and cannot be rid of it.
            tx.feed(1).await?;
            tx.flush().await.unwrap_err();
            assert_eq!(ctx.join().await?, 111);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}
