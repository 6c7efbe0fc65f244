//! The compiler beside others: CPU of the whole process, medians.

use crate::shape::Shape;
use crate::{capnp, cost, crate_check, proto, scipp};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Measures the compiler on a large schema, beside protoc and capnp where they are installed.
#[derive(Debug, clap::Args)]
pub(crate) struct Compiler {
    /// The `scipp` that is measured.
    #[arg(long, default_value = "target/release/scipp")]
    scipp: PathBuf,
    /// Runs of each command; the median is printed.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Leaves out `cargo check` of the generated crate, which builds the runtime first.
    #[arg(long)]
    without_cargo: bool,
    #[command(flatten)]
    shape: Shape,
}

/// What a command should cost, from the project's goals.
const GOALS: [(&str, Duration); 6] = [
    ("scipp check", Duration::from_millis(80)),
    ("scipp fmt --check", Duration::from_millis(80)),
    ("scipp breaking", Duration::from_millis(150)),
    ("scipp gen --lang rust", Duration::from_millis(150)),
    ("scipp gen, nothing changed", Duration::from_millis(10)),
    (
        "cargo check of the generated crate",
        Duration::from_secs(10),
    ),
];

impl Compiler {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let scipp = std::fs::canonicalize(&self.scipp).with_context(|| {
            format!(
                "{} is not there: build it with `cargo build --release -p scipp-cli`, or name another by --scipp",
                self.scipp.display()
            )
        })?;
        let dir = tempfile::tempdir()?;
        let dir = dir.path();
        let text = scipp::text(&self.shape);
        println!(
            "{} messages of ten fields, {} interfaces of ten endpoints: {} lines of scipp, {} bytes. CPU of the whole \
             process, median of {}.\n",
            self.shape.messages,
            self.shape.interfaces,
            text.lines().count(),
            text.len(),
            self.runs
        );
        for (place, text) in [
            ("old/bench/large.scipp", &text),
            ("new/bench/large.scipp", &scipp::changed(&self.shape, true)),
            ("large.proto", &proto::text(&self.shape)),
            ("large.capnp", &capnp::text(&self.shape)),
        ] {
            let path = dir.join(place);
            std::fs::create_dir_all(path.parent().context("a place in the folder")?)?;
            std::fs::write(path, text)?;
        }

        self.scipp_rows(&scipp, dir)?;
        self.other_rows(dir)?;
        if !self.without_cargo {
            let out = dir.join("generated");
            clear(&out)?;
            cost::of(&mut generate(&scipp, dir, &out))?;
            row(
                "cargo check of the generated crate",
                crate_check::measure(dir, &out)?,
            );
        }
        Ok(())
    }

    fn scipp_rows(&self, scipp: &Path, dir: &Path) -> anyhow::Result<()> {
        let (old, new) = (dir.join("old"), dir.join("new"));
        let file = old.join("bench/large.scipp");
        let out = dir.join("generated");
        let with = |arguments: &[&str], paths: &[&Path]| {
            let mut command = Command::new(scipp);
            command.args(arguments).args(paths);
            command
        };
        let measure = |name: &str, arguments: &[&str], paths: &[&Path]| -> anyhow::Result<()> {
            let median = cost::median(self.runs, || Ok(()), || with(arguments, paths))?;
            row(name, median);
            Ok(())
        };
        measure("scipp --version", &["--version"], &[])?;
        measure("scipp check", &["check"], &[&file])?;
        // What is formatted is the usual case.
        cost::of(&mut with(&["fmt"], &[&file]))?;
        measure("scipp fmt --check", &["fmt", "--check"], &[&file])?;
        measure("scipp breaking", &["breaking"], &[&old, &new])?;
        row(
            "scipp gen --lang rust",
            cost::median(self.runs, || clear(&out), || generate(scipp, dir, &out))?,
        );
        row(
            "scipp gen, nothing changed",
            cost::median(self.runs, || Ok(()), || generate(scipp, dir, &out))?,
        );
        Ok(())
    }

    fn other_rows(&self, dir: &Path) -> anyhow::Result<()> {
        let mut protoc = Command::new("protoc");
        protoc
            .current_dir(dir)
            .args(["--descriptor_set_out=/dev/null", "large.proto"]);
        self.other("protoc, descriptor set", protoc)?;

        let mut python = Command::new("protoc");
        let out = dir.join("python");
        std::fs::create_dir_all(&out)?;
        python
            .current_dir(dir)
            .args(["--python_out=python", "large.proto"]);
        self.other("protoc --python_out", python)?;

        let mut cpp = Command::new("protoc");
        let out = dir.join("cpp");
        std::fs::create_dir_all(&out)?;
        cpp.current_dir(dir).args(["--cpp_out=cpp", "large.proto"]);
        self.other("protoc --cpp_out", cpp)?;

        let mut capnp = Command::new("capnp");
        capnp
            .current_dir(dir)
            .args(["compile", "-o-", "large.capnp"]);
        self.other("capnp compile", capnp)
    }

    /// Another compiler: left out with a word where it is not installed.
    fn other(&self, name: &str, mut command: Command) -> anyhow::Result<()> {
        let program = command.get_program().to_owned();
        if Command::new(&program).arg("--version").output().is_err() {
            println!("{name:<40} not installed");
            return Ok(());
        }
        let mut costs = (0..self.runs.max(1))
            .map(|_| cost::of(&mut command))
            .collect::<anyhow::Result<Vec<_>>>()?;
        costs.sort_unstable();
        row(
            name,
            costs.get(costs.len() / 2).copied().unwrap_or_default(),
        );
        Ok(())
    }
}

fn generate(scipp: &Path, dir: &Path, out: &Path) -> Command {
    let mut command = Command::new(scipp);
    command
        .args(["gen", "--lang", "rust", "--out"])
        .arg(out)
        .arg(dir.join("old/bench/large.scipp"));
    command
}

fn clear(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn row(name: &str, cost: Duration) {
    let milliseconds = cost.as_secs_f64() * 1e3;
    let goal = GOALS.iter().find(|(goal, _)| *goal == name);
    match goal {
        Some((_, goal)) => {
            let word = if cost <= *goal { "reached" } else { "missed" };
            println!(
                "{name:<40} {milliseconds:>9.1} ms   goal {:>8.0} ms  {word}",
                goal.as_secs_f64() * 1e3
            );
        }
        None => println!("{name:<40} {milliseconds:>9.1} ms"),
    }
}
