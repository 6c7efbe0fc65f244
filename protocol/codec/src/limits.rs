//! Every number of the codec: its default and its reason.

/// Containers inside each other that a payload may have by default.
///
/// Decoding recursive types uses the thread's stack, level by level; 32 levels of the largest generated types fit
/// many times over into the 2 MiB of a worker thread, in an unoptimised build too.
pub const PAYLOAD_DEPTH_MAX: u8 = 32;

/// The most that [`WalkLimits::depth_max`](crate::walk::WalkLimits) can be raised to: the size of the walk's own stack.
pub const PAYLOAD_DEPTH_CEILING: u8 = 64;

/// Values (map keys count too) that a payload may have by default.
///
/// A nil is one byte on the wire and may become a hundred bytes of an `Option` in memory: elements are limited, not
/// only bytes.
pub const PAYLOAD_ITEMS_MAX: u32 = 65_536;

/// Extension values of a schema inside each other, whose content is MessagePack.
///
/// The content of each is walked by itself and may have [`PAYLOAD_DEPTH_MAX`] levels: this bounds the levels
/// altogether to four times as many.
pub const EXT_NESTING_MAX: u8 = 3;

/// Bytes of memory that a list may reserve per byte of input that is left, before its elements have been seen.
///
/// Eight covers a list of small integers (one byte on the wire, eight in a `Vec<u64>`), so such lists are reserved
/// at once; anything larger grows as elements arrive.
pub const RESERVE_FACTOR: usize = 8;

/// Characters of a text shown in an error or in debug output before it is cut.
///
/// Long enough to recognise a value, short enough for one log line.
pub const SHOWN_CHARS_MAX: usize = 64;

/// Values shown in debug output before the rest is only counted: about one screen.
pub const SHOWN_ITEMS_MAX: usize = 64;

/// Bytes of a [`Ref`](crate::Ref).
///
/// A module path and a name; paths of real code stay below a hundred.
pub const REF_BYTES_MAX: usize = 512;
