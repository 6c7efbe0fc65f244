//! We call an actor that serves generated Python: its declared errors have values.

use scipp_interop_tractor::lab::Refused;
use scipp_runtime::ContextError;

use crate::{
    calls, connections, contexts, gens,
    lab::{Case, Done, Lab, cases, unexpected},
    streams,
};

cases![
    a_declared_error_has_its_value,
    a_gen_fails_with_a_value,
    a_context_fails_with_a_value_before_it_has_started,
    a_context_fails_with_a_value,
    a_stream_fails_with_a_value,
];

/// These, and those of plain Python that say nothing about wrong types and declared errors.
pub fn callers() -> Vec<Case> {
    const ALIKE: [&str; 22] = [
        "a_call_returns",
        "many_calls_on_one_connection",
        "a_call_fails",
        "bad_arguments",
        "a_call_is_cancelled",
        "a_call_takes_too_long",
        "a_gen_is_read_to_its_end",
        "a_gen_of_more_than_a_window",
        "a_gen_is_left_early",
        "a_gen_fails",
        "a_context_starts_and_returns",
        "a_context_fails_before_it_has_started",
        "a_context_fails_after_it_has_started",
        "a_context_is_cancelled",
        "a_context_that_is_dropped_is_cancelled",
        "the_caller_stops_first",
        "the_callee_stops_first",
        "items_both_ways_beyond_every_window",
        "a_stream_fails",
        "a_stream_is_cancelled",
        "many_dialogs_on_one_connection",
        "python_calls_us_on_our_connection",
    ];
    let all = [
        calls::cases(),
        gens::cases(),
        contexts::cases(),
        streams::cases(),
        connections::cases(),
    ];
    let mut found: Vec<Case> = all
        .into_iter()
        .flatten()
        .filter(|case| ALIKE.contains(&case.name))
        .collect();
    assert_eq!(found.len(), ALIKE.len(), "cases that got lost");
    found.extend(cases());
    found
}

fn is_refused<T: std::fmt::Debug>(ended: Result<T, ContextError<Refused>>) -> Done {
    match ended {
        Err(ContextError::Endpoint(Refused { at: 7 })) => Ok(()),
        other => Err(unexpected(other)),
    }
}

async fn a_declared_error_has_its_value(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| is_refused(typed.call(scope, "declared".into()).call().await))
        .await
}

async fn a_gen_fails_with_a_value(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, ()) = typed.count(scope, "declared".into(), 1).open().await?;
        assert_eq!(ctx.recv().await?, Some(1));
        is_refused(ctx.recv().await)
    })
    .await
}

async fn a_context_fails_with_a_value_before_it_has_started(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let opened = typed.quiet(scope, "early declared".into()).open().await;
        is_refused(opened.map(|_| ()))
    })
    .await
}

async fn a_context_fails_with_a_value(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (ctx, _) = typed.quiet(scope, "declared".into()).open().await?;
        is_refused(ctx.join().await)
    })
    .await
}

async fn a_stream_fails_with_a_value(lab: &Lab) -> Done {
    lab.typed(async |typed, scope| {
        let (mut ctx, _) = typed.talk(scope, "declared".into()).open().await?;
        ctx.send(5).await?;
        assert_eq!(ctx.recv().await?, Some(5));
        is_refused(streams::over(ctx).await)
    })
    .await
}
