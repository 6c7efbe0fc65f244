//! An actor, its neighbour, and the peer of one entry.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    future::pending,
    time::Duration,
};

use scipp_runtime::{
    Config, ConnectError, Drained, Listener, Portal, Router, Scope, connect, serve,
    transport::MemoryDialer,
};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use crate::{
    lab::{Call, Work, WorkArgs, serves},
    peer::Peer,
    script::{Entry as Played, Step},
};

/// A call of a neighbour that takes longer than this, in simulated time, is disturbed.
const UNDISTURBED: Duration = Duration::from_millis(100);

/// From a peer's leaving until nothing of it may be there: grace, cleanup, and the closing of its session.
const GONE: Duration = Duration::from_secs(4);

/// Plays an entry; returns what was wrong.
pub fn play(entry: &Played) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (listener, dialer) = Listener::memory();
        let shutdown = Scope::root();
        let until = shutdown.clone();
        let served = tokio::spawn(async move {
            serve(
                listener,
                Config::new("server").replayable(1),
                services(),
                &until,
            )
            .await
        });
        let neighbour = Config::new("neighbour").replayable(2);
        let wrong = connect(dialer.clone(), neighbour, async |portal, scope| {
            Ok::<_, ConnectError>(attack(entry, &dialer, portal, scope).await)
        })
        .await
        .unwrap();
        shutdown.cancel();
        assert_eq!(served.await.unwrap().unwrap(), Drained::default());
        wrong
    })
}

/// What can be called. `work` by its argument: 0 sends back what comes, 1 waits to be asked, 2 does not listen, 3 sends for ever, 4 panics.
fn services() -> Router {
    let work = serves(Work, |ctx, n| {
        Box::pin(async move {
            match n {
                0 => {
                    while let Some(item) = ctx.recv().await? {
                        ctx.send(item).await?;
                    }
                }
                1 => ctx.run(pending()).await?,
                2 => pending().await,
                3 => loop {
                    ctx.send(n).await?;
                },
                _ => panic!("on purpose"),
            }
            Ok(n)
        })
    });
    let call = serves(Call, |ctx, n| {
        Box::pin(async move {
            match n {
                -1 => ctx.run(pending()).await?,
                -2 => pending().await,
                _ => {}
            }
            Ok(n)
        })
    });
    Router::new().with(work).with(call)
}

async fn attack(
    entry: &Played,
    dialer: &MemoryDialer,
    portal: &Portal,
    scope: &Scope,
) -> Vec<String> {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let mut wrong = Vec::new();
    let before = tasks();
    let mut peers = BTreeMap::new();
    let mut crowd = Vec::new();
    let mut current = 1;
    for (line, step) in &entry.steps {
        if let Step::Session(number) = step {
            current = *number;
        }
        if let Step::Leave = step {
            if let Some(peer) = peers.remove(&current) {
                Peer::leave(peer).await;
            }
            continue;
        }
        let peer = match peers.entry(current) {
            Entry::Occupied(peer) => peer.into_mut(),
            Entry::Vacant(place) => place.insert(Peer::dial(dialer).await),
        };
        if let Step::Crowd(count) = step {
            for _ in 0..*count {
                crowd.push(Peer::dial(dialer).await);
            }
        }
        if let Some(failure) = play_step(peer, step).await {
            wrong.push(format!("`{line}`: {failure}"));
        }
        let call = portal.open_context(Call, scope, WorkArgs { n: 7 }).call();
        match timeout(UNDISTURBED, call).await {
            Ok(Ok(7)) => {}
            other => wrong.push(format!("`{line}`: the neighbour's call ended as {other:?}")),
        }
    }
    for peer in peers.into_values().chain(crowd) {
        peer.leave().await;
    }
    sleep(GONE).await;
    let after = tasks();
    if after != before {
        wrong.push(format!(
            "{before} tasks before it came, {after} after it has left"
        ));
    }
    wrong
}

/// Plays a step; says what was wrong.
async fn play_step(peer: &mut Peer, step: &Step) -> Option<String> {
    match step {
        Step::Say { times, what } => peer.say(*times, what).await,
        Step::Drip(pause) => peer.drip = *pause,
        Step::Deaf => peer.deafen(),
        Step::Wait(time) => sleep(*time).await,
        Step::Shut => peer.shut().await,
        Step::Closed(within) => {
            if !peer.is_closed(*within).await {
                return Some("it is open".to_owned());
            }
        }
        Step::Open => {
            if !peer.is_open().await {
                return Some("its call was not answered".to_owned());
            }
        }
        Step::Blocked => {
            if !peer.blocked {
                return Some("all of it was taken".to_owned());
            }
        }
        Step::Says(what, count) => {
            sleep(UNDISTURBED).await;
            let came = peer.heard(what);
            if !count.holds(came) {
                return Some(format!("it came {came} times"));
            }
        }
        Step::Session(_) | Step::Crowd(_) | Step::Leave => {}
    }
    None
}
