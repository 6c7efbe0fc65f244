//! The caller's side: opens dialogs as the plan says, and says what it was told.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use scipp_runtime::{Context, ContextError, EndpointKind, OpenContext, Portal, Scope};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    endpoints::{
        Absent, Ask, Chat, Commit, Feed, JobArgs, Now, Patient, Quick, Sim, Talk, Trouble, Which,
        seal,
    },
    plan::{Form, Leave},
    service::{item, pause, take},
    world::{Told, World},
};

/// Why a dialog has no result; `None` if it has.
type Failure = Option<ContextError<Trouble>>;

macro_rules! by_endpoint {
    ($which:expr, $run:ident($($argument:expr),*)) => {
        match $which {
            Which::Ask => $run::<Ask>($($argument),*).await,
            Which::Quick => $run::<Quick>($($argument),*).await,
            Which::Feed => $run::<Feed>($($argument),*).await,
            Which::Talk => $run::<Talk>($($argument),*).await,
            Which::Chat => $run::<Chat>($($argument),*).await,
            Which::Now => $run::<Now>($($argument),*).await,
            Which::Patient => $run::<Patient>($($argument),*).await,
            Which::Commit => $run::<Commit>($($argument),*).await,
            Which::Absent => $run::<Absent>($($argument),*).await,
        }
    };
}

/// Holds the dialog of a job, in whatever form.
pub async fn hold(world: Arc<World>, portal: Portal, parent: Scope, job: usize) {
    let which = world.plan.jobs[job].which;
    if world.plan.jobs[job].caller.form == Form::Scope {
        by_endpoint!(which, scoped(&world, &portal, &parent, job));
    } else {
        by_endpoint!(which, open(&world, &portal, &parent, job));
    }
}

/// Holds the dialog of a nested job, on a task of a handler.
///
/// # Errors
/// How it failed.
pub fn nested(
    world: Arc<World>,
    portal: Portal,
    parent: Scope,
    job: usize,
) -> BoxFuture<'static, Result<(), ContextError<Trouble>>> {
    Box::pin(async move {
        let which = world.plan.jobs[job].which;
        by_endpoint!(which, open(&world, &portal, &parent, job)).map_or(Ok(()), Err)
    })
}

/// Prepares the dialog, below a scope that is cancelled if the plan says so.
async fn prepare<E: Sim>(
    world: &Arc<World>,
    portal: &Portal,
    parent: &Scope,
    job: usize,
) -> (Scope, OpenContext<E>) {
    let plan = &world.plan.jobs[job].caller;
    pause(plan.before).await;
    let scope = parent.child(None);
    let number = u32::try_from(job).unwrap_or(u32::MAX);
    let args = JobArgs {
        job: number,
        seal: seal(number),
    };
    let mut open = portal.open_context(E::marker(), &scope, args);
    let mut ends = vec![parent.deadline()];
    if let Leave::Timeout(after) = plan.leave {
        open = open.timeout(after);
        ends.push(Some(Instant::now() + after));
    }
    let schema = E::INFO.deadline_ms.map(Duration::from_millis);
    ends.push(schema.map(|after| Instant::now() + after));
    world.opens(job, ends.into_iter().flatten().min());
    (scope, open)
}

/// Cancels the scope above when the plan says so, and waits for the end all the same.
async fn within<T>(world: &World, job: usize, scope: &Scope, held: impl Future<Output = T>) -> T {
    let Leave::Parent(after) = world.plan.jobs[job].caller.leave else {
        return held.await;
    };
    let mut held = pin!(held);
    tokio::select! {
        biased;
        ended = &mut held => return ended,
        () = sleep(after) => {}
    }
    world.asks(job);
    scope.cancel();
    held.await
}

/// A caller that is dropped with its handler has left.
struct Asks<'a>(&'a World, usize);

impl Drop for Asks<'_> {
    fn drop(&mut self) {
        let opened = {
            let record = self.0.record(self.1);
            record.opened.is_some() && record.told.is_none()
        };
        if opened && self.0.plan.jobs[self.1].nested {
            self.0.asks(self.1);
            self.0.tells(self.1, Told::Left);
        }
    }
}

async fn open<E: Sim>(world: &Arc<World>, portal: &Portal, parent: &Scope, job: usize) -> Failure {
    let _asks = Asks(world, job);
    let (scope, open) = prepare::<E>(world, portal, parent, job).await;
    let form = world.plan.jobs[job].caller.form;
    let (told, failure) = within(world, job, &scope, async {
        if form == Form::Call {
            return returned::<E>(open.call().await);
        }
        guarded::<E>(world, job, open).await
    })
    .await;
    world.tells(job, told);
    failure
}

async fn guarded<E: Sim>(world: &Arc<World>, job: usize, open: OpenContext<E>) -> (Told, Failure) {
    let mut ctx = match open.open().await {
        Ok((ctx, _)) => ctx,
        Err(error) => return (Told::error(&error), Some(error)),
    };
    match world.plan.jobs[job].caller.leave {
        Leave::Cancel(after) => {
            let _ = timeout(after, converse(world, job, &mut ctx)).await;
            world.asks(job);
            match ctx.cancel().await {
                Ok(None) => (Told::Cancelled(scipp_runtime::Cause::Requested), None),
                Ok(Some(result)) => returned::<E>(Ok(result)),
                Err(error) => returned::<E>(Err(error)),
            }
        }
        Leave::Drop(after) => {
            let _ = timeout(after, converse(world, job, &mut ctx)).await;
            world.asks(job);
            drop(ctx);
            (Told::Left, None)
        }
        _ => {
            let met = converse(world, job, &mut ctx).await;
            let (told, failure) = returned::<E>(ctx.join().await);
            // What an operation says of the end is the end.
            if let Err(met) = met {
                let met = Told::error(&met);
                let corrupt = world.lines[world.plan.jobs[job].line].state().corrupt;
                let same = met == told || matches!(met, Told::Cancelled(_)) || corrupt;
                if !same {
                    world.wrong(format!(
                        "job {job}: an operation said {met:?}, its end was {told:?}"
                    ));
                }
            }
            (told, failure)
        }
    }
}

/// What the body of a scope fails with.
enum Own {
    Met(ContextError<Trouble>),
    OnPurpose,
}

impl From<ContextError<Trouble>> for Own {
    fn from(error: ContextError<Trouble>) -> Self {
        Self::Met(error)
    }
}

async fn scoped<E: Sim>(
    world: &Arc<World>,
    portal: &Portal,
    parent: &Scope,
    job: usize,
) -> Failure {
    let (scope, open) = prepare::<E>(world, portal, parent, job).await;
    let leave = world.plan.jobs[job].caller.leave;
    let ended = open.scope(async |ctx: &mut Context<E>, _| {
        if let Leave::Fail(after) = leave {
            let _ = timeout(after, converse(world, job, ctx)).await;
            world.asks(job);
            return Err(Own::OnPurpose);
        }
        converse(world, job, ctx).await?;
        Ok(())
    });
    let told = match within(world, job, &scope, ended).await {
        Ok(()) => Told::Returned(None),
        Err(Own::OnPurpose) => Told::Own,
        Err(Own::Met(error)) => Told::error(&error),
    };
    world.tells(job, told);
    None
}

fn returned<E: Sim>(result: Result<E::Returns, ContextError<Trouble>>) -> (Told, Failure) {
    match result {
        Ok(result) => (Told::Returned(E::whose(&result)), None),
        Err(error) => (Told::error(&error), Some(error)),
    }
}

/// Sends and reads at the same time, as the plan says.
async fn converse<E: Sim>(
    world: &Arc<World>,
    job: usize,
    ctx: &mut Context<E>,
) -> Result<(), ContextError<Trouble>> {
    let plan = &world.plan.jobs[job].caller;
    if E::INFO.kind == EndpointKind::Func {
        return Ok(());
    }
    let (mut tx, mut rx) = ctx.split();
    let up = async {
        if E::INFO.kind == EndpointKind::Gen {
            return Ok(());
        }
        for n in 0..plan.sends {
            world.record(job).streams[0].begun += 1;
            match tx.send(item(n, plan.fill)).await {
                // The callee takes no more; the rest of the dialog tells why.
                Err(ContextError::Closed) => return Ok(()),
                sent => sent?,
            }
            world.record(job).streams[0].sent += 1;
            pause(plan.pause).await;
        }
        if plan.stops {
            tx.stop().await?;
        }
        Ok(())
    };
    let down = async {
        let mut left = plan.reads;
        while left != Some(0) {
            let Some(item) = rx.recv().await? else {
                world.record(job).streams[1].ended = true;
                break;
            };
            take(world, job, 1, &item);
            left = left.map(|left| left - 1);
            pause(plan.thinks).await;
        }
        Ok(())
    };
    let (up, down) = futures::join!(up, down);
    up.and(down)
}
