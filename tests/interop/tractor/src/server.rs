//! The endpoints of `lab.scipp`. Each does what its plan says.

use std::{
    error::Error,
    future::pending,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use scipp_runtime::{
    Config, ContextError, EndpointError, Portal, Scope, ServerContext, connect,
    generated::{Any, Never},
};

use crate::lab::{
    Loose, Refused, Typed, TypedClient, loose,
    typed::{self, CallArgs, CountArgs, JournalArgs, QuietArgs, RelayArgs, TalkArgs},
};

type AnyError = Box<dyn Error + Send + Sync>;
type Failed = EndpointError<Refused>;

/// Serves `Typed` and `Loose`. Clones write to one journal.
#[derive(Clone, Debug, Default)]
pub struct Lab {
    journal: Arc<Mutex<Vec<String>>>,
}

impl Lab {
    fn note(&self, line: String) -> impl Future<Output = ()> + Send + 'static {
        let journal = Arc::clone(&self.journal);
        async move {
            journal
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    }
}

/// An address of this suite as the runtime writes it.
pub fn address(words: &[String]) -> String {
    match words {
        [kind, host, port] if kind == "tcp" => format!("tcp://{host}:{port}"),
        [_, folder, file] => format!("unix:{folder}/{file}"),
        _ => String::new(),
    }
}

fn fail(plan: &str) -> Result<(), Failed> {
    match plan {
        "error" => Err(EndpointError::failed("said so")),
        "declared" => Err(Refused { at: 7 }.into()),
        "panic" => panic!("said so"),
        _ => Ok(()),
    }
}

impl Typed for Lab {
    async fn call(
        &self,
        ctx: &mut ServerContext<typed::Call>,
        args: CallArgs,
    ) -> Result<i64, Failed> {
        ctx.on_exit(self.note(format!("call {}", args.plan)));
        fail(&args.plan)?;
        match args.plan.as_str() {
            "sleep" => ctx.run(pending::<()>()).await?,
            // Does not listen: it is dropped when its grace is over.
            "stuck" => pending::<()>().await,
            _ => {}
        }
        Ok(42)
    }

    async fn count(
        &self,
        ctx: &mut ServerContext<typed::Count>,
        args: CountArgs,
    ) -> Result<(), Failed> {
        ctx.on_exit(self.note(format!("count {}", args.plan)));
        for n in 1..=args.to {
            ctx.send(n).await?;
            match args.plan.as_str() {
                "sleep" => ctx.run(pending::<()>()).await?,
                "stuck" => pending::<()>().await,
                _ => {}
            }
        }
        fail(&args.plan)
    }

    async fn quiet(
        &self,
        ctx: &mut ServerContext<typed::Quiet>,
        args: QuietArgs,
    ) -> Result<i64, Failed> {
        ctx.on_exit(self.note(format!("quiet {}", args.plan)));
        match args.plan.strip_prefix("early ") {
            Some("sleep") => ctx.run(pending::<()>()).await?,
            Some("stuck") => pending::<()>().await,
            Some(how) => fail(how)?,
            None => {}
        }
        if args.plan == "unstarted" {
            // A bug of a handler: its runtime must not let the caller see a result.
            return Ok(2);
        }
        ctx.started(1).await?;
        match args.plan.as_str() {
            "sleep" => ctx.run(pending::<()>()).await?,
            "stuck" => pending::<()>().await,
            "cancel" | "late cancel" => {
                if args.plan.starts_with("late") {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                ctx.scope().cancel();
                ctx.run(pending::<()>()).await?;
            }
            how => fail(how)?,
        }
        Ok(2)
    }

    async fn talk(
        &self,
        ctx: &mut ServerContext<typed::Talk>,
        args: TalkArgs,
    ) -> Result<i64, Failed> {
        ctx.on_exit(self.note(format!("talk {}", args.plan)));
        ctx.started(1).await?;
        let (word, items) = args.plan.split_once(' ').unwrap_or((&args.plan, "0"));
        let items: i64 = items.parse().unwrap_or(0);
        let mut total = 0;
        match word {
            "leave" | "flood" => {
                for n in 0..items {
                    ctx.send(n).await?;
                }
                return Ok(items);
            }
            "linger" => {
                for n in 0..items {
                    if ctx.send(n).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                return Ok(items);
            }
            "error" | "declared" | "panic" => {
                if let Some(n) = ctx.recv().await? {
                    ctx.send(n).await?;
                }
                fail(word)?;
            }
            "cancel" => {
                ctx.recv().await?;
                ctx.scope().cancel();
                ctx.run(pending::<()>()).await?;
            }
            "sleep" => {
                ctx.recv().await?;
                ctx.run(pending::<()>()).await?;
            }
            "stuck" => {
                ctx.recv().await?;
                pending::<()>().await;
            }
            "deaf" => ctx.run(tokio::time::sleep(Duration::from_secs(4))).await?,
            "slow" => {
                tokio::time::sleep(Duration::from_millis(500)).await;
                while let Some(n) = ctx.recv().await? {
                    total += n;
                }
            }
            _ => {
                while let Some(n) = ctx.recv().await? {
                    total += n;
                    ctx.send(n * 10).await?;
                }
            }
        }
        Ok(total)
    }

    async fn back(
        &self,
        ctx: &mut ServerContext<typed::Back>,
        args: typed::BackArgs,
    ) -> Result<i64, EndpointError<Never>> {
        let portal = ctx.portal();
        Ok(TypedClient::new(&portal)
            .call(ctx, args.plan)
            .call()
            .await?)
    }

    async fn relay(
        &self,
        ctx: &mut ServerContext<typed::Relay>,
        args: RelayArgs,
    ) -> Result<i64, EndpointError<Never>> {
        let config = Config::new("relay").insecure_loopback().under(ctx);
        let called = connect(
            address(&args.to),
            config,
            async move |portal: &Portal, scope: &Scope| {
                let called = TypedClient::new(portal).call(scope, args.plan).call().await;
                Ok::<Result<i64, ContextError<Refused>>, AnyError>(called)
            },
        )
        .await
        .map_err(EndpointError::failed)?;
        Ok(called?)
    }

    async fn journal(
        &self,
        _: &mut ServerContext<typed::Journal>,
        _: JournalArgs,
    ) -> Result<Vec<String>, EndpointError<Never>> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *journal))
    }
}

impl Loose for Lab {
    async fn call(
        &self,
        _: &mut ServerContext<loose::Call>,
        _: loose::CallArgs,
    ) -> Result<Any, EndpointError<Never>> {
        Ok(text())
    }

    async fn talk(
        &self,
        ctx: &mut ServerContext<loose::Talk>,
        args: loose::TalkArgs,
    ) -> Result<Any, EndpointError<Never>> {
        ctx.on_exit(self.note(format!("loose {}", args.plan)));
        let wrong = |phase: &str| args.plan == format!("wrong {phase}");
        let value = |phase| if wrong(phase) { text() } else { number(1) };
        ctx.started(value("started")).await?;
        if wrong("item") {
            ctx.send(text()).await?;
            ctx.run(pending::<()>()).await?;
        }
        while ctx.recv().await?.is_some() {}
        Ok(value("returns"))
    }
}

/// A text where an integer should be.
pub fn text() -> Any {
    Any::encode(&"text".to_owned())
}

/// An integer.
pub fn number(n: i64) -> Any {
    Any::encode(&n)
}
