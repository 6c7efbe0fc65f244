//! Real processes as children: a program of ours that speaks as `python -m tractor._child` does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test speaks by failing"
)]

#[path = "../dialogs/calc.rs"]
mod calc;
#[path = "../dialogs/calculator.rs"]
#[allow(dead_code, reason = "others use the rest of it")]
mod calculator;

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use calc::Calc;
use calculator::{CalculatorClient, CalculatorServer};
use scipp_runtime::{
    Config, ContextError, Registry, Scope,
    nursery::{self, Child, How, Nursery, NurseryError, Output, SpawnError},
    registrar::Root,
};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// A test that takes longer than this hangs.
const HANGS: Duration = Duration::from_secs(60);

fn config() -> Config {
    Config::new("parent").offer(CalculatorServer::new(Calc))
}

fn kid(mode: &str) -> Child {
    Child::program("kid", env!("CARGO_BIN_EXE_kid"))
        .env("SCIPP_KID", mode)
        .output(Output::Keep)
}

/// Whether the process runs. One that is reaped does not, nor does one that only waits for that.
fn runs(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    !stat
        .rsplit(')')
        .next()
        .unwrap()
        .trim_start()
        .starts_with('Z')
}

/// Whether the kernel still has it, be it as a zombie.
fn is_left(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .expect("comes to be");
}

async fn within<T>(body: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, body).await.expect("ends")
}

async fn opened<T>(
    body: impl AsyncFnOnce(&Nursery, &Scope) -> Result<T, Failed>,
) -> Result<T, Failed> {
    within(nursery::open(config(), body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_go_in_both_directions_and_nothing_is_left() {
    let pid = opened(async |nursery, scope| {
        let kid = nursery.spawn(kid("")).await?;
        let calculator: CalculatorClient = kid.client();
        assert_eq!(calculator.add(scope, 20, 22).call().await?, 42);
        // It asks us in turn.
        assert_eq!(calculator.add(scope, 1_000, 6).call().await?, 7);
        assert_eq!(&*kid.id().name, "kid");
        Ok(kid.pid().unwrap())
    })
    .await
    .unwrap();
    assert!(!is_left(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_asked_ends_well_and_its_dialogs_with_it() {
    opened(async |nursery, scope| {
        let kid = nursery.spawn(kid("")).await?;
        let calculator: CalculatorClient = kid.client();
        let (open, _) = calculator.accumulate(scope, 1).open().await?;
        let before = Instant::now();
        let exit = kid.cancel().await;
        assert_eq!((exit.how, exit.success()), (How::Asked, true), "{exit}");
        assert!(
            before.elapsed() < Duration::from_secs(3),
            "it does not wait for its dialogs"
        );
        let end = open.join().await;
        assert!(matches!(end, Err(ContextError::Cancelled(_))), "{end:?}");
        assert!(!is_left(kid.pid().unwrap()));
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_boot_says_why() {
    opened(async |nursery, _| {
        let error = nursery
            .spawn(kid("").listen("unix:/nowhere/at/all.sock".parse()?))
            .await
            .unwrap_err();
        assert!(matches!(error, SpawnError::Boot { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("OSError") && text.contains("/nowhere/at/all.sock"),
            "{text}"
        );

        let error = nursery.spawn(kid("ends")).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("exit status: 3") && text.contains("no licence"),
            "{text}"
        );

        let mute = kid("mute").boot_max(Duration::from_millis(300));
        let text = nursery.spawn(mute).await.unwrap_err().to_string();
        assert!(
            text.contains("300 ms") && text.contains("never connected"),
            "{text}"
        );

        let none = Child::program("kid", "/nowhere/at/all");
        let text = nursery.spawn(none).await.unwrap_err().to_string();
        assert!(text.contains("/nowhere/at/all"), "{text}");

        // An interpreter that takes the flags for its own.
        let other = Child::program("kid", "false").output(Output::Null);
        let text = nursery.spawn(other).await.unwrap_err().to_string();
        assert!(text.contains("ended before it served"), "{text}");
        // The nursery goes on.
        nursery.spawn(kid("")).await?;
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_cancels_all() {
    let mut pids = Vec::new();
    let failed = opened(async |nursery, scope| {
        let steady = nursery.spawn(kid("")).await?;
        let fails = nursery.spawn(kid("fails")).await?;
        pids = vec![steady.pid().unwrap(), fails.pid().unwrap()];
        let calculator: CalculatorClient = steady.client();
        let (open, _) = calculator.accumulate(scope, 1).open().await?;
        open.join().await?;
        Ok(())
    })
    .await
    .unwrap_err();
    let text = failed.to_string();
    assert!(failed.downcast_ref::<NurseryError>().is_some(), "{text}");
    assert!(
        text.contains("exit status: 7") && text.contains("out of luck"),
        "{text}"
    );
    assert!(pids.iter().all(|pid| !is_left(*pid)), "{pids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_deaf_is_killed() {
    opened(async |nursery, _| {
        let deaf = nursery.spawn(kid("deaf")).await?;
        let exit = deaf.cancel().await;
        assert_eq!((exit.how, exit.signal()), (How::Killed, Some(9)), "{exit}");
        assert!(!is_left(deaf.pid().unwrap()));
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_fails_or_is_dropped_leaves_nothing() {
    let mut pid = 0;
    let failed: Result<(), _> = opened(async |nursery, _| {
        pid = nursery.spawn(kid("")).await?.pid().unwrap();
        Err("of its own".into())
    })
    .await;
    assert_eq!(failed.unwrap_err().to_string(), "of its own");
    assert!(!is_left(pid));

    let (told, hear) = tokio::sync::oneshot::channel();
    let open = opened(async move |nursery, _| {
        let kid = nursery.spawn(kid("")).await?;
        let _ = told.send(kid.pid().unwrap());
        std::future::pending::<Result<(), Failed>>().await
    });
    let pid = tokio::select! {
        biased;
        pid = hear => pid.unwrap(),
        _ = open => panic!("it never ends"),
    };
    until(|| !is_left(pid)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spawn_that_nobody_waits_for_leaves_nothing() {
    let mark = format!("SCIPP_MARK={}", std::process::id());
    let marked = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let environs = processes.map(|entry| std::fs::read(entry.path().join("environ")));
        let environs = environs.flatten().filter(|environ| {
            String::from_utf8_lossy(environ)
                .split('\0')
                .any(|variable| variable == mark)
        });
        environs.count()
    };
    opened(async |nursery, _| {
        let mute = kid("mute").env("SCIPP_MARK", std::process::id().to_string());
        let spawning = nursery.spawn(mute);
        let given_up = tokio::time::timeout(Duration::from_millis(300), spawning).await;
        assert!(given_up.is_err());
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(marked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_cancelled_ends_the_nursery() {
    let above = Scope::root().child(Some(Duration::from_millis(500)));
    let mut pid = 0;
    let ended: Result<(), Failed> =
        within(nursery::open(config().under(&above), async |nursery, _| {
            pid = nursery.spawn(kid("")).await?.pid().unwrap();
            std::future::pending().await
        }))
        .await;
    let text = ended.unwrap_err().to_string();
    assert!(text.contains("deadline"), "{text}");
    assert!(pid == 0 || !is_left(pid));
}

/// Whatever becomes of the parent, its children are gone.
#[tokio::test(flavor = "multi_thread")]
async fn no_child_outlives_its_parent() {
    for mode in ["panics", "leaves", "parent"] {
        let mut parent = Command::new(env!("CARGO_BIN_EXE_kid"))
            .env("SCIPP_KID", mode)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(parent.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let pid: u32 = line.trim().parse().expect("the id of the child");
        if mode == "parent" {
            assert!(runs(pid));
            parent.kill().unwrap();
        }
        parent.wait().unwrap();
        until(|| !runs(pid)).await;
    }
}

/// A child registers where its parent says, is found there, and is forgotten when it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_registered_while_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let at = format!(
        "unix:{}",
        folder.path().join("registry@1616.sock").display()
    );
    let root = Root::open(&at, Config::new("root")).await.unwrap();
    let registry: Registry = root.registry().unwrap().clone();
    let shutdown = Scope::root();
    let stop = shutdown.clone();
    let served = tokio::spawn(async move { root.serve(scipp_runtime::Router::new(), &stop).await });
    let config = config().registrar(&at).unwrap();
    let listens = format!("unix:{}", folder.path().join("kid.sock").display());
    within(nursery::open(config, async |nursery, _| {
        let kid = nursery.spawn(kid("").listen(listens.parse()?)).await?;
        // It serves only when it is registered.
        assert_eq!(registry.find("kid"), Some(vec![listens.parse()?]));
        let asked = scipp_runtime::Registrar::at(&at, &Config::new("asker"))?;
        let found = asked.find::<CalculatorClient>("kid").await?.unwrap();
        let sum: Result<i64, Failed> = found
            .connect(async |calculator, scope| Ok(calculator.add(scope, 1, 2).call().await?))
            .await;
        assert_eq!(sum?, 3);
        assert!(kid.cancel().await.success());
        assert_eq!(registry.find("kid"), None);
        Ok::<_, Failed>(())
    }))
    .await
    .unwrap();
    shutdown.cancel();
    served.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_run() {
    let config = config().limits(|limits| limits.children_max = 1);
    within(nursery::open(config, async |nursery, _| {
        let first = nursery.spawn(kid("")).await?;
        let text = nursery.spawn(kid("")).await.unwrap_err().to_string();
        assert!(text.contains("1 are running"), "{text}");
        first.cancel().await;
        until(|| !is_left(first.pid().unwrap())).await;
        nursery.spawn(kid("")).await?;
        Ok::<_, Failed>(())
    }))
    .await
    .unwrap();
}
