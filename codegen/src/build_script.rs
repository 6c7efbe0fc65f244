//! The way in from `build.rs`.

use crate::files::WriteError;
use crate::rust::{self, Layout, RustPath};
use scipp_idl::diagnostic::{Diagnostic, Diagnostics, Severity};
use scipp_idl::source::Sources;
use scipp_idl::{Checked, Input};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, io, process};

/// What the header of a file says that a build script has made.
const COMMAND: &str = "scipp_codegen::build_script()";

/// Starts a build script: name the schemas, then [`run`](BuildScript::run) it.
///
/// ```text
/// fn main() {
///     scipp_codegen::build_script().schema("schemas/market/feed.scipp").run();
/// }
/// ```
///
/// The crate includes the result by `scipp_runtime::include_schemas!();`, which gives it a module for each package:
/// `market::feed`.
pub fn build_script() -> BuildScript {
    BuildScript::default()
}

/// What a build script generates, and from what.
///
/// Paths are relative to the folder of the crate's `Cargo.toml`, where Cargo runs build scripts.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is generated before `run`"]
pub struct BuildScript {
    schemas: Vec<PathBuf>,
    roots: Vec<PathBuf>,
    external: Vec<(String, String)>,
    examples: bool,
}

impl BuildScript {
    /// Generates this schema and what it imports. A folder stands for all `.scipp` files in it and below.
    pub fn schema(mut self, path: impl Into<PathBuf>) -> Self {
        self.schemas.push(path.into());
        self
    }

    /// Looks for imports in this folder, too. The root of each [`schema`](Self::schema) is known without: it follows
    /// from the package that the file declares.
    pub fn root(mut self, path: impl Into<PathBuf>) -> Self {
        self.roots.push(path.into());
        self
    }

    /// Takes the types of a package from another crate instead of generating them again, so that both crates
    /// share them: `.extern_package("market.common", "::market_types::market::common")`. Packages that only this one
    /// imports are not generated either; name them, too, where the schemas use them.
    pub fn extern_package(mut self, package: impl Into<String>, module: impl Into<String>) -> Self {
        self.external.push((package.into(), module.into()));
        self
    }

    /// Generates the examples of the schemas, too: in the module of each interface a `Mock`, which is a service that plays
    /// them, and a test for each endpoint, which `cargo test` runs: every value of its examples is written as the
    /// bytes that the compiler expects, and read back.
    pub fn examples(mut self) -> Self {
        self.examples = true;
        self
    }

    /// Generates. Tells Cargo which files to watch, warns as Cargo warns, and ends the build with exit status 1 and
    /// the compiler's diagnostics if there is an error; nothing is written then.
    pub fn run(self) {
        let mut stdout = io::stdout().lock();
        let mut stderr = io::stderr().lock();
        let color = env::var("CARGO_TERM_COLOR").is_ok_and(|value| value == "always");
        let out = env::var_os("OUT_DIR").map(PathBuf::from);
        let failed = match out {
            Some(out) => self.run_in(&out, color, &mut stdout, &mut stderr).is_err(),
            None => {
                let message = "error: `OUT_DIR` is not set: `scipp_codegen::build_script()` is for build scripts that Cargo runs";
                drop(writeln!(stderr, "{message}"));
                true
            }
        };
        if failed {
            process::exit(1);
        }
    }

    /// The same with its surroundings given. What has failed has been said on `stderr`.
    fn run_in(
        &self,
        out: &Path,
        color: bool,
        stdout: &mut dyn Write,
        stderr: &mut dyn Write,
    ) -> Result<(), Failed> {
        let mut options = rust::Options {
            command: COMMAND.to_owned(),
            layout: Layout::Single,
            examples: self.examples,
            ..rust::Options::default()
        };
        for (package, module) in &self.external {
            let path: RustPath = module
                .parse()
                .map_err(|error| Failed::say(stderr, &format!("error: {error}\n")))?;
            options.external.insert(package.clone(), path);
        }
        if self.schemas.is_empty() {
            return Err(Failed::say(
                stderr,
                "error: no schema was given: add `.schema(\"path/to/file.scipp\")`\n",
            ));
        }
        let inputs: Vec<Input> = self
            .schemas
            .iter()
            .map(|path| {
                if path.is_dir() {
                    Input::Folder(path.clone())
                } else {
                    Input::File(path.clone())
                }
            })
            .collect();
        let checked = scipp_idl::check(
            &inputs,
            &scipp_idl::Options {
                roots: self.roots.clone(),
                overlay: BTreeMap::new(),
                ..scipp_idl::Options::default()
            },
        );

        // Folders, so that a new file in them is seen; files, because Cargo looks only at the time of what it is told.
        let folders = self.schemas.iter().filter(|path| path.is_dir());
        for path in folders.chain(&checked.files) {
            Failed::check(writeln!(
                stdout,
                "cargo::rerun-if-changed={}",
                path.display()
            ))?;
        }
        options.packages = rust::packages_of(&checked, &inputs);
        let files = generate(&checked, &options, stdout).map_err(|errors| {
            let text = errors.render(&checked.sources, color);
            Failed::say(stderr, &format!("{text}\nerror: {}\n", summary(&errors)))
        })?;
        files
            .write(out)
            .map(drop)
            .map_err(|error: WriteError| Failed::say(stderr, &format!("error: {error}\n")))
    }
}

/// The build has to end; why has been said.
#[derive(Debug)]
struct Failed;

impl Failed {
    fn say(stderr: &mut dyn Write, text: &str) -> Self {
        // Nobody hears it if it cannot be said; the build ends all the same.
        drop(stderr.write_all(text.as_bytes()));
        Self
    }

    fn check(written: io::Result<()>) -> Result<(), Self> {
        written.map_err(|_| Self)
    }
}

fn generate(
    checked: &Checked,
    options: &rust::Options,
    stdout: &mut dyn Write,
) -> Result<crate::Files, Diagnostics> {
    if checked.diagnostics.has_errors() {
        return Err(checked.diagnostics.clone());
    }
    let generated = rust::generate(&checked.schema, options);
    for warning in &checked.diagnostics {
        // If Cargo does not read it, nobody does.
        drop(writeln!(
            stdout,
            "cargo::warning={}",
            one_line(warning, &checked.sources)
        ));
    }
    generated
}

/// A diagnostic as Cargo shows warnings: `schemas/a.scipp:3:5: W0001: ...; ...`.
fn one_line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.primary.as_ref().and_then(|label| {
        let source = sources.get(label.span.source)?;
        let (line, column) = source.position(label.span.start);
        Some(format!("{}:{line}:{column}: ", source.name()))
    });
    let help = diagnostic.help.first().map(|help| format!("; {help}"));
    let text = format!(
        "{}{}: {}{}",
        place.unwrap_or_default(),
        diagnostic.code,
        diagnostic.message,
        help.unwrap_or_default()
    );
    text.replace(['\n', '\r'], " ")
}

fn summary(diagnostics: &Diagnostics) -> String {
    let warnings = diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Warning)
        .count();
    let plural =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let errors = plural(diagnostics.errors(), "error");
    let counts = if warnings == 0 {
        errors
    } else {
        format!("{errors}, {}", plural(warnings, "warning"))
    };
    format!("the schema has {counts}; no code was generated")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// What Cargo is told, what the user is told, and whether it went well.
    fn run(script: &BuildScript, out: &Path, color: bool) -> (String, String, bool) {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let done = script.run_in(out, color, &mut stdout, &mut stderr).is_ok();
        (
            String::from_utf8(stdout).unwrap(),
            String::from_utf8(stderr).unwrap(),
            done,
        )
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn cargo_watches_every_file_that_was_read() {
        let folder = folder(&[
            (
                "a/one.scipp",
                "package a.one;\nuse b.two.{Two};\nstruct One { two: Two }\n",
            ),
            ("b/two.scipp", "package b.two;\nstruct Two {}\n"),
        ]);
        let out = tempfile::tempdir().unwrap();
        let script = build_script().schema(folder.path().join("a/one.scipp"));
        let (stdout, stderr, done) = run(&script, out.path(), false);
        assert!(done, "{stderr}");
        let watched: Vec<&str> = stdout
            .lines()
            .filter_map(|line| line.strip_prefix("cargo::rerun-if-changed="))
            .collect();
        assert_eq!(watched.len(), 2, "{stdout}");
        assert!(
            watched[0].ends_with("a/one.scipp") && watched[1].ends_with("b/two.scipp"),
            "{stdout}"
        );
        let text = fs::read_to_string(out.path().join("scipp.rs")).unwrap();
        assert!(
            text.starts_with("// Generated by `scipp_codegen::build_script()`"),
            "{text}"
        );
        assert!(text.contains("use super::super::b::two::Two;"), "{text}");

        let script = build_script()
            .schema(folder.path().join("a"))
            .root(folder.path());
        let (stdout, ..) = run(&script, out.path(), false);
        let first = format!(
            "cargo::rerun-if-changed={}",
            folder.path().join("a").display()
        );
        assert_eq!(
            stdout.lines().next(),
            Some(first.as_str()),
            "a folder is watched for new files"
        );
    }

    #[test]
    fn a_broken_schema_is_shown_as_on_the_terminal_and_nothing_is_written() {
        let folder = folder(&[("p.scipp", "package p;\nstruct S { a: Nope }\n")]);
        let out = tempfile::tempdir().unwrap();
        let script = build_script().schema(folder.path().join("p.scipp"));
        let (stdout, stderr, done) = run(&script, out.path(), false);
        assert!(!done);
        assert!(
            stdout.contains("rerun-if-changed"),
            "the mended file is seen: {stdout}"
        );
        assert!(
            stderr.contains("error[E0206]")
                && stderr.contains("struct S { a: Nope }")
                && stderr.contains("^^^^"),
            "{stderr}"
        );
        assert!(
            stderr.ends_with("error: the schema has 1 error; no code was generated\n"),
            "{stderr}"
        );
        assert!(!stderr.contains('\u{1b}'));
        assert!(
            run(&script, out.path(), true).1.contains('\u{1b}'),
            "colours where Cargo is told to have them"
        );
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    }

    #[test]
    fn warnings_are_cargo_warnings() {
        let folder = folder(&[
            ("p.scipp", "package p;\nuse q.{Q};\nstruct S {}\n"),
            ("q.scipp", "package q;\nstruct Q {}\n"),
        ]);
        let out = tempfile::tempdir().unwrap();
        let (stdout, _, done) = run(
            &build_script().schema(folder.path().join("p.scipp")),
            out.path(),
            false,
        );
        let warning = stdout
            .lines()
            .find(|line| line.starts_with("cargo::warning="))
            .unwrap_or_default();
        assert!(
            done && warning.contains("p.scipp:2:") && warning.contains("W0001"),
            "{stdout}"
        );
    }

    #[test]
    fn wrong_use_is_said() {
        let out = tempfile::tempdir().unwrap();
        let (_, stderr, done) = run(&build_script(), out.path(), false);
        assert!(
            !done && stderr.starts_with("error: no schema was given"),
            "{stderr}"
        );
        let script = build_script()
            .schema("missing.scipp")
            .extern_package("a", "b c");
        let (_, stderr, done) = run(&script, out.path(), false);
        assert!(
            !done && stderr.contains("`b c` is no path of a module"),
            "{stderr}"
        );
        let (_, stderr, done) = run(&build_script().schema("missing.scipp"), out.path(), false);
        assert!(
            !done && stderr.contains("error[E0001]") && stderr.contains("missing.scipp"),
            "{stderr}"
        );
    }
}
