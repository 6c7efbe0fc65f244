//! Two versions of a schema, compared: what has changed, and who breaks.
//!
//! [`compare`] starts where values travel, at the endpoints, and follows the types of both versions side by side from
//! there; so it knows for each difference in which directions it matters. What no endpoint uses is compared by name
//! afterwards. `docs/breaking.md` is normative for the rules; what is not known to be compatible is breaking.
//!
//! ```
//! use scipp_idl::compat::{Target, Verdict, compare};
//! use scipp_idl::{Input, Options, check};
//!
//! let version = |fields: &str| {
//!     let text = format!("package a;\nstruct S {{ {fields} }}\ninterface I {{ fn f() -> S; }}\n");
//!     check(&[Input::Text { name: "a".into(), text }], &Options::default()).schema
//! };
//! let changes = compare(&version("x: u8, y: u8"), &version("x: u8"))?;
//! assert_eq!(changes[0].rule.id, "field-removed");
//! assert_eq!(changes[0].verdict(Target::Wire), Verdict::Breaking);
//! assert!(changes[0].wire.old_callers, "an old caller needs the field that a new callee does not send");
//! # Ok::<(), scipp_idl::compat::TooLarge>(())
//! ```

mod about;
mod alternatives;
mod change;
mod constraint;
mod endpoint;
mod enumeration;
mod item;
mod options;
mod presence;
mod reach;
mod record;
mod report;
pub mod rule;
mod scalar;
mod side;
mod slot;
mod walk;

pub use change::{Breaks, Change, Harm, Phase, Target, Use, Verdict};
pub use report::{Versions, render, to_json};
pub use rule::Rule;

use crate::limits;
use crate::schema::Schema;
use side::Side;
use std::fmt;
use walk::Walk;

/// The schemas hold more pairs of types than [`limits::COMPARED_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the schemas cannot be compared: they hold more than {} pairs of types",
            limits::COMPARED_MAX
        )
    }
}

impl std::error::Error for TooLarge {}

/// Compares two checked schemas. The changes are sorted by item and rule.
///
/// # Errors
/// If there are more pairs of types than anybody would wait for.
pub fn compare(old: &Schema, new: &Schema) -> Result<Vec<Change>, TooLarge> {
    let mut walk = Walk::new(Side::new(old), Side::new(new));

    // Which items are versions of one.
    walk.match_items();

    // From each part of each endpoint to all types that travel there.
    walk.interfaces();
    walk.pairs();

    // The rest, by name.
    walk.items();

    if walk.is_too_large() {
        return Err(TooLarge);
    }
    Ok(walk.finish())
}
