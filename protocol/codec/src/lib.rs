//! Typed values to MessagePack payload bytes and back, for scipp.
