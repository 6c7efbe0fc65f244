//! The endpoints of this suite as a child of an actor, of Rust or of Python.

use std::process::ExitCode;

use scipp_interop_tractor::{
    Lab,
    lab::{LooseServer, TypedServer},
};
use scipp_runtime::{Config, Router, child};

#[tokio::main]
async fn main() -> ExitCode {
    let lab = Lab::default();
    let services = Router::new()
        .with(TypedServer::new(lab.clone()))
        .with(LooseServer::new(lab));
    child::run(Config::insecure_loopback, services).await
}
