//! A schema as generated Rust.

use scipp_codegen::rust::{self, Layout, Options};
use scipp_idl::Input;
use std::fmt::Write;
use std::path::Path;

/// The Rust of some schemas, files or folders below `root`, in one text.
///
/// # Panics
/// If the schemas have errors, which are shown.
#[allow(clippy::panic, reason = "a failed expectation is how a test speaks")]
pub fn generated(root: &str, schemas: &[&str]) -> String {
    let inputs: Vec<Input> = schemas
        .iter()
        .map(|schema| Path::new(root).join(schema))
        .map(|path| {
            if path.is_dir() {
                Input::Folder(path)
            } else {
                Input::File(path)
            }
        })
        .collect();
    let checked = scipp_idl::check(&inputs, &scipp_idl::Options::default());
    if checked.diagnostics.has_errors() {
        panic!("{}", checked.diagnostics.render(&checked.sources, false));
    }
    let options = Options {
        packages: rust::packages_of(&checked, &inputs),
        layout: Layout::Single,
        ..Options::default()
    };
    match rust::generate(&checked.schema, &options) {
        Ok(files) => {
            let mut text = String::new();
            for (_, file) in files.iter() {
                // Writing to a String cannot fail.
                let _ = write!(text, "{file}");
            }
            text
        }
        Err(problems) => panic!("{}", problems.render(&checked.sources, false)),
    }
}
