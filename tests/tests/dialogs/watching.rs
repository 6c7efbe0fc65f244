//! What interceptors see, decide and pass on.

use std::sync::{Arc, Mutex};

use scipp_runtime::{
    Call, Cause, ContextError, Denied, Interceptor, Outcome, Over, RefusedBecause, Role, Scope,
    TraceContext, connect,
};

use crate::{
    Failed,
    calculator::Overflow,
    lab,
    lab::{Commit, Log, Work, WorkArgs, serves},
    site::{Site, config, is_plain, over_each_transport},
};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-aaaaaaaaaaaaaaaa-00";

/// Writes down what it sees, and denies negative numbers to all.
#[derive(Clone, Debug)]
struct Seen {
    lines: Arc<Mutex<Vec<String>>>,
    denies: bool,
    gives: Option<TraceContext>,
}

impl Seen {
    fn new() -> Self {
        Self {
            lines: Arc::default(),
            denies: false,
            gives: None,
        }
    }

    fn say(&self, what: &str, call: &Call<'_>) {
        let role = match call.role {
            Role::Caller => "to",
            Role::Callee => "from",
        };
        let line = format!("{what} {} {role} {}", call.endpoint.name, call.peer.name);
        self.lines.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl Interceptor for Seen {
    fn opens(&self, call: &Call<'_>) -> Option<TraceContext> {
        self.say("opens", call);
        self.gives.clone()
    }

    fn arrives(&self, call: &Call<'_>) -> Result<(), Denied> {
        self.say("arrives", call);
        if self.denies {
            Err(Denied::new("it is closed today"))
        } else {
            Ok(())
        }
    }

    fn over(&self, call: &Call<'_>, over: Over) {
        let how = over.outcome.map_or("left", Outcome::name);
        self.say(&format!("over ({how})"), call);
    }
}

over_each_transport! {
    async fn each_dialog_begins_and_ends_once_on_both_ends(over) {
        let (there, here) = (Seen::new(), Seen::new());
        let handler = serves(Work, |ctx, n| {
            Box::pin(async move {
                match n {
                    0 => Err(Overflow { at: 0 }.into()),
                    1 => Err(ctx.run(std::future::pending::<()>()).await.unwrap_err().into()),
                    n => Ok(n),
                }
            })
        });
        let site = Site::open_with(over, config("server").intercept(there.clone()), handler).await;
        connect(&site.target, config("caller").intercept(here.clone()), async |portal, scope| {
            let call = |n| portal.open_context(Work, scope, WorkArgs { n });
            assert_eq!(call(7).call().await?, 7);
            call(0).call().await.unwrap_err();
            let (ctx, ()) = call(1).open().await?;
            assert_eq!(ctx.cancel().await?, None);
            // Its end is known while its handle is still held.
            let (mut ctx, ()) = call(2).open().await?;
            assert_eq!(ctx.recv().await?, None);
            assert_eq!(here.lines().len(), 8);
            assert_eq!(ctx.join().await?, 2);
            drop(call(1).open().await?);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
        let ends = ["returned", "failed", "cancelled", "returned"];
        let expected = |begins: &str, peer: &str, last: &str| -> Vec<String> {
            ends.iter()
                .chain([&last])
                .flat_map(|end| [format!("{begins} work {peer}"), format!("over ({end}) work {peer}")])
                .collect()
        };
        assert_eq!(here.lines(), expected("opens", "to server", "left"));
        assert_eq!(there.lines(), expected("arrives", "from caller", "cancelled"));
    }

    async fn a_call_that_is_denied_never_runs(over) {
        let seen = Seen { denies: true, ..Seen::new() };
        let handler = serves(Work, |_, _| Box::pin(async { panic!("it was denied") }));
        let site = Site::open_with(over, config("server").intercept(seen.clone()), handler).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = portal.open_context(Work, scope, WorkArgs { n: 1 }).call().await.unwrap_err();
            let ContextError::Refused(refusal) = &failed else { panic!("{failed}") };
            assert_eq!(refusal.why, RefusedBecause::Forbidden);
            assert!(!failed.is_retryable());
            assert_eq!(
                failed.to_string(),
                "example.lab.work.work was refused and did not run: the peer does not allow it (it is closed today)"
            );
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
        assert_eq!(seen.lines(), ["arrives work from caller"]);
    }

    async fn a_trace_goes_along_to_all_below(over) {
        let log = Log::new();
        let says = log.clone();
        let traced = move |scope: &Scope| match scope.trace() {
            Some(trace) => format!("{trace} {:?}", trace.state()),
            None => "none".to_owned(),
        };
        let back = serves(Commit, {
            let (log, traced) = (log.clone(), traced);
            move |ctx, _| {
                log.say(&traced(ctx.scope()));
                Box::pin(async { Ok(1) })
            }
        });
        let handler = serves(Work, move |ctx, n| {
            says.say(&traced(ctx.scope()));
            Box::pin(async move {
                // Back to the caller, on the same session.
                let portal = ctx.portal();
                Ok(portal.open_context(Commit, &*ctx, WorkArgs { n }).call().await?)
            })
        });
        let site = Site::open(over, handler).await;
        let trace = TRACE.parse::<TraceContext>().unwrap().with_state("a=1");
        connect(&site.target, config("caller").offer(back), async |portal, scope| {
            for scope in [scope, &scope.traced(trace).child(None)] {
                portal.open_context(Work, scope, lab::WorkArgs { n: 1 }).call().await?;
            }
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
        let line = format!("{TRACE} Some(\"a=1\")");
        let expected = if is_plain() { ["none"; 4] } else { ["none", "none", &line, &line] };
        assert_eq!(log.lines(), expected);
    }

    async fn an_interceptor_may_say_which_trace_it_is(over) {
        let log = Log::new();
        let says = log.clone();
        let handler = serves(Work, move |ctx, _| {
            says.say(&ctx.scope().trace().map(ToString::to_string).unwrap_or_default());
            Box::pin(async { Ok(1) })
        });
        let site = Site::open(over, handler).await;
        let seen = Seen { gives: Some(OTHER.parse().unwrap()), ..Seen::new() };
        connect(&site.target, config("caller").intercept(seen), async |portal, scope| {
            let scope = scope.traced(TRACE.parse()?);
            portal.open_context(Work, &scope, WorkArgs { n: 1 }).call().await?;
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
        assert_eq!(log.lines(), [if is_plain() { "" } else { OTHER }]);
    }

    async fn a_caller_learns_why_its_callee_was_stopped(over) {
        let handler = serves(Work, |ctx, _| {
            Box::pin(async move { Err(ctx.run(std::future::pending::<()>()).await.unwrap_err().into()) })
        });
        let config_of_server = config("server").limits(|limits| limits.drain_max = std::time::Duration::ZERO);
        let site = Site::open_with(over, config_of_server, handler).await;
        let shutdown = site.shutdown.clone();
        let failed = connect(&site.target, config("caller"), async |portal, scope| {
            let (ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 1 }).open().await?;
            shutdown.cancel();
            Ok::<_, Failed>(ctx.join().await)
        })
        .await;
        let Ok(Err(ContextError::Cancelled(cancelled))) = failed else { panic!("{failed:?}") };
        let expected = if is_plain() { Cause::Requested } else { Cause::Shutdown };
        assert_eq!(cancelled.cause, expected);
        assert_eq!(cancelled.canceller.map(|who| who.name.to_string()).as_deref(), Some("server"));
        site.close().await;
    }
}
