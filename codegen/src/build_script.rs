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
    for warning in &checked.diagnostics {
        // If Cargo does not read it, nobody does.
        drop(writeln!(
            stdout,
            "cargo::warning={}",
            one_line(warning, &checked.sources)
        ));
    }
    rust::generate(&checked.schema, options)
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
