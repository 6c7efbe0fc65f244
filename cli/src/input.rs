//! What a command reads: files, folders, standard input.

use clap::Args;
use scipp_idl::code;
use scipp_idl::diagnostic::Diagnostic;
use scipp_idl::fix::{self, Fixed};
use scipp_idl::{Checked, Input, LevelError, Levels, Options, limits};
use std::io::Read;
use std::path::PathBuf;

/// What diagnostics call standard input.
pub(crate) const STANDARD_INPUT: &str = "<stdin>";

/// Where schemas are.
#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Schemas: files, folders (all `.scipp` files in them and below), or `-` for standard input
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Also looks for imports below this folder; can be given several times. The root of each file
    /// is known without: it follows from the package that the file declares
    #[arg(short = 'I', long = "root", value_name = "ROOT")]
    roots: Vec<PathBuf>,

    /// Takes a warning as an error: `W0003`, or `warnings` for all; can be given several times
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = deny)]
    deny: Vec<String>,

    /// Says nothing about a warning: `W0003`, or `warnings` for all; can be given several times. A code counts more
    /// than `warnings`, and `--deny` more than `--allow`. One place is allowed in the schema: `@allow(W0003, "why")`
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = allow)]
    allow: Vec<String>,
}

fn deny(name: &str) -> Result<String, LevelError> {
    Levels::default().deny(name).map(|()| name.to_owned())
}

fn allow(name: &str) -> Result<String, LevelError> {
    Levels::default().allow(name).map(|()| name.to_owned())
}

impl Inputs {
    fn options(&self) -> Options {
        let mut levels = Levels::default();
        // Clap has refused what is no warning.
        for name in &self.deny {
            drop(levels.deny(name));
        }
        for name in &self.allow {
            drop(levels.allow(name));
        }
        Options {
            roots: self.roots.clone(),
            levels,
            ..Options::default()
        }
    }

    /// Reads, checks and mends all of it, in memory.
    pub(crate) fn fix(&self) -> Fixed {
        let (inputs, problems) = inputs(&self.files);
        let mut fixed = fix::fix(&inputs, &self.options());
        problems
            .into_iter()
            .for_each(|problem| fixed.checked.diagnostics.push(problem));
        fixed
    }

    /// Reads and checks all of it.
    pub(crate) fn check(&self) -> (Checked, Vec<Input>) {
        let (inputs, problems) = inputs(&self.files);
        let mut checked = scipp_idl::check(&inputs, &self.options());
        problems
            .into_iter()
            .for_each(|problem| checked.diagnostics.push(problem));
        (checked, inputs)
    }
}

impl Inputs {
    /// The files that are given, those in folders included; `None` with standard input, which nobody can look at twice.
    pub(crate) fn given(&self) -> Option<Vec<PathBuf>> {
        let mut given = Vec::new();
        for path in &self.files {
            if path.as_os_str() == "-" {
                return None;
            }
            if path.is_dir() {
                given.extend(scipp_idl::schemas_in(path));
            } else {
                given.push(path.clone());
            }
        }
        Some(given)
    }
}

/// What the arguments of a command stand for, and why standard input cannot be read.
pub(crate) fn inputs(files: &[PathBuf]) -> (Vec<Input>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut inputs = Vec::new();
    let mut stdin_seen = false;
    for path in files {
        if path.as_os_str() != "-" {
            inputs.push(if path.is_dir() {
                Input::Folder(path.clone())
            } else {
                Input::File(path.clone())
            });
        } else if !std::mem::replace(&mut stdin_seen, true) {
            match standard_input() {
                Ok(text) => inputs.push(Input::Text {
                    name: STANDARD_INPUT.to_owned(),
                    text,
                }),
                Err(problem) => problems.push(*problem),
            }
        }
    }
    (inputs, problems)
}

/// Standard input to its end, or to one byte more than a source may have, which the check then refuses.
fn standard_input() -> Result<String, Box<Diagnostic>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limits::SOURCE_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    if let Err(error) = std::io::stdin().lock().take(most).read_to_end(&mut bytes) {
        let message = format!("cannot read standard input: {error}");
        return Err(Box::new(Diagnostic::new(code::UNREADABLE_FILE, message)));
    }
    let cut = bytes.len() > limits::SOURCE_BYTES_MAX;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // The cut may have split a character; the check complains about the size.
        Err(error) if cut => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(_) => Err(Box::new(Diagnostic::new(
            code::NOT_UTF8,
            "standard input is not UTF-8",
        ))),
    }
}
