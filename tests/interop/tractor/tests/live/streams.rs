//! We hold contexts with streams with a Python actor.

use std::time::Duration;

use scipp_interop_tractor::{lab::LooseClient, number, text};
use scipp_runtime::{Context, ContextError, Endpoint, FailureCode};

use crate::lab::{Done, Lab, cases, journal, unexpected};

cases![
    the_caller_stops_first,
    the_callee_stops_first,
    both_sides_stop,
    the_result_is_waited_for_while_items_come,
    a_late_item_does_not_hide_the_result,
    items_both_ways_beyond_every_window,
    a_callee_that_reads_late_loses_nothing,
    a_callee_that_never_reads_says_that_it_lost_items,
    a_callee_floods_a_caller_that_reads,
    a_callee_floods_a_caller_that_does_not_read,
    a_stream_fails,
    a_stream_fails_as_declared,
    a_stream_is_cancelled,
    a_stream_is_dropped,
    a_callee_cancels_itself_in_its_stream,
    an_item_of_a_wrong_type,
    python_is_sent_an_item_of_a_wrong_type,
    python_takes_right_items,
];

async fn the_caller_stops_first(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, started) = typed.talk(scope, "echo".into()).open().await?;
        assert_eq!(started, 1);
        for n in [1, 2, 3] {
            ctx.send(n).await?;
            assert_eq!(ctx.recv().await?, Some(n * 10));
        }
        ctx.stop().await?;
        assert_eq!(ctx.join().await?, 6);
        Ok(())
    })
    .await
}

async fn the_callee_stops_first(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "leave 3".into()).open().await?;
        for n in 0..3 {
            assert_eq!(ctx.recv().await?, Some(n));
        }
        assert_eq!(ctx.recv().await?, None);
        assert_eq!(ctx.join().await?, 3);
        Ok(())
    })
    .await
}

async fn both_sides_stop(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "leave 1".into()).open().await?;
        ctx.stop().await?;
        assert_eq!(ctx.join().await?, 1);
        Ok(())
    })
    .await
}

async fn the_result_is_waited_for_while_items_come(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, _) = typed.talk(scope, "leave 40".into()).open().await?;
        assert_eq!(ctx.join().await?, 40);
        Ok(())
    })
    .await
}

async fn a_late_item_does_not_hide_the_result(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "linger 30".into()).open().await?;
        assert_eq!(ctx.recv().await?, Some(0));
        ctx.stop().await?;
        assert_eq!(ctx.join().await?, 30);
        Ok(())
    })
    .await
}

/// Answers pace them: a tractor actor keeps 64 items of a dialog that it has not read, and nothing else tells how many it has.
async fn items_both_ways_beyond_every_window(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "echo".into()).open().await?;
        for n in 0..1_000 {
            ctx.send(n).await?;
            if n >= 32 {
                assert_eq!(ctx.recv().await?, Some((n - 32) * 10));
            }
        }
        for n in 968..1_000 {
            assert_eq!(ctx.recv().await?, Some(n * 10));
        }
        ctx.stop().await?;
        assert_eq!(ctx.join().await?, 499_500);
        Ok(())
    })
    .await
}

async fn a_callee_that_reads_late_loses_nothing(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        // Its queue is the one that every tractor actor has.
        let (mut ctx, _) = typed.talk(scope, "slow 64".into()).open().await?;
        for n in 0..60 {
            ctx.send(n).await?;
        }
        ctx.stop().await?;
        assert_eq!(ctx.join().await?, 1_770);
        Ok(())
    })
    .await
}

async fn a_callee_that_never_reads_says_that_it_lost_items(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "deaf".into()).open().await?;
        let mut sent = 0;
        let failed = loop {
            match ctx.send(1).await {
                Ok(()) if sent < 1_000 => sent += 1,
                Ok(()) => return Err("no end".into()),
                Err(failed) => break failed,
            }
        };
        assert!(sent >= 64, "{sent} sent");
        match failed {
            ContextError::Remote(failure) if failure.code() == FailureCode::Overrun => {}
            other => return Err(unexpected(other)),
        }
        drop(ctx);
        journal(typed, scope, "talk deaf").await
    })
    .await
}

async fn a_callee_floods_a_caller_that_reads(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "flood 2000".into()).open().await?;
        for n in 0..2_000 {
            assert_eq!(ctx.recv().await?, Some(n));
        }
        assert_eq!(ctx.recv().await?, None);
        assert_eq!(ctx.join().await?, 2_000);
        Ok(())
    })
    .await
}

/// Reading rests for two seconds; then the dialog loses items, and both sides are told.
async fn a_callee_floods_a_caller_that_does_not_read(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "flood 500".into()).open().await?;
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        let mut read = 0;
        loop {
            match ctx.recv().await {
                Ok(Some(n)) => {
                    assert_eq!(n, read);
                    read += 1;
                }
                Err(ContextError::Overrun) => break,
                other => return Err(unexpected((read, other))),
            }
        }
        drop(ctx);
        assert_eq!(typed.call(scope, "ok".into()).call().await?, 42);
        Ok(())
    })
    .await
}

/// A tractor actor leaves its stream before it says why it fails.
pub async fn over<E: Endpoint>(mut ctx: Context<E>) -> Result<E::Returns, ContextError<E::Error>> {
    while ctx.recv().await?.is_some() {}
    ctx.join().await
}

async fn fails(lab: &Lab, plan: &str, name: &str) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, plan.into()).open().await?;
        ctx.send(5).await?;
        assert_eq!(ctx.recv().await?, Some(5));
        match over(ctx).await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::Other(name.into()));
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_stream_fails(lab: &Lab) -> Done {
    fails(lab, "error", "ValueError").await
}

async fn a_stream_fails_as_declared(lab: &Lab) -> Done {
    fails(lab, "declared", "Refused").await
}

async fn a_stream_is_cancelled(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "sleep".into()).open().await?;
        ctx.send(1).await?;
        assert_eq!(ctx.cancel().await?, None);
        assert_eq!(typed.journal(scope).call().await?, ["talk sleep"]);
        Ok(())
    })
    .await
}

async fn a_stream_is_dropped(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "sleep".into()).open().await?;
        ctx.send(1).await?;
        drop(ctx);
        journal(typed, scope, "talk sleep").await
    })
    .await
}

async fn a_callee_cancels_itself_in_its_stream(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "cancel".into()).open().await?;
        ctx.send(1).await?;
        match over(ctx).await {
            Err(ContextError::Cancelled(why)) => {
                let who = why.canceller.ok_or("nobody cancelled")?;
                assert_eq!(&*who.name, "pyserver");
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn an_item_of_a_wrong_type(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "item".into()).open().await?;
        match ctx.recv().await {
            Err(ContextError::Payload(_)) => {}
            other => return Err(unexpected(other)),
        }
        drop(ctx);
        journal(typed, scope, "talk item").await
    })
    .await
}

async fn python_is_sent_an_item_of_a_wrong_type(lab: &Lab) -> Done {
    lab.session(async |portal, scope| {
        let loose = LooseClient::new(portal);
        let (mut ctx, _) = loose.talk(scope, "ok".into()).open().await?;
        ctx.send(text()).await?;
        match over(ctx).await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::BadPayload);
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn python_takes_right_items(lab: &Lab) -> Done {
    lab.session(async |portal, scope| {
        let loose = LooseClient::new(portal);
        let (mut ctx, _) = loose.talk(scope, "ok".into()).open().await?;
        ctx.send(number(20)).await?;
        ctx.send(number(22)).await?;
        ctx.stop().await?;
        assert_eq!(ctx.join().await?.decode::<i64>()?, 42);
        Ok(())
    })
    .await
}
