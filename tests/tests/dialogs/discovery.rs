//! Registrars: asked, served, and looked for.

use std::time::Duration;

use scipp_runtime::{
    Config, Listener, Portal, Registrar, Registry, Scope, ServeError,
    registrar::{RegistrarError, Root, RootError, Standing},
    serve,
    transport::{Stream, Target},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::{Instant, timeout},
};

use crate::{
    Failed,
    calc::Calc,
    calculator::{CalculatorClient, CalculatorServer},
    site::{Site, config, over_each_transport},
};

fn calculator() -> CalculatorServer<Calc> {
    CalculatorServer::new(Calc)
}

/// A registrar over the transport, with its table.
async fn registrar(over: crate::site::Over) -> (Site, Registry) {
    let registry = Registry::new();
    let config = config("registrar").as_registrar(&registry);
    let site = Site::open_with(over, config, scipp_runtime::Router::new()).await;
    (site, registry)
}

fn ask(site: &Site) -> Registrar {
    Registrar::at(&site.target, &config("asker")).unwrap()
}

/// An actor called `feed` that serves the calculator over a real socket, registered at `registrar`.
async fn member(registrar: &Target, name: &str) -> Site {
    let config = config(name).registrar(registrar).unwrap();
    Site::open_with(crate::site::Over::Tcp, config, calculator()).await
}

over_each_transport! {
    async fn an_actor_is_found_by_its_name_while_it_serves(over) {
        let (site, registry) = registrar(over).await;
        let asked = ask(&site);
        assert!(asked.find::<Portal>("feed").await.unwrap().is_none());

        // The table of a registrar that is served in memory has no addresses of its own.
        let before = registry.actors().len();
        let feed = member(&site.target, "feed").await;
        let found = asked
            .wait_for::<CalculatorClient>("feed", Duration::from_secs(5))
            .await
            .unwrap();
        let sum: Result<i64, Failed> = found
            .connect(async |calculator, scope| Ok(calculator.add(scope, 20, 22).call().await?))
            .await;
        assert_eq!(sum.unwrap(), 42);

        // By its uuid, too.
        let listed = asked.actors().await.unwrap();
        assert_eq!(listed.len(), before + 1);
        let uid = &listed.last().unwrap().uid;
        assert_eq!(&*uid.name, "feed");
        let found = asked.find::<CalculatorClient>(&uid.uuid).await.unwrap().unwrap();
        assert_eq!(found.addresses(), listed.last().unwrap().addresses);

        feed.close().await;
        assert!(asked.find::<Portal>("feed").await.unwrap().is_none());
        assert_eq!(registry.actors().len(), before);
        site.close().await;
    }

    async fn who_waits_is_told_when_it_comes_or_when_its_time_is_over(over) {
        let (site, _registry) = registrar(over).await;
        let asked = ask(&site);
        let before = Instant::now();
        let nobody = asked.wait_for::<Portal>("late", Duration::from_millis(300)).await;
        assert!(matches!(nobody, Err(RegistrarError::Nobody { .. })), "{nobody:?}");
        assert!(before.elapsed() < Duration::from_secs(5));

        let waits = asked.wait_for::<Portal>("late", Duration::from_secs(20));
        let comes = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            member(&site.target, "late").await
        };
        let (found, late) = tokio::join!(waits, comes);
        assert_eq!(found.unwrap().addresses().len(), 1);
        late.close().await;
        // Nothing of those who wait is left behind.
        site.close().await;
    }

    async fn what_should_not_be_registered_is_refused(over) {
        let (site, registry) = registrar(over).await;
        let asked = ask(&site);
        for (address, why) in [
            ("tcp://127.0.0.1:0", "port 0"),
            ("tcp://0.0.0.0:80", "all addresses"),
            ("tcp://93.184.215.14:80", "private networks only"),
            ("unix:feed.sock", "the folder that a process runs in"),
        ] {
            let refused = asked.register(&address.parse().unwrap()).await.unwrap_err();
            assert!(refused.to_string().contains(why), "{refused}");
        }
        assert_eq!(registry.find("feed"), None);
        // Its own errors are the caller's: nothing was sent. What a stranger sends is told back.
        let text = hostile(&site, "feed", &["other", "u"], ("127.0.0.1", 80)).await;
        assert!(text.contains("registers and unregisters itself only"), "{text}");
        let text = hostile(&site, "feed", &["feed", "feed-uuid"], ("localhost", 80)).await;
        assert!(text.contains("a literal address"), "{text}");
        let text = hostile(&site, "feed", &["feed", "feed-uuid"], ("8.8.8.8", 80)).await;
        assert!(text.contains("private networks only"), "{text}");
        assert_eq!(registry.find("feed"), None);
        site.close().await;
    }

    async fn who_is_no_registrar_is_not_asked(over) {
        let site = Site::open(over, calculator()).await;
        let asked = ask(&site);
        let refused = asked.find::<Portal>("feed").await.unwrap_err();
        assert!(matches!(refused, RegistrarError::NotRegistrar { .. }), "{refused}");
        assert_eq!(asked.probe().await.unwrap(), Standing::Occupied);
        let served = registered_at(&site.target).await;
        assert!(matches!(served, Err(ServeError::NotRegistered(_))), "{served:?}");
        site.close().await;

        let (site, _registry) = registrar(over).await;
        assert_eq!(ask(&site).probe().await.unwrap(), Standing::Registrar);
        site.close().await;
    }
}

async fn registered_at(target: &Target) -> Result<scipp_runtime::Drained, ServeError> {
    let listener = Listener::bind("tcp://127.0.0.1:0").await.unwrap();
    let config = config("feed").registrar(target).unwrap();
    serve(listener, config, calculator(), &Scope::root()).await
}

/// Sends a registration as anybody can, and gives the text of the answer.
async fn hostile(site: &Site, name: &str, uid: &[&str; 2], addr: (&str, u16)) -> String {
    use scipp_codec::{Any, Map, to_bytes};
    use scipp_protocol::wire::shuttle::messages::{self, Message, Port};

    let own = (name.to_owned(), format!("{name}-uuid"));
    let aid: Message = messages::Aid::new(own.0.clone(), own.1.clone()).into();
    let kwargs = Map::from([
        (
            "uid".to_owned(),
            Any::encode(&(uid[0].to_owned(), uid[1].to_owned())),
        ),
        (
            "addr".to_owned(),
            Any::encode(&(addr.0.to_owned(), Port::U16(addr.1))),
        ),
    ]);
    let start: Message = messages::Start::new(
        "1".to_owned(),
        "self".to_owned(),
        "register_actor".to_owned(),
        Any::encode(&kwargs),
        own,
    )
    .into();
    let mut stream = site.dial().await;
    for message in [aid, start] {
        let bytes = to_bytes(&message);
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        stream.write_all(&length).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
    }
    let mut answer = vec![0; 4_096];
    let mut text = String::new();
    while !text.contains("Error") {
        let read = timeout(Duration::from_secs(10), stream.read(&mut answer)).await;
        let read = read.expect("an answer").unwrap();
        assert_ne!(read, 0, "{text}");
        text += &String::from_utf8_lossy(&answer[..read]);
    }
    assert!(text.contains("ValueError"), "{text}");
    text
}

/// What is registered and gone is passed over, and deleted.
#[tokio::test]
async fn an_actor_that_is_gone_is_passed_over() {
    let (site, registry) = registrar(crate::site::Over::Memory).await;
    let asked = ask(&site);
    // A process that was killed leaves its entry behind.
    let gone = {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("tcp://{}", socket.local_addr().unwrap())
    };
    let dead = Registrar::at(&site.target, &config("feed")).unwrap();
    dead.register(&gone.parse().unwrap()).await.unwrap();
    let missing = "unix:/nowhere/at/all.sock".parse().unwrap();
    dead.register(&missing).await.unwrap();
    let feed = member(&site.target, "feed").await;

    let found = asked
        .find::<CalculatorClient>("feed")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.addresses(), [missing, gone.parse().unwrap()]);
    let sum: Result<i64, Failed> = found
        .connect(async |calculator, scope| Ok(calculator.add(scope, 1, 2).call().await?))
        .await;
    assert_eq!(sum.unwrap(), 3);
    assert_eq!(registry.actors().len(), 1, "{:?}", registry.actors());
    feed.close().await;
    site.close().await;
}

/// A port that somebody else has by now is not taken for who had it.
#[tokio::test]
async fn somebody_else_is_not_taken_for_who_was_looked_for() {
    let (site, _registry) = registrar(crate::site::Over::Memory).await;
    let stranger = Site::open(crate::site::Over::Tcp, calculator()).await;
    let Target::Address(address) = &stranger.target else {
        panic!("a socket")
    };
    let dead = Registrar::at(&site.target, &config("feed")).unwrap();
    dead.register(address).await.unwrap();
    let found = ask(&site).find::<Portal>("feed").await.unwrap().unwrap();
    let reached: Result<(), Failed> = found.connect(async |_, _| panic!("nobody")).await;
    let text = reached.unwrap_err().to_string();
    assert!(text.contains("server["), "{text}");
    stranger.close().await;
    site.close().await;
}

/// An address is dialled only where the configuration allows it, whatever a registrar says.
#[tokio::test]
async fn a_registrar_leads_nobody_where_he_may_not_go() {
    let (site, _registry) = registrar(crate::site::Over::Memory).await;
    let feed = member(&site.target, "feed").await;
    let careful = Registrar::at(&site.target, &Config::new("careful")).unwrap();
    let found = careful.find::<Portal>("feed").await.unwrap().unwrap();
    let reached: Result<(), Failed> = found.connect(async |_, _| panic!("nobody")).await;
    let text = reached.unwrap_err().to_string();
    assert!(text.contains("Config::insecure_loopback()"), "{text}");
    feed.close().await;
    site.close().await;
}

/// Who is dropped while it serves is unregistered all the same, and so is who fails to register at a second registrar.
#[tokio::test]
async fn no_entry_outlives_its_listener() {
    let (site, registry) = registrar(crate::site::Over::Memory).await;
    let feed = Config::new("feed")
        .insecure_loopback()
        .registrar(&site.target)
        .unwrap();
    let listener = Listener::bind("tcp://127.0.0.1:0").await.unwrap();
    let shutdown = Scope::root();
    let served = serve(listener, feed.clone(), calculator(), &shutdown);
    assert!(timeout(Duration::from_millis(300), served).await.is_err());
    until(|| registry.actors().is_empty()).await;

    let nobody = feed.registrar("unix:/nowhere/at/all.sock").unwrap();
    let listener = Listener::bind("tcp://127.0.0.1:0").await.unwrap();
    let failed = serve(listener, nobody, calculator(), &shutdown).await;
    let text = failed.unwrap_err().to_string();
    assert!(text.contains("/nowhere/at/all.sock"), "{text}");
    assert_eq!(registry.actors(), []);
    site.close().await;
}

/// The other listeners of an actor stay registered when one of them ends.
#[tokio::test]
async fn each_listener_is_registered_for_itself() {
    let (site, registry) = registrar(crate::site::Over::Memory).await;
    let config = config("feed").registrar(&site.target).unwrap();
    let open = || Site::open_with(crate::site::Over::Tcp, config.clone(), calculator());
    let (one, two) = (open().await, open().await);
    let addresses = || registry.find("feed").map_or(0, |addresses| addresses.len());
    until(|| addresses() == 2).await;
    one.close().await;
    assert_eq!(addresses(), 1);
    two.close().await;
    assert_eq!(addresses(), 0);
    site.close().await;
}

#[tokio::test]
async fn a_listener_without_an_address_says_where_it_is_reached() {
    let (site, registry) = registrar(crate::site::Over::Memory).await;
    let serve_it = async |config: Config| {
        let shutdown = Scope::root().child(Some(Duration::from_millis(200)));
        let (listener, _dialer) = Listener::memory();
        let seen = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            registry.find("feed")
        };
        tokio::join!(serve(listener, config, calculator(), &shutdown), seen)
    };
    let config = config("feed").registrar(&site.target).unwrap();
    let (failed, _) = serve_it(config.clone()).await;
    assert!(failed.unwrap_err().to_string().contains("Config::announce"));
    let public = "tcp://10.1.2.3:1616".parse().unwrap();
    let (served, seen) = serve_it(config.announce("tcp://10.1.2.3:1616".parse().unwrap())).await;
    served.unwrap();
    assert_eq!(seen, Some(vec![public]));
    assert_eq!(registry.find("feed"), None);
    site.close().await;
}

/// The first process of a tree becomes the registrar, the second one registers there.
#[tokio::test]
async fn the_first_root_becomes_the_registrar() {
    let folder = tempfile::tempdir().unwrap();
    let at = format!(
        "unix:{}",
        folder.path().join("registry@1616.sock").display()
    );
    let shutdown = Scope::root();
    let first = Root::open(&at, Config::new("first")).await.unwrap();
    assert!(first.is_registrar());
    let registry = first.registry().unwrap().clone();
    let stop = shutdown.clone();
    let first = tokio::spawn(async move { first.serve(calculator(), &stop).await });

    let second = Root::open(&at, Config::new("second")).await.unwrap();
    assert!(!second.is_registrar());
    assert!(second.address().unwrap().to_string().contains("/second@"));
    let second_stop = Scope::root();
    let stop = second_stop.clone();
    let second = tokio::spawn(async move { second.serve(calculator(), &stop).await });
    until(|| registry.actors().len() == 2).await;

    let asked = Registrar::at(&at, &Config::new("asker")).unwrap();
    for name in ["first", "second"] {
        let found = asked.find::<CalculatorClient>(name).await.unwrap().unwrap();
        let sum: Result<i64, Failed> = found
            .connect(async |calculator, scope| Ok(calculator.add(scope, 1, 1).call().await?))
            .await;
        assert_eq!(sum.unwrap(), 2);
    }
    second_stop.cancel();
    second.await.unwrap().unwrap();
    assert_eq!(registry.actors().len(), 1);
    shutdown.cancel();
    first.await.unwrap().unwrap();
    assert_eq!(registry.actors(), []);
    assert_eq!(asked.probe().await.unwrap(), Standing::Vacant);
}

/// Somebody at the registry's address who is no registrar, or says nothing: the root says so, and hangs nowhere.
#[tokio::test(start_paused = true)]
async fn a_root_does_not_take_anybody_for_a_registrar() {
    let site = Site::open(crate::site::Over::Memory, calculator()).await;
    assert_eq!(ask(&site).probe().await.unwrap(), Standing::Occupied);
    site.close().await;

    let (listener, dialer) = Listener::memory();
    let mute = Registrar::at(&dialer, &Config::new("asker")).unwrap();
    let before = Instant::now();
    assert_eq!(mute.probe().await.unwrap(), Standing::Occupied);
    assert!(before.elapsed() <= Duration::from_secs(4));
    drop(listener);
    assert_eq!(mute.probe().await.unwrap(), Standing::Vacant);
}

#[tokio::test]
async fn a_root_says_who_is_in_its_place() {
    let site = Site::open(crate::site::Over::Tcp, calculator()).await;
    let Target::Address(address) = &site.target else {
        panic!("a socket")
    };
    let taken = Root::open(address, config("root")).await.unwrap_err();
    assert!(matches!(taken, RootError::Occupied { .. }), "{taken}");
    let careful = Root::open(address, Config::new("root")).await.unwrap_err();
    assert!(
        careful.to_string().contains("insecure_loopback"),
        "{careful}"
    );
    site.close().await;
}

/// A plain peer probes, and leaves when it has our name: it is nobody's session.
#[tokio::test]
async fn a_probe_is_answered_by_a_name() {
    let (site, _registry) = registrar(crate::site::Over::Memory).await;
    let mut stream: Stream = site.dial().await;
    let probe: scipp_protocol::wire::shuttle::messages::Message = {
        let mut aid = scipp_protocol::wire::shuttle::messages::Aid::new(
            "registry-probe".to_owned(),
            "u".to_owned(),
        );
        aid.is_probe = true;
        aid.into()
    };
    let bytes = scipp_codec::to_bytes(&probe);
    let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    stream
        .write_all(&[&length[..], &bytes[..]].concat())
        .await
        .unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    timeout(Duration::from_secs(5), read)
        .await
        .expect("it closes")
        .unwrap();
    // It says true in so many words.
    let at = answer
        .windows(12)
        .position(|word| word == b"is_registrar")
        .unwrap();
    assert_eq!(answer[at + 12], 0xc3);
    site.close().await;
}

/// Waits until something is so.
async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting)
        .await
        .expect("comes to be");
}

/// It is the actor that is a registrar, not a listener.
#[tokio::test]
async fn a_registrar_says_so_on_sessions_that_it_has_opened() -> Result<(), Failed> {
    let registry = Registry::new();
    let (near, far) = Stream::pair(64 * 1024);
    let own = config("registrar").as_registrar(&registry);
    let opened = scipp_runtime::with_session(near, own, async |_, scope| {
        scope.cancelled().await;
        Ok::<_, Failed>(())
    });
    let other = scipp_runtime::with_session(far, config("other"), async |portal, _| {
        Ok::<_, Failed>(portal.is_registrar())
    });
    let (_, said) = tokio::join!(timeout(Duration::from_secs(2), opened), other);
    assert_eq!(said?, Some(true));
    Ok(())
}
