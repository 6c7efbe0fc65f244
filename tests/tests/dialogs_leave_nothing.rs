//! Tasks, file descriptors (sockets among them) and bytes before and after dialogs of every kind, and after very many. Alone in its
//! process, so that it can count. A timer belongs to a task, so none is left where no task is.

#![allow(unreachable_pub, reason = "a test is no library")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test speaks by failing"
)]

#[path = "dialogs/calc.rs"]
mod calc;
#[path = "dialogs/calculator.rs"]
mod calculator;
#[path = "dialogs/site.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the other tests of dialogs use more of it"
)]
mod site;

use std::future::Future;

use scipp_runtime::{Drained, connect};
use tokio::runtime::{Builder, Handle};

use crate::{
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer},
    site::{Over, Site, config},
};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Dialogs that live at once on one session.
const DIALOGS: usize = 10_000;

/// Sessions of one actor at once, and dialogs on each.
const SESSIONS: usize = 1_000;
const DIALOGS_EACH: usize = 10;

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Runs it twice, each time in a runtime of its own, and looks at what is left after the second time: what a process keeps
/// for ever it takes at the first.
fn leaves_nothing<F: Future<Output = ()>>(what: &str, run: impl Fn() -> F) {
    for warm in [false, true] {
        let before = descriptors();
        let memory = allocation_counter::measure(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                run().await;
                assert_eq!(tasks(), 0, "tasks, {what}");
            });
        });
        if warm {
            assert_eq!(descriptors(), before, "descriptors, {what}");
            assert_eq!(memory.bytes_current, 0, "bytes, {what}");
        }
    }
}

#[test]
fn nothing_is_left() {
    for over in [Over::Tcp, Over::Unix, Over::Memory] {
        leaves_nothing(&format!("over {over:?}"), || every_kind(over));
    }
    leaves_nothing("of many dialogs", many_dialogs);
    leaves_nothing("of many sessions", many_sessions);
}

async fn every_kind(over: Over) {
    let site = Site::open(over, CalculatorServer::new(Calc)).await;
    for _ in 0..20 {
        let running = tasks();
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            let (mut ctx, _) = calculator.accumulate(scope, 0).open().await?;
            ctx.send(1).await?;
            calculator.add(scope, 1, 1).call().await?;
            let (left_open, ()) = calculator.count(scope, 1_000_000).open().await?;
            drop(left_open);
            Ok::<_, Failed>(())
        })
        .await
        .unwrap();
        // The caller's side is over; the actor's side of the session sees its peer leave, soon.
        assert!(
            tasks() <= running + 1,
            "{running} before, {} after, over {over:?}",
            tasks()
        );
    }
    site.close().await;
}

/// All of them are there at once; half of them are joined, half are dropped.
async fn many_dialogs() {
    let large = |name| config(name).protocol_limits(|limits| limits.dialogs_max = DIALOGS);
    let server = CalculatorServer::new(Calc);
    let site = Site::open_with(Over::Memory, large("server"), server).await;
    let before = tasks();
    connect(&site.target, large("caller"), async |portal, scope| {
        let calculator = CalculatorClient::new(portal);
        let mut open = Vec::new();
        for n in 0..DIALOGS {
            open.push(calculator.accumulate(scope, n as i64).open().await?.0);
        }
        // A handler each, and what watches its caller.
        assert!(tasks() >= before + DIALOGS, "{} tasks", tasks());
        let mut even = true;
        for mut ctx in open {
            even = !even;
            if even {
                drop(ctx);
            } else {
                ctx.stop().await?;
                ctx.join().await?;
            }
        }
        Ok::<_, Failed>(())
    })
    .await
    .unwrap();
    assert_eq!(site.close().await, Drained::default());
}

/// A thousand sessions, each with ten dialogs, all there at once.
async fn many_sessions() {
    let crowd = config("server").limits(|limits| limits.handshakes_max = SESSIONS);
    let site = Site::open_with(Over::Memory, crowd, CalculatorServer::new(Calc)).await;
    let all_open = tokio::sync::Barrier::new(SESSIONS);
    let sessions = (0..SESSIONS).map(|_| {
        connect(&site.target, config("caller"), async |portal, scope| {
            let calculator = CalculatorClient::new(portal);
            let mut open = Vec::new();
            for n in 0..DIALOGS_EACH {
                open.push(calculator.accumulate(scope, n as i64).open().await?.0);
            }
            all_open.wait().await;
            for ctx in open {
                ctx.cancel().await?;
            }
            Ok::<_, Failed>(())
        })
    });
    for ended in futures::future::join_all(sessions).await {
        ended.unwrap();
    }
    assert_eq!(site.close().await, Drained::default());
}
