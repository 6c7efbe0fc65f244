//! `cargo check` of a crate that holds nothing but the generated code.

use crate::cost;
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The CPU time of `cargo check` of the generated crate alone: its dependencies are checked before.
pub(crate) fn measure(dir: &Path, generated: &Path) -> anyhow::Result<Duration> {
    let runtime = repository()?.join("runtime");
    let package = dir.join("package");
    std::fs::create_dir_all(package.join("src"))?;
    std::fs::write(
        package.join("Cargo.toml"),
        format!(
            "[package]\nname = \"large\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             scipp-runtime = {{ path = {runtime:?} }}\n"
        ),
    )?;
    // The same versions as everywhere else, and no wait for a registry.
    std::fs::copy(repository()?.join("Cargo.lock"), package.join("Cargo.lock"))?;
    let library = package.join("src/lib.rs");
    std::fs::write(&library, "")?;
    let check = || {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        command
            .current_dir(&package)
            .args(["check", "--quiet"])
            .env("CARGO_TARGET_DIR", dir.join("target"));
        command
    };
    cost::of(&mut check())?;
    let root = generated.join("mod.rs");
    std::fs::write(
        &library,
        format!("//! Generated.\n#[path = {root:?}]\npub mod schemas;\n"),
    )?;
    cost::of(&mut check())
}

fn repository() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here
        .ancestors()
        .nth(2)
        .context("the package lies two folders below the repository")?
        .to_owned())
}
