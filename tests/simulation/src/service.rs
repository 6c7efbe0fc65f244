//! The callee's side: handlers that do what the plan says, and say what happens to them.

use std::{future::pending, marker::PhantomData, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use scipp_runtime::{
    EndpointError, EndpointKind, InScope as _, Incoming, InterfaceInfo, Router, ServerContext,
    ServerError, Service,
};
use tokio::time::{Instant, sleep};

use crate::{
    caller,
    endpoints::{
        Ask, Chat, Commit, Feed, Item, JobArgs, Now, Patient, Quick, Sim, Talk, Trouble, seal,
    },
    plan::{Child, End, Exit},
    world::{Did, Part, World},
};

/// Everything but [`Absent`](crate::endpoints::Absent).
pub fn services(world: &Arc<World>) -> Router {
    Router::new()
        .with(serves::<Ask>(world))
        .with(serves::<Quick>(world))
        .with(serves::<Feed>(world))
        .with(serves::<Talk>(world))
        .with(serves::<Chat>(world))
        .with(serves::<Now>(world))
        .with(serves::<Patient>(world))
        .with(serves::<Commit>(world))
}

/// The services that a client offers: those, one by one.
pub fn offer(world: &Arc<World>, config: scipp_runtime::Config) -> scipp_runtime::Config {
    config
        .offer(serves::<Ask>(world))
        .offer(serves::<Quick>(world))
        .offer(serves::<Feed>(world))
        .offer(serves::<Talk>(world))
        .offer(serves::<Chat>(world))
        .offer(serves::<Now>(world))
        .offer(serves::<Patient>(world))
        .offer(serves::<Commit>(world))
}

struct Serves<E>(Arc<World>, PhantomData<fn() -> E>);

fn serves<E>(world: &Arc<World>) -> Serves<E> {
    Serves(Arc::clone(world), PhantomData)
}

impl<E: Sim> Service for Serves<E> {
    fn interface(&self) -> &'static InterfaceInfo {
        E::INTERFACE
    }

    fn dispatch(&self, incoming: Incoming) -> Result<(), Incoming> {
        if incoming.func() != E::INFO.name {
            return Err(incoming);
        }
        let world = Arc::clone(&self.0);
        incoming.run(E::marker(), async move |ctx, args| {
            run::<E>(world, ctx, args).await
        });
        Ok(())
    }
}

type Ended<T> = Result<T, EndpointError<Trouble>>;

fn run<E: Sim>(
    world: Arc<World>,
    ctx: &mut ServerContext<E>,
    args: JobArgs,
) -> BoxFuture<'_, Ended<E::Returns>> {
    Box::pin(async move {
        let job = args.job as usize;
        if args.seal != seal(args.job) || job >= world.plan.jobs.len() {
            return Err(EndpointError::failed("a job that nobody has"));
        }
        let again = {
            let mut record = world.record(job);
            record.runs += 1;
            record.ran = Some(Instant::now());
            record.runs > 1
        };
        world.say(|| format!("job {job}: runs"));
        if again {
            world.wrong(format!("job {job}: its handler ran twice"));
            return Err(EndpointError::failed("twice"));
        }
        let alive = world.begins(job, Part::Handler);
        let ended = work(&world, ctx, job).await;
        let did = match &ended {
            Ok(()) => Did::Returned,
            Err(EndpointError::Endpoint(_)) => Did::Raised,
            Err(EndpointError::Failed(_)) => Did::Failed,
            Err(EndpointError::Cancelled(why)) => Did::Cancelled(why.cause),
            Err(EndpointError::Relayed(_)) => Did::Relayed,
            Err(_) => Did::Broken,
        };
        {
            let mut record = world.record(job);
            if let Did::Cancelled(cause) = did {
                record.cause = Some(cause);
            }
            record.did = Some(did);
        }
        drop(alive);
        ended.map(|()| E::result(args.job))
    })
}

async fn work<E: Sim>(world: &Arc<World>, ctx: &mut ServerContext<E>, job: usize) -> Ended<()> {
    let plan = &world.plan.jobs[job].callee;
    for exit in &plan.exits {
        world.record(job).exits[0] += 1;
        let (world, exit, alive) = (Arc::clone(world), *exit, world.begins(job, Part::Exit));
        ctx.on_exit(async move {
            world.record(job).exits[1] += 1;
            match exit {
                Exit::Takes(long) => sleep(long).await,
                Exit::Never => pending().await,
                Exit::Panics => panic!("on purpose"),
            }
            drop(alive);
        });
    }
    for child in &plan.children {
        let (child, scope, alive) = (*child, ctx.scope().clone(), world.begins(job, Part::Child));
        // Dropping the handle stops nothing: the scope has the task.
        drop(ctx.scope().spawn(async move {
            let _alive = alive;
            match child {
                Child::Takes(long) => sleep(long).await,
                Child::Listens => {
                    scope.cancelled().await;
                }
                Child::Deaf => pending().await,
                Child::Panics => panic!("on purpose"),
            }
        }));
    }
    if plan.deaf {
        sleep(plan.before).await;
    } else {
        ctx.run(sleep(plan.before)).await?;
    }
    ctx.started(E::first()).await?;
    match E::INFO.kind {
        EndpointKind::Func => {}
        EndpointKind::Gen | EndpointKind::Context => {
            let (mut tx, mut rx) = ctx.split()?;
            let down = async {
                for n in 0..plan.sends {
                    let item = item(n, plan.fill);
                    world.record(job).streams[1].begun += 1;
                    match tx.send(item).await {
                        // The caller has left the stream: it takes no more.
                        Err(ServerError::Closed) => return Ok(()),
                        sent => sent?,
                    }
                    world.record(job).streams[1].sent += 1;
                    pause(plan.pause).await;
                }
                Ok::<_, ServerError>(())
            };
            let up = async {
                let is_gen = E::INFO.kind == EndpointKind::Gen;
                let mut left = if is_gen { Some(0) } else { plan.reads };
                while left != Some(0) {
                    let Some(item) = rx.recv().await? else {
                        world.record(job).streams[0].ended = true;
                        break;
                    };
                    take(world, job, 0, &item);
                    left = left.map(|left| left - 1);
                    pause(plan.thinks).await;
                }
                Ok::<_, ServerError>(())
            };
            let (down, up) = futures::join!(down, up);
            down.and(up)?;
        }
    }
    if let Some((nested, passes_on)) = plan.nested {
        let scope = ctx.scope().clone();
        let ended = caller::nested(Arc::clone(world), ctx.portal(), scope, nested).await;
        match ended {
            Err(error) if passes_on => return Err(error.into()),
            _ => {}
        }
    }
    let job = u32::try_from(job).unwrap_or(u32::MAX);
    match plan.end {
        End::Return => Ok(()),
        End::Raise => Err(EndpointError::Endpoint(Trouble { job })),
        End::Fail => Err(EndpointError::failed("on purpose")),
        End::Panic => panic!("on purpose"),
        End::Waits => Err(ctx.scope().cancelled().await.into()),
        End::Deaf => pending().await,
    }
}

/// An item of the plan.
pub fn item(n: u32, fill: usize) -> Item {
    Item {
        n,
        fill: "x".repeat(fill),
    }
}

/// Somebody has taken an item.
pub fn take(world: &World, job: usize, direction: usize, item: &Item) {
    let mut record = world.record(job);
    let stream = &mut record.streams[direction];
    stream.disorder |= item.n != stream.taken;
    stream.taken += 1;
}

/// A pause; none takes no turn of the runtime.
pub async fn pause(long: Duration) {
    if !long.is_zero() {
        sleep(long).await;
    }
}
