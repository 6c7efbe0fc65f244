//! Several connections to a Python actor, dialogs the other way, and errors that come from further away.

use scipp_interop_tractor::{
    Lab as Served,
    lab::{TypedClient, TypedServer},
};
use scipp_runtime::{ContextError, FailureCode};

use crate::lab::{AnyError, Done, Lab, cases, config, unexpected};

cases![
    two_connections_to_one_actor,
    many_dialogs_on_one_connection,
    python_calls_us_on_our_connection,
    python_fails_because_we_fail,
    python_is_refused_on_our_connection,
    python_passes_a_result_on,
    python_passes_an_error_on,
    python_passes_a_declared_error_on,
];

/// One actor, two connections: a cancel works on its own.
async fn two_connections_to_one_actor(lab: &Lab) -> Done {
    let me = config();
    lab.session_as(me.clone(), async |first, outer| {
        let (mut one, _) = TypedClient::new(first)
            .talk(outer, "echo".into())
            .open()
            .await?;
        lab.session_as(me, async |second, inner| {
            let (mut two, _) = TypedClient::new(second)
                .talk(inner, "echo".into())
                .open()
                .await?;
            two.send(1).await?;
            one.send(2).await?;
            assert_eq!((one.recv().await?, two.recv().await?), (Some(20), Some(10)));
            assert_eq!(two.cancel().await?, None);
            Ok(())
        })
        .await?;
        one.send(3).await?;
        assert_eq!(one.recv().await?, Some(30));
        one.stop().await?;
        assert_eq!(one.join().await?, 5);
        Ok(())
    })
    .await
}

async fn many_dialogs_on_one_connection(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let talks = (0..30).map(async |n| {
            let (mut ctx, _) = typed.talk(scope, "echo".into()).open().await?;
            for x in 0..10 {
                ctx.send(n + x).await?;
                assert_eq!(ctx.recv().await?, Some((n + x) * 10));
            }
            if n % 2 == 0 {
                assert_eq!(ctx.cancel().await?, None);
            } else {
                ctx.stop().await?;
                assert_eq!(ctx.join().await?, n * 10 + 45);
            }
            Ok::<_, AnyError>(())
        });
        futures::future::try_join_all(talks).await?;
        Ok(())
    })
    .await
}

async fn back(lab: &Lab, plan: &str) -> Result<i64, AnyError> {
    let me = config().offer(TypedServer::new(Served::default()));
    lab.session_as(me, async |portal, scope| {
        let called = TypedClient::new(portal).back(scope, plan.into()).call();
        Ok(called.await?)
    })
    .await
}

async fn python_calls_us_on_our_connection(lab: &Lab) -> Done {
    assert_eq!(back(lab, "ok").await?, 42);
    Ok(())
}

async fn python_fails_because_we_fail(lab: &Lab) -> Done {
    let me = config().offer(TypedServer::new(Served::default()));
    lab.session_as(me, async |portal, scope| {
        match TypedClient::new(portal)
            .back(scope, "error".into())
            .call()
            .await
        {
            Err(ContextError::Remote(failure)) => {
                let path: Vec<_> = failure.path().iter().map(|who| &*who.name).collect();
                assert_eq!(path, ["rustcaller", "pyserver"]);
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

/// We offer nothing.
async fn python_is_refused_on_our_connection(lab: &Lab) -> Done {
    lab.session(async |portal, scope| {
        match TypedClient::new(portal)
            .back(scope, "ok".into())
            .call()
            .await
        {
            Err(ContextError::Remote(failure)) => {
                assert!(
                    failure.to_string().contains("ModuleNotExposed"),
                    "{failure}"
                );
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn python_passes_a_result_on(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let passed = typed.relay(scope, lab.rust.clone(), "ok".into()).call();
        assert_eq!(passed.await?, 42);
        Ok(())
    })
    .await
}

async fn passed(lab: &Lab, plan: &str) -> Done {
    lab.typed(async |typed, scope| {
        match typed
            .relay(scope, lab.rust.clone(), plan.into())
            .call()
            .await
        {
            Err(ContextError::Remote(failure)) => {
                // What a tractor actor leaves of an error whose type it does not know: where it began, and how it came.
                assert_eq!(
                    failure.code(),
                    FailureCode::Other("RemoteActorError".into())
                );
                let path: Vec<_> = failure.path().iter().map(|who| &*who.name).collect();
                assert_eq!(path, ["rustserver", "pyserver"]);
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn python_passes_an_error_on(lab: &Lab) -> Done {
    passed(lab, "error").await
}

async fn python_passes_a_declared_error_on(lab: &Lab) -> Done {
    passed(lab, "declared").await
}
