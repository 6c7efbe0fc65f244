//! Registrars of tractor that we ask, and a registrar of ours that tractor actors ask.

use std::time::Duration;

use scipp_interop_tractor::lab::TypedClient;
use scipp_runtime::{
    Address, Config, Registrar,
    registrar::{Found, RegistrarError, Standing},
    transport::IntoTarget as _,
};

use crate::{
    lab::{AnyError, Done, Lab, cases, config, unexpected, url},
    served::{Manner, Server},
};

cases![
    a_tractor_registrar_is_known_by_a_probe,
    nobody_is_known_by_a_probe,
    an_actor_is_found_at_a_tractor_registrar,
    nobody_is_found_at_a_tractor_registrar,
    an_actor_of_ours_registers_and_leaves_at_a_tractor_registrar,
    an_actor_that_comes_later_is_waited_for_at_a_tractor_registrar,
    an_address_is_deleted_at_a_tractor_registrar,
    a_server_of_ours_is_found_at_a_tractor_registrar,
    a_tractor_actor_registers_with_us_and_leaves,
    tractor_actors_find_others_at_our_registrar,
];

/// How long somebody may take to come.
const SOON: Duration = Duration::from_secs(10);

fn of_python(lab: &Lab, who: &Config) -> Result<Registrar, AnyError> {
    Ok(Registrar::at(url(&lab.python), who)?)
}

/// The actor answers.
async fn answers(found: Found<TypedClient>) -> Done {
    let called: Result<i64, AnyError> = found
        .connect(async |typed, scope| Ok(typed.call(scope, "ok".into()).call().await?))
        .await;
    assert_eq!(called?, 42);
    Ok(())
}

async fn a_tractor_registrar_is_known_by_a_probe(lab: &Lab) -> Done {
    assert_eq!(
        of_python(lab, &config())?.probe().await?,
        Standing::Registrar
    );
    Ok(())
}

async fn nobody_is_known_by_a_probe(lab: &Lab) -> Done {
    let free = url(&lab.interpreter.address(lab.transport));
    let standing = Registrar::at(free, &config())?.probe().await?;
    assert_eq!(standing, Standing::Vacant);
    Ok(())
}

async fn an_actor_is_found_at_a_tractor_registrar(lab: &Lab) -> Done {
    let found = of_python(lab, &config())?.find("pyserver").await?;
    answers(found.ok_or("not found")?).await
}

async fn nobody_is_found_at_a_tractor_registrar(lab: &Lab) -> Done {
    match of_python(lab, &config())?
        .find::<TypedClient>("nobody")
        .await?
    {
        None => Ok(()),
        found => Err(unexpected(found)),
    }
}

/// An address that nobody needs to be at.
fn address(lab: &Lab) -> Result<Address, AnyError> {
    match url(&lab.interpreter.address(lab.transport)).into_target()? {
        scipp_runtime::transport::Target::Address(address) => Ok(address),
        other => Err(unexpected(other)),
    }
}

async fn listed(registrar: &Registrar, name: &str) -> Result<Vec<Address>, AnyError> {
    let actors = registrar.actors().await?;
    let own = actors.into_iter().filter(|actor| *actor.uid.name == *name);
    Ok(own.flat_map(|actor| actor.addresses).collect())
}

async fn an_actor_of_ours_registers_and_leaves_at_a_tractor_registrar(lab: &Lab) -> Done {
    let registrar = of_python(lab, &Config::new("passing").insecure_loopback())?;
    let at = address(lab)?;
    registrar.register(&at).await?;
    assert_eq!(listed(&registrar, "passing").await?, [at]);
    registrar.unregister().await?;
    assert_eq!(listed(&registrar, "passing").await?, []);
    Ok(())
}

async fn an_actor_that_comes_later_is_waited_for_at_a_tractor_registrar(lab: &Lab) -> Done {
    let late = of_python(lab, &Config::new("late").insecure_loopback())?;
    let asking = of_python(lab, &config())?;
    let at = address(lab)?;
    let register = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        late.register(&at).await
    };
    let (found, registered) = tokio::join!(asking.wait_for::<TypedClient>("late", SOON), register);
    registered?;
    assert_eq!(found?.addresses(), [at]);
    late.unregister().await?;
    match asking
        .wait_for::<TypedClient>("late", Duration::from_millis(200))
        .await
    {
        Err(RegistrarError::Nobody { .. }) => Ok(()),
        other => Err(unexpected(other)),
    }
}

async fn an_address_is_deleted_at_a_tractor_registrar(lab: &Lab) -> Done {
    let registrar = of_python(lab, &Config::new("gone").insecure_loopback())?;
    let at = address(lab)?;
    registrar.register(&at).await?;
    let owner = registrar.delete(&at).await?.ok_or("nobody had it")?;
    assert_eq!(&*owner.name, "gone");
    assert_eq!(registrar.delete(&at).await?, None);
    Ok(())
}

async fn a_server_of_ours_is_found_at_a_tractor_registrar(lab: &Lab) -> Done {
    let at = lab.interpreter.address(lab.transport);
    let server = Server::start(&at, Manner::Registered(url(&lab.python))).await;
    let asking = of_python(lab, &config())?;
    let found = asking.wait_for("registered", SOON).await?;
    let answered = answers(found).await;
    server.stop().await;
    answered?;
    assert_eq!(listed(&asking, "registered").await?, []);
    Ok(())
}

async fn a_tractor_actor_registers_with_us_and_leaves(lab: &Lab) -> Done {
    let ours = lab.interpreter.address(lab.transport);
    let server = Server::start(&ours, Manner::Registrar).await;
    let asking = Registrar::at(url(&ours), &config())?;
    // A registrar answers at this address already: tractor asks it, and listens elsewhere.
    let mut python = lab.interpreter.start("serve.py", "plain", &ours);
    python.ready().await?;
    let found = asking.wait_for("pyserver", SOON).await?;
    answers(found).await?;
    python.end().await?;
    assert_eq!(listed(&asking, "pyserver").await?, []);
    server.stop().await;
    Ok(())
}

async fn tractor_actors_find_others_at_our_registrar(lab: &Lab) -> Done {
    let ours = lab.interpreter.address(lab.transport);
    let registrar = Server::start(&ours, Manner::Registrar).await;
    let at = lab.interpreter.address(lab.transport);
    let server = Server::start(&at, Manner::Registered(url(&ours))).await;
    let mut python = lab.interpreter.start("find.py", "plain", &ours);
    for expected in ["nobody is None", "waited for 42", "found 42"] {
        assert_eq!(python.line(SOON).await?, expected);
    }
    // What has left is not found any more.
    server.stop().await;
    python.say("go on").await?;
    assert_eq!(python.line(SOON).await?, "then it is None");
    python.ended().await?;
    registrar.stop().await;
    Ok(())
}
