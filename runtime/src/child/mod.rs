//! This process as a child: started by an actor of Rust or of tractor, with the command line of `python -m tractor._child`.
//!
//! ```text
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     scipp_runtime::child::run(|config| config, DeskServer::new(Desk)).await
//! }
//! ```
//!
//! The process connects to its parent, hears from it what it is to be (`SpawnSpec`), listens, registers, and serves: the session with its parent and
//! whoever else connects. It ends when its parent asks it to or is gone, or on `SIGTERM`.

mod boot;
mod invocation;
mod run;

pub use invocation::{BadInvocation, Invocation};
pub use run::{ChildError, run};
