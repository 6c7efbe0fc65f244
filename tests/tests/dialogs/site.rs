//! An actor that serves over one of the transports, for the time of a test.

use std::{
    cell::Cell,
    io,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use scipp_runtime::{
    Address, Config, Drained, Listener, Router, Scope, ServeError, serve,
    transport::{IntoTarget as _, Stream, Target},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    task::JoinHandle,
};

/// A test that takes longer than this hangs.
pub const HANGS: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub enum Over {
    Tcp,
    Unix,
    Memory,
}

thread_local! {
    /// Whether actors of this thread speak tractor's messages only.
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

/// Whether actors of this thread speak tractor's messages only.
pub fn is_plain() -> bool {
    PLAIN.get()
}

/// From here on, actors that this thread makes speak tractor's messages only.
pub fn speak_plainly() {
    PLAIN.set(true);
}

/// Waits until no task of this test is there; with them go their timers and sockets. What a process has of all tests together, its
/// descriptors and its memory, `dialogs_leave_nothing.rs` compares.
///
/// # Panics
///
/// If one is there after all that may end by itself has ended.
pub async fn nothing_is_left() {
    let tasks = tokio::runtime::Handle::current().metrics();
    let soon = tokio::time::Instant::now() + LEFT_MAX;
    while tasks.num_alive_tasks() > 0 {
        let left = tasks.num_alive_tasks();
        assert!(
            tokio::time::Instant::now() < soon,
            "{left} tasks are left after the test"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How long a task may still take to end when a test is over: what the runtime gives to reap a session, and its last bytes.
const LEFT_MAX: Duration = Duration::from_secs(5);

/// Runs a test over each transport, and once more as tractor peers would. Nothing of it may be left.
macro_rules! over_each_transport {
    ($($(#[$doc:meta])* async fn $name:ident($over:ident) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                $(#[$doc])*
                async fn scenario($over: $crate::site::Over) $body

                async fn body(over: $crate::site::Over) {
                    scenario(over).await;
                    $crate::site::nothing_is_left().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn over_tcp() {
                    tokio::time::timeout($crate::site::HANGS, body($crate::site::Over::Tcp)).await.expect("ends");
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn over_unix() {
                    tokio::time::timeout($crate::site::HANGS, body($crate::site::Over::Unix)).await.expect("ends");
                }

                #[tokio::test(start_paused = true)]
                async fn over_memory() {
                    body($crate::site::Over::Memory).await;
                }

                #[tokio::test(start_paused = true)]
                async fn as_plain_peers() {
                    $crate::site::speak_plainly();
                    body($crate::site::Over::Memory).await;
                }
            }
        )*
    };
}
pub(crate) use over_each_transport;

pub fn config(name: &str) -> Config {
    let config = Config::new(name).insecure_loopback();
    if PLAIN.get() { config.plain() } else { config }
}

/// An actor that serves.
pub struct Site {
    pub target: Target,
    pub shutdown: Scope,
    served: JoinHandle<Result<Drained, ServeError>>,
}

impl Site {
    pub async fn open(over: Over, services: impl Into<Router>) -> Self {
        Self::open_with(over, config("server"), services).await
    }

    pub async fn open_with(over: Over, config: Config, services: impl Into<Router>) -> Self {
        static SOCKETS: AtomicU32 = AtomicU32::new(0);
        let bind = async |address: String| {
            let listener = Listener::bind(address).await.unwrap();
            let target = listener.address().unwrap().into_target().unwrap();
            (listener, target)
        };
        let (listener, target) = match over {
            Over::Tcp => bind("tcp://127.0.0.1:0".to_owned()).await,
            Over::Unix => {
                let n = SOCKETS.fetch_add(1, Ordering::Relaxed);
                let path = std::env::temp_dir()
                    .join(format!("scipp-dialogs-{}-{n}.sock", std::process::id()));
                bind(format!("unix:{}", path.display())).await
            }
            Over::Memory => {
                let (listener, dialer) = Listener::memory();
                (listener, Target::Memory(dialer))
            }
        };
        let shutdown = Scope::root();
        let until = shutdown.clone();
        let services = services.into();
        let served = tokio::spawn(async move { serve(listener, config, services, &until).await });
        Self {
            target,
            shutdown,
            served,
        }
    }

    /// Shuts the actor down.
    pub async fn close(self) -> Drained {
        self.shutdown.cancel();
        self.served.await.unwrap().unwrap()
    }

    /// A bare transport to the actor.
    pub async fn dial(&self) -> Stream {
        match &self.target {
            Target::Address(Address::Tcp(socket)) => {
                Stream::Tcp(TcpStream::connect(socket).await.unwrap())
            }
            Target::Address(Address::Unix(path)) => {
                Stream::Unix(UnixStream::connect(path).await.unwrap())
            }
            Target::Memory(dialer) => dialer.dial().await.unwrap(),
        }
    }

    /// A transport to the actor that a test can cut.
    pub async fn line(&self) -> (Stream, Line) {
        let mut far = self.dial().await;
        let (near, mut middle) = Stream::pair(64 * 1024);
        let pump = tokio::spawn(async move {
            let _ = tokio::io::copy_bidirectional(&mut middle, &mut far).await;
        });
        (near, Line(pump))
    }

    /// Says these bytes to the actor as a peer, and reads until it closes.
    pub async fn shout(&self, bytes: &[u8]) -> Vec<u8> {
        self.say(bytes, false).await
    }

    /// Says these bytes to the actor as a peer, closes the writing half only, and reads until it closes.
    pub async fn shout_and_leave(&self, bytes: &[u8]) -> Vec<u8> {
        self.say(bytes, true).await
    }

    async fn say(&self, bytes: &[u8], leave: bool) -> Vec<u8> {
        let mut stream = self.dial().await;
        // The actor may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        if leave {
            let _ = stream.shutdown().await;
        }
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer).await {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        }
        answer
    }
}

/// A transport between two actors.
pub struct Line(JoinHandle<()>);

impl Line {
    /// A line and its two ends.
    pub fn new() -> (Stream, Stream, Self) {
        let (near, mut middle) = Stream::pair(64 * 1024);
        let (mut other, far) = Stream::pair(64 * 1024);
        let pump = tokio::spawn(async move {
            let _ = tokio::io::copy_bidirectional(&mut middle, &mut other).await;
        });
        (near, far, Self(pump))
    }

    /// Cuts it, both directions at once.
    pub async fn cut(self) {
        self.0.abort();
        let _ = self.0.await;
    }
}

impl Site {
    /// Waits until the actor has been shut down by somebody else.
    pub async fn close_when_asked(self) -> Drained {
        self.served.await.unwrap().unwrap()
    }
}
