//! `scipp actors` against registrars of ours.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test speaks by failing"
)]

use std::{process::Command, time::Duration};

use scipp_runtime::{Config, Registrar, Router, Scope, registrar::Root};

fn scipp(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_scipp"))
        .arg("actors")
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    (output.status.code().unwrap(), stdout, stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_lists_finds_and_waits() {
    let folder = tempfile::tempdir().unwrap();
    let at = format!("unix:{}", folder.path().join("registry.sock").display());
    let root = Root::open(&at, Config::new("root")).await.unwrap();
    let shutdown = Scope::root();
    let stop = shutdown.clone();
    let served = tokio::spawn(async move { root.serve(Router::new(), &stop).await });
    let feed = Registrar::at(&at, &Config::new("feed")).unwrap();
    feed.register(&"tcp://127.0.0.1:4711".parse().unwrap())
        .await
        .unwrap();

    let ask = async |args: &[&str]| {
        let mut all = vec!["--registrar".to_owned(), at.clone()];
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        let asked = tokio::task::spawn_blocking(move || {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            scipp(&all)
        });
        asked.await.unwrap()
    };
    let (status, stdout, stderr) = ask(&[]).await;
    assert_eq!((status, stderr.as_str()), (0, ""));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{stdout}");
    assert!(
        lines[0].starts_with("root  ") && lines[0].ends_with(&at),
        "{stdout}"
    );
    assert!(
        lines[1].starts_with("feed  ") && lines[1].ends_with("  tcp://127.0.0.1:4711"),
        "{stdout}"
    );

    let (status, stdout, _) = ask(&["--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((status, &json[1]["name"]), (0, &"feed".into()));
    assert_eq!(
        json[1]["addresses"],
        serde_json::json!(["tcp://127.0.0.1:4711"])
    );

    assert_eq!(
        ask(&["--find", "feed"]).await,
        (0, "tcp://127.0.0.1:4711\n".to_owned(), String::new())
    );
    let (status, stdout, stderr) = ask(&["--find", "nobody"]).await;
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("no actor called `nobody` is registered"),
        "{stderr}"
    );

    let (status, stdout, stderr) = ask(&["--wait", "late", "--timeout", "1"]).await;
    assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
    let late = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let late = Registrar::at(&at, &Config::new("late")).unwrap();
        late.register(&"tcp://127.0.0.1:4712".parse().unwrap())
            .await
            .unwrap();
    };
    let (waited, ()) = tokio::join!(ask(&["--wait", "late", "--timeout", "30"]), late);
    assert_eq!(
        waited,
        (0, "tcp://127.0.0.1:4712\n".to_owned(), String::new())
    );

    shutdown.cancel();
    let drained = served.await.unwrap().unwrap();
    assert_eq!(drained.unreaped + drained.forced, 0, "{drained}");
    let (status, _, stderr) = ask(&[]).await;
    assert_eq!(status, 2);
    assert!(stderr.contains("cannot connect"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_registrar_says_so() {
    let listener = scipp_runtime::Listener::bind("tcp://127.0.0.1:0")
        .await
        .unwrap();
    let at = listener.address().unwrap().to_string();
    let shutdown = Scope::root();
    let stop = shutdown.clone();
    let config = Config::new("feed").insecure_loopback();
    let served =
        tokio::spawn(
            async move { scipp_runtime::serve(listener, config, Router::new(), &stop).await },
        );
    let asked = tokio::task::spawn_blocking(move || scipp(&["--registrar", &at]));
    let (status, _, stderr) = asked.await.unwrap();
    assert_eq!(status, 2);
    assert!(stderr.contains("is no registrar"), "{stderr}");
    shutdown.cancel();
    served.await.unwrap().unwrap();
    for wrong in [
        &["--registrar", "localhost:1616"][..],
        &["--find", "a", "--wait", "b"],
    ] {
        assert_eq!(scipp(wrong).0, 2);
    }
}
