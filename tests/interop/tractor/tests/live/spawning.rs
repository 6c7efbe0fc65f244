//! Children that register, and a child in Rust of a parent in Python.

use std::{path::Path, time::Duration};

use scipp_interop_tractor::lab::TypedClient;
use scipp_runtime::{Config, Listener, Registrar, Registry, Router, Scope, nursery, serve};

use crate::lab::{AnyError, Done, Lab, cases, config, unexpected, url};

cases![
    a_python_child_registers_with_us,
    python_starts_a_child_in_rust,
];

async fn a_python_child_registers_with_us(lab: &Lab) -> Done {
    let address = url(&lab.interpreter.address(lab.transport));
    let registry = Registry::new();
    let actor = Config::new("rustregistrar").insecure_loopback();
    let listener = Listener::bind(address.as_str()).await?;
    let shutdown = Scope::root();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("plain/lab/typed.py");
    let kid = lab
        .interpreter
        .child("pykid", "plain")
        .module("lab.typed", &file.display().to_string());
    // Otherwise it takes a Unix socket.
    let kid = match lab.transport {
        "tcp" => kid.listen("tcp://127.0.0.1:0".parse()?),
        _ => kid,
    };
    let parent = actor.clone().registrar(address.as_str())?;
    let used = async {
        let used = nursery::open(parent, async |nursery, _| {
            let kid = nursery.spawn(kid).await?;
            let asked = Registrar::at(address.as_str(), &config())?;
            let found = asked
                .find::<TypedClient>("pykid")
                .await?
                .ok_or("it is registered")?;
            let called: Result<i64, AnyError> = found
                .connect(async |typed, scope| Ok(typed.call(scope, "ok".into()).call().await?))
                .await;
            assert_eq!(called?, 42);
            assert!(kid.cancel().await.success());
            assert_eq!(registry.find("pykid"), None, "it has unregistered");
            Ok::<_, AnyError>(())
        })
        .await;
        shutdown.cancel();
        used
    };
    let (served, used) = tokio::join!(
        serve(
            listener,
            actor.as_registrar(&registry),
            Router::new(),
            &shutdown
        ),
        used
    );
    served?;
    used
}

/// tractor starts `sys.executable`, which is a program of ours.
async fn python_starts_a_child_in_rust(lab: &Lab) -> Done {
    let mut words = lab.interpreter.address(lab.transport);
    words.push(env!("CARGO_BIN_EXE_rustkid").into());
    let mut python = lab.interpreter.start("parent.py", "plain", &words);
    for expected in ["called 42", "found 42", "left None", "over"] {
        let line = python.line(Duration::from_secs(20)).await?;
        if line != expected {
            return Err(unexpected(line));
        }
    }
    Ok(python.end().await?)
}
