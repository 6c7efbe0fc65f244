//! What a generated file says about the schema that it was made from.

use scipp_idl::schema::Package;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Bytes of the hash that are shown: as many as the fingerprints of endpoints have.
const BYTES: usize = 8;

/// A hash of everything that the package says, its documentation included, since that reaches generated code, too.
pub(crate) fn package(package: &Package) -> String {
    let model = serde_json::to_vec(package).unwrap_or_default();
    Sha256::digest(model)
        .iter()
        .take(BYTES)
        .fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
