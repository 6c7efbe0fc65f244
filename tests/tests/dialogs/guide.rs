//! The examples of `docs/runtime.md`, which shows the parts between the markers; `tests/tests/runtime_doc.rs` compares them.

use std::{future::Future, sync::Arc, time::Duration};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use scipp_runtime::{
    Call, Config, Context, ContextError, Denied, EndpointError, InScope, Interceptor, Outcome,
    Over, Portal, Registrar, Scope, ServerContext, connect,
    nursery::{self, Child},
    registrar::{Root, Standing},
};

use crate::{
    calculator::{
        Calculator, CalculatorClient, CalculatorServer, Overflow, TooMany,
        calculator::{Accumulate, AccumulateArgs, AccumulateError, Add, AddArgs, Count, CountArgs},
    },
    lab::Log,
    site::{Over as Transport, Site, config},
};

// guide: server
struct Desk {
    journal: Log,
}

impl Calculator for Desk {
    async fn add(
        &self,
        _ctx: &mut ServerContext<Add>,
        args: AddArgs,
    ) -> Result<i64, EndpointError<Overflow>> {
        // A declared error reaches the caller with its value.
        Ok(args.a.checked_add(args.b).ok_or(Overflow { at: args.a })?)
    }

    async fn count(
        &self,
        ctx: &mut ServerContext<Count>,
        args: CountArgs,
    ) -> Result<(), EndpointError<scipp_runtime::generated::Never>> {
        for n in 1..=args.to {
            // Waits for room at the caller; an error once the caller has asked us to stop.
            ctx.send(n).await?;
        }
        Ok(())
    }

    async fn accumulate(
        &self,
        ctx: &mut ServerContext<Accumulate>,
        args: AccumulateArgs,
    ) -> Result<i64, EndpointError<AccumulateError>> {
        let mut sum = args.from;
        let journal = self.journal.clone();
        // Runs when the handler and its tasks are over, however they ended, and before the caller is told.
        ctx.on_exit(async move { journal.say("closed") });
        // A task of the dialog: it is waited for before the caller is told, and dropped if the dialog was stopped and it goes on.
        let journal = self.journal.clone();
        ctx.scope().spawn(async move { journal.say("opened") });
        ctx.started(sum).await?;
        while let Some(x) = ctx.recv().await? {
            sum += x;
            if sum > 1_000 {
                return Err(AccumulateError::TooMany(TooMany { most: 1_000 }).into());
            }
            ctx.send(sum).await?;
        }
        Ok(sum)
    }
}
// end

type Failed = Box<dyn std::error::Error + Send + Sync>;

// guide: call
async fn call(calculator: &CalculatorClient, scope: &Scope) -> Result<(), Failed> {
    assert_eq!(calculator.add(scope, 20, 22).call().await?, 42);
    match calculator.add(scope, i64::MAX, 1).call().await {
        Err(ContextError::Endpoint(Overflow { at })) => assert_eq!(at, i64::MAX),
        other => panic!("expected the declared error, came {other:?}"),
    }
    Ok(())
}
// end

// guide: scope
async fn running_totals(
    calculator: &CalculatorClient,
    parent: &Scope,
    numbers: &[i64],
) -> Result<Vec<i64>, Failed> {
    calculator
        .accumulate(parent, 0)
        .timeout(Duration::from_secs(5))
        .scope(async |ctx, started| {
            assert_eq!(started, 0);
            let mut totals = Vec::new();
            for x in numbers {
                ctx.send(*x).await?;
                totals.extend(ctx.recv().await?);
            }
            ctx.stop().await?;
            Ok::<_, Failed>(totals)
        })
        .await
    // Here the remote task, its children and its cleanup are over.
}
// end

// guide: guard
struct Subscription {
    dialog: Context<Accumulate>,
}

impl Subscription {
    async fn open(calculator: &CalculatorClient, parent: &Scope) -> Result<Self, Failed> {
        let (dialog, _started) = calculator.accumulate(parent, 100).open().await?;
        Ok(Self { dialog })
    }

    /// Asks the remote task to stop, and waits until it has.
    async fn close(self) -> Result<(), Failed> {
        // `Some` if it had returned before it was asked.
        let result: Option<i64> = self.dialog.cancel().await?;
        assert_eq!(result, None);
        Ok(())
    }
}
// end

// guide: streams
async fn doubled(
    calculator: &CalculatorClient,
    parent: &Scope,
) -> Result<Vec<i64>, ContextError<AccumulateError>> {
    let (mut ctx, _) = calculator.accumulate(parent, 0).open().await?;
    let (tx, rx) = ctx.split();
    let numbers = stream::iter([1, 2, 3]).map(Ok);
    // Both directions at the same time; closing the sink stops our stream.
    let (sent, totals) = tokio::join!(numbers.forward(tx), rx.map_ok(|sum| sum * 2).try_collect());
    sent?;
    ctx.join().await?;
    totals
}
// end

// guide: errors
async fn with_retries<T, E, F>(mut call: impl FnMut() -> F) -> Result<T, ContextError<E>>
where
    F: Future<Output = Result<T, ContextError<E>>>,
{
    let mut tries = 3;
    loop {
        match call().await {
            // It certainly did not run, or the schema says that twice is as good as once.
            Err(error) if error.is_retryable() && tries > 1 => tries -= 1,
            end => return end,
        }
    }
}
// end

// guide: interceptor
#[derive(Debug)]
struct Doorkeeper {
    journal: Log,
}

impl Interceptor for Doorkeeper {
    fn arrives(&self, call: &Call<'_>) -> Result<(), Denied> {
        if &*call.peer.name == "stranger" {
            return Err(Denied::new("strangers may not"));
        }
        Ok(())
    }

    fn over(&self, call: &Call<'_>, over: Over) {
        let how = over.outcome.map_or("left", Outcome::name);
        self.journal.say(&format!("{} {how}", call.endpoint.name));
    }
}
// end

// guide: parents
async fn below(portal: &Portal, parent: &impl InScope) -> Result<i64, ContextError<Overflow>> {
    // A second of its own, or less if the parent has less left. Cancelling the parent asks the remote task to stop.
    let narrower = parent.scope().child(Some(Duration::from_secs(1)));
    CalculatorClient::new(portal)
        .add(&narrower, 1, 2)
        .call()
        .await
}
// end

// guide: find
async fn ask(registry: &str) -> Result<i64, Failed> {
    let registrar = Registrar::at(registry, &Config::new("guest"))?;
    // As soon as there is one, and not for ever.
    let calculator = registrar
        .wait_for::<CalculatorClient>("desk", Duration::from_secs(5))
        .await?;
    // Connects to the nearest of its addresses. One where nobody is any more is deleted, and the next one is tried.
    calculator
        .connect(async |calculator, scope| Ok(calculator.add(scope, 20, 22).call().await?))
        .await
}
// end

// guide: root
async fn first(registry: &str, desk: impl Calculator, shutdown: &Scope) -> Result<(), Failed> {
    // The registrar if nobody is there; otherwise an actor that is registered there for as long as it serves.
    let root = Root::open(registry, Config::new("desk")).await?;
    root.serve(CalculatorServer::new(desk), shutdown).await?;
    Ok(())
}
// end

// guide: nursery
async fn with_children(program: &str) -> Result<i64, Failed> {
    let config = Config::new("parent");
    nursery::open(config, async |nursery, scope| {
        let kid = nursery.spawn(Child::program("kid", program)).await?;
        let calculator: CalculatorClient = kid.client();
        Ok(calculator.add(scope, 20, 22).call().await?)
    })
    .await
    // Here every child was asked to stop, and is reaped.
}
// end

#[tokio::test(start_paused = true)]
async fn the_examples_do_what_they_say() {
    let journal = Log::new();
    let desk = Desk {
        journal: journal.clone(),
    };
    let keeper = Doorkeeper {
        journal: journal.clone(),
    };
    let server = config("desk").intercept(keeper);
    let site = Site::open_with(Transport::Memory, server, CalculatorServer::new(desk)).await;
    connect(&site.target, config("guest"), async |portal, scope| {
        let calculator = CalculatorClient::new(portal);
        call(&calculator, scope).await?;
        assert_eq!(
            running_totals(&calculator, scope, &[1, 2, 3]).await?,
            [1, 3, 6]
        );
        assert_eq!(doubled(&calculator, scope).await?, [2, 6, 12]);
        let before = journal.lines().len();
        Subscription::open(&calculator, scope)
            .await?
            .close()
            .await?;
        // When `close` has returned, all of this has happened.
        let lines = journal.lines().split_off(before);
        assert_eq!(lines, ["opened", "closed", "accumulate cancelled"]);
        assert_eq!(below(portal, scope).await?, 3);
        assert_eq!(
            with_retries(|| calculator.add(scope, 1, 1).call()).await?,
            2
        );
        Ok::<_, Failed>(())
    })
    .await
    .unwrap();
    let stranger: Arc<str> = "stranger".into();
    connect(
        &site.target,
        Config::new(&stranger),
        async |portal, scope| {
            let refused = CalculatorClient::new(portal).add(scope, 1, 1).call().await;
            assert!(
                matches!(refused, Err(ContextError::Refused(_))),
                "{refused:?}"
            );
            Ok::<_, Failed>(())
        },
    )
    .await
    .unwrap();
    site.close().await;
}

#[tokio::test]
async fn actors_find_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let registry = format!("unix:{}", folder.path().join("registry.sock").display());
    let shutdown = Scope::root();
    let journal = Log::new();
    let served = first(&registry, Desk { journal }, &shutdown);
    let asked = async {
        let probe = Registrar::at(&registry, &Config::new("guest")).unwrap();
        while probe.probe().await.unwrap() != Standing::Registrar {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let asked = ask(&registry).await;
        shutdown.cancel();
        asked
    };
    let (served, asked) = tokio::join!(served, asked);
    served.unwrap();
    assert_eq!(asked.unwrap(), 42);
}

#[tokio::test]
async fn children_end_with_their_block() {
    assert_eq!(with_children(env!("CARGO_BIN_EXE_kid")).await.unwrap(), 42);
}
