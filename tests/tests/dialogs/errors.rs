//! What a caller is told when an endpoint fails in ways that its schema does not declare, and who is disturbed by it: nobody.

use scipp_runtime::{
    ContextError, Endpoint, EndpointError, EndpointInfo, FailureCode, Misuse, Outcome,
    RefusedBecause, ServerContext, ServerError, connect, generated as scipp,
};

use crate::{
    Failed,
    calc::Calc,
    calculator::{Calculator, CalculatorClient, CalculatorServer, Overflow, calculator},
    lab::{Call, Lab, Log, Work, WorkArgs, serves},
    site::{Site, config, over_each_transport},
};

over_each_transport! {
    async fn a_panic_is_contained(over) {
        let site = Site::open(over, serves(Call, |_, n| Box::pin(async move {
            assert_ne!(n, 13, "a secret");
            Ok(n)
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let call = |n| portal.open_context(Call, scope, WorkArgs { n }).call();
            let ContextError::Remote(failure) = call(13).await.unwrap_err() else { panic!("a remote failure") };
            assert_eq!(failure.code(), FailureCode::Panicked);
            assert_eq!(&*failure.actor().name, "server");
            assert!(!failure.to_string().contains("secret"), "{failure}");
            assert!(failure.to_string().starts_with("example.lab.call.call failed at server"), "{failure}");
            assert_eq!(call(12).await?, 12);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_panic_of_a_child_task_fails_its_dialog(over) {
        let site = Site::open(over, serves(Call, |ctx, n| Box::pin(async move {
            ctx.scope().spawn(async { panic!("on purpose") });
            Ok(n)
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = portal.open_context(Call, scope, WorkArgs { n: 1 }).call().await.unwrap_err();
            assert!(matches!(&failed, ContextError::Remote(failure) if failure.code() == FailureCode::Panicked), "{failed}");
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn an_undeclared_failure_is_redacted(over) {
        let site = Site::open(over, serves(Call, |_, _| Box::pin(async {
            Err(std::io::Error::other("/etc/secret is missing"))?
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = portal.open_context(Call, scope, WorkArgs { n: 1 }).call().await.unwrap_err();
            let ContextError::Remote(failure) = &failed else { panic!("a remote failure") };
            assert_eq!((failure.code(), failed.outcome()), (FailureCode::Failed, Outcome::Failed));
            assert!(!failed.to_string().contains("secret"), "{failed}");
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn what_is_not_offered_is_refused(over) {
        let site = Site::open(over, serves(Call, |_, n| Box::pin(async move { Ok(n) }))).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = CalculatorClient::new(portal).add(scope, 1, 2).call().await.unwrap_err();
            let ContextError::Refused(refusal) = &failed else { panic!("refused, not {failed}") };
            assert_eq!((refusal.why, failed.outcome()), (RefusedBecause::NotExposed, Outcome::Refused));
            assert!(!failed.is_retryable());

            let failed = portal.open_context(Missing, scope, WorkArgs { n: 1 }).call().await.unwrap_err();
            assert!(matches!(failed, ContextError::Refused(refusal) if refusal.why == RefusedBecause::NotExposed));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn wrong_arguments_are_refused_by_name(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let failed = portal.open_context(Wrong::<0>, scope, WrongArgs { from: "one".to_owned() }).open().await.unwrap_err();
            let ContextError::Refused(refusal) = &failed else { panic!("refused, not {failed}") };
            assert_eq!(refusal.why, RefusedBecause::BadArguments);
            assert!(failed.to_string().contains("accumulate.args"), "{failed}");
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_wrong_item_of_the_caller_is_told_to_it(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let args = calculator::AccumulateArgs { from: 1 };
            let (mut ctx, _) = portal.open_context(Wrong::<1>, scope, args).open().await?;
            ctx.send("seven".to_owned()).await?;
            let failed = ctx.join().await.unwrap_err();
            let ContextError::Remote(failure) = &failed else { panic!("a remote failure, not {failed}") };
            assert_eq!(failure.code(), FailureCode::BadPayload);
            assert!(failure.message().contains("accumulate.accepts"), "{failed}");
            assert_eq!(CalculatorClient::new(portal).add(scope, 1, 1).call().await?, 2);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_wrong_value_of_the_callee_is_found_in_each_phase(over) {
        let site = Site::open(over, CalculatorServer::new(Calc)).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let args = || calculator::AccumulateArgs { from: 1 };
            let failed = portal.open_context(Wrong::<2>, scope, args()).open().await.unwrap_err();
            assert_eq!(failed.to_string(), "the peer sent a wrong value: example.calculator: accumulate.started: expected str, came int 1");

            let (mut ctx, _) = portal.open_context(Wrong::<3>, scope, args()).open().await?;
            ctx.send(2).await?;
            let failed = ctx.recv().await.unwrap_err();
            assert!(failed.to_string().contains("accumulate.yields: expected str"), "{failed}");
            drop(ctx);

            let (mut ctx, _) = portal.open_context(Wrong::<4>, scope, args()).open().await?;
            ctx.stop().await?;
            let failed = ctx.join().await.unwrap_err();
            assert!(failed.to_string().contains("accumulate.returns: expected str"), "{failed}");

            assert_eq!(CalculatorClient::new(portal).add(scope, 1, 1).call().await?, 2);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_handler_learns_of_its_own_mistakes(over) {
        let log = Log::new();
        let site = Site::open(over, CalculatorServer::new(Careless(log.clone()))).await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            assert_eq!(calculator.accumulate(scope, 5).call().await?, 5);
            assert_eq!(log.lines(), ["not started", "started twice", "sent after stop"]);
            // Its caller learns of them only that it failed.
            let failed = calculator.accumulate(scope, 0).call().await.unwrap_err();
            assert!(matches!(&failed, ContextError::Remote(failure) if failure.code() == FailureCode::Failed), "{failed}");
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }

    async fn a_send_that_races_with_the_end_gives_the_end(over) {
        let site = Site::open(over, serves(Work, |ctx, _| Box::pin(async move {
            ctx.recv().await?;
            Err(EndpointError::Endpoint(Overflow { at: 7 }))
        })))
        .await;
        connect(&site.target, config("caller"), async |portal, scope| {
            let (mut ctx, ()) = portal.open_context(Work, scope, WorkArgs { n: 5 }).open().await?;
            let failed = loop {
                if let Err(failed) = ctx.send(1).await {
                    break failed;
                }
                tokio::task::yield_now().await;
            };
            assert_eq!(failed, ContextError::Endpoint(Overflow { at: 7 }));
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        site.close().await;
    }
}

/// Makes every mistake that a handler can make with its context.
struct Careless(Log);

impl Calculator for Careless {
    async fn add(
        &self,
        _: &mut ServerContext<calculator::Add>,
        _: calculator::AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        Err(EndpointError::failed("not asked here"))
    }

    async fn count(
        &self,
        _: &mut ServerContext<calculator::Count>,
        _: calculator::CountArgs,
    ) -> Result<(), EndpointError<scipp::Never>> {
        Ok(())
    }

    async fn accumulate(
        &self,
        ctx: &mut ServerContext<calculator::Accumulate>,
        args: calculator::AccumulateArgs,
    ) -> Result<i64, EndpointError<calculator::AccumulateError>> {
        if args.from == 0 {
            // Returns before it has started.
            return Ok(0);
        }
        let mistake = |result: Result<(), ServerError>, expected: Misuse, name: &str| {
            assert_eq!(result, Err(ServerError::Misuse(expected)));
            self.0.say(name);
        };
        mistake(ctx.send(1).await, Misuse::NotStarted, "not started");
        ctx.started(1).await?;
        mistake(ctx.started(1).await, Misuse::StartedTwice, "started twice");
        ctx.stop().await?;
        mistake(ctx.send(1).await, Misuse::SentAfterStop, "sent after stop");
        Ok(args.from)
    }
}

/// An endpoint that the namespace does not have.
#[derive(Debug, Clone, Copy)]
struct Missing;

impl Endpoint for Missing {
    const INFO: &'static EndpointInfo = &EndpointInfo {
        namespace: Call::INTERFACE.namespace,
        name: "missing",
        ..*Call::INFO
    };
    type Args = WorkArgs;
    type Started = ();
    type Accepts = scipp::Never;
    type Yields = scipp::Never;
    type Returns = i64;
    type Error = scipp::Never;
}

/// The accumulating endpoint, with another type in one phase: arguments, accepts, started, yields, returns.
#[derive(Debug, Clone, Copy)]
struct Wrong<const PHASE: usize>;

#[derive(Debug, Clone, scipp::Payload)]
struct WrongArgs {
    from: String,
}

macro_rules! wrong {
    ($($phase:literal: $args:ty, $accepts:ty, $started:ty, $yields:ty, $returns:ty;)*) => {
        $(impl Endpoint for Wrong<$phase> {
            const INFO: &'static EndpointInfo = <calculator::Accumulate as Endpoint>::INFO;
            type Args = $args;
            type Started = $started;
            type Accepts = $accepts;
            type Yields = $yields;
            type Returns = $returns;
            type Error = calculator::AccumulateError;
        })*
    };
}

wrong! {
    0: WrongArgs, i64, i64, i64, i64;
    1: calculator::AccumulateArgs, String, i64, i64, i64;
    2: calculator::AccumulateArgs, i64, String, i64, i64;
    3: calculator::AccumulateArgs, i64, i64, String, i64;
    4: calculator::AccumulateArgs, i64, i64, i64, String;
}
