//! We read one-way streams of a Python actor.

use std::time::Duration;

use scipp_runtime::{ContextError, FailureCode};

use crate::lab::{AnyError, Done, Lab, cases, journal, unexpected};

cases![
    a_gen_is_read_to_its_end,
    a_gen_of_more_than_a_window,
    a_gen_is_left_early,
    a_gen_that_is_dropped_is_cancelled,
    a_gen_fails,
    a_gen_fails_as_declared,
    an_item_of_a_gen_of_a_wrong_type,
];

async fn read(lab: &Lab, to: u32) -> Done {
    lab.typed(async |typed, scope| {
        let mut read = 0;
        typed
            .count(scope, "ok".into(), to)
            .scope(async |ctx, ()| {
                while let Some(n) = ctx.recv().await? {
                    read += 1;
                    assert_eq!(n, read);
                }
                Ok::<_, AnyError>(())
            })
            .await?;
        assert_eq!(read, to);
        Ok(())
    })
    .await
}

async fn a_gen_is_read_to_its_end(lab: &Lab) -> Done {
    read(lab, 5).await
}

async fn a_gen_of_more_than_a_window(lab: &Lab) -> Done {
    read(lab, 1_000).await
}

async fn a_gen_is_left_early(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, ()) = typed.count(scope, "sleep".into(), 5).open().await?;
        assert_eq!(ctx.recv().await?, Some(1));
        assert_eq!(ctx.cancel().await?, None);
        journal(typed, scope, "count sleep").await
    })
    .await
}

async fn a_gen_that_is_dropped_is_cancelled(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, ()) = typed.count(scope, "sleep".into(), 5).open().await?;
        assert_eq!(ctx.recv().await?, Some(1));
        drop(ctx);
        journal(typed, scope, "count sleep").await
    })
    .await
}

async fn fails(lab: &Lab, plan: &str, name: &str) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, ()) = typed.count(scope, plan.into(), 2).open().await?;
        assert_eq!(ctx.recv().await?, Some(1));
        assert_eq!(ctx.recv().await?, Some(2));
        match ctx.recv().await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::Other(name.into()));
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_gen_fails(lab: &Lab) -> Done {
    fails(lab, "error", "ValueError").await
}

async fn a_gen_fails_as_declared(lab: &Lab) -> Done {
    fails(lab, "declared", "Refused").await
}

async fn an_item_of_a_gen_of_a_wrong_type(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, ()) = typed.count(scope, "wrong".into(), 3).open().await?;
        assert_eq!(ctx.recv().await?, Some(1));
        match tokio::time::timeout(Duration::from_secs(5), ctx.recv()).await? {
            Err(ContextError::Payload(_)) => {}
            other => return Err(unexpected(other)),
        }
        drop(ctx);
        journal(typed, scope, "count wrong").await
    })
    .await
}
