//! One seed, from its first byte to the last.

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Once},
    time::Duration,
};

use scipp_runtime::{
    Config, ConnectError, Drained, Listener, Scope, serve, transport::MemoryDialer, with_session,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    caller,
    census::{Census, Count},
    link::{Pumps, lay},
    oracle::{self, AT_ONCE},
    plan::{Fault, Incident, LanePlan, Plan},
    service::{offer, services},
    world::{Told, World},
};

/// The longest that a dialog is wanted; far longer than any of them takes.
const WANTED: Duration = Duration::from_secs(30);
/// The same where a link falls silent: long enough for the peer's silence to be noticed.
const WANTED_IN_SILENCE: Duration = Duration::from_secs(100);
/// The longest that a client waits for the end of callees that it has left.
const LINGER: Duration = Duration::from_secs(20);
/// For dialogs that run when the server shuts down.
const DRAIN: Duration = Duration::from_millis(300);
/// A seed that takes longer than this, in its own time, hangs.
const HANGS: Duration = Duration::from_secs(1_000);

thread_local! {
    /// Panics that no plan wanted.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// A seed has run on this thread.
    static WARM: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics that are on purpose out of the output, and the others for the report. Once per process.
pub fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let shows = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let text = panic.payload_as_str().unwrap_or("a panic").to_owned();
            if text != "on purpose" {
                let place = panic.location().map(ToString::to_string);
                let place = place.unwrap_or_default();
                PANICS.with_borrow_mut(|panics| panics.push(format!("{text} ({place})")));
                shows(panic);
            }
        }));
    });
}

/// What a seed has to say.
#[derive(Debug, Default)]
pub struct Report {
    /// What must not be.
    pub wrong: Vec<String>,
    /// What happened, if that was asked for.
    pub log: Vec<String>,
}

/// Runs a seed, and counts what happens.
///
/// The first one on a thread may leave behind what a thread keeps; every later one gives all memory back.
pub fn run(seed: u64, census: &mut Census, log: bool) -> Report {
    let mut report = Report::default();
    let memory = allocation_counter::measure(|| report = once(seed, census, log));
    // What the report itself holds would count.
    let told_nothing = report.wrong.is_empty() && report.log.is_empty();
    if WARM.replace(true) && told_nothing && memory.bytes_current != 0 {
        let left = memory.bytes_current;
        report
            .wrong
            .push(format!("accounting: {left} bytes are left"));
    }
    report
}

fn once(seed: u64, census: &mut Census, log: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let mut report = runtime.block_on(async {
        let world = World::new(Plan::of(seed), log);
        world.say(|| format!("{:#?}", world.plan));
        if timeout(HANGS, live(&world)).await.is_err() {
            world.wrong("promptness: it hangs".to_owned());
        } else {
            oracle::at_last(&world);
            // A task that is over is gone when the runtime has looked at it again.
            tokio::task::yield_now().await;
            let left = Handle::current().metrics().num_alive_tasks();
            if left > 0 {
                world.wrong(format!("accounting: {left} tasks are left"));
            }
        }
        world.count(Count::Seeds);
        let (wrong, log) = world.close(census);
        Report { wrong, log }
    });
    drop(runtime);
    PANICS.with_borrow_mut(|panics| {
        for panic in panics.drain(..) {
            report.wrong.push(format!("panic: {panic}"));
        }
    });
    report
}

/// The server's process.
struct Server {
    dialer: MemoryDialer,
    shutdown: Scope,
    crash: CancellationToken,
    served: JoinHandle<Option<Drained>>,
}

impl Server {
    fn start(world: &Arc<World>, number: u64) -> Self {
        let (listener, dialer) = Listener::memory();
        let (shutdown, crash) = (Scope::root(), CancellationToken::new());
        let config = config(
            "server",
            world.plan.seed << 8 | number,
            world.plan.server_plain,
        )
        .protocol_limits(|limits| limits.dialogs_max = world.plan.dialogs_max);
        let (until, crashed, services) = (shutdown.clone(), crash.clone(), services(world));
        let served = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = crashed.cancelled() => None,
                drained = serve(listener, config, services, &until) => drained.ok(),
            }
        });
        Self {
            dialer,
            shutdown,
            crash,
            served,
        }
    }
}

fn config(name: &str, ids: u64, plain: bool) -> Config {
    let config = Config::new(name)
        .replayable(ids << 16)
        .limits(|limits| limits.drain_max = DRAIN);
    if plain { config.plain() } else { config }
}

async fn live(world: &Arc<World>) {
    let server = Server::start(world, 1);
    let again =
        matches!(world.plan.incident, Incident::CrashServer(_)).then(|| Server::start(world, 2));
    let next = again.as_ref().unwrap_or(&server).dialer.clone();
    let (tell, incident) = watch::channel(false);
    let pumps = Mutex::new(Vec::new());
    let clients = (0..world.plan.sessions.len()).map(|session| Client {
        world,
        session,
        incident: incident.clone(),
        pumps: &pumps,
        first: server.dialer.clone(),
        next: next.clone(),
    });
    let clients = clients.map(Client::live);
    let happens = happen(world, &server, tell);
    let (_, ()) = futures::join!(futures::future::join_all(clients), happens);

    world.say(|| "the clients are over".to_owned());
    let clean = world.plan.incident == Incident::None
        && world.lines.iter().all(|line| line.state().lost.is_none());
    for server in std::iter::once(server).chain(again) {
        server.shutdown.cancel();
        let drained = server.served.await.expect("no panic");
        world.say(|| format!("drained: {drained:?}"));
        if clean && drained != Some(Drained::default()) {
            world.wrong(format!("accounting: nothing ran, and yet {drained:?}"));
        }
    }
    // An actor that crashed drains in the background.
    if !matches!(world.plan.incident, Incident::None | Incident::Shutdown(_)) {
        sleep(Duration::from_secs(30)).await;
    }
    for pump in pumps.into_inner() {
        pump.await.expect("no panic");
    }
}

/// Lets happen what happens to whole actors.
async fn happen(world: &Arc<World>, server: &Server, tell: watch::Sender<bool>) {
    let (Incident::Shutdown(after) | Incident::CrashServer(after) | Incident::CrashClient(after)) =
        world.plan.incident
    else {
        return;
    };
    sleep(after).await;
    world.say(|| format!("{:?}", world.plan.incident));
    *world.incident.lock().unwrap() = Some(Instant::now());
    match world.plan.incident {
        Incident::None => {}
        Incident::Shutdown(_) => {
            world.count(Count::Shutdown);
            server.shutdown.cancel();
        }
        Incident::CrashServer(_) => {
            world.count(Count::CrashServer);
            for line in &world.lines[..world.plan.sessions.len()] {
                line.cut();
            }
            server.crash.cancel();
        }
        Incident::CrashClient(_) => {
            world.count(Count::CrashClient);
            world.lines[0].cut();
        }
    }
    tell.send_replace(true);
}

/// A client's process.
struct Client<'a> {
    world: &'a Arc<World>,
    session: usize,
    incident: watch::Receiver<bool>,
    pumps: &'a Mutex<Vec<JoinHandle<()>>>,
    first: MemoryDialer,
    next: MemoryDialer,
}

impl Client<'_> {
    async fn live(mut self) {
        let plan = &self.world.plan.sessions[self.session];
        let crashes =
            matches!(self.world.plan.incident, Incident::CrashClient(_)) && self.session == 0;
        let happened = async {
            if crashes {
                let _ = self.incident.clone().wait_for(|happened| *happened).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = happened => {
                for job in self.jobs_of(self.session) {
                    let mut record = self.world.record(job);
                    if record.opened.is_some() && record.told.is_none() {
                        record.told = Some((Told::Crashed, Instant::now()));
                        self.world.count(Count::ToldCrashed);
                    }
                }
            }
            () = self.hold_session(self.session, &plan.jobs, self.first.clone(), true) => {}
        }
        if plan.again.is_empty() {
            return;
        }
        let _ = self.incident.wait_for(|happened| *happened).await;
        self.world.count(Count::Restart);
        let number = self.world.plan.sessions.len() + self.session;
        self.hold_session(number, &plan.again, self.next.clone(), false)
            .await;
    }

    /// The jobs on a link whose caller is in this client.
    fn jobs_of(&self, number: usize) -> Vec<usize> {
        let jobs = self.world.plan.jobs.iter().enumerate();
        jobs.filter(|(_, job)| job.line == number && !job.nested)
            .map(|(job, _)| job)
            .collect()
    }

    async fn hold_session(&self, number: usize, jobs: &[usize], to: MemoryDialer, faulty: bool) {
        let world = self.world;
        let plan = &world.plan.sessions[self.session];
        let lane = |lane: &LanePlan| LanePlan {
            piece_max: lane.piece_max,
            faults: if faulty {
                lane.faults.clone()
            } else {
                Vec::new()
            },
        };
        world.count(Count::Sessions);
        let plain = plan.client_plain || world.plan.server_plain;
        world.count(if plain { Count::Plain } else { Count::Native });
        let Ok(far) = to.dial().await else {
            return world.count(Count::NoSession);
        };
        let lanes = [lane(&plan.lanes[0]), lane(&plan.lanes[1])];
        let (near, pumps): (_, Pumps) = lay(world, number, plain, lanes, plan.buffer, far);
        self.pumps.lock().await.extend(pumps);
        let ids = world.plan.seed << 8 | (16 + number as u64);
        let config = offer(world, config("client", ids, plan.client_plain));
        let silent = |lane: &LanePlan| {
            lane.faults
                .iter()
                .any(|(_, fault)| *fault == Fault::Silence)
        };
        let wanted = if faulty && plan.lanes.iter().any(silent) {
            WANTED_IN_SILENCE
        } else {
            WANTED
        };
        let mut through = None;
        let ended = with_session(near, config, async |portal, scope| {
            world.say(|| format!("link {number}: open"));
            let scope = scope.child(Some(wanted));
            let held = jobs
                .iter()
                .map(|job| caller::hold(Arc::clone(world), portal.clone(), scope.clone(), *job));
            futures::future::join_all(held).await;
            self.linger(number).await;
            through = Some(Instant::now());
            Ok::<_, ConnectError>(())
        })
        .await;
        world.say(|| format!("link {number}: over, {ended:?}"));
        let happened = world.incident.lock().unwrap().is_some();
        let line = world.lines[number].state();
        // No dialog is left, so there is nothing to wait for but what is on the way. Callees that were left before they
        // began may be.
        let last = through.max(world.last_over(number));
        if let Some(through) = last
            && line.lost.is_none()
            && !happened
            && through.elapsed() > line.late + AT_ONCE
        {
            world.wrong(format!(
                "promptness: link {number} took {:?} to close",
                through.elapsed()
            ));
        }
        if let Err(error) = ended {
            world.count(Count::NoSession);
            if world.lines[number].state().lost.is_none() && !happened {
                world.wrong(format!("innocence: link {number} had no session: {error}"));
            }
        }
    }

    /// Callees that were left end while the session is there, and not because it ends.
    async fn linger(&self, number: usize) {
        let world = self.world;
        let until = Instant::now() + LINGER;
        tokio::select! {
            biased;
            () = world.until_over(number) => {}
            () = sleep_until(until) => {
                let lost = world.lines[number].state().lost;
                let happened = world.incident.lock().unwrap().is_some();
                if lost.is_none() && !happened {
                    world.wrong(format!("promptness: link {number}: a callee that was left goes on"));
                }
            }
        }
    }
}
