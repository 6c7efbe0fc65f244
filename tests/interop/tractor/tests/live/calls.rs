//! We call functions of a Python actor.

use std::time::Duration;

use scipp_interop_tractor::lab::LooseClient;
use scipp_runtime::{Cause, ContextError, FailureCode, RefusedBecause};

use crate::{
    lab::{Done, Lab, cases, journal, unexpected},
    strange::{Hidden, Missing, Other, PlanArgs, StrangeArgs, Sync},
};

cases![
    a_call_returns,
    many_calls_on_one_connection,
    a_call_fails,
    a_declared_error_of_plain_python_keeps_its_name,
    a_module_that_is_not_exposed,
    an_unknown_function,
    a_function_that_is_not_async,
    bad_arguments,
    a_call_is_cancelled,
    a_call_that_is_dropped_is_cancelled,
    a_call_takes_too_long,
    a_result_of_a_wrong_type,
    a_result_of_any_type,
];

async fn a_call_returns(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        assert_eq!(typed.call(scope, "ok".into()).call().await?, 42);
        Ok(())
    })
    .await
}

async fn many_calls_on_one_connection(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let calls = (0..100).map(|_| typed.call(scope, "ok".into()).call());
        for returned in futures::future::join_all(calls).await {
            assert_eq!(returned?, 42);
        }
        Ok(())
    })
    .await
}

async fn a_call_fails(lab: &Lab) -> Done {
    lab.typed(
        async |typed, scope| match typed.call(scope, "error".into()).call().await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::Other("ValueError".into()));
                assert!(failure.message().contains("said so"), "{failure}");
                assert_eq!(&*failure.actor().name, "pyserver");
                journal(typed, scope, "call error").await
            }
            other => Err(unexpected(other)),
        },
    )
    .await
}

/// Its value does not travel: plain Python sends none.
async fn a_declared_error_of_plain_python_keeps_its_name(lab: &Lab) -> Done {
    lab.typed(
        async |typed, scope| match typed.call(scope, "declared".into()).call().await {
            Err(ContextError::Remote(failure)) => {
                assert_eq!(failure.code(), FailureCode::Other("Refused".into()));
                assert!(failure.message().contains("refused at 7"), "{failure}");
                Ok(())
            }
            other => Err(unexpected(other)),
        },
    )
    .await
}

async fn refused<E: scipp_runtime::Endpoint>(
    lab: &Lab,
    endpoint: E,
    args: E::Args,
    because: RefusedBecause,
) -> Done
where
    E::Returns: std::fmt::Debug,
    E::Error: std::fmt::Debug,
{
    lab.session(async |portal, scope| {
        match portal.open_context(endpoint, scope, args).call().await {
            Err(ContextError::Refused(refusal)) if refusal.why == because => Ok(()),
            other => Err(unexpected(other)),
        }
    })
    .await
}

fn plan() -> PlanArgs {
    PlanArgs { plan: "ok".into() }
}

async fn a_module_that_is_not_exposed(lab: &Lab) -> Done {
    refused(lab, Hidden, plan(), RefusedBecause::NotExposed).await
}

async fn an_unknown_function(lab: &Lab) -> Done {
    refused(lab, Missing, plan(), RefusedBecause::NotExposed).await
}

async fn a_function_that_is_not_async(lab: &Lab) -> Done {
    refused(lab, Sync, plan(), RefusedBecause::BadArguments).await
}

async fn bad_arguments(lab: &Lab) -> Done {
    let strange = StrangeArgs { strange: 1 };
    refused(lab, Other, strange, RefusedBecause::BadArguments).await
}

async fn a_call_is_cancelled(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let below = scope.child(None);
        let asleep = typed.call(&below, "sleep".into()).call();
        let wake = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            below.cancel();
        };
        match futures::join!(asleep, wake).0 {
            Err(ContextError::Cancelled(_)) => journal(typed, scope, "call sleep").await,
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_call_that_is_dropped_is_cancelled(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let asleep = typed.call(scope, "sleep".into()).call();
        let dropped = tokio::time::timeout(Duration::from_millis(100), asleep).await;
        assert!(dropped.is_err(), "it sleeps");
        journal(typed, scope, "call sleep").await
    })
    .await
}

async fn a_call_takes_too_long(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let limit = Duration::from_millis(200);
        match typed
            .call(scope, "sleep".into())
            .timeout(limit)
            .call()
            .await
        {
            Err(ContextError::Cancelled(why)) if why.cause == Cause::Deadline => {
                journal(typed, scope, "call sleep").await
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_result_of_a_wrong_type(lab: &Lab) -> Done {
    lab.typed(
        async |typed, scope| match typed.call(scope, "wrong".into()).call().await {
            Err(ContextError::Payload(_)) => Ok(()),
            other => Err(unexpected(other)),
        },
    )
    .await
}

async fn a_result_of_any_type(lab: &Lab) -> Done {
    lab.session(async |portal, scope| {
        let came = LooseClient::new(portal)
            .call(scope, "ok".into())
            .call()
            .await?;
        assert_eq!(came.decode::<String>()?, "text");
        Ok(())
    })
    .await
}
