//! The scipp schema language: text to a checked schema, with diagnostics.
//!
//! [`check`] is the whole of it, and reads as the list of its phases. It does no IO but reading sources (`load.rs`), and
//! nothing that a source holds makes it panic, hang or overflow the stack ([`limits`]). A schema is complete if and only
//! if there are no errors; warnings don't fail, unless the run denies them.
//!
//! ```
//! use scipp_idl::{Input, Options, check};
//!
//! let text = "package greeting;\n\ninterface Greeter {\n    fn hello(name: str) -> str;\n}\n";
//! let input = Input::Text { name: "greeting".into(), text: text.into() };
//! let checked = check(&[input], &Options::default());
//! assert!(!checked.diagnostics.has_errors());
//! assert!(checked.schema.packages.contains_key("greeting"));
//! ```

pub mod code;
pub mod compat;
pub mod diagnostic;
pub mod fingerprint;
pub mod fix;
pub mod format;
pub mod limits;
pub mod model;
pub mod schema;
pub mod source;
pub mod suggest;
pub mod syntax;

mod allow;
mod check;
mod disk;
mod folder;
mod graph;
mod imports;
mod level;
mod literal;
mod load;
mod lookup;
mod parse;
mod resolve;
mod scalars;
mod scan;
mod stock;
mod unknown;
mod wire;

pub use code::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Edit, Label, Severity};
pub use level::{LevelError, Levels};
pub use load::{Input, Options};
pub use schema::Schema;
pub use source::{Source, SourceId, Sources, Span};

use std::path::PathBuf;

/// What a run found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The model; complete if and only if `diagnostics` has no errors.
    pub schema: Schema,
    /// What is wrong, sorted by source and position.
    pub diagnostics: Diagnostics,
    /// The texts that were read, for rendering diagnostics.
    pub sources: Sources,
    /// Every file that was read, in the order of reading: what a build depends on.
    pub files: Vec<PathBuf>,
    /// Where imports were looked for and nothing was: a file there could change what the schema means.
    pub absent: Vec<PathBuf>,
}

/// The `.scipp` files that an [`Input::Folder`] stands for, in their order; none if a folder cannot be read.
pub fn schemas_in(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut problems = Diagnostics::default();
    let files = folder::files(folder, &mut problems);
    if problems.has_errors() {
        Vec::new()
    } else {
        files
    }
}

/// Checks the inputs and everything that they import. Never fails: what is wrong is in the diagnostics.
///
/// The schema has the packages of the inputs and of their imports.
pub fn check(inputs: &[Input], options: &Options) -> Checked {
    let mut diagnostics = Diagnostics::with_levels(options.levels.clone());

    // Read the inputs, and from there what is imported; cut each text into items.
    let loaded = load::load(inputs, options, &mut diagnostics);

    // Parse each text into its tree.
    let texts = loaded.sources.iter().zip(loaded.scans);
    let files: Vec<syntax::File<'_>> = texts
        .filter_map(|((id, source), scan)| {
            Some(parse::parse(id, source.text(), scan?, &mut diagnostics))
        })
        .collect();

    // From here on, warnings are left out where the sources allow them.
    diagnostics.allow(allow::Allows::of(&files));

    // Find out what names mean.
    let names = resolve::names(&files, &loaded.packages, &mut diagnostics);

    // Check each construct, and build the model.
    let schema = check::check(names, &mut diagnostics);

    drop(files);
    diagnostics.finish();
    Checked {
        schema,
        diagnostics,
        sources: loaded.sources,
        files: loaded.files,
        absent: loaded.absent,
    }
}
