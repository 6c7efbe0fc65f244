//! What a case of ours gets: where the peers are, and a way to them.

use std::{error::Error, time::Duration};

use futures::{FutureExt as _, future::LocalBoxFuture};
use scipp_interop_tractor::lab::TypedClient;
use scipp_runtime::{Config, Portal, Scope, connect};
use tokio::time::timeout;

use crate::python::{Interpreter, Process};

/// How a case ends that found something wrong.
pub type AnyError = Box<dyn Error + Send + Sync>;

/// How a case ends.
pub type Done = Result<(), AnyError>;

/// A case that takes longer than this hangs: those that wait for a bound wait for a few seconds.
const DEADLINE: Duration = Duration::from_secs(20);

/// The addresses of this transport.
#[derive(Clone, Debug)]
pub struct Lab {
    pub transport: &'static str,
    pub interpreter: Interpreter,
    /// The Python actor that serves `lab`.
    pub python: Vec<String>,
    /// The Rust actor that does.
    pub rust: Vec<String>,
}

impl Lab {
    /// A session with the Python actor, for the time of `body`.
    pub async fn session<T>(
        &self,
        body: impl AsyncFnOnce(&Portal, &Scope) -> Result<T, AnyError>,
    ) -> Result<T, AnyError> {
        self.session_as(config(), body).await
    }

    /// The same as a certain actor.
    pub async fn session_as<T>(
        &self,
        config: Config,
        body: impl AsyncFnOnce(&Portal, &Scope) -> Result<T, AnyError>,
    ) -> Result<T, AnyError> {
        connect(url(&self.python), config, body).await
    }

    /// A dialog or several with `lab.Typed` of the Python actor.
    pub async fn typed<T>(
        &self,
        body: impl AsyncFnOnce(&TypedClient, &Scope) -> Result<T, AnyError>,
    ) -> Result<T, AnyError> {
        self.session(async |portal, scope| {
            let typed = TypedClient::new(portal);
            typed.journal(scope).call().await?;
            body(&typed, scope).await
        })
        .await
    }

    /// A Python actor of its own, for a case that it does not survive.
    pub async fn server(&self) -> Result<(Process, Self), AnyError> {
        let address = self.interpreter.address(self.transport);
        let mut server = self.interpreter.start("serve.py", "plain", &address);
        server.ready().await?;
        let lab = Self {
            python: address,
            ..self.clone()
        };
        Ok((server, lab))
    }
}

/// An actor that calls, and nothing else.
pub fn config() -> Config {
    Config::new("rustcaller").insecure_loopback()
}

/// An address as the runtime writes it.
pub fn url(words: &[String]) -> String {
    scipp_interop_tractor::address(words)
}

/// Waits until the Python actor's journal has a line: its cleanup has run.
pub async fn journal(typed: &TypedClient, scope: &Scope, line: &str) -> Done {
    let mut seen = Vec::new();
    for _ in 0..100 {
        seen.extend(typed.journal(scope).call().await?);
        if seen.iter().any(|own| own == line) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("the journal has no {line:?}, but {seen:?}").into())
}

/// A case by its name.
pub struct Case {
    pub name: &'static str,
    pub run: for<'a> fn(&'a Lab) -> LocalBoxFuture<'a, Done>,
}

/// Lists cases: functions of a [`Lab`].
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub fn cases() -> Vec<crate::lab::Case> {
            vec![$(crate::lab::Case { name: stringify!($name), run: |lab| Box::pin($name(lab)) }),*]
        }
    };
}
pub(crate) use cases;

impl Case {
    /// Runs it, and says what is wrong.
    pub async fn play(&self, lab: &Lab) -> Result<(), String> {
        let case = std::panic::AssertUnwindSafe((self.run)(lab)).catch_unwind();
        match timeout(DEADLINE, case).await {
            Err(_) => Err(format!("hangs: not over after {} s", DEADLINE.as_secs())),
            Ok(Ok(done)) => done.map_err(|error| error.to_string()),
            Ok(Err(panic)) => Err(panicked(panic.as_ref())),
        }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
        .to_owned()
}

/// Says what came instead of what was expected.
#[track_caller]
pub fn unexpected(came: impl std::fmt::Debug) -> AnyError {
    let at = std::panic::Location::caller();
    format!("{}:{}: came {came:?}", at.file(), at.line()).into()
}
