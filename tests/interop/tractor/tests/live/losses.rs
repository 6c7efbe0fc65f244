//! Peers that vanish, connections that are left, actors that are stopped.

use std::time::Duration;

use scipp_interop_tractor::lab::TypedClient;
use scipp_runtime::ContextError;
use tokio::time::timeout;

use crate::lab::{AnyError, Done, Lab, cases, journal, unexpected};

cases![
    python_is_killed_in_a_call,
    python_is_killed_before_a_start,
    python_is_killed_in_a_stream,
    python_is_killed_in_a_gen,
    a_connection_is_left_in_a_call,
    a_connection_is_left_before_a_start,
    a_connection_is_left_in_a_context,
    a_connection_is_left_in_a_stream,
    a_connection_is_left_in_a_gen,
    a_session_whose_body_fails_ends_its_dialogs,
    an_idle_actor_is_cancelled,
    an_actor_is_cancelled_with_a_context,
];

/// Where in a dialog something happens.
#[derive(Clone, Copy)]
enum Stage {
    Call,
    Opening,
    Context,
    Stream,
    Gen,
}

impl Stage {
    /// What the peer notes when that handler is over.
    fn line(self) -> &'static str {
        match self {
            Self::Call => "call sleep",
            Self::Opening => "quiet early sleep",
            Self::Context => "quiet sleep",
            Self::Stream => "talk sleep",
            Self::Gen => "count sleep",
        }
    }
}

/// A dialog that has come to a stage and waits there.
async fn wait_at(
    stage: Stage,
    typed: &TypedClient,
    scope: &scipp_runtime::Scope,
) -> Result<(), ContextError<scipp_interop_tractor::lab::Refused>> {
    match stage {
        Stage::Call => typed.call(scope, "sleep".into()).call().await.map(|_| ()),
        Stage::Opening => {
            let (ctx, _) = typed.quiet(scope, "early sleep".into()).open().await?;
            ctx.join().await.map(|_| ())
        }
        Stage::Context => {
            let (ctx, _) = typed.quiet(scope, "sleep".into()).open().await?;
            ctx.join().await.map(|_| ())
        }
        Stage::Stream => {
            let (mut ctx, _) = typed.talk(scope, "sleep".into()).open().await?;
            ctx.send(1).await?;
            while ctx.recv().await?.is_some() {}
            ctx.join().await.map(|_| ())
        }
        Stage::Gen => {
            let (mut ctx, ()) = typed.count(scope, "sleep".into(), 5).open().await?;
            while ctx.recv().await?.is_some() {}
            ctx.join().await
        }
    }
}

async fn killed(lab: &Lab, stage: Stage) -> Done {
    let (server, lab) = lab.server().await?;
    lab.session(async |portal, scope| {
        let typed = TypedClient::new(portal);
        let kill = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            server.kill().await;
        };
        let (ended, ()) = futures::join!(wait_at(stage, &typed, scope), kill);
        match ended {
            Err(ContextError::InDoubt(_)) => Ok(()),
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn python_is_killed_in_a_call(lab: &Lab) -> Done {
    killed(lab, Stage::Call).await
}

async fn python_is_killed_before_a_start(lab: &Lab) -> Done {
    killed(lab, Stage::Opening).await
}

async fn python_is_killed_in_a_stream(lab: &Lab) -> Done {
    killed(lab, Stage::Stream).await
}

async fn python_is_killed_in_a_gen(lab: &Lab) -> Done {
    killed(lab, Stage::Gen).await
}

/// The future of the whole session is dropped: a tractor actor would crash or leak if its caller just went.
async fn left(lab: &Lab, stage: Stage) -> Done {
    let session = lab.session(async |portal, scope| {
        let typed = TypedClient::new(portal);
        typed.journal(scope).call().await?;
        wait_at(stage, &typed, scope).await?;
        Ok(())
    });
    let dropped = timeout(Duration::from_millis(200), session).await;
    assert!(dropped.is_err(), "it waits: {dropped:?}");
    lab.session(async |portal, scope| journal(&TypedClient::new(portal), scope, stage.line()).await)
        .await
}

async fn a_connection_is_left_in_a_call(lab: &Lab) -> Done {
    left(lab, Stage::Call).await
}

async fn a_connection_is_left_before_a_start(lab: &Lab) -> Done {
    left(lab, Stage::Opening).await
}

async fn a_connection_is_left_in_a_context(lab: &Lab) -> Done {
    left(lab, Stage::Context).await
}

async fn a_connection_is_left_in_a_stream(lab: &Lab) -> Done {
    left(lab, Stage::Stream).await
}

async fn a_connection_is_left_in_a_gen(lab: &Lab) -> Done {
    left(lab, Stage::Gen).await
}

async fn a_session_whose_body_fails_ends_its_dialogs(lab: &Lab) -> Done {
    let failed = lab
        .session(async |portal, scope| {
            let typed = TypedClient::new(portal);
            let (_quiet, _) = typed.quiet(scope, "sleep".into()).open().await?;
            let (mut talk, _) = typed.talk(scope, "sleep".into()).open().await?;
            talk.send(1).await?;
            Err::<(), AnyError>("the body's own".into())
        })
        .await;
    assert_eq!(failed.unwrap_err().to_string(), "the body's own");
    lab.session(async |portal, scope| {
        let typed = TypedClient::new(portal);
        let lines = typed.journal(scope).call().await?;
        assert!(lines.contains(&"quiet sleep".to_owned()), "{lines:?}");
        assert!(lines.contains(&"talk sleep".to_owned()), "{lines:?}");
        Ok(())
    })
    .await
}

async fn an_idle_actor_is_cancelled(lab: &Lab) -> Done {
    let (server, lab) = lab.server().await?;
    lab.session(async |portal, _| Ok(portal.cancel_actor().await?))
        .await?;
    Ok(server.ended().await?)
}

async fn an_actor_is_cancelled_with_a_context(lab: &Lab) -> Done {
    let (server, lab) = lab.server().await?;
    lab.session(async |portal, scope| {
        let (ctx, _) = TypedClient::new(portal)
            .quiet(scope, "sleep".into())
            .open()
            .await?;
        portal.cancel_actor().await?;
        match ctx.join().await {
            Err(ContextError::Cancelled(_)) => Ok(()),
            other => Err(unexpected(other)),
        }
    })
    .await?;
    Ok(server.ended().await?)
}
