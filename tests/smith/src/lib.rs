//! Random schemas that are valid: every construct of the language in every combination that the compiler must take.
//!
//! [`schema`] makes one from [`Choices`], as a plain tree ([`Schema`]) that may be changed before it is written. The
//! same choices make the same schema.
//!
//! ```
//! use scipp_smith::{Choices, Size, schema};
//!
//! let schema = schema(&mut Choices::seed(7), &Size::default());
//! for (path, text) in schema.files() {
//!     assert!(path.ends_with(".scipp") && text.contains("package "));
//! }
//! ```

mod census;
mod choices;
mod make;
mod tokens;
mod tree;
mod write;

pub use census::{CONSTRUCTS, census};
pub use choices::Choices;
pub use make::schema;
pub use tree::*;

/// How large a schema may become. Each number is an upper bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Packages: 3.
    pub packages: usize,
    /// Items of a package: 20.
    pub items: usize,
    /// Fields of a record, members of an enum or union, parameters of an endpoint: 6.
    pub fields: usize,
    /// Endpoints of an interface: 5.
    pub endpoints: usize,
    /// Types within types: 3.
    pub depth: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            packages: 3,
            items: 20,
            fields: 6,
            endpoints: 5,
            depth: 3,
        }
    }
}
