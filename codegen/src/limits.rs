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
