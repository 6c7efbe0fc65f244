//! We hold contexts without streams with a Python actor.

use std::time::Duration;

use scipp_interop_tractor::lab::LooseClient;
use scipp_runtime::{ContextError, FailureCode};

use crate::lab::{AnyError, Done, Lab, cases, journal, unexpected};

cases![
    a_context_starts_and_returns,
    a_context_fails_before_it_has_started,
    a_context_fails_after_it_has_started,
    a_context_fails_as_declared,
    a_context_is_cancelled,
    a_context_is_cancelled_before_it_has_started,
    a_context_that_is_dropped_is_cancelled,
    a_body_that_fails_cancels_its_context,
    a_context_cancels_itself,
    both_sides_cancel_a_context,
    a_context_returns_without_a_start,
    a_start_value_of_a_wrong_type,
    a_returned_value_of_a_wrong_type,
    python_refuses_to_start_with_a_wrong_type,
    python_starts_with_a_wrong_type_unchecked,
];

async fn a_context_starts_and_returns(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, started) = typed.quiet(scope, "ok".into()).open().await?;
        assert_eq!((started, ctx.join().await?), (1, 2));
        Ok(())
    })
    .await
}

async fn a_context_fails_before_it_has_started(lab: &Lab) -> Done {
    lab.typed(
        async |typed, scope| match typed.quiet(scope, "early error".into()).open().await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::Other("ValueError".into()));
                Ok(())
            }
            other => Err(unexpected(other)),
        },
    )
    .await
}

async fn a_context_fails_after_it_has_started(lab: &Lab) -> Done {
    late(lab, "error", "ValueError").await
}

async fn a_context_fails_as_declared(lab: &Lab) -> Done {
    late(lab, "declared", "Refused").await
}

async fn late(lab: &Lab, plan: &str, name: &str) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, started) = typed.quiet(scope, plan.into()).open().await?;
        assert_eq!(started, 1);
        match ctx.join().await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::Other(name.into()));
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_context_is_cancelled(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, _) = typed.quiet(scope, "sleep".into()).open().await?;
        assert_eq!(ctx.cancel().await?, None);
        // The end of the dialog says that the callee is over: nothing to wait for.
        assert_eq!(typed.journal(scope).call().await?, ["quiet sleep"]);
        Ok(())
    })
    .await
}

async fn a_context_is_cancelled_before_it_has_started(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let limit = Duration::from_millis(200);
        let open = typed
            .quiet(scope, "early sleep".into())
            .timeout(limit)
            .open();
        match open.await {
            Err(ContextError::Cancelled(_)) => journal(typed, scope, "quiet early sleep").await,
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_context_that_is_dropped_is_cancelled(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        drop(typed.quiet(scope, "sleep".into()).open().await?);
        journal(typed, scope, "quiet sleep").await
    })
    .await
}

async fn a_body_that_fails_cancels_its_context(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let failed = typed
            .quiet(scope, "sleep".into())
            .scope(async |_, _| Err::<(), AnyError>("the body's own".into()))
            .await;
        assert_eq!(failed.unwrap_err().to_string(), "the body's own");
        assert_eq!(typed.journal(scope).call().await?, ["quiet sleep"]);
        Ok(())
    })
    .await
}

async fn a_context_cancels_itself(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, _) = typed.quiet(scope, "cancel".into()).open().await?;
        match ctx.join().await {
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

async fn both_sides_cancel_a_context(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, _) = typed.quiet(scope, "late cancel".into()).open().await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Whoever is faster: it is over, and by a cancel.
        match ctx.cancel().await {
            Ok(None) | Err(ContextError::Cancelled(_)) => {
                journal(typed, scope, "quiet late cancel").await
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_context_returns_without_a_start(lab: &Lab) -> Done {
    lab.typed(
        async |typed, scope| match typed.quiet(scope, "unstarted".into()).open().await {
            Err(ContextError::Remote(failure)) => {
                assert!(failure.message().contains("start value"), "{failure}");
                Ok(())
            }
            other => Err(unexpected(other)),
        },
    )
    .await
}

async fn a_start_value_of_a_wrong_type(lab: &Lab) -> Done {
    lab.typed(
        async |typed, scope| match typed.quiet(scope, "wrong started".into()).open().await {
            Err(ContextError::Payload(_)) => journal(typed, scope, "quiet wrong started").await,
            other => Err(unexpected(other)),
        },
    )
    .await
}

async fn a_returned_value_of_a_wrong_type(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, _) = typed.quiet(scope, "wrong returns".into()).open().await?;
        match ctx.join().await {
            Err(ContextError::Payload(_)) => Ok(()),
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn python_refuses_to_start_with_a_wrong_type(lab: &Lab) -> Done {
    lab.session(async |portal, scope| {
        let loose = LooseClient::new(portal);
        match loose.talk(scope, "wrong started".into()).open().await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::BadPayload);
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn python_starts_with_a_wrong_type_unchecked(lab: &Lab) -> Done {
    lab.session(async |portal, scope| {
        let loose = LooseClient::new(portal);
        let (ctx, started) = loose.talk(scope, "unchecked started".into()).open().await?;
        assert_eq!(started.decode::<String>()?, "text");
        // It starts twice, of which tractor makes an error.
        match ctx.join().await {
            Err(ContextError::Remote(_)) => Ok(()),
            other => Err(unexpected(other)),
        }
    })
    .await
}
