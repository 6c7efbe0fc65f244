//! The handlers of the feed actor.

use std::time::Duration;

use scipp_runtime::ServerContext;
use scipp_runtime::generated::{EndpointError, SignedDuration};
use tokio::time::{Instant, interval};

use crate::{
    book,
    market::feed::{
        Feed, Halt, HaltReason, Quote, Snapshot, Summary, Throttled, Tick, UnknownSymbol,
        feed::{Last, LastArgs, Replay, ReplayArgs, Watch, WatchAccepts, WatchArgs, WatchError},
    },
};

/// Between two ticks of a subscription.
const TICK: Duration = Duration::from_millis(20);

/// More symbols than that in one subscription are too many.
const SYMBOLS_MAX: usize = 8;

/// Quotes that the book has stored.
const STORED: u32 = 3_600;

/// Serves the book to whoever asks.
#[derive(Debug, Default)]
pub struct FeedActor;

impl Feed for FeedActor {
    async fn last(
        &self,
        _ctx: &mut ServerContext<Last>,
        args: LastArgs,
    ) -> Result<Quote, EndpointError<UnknownSymbol>> {
        Ok(book::quote(&args.symbol, STORED)?)
    }

    async fn replay(
        &self,
        ctx: &mut ServerContext<Replay>,
        args: ReplayArgs,
    ) -> Result<(), EndpointError<UnknownSymbol>> {
        let first = book::step_since(args.since);
        for step in (first..STORED).take(args.limit as usize) {
            ctx.send(book::quote(&args.symbol, step)?).await?;
        }
        Ok(())
    }

    async fn watch(
        &self,
        ctx: &mut ServerContext<Watch>,
        WatchArgs { mut symbols }: WatchArgs,
    ) -> Result<Summary, EndpointError<WatchError>> {
        if symbols.len() > SYMBOLS_MAX {
            return Err(Throttled {
                retry_in: SignedDuration::from_secs(60),
            }
            .into());
        }
        let began = Instant::now();
        let mut snapshot = Snapshot {
            quotes: Default::default(),
        };
        for symbol in &symbols {
            snapshot
                .quotes
                .insert(symbol.clone(), book::quote(symbol, STORED)?);
        }
        ctx.on_exit(async move {
            println!("      * the callee has unsubscribed the caller from the exchange");
        });
        ctx.started(snapshot).await?;

        let (mut ticks, mut step) = (0, STORED);
        let mut clock = interval(TICK);
        let (mut out, mut inbound) = ctx.split()?;
        loop {
            tokio::select! {
                steered = inbound.recv() => match steered? {
                    Some(WatchAccepts::Follow(follow)) => {
                        for symbol in follow.symbols {
                            book::quote(&symbol, step)?;
                            symbols.push(symbol);
                        }
                    }
                    Some(WatchAccepts::Drop(drop)) => {
                        symbols.retain(|symbol| !drop.symbols.contains(symbol));
                        for symbol in drop.symbols {
                            let reason = HaltReason::News;
                            out.send(Tick::Halt(Halt { symbol, reason })).await?;
                            ticks += 1;
                        }
                    }
                    None => break,
                },
                _ = clock.tick() => {
                    step += 1;
                    for symbol in &symbols {
                        out.send(Tick::Quote(book::quote(symbol, step)?)).await?;
                        ticks += 1;
                    }
                }
            }
        }
        // Whole milliseconds: nobody wants to read more.
        let took =
            SignedDuration::from_millis(began.elapsed().as_millis().try_into().unwrap_or(i64::MAX));
        Ok(Summary { ticks, took })
    }
}
