//! Tasks and file descriptors before and after dialogs of every kind. Alone in its process, so that it can count.

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

use scipp_runtime::connect;

use crate::{
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer},
    site::{Over, Site, config},
};

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::test]
async fn nothing_is_left_over_any_transport() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = (tasks(), descriptors());
    for over in [Over::Tcp, Over::Unix, Over::Memory] {
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
        assert_eq!(
            (tasks(), descriptors()),
            before,
            "tasks and descriptors, over {over:?}"
        );
    }
}
