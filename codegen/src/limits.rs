//! Every limit of the generators, with its reason.

/// How far into a file is looked for what says that scipp generated it, in bytes: 1 KiB. It stands in the first lines.
pub const MARK_BYTES_MAX: usize = 1_024;

/// Most files and folders below an output folder that are looked through for left-over output: 100,000. More means that
/// the folder is a disk, not a place for generated files.
pub const OUTPUT_ENTRIES_MAX: usize = 100_000;

/// Most stamps of earlier runs that are kept, in files: 256, the newest. Each is as large as the list of the files of a
/// run; a project has a few output folders.
pub const STAMPS_MAX: usize = 256;

/// Largest stamp that is read, in bytes: 4 MiB, that of a run with 10,000 long paths.
pub const STAMP_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Largest template, in bytes: 1 MiB, as large as a schema may be.
pub const TEMPLATE_BYTES_MAX: u64 = 1024 * 1024;

/// Most templates of a folder, in files: 256. A generator is a handful.
pub const TEMPLATES_MAX: usize = 256;

/// Deepest folder below a folder of templates that is looked into, in levels: 16.
pub const TEMPLATE_DEPTH_MAX: usize = 16;

/// Most steps of one rendering, in instructions of minijinja: 10 million, about a second. A page about a package of 1,000
/// messages takes a million.
pub const TEMPLATE_STEPS_MAX: u64 = 10_000_000;

/// Most that the templates of a run write, in bytes: 64 MiB. It is kept in memory until all of it is rendered.
pub const TEMPLATE_OUTPUT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Most errors of templates that one run looks for, in number: 20. A mistake comes again for each package.
pub const TEMPLATE_ERRORS_MAX: usize = 20;

/// Stack of the thread that generates Rust, in bytes: 16 MiB. A type nested as deep as a schema may nest it takes 2 to 4 MiB
/// without optimisation; only what is used is ever taken.
pub const GENERATOR_STACK_BYTES: usize = 16 * 1024 * 1024;
