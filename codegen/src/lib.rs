//! Generates code from checked scipp schemas; the library behind build.rs.
