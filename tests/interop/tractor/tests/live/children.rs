//! We are the parent of Python processes.

use std::{error::Error, path::Path, time::Duration};

use scipp_interop_tractor::{
    Lab as Served,
    lab::{TypedClient, TypedServer},
};
use scipp_runtime::{
    Config, ContextError, Scope,
    nursery::{self, Child, How, Nursery, NurseryError, Output, SpawnError},
};

use crate::lab::{AnyError, Done, Lab, cases, unexpected};

cases![
    a_child_serves_and_ends_with_its_nursery,
    a_child_is_asked_to_stop,
    a_child_is_asked_to_stop_in_a_context,
    a_child_calls_its_parent,
    children_live_side_by_side,
    a_child_that_cannot_import_its_module_says_why,
    a_child_that_is_killed_ends_the_others,
    a_nursery_that_is_dropped_leaves_no_child,
];

fn child(lab: &Lab, name: &str) -> Child {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("plain/lab/typed.py");
    lab.interpreter
        .child(name, "plain")
        .module("lab.typed", &file.display().to_string())
        .output(Output::Keep)
}

fn parent() -> Config {
    Config::new("rustparent").offer(TypedServer::new(Served::default()))
}

async fn opened<T>(
    body: impl AsyncFnOnce(&Nursery, &Scope) -> Result<T, AnyError>,
) -> Result<T, AnyError> {
    nursery::open(parent(), body).await
}

/// Whether a process is there, be it as a zombie.
fn is_left(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

async fn a_child_serves_and_ends_with_its_nursery(lab: &Lab) -> Done {
    let pid = opened(async |nursery, scope| {
        let kid = nursery.spawn(child(lab, "kid")).await?;
        let typed: TypedClient = kid.client();
        assert_eq!(typed.call(scope, "ok".into()).call().await?, 42);
        let (mut talk, _) = typed.talk(scope, "echo".into()).open().await?;
        talk.send(1).await?;
        assert_eq!(talk.recv().await?, Some(10));
        talk.stop().await?;
        assert_eq!(talk.join().await?, 1);
        Ok(kid.pid())
    })
    .await?
    .ok_or("no process")?;
    assert!(!is_left(pid));
    Ok(())
}

async fn a_child_is_asked_to_stop(lab: &Lab) -> Done {
    opened(async |nursery, _| {
        let kid = nursery.spawn(child(lab, "kid")).await?;
        let exit = kid.cancel().await;
        assert_eq!((exit.how, exit.success()), (How::Asked, true), "{exit}");
        assert!(!kid.stderr().contains("Traceback"), "{}", kid.stderr());
        Ok(())
    })
    .await
}

async fn a_child_is_asked_to_stop_in_a_context(lab: &Lab) -> Done {
    opened(async |nursery, scope| {
        let kid = nursery.spawn(child(lab, "kid")).await?;
        let typed: TypedClient = kid.client();
        let (quiet, _) = typed.quiet(scope, "sleep".into()).open().await?;
        let exit = kid.cancel().await;
        assert_eq!((exit.how, exit.success()), (How::Asked, true), "{exit}");
        match quiet.join().await {
            Err(ContextError::Cancelled(_)) => Ok(()),
            other => Err(unexpected(other)),
        }
    })
    .await
}

async fn a_child_calls_its_parent(lab: &Lab) -> Done {
    opened(async |nursery, scope| {
        let kid = nursery.spawn(child(lab, "kid")).await?;
        let typed: TypedClient = kid.client();
        assert_eq!(typed.back(scope, "ok".into()).call().await?, 42);
        Ok(())
    })
    .await
}

async fn children_live_side_by_side(lab: &Lab) -> Done {
    opened(async |nursery, scope| {
        let names = ["one", "two", "three"];
        let kids = names.map(|name| nursery.spawn(child(lab, name)));
        for kid in futures::future::try_join_all(kids).await? {
            let typed: TypedClient = kid.client();
            assert_eq!(typed.call(scope, "ok".into()).call().await?, 42);
        }
        Ok(())
    })
    .await
}

async fn a_child_that_cannot_import_its_module_says_why(lab: &Lab) -> Done {
    opened(async |nursery, _| {
        let kid = lab
            .interpreter
            .child("kid", "plain")
            .module("lab.nothing", "/nowhere/nothing.py")
            .output(Output::Keep);
        match nursery.spawn(kid).await {
            Err(error @ SpawnError::Boot { .. }) => {
                assert!(said(&error).contains("lab.nothing"), "{}", said(&error));
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    })
    .await
}

/// An error with its causes.
fn said(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text += &format!(": {cause}");
        next = cause.source();
    }
    text
}

async fn a_child_that_is_killed_ends_the_others(lab: &Lab) -> Done {
    let mut pids = Vec::new();
    let ended = nursery::open(parent(), async |nursery, _| {
        for name in ["one", "two"] {
            let kid = nursery.spawn(child(lab, name)).await?;
            pids.extend(kid.pid());
        }
        let killed = std::process::Command::new("kill")
            .args(["-9", &pids[0].to_string()])
            .status()?;
        assert!(killed.success());
        tokio::time::sleep(Duration::from_secs(10)).await;
        Err::<(), AnyError>("nobody noticed".into())
    })
    .await;
    let failed = ended.unwrap_err();
    match failed.downcast_ref::<NurseryError>() {
        Some(NurseryError::ChildFailed { name, .. }) if name == "one" => {}
        _ => return Err(unexpected(failed)),
    }
    assert!(!pids.iter().any(|pid| is_left(*pid)));
    Ok(())
}

async fn a_nursery_that_is_dropped_leaves_no_child(lab: &Lab) -> Done {
    let (tell, told) = tokio::sync::oneshot::channel();
    let nursery = opened(async |nursery, _| {
        let kid = nursery.spawn(child(lab, "kid")).await?;
        let _ = tell.send(kid.pid().ok_or("no process")?);
        std::future::pending::<()>().await;
        Ok(())
    });
    let pid = tokio::select! {
        ended = nursery => return Err(unexpected(ended)),
        pid = told => pid?,
    };
    for _ in 0..250 {
        if !is_left(pid) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the child is there after five seconds".into())
}
