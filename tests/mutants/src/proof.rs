//! Running a proof: whether it finds what is planted.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a proof says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It failed, as it must with a bug; by this test, and these words of it.
    Killed(String),
    /// It did not come to an end in time: it was seen, if not explained.
    Hangs,
    /// It found nothing wrong.
    Survived,
    /// The tree does not build, so nothing was shown.
    NoBuild(String),
}

/// One run of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What came of it.
    pub verdict: Verdict,
    /// How long it ran, without the build.
    pub time: Duration,
}

impl Run {
    /// Builds and runs `cargo proof...` in `tree`, with everything built into `target`, for `time_max` at most.
    ///
    /// # Errors
    /// Cargo could not be started.
    pub fn of(
        tree: &Path,
        target: &Path,
        proof: &[String],
        time_max: Duration,
    ) -> io::Result<Self> {
        let mut build: Vec<&str> = proof.iter().map(String::as_str).collect();
        build.truncate(
            build
                .iter()
                .position(|it| *it == "--")
                .unwrap_or(build.len()),
        );
        build.push("--no-run");
        let (built, _) = run(tree, target, &build, Duration::MAX)?;
        if let Some(text) = built.filter(|(good, _)| !good).map(|(_, text)| text) {
            return Ok(Self {
                verdict: Verdict::NoBuild(text),
                time: Duration::ZERO,
            });
        }
        let proof: Vec<&str> = proof.iter().map(String::as_str).collect();
        let (ran, time) = run(tree, target, &proof, time_max)?;
        let verdict = match ran {
            None => Verdict::Hangs,
            Some((true, _)) => Verdict::Survived,
            Some((false, text)) => Verdict::Killed(reason(&text)),
        };
        Ok(Self { verdict, time })
    }
}

/// Whether a command of cargo succeeds, and what it says; nothing if it takes too long.
type Ended = Option<(bool, String)>;

fn run(
    tree: &Path,
    target: &Path,
    arguments: &[&str],
    time_max: Duration,
) -> io::Result<(Ended, Duration)> {
    let log = target.with_extension("log");
    let out = File::create(&log)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .args(arguments)
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_COLOR", "never")
        .env("INSTA_UPDATE", "no")
        .stdin(Stdio::null())
        .stderr(out.try_clone()?)
        .stdout(out);
    // A group of its own, so that the tests end with their cargo.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut cargo, 0);
    let begun = Instant::now();
    let mut child = cargo.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            let text = std::fs::read_to_string(&log)?;
            return Ok((Some((status.success(), text)), begun.elapsed()));
        }
        if begun.elapsed() > time_max {
            end(&mut child)?;
            return Ok((None, begun.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn end(child: &mut Child) -> io::Result<()> {
    if cfg!(unix) {
        let group = format!("-{}", child.id());
        Command::new("kill")
            .args(["-KILL", "--", &group])
            .status()?;
    }
    // It may be over by now.
    child.kill().ok();
    child.wait().map(|_| ())
}

/// The first test that failed, and the first line of what it said.
fn reason(text: &str) -> String {
    let test = text
        .lines()
        .find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let mut lines = text.lines();
    lines.find(|line| line.contains("panicked at "));
    let said = lines.next().unwrap_or_default().trim();
    format!("{}: {said}", test.unwrap_or("no test of libtest"))
}
