//! The steps of `docs/tractor-guide.md`: its files are those of `guide`.

use std::time::Duration;

use scipp_runtime::{Config, Listener, Scope, serve};
use tokio::time::timeout;

use crate::{
    depot::DepotServer,
    lab::{AnyError, Done, Lab, url},
};

#[path = "../../guide/client.rs"]
mod client;
#[path = "../../guide/server.rs"]
mod server;

/// For one step.
const MAX: Duration = Duration::from_secs(30);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Python as it was.
    Untyped,
    /// Generated Python.
    Typed,
    Rust,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Python as it was.
    Untyped,
    /// Generated Python.
    Typed,
    Rust,
}

/// One step: who asks, and who answers.
pub struct Step(Asks, Answers);

/// Everybody understands everybody, but for the typed caller and the untyped actor, which declares no errors.
pub const STEPS: [Step; 8] = [
    Step(Asks::Untyped, Answers::Untyped),
    Step(Asks::Rust, Answers::Untyped),
    Step(Asks::Untyped, Answers::Typed),
    Step(Asks::Typed, Answers::Typed),
    Step(Asks::Rust, Answers::Typed),
    Step(Asks::Untyped, Answers::Rust),
    Step(Asks::Typed, Answers::Rust),
    Step(Asks::Rust, Answers::Rust),
];

impl Step {
    /// Its name in the table.
    pub fn name(&self) -> String {
        format!("guide: {:?} asks {:?}", self.0, self.1)
    }

    /// Plays it, and says what is wrong.
    pub async fn play(&self, lab: &Lab) -> Result<(), String> {
        match timeout(MAX, self.answered(lab)).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err("hangs".to_owned()),
        }
    }

    async fn answered(&self, lab: &Lab) -> Done {
        let at = lab.interpreter.address(lab.transport);
        let folder = match self.1 {
            Answers::Untyped => "guide/before",
            Answers::Typed => "guide/after",
            Answers::Rust => {
                let listener = Listener::bind(url(&at)).await?;
                let shutdown = Scope::root();
                let config = Config::new("depot").insecure_loopback();
                let until = shutdown.clone();
                let served = tokio::spawn(async move {
                    serve(listener, config, DepotServer::new(server::Fruit), &until).await
                });
                let asked = self.asked(lab, &at).await;
                shutdown.cancel();
                served.await??;
                return asked;
            }
        };
        let mut depot = lab.interpreter.start("serve.py", folder, &at);
        depot.ready().await?;
        let asked = self.asked(lab, &at).await;
        depot.end().await?;
        asked
    }

    async fn asked(&self, lab: &Lab, at: &[String]) -> Result<(), AnyError> {
        let folder = match self.0 {
            Asks::Untyped => "guide/before",
            Asks::Typed => "guide/after",
            Asks::Rust => return client::talk(&url(at)).await,
        };
        let mut words = at.to_vec();
        words.extend(lab.interpreter.address(lab.transport));
        Ok(lab
            .interpreter
            .start("talk.py", folder, &words)
            .ended()
            .await?)
    }
}
