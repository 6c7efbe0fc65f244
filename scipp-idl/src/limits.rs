//! Every limit of the compiler, with its reason.
//!
//! A `.scipp` file may come from anybody, so nothing that it contains may make the compiler hang, exhaust
//! memory or overflow the stack. Going over a limit is a diagnostic like any other.

/// Largest source, in bytes: 1 MiB. The largest schemas that people write by hand are a tenth of it, and the
/// syntax tree of a source takes about 20 times its size.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;

/// Deepest nesting of brackets, generic arguments and block comments, in levels: 64. Parsing and dropping a
/// syntax tree are recursive; at this depth they fit a stack of 2 MiB many times over, also in a debug build.
pub const NESTING_MAX: usize = 64;

/// Most files that one run reads besides its inputs, in files: 256. An import costs a look at the disk.
pub const IMPORTS_MAX: usize = 256;

/// Most files that one run is given, in files: 4,096. A folder counts as the files in it.
pub const INPUTS_MAX: usize = 4_096;

/// Deepest folder below an input folder that is looked into, in levels: 32.
pub const FOLDER_DEPTH_MAX: usize = 32;

/// Most definitions of one run, in items and endpoints: 10,000. Ten times the largest known schema.
pub const DEFINITIONS_MAX: usize = 10_000;

/// Most diagnostics that one run keeps: 500. Nobody reads more, and a hostile file can cause one per byte.
pub const DIAGNOSTICS_MAX: usize = 500;

/// Longest excerpt of a source line in a rendered diagnostic, in bytes: 4 KiB. Longer lines are cut.
pub const EXCERPT_BYTES_MAX: usize = 4_096;

/// Diagnostics of a run, in number, after which names are no longer compared for "did you mean": 25. The comparison
/// goes through all names of a package.
pub const SUGGESTIONS_MAX: usize = 25;

/// Longest name that is compared for "did you mean", in bytes: 64. The comparison is quadratic in it.
pub const SUGGESTION_BYTES_MAX: usize = 64;

/// Most members of unions and endpoints of interfaces after flattening and inheriting, in all: 100,000. Unions that
/// hold unions, and interfaces that extend interfaces, repeat what they take in: the sum grows with the square of the
/// source.
pub const EXPANSION_MAX: usize = 100_000;

/// Bytes that the compiled form of one `@pattern` may take.
///
/// Patterns of identifiers, codes and dates stay below four thousand; a source may hold many of them.
pub const PATTERN_BYTES_MAX: usize = 65_536;

/// Times that a source with comments is formatted again until nothing changes: 4. Two were enough for every source in the tests;
/// the bound is there so that the loop has one.
pub const FORMAT_ROUNDS_MAX: usize = 4;

/// Most pairs of types that one comparison of two schemas looks at, in pairs: 1,000,000. A schema at the limit of
/// definitions has a tenth of it; generic types that hold each other can ask for more than anybody could wait for.
pub const COMPARED_MAX: usize = 1_000_000;

/// Most places of a change that are named, in places: 8. A type that everything uses has thousands.
pub const USES_MAX: usize = 8;

/// Most rounds of mending and checking again, in number: 8. One mend may show the next mistake; a schema that needs
/// more has to be run again.
pub const FIX_ROUNDS_MAX: usize = 8;

/// Most parts of the fields' types of a generic record that a value is written for, in types: 10,000. Generic records that use
/// each other can double them with each level.
pub const TYPE_PARTS_MAX: usize = 10_000;

/// Largest payload of an example, in bytes: 64 KiB. An example is read by people; defaults of defaults can make a short
/// literal a payload without end.
pub const EXAMPLE_BYTES_MAX: usize = 65_536;
